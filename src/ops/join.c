/* Arrays made of smaller ones: concat and pad, and what is said in terms of them:
 * stack, split, repeat.
 * Both kernels put their operands into windows of the result.
 * Must not know what the elements are. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "core/alloc.h"
#include "core/dtype.h"
#include "core/shape.h"
#include "kernels/window.h"
#include "ops/layout.h"
#include "ops/refuse.h"

/* ---- concat ---- */

typedef struct concat_attr {
    int64_t axis; /* from the end: -1 is the last */
} concat_attr;

static bool concat_infer(wg_tensor *y)
{
    const concat_attr *a = y->attr;
    if (y->n < 1)
        return wg_fail(y, "one or more tensors");
    wg_shape shape = y->in[0]->shape;
    int64_t d = shape.rank + a->axis;
    if (d < 0 || d >= shape.rank)
        return wg_fail(y, "an axis of the operands");
    for (int i = 1; i < y->n; i++) {
        wg_shape other = y->in[i]->shape;
        int64_t extent = other.dim[d];
        other.dim[d] = shape.dim[d];
        if (!wg_shape_equal(shape, other))
            return wg_fail_text(y, "extents that are equal but along axis %" PRId64, d);
        if (y->in[i]->dtype != y->in[0]->dtype)
            return wg_fail(y, "tensors of one dtype");
        if (extent > INT64_MAX - shape.dim[d])
            return wg_fail(y, "at most 2^63 - 1 elements");
        shape.dim[d] += extent;
    }
    return wg_infer(y, y->in[0]->dtype, shape);
}

static wg_tensor *concat_vjp(wg_tensor *y, wg_tensor *g, int i)
{
    const concat_attr *a = y->attr;
    const int64_t d = y->shape.rank + a->axis;
    return wg_window(g, (int)a->axis, wg_extent_before(y, d, i), 1, y->in[i]->shape.dim[d]);
}

static wg_status concat_kernel(const wg_call *c)
{
    const concat_attr *a = c->attr;
    int64_t d = c->out->shape.rank + a->axis, start = 0, stride[WG_MAX_RANK];
    size_t size = wg_dtype_size(c->out->dtype);
    wg_shape_strides(&c->out->shape, stride);
    for (int i = 0; i < c->n; i++) {
        const wg_array *x = &c->in[i];
        wg_window_put(x->shape.rank, x->shape.dim, size, x->data, c->out->data, start * stride[d],
                      stride);
        start += x->shape.dim[d];
    }
    return WG_OK;
}

static wg_tensor *concat_sample(wg_tape *t, int k)
{
    static const int64_t shape[][3][2] = {{{2, 3}, {1, 3}, {4, 3}},
                                          {{2, 1}, {2, 3}, {2, 2}},
                                          {{2, 0}, {2, 3}, {2, 0}},
                                          {{1, 1}, {1, 1}, {1, 1}}};
    static const int64_t axis[] = {0, -1, 1, 0};
    if (k == 4) {
        wg_tensor *x = wg_input(t, "x0", WG_SHAPE(3));
        return wg_concat(2, (wg_tensor *[]){x, x}, 0);
    }
    if (k == 5) {
        wg_tensor *x = wg_input(t, "x0", WG_SHAPE(2, 3)), *z = wg_input(t, "x1", WG_SHAPE(3, 2));
        return wg_stack(3, (wg_tensor *[]){x, wg_transpose(z), x}, -1);
    }
    if (k > 5)
        return NULL;
    wg_tensor *x[] = {wg_input(t, "x0", wg_make_shape(2, shape[k][0])),
                      wg_input(t, "x1", wg_make_shape(2, shape[k][1])),
                      wg_input(t, "x2", wg_make_shape(2, shape[k][2]))};
    return wg_concat(3, x, axis[k]);
}

static const wg_op concat_op = {
    .size = sizeof(wg_op),
    .name = "concat",
    .doc = "the operands one after the other along an axis",
    .arity = WG_VARIADIC,
    .attr_size = sizeof(concat_attr),
    .flags = WG_OP_SURE,
    .infer = concat_infer,
    .vjp = concat_vjp,
    .kernel = concat_kernel,
    .domain = {{.lo = -2, .hi = 2}, {.lo = -2, .hi = 2}, {.lo = -2, .hi = 2}},
    .sample = concat_sample,
};

