/* Examples of wengert/grad.h: what a statement prints stands behind it. */
#include <stdio.h>
#include <wengert.h>

static void watch(void *user, const wg_sweep_event *e)
{
    char from[40], to[40];
    wg_describe(e->node, from, sizeof from);
    wg_describe(wg_in(e->node, e->i), to, sizeof to);
    fprintf(user, "%s to %s\n", from, to);
}

int main(void)
{
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_param(t, "x", WG_SHAPE(2), wg_init_values((double[]){2, 3}));
    wg_tensor *cubes = wg_mul(wg_square(x), x), *f = wg_sum(cubes);

    /* wg_grad: of x0^3 + x1^3, 3 x^2 */
    wg_tensor *g;
    wg_grad(f, 1, &x, &g);
    wg_print(g); /* [12, 27] */

    /* wg_vjp: the cotangent 1, 10 weighs the rows of the Jacobian */
    wg_tensor *weights = wg_constant(t, WG_SHAPE(2), (double[]){1, 10}), *vjp;
    wg_vjp(cubes, weights, 1, &x, &vjp);
    wg_print(vjp); /* [12, 270] */

    /* wg_vjp_watched: each hand-over of the sweep */
    wg_tensor *one = wg_scalar(t, 1), *watched;
    wg_tensor *s = wg_label(wg_square(x), "s"), *C = wg_label(wg_sum(s), "C");
    wg_vjp_watched(C, one, 1, &x, &watched, watch, stdout); /* "C" to "s" "s" to "x" */

    /* wg_jvp: how the cubes move when x moves along 1, 0 */
    wg_tensor *direction = wg_constant(t, WG_SHAPE(2), (double[]){1, 0});
    wg_print(wg_jvp(cubes, 1, &x, &direction)); /* [12, 0] */

    /* wg_hvp: the Hessian of f is 6x on its diagonal */
    wg_tensor *product;
    wg_hvp(f, 1, &x, &direction, &product);
    wg_print(product); /* [12, 0] */

    wg_print(wg_jacobian(cubes, x)); /* [[12, 0], [0, 27]] */
    wg_print(wg_hessian(f, x));      /* [[12, 0], [0, 18]] */

    wg_tape_free(t);
}
