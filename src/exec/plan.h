/* plan: where each temporary buffer lies.  Buffers whose lifetimes do not meet share memory; a
 * step writes over an operand that it is the last to read where that is safe. */
#ifndef WG_EXEC_PLAN_H
#define WG_EXEC_PLAN_H

#include "exec/lower.h"

typedef struct wg_plan {
    int64_t bytes;       /* of memory for temporaries */
    int64_t lower_bound; /* the most bytes live at once: no plan for this order takes less */
} wg_plan;

/* Whether sums of what steps write, padded, are far from overflow; no memory would hold more. */
bool wg_bytes_can_be_added(const wg_lowered *l);

/* Sets offset (and first, last, shares) of every temporary.  share: buffers may share memory;
 * in_place: also with an operand.
 * false when memory runs out. */
bool wg_plan_memory(wg_lowered *l, bool share, bool in_place, wg_plan *plan);

/* Whether two buffers lie in the same place, once memory is planned. */
bool wg_same_memory(const wg_lowered *l, int32_t a, int32_t b);

/* Bytes that a buffer takes: a multiple of WG_ALIGNMENT, or,
 * among small ones and if it is less than that, of 16. */
int64_t wg_padded(int64_t bytes, bool among_small);

#endif
