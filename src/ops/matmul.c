/* The matrix product, and the products of vectors. */
#include <wengert/contract.h>
#include <wengert/elementwise.h>
#include <wengert/layout.h>
#include <wengert/reduce.h>

#include "core/dtype.h"
#include "core/shape.h"
#include "ops/refuse.h"

static const char WANTS[] = "[.., m, k] x [.., k, n]";

static int64_t rows(const wg_shape *s)
{
    return s->dim[s->rank - 2];
}

static int64_t cols(const wg_shape *s)
{
    return s->dim[s->rank - 1];
}

/* What is ahead of the matrices. */
static wg_shape leading(wg_shape s)
{
    s.rank -= 2;
    return s;
}

static wg_shape matrices(wg_shape lead, int64_t m, int64_t n)
{
    lead.dim[lead.rank++] = m;
    lead.dim[lead.rank++] = n;
    return lead;
}

static bool same_leading(const wg_shape *a, const wg_shape *b)
{
    bool same = a->rank == b->rank;
    for (int64_t d = 0; same && d < a->rank - 2; d++)
        same = a->dim[d] == b->dim[d];
    return same;
}

/* Whether each matrix of a has its own in b, or one matrix is shared by all of the other. */
static bool leading_fits(const wg_shape *a, const wg_shape *b)
{
    return same_leading(a, b) || a->rank == 2 || b->rank == 2;
}

/* What is wrong beside leading extents that differ; NULL if nothing is. */
static const char *fault(const wg_tensor *a, const wg_tensor *b)
{
    if (a->shape.rank < 2 || b->shape.rank < 2 || cols(&a->shape) != rows(&b->shape))
        return WANTS;
    if (a->dtype != b->dtype || !wg_dtype_is_float(a->dtype))
        return "operands of one floating dtype";
    return NULL;
}

static bool matmul_infer(wg_tensor *y)
{
    const wg_tensor *a = y->in[0], *b = y->in[1];
    const char *wants = fault(a, b);
    if (wants || !leading_fits(&a->shape, &b->shape))
        return wg_fail(y, wants ? wants : WANTS);
    const wg_shape *longer = a->shape.rank >= b->shape.rank ? &a->shape : &b->shape;
    return wg_infer(y, a->dtype, matrices(leading(*longer), rows(&a->shape), cols(&b->shape)));
}

/* All matrices as one, their rows below each other. */
static wg_tensor *stacked(wg_tensor *x)
{
    const int64_t count = wg_shape_count(leading(x->shape)), m = rows(&x->shape);
    return x->shape.rank == 2 ? x : wg_reshape(x, WG_SHAPE(count * m, cols(&x->shape)));
}

static const wg_op matmul_sum_op;

/* With g the adjoint of y:  a receives g b^T,  b receives a^T g.  Of a matrix that others share
 * these are summed over them: for b as one product of a and g stacked. */
static wg_tensor *matmul_vjp(wg_tensor *y, wg_tensor *g, int i)
{
    wg_tensor *a = y->in[0], *b = y->in[1];
    const bool shares_a = a->shape.rank < b->shape.rank;
    if (i == 0)
        return shares_a ? wg_apply2(&matmul_sum_op, g, wg_transpose(b))
                        : wg_matmul(g, wg_transpose(b));
    return b->shape.rank == 2 ? wg_matmul(wg_transpose(stacked(a)), stacked(g))
                              : wg_matmul(wg_transpose(a), g);
}

