/* Matrix products that networks and users have, each as a program of one instruction, as a
 * share of what the core's multiply-adds reach by themselves. */
#ifndef BENCH_GEMM_PRODUCTS_H
#define BENCH_GEMM_PRODUCTS_H

#include <stdbool.h>

/* Medians; low and high are the quartiles of the shares of single windows. */
typedef struct product_share {
    double seconds, flops; /* of a run */
    double share, low, high;
} product_share;

/* Who asks for products by their name, gemm/f32/64x128x784/NT: m x n x k, B transposed. */
typedef struct product_hearer {
    bool (*wanted)(void *user, const char *name);
    void (*tell)(void *user, const char *name, const product_share *s);
    void *user;
} product_hearer;

bool bench_products(const product_hearer *h); /* false if one could not be run */

#endif
