/* Examples of wengert/reduce.h: what a statement prints stands behind it. */
#include <math.h>
#include <wengert.h>

int main(void)
{
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_constant(t, WG_SHAPE(2, 3), (double[]){1, 5, 3, 4, 2, 6});
    wg_tensor *b = wg_constant(t, WG_SHAPE(2, 3), (double[]){0, 0, 1, 2, 3, 4});

    /* the _axes form drops the axes, or keeps them with extent 1 */
    wg_print(wg_sum(x));                                    /* 21 */
    wg_print(wg_sum_axes(x, WG_AXES(0), false));            /* [5, 7, 9] */
    wg_print(wg_sum_axes(x, WG_AXES(-1), true));            /* [[9], [12]] */
    wg_print(wg_mean(x));                                   /* 3.5 */
    wg_print(wg_mean_axes(x, WG_AXES(1), false));           /* [3, 4] */
    wg_print(wg_prod(x));                                   /* 720 */
    wg_print(wg_prod_axes(x, WG_AXES(1), false));           /* [15, 48] */
    wg_print(wg_max(x));                                    /* 6 */
    wg_print(wg_max_axes(x, WG_AXES(0), false));            /* [4, 5, 6] */
    wg_print(wg_min(x));                                    /* 1 */
    wg_print(wg_min_axes(x, WG_AXES(0), false));            /* [1, 2, 3] */
    wg_print(wg_logsumexp(wg_add_scalar(x, 1000)));         /* 1006.46 */
    wg_print(wg_logsumexp_axes(x, WG_AXES(1), false));      /* [5.14293, 6.14293] */
    wg_print(wg_var(x, 1));                                 /* 3.5 */
    wg_print(wg_var_axes(x, WG_AXES(1), false, 0));         /* [2.66667, 2.66667] */
    wg_print(wg_std(x, 1));                                 /* 1.87083 */
    wg_print(wg_std_axes(x, WG_AXES(1), false, 1));         /* [2, 2] */
    wg_print(wg_norm(x, 2));                                /* 9.53939 */
    wg_print(wg_norm_axes(x, WG_AXES(1), false, 1));        /* [9, 12] */
    wg_print(wg_norm_axes(x, WG_AXES(1), false, INFINITY)); /* [5, 6] */
    wg_print(wg_any(b));                                    /* 1 */
    wg_print(wg_any_axes(b, WG_AXES(0), false));            /* [1, 1, 1] */
    wg_print(wg_all(b));                                    /* 0 */
    wg_print(wg_all_axes(b, WG_AXES(1), false));            /* [0, 1] */

    /* along one axis */
    wg_print(wg_argmax(x, -1, false)); /* [1, 2] */
    wg_print(wg_argmin(x, -1, true));  /* [[0], [1]] */
    wg_print(wg_cumsum(x, -1));        /* [[1, 6, 9], [4, 6, 12]] */
    wg_print(wg_cumprod(x, -1));       /* [[1, 5, 15], [4, 8, 48]] */
    wg_print(wg_sort(x, -1, false));   /* [[1, 3, 5], [2, 4, 6]] */
    wg_print(wg_argsort(x, -1, true)); /* [[1, 2, 0], [2, 0, 1]] */

    /* r_i = 1 + r_(i-1) / 2 */
    wg_tensor *half = wg_full(t, WG_SHAPE(5), 0.5), *one = wg_full(t, WG_SHAPE(5), 1);
    wg_print(wg_linear_recurrence(half, one)); /* [1, 1.5, 1.75, 1.875, 1.9375] */

    /* the two largest of each row, and where they were */
    wg_tensor *places;
    wg_print(wg_topk(x, 2, -1, true, &places)); /* [[5, 3], [6, 4]] */
    wg_print(places);                           /* [[1, 2], [2, 0]] */

    wg_tape_free(t);
}