wg_tensor *wg_concat(int n, wg_tensor *const *x, int64_t axis)
{
    if (!wg_together("concat", n, x))
        return NULL;
    int d = wg_axis_among("concat", n, x, axis, x[0]->shape.rank);
    if (d < 0)
        return NULL;
    return wg_apply(&concat_op, n, x, &(concat_attr){d - x[0]->shape.rank});
}

wg_tensor *wg_stack(int n, wg_tensor *const *x, int64_t axis)
{
    if (!wg_alike("stack", n, x))
        return NULL;
    for (int i = 1; i < n; i++)
        if (!wg_shape_equal(x[0]->shape, x[i]->shape))
            return wg_refuse("stack", "tensors of one shape", n, x);
    int d = wg_axis_among("stack", n, x, axis, x[0]->shape.rank + 1);
    wg_shape shape = x[0]->shape;
    if (d >= 0 && shape.rank < WG_MAX_RANK)
        shape.dim[shape.rank] = n; /* in whichever place: the same number of bytes */
    shape.rank++;
    if (d < 0 || !wg_holdable("stack", n, x, shape, x[0]->dtype))
        return NULL;
    wg_tensor **raised = wg_mem_zero((size_t)n, sizeof *raised), *y = NULL;
    if (!raised)
        wg_error_keep(x[0]->tape, WG_ERR_MEMORY, "stack: out of memory");
    bool fine = raised != NULL;
    for (int i = 0; fine && i < n; i++)
        fine = (raised[i] = wg_unsqueeze(x[i], d)) != NULL;
    if (fine)
        y = wg_concat(n, raised, d);
    wg_mem_free(raised);
    return y;
}

/* "[1, 2, 3]", of many the first ones, into buf; returns buf. */
static const char *sizes_text(int n, const int64_t *sizes, char *buf, size_t size)
{
    size_t at = (size_t)snprintf(buf, size, "[");
    for (int i = 0; i < n && i < WG_MAX_RANK; i++)
        at += (size_t)snprintf(buf + at, size - at, "%s%" PRId64, i ? ", " : "", sizes[i]);
    snprintf(buf + at, size - at, "%s]", n > WG_MAX_RANK ? ", .." : "");
    return buf;
}

wg_status wg_split(wg_tensor *x, int64_t axis, int n, const int64_t *sizes, wg_tensor **out)
{
    for (int i = 0; out && i < n; i++)
        out[i] = NULL;
    int d = wg_axis_of("split", x, axis);
    if (d < 0)
        return WG_ERR_ARGUMENT;
    int64_t left = x->shape.dim[d], start = 0;
    char text[200]; /* eight sizes of at most 20 characters, and what stands between them */
    if (n < 0)
        return wg_refuse_text("split", 1, &x, "0 or more parts, not %d", n), WG_ERR_ARGUMENT;
    if (n > 0 && (!sizes || !out))
        return wg_refuse_text("split", 1, &x, "sizes and room for %d parts, not NULL", n),
               WG_ERR_ARGUMENT;
    bool fits = true;
    for (int i = 0; fits && i < n; i++) {
        fits = sizes[i] >= 0 && sizes[i] <= left;
        left -= fits ? sizes[i] : 0;
    }
    if (!fits || left) {
        wg_refuse_text("split", 1, &x,
                       "sizes of 0 or more that sum to the %" PRId64 " of axis %d, not %s",
                       x->shape.dim[d], d, sizes_text(n, sizes, text, sizeof text));
        return WG_ERR_ARGUMENT;
    }
    for (int i = 0; i < n; start += sizes[i++])
        if (!(out[i] = wg_window(x, d - (int)x->shape.rank, start, 1, sizes[i]))) {
            for (int k = 0; k < i; k++)
                out[k] = NULL;
            return wg_error_status(x->tape);
        }
    return WG_OK;
}

/* ---- pad ---- */

/* Axis d of n elements becomes  before + n + (n - 1) interior + after  (n = 0: before + after).
 * XLA's Pad without negative sizes. */
typedef struct pad_attr {
    double value;
    wg_padding axis[WG_MAX_RANK];
} pad_attr;

static bool padded_extent(int64_t n, const wg_padding *p, int64_t *extent)
{
    bool overflow = false;
    if (p->before < 0 || p->after < 0 || p->interior < 0 || p->interior == INT64_MAX)
        return false;
    int64_t spread = n ? wg_checked_mul(n - 1, p->interior + 1, &overflow) + 1 : 0;
    if (overflow || p->before > INT64_MAX - p->after || spread > INT64_MAX - p->before - p->after)
        return false;
    *extent = p->before + spread + p->after;
    return true;
}

