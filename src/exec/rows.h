/* Rows: the index space of a fused step as rows that chains run along, and how far every operand
 * and result moves from one to the next. */
#ifndef WG_EXEC_ROWS_H
#define WG_EXEC_ROWS_H

#include "exec/weave.h"

/* Places are those of the weaver's that are operands or results.  Strides in bytes. */
typedef struct wg_rows {
    int32_t axes, places;
    int64_t count;                 /* of rows */
    int64_t extent[WG_MAX_RANK];   /* of the outer axes */
    const int64_t *stride;         /* [axes][places] */
    int64_t inner;                 /* elements of a row */
    const int64_t *step;           /* [places]: along a row */
} wg_rows;

typedef enum wg_rows_kind {
    WG_ROWS,            /* of the whole space; of a step with reductions, a row is all that is
                         * reduced, and operands that bend along it count as brought */
    WG_ROWS_LAST_ALONE, /* of the whole space, a row being the innermost axis and no more */
    WG_ROWS_KEPT,       /* of what a reduction of columns keeps, for what is done with it */
    WG_ROWS_FEEDING     /* of the whole space, for what feeds a reduction of columns */
} wg_rows_kind;

/* Whether elements of a step that reduces rows read operand i in several runs a row. */
bool wg_operand_bends(const wg_step *s, int32_t i);

/* Neighbouring axes that every place walks alike are one; the innermost that is left is the row.
 * Sets the operands' spots to .one where they stay along a row.  false when memory runs out. */
bool wg_rows_of(wg_rows *r, wg_weaver *w, wg_rows_kind kind);

/* An operand that is one row for all rows, as a bias is, and is read as if it went on: over and
 * over, from scratch memory. */
typedef struct wg_cycle {
    int32_t from, to; /* places */
    int64_t period;   /* elements of the row; as many times as it takes are brought to `to` .. */
    int64_t fill;     /* .. until there are so many; 0: it is read where it is */
    wg_chain_repeat *repeat;
} wg_cycle;

/* Whether all rows can be gone along as one: everywhere they follow each other, stay, or repeat.
 * Then the weaver reads what repeats as cycles say.  Gives their number, at most the step's
 * operands; -1 if it cannot be. */
int32_t wg_rows_as_one(const wg_rows *r, wg_weaver *w, wg_cycle *cycle);

static inline void wg_cycle_fill(const wg_cycle *c, char **at)
{
    if (c->fill)
        c->repeat(at[c->to], at[c->from], c->period, c->fill);
    else
        at[c->to] = at[c->from];
}

/* A position among the rows. */
typedef struct wg_row {
    int64_t at[WG_MAX_RANK];
} wg_row;

static inline void wg_rows_start(const wg_rows *r, wg_row *row, int64_t index, char **at)
{
    for (int32_t d = r->axes - 1; d >= 0; d--) {
        row->at[d] = index % r->extent[d];
        index /= r->extent[d];
        if (row->at[d])
            for (int32_t k = 0; k < r->places; k++)
                at[k] += row->at[d] * r->stride[d * r->places + k];
    }
}

static inline void wg_rows_next(const wg_rows *r, wg_row *row, char **at)
{
    for (int32_t d = r->axes - 1; d >= 0; d--) {
        const int64_t *stride = r->stride + d * r->places;
        if (++row->at[d] < r->extent[d]) {
            for (int32_t k = 0; k < r->places; k++)
                at[k] += stride[k];
            return;
        }
        row->at[d] = 0;
        for (int32_t k = 0; k < r->places; k++)
            at[k] -= stride[k] * (r->extent[d] - 1);
    }
}

/* What is done with each of the rows begin .. end - 1, whose places at[] points to;
 * scratch is the thread's. */
typedef void wg_row_run(const void *instr, char *const *at);
static inline void wg_rows_each(const wg_rows *r, const wg_woven *v, char *scratch, int64_t begin,
                                int64_t end, wg_row_run *run, const void *instr)
{
    char *at[WG_MAX_PLACES];
    wg_row row;
    wg_woven_start(v, scratch, at);
    wg_rows_start(r, &row, begin, at);
    for (int64_t i = begin; i < end; i++, wg_rows_next(r, &row, at))
        run(instr, at);
}

#endif
