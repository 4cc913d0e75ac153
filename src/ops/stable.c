/* What keeps exponentials in range. */
#include "ops/stable.h"

#include <wengert/effect.h>
#include <wengert/elementwise.h>
#include <wengert/reduce.h>

wg_tensor *wg_scalar_like(wg_tensor *x, double value)
{
    return x ? wg_full_as(x->tape, x->dtype, WG_SHAPE(), value) : NULL;
}

wg_tensor *wg_below_peak(wg_tensor *x, wg_axes axes, wg_tensor **peak)
{
    wg_tensor *largest = wg_stop_gradient(wg_max_axes(x, axes, true));
    *peak = wg_where(wg_isfinite(largest), largest, wg_scalar_like(largest, 0));
    return wg_sub(x, *peak);
}
