#include "exec/tiny.h"

#include <string.h>

#include "core/dtype.h"
#include "core/shape.h"
#include "exec/group.h"

/* ---- ops of a step ---- */

int32_t wg_step_ops(const wg_step *s)
{
    return s->joint ? s->together->ops : s->micros ? s->micros : 1;
}

const wg_tensor *wg_step_op(const wg_step *s, int32_t k)
{
    if (!s->joint)
        return s->micros ? s->micro[k].t : s->t;
    const wg_step *const *part = s->together->part;
    for (; k >= wg_step_ops(*part); part++)
        k -= wg_step_ops(*part);
    return wg_step_op(*part, k);
}

/* ---- arguments ---- */

/* Elements of the view in their order, at most as many as there are lanes. */
static void read_lanes(const wg_view *v, int8_t *lane)
{
    int64_t at[WG_MAX_RANK] = {0}, offset = v->offset;
    for (int64_t e = 0, n = wg_shape_count(v->shape); e < n; e++) {
        lane[e] = (int8_t)offset;
        for (int64_t d = v->shape.rank - 1; d >= 0; d--) {
            offset += v->stride[d];
            if (++at[d] < v->shape.dim[d])
                break;
            offset -= v->stride[d] * v->shape.dim[d];
            at[d] = 0;
        }
    }
}

/* Results of a step's reductions as each element of its space meets them. */
static wg_view results_over(const wg_step *s)
{
    wg_view v = {.shape = *s->over};
    int64_t step = 1;
    for (int64_t d = v.shape.rank - 1; d >= 0; d--)
        if (!(s->reduced >> d & 1)) {
            v.stride[d] = step;
            step *= v.shape.dim[d];
        }
    return v;
}

wg_tiny_argument wg_tiny_argument_of(const wg_step *s, int32_t op, int a)
{
    const wg_micro *m = s->micros ? &s->micro[op] : NULL;
    const wg_tensor *t = m ? m->t : s->t;
    const wg_shape *shape = s->copy ? &t->shape : &t->in[a]->shape;
    wg_tiny_argument x = {.micro = -1};
    wg_view v = wg_view_whole(shape);
    const int arg = m ? m->arg[a] : a;
    if (arg >= 0)
        v = wg_operand_view(x.from = &s->in[arg], shape);
    else if (s->micro[x.micro = ~arg].kept && !m->kept)
        v = results_over(s);
    read_lanes(&v, x.lane);
    return x;
}

wg_fold_way wg_tiny_fold_way(const wg_step *s, int32_t op)
{
    const wg_tensor *t = s->micros ? s->micro[op].t : s->t;
    if (s->micros && wg_reduces_rows(s->over, s->reduced))
        return WG_BY_ROWS;
    const int arg = s->micros ? s->micro[op].arg[0] : 0;
    const wg_shape *over = &t->in[0]->shape;
    const wg_view v = arg < 0 ? wg_view_whole(over) : wg_operand_view(&s->in[arg], over);
    return wg_fold_way_of(t, &v);
}

/* ---- which steps are tiny ---- */

static bool fits(const wg_shape *s, int64_t lanes)
{
    const int64_t n = wg_shape_count(*s);
    return n >= 1 && n <= lanes;
}

static bool is_tiny_op(const wg_step *s, int32_t k, int64_t lanes)
{
    const wg_tensor *t = wg_step_op(s, k);
    if (!fits(&t->shape, lanes))
        return false;
    if (s->copy)
        return true;
    for (int i = 0; i < t->n; i++)
        if (t->in[i]->dtype != t->dtype || !fits(&t->in[i]->shape, lanes))
            return false;
    if (t->op->map || t->op->product)
        return t->n <= WG_MICRO_ARGS && !wg_adds_products_up(t);
    return wg_fold_of(t->op) >= 0 && wg_tiny_fold_way(s, k) != WG_BY_MANY_ROWS;
}

/* Where lanes can only be moved one by one, values of one element alone are worth it. */
static bool is_tiny(const wg_lowered *l, const wg_step *s, wg_isa_level isa)
{
    const wg_dtype dtype = s->t->dtype;
    const wg_tiny_kit *kit = wg_tiny_kit_for(isa, dtype);
    const int64_t lanes = !kit ? 0 : kit->permutes ? kit->lanes : 1;
    if (lanes == 0 || (s->micros && !fits(s->over, lanes)))
        return false;
    for (int32_t i = 0; i < s->n; i++) {
        const wg_buffer *b = &l->buffer[s->in[i].buffer];
        const int64_t n = b->bytes / (int64_t)wg_dtype_size(dtype);
        if (b->dtype != dtype || n < 1 || n > lanes)
            return false;
    }
    for (int32_t k = 0; k < wg_step_ops(s); k++)
        if (wg_step_op(s, k)->dtype != dtype || !is_tiny_op(s, k, lanes))
            return false;
    return true;
}

/* ---- joining ---- */

typedef struct joining {
    wg_lowered *l;
    int32_t *reads; /* of each buffer: by operands, outputs and commits */
    int32_t *made, *read; /* the last joint step that a buffer was made or read in */
    int32_t joints;
} joining;

