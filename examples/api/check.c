/* Examples of wengert/check.h: what a statement prints stands behind it. */
#include <stdio.h>
#include <wengert.h>

/* A model: records it and returns what is to be differentiated. */
static wg_tensor *model(wg_tape *t, void *user)
{
    (void)user;
    wg_tensor *w = wg_param(t, "w", WG_SHAPE(2, 3), wg_init_glorot());
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(4, 2));
    wg_set_f64(x, (double[]){1, 2, 3, 4, 5, 6, 7, 8});
    return wg_sum(wg_tanh(wg_matmul(x, w)));
}

int main(void)
{
    /* wg_check_grad: 6 elements of w, 8 of x */
    wg_check_report report;
    wg_check_grad(model, NULL, NULL, &report);
    printf("%d: %d elements\n", report.passed, (int)report.checked); /* 1: 14 elements */

    /* wg_check_op */
    wg_check_report found;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_status s = wg_check_op(wg_find_op(t, "softplus"), NULL, &found);
    printf("%s\n", wg_status_name(s)); /* ok */
    wg_tape_free(t);
}
