/* Matrix products by a CBLAS library (-DWENGERT_BLAS=ON), for those that have a better one.
 *
 * What order a BLAS sums in depends on the extents of a call: so an element's bits would depend on
 * how C was divided, and a product is always one call. */
#include "kernels/gemm.h"

#ifdef WG_HAVE_BLAS
#include <cblas.h>
#include <limits.h>

enum { TOO_FEW = 2048 }; /* multiply-adds that take no longer than it takes a BLAS to begin */

typedef struct stored {
    CBLAS_TRANSPOSE how;
    int row; /* elements from one row to the next, or from one column to the next */
} stored;

static bool is_stored(int64_t rows, int64_t cols, int64_t row, int64_t col, stored *s)
{
    if ((col == 1 || cols == 1) && (row >= cols || rows == 1) && row <= INT_MAX) {
        *s = (stored){CblasNoTrans, (int)(rows == 1 ? cols : row)};
        return true;
    }
    if ((row == 1 || rows == 1) && (col >= rows || cols == 1) && col <= INT_MAX) {
        *s = (stored){CblasTrans, (int)(cols == 1 ? rows : col)};
        return true;
    }
    return false;
}

static bool is_a(const wg_gemm_spec *g, stored *s)
{
    return is_stored(g->m, g->k, g->a_row, g->a_col, s);
}

static bool is_b(const wg_gemm_spec *g, stored *s)
{
    return is_stored(g->k, g->n, g->b_row, g->b_col, s);
}

static void whole_blas(const wg_gemm *g, const void *a, const void *b, void *c, void *scratch)
{
    const wg_gemm_spec *s = &g->spec;
    const int m = (int)s->m, n = (int)s->n, k = (int)s->k;
    const int c_row = (int)(s->m == 1 ? s->n : s->c_row), beta = s->accumulate;
    const double alpha = s->accumulate ? s->scale : 1;
    stored x, y;
    (void)scratch;
    if (!is_a(s, &x) || !is_b(s, &y))
        return;
    if (s->dtype == WG_F32)
        cblas_sgemm(CblasRowMajor, x.how, y.how, m, n, k, (float)alpha, a, x.row, b, y.row,
                    (float)beta, c, c_row);
    else
        cblas_dgemm(CblasRowMajor, x.how, y.how, m, n, k, alpha, a, x.row, b, y.row, beta,
                    c, c_row);
}

/* The only part of C that there is. */
static void run_blas(const wg_gemm *g, const void *a, const void *b, void *c, void *scratch,
                     const wg_gemm_part *part)
{
    if (part->i0 < part->i1 && part->j0 < part->j1)
        whole_blas(g, a, b, c, scratch);
}

static void then_blas(const wg_gemm *g, const void *a, const void *b, void *c_, void *scratch,
                      const wg_gemm_part *part, wg_gemm_after *after, void *context)
{
    const int64_t size = g->spec.dtype == WG_F32 ? 4 : 8, row = g->spec.c_row;
    char *c = g->spec.discard ? scratch : c_;
    run_blas(g, a, b, c, scratch, part);
    for (int64_t i = part->i0, i1; i < part->i1; i = i1) {
        i1 = i + g->block_m < part->i1 ? i + g->block_m : part->i1;
        for (int64_t j = part->j0, j1; j < part->j1; j = j1) {
            j1 = j + g->block_n < part->j1 ? j + g->block_n : part->j1;
            after(context, c + (i * row + j) * size, row, &(wg_gemm_part){i, i1, j, j1});
        }
    }
}

bool wg_gemm_plan_blas(wg_gemm *g)
{
    const wg_gemm_spec *s = &g->spec;
    const int64_t row = s->discard ? s->n : s->c_row, size = s->dtype == WG_F32 ? 4 : 8;
    stored x, y;
    if (s->m > INT_MAX || s->n > INT_MAX || s->k > INT_MAX || row > INT_MAX
        || (double)s->m * (double)s->n * (double)s->k <= TOO_FEW || !is_a(s, &x) || !is_b(s, &y))
        return false;
    g->run = run_blas, g->whole = whole_blas, g->then = then_blas;
    g->whole_only = true, g->one = false;
    g->scratch = 0;
    if (s->discard)
        g->spec.c_row = s->n, g->scratch = (size_t)(s->m * s->n * size);
    return true;
}
#endif
