/* Packing intervals of time into memory: each gets an offset, and no two that are alive together overlap.  Knows no programs. */
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

/* Sets every offset and *bytes, the memory that all of them take.  Two ways are tried and the better is kept: by time with best fit
 * (linear), and by size (quadratic, so only for a few thousand).  scratch is used and left as it was.  false when memory runs out. */
bool wg_pack(wg_interval *interval, int32_t n, int32_t steps, wg_arena *scratch, int64_t *bytes);

#endif
