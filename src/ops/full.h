/* One value everywhere: the op behind wg_scalar and wg_full. */
#ifndef WG_OPS_FULL_H
#define WG_OPS_FULL_H

#include <wengert/op.h>

/* Whether y is such a node, and its value. */
bool wg_is_full(const wg_tensor *y, double *value);

#endif
