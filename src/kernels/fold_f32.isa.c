/* Rows of f32 folded. */
#define T_F32 1
#define ROW_FOLDS wg_row_folds_f32
#define ADD_COLUMNS wg_add_columns_f32
#define SPREAD wg_spread_4
#include "kernels/fold_rows.inc"
