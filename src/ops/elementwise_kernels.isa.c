/* Kernels of the ops in elementwise.def, one function a dtype: y[i] = value(x0[i step0], ...), in
 * place or not; and the table of all of them.  Here are those whose values are elements': in i32,
 * or of functions that vectors have not.
 *
 * A loop of its own for each pattern of steps that matters lets the compiler vectorise: steps of
 * 1, or one operand that stays (step 0). y may be one of the operands of step 1, and overlaps
 * nothing else: the loops carry no dependence, which the compilers are told. */
#include "ops/elementwise_links.h"

#include <math.h>

#include "kernels/fma.h"
#include "kernels/special.h"

#if defined(__clang__)
#pragma clang diagnostic ignored "-Wpass-failed" /* loops that call libm stay scalar */
#define INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#elif defined(__GNUC__)
#define INDEPENDENT _Pragma("GCC ivdep")
#else
#define INDEPENDENT
#endif

/* Names of elementwise.def.  FN(f) is f of the current dtype, LIBM(f) libm's. */
#define LGAMMA FN(lgamma)
#define DIGAMMA FN(digamma)
#define POLYGAMMA FN(polygamma)
#define LOG2 LIBM(log2)
#define TAN LIBM(tan)
#define ASIN LIBM(asin)
#define ACOS LIBM(acos)
#define ATAN LIBM(atan)
#define SINH LIBM(sinh)
#define COSH LIBM(cosh)
#define ASINH LIBM(asinh)
#define ACOSH LIBM(acosh)
#define ATANH LIBM(atanh)
#define POW LIBM(pow)
#define ATAN2 LIBM(atan2)
#define HYPOT LIBM(hypot)
#define C(v) ((W)(v))
#define WHERE(c, a, b) ((c) ? (a) : (b))
#define TRUTH(c) ((c) ? C(1) : C(0))
#define AT_LEAST(v, lo) ((v) < (lo) ? (lo) : (v))
#define AT_MOST(v, hi) ((v) > (hi) ? (hi) : (v))
#define MAXIMUM(u, v) ((u) != (u) || (u) > (v) ? (u) : (v))
#define MINIMUM(u, v) ((u) != (u) || (u) < (v) ? (u) : (v))

/* ---- the shape of a kernel ---- */

#define EACH(value)                     \
    {                                   \
        INDEPENDENT                     \
        for (int64_t i = 0; i < n; i++) \
            out[i] = (value);           \
    }

#define KERNEL(name)                                                                               \
    static void FN(name##_row)(int64_t n, void *y, const void *const *in, const int64_t *step,     \
                               const void *attr)

