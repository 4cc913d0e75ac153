/* Deck 003, "Backpropagation: local error contribution" and "Weight updates": the slide's network
 * of two inputs, neurons 1 2 3, neurons 4 5 and neuron 6, which gives ŷ = f6.
 *
 *     e = Σ w f (of the layer before)      f = σ(e)      loss = ½ (y - ŷ)²       (003 halves)
 *
 *     δ   = ∂loss/∂ŷ  = -(y - ŷ)
 *     δ_4 = ∂loss/∂f4 = δ f6'(e) w46                     δ_5 = δ f6'(e) w56
 *     δ_1 = ∂loss/∂f1 = δ_4 f4'(e) w14 + δ_5 f5'(e) w15  and so δ_2, δ_3
 *     w'  = w - η δ_k f_k'(e) times what the weight carries: x1 for w(x1)1, f1 for w14
 *
 * So 003's δ_k belongs to a neuron's output f_k; 002's δ belongs to its sum s, and is 003's times
 * f_k'(e).
 *
 * Slips: e = w46 f4 + w56 f6, for f5; ∂e/∂w(x1)1 = w(x1)1 on one slide, for x1; δ_1 = ∂loss/∂ŷ
 * ∂ŷ/∂e ∂e/∂f4, which is δ_4; and J = y - ŷ as a cost, which has no least value. */
#include <math.h>

#include "lesson/lesson.h"

static const double x1 = 0.8, x2 = -0.5, y = 1, eta = 0.5;
enum { X11, X12, X13, X21, X22, X23, W14, W15, W24, W25, W34, W35, W46, W56, WEIGHTS };
static const char *const names[WEIGHTS] = {"w(x1)1", "w(x1)2", "w(x1)3", "w(x2)1", "w(x2)2",
                                           "w(x2)3", "w14",    "w15",    "w24",    "w25",
                                           "w34",    "w35",    "w46",    "w56"};
static const double w[WEIGHTS] = {0.3,  -0.4, 0.7, 0.6, 0.2, -0.5, 0.5,
                                  -0.3, -0.7, 0.8, 0.4, 0.1, 0.9,  -0.6};

static double sigma(double e)
{
    return 1 / (1 + exp(-e));
}

/* The output of a neuron with n inputs. */
static wg_tensor *neuron(lesson *l, const char *name, int n, wg_tensor *const *weight,
                         wg_tensor *const *input)
{
    wg_tensor *e = wg_mul(weight[0], input[0]);
    for (int i = 1; i < n; i++)
        e = wg_add(e, wg_mul(weight[i], input[i]));
    return lesson_node(l, name, wg_sigmoid(e));
}

/* J = y - ŷ has no least value.  A neuron ŷ = w x with x = 1 and y = 1, from w = 0. */
static void descend_on_difference(lesson *l)
{
    lesson_say(
        l,
        "\nTwo costs for ŷ = w x with x = 1, y = 1 and η = 0.1, from w = 0.  J = y - ŷ has the\n"
           "same slope everywhere: descent on it passes y and never ends.\n");
    lesson_head(l, "step|y - ŷ as cost: ŷ|cost|½ (y - ŷ)² as cost: ŷ|cost");
    wg_tensor *p[2], *J[2], *g, *outputs[4];
    for (int k = 0; k < 2; k++) {
        p[k] = lesson_scalar(l, k ? "w of the squares" : "w of the difference", 0);
        wg_tensor *off = wg_rsub(wg_mul_scalar(p[k], 1), 1);
        J[k] = k ? wg_mul_scalar(wg_square(off), 0.5) : off;
        wg_grad(J[k], 1, &p[k], &g);
        outputs[2 * k] = J[k];
        outputs[2 * k + 1] = wg_assign(p[k], wg_sub(p[k], wg_mul_scalar(g, 0.1)));
    }
    wg_program *step = wg_compile(4, outputs);
    for (int i = 0; i <= 1000; i++) {
        double said[] = {wg_item(p[0]), wg_item(p[1])}; /* before the step, as the costs are */
        if (wg_run(step) == WG_OK && (i == 0 || i == 10 || i == 100 || i == 1000))
            lesson_row(l, "%d|%.4f|%.4f|%.4f|%.4f", i, said[0],
                       *(const double *)wg_output(step, 0), said[1],
                       *(const double *)wg_output(step, 2));
    }
    wg_program_free(step);
}

