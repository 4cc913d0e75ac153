/* Moving elements into a strided window of a larger array. */
#ifndef WG_KERNELS_WINDOW_H
#define WG_KERNELS_WINDOW_H

#include <stddef.h>
#include <stdint.h>

/* y[offset + sum_d i_d stride_d] = x[i_0, .., i_(rank-1)]  for x contiguous with these extents
 * (rank at most 8).
 * size: bytes of an element; offset and strides in elements. */
void wg_window_put(int64_t rank, const int64_t *dim, size_t size, const void *x, void *y,
                   int64_t offset, const int64_t *stride);

/* The same element, of size bytes, n times. */
void wg_window_fill(int64_t n, size_t size, const void *element, void *y);

#endif
