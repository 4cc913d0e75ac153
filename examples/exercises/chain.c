/* Exercise 3, deck 001, "Simple Example" and "a shared variable"; deck 002, "Chain Rule".
 *
 *     z1 = w1 a0,  a1 = sigma(z1),  z2 = w2 a1,  a2 = sigma(z2),  C = (a2 - y)^2
 *
 * Write dC/dw2 and dC/dw1 as products of the factors along their paths; sigma' = a (1 - a) needs
 * no z. Then a variable that is shared: z = y w with y = u^2 and w = sin u, so that u reaches z
 * along two paths. wg_rsub(a, 1) is 1 - a, wg_mul_scalar(a, 2) is 2 a. */
#include "judge/judge.h"

static wg_tensor *dC_dw2(wg_tensor *a1, wg_tensor *a2, wg_tensor *y)
{
    return not_solved(a1, a2, y);
}

static wg_tensor *dC_dw1(wg_tensor *a0, wg_tensor *a1, wg_tensor *w2, wg_tensor *a2, wg_tensor *y)
{
    return not_solved(a0, a1, w2, a2, y);
}

static wg_tensor *dz_du(wg_tensor *u)
{
    return not_solved(u);
}

int main(void)
{
    return judge_chain(dC_dw2, dC_dw1, dz_du);
}
