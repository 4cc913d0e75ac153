/* Epilogues: what a fused step does with the results of a product, its first micro-op, or of a
 * reduction, as they come and while they are hot. */
#ifndef WG_EXEC_EPILOGUE_H
#define WG_EXEC_EPILOGUE_H

#include "exec/rows.h"

typedef struct wg_epilogue {
    wg_woven woven;
    wg_rows rows;
    const wg_link *links;
    int32_t c;      /* the place that the results are read from */
    int32_t c_size; /* bytes an element */
    bool flat;      /* whole rows can be gone along as one */
    int32_t cycles;
    wg_cycle cycle[];
} wg_epilogue;

/* taken: bytes of scratch memory that are in use meanwhile,
 * in front.  NULL when memory runs out. */
const wg_epilogue *wg_epilogue_new(wg_builder *b, const wg_step *s, size_t taken);

/* Rows first .. of the step's, so many, elements j0 .. j1 - 1 of each: c points to the first of
 * them, c_row bytes lie between rows. */
void wg_epilogue_rectangle(const wg_epilogue *e, void *scratch, void *c, int64_t c_row,
                           int64_t first, int64_t rows, int64_t j0, int64_t j1);

/* All of the step's elements, which follow each other at c; the epilogue is flat. */
void wg_epilogue_whole(const wg_epilogue *e, void *scratch, void *c);

/* n results from the index-th on, one after the other at c. */
void wg_epilogue_stretch(const wg_epilogue *e, void *scratch, void *c, int64_t index, int64_t n);

#endif
