/* Deck 001, "Forward Propagation" 1 to 3, and deck 004, "Forward propagation equations" 1 to 4: in
 * matrix form and neuron by neuron the same numbers come out.
 *
 *     001:  1. z = W a + b      2. z' = act(z)      3. a' = σ(z')        act: ReLU
 *     004:  1  z¹ = W¹ x + b¹   2  h¹ = σ(z¹)   3  z² = W² h¹ + b²   4  ŷ = h² = σ(z²)
 *
 * A slip on deck 001: where it writes out a' row by row the bias is gone; the rows marked "slip"
 * show what that does.  (Its step 2 calls both sides z'.)  Look also at what ReLU before σ does:
 * a' cannot fall below σ(0) = 0.5. */
#include <math.h>

#include "lesson/plot.h"

enum { N = 2, M = 3, H = 5 };
static const double W[M][N] = {{0.5, -1.2}, {1.5, 0.4}, {-0.8, 0.9}}, b[M] = {0.2, -0.3, 0.1};
static const double a[N] = {0.7, 0.4};
static const double W1[H][N] = {{0.3, -0.5}, {0.8, 0.2}, {-0.6, 0.9}, {0.1, 0.4}, {-0.7, -0.2}};
static const double b1[H] = {0.1, -0.2, 0.05, 0, 0.3};
static const double W2[1][H] = {{0.6, -0.4, 0.9, -0.3, 0.5}}, b2[1] = {-0.1};

static double sigma(double z)
{
    return 1 / (1 + exp(-z));
}
static double relu(double z)
{
    return z > 0 ? z : 0;
}

/* Neuron j: its row of W times what comes in, plus its bias.  By hand ... */
static double neuron(int n, const double *row, const double *in, double bias)
{
    double z = 0;
    for (int i = 0; i < n; i++)
        z += row[i] * in[i];
    return z + bias;
}

/* ... and on the tape: all of a layer's, one by one. */
static wg_tensor *neurons(int m, wg_tensor *rows, wg_tensor *in, wg_tensor *bias)
{
    wg_tensor *z[H];
    for (int j = 0; j < m; j++)
        z[j] = wg_add(wg_dot(wg_select(rows, 0, j), in), wg_select(bias, 0, j));
    return wg_stack(m, z, 0);
}

/* All neurons of a layer at once. */
static wg_tensor *layer(wg_tensor *matrix, wg_tensor *in, wg_tensor *bias)
{
    return wg_add(wg_einsum("ji,i->j", 2, (wg_tensor *[]){matrix, in}), bias);
}

/* A step of the slide: by hand, and on the tape in both forms. */
static void show(lesson *l, const char *symbol, int n, const double *hand, wg_tensor *matrix,
                 wg_tensor *one_by_one)
{
    double of_matrix[H], of_neurons[H];
    for (int j = 0; j < n; j++) {
        of_matrix[j] = lesson_item(matrix, j);
        of_neurons[j] = lesson_item(one_by_one, j);
        lesson_row(l, "%s, neuron %d|%.9f|%.9f|%.9f", symbol, j + 1, hand[j], of_matrix[j],
                   of_neurons[j]);
    }
    lesson_compare(l, n, hand, of_matrix);
    lesson_compare(l, n, hand, of_neurons);
}

static void deck_001(lesson *l)
{
    double z[M], z_[M], a_[M];
    wg_tensor *tW = lesson_matrix(l, "W", M, N, *W), *tb = lesson_vector(l, "b", M, b);
    wg_tensor *ta = lesson_vector(l, "a", N, a);
    for (int j = 0; j < M; j++) {
        z[j] = neuron(N, W[j], a, b[j]);
        z_[j] = relu(z[j]);
        a_[j] = sigma(z_[j]);
    }
    wg_tensor *Z = layer(tW, ta, tb), *Z_ = wg_relu(Z), *A_ = wg_sigmoid(Z_);
    wg_tensor *z1 = neurons(M, tW, ta, tb), *z1_ = wg_relu(z1), *a1_ = wg_sigmoid(z1_);
    lesson_say(l, "\ndeck 001: two activations into three neurons\n");
    lesson_head(l, "|by hand|matrix form|neuron by neuron");
    show(l, "1. z = W a + b", M, z, Z, z1);
    show(l, "2. z' = ReLU(z)", M, z_, Z_, z1_);
    show(l, "3. a' = σ(z')", M, a_, A_, a1_);
    lesson_say(l, "\nas the slide writes its rows out, without the bias:\n");
    for (int j = 0; j < M; j++) {
        char symbol[32];
        snprintf(symbol, sizeof symbol, "W%d1 a1 + W%d2 a2", j + 1, j + 1);
        lesson_slip_value(l, symbol, neuron(N, W[j], a, 0), wg_select(Z, 0, j));
    }
}

