/* All elements read otherwise: reshape, permute, broadcast_to, stop_gradient,
 * and what is said in terms of them.
 * Each op is a view, computed by arithmetic on strides;
 * must not know how a program copies where a view will not do. */
#include <inttypes.h>

#include <wengert/effect.h>
#include <wengert/layout.h>
#include <wengert/reduce.h>

#include "core/shape.h"
#include "ops/refuse.h"

/* ---- reshape ---- */

typedef struct shape_attr {
    wg_shape shape;
} shape_attr;

static bool reshape_infer(wg_tensor *y)
{
    const shape_attr *a = y->attr;
    char text[200];
    if (wg_shape_count(a->shape) != wg_shape_count(y->in[0]->shape))
        return wg_fail_text(y, "as many elements as %s has",
                            wg_shape_text(a->shape, text, sizeof text));
    return wg_infer(y, y->in[0]->dtype, a->shape);
}

static wg_tensor *reshape_vjp(wg_tensor *y, wg_tensor *g, int i)
{
    return wg_reshape(g, y->in[i]->shape);
}

/* Axes of x are taken together with axes of y in the smallest groups of equal products.  A group
 * can be read through strides if x's axes in it lie one inside the other, stride[d] = dim[d+1]
 * stride[d+1]; extents of 1 have no stride and are skipped. */
static bool reshape_view(const wg_tensor *y, const wg_view *x, wg_view *out)
{
    wg_view v = {.shape = y->shape, .offset = x->offset};
    int64_t dim[WG_MAX_RANK], stride[WG_MAX_RANK];
    int64_t rank = 0, i = 0, o = 0;
    if (wg_shape_count(y->shape) == 0) { /* nothing is read */
        wg_shape_strides(&v.shape, v.stride);
        *out = v;
        return true;
    }
    for (int64_t d = 0; d < x->shape.rank; d++)
        if (x->shape.dim[d] != 1) {
            dim[rank] = x->shape.dim[d];
            stride[rank++] = x->stride[d];
        }
    while (i < rank) {
        int64_t i_end = i, o_end = o, have = dim[i_end++], want = v.shape.dim[o_end++];
        while (have != want) {
            if (have < want)
                have *= dim[i_end++];
            else
                want *= v.shape.dim[o_end++];
        }
        for (int64_t d = i; d + 1 < i_end; d++)
            if (stride[d] != dim[d + 1] * stride[d + 1])
                return false;
        v.stride[o_end - 1] = stride[i_end - 1];
        for (int64_t d = o_end - 1; d > o; d--)
            v.stride[d - 1] = v.stride[d] * v.shape.dim[d];
        i = i_end;
        o = o_end;
    }
    *out = v; /* axes of y from o on have extent 1 */
    return true;
}

static wg_tensor *reshape_sample(wg_tape *t, int k)
{
    switch (k) {
    case 0: return wg_reshape(wg_input(t, "x0", WG_SHAPE(2, 6)), WG_SHAPE(3, -1));
    case 1: return wg_flatten(wg_input(t, "x0", WG_SHAPE(2, 3, 2)));
    case 2: return wg_reshape(wg_transpose(wg_input(t, "x0", WG_SHAPE(4, 3))), WG_SHAPE(2, 6));
    case 3: return wg_squeeze(wg_input(t, "x0", WG_SHAPE(1, 3, 1, 2)), WG_AXES(0, -2));
    case 4: return wg_unsqueeze(wg_input(t, "x0", WG_SHAPE(3)), -1);
    case 5: return wg_reshape(wg_input(t, "x0", WG_SHAPE(0, 3)), WG_SHAPE(4, 0));
    case 6: return wg_reshape(wg_input(t, "x0", WG_SHAPE()), WG_SHAPE(1, 1));
    default: return NULL;
    }
}

static const wg_op reshape_op = {
    .size = sizeof(wg_op),
    .name = "reshape",
    .doc = "the same elements, in row-major order, under another shape",
    .arity = 1,
    .attr_size = sizeof(shape_attr),
    .infer = reshape_infer,
    .vjp = reshape_vjp,
    .view = reshape_view,
    .domain = {{.lo = -2, .hi = 2}},
    .sample = reshape_sample,
};

