#include "../gemm/products.h"
#include "parts.h"

static bool asked(void *user, const char *name)
{
    return wanted(user, name);
}

static void hear(void *user, const char *name, const product_share *s)
{
    const double rate = 1e-9 * s->flops / s->seconds; /* GFLOP/s */
    const comparison c = {rate, rate / s->share, s->share, s->low, s->high};
    tell(user, (figure){.name = name, .unit = "peak", .c = c});
}

void bench_gemm(report *r)
{
    if (!bench_products(&(product_hearer){asked, hear, r}))
        r->failed = true;
}
