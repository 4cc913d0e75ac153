/* Deck 003, "Anatomy of the network (neurons)", and deck 004, "A single neuron":
 *
 *     output = σ(wᵀx + b)
 *
 * and, with e = wᵀx + b, how the output answers to a nudge of each number that goes in:
 *
 *     ∂output/∂w = σ'(e) x      ∂output/∂x = σ'(e) w      ∂output/∂b = σ'(e)
 *
 * with the three activations that deck 004 names.  There is no cost here yet. */
#include <math.h>

#include "lesson/plot.h"

enum { N = 2 };
static const double w[N] = {1.5, -1}, x[N] = {0.8, 0.3}, b = -0.5;

static double sigmoid(double e) { return 1 / (1 + exp(-e)); }
static double sigmoid_slope(double e) { return sigmoid(e) * (1 - sigmoid(e)); }
static double tanh_slope(double e) { return 1 - tanh(e) * tanh(e); }
static double relu(double e) { return e > 0 ? e : 0; }
static double relu_slope(double e) { return e > 0; }

static const struct activation {
    const char *name;
    double (*value)(double e), (*slope)(double e);
    wg_tensor *(*tape)(wg_tensor *e);
} activations[] = {{"sigmoid", sigmoid, sigmoid_slope, wg_sigmoid},
                   {"tanh", tanh, tanh_slope, wg_tanh},
                   {"ReLU", relu, relu_slope, wg_relu}};

/* The sigmoid neuron's output over the plane of its inputs: it changes across the line e = 0 and
 * nowhere along it. */
static void draw(lesson *l)
{
    plot_grid g = {41, 41, -2, 2, -2, 2};
    static double z[41 * 41];
    for (int j = 0; j < g.ny; j++)
        for (int i = 0; i < g.nx; i++)
            z[j * g.nx + i] = sigmoid(w[0] * plot_grid_x(g, i) + w[1] * plot_grid_y(g, j) + b);
    plot *p = plot_begin(l, "neuron", 1, 1);
    plot_panel(p, "output = σ(wᵀx + b): lines at 0.1, 0.3, 0.5, 0.7, 0.9", "x₁", "x₂");
    plot_surface(p, g, z, 5, (double[]){0.1, 0.3, 0.5, 0.7, 0.9});
    plot_points(p, "the x of this program", 1, &x[0], &x[1]);
    plot_end(p);
}

int main(int argc, char **argv)
{
    lesson *l = lesson_begin(argc, argv, "neuron",
                             "deck 003, \"Anatomy of the network\"; deck 004, \"A single neuron\"");
    wg_tensor *W = lesson_vector(l, "w", N, w), *X = lesson_vector(l, "x", N, x);
    wg_tensor *B = lesson_scalar(l, "b", b);
    wg_tensor *E = wg_label(wg_add(wg_dot(W, X), B), "e");
    double e = w[0] * x[0] + w[1] * x[1] + b;
    lesson_say(l, "w = [%g, %g]   x = [%g, %g]   b = %g\n", w[0], w[1], x[0], x[1], b);
    lesson_value(l, "e = wᵀx + b", e, E);
    for (int k = 0; k < 3; k++) {
        const struct activation *f = &activations[k];
        wg_tensor *output = wg_label(f->tape(E), "output");
        double slope = f->slope(e), dw[N], dx[N];
        for (int i = 0; i < N; i++) {
            dw[i] = slope * x[i];
            dx[i] = slope * w[i];
        }
        lesson_say(l, "\n%s: σ'(e) = %.6f\n", f->name, slope);
        lesson_value(l, "output = σ(e)", f->value(e), output);
        lesson_derive_each(l, "∂output/∂w#", dw, output, W);
        lesson_derive_each(l, "∂output/∂x#", dx, output, X);
        lesson_derive(l, "∂output/∂b", slope, output, B);
    }
    draw(l);
    return lesson_end(l);
}
