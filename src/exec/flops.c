#include "exec/flops.h"

#include "tape/tape.h"

int64_t wg_flops_of(const wg_tensor *t)
{
    int64_t results = wg_shape_count(t->shape);
    if (t->op->map)
        return results * (t->op->map->flops ? t->op->map->flops : 1);
    if (t->op->product)
        return 2 * results * t->in[0]->shape.dim[t->in[0]->shape.rank - 1];
    if (!t->op->reduce)
        return 0;
    int64_t adds = wg_shape_count(t->in[0]->shape) - results;
    return adds > 0 ? adds : 0;
}
