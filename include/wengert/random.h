/* Random tensors.  An element is a function of (seed, stream, run, index) by Philox4x32-10
 * (Salmon et al. 2011), stream being the draw's ordinal on its tape: the same on any machine.
 * Every run of a program that draws takes new numbers; within a run a draw has one value, however
 * often it is used or differentiated.  f32 draws are the f64 draws rounded, those of wg_uniform
 * into [lo, hi).  wg_normal takes log, sin and cos of the C library, whose last bit is its own.
 * Shapes: the shape given; [n] of wg_permutation, x's of wg_dropout.
 * Errors: NULL, with the reason on the tape, if a parameter is NaN, infinite or out of its range,
 * or the shape is bad. */
#ifndef WENGERT_RANDOM_H
#define WENGERT_RANDOM_H

#include <wengert/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* uniform in lo <= y < hi */
WG_API wg_tensor *wg_uniform(wg_tape *t, wg_shape shape, double lo, double hi);
/* mean + std z, z normal: Box and Muller 1958 */
WG_API wg_tensor *wg_normal(wg_tape *t, wg_shape shape, double mean, double std);
/* 1 with probability p, else 0 */
WG_API wg_tensor *wg_bernoulli(wg_tape *t, wg_shape shape, double p);
/* i32: 0 to n-1 in random order */
WG_API wg_tensor *wg_permutation(wg_tape *t, int64_t n);
/* x with every element set to 0 with probability p, the others divided by 1 - p;
 * p in [0, 1] (1: all 0). */
WG_API wg_tensor *wg_dropout(wg_tensor *x, double p);

#ifdef __cplusplus
}
#endif
#endif
