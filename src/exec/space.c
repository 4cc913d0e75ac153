/* Index spaces: folding axes together, and walking what is left. */
#include <string.h>

#include "exec/instr.h"

static bool merges(const wg_space *s, int64_t extent, const int64_t *strides)
{
    for (int k = 0; k < s->operands; k++)
        if (s->axis[s->rank - 1].stride[k] != strides[k] * extent)
            return false;
    return true;
}

void wg_space_add_axis(wg_space *s, int64_t extent, const int64_t *strides)
{
    if (extent == 1)
        return;
    int d = s->rank;
    if (d > 0 && merges(s, extent, strides)) {
        s->axis[--d].extent *= extent;
    } else {
        s->axis[d].extent = extent;
        s->rank++;
    }
    for (int k = 0; k < s->operands; k++)
        s->axis[d].stride[k] = strides[k];
}

int64_t wg_space_count(const wg_space *s)
{
    int64_t count = 1;
    for (int d = 0; d < s->rank; d++)
        count *= s->axis[d].extent;
    return count;
}

const wg_space *wg_keep_space(wg_builder *b, const wg_space *s)
{
    return wg_keep_alike(b, s, offsetof(wg_space, axis) + (size_t)s->rank * sizeof *s->axis);
}

void wg_walk_start(wg_walk *w, const wg_space *s, int axes, int64_t row)
{
    w->s = s; /* what is not used is not set: tiny instructions would wait for it */
    w->axes = axes;
    for (int k = 0; k < s->operands; k++)
        w->offset[k] = 0;
    for (int d = axes - 1; d >= 0; d--) {
        w->at[d] = row % s->axis[d].extent;
        row /= s->axis[d].extent;
        for (int k = 0; k < s->operands; k++)
            w->offset[k] += w->at[d] * s->axis[d].stride[k];
    }
}

void wg_walk_next(wg_walk *w)
{
    const wg_space *s = w->s;
    for (int d = w->axes - 1; d >= 0; d--) {
        bool wraps = ++w->at[d] == s->axis[d].extent;
        for (int k = 0; k < s->operands; k++)
            w->offset[k] += s->axis[d].stride[k] * (wraps ? 1 - s->axis[d].extent : 1);
        if (!wraps)
            return;
        w->at[d] = 0;
    }
}

wg_space wg_elementwise_space(const wg_builder *b, const wg_step *s)
{
    wg_space space = {.operands = s->n + 1};
    wg_view view[WG_MAX_WALKED];
    int64_t size[WG_MAX_WALKED];
    for (int i = 0; i < s->n; i++) {
        size[i] = (int64_t)wg_dtype_size((wg_dtype)b->l->buffer[s->in[i].buffer].dtype);
        view[i] = wg_operand_view(&s->in[i], &s->t->shape);
    }
    size[s->n] = (int64_t)wg_dtype_size(s->t->dtype);
    view[s->n] = wg_view_whole(&s->t->shape);
    for (int64_t d = 0; d < s->t->shape.rank; d++) {
        int64_t strides[WG_MAX_WALKED];
        for (int i = 0; i <= s->n; i++)
            strides[i] = view[i].stride[d] * size[i];
        wg_space_add_axis(&space, s->t->shape.dim[d], strides);
    }
    if (space.rank == 0) /* one element */
        space.axis[space.rank++].extent = 1;
    return space;
}

void wg_repeat_row(char *to, const char *from, int64_t have, int64_t n, int64_t size)
{
    memcpy(to, from, (size_t)(have * size));
    for (; have < n; have *= 2)
        memcpy(to + have * size, to, (size_t)((have < n - have ? have : n - have) * size));
}

void wg_gather_row(void *to, const char *from, int64_t stride, int64_t n, int64_t size)
{
    if (size == 4)
        for (int64_t i = 0; i < n; i++)
            memcpy((char *)to + i * 4, from + i * stride, 4);
    else
        for (int64_t i = 0; i < n; i++)
            memcpy((char *)to + i * 8, from + i * stride, 8);
}
