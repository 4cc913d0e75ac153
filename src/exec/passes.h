/* Passes: how often a fused step goes over the rows that it reduces, and what it does in each. */
#ifndef WG_EXEC_PASSES_H
#define WG_EXEC_PASSES_H

#include "exec/weave.h"

/* Sets the weaver's phase of every micro-op: the pass in which it runs.  A pass first works on
 * the elements, then reduces, then works on what reductions keep.  Gives the number of passes. */
int32_t wg_find_passes(wg_weaver *w);

#endif
