#include "kernels/box.h"

wg_box wg_box_common(int64_t rank, const wg_box *a, const wg_box *b)
{
    wg_box c = {{0}, {0}};
    for (int64_t d = 0; d < rank; d++) {
        const int64_t ends = a->start[d] + a->extent[d], other = b->start[d] + b->extent[d];
        const int64_t last = ends < other ? ends : other;
        c.start[d] = a->start[d] > b->start[d] ? a->start[d] : b->start[d];
        c.extent[d] = last > c.start[d] ? last - c.start[d] : 0;
    }
    return c;
}

bool wg_box_is_empty(int64_t rank, const wg_box *b)
{
    for (int64_t d = 0; d < rank; d++)
        if (b->extent[d] == 0)
            return true;
    return false;
}

/* A box is runs of so many neighbours; gives how many axes count them, and y's strides. */
static int64_t runs_of(int64_t rank, const int64_t *dim, const wg_box *box, int64_t *stride,
                       int64_t *run)
{
    int64_t outer = rank, step = 1;
    for (int64_t d = rank - 1; d >= 0; d--) {
        stride[d] = step;
        step *= dim[d];
    }
    *run = 1;
    while (outer > 0) {
        outer--;
        *run *= box->extent[outer];
        if (box->extent[outer] != dim[outer])
            break;
    }
    return outer;
}

#define KERNELS "kernels/box.inc"
#include "kernels/each_type.inc"
