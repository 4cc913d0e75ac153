/* Vectors of 16 floats, and exp, sigmoid and tanh of such.  Good to some units in the last
 * place: enough for training, and faster than what is exact.  a * b + c is one instruction
 * here, since the references are compiled with contraction. */
#ifndef BENCH_REFERENCE_VEC_H
#define BENCH_REFERENCE_VEC_H

#include <stdint.h>
#include <string.h>

enum { LANES = 16 };
typedef float v16 __attribute__((vector_size(64)));
typedef int32_t i16 __attribute__((vector_size(64)));
typedef float v8 __attribute__((vector_size(32)));
typedef int32_t i8 __attribute__((vector_size(32)));

#define INLINE static inline __attribute__((always_inline, unused))

INLINE v16 load(const float *p)
{
    v16 v;
    memcpy(&v, p, sizeof v);
    return v;
}

INLINE void store(float *p, v16 v)
{
    memcpy(p, &v, sizeof v);
}

INLINE v16 all16(float x)
{
    return x - (v16){0};
}

/* x within +-limit: where a comparison holds it is a mask of ones.  (C has no conditional of
 * vectors; compilers make one instruction a bound of this.) */
#define WITHIN(V, I) \
    INLINE V within_##V(V x, float limit) \
    { \
        const V most = limit - (V){0}; \
        const I above = x > most; \
        x = (V)((above & (I)most) | (~above & (I)x)); \
        const I below = x < -most; \
        return (V)((below & (I)-most) | (~below & (I)x)); \
    }
WITHIN(v16, i16)
WITHIN(v8, i8)

/* e^x = 2^n e^r for |x| < 80, n being x / ln 2 rounded by adding a number so large that its last
 * bit is 1; e^r is a Taylor sum in Estrin's order, 1e-7 of it. */
#define EXP(V, I) \
    INLINE V exp_##V(V x) \
    { \
        const float rounder = 12582912.0f; \
        x = within_##V(x, 80.0f); \
        const V shifted = x * 1.44269504f + rounder, n = shifted - rounder; \
        const V r = (x - n * 0.693359375f) + n * 2.12194440e-4f, r2 = r * r; \
        const V low = (0.5f + r * 0.166666672f) * r2 + (1.0f + r); \
        const V high = 0.0416664183f + r * (0.00833345205f + r * 0.00139377462f); \
        const V e = low + high * (r2 * r2); \
        return (V)((I)e + ((I)shifted << 23)); \
    } \
    INLINE V sigmoid_##V(V x) \
    { \
        return 1.0f / (1.0f + exp_##V(-x)); \
    }
EXP(v16, i16)
EXP(v8, i8)

/* x P(x^2) / Q(x^2), the rational approximation that Eigen uses; +-1 beyond 7.9. */
INLINE v16 tanh_v16(v16 x)
{
    x = within_v16(x, 7.90531110763549805f);
    const v16 z = x * x;
    v16 p = z * -2.76076847742355e-16f + 2.00018790482477e-13f;
    p = z * p + -8.60467152213735e-11f;
    p = z * p + 5.12229709037114e-08f;
    p = z * p + 1.48572235717979e-05f;
    p = z * p + 6.37261928875436e-04f;
    p = z * p + 4.89352455891786e-03f;
    v16 q = z * 1.19825839466702e-06f + 1.18534705686654e-04f;
    q = z * q + 2.26843463243900e-03f;
    q = z * q + 4.89352518554385e-03f;
    return x * p / q;
}

#endif
