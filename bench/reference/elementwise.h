/* Elementwise work written by hand: one loop each. */
#ifndef BENCH_REFERENCE_ELEMENTWISE_H
#define BENCH_REFERENCE_ELEMENTWISE_H

#include <stdint.h>

/* y[i] = f(a[i]) or f(a[i], b[i]) */
typedef void map_loop(int64_t n, const float *a, const float *b, float *y);
map_loop exp_loop, log_loop, tanh_loop, sigmoid_loop, softplus_loop, erf_loop, sin_loop, cos_loop,
    add_loop, mul_loop, relu_loop;
map_loop sigmoid_backward_loop; /* a (b - b^2): the adjoint a of y = sigmoid x, with b = y */

/* D. Kingma and J. Ba 2015, with the corrections of the bias in the rate: m and v are the running
 * means of the gradient and its square. */
typedef struct adam {
    float rate, beta1, beta2, epsilon;
} adam;
void adam_loop(int64_t n, adam a, const float *g, float *m, float *v, float *p);

/* Along rows. */
void softmax_loop(int64_t rows, int64_t columns, const float *x, float *y);

#endif
