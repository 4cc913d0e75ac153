/* examples/cubes.c: f = sum x^3, its gradient 3x^2, and the gradient of that gradient's sum, 6x. */
#include <stdio.h>
#include <wengert.h>

int main(void)
{
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_param(t, "x", WG_SHAPE(3), wg_init_values((double[]){1, 2, 3}));
    wg_tensor *f = wg_sum(wg_mul(x, wg_mul(x, x))), *g, *h;
    wg_grad(f, 1, &x, &g);         /* g is a tensor like any other ... */
    wg_grad(wg_sum(g), 1, &x, &h); /* ... and can be differentiated again */
    wg_print(f);
    wg_print(g);
    wg_print(h);
    wg_print(wg_matmul(x, wg_input(t, "W", WG_SHAPE(4, 2))));
    if (wg_error(t))
        printf("%s\n", wg_error(t));
    wg_tape_free(t);
}
