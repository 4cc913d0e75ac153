/* Kernels of the reductions, compiled once for each instruction set.  Knows pointers and strides,
 * no tensors. */
#include <math.h>

#include "kernels/fold.h"
#include "kernels/isa.h"
#include "ops/reduces.h"

#if defined(__GNUC__)
#define ALWAYS_INLINE __attribute__((always_inline))
#else
#define ALWAYS_INLINE
#endif

#define T float
#define ACC float
#define F(name) name##_f32
#include "ops/reduce_columns.h"
#undef T
#undef ACC
#undef F

#define T double
#define ACC double
#define F(name) name##_f64
#include "ops/reduce_columns.h"
#undef T
#undef ACC
#undef F

#define T int32_t
#define ACC uint32_t
#define F(name) name##_i32
#include "ops/reduce_columns.h"

/* Rows of f32 and f64 are kernels/fold.h's.  In i32 every order gives the same bits. */
#define ROWS(NAME, name, nothing, result)                                              \
    static void name##_row_f32(int64_t n, void *y, const void *x, int64_t stride)      \
    {                                                                                  \
        WG_ISA_NAME(wg_row_folds_f32)[WG_FOLD_##NAME].row(n, y, x, stride);            \
    }                                                                                  \
    static void name##_row_f64(int64_t n, void *y, const void *x, int64_t stride)      \
    {                                                                                  \
        WG_ISA_NAME(wg_row_folds_f64)[WG_FOLD_##NAME].row(n, y, x, stride);            \
    }                                                                                  \
    static void name##_row_i32(int64_t n, void *y, const void *x_, int64_t stride)     \
    {                                                                                  \
        const int32_t *x = x_;                                                         \
        int32_t r = (nothing);                                                         \
        if (stride == 1)                                                               \
            for (int64_t i = 0; i < n; i++)                                            \
                r = name##_two_i32(r, x[i]);                                           \
        else                                                                           \
            for (int64_t i = 0; i < n; i++)                                            \
                r = name##_two_i32(r, x[i * stride]);                                  \
        *(int32_t *)y = (result);                                                      \
    }

ROWS(SUM, sum, 0, r)
ROWS(PROD, prod, 1, r)
ROWS(MAX, max, INT32_MIN, r)
ROWS(MIN, min, INT32_MAX, r)
ROWS(ANY, any, 0, r != 0)
ROWS(ALL, all, 1, r != 0)

#define TABLE(name, nothing)                                                    \
    {                                                                           \
        .row = {name##_row_f32, name##_row_f64, name##_row_i32},                \
        .column = {name##_column_f32, name##_column_f64, name##_column_i32},    \
        .empty = (nothing),                                                     \
    }

const wg_reduce WG_ISA_NAME(wg_reduces)[WG_FOLD_COUNT] = {
    [WG_FOLD_SUM] = TABLE(sum, 0),
    [WG_FOLD_PROD] = TABLE(prod, 1),
    [WG_FOLD_MAX] = TABLE(max, -INFINITY),
    [WG_FOLD_MIN] = TABLE(min, INFINITY),
    [WG_FOLD_ANY] = TABLE(any, 0),
    [WG_FOLD_ALL] = TABLE(all, 1),
};
