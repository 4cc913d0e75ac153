/* Matrix products:  C = A B  or  C += A B  for f32 and f64, with any strides in A and B.
 *
 * When a program is compiled:
 *     wg_gemm g = wg_gemm_plan(wg_isa(), &(wg_gemm_spec){
 *         .dtype = WG_F32, .m = m, .n = n, .k = k,
 *         .a_row = k, .a_col = 1, .b_row = n, .b_col = 1, .c_row = n});
 * g.scratch is the bytes of memory that a call needs, aligned to 64; where it is 0, NULL is fine.
 * At each run (a plan holds no pointer and is never written):
 *     wg_gemm_run(&g, a, b, c, scratch);
 *
 * Any extents are taken, 0 too (k = 0 gives zeros, or leaves C alone when accumulating).  Exactly
 * the elements of A, B and C are read and written.  C may overlap neither A nor B; A may overlap B.
 *
 * An element's order of summation depends on the plan alone.  So (unless the plan says
 * whole_only) any division of C into rectangles, each computed by a call of wg_gemm_run_part (on
 * any thread, with scratch memory of its own), gives the bits that one wg_gemm_run gives.  A
 * transposed operand is the same memory with its strides exchanged; a batch is a call for each
 * matrix.
 *
 * wg_gemm_run_part_then hands C on rectangle by rectangle, each as soon as its values are final and
 * while it is in a cache: what is done with them costs no second walk through memory. */
#ifndef WG_KERNELS_GEMM_H
#define WG_KERNELS_GEMM_H

#include "kernels/isa.h"
#include <wengert/base.h>

/* Strides count elements. */
typedef struct wg_gemm_spec {
    wg_dtype dtype;       /* of all three: WG_F32 or WG_F64 */
    int64_t m, n, k;
    int64_t a_row, a_col; /* A[i,p] = a[i a_row + p a_col]; 0 broadcasts, negative runs backwards */
    int64_t b_row, b_col; /* B[p,j] = b[p b_row + j b_col] */
    int64_t c_row;        /* C[i,j] = c[i c_row + j], c_row >= n (any value if m < 2) */
    bool accumulate;      /* C += scale A B: sums over k (over each block of a long k), then scaled,
                             then added to C */
    double scale;         /* of the dtype; 0 stands for 1 */
    bool discard;         /* C itself is not wanted: only rectangles of it, in scratch memory, are.
                             Then accumulate is false, c_row any value, c NULL, and
                             wg_gemm_run_part_then the only way to run. */
} wg_gemm_spec;

/* Rows i0 .. i1-1 and columns j0 .. j1-1 of C. */
typedef struct wg_gemm_part {
    int64_t i0, i1, j0, j1;
} wg_gemm_part;

typedef struct wg_gemm wg_gemm;
/* a, b and c point to the whole matrices, whatever the part. */
typedef void wg_gemm_fn(const wg_gemm *g, const void *a, const void *b, void *c, void *scratch,
                        const wg_gemm_part *part);
typedef void wg_gemm_whole_fn(const wg_gemm *g, const void *a, const void *b, void *c,
                              void *scratch);

/* Gets a rectangle of C: c points to its first element, c_row elements lie between its rows.  It
 * may overwrite that rectangle. */
typedef void wg_gemm_after(void *context, void *c, int64_t c_row, const wg_gemm_part *done);
typedef void wg_gemm_then_fn(const wg_gemm *g, const void *a, const void *b, void *c, void *scratch,
                             const wg_gemm_part *part, wg_gemm_after *after, void *context);

/* What a sum s does to its element c. */
typedef enum wg_gemm_into {
    WG_INTO_PUT,   /* c = s */
    WG_INTO_ADD,   /* c + s */
    WG_INTO_TAKE,  /* c - s */
    WG_INTO_SCALED /* c + scale s, the product rounded first */
} wg_gemm_into;

/* What the inner kernels need to know beside their operands: prepared when planning, so that a
 * small product has nothing to set up. */
typedef struct wg_gemm_tile {
    int64_t k, a_row, a_col, b_row, c_row;
    int64_t rows;  /* the most of C in a tile */
    wg_gemm_into into;
    double scale; /* 1 for WG_INTO_ADD, -1 for WG_INTO_TAKE */
    bool singly;  /* two vectors of C one after the other */
} wg_gemm_tile;

