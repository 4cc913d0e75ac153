/* Indexing by tensors: take and its transpose take_add, take_along_axis and its transpose scatter,
 * one_hot.
 * The members of a pair are each other's adjoint, so derivatives of any order stay inside it.
 * Indices are values, known only when a program runs: the kernels check them and name the first
 * one that is out of range. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <wengert/elementwise.h>
#include <wengert/index.h>
#include <wengert/layout.h>

#include "core/shape.h"
#include "kernels/gather.h"
#include "ops/index.h"
#include "ops/refuse.h"

/* Attributes of all of them.  extent: of the axis in the array indexed. */
typedef struct index_attr {
    int64_t axis; /* from the end of the array indexed: -1 is its last */
    int64_t extent;
} index_attr;

/* ---- checks and sizes that they share ---- */

/* WG_ERR_DATA with the first bad index and its place; WG_OK if all are good. */
static wg_status check_indices(const wg_call *c, const char *op, const wg_array *index,
                               int64_t extent)
{
    int64_t at = wg_index_fault(index->count, index->data, extent);
    if (at < 0)
        return WG_OK;
    const wg_shape place = wg_shape_place(&index->shape, at);
    char where[200], range[64];
    if (extent > 0)
        snprintf(range, sizeof range, "0 to %" PRId64, extent - 1);
    else
        snprintf(range, sizeof range, "an extent of 0");
    snprintf(c->why->text, sizeof c->why->text, "%s: index %" PRId32 " at %s is outside %s", op,
             ((const int32_t *)index->data)[at], wg_shape_text(place, where, sizeof where), range);
    return WG_ERR_DATA;
}

static bool indices(wg_tensor *y, int i)
{
    return y->in[i]->dtype == WG_I32
           || wg_fail(y, i == 0 ? "an index of dtype i32" : "a tensor and an index of dtype i32");
}

/* The shape of `from` with the axes at .. at + gone - 1 replaced by those of `with`. */
static bool replaced(wg_shape from, int64_t at, int64_t gone, const wg_shape *with, wg_shape *out)
{
    wg_shape s = {.rank = from.rank - gone + with->rank};
    if (s.rank > WG_MAX_RANK)
        return false;
    for (int64_t d = 0; d < s.rank; d++)
        s.dim[d] = d < at                ? from.dim[d]
                   : d < at + with->rank ? with->dim[d - at]
                                         : from.dim[d - with->rank + gone];
    *out = s;
    return true;
}

/* ---- take ---- */

static wg_tensor *take_add(wg_tensor *g, wg_tensor *index, int64_t axis, int64_t extent);

static bool take_infer(wg_tensor *y)
{
    const index_attr *a = y->attr;
    const wg_tensor *x = y->in[0];
    wg_shape shape;
    int64_t d = x->shape.rank + a->axis;
    if (!indices(y, 1))
        return false;
    if (d < 0 || d >= x->shape.rank || a->extent != x->shape.dim[d])
        return wg_fail(y, "an axis of the tensor");
    if (!replaced(x->shape, d, 1, &y->in[1]->shape, &shape))
        return wg_fail(y, "ranks that sum to at most 9");
    return wg_infer(y, x->dtype, shape);
}

static wg_tensor *take_vjp(wg_tensor *y, wg_tensor *g, int i)
{
    const index_attr *a = y->attr;
    return i == 0 ? take_add(g, y->in[1], a->axis, a->extent) : NULL;
}

static wg_status take_kernel(const wg_call *c)
{
    const index_attr *a = c->attr;
    const wg_array *x = &c->in[0], *index = &c->in[1];
    const wg_around at = wg_shape_around(&x->shape, x->shape.rank + a->axis);
    wg_status s = check_indices(c, "take", index, a->extent);
    if (s)
        return s;
    wg_gather(at.outer, at.extent, index->count, index->data,
              (size_t)at.inner * wg_dtype_size(x->dtype), x->data, c->out->data);
    return WG_OK;
}

/* Indices of samples, all good for an extent of 3. */
static const int32_t some_indices[] = {2, 0, 1, 1, 2, 2, 0, 0, 1, 0, 2, 1};

static wg_tensor *sample_index(wg_tape *t, wg_shape shape)
{
    return wg_constant_as(t, WG_I32, shape, some_indices);
}

