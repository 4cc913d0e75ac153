/* Deck 001, "Simple Example" and "Backpropagation Calculus cont.": a network with one neuron in
 * each layer,
 *
 *     z⁽ˡ⁾ = w⁽ˡ⁾ a⁽ˡ⁻¹⁾ + b⁽ˡ⁾      a⁽ˡ⁾ = σ(z⁽ˡ⁾)      C₀ = (a⁽ᴸ⁾ - y)²      (001 sums squares)
 *
 * and deck 002, "Chain Rule": the same without biases, a factor for each layer,
 *
 *     output = act(w3 act(w2 act(w1 input)))      here: act = tanh, error = (output - wanted)²
 *
 * A derivative is the product of the factors along the way from a weight up to the cost.  Each
 * factor is derived three ways, and so is their product, layer by layer back to the input. */
#include <math.h>

#include "lesson/plot.h"

enum { L = 3 };
static const double w[L + 1] = {0, 0.8, -1.2, 1.5}, b[L + 1] = {0, 0.1, 0.4, -0.3};
static const double x = 0.9, y = 1;

static double sigma(double z)
{
    return 1 / (1 + exp(-z));
}

/* C₀ when w⁽ⁱ⁾ alone is moved, and the tangent that the product of factors gives. */
static void draw(plot *p, int i, double slope)
{
    enum { N = 61 };
    double at[N], C[N], tangent[N], here = 0;
    char title[64], axis[16];
    for (int n = -1; n < N; n++) { /* first where it is */
        double moved = n < 0 ? 0 : (n - N / 2) * 0.1, a = x;
        for (int k = 1; k <= L; k++)
            a = sigma((w[k] + (k == i ? moved : 0)) * a + b[k]);
        if (n < 0) {
            here = (a - y) * (a - y);
            continue;
        }
        at[n] = w[i] + moved;
        C[n] = (a - y) * (a - y);
        tangent[n] = here + slope * moved;
    }
    snprintf(title, sizeof title, "slope at w⁽%s⁾ = %g: %.4f",
             (const char *[]){"", "¹", "²", "³"}[i], w[i], slope);
    snprintf(axis, sizeof axis, "w⁽%s⁾", (const char *[]){"", "¹", "²", "³"}[i]);
    plot_panel(p, title, axis, "C₀");
    plot_range(p, at[0], at[N - 1], 0, 0.5);
    plot_line(p, "C₀", N, at, C);
    plot_line(p, "tangent", N, at, tangent);
    plot_points(p, "here", 1, &w[i], &here);
}

static void deck_001(lesson *l)
{
    static const char *const w_[] = {"", "w⁽¹⁾", "w⁽²⁾", "w⁽³⁾"},
                             *const b_[] = {"", "b⁽¹⁾", "b⁽²⁾", "b⁽³⁾"},
                             *const z_[] = {"", "z⁽¹⁾", "z⁽²⁾", "z⁽³⁾"},
                             *const a_[] = {"", "a⁽¹⁾", "a⁽²⁾", "a⁽³⁾"};

    /* forward: small letters by hand, capitals on the tape */
    double z[L + 1], a[L + 1] = {x};
    wg_tensor *W[L + 1], *B[L + 1], *Z[L + 1], *A[L + 1] = {lesson_scalar(l, "a⁽⁰⁾", x)};
    for (int i = 1; i <= L; i++) {
        z[i] = w[i] * a[i - 1] + b[i];
        a[i] = sigma(z[i]);
        W[i] = lesson_scalar(l, w_[i], w[i]);
        B[i] = lesson_scalar(l, b_[i], b[i]);
        Z[i] = lesson_node(l, z_[i], wg_add(wg_mul(W[i], A[i - 1]), B[i]));
        A[i] = lesson_node(l, a_[i], wg_sigmoid(Z[i]));
        lesson_value(l, NULL, z[i], Z[i]);
        lesson_value(l, NULL, a[i], A[i]);
    }
    wg_tensor *C = wg_label(wg_square(wg_sub_scalar(A[L], y)), "C₀");
    lesson_value(l, NULL, (a[L] - y) * (a[L] - y), C);

    /* backward: dC_da is the product of all factors so far */
    double dC_da = 2 * (a[L] - y);
    lesson_say(l, "\n∂C₀/∂a⁽³⁾ = 2 (a⁽³⁾ - y)\n");
    lesson_derive(l, NULL, dC_da, C, A[L]);
    plot *p = plot_begin(l, "chain", L, 1);
    for (int i = L; i >= 1; i--) {
        double da_dz = sigma(z[i]) * (1 - sigma(z[i]));
        double dz_dw = a[i - 1], dz_db = 1, dz_da = w[i];
        lesson_say(l, "\nlayer %d: the factors, and their products with ∂C₀/∂%s\n", i, a_[i]);
        lesson_derive(l, NULL, da_dz, A[i], Z[i]);
        lesson_derive(l, NULL, dz_dw, Z[i], W[i]);
        lesson_derive(l, NULL, dz_db, Z[i], B[i]);
        lesson_derive(l, NULL, dz_da, Z[i], A[i - 1]);
        lesson_derive(l, NULL, dC_da * da_dz * dz_dw, C, W[i]);
        draw(p, i, dC_da * da_dz * dz_dw);
        lesson_derive(l, NULL, dC_da * da_dz * dz_db, C, B[i]);
        dC_da = dC_da * da_dz * dz_da;
        lesson_derive(l, NULL, dC_da, C, A[i - 1]);
    }
    plot_end(p);
}

/* act'(s) in terms of the activation itself. */
static double slope(double activation)
{
    return 1 - activation * activation;
}

static void deck_002(lesson *l)
{
    double hidden1 = tanh(w[1] * x), hidden2 = tanh(w[2] * hidden1), output = tanh(w[3] * hidden2);
    wg_tensor *W1 = lesson_scalar(l, "w1", w[1]), *W2 = lesson_scalar(l, "w2", w[2]);
    wg_tensor *W3 = lesson_scalar(l, "w3", w[3]), *input = lesson_scalar(l, "input", x);
    wg_tensor *Hidden1 = lesson_node(l, "hidden1", wg_tanh(wg_mul(W1, input)));
    wg_tensor *Hidden2 = lesson_node(l, "hidden2", wg_tanh(wg_mul(W2, Hidden1)));
    wg_tensor *Output = lesson_node(l, "output", wg_tanh(wg_mul(W3, Hidden2)));
    wg_tensor *Error = wg_label(wg_square(wg_sub_scalar(Output, y)), "error");

    double d_error = 2 * (output - y), d_output = slope(output) * w[3];
    double d_hidden2 = slope(hidden2) * w[2], d_hidden1 = slope(hidden1) * x;
    lesson_say(l, "\ndeck 002: ∂error/∂w1 is the product of four factors\n");
    lesson_derive(l, NULL, d_error, Error, Output);
    lesson_derive(l, NULL, d_output, Output, Hidden2);
    lesson_derive(l, NULL, d_hidden2, Hidden2, Hidden1);
    lesson_derive(l, NULL, d_hidden1, Hidden1, W1);
    lesson_derive(l, NULL, d_error * d_output * d_hidden2 * d_hidden1, Error, W1);
    lesson_derive(l, NULL, d_output * d_hidden2 * d_hidden1, Output, W1);
}

int main(int argc, char **argv)
{
    lesson *l =
        lesson_begin(argc, argv, "chain", "deck 001, \"Simple Example\"; deck 002, \"Chain Rule\"");
    deck_001(l);
    deck_002(l);
    return lesson_end(l);
}
