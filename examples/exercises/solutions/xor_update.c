/* The solution of exercise 9, xor_update.c. */
#include "../judge/judge.h"

static wg_tensor *update(wg_tensor *w, wg_tensor *dJ_dw, double eta)
{
    return wg_sub(w, wg_mul_scalar(dJ_dw, eta));
}

int main(void)
{
    return judge_xor_update(update);
}
