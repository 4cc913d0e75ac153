/* Shape: the same elements arranged otherwise.
 * Where a program can read through strides nothing is copied.
 * Errors: NULL, with the reason on the tape, if x is NULL, an axis is out of range or an extent
 * does not fit. */
#ifndef WENGERT_LAYOUT_H
#define WENGERT_LAYOUT_H

#include <wengert/base.h>

#ifdef __cplusplus
extern "C" {
#endif

WG_API wg_tensor *wg_reshape(wg_tensor *x, wg_shape shape); /* the elements in their order as this
                                                             * shape; an extent of -1: the rest */
WG_API wg_tensor *wg_flatten(wg_tensor *x);                 /* x as a vector of all its elements */
WG_API wg_tensor *wg_squeeze(wg_tensor *x, wg_axes axes);   /* without the axes, whose extent must
                                                             * be 1; WG_AXES(): every such axis */
WG_API wg_tensor *wg_unsqueeze(wg_tensor *x, int64_t axis); /* a new axis of extent 1 at this place
                                                             * of the result */
WG_API wg_tensor *wg_transpose(wg_tensor *x);               /* y[.., j, i] = x[.., i, j];
                                                             * a vector stays as it is */
WG_API wg_tensor *wg_permute(wg_tensor *x, wg_axes axes);   /* axis d of the result is axis axes[d]
                                                             * of x */

/* x stretched as operands are: y[.., i, j] = x[j]; x itself if it has the shape */
WG_API wg_tensor *wg_broadcast_to(wg_tensor *x, wg_shape shape);
/* the adjoint of broadcast_to: sums over stretched axes; x itself if none was */
WG_API wg_tensor *wg_sum_to(wg_tensor *x, wg_shape shape);

/* x[start], x[start + step], ... up to but not including stop along the axis.
 * As in Python: negative start and stop count from the end and are clipped, step may be negative,
 * WG_END means "to the end" in the direction of step. */
#define WG_END INT64_MAX
WG_API wg_tensor *wg_slice(wg_tensor *x, int64_t axis, int64_t start, int64_t stop, int64_t step);

/* x[.., index, ..], the axis dropped; negative from the end */
WG_API wg_tensor *wg_select(wg_tensor *x, int64_t axis, int64_t index);
/* y[.., i, ..] = x[.., n-1-i, ..] along each; WG_AXES() leaves x as it is */
WG_API wg_tensor *wg_flip(wg_tensor *x, wg_axes axes);
/* x with before[d] elements of value ahead of axis d, after[d] behind:
 * arrays of rank entries, none negative. */
WG_API wg_tensor *wg_pad(wg_tensor *x, const int64_t *before, const int64_t *after, double value);

/* x times[d] times along axis d (NumPy's tile); times has at least x's rank */
WG_API wg_tensor *wg_repeat(wg_tensor *x, wg_shape times);
/* y[.., i, ..] = x[.., i / times, ..] */
WG_API wg_tensor *wg_repeat_interleave(wg_tensor *x, int64_t times, int64_t axis);

/* x[0], then x[1] ... along an axis they have; other extents equal */
WG_API wg_tensor *wg_concat(int n, wg_tensor *const *x, int64_t axis);
/* y[.., i, ..] = x[i] along a new axis; all shapes equal */
WG_API wg_tensor *wg_stack(int n, wg_tensor *const *x, int64_t axis);
/* x cut along the axis into n pieces of the extents sizes (that sum to x's), which go into out. */
WG_API wg_status wg_split(wg_tensor *x, int64_t axis, int n, const int64_t *sizes, wg_tensor **out);

/* k counts diagonals: 0 the main one, above it positive.  wg_tril and wg_triu keep x's shape. */
WG_API wg_tensor *wg_diag(wg_tensor *x, int64_t k);  /* vector: a matrix with it on the diagonal;
                                                      * [.., m, n]: its diagonals */
WG_API wg_tensor *wg_trace(wg_tensor *x);            /* sum of the main diagonal of [.., m, n] */
WG_API wg_tensor *wg_tril(wg_tensor *x, int64_t k);  /* 0 above the k-th diagonal of [.., m, n] */
WG_API wg_tensor *wg_triu(wg_tensor *x, int64_t k);  /* 0 below the k-th diagonal of [.., m, n] */

/* A vector of start + i step, ceil((stop - start) / step) of them; none if start is stop.  As in
 * PyTorch a step away from stop is refused; so are a step of 0, numbers that are not finite and,
 * into i32, those that are not whole or too large. */
WG_API wg_tensor *wg_arange(wg_tape *t, double start, double stop, double step);
WG_API wg_tensor *wg_arange_as(wg_tape *t, wg_dtype dtype, double start, double stop, double step);

/* [n]: start + i (stop - start) / (n - 1), both ends exact; start alone for n = 1. */
WG_API wg_tensor *wg_linspace(wg_tape *t, double start, double stop, int64_t n);

WG_API wg_tensor *wg_eye(wg_tape *t, int64_t m, int64_t n); /* [m, n]: 1 on the main diagonal,
                                                             * 0 elsewhere */
WG_API wg_tensor *wg_zeros_like(wg_tensor *x); /* 0 everywhere, of x's shape and dtype */
WG_API wg_tensor *wg_ones_like(wg_tensor *x);  /* 1 everywhere, of x's shape and dtype */

#ifdef __cplusplus
}
#endif
#endif
