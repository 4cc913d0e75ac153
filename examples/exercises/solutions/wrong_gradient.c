/* The solution of exercise 8, wrong_gradient.c. */
#include "../judge/judge.h"

static const char wrong_line[] = "dh1"; /* "dz2", "dw2", "dh1", "dz1" or "dw1" */

static wg_tensor *dh1(wg_tensor *W2, wg_tensor *dw2, wg_tensor *dz2)
{
    (void)dw2; /* the listing's slip: a gradient in the place of the weight */
    return wg_matmul(wg_transpose(W2), dz2);
}

int main(void)
{
    return judge_wrong_gradient(wrong_line, dh1);
}