/* R is the type of the result; value is converted to it. */
#define UNARY_KERNEL(name, R, value)                       \
    WG_FMA_INLINE R FN(name##_of)(W x) { return (value); } \
    KERNEL(name)                                           \
    {                                                      \
        const T *p = in[0];                                \
        R *out = y;                                        \
        (void)attr;                                        \
        if (step[0]) {                                     \
            EACH(FN(name##_of)(p[i]))                      \
        } else if (n > 0) {                                \
            const R same = FN(name##_of)(p[0]);            \
            EACH(same)                                     \
        }                                                  \
    }

#define ATTR_KERNEL(name, value)                                              \
    WG_FMA_INLINE T FN(name##_of)(W x, W a0, W a1)                            \
    {                                                                         \
        (void)a0, (void)a1;                                                   \
        return RESULT(value);                                                 \
    }                                                                         \
    KERNEL(name)                                                              \
    {                                                                         \
        const W a0 = NUMBER(((const double *)attr)[0]), a1 = NUMBER(((const double *)attr)[1]); \
        const T *p = in[0];                                                   \
        T *out = y;                                                           \
        if (step[0]) {                                                        \
            EACH(FN(name##_of)(p[i], a0, a1))                                 \
        } else if (n > 0) {                                                   \
            const T same = FN(name##_of)(p[0], a0, a1);                       \
            EACH(same)                                                        \
        }                                                                     \
    }

#define BINARY_KERNEL(name, value)                                        \
    WG_FMA_INLINE T FN(name##_of)(W x, W y) { return RESULT(value); }     \
    KERNEL(name)                                                          \
    {                                                                     \
        const T *p = in[0], *q = in[1];                                   \
        T *out = y;                                                       \
        (void)attr;                                                       \
        if (step[0] && step[1]) {                                         \
            EACH(FN(name##_of)(p[i], q[i]))                               \
        } else if (step[0] && n > 0) {                                    \
            const T same = q[0];                                          \
            EACH(FN(name##_of)(p[i], same))                               \
        } else if (step[1] && n > 0) {                                    \
            const T same = p[0];                                          \
            EACH(FN(name##_of)(same, q[i]))                               \
        } else if (n > 0) {                                               \
            const T same = FN(name##_of)(p[0], q[0]);                     \
            EACH(same)                                                    \
        }                                                                 \
    }

#define CHOICE_KERNEL(name, value)                                                  \
    WG_FMA_INLINE T FN(name##_of)(W x, W y, W z) { return RESULT(value); }          \
    KERNEL(name)                                                                    \
    {                                                                               \
        const T *p = in[0], *q = in[1], *r = in[2];                                 \
        T *out = y;                                                                 \
        (void)attr;                                                                 \
        if (step[0] && step[1] && step[2]) {                                        \
            EACH(FN(name##_of)(p[i], q[i], r[i]))                                   \
        } else if (step[0] && step[1] && n > 0) {                                   \
            const T same = r[0];                                                    \
            EACH(FN(name##_of)(p[i], q[i], same))                                   \
        } else if (step[0] && step[2] && n > 0) {                                   \
            const T same = q[0];                                                    \
            EACH(FN(name##_of)(p[i], same, r[i]))                                   \
        } else {                                                                    \
            EACH(FN(name##_of)(p[i * step[0]], q[i * step[1]], r[i * step[2]]))     \
        }                                                                           \
    }

/* ---- a dtype at a time: T is stored, W computed with ---- */

#define T float
#define W float
#define FN(f) wg_##f##_f32
#define LIBM(name) name##f
#define ABS(v) fabsf(v)
#define RESULT(v) ((float)(v))
#define NUMBER(a) ((float)(a))
#define TO_I32(v) \
    ((v) >= 0x1p31f ? INT32_MAX : (v) >= -0x1p31f ? (int32_t)(v) : (v) != (v) ? 0 : INT32_MIN)
#define FLOATS(...)
#define NUMBERS(...)
#define BRANCHING(...) __VA_ARGS__
#include "ops/elementwise_kernels.inc"

#define T double
#define W double
#define FN(f) wg_##f##_f64
#define LIBM(name) name
#define ABS(v) fabs(v)
#define RESULT(v) ((double)(v))
#define NUMBER(a) (a)
#define TO_I32(v) \
    ((v) >= 0x1p31 ? INT32_MAX : (v) >= -0x1p31 ? (int32_t)(v) : (v) != (v) ? 0 : INT32_MIN)
#define FLOATS(...)
#define NUMBERS(...)
#define BRANCHING(...) __VA_ARGS__
#include "ops/elementwise_kernels.inc"

/* Bounds of i32 saturate: one past the range of i32 bounds nothing, or everything. */
static int64_t whole_number(double a)
{
    return a >= 0x1p31 ? INT32_MAX : a <= -0x1p31 ? INT32_MIN : (int64_t)a;
}

#define T int32_t
#define W int64_t
#define FN(f) wg_##f##_i32
#define ABS(v) ((v) < 0 ? -(v) : (v))
#define RESULT(v) ((int32_t)(uint32_t)(v))
#define NUMBER(a) whole_number(a)
#define TO_I32(v) ((int32_t)(v))
#define FLOATS(...)
#define NUMBERS(...) __VA_ARGS__
#define BRANCHING(...)
#include "ops/elementwise_kernels.inc"

/* ---- the table ---- */

#define OWN(name) [WG_F32] = wg_##name##_row_f32, [WG_F64] = wg_##name##_row_f64
#define BRANCHING OWN
#define FLOATS(name)                                   \
    [WG_F32] = WG_ISA_NAME(wg_##name##_vectors_f32),   \
    [WG_F64] = WG_ISA_NAME(wg_##name##_vectors_f64)
#define NUMBERS(name) FLOATS(name), [WG_I32] = wg_##name##_row_i32
#define UNARY(name, types, flops, value, ...) .name = {{types(name)}, #value, flops},
#define ATTR UNARY
#define BINARY UNARY
#define CHOICE UNARY
#define FLAT1 UNARY
#define FLAT2 UNARY
#define CAST(name, dtype, type, value, doc) \
    .name = {{OWN(name), [WG_I32] = wg_##name##_row_i32}, #value, 1},

const wg_elementwise_maps WG_ISA_NAME(wg_elementwise_maps) = {
#include "ops/elementwise.def"
};
