/* bench/gemm.c: matrix products on one core, as a share of what its multiply-adds reach by
 * themselves.
 *
 *     gemm [text]    only products whose name holds the text
 *
 * gemm/f32/64x128x784/NT is m x n x k with B transposed.
 *
 * Each product is a program of one instruction.  Runs alternate with peak loops; a line gives the
 * median time of a run, the median of the shares (each of the peak just before and just after it)
 * and the middle half of them. */
#include <stdio.h>
#include <string.h>

#include "gemm/peak.h"
#include "gemm/products.h"

static bool wanted(void *user, const char *name)
{
    return !user || strstr(name, user);
}

static void tell(void *user, const char *name, const product_share *s)
{
    (void)user;
    printf("%-32s %12.3f %8.1f %%   %.1f .. %.1f\n", name, 1e6 * s->seconds, 100 * s->share,
           100 * s->low, 100 * s->high);
}

int main(int argc, char **argv)
{
    printf("peak of one core: %.1f GFLOP/s in f32\n", 1e-9 * peak_flops());
    printf("%-32s %12s %10s   %s\n", "product", "us", "of peak", "middle half");
    return !bench_products(&(product_hearer){wanted, tell, argc > 1 ? argv[1] : NULL});
}
