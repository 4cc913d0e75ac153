/* Ops that leave values as they are and tell a sweep or a run what to do.
 * Errors: NULL, with the reason on the tape, if an argument is NULL or of another tape,
 * or does not fit as said. */
#ifndef WENGERT_EFFECT_H
#define WENGERT_EFFECT_H

#include <wengert/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* y = x, through which no derivative passes.  Any shape and dtype; no copy. */
WG_API wg_tensor *wg_stop_gradient(wg_tensor *x);

/* leaf <- value, where a program lists the result among its outputs; elsewhere it is just value.
 * leaf: a parameter; value: its shape and dtype.  Every read in a run sees the values from before
 * the run; all assignments commit together at its end. */
WG_API wg_tensor *wg_assign(wg_tensor *leaf, wg_tensor *value);

/* y, as it is.  A program keeps y and the inputs for the derivatives that pass through it, but not
 * what lies between them: that is computed again, once a sweep, just before the sweep reads it.
 * Less memory for at most one more pass forwards through the stretch; the same numbers bit for
 * bit, since draws are the same draws and parameters are read as they were before the run.
 *
 *     for (int k = 0; k < blocks; k++)
 *         h = wg_checkpoint(block(k, h), 1, &h);
 *
 * Between y and the inputs lies what y needs and what depends on an input, or on random draws made
 * after the first of the inputs and on nothing else.  What y takes from elsewhere (a mask made
 * before, a function of parameters alone) is kept like an input; list a parameter to have what is
 * made of it recomputed too.  n = 0: all that y needs, from the leaves on.  A checkpoint inside
 * another's stretch adds nothing; where a program does not need y itself, there is nothing to do.
 * wg_compile_options.memory places checkpoints by itself.
 * Shapes: y's. */
WG_API wg_tensor *wg_checkpoint(wg_tensor *y, int n, wg_tensor *const *inputs);

#ifdef __cplusplus
}
#endif
#endif
