/* Deck 000, "Gradients and cross-entropy", equation 19.
 *
 *     o = σ(a)      C_ce = -[y ln o + (1 - y) ln(1 - o)]      ∂C_ce/∂a = σ(a) - y = Δ_ce   (19)
 *
 * Beside it the squared error, C_se = ½ (o - y)² (halved, so that the two gradients differ by
 * nothing but σ'):                                            ∂C_se/∂a = (σ(a) - y) σ'(a)
 *
 * Where a unit is saturated and wrong, o - y is nearly 1 and σ'(a) nearly 0: the squared error
 * teaches it next to nothing, the cross-entropy as much as it is wrong.
 *
 * A slip: "substitute σ(o)": o is σ(a) already. */
#include <math.h>

#include "lesson/lesson.h"
#include "lesson/plot.h"

enum { N = 6, STEPS = 600, CURVE = 81 };
static const double a[N] = {-8, -4, -1, 0, 4, 8}, y[N] = {0, 1, 1, 0.5, 0, 0};
static const double w0 = 2, b0 = 2,
                    rate = 0.15; /* the neuron that learns to say 0 to an input of 1 */

static double sigma(double z)
{
    return 1 / (1 + exp(-z));
}

/* The slide's cost as it is written: sums over the elements of a. */
static wg_tensor *cross_entropy(wg_tensor *a_, wg_tensor *y_)
{
    wg_tensor *o = wg_sigmoid(a_);
    wg_tensor *one = wg_mul(y_, wg_log(o)), *zero = wg_mul(wg_rsub(y_, 1), wg_log(wg_rsub(o, 1)));
    return wg_neg(wg_sum(wg_add(one, zero)));
}

static wg_tensor *squared_error(wg_tensor *a_, wg_tensor *y_)
{
    return wg_mul_scalar(wg_sum(wg_square(wg_sub(wg_sigmoid(a_), y_))), 0.5);
}

/* Gradient descent on a neuron whose input is 1 and whose output should be 0.  said: its output
 * before each step.  Gives the first step before which it is less than 0.1; -1: none. */
static int learn(lesson *l, wg_tensor *(*cost)(wg_tensor *, wg_tensor *), double said[STEPS])
{
    wg_mark mark = wg_tape_mark(l->tape);
    wg_tensor *p[] = {lesson_scalar(l, "w", w0), lesson_scalar(l, "b", b0)}, *g[2];
    wg_tensor *z = wg_add(wg_mul_scalar(p[0], 1), p[1]);
    wg_grad(cost(z, wg_scalar(l->tape, 0)), 2, p, g);
    wg_tensor *outputs[] = {wg_sigmoid(z),
                            wg_assign(p[0], wg_sub(p[0], wg_mul_scalar(g[0], rate))),
                            wg_assign(p[1], wg_sub(p[1], wg_mul_scalar(g[1], rate)))};
    wg_program *step = wg_compile(3, outputs);
    int first = -1;
    for (int i = 0; i < STEPS && wg_run(step) == WG_OK; i++) {
        said[i] = *(const double *)wg_output(step, 0);
        if (first < 0 && said[i] < 0.1)
            first = i;
    }
    wg_program_free(step);
    if (!wg_error(l->tape))
        wg_tape_rewind(l->tape, mark);
    return first;
}

static void draw(lesson *l, const double *ce, const double *se)
{
    double at[CURVE], d_ce[CURVE], d_se[CURVE], step[STEPS / 5], o_ce[STEPS / 5], o_se[STEPS / 5];
    for (int i = 0; i < CURVE; i++) {
        at[i] = -8 + 16.0 * i / (CURVE - 1);
        d_ce[i] = sigma(at[i]) - 0;
        d_se[i] = d_ce[i] * sigma(at[i]) * (1 - sigma(at[i]));
    }
    for (int i = 0; i < STEPS / 5; i++) {
        step[i] = 5 * i;
        o_ce[i] = ce[5 * i];
        o_se[i] = se[5 * i];
    }
    plot *p = plot_begin(l, "cross_entropy", 2, 1);
    plot_panel(p, "gradients where y is 0", "a", "∂C/∂a");
    plot_range(p, -8, 8, 0, 1.1);
    plot_line(p, "cross-entropy", CURVE, at, d_ce);
    plot_line(p, "squared error", CURVE, at, d_se);
    plot_panel(p, "a neuron that starts out wrong", "step", "output, should be 0");
    plot_range(p, 0, STEPS, 0, 1.1);
    plot_line(p, "cross-entropy", STEPS / 5, step, o_ce);
    plot_line(p, "squared error", STEPS / 5, step, o_se);
    plot_end(p);
}

int main(int argc, char **argv)
{
    lesson *l = lesson_begin(argc, argv, "cross_entropy",
                             "deck 000, \"Gradients and cross-entropy\", equation 19");
    double d_ce[N], d_se[N];
    for (int i = 0; i < N; i++) {
        double o = sigma(a[i]);
        d_ce[i] = o - y[i];
        d_se[i] = (o - y[i]) * o * (1 - o);
    }
    wg_tensor *a_ = lesson_vector(l, "a", N, a), *y_ = wg_constant(l->tape, WG_SHAPE(N), y);
    lesson_derive_each(l, "∂C_ce/∂a#", d_ce, cross_entropy(a_, y_), a_);
    lesson_derive_each(l, "∂C_se/∂a#", d_se, squared_error(a_, y_), a_);
    lesson_slip(l, "σ(o₁) - y₁", sigma(sigma(a[0])) - y[0], cross_entropy(a_, y_), a_);

    lesson_head(l, "a|y|o = σ(a)|∂C_ce/∂a|∂C_se/∂a|1/σ'(a): times as large");
    for (int i = 0; i < N; i++)
        lesson_row(l, "%g|%g|%.6f|%.6f|%.8f|%.1f", a[i], y[i], sigma(a[i]), d_ce[i], d_se[i],
                   1 / (sigma(a[i]) * (1 - sigma(a[i]))));

    double ce[STEPS], se[STEPS];
    int first_ce = learn(l, cross_entropy, ce), first_se = learn(l, squared_error, se);
    lesson_say(
        l, "\nA neuron with w = %g and b = %g learns to answer 0 to the input 1, at rate %g:\n",
               w0, b0, rate);
    lesson_head(l, "step|o, cross-entropy|o, squared error");
    for (int i = 0; i < STEPS; i += i < 100 ? 25 : 100)
        lesson_row(l, "%d|%.6f|%.6f", i, ce[i], se[i]);
    lesson_row(l, "below 0.1 after|%d|%d", first_ce, first_se);

    /* Far out o is 1 to the last bit and ln(1 - o) is -inf.  The library's own form is finite. */
    wg_tensor *far = wg_scalar(l->tape, 40), *zero = wg_scalar(l->tape, 0);
    lesson_say(
        l, "\nAt a = 40, y = 0 the formula as it is written gives %g, wg_bce_with_logits %g.\n",
               wg_item(cross_entropy(far, zero)), wg_item(wg_bce_with_logits(far, zero)));
    draw(l, ce, se);
    return lesson_end(l);
}
