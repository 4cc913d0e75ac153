/* Deck 001, "More Complicated Networks": several neurons in each layer, k in layer L-1, j in L.
 *
 *     C₀ = Σ_j (a_j - y_j)²                                   (001 sums squares)
 *     ∂C₀/∂w_jk = ∂C₀/∂a_j × ∂a_j/∂z_j × ∂z_j/∂w_jk           one path
 *     ∂C₀/∂a_k  = Σ_j ∂C₀/∂a_j × ∂a_j/∂z_j × ∂z_j/∂a_k        a path for each j
 *
 * Slips on the slide: its z_j = σ(w_j0 a_0 + ... + w_jk a_k) lacks the bias, and wears the σ that
 * belongs to a_j = σ(z_j).  The rows marked "slip" show what each does to z_0. */
#include <math.h>

#include "lesson/lesson.h"

enum { K = 3, J = 2 };
static const double a_k[K] = {0.9, 0.2, 0.6}, w[J][K] = {{0.5, -1.0, 0.8}, {-0.7, 0.3, 1.2}};
static const double b[J] = {0.1, -0.4}, y[J] = {1, 0};

static double sigma(double z)
{
    return 1 / (1 + exp(-z));
}

int main(int argc, char **argv)
{
    lesson *l = lesson_begin(argc, argv, "layer_sums", "deck 001, \"More Complicated Networks\"");
    wg_tensor *A_k = lesson_vector(l, "a_k", K, a_k), *W = lesson_matrix(l, "w", J, K, *w);
    wg_tensor *B = lesson_vector(l, "b", J, b), *Y = wg_constant(l->tape, WG_SHAPE(J), y);
    wg_tensor *Z = lesson_node(l, "z", wg_add(wg_einsum("jk,k->j", 2, (wg_tensor *[]){W, A_k}), B));
    wg_tensor *A = lesson_node(l, "a", wg_sigmoid(Z));
    wg_tensor *C = wg_label(wg_sum(wg_square(wg_sub(A, Y))), "C₀");

    double z[J], a[J], dC_da[J], da_dz[J], cost = 0, bare = 0;
    for (int j = 0; j < J; j++) {
        z[j] = b[j];
        for (int k = 0; k < K; k++)
            z[j] += w[j][k] * a_k[k];
        a[j] = sigma(z[j]);
        cost += (a[j] - y[j]) * (a[j] - y[j]);
        dC_da[j] = 2 * (a[j] - y[j]);
        da_dz[j] = sigma(z[j]) * (1 - sigma(z[j]));
    }
    for (int k = 0; k < K; k++)
        bare += w[0][k] * a_k[k];
    lesson_value_each(l, "z#0", z, Z);
    lesson_slip_value(l, "z₀ without b₀", bare, wg_select(Z, 0, 0));
    lesson_slip_value(l, "z₀ with σ", sigma(bare + b[0]), wg_select(Z, 0, 0));
    lesson_value_each(l, "a#0", a, A);
    lesson_value(l, "C₀", cost, C);

    lesson_say(l, "\nan output and its z: ∂C₀/∂a_j = 2 (a_j - y_j), ∂a_j/∂z_j = σ'(z_j)\n");
    lesson_derive_each(l, "∂C₀/∂a#0", dC_da, C, A);
    /* the other j's a does not move */
    lesson_derive_each(l, "Σ_j ∂a_j/∂z#0", da_dz, wg_sum(A), Z);

    double dC_dw[J][K], dC_dak[K] = {0}, dC_db[J];
    lesson_say(l, "\na weight has one path: ∂z_j/∂w_jk = a_k;  a bias too: ∂z_j/∂b_j = 1\n");
    for (int j = 0; j < J; j++) {
        dC_db[j] = dC_da[j] * da_dz[j] * 1;
        for (int k = 0; k < K; k++)
            dC_dw[j][k] = dC_da[j] * da_dz[j] * a_k[k];
    }
    lesson_derive_each(l, "∂C₀/∂w#0", *dC_dw, C, W);
    lesson_derive_each(l, "∂C₀/∂b#0", dC_db, C, B);

    lesson_say(l, "\nan activation has a path through every j: ∂z_j/∂a_k = w_jk\n");
    lesson_head(l, "k|j|∂C₀/∂a_j|∂a_j/∂z_j|∂z_j/∂a_k|product|sum so far");
    for (int k = 0; k < K; k++)
        for (int j = 0; j < J; j++) {
            double product = dC_da[j] * da_dz[j] * w[j][k];
            dC_dak[k] += product;
            lesson_row(l, "%d|%d|%.6f|%.6f|%.6f|%.6f|%.6f", k, j, dC_da[j], da_dz[j], w[j][k],
                       product, dC_dak[k]);
        }
    lesson_say(l, "\nthe sums are the adjoints of a_k:\n");
    lesson_derive_each(l, "∂C₀/∂a_k, k = #0", dC_dak, C, A_k);
    return lesson_end(l);
}
