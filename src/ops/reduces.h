/* The reductions' kernels: a table for each instruction set, in one order. */
#ifndef WG_OPS_REDUCES_H
#define WG_OPS_REDUCES_H

#include <wengert/op.h>

#include "kernels/fold.h"
#include "kernels/isa.h"

/* wg_reduces_baseline, wg_reduces_avx2 ...; records point into the baseline's. */
typedef const wg_reduce wg_reduces_table[WG_FOLD_COUNT];
WG_ISA_DECLARE(wg_reduces_table, wg_reduces);

/* The same kernels for an instruction set (wg_isa()); what is not of the table (a user's own) as
 * it is. */
const wg_reduce *wg_reduce_for(wg_isa_level level, const wg_reduce *baseline);

/* The pieces of a row kernel of the table, for rows that are reduced as they are computed: they
 * give its bits.  NULL for i32 and for what is not of the table.  Its place, WG_FOLD_SUM .., goes
 * to *which. */
const wg_row_folds *wg_row_folds_for(wg_isa_level level, const wg_reduce *baseline, wg_dtype dtype,
                                     int *which);

#endif
