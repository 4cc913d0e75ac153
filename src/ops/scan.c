/* Running sums and products along an axis.  All of them, and their derivatives to any order, come
 * down to two records: the running sum and the linear recurrence, each of which is its own adjoint
 * backwards.  Linear in time, and right where elements are 0. */
#include <wengert/elementwise.h>
#include <wengert/layout.h>
#include <wengert/reduce.h>

#include "core/shape.h"
#include "ops/refuse.h"

enum { LINES = 16 };

#define T float
#define ACC double
#define F(name) name##_f32
#include "ops/scan_lines.h"
#undef T
#undef ACC
#undef F

#define T double
#define ACC double
#define F(name) name##_f64
#include "ops/scan_lines.h"
#undef T
#undef ACC
#undef F

#define T int32_t
#define ACC uint32_t
#define F(name) name##_i32
#include "ops/scan_lines.h"

/* ---- cumsum ---- */

typedef struct scan_attr {
    int64_t axis; /* from the end: -1 is the last */
} scan_attr;

static bool cumsum_infer(wg_tensor *y)
{
    return wg_infer_like(y, 0);
}

static wg_status cumsum_kernel(const wg_call *c)
{
    const wg_array *x = &c->in[0];
    const scan_attr *s = c->attr;
    const wg_around a = wg_shape_around(&x->shape, x->shape.rank + s->axis);
    if (x->count == 0)
        return WG_OK;
    switch (x->dtype) {
    case WG_F32: cumsum_f32(a.outer, a.extent, a.inner, c->out->data, x->data); break;
    case WG_F64: cumsum_f64(a.outer, a.extent, a.inner, c->out->data, x->data); break;
    case WG_I32: cumsum_i32(a.outer, a.extent, a.inner, c->out->data, x->data); break;
    }
    return WG_OK;
}

/* x_i is in y_i and all after it: a running sum of g from the end. */
static wg_tensor *cumsum_vjp(wg_tensor *y, wg_tensor *g, int i)
{
    (void)i;
    int64_t axis = ((const scan_attr *)y->attr)->axis;
    return wg_flip(wg_cumsum(wg_flip(g, WG_AXES(axis)), axis), WG_AXES(axis));
}

static wg_tensor *cumsum_sample(wg_tape *t, int k)
{
    switch (k) {
    case 0: return wg_cumsum(wg_input(t, "x0", WG_SHAPE(5)), 0);
    case 1: return wg_cumsum(wg_input(t, "x0", WG_SHAPE(3, 4)), 0);
    case 2: return wg_cumsum(wg_input(t, "x0", WG_SHAPE(2, 3, 4)), -2);
    case 3: return wg_cumsum(wg_input(t, "x0", WG_SHAPE(3, 1)), -1);
    case 4: return wg_cumsum(wg_input(t, "x0", WG_SHAPE(2, 0)), 1);
    case 5: return wg_cumsum(wg_input(t, "x0", WG_SHAPE(2, 18)), 0);
    }
    return NULL;
}

static const wg_op cumsum_op = {
    .size = sizeof(wg_op),
    .name = "cumsum",
    .doc = "y_i = x_0 + .. + x_i along an axis",
    .arity = 1,
    .attr_size = sizeof(scan_attr),
    .flags = WG_OP_SURE,
    .infer = cumsum_infer,
    .vjp = cumsum_vjp,
    .kernel = cumsum_kernel,
    .domain = {{.lo = -2, .hi = 2}},
    .sample = cumsum_sample,
};

wg_tensor *wg_cumsum(wg_tensor *x, int64_t axis)
{
    int d = wg_axis_of("cumsum", x, axis);
    return d < 0 ? NULL : wg_apply1_attr(&cumsum_op, x, &(scan_attr){.axis = d - x->shape.rank});
}

/* ---- linear_recurrence ---- */

/* x along the last axis moved by one towards the end (by = 1) or the start (by = -1),
 * 0 coming in. */
static wg_tensor *shift(wg_tensor *x, int by)
{
    if (!x)
        return NULL;
    int64_t end[WG_MAX_RANK] = {0}, none[WG_MAX_RANK] = {0};
    end[x->shape.rank - 1] = 1;
    return by > 0 ? wg_pad(wg_slice(x, -1, 0, -1, 1), end, none, 0)
                  : wg_pad(wg_slice(x, -1, 1, WG_END, 1), none, end, 0);
}

