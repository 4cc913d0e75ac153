/* Examples of wengert/effect.h: what a statement prints stands behind it. */
#include <wengert.h>

int main(void)
{
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *w = wg_param(t, "w", WG_SHAPE(2), wg_init_values((double[]){3, 4}));

    /* wg_stop_gradient: of w^2 c with c = w^2 held fixed */
    wg_tensor *g, *c = wg_stop_gradient(wg_square(w));
    wg_grad(wg_sum(wg_mul(wg_square(w), c)), 1, &w, &g);
    wg_print(g); /* [54, 128] */

    /* wg_assign: a step of gradient descent on w^2 / 2, whose gradient is w */
    wg_tensor *step = wg_assign(w, wg_sub(w, wg_mul_scalar(w, 0.5)));
    wg_program *p = wg_compile(1, &step);
    wg_run(p);
    wg_run(p);
    wg_program_free(p);
    wg_print(w); /* [0.75, 1] */

    /* wg_checkpoint: what lies between w and h is computed again for the derivative */
    wg_tensor *h = wg_checkpoint(wg_tanh(wg_exp(w)), 1, &w), *slope;
    wg_grad(wg_sum(h), 1, &w, &slope);
    wg_print(h);     /* [0.971426, 0.991329] */
    wg_print(slope); /* [0.119256, 0.0469365] */

    wg_tape_free(t);
}
