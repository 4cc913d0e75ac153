/* Exercise 4, deck 000, equations 5 and 6: a dense layer, with f = tanh,
 *
 *     h = W x + b,  y = f(h)         W [3, 2]   x [2, 1]   b, h, y [3, 1]
 *
 * and the adjoint D of y. Derive, and then write down, the three gradients. (Equation 10 of the
 * deck says [f'(h) o D]^T x for dW: look at the shapes.) wg_matmul, wg_mul (element by element:
 * the deck's o), wg_transpose; tanh'(h) = 1 - tanh(h)^2, wg_rsub(a, 1) is 1 - a. */
#include "judge/judge.h"

static wg_tensor *dW(wg_tensor *x, wg_tensor *h, wg_tensor *D)
{
    return not_solved(x, h, D); /* equation 5 */
}

static wg_tensor *db(wg_tensor *h, wg_tensor *D)
{
    return not_solved(h, D); /* equation 5 */
}

static wg_tensor *dx(wg_tensor *W, wg_tensor *h, wg_tensor *D)
{
    return not_solved(W, h, D); /* equation 6 */
}

int main(void)
{
    return judge_dense(dW, db, dx);
}
