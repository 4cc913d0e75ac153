/* Rows picked by index, and rows added at an index.
 * An array is [outer, extent, inner]; an index is one of 0 .. extent - 1.  The movers trust their
 * indices: check them first. */
#ifndef WG_KERNELS_GATHER_H
#define WG_KERNELS_GATHER_H

#include <stddef.h>
#include <stdint.h>

/* Place of the first index that is not one of 0 .. extent - 1; -1 if there is none. */
int64_t wg_index_fault(int64_t n, const int32_t *index, int64_t extent);

/* y[o, i, :] = x[o, index[i], :]  for i < n.  run: bytes of an inner row. */
void wg_gather(int64_t outer, int64_t extent, int64_t n, const int32_t *index, size_t run,
               const void *x, void *y);

/* y[o, i, j] = x[o, index[o, i, j], j]  for i < n.  size: bytes of an element. */
void wg_gather_along(int64_t outer, int64_t extent, int64_t inner, int64_t n, const int32_t *index,
                     size_t size, const void *x, void *y);

/* Sums into y, all of which is 0 at first: elements that meet are added in the order of i.
 *     add:        y[o, index[i], :] += x[o, i, :]
 *     add along:  y[o, index[o, i, j], j] += x[o, i, j] */
void wg_scatter_f32(int64_t outer, int64_t extent, int64_t inner, int64_t n, const int32_t *index,
                    const float *x, float *y);
void wg_scatter_f64(int64_t outer, int64_t extent, int64_t inner, int64_t n, const int32_t *index,
                    const double *x, double *y);
void wg_scatter_i32(int64_t outer, int64_t extent, int64_t inner, int64_t n, const int32_t *index,
                    const uint32_t *x, uint32_t *y);
void wg_scatter_along_f32(int64_t outer, int64_t extent, int64_t inner, int64_t n,
                          const int32_t *index, const float *x, float *y);
void wg_scatter_along_f64(int64_t outer, int64_t extent, int64_t inner, int64_t n,
                          const int32_t *index, const double *x, double *y);
void wg_scatter_along_i32(int64_t outer, int64_t extent, int64_t inner, int64_t n,
                          const int32_t *index, const uint32_t *x, uint32_t *y);

#endif