static bool is_read_outside(const joining *j, int32_t buffer, int32_t reads_inside)
{
    return j->l->buffer[buffer].segment != WG_TEMPORARY || j->reads[buffer] > reads_inside;
}

/* What the parts read that is not theirs, and what of theirs others read. */
static bool find_ends(joining *j, wg_step *s, wg_joint *g)
{
    const wg_lowered *l = j->l;
    int32_t made[WG_MAX_RESULTS], makes = 0, inside[WG_MAX_RESULTS] = {0};
    int32_t results = 0, result[WG_MAX_RESULTS];
    wg_operand in[WG_MICRO_ARGS * WG_MOST_TOGETHER];
    j->joints++;
    for (int32_t p = 0; p < g->parts; p++) {
        const wg_step *part = g->part[p];
        int32_t own[WG_MAX_RESULTS], n = wg_step_results(part, own);
        for (int32_t i = 0; i < part->n; i++) {
            const int32_t b = part->in[i].buffer;
            if (j->made[b] == j->joints) {
                for (int32_t k = 0; k < makes; k++)
                    inside[k] += made[k] == b;
            } else if (j->read[b] != j->joints) {
                in[s->n++] = (wg_operand){b, NULL};
                j->read[b] = j->joints;
            }
        }
        for (int32_t k = 0; k < n; k++)
            j->made[made[makes++] = own[k]] = j->joints;
    }
    for (int32_t k = 0; k < makes; k++)
        if (is_read_outside(j, made[k], inside[k]))
            result[results++] = made[k];
    g->results = results;
    g->result = wg_arena_copy(l->arena, result, (size_t)results * sizeof *result);
    s->in = wg_arena_copy(l->arena, in, (size_t)s->n * sizeof *in);
    return g->result && s->in;
}

/* The steps at these places in the list become one, which takes the place of the first. */
static bool join(joining *j, const int32_t *step, int32_t parts, int32_t ops)
{
    wg_lowered *l = j->l;
    const wg_step *part[WG_MOST_TOGETHER];
    wg_joint *g = wg_arena_alloc(l->arena, sizeof *g);
    if (!g || !(part[0] = wg_arena_copy(l->arena, &l->step[step[0]], sizeof **part)))
        return false;
    for (int32_t p = 1; p < parts; p++)
        part[p] = &l->step[step[p]];
    const wg_step *last = part[parts - 1];
    wg_step *s = &l->step[step[0]];
    *s = (wg_step){.t = last->t, .joint = true, .together = g, .over = &last->t->shape,
                   .out = last->out};
    *g = (wg_joint){.parts = parts, .ops = ops,
                       .part = wg_arena_copy(l->arena, part, (size_t)parts * sizeof *part)};
    for (int32_t p = 0; p < parts; p++) {
        s->recomputed = s->recomputed || part[p]->recomputed;
        s->update = s->update || part[p]->update;
    }
    return g->part && find_ends(j, s, g);
}

/* The next steps in the order of execution that are tiny and fit together; sets how many ops
 * they have. */
static int32_t tiny_from(const wg_lowered *l, int32_t first, wg_isa_level isa, int32_t *ops)
{
    int32_t k = first;
    for (*ops = 0; k < l->steps; k++) {
        const wg_step *s = &l->step[l->order[k]];
        const int32_t more = wg_step_ops(s);
        if (*ops + more > WG_MOST_TOGETHER || s->t->dtype != l->step[l->order[first]].t->dtype
            || !is_tiny(l, s, isa))
            break;
        *ops += more;
    }
    return k - first;
}

/* Whether a step that has no tiny neighbour is as fast by itself: links and what tells of them
 * would take several times its memory. */
static bool is_as_good_alone(const wg_step *s)
{
    bool whole = true;
    for (int32_t i = 0; i < s->n; i++)
        whole = whole && !s->in[i].view;
    return !s->micros && (s->copy || s->t->op->product || (s->t->op->map && whole));
}

static bool join_all(joining *j, wg_isa_level isa)
{
    wg_lowered *l = j->l;
    int32_t n = 0;
    for (int32_t k = 0, ops; k < l->steps; n++) {
        int32_t parts = tiny_from(l, k, isa, &ops);
        if (parts == 1 && is_as_good_alone(&l->step[l->order[k]]))
            parts = 0;
        if (parts && !join(j, &l->order[k], parts, ops))
            return false;
        l->order[n] = l->order[k];
        k += parts ? parts : 1;
    }
    l->steps = n;
    return true;
}

bool wg_join_tiny(wg_lowered *l, wg_isa_level isa)
{
    const size_t before = l->scratch->total, buffers = (size_t)l->buffers;
    joining j = {.l = l,
                 .reads = wg_arena_zero(l->scratch, buffers, sizeof *j.reads),
                 .made = wg_arena_zero(l->scratch, buffers, sizeof *j.made),
                 .read = wg_arena_zero(l->scratch, buffers, sizeof *j.read)};
    bool fine = j.reads && j.made && j.read;
    if (fine) {
        wg_count_reads(l, j.reads);
        fine = join_all(&j, isa);
    }
    wg_arena_rewind(l->scratch, before);
    return fine;
}