static bool pad_infer(wg_tensor *y)
{
    const pad_attr *a = y->attr;
    const wg_tensor *x = y->in[0];
    wg_shape shape = x->shape;
    for (int64_t d = 0; d < shape.rank; d++)
        if (!padded_extent(x->shape.dim[d], &a->axis[d], &shape.dim[d]))
            return wg_fail_text(
                y,
                "sizes of 0 or more and a result of at most 2^63 - 1 elements (axis %" PRId64 ")",
                d);
    if (x->dtype == WG_I32 && !wg_number_fits_i32(a->value))
        return wg_fail_text(y, "a value that i32 can hold, not %g", a->value);
    return wg_infer(y, x->dtype, shape);
}

static wg_tensor *pad_vjp(wg_tensor *y, wg_tensor *g, int i)
{
    const pad_attr *a = y->attr;
    const wg_shape *x = &y->in[i]->shape;
    for (int64_t d = 0; d < x->rank; d++) {
        const wg_padding *p = &a->axis[d];
        if (p->before || p->after || p->interior)
            g = wg_window(g, (int)(d - x->rank), x->dim[d] ? p->before : 0, p->interior + 1,
                          x->dim[d]);
    }
    return g;
}

static wg_status pad_kernel(const wg_call *c)
{
    const pad_attr *a = c->attr;
    const wg_array *x = c->in, *y = c->out;
    int64_t offset = 0, stride[WG_MAX_RANK];
    union {
        float f32;
        double f64;
        int32_t i32;
    } value;
    if (y->dtype == WG_F32)
        value.f32 = (float)a->value;
    else if (y->dtype == WG_F64)
        value.f64 = a->value;
    else
        value.i32 = (int32_t)a->value;
    wg_shape_strides(&y->shape, stride);
    for (int64_t d = 0; d < y->shape.rank; d++) {
        offset += a->axis[d].before * stride[d];
        stride[d] *= x->shape.dim[d] > 1 ? a->axis[d].interior + 1 : 1;
    }
    wg_window_fill(y->count, wg_dtype_size(y->dtype), &value, y->data);
    wg_window_put(x->shape.rank, x->shape.dim, wg_dtype_size(y->dtype), x->data, y->data, offset,
                  stride);
    return WG_OK;
}

static wg_tensor *pad_sample(wg_tape *t, int k)
{
    static const int64_t some[] = {1, 0, 2}, other[] = {0, 3, 1}, none[] = {0, 0, 0};
    switch (k) {
    case 0: return wg_pad(wg_input(t, "x0", WG_SHAPE(3)), some, other + 1, 0);
    case 1: return wg_pad(wg_input(t, "x0", WG_SHAPE(2, 3)), some, other, 1.5);
    case 2: return wg_pad(wg_input(t, "x0", WG_SHAPE(2, 1, 3)), some, other, -1);
    case 3: return wg_pad(wg_input(t, "x0", WG_SHAPE(0, 2)), some, other, 2);
    case 4: return wg_pad(wg_input(t, "x0", WG_SHAPE(2, 2)), none, none, 1);
    case 5: return wg_pad_with(wg_input(t, "x0", WG_SHAPE(3, 2)),
                               (wg_padding[]){{1, 2, 1}, {0, 1, 2}}, 0.5);
    case 6: return wg_pad_with(wg_transpose(wg_input(t, "x0", WG_SHAPE(2, 1))),
                               (wg_padding[]){{0, 1, 3}, {2, 0, 0}}, 0);
    case 7: return wg_diag(wg_input(t, "x0", WG_SHAPE(3)), -1);
    default: return NULL;
    }
}

static const wg_op pad_op = {
    .size = sizeof(wg_op),
    .name = "pad",
    .doc = "x with elements of one value ahead of, behind and between its own along each axis",
    .arity = 1,
    .attr_size = sizeof(pad_attr),
    .flags = WG_OP_SURE,
    .infer = pad_infer,
    .vjp = pad_vjp,
    .kernel = pad_kernel,
    .domain = {{.lo = -2, .hi = 2}},
    .sample = pad_sample,
};

bool wg_is_pad(const wg_tensor *y, double *value)
{
    const pad_attr *a = y->op == &pad_op ? y->attr : NULL;
    *value = a ? a->value : 0;
    return a != NULL;
}

