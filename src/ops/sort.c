/* What orders elements along an axis: argmax, argmin, argsort, and sort and topk as what is taken
 * there.  Elements are compared as doubles, which hold every f32 and i32;
 * NaN counts as larger than anything. */
#include <math.h>
#include <wengert/index.h>
#include <wengert/layout.h>
#include <wengert/reduce.h>

#include "core/dtype.h"
#include "core/shape.h"
#include "ops/refuse.h"

typedef struct order_attr {
    int64_t axis; /* from the end: -1 is the last */
    int32_t descending, keepdims;
} order_attr;

/* Whether a comes before b, in ascending or descending order:
 * never for equals, which stay as they are. */
static bool precedes(double a, double b, bool descending)
{
    if (isnan(a) || isnan(b))
        return descending ? isnan(a) && !isnan(b) : isnan(b) && !isnan(a);
    return descending ? a > b : a < b;
}

/* Indices are i32. */
static bool countable(wg_tensor *y, int64_t axis)
{
    return y->in[0]->shape.dim[y->in[0]->shape.rank + axis] <= INT32_MAX
           || wg_fail(y, "at most 2^31 - 1 elements along the axis");
}

/* ---- argmax, argmin ---- */

static bool argmax_infer(wg_tensor *y)
{
    const order_attr *a = y->attr;
    const wg_shape *x = &y->in[0]->shape;
    wg_shape s = {0};
    for (int64_t d = 0; d < x->rank; d++)
        if (d != x->rank + a->axis)
            s.dim[s.rank++] = x->dim[d];
        else if (a->keepdims)
            s.dim[s.rank++] = 1;
    if (x->dim[x->rank + a->axis] == 0 && wg_shape_count(s) != 0)
        return wg_fail(y, "at least one element along the axis");
    return countable(y, a->axis) && wg_infer(y, WG_I32, s);
}

/* The first NaN ends a line's search. */
static int32_t first_extreme(const wg_array *x, int64_t at, wg_around l, bool largest)
{
    double best = wg_number_get(x->data, x->dtype, at);
    int32_t where = 0;
    for (int64_t i = 1; i < l.extent && !isnan(best); i++) {
        double v = wg_number_get(x->data, x->dtype, at + i * l.inner);
        if (isnan(v) || (largest ? v > best : v < best)) {
            best = v;
            where = (int32_t)i;
        }
    }
    return where;
}

static wg_status argmax_kernel(const wg_call *c)
{
    const order_attr *a = c->attr;
    const wg_around l = wg_shape_around(&c->in[0].shape, c->in[0].shape.rank + a->axis);
    int32_t *y = c->out->data;
    if (c->out->count)
        for (int64_t o = 0; o < l.outer; o++)
            for (int64_t j = 0; j < l.inner; j++)
                y[o * l.inner + j] =
                    first_extreme(&c->in[0], o * l.extent * l.inner + j, l, a->descending);
    return WG_OK;
}

static wg_tensor *order(const wg_op *op, wg_tensor *x, int64_t axis, bool descending, bool keepdims)
{
    int d = wg_axis_of(op->name, x, axis);
    if (d < 0)
        return NULL;
    order_attr a = {.axis = d - x->shape.rank, .descending = descending, .keepdims = keepdims};
    return wg_apply1_attr(op, x, &a);
}

static wg_tensor *extreme_sample(wg_tape *t, int k, wg_tensor *make(wg_tensor *, int64_t, bool))
{
    switch (k) {
    case 0: return make(wg_input(t, "x0", WG_SHAPE(5)), 0, false);
    case 1: return make(wg_input(t, "x0", WG_SHAPE(3, 4)), -1, true);
    case 2: return make(wg_input(t, "x0", WG_SHAPE(2, 3, 4)), 1, false);
    case 3: return make(wg_input(t, "x0", WG_SHAPE(0, 3)), 1, false);
    case 4: return make(wg_input(t, "x0", WG_SHAPE(1, 3)), 0, true);
    }
    return NULL;
}

