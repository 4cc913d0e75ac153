/* The fastest matrix product at hand: the library's own kernels, or a CBLAS where there is
 * one.  Each product of a network is asked for alone, with its extents, and timed. */
#ifndef BENCH_REFERENCE_PRODUCT_H
#define BENCH_REFERENCE_PRODUCT_H

#include <stdbool.h>
#include <stdint.h>

typedef struct product product;

/* C = A B, or C += A B: C is [m, n], A [m, k] or, transposed, [k, m], B [k, n] or [n, k]. */
typedef struct extents {
    int64_t m, n, k;
    bool transpose_a, transpose_b, accumulate;
} extents;
product *product_new(extents x); /* NULL if memory ran out */
void product_run(const product *p, const float *a, const float *b, float *c);
void product_free(product *p);
const char *product_source(const product *p); /* "CBLAS" or "built in" */

#endif
