/* Kernels of the reductions, compiled once for each instruction set.  Knows pointers and strides, no tensors. */
#include <math.h>
#include <stdbool.h>

#include "kernels/isa.h"
#include "ops/reduces.h"

enum {
    BLOCK = 1024, /* elements folded as one: in f64 8 KiB, and 9 KiB for what they fold to, stay in L1 */
    SHORT = 16    /* elements that are taken one after the other */
};

#if defined(__GNUC__)
#define ALWAYS_INLINE __attribute__((always_inline))
#else
#define ALWAYS_INLINE
#endif

#define T float
#define ACC float
#define F(name) name##_f32
#define LOWEST (-INFINITY)
#define HIGHEST INFINITY
#include "ops/reduce_rows.h"
#undef T
#undef ACC
#undef F

#define T double
#define ACC double
#define F(name) name##_f64
#include "ops/reduce_rows.h"
#undef T
#undef ACC
#undef F
#undef LOWEST
#undef HIGHEST

#define T int32_t
#define ACC uint32_t
#define F(name) name##_i32
#define LOWEST INT32_MIN
#define HIGHEST INT32_MAX
#include "ops/reduce_rows.h"

#define TABLE(name, nothing)                                                    \
    {                                                                           \
        .row = {name##_row_f32, name##_row_f64, name##_row_i32},                \
        .column = {name##_column_f32, name##_column_f64, name##_column_i32},    \
        .empty = (nothing),                                                     \
    }

const wg_reduce WG_ISA_NAME(wg_reduces)[WG_REDUCES_COUNT] = {
    [WG_REDUCES_SUM] = TABLE(sum, 0),
    [WG_REDUCES_PROD] = TABLE(prod, 1),
    [WG_REDUCES_MAX] = TABLE(max, -INFINITY),
    [WG_REDUCES_MIN] = TABLE(min, INFINITY),
    [WG_REDUCES_ANY] = TABLE(any, 0),
    [WG_REDUCES_ALL] = TABLE(all, 1),
};
