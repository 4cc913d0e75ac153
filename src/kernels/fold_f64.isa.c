/* Rows of f64 folded. */
#define T_F32 0
#define ROW_FOLDS wg_row_folds_f64
#include "kernels/fold_rows.inc"
