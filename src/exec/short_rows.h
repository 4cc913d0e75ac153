/* Fused instructions that reduce rows so short that many are gone over at once. */
#ifndef WG_EXEC_SHORT_ROWS_H
#define WG_EXEC_SHORT_ROWS_H

#include "exec/rows.h"

/* Whether the weaver's step is better done so than one row at a time. */
bool wg_rows_are_short(const wg_rows *r, const wg_weaver *w);

/* Of the step that the weaver was started with, as wg_make_rowwise; NULL when memory runs out. */
wg_instr *wg_make_short_rows(wg_weaver *w, const wg_rows *rows, int32_t step);

#endif
