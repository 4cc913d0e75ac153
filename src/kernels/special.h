/* Special functions of one number, scalar and branching: what no compiler vectorises.
 * Thread-safe, no state.  Know no tensor. The f32 forms are the f64 ones rounded. */
#ifndef WG_KERNELS_SPECIAL_H
#define WG_KERNELS_SPECIAL_H

/* ln |Gamma(x)|, within a few ulp but near its roots on the negative axis.  +inf at 0, -1, -2 ...
 * and at +-inf. */
double wg_lgamma_f64(double x);
float wg_lgamma_f32(float x);

/* (ln Gamma)'(x), within a few ulp but near its roots on the negative axis.
 * -inf at +0, +inf at -0, NaN at -1, -2 ... and at -inf, +inf at +inf: as PyTorch's. */
double wg_digamma_f64(double x);
float wg_digamma_f32(float x);

/* The n-th derivative of digamma, n >= 1 an integer (0: digamma itself), to some 1e-15 of its
 * value but near its roots on the negative axis (which even n have).  At 0, -1, -2 ... (-1)^(n+1)
 * inf, as PyTorch's; NaN at -inf, 0 at +inf; n! overflows past n = 170. */
double wg_polygamma_f64(double n, double x);
float wg_polygamma_f32(float n, float x);

#endif
