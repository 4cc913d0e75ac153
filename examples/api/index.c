/* Examples of wengert/index.h: what a statement prints stands behind it. */
#include <wengert.h>

int main(void)
{
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_constant(t, WG_SHAPE(2, 3), (double[]){1, 2, 3, 4, 5, 6});
    wg_tensor *i = wg_constant_as(t, WG_I32, WG_SHAPE(2), (int32_t[]){2, 0});
    wg_tensor *each = wg_constant_as(t, WG_I32, WG_SHAPE(2, 1), (int32_t[]){2, 0});

    wg_print(wg_take(x, i, 1));               /* [[3, 1], [6, 4]] */
    wg_print(wg_take_along_axis(x, each, 1)); /* [[3], [4]] */
    wg_tensor *ten = wg_full(t, WG_SHAPE(2, 1), 10);
    wg_print(wg_scatter_add(x, each, ten, 1)); /* [[1, 2, 13], [14, 5, 6]] */
    wg_print(wg_one_hot(i, 3));                /* [[0, 0, 1], [1, 0, 0]] */

    /* an index out of range is found when it runs */
    wg_tensor *far = wg_constant_as(t, WG_I32, WG_SHAPE(1), (int32_t[]){3});
    wg_eval(wg_take(x, far, 1));
    printf("%s\n", wg_error(t)); /* run: take: index 3 at [0] is outside 0 to 2 (at take#10) */

    wg_tape_free(t);
}
