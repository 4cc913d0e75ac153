/* Elementwise operators.  All operands have one dtype (wg_cast converts); comparisons and logical
 * ops give 0 and 1 in it.
 * Shapes: operands broadcast as in NumPy: extents are aligned at the last axis, an extent of 1
 * stretches.
 * Errors: NULL, with the reason on the tape, if an operand is NULL or of another tape, the dtypes
 * differ, the op does not take the dtype, or the shapes do not broadcast.
 *
 * i32 is taken by add sub mul neg abs sign square maximum minimum clamp, the comparisons, the
 * logical ops, where and cast; its results wrap around at 2^32.  g is the adjoint of the result y;
 * what is said after a formula are the adjoints of the arguments.
 * Cost: one pass over the output. */
#ifndef WENGERT_ELEMENTWISE_H
#define WENGERT_ELEMENTWISE_H

#include <wengert/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- arithmetic ---- */
WG_API wg_tensor *wg_add(wg_tensor *a, wg_tensor *b);      /* a + b;  g, g */
WG_API wg_tensor *wg_sub(wg_tensor *a, wg_tensor *b);      /* a - b;  g, -g */
WG_API wg_tensor *wg_mul(wg_tensor *a, wg_tensor *b);      /* a b;  g b, g a */
WG_API wg_tensor *wg_div(wg_tensor *a, wg_tensor *b);      /* a / b;  g / b, -g y / b */
WG_API wg_tensor *wg_pow(wg_tensor *a, wg_tensor *b);      /* a^b;  g b a^(b-1) (0 where b = 0),
                                                            * g y ln a (0 where a = 0 <= b) */
WG_API wg_tensor *wg_maximum(wg_tensor *a, wg_tensor *b);  /* max(a, b), NaN if either is;
                                                            * half of g to each at a tie */
WG_API wg_tensor *wg_minimum(wg_tensor *a, wg_tensor *b);  /* min(a, b), NaN if either is;
                                                            * half of g to each at a tie */
WG_API wg_tensor *wg_atan2(wg_tensor *a, wg_tensor *b);    /* angle of (b, a);  g b / (a^2 + b^2),
                                                            * -g a / (a^2 + b^2) */
WG_API wg_tensor *wg_hypot(wg_tensor *a, wg_tensor *b);    /* sqrt(a^2 + b^2) without overflow;
                                                            * g a / y, g b / y (NaN at 0, 0) */

/* With a number, which takes x's dtype. */
WG_API wg_tensor *wg_add_scalar(wg_tensor *x, double c); /* x + c;  g */
WG_API wg_tensor *wg_sub_scalar(wg_tensor *x, double c); /* x - c;  g */
WG_API wg_tensor *wg_rsub(wg_tensor *x, double c);       /* c - x;  -g */
WG_API wg_tensor *wg_mul_scalar(wg_tensor *x, double c); /* x c;  g c */
WG_API wg_tensor *wg_div_scalar(wg_tensor *x, double c); /* x / c;  g / c */
WG_API wg_tensor *wg_rdiv(wg_tensor *x, double c);       /* c / x;  -g y / x */
WG_API wg_tensor *wg_pow_scalar(wg_tensor *x, double c); /* x^c;  g c x^(c-1) (0 where c = 0) */

/* ---- comparisons and choice: 0 or 1; no derivative but through the chosen side of where ---- */
WG_API wg_tensor *wg_lt(wg_tensor *a, wg_tensor *b); /* a < b */
WG_API wg_tensor *wg_le(wg_tensor *a, wg_tensor *b); /* a <= b */
WG_API wg_tensor *wg_gt(wg_tensor *a, wg_tensor *b); /* a > b */
WG_API wg_tensor *wg_ge(wg_tensor *a, wg_tensor *b); /* a >= b */
WG_API wg_tensor *wg_eq(wg_tensor *a, wg_tensor *b); /* a == b */
WG_API wg_tensor *wg_ne(wg_tensor *a, wg_tensor *b); /* a != b */
WG_API wg_tensor *wg_logical_and(wg_tensor *a, wg_tensor *b); /* a != 0 and b != 0;
                                                               * NaN counts as true */
WG_API wg_tensor *wg_logical_or(wg_tensor *a, wg_tensor *b);  /* a != 0 or b != 0 */
WG_API wg_tensor *wg_logical_not(wg_tensor *x);               /* x == 0 */
/* c != 0 ? a : b.  c may be of any dtype.  NaN and infinity on the side not chosen do not reach
 * the result; that side's adjoint is 0, which an infinite slope further back still turns into NaN
 * (0 times inf, as in PyTorch): keep the argument in range as well. */
WG_API wg_tensor *wg_where(wg_tensor *c, wg_tensor *a, wg_tensor *b);

/* ---- one argument ---- */
WG_API wg_tensor *wg_neg(wg_tensor *x);        /* -x;  -g */
WG_API wg_tensor *wg_abs(wg_tensor *x);        /* |x|;  derivative 0 at 0 (NaN at NaN,
                                                * where PyTorch gives 0) */
