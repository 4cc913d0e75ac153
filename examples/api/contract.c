/* Examples of wengert/contract.h: what a statement prints stands behind it. */
#include <wengert.h>

int main(void)
{
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *a = wg_constant(t, WG_SHAPE(2, 3), (double[]){1, 2, 3, 4, 5, 6});
    wg_tensor *b = wg_constant(t, WG_SHAPE(3, 2), (double[]){1, 0, 0, 1, 1, 1});
    wg_tensor *u = wg_constant(t, WG_SHAPE(3), (double[]){1, 2, 3});
    wg_tensor *v = wg_constant(t, WG_SHAPE(3), (double[]){1, 0, -1});

    wg_print(wg_matmul(a, b));                                /* [[4, 5], [10, 11]] */
    wg_print(wg_dot(u, v));                                   /* -2 */
    wg_print(wg_outer(u, v));                       /* [[1, 0, -1], [2, 0, -2], [3, 0, -3]] */
    wg_print(wg_einsum("ij,j->i", 2, (wg_tensor *[]){a, u})); /* [14, 32] */
    wg_print(wg_einsum("ij,ji", 2, (wg_tensor *[]){a, b}));   /* 15 */

    wg_tape_free(t);
}
