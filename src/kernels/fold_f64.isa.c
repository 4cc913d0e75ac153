/* Rows of f64 folded. */
#define T_F32 0
#define ROW_FOLDS wg_row_folds_f64
#define ADD_COLUMNS wg_add_columns_f64
#define SPREAD wg_spread_8
#include "kernels/fold_rows.inc"
