#include "exec/turn.h"

#include "exec/instr.h"
#include "kernels/gemm.h"

static void swap(int64_t *x, int64_t last)
{
    const int64_t before = x[last - 1];
    x[last - 1] = x[last];
    x[last] = before;
}

bool wg_swaps_last_axes(const wg_tensor *y)
{
    if (!y->op->view || y->op->map || y->leaf || y->in[0]->shape.rank < 2)
        return false;
    const wg_view whole = wg_view_whole(&y->in[0]->shape);
    wg_view seen, turned = whole;
    if (!y->op->view(y, &whole, &seen) || seen.offset != 0 || seen.shape.rank != whole.shape.rank)
        return false;
    swap(turned.shape.dim, turned.shape.rank - 1);
    swap(turned.stride, turned.shape.rank - 1);
    for (int64_t d = 0; d < turned.shape.rank; d++)
        if (seen.shape.dim[d] != turned.shape.dim[d] || seen.stride[d] != turned.stride[d])
            return false;
    return true;
}

unsigned char *wg_find_walked(const wg_graph *g)
{
    unsigned char *walked = wg_arena_zero(g->scratch, (size_t)g->count, 1);
    for (int32_t k = g->count - 1; walked && k >= 0; k--) {
        const wg_op *op = g->node[k].t->op;
        const bool walks = op->reduce || op->product || (op->view && !op->map && walked[k]);
        for (int i = 0; walks && i < g->node[k].n; i++)
            walked[wg_graph_inputs(g, k)[i]] = 1;
    }
    return walked;
}

/* Whether C = A B and C^T = B^T A^T add up their terms in one order. */
static bool sums_alike(wg_isa_level isa, wg_dtype dtype, const wg_view *a, const wg_view *b)
{
    const int64_t m = a->shape.dim[0], n = b->shape.dim[1], k = b->shape.dim[0];
    const wg_gemm_spec spec = {
        .dtype = dtype, .m = m, .n = n, .k = k, .c_row = n,
        .a_row = a->stride[0], .a_col = a->stride[1], .b_row = b->stride[0], .b_col = b->stride[1],
    };
    const wg_gemm_spec other = {
        .dtype = dtype, .m = n, .n = m, .k = k, .c_row = m,
        .a_row = b->stride[1], .a_col = b->stride[0], .b_row = a->stride[1], .b_col = a->stride[0],
    };
    const wg_gemm one = wg_gemm_plan(isa, &spec), turned = wg_gemm_plan(isa, &other);
    return !one.by_lanes && !turned.by_lanes && !one.whole_only && !turned.whole_only;
}

/* The operand with its axes swapped, as a tensor and as a view of it; false when memory runs
 * out. */
static bool turn_operand(wg_arena *arena, wg_tensor **x, wg_operand *o, const wg_view *from)
{
    wg_view v = *from;
    wg_tensor *t = wg_arena_copy(arena, *x, sizeof **x);
    if (!t)
        return false;
    swap(v.stride, 1);
    swap(t->shape.dim, 1);
    *x = t;
    o->view = wg_strided_new(arena, &t->shape, &v);
    return o->view != NULL;
}

bool wg_turn_product(wg_arena *arena, wg_isa_level isa, wg_step *s, bool *turned)
{
    wg_tensor *left = s->t->in[1], *right = s->t->in[0];
    *turned = false;
    if (s->t->shape.rank != 2 || left->shape.rank != 2 || right->shape.rank != 2)
        return true;
    const wg_view a = wg_operand_view(&s->in[0], &right->shape);
    const wg_view b = wg_operand_view(&s->in[1], &left->shape);
    if (!sums_alike(isa, s->t->dtype, &a, &b))
        return true;
    wg_tensor *t = wg_arena_alloc(arena, sizeof *t + 2 * sizeof *t->in);
    wg_operand x = s->in[1], y = s->in[0];
    if (!t || !turn_operand(arena, &left, &x, &b) || !turn_operand(arena, &right, &y, &a))
        return false;
    *t = *s->t;
    swap(t->shape.dim, 1);
    t->in[0] = left;
    t->in[1] = right;
    s->t = t;
    s->in[0] = x;
    s->in[1] = y;
    *turned = true;
    return true;
}