/* Both have one kernel: argmax looks in descending order. */
#define EXTREME(name_, descending_, doc_)                                                        \
    static wg_tensor *name_##_sample(wg_tape *t, int k)                                          \
    {                                                                                            \
        return extreme_sample(t, k, wg_##name_);                                                 \
    }                                                                                            \
    static const wg_op name_##_op = {                                                            \
        .size = sizeof(wg_op), .name = #name_, .doc = doc_, .arity = 1,                          \
        .flags = WG_OP_FLAT | WG_OP_SURE,                                                        \
        .attr_size = sizeof(order_attr), .infer = argmax_infer, .kernel = argmax_kernel,         \
        .domain = {{.lo = -2, .hi = 2}}, .sample = name_##_sample,                               \
    };                                                                                           \
    wg_tensor *wg_##name_(wg_tensor *x, int64_t axis, bool keepdims)                             \
    {                                                                                            \
        return order(&name_##_op, x, axis, descending_, keepdims);                               \
    }

EXTREME(argmax, true,
        "index (i32) of the first largest element along an axis, of the first NaN if there is one; "
        "flat")
EXTREME(argmin, false,
        "index (i32) of the first smallest element along an axis, of the first NaN if there is "
        "one; flat")

/* ---- argsort ---- */

typedef struct item {
    double key;
    int64_t index;
} item;

enum { RUN = 16 }; /* sorted by insertion; then runs are merged in pairs */

static void insert(item *x, int64_t n, bool descending)
{
    for (int64_t i = 1; i < n; i++) {
        item moved = x[i];
        int64_t j = i;
        for (; j > 0 && precedes(moved.key, x[j - 1].key, descending); j--)
            x[j] = x[j - 1];
        x[j] = moved;
    }
}

static void merge(item *restrict y, const item *restrict a, int64_t n, const item *restrict b,
                  int64_t m, bool descending)
{
    for (int64_t i = 0, j = 0; i < n || j < m;)
        *y++ = j == m || (i < n && !precedes(b[j].key, a[i].key, descending)) ? a[i++] : b[j++];
}

/* Stable.  Gives whichever of x and y, of n elements each, the result came to lie in. */
static const item *merge_sort(item *x, item *y, int64_t n, bool descending)
{
    for (int64_t i = 0; i < n; i += RUN)
        insert(x + i, n - i < RUN ? n - i : RUN, descending);
    for (int64_t run = RUN; run < n; run *= 2) {
        for (int64_t i = 0; i < n; i += 2 * run) {
            int64_t a = n - i < run ? n - i : run, b = n - i - a < run ? n - i - a : run;
            merge(y + i, x + i, a, x + i + a, b, descending);
        }
        item *sorted = y;
        y = x;
        x = sorted;
    }
    return x;
}

static bool argsort_infer(wg_tensor *y)
{
    return countable(y, ((const order_attr *)y->attr)->axis)
           && wg_infer(y, WG_I32, y->in[0]->shape);
}

static size_t argsort_scratch(const wg_tensor *y)
{
    return 2 * sizeof(item)
           * (size_t)y->shape.dim[y->shape.rank + ((const order_attr *)y->attr)->axis];
}

static wg_status argsort_kernel(const wg_call *c)
{
    const order_attr *a = c->attr;
    const wg_around l = wg_shape_around(&c->in[0].shape, c->in[0].shape.rank + a->axis);
    const wg_array *from = &c->in[0];
    item *x = c->scratch;
    int32_t *y = c->out->data;
    if (c->out->count == 0)
        return WG_OK;
    for (int64_t o = 0; o < l.outer; o++)
        for (int64_t j = 0; j < l.inner; j++) {
            int64_t at = o * l.extent * l.inner + j;
            for (int64_t i = 0; i < l.extent; i++)
                x[i] = (item){wg_number_get(from->data, from->dtype, at + i * l.inner), i};
            const item *sorted = merge_sort(x, x + l.extent, l.extent, a->descending);
            for (int64_t i = 0; i < l.extent; i++)
                y[at + i * l.inner] = (int32_t)sorted[i].index;
        }
    return WG_OK;
}

static wg_tensor *argsort_sample(wg_tape *t, int k)
{
    switch (k) {
    case 0: return wg_argsort(wg_input(t, "x0", WG_SHAPE(40)), 0, false);
    case 1: return wg_argsort(wg_input(t, "x0", WG_SHAPE(3, 4)), -1, true);
    case 2: return wg_argsort(wg_input(t, "x0", WG_SHAPE(2, 3, 4)), 1, false);
    case 3: return wg_argsort(wg_input(t, "x0", WG_SHAPE(2, 0)), 1, false);
    case 4: return wg_argsort(wg_input(t, "x0", WG_SHAPE(3, 1)), 1, true);
    }
    return NULL;
}

static const wg_op argsort_op = {
    .size = sizeof(wg_op),
    .name = "argsort",
    .doc = "indices (i32) that sort along an axis, equals in order of their index, NaN as the "
           "largest; flat",
    .arity = 1,
    .flags = WG_OP_FLAT | WG_OP_SURE,
    .attr_size = sizeof(order_attr),
    .infer = argsort_infer,
    .kernel = argsort_kernel,
    .scratch = argsort_scratch,
    .domain = {{.lo = -2, .hi = 2}},
    .sample = argsort_sample,
};

wg_tensor *wg_argsort(wg_tensor *x, int64_t axis, bool descending)
{
    return order(&argsort_op, x, axis, descending, false);
}

/* ---- sort, topk ---- */

wg_tensor *wg_sort(wg_tensor *x, int64_t axis, bool descending)
{
    if (wg_axis_of("sort", x, axis) < 0)
        return NULL;
    return wg_take_along_axis(x, wg_argsort(x, axis, descending), axis);
}

wg_tensor *wg_topk(wg_tensor *x, int64_t k, int64_t axis, bool largest, wg_tensor **indices)
{
    int d = wg_axis_of("topk", x, axis);
    wg_tensor *first = NULL, *y = NULL;
    if (d >= 0 && (k < 0 || k > x->shape.dim[d]))
        wg_refuse_text("topk", 1, &x, "k from 0 to %lld, not %lld, along axis %d",
                       (long long)x->shape.dim[d], (long long)k, d);
    else if (d >= 0) {
        first = wg_slice(wg_argsort(x, d, largest), d, 0, k, 1);
        y = wg_take_along_axis(x, first, d);
    }
    if (indices)
        *indices = y ? first : NULL;
    return y;
}

const wg_op *const wg_sort_ops[] = {&argmax_op, &argmin_op, &argsort_op, NULL};
