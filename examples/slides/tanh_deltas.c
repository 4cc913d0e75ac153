/* Deck 002, "δ for the final layer" and "Back propagation of δ": a network of tanh units.
 *
 *     s_j(l) = Σ_i w_ij(l) x_i(l-1) + b_j(l)      x_j(l) = θ(s_j(l))      θ = tanh, θ' = 1 - θ²
 *     e(w) = (x_1(L) - y)²                                         (002: no factor before it)
 *
 *     δ_1(L)   = 2 (x_1(L) - y) (1 - x_1(L)²)                    δ_j(l) stands for ∂e/∂s_j(l)
 *     δ_i(l-1) = (1 - x_i(l-1)²) Σ_j w_ij(l) δ_j(l)
 *     ∂e/∂w_ij(l) = x_i(l-1) δ_j(l)
 *
 * Each δ is compared with the tape's adjoint of s and with what differences say when s is moved.
 * Note the indices: w_ij leads from i to j, so w is the transpose of decks 000, 001 and 004.
 *
 * A slip: in the recursion the slide writes δ_j(l) over ∂s_j(l), as if a part of ∂e/∂s_j had been
 * left standing.  It is no quotient; read as the derivative ∂δ_j/∂s_j it is another number. */
#include <math.h>

#include "lesson/lesson.h"

enum { L = 3, WIDEST = 3 };
static const int d[L + 1] = {2, 3, 2, 1};
static const double x0[] = {0.6, -0.9}, y = 0.5;
static const double w1[] = {0.7, -0.3, 0.5, 0.2, 0.9, -0.6}, b1[] = {0.1, -0.2, 0.3};
static const double w2[] = {0.4, -0.8, -0.5, 0.6, 0.9, 0.3}, b2[] = {-0.1, 0.2};
static const double w3[] = {1.1, -0.7}, b3[] = {0.05};
static const double *const w[] = {NULL, w1, w2, w3}, *const b[] = {NULL, b1, b2, b3};

int main(int argc, char **argv)
{
    lesson *l = lesson_begin(argc, argv, "tanh_deltas",
                             "deck 002, \"δ for the final layer\", "
                             "\"Back propagation of δ\"");
    char text[32];
    static const char *const level[] = {"⁽⁰⁾", "⁽¹⁾", "⁽²⁾", "⁽³⁾"};

    /* forward, by hand and on the tape */
    double x[L + 1][WIDEST] = {{x0[0], x0[1]}}, delta[L + 1][WIDEST], dw[WIDEST * WIDEST];
    wg_tensor *X = wg_constant(l->tape, WG_SHAPE(d[0]), x0), *W[L + 1], *S[L + 1];
    for (int k = 1; k <= L; k++) {
        for (int j = 0; j < d[k]; j++) {
            double s = b[k][j];
            for (int i = 0; i < d[k - 1]; i++)
                s += w[k][i * d[k] + j] * x[k - 1][i];
            x[k][j] = tanh(s);
        }
        snprintf(text, sizeof text, "w%s", level[k]);
        W[k] = lesson_matrix(l, text, d[k - 1], d[k], w[k]);
        wg_tensor *B = wg_constant(l->tape, WG_SHAPE(d[k]), b[k]);
        snprintf(text, sizeof text, "s%s", level[k]);
        S[k] = lesson_node(l, text, wg_add(wg_einsum("i,ij->j", 2, (wg_tensor *[]){X, W[k]}), B));
        X = wg_tanh(S[k]);
        snprintf(text, sizeof text, "x#%s", level[k]);
        lesson_value_each(l, text, x[k], X);
    }
    wg_tensor *e = wg_sum(wg_square(wg_sub_scalar(X, y)));
    lesson_value(l, "e = (x₁⁽³⁾ - y)²", (x[L][0] - y) * (x[L][0] - y), e);

    /* backward: the final layer, then the recursion */
    delta[L][0] = 2 * (x[L][0] - y) * (1 - x[L][0] * x[L][0]);
    for (int k = L; k > 1; k--)
        for (int i = 0; i < d[k - 1]; i++) {
            double sum = 0;
            for (int j = 0; j < d[k]; j++)
                sum += w[k][i * d[k] + j] * delta[k][j];
            delta[k - 1][i] = (1 - x[k - 1][i] * x[k - 1][i]) * sum;
        }
    for (int k = L; k >= 1; k--) {
        lesson_say(l,
                   k == L ? "\nLayer 3, the final one: δ = 2 (x - y) (1 - x²).\n"
                          : "\nLayer %d: δ_i = (1 - x_i²) Σ_j w_ij δ_j, from layer %d.\n",
                   k, k + 1);
        snprintf(text, sizeof text, "δ#%s", level[k]);
        lesson_derive_each(l, text, delta[k], e, S[k]);
        for (int i = 0; i < d[k - 1]; i++)
            for (int j = 0; j < d[k]; j++)
                dw[i * d[k] + j] = x[k - 1][i] * delta[k][j];
        snprintf(text, sizeof text, "∂e/∂w#%s", level[k]);
        lesson_derive_each(l, text, dw, e, W[k]);
    }

    /* ∂δ_1(3)/∂s_1(3), as the slide's recursion asks for where it is taken at its word */
    wg_tensor *first, *second;
    wg_grad(e, 1, &S[L], &first);
    wg_grad(wg_sum(first), 1, &S[L], &second);
    double at_its_word = (1 - x[2][0] * x[2][0]) * w3[0] * lesson_item(second, 0);
    lesson_say(l,
               "\nThe recursion with δ_j over ∂s_j taken at its word, as ∂δ₁⁽³⁾/∂s₁⁽³⁾ = %.6f\n"
               "in place of δ₁⁽³⁾ = %.6f:\n",
               lesson_item(second, 0), delta[L][0]);
    lesson_slip(l, "δ₁⁽²⁾, taken at its word", at_its_word, e, S[2]);
    return lesson_end(l);
}
