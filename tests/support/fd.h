/* Finite differences for tests, written apart from src/check so that each of the two checks the
 * other: one fixed step, a five-point stencil, every element, no judgement about kinks (inputs
 * are drawn away from them). */
#ifndef TESTS_SUPPORT_FD_H
#define TESTS_SUPPORT_FD_H

#include <wengert.h>

typedef struct fd_outcome {
    int64_t elements;  /* compared */
    double worst;      /* largest (analytic - numeric) / scale, signed */
    char where[128];   /* the leaf and the element it is at */
    double identity;   /* |<v, J u> - <J'v, u>| / sum of magnitudes of their terms
                        * (1e-3 if less) */
    bool coarse;       /* there are f32 on the tape: errors are those of single precision */
    char failure[400]; /* "", or why nothing could be compared */
} fd_outcome;

/* y's derivatives by all floating inputs and parameters of its tape under a random cotangent:
 * the vjp element by element and, along a random direction, the jvp against the vjp.  order 2:
 * of the gradient that order 1 gave, weighted at random.  y's tape is written on. */
fd_outcome fd_check(wg_tensor *y, int order, uint64_t seed);

/* The values of y, and of its gradients one after the other, under a cotangent that depends on
 * the seed alone. NULL after a failure; else *n numbers, to be freed. */
double *fd_values(wg_tensor *y, uint64_t seed, int64_t *n, int64_t *values);

/* Gives every input without a value one from the domain of the argument that its name tells (x0,
 * x1, x2; others go by their order): values keep a distance from each other and from the kink,
 * and can be held by an f32.  false if memory runs out. */
bool fd_feed(wg_tape *t, const wg_domain domain[3], uint64_t seed);

double fd_random(uint64_t *state); /* in [0, 1) */

#endif
