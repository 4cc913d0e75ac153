/* Examples of wengert/random.h: what a statement prints stands behind it. */
#include <wengert.h>

int main(void)
{
    wg_tape *t = wg_tape_new(WG_F64);
    wg_seed(t, 1);

    wg_print(wg_uniform(t, WG_SHAPE(3), 0, 10));           /* [8.94685, 7.11268, 8.74112] */
    wg_print(wg_normal(t, WG_SHAPE(3), 5, 2));             /* [3.60358, 5.6758, 2.16527] */
    wg_print(wg_bernoulli(t, WG_SHAPE(8), 0.5));           /* [0, 1, 0, 1, 1, 1, 1, 0] */
    wg_print(wg_permutation(t, 5));                        /* [3, 4, 0, 2, 1] */
    wg_print(wg_dropout(wg_full(t, WG_SHAPE(6), 1), 0.5)); /* [2, 0, 2, 0, 2, 2] */

    wg_tape_free(t);
}