bool wg_is_window_of_zeros(const wg_tensor *y, wg_box *window)
{
    const pad_attr *a = y->attr;
    double value;
    if (!wg_is_pad(y, &value) || value != 0 || signbit(value))
        return false;
    for (int64_t d = 0; d < y->shape.rank; d++) {
        window->start[d] = a->axis[d].before;
        window->extent[d] = y->in[0]->shape.dim[d];
        if (a->axis[d].interior && window->extent[d] > 1)
            return false;
    }
    return true;
}

wg_tensor *wg_pad_with(wg_tensor *x, const wg_padding *p, double value)
{
    if (!x)
        return NULL;
    pad_attr a = {.value = value};
    for (int64_t d = 0; d < x->shape.rank; d++)
        a.axis[d] = p[d];
    return wg_apply1_attr(&pad_op, x, &a);
}

wg_tensor *wg_pad(wg_tensor *x, const int64_t *before, const int64_t *after, double value)
{
    if (!x)
        return NULL;
    if (x->shape.rank && (!before || !after))
        return wg_refuse1("pad", "sizes before and after each axis, not NULL", x);
    wg_padding p[WG_MAX_RANK] = {{0}};
    for (int64_t d = 0; d < x->shape.rank; d++)
        p[d] = (wg_padding){before[d], after[d], 0};
    return wg_pad_with(x, p, value);
}

/* ---- repeat ---- */

/* Axis d repeated as a whole (each = false: abab) or element by element (aabb): a new axis beside
 * the elements is stretched and merged into it.  The axes on either side are taken together, so
 * that the rank stays below 5. */
static wg_tensor *repeat_axis(wg_tensor *x, int64_t d, int64_t times, bool each)
{
    wg_shape shape = x->shape, outer = {0}, inner = {0};
    bool overflow = false;
    shape.dim[d] = wg_checked_mul(x->shape.dim[d], times, &overflow);
    if (overflow || wg_shape_count(shape) < 0)
        return wg_refuse_text(each ? "repeat_interleave" : "repeat", 1, &x,
                              "at most 2^63 - 1 elements, not axis %" PRId64 " times %" PRId64, d,
                              times);
    for (int64_t e = 0; e < x->shape.rank; e++) {
        wg_shape *side = e < d || (each && e == d) ? &outer : &inner;
        side->dim[side->rank++] = x->shape.dim[e];
    }
    int64_t m = wg_shape_count(outer), n = wg_shape_count(inner);
    wg_tensor *apart = wg_reshape(x, WG_SHAPE(m, 1, n));
    return apart ? wg_reshape(wg_broadcast_to(apart, WG_SHAPE(m, times, n)), shape) : NULL;
}

wg_tensor *wg_repeat(wg_tensor *x, wg_shape times)
{
    char text[200];
    if (!x)
        return NULL;
    if (times.rank < x->shape.rank || wg_shape_count(times) < 0)
        return wg_refuse_text("repeat", 1, &x, "a count of 0 or more for each axis, not %s",
                              wg_shape_text(times, text, sizeof text));
    wg_shape shape = {.rank = times.rank}, result = shape;
    bool overflow = false;
    for (int64_t d = 0; d < shape.rank; d++) {
        shape.dim[d] =
            d < times.rank - x->shape.rank ? 1 : x->shape.dim[d - (times.rank - x->shape.rank)];
        result.dim[d] = wg_checked_mul(shape.dim[d], times.dim[d], &overflow);
    }
    if (overflow || !wg_holdable("repeat", 1, &x, result, x->dtype))
        return overflow ? wg_refuse1("repeat", "extents of at most 2^63 - 1", x) : NULL;
    wg_tensor *y = wg_reshape(x, shape);
    for (int64_t d = shape.rank - 1; y && d >= 0; d--)
        if (times.dim[d] != 1)
            y = repeat_axis(y, d, times.dim[d], false);
    return y;
}

wg_tensor *wg_repeat_interleave(wg_tensor *x, int64_t times, int64_t axis)
{
    int d = wg_axis_of("repeat_interleave", x, axis);
    if (d < 0)
        return NULL;
    if (times < 0)
        return wg_refuse_text("repeat_interleave", 1, &x, "a count of 0 or more, not %" PRId64,
                              times);
    return repeat_axis(x, d, times, true);
}

const wg_op *const wg_join_ops[] = {&concat_op, &pad_op, NULL};
