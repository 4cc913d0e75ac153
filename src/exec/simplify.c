#include "exec/simplify.h"

#include <math.h>

#include "core/dtype.h"
#include "ops/elementwise_maps.h"
#include "ops/maps.h"

bool wg_fold_numbers(wg_isa_level isa, const wg_tensor *t, const double *x, double *y)
{
    double cell[WG_MAP_INPUTS + 1] = {0};
    const void *in[WG_MAP_INPUTS];
    const int64_t step[WG_MAP_INPUTS] = {1, 1, 1};
    if (!t->op->map || t->n < 1 || t->n > WG_MAP_INPUTS)
        return false;
    for (int i = 0; i < t->n; i++) {
        wg_number_put(&cell[i], t->in[i]->dtype, 0, x[i]);
        in[i] = &cell[i];
    }
    wg_map_kernel *kernel = wg_map_for(isa, t->op->map)->kernel[t->in[0]->dtype];
    if (!kernel)
        return false;
    kernel(1, &cell[WG_MAP_INPUTS], in, step, t->attr);
    *y = wg_number_get(&cell[WG_MAP_INPUTS], t->dtype, 0);
    return true;
}

int wg_operand_given_back(const wg_tensor *t, const bool *number, const double *x)
{
    const wg_elementwise_maps *op = &wg_elementwise_maps_baseline;
    if (t->n != 2)
        return -1;
    const bool one[2] = {number[0] && x[0] == 1, number[1] && x[1] == 1};
    if (one[1] && (t->op->map == &op->mul || t->op->map == &op->div))
        return 0;
    if (one[0] && t->op->map == &op->mul)
        return 1;
    return number[1] && x[1] == 0 && !signbit(x[1]) && t->op->map == &op->sub ? 0 : -1;
}
