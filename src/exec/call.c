/* Instructions that hand over to an op's own kernel: contiguous operands, a scratch area, and
 * where to say what went wrong.  Kernels are told dtype and shape of each operand in 96 bytes: a
 * program keeps less, and once for all that are alike; a run puts it together. */

#include <string.h>

#include "core/alloc.h"
#include "exec/instr.h"

/* What an operand or the result is.  Of the shape as much is kept as its rank says, in pairs: rank
 * and extents, maybe one behind them. */
enum { PAIR = 2 * sizeof(int64_t) };
typedef struct form {
    int64_t dtype, count;
    wg_shape shape;
    int64_t behind;
} form;

static size_t bytes_of_shape(const wg_shape *s)
{
    return ((size_t)s->rank + 2) / 2 * PAIR;
}

/* And where. */
typedef struct placed {
    const form *form;
    void *data;
} placed;

typedef struct call {
    wg_instr head;
    wg_kernel *kernel;
    const void *attr;
    int32_t n;
    placed array[]; /* n operands, then the result */
} call;

/* Bytes of scratch memory in front of the kernel's own. */
static size_t bytes_of_arrays(int32_t n)
{
    const size_t bytes = (size_t)(n + 1) * sizeof(wg_array);
    return (bytes + WG_ALIGNMENT - 1) / WG_ALIGNMENT * WG_ALIGNMENT;
}

/* Shapes by pairs: a kernel that copies one would wait for narrower stores, as it would for a
 * copy of the whole that it reads part of. */
static void put_together(wg_array *x, const placed *p)
{
    const form *f = p->form;
    x->data = p->data;
    x->dtype = (wg_dtype)f->dtype;
    for (size_t at = 0, n = bytes_of_shape(&f->shape); at < n; at += PAIR)
        memcpy((char *)x + offsetof(wg_array, shape) + at,
               (const char *)f + offsetof(form, shape) + at, PAIR);
    x->count = f->count;
}

_Static_assert(offsetof(wg_array, count) == offsetof(wg_array, shape) + sizeof(wg_shape),
               "what is behind the last extent is the count, which is set after");

static wg_status run_call(const wg_instr *head, const wg_env *env, int64_t begin, int64_t end)
{
    const call *c = (const call *)head;
    (void)begin;
    (void)end;
    wg_array *x = env->scratch;
    for (int32_t i = 0; i <= c->n; i++)
        put_together(&x[i], &c->array[i]);
    const wg_call now = {.in = x,
                         .n = c->n,
                         .out = &x[c->n],
                         .attr = c->attr,
                         .scratch = (char *)env->scratch + bytes_of_arrays(c->n),
                         .seed = env->seed,
                         .run = env->run,
                         .why = env->why};
    return c->kernel(&now);
}

static const form *form_of(wg_builder *b, const wg_tensor *x)
{
    const form f = {
        .dtype = (int64_t)x->dtype, .count = wg_shape_count(x->shape), .shape = x->shape};
    return wg_keep_alike(b, &f, offsetof(form, shape) + bytes_of_shape(&f.shape));
}

wg_instr *wg_make_call(wg_builder *b, int32_t step)
{
    const wg_step *s = &b->l->step[step];
    const wg_tensor *t = s->t;
    call *c = wg_new_instr(b, sizeof *c + (size_t)(s->n + 1) * sizeof *c->array, step);
    if (!c)
        return NULL;
    c->kernel = t->op->kernel;
    c->n = s->n;
    for (int32_t i = 0; i <= s->n; i++)
        if (!(c->array[i].form = form_of(b, i < s->n ? t->in[i] : t)))
            return NULL;
    for (int32_t i = 0; i < s->n; i++)
        wg_point(b, &c->array[i].data, s->in[i]);
    wg_point_buffer(b, &c->array[s->n].data, s->out);
    if (t->op->attr_size && !(c->attr = wg_arena_copy(b->arena, t->attr, t->op->attr_size)))
        return NULL;
    const size_t scratch = bytes_of_arrays(s->n) + (t->op->scratch ? t->op->scratch(t) : 0);
    if (b->scratch < scratch)
        b->scratch = scratch;
    c->head.run = run_call;
    c->head.parts = 1;
    c->head.work = wg_shape_count(t->shape);
    return &c->head;
}
