/* The solution of exercise 3, chain.c. */
#include "../judge/judge.h"

static wg_tensor *dC_da2(wg_tensor *a2, wg_tensor *y)
{
    return wg_mul_scalar(wg_sub(a2, y), 2);
}

static wg_tensor *slope(wg_tensor *a)
{
    return wg_mul(a, wg_rsub(a, 1));
}

static wg_tensor *dC_dw2(wg_tensor *a1, wg_tensor *a2, wg_tensor *y)
{
    /* dC/da2  da2/dz2  dz2/dw2 */
    return wg_mul(wg_mul(dC_da2(a2, y), slope(a2)), a1);
}

static wg_tensor *dC_dw1(wg_tensor *a0, wg_tensor *a1, wg_tensor *w2, wg_tensor *a2, wg_tensor *y)
{
    /* dC/da2  da2/dz2  dz2/da1  da1/dz1  dz1/dw1 */
    return wg_mul(wg_mul(wg_mul(dC_da2(a2, y), slope(a2)), wg_mul(w2, slope(a1))), a0);
}

static wg_tensor *dz_du(wg_tensor *u)
{
    /* dy/du w + y dw/du */
    return wg_add(wg_mul(wg_mul_scalar(u, 2), wg_sin(u)), wg_mul(wg_square(u), wg_cos(u)));
}

int main(void)
{
    return judge_chain(dC_dw2, dC_dw1, dz_du);
}
