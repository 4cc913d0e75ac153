/* Exercise 8, deck 004, the listing of backward_prop. One line is wrong:
 *
 *     dz2 = np.multiply((y_hat-y), sigmoid_derivative(z2))
 *     dw2 = np.dot(dz2, h1.T)
 *     dh1 = np.dot(dw2.T, dz2)
 *     dz1 = np.multiply(dh1, sigmoid_derivative(z1))
 *     dw1 = np.dot(dz1, x.T)
 *
 * Which? (Compare with the deck's equations 1 to 5, or derive them.) Its shape is right, so
 * nothing complains when it runs. Then write dh1 as it should be: W2 [1, 3], dw2 [1, 3], dz2 [1,
 * 1], dh1 [3, 1]. */
#include "judge/judge.h"

static const char wrong_line[] = ""; /* "dz2", "dw2", "dh1", "dz1" or "dw1" */

static wg_tensor *dh1(wg_tensor *W2, wg_tensor *dw2, wg_tensor *dz2)
{
    return not_solved(W2, dw2, dz2);
}

int main(void)
{
    return judge_wrong_gradient(wrong_line, dh1);
}
