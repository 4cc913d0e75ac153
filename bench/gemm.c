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
#include <stdlib.h>
#include <string.h>
#include <wengert.h>

#include "gemm/peak.h"

typedef struct product {
    wg_dtype dtype;
    int64_t m, n, k;
    const char *layouts; /* of A and B, apart by spaces */
} product;

static const product products[] = {
    {WG_F32, 16, 16, 16, "NN"},
    {WG_F32, 8, 32, 32, "NN NT"},
    {WG_F32, 32, 32, 8, "TN"},
    {WG_F32, 64, 64, 64, "NN TN NT"},
    {WG_F32, 256, 256, 256, "NN TN NT TT"},
    {WG_F32, 512, 512, 512, "NN TN NT"},
    {WG_F32, 1024, 1024, 1024, "NN TN NT"},
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
    {WG_F64, 256, 256, 256, "NN TN NT"},
    {WG_F64, 512, 512, 512, "NN"},
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

/* Shares of the peak, in ascending order, and the median time of a run; the number of windows, or 0
 * if the product cannot be run. */
static int measure(wg_program *p, double flops, double flops_at_peak, double share[MAX_WINDOWS],
                   double *time)
{
    double seconds_a_run[MAX_WINDOWS];
    if (wg_run(p))
        return 0;
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
        const double after = peak_flops(), peak = (before > after ? before : after) * flops_at_peak;
        seconds_a_run[windows] = t, share[windows] = flops / t / peak;
        before = after;
    }
    qsort(share, (size_t)windows, sizeof *share, ascending);
    qsort(seconds_a_run, (size_t)windows, sizeof *seconds_a_run, ascending);
    *time = seconds_a_run[windows / 2];
    return windows;
}

static int bench(const product *x, const char *layout, const char *name)
{
    wg_tape *t = wg_tape_new(x->dtype);
    wg_tensor *c =
        wg_matmul(operand(t, "a", x->m, x->k, layout[0]), operand(t, "b", x->k, x->n, layout[1]));
    wg_program *p = wg_compile(1, &c);
    double share[MAX_WINDOWS], time;
    const double flops = 2.0 * (double)x->m * (double)x->n * (double)x->k;
    const int windows = p ? measure(p, flops, x->dtype == WG_F32 ? 1 : 0.5, share, &time) : 0;
    if (windows)
        printf("%-32s %12.3f %8.1f %%   %.1f .. %.1f\n", name, 1e6 * time, 100 * share[windows / 2],
               100 * share[windows / 4], 100 * share[windows * 3 / 4]);
    else
        fprintf(stderr, "%s: %s\n", name, wg_error(t));
    wg_program_free(p);
    wg_tape_free(t);
    return windows ? 0 : 1;
}

int main(int argc, char **argv)
{
    int failed = 0;
    printf("peak of one core: %.1f GFLOP/s in f32\n", 1e-9 * peak_flops());
    printf("%-32s %12s %10s   %s\n", "product", "us", "of peak", "middle half");
    for (size_t i = 0; i < sizeof products / sizeof *products; i++)
        for (const char *layout = products[i].layouts; *layout; layout += layout[2] ? 3 : 2) {
            const product *x = &products[i];
            char name[64];
            snprintf(name, sizeof name, "gemm/%s/%lldx%lldx%lld/%.2s", wg_dtype_name(x->dtype),
                     (long long)x->m, (long long)x->n, (long long)x->k, layout);
            if (argc < 2 || strstr(name, argv[1]))
                failed |= bench(x, layout, name);
        }
    return failed;
}
