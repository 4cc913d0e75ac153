/* The reverse sweep. */
#ifndef WG_GRAD_SWEEP_H
#define WG_GRAD_SWEEP_H

#include <wengert/grad.h>
#include <wengert/op.h>

/* g[i] = (dy / dx[i])' v, appended to the tape; who names the caller in messages.
 * Arguments are known to be good. */
wg_status wg_sweep(const char *who, wg_tensor *y, wg_tensor *v, int n, wg_tensor *const *x,
                   wg_tensor **g);
/* The same, and watch hears of each adjoint that is handed on. */
wg_status wg_sweep_watched(const char *who, wg_tensor *y, wg_tensor *v, int n, wg_tensor *const *x,
                           wg_tensor **g, wg_sweep_watch *watch, void *user);

/* Checks that there are n tensors in x, all floating and of y's tape;
 * keeps the reason on the tape if not. */
bool wg_wanted(const char *who, wg_tensor *y, int n, wg_tensor *const *x);

#ifdef WENGERT_MUTATION
/* Test builds that break rules on purpose: the adjoint that the op's rule gave,
 * or a wrong one in its place. */
wg_tensor *wg_mutate(const wg_op *op, int i, wg_tensor *adjoint);
#endif

#endif
