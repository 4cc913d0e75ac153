/* Walks through the values of f32 in the order of their bits and holds exp, log, tanh and sigmoid
 * against libm in f64. */
#ifndef WG_TESTS_FLOATS_H
#define WG_TESTS_FLOATS_H

#include <stdint.h>

#include "kernels/isa.h"

enum { FLOATS_FUNCTIONS = 4 };
extern const char *const floats_name[FLOATS_FUNCTIONS];
extern const double floats_promise[FLOATS_FUNCTIONS]; /* ulp */

/* The largest error, in units of the last place of the exact value, of bits first,
 * first + stride .. below end, and where it is.  Infinite if a limit, a sign or a NaN is wrong. */
double floats_worst(int function, wg_isa_level level, uint64_t first, uint64_t end,
                    uint64_t stride, float *where);

#endif