static bool recurrence_infer(wg_tensor *y)
{
    const wg_tensor *a = y->in[0], *b = y->in[1];
    if (a->shape.rank < 1 || !wg_shape_equal(a->shape, b->shape) || a->dtype != b->dtype)
        return wg_fail(y, "[.., n] and [.., n] of one dtype");
    return wg_infer_like(y, 0);
}

static wg_status recurrence_kernel(const wg_call *c)
{
    const wg_array *a = &c->in[0], *b = &c->in[1];
    int64_t n = a->shape.dim[a->shape.rank - 1];
    if (a->count == 0)
        return WG_OK;
    switch (a->dtype) {
    case WG_F32: recurrence_f32(a->count / n, n, c->out->data, a->data, b->data); break;
    case WG_F64: recurrence_f64(a->count / n, n, c->out->data, a->data, b->data); break;
    case WG_I32: recurrence_i32(a->count / n, n, c->out->data, a->data, b->data); break;
    }
    return WG_OK;
}

/* The adjoint of r_i is that which reaches it and what r_(i+1) passes on: l_i = g_i + a_(i+1)
 * l_(i+1), a recurrence from the end.
 * b receives l, a receives l_i r_(i-1) (a_0 is not used: 0). */
static wg_tensor *recurrence_vjp(wg_tensor *y, wg_tensor *g, int i)
{
    if (wg_shape_count(y->shape) == 0)
        return g;
    wg_axes last = WG_AXES(-1);
    wg_tensor *l =
        wg_flip(wg_linear_recurrence(wg_flip(shift(y->in[0], -1), last), wg_flip(g, last)), last);
    if (i == 1)
        return l;
    int64_t front[WG_MAX_RANK] = {0}, none[WG_MAX_RANK] = {0};
    front[y->shape.rank - 1] = 1;
    return wg_pad(wg_mul(wg_slice(l, -1, 1, WG_END, 1), wg_slice(y, -1, 0, -1, 1)), front, none, 0);
}

static wg_tensor *recurrence_sample(wg_tape *t, int k)
{
    const wg_shape shapes[] = {WG_SHAPE(5),    WG_SHAPE(3, 4), WG_SHAPE(2, 3, 3),
                               WG_SHAPE(2, 1), WG_SHAPE(2, 0), WG_SHAPE(0, 2)};
    if (k < 0 || k >= (int)(sizeof shapes / sizeof *shapes))
        return NULL;
    return wg_linear_recurrence(wg_input(t, "x0", shapes[k]), wg_input(t, "x1", shapes[k]));
}

static const wg_op linear_recurrence_op = {
    .size = sizeof(wg_op),
    .name = "linear_recurrence",
    .doc = "r_0 = b_0, r_i = b_i + a_i r_(i-1) along the last axis",
    .arity = 2,
    .flags = WG_OP_SURE,
    .infer = recurrence_infer,
    .vjp = recurrence_vjp,
    .kernel = recurrence_kernel,
    .domain = {{.lo = -2, .hi = 2}, {.lo = -2, .hi = 2}},
    .sample = recurrence_sample,
};

wg_tensor *wg_linear_recurrence(wg_tensor *a, wg_tensor *b)
{
    return wg_apply2(&linear_recurrence_op, a, b);
}

/* ---- cumprod ---- */

/* r_i = x_i r_(i-1) from r_0 = x_0: b is x_0 and then nothing. */
static wg_tensor *cumprod_last(wg_tensor *x)
{
    int64_t none[WG_MAX_RANK] = {0}, rest[WG_MAX_RANK] = {0};
    if (!x || wg_shape_count(x->shape) == 0)
        return wg_linear_recurrence(x, x);
    rest[x->shape.rank - 1] = x->shape.dim[x->shape.rank - 1] - 1;
    return wg_linear_recurrence(x, wg_pad(wg_slice(x, -1, 0, 1, 1), none, rest, 0));
}

wg_tensor *wg_cumprod(wg_tensor *x, int64_t axis)
{
    int d = wg_axis_of("cumprod", x, axis);
    if (d < 0)
        return NULL;
    if (d == x->shape.rank - 1)
        return cumprod_last(x);
    wg_axes swap = {.n = x->shape.rank};
    for (int64_t k = 0; k < swap.n; k++)
        swap.axis[k] = k == d ? swap.n - 1 : k == swap.n - 1 ? d : k;
    return wg_permute(cumprod_last(wg_permute(x, swap)), swap);
}

const wg_op *const wg_scan_ops[] = {&cumsum_op, &linear_recurrence_op, NULL};