static wg_tensor *matmul_sample(wg_tape *t, int k)
{
    switch (k) {
    case 0: return wg_matmul(wg_input(t, "x0", WG_SHAPE(2, 3)), wg_input(t, "x1", WG_SHAPE(3, 4)));
    case 1: return wg_matmul(wg_input(t, "x0", WG_SHAPE(1, 5)), wg_input(t, "x1", WG_SHAPE(5, 1)));
    case 2: return wg_matmul(wg_input(t, "x0", WG_SHAPE(2, 3, 2)),
                             wg_input(t, "x1", WG_SHAPE(2, 2, 3)));
    case 3: return wg_matmul(wg_input(t, "x0", WG_SHAPE(3, 2, 2)),
                             wg_input(t, "x1", WG_SHAPE(2, 3)));
    case 4: return wg_matmul(wg_input(t, "x0", WG_SHAPE(2, 1, 2, 3)),
                             wg_input(t, "x1", WG_SHAPE(3, 3, 1)));
    case 5: return wg_matmul(wg_input(t, "x0", WG_SHAPE(2, 0)), wg_input(t, "x1", WG_SHAPE(0, 3)));
    case 6: return wg_matmul(wg_input(t, "x0", WG_SHAPE(0, 2)), wg_input(t, "x1", WG_SHAPE(2, 3)));
    case 7: return wg_matmul(wg_transpose(wg_input(t, "x0", WG_SHAPE(3, 2))),
                             wg_transpose(wg_input(t, "x1", WG_SHAPE(4, 3))));
    case 8: {
        wg_tensor *x = wg_input(t, "x0", WG_SHAPE(3, 3));
        return wg_matmul(x, x);
    }
    case 9:
        return wg_matmul(wg_input(t, "x0", WG_SHAPE(2, 2, 1, 3)),
                         wg_input(t, "x1", WG_SHAPE(3, 2)));
    case 10:
        return wg_matmul(wg_transpose(wg_input(t, "x0", WG_SHAPE(2, 3, 2))),
                         wg_transpose(wg_input(t, "x1", WG_SHAPE(1, 2, 3))));
    case 11:
        return wg_matmul(wg_input(t, "x0", WG_SHAPE(0, 2, 3)), wg_input(t, "x1", WG_SHAPE(3, 2)));
    case 12:
        return wg_matmul(wg_input(t, "x0", WG_SHAPE(2, 3)),
                         wg_input(t, "x1", WG_SHAPE(2, 2, 3, 2)));
    case 13:
        return wg_matmul(wg_input(t, "x0", WG_SHAPE(2, 3)), wg_input(t, "x1", WG_SHAPE(0, 3, 2)));
    default: return NULL;
    }
}

static const wg_op matmul_op = {
    .size = sizeof(wg_op),
    .name = "matmul",
    .doc = "y[.., i, j] = sum_k a[.., i, k] b[.., k, j]",
    .arity = 2,
    .infer = matmul_infer,
    .vjp = matmul_vjp,
    .product = true,
    .formula = "2:%a2 %b3",
    .domain = {{.lo = -2, .hi = 2}, {.lo = -2, .hi = 2}},
    .sample = matmul_sample,
};

/* ---- sums of products: the adjoint of a matrix that others share from the left ---- */

static bool matmul_sum_infer(wg_tensor *y)
{
    const wg_tensor *a = y->in[0], *b = y->in[1];
    const char *wants = fault(a, b);
    if (wants || a->shape.rank < 3 || !same_leading(&a->shape, &b->shape))
        return wg_fail(y, wants ? wants : "[.., m, k] x [.., k, n] of the same matrices");
    return wg_infer(y, a->dtype, WG_SHAPE(rows(&a->shape), cols(&b->shape)));
}

/* With g the adjoint of y: each matrix of a receives g b^T, each of b a^T g. */
static wg_tensor *matmul_sum_vjp(wg_tensor *y, wg_tensor *g, int i)
{
    return i == 0 ? wg_matmul(g, wg_transpose(y->in[1])) : wg_matmul(wg_transpose(y->in[0]), g);
}

