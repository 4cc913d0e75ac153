/* Functions that the compiler vectorises: straight-line scalar code without a branch, a call or a table, in f32
 * and f64 from one source (elementary.inc).  For inclusion in *.isa.c files only; they know no tensor and no loop.
 *
 *     wg_exp wg_expm1 wg_log wg_log1p wg_tanh wg_sigmoid wg_softplus     (x) _f32, _f64
 *     wg_erf wg_erfc wg_normal_cdf                                       (x) _f32, computed in f64
 *
 * exp, expm1, log and log1p are within 1.5 ulp of the exact value, the others within 2.5, subnormal results
 * included; NaN gives NaN, +-inf the limit.  They assume the default rounding mode. */
#ifndef WG_KERNELS_ELEMENTARY_H
#define WG_KERNELS_ELEMENTARY_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "kernels/fma.h"

/* Polynomial coefficients are Chebyshev fits worked out to 50 digits:
 *   EXP_POLY(r)  (e^r - 1 - r) / r^2             for |r| <= ln(2) / 2
 *   LOG_POLY(z)  (2 artanh(s) / s - 2) / z       for z = s^2, |s| <= (sqrt 2 - 1) / (sqrt 2 + 1)
 * LN2_HI has so few bits that its product with any exponent is exact. */

#define T float
#define U uint32_t
#define FN(f) wg_##f##_f32
#define MADD wg_fma_f32
#define ABS(v) fabsf(v)
#define WITH_SIGN(v, sign) copysignf((v), (sign))
#define MANTISSA 23
#define BIAS 127
#define LOG2_E 0x1.715476p+0f
#define LN2_HI 0x1.62e4p-1f
#define LN2_LO 0x1.7f7d1cp-20f
#define HALF_ROOT2 0x1.6a09e6p-1f
#define SMALLEST_NORMAL 0x1p-126f
#define EXP_LOWEST -104.0f
#define EXP_HIGHEST 89.0f
#define EXPM1_LOWEST -20.0f
#define TANH_HIGHEST 10.0f
#define EXP_POLY(r)                                                                                                \
    MADD(MADD(MADD(MADD(MADD(0x1.a12528p-13f, r, 0x1.6d4362p-10f), r, 0x1.1110e0p-7f), r, 0x1.5554e8p-5f), r,      \
              0x1.555556p-3f), r, 0.5f)
#define LOG_POLY(z) MADD(MADD(0x1.2ee8c8p-2f, z, 0x1.997c22p-2f), z, 0x1.55555cp-1f)
#include "kernels/elementary.inc"

#define T double
#define U uint64_t
#define FN(f) wg_##f##_f64
#define MADD wg_fma_f64
#define ABS(v) fabs(v)
#define WITH_SIGN(v, sign) copysign((v), (sign))
#define MANTISSA 52
#define BIAS 1023
#define LOG2_E 0x1.71547652b82fep+0
#define LN2_HI 0x1.62e42ffp-1
#define LN2_LO -0x1.718432a1b0e26p-35
#define HALF_ROOT2 0x1.6a09e667f3bcdp-1
#define SMALLEST_NORMAL 0x1p-1022
#define EXP_LOWEST -746.0
#define EXP_HIGHEST 710.0
#define EXPM1_LOWEST -40.0
#define TANH_HIGHEST 20.0
#define EXP_POLY(r)                                                                                                \
    MADD(MADD(MADD(MADD(MADD(MADD(MADD(MADD(MADD(MADD(0x1.1f731ea5352cap-29, r, 0x1.af4e196027428p-26), r,         \
        0x1.27e4db57442fbp-22), r, 0x1.71de021a90822p-19), r, 0x1.a01a01a6dcaffp-16), r, 0x1.a01a01abef415p-13),   \
        r, 0x1.6c16c16c162ccp-10), r, 0x1.11111111100cep-7), r, 0x1.5555555555556p-5), r, 0x1.5555555555557p-3),   \
        r, 0.5)
#define LOG_POLY(z)                                                                                                \
    MADD(MADD(MADD(MADD(MADD(MADD(0x1.2b5f68a50d903p-3, z, 0x1.39fdcceb4bb45p-3), z, 0x1.7462b91b8df65p-3), z,     \
        0x1.c71c62d5e53e0p-3), z, 0x1.2492492dfd86cp-2), z, 0x1.9999999995273p-2), z, 0x1.5555555555558p-1)
#include "kernels/elementary.inc"

/* erfc(x) for x >= 0 to 4e-9 of its value: e^(-x^2) erfcx(x), with (x + 7/16) erfcx(x) a polynomial in (x - 3) /
 * (x + 3). */
WG_FMA_INLINE double wg_erfc_rough(double x)
{
    double a = wg_within_f64(x, 0, 11), t = (a - 3) / (a + 3), p = -0x1.21404e84d2d78p-13;
    p = wg_fma_f64(p, t, -0x1.988faff968c3ap-12);
    p = wg_fma_f64(p, t, 0x1.1128f53bcecc1p-10);
    p = wg_fma_f64(p, t, 0x1.457ac023ff3a5p-10);
    p = wg_fma_f64(p, t, -0x1.8eaee05dcd1c6p-7);
    p = wg_fma_f64(p, t, 0x1.24379d655f3e8p-5);
    p = wg_fma_f64(p, t, -0x1.069d03aef160fp-4);
    p = wg_fma_f64(p, t, 0x1.2ff2464cf8586p-4);
    p = wg_fma_f64(p, t, -0x1.40908b5f6515cp-5);
    p = wg_fma_f64(p, t, -0x1.847900b5d3db3p-5);
    p = wg_fma_f64(p, t, 0x1.3b0ac23a19dbfp-1);
    return wg_exp_f64(-a * a) * p / (a + 0.4375);
}

WG_FMA_INLINE float wg_erfc_f32(float x)
{
    double r = wg_erfc_rough(fabs((double)x));
    return (float)(x < 0 ? 2 - r : r);
}

/* x times a polynomial in x^2 below 1/2, where 1 - erfc x would lose digits. */
WG_FMA_INLINE float wg_erf_f32(float x)
{
    double a = fabs((double)x), z = a * a, p = 0x1.353512d29a4bep-8;
    p = wg_fma_f64(p, z, -0x1.b6644fe887b21p-6);
    p = wg_fma_f64(p, z, 0x1.ce2500ed16471p-4);
    p = wg_fma_f64(p, z, -0x1.81273277dad05p-2);
    p = wg_fma_f64(p, z, 0x1.20dd74fdaf265p+0);
    return copysignf((float)(a < 0.5 ? a * p : 1 - wg_erfc_rough(a)), x);
}

/* Phi(x) = erfc(-x / sqrt 2) / 2 */
WG_FMA_INLINE float wg_normal_cdf_f32(float x)
{
    double r = 0.5 * wg_erfc_rough(fabs((double)x) * 0x1.6a09e667f3bcdp-1);
    return (float)(x < 0 ? r : 1 - r);
}

#endif
