/* Arithmetic on shapes: everything that can overflow or be out of range is checked here. */
#ifndef WG_CORE_SHAPE_H
#define WG_CORE_SHAPE_H

#include <wengert/base.h>

/* wg_shape_equal and wg_shape_count of shapes at hand: recording a node does both several times,
 * and a copy of a shape costs more than what is done with it. */
static inline bool wg_same_shape(const wg_shape *a, const wg_shape *b)
{
    bool same = a->rank == b->rank;
    for (int64_t d = 0; same && d < a->rank; d++)
        same = a->dim[d] == b->dim[d];
    return same;
}
int64_t wg_elements(const wg_shape *s);

/* a * b, *overflow set if it passes INT64_MAX; both non-negative. */
int64_t wg_checked_mul(int64_t a, int64_t b, bool *overflow);

/* NumPy's broadcast of two shapes; false if they do not fit. */
bool wg_shape_broadcast(wg_shape a, wg_shape b, wg_shape *out);

/* Strides, in elements, of a contiguous row-major array. */
void wg_shape_strides(const wg_shape *s, int64_t stride[WG_MAX_RANK]);

/* Coordinates of the element, as extents of a shape of s's rank. */
wg_shape wg_shape_place(const wg_shape *s, int64_t element);

/* The shape seen from one of its axes: [outer, extent, inner]. */
typedef struct wg_around {
    int64_t outer, extent, inner;
} wg_around;
wg_around wg_shape_around(const wg_shape *s, int64_t axis);

/* 0 <= axis < rank from an axis that may count from the end; -1 if it is out of range. */
int wg_axis_index(int64_t axis, int64_t rank);

/* Sets in[d] for each axis named; false if one is out of range or named twice,
 * or the list is not one. */
bool wg_axes_mask(wg_axes axes, int64_t rank, bool in[WG_MAX_RANK]);

/* "[3, 4]" into buf, cut to fit; returns buf. */
const char *wg_shape_text(wg_shape s, char *buf, size_t size);

#endif