struct wg_gemm {
    wg_gemm_spec spec;
    size_t scratch; /* bytes that each concurrent call needs */
    bool one; /* C is small: it is handed on as one rectangle */
    bool whole_only; /* no part but all of C: its order of summation depends on C's extents */
    bool by_lanes; /* a sum over k is one of partial sums; else its terms are added in their order,
                    * and those of the transpose, if that is no such sum either, in the same */
    wg_gemm_fn *run;
    wg_gemm_whole_fn *whole; /* the same for all of C: a small product has no part to work out */
    wg_gemm_then_fn *then;
    /* The rest is the kernels' own.  If they compute the transpose, their A is the spec's B. */
    wg_gemm_fn *core;
    wg_gemm_tile tile;
    int64_t b_row, b_col;   /* as B lies; tile.b_row is that of its copy */
    int64_t panel_elements; /* of scratch, in front of a copy of A */
    bool pack_a, pack_b;
    int64_t b_block;          /* columns of C that are finished before others begin */
    int64_t block_m, block_n; /* the largest rectangle that is handed on */
    size_t c_offset;          /* of rectangles in scratch memory, in bytes */
    size_t waits_for;         /* bytes from b on that it reads before all else, out of the order
                                 that hardware foresees: worth being fetched ahead; 0 */
};

wg_gemm wg_gemm_plan(wg_isa_level level, const wg_gemm_spec *spec);

/* The same, but never a BLAS.  (Without -DWENGERT_BLAS=ON they do not differ.) */
wg_gemm wg_gemm_plan_built_in(wg_isa_level level, const wg_gemm_spec *spec);

/* The longest sum that is one block, so that scaling and adding round once each. */
static inline int64_t wg_gemm_longest_block(wg_dtype dtype) { return dtype == WG_F32 ? 1024 : 512; }

/* Without a multiplication where there is nothing to multiply by: its result would be the same. */
static inline wg_gemm_into wg_gemm_adds(double scale)
{
    return scale == 1 ? WG_INTO_ADD : scale == -1 ? WG_INTO_TAKE : WG_INTO_SCALED;
}

/* The same plan with another scale. */
static inline wg_gemm wg_gemm_scaled(const wg_gemm *g, double scale)
{
    wg_gemm scaled = *g;
    scaled.spec.scale = scale;
    if (scaled.tile.into != WG_INTO_PUT) {
        scaled.tile.into = wg_gemm_adds(scale);
        scaled.tile.scale = scale;
    }
    return scaled;
}

static inline void wg_gemm_run_part(const wg_gemm *g, const void *a, const void *b, void *c,
                                    void *scratch, wg_gemm_part part)
{
    g->run(g, a, b, c, scratch, &part);
}

static inline void wg_gemm_run(const wg_gemm *g, const void *a, const void *b, void *c,
                               void *scratch)
{
    g->whole(g, a, b, c, scratch);
}

/* All of a C that is `one`; gives where it lies, which is scratch memory if it is discarded. */
static inline void *wg_gemm_run_one(const wg_gemm *g, const void *a, const void *b, void *c,
                                    void *scratch)
{
    void *whole = g->spec.discard ? (char *)scratch + g->c_offset : c;
    g->whole(g, a, b, whole, scratch);
    return whole;
}

/* The same bits; every element of the part is in exactly one of the rectangles, of at most some
 * 100 KiB, that `after` gets in this thread. */
static inline void wg_gemm_run_part_then(const wg_gemm *g, const void *a, const void *b, void *c,
                                         void *scratch, wg_gemm_part part, wg_gemm_after *after,
                                         void *context)
{
    g->then(g, a, b, c, scratch, &part, after, context);
}

/* For gemm.c: fills in what follows spec. */
typedef void wg_gemm_plan_fn(wg_gemm *g); /* whole, then: only those with ways of their own */
WG_ISA_DECLARE(wg_gemm_plan_fn, wg_gemm_plan_f32);
WG_ISA_DECLARE(wg_gemm_plan_fn, wg_gemm_plan_f64);

/* For gemm.c, with WG_HAVE_BLAS: false, and nothing done, if a BLAS cannot express the product
 * or is not worth calling for it. */
bool wg_gemm_plan_blas(wg_gemm *g);

#endif
