/* Instructions that hand over to an op's own kernel: contiguous operands, a scratch area, and
 * where to say what went wrong. */
#include "exec/instr.h"

typedef struct call {
    wg_instr head;
    wg_kernel *kernel;
    wg_call call;
    wg_array out;
    wg_array in[];
} call;

static wg_status run_call(const wg_instr *head, const wg_env *env, int64_t begin, int64_t end)
{
    const call *c = (const call *)head;
    (void)begin;
    (void)end;
    wg_call now = c->call;
    now.scratch = env->scratch;
    now.seed = env->seed;
    now.run = env->run;
    now.why = env->why;
    return c->kernel(&now);
}

wg_instr *wg_make_call(wg_builder *b, int32_t step)
{
    const wg_step *s = &b->l->step[step];
    const wg_tensor *t = s->t;
    call *c = wg_new_instr(b, sizeof *c + (size_t)s->n * sizeof *c->in, step);
    if (!c)
        return NULL;
    c->kernel = t->op->kernel;
    c->out = (wg_array){NULL, t->dtype, t->shape, wg_shape_count(t->shape)};
    wg_point_buffer(b, &c->out.data, s->out);
    for (int i = 0; i < s->n; i++) {
        const wg_tensor *x = t->in[i];
        c->in[i] = (wg_array){NULL, x->dtype, x->shape, wg_shape_count(x->shape)};
        wg_point(b, &c->in[i].data, s->in[i]);
    }
    c->call = (wg_call){.in = c->in, .n = s->n, .out = &c->out};
    if (t->op->attr_size && !(c->call.attr = wg_arena_copy(b->arena, t->attr, t->op->attr_size)))
        return NULL;
    size_t scratch = t->op->scratch ? t->op->scratch(t) : 0;
    if (b->scratch < scratch)
        b->scratch = scratch;
    c->head.run = run_call;
    c->head.parts = 1;
    c->head.work = c->out.count;
    return &c->head;
}
