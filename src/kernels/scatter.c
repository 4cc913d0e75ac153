/* Rows added at an index, for each type that has sums. */
#include <string.h>

#include "kernels/gather.h"

#define T float
#define NAME(f) f##_f32
#include "kernels/scatter.inc"
#undef T
#undef NAME

#define T double
#define NAME(f) f##_f64
#include "kernels/scatter.inc"
#undef T
#undef NAME

#define T uint32_t
#define NAME(f) f##_i32
#include "kernels/scatter.inc"
