/* Immediates.  A program keeps one element for such a node and reads it with stride 0. */
#include "ops/full.h"

#include <wengert/layout.h>
#include <wengert/tape.h>

#include "core/dtype.h"
#include "core/shape.h"
#include "tape/state.h"

static wg_tensor *full_sample(wg_tape *t, int k)
{
    return k == 0 ? wg_full(t, WG_SHAPE(2, 3), 1.5) : k == 1 ? wg_scalar(t, -2) : NULL;
}

static const wg_op full_op = {
    .size = sizeof(wg_op), .name = "full", .doc = "one value everywhere",
    .attr_size = sizeof(double), .sample = full_sample,
};

bool wg_is_full(const wg_tensor *y, double *value)
{
    if (y->op != &full_op)
        return false;
    *value = *(const double *)y->attr;
    return true;
}

/* The shape is the node's own: it is set here and not by an infer, which would need a second copy
 * of it among the attributes. */
wg_tensor *wg_full_as(wg_tape *t, wg_dtype dtype, wg_shape shape, double value)
{
    if (!t)
        return NULL;
    if (!wg_dtype_get(dtype))
        return wg_error_null(t, "full: wants a dtype, got %d", (int)dtype);
    if (wg_bytes_of(shape, dtype) < 0) {
        char text[200];
        return wg_error_null(t,
                             "full: wants a shape of rank 0 to 8, extents of 0 or more and at most "
                             "2^63 - 1 bytes, got %s",
                             wg_shape_text(shape, text, sizeof text));
    }
    if (dtype == WG_I32 && !wg_number_fits_i32(value))
        return wg_error_null(t, "full: wants a value that i32 can hold, got %g", value);
    wg_tensor *y = wg_tape_push(t, &full_op, 0, NULL, &value);
    if (!y)
        return NULL;
    y->dtype = dtype;
    for (y->shape.rank = 0; y->shape.rank < shape.rank; y->shape.rank++)
        y->shape.dim[y->shape.rank] = shape.dim[y->shape.rank];
    return y;
}

wg_tensor *wg_full(wg_tape *t, wg_shape shape, double value)
{
    return wg_full_as(t, wg_tape_dtype(t), shape, value);
}

wg_tensor *wg_scalar(wg_tape *t, double value)
{
    return wg_full(t, WG_SHAPE(), value);
}

wg_tensor *wg_full_like(wg_tensor *x, double value)
{
    return x ? wg_full_as(x->tape, x->dtype, x->shape, value) : NULL;
}

wg_tensor *wg_zeros_like(wg_tensor *x)
{
    return wg_full_like(x, 0);
}

wg_tensor *wg_ones_like(wg_tensor *x)
{
    return wg_full_like(x, 1);
}

const wg_op *const wg_full_ops[] = {&full_op, NULL};
