/* Examples of wengert/layout.h: what a statement prints stands behind it. */
#include <wengert.h>

int main(void)
{
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_constant(t, WG_SHAPE(2, 3), (double[]){1, 2, 3, 4, 5, 6});
    wg_tensor *v = wg_constant(t, WG_SHAPE(3), (double[]){7, 8, 9});
    wg_tensor *cube = wg_reshape(wg_arange(t, 0, 8, 1), WG_SHAPE(2, 2, 2));

    /* shape */
    wg_print(wg_reshape(x, WG_SHAPE(3, -1))); /* [[1, 2], [3, 4], [5, 6]] */
    wg_print(wg_flatten(x));                  /* [1, 2, 3, 4, 5, 6] */
    wg_tensor *row = wg_constant(t, WG_SHAPE(1, 3), (double[]){7, 8, 9});
    wg_print(wg_squeeze(row, WG_AXES(0)));        /* [7, 8, 9] */
    wg_print(wg_unsqueeze(v, -1));                /* [[7], [8], [9]] */
    wg_print(wg_transpose(x));                    /* [[1, 4], [2, 5], [3, 6]] */
    wg_print(wg_permute(cube, WG_AXES(2, 0, 1))); /* [[[0, 2], [4, 6]], [[1, 3], [5, 7]]] */
    wg_print(wg_broadcast_to(v, WG_SHAPE(2, 3))); /* [[7, 8, 9], [7, 8, 9]] */
    wg_print(wg_sum_to(x, WG_SHAPE(3)));          /* [5, 7, 9] */

    /* parts */
    wg_print(wg_slice(v, 0, 1, WG_END, 1));                 /* [8, 9] */
    wg_print(wg_slice(v, 0, -1, WG_END, -1));               /* [9, 8, 7] */
    wg_print(wg_select(x, 1, -1));                          /* [3, 6] */
    wg_print(wg_flip(x, WG_AXES(1)));                       /* [[3, 2, 1], [6, 5, 4]] */
    wg_print(wg_pad(v, (int64_t[]){1}, (int64_t[]){2}, 0)); /* [0, 7, 8, 9, 0, 0] */
    wg_print(wg_repeat(v, WG_SHAPE(2, 2)));        /* [[7, 8, 9, 7, 8, 9], [7, 8, 9, 7, 8, 9]] */
    wg_print(wg_repeat_interleave(v, 2, 0));                /* [7, 7, 8, 8, 9, 9] */
    wg_print(wg_concat(2, (wg_tensor *[]){x, row}, 0));     /* [[1, 2, 3], [4, 5, 6], [7, 8, 9]] */
    wg_print(wg_stack(2, (wg_tensor *[]){v, v}, 1));        /* [[7, 7], [8, 8], [9, 9]] */

    /* wg_split: columns 0 and 1, column 2 */
    wg_tensor *part[2];
    wg_split(x, 1, 2, (int64_t[]){2, 1}, part);
    wg_print(part[0]); /* [[1, 2], [4, 5]] */
    wg_print(part[1]); /* [[3], [6]] */

    /* diagonals */
    wg_print(wg_diag(v, 0)); /* [[7, 0, 0], [0, 8, 0], [0, 0, 9]] */
    wg_print(wg_diag(x, 1)); /* [2, 6] */
    wg_print(wg_trace(x));   /* 6 */
    wg_print(wg_tril(x, 0)); /* [[1, 0, 0], [4, 5, 0]] */
    wg_print(wg_triu(x, 1)); /* [[0, 2, 3], [0, 0, 6]] */

    /* made */
    wg_print(wg_arange(t, 0, 2, 0.5));           /* [0, 0.5, 1, 1.5] */
    wg_print(wg_arange_as(t, WG_I32, 5, 0, -2)); /* [5, 3, 1] */
    wg_print(wg_linspace(t, 0, 1, 5));           /* [0, 0.25, 0.5, 0.75, 1] */
    wg_print(wg_eye(t, 2, 3));                   /* [[1, 0, 0], [0, 1, 0]] */
    wg_print(wg_zeros_like(v));                  /* [0, 0, 0] */
    wg_print(wg_ones_like(x));                   /* [[1, 1, 1], [1, 1, 1]] */

    wg_tape_free(t);
}
