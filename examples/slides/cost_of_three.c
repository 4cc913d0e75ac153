/* Deck 001, "Backpropagation": the cost of one image of a 3, and what to do about it.
 *
 *     C = Σ (a_j - y_j)²      ∂C/∂a_j = 2 (a_j - y_j)      (001 sums the squares, no factor before)
 *
 * The ten outputs are the slide's.  The negative gradient says which outputs to nudge, which way,
 * and how much: an output is worth as many times another as its derivative is larger. */
#include <math.h>

#include "lesson/plot.h"

static const double a[10] = {0.43, 0.28, 0.19, 0.88, 0.72, 0.01, 0.64, 0.86, 0.99, 0.63};
static const double y[10] = {0, 0, 0, 1, 0, 0, 0, 0, 0, 0};

/* Deck 001's figure: what the outputs are, what they should be, and the nudges. */
static void draw(lesson *l, const double dC[10])
{
    double digit[10], nudge[10];
    for (int j = 0; j < 10; j++) {
        digit[j] = j;
        nudge[j] = -dC[j];
    }
    plot *p = plot_begin(l, "cost_of_three", 2, 1);
    plot_panel(p, "the outputs, shown a 3", "j", "");
    plot_set(p, "set xtics 1");
    plot_range(p, -0.7, 9.7, 0, 1.1);
    plot_bars(p, "a_j", 10, digit, a);
    plot_points(p, "y_j", 10, digit, y);
    plot_panel(p, "which way to nudge them, and how much", "j", "");
    plot_set(p, "set xtics 1");
    plot_range(p, -0.7, 9.7, -2.2, 0.6);
    plot_bars(p, "-∂C/∂a_j", 10, digit, nudge);
    plot_end(p);
}

int main(int argc, char **argv)
{
    lesson *l = lesson_begin(argc, argv, "cost_of_three",
                             "deck 001, \"What's the cost of this difference?\"");
    double C = 0, dC[10], largest = 0;
    for (int j = 0; j < 10; j++) {
        C += (a[j] - y[j]) * (a[j] - y[j]);
        dC[j] = 2 * (a[j] - y[j]);
        largest = fmax(largest, fabs(dC[j]));
    }
    wg_tensor *A = lesson_vector(l, "a", 10, a);
    wg_tensor *cost = wg_sum(wg_square(wg_sub(A, wg_constant(l->tape, WG_SHAPE(10), y))));
    lesson_value(l, "C", C, cost);
    lesson_value(l, "the slide's sum, 3.3585", 3.3585, cost);
    lesson_derive_each(l, "∂C/∂a#0", dC, cost, A);

    lesson_head(l, "digit|output|wanted|its share of C|-∂C/∂a|<nudge it");
    for (int j = 0; j < 10; j++) {
        int stars = (int)ceil(20 * fabs(dC[j]) / largest);
        lesson_row(l, "%d|%.2f|%.2f|%.4f|%+.2f|%-4s %.*s", j, a[j], y[j],
                   (a[j] - y[j]) * (a[j] - y[j]), -dC[j], dC[j] < 0 ? "up" : "down", stars,
                   "********************");
    }

    draw(l, dC);

    /* the other decks' costs of the same outputs: other sizes, the same minimum */
    lesson_say(l, "\nthe same outputs by the other decks' costs\n");
    wg_tensor *half = wg_label(wg_mul_scalar(cost, 0.5), "C");
    lesson_value(l, "003: Σ ½ (y_j - a_j)²", C / 2, half);
    lesson_value(l, "004: 1/n Σ (a_j - y_j)², n = 2", C / 2, half);
    for (int j = 0; j < 10; j++)
        dC[j] /= 2;
    lesson_derive_whole(l, "∂C/∂a₈ of both: a₈ - y₈", dC, half, A, 10);
    return lesson_end(l);
}
