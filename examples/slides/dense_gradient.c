/* Deck 000, "The gradient of a dense layer", equations 5 to 12.
 *
 *     h̄ = W x + b    (9, 11)     δW = [f'(h̄) ⊙ Δ] xᵀ    (5)
 *     h = f(h̄)       (7)         δb = f'(h̄) ⊙ Δ         (5, 12)
 *     δh̄ = f'(h̄) ⊙ Δ (8)         δx = Wᵀ [f'(h̄) ⊙ Δ]    (6)
 *
 * Δ is what arrives from the layers behind this one.  The slide leaves the cost open, so the
 * program takes C = Σ Δᵢ hᵢ, the cost whose gradient with respect to h is just that Δ.
 *
 * Slips: equation 7 says h̄ = f(h̄), with h̄ on both sides, and equation 10 says [f'(h̄) ⊙ Δ]ᵀ x,
 * which is no matrix unless x and Δ are rows. */
#include <math.h>

#include "lesson/lesson.h"

enum { M = 3, N = 2 };
static const double W[M][N] = {{0.5, -1}, {1.5, 0.25}, {-1, 0.5}};
static const double x[N] = {1, 2}, b[M] = {0.3, -0.4, 0}; /* the third h̄ is 0: a kink of relu */
static const double Delta[M] = {0.2, -0.5, 0.8};

static double sigma(double z)
{
    return 1 / (1 + exp(-z));
}

/* ---- f and f', as a table of functions has them ---- */

static double sigma_slope(double z)
{
    return sigma(z) * (1 - sigma(z));
}

static double tanh_slope(double z)
{
    return 1 - tanh(z) * tanh(z);
}

static double relu_slope(double z)
{
    return z > 0 ? 1 : 0;
}

static const struct activation {
    const char *name;
    wg_tensor *(*f)(wg_tensor *);
    double (*slope)(double);
} activations[] = {{"the sigmoid", wg_sigmoid, sigma_slope},
                   {"tanh", wg_tanh, tanh_slope},
                   {"softplus", wg_softplus, sigma},
                   {"relu, its third unit at the kink", wg_relu, relu_slope}};

/* Equations 8, 5 and 6. */
static void derive_by_hand(const struct activation *f, double db[M], double dW[M][N], double dx[N])
{
    for (int j = 0; j < N; j++)
        dx[j] = 0;
    for (int i = 0; i < M; i++) {
        double h = b[i];
        for (int j = 0; j < N; j++)
            h += W[i][j] * x[j];
        db[i] = f->slope(h) * Delta[i];
        for (int j = 0; j < N; j++) {
            dW[i][j] = db[i] * x[j];
            dx[j] += W[i][j] * db[i];
        }
    }
}

/* Equation 10 as it stands, with columns, and with rows. */
static void try_equation_10(lesson *l, const double dh[M], double dW[M][N])
{
    wg_tape *t = l->tape;
    wg_tensor *column = wg_constant(t, WG_SHAPE(M, 1), dh);
    wg_mark mark = wg_tape_mark(t);
    wg_matmul(wg_label(wg_transpose(column), "[f'(h̄) ⊙ Δ]ᵀ"),
              wg_label(wg_constant(t, WG_SHAPE(N, 1), x), "x"));
    lesson_say(l, "\nEquation 10 for columns, as in h̄ = W x + b, is refused:\n  %s\n",
               wg_error(t));
    wg_tape_rewind(t, mark); /* the error goes with what made it */

    wg_tensor *square = wg_matmul(wg_transpose(wg_constant(t, WG_SHAPE(2, 1), dh)),
                                  wg_constant(t, WG_SHAPE(2, 1), x));
    lesson_say(l,
               "For a square layer it is one number.  Of the first two units and equation 5:\n");
    lesson_value(l, "[f'(h̄) ⊙ Δ]ᵀ x = δW₁₁ + δW₂₂", dW[0][0] + dW[1][1], square);
    lesson_say(l, "\nFor rows, [1,3]ᵀ [1,2], it is equation 5 once more:\n");
    lesson_value_each(l, "([f'(h̄) ⊙ Δ]ᵀ x)#", &dW[0][0],
                      wg_matmul(wg_transpose(wg_constant(t, WG_SHAPE(1, M), dh)),
                                wg_constant(t, WG_SHAPE(1, N), x)));
}

int main(int argc, char **argv)
{
    lesson *l = lesson_begin(argc, argv, "dense_gradient",
                             "deck 000, \"The gradient of a dense layer\", equations 5 to 12");
    wg_tensor *W_ = lesson_matrix(l, "W", M, N, &W[0][0]), *x_ = lesson_vector(l, "x", N, x);
    wg_tensor *b_ = lesson_vector(l, "b", M, b);
    wg_tensor *h = wg_add(wg_einsum("ij,j->i", 2, (wg_tensor *[]){W_, x_}), b_);
    double db[M], dW[M][N], dx[N];
    for (size_t k = 0; k < sizeof activations / sizeof *activations; k++) {
        const struct activation *f = &activations[k];
        wg_tensor *C = wg_sum(wg_mul(wg_constant(l->tape, WG_SHAPE(M), Delta), f->f(h)));
        derive_by_hand(f, db, dW, dx);
        lesson_say(l, "\nf is %s.\n", f->name);
        lesson_derive_each(l, "δW#", &dW[0][0], C, W_);
        lesson_derive_each(l, "δb#", db, C, b_);
        lesson_derive_each(l, "δx#", dx, C, x_);
    }

    derive_by_hand(&activations[0], db, dW, dx);
    wg_tensor *C = wg_sum(wg_mul(wg_constant(l->tape, WG_SHAPE(M), Delta), wg_sigmoid(h)));
    double h1 = W[0][0] * x[0] + W[0][1] * x[1] + b[0];
    lesson_say(
        l, "\nEquation 7, h̄ = f(h̄), for the first unit of the sigmoid: h̄ is not f(h̄), and with\n"
           "f(h̄) in its place f' is taken where it is not wanted.\n");
    lesson_slip_value(l, "h̄₁ = f(h̄₁)", sigma(h1), h);
    lesson_slip(l, "δb₁ = f'(f(h̄₁)) Δ₁", sigma_slope(sigma(h1)) * Delta[0], C, b_);
    try_equation_10(l, db, dW);
    return lesson_end(l);
}
