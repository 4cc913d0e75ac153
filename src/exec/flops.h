/* Floating-point operations, as a summary states them and a budget weighs them. */
#ifndef WG_EXEC_FLOPS_H
#define WG_EXEC_FLOPS_H

#include <wengert/op.h>

/* Of one op: 2mkn for a product, the op's own count (1 unless it states one) for each element
 * otherwise, an addition for each element that a reduction takes in beyond its results; 0 for what
 * only moves data and for an op's own kernel, which states none.  At most INT64_MAX, as all sums
 * of it are (wg_add_flops): what has so many is compiled, if never run. */
int64_t wg_flops_of(const wg_tensor *t);

static inline int64_t wg_add_flops(int64_t a, int64_t b)
{
    return a > INT64_MAX - b ? INT64_MAX : a + b;
}

#endif
