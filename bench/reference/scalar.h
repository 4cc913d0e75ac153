/* Functions of one float without a branch, from which compilers make vectors: to some units in the
 * last place, which is enough for what is written by hand, and less work than what is exact. */
#ifndef BENCH_REFERENCE_SCALAR_H
#define BENCH_REFERENCE_SCALAR_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#define SCALAR static inline __attribute__((always_inline, unused))

SCALAR float of_bits(uint32_t u)
{
    float x;
    memcpy(&x, &u, sizeof x);
    return x;
}

SCALAR uint32_t bits_of(float x)
{
    uint32_t u;
    memcpy(&u, &x, sizeof u);
    return u;
}

SCALAR float within(float x, float limit)
{
    x = x < -limit ? -limit : x;
    return x > limit ? limit : x;
}

/* e^x = 2^n e^r, n being x / ln 2 rounded by adding a number so large that its last bit is 1;
 * e^r is a Taylor sum in Estrin's order. */
SCALAR float exponential(float x)
{
    const float rounder = 12582912.0f;
    x = within(x, 87.0f);
    const float shifted = x * 1.44269504f + rounder, n = shifted - rounder;
    const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f, r2 = r * r;
    const float low = (0.5f + r * 0.166666672f) * r2 + (1.0f + r);
    const float high = 0.0416664183f + r * (0.00833345205f + r * 0.00139377462f);
    return of_bits(bits_of(low + high * (r2 * r2)) + (bits_of(shifted) << 23));
}

/* ln x for normal x > 0: x = 2^k m with m about 1, ln m = 2 artanh((m - 1) / (m + 1)). */
SCALAR float logarithm(float x)
{
    const uint32_t low = 0x3f3504f3u, u = bits_of(x) - low; /* sqrt(1/2) */
    const float k = (float)((int32_t)u >> 23), m = of_bits((u & 0x7fffffu) + low);
    const float s = (m - 1.0f) / (m + 1.0f), z = s * s;
    const float p = z * (0.666666667f + z * (0.400000000f + z * (0.285714286f + z * 0.23f)));
    return k * 0.693359375f + (k * -2.12194440e-4f + (2.0f * s + s * p));
}

SCALAR float logistic(float x)
{
    return 1.0f / (1.0f + exponential(-x));
}

/* x P(x^2) / Q(x^2), the rational approximation that Eigen uses. */
SCALAR float hyperbolic_tangent(float x)
{
    x = within(x, 7.90531110763549805f);
    const float z = x * x;
    float p = z * -2.76076847742355e-16f + 2.00018790482477e-13f;
    p = z * p + -8.60467152213735e-11f;
    p = z * p + 5.12229709037114e-08f;
    p = z * p + 1.48572235717979e-05f;
    p = z * p + 6.37261928875436e-04f;
    p = z * p + 4.89352455891786e-03f;
    float q = z * 1.19825839466702e-06f + 1.18534705686654e-04f;
    q = z * q + 2.26843463243900e-03f;
    q = z * q + 4.89352518554385e-03f;
    return x * p / q;
}

/* max(x, 0) + ln(1 + e^-|x|) */
SCALAR float soft_plus(float x)
{
    return (x > 0.0f ? x : 0.0f) + logarithm(1.0f + exponential(-fabsf(x)));
}

/* Abramowitz and Stegun 7.1.26, 1.5e-7 of 1. */
SCALAR float error_function(float x)
{
    const float a = fabsf(x), t = 1.0f / (1.0f + 0.3275911f * a);
    const float p =
        t
        * (0.254829592f
           + t * (-0.284496736f + t * (1.421413741f + t * (-1.453152027f + t * 1.061405429f))));
    return copysignf(1.0f - p * exponential(-a * a), x);
}

/* Of x = n pi + r the sine of r, with n's last bit as the sign; pi in three parts (Cody and
 * Waite). */
SCALAR float sine_of(float x, float n, uint32_t odd)
{
    const float r = ((x - n * 3.140625f) - n * 9.67502593994140625e-4f) - n * 1.50993347e-7f;
    const float z = r * r;
    const float p =
        -0.166666567f + z * (8.33308874e-3f + z * (-1.98121759e-4f + z * 2.60195263e-6f));
    return of_bits(bits_of(r + r * z * p) ^ (odd << 31));
}

SCALAR float sine(float x)
{
    const float shifted = x * 0.318309886f + 12582912.0f;
    return sine_of(x, shifted - 12582912.0f, bits_of(shifted));
}

/* cos x = sin(x + pi / 2), with n a half more than an integer. */
SCALAR float cosine(float x)
{
    const float shifted = (x * 0.318309886f - 0.5f) + 12582912.0f;
    return -sine_of(x, (shifted - 12582912.0f) + 0.5f, bits_of(shifted));
}

#endif
