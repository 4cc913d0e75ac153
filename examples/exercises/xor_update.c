/* Exercise 9, deck 003, "Weight updates": given a weight w, the gradient dJ/dw that
 * backpropagation found and the rate eta, return what w becomes. Judged by hand on three
 * numbers; then a network of 2, 4 and 1 sigmoids is trained on XOR with your rule, 4000 updates
 * with eta = 1, and has to learn it. */
#include "judge/judge.h"

static wg_tensor *update(wg_tensor *w, wg_tensor *dJ_dw, double eta)
{
    return not_solved(w, dJ_dw, eta);
}

int main(void)
{
    return judge_xor_update(update);
}