static wg_tensor *reshaped(wg_tensor *x, wg_shape shape)
{
    return wg_apply1_attr(&reshape_op, x, &(shape_attr){shape});
}

/* One extent of -1 becomes what the others leave. */
wg_tensor *wg_reshape(wg_tensor *x, wg_shape shape)
{
    if (!x)
        return NULL;
    int64_t open = -1;
    char text[200];
    for (int64_t d = 0; d < shape.rank && d < WG_MAX_RANK; d++) {
        if (shape.dim[d] < -1 || (shape.dim[d] == -1 && open >= 0))
            return wg_refuse_text("reshape", 1, &x,
                                  "extents of 0 or more, or one of them -1 for the rest, not %s",
                                  wg_shape_text(shape, text, sizeof text));
        open = shape.dim[d] == -1 ? d : open;
    }
    if (open >= 0) {
        wg_shape rest = shape;
        rest.dim[open] = 1;
        int64_t others = wg_shape_count(rest), count = wg_shape_count(x->shape);
        if (others <= 0 || count % others)
            return wg_refuse_text("reshape", 1, &x, "a number of elements that %s divides",
                                  wg_shape_text(shape, text, sizeof text));
        shape.dim[open] = count / others;
    }
    return reshaped(x, shape);
}

wg_tensor *wg_flatten(wg_tensor *x)
{
    return x ? reshaped(x, WG_SHAPE(wg_shape_count(x->shape))) : NULL;
}

wg_tensor *wg_squeeze(wg_tensor *x, wg_axes axes)
{
    bool drop[WG_MAX_RANK];
    char text[200];
    if (!x)
        return NULL;
    if (!wg_axes_mask(axes, x->shape.rank, drop))
        return wg_refuse_text("squeeze", 1, &x, "axes of the operand, each once, not %s",
                              wg_axes_text(axes, text, sizeof text));
    wg_shape shape = {0};
    for (int64_t d = 0; d < x->shape.rank; d++) {
        if (drop[d] && x->shape.dim[d] != 1)
            return wg_refuse_text("squeeze", 1, &x, "an extent of 1 at axis %" PRId64, d);
        if (axes.n == 0 ? x->shape.dim[d] != 1 : !drop[d])
            shape.dim[shape.rank++] = x->shape.dim[d];
    }
    return reshaped(x, shape);
}

wg_tensor *wg_unsqueeze(wg_tensor *x, int64_t axis)
{
    if (!x)
        return NULL;
    if (x->shape.rank == WG_MAX_RANK)
        return wg_refuse1("unsqueeze", "a rank below 8", x);
    int at = wg_axis_among("unsqueeze", 1, &x, axis, x->shape.rank + 1);
    if (at < 0)
        return NULL;
    wg_shape shape = {.rank = x->shape.rank + 1};
    for (int64_t d = 0; d < shape.rank; d++)
        shape.dim[d] = d < at ? x->shape.dim[d] : d == at ? 1 : x->shape.dim[d - 1];
    return reshaped(x, shape);
}

/* ---- permute ---- */

typedef struct axes_attr {
    wg_axes axes; /* 0 to rank - 1, each once */
} axes_attr;

static bool permute_infer(wg_tensor *y)
{
    const wg_axes *axes = &((const axes_attr *)y->attr)->axes;
    const wg_shape *x = &y->in[0]->shape;
    bool fits = axes->n == x->rank;
    unsigned seen = 0;
    for (int64_t d = 0; fits && d < x->rank; d++) {
        const int64_t axis = axes->axis[d];
        fits = axis >= 0 && axis < x->rank && !(seen >> axis & 1);
        seen |= fits ? 1u << axis : 0;
    }
    if (!fits)
        return wg_fail(y, "each axis of the operand once");
    wg_shape shape = {.rank = x->rank};
    for (int64_t d = 0; d < shape.rank; d++)
        shape.dim[d] = x->dim[axes->axis[d]];
    return wg_infer(y, y->in[0]->dtype, shape);
}

