/* sum, prod, max, min, any, all over axes.  Knows the kernels only as a table; walking the index
 * space is execution's business. */
#include "ops/reduce.h"

#include <wengert/elementwise.h>
#include <wengert/layout.h>
#include <wengert/reduce.h>

#include "core/dtype.h"
#include "core/shape.h"
#include "ops/reduces.h"
#include "ops/refuse.h"

/* Bit k of mask is the k-th axis from the end. */
typedef struct reduce_attr {
    int32_t mask;
    int32_t keepdims;
} reduce_attr;

static bool in_mask(const wg_tensor *x, int32_t mask, int64_t d)
{
    return mask >> (x->shape.rank - 1 - d) & 1;
}

static void reduce_axes(const wg_tensor *y, bool axis[WG_MAX_RANK])
{
    const reduce_attr *a = y->attr;
    for (int64_t d = 0; d < WG_MAX_RANK; d++)
        axis[d] = d < y->in[0]->shape.rank && in_mask(y->in[0], a->mask, d);
}

/* ---- shapes ---- */

wg_axes wg_all_axes_of(const wg_tensor *x)
{
    wg_axes a = {0};
    for (; x && a.n < x->shape.rank; a.n++)
        a.axis[a.n] = a.n;
    return a;
}

bool wg_reduced_axes(const char *op, wg_tensor *x, wg_axes axes, bool in[WG_MAX_RANK])
{
    if (!x || wg_axes_mask(axes, x->shape.rank, in))
        return x != NULL;
    char text[200];
    if (axes.n < 0 || axes.n > WG_MAX_RANK)
        wg_refuse_text(op, 1, &x, "at most %d axes", WG_MAX_RANK);
    else
        wg_refuse_text(op, 1, &x, "distinct axes within the rank, not %s",
                       wg_axes_text(axes, text, sizeof text));
    return false;
}

wg_shape wg_kept_shape(const wg_tensor *x, const bool in[WG_MAX_RANK])
{
    wg_shape s = x->shape;
    for (int64_t d = 0; d < s.rank; d++)
        if (in[d])
            s.dim[d] = 1;
    return s;
}

int64_t wg_reduced_count(const wg_tensor *x, const bool in[WG_MAX_RANK])
{
    int64_t n = 1;
    for (int64_t d = 0; d < x->shape.rank; d++)
        if (in[d])
            n *= x->shape.dim[d];
    return n;
}

wg_tensor *wg_want_float(const char *op, wg_tensor *x)
{
    return !x || wg_dtype_is_float(x->dtype) ? x : wg_refuse1(op, "a floating tensor", x);
}

static bool reduce_infer(wg_tensor *y)
{
    const reduce_attr *a = y->attr;
    const wg_tensor *x = y->in[0];
    wg_shape s = {0};
    for (int64_t d = 0; d < x->shape.rank; d++)
        if (!in_mask(x, a->mask, d))
            s.dim[s.rank++] = x->shape.dim[d];
        else if (a->keepdims)
            s.dim[s.rank++] = 1;
    return wg_infer(y, x->dtype, s);
}

/* For reductions that nothing can stand in for. */
static bool reduce_infer_some(wg_tensor *y)
{
    bool in[WG_MAX_RANK];
    if (!reduce_infer(y))
        return false;
    reduce_axes(y, in);
    if (wg_reduced_count(y->in[0], in) == 0 && wg_shape_count(y->shape) != 0)
        return wg_fail(y, "at least one element to reduce");
    return true;
}

static wg_tensor *reduce(const wg_op *op, wg_tensor *x, wg_axes axes, bool keepdims)
{
    bool in[WG_MAX_RANK];
    reduce_attr a = {.keepdims = keepdims};
    if (!wg_reduced_axes(op->name, x, axes, in))
        return NULL;
    for (int64_t d = 0; d < x->shape.rank; d++)
        if (in[d])
            a.mask |= 1 << (x->shape.rank - 1 - d);
    return wg_apply1_attr(op, x, &a);
}

/* v, of y's shape, with the reduced axes kept as extents of 1:
 * it then broadcasts against the input. */
static wg_tensor *kept(const wg_tensor *y, wg_tensor *v)
{
    bool in[WG_MAX_RANK];
    reduce_axes(y, in);
    wg_shape s = wg_kept_shape(y->in[0], in);
    return v && !wg_shape_equal(s, v->shape) ? wg_reshape(v, s) : v;
}

static wg_axes axes_of(const wg_tensor *y)
{
    bool in[WG_MAX_RANK];
    wg_axes axes = {0};
    reduce_axes(y, in);
    for (int64_t d = 0; d < y->in[0]->shape.rank; d++)
        if (in[d])
            axes.axis[axes.n++] = d;
    return axes;
}

/* ---- samples: the k-th shape and axes ---- */

/* With an empty extent that is reduced only where the op takes it. */
static wg_tensor *reduce_sample(const wg_op *op, bool nothing, wg_tape *t, int k)
{
    const struct {
        wg_shape shape;
        wg_axes axes;
        bool keepdims;
    } samples[] = {
        {WG_SHAPE(5), WG_AXES(0), false},
        {WG_SHAPE(3, 4), WG_AXES(-1), false},
        {WG_SHAPE(3, 4), WG_AXES(0), true},
        {WG_SHAPE(2, 3, 4), WG_AXES(1), false},
        {WG_SHAPE(2, 3, 4), WG_AXES(2, 0), false},
        {WG_SHAPE(2, 3, 4), WG_AXES(-1, -2), true},
        {WG_SHAPE(2, 1, 3), WG_AXES(1), false},
        {WG_SHAPE(2, 3), WG_AXES(0, 1), false},
        {WG_SHAPE(2, 3), WG_AXES(), false},
        {WG_SHAPE(), WG_AXES(), false},
        {WG_SHAPE(0, 3), WG_AXES(1), false},
        {WG_SHAPE(0, 3), WG_AXES(0), true},
        {WG_SHAPE(0), WG_AXES(0), false},
    };
    enum { COUNT = sizeof samples / sizeof *samples, SOME = COUNT - 2 };
    if (k < 0 || k >= (nothing ? COUNT : SOME))
        return NULL;
    return reduce(op, wg_input(t, "x0", samples[k].shape), samples[k].axes, samples[k].keepdims);
}

