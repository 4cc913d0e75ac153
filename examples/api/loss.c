/* Examples of wengert/loss.h: what a statement prints stands behind it. */
#include <wengert.h>

int main(void)
{
    wg_tape *t = wg_tape_new(WG_F64);

    /* classes */
    wg_tensor *x = wg_constant(t, WG_SHAPE(2, 2), (double[]){0, 0, 0, 9});
    wg_tensor *labels = wg_constant_as(t, WG_I32, WG_SHAPE(2), (int32_t[]){0, 1});
    wg_print(wg_softmax(x, -1));     /* [[0.5, 0.5], [0.000123395, 0.999877]] */
    wg_print(wg_log_softmax(x, -1)); /* [[-0.693147, -0.693147], [-9.00012, -0.000123402]] */
    wg_print(wg_nll(wg_log_softmax(x, -1), labels));            /* 0.346635 */
    wg_print(wg_nll_as(wg_log_softmax(x, -1), labels, WG_SUM)); /* 0.693271 */
    wg_print(wg_cross_entropy(x, labels));                      /* 0.346635 */
    wg_print(wg_cross_entropy_as(x, labels, WG_NONE));          /* [0.693147, 0.000123402] */

    /* numbers: the mean, or each term, or their sum */
    wg_tensor *p = wg_constant(t, WG_SHAPE(3), (double[]){1, 2, 6});
    wg_tensor *y = wg_constant(t, WG_SHAPE(3), (double[]){1, 3, 3});
    wg_print(wg_mse(p, y));                  /* 3.33333 */
    wg_print(wg_mse_as(p, y, WG_NONE));      /* [0, 1, 9] */
    wg_print(wg_mae(p, y));                  /* 1.33333 */
    wg_print(wg_mae_as(p, y, WG_SUM));       /* 4 */
    wg_print(wg_huber(p, y, 1));             /* 1 */
    wg_print(wg_huber_as(p, y, 1, WG_NONE)); /* [0, 0.5, 2.5] */

    /* probabilities */
    wg_tensor *q = wg_constant(t, WG_SHAPE(2), (double[]){0.5, 0.25});
    wg_tensor *truth = wg_constant(t, WG_SHAPE(2), (double[]){1, 0});
    wg_print(wg_bce(q, truth));             /* 0.490415 */
    wg_print(wg_bce_as(q, truth, WG_NONE)); /* [0.693147, 0.287682] */
    wg_tensor *logits = wg_constant(t, WG_SHAPE(2), (double[]){0, 1000});
    wg_print(wg_bce_with_logits(logits, truth));             /* 500.347 */
    wg_print(wg_bce_with_logits_as(logits, truth, WG_NONE)); /* [0.693147, 1000] */
    wg_tensor *sides = wg_constant(t, WG_SHAPE(2), (double[]){1, -1});
    wg_print(wg_hinge(q, sides));             /* 0.875 */
    wg_print(wg_hinge_as(q, sides, WG_NONE)); /* [0.5, 1.25] */
    wg_tensor *even = wg_full(t, WG_SHAPE(2), 0.5);
    wg_print(wg_kl_div(wg_log(q), even));             /* 0.173287 */
    wg_print(wg_kl_div_as(wg_log(q), even, WG_NONE)); /* [0, 0.346574] */

    wg_tape_free(t);
}
