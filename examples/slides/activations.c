/* Deck 002, the table of eight activation functions φ(z): values and derivatives at points between
 * the kinks and at them, and a picture of each with its derivative.
 *
 * At a kink no derivative is right; a program takes one.  The choices here are the library's: the
 * rectifier's is 0 at 0, the piece-wise linear function's 1 at -1/2 and 1/2, a step's 0 where it
 * jumps.  sign(0) is 0 on this deck; deck 004 has -1 there (program perceptron). */
#include <math.h>

#include "lesson/plot.h"

static double step(double z) { return z < 0 ? 0 : z > 0 ? 1 : 0.5; }
static double sign(double z) { return z < 0 ? -1 : z > 0 ? 1 : 0; }
static double flat(double z) { return 0 * z; }
static double linear(double z) { return z; }
static double one(double z) { return 1 + 0 * z; }
static double pieces(double z) { return z >= 0.5 ? 1 : z <= -0.5 ? 0 : z + 0.5; }
static double pieces_slope(double z) { return z >= -0.5 && z <= 0.5 ? 1 : 0; }
static double logistic(double z) { return 1 / (1 + exp(-z)); }
static double logistic_slope(double z) { return logistic(z) * (1 - logistic(z)); }
static double tangent(double z) { return (exp(z) - exp(-z)) / (exp(z) + exp(-z)); }
static double tangent_slope(double z) { return 1 - tangent(z) * tangent(z); }
static double relu(double z) { return fmax(0, z); }
static double relu_slope(double z) { return z > 0 ? 1 : 0; }
static double softplus(double z) { return log(1 + exp(z)); }

static wg_tensor *identity(wg_tensor *z) { return wg_mul_scalar(z, 1); }

static const struct activation {
    const char *name, *formula, *slope_formula;
    double (*value)(double z), (*slope)(double z);
    wg_tensor *(*tape)(wg_tensor *z);
} table[] = {
    {"unit step", "0, ½, 1 for z < 0, z = 0, z > 0", "0", step, flat, wg_heaviside},
    {"sign", "-1, 0, 1 for z < 0, z = 0, z > 0", "0", sign, flat, wg_sign},
    {"linear", "z", "1", linear, one, identity},
    {"piece-wise linear", "0, z + ½, 1, parted at -½ and ½", "1 between, else 0", pieces,
     pieces_slope, wg_piecewise_linear},
    {"logistic", "1 / (1 + e⁻ᶻ)", "φ (1 - φ)", logistic, logistic_slope, wg_sigmoid},
    {"tanh", "(eᶻ - e⁻ᶻ) / (eᶻ + e⁻ᶻ)", "1 - φ²", tangent, tangent_slope, wg_tanh},
    {"ReLU", "max(0, z)", "1 for z > 0, else 0", relu, relu_slope, wg_relu},
    {"softplus", "ln(1 + eᶻ)", "1 / (1 + e⁻ᶻ)", softplus, logistic, wg_softplus},
};
enum { COUNT = sizeof table / sizeof *table, POINTS = 5 };
static const double points[POINTS] = {-2, -0.5, 0, 0.5, 2};

static void show_values(lesson *l, wg_tensor *z[POINTS])
{
    lesson_head(l, "φ(z)|z = -2|z = -0.5|z = 0|z = 0.5|z = 2");
    for (int f = 0; f < COUNT; f++) {
        double hand[POINTS], tape[POINTS];
        for (int k = 0; k < POINTS; k++) {
            hand[k] = table[f].value(points[k]);
            tape[k] = wg_item(table[f].tape(z[k]));
        }
        lesson_compare(l, POINTS, hand, tape);
        lesson_row(l, "%s|%.6f|%.6f|%.6f|%.6f|%.6f", table[f].name, tape[0], tape[1], tape[2],
                   tape[3], tape[4]);
    }
}

static void show_slopes(lesson *l, wg_tensor *z[POINTS])
{
    for (int f = 0; f < COUNT; f++) {
        lesson_say(l, "\n%s: φ(z) = %s;  φ'(z) = %s\n", table[f].name, table[f].formula,
                   table[f].slope_formula);
        for (int k = 0; k < POINTS; k++) {
            char symbol[32];
            snprintf(symbol, sizeof symbol, "φ'(%g)", points[k]);
            lesson_derive(l, symbol, table[f].slope(points[k]), table[f].tape(z[k]), z[k]);
        }
    }
}

/* Curves of what the tape computes.  On both sides of each kink a point close by, so that jumps
 * stand upright. */
static void draw(lesson *l)
{
    enum { EVERY = 10, N = 6 * EVERY + 1 + 6 };
    static const double beside[6] = {-0.5 - 1e-9, -0.5 + 1e-9, -1e-9, 1e-9, 0.5 - 1e-9, 0.5 + 1e-9};
    double x[N], y[N], slope[N];
    int n = 0, b = 0;
    for (int i = 0; i <= 6 * EVERY; i++) {
        double at = -3 + (double)i / EVERY;
        for (; b < 6 && beside[b] < at; b++)
            x[n++] = beside[b];
        x[n++] = at;
    }
    wg_tensor *z = lesson_vector(l, "z", n, x), *dz;
    plot *p = plot_begin(l, "activations", 2, COUNT / 2);
    for (int f = 0; f < COUNT; f++) {
        wg_tensor *phi = table[f].tape(z);
        wg_grad(wg_sum(phi), 1, &z, &dz);
        if (wg_get_f64(phi, y) || wg_get_f64(dz, slope))
            break;
        plot_panel(p, table[f].name, "z", "");
        plot_range(p, -3, 3, -1.3, 3.1);
        plot_set(p, "set tics 1; unset grid; set zeroaxis");
        plot_line(p, "φ(z)", n, x, y);
        plot_line(p, "φ'(z)", n, x, slope);
    }
    plot_end(p);
}

int main(int argc, char **argv)
{
    lesson *l = lesson_begin(argc, argv, "activations", "deck 002, the table of eight activations");
    wg_tensor *z[POINTS];
    for (int k = 0; k < POINTS; k++)
        z[k] = lesson_scalar(l, (const char *[]){"-2", "-0.5", "0", "0.5", "2"}[k], points[k]);
    show_values(l, z);
    show_slopes(l, z);
    draw(l);
    return lesson_end(l);
}
