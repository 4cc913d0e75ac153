#include "../gemm/products.h"
#include "parts.h"

static bool asked(void *user, const char *name)
{
    return wanted(user, name);
}

static void hear(void *user, const char *name, const product_share *s)
{
    const double rate = 1e-9 * s->flops / s->seconds; /* GFLOP/s */
    tell(user, (figure){name, "peak", {rate, rate / s->share, s->share, s->low, s->high}, 0});
}

void bench_gemm(report *r)
{
    if (!bench_products(&(product_hearer){asked, hear, r}))
        r->failed = true;
}
