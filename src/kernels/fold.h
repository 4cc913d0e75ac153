/* Reductions of rows by a tree whose form depends on the number of elements alone, so that the
 * bits are the same for every stride, instruction set and number of threads, and for a row that
 * is taken as it is computed.
 *
 * A row is cut in blocks of 1024.  In a block element j goes to lane j % 64; each lane
 * accumulates in order, and the lanes are folded by halves, 64 to 32 to .. 1.  Blocks' results
 * meet in a binary counter, two of equal size at a time.  Lanes without an element hold the
 * reduction's identity (-0 for a sum), which changes no bit.  Between an element of a sum and the
 * result lie at most 22 roundings for 1024 elements, and one more each time that their number
 * doubles. */
#ifndef WG_KERNELS_FOLD_H
#define WG_KERNELS_FOLD_H

#include <stdint.h>
#include <wengert/base.h>

#include "kernels/isa.h"

/* In the order of wg_reduces. */
enum {
    WG_FOLD_SUM,
    WG_FOLD_PROD,
    WG_FOLD_MAX,
    WG_FOLD_MIN,
    WG_FOLD_ANY,
    WG_FOLD_ALL,
    WG_FOLD_COUNT
};

enum { WG_FOLD_LANES = 64, WG_FOLD_BLOCK = 1024, WG_FOLD_LEVELS = 54 };

/* A row under way, of f32 or f64. */
typedef struct wg_row_fold {
    _Alignas(64) double lanes[WG_FOLD_LANES]; /* of the type's elements: f32 take the first half */
    double level[WG_FOLD_LEVELS]; /* [k]: of 2^k blocks, while bit k of blocks is set */
    int64_t blocks;
} wg_row_fold;

/* Many rows of n elements, 1 <= n <= WG_FOLD_BLOCK, one behind the other. */
typedef void wg_fold_rows(int64_t rows, int64_t n, void *y, const void *x);

/* y[j] = the fold of x[r stride + j] over r < rows, in this order and nothing else, for j < n;
 * rows > 0. */
typedef void wg_fold_columns(int64_t rows, int64_t n, void *y, const void *x, int64_t stride);

/* y[j] = y[j] + scale (x[j] + x[stride + j] + ..), scaled and then added. */
typedef void wg_add_columns(int64_t rows, int64_t n, void *y, const void *x, int64_t stride,
                            double scale);
WG_ISA_DECLARE(wg_add_columns, wg_add_columns_f32);
WG_ISA_DECLARE(wg_add_columns, wg_add_columns_f64);

/* start, then elements into the lanes (a chain's `fold` link, mask 64 * size - 1), `block` after
 * each 1024 of them, `finish` with the number that came since: 0 to 1023. */
typedef struct wg_row_folds {
    void (*start)(wg_row_fold *f);
    void (*block)(wg_row_fold *f);
    void (*finish)(wg_row_fold *f, int64_t rest, void *result);
    void (*row)(int64_t n, void *y, const void *x, int64_t stride); /* the whole at once */
    wg_fold_rows *rows;
    wg_fold_columns *columns;
} wg_row_folds;

typedef const wg_row_folds wg_row_folds_table[WG_FOLD_COUNT];
WG_ISA_DECLARE(wg_row_folds_table, wg_row_folds_f32);
WG_ISA_DECLARE(wg_row_folds_table, wg_row_folds_f64);

/* y[r n + i] = x[r] for i < n, of elements of 4 and of 8 bytes, whatever they are.  Beyond the
 * last row y is written to as far as rows make a multiple of WG_SPREAD_ROWS, and WG_SPREAD_BEYOND
 * bytes more. */
enum { WG_SPREAD_ROWS = 16, WG_SPREAD_BEYOND = 64 };
typedef void wg_spread(int64_t rows, int64_t n, void *y, const void *x);
WG_ISA_DECLARE(wg_spread, wg_spread_4);
WG_ISA_DECLARE(wg_spread, wg_spread_8);

#endif
