/* What the files that reduce say to each other: which axes, and the shape that keeps them. */
#ifndef WG_OPS_REDUCE_H
#define WG_OPS_REDUCE_H

#include "tape/tape.h"

/* Sets in[d] for the axes of x that are named;
 * false after a refusal in op's name, also if x is NULL. */
bool wg_reduced_axes(const char *op, wg_tensor *x, wg_axes axes, bool in[WG_MAX_RANK]);

/* All axes of x; none if it is NULL. */
wg_axes wg_all_axes_of(const wg_tensor *x);

/* x's shape with extent 1 where in[d]; and how many elements of x go into one of the result. */
wg_shape wg_kept_shape(const wg_tensor *x, const bool in[WG_MAX_RANK]);
int64_t wg_reduced_count(const wg_tensor *x, const bool in[WG_MAX_RANK]);

/* x if it is of a floating dtype; NULL after a refusal in op's name (none if x is NULL). */
wg_tensor *wg_want_float(const char *op, wg_tensor *x);

#endif
