/* Deck 003, "XOR MLP": two inputs, hidden neurons, one output; all sigmoids, with biases.
 *
 *     h = σ(W1 x + b1)      ŷ = σ(w2 h + b2)      loss = Σ ½ (y - ŷ)²           (003 halves)
 *
 *     δ_2 = (ŷ - y) ŷ (1 - ŷ)          ∂loss/∂w2 = Σ δ_2 h      ∂loss/∂b2 = Σ δ_2
 *     δ_1 = δ_2 w2 ⊙ h ⊙ (1 - h)       ∂loss/∂W1 = Σ δ_1 xᵀ     ∂loss/∂b1 = Σ δ_1
 *
 * each sum over the four rows of the truth table.  The gradient is derived three ways where
 * training begins; then the network learns.  From some starts it never does: --seed 0 is one. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lesson/lesson.h"
#include "lesson/plot.h"

enum { H = 2, ROWS = 4, EPOCHS = 3000, SIDE = 31 };
static const double X[ROWS][2] = {{0, 0}, {0, 1}, {1, 0}, {1, 1}}, Y[ROWS] = {0, 1, 1, 0};
static const double eta = 2;

typedef struct network {
    wg_tensor *p[4]; /* W1 [H, 2], b1 [H], w2 [H], b2 */
} network;

static double sigma(double z)
{
    return 1 / (1 + exp(-z));
}

static network make_network(wg_tape *t)
{
    return (network){{wg_param(t, "W1", WG_SHAPE(H, 2), wg_init_uniform(-2, 2)),
                      wg_param(t, "b1", WG_SHAPE(H), wg_init_zeros()),
                      wg_param(t, "w2", WG_SHAPE(H), wg_init_uniform(-2, 2)),
                      wg_param(t, "b2", WG_SHAPE(), wg_init_zeros())}};
}

/* x [n, 2] -> ŷ [n] */
static wg_tensor *says(const network *n, wg_tensor *x)
{
    wg_tensor *h = wg_sigmoid(wg_add(wg_matmul(x, wg_transpose(n->p[0])), n->p[1]));
    return wg_sigmoid(wg_add(wg_einsum("nh,h->n", 2, (wg_tensor *[]){h, n->p[2]}), n->p[3]));
}

static wg_tensor *loss_of(wg_tensor *says_, wg_tensor *y)
{
    return wg_mul_scalar(wg_sum(wg_square(wg_sub(y, says_))), 0.5);
}

static void derive(lesson *l, const network *n, wg_tensor *loss)
{
    double W1[H][2], b1[H], w2[H], b2 = wg_item(n->p[3]);
    wg_get_f64(n->p[0], &W1[0][0]);
    wg_get_f64(n->p[1], b1);
    wg_get_f64(n->p[2], w2);
    double dW1[H][2] = {{0}}, db1[H] = {0}, dw2[H] = {0}, db2 = 0, L = 0;
    for (int r = 0; r < ROWS; r++) {
        double h[H], z = b2;
        for (int i = 0; i < H; i++) {
            h[i] = sigma(W1[i][0] * X[r][0] + W1[i][1] * X[r][1] + b1[i]);
            z += w2[i] * h[i];
        }
        double y_hat = sigma(z), delta_2 = (y_hat - Y[r]) * y_hat * (1 - y_hat);
        L += 0.5 * (Y[r] - y_hat) * (Y[r] - y_hat);
        db2 += delta_2;
        for (int i = 0; i < H; i++) {
            double delta_1 = delta_2 * w2[i] * h[i] * (1 - h[i]);
            dw2[i] += delta_2 * h[i];
            db1[i] += delta_1;
            dW1[i][0] += delta_1 * X[r][0];
            dW1[i][1] += delta_1 * X[r][1];
        }
    }
    lesson_value(l, "loss = Σ ½ (y - ŷ)²", L, loss);
    lesson_derive_each(l, "∂loss/∂W1#", &dW1[0][0], loss, n->p[0]);
    lesson_derive_each(l, "∂loss/∂b1#", db1, loss, n->p[1]);
    lesson_derive_each(l, "∂loss/∂w2#", dw2, loss, n->p[2]);
    lesson_derive(l, "∂loss/∂b2", db2, loss, n->p[3]);
}

