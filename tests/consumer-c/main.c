/* What a program in C sees of an installed wengert:
 * f = sum x^3, its derivative and its second derivative. */
#include <stdio.h>
#include <wengert.h>

int main(void)
{
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_constant(t, WG_SHAPE(3), (double[]){1, 2, 3});
    wg_tensor *f = wg_sum(wg_mul(x, wg_mul(x, x))), *g, *h;
    double first[3], second[3];
    wg_grad(f, 1, &x, &g);
    wg_grad(wg_sum(g), 1, &x, &h);
    wg_get_f64(g, first);
    wg_get_f64(h, second);
    if (wg_error(t))
        fprintf(stderr, "%s\n", wg_error(t));
    else
        printf("wengert %s: %g %g %g, %g %g %g\n", wg_version(), first[0], first[1], first[2],
               second[0], second[1], second[2]);
    wg_tape_free(t);
    return 0;
}
