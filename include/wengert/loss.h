/* Softmax and losses: compositions of the other ops.  The plain form of a loss takes the mean, the
 * _as form says how its terms are reduced.  All are finite wherever their value is,
 * at any argument.
 * Shapes: the plain forms give a scalar, as the _as forms do with WG_MEAN and WG_SUM; with WG_NONE
 * these keep the terms' shape.
 * Errors: NULL, with the reason on the tape, if an argument is NULL or of another tape, the dtypes
 * differ or are not floating, the shapes do not fit, an axis is out of range or r is none of the
 * three. */
#ifndef WENGERT_LOSS_H
#define WENGERT_LOSS_H

#include <wengert/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How a loss's terms are reduced: their mean, their sum, not at all. */
typedef enum wg_reduction { WG_MEAN, WG_SUM, WG_NONE } wg_reduction;

/* Along the axis, of x's shape. */
WG_API wg_tensor *wg_softmax(wg_tensor *x, int64_t axis);     /* e^x_i / sum_j e^x_j */
WG_API wg_tensor *wg_log_softmax(wg_tensor *x, int64_t axis); /* x_i - ln sum_j e^x_j */

/* Elementwise losses: prediction p and target y broadcast. */
WG_API wg_tensor *wg_mse(wg_tensor *p, wg_tensor *y); /* (p - y)^2 */
WG_API wg_tensor *wg_mse_as(wg_tensor *p, wg_tensor *y, wg_reduction r);
WG_API wg_tensor *wg_mae(wg_tensor *p, wg_tensor *y); /* |p - y| */
WG_API wg_tensor *wg_mae_as(wg_tensor *p, wg_tensor *y, wg_reduction r);
/* d^2/2 where |d| <= delta, else delta (|d| - delta/2);  d = p - y */
WG_API wg_tensor *wg_huber(wg_tensor *p, wg_tensor *y, double delta);
WG_API wg_tensor *wg_huber_as(wg_tensor *p, wg_tensor *y, double delta, wg_reduction r);
/* -(y ln p + (1 - y) ln(1 - p)) with each logarithm at least -100, as PyTorch's;  derivative in p:
 * (p - y) / max(p (1 - p), 1e-12), as PyTorch's, in y: the difference of the two logarithms, cut
 * (PyTorch's are not cut there). */
WG_API wg_tensor *wg_bce(wg_tensor *p, wg_tensor *y);
WG_API wg_tensor *wg_bce_as(wg_tensor *p, wg_tensor *y, wg_reduction r);
/* bce(sigmoid(x), y) = softplus(x) - x y, without overflow. */
WG_API wg_tensor *wg_bce_with_logits(wg_tensor *x, wg_tensor *y);
WG_API wg_tensor *wg_bce_with_logits_as(wg_tensor *x, wg_tensor *y, wg_reduction r);
/* max(0, 1 - y p), y = -1 or 1;  derivative 0 at y p = 1. */
WG_API wg_tensor *wg_hinge(wg_tensor *p, wg_tensor *y);
WG_API wg_tensor *wg_hinge_as(wg_tensor *p, wg_tensor *y, wg_reduction r);
/* y (ln y - logp), 0 where y = 0 (there its derivative in y is -logp): logp are log-probabilities,
 * y probabilities.  The mean is over all elements. */
WG_API wg_tensor *wg_kl_div(wg_tensor *logp, wg_tensor *y);
WG_API wg_tensor *wg_kl_div_as(wg_tensor *logp, wg_tensor *y, wg_reduction r);

/* Losses over classes, on the last axis: x is [.., classes], the mean is over the rest
 * (the batch).
 * labels: either i32 class numbers of shape [..], or a distribution of x's shape and dtype, in
 * which a weight of 0 takes out its term (also against a log-probability of -inf). */
/* -logp[label], or -sum_k labels_k logp_k */
WG_API wg_tensor *wg_nll(wg_tensor *logp, wg_tensor *labels);
WG_API wg_tensor *wg_nll_as(wg_tensor *logp, wg_tensor *labels, wg_reduction r);
/* nll of log_softmax */
WG_API wg_tensor *wg_cross_entropy(wg_tensor *logits, wg_tensor *labels);
WG_API wg_tensor *wg_cross_entropy_as(wg_tensor *logits, wg_tensor *labels, wg_reduction r);

#ifdef __cplusplus
}
#endif
#endif
