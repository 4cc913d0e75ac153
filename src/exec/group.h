/* Groups: what one instruction could do, in the making.  Says which steps fit together, and how
 * their micro-ops follow each other; knows nothing of the order of steps. */
#ifndef WG_EXEC_GROUP_H
#define WG_EXEC_GROUP_H

#include "exec/lower.h"

typedef struct wg_group {
    int32_t micros, n;
    wg_micro micro[WG_MAX_MICROS]; /* .result: the buffer of each, wanted outside or not */
    wg_operand in[WG_MAX_OPERANDS];
    bool in_kept[WG_MAX_OPERANDS]; /* the operand is walked as results of reductions are */
    const wg_shape *over;
    uint32_t reduced;
    bool recomputed; /* some of it is made again for a sweep */
} wg_group;

/* The group of one step that is not fused; false if it is of no kind that could be. */
bool wg_group_of(wg_group *g, const wg_lowered *l, const wg_step *s);

/* Puts what `later` does behind what `earlier` does, taking values of `earlier` directly; false,
 * with *g undefined, if no instruction could do both.  `earlier` must not depend on `later`. */
bool wg_group_join(wg_group *g, const wg_group *earlier, const wg_group *later);

/* Whether the kept axes of a space come first,
 * so that each result of its reductions belongs to a row of elements. */
bool wg_reduces_rows(const wg_shape *over, uint32_t reduced);

/* Whether what a row of such a space reads through the view lies in several runs: a bias along
 * rows of which a reduction of everything makes one. */
bool wg_row_bends(const wg_strided *v, const wg_shape *over, uint32_t reduced);

#endif
