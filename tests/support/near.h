/* Reading values and gradients in a line, for tests that compare with numbers worked out by
 * hand. */
#ifndef TESTS_SUPPORT_NEAR_H
#define TESTS_SUPPORT_NEAR_H

#include <wengert.h>

/* An input with these values, as many as the shape has elements; names must differ on a tape. */
wg_tensor *near_input(wg_tape *t, const char *name, wg_shape shape, const double *v);

/* Fails the test, naming the element, unless y has exactly n elements that agree with wants: equal
 * infinities, NaN with NaN, others within tolerance * max(1, |wants|). */
void near_values(wg_tensor *y, int n, const double *wants, double tolerance);
void near_item(wg_tensor *y, double wants, double tolerance);

/* The same for the derivative of sum(y) with respect to x. */
void near_grad(wg_tensor *y, wg_tensor *x, int n, const double *wants, double tolerance);

/* Fails the test unless a finite-difference check of the model passes at order 1 and 2. */
void near_check(wg_model *model, void *user);

/* Fails the test unless y is NULL and the tape's error is this; clears it. */
void near_refused(wg_tape *t, const wg_tensor *y, const char *error);

#define NEAR_LIST(...) \
    (int)(sizeof((const double[]){__VA_ARGS__}) / sizeof(double)), (const double[]){__VA_ARGS__}

#endif
