/* Deck 001, "Gradient Descent", and deck 003, "Gradient descent": the update rule
 *
 *     w' = w - η ∂J(w)/∂w
 *
 * on the surface that a linear neuron ŷ = w₁x₁ + w₂x₂ makes with deck 003's cost, halved squares:
 * J = Σ ½ (y - ŷ)² over three examples.  Three rates: too small, right, too large.  What too large
 * means can be worked out: along a direction in which J curves by λ a step multiplies the distance
 * to the minimum by 1 - ηλ, so η has to stay below 2 / λ for the largest λ.
 *
 * A slip on deck 003: its first cost, J = y - ŷ, has no minimum.  Its gradient -x never changes,
 * and descent follows it for ever: the last table. */
#include <math.h>

#include "lesson/plot.h"

enum { EXAMPLES = 3, STEPS = 40, DRAWN = 20 };
static const double x[EXAMPLES][2] = {{0.5, 1}, {1.5, 0.5}, {1, -1}}, y[EXAMPLES] = {0.5, 2.5, 2.5};
static const double start[2] = {-0.5, -1.5}, rates[3] = {0.02, 0.35, 0.58};
static const char *const names[3] = {"too small", "right", "too large"};

static double cost(const double w[2])
{
    double J = 0;
    for (int n = 0; n < EXAMPLES; n++)
        J += 0.5 * pow(y[n] - (w[0] * x[n][0] + w[1] * x[n][1]), 2);
    return J;
}

static void gradient(const double w[2], double dJ[2])
{
    dJ[0] = dJ[1] = 0;
    for (int n = 0; n < EXAMPLES; n++)
        for (int i = 0; i < 2; i++)
            dJ[i] -= (y[n] - (w[0] * x[n][0] + w[1] * x[n][1])) * x[n][i];
}

/* J on the tape, for w on it. */
static wg_tensor *cost_of(wg_tensor *w, wg_tensor *X, wg_tensor *Y)
{
    wg_tensor *y_hat = wg_einsum("ni,i->n", 2, (wg_tensor *[]){X, w});
    return wg_label(wg_mul_scalar(wg_sum(wg_square(wg_sub(Y, y_hat))), 0.5), "J");
}

/* The path on the tape: a step is a program that assigns.  The same by hand beside it. */
static void descend(lesson *l, wg_tensor *w, wg_tensor *J, double rate, double path[STEPS + 1][2])
{
    wg_tensor *dJ;
    wg_set_f64(w, start);
    wg_grad(J, 1, &w, &dJ);
    wg_tensor *step = wg_assign(w, wg_sub(w, wg_mul_scalar(dJ, rate)));
    wg_program *p = wg_compile(1, &step);
    double by_hand[2] = {start[0], start[1]}, d[2];
    for (int k = 0; k <= STEPS; k++) {
        wg_get_f64(w, path[k]);
        lesson_compare(l, 2, by_hand, path[k]);
        gradient(by_hand, d);
        for (int i = 0; i < 2; i++)
            by_hand[i] -= rate * d[i];
        wg_run(p);
    }
    wg_program_free(p);
}

/* The largest curvature of J by hand: its Hessian is Σ x xᵀ, [a c; c b]. */
static double curvature(lesson *l, wg_tensor *J, wg_tensor *w)
{
    double h[4] = {0}, tape[4] = {0};
    for (int n = 0; n < EXAMPLES; n++)
        for (int i = 0; i < 4; i++)
            h[i] += x[n][i / 2] * x[n][i % 2];
    wg_get_f64(wg_hessian(J, w), tape);
    lesson_compare(l, 4, h, tape);
    return (h[0] + h[3]) / 2 + sqrt(pow((h[0] - h[3]) / 2, 2) + h[1] * h[1]);
}

static void draw(lesson *l, double path[3][STEPS + 1][2])
{
    plot_grid g = {46, 31, -3, 6, -4, 2};
    static double z[46 * 31];
    for (int j = 0; j < g.ny; j++)
        for (int i = 0; i < g.nx; i++)
            z[j * g.nx + i] = cost((double[]){plot_grid_x(g, i), plot_grid_y(g, j)});
    plot *p = plot_begin(l, "gradient_descent", 3, 1);
    for (int r = 0; r < 3; r++) {
        char title[64];
        double w1[DRAWN + 1], w2[DRAWN + 1];
        for (int k = 0; k <= DRAWN; k++) {
            w1[k] = path[r][k][0];
            w2[k] = path[r][k][1];
        }
        snprintf(title, sizeof title, "%s: η = %g", names[r], rates[r]);
        plot_panel(p, title, "w₁", "w₂");
        plot_surface(p, g, z, 6, (double[]){0.2, 1, 3, 7, 15, 30});
        plot_path(p, "w, the first 20 steps", DRAWN + 1, w1, w2);
    }
    plot_end(p);
}

int main(int argc, char **argv)
{
    lesson *l = lesson_begin(argc, argv, "gradient_descent",
                             "deck 001, \"Gradient Descent\"; deck 003, \"Gradient descent\"");
    static double path[3][STEPS + 1][2];
    double d[2];
    wg_tensor *w = lesson_vector(l, "w", 2, start);
    wg_tensor *X = wg_constant(l->tape, WG_SHAPE(EXAMPLES, 2), *x);
    wg_tensor *Y = wg_constant(l->tape, WG_SHAPE(EXAMPLES), y), *J = cost_of(w, X, Y);
    gradient(start, d);
    lesson_value(l, "J at the start", cost(start), J);
    lesson_derive_each(l, "∂J/∂w#", d, J, w);
    double lambda = curvature(l, J, w);
    lesson_say(l, "\nJ curves most by λ = %.6f: η has to stay below 2 / λ = %.6f.\n", lambda,
               2 / lambda);
    for (int r = 0; r < 3; r++) {
        descend(l, w, J, rates[r], path[r]);
        lesson_say(l, "\n%s: η = %g\n", names[r], rates[r]);
        lesson_head(l, "step|w₁|w₂|J|length of ∇J|length of the step");
        for (int k = 0; k <= STEPS; k = k < 3 ? k + 1 : k < 5 ? 5 : 2 * k) {
            gradient(path[r][k], d);
            double length = hypot(d[0], d[1]);
            lesson_row(l, "%d|%.6f|%.6f|%.6f|%.6f|%.6f", k, path[r][k][0], path[r][k][1],
                       cost(path[r][k]), length, rates[r] * length);
        }
    }
    draw(l, path);

    /* deck 003's other cost, one example */
    wg_tensor *one = wg_dot(wg_select(X, 0, 0), w);
    wg_tensor *J1 = wg_label(wg_rsub(one, y[0]), "J");
    lesson_say(l, "\nJ = y - ŷ, for the first example\n");
    wg_set_f64(w, start);
    lesson_derive_each(l, "∂J/∂w#", (double[]){-x[0][0], -x[0][1]}, J1, w);
    lesson_head(l, "steps with η = 0.35|w₁|w₂|J");
    for (int k = 0; k <= 1000; k = k ? 10 * k : 1) {
        double at[2] = {start[0] + 0.35 * k * x[0][0], start[1] + 0.35 * k * x[0][1]};
        wg_set_f64(w, at);
        lesson_row(l, "%d|%.3f|%.3f|%.3f", k, at[0], at[1], wg_item(J1));
    }
    return lesson_end(l);
}
