/* Ops that leave values as they are and tell a sweep or a run what to do. */
#ifndef WENGERT_EFFECT_H
#define WENGERT_EFFECT_H

#include <wengert/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* x, through which no derivative passes. */
WG_API wg_tensor *wg_stop_gradient(wg_tensor *x);

/* leaf <- value, where a program lists the result among its outputs; elsewhere it is just value.  leaf: a parameter; value: its shape
 * and dtype.  Every read in a run sees the values from before the run; all assignments commit together at its end. */
WG_API wg_tensor *wg_assign(wg_tensor *leaf, wg_tensor *value);

#ifdef __cplusplus
}
#endif
#endif
