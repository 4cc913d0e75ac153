/* Packing intervals of time into memory: each gets an offset, and no two that are alive together
 * overlap.  Knows no programs. */
#ifndef WG_EXEC_PACK_H
#define WG_EXEC_PACK_H

#include <stdbool.h>
#include <stdint.h>

#include "core/arena.h"

typedef struct wg_interval {
    int32_t owner;
    int32_t first, last; /* alive from first to last, both included: 0 .. steps */
    int64_t bytes, offset;
} wg_interval;

/* The most bytes that are alive together: no packing takes less.  -1 when memory runs out. */
int64_t wg_most_live(const wg_interval *interval, int32_t n, int32_t steps, wg_arena *scratch);

/* Sets every offset and *bytes, the memory that all of them take.  By time with best fit, which is
 * linear; where that takes more than enough (wg_most_live), up to a few thousand are also packed
 * by size, which is quadratic, and the best is kept.  scratch is used and left as it was.
 * false when memory runs out. */
bool wg_pack(wg_interval *interval, int32_t n, int32_t steps, int64_t enough, wg_arena *scratch,
             int64_t *bytes);

#endif
