/* Exercise 2, decks 001 and 002: the rectifier
 *
 *     y = max(0, x)
 *
 * Given x and the adjoint g of y, return the adjoint of x. At x = 0 there is a kink: the slope
 * is 0 on the left and 1 on the right, and any number between them would do; the library (like
 * most) takes 0. wg_gt, wg_ge, wg_lt and wg_le compare, and give 1 and 0; wg_full_like(x, 0) is
 * a 0 of x's shape. */
#include "judge/judge.h"

static wg_tensor *adjoint(wg_tensor *x, wg_tensor *g)
{
    return not_solved(x, g);
}

int main(void)
{
    return judge_relu(adjoint);
}