static wg_tensor *permute_vjp(wg_tensor *y, wg_tensor *g, int i)
{
    (void)i;
    const wg_axes *axes = &((const axes_attr *)y->attr)->axes;
    wg_axes inverse = {.n = axes->n};
    for (int64_t d = 0; d < axes->n; d++)
        inverse.axis[axes->axis[d]] = d;
    return wg_permute(g, inverse);
}

static bool permute_view(const wg_tensor *y, const wg_view *x, wg_view *out)
{
    const wg_axes *axes = &((const axes_attr *)y->attr)->axes;
    wg_view v = {.shape = y->shape, .offset = x->offset};
    for (int64_t d = 0; d < axes->n; d++)
        v.stride[d] = x->stride[axes->axis[d]];
    *out = v;
    return true;
}

static wg_tensor *permute_sample(wg_tape *t, int k)
{
    switch (k) {
    case 0: return wg_transpose(wg_input(t, "x0", WG_SHAPE(2, 3)));
    case 1: return wg_permute(wg_input(t, "x0", WG_SHAPE(2, 3, 4)), WG_AXES(-1, 0, 1));
    case 2: return wg_permute(wg_input(t, "x0", WG_SHAPE(2, 1, 3, 2)), WG_AXES(3, 1, 0, 2));
    case 3: return wg_transpose(wg_input(t, "x0", WG_SHAPE(2, 0, 3)));
    case 4: return wg_transpose(wg_input(t, "x0", WG_SHAPE(3)));
    case 5: return wg_permute(wg_input(t, "x0", WG_SHAPE()), WG_AXES());
    default: return NULL;
    }
}

static const wg_op permute_op = {
    .size = sizeof(wg_op),
    .name = "permute",
    .doc = "axis d of the result is axis axes[d] of x",
    .arity = 1,
    .attr_size = sizeof(axes_attr),
    .infer = permute_infer,
    .vjp = permute_vjp,
    .view = permute_view,
    .domain = {{.lo = -2, .hi = 2}},
    .sample = permute_sample,
};

wg_tensor *wg_permute(wg_tensor *x, wg_axes axes)
{
    if (!x)
        return NULL;
    bool seen[WG_MAX_RANK];
    char text[200];
    if (axes.n != x->shape.rank || !wg_axes_mask(axes, x->shape.rank, seen))
        return wg_refuse_text("permute", 1, &x, "each axis of the operand once, not %s",
                              wg_axes_text(axes, text, sizeof text));
    axes_attr a = {{.n = axes.n}};
    for (int64_t d = 0; d < axes.n; d++)
        a.axes.axis[d] = wg_axis_index(axes.axis[d], x->shape.rank);
    return wg_apply1_attr(&permute_op, x, &a);
}

wg_tensor *wg_transpose(wg_tensor *x)
{
    if (!x)
        return NULL;
    axes_attr a = {{.n = x->shape.rank}};
    for (int64_t d = 0; d < a.axes.n; d++)
        a.axes.axis[d] = d;
    if (a.axes.n >= 2) {
        a.axes.axis[a.axes.n - 1]--;
        a.axes.axis[a.axes.n - 2]++;
    }
    return wg_apply1_attr(&permute_op, x, &a);
}

/* ---- broadcast_to and its adjoint ---- */

static bool broadcasts(const wg_shape *from, const wg_shape *to)
{
    int64_t lead = to->rank - from->rank;
    bool fits = wg_elements(from) >= 0 && wg_elements(to) >= 0 && lead >= 0;
    for (int64_t d = 0; fits && d < from->rank; d++)
        fits = from->dim[d] == 1 || from->dim[d] == to->dim[lead + d];
    return fits;
}

static bool broadcast_to_infer(wg_tensor *y)
{
    const shape_attr *a = y->attr;
    char text[200];
    if (!broadcasts(&y->in[0]->shape, &a->shape))
        return wg_fail_text(y, "a shape that broadcasts to %s",
                            wg_shape_text(a->shape, text, sizeof text));
    return wg_infer(y, y->in[0]->dtype, a->shape);
}

static wg_tensor *broadcast_to_vjp(wg_tensor *y, wg_tensor *g, int i)
{
    return wg_sum_to(g, y->in[i]->shape);
}

