/* Arithmetic on shapes: everything that can overflow or be out of range is checked here. */
#ifndef WG_CORE_SHAPE_H
#define WG_CORE_SHAPE_H

#include <wengert/base.h>

/* a * b, *overflow set if it passes INT64_MAX; both non-negative. */
int64_t wg_checked_mul(int64_t a, int64_t b, bool *overflow);

/* NumPy's broadcast of two shapes; false if they do not fit. */
bool wg_shape_broadcast(wg_shape a, wg_shape b, wg_shape *out);

/* Strides, in elements, of a contiguous row-major array. */
void wg_shape_strides(const wg_shape *s, int64_t stride[WG_MAX_RANK]);

/* 0 <= axis < rank from an axis that may count from the end; -1 if it is out of range. */
int wg_axis_index(int64_t axis, int64_t rank);

/* Sets in[d] for each axis named; false if one is out of range or named twice, or the list is not one. */
bool wg_axes_mask(wg_axes axes, int64_t rank, bool in[WG_MAX_RANK]);

/* "[3, 4]" into buf, cut to fit; returns buf. */
const char *wg_shape_text(wg_shape s, char *buf, size_t size);

#endif
