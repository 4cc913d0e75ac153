/* The solution of exercise 2, relu.c. */
#include "../judge/judge.h"

static wg_tensor *adjoint(wg_tensor *x, wg_tensor *g)
{
    /* g where x > 0, else 0. */
    return wg_mul(g, wg_gt(x, wg_full_like(x, 0)));
}

int main(void)
{
    return judge_relu(adjoint);
}