WG_API wg_tensor *wg_sign(wg_tensor *x);       /* -1, 0, 1 (0 at 0; NaN stays NaN);  flat */
WG_API wg_tensor *wg_square(wg_tensor *x);     /* x^2;  2 g x */
WG_API wg_tensor *wg_sqrt(wg_tensor *x);       /* sqrt x;  derivative inf at 0 */
WG_API wg_tensor *wg_rsqrt(wg_tensor *x);      /* 1 / sqrt x;  -g y^3 / 2 */
WG_API wg_tensor *wg_reciprocal(wg_tensor *x); /* 1 / x;  -g y^2 */
WG_API wg_tensor *wg_exp(wg_tensor *x);        /* e^x;  g y */
WG_API wg_tensor *wg_expm1(wg_tensor *x);      /* e^x - 1, exact near 0 */
WG_API wg_tensor *wg_log(wg_tensor *x);        /* ln x;  g / x */
WG_API wg_tensor *wg_log1p(wg_tensor *x);      /* ln(1 + x), exact near 0 */
WG_API wg_tensor *wg_log2(wg_tensor *x);       /* ln x / ln 2 */
WG_API wg_tensor *wg_sin(wg_tensor *x);        /* sin x;  g cos x */
WG_API wg_tensor *wg_cos(wg_tensor *x);        /* cos x;  -g sin x */
WG_API wg_tensor *wg_tan(wg_tensor *x);        /* tan x;  g (1 + y^2) */
WG_API wg_tensor *wg_asin(wg_tensor *x);       /* arc sine;  g / sqrt(1 - x^2) */
WG_API wg_tensor *wg_acos(wg_tensor *x);       /* arc cosine;  -g / sqrt(1 - x^2) */
WG_API wg_tensor *wg_atan(wg_tensor *x);       /* arc tangent;  g / (1 + x^2) */
WG_API wg_tensor *wg_sinh(wg_tensor *x);       /* sinh x;  g cosh x */
WG_API wg_tensor *wg_cosh(wg_tensor *x);       /* cosh x;  g sinh x */
WG_API wg_tensor *wg_tanh(wg_tensor *x);       /* tanh x;  g (1 - y^2) */
WG_API wg_tensor *wg_asinh(wg_tensor *x);      /* ln(x + sqrt(x^2 + 1));  g / sqrt(x^2 + 1) */
WG_API wg_tensor *wg_acosh(wg_tensor *x);      /* ln(x + sqrt(x^2 - 1));  g / sqrt(x^2 - 1) */
WG_API wg_tensor *wg_atanh(wg_tensor *x);      /* ln((1 + x) / (1 - x)) / 2;  g / (1 - x^2) */
WG_API wg_tensor *wg_erf(wg_tensor *x);        /* 2/sqrt(pi) int_0^x e^(-t^2) dt */
WG_API wg_tensor *wg_erfc(wg_tensor *x);       /* 1 - erf x, exact for large x */
WG_API wg_tensor *wg_lgamma(wg_tensor *x);     /* ln |Gamma(x)|;  derivative digamma x */
WG_API wg_tensor *wg_digamma(wg_tensor *x);    /* (ln Gamma)'(x);  derivative polygamma(1, x) */
WG_API wg_tensor *wg_polygamma(int n, wg_tensor *x); /* the n-th derivative of digamma, n >= 0;
                                                      * derivative polygamma(n+1, x) */
WG_API wg_tensor *wg_floor(wg_tensor *x);      /* the largest whole number not above x;  flat,
                                                * like ceil and round */
WG_API wg_tensor *wg_ceil(wg_tensor *x);       /* the least whole number not below x */
WG_API wg_tensor *wg_round(wg_tensor *x);      /* halves go to the even neighbour */
/* min(max(x, lo), hi), NaN stays;  derivative 1 at lo and hi, 0 outside.  Neither bound is NaN;
 * those of i32 are whole or infinite. */
WG_API wg_tensor *wg_clamp(wg_tensor *x, double lo, double hi);

WG_API wg_tensor *wg_isfinite(wg_tensor *x);   /* 1 where x is neither NaN nor infinite;  flat */
WG_API wg_tensor *wg_cast(wg_tensor *x, wg_dtype dtype); /* towards 0 into i32 (saturating, NaN
                                                          * gives 0; no derivative passes) */

/* ---- activations ---- */
WG_API wg_tensor *wg_sigmoid(wg_tensor *x);    /* 1 / (1 + e^-x);  g y (1 - y) */
WG_API wg_tensor *wg_relu(wg_tensor *x);       /* max(x, 0);  derivative 0 at 0 */
WG_API wg_tensor *wg_leaky_relu(wg_tensor *x, double slope); /* x > 0 ? x : slope x;
                                                              * derivative slope at 0 */
WG_API wg_tensor *wg_elu(wg_tensor *x, double alpha);        /* x > 0 ? x : alpha (e^x - 1);
                                                              * derivative alpha at 0 */
WG_API wg_tensor *wg_selu(wg_tensor *x);       /* 1.0507 elu(x, 1.6733);  Klambauer et al. 2017 */
WG_API wg_tensor *wg_silu(wg_tensor *x);       /* x sigmoid(x);  -0 at -inf, where
                                                * PyTorch gives NaN */
WG_API wg_tensor *wg_gelu(wg_tensor *x);       /* x Phi(x) = x (1 + erf(x / sqrt 2)) / 2;
                                                * -0 at -inf, where PyTorch gives NaN;
                                                * Hendrycks and Gimpel 2016 */
WG_API wg_tensor *wg_gelu_tanh(wg_tensor *x);  /* x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) / 2;
                                                * -0 at -inf, where PyTorch gives NaN */
WG_API wg_tensor *wg_softplus(wg_tensor *x);   /* ln(1 + e^x), stable everywhere;
                                                * derivative sigmoid(x) */
WG_API wg_tensor *wg_hard_sigmoid(wg_tensor *x); /* clamp(x / 6 + 1/2, 0, 1) (PyTorch's);
                                                  * derivative 0 at -3 and 3 */
WG_API wg_tensor *wg_piecewise_linear(wg_tensor *x); /* clamp(x + 1/2, 0, 1);
                                                      * derivative 1 at -1/2 and 1/2 */
WG_API wg_tensor *wg_heaviside(wg_tensor *x);  /* 0, 1/2, 1 for x < 0, x = 0, x > 0 (NaN stays
                                                * NaN);  flat */

#ifdef __cplusplus
}
#endif
#endif