int main(int argc, char **argv)
{
    lesson *l = lesson_begin(argc, argv, "local_errors",
                             "deck 003, \"Backpropagation\", \"Weight updates\"");
    /* forward, by hand */
    double f1 = sigma(w[X11] * x1 + w[X21] * x2), f2 = sigma(w[X12] * x1 + w[X22] * x2);
    double f3 = sigma(w[X13] * x1 + w[X23] * x2);
    double f4 = sigma(w[W14] * f1 + w[W24] * f2 + w[W34] * f3);
    double f5 = sigma(w[W15] * f1 + w[W25] * f2 + w[W35] * f3);
    double f6 = sigma(w[W46] * f4 + w[W56] * f5), loss = 0.5 * (y - f6) * (y - f6);

    /* forward, on the tape, neuron by neuron */
    wg_tensor *W[WEIGHTS], *X[2] = {lesson_scalar(l, "x1", x1), lesson_scalar(l, "x2", x2)}, *F[7];
    for (int k = 0; k < WEIGHTS; k++)
        W[k] = lesson_scalar(l, names[k], w[k]);
    F[1] = neuron(l, "f1", 2, (wg_tensor *[]){W[X11], W[X21]}, X);
    F[2] = neuron(l, "f2", 2, (wg_tensor *[]){W[X12], W[X22]}, X);
    F[3] = neuron(l, "f3", 2, (wg_tensor *[]){W[X13], W[X23]}, X);
    F[4] = neuron(l, "f4", 3, (wg_tensor *[]){W[W14], W[W24], W[W34]}, &F[1]);
    F[5] = neuron(l, "f5", 3, (wg_tensor *[]){W[W15], W[W25], W[W35]}, &F[1]);
    F[6] = neuron(l, "f6", 2, (wg_tensor *[]){W[W46], W[W56]}, &F[4]);
    wg_tensor *cost = wg_mul_scalar(wg_square(wg_rsub(F[6], y)), 0.5);
    const double f[7] = {0, f1, f2, f3, f4, f5, f6};
    for (int k = 1; k <= 6; k++)
        lesson_value(l, (const char *[]){"", "f1", "f2", "f3", "f4", "f5", "ŷ = f6"}[k], f[k],
                     F[k]);
    lesson_value(l, "loss = ½ (y - ŷ)²", loss, cost);

    /* local errors: σ'(e) = σ(e) (1 - σ(e)) = f (1 - f) */
    double d = -(y - f6), d6 = f6 * (1 - f6), d4 = f4 * (1 - f4), d5 = f5 * (1 - f5);
    double delta4 = d * d6 * w[W46], delta5 = d * d6 * w[W56];
    double delta1 = delta4 * d4 * w[W14] + delta5 * d5 * w[W15];
    double delta2 = delta4 * d4 * w[W24] + delta5 * d5 * w[W25];
    double delta3 = delta4 * d4 * w[W34] + delta5 * d5 * w[W35];
    lesson_say(l, "\nδ_1 = δ_4 f4' w14 + δ_5 f5' w15 = %.6f %+.6f\n", delta4 * d4 * w[W14],
               delta5 * d5 * w[W15]);
    lesson_say(l, "δ_2 = δ_4 f4' w24 + δ_5 f5' w25 = %.6f %+.6f\n", delta4 * d4 * w[W24],
               delta5 * d5 * w[W25]);
    lesson_say(l, "δ_3 = δ_4 f4' w34 + δ_5 f5' w35 = %.6f %+.6f\n", delta4 * d4 * w[W34],
               delta5 * d5 * w[W35]);
    lesson_derive(l, "δ   = ∂loss/∂ŷ", d, cost, F[6]);
    lesson_derive(l, "δ_4 = ∂loss/∂f4", delta4, cost, F[4]);
    lesson_derive(l, "δ_5 = ∂loss/∂f5", delta5, cost, F[5]);
    lesson_derive(l, "δ_1 = ∂loss/∂f1", delta1, cost, F[1]);
    lesson_derive(l, "δ_2 = ∂loss/∂f2", delta2, cost, F[2]);
    lesson_derive(l, "δ_3 = ∂loss/∂f3", delta3, cost, F[3]);

    /* each weight: the error of the neuron it leads to, f' there, and what it carries */
    double s1 = delta1 * f1 * (1 - f1), s2 = delta2 * f2 * (1 - f2), s3 = delta3 * f3 * (1 - f3);
    double s4 = delta4 * d4, s5 = delta5 * d5, s6 = d * d6;
    const double dw[WEIGHTS] = {s1 * x1, s2 * x1, s3 * x1, s1 * x2, s2 * x2, s3 * x2, s4 * f1,
                                s5 * f1, s4 * f2, s5 * f2, s4 * f3, s5 * f3, s6 * f4, s6 * f5};
    lesson_say(
        l, "\nEach weight: δ_k f_k'(e) of the neuron that it leads to, times what it carries.\n");
    char text[32];
    for (int k = 0; k < WEIGHTS; k++) {
        snprintf(text, sizeof text, "∂loss/∂%s", names[k]);
        lesson_derive(l, text, dw[k], cost, W[k]);
    }

    /* one full update, by hand and as a program that assigns all weights at once */
    wg_tensor *g[WEIGHTS], *update[WEIGHTS];
    wg_grad(cost, WEIGHTS, W, g);
    for (int k = 0; k < WEIGHTS; k++)
        update[k] = wg_assign(W[k], wg_sub(W[k], wg_mul_scalar(g[k], eta)));

    lesson_say(l, "\nThe slips, each in the place of what is right.\n");
    lesson_slip(l, "∂loss/∂w56, f6 for f5", s6 * f6, cost, W[W56]);
    lesson_slip(l, "∂loss/∂w(x1)1, w for x1", s1 * w[X11], cost, W[X11]);
    lesson_slip(l, "δ_1, ∂e/∂f4 at the end", delta4, cost, F[1]);
    descend_on_difference(l);

    wg_program *step = wg_compile(WEIGHTS, update);
    lesson_say(l, "\nOne update of all weights, w' = w - η ∂loss/∂w, η = %g.\n", eta);
    double before = wg_item(cost);
    wg_run(step);
    for (int k = 0; k < WEIGHTS; k++) {
        snprintf(text, sizeof text, "%s': before %.2f", names[k], w[k]);
        lesson_value(l, text, w[k] - eta * dw[k], W[k]);
    }
    wg_program_free(step);
    lesson_say(l, "\nThe loss before: %.9f, after: %.9f\n", before, wg_item(cost));
    return lesson_end(l);
}
