/* Reductions and what orders elements.  The plain form reduces all axes to a scalar; the _axes
 * form the axes given, which are dropped, or kept with extent 1 if keepdims.  Negative axes count
 * from the end; WG_AXES() is no axis: a reduction over nothing.
 * Shapes: a scalar; of the _axes form x's shape without these axes, or with extent 1 there.
 * Errors: NULL, with the reason on the tape, if x is NULL, an axis is out of range or given twice,
 * or the op does not take the dtype.
 *
 * Sums run over a fixed tree: the same bits in every run, any number of threads and any
 * instruction set.  i32 is taken by sum prod max min any all, the scans, arg.., sort and topk. */
#ifndef WENGERT_REDUCE_H
#define WENGERT_REDUCE_H

#include <wengert/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Empty extents: sum 0, prod 1, mean NaN, logsumexp -inf, any 0, all 1; max, min, argmax and
 * argmin of nothing are refused. */
WG_API wg_tensor *wg_sum(wg_tensor *x); /* sum_i x_i;  g to each element */
WG_API wg_tensor *wg_sum_axes(wg_tensor *x, wg_axes axes, bool keepdims);
WG_API wg_tensor *wg_mean(wg_tensor *x); /* (sum_i x_i) / n;  g / n to each element */
WG_API wg_tensor *wg_mean_axes(wg_tensor *x, wg_axes axes, bool keepdims);
WG_API wg_tensor *wg_prod(wg_tensor *x); /* x_1 x_2 .. x_n;  the product of the others times g,
                                          * exact where elements are 0, too */
WG_API wg_tensor *wg_prod_axes(wg_tensor *x, wg_axes axes, bool keepdims);
/* NaN if an element is.  Where several elements are the largest (smallest) they share the adjoint
 * equally, as PyTorch's amax. */
WG_API wg_tensor *wg_max(wg_tensor *x); /* the largest element */
WG_API wg_tensor *wg_max_axes(wg_tensor *x, wg_axes axes, bool keepdims);
WG_API wg_tensor *wg_min(wg_tensor *x); /* the smallest element */
WG_API wg_tensor *wg_min_axes(wg_tensor *x, wg_axes axes, bool keepdims);
/* ln sum e^x, without overflow.  Where every element is -inf the adjoint is 0 (PyTorch: NaN). */
WG_API wg_tensor *wg_logsumexp(wg_tensor *x);
WG_API wg_tensor *wg_logsumexp_axes(wg_tensor *x, wg_axes axes, bool keepdims);
/* sum (x - mean)^2 / (n - ddof): ddof 1 is the sample variance (PyTorch's default), 0 the
 * population's.  NaN or inf where n <= ddof. */
WG_API wg_tensor *wg_var(wg_tensor *x, double ddof);
WG_API wg_tensor *wg_var_axes(wg_tensor *x, wg_axes axes, bool keepdims, double ddof);
WG_API wg_tensor *wg_std(wg_tensor *x, double ddof); /* sqrt var;  derivative 0 where it is 0 */
WG_API wg_tensor *wg_std_axes(wg_tensor *x, wg_axes axes, bool keepdims, double ddof);
/* (sum |x|^p)^(1/p);  p = INFINITY: max |x|;  p = 0: how many are not 0.  derivative 0 where the
 * norm is 0 and in elements that are 0: of every order, unless p is even,
 * where they follow the formula. */
WG_API wg_tensor *wg_norm(wg_tensor *x, double p);
WG_API wg_tensor *wg_norm_axes(wg_tensor *x, wg_axes axes, bool keepdims, double p);
/* 1 if any element is not 0 (wg_all: every one is not), else 0, in x's dtype. */
WG_API wg_tensor *wg_any(wg_tensor *x);
WG_API wg_tensor *wg_any_axes(wg_tensor *x, wg_axes axes, bool keepdims);
WG_API wg_tensor *wg_all(wg_tensor *x);
WG_API wg_tensor *wg_all_axes(wg_tensor *x, wg_axes axes, bool keepdims);

/* Index (i32) of the first largest (smallest) element along the axis;
 * the first NaN if there is one.  No derivative.
 * Shapes: x's without the axis, or with extent 1 there. */
WG_API wg_tensor *wg_argmax(wg_tensor *x, int64_t axis, bool keepdims);
WG_API wg_tensor *wg_argmin(wg_tensor *x, int64_t axis, bool keepdims);

/* Along the axis.
 * Shapes: x's. */
WG_API wg_tensor *wg_cumsum(wg_tensor *x, int64_t axis);  /* y_i = x_0 + .. + x_i */
/* y_i = x_0 .. x_i;
 * the adjoint is exact where elements are 0, too */
WG_API wg_tensor *wg_cumprod(wg_tensor *x, int64_t axis);
/* r_0 = b_0, r_i = b_i + a_i r_(i-1) along the last axis: a and b have one shape.  Its adjoint is
 * such a recurrence, backwards.
 * Shapes: a's. */
WG_API wg_tensor *wg_linear_recurrence(wg_tensor *a, wg_tensor *b);

/* Stable sort along the axis; NaN counts as larger than anything.  argsort gives i32 indices.
 * Shapes: x's. */
WG_API wg_tensor *wg_sort(wg_tensor *x, int64_t axis, bool descending);
WG_API wg_tensor *wg_argsort(wg_tensor *x, int64_t axis, bool descending);
/* The k largest (or smallest) along the axis, in order; equal elements in order of their index.
 * indices may be NULL.
 * Shapes: x's with extent k along the axis, of the indices too. */
WG_API wg_tensor *wg_topk(wg_tensor *x, int64_t k, int64_t axis, bool largest, wg_tensor **indices);

#ifdef __cplusplus
}
#endif
#endif
