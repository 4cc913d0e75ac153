#include "products.h"

#include <stdio.h>
#include <stdlib.h>
#include <wengert.h>

#include "peak.h"

typedef struct product {
    wg_dtype dtype;
    int64_t m, n, k;
    const char *layouts; /* of A and B, apart by spaces */
} product;

static const product products[] = {
    {WG_F32, 4, 2, 2, "NN"},
    {WG_F32, 2, 2, 4, "TN"},
    {WG_F32, 16, 16, 16, "NN"},
    {WG_F32, 8, 32, 32, "NN NT"},
    {WG_F32, 32, 32, 8, "TN"},
    {WG_F32, 64, 64, 64, "NN TN NT TT"},
    {WG_F32, 256, 256, 256, "NN TN NT TT"},
    {WG_F32, 512, 512, 512, "NN TN NT TT"},
    {WG_F32, 1024, 1024, 1024, "NN TN NT TT"},
    {WG_F32, 10, 30, 784, "NN NT"},
    {WG_F32, 784, 30, 10, "TN"},
    {WG_F32, 10, 10, 30, "NN"},
    {WG_F32, 30, 10, 10, "TN"},
    {WG_F32, 64, 128, 784, "NN"},
    {WG_F32, 784, 128, 64, "TN"},
    {WG_F32, 64, 10, 64, "NN TN"},
    {WG_F32, 128, 4096, 1024, "NN NT"},
    {WG_F32, 1024, 4096, 128, "TN"},
    {WG_F32, 100, 100, 100, "NN"},
    {WG_F32, 1, 512, 512, "NN NT"},
    {WG_F32, 512, 1, 512, "NN TN"},
    {WG_F64, 64, 64, 64, "NN"},
    {WG_F64, 256, 256, 256, "NN TN NT TT"},
    {WG_F64, 512, 512, 512, "NN TN NT"},
    {WG_F64, 1024, 1024, 1024, "NN TN NT"},
};

enum { MAX_WINDOWS = 200 };
/* Seconds: of runs between two peak loops, and of runs in all. */
static const double WINDOW = 0.2e-3, BUDGET = 0.15;

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* A parameter of rows x cols, stored as its transpose where the layout says so. */
static wg_tensor *operand(wg_tape *t, const char *name, int64_t rows, int64_t cols, char layout)
{
    const wg_init noise = wg_init_uniform(-1, 1);
    return layout == 'T' ? wg_transpose(wg_param(t, name, WG_SHAPE(cols, rows), noise))
                         : wg_param(t, name, WG_SHAPE(rows, cols), noise);
}

/* False if the product cannot be run. */
static bool measure(wg_program *p, double flops, double flops_at_peak, product_share *result)
{
    double share[MAX_WINDOWS], seconds_a_run[MAX_WINDOWS];
    if (wg_run(p))
        return false;
    const double one = flops / (peak_flops() * flops_at_peak);
    const long runs = one < WINDOW ? (long)(WINDOW / one) : 1;
    int windows = 0;
    double before = peak_flops();
    for (double begin = seconds();
         windows < MAX_WINDOWS && (windows < 5 || seconds() - begin < BUDGET); windows++) {
        double t = seconds();
        for (long i = 0; i < runs; i++)
            wg_run(p);
        t = (seconds() - t) / (double)runs;
        const double after = peak_flops();
        const double peak = (before > after ? before : after) * flops_at_peak;
        seconds_a_run[windows] = t, share[windows] = flops / t / peak;
        before = after;
    }
    qsort(share, (size_t)windows, sizeof *share, ascending);
    qsort(seconds_a_run, (size_t)windows, sizeof *seconds_a_run, ascending);
    *result = (product_share){seconds_a_run[windows / 2], flops, share[windows / 2],
                              share[windows / 4], share[windows * 3 / 4]};
    return true;
}

static bool bench(const product *x, const char *layout, const char *name, const product_hearer *h)
{
    wg_tape *t = wg_tape_new(x->dtype);
    wg_tensor *c =
        wg_matmul(operand(t, "a", x->m, x->k, layout[0]), operand(t, "b", x->k, x->n, layout[1]));
    wg_program *p = wg_compile(1, &c);
    product_share s;
    const double flops = 2.0 * (double)x->m * (double)x->n * (double)x->k;
    const bool good = p && measure(p, flops, x->dtype == WG_F32 ? 1 : 0.5, &s);
    if (good)
        h->tell(h->user, name, &s);
    else
        fprintf(stderr, "%s: %s\n", name, wg_error(t));
    wg_program_free(p);
    wg_tape_free(t);
    return good;
}

bool bench_products(const product_hearer *h)
{
    bool good = true;
    for (size_t i = 0; i < sizeof products / sizeof *products; i++)
        for (const char *layout = products[i].layouts; *layout; layout += layout[2] ? 3 : 2) {
            const product *x = &products[i];
            char name[64];
            snprintf(name, sizeof name, "gemm/%s/%lldx%lldx%lld/%.2s", wg_dtype_name(x->dtype),
                     (long long)x->m, (long long)x->n, (long long)x->k, layout);
            if (h->wanted(h->user, name))
                good &= bench(x, layout, name, h);
        }
    return good;
}
