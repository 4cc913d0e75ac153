#include "core/shape.h"

#include <inttypes.h>
#include <stdio.h>

wg_shape wg_make_shape(int64_t n, const int64_t *dim)
{
    wg_shape s;
    const bool fits = n >= 0 && n <= WG_MAX_RANK;
    s.rank = fits ? n : -1;
    for (int64_t d = 0; d < WG_MAX_RANK; d++) /* not = {0}: see wg_tape_push */
        s.dim[d] = fits && d < n ? dim[d] : 0;
    return s;
}

wg_axes wg_make_axes(int64_t n, const int64_t *axis)
{
    wg_axes a;
    const bool fits = n >= 0 && n <= WG_MAX_RANK;
    a.n = fits ? n : -1;
    for (int64_t d = 0; d < WG_MAX_RANK; d++)
        a.axis[d] = fits && d < n ? axis[d] : 0;
    return a;
}

bool wg_shape_equal(wg_shape a, wg_shape b)
{
    return wg_same_shape(&a, &b);
}

/* A division costs as much as all else that is done with a shape: small numbers go without. */
int64_t wg_checked_mul(int64_t a, int64_t b, bool *overflow)
{
    if ((a | b) >> 31 && b && a > INT64_MAX / b) {
        *overflow = true;
        return 0;
    }
    return a * b;
}

/* The product is checked without the zeros, so that [2^40, 2^40, 0] is refused whatever the order
 * of its extents. */
int64_t wg_elements(const wg_shape *s)
{
    if (s->rank < 0 || s->rank > WG_MAX_RANK)
        return -1;
    int64_t count = 1;
    bool overflow = false, empty = false;
    for (int64_t d = 0; d < s->rank; d++) {
        if (s->dim[d] < 0)
            return -1;
        if (s->dim[d] == 0)
            empty = true;
        else
            count = wg_checked_mul(count, s->dim[d], &overflow);
        if (overflow)
            return -1;
    }
    return empty ? 0 : count;
}

int64_t wg_shape_count(wg_shape s)
{
    return wg_elements(&s);
}

bool wg_shape_broadcast(wg_shape a, wg_shape b, wg_shape *out)
{
    if (a.rank < b.rank) {
        wg_shape t = a;
        a = b;
        b = t;
    }
    int64_t lead = a.rank - b.rank;
    for (int64_t d = 0; d < b.rank; d++) {
        int64_t *x = &a.dim[lead + d], y = b.dim[d];
        if (*x != y && *x != 1 && y != 1)
            return false;
        if (*x == 1)
            *x = y;
    }
    *out = a;
    return true;
}

void wg_shape_strides(const wg_shape *s, int64_t stride[WG_MAX_RANK])
{
    int64_t step = 1;
    for (int64_t d = WG_MAX_RANK - 1; d >= s->rank; d--)
        stride[d] = 0;
    for (int64_t d = s->rank - 1; d >= 0; d--) {
        stride[d] = step;
        step *= s->dim[d] ? s->dim[d] : 1;
    }
}

wg_shape wg_shape_place(const wg_shape *s, int64_t element)
{
    wg_shape place = {.rank = s->rank};
    for (int64_t d = s->rank - 1; d >= 0; d--) {
        place.dim[d] = element % s->dim[d];
        element /= s->dim[d];
    }
    return place;
}

wg_around wg_shape_around(const wg_shape *s, int64_t axis)
{
    wg_around a = {1, s->dim[axis], 1};
    for (int64_t d = 0; d < axis; d++)
        a.outer *= s->dim[d];
    for (int64_t d = axis + 1; d < s->rank; d++)
        a.inner *= s->dim[d];
    return a;
}

int wg_axis_index(int64_t axis, int64_t rank)
{
    if (axis < 0)
        axis += rank;
    return axis >= 0 && axis < rank ? (int)axis : -1;
}

bool wg_axes_mask(wg_axes axes, int64_t rank, bool in[WG_MAX_RANK])
{
    for (int d = 0; d < WG_MAX_RANK; d++)
        in[d] = false;
    if (axes.n < 0 || axes.n > WG_MAX_RANK)
        return false;
    for (int64_t i = 0; i < axes.n; i++) {
        int d = wg_axis_index(axes.axis[i], rank);
        if (d < 0 || in[d])
            return false;
        in[d] = true;
    }
    return true;
}

const char *wg_shape_text(wg_shape s, char *buf, size_t size)
{
    size_t n = 0;
    if (s.rank < 0 || s.rank > WG_MAX_RANK) {
        snprintf(buf, size, "[more than %d extents]", WG_MAX_RANK);
        return buf;
    }
    for (int64_t d = 0; d < s.rank && n < size; d++)
        n += (size_t)snprintf(buf + n, size - n, d ? ", %" PRId64 : "[%" PRId64, s.dim[d]);
    if (n < size)
        snprintf(buf + n, size - n, s.rank ? "]" : "[]");
    return buf;
}