/* A record, its samples and its two constructors.
 * nothing_: it has a value where there is nothing to reduce. */
#define REDUCTION(name_, kernel_, flags_, nothing_, vjp_, doc_)                                 \
    static const wg_op name_##_op;                                                              \
    static wg_tensor *name_##_sample(wg_tape *t, int k)                                         \
    {                                                                                           \
        return reduce_sample(&name_##_op, nothing_, t, k);                                      \
    }                                                                                           \
    static const wg_op name_##_op = {                                                           \
        .size = sizeof(wg_op), .name = #name_, .doc = doc_, .arity = 1, .flags = flags_,        \
        .attr_size = sizeof(reduce_attr), .infer = nothing_ ? reduce_infer : reduce_infer_some, \
        .vjp = vjp_,                                                                            \
        .reduce = &wg_reduces_baseline[kernel_], .reduced = reduce_axes,                        \
        .domain = {{.lo = -2, .hi = 2}}, .sample = name_##_sample,                              \
    };                                                                                          \
    wg_tensor *wg_##name_##_axes(wg_tensor *x, wg_axes axes, bool keepdims)                     \
    {                                                                                           \
        return reduce(&name_##_op, x, axes, keepdims);                                          \
    }                                                                                           \
    wg_tensor *wg_##name_(wg_tensor *x)                                                         \
    {                                                                                           \
        return reduce(&name_##_op, x, wg_all_axes_of(x), false);                                \
    }

/* ---- adjoints ---- */

static wg_tensor *sum_vjp(wg_tensor *y, wg_tensor *g, int i)
{
    return wg_broadcast_to(kept(y, g), y->in[i]->shape);
}

/* The product of the elements before each one along the last axis: 1, x_0, x_0 x_1 ... */
static wg_tensor *product_before(wg_tensor *x)
{
    int64_t before[WG_MAX_RANK] = {0}, after[WG_MAX_RANK] = {0}, last = x ? x->shape.rank - 1 : 0;
    before[last] = 1;
    return wg_cumprod(wg_pad(wg_slice(x, -1, 0, -1, 1), before, after, 1), -1);
}

/* An element's derivative is the product of all others, worked out without a division: of those
 * before it times of those after it. */
static wg_tensor *prod_vjp(wg_tensor *y, wg_tensor *g, int i)
{
    wg_tensor *x = y->in[i];
    wg_axes over = axes_of(y), there = {0}, back = {.n = x->shape.rank};
    wg_shape line = {0}, split = {.rank = x->shape.rank};
    bool in[WG_MAX_RANK];
    if (over.n == 0 || wg_shape_count(x->shape) == 0)
        return wg_broadcast_to(kept(y, g), x->shape); /* y is x, or there is nothing */
    reduce_axes(y, in);
    for (int reduced = 0; reduced < 2; reduced++)
        for (int64_t d = 0; d < x->shape.rank; d++)
            if (in[d] == (reduced == 1)) {
                if (!in[d])
                    line.dim[line.rank++] = x->shape.dim[d];
                back.axis[d] = there.n;
                split.dim[there.n] = x->shape.dim[d];
                there.axis[there.n++] = d;
            }
    line.dim[line.rank++] = wg_reduced_count(x, in);
    wg_tensor *row = wg_reshape(wg_permute(x, there), line);
    wg_tensor *others = wg_mul(product_before(row),
                               wg_flip(product_before(wg_flip(row, WG_AXES(-1))), WG_AXES(-1)));
    return wg_mul(kept(y, g), wg_permute(wg_reshape(others, split), back));
}

/* The elements that are the result share g equally. */
static wg_tensor *extreme_vjp(wg_tensor *y, wg_tensor *g, int i)
{
    wg_tensor *chosen = wg_eq(y->in[i], kept(y, y));
    return wg_mul(kept(y, g), wg_div(chosen, wg_sum_axes(chosen, axes_of(y), true)));
}

/* ---- the ops ---- */

REDUCTION(sum, WG_FOLD_SUM, 0, true, sum_vjp, "sum over axes; 0 of nothing; i32 wraps around")
REDUCTION(prod, WG_FOLD_PROD, 0, true, prod_vjp,
          "product over axes; 1 of nothing; i32 wraps around")
REDUCTION(max, WG_FOLD_MAX, 0, false, extreme_vjp,
          "largest element over axes, NaN if one is; elements that tie share the adjoint equally")
REDUCTION(min, WG_FOLD_MIN, 0, false, extreme_vjp,
          "smallest element over axes, NaN if one is; elements that tie share the adjoint equally")
REDUCTION(any, WG_FOLD_ANY, WG_OP_FLAT, true, NULL,
          "1 if an element over axes is not 0, else 0; 0 of nothing; flat")
REDUCTION(all, WG_FOLD_ALL, WG_OP_FLAT, true, NULL,
          "1 if no element over axes is 0, else 0; 1 of nothing; flat")

const wg_op *const wg_reduce_ops[] = {&sum_op, &prod_op, &max_op, &min_op, &any_op, &all_op, NULL};
