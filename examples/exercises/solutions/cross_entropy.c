/* The solution of exercise 6, cross_entropy.c. */
#include "../judge/judge.h"

static wg_tensor *sigmoid_da(wg_tensor *a, wg_tensor *y)
{
    /* the 1 / (sigma (1 - sigma)) of the logarithms cancels sigma' */
    return wg_sub(wg_sigmoid(a), y);
}

static wg_tensor *softmax_da(wg_tensor *a, wg_tensor *y)
{
    return wg_div_scalar(wg_sub(wg_softmax(a, -1), y), 3);
}

int main(void)
{
    return judge_cross_entropy(sigmoid_da, softmax_da);
}
