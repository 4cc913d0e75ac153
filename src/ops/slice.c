/* Some of the elements, or all in reverse: slice, select, flip.
 * Each op is a view, computed by arithmetic on strides;
 * must not know how a program copies where a view will not do. */
#include <inttypes.h>

#include "core/shape.h"
#include "ops/layout.h"
#include "ops/refuse.h"

/* ---- slice ---- */

typedef struct slice_attr {
    int64_t axis; /* from the end: -1 is the last */
    int64_t start, step, length;
} slice_attr;

static bool slice_infer(wg_tensor *y)
{
    const slice_attr *a = y->attr;
    wg_shape shape = y->in[0]->shape;
    if (a->axis >= 0 || a->axis < -shape.rank)
        return wg_fail(y, "an axis of the operand");
    int64_t *extent = &shape.dim[shape.rank + a->axis];
    bool inside =
        a->start >= 0 && a->step >= 1 && a->length >= 0 && a->start <= *extent
        && (a->length == 0
            || (a->start < *extent && a->length - 1 <= (*extent - 1 - a->start) / a->step));
    if (!inside)
        return wg_fail(y, "a window inside the axis");
    *extent = a->length;
    return wg_infer(y, y->in[0]->dtype, shape);
}

static wg_tensor *slice_vjp(wg_tensor *y, wg_tensor *g, int i)
{
    const slice_attr *a = y->attr;
    const wg_shape *x = &y->in[i]->shape;
    int64_t d = x->rank + a->axis;
    wg_padding p[WG_MAX_RANK] = {{0}};
    p[d] = wg_window_padding(x->dim[d], a->start, a->step, a->length);
    return wg_pad_with(g, p, 0);
}

static bool slice_view(const wg_tensor *y, const wg_view *x, wg_view *out)
{
    const slice_attr *a = y->attr;
    int64_t d = x->shape.rank + a->axis;
    wg_view v = *x;
    v.shape = y->shape;
    if (a->length) {
        v.offset += a->start * x->stride[d];
        v.stride[d] *= a->length > 1 ? a->step : 1; /* a step past the end, never taken, might
                                                     * overflow */
    }
    *out = v;
    return true;
}

static wg_tensor *slice_sample(wg_tape *t, int k)
{
    switch (k) {
    case 0: return wg_slice(wg_input(t, "x0", WG_SHAPE(5)), 0, 1, 4, 1);
    case 1: return wg_slice(wg_input(t, "x0", WG_SHAPE(3, 7)), -1, 1, WG_END, 2);
    case 2: return wg_slice(wg_input(t, "x0", WG_SHAPE(6, 2)), 0, -1, WG_END, -2);
    case 3: return wg_select(wg_input(t, "x0", WG_SHAPE(2, 3, 4)), 1, -1);
    case 4: return wg_slice(wg_input(t, "x0", WG_SHAPE(3, 4)), 1, 3, 1, 1);
    case 5: return wg_slice(wg_input(t, "x0", WG_SHAPE(1, 4)), 0, 0, 1, 3);
    case 6: return wg_slice(wg_transpose(wg_input(t, "x0", WG_SHAPE(2, 5))), 0, 1, 5, 3);
    default: return NULL;
    }
}

static const wg_op slice_op = {
    .size = sizeof(wg_op),
    .name = "slice",
    .doc = "x[start], x[start + step], ... along an axis",
    .arity = 1,
    .attr_size = sizeof(slice_attr),
    .infer = slice_infer,
    .vjp = slice_vjp,
    .view = slice_view,
    .domain = {{.lo = -2, .hi = 2}},
    .sample = slice_sample,
};

wg_tensor *wg_window(wg_tensor *x, int axis, int64_t start, int64_t step, int64_t length)
{
    slice_attr a = {axis, start, step, length};
    return wg_apply1_attr(&slice_op, x, &a);
}

wg_padding wg_window_padding(int64_t extent, int64_t start, int64_t step, int64_t length)
{
    if (length == 0)
        return (wg_padding){.before = extent};
    wg_padding p = {.before = start, .interior = length > 1 ? step - 1 : 0};
    p.after = extent - 1 - start - (length - 1) * (p.interior + 1);
    return p;
}

/* Python's slice.indices: counted from the end if negative, then clipped to lo .. hi. */
static int64_t clip(int64_t i, int64_t extent, int64_t lo, int64_t hi)
{
    if (i < 0)
        i += extent;
    return i < lo ? lo : i > hi ? hi : i;
}

