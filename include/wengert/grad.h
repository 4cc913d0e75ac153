/* Derivatives.  Every result is a tensor on the same tape: it can be run, used and differentiated
 * again.
 * Errors: NULL, or a status other than WG_OK with all results NULL, and the reason on the tape, if
 * an argument is NULL or of another tape, a dtype or a shape is not as said, or an op on the way
 * has no rule. */
#ifndef WENGERT_GRAD_H
#define WENGERT_GRAD_H

#include <wengert/base.h>
#include <wengert/effect.h> /* wg_stop_gradient */

#ifdef __cplusplus
extern "C" {
#endif

/* g[i] = dy / dx[i]  for a y of one element.  x: leaves or inner tensors, in any number; a tensor
 * that y does not depend on gets zeros.
 * One sweep from y back to the x; records only what the x need.
 * Shapes: g[i] has that of x[i]. */
WG_API wg_status wg_grad(wg_tensor *y, int n, wg_tensor *const *x, wg_tensor **g);

/* g[i] = J_i' v  with J_i = dy / dx[i] and the cotangent v of y's shape and dtype.
 * Shapes: g[i] has that of x[i]. */
WG_API wg_status wg_vjp(wg_tensor *y, wg_tensor *v, int n, wg_tensor *const *x, wg_tensor **g);

/* One hand-over of a reverse sweep: node's adjoint is complete, its rule gave its operand i the
 * adjoint term, and what that operand has received so far is sum (term itself if it is the first).
 * All are tensors on the tape, recorded and without values yet. */
typedef struct wg_sweep_event {
    wg_tensor *node, *adjoint;
    int i;
    wg_tensor *term, *sum;
} wg_sweep_event;

/* Hears of a sweep: user is what wg_vjp_watched was given. */
typedef void wg_sweep_watch(void *user, const wg_sweep_event *e);

/* wg_vjp, and watch hears of each hand-over in the order of the sweep: nodes from y backwards,
 * each node's operands from the first.
 * NULL watches nothing. */
WG_API wg_status wg_vjp_watched(wg_tensor *y, wg_tensor *v, int n, wg_tensor *const *x,
                                wg_tensor **g, wg_sweep_watch *watch, void *user);

/* sum_i J_i u[i]: the derivative of y when x[i] moves along u[i] (of x[i]'s shape and dtype).
 * Worked out as the vjp of the vjp, which is linear in its cotangent.
 * Shapes: the result has that of y. */
WG_API wg_tensor *wg_jvp(wg_tensor *y, int n, wg_tensor *const *x, wg_tensor *const *u);

/* h[i] = sum_j (d2y / dx[i] dx[j]) v[j]  for a y of one element:
 * forward over reverse, about the cost of two gradients.
 * Shapes: v[i] and h[i] have that of x[i]. */
WG_API wg_status wg_hvp(wg_tensor *y, int n, wg_tensor *const *x, wg_tensor *const *v,
                        wg_tensor **h);

/* J[i.., j..] = dy[i..] / dx[j..], shape y.shape + x.shape;
 * one reverse sweep for each element of y. */
WG_API wg_tensor *wg_jacobian(wg_tensor *y, wg_tensor *x);

/* H[i.., j..] = d2y / dx[i..] dx[j..]  for a y of one element, shape x.shape + x.shape;
 * one sweep for each element of x. */
WG_API wg_tensor *wg_hessian(wg_tensor *y, wg_tensor *x);

#ifdef __cplusplus
}
#endif
#endif
