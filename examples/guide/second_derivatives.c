/* Second derivatives: of a cubic, by hand; of Rosenbrock's function,
 * and what Newton's method makes of them. */
#include <math.h>
#include <stdio.h>
#include <wengert.h>

#include "../slides/lesson/plot.h"

/* (1 - x)^2 + 100 (y - x^2)^2 of p = (x, y): 0 at (1, 1), along a bent valley. */
static wg_tensor *rosenbrock(wg_tensor *p)
{
    wg_tensor *x = wg_select(p, 0, 0), *y = wg_select(p, 0, 1);
    return wg_add(wg_square(wg_rsub(x, 1)), wg_mul_scalar(wg_square(wg_sub(y, wg_square(x))), 100));
}

static void cubic(wg_tape *t)
{
    wg_tensor *x = wg_param(t, "cubic/x", WG_SHAPE(), wg_init_constant(2)),
              *f = wg_mul(wg_square(x), x), *d[4] = {f};
    const char *name[] = {"x^3", "3x^2", "6x", "6"};
    for (int k = 1; k < 4; k++)
        wg_grad(d[k - 1], 1, &x, &d[k]);
    for (int k = 0; k < 4; k++)
        printf("derivative %d  %-4s at 2 = %g\n", k, name[k], wg_item(d[k]));
}

static void curvature(wg_tape *t)
{
    wg_tensor *p = wg_param(t, "p", WG_SHAPE(2), wg_init_values((double[]){-1, 1})),
              *f = rosenbrock(p), *g, *Hv;
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
    wg_tensor *a = wg_select(wg_select(H, 0, 0), 0, 0), *b = wg_select(wg_select(H, 0, 0), 0, 1),
              *d = wg_select(wg_select(H, 0, 1), 0, 1);
    wg_tensor *gx = wg_select(g, 0, 0), *gy = wg_select(g, 0, 1),
              *determinant = wg_sub(wg_mul(a, d), wg_square(b));
    wg_tensor *step[] = {wg_div(wg_sub(wg_mul(d, gx), wg_mul(b, gy)), determinant),
                         wg_div(wg_sub(wg_mul(a, gy), wg_mul(b, gx)), determinant)};
    return wg_assign(p, wg_sub(p, wg_stack(2, step, 0)));
}

static wg_tensor *descent_step(wg_tensor *p, wg_tensor *f)
{
    wg_tensor *g;
    wg_grad(f, 1, &p, &g);
    return wg_assign(p, wg_sub(p, wg_mul_scalar(g, 0.001)));
}

enum { STEPS = 10000 };

/* Walks from (-1, 1.5), prints some of the steps and keeps all of them in x and y. */
static void walk(wg_tape *t, const char *name, wg_tensor *(*step)(wg_tensor *p, wg_tensor *f),
                 int steps, double *x, double *y)
{
    wg_tensor *p = wg_param(t, name, WG_SHAPE(2), wg_init_values((double[]){-1, 1.5})),
              *f = rosenbrock(p);
    wg_tensor *update = step(p, f);
    wg_program *program = wg_compile(2, (wg_tensor *[]){f, update});
    printf("\n%-16s step            f           x           y\n", name);
    for (int k = 0, next = 0; k <= steps; k++) {
        double at[2];
        wg_get_f64(p, at);
        x[k] = at[0];
        y[k] = at[1];
        wg_run(program); /* f as it is here; then the step */
        if (k == next || k == steps) {
            printf("%21d  %11.4e  %10.6f  %10.6f\n", k, *(const double *)wg_output(program, 0),
                   at[0], at[1]);
            next = steps < 10 ? k + 1 : next ? 10 * next : 10;
        }
    }
    wg_program_free(program);
}

static void draw(lesson *l, double newton[2][STEPS + 1], int steps, double descent[2][STEPS + 1])
{
    plot_grid g = {61, 49, -1.5, 1.5, -0.6, 1.8};
    static double z[61 * 49];
    for (int j = 0; j < g.ny; j++)
        for (int i = 0; i < g.nx; i++) {
            const double x = plot_grid_x(g, i), y = plot_grid_y(g, j);
            z[j * g.nx + i] = log10(0.01 + (1 - x) * (1 - x) + 100 * (y - x * x) * (y - x * x));
        }
    plot *p = plot_begin(l, "newton", 2, 1);
    plot_panel(p, "Newton: 5 steps", "x", "y");
    plot_surface(p, g, z, 3, (double[]){0, 1, 2});
    plot_path(p, "(the second step leaves the picture)", steps + 1, newton[0], newton[1]);
    plot_panel(p, "gradient descent: 10,000 steps", "x", "y");
    plot_surface(p, g, z, 3, (double[]){0, 1, 2});
    int n = 0;
    double x[200], y[200];
    for (int k = 0; k <= STEPS; k += k < 20 ? 1 : 100, n++) {
        x[n] = descent[0][k];
        y[n] = descent[1][k];
    }
    plot_line(p, "rate 0.001", n, x, y);
    plot_end(p);
}

int main(int argc, char **argv)
{
    static double newton[2][STEPS + 1], descent[2][STEPS + 1];
    lesson *l = lesson_begin(argc, argv, "second_derivatives", "the guide's chapter 12");
    cubic(l->tape);
    curvature(l->tape);
    walk(l->tape, "Newton", newton_step, 5, newton[0], newton[1]);
    walk(l->tape, "gradient descent", descent_step, STEPS, descent[0], descent[1]);
    draw(l, newton, 5, descent);
    return lesson_end(l);
}
