/* Chooses the matrix product's variant for an element type and an instruction set, and divides C
 * into rectangles where the variant leaves that open. */
#include "kernels/gemm.h"

static int64_t min64(int64_t a, int64_t b) { return a < b ? a : b; }

/* Rectangles in place, or in scratch memory as the first of a smaller C. */
static void run_rectangles(const wg_gemm *g, const void *a, const void *b, void *c, void *scratch,
                           const wg_gemm_part *part, wg_gemm_after *after, void *context)
{
    const wg_gemm_spec *s = &g->spec;
    const int64_t size = s->dtype == WG_F32 ? 4 : 8;
    for (int64_t j = part->j0, j1; j < part->j1; j = j1) {
        j1 = min64(j + g->block_n, part->j1);
        for (int64_t i = part->i0, i1; i < part->i1; i = i1) {
            i1 = min64(i + g->block_m, part->i1);
            const wg_gemm_part done = {i, i1, j, j1};
            char *rectangle;
            if (s->discard) {
                rectangle = (char *)scratch + g->c_offset;
                g->run(g, (const char *)a + i * s->a_row * size,
                       (const char *)b + j * s->b_col * size, rectangle, scratch,
                       &(wg_gemm_part){0, i1 - i, 0, j1 - j});
            } else {
                rectangle = (char *)c + (i * s->c_row + j) * size;
                g->run(g, a, b, c, scratch, &done);
            }
            after(context, rectangle, s->c_row, &done);
        }
    }
}

static void run_whole(const wg_gemm *g, const void *a, const void *b, void *c, void *scratch)
{
    g->run(g, a, b, c, scratch, &(wg_gemm_part){0, g->spec.m, 0, g->spec.n});
}

/* All of a small C, which needs no division. */
static void run_one(const wg_gemm *g, const void *a, const void *b, void *c, void *scratch,
                    const wg_gemm_part *part, wg_gemm_after *after, void *context)
{
    if (part->i1 - part->i0 < g->spec.m || part->j1 - part->j0 < g->spec.n) {
        run_rectangles(g, a, b, c, scratch, part, after, context);
        return;
    }
    after(context, wg_gemm_run_one(g, a, b, c, scratch), g->spec.c_row, part);
}

wg_gemm wg_gemm_plan_built_in(wg_isa_level level, const wg_gemm_spec *spec)
{
    wg_gemm g = {.spec = *spec, .block_m = 1, .block_n = 1};
    if (g.spec.scale == 0)
        g.spec.scale = 1;
    wg_gemm_plan_fn *plan = spec->dtype == WG_F32 ? WG_ISA_SELECT(level, wg_gemm_plan_f32)
                                                  : WG_ISA_SELECT(level, wg_gemm_plan_f64);
    plan(&g);
    if (!g.whole)
        g.whole = run_whole;
    if (!g.then) {
        g.one = spec->m > 0 && spec->m <= g.block_m && spec->n > 0 && spec->n <= g.block_n;
        g.then = g.one ? run_one : run_rectangles;
    }
    return g;
}

wg_gemm wg_gemm_plan(wg_isa_level level, const wg_gemm_spec *spec)
{
    wg_gemm g = wg_gemm_plan_built_in(level, spec);
#ifdef WG_HAVE_BLAS
    wg_gemm_plan_blas(&g);
#endif
    return g;
}
