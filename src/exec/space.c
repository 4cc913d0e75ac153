/* Index spaces: folding axes together, and walking what is left. */
#include "exec/instr.h"

static bool merges(const wg_space *s, int64_t extent, const int64_t *strides)
{
    for (int k = 0; k < s->operands; k++)
        if (s->stride[k][s->rank - 1] != strides[k] * extent)
            return false;
    return true;
}

void wg_space_add_axis(wg_space *s, int64_t extent, const int64_t *strides)
{
    if (extent == 1)
        return;
    int d = s->rank;
    if (d > 0 && merges(s, extent, strides)) {
        s->extent[--d] *= extent;
    } else {
        s->extent[d] = extent;
        s->rank++;
    }
    for (int k = 0; k < s->operands; k++)
        s->stride[k][d] = strides[k];
}

int64_t wg_space_count(const wg_space *s)
{
    int64_t count = 1;
    for (int d = 0; d < s->rank; d++)
        count *= s->extent[d];
    return count;
}

void wg_walk_start(wg_walk *w, const wg_space *s, int axes, int64_t row)
{
    *w = (wg_walk){.s = s, .axes = axes};
    for (int d = axes - 1; d >= 0; d--) {
        w->at[d] = row % s->extent[d];
        row /= s->extent[d];
        for (int k = 0; k < s->operands; k++)
            w->offset[k] += w->at[d] * s->stride[k][d];
    }
}

void wg_walk_next(wg_walk *w)
{
    const wg_space *s = w->s;
    for (int d = w->axes - 1; d >= 0; d--) {
        bool wraps = ++w->at[d] == s->extent[d];
        for (int k = 0; k < s->operands; k++)
            w->offset[k] += s->stride[k][d] - (wraps ? s->extent[d] * s->stride[k][d] : 0);
        if (!wraps)
            return;
        w->at[d] = 0;
    }
}
