/* Exercise 7, deck 002, "delta for the final layer" and "Back propagation of delta": theta =
 * tanh,
 *
 *     s1 [1, 3],  x1 = theta(s1),  s2 = x1 W,  x2 = theta(s2),  e = (x2 - y)^2         W [3, 1]
 *
 * delta is de/ds. Write the final layer's, and how the layer before gets its own from it:
 * delta1_i = theta'(s1_i) sum_j W_ij delta2_j. theta'(s) = 1 - theta(s)^2 needs no s. */
#include "judge/judge.h"

static wg_tensor *delta2(wg_tensor *x2, wg_tensor *y)
{
    return not_solved(x2, y);
}

static wg_tensor *delta1(wg_tensor *x1, wg_tensor *W, wg_tensor *delta2)
{
    return not_solved(x1, W, delta2);
}

int main(void)
{
    return judge_tanh_deltas(delta2, delta1);
}
