/* How far finite differences can be trusted, and what the checker makes of them. */
#include <math.h>
#include <stdio.h>
#include <wengert.h>

#include "../slides/lesson/plot.h"

/* f(x) = 1 / (1 + x^2), whose derivative at 0.5 is -0.64. */
static double f(double x)
{
    return 1 / (1 + x * x);
}

/* Central differences of step h, and Richardson's combination of steps h and h/2, which cancels
 * the h^2 term of their error. */
static double central(double x, double h)
{
    return (f(x + h) - f(x - h)) / (2 * h);
}

static double richardson(double x, double h)
{
    return (4 * central(x, h / 2) - central(x, h)) / 3;
}

static const double at = 0.5, exact = -0.64;

static double error_forward(double h)
{
    return fabs((f(at + h) - f(at)) / h - exact);
}

static double error_central(double h)
{
    return fabs(central(at, h) - exact);
}

static double error_richardson(double h)
{
    return fabs(richardson(at, h) - exact);
}

static void steps(void)
{
    const double step[] = {1e-1, 1e-2, 1e-3, 1e-5, 1e-7, 1e-9, 1e-11, 1e-13};
    puts("error of    forward     central  Richardson");
    for (int k = 0; k < 8; k++) {
        const double h = step[k];
        printf("h = %.0e  %7.0e  %10.0e  %10.0e\n", h, error_forward(h), error_central(h),
               error_richardson(h));
    }
}

/* The three errors over the step, both logarithmic.  What is exact counts as 1e-16. */
static void draw(lesson *l)
{
    enum { POINTS = 61 };
    static double (*const error[])(double) = {error_forward, error_central, error_richardson};
    static const char *const name[] = {"forward", "central", "Richardson"};
    plot *p = plot_begin(l, "differences", 1, 1);
    plot_panel(p, "error of a finite difference", "step h", "error");
    plot_set(p, "set logscale xy; set format '1e%T'; set key bottom left; set xtics 1e-14, 100; "
                "set ytics 1e-16, 100; unset mxtics; unset mytics");
    plot_range(p, 1e-13, 1, 1e-15, 1);
    for (int e = 0; e < 3; e++) {
        double h[POINTS], y[POINTS];
        for (int i = 0; i < POINTS; i++) {
            h[i] = pow(10, -13 + 13.0 * i / (POINTS - 1));
            y[i] = fmax(error[e](h[i]), 1e-16);
        }
        plot_line(p, name[e], POINTS, h, y);
    }
    plot_end(p);
}

/* 2-3-1, tanh, squared error; `rule` is the hidden layer's activation,
 * so that it can be a wrong one. */
static wg_tensor *network(wg_tape *t, void *rule)
{
    wg_tensor *(*activation)(wg_tensor *) = *(wg_tensor *(**)(wg_tensor *))rule;
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(4, 2)), *y = wg_input(t, "y", WG_SHAPE(4, 1));
    wg_tensor *W1 = wg_param(t, "W1", WG_SHAPE(2, 3), wg_init_glorot()),
              *b1 = wg_param(t, "b1", WG_SHAPE(3), wg_init_normal(0, 0.1));
    wg_tensor *W2 = wg_param(t, "W2", WG_SHAPE(3, 1), wg_init_glorot()),
              *b2 = wg_param(t, "b2", WG_SHAPE(1), wg_init_normal(0, 0.1));
    wg_set_f64(x, (double[]){0, 0, 0, 1, 1, 0, 1, 1});
    wg_set_f64(y, (double[]){0, 1, 1, 0});
    wg_tensor *hidden = activation(wg_add(wg_matmul(x, W1), b1));
    return wg_mse(wg_add(wg_matmul(hidden, W2), b2), y);
}

/* A tanh whose rule forgets the square: 1 - y in place of 1 - y^2. */
static bool tanh_infer(wg_tensor *y)
{
    return wg_infer_like(y, 0);
}

static wg_status tanh_kernel(const wg_call *c)
{
    for (int64_t i = 0; i < c->out->count; i++)
        ((double *)c->out->data)[i] = tanh(((const double *)c->in[0].data)[i]);
    return WG_OK;
}

static wg_tensor *tanh_wrong(wg_tensor *y, wg_tensor *g, int i)
{
    (void)i;
    return wg_mul(g, wg_rsub(y, 1));
}

static const wg_op my_tanh = {
    .size = sizeof(wg_op), .name = "my_tanh", .arity = 1, .infer = tanh_infer,
    .kernel = tanh_kernel, .vjp = tanh_wrong,
};

static wg_tensor *wrong_tanh(wg_tensor *x)
{
    return wg_apply(&my_tanh, 1, &x, NULL);
}

/* relu where it has a kink: x holds a 0. */
static wg_tensor *kink(wg_tape *t, void *user)
{
    (void)user;
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(3));
    wg_set_f64(x, (double[]){-1, 0, 2});
    return wg_sum(wg_relu(x));
}

static void report(const char *what, wg_status s, const wg_check_report *r)
{
    printf("\n%s: %s\n", what, wg_status_name(s));
    if (s)
        printf("  %s\n  leaf \"%s\", element %d; op %s, its input %d\n", r->text, r->leaf,
               (int)r->element, r->op, r->op_input);
    else
        printf("  %d elements compared, %d kinks, worst error below 1e-6: %s\n", (int)r->checked,
               (int)r->kinks, fabs(r->worst) < 1e-6 ? "yes" : "no");
}

int main(int argc, char **argv)
{
    lesson *l = lesson_begin(argc, argv, "checking_gradients", "the guide's chapter 11");
    steps();
    draw(l);

    wg_check_report r;
    wg_tensor *(*rule)(wg_tensor *) = wg_tanh;
    wg_status s = wg_check_grad(network, &rule, NULL, &r);
    report("a network", s, &r);

    rule = wrong_tanh;
    s = wg_check_grad(network, &rule, NULL, &r);
    report("the same with a wrong rule", s, &r);

    rule = wg_tanh;
    s = wg_check_grad(network, &rule, &(wg_check_options){.order = 2, .max_elements = -1}, &r);
    report("second derivatives, every element", s, &r);

    s = wg_check_grad(kink, NULL, NULL, &r);
    report("relu at its kink", s, &r);
    return lesson_end(l);
}
