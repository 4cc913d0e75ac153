/* The solution of exercise 10, second.c. */
#include "../judge/judge.h"

static wg_tensor *slope(wg_tensor *s)
{
    return wg_mul(s, wg_rsub(s, 1));
}

static wg_tensor *second(wg_tensor *s)
{
    /* s' (1 - s) - s s' with s' = s (1 - s) */
    return wg_mul(slope(s), wg_rsub(wg_mul_scalar(s, 2), 1));
}

int main(void)
{
    return judge_second(second);
}