static bool broadcast_to_view(const wg_tensor *y, const wg_view *x, wg_view *out)
{
    wg_view v = {.shape = y->shape, .offset = x->offset};
    int64_t lead = y->shape.rank - x->shape.rank;
    for (int64_t d = 0; d < x->shape.rank; d++)
        v.stride[lead + d] = x->shape.dim[d] == 1 ? 0 : x->stride[d];
    *out = v;
    return true;
}

static wg_tensor *broadcast_to_sample(wg_tape *t, int k)
{
    switch (k) {
    case 0: return wg_broadcast_to(wg_input(t, "x0", WG_SHAPE(3)), WG_SHAPE(2, 3));
    case 1: return wg_broadcast_to(wg_input(t, "x0", WG_SHAPE(3, 1)), WG_SHAPE(2, 3, 4));
    case 2: return wg_broadcast_to(wg_input(t, "x0", WG_SHAPE()), WG_SHAPE(2, 2));
    case 3: return wg_broadcast_to(wg_input(t, "x0", WG_SHAPE(2, 1)), WG_SHAPE(2, 0));
    case 4: return wg_broadcast_to(wg_input(t, "x0", WG_SHAPE(1, 2, 1)), WG_SHAPE(3, 2, 1));
    default: return NULL;
    }
}

static const wg_op broadcast_to_op = {
    .size = sizeof(wg_op),
    .name = "broadcast_to",
    .doc = "x repeated along leading axes and along axes of extent 1, as NumPy aligns them",
    .arity = 1,
    .attr_size = sizeof(shape_attr),
    .infer = broadcast_to_infer,
    .vjp = broadcast_to_vjp,
    .view = broadcast_to_view,
    .domain = {{.lo = -2, .hi = 2}},
    .sample = broadcast_to_sample,
};

wg_tensor *wg_broadcast_to(wg_tensor *x, wg_shape shape)
{
    if (!x || wg_same_shape(&x->shape, &shape))
        return x;
    return wg_apply1_attr(&broadcast_to_op, x, &(shape_attr){shape});
}

/* Axes that were 1 before they were stretched are summed;
 * a leading axis of extent 1 is only dropped. */
wg_tensor *wg_sum_to(wg_tensor *x, wg_shape shape)
{
    if (!x || wg_same_shape(&x->shape, &shape))
        return x;
    char text[200];
    if (!broadcasts(&shape, &x->shape))
        return wg_refuse_text("sum_to", 1, &x, "a shape that %s broadcasts to",
                              wg_shape_text(shape, text, sizeof text));
    int64_t lead = x->shape.rank - shape.rank;
    wg_axes summed = {0};
    for (int64_t d = 0; d < x->shape.rank; d++)
        if (x->shape.dim[d] != 1 && (d < lead || shape.dim[d - lead] == 1))
            summed.axis[summed.n++] = d;
    wg_tensor *y = summed.n ? wg_sum_axes(x, summed, true) : x;
    return lead && y ? reshaped(y, shape) : y;
}

/* ---- stop_gradient ---- */

static bool stop_gradient_infer(wg_tensor *y)
{
    return wg_infer_like(y, 0);
}

static bool stop_gradient_view(const wg_tensor *y, const wg_view *x, wg_view *out)
{
    (void)y;
    *out = *x;
    return true;
}

static wg_tensor *stop_gradient_sample(wg_tape *t, int k)
{
    return k == 0 ? wg_stop_gradient(wg_input(t, "x0", WG_SHAPE(2, 3))) : NULL;
}

static const wg_op stop_gradient_op = {
    .size = sizeof(wg_op),
    .name = "stop_gradient",
    .doc = "x, through which no derivative passes",
    .arity = 1,
    .flags = WG_OP_FLAT,
    .infer = stop_gradient_infer,
    .view = stop_gradient_view,
    .domain = {{.lo = -2, .hi = 2}},
    .sample = stop_gradient_sample,
};

wg_tensor *wg_stop_gradient(wg_tensor *x)
{
    return wg_apply1(&stop_gradient_op, x);
}

const wg_op *const wg_view_ops[] = {&reshape_op, &permute_op, &broadcast_to_op, &stop_gradient_op,
                                    NULL};
