/* Exercise 5, deck 000, equation 12, and deck 001, "Repeating for All Training Examples": a
 * batch. Each row of X is an example, and one bias is added to all rows:
 *
 *     Z = X W + b         X [4, 2]   W [2, 3]   b [3], broadcast to [4, 3]   Z [4, 3]
 *
 * Given the adjoint G of Z, write dW and db. What was broadcast is used several times, so its
 * adjoint is a sum: wg_sum_axes(x, WG_AXES(k), false) sums over axis k, which goes. */
#include "judge/judge.h"

static wg_tensor *dW(wg_tensor *X, wg_tensor *G)
{
    return not_solved(X, G);
}

static wg_tensor *db(wg_tensor *G)
{
    return not_solved(G);
}

int main(void)
{
    return judge_batch(dW, db);
}
