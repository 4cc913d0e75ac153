/* Second derivatives: of a cubic, by hand; of Rosenbrock's function, and what Newton's method makes of them. */
#include <stdio.h>
#include <wengert.h>

/* (1 - x)^2 + 100 (y - x^2)^2 of p = (x, y): 0 at (1, 1), along a bent valley. */
static wg_tensor *rosenbrock(wg_tensor *p)
{
    wg_tensor *x = wg_select(p, 0, 0), *y = wg_select(p, 0, 1);
    return wg_add(wg_square(wg_rsub(x, 1)), wg_mul_scalar(wg_square(wg_sub(y, wg_square(x))), 100));
}

static void cubic(wg_tape *t)
{
    wg_tensor *x = wg_param(t, "cubic/x", WG_SHAPE(), wg_init_constant(2)), *f = wg_mul(wg_square(x), x), *d[4] = {f};
    const char *name[] = {"x^3", "3x^2", "6x", "6"};
    for (int k = 1; k < 4; k++)
        wg_grad(d[k - 1], 1, &x, &d[k]);
    for (int k = 0; k < 4; k++)
        printf("derivative %d  %-4s at 2 = %g\n", k, name[k], wg_item(d[k]));
}

static void curvature(wg_tape *t)
{
    wg_tensor *p = wg_param(t, "p", WG_SHAPE(2), wg_init_values((double[]){-1, 1})), *f = rosenbrock(p), *g, *Hv;
    wg_grad(f, 1, &p, &g);
    puts("\nRosenbrock at (-1, 1): gradient, Hessian, Jacobian of the gradient");
    wg_print(g);
    wg_print(wg_hessian(f, p));
    wg_print(wg_jacobian(g, p));
    wg_tensor *v = wg_constant(t, WG_SHAPE(2), (double[]){1, 1});
    wg_hvp(f, 1, &p, &v, &Hv);
    puts("Hessian times (1, 1), by wg_hvp and by the matrix");
    wg_print(Hv);
    wg_print(wg_matmul(wg_hessian(f, p), wg_unsqueeze(v, 1)));
}

/* p <- p - H^-1 g, with the inverse of a 2 by 2 matrix written out. */
static wg_tensor *newton_step(wg_tensor *p, wg_tensor *f)
{
    wg_tensor *g, *H = wg_hessian(f, p);
    wg_grad(f, 1, &p, &g);
    wg_tensor *a = wg_select(wg_select(H, 0, 0), 0, 0), *b = wg_select(wg_select(H, 0, 0), 0, 1), *d = wg_select(wg_select(H, 0, 1), 0, 1);
    wg_tensor *gx = wg_select(g, 0, 0), *gy = wg_select(g, 0, 1), *determinant = wg_sub(wg_mul(a, d), wg_square(b));
    wg_tensor *step[] = {wg_div(wg_sub(wg_mul(d, gx), wg_mul(b, gy)), determinant), wg_div(wg_sub(wg_mul(a, gy), wg_mul(b, gx)), determinant)};
    return wg_assign(p, wg_sub(p, wg_stack(2, step, 0)));
}

static wg_tensor *descent_step(wg_tensor *p, wg_tensor *f)
{
    wg_tensor *g;
    wg_grad(f, 1, &p, &g);
    return wg_assign(p, wg_sub(p, wg_mul_scalar(g, 0.001)));
}

static void walk(wg_tape *t, const char *name, wg_tensor *(*step)(wg_tensor *p, wg_tensor *f), int steps)
{
    wg_tensor *p = wg_param(t, name, WG_SHAPE(2), wg_init_values((double[]){-1, 1.5})), *f = rosenbrock(p);
    wg_tensor *update = step(p, f);
    wg_program *program = wg_compile(2, (wg_tensor *[]){f, update});
    printf("\n%-16s step            f           x           y\n", name);
    for (int k = 0, next = 0; k <= steps; k++) {
        double at[2];
        wg_get_f64(p, at);
        if (k == next || k == steps) {
            printf("%21d  %11.4e  %10.6f  %10.6f\n", k, wg_item(rosenbrock(p)), at[0], at[1]);
            next = steps < 10 ? k + 1 : next ? 10 * next : 10;
        }
        wg_run(program);
    }
    wg_program_free(program);
}

int main(void)
{
    wg_tape *t = wg_tape_new(WG_F64);
    cubic(t);
    curvature(t);
    walk(t, "Newton", newton_step, 5);
    walk(t, "gradient descent", descent_step, 10000);
    if (wg_error(t))
        printf("%s\n", wg_error(t));
    wg_tape_free(t);
}
