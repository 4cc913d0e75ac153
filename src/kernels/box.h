/* Boxes: parts of an array with sides along its axes, and sums into them.  Knows sizes only. */
#ifndef WG_KERNELS_BOX_H
#define WG_KERNELS_BOX_H

#include <stdbool.h>
#include <stdint.h>

/* Elements from start[d] on, extent[d] of them along each axis d; none if an extent is 0. */
typedef struct wg_box {
    int64_t start[8], extent[8];
} wg_box;

/* What a and b have in common, which may be nothing. */
wg_box wg_box_common(int64_t rank, const wg_box *a, const wg_box *b);
bool wg_box_is_empty(int64_t rank, const wg_box *b);

/* y[box] += x  for x contiguous with the box's extents; x = NULL adds +0, which makes +0 of -0.
 * dim: extents of y, which is contiguous. */
void wg_box_add_f32(int64_t rank, const int64_t *dim, const wg_box *box, const float *x, float *y);
void wg_box_add_f64(int64_t rank, const int64_t *dim, const wg_box *box, const double *x,
                    double *y);
void wg_box_add_i32(int64_t rank, const int64_t *dim, const wg_box *box, const uint32_t *x,
                    uint32_t *y);

#endif
