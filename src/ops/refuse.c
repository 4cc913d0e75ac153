/* Refusals with numbers in them.  Knows no op. */
#include "ops/refuse.h"

#include <inttypes.h>
#include <stdio.h>

#include "core/shape.h"
#include "tape/state.h"

enum { WANTS_SIZE = 300 };

wg_tensor *wg_refuse_text(const char *op, int n, wg_tensor *const *in, const char *wants, ...)
{
    char text[WANTS_SIZE];
    va_list args;
    va_start(args, wants);
    vsnprintf(text, sizeof text, wants, args);
    va_end(args);
    return wg_refuse(op, text, n, in);
}

bool wg_fail_text(wg_tensor *y, const char *wants, ...)
{
    char text[WANTS_SIZE];
    va_list args;
    va_start(args, wants);
    vsnprintf(text, sizeof text, wants, args);
    va_end(args);
    return wg_fail(y, text);
}

bool wg_together(const char *op, int n, wg_tensor *const *in)
{
    const char *wants = NULL;
    if (!in || n < 1)
        return false;
    for (int i = 0; i < n && !wants; i++)
        wants = in[i] ? NULL : "tensors";
    for (int i = 1; i < n && !wants; i++)
        wants = in[i]->tape == in[0]->tape ? NULL : "tensors of one tape";
    if (wants)
        wg_refuse(op, wants, n, in);
    return !wants;
}

bool wg_alike(const char *op, int n, wg_tensor *const *in)
{
    if (!wg_together(op, n, in))
        return false;
    for (int i = 1; i < n; i++)
        if (in[i]->dtype != in[0]->dtype)
            return wg_refuse(op, "tensors of one dtype", n, in) != NULL;
    return true;
}

bool wg_holdable(const char *op, int n, wg_tensor *const *in, wg_shape shape, wg_dtype dtype)
{
    return wg_bytes_of(shape, dtype) >= 0
           || wg_refuse(op, "a result of rank 0 to 8 and at most 2^63 - 1 bytes", n, in) != NULL;
}

const char *wg_axes_text(wg_axes axes, char *buf, size_t size)
{
    if (axes.n < 0 || axes.n > WG_MAX_RANK) { /* as wg_make_axes says it of too many */
        snprintf(buf, size, "more than %d axes", WG_MAX_RANK);
        return buf;
    }
    wg_shape list = {.rank = axes.n};
    for (int64_t d = 0; d < axes.n && d < WG_MAX_RANK; d++)
        list.dim[d] = axes.axis[d];
    return wg_shape_text(list, buf, size);
}

int wg_axis_among(const char *op, int n, wg_tensor *const *in, int64_t axis, int64_t rank)
{
    int d = wg_axis_index(axis, rank);
    if (d < 0 && rank == 0)
        wg_refuse(op, "an axis", n, in);
    else if (d < 0)
        wg_refuse_text(op, n, in, "an axis from %" PRId64 " to %" PRId64 ", not %" PRId64, -rank,
                       rank - 1, axis);
    return d;
}

int wg_axis_of(const char *op, wg_tensor *x, int64_t axis)
{
    return x ? wg_axis_among(op, 1, &x, axis, x->shape.rank) : -1;
}
