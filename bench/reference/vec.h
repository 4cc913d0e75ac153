/* Vectors of 16 and of 8 floats, and exp, sigmoid and tanh of such. */
#ifndef BENCH_REFERENCE_VEC_H
#define BENCH_REFERENCE_VEC_H

#include <stdint.h>
#include <string.h>

#include "inline.h"

enum { LANES = 16 };
typedef float v16 __attribute__((vector_size(64)));
typedef int32_t i16 __attribute__((vector_size(64)));
typedef float v8 __attribute__((vector_size(32)));
typedef int32_t i8 __attribute__((vector_size(32)));

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

#define V v16
#define I i16
#define BITS(x) ((I)(x))
#define FLOATS(u) ((V)(u))
#define NAME(f) f##_v16
#include "approximations.inc"

#define V v8
#define I i8
#define BITS(x) ((I)(x))
#define FLOATS(u) ((V)(u))
#define NAME(f) f##_v8
#include "approximations.inc"

#endif
