#include "product.h"

#include <stdlib.h>

#include "../gemm/peak.h"
#include "../steps/memory.h"
#include "kernels/gemm.h"

#ifdef BENCH_CBLAS
#include <cblas.h>
/* OpenBLAS's; absent in other libraries. */
extern void openblas_set_num_threads(int n) __attribute__((weak));
#endif

struct product {
    extents x;
    bool cblas;
    wg_gemm gemm;
    void *scratch;
};

static void run_built_in(const product *p, const float *a, const float *b, float *c)
{
    wg_gemm_run(&p->gemm, a, b, c, p->scratch);
}

#ifdef BENCH_CBLAS
static void run_cblas(const product *p, const float *a, const float *b, float *c)
{
    const extents *x = &p->x;
    cblas_sgemm(CblasRowMajor, x->transpose_a ? CblasTrans : CblasNoTrans,
                x->transpose_b ? CblasTrans : CblasNoTrans, (int)x->m, (int)x->n, (int)x->k, 1, a,
                (int)(x->transpose_a ? x->m : x->k), b, (int)(x->transpose_b ? x->k : x->n),
                x->accumulate ? 1 : 0, c, (int)x->n);
}
#endif

void product_run(const product *p, const float *a, const float *b, float *c)
{
#ifdef BENCH_CBLAS
    if (p->cblas) {
        run_cblas(p, a, b, c);
        return;
    }
#endif
    run_built_in(p, a, b, c);
}

#ifdef BENCH_CBLAS
/* The least seconds of a few calls, or of those that a millisecond has room for. */
static double time_of(const product *p, const float *a, const float *b, float *c)
{
    double least = 1e9;
    const double begin = seconds();
    product_run(p, a, b, c);
    for (int i = 0; i < 3 || seconds() - begin < 1e-3; i++) {
        double t = seconds();
        for (int j = 0; j < 4; j++)
            product_run(p, a, b, c);
        t = seconds() - t;
        least = t < least ? t : least;
    }
    return least;
}

static bool cblas_is_faster(product *p)
{
    const extents *x = &p->x;
    if (openblas_set_num_threads)
        openblas_set_num_threads(1);
    float *a = floats_new(x->m * x->k, NULL), *b = floats_new(x->k * x->n, NULL);
    float *c = floats_new(x->m * x->n, NULL);
    double least[2] = {0, 0};
    if (a && b && c) {
        for (int i = 0; i < 4; i++) {
            p->cblas = i % 2;
            const double t = time_of(p, a, b, c);
            least[i % 2] = i < 2 || t < least[i % 2] ? t : least[i % 2];
        }
    }
    free(a);
    free(b);
    free(c);
    return least[1] < least[0];
}
#else
static bool cblas_is_faster(product *p)
{
    (void)p;
    return false;
}
#endif

product *product_new(extents x)
{
    product *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->x = x;
    p->gemm = wg_gemm_plan(wg_isa(), &(wg_gemm_spec){.dtype = WG_F32,
                                                     .m = x.m,
                                                     .n = x.n,
                                                     .k = x.k,
                                                     .a_row = x.transpose_a ? 1 : x.k,
                                                     .a_col = x.transpose_a ? x.m : 1,
                                                     .b_row = x.transpose_b ? 1 : x.n,
                                                     .b_col = x.transpose_b ? x.k : 1,
                                                     .c_row = x.n,
                                                     .accumulate = x.accumulate});
    if (p->gemm.scratch && !(p->scratch = aligned_alloc(64, (p->gemm.scratch + 63) / 64 * 64))) {
        free(p);
        return NULL;
    }
    p->cblas = cblas_is_faster(p);
    return p;
}

void product_free(product *p)
{
    if (p)
        free(p->scratch);
    free(p);
}

const char *product_source(const product *p)
{
    return p->cblas ? "CBLAS" : "built in";
}