static wg_tensor *take_sample(wg_tape *t, int k)
{
    switch (k) {
    case 0: return wg_take(wg_input(t, "x0", WG_SHAPE(3)), sample_index(t, WG_SHAPE(5)), 0);
    case 1: return wg_take(wg_input(t, "x0", WG_SHAPE(3, 2)), sample_index(t, WG_SHAPE(2, 2)), 0);
    case 2: return wg_take(wg_input(t, "x0", WG_SHAPE(2, 3)), sample_index(t, WG_SHAPE(4)), -1);
    case 3: return wg_take(wg_input(t, "x0", WG_SHAPE(2, 3, 2)), sample_index(t, WG_SHAPE()), 1);
    case 4: return wg_take(wg_input(t, "x0", WG_SHAPE(3, 2)), sample_index(t, WG_SHAPE(2, 0)), -2);
    case 5: return wg_take(wg_transpose(wg_input(t, "x0", WG_SHAPE(2, 3))),
                           sample_index(t, WG_SHAPE(1, 3)), 0);
    case 6: return wg_take(wg_input(t, "x0", WG_SHAPE(0, 3)), sample_index(t, WG_SHAPE(2)), 1);
    default: return NULL;
    }
}

static const wg_op take_op = {
    .size = sizeof(wg_op),
    .name = "take",
    .doc = "y[.., i.., ..] = x[.., index[i..], ..]",
    .arity = 2,
    .attr_size = sizeof(index_attr),
    .infer = take_infer,
    .vjp = take_vjp,
    .kernel = take_kernel,
    .domain = {{.lo = -2, .hi = 2}},
    .sample = take_sample,
};

wg_tensor *wg_take(wg_tensor *x, wg_tensor *index, int64_t axis)
{
    if (!x || !index)
        return wg_refuse2("take", "a tensor and an index", x, index);
    wg_tensor *in[] = {x, index};
    int d = wg_axis_among("take", 2, in, axis, x->shape.rank);
    if (d < 0)
        return NULL;
    index_attr a = {d - x->shape.rank, x->shape.dim[d]};
    return wg_apply(&take_op, 2, in, &a);
}

/* ---- take_add: zeros of the shape that was taken from, g added at the places taken ---- */

/* Where the index's axes begin in g. */
static int64_t take_add_axis(const wg_shape *g, const wg_shape *index, const index_attr *a)
{
    return g->rank - index->rank + 1 + a->axis;
}

static bool take_add_infer(wg_tensor *y)
{
    const index_attr *a = y->attr;
    const wg_shape *g = &y->in[0]->shape, *index = &y->in[1]->shape, one = WG_SHAPE(a->extent);
    wg_shape shape;
    int64_t d = take_add_axis(g, index, a);
    if (!indices(y, 1))
        return false;
    bool fits = a->axis < 0 && d >= 0 && replaced(*g, d, index->rank, &one, &shape);
    for (int64_t i = 0; fits && i < index->rank; i++)
        fits = g->dim[d + i] == index->dim[i];
    if (!fits)
        return wg_fail(y, "a tensor with the index's axes in place of an axis");
    return wg_infer(y, y->in[0]->dtype, shape);
}

static wg_tensor *take_add_vjp(wg_tensor *y, wg_tensor *g, int i)
{
    const index_attr *a = y->attr;
    return i == 0 ? wg_take(g, y->in[1], a->axis) : NULL;
}

static wg_status take_add_kernel(const wg_call *c)
{
    const index_attr *a = c->attr;
    const wg_array *g = &c->in[0], *index = &c->in[1], *y = c->out;
    const wg_around at = wg_shape_around(&y->shape, y->shape.rank + a->axis);
    const int64_t n = index->count;
    wg_status s = check_indices(c, "take_add", index, a->extent);
    if (s)
        return s;
    if (y->dtype == WG_F32)
        wg_scatter_f32(at.outer, at.extent, at.inner, n, index->data, g->data, y->data);
    else if (y->dtype == WG_F64)
        wg_scatter_f64(at.outer, at.extent, at.inner, n, index->data, g->data, y->data);
    else
        wg_scatter_i32(at.outer, at.extent, at.inner, n, index->data, g->data, y->data);
    return WG_OK;
}