/* ŷ over the plane of its inputs: the lines of equal output bend, where a single neuron's are
 * straight (program neuron). */
static void draw(lesson *l)
{
    plot_grid g = {41, 41, -12, 12, -12, 12};
    static double y_hat[41 * 41];
    for (int j = 0; j < g.ny; j++)
        for (int i = 0; i < g.nx; i++) {
            double x[N] = {plot_grid_x(g, i), plot_grid_y(g, j)}, h[H];
            for (int k = 0; k < H; k++)
                h[k] = sigma(neuron(N, W1[k], x, b1[k]));
            y_hat[j * g.nx + i] = sigma(neuron(H, W2[0], h, b2[0]));
        }
    plot *p = plot_begin(l, "forward", 1, 1);
    plot_panel(p, "ŷ = σ(W² σ(W¹ x + b¹) + b²)", "x₁", "x₂");
    plot_surface(p, g, y_hat, 7, (double[]){0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7});
    plot_end(p);
}

static void deck_004(lesson *l)
{
    double z1[H], h1[H], z2[1], y[1], dx[N] = {0};
    wg_tensor *tW1 = lesson_matrix(l, "W¹", H, N, *W1), *tb1 = lesson_vector(l, "b¹", H, b1);
    wg_tensor *tW2 = lesson_matrix(l, "W²", 1, H, *W2), *tb2 = lesson_vector(l, "b²", 1, b2);
    wg_tensor *x = lesson_vector(l, "x", N, a);
    for (int j = 0; j < H; j++) {
        z1[j] = neuron(N, W1[j], a, b1[j]);
        h1[j] = sigma(z1[j]);
    }
    z2[0] = neuron(H, W2[0], h1, b2[0]);
    y[0] = sigma(z2[0]);
    wg_tensor *Z1 = layer(tW1, x, tb1), *H1 = wg_sigmoid(Z1);
    wg_tensor *Z2 = layer(tW2, H1, tb2), *Y = wg_label(wg_sigmoid(Z2), "ŷ");
    wg_tensor *n1 = neurons(H, tW1, x, tb1), *n2 = neurons(1, tW2, wg_sigmoid(n1), tb2);
    lesson_say(l, "\ndeck 004: two inputs, five hidden neurons, one output\n");
    lesson_head(l, "|by hand|matrix form|neuron by neuron");
    show(l, "1  z¹ = W¹ x + b¹", H, z1, Z1, n1);
    show(l, "2  h¹ = σ(z¹)", H, h1, H1, wg_sigmoid(n1));
    show(l, "3  z² = W² h¹ + b²", 1, z2, Z2, n2);
    show(l, "4  ŷ = h² = σ(z²)", 1, y, Y, wg_sigmoid(n2));

    /* ŷ is a function of x, so it has a derivative: all four equations, one inside the other */
    for (int i = 0; i < N; i++)
        for (int j = 0; j < H; j++)
            dx[i] += y[0] * (1 - y[0]) * W2[0][j] * h1[j] * (1 - h1[j]) * W1[j][i];
    lesson_say(l, "\n∂ŷ/∂x_i = σ'(z²) Σ_j W²_j σ'(z¹_j) W¹_ji\n");
    lesson_derive_each(l, "∂ŷ/∂x#", dx, wg_sum(Y), x);
}

int main(int argc, char **argv)
{
    lesson *l = lesson_begin(argc, argv, "forward",
                             "deck 001, \"Forward Propagation\"; deck 004, equations 1 to 4");
    deck_001(l);
    deck_004(l);
    draw(l);
    return lesson_end(l);
}
