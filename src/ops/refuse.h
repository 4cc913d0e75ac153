/* Refusals with numbers in them: the one message form, `op: wants <what>, got <operands>`, with
 * what is wanted formatted. */
#ifndef WG_OPS_REFUSE_H
#define WG_OPS_REFUSE_H

#include "tape/tape.h"

/* wg_refuse and wg_fail with `wants` as a printf format: always NULL, always false. */
wg_tensor *wg_refuse_text(const char *op, int n, wg_tensor *const *in, const char *wants, ...)
    __attribute__((format(printf, 4, 5)));
bool wg_fail_text(wg_tensor *y, const char *wants, ...) __attribute__((format(printf, 2, 3)));

/* Whether there are n tensors at in, all of one tape (and, for wg_alike, of one dtype);
 * refused in op's name if not. */
bool wg_together(const char *op, int n, wg_tensor *const *in);
bool wg_alike(const char *op, int n, wg_tensor *const *in);

/* Whether a result of this shape and dtype can be:
 * refused in op's name if its rank or its number of bytes is too large. */
bool wg_holdable(const char *op, int n, wg_tensor *const *in, wg_shape shape, wg_dtype dtype);

/* "[0, -1]" into buf, for a list of axes that is refused; returns buf. */
const char *wg_axes_text(wg_axes axes, char *buf, size_t size);

/* 0 <= axis < rank from an axis of x that may count from the end; -1 after a refusal in op's name,
 * also if x is NULL.
 * wg_axis_among is for a place among other axes than x's own (unsqueeze, stack), and for ops whose
 * message has more operands. */
int wg_axis_of(const char *op, wg_tensor *x, int64_t axis);
int wg_axis_among(const char *op, int n, wg_tensor *const *in, int64_t axis, int64_t rank);

#endif