static wg_tensor *take_add_sample(wg_tape *t, int k)
{
    switch (k) {
    case 0: return take_add(wg_input(t, "x0", WG_SHAPE(5)), sample_index(t, WG_SHAPE(5)), -1, 3);
    case 1: return take_add(wg_input(t, "x0", WG_SHAPE(2, 4, 2)), sample_index(t, WG_SHAPE(4)),
                            -2, 3);
    case 2: return take_add(wg_input(t, "x0", WG_SHAPE(2, 2, 3)), sample_index(t, WG_SHAPE(2, 2)),
                            -2, 3);
    case 3: return take_add(wg_input(t, "x0", WG_SHAPE(2)), sample_index(t, WG_SHAPE()), -1, 3);
    case 4: return take_add(wg_input(t, "x0", WG_SHAPE(2, 0)), sample_index(t, WG_SHAPE(0)), -1, 3);
    default: return NULL;
    }
}

static const wg_op take_add_op = {
    .size = sizeof(wg_op),
    .name = "take_add",
    .doc = "zeros with y[.., index[i..], ..] += g[.., i.., ..]: the adjoint of take",
    .arity = 2,
    .attr_size = sizeof(index_attr),
    .infer = take_add_infer,
    .vjp = take_add_vjp,
    .kernel = take_add_kernel,
    .domain = {{.lo = -2, .hi = 2}},
    .sample = take_add_sample,
};

static wg_tensor *take_add(wg_tensor *g, wg_tensor *index, int64_t axis, int64_t extent)
{
    index_attr a = {axis, extent};
    return wg_apply(&take_add_op, 2, (wg_tensor *[]){g, index}, &a);
}

/* ---- take_along_axis ---- */

static wg_tensor *scatter(wg_tensor *src, wg_tensor *index, int64_t axis, int64_t extent);

/* Whether b is a but for the axis, which counts from the end. */
static bool equal_but(wg_shape a, wg_shape b, int64_t axis)
{
    if (axis >= 0 || a.rank + axis < 0 || a.rank != b.rank)
        return false;
    a.dim[a.rank + axis] = b.dim[b.rank + axis];
    return wg_shape_equal(a, b);
}

static bool take_along_axis_infer(wg_tensor *y)
{
    const index_attr *a = y->attr;
    const wg_shape *x = &y->in[0]->shape, *index = &y->in[1]->shape;
    if (!indices(y, 1))
        return false;
    if (!equal_but(*x, *index, a->axis) || x->dim[x->rank + a->axis] != a->extent)
        return wg_fail_text(y, "an index of the tensor's extents but for axis %" PRId64,
                            x->rank + a->axis);
    return wg_infer(y, y->in[0]->dtype, *index);
}

static wg_tensor *take_along_axis_vjp(wg_tensor *y, wg_tensor *g, int i)
{
    const index_attr *a = y->attr;
    return i == 0 ? scatter(g, y->in[1], a->axis, a->extent) : NULL;
}

static wg_status take_along_axis_kernel(const wg_call *c)
{
    const index_attr *a = c->attr;
    const wg_array *x = &c->in[0], *index = &c->in[1];
    const int64_t d = x->shape.rank + a->axis;
    const wg_around at = wg_shape_around(&x->shape, d);
    wg_status s = check_indices(c, "take_along_axis", index, a->extent);
    if (s)
        return s;
    wg_gather_along(at.outer, at.extent, at.inner, index->shape.dim[d], index->data,
                    wg_dtype_size(x->dtype), x->data, c->out->data);
    return WG_OK;
}

static wg_tensor *take_along_axis_sample(wg_tape *t, int k)
{
    switch (k) {
    case 0: return wg_take_along_axis(wg_input(t, "x0", WG_SHAPE(3)),
                                      sample_index(t, WG_SHAPE(5)), 0);
    case 1: return wg_take_along_axis(wg_input(t, "x0", WG_SHAPE(2, 3)),
                                      sample_index(t, WG_SHAPE(2, 4)), -1);
    case 2: return wg_take_along_axis(wg_input(t, "x0", WG_SHAPE(3, 2)),
                                      sample_index(t, WG_SHAPE(4, 2)), 0);
    case 3: return wg_take_along_axis(wg_input(t, "x0", WG_SHAPE(2, 3, 2)),
                                      sample_index(t, WG_SHAPE(2, 1, 2)), 1);
    case 4: return wg_take_along_axis(wg_input(t, "x0", WG_SHAPE(2, 3)),
                                      sample_index(t, WG_SHAPE(2, 0)), 1);
    default: return NULL;
    }
}

