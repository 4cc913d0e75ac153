#include "exec/flops.h"

#include "core/shape.h"
#include "exec/lower.h"
#include "ops/window_add.h"
#include "tape/tape.h"

/* a b c; none is negative. */
static int64_t product(int64_t a, int64_t b, int64_t c)
{
    bool overflow = false;
    int64_t ab = wg_checked_mul(a, b, &overflow), abc = wg_checked_mul(ab, c, &overflow);
    return overflow ? INT64_MAX : abc;
}

int64_t wg_flops_of(const wg_tensor *t)
{
    int64_t results = wg_shape_count(t->shape);
    if (t->op->map)
        return product(results, t->op->map->flops > 0 ? t->op->map->flops : 1, 1);
    if (t->op->product) {
        const wg_shape *a = &t->in[0]->shape;
        const int64_t n = t->shape.dim[t->shape.rank - 1];
        return wg_adds_products_up(t) ? product(2, wg_shape_count(*a), n)
                                      : product(2, results, a->dim[a->rank - 1]);
    }
    if (t->op == &wg_window_add_op)
        return wg_shape_count(t->in[1]->shape);
    if (!t->op->reduce)
        return 0;
    int64_t adds = wg_shape_count(t->in[0]->shape) - results;
    return adds > 0 ? adds : 0;
}
