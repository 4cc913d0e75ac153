/* What keeps exponentials in range: shared by logsumexp and the losses. */
#ifndef WG_OPS_STABLE_H
#define WG_OPS_STABLE_H

#include "tape/tape.h"

/* One value of x's dtype, of rank 0; NULL for NULL. */
wg_tensor *wg_scalar_like(wg_tensor *x, double value);

/* x less its largest element over the axes, of which there is at least one; *peak is that element
 * as a constant (axes kept), or 0 where it is infinite or NaN.  e^(x - peak) does not overflow
 * unless an element is infinite. */
wg_tensor *wg_below_peak(wg_tensor *x, wg_axes axes, wg_tensor **peak);

#endif