static const wg_op take_along_axis_op = {
    .size = sizeof(wg_op),
    .name = "take_along_axis",
    .doc = "y[.., i, ..] = x[.., index[.., i, ..], ..]",
    .arity = 2,
    .attr_size = sizeof(index_attr),
    .infer = take_along_axis_infer,
    .vjp = take_along_axis_vjp,
    .kernel = take_along_axis_kernel,
    .domain = {{.lo = -2, .hi = 2}},
    .sample = take_along_axis_sample,
};

wg_tensor *wg_take_along_axis(wg_tensor *x, wg_tensor *index, int64_t axis)
{
    if (!x || !index)
        return wg_refuse2("take_along_axis", "a tensor and an index", x, index);
    wg_tensor *in[] = {x, index};
    int d = wg_axis_among("take_along_axis", 2, in, axis, x->shape.rank);
    if (d < 0)
        return NULL;
    index_attr a = {d - x->shape.rank, x->shape.dim[d]};
    return wg_apply(&take_along_axis_op, 2, in, &a);
}

/* ---- scatter: zeros with src added along an axis ---- */

static bool scatter_infer(wg_tensor *y)
{
    const index_attr *a = y->attr;
    wg_shape shape = y->in[0]->shape;
    if (!indices(y, 1))
        return false;
    if (!wg_shape_equal(shape, y->in[1]->shape) || a->axis >= 0 || shape.rank + a->axis < 0)
        return wg_fail(y, "a tensor and an index of one shape");
    shape.dim[shape.rank + a->axis] = a->extent;
    return wg_infer(y, y->in[0]->dtype, shape);
}

static wg_tensor *scatter_vjp(wg_tensor *y, wg_tensor *g, int i)
{
    const index_attr *a = y->attr;
    return i == 0 ? wg_take_along_axis(g, y->in[1], a->axis) : NULL;
}

static wg_status scatter_kernel(const wg_call *c)
{
    const index_attr *a = c->attr;
    const wg_array *src = &c->in[0], *index = &c->in[1], *y = c->out;
    const int64_t d = y->shape.rank + a->axis, n = index->shape.dim[d];
    const wg_around at = wg_shape_around(&y->shape, d);
    wg_status s = check_indices(c, "scatter", index, a->extent);
    if (s)
        return s;
    if (y->dtype == WG_F32)
        wg_scatter_along_f32(at.outer, at.extent, at.inner, n, index->data, src->data, y->data);
    else if (y->dtype == WG_F64)
        wg_scatter_along_f64(at.outer, at.extent, at.inner, n, index->data, src->data, y->data);
    else
        wg_scatter_along_i32(at.outer, at.extent, at.inner, n, index->data, src->data, y->data);
    return WG_OK;
}

static wg_tensor *scatter_sample(wg_tape *t, int k)
{
    switch (k) {
    case 0: return scatter(wg_input(t, "x0", WG_SHAPE(5)), sample_index(t, WG_SHAPE(5)), -1, 3);
    case 1: return scatter(wg_input(t, "x0", WG_SHAPE(2, 4)), sample_index(t, WG_SHAPE(2, 4)),
                           -1, 4);
    case 2: return scatter(wg_input(t, "x0", WG_SHAPE(3, 2)), sample_index(t, WG_SHAPE(3, 2)),
                           -2, 3);
    case 3: return scatter(wg_input(t, "x0", WG_SHAPE(2, 0)), sample_index(t, WG_SHAPE(2, 0)),
                           -1, 3);
    case 4: return wg_scatter_add(wg_input(t, "x0", WG_SHAPE(3, 2)),
                                  sample_index(t, WG_SHAPE(4, 2)),
                                  wg_input(t, "x1", WG_SHAPE(4, 2)), 0);
    default: return NULL;
    }
}

static const wg_op scatter_op = {
    .size = sizeof(wg_op),
    .name = "scatter",
    .doc =
        "zeros with y[.., index[.., i, ..], ..] += src[.., i, ..]: the adjoint of take_along_axis",
    .arity = 2,
    .attr_size = sizeof(index_attr),
    .infer = scatter_infer,
    .vjp = scatter_vjp,
    .kernel = scatter_kernel,
    .domain = {{.lo = -2, .hi = 2}, {.lo = -2, .hi = 2}},
    .sample = scatter_sample,
};