wg_tensor *wg_slice(wg_tensor *x, int64_t axis, int64_t start, int64_t stop, int64_t step)
{
    int d = wg_axis_of("slice", x, axis);
    if (d < 0)
        return NULL;
    if (step == 0)
        return wg_refuse1("slice", "a step other than 0", x);
    int64_t extent = x->shape.dim[d];
    int from_end = d - (int)x->shape.rank;
    if (step > 0) {
        start = clip(start, extent, 0, extent);
        stop = clip(stop, extent, 0, extent);
        int64_t length = start < stop ? (stop - start - 1) / step + 1 : 0;
        return wg_window(x, from_end, start, step, length);
    }
    /* Backwards from start: the same elements forwards, then turned round. */
    int64_t back = step == INT64_MIN ? INT64_MAX : -step;
    start = clip(start, extent, -1, extent - 1);
    stop = stop == WG_END ? -1 : clip(stop, extent, -1, extent - 1);
    int64_t length = stop < start ? (start - stop - 1) / back + 1 : 0;
    int64_t first = length ? start - (length - 1) * back : 0;
    return wg_flip(wg_window(x, from_end, first, back, length), WG_AXES(from_end));
}

wg_tensor *wg_select(wg_tensor *x, int64_t axis, int64_t index)
{
    int d = wg_axis_of("select", x, axis);
    if (d < 0)
        return NULL;
    int64_t extent = x->shape.dim[d], at = index < 0 ? index + extent : index;
    if (extent == 0)
        return wg_refuse_text("select", 1, &x, "an axis that is not empty, not axis %d", d);
    if (at < 0 || at >= extent)
        return wg_refuse_text(
            "select", 1, &x, "an index from %" PRId64 " to %" PRId64 " along axis %d, not %" PRId64,
            -extent, extent - 1, d, index);
    return wg_squeeze(wg_window(x, d - (int)x->shape.rank, at, 1, 1), WG_AXES(d));
}

/* ---- flip ---- */

typedef struct flip_attr {
    int64_t axes; /* bit 0: the last axis is turned round, bit 1: the one before it ... */
} flip_attr;

static bool flips(const wg_tensor *y, int64_t d)
{
    return ((const flip_attr *)y->attr)->axes >> (y->shape.rank - 1 - d) & 1;
}

static bool flip_infer(wg_tensor *y)
{
    const flip_attr *a = y->attr;
    if (a->axes < 0 || a->axes >> y->in[0]->shape.rank)
        return wg_fail(y, "axes of the operand, each once");
    return wg_infer_like(y, 0);
}

static wg_tensor *flip_vjp(wg_tensor *y, wg_tensor *g, int i)
{
    (void)i;
    return wg_apply1_attr(y->op, g, y->attr);
}

static bool flip_view(const wg_tensor *y, const wg_view *x, wg_view *out)
{
    wg_view v = *x;
    for (int64_t d = 0; d < x->shape.rank; d++)
        if (flips(y, d) && x->shape.dim[d] > 0) {
            v.offset += (x->shape.dim[d] - 1) * x->stride[d];
            v.stride[d] = -x->stride[d];
        }
    *out = v;
    return true;
}

static wg_tensor *flip_sample(wg_tape *t, int k)
{
    switch (k) {
    case 0: return wg_flip(wg_input(t, "x0", WG_SHAPE(4)), WG_AXES(0));
    case 1: return wg_flip(wg_input(t, "x0", WG_SHAPE(2, 3)), WG_AXES(-1));
    case 2: return wg_flip(wg_input(t, "x0", WG_SHAPE(2, 3, 2)), WG_AXES(0, 2));
    case 3: return wg_flip(wg_input(t, "x0", WG_SHAPE(3, 0)), WG_AXES(0, 1));
    case 4: return wg_flip(wg_transpose(wg_input(t, "x0", WG_SHAPE(1, 3))), WG_AXES(0, 1));
    default: return NULL;
    }
}

static const wg_op flip_op = {
    .size = sizeof(wg_op),
    .name = "flip",
    .doc = "x with the order of its elements reversed along axes",
    .arity = 1,
    .attr_size = sizeof(flip_attr),
    .infer = flip_infer,
    .vjp = flip_vjp,
    .view = flip_view,
    .domain = {{.lo = -2, .hi = 2}},
    .sample = flip_sample,
};

wg_tensor *wg_flip(wg_tensor *x, wg_axes axes)
{
    bool turn[WG_MAX_RANK];
    char text[200];
    if (!x)
        return NULL;
    if (!wg_axes_mask(axes, x->shape.rank, turn))
        return wg_refuse_text("flip", 1, &x, "axes of the operand, each once, not %s",
                              wg_axes_text(axes, text, sizeof text));
    flip_attr a = {0};
    for (int64_t d = 0; d < x->shape.rank; d++)
        a.axes = a.axes << 1 | turn[d];
    return wg_apply1_attr(&flip_op, x, &a);
}

const wg_op *const wg_slice_ops[] = {&slice_op, &flip_op, NULL};