static void train(lesson *l, const network *n, wg_tensor *loss, double cost[EPOCHS])
{
    wg_tensor *g[4], *outputs[5] = {loss};
    wg_grad(loss, 4, n->p, g);
    for (int i = 0; i < 4; i++)
        outputs[i + 1] = wg_assign(n->p[i], wg_sub(n->p[i], wg_mul_scalar(g[i], eta)));
    wg_program *epoch = wg_compile(5, outputs);
    for (int i = 0; i < EPOCHS && wg_run(epoch) == WG_OK; i++)
        cost[i] = *(const double *)wg_output(epoch, 0);
    wg_program_free(epoch);
    lesson_head(l, "epoch|loss");
    for (int i = 0; i < EPOCHS; i += i < 500 ? 100 : i < 1000 ? 500 : 1000)
        lesson_row(l, "%d|%.6f", i, cost[i]);
}

static void draw(lesson *l, const network *n, const double cost[EPOCHS])
{
    static double epoch[EPOCHS / 30], shown[EPOCHS / 30], at[SIDE * SIDE][2], z[SIDE * SIDE];
    for (int i = 0; i < EPOCHS / 30; i++) {
        epoch[i] = 30 * i;
        shown[i] = cost[30 * i];
    }
    plot_grid g = {SIDE, SIDE, -0.5, 1.5, -0.5, 1.5};
    for (int k = 0; k < SIDE * SIDE; k++) {
        at[k][0] = plot_grid_x(g, k % SIDE);
        at[k][1] = plot_grid_y(g, k / SIDE);
    }
    wg_get_f64(says(n, wg_constant(l->tape, WG_SHAPE(SIDE * SIDE, 2), &at[0][0])), z);
    plot *p = plot_begin(l, "xor", 2, 1);
    plot_panel(p, "what is learnt from the four rows", "epoch", "loss");
    plot_line(p, "", EPOCHS / 30, epoch, shown);
    plot_panel(p, "ŷ, and where it is 1/2", "A", "B");
    plot_set(p, "set colorbox");
    plot_set(p, "unset key");
    for (int r = 0; r < ROWS; r++) {
        char label[64];
        snprintf(label, sizeof label, "set label '%g' at %g,%g front", Y[r], X[r][0] + 0.08,
                 X[r][1]);
        plot_set(p, label);
    }
    plot_surface(p, g, z, 1, (double[]){0.5});
    plot_set(p, "set xtics 0.5");
    plot_set(p, "set ytics 0.5");
    plot_points(p, "XOR is 0", 2, (double[]){0, 1}, (double[]){0, 1});
    plot_points(p, "XOR is 1", 2, (double[]){0, 1}, (double[]){1, 0});
    plot_end(p);
}

int main(int argc, char **argv)
{
    lesson *l =
        lesson_begin_with(argc, argv, "xor", "deck 003, \"XOR\" and \"XOR MLP\"", "--seed");
    const char *seed = lesson_option(l, "--seed");
    if (seed && (!*seed || seed[strspn(seed, "0123456789")])) {
        fprintf(stderr, "xor: --seed wants a whole number, got \"%s\"\n", seed);
        return 2;
    }
    wg_seed(l->tape, seed ? strtoull(seed, NULL, 10) : 1);
    network n = make_network(l->tape);
    wg_tensor *y_hat = says(&n, wg_constant(l->tape, WG_SHAPE(ROWS, 2), &X[0][0]));
    wg_tensor *loss = loss_of(y_hat, wg_constant(l->tape, WG_SHAPE(ROWS), Y));
    double before[ROWS], after[ROWS];
    static double cost[EPOCHS];
    wg_get_f64(y_hat, before);
    derive(l, &n, loss);
    train(l, &n, loss, cost);
    wg_get_f64(y_hat, after);
    lesson_head(l, "A|B|A XOR B|ŷ before|ŷ after|which says");
    for (int r = 0; r < ROWS; r++)
        lesson_row(l, "%g|%g|%g|%.4f|%.4f|%d", X[r][0], X[r][1], Y[r], before[r], after[r],
                   after[r] > 0.5);
    draw(l, &n, cost);
    return lesson_end(l);
}