static wg_tensor *scatter(wg_tensor *src, wg_tensor *index, int64_t axis, int64_t extent)
{
    index_attr a = {axis, extent};
    return wg_apply(&scatter_op, 2, (wg_tensor *[]){src, index}, &a);
}

wg_tensor *wg_scatter_add(wg_tensor *x, wg_tensor *index, wg_tensor *src, int64_t axis)
{
    wg_tensor *in[] = {x, index, src};
    if (!wg_together("scatter_add", 3, in))
        return NULL;
    int d = wg_axis_among("scatter_add", 3, in, axis, x->shape.rank);
    if (d < 0)
        return NULL;
    int64_t from_end = d - x->shape.rank;
    if (index->dtype != WG_I32)
        return wg_refuse("scatter_add", "a tensor, an index of dtype i32 and a source", 3, in);
    if (src->dtype != x->dtype)
        return wg_refuse("scatter_add", "a tensor and a source of one dtype", 3, in);
    if (!wg_shape_equal(index->shape, src->shape) || !equal_but(x->shape, src->shape, from_end))
        return wg_refuse_text("scatter_add", 3, in,
                              "an index and a source of one shape, the tensor's but for axis %d",
                              d);
    return wg_add(x, scatter(src, index, from_end, x->shape.dim[d]));
}

/* ---- one_hot ---- */

typedef struct one_hot_attr {
    int64_t depth;
} one_hot_attr;

static bool one_hot_infer(wg_tensor *y)
{
    const one_hot_attr *a = y->attr;
    wg_shape shape = y->in[0]->shape;
    if (!indices(y, 0))
        return false;
    if (a->depth < 0)
        return wg_fail_text(y, "a depth of 0 or more, not %" PRId64, a->depth);
    if (shape.rank == WG_MAX_RANK)
        return wg_fail(y, "an index of rank below 8");
    shape.dim[shape.rank++] = a->depth;
    return wg_infer(y, wg_tape_dtype(y->tape), shape);
}

static wg_status one_hot_kernel(const wg_call *c)
{
    const one_hot_attr *a = c->attr;
    const wg_array *index = &c->in[0], *y = c->out;
    const int32_t *at = index->data;
    wg_status s = check_indices(c, "one_hot", index, a->depth);
    if (s)
        return s;
    if (y->count)
        memset(y->data, 0, (size_t)y->count * wg_dtype_size(y->dtype));
    for (int64_t i = 0; i < index->count; i++)
        if (y->dtype == WG_F32)
            ((float *)y->data)[i * a->depth + at[i]] = 1;
        else
            ((double *)y->data)[i * a->depth + at[i]] = 1;
    return WG_OK;
}

static wg_tensor *one_hot_sample(wg_tape *t, int k)
{
    switch (k) {
    case 0: return wg_one_hot(sample_index(t, WG_SHAPE(4)), 3);
    case 1: return wg_one_hot(sample_index(t, WG_SHAPE(2, 3)), 5);
    case 2: return wg_one_hot(sample_index(t, WG_SHAPE()), 3);
    case 3: return wg_one_hot(sample_index(t, WG_SHAPE(0)), 0);
    default: return NULL;
    }
}

static const wg_op one_hot_op = {
    .size = sizeof(wg_op),
    .name = "one_hot",
    .doc = "1 at index, 0 elsewhere",
    .arity = 1,
    .flags = WG_OP_FLAT,
    .attr_size = sizeof(one_hot_attr),
    .infer = one_hot_infer,
    .kernel = one_hot_kernel,
    .sample = one_hot_sample,
};

wg_tensor *wg_one_hot(wg_tensor *index, int64_t depth)
{
    return wg_apply1_attr(&one_hot_op, index, &(one_hot_attr){depth});
}

int wg_index_operand(const wg_tensor *y, int64_t *extent)
{
    if (y->op == &one_hot_op) {
        *extent = ((const one_hot_attr *)y->attr)->depth;
        return 0;
    }
    if (y->op != &take_op && y->op != &take_add_op && y->op != &take_along_axis_op
        && y->op != &scatter_op)
        return -1;
    *extent = ((const index_attr *)y->attr)->extent;
    return 1;
}

bool wg_reads_by_index(const wg_tensor *y)
{
    return y->op == &take_op || y->op == &take_along_axis_op;
}

const wg_op *const wg_index_ops[] = {&take_op,    &take_add_op, &take_along_axis_op,
                                     &scatter_op, &one_hot_op,  NULL};
