/* Which instruction set's kernels stand in for the baseline's. */
#include "ops/reduces.h"

/* WG_FOLD_COUNT for what is not of the table. */
static int place_of(const wg_reduce *baseline)
{
    int i = 0;
    while (i < WG_FOLD_COUNT && baseline != &wg_reduces_baseline[i])
        i++;
    return i;
}

const wg_reduce *wg_reduce_for(wg_isa_level level, const wg_reduce *baseline)
{
    const wg_reduce *best = WG_ISA_SELECT(level, wg_reduces);
    int i = place_of(baseline);
    return i < WG_FOLD_COUNT ? &best[i] : baseline;
}

const wg_row_folds *wg_row_folds_for(wg_isa_level level, const wg_reduce *baseline, wg_dtype dtype,
                                     int *which)
{
    *which = place_of(baseline);
    if (*which == WG_FOLD_COUNT || dtype == WG_I32)
        return NULL;
    return &(dtype == WG_F32 ? WG_ISA_SELECT(level, wg_row_folds_f32)
                             : WG_ISA_SELECT(level, wg_row_folds_f64))[*which];
}