static wg_tensor *matmul_sum_sample(wg_tape *t, int k)
{
    static const int64_t a[][4] = {{2, 1, 2, 3}, {1, 3, 2, 2}, {2, 2, 1, 1}, {0, 1, 2, 2},
                                   {2, 1, 2, 0}};
    static const int64_t b[][4] = {{2, 1, 3, 2}, {1, 3, 2, 1}, {2, 2, 1, 3}, {0, 1, 2, 1},
                                   {2, 1, 0, 3}};
    if (k == 5) { /* the terms of all matrices lie in one axis */
        wg_tensor *x = wg_input(t, "x0", WG_SHAPE(2, 3, 2)), *z = wg_input(t, "x1", WG_SHAPE(3, 2));
        return wg_apply2(&matmul_sum_op, wg_permute(x, WG_AXES(1, 0, 2)), wg_unsqueeze(z, 2));
    }
    if (k > 5)
        return NULL;
    return wg_apply2(&matmul_sum_op, wg_input(t, "x0", wg_make_shape(4, a[k])),
                     wg_input(t, "x1", wg_make_shape(4, b[k])));
}

static const wg_op matmul_sum_op = {
    .size = sizeof(wg_op),
    .name = "matmul_sum",
    .doc = "y[i, j] = sum_{.., k} a[.., i, k] b[.., k, j]",
    .arity = 2,
    .infer = matmul_sum_infer,
    .vjp = matmul_sum_vjp,
    .product = true,
    .domain = {{.lo = -2, .hi = 2}, {.lo = -2, .hi = 2}},
    .sample = matmul_sum_sample,
};

/* ---- what is called ---- */

/* Other leading extents are broadcast before the rule sees them,
 * so the adjoint of the broadcast sums them back. */
wg_tensor *wg_matmul(wg_tensor *a, wg_tensor *b)
{
    wg_shape lead;
    const char *wants = a && b ? fault(a, b) : WANTS;
    if (!wants && a->shape.rank >= b->shape.rank && wg_shape_count(leading(b->shape)) == 1)
        b = stacked(b);
    else if (!wants && a->shape.rank > 2 && b->shape.rank >= a->shape.rank
             && wg_shape_count(leading(a->shape)) == 1)
        a = stacked(a);
    if (!wants && leading_fits(&a->shape, &b->shape))
        return wg_apply2(&matmul_op, a, b);
    if (!wants && !wg_shape_broadcast(leading(a->shape), leading(b->shape), &lead))
        wants = "leading extents that broadcast in [.., m, k] x [.., k, n]";
    if (wants)
        return wg_refuse2("matmul", wants, a, b);
    int64_t m = rows(&a->shape), k = cols(&a->shape), n = cols(&b->shape);
    const wg_shape all[] = {matrices(lead, m, k), matrices(lead, k, n), matrices(lead, m, n)};
    for (int i = 0; i < 3; i++)
        if (!wg_holdable("matmul", 2, (wg_tensor *[]){a, b}, all[i], a->dtype))
            return NULL;
    a = wg_broadcast_to(a, all[0]);
    b = wg_broadcast_to(b, all[1]);
    return wg_apply2(&matmul_op, a, b);
}

static bool vectors(const char *op, const char *wants, wg_tensor *a, wg_tensor *b, bool same_length)
{
    bool fits = a && b && a->shape.rank == 1 && b->shape.rank == 1
                && (!same_length || a->shape.dim[0] == b->shape.dim[0]);
    if (!fits)
        wg_refuse2(op, wants, a, b);
    return fits && wg_alike(op, 2, (wg_tensor *[]){a, b});
}

wg_tensor *wg_dot(wg_tensor *a, wg_tensor *b)
{
    return vectors("dot", "[n] x [n]", a, b, true) ? wg_sum(wg_mul(a, b)) : NULL;
}

wg_tensor *wg_outer(wg_tensor *a, wg_tensor *b)
{
    if (!vectors("outer", "[m] x [n]", a, b, false))
        return NULL;
    wg_shape shape = WG_SHAPE(a->shape.dim[0], b->shape.dim[0]);
    return wg_holdable("outer", 2, (wg_tensor *[]){a, b}, shape, a->dtype)
               ? wg_mul(wg_unsqueeze(a, 1), b)
               : NULL;
}

const wg_op *const wg_matmul_ops[] = {&matmul_op, &matmul_sum_op, NULL};
