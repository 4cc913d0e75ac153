/* Indexing by tensors.  Indices are i32, from 0 to extent - 1.
 * Errors: an index outside makes the run fail with a message that names it.  NULL, with the reason
 * on the tape, if an argument is
 * NULL, an index is not i32, an axis is out of range or shapes do not fit. */
#ifndef WENGERT_INDEX_H
#define WENGERT_INDEX_H

#include <wengert/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* x with the axis replaced by the index's axes: y[.., i.., ..] = x[.., index[i..], ..].
 * Adjoint: sums g into the places taken. */
WG_API wg_tensor *wg_take(wg_tensor *x, wg_tensor *index, int64_t axis);
/* y[.., i, ..] = x[.., index[.., i, ..], ..]: index has x's rank and, but for the axis,
 * x's extents. */
WG_API wg_tensor *wg_take_along_axis(wg_tensor *x, wg_tensor *index, int64_t axis);
/* x with src[.., i, ..] added at [.., index[.., i, ..], ..];
 * index and src have one shape, equal to x's but for the axis. */
WG_API wg_tensor *wg_scatter_add(wg_tensor *x, wg_tensor *index, wg_tensor *src, int64_t axis);
/* 1 at index, 0 elsewhere, in the tape's dtype: [.., depth]. */
WG_API wg_tensor *wg_one_hot(wg_tensor *index, int64_t depth);

#ifdef __cplusplus
}
#endif
#endif
