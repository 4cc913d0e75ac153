/* Which instruction set's kernels stand in for the baseline's. */
#include "ops/reduces.h"

const wg_reduce *wg_reduce_for(wg_isa_level level, const wg_reduce *baseline)
{
    const wg_reduce *best = WG_ISA_SELECT(level, wg_reduces);
    for (int i = 0; i < WG_REDUCES_COUNT; i++)
        if (baseline == &wg_reduces_baseline[i])
            return &best[i];
    return baseline;
}
