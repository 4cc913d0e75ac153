/* Functions of one float without a branch, from which compilers make vectors: to some units in the
 * last place, which is enough for what is written by hand, and less work than what is exact. */
#ifndef BENCH_REFERENCE_SCALAR_H
#define BENCH_REFERENCE_SCALAR_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "inline.h"

INLINE float of_bits(uint32_t u)
{
    float x;
    memcpy(&x, &u, sizeof x);
    return x;
}

INLINE uint32_t bits_of(float x)
{
    uint32_t u;
    memcpy(&u, &x, sizeof u);
    return u;
}

INLINE float within_float(float x, float limit)
{
    x = x < -limit ? -limit : x;
    return x > limit ? limit : x;
}

#define V float
#define BITS(x) bits_of(x)
#define FLOATS(u) of_bits(u)
#define NAME(f) f##_float
#include "approximations.inc"

/* ln x for normal x > 0: x = 2^k m with m about 1, ln m = 2 artanh((m - 1) / (m + 1)). */
INLINE float logarithm(float x)
{
    const uint32_t low = 0x3f3504f3u, u = bits_of(x) - low; /* sqrt(1/2) */
    const float k = (float)((int32_t)u >> 23), m = of_bits((u & 0x7fffffu) + low);
    const float s = (m - 1.0f) / (m + 1.0f), z = s * s;
    const float p = z * (0.666666667f + z * (0.400000000f + z * (0.285714286f + z * 0.23f)));
    return k * 0.693359375f + (k * -2.12194440e-4f + (2.0f * s + s * p));
}

/* max(x, 0) + ln(1 + e^-|x|) */
INLINE float soft_plus(float x)
{
    return (x > 0.0f ? x : 0.0f) + logarithm(1.0f + exp_float(-fabsf(x)));
}

/* Abramowitz and Stegun 7.1.26, 1.5e-7 of 1. */
INLINE float error_function(float x)
{
    const float a = fabsf(x), t = 1.0f / (1.0f + 0.3275911f * a);
    const float p =
        t
        * (0.254829592f
           + t * (-0.284496736f + t * (1.421413741f + t * (-1.453152027f + t * 1.061405429f))));
    return copysignf(1.0f - p * exp_float(-a * a), x);
}

/* Of x = n pi + r the sine of r, with n's last bit as the sign; pi in three parts (Cody and
 * Waite). */
INLINE float sine_of(float x, float n, uint32_t odd)
{
    const float r = ((x - n * 3.140625f) - n * 9.67502593994140625e-4f) - n * 1.50993347e-7f;
    const float z = r * r;
    const float p =
        -0.166666567f + z * (8.33308874e-3f + z * (-1.98121759e-4f + z * 2.60195263e-6f));
    return of_bits(bits_of(r + r * z * p) ^ (odd << 31));
}

INLINE float sine(float x)
{
    const float shifted = x * 0.318309886f + 12582912.0f;
    return sine_of(x, shifted - 12582912.0f, bits_of(shifted));
}

/* cos x = sin(x + pi / 2), with n a half more than an integer. */
INLINE float cosine(float x)
{
    const float shifted = (x * 0.318309886f - 0.5f) + 12582912.0f;
    return -sine_of(x, (shifted - 12582912.0f) + 0.5f, bits_of(shifted));
}

#endif
