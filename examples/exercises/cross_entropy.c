/* Exercise 6, deck 000, equation 19: the cross-entropy, and why sigma' cancels in its gradient.
 *
 * Sigmoids, summed over all elements:       C = -sum y ln sigma(a) + (1 - y) ln(1 - sigma(a))
 * A softmax a row, averaged over the rows:  C = -1/n sum_rows sum_k y_k ln softmax(a)_k,  n = 3
 *
 * a and y are [3, 3]: three examples, three outputs or classes. Write dC/da for both.
 * wg_sigmoid(a), wg_softmax(a, axis) (axis -1: the last), wg_sub, wg_mul_scalar, wg_div_scalar. */
#include "judge/judge.h"

static wg_tensor *sigmoid_da(wg_tensor *a, wg_tensor *y)
{
    return not_solved(a, y);
}

static wg_tensor *softmax_da(wg_tensor *a, wg_tensor *y)
{
    return not_solved(a, y);
}

int main(void)
{
    return judge_cross_entropy(sigmoid_da, softmax_da);
}
