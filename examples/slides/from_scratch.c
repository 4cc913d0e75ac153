/* Deck 004, the network built from scratch: two inputs, five hidden units, one output.
 *
 *     z1 = W1 x + b1     h1 = σ(z1)     z2 = W2 h1 + b2     ŷ = h2 = σ(z2)
 *     L = 1/n Σ (ŷ - y)²  with n = 2, the two points of the data: so  L = ½ Σ (ŷ - y)²
 *
 *     [1] dz2 = (ŷ - y) σ'(z2)    [2] dW2 = dz2 h1ᵀ    [3] dh1 = W2ᵀ dz2    [4] dz1 = dh1 ⊙ σ'(z1)
 *     [5] dW1 = dz1 xᵀ
 *
 * x, z, h and ŷ have a column for each point.  First all five equations three ways; then 5000
 * steps of the slide's loop at its rate 0.01, the equations against the tape at every step; then
 * the pseudocode for any number L of hidden layers.
 *
 * Slips: equation 3 has W2 without the transpose.  The listing's dh1 = np.dot(dw2.T, dz2) has dw2
 * for W2: shapes fit, so NumPy says nothing, but the library's checker does.  The pseudocode says
 * dz = ŷ - y "since σ' = 1", and names the last layer's dz and dW 0, where its own loop asks for
 * L + 1.  The listing never updates the biases. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lesson/lesson.h"
#include "lesson/plot.h"

enum { D = 2, H = 5, N = 2, STEPS = 5000, EACH = 50 };
static const double x[D][N] = {{0.1, 0.9}, {0.5, -0.4}}, y[1][N] = {{0, 1}};
static const double alpha = 0.01;

static double sigma(double z)
{
    return 1 / (1 + exp(-z));
}

static double sigma_slope(double z)
{
    return exp(-z) / ((1 + exp(-z)) * (1 + exp(-z)));
}

/* c = a b, or a bᵀ, or aᵀ b, where a and b are as they lie in memory. */
enum { AS_IS, A_T, B_T };
static void np_dot(int m, int k, int n, const double *a, const double *b, int transposed,
                   double *c)
{
    for (int i = 0; i < m; i++)
        for (int j = 0; j < n; j++) {
            c[i * n + j] = 0;
            for (int q = 0; q < k; q++)
                c[i * n + j] += a[transposed == A_T ? q * m + i : i * k + q]
                                * b[transposed == B_T ? j * k + q : q * n + j];
        }
}

/* ---- the listing, by hand ---- */

typedef struct weights {
    double W1[H][D], b1[H], W2[1][H], b2[1];
} weights;
static const weights start = {
    .W1 = {{0.7, -0.8}, {0.5, 0.4}, {-0.3, 0.6}, {0.2, -0.5}, {-0.6, 0.1}},
    .b1 = {-0.2, -0.1, 0, 0.1, 0.2},
    .W2 = {{0.3, -0.3, 0.4, 0.2, -0.1}},
    .b2 = {0.1}};

typedef struct passes {
    double z1[H][N], h1[H][N], z2[1][N], y_hat[1][N], L;
    double dz2[1][N], dW2[1][H], dh1[H][N], dz1[H][N], dW1[H][D];
} passes;

static passes forward_and_back(const weights *w, bool as_listed)
{
    passes p = {.L = 0};
    np_dot(H, D, N, w->W1[0], x[0], AS_IS, p.z1[0]);
    for (int i = 0; i < H; i++)
        for (int k = 0; k < N; k++)
            p.h1[i][k] = sigma(p.z1[i][k] += w->b1[i]);
    np_dot(1, H, N, w->W2[0], p.h1[0], AS_IS, p.z2[0]);
    for (int k = 0; k < N; k++) {
        p.y_hat[0][k] = sigma(p.z2[0][k] += w->b2[0]);
        p.L += (p.y_hat[0][k] - y[0][k]) * (p.y_hat[0][k] - y[0][k]) / N;
        p.dz2[0][k] = (p.y_hat[0][k] - y[0][k]) * sigma_slope(p.z2[0][k]); /* [1] */
    }
    np_dot(1, N, H, p.dz2[0], p.h1[0], B_T, p.dW2[0]); /* [2] */
    const double *W2 = as_listed ? p.dW2[0] : w->W2[0];
    np_dot(H, 1, N, W2, p.dz2[0], A_T, p.dh1[0]); /* [3] */
    for (int i = 0; i < H; i++)
        for (int k = 0; k < N; k++)
            p.dz1[i][k] = p.dh1[i][k] * sigma_slope(p.z1[i][k]); /* [4] */
    np_dot(H, N, D, p.dz1[0], x[0], B_T, p.dW1[0]);              /* [5] */
    return p;
}

static void update(weights *w, const passes *p, bool biases)
{
    for (int i = 0; i < H; i++) {
        for (int j = 0; j < D; j++)
            w->W1[i][j] -= alpha * p->dW1[i][j];
        w->W2[0][i] -= alpha * p->dW2[0][i];
        for (int k = 0; biases && k < N; k++)
            w->b1[i] -= alpha * p->dz1[i][k];
    }
    for (int k = 0; biases && k < N; k++)
        w->b2[0] -= alpha * p->dz2[0][k];
}

/* The cost after all steps; curve: every EACH-th, where it is not NULL. */
static double train_by_hand(bool as_listed, bool biases, double *curve)
{
    weights w = start;
    for (int i = 0; i < STEPS; i++) {
        passes p = forward_and_back(&w, as_listed);
        if (curve && i % EACH == 0)
            curve[i / EACH] = p.L;
        update(&w, &p, biases);
    }
    return forward_and_back(&w, as_listed).L;
}

/* ---- the same on the tape ---- */

typedef struct network {
    wg_tensor *W1, *b1, *W2, *b2, *z1, *h1, *z2, *y_hat, *L;
} network;

static network record(lesson *l)
{
    network n;
    wg_tensor *x_ = wg_constant(l->tape, WG_SHAPE(D, N), x[0]);
    wg_tensor *y_ = wg_constant(l->tape, WG_SHAPE(1, N), y[0]);
    n.W1 = lesson_matrix(l, "W1", H, D, start.W1[0]);
    n.b1 = lesson_matrix(l, "b1", H, 1, start.b1);
    n.W2 = lesson_matrix(l, "W2", 1, H, start.W2[0]);
    n.b2 = lesson_matrix(l, "b2", 1, 1, start.b2);
    n.z1 = lesson_node(l, "z1", wg_add(wg_matmul(n.W1, x_), n.b1));
    n.h1 = lesson_node(l, "h1", wg_sigmoid(n.z1));
    n.z2 = lesson_node(l, "z2", wg_add(wg_matmul(n.W2, n.h1), n.b2));
    n.y_hat = wg_sigmoid(n.z2);
    n.L = wg_div_scalar(wg_sum(wg_square(wg_sub(n.y_hat, y_))), N);
    return n;
}

static void derive(lesson *l, const network *n)
{
    passes p = forward_and_back(&start, false);
    lesson_value(l, "L = ½ Σ (ŷ - y)²", p.L, n->L);
    lesson_derive_each(l, "[1] dz2#", p.dz2[0], n->L, n->z2);
    lesson_derive_each(l, "[2] dW2#", p.dW2[0], n->L, n->W2);
    lesson_derive_each(l, "[3] dh1#", p.dh1[0], n->L, n->h1);
    lesson_derive_each(l, "[4] dz1#", p.dz1[0], n->L, n->z1);
    lesson_derive_each(l, "[5] dW1#", p.dW1[0], n->L, n->W1);
}

/* The slide's loop twice side by side, each with weights of its own. */
static void train(lesson *l, const network *n, double curve[STEPS / EACH])
{
    enum { EQUATIONS = 5 };
    wg_tensor *wrt[EQUATIONS] = {n->z2, n->W2, n->h1, n->z1, n->W1}, *d[EQUATIONS];
    wg_grad(n->L, EQUATIONS, wrt, d);
    wg_tensor *W1 = wg_assign(n->W1, wg_sub(n->W1, wg_mul_scalar(d[4], alpha)));
    wg_tensor *W2 = wg_assign(n->W2, wg_sub(n->W2, wg_mul_scalar(d[1], alpha)));
    wg_tensor *outputs[] = {d[0], d[1], d[2], d[3], d[4], n->L, n->y_hat, W1, W2};
    wg_program *step = wg_compile(9, outputs);
    double worst[EQUATIONS] = {0};
    weights w = start;
    lesson_say(l,
               "\n%d steps with the equations and with the tape, each from its own weights.  The\n"
               "worst difference of any element in any step so far, of each equation:\n",
               STEPS);
    lesson_head(l, "iteration|cost L|ŷ₁|ŷ₂|[1]|[2]|[3]|[4]|[5]");
    for (int i = 0; i <= STEPS && wg_run(step) == WG_OK; i++) {
        passes p = forward_and_back(&w, false);
        const double *by_hand[] = {p.dz2[0], p.dW2[0], p.dh1[0], p.dz1[0], p.dW1[0]};
        for (int e = 0; e < EQUATIONS; e++)
            worst[e] = fmax(
                worst[e], lesson_compare(l, wg_count_of(wrt[e]), by_hand[e], wg_output(step, e)));
        lesson_compare(l, 1, &p.L, wg_output(step, 5));
        if (i % EACH == 0 && i < STEPS)
            curve[i / EACH] = *(const double *)wg_output(step, 5);
        if (i % 1000 == 0) {
            const double *y_hat = wg_output(step, 6);
            lesson_row(l, "%d|%.6f|%.4f|%.4f|%.0e|%.0e|%.0e|%.0e|%.0e", i, p.L, y_hat[0], y_hat[1],
                       worst[0], worst[1], worst[2], worst[3], worst[4]);
        }
        update(&w, &p, false);
    }
    wg_program_free(step);
}

/* ---- the listing's dh1 as the adjoint of an operator np.dot, for the library's checker ---- */

static bool dot_infer(wg_tensor *c)
{
    wg_shape a = wg_shape_of(wg_in(c, 0)), b = wg_shape_of(wg_in(c, 1));
    return wg_infer(c, wg_dtype_of(wg_in(c, 0)), WG_SHAPE(a.dim[0], b.dim[1]));
}

static wg_status dot_kernel(const wg_call *c)
{
    const wg_array *a = &c->in[0], *b = &c->in[1];
    np_dot((int)a->shape.dim[0], (int)a->shape.dim[1], (int)b->shape.dim[1], a->data, b->data,
           AS_IS, c->out->data);
    return WG_OK;
}

/* z2 = W2 h1.  W2 receives dz2 h1ᵀ, h1 receives W2ᵀ dz2 ... */
static wg_tensor *equations_vjp(wg_tensor *z2, wg_tensor *dz2, int i)
{
    return i == 0 ? wg_matmul(dz2, wg_transpose(wg_in(z2, 1)))
                  : wg_matmul(wg_transpose(wg_in(z2, 0)), dz2);
}

/* ... or, in the listing, dw2ᵀ dz2. */
static wg_tensor *listing_vjp(wg_tensor *z2, wg_tensor *dz2, int i)
{
    wg_tensor *dw2 = wg_matmul(dz2, wg_transpose(wg_in(z2, 1)));
    return i == 0 ? dw2 : wg_matmul(wg_transpose(dw2), dz2);
}

/* For wg_check_grad: user is the operator to use. */
static wg_tensor *model(wg_tape *t, void *user)
{
    wg_tensor *x_ = wg_constant(t, WG_SHAPE(D, N), x[0]);
    wg_tensor *y_ = wg_constant(t, WG_SHAPE(1, N), y[0]);
    wg_tensor *in[] = {wg_param(t, "W1", WG_SHAPE(H, D), wg_init_values(start.W1[0])), x_};
    wg_tensor *b1 = wg_constant(t, WG_SHAPE(H, 1), start.b1);
    wg_tensor *h1 = wg_sigmoid(wg_add(wg_apply(user, 2, in, NULL), b1));
    wg_tensor *out[] = {wg_param(t, "W2", WG_SHAPE(1, H), wg_init_values(start.W2[0])), h1};
    wg_tensor *z2 = wg_add_scalar(wg_apply(user, 2, out, NULL), start.b2[0]);
    return wg_div_scalar(wg_sum(wg_square(wg_sub(wg_sigmoid(z2), y_))), N);
}

/* Whether the checker tells the two apart. */
static bool check_the_listing(lesson *l)
{
    wg_op equation = {.size = sizeof(wg_op), .name = "np.dot", .doc = "a b", .arity = 2,
                      .infer = dot_infer, .kernel = dot_kernel, .vjp = equations_vjp};
    wg_op listing = equation;
    listing.name = "np.dot, as listed";
    listing.vjp = listing_vjp;
    wg_check_report right, listed;
    wg_check_grad(model, &equation, NULL, &right);
    wg_check_grad(model, &listing, NULL, &listed);
    lesson_say(l, "\nThe library's checker on equation 3, dh1 = W2ᵀ dz2:\n  %s\n", right.text);
    lesson_say(l, "and on the listing's dh1 = np.dot(dw2.T, dz2):\n  %s\n", listed.text);
    bool told_apart = right.passed && !listed.passed;
    if (!told_apart)
        lesson_say(l, "It should agree with the first and not with the second.\n");
    return told_apart;
}

/* ---- the pseudocode, for any number of hidden layers ---- */

enum { HIDDEN = 4, WIDEST = 5 };

/* L hidden layers.  Layer l is width[l] wide: 0 is the input, L + 1 the output. */
typedef double layer[WIDEST * WIDEST];
typedef struct deep {
    int L, width[HIDDEN + 2];
    layer W[HIDDEN + 2], b[HIDDEN + 2], z[HIDDEN + 2], h[HIDDEN + 2], dz[HIDDEN + 2],
        dW[HIDDEN + 2];
} deep;

static void forward(deep *d)
{
    memcpy(d->h[0], x, sizeof x);         /* step 1 */
    for (int l = 1; l <= d->L + 1; l++) { /* 2 and 3 */
        np_dot(d->width[l], d->width[l - 1], N, d->W[l], d->h[l - 1], AS_IS, d->z[l]);
        for (int i = 0; i < d->width[l] * N; i++)
            d->h[l][i] = sigma(d->z[l][i] += d->b[l][i / N]);
    }
}

/* Steps 5 to 7, with the last layer called L + 1; with σ' = 1 there where the slide says so. */
static void backward(deep *d, bool flat)
{
    layer dh;
    for (int l = d->L + 1; l >= 1; l--) {
        int size = d->width[l] * N;
        if (l == d->L + 1)
            for (int i = 0; i < size; i++) /* 5 */
                d->dz[l][i] = (d->h[l][i] - y[0][i]) * (flat ? 1 : sigma_slope(d->z[l][i]));
        else {
            np_dot(d->width[l], d->width[l + 1], N, d->W[l + 1], d->dz[l + 1], A_T, dh); /* 7.1 */
            for (int i = 0; i < size; i++)
                d->dz[l][i] = dh[i] * sigma_slope(d->z[l][i]); /* 7.2 */
        }
        np_dot(d->width[l], N, d->width[l - 1], d->dz[l], d->h[l - 1], B_T, d->dW[l]); /* 6, 7.3 */
    }
}

static void derive_deep(lesson *l, int L, bool with_slips)
{
    static const int widths[] = {5, 4, 3, 2};
    deep d = {.L = L, .width = {[0] = D}};
    wg_tensor *W[HIDDEN + 2], *h = wg_constant(l->tape, WG_SHAPE(D, N), x[0]);
    char text[64];
    for (int k = 1; k <= L + 1; k++) {
        d.width[k] = k <= L ? widths[k - 1] : 1;
        snprintf(text, sizeof text, "W%d of %d", k, L + 1);
        W[k] =
            wg_param(l->tape, text, WG_SHAPE(d.width[k], d.width[k - 1]), wg_init_uniform(-1, 1));
        snprintf(text, sizeof text, "b%d of %d", k, L + 1);
        wg_tensor *b = wg_param(l->tape, text, WG_SHAPE(d.width[k], 1), wg_init_uniform(-1, 1));
        wg_get_f64(W[k], d.W[k]);
        wg_get_f64(b, d.b[k]);
        h = wg_sigmoid(wg_add(wg_matmul(W[k], h), b));
    }
    wg_tensor *off = wg_sub(h, wg_constant(l->tape, WG_SHAPE(1, N), y[0]));
    wg_tensor *cost = wg_div_scalar(wg_sum(wg_square(off)), N);
    forward(&d);
    backward(&d, false);
    for (int k = L + 1; k >= 1; k--) {
        snprintf(text, sizeof text, "L = %d: dW%d [%d, %d]", L, k, d.width[k], d.width[k - 1]);
        lesson_derive_whole(l, text, d.dW[k], cost, W[k], WIDEST * WIDEST);
    }
    if (!with_slips)
        return;
    lesson_say(l,
               "\nStep 5 with σ' = 1, which no sigmoid has; and step 7 with dz%d never set, since\n"
               "step 5 calls it dz0:\n",
               L + 1);
    backward(&d, true);
    for (int k = L + 1; k >= 1; k -= L) {
        snprintf(text, sizeof text, "dW%d₁₁, σ' = 1", k);
        lesson_slip(l, text, d.dW[k][0], cost, W[k]);
    }
    snprintf(text, sizeof text, "dW%d₁₁, dz%d = 0", L, L + 1);
    lesson_slip(l, text, 0, cost, W[L]);
}

static void pseudocode(lesson *l)
{
    lesson_say(
        l, "\nThe pseudocode with L hidden layers of 5, 4, 3 and 2 units.  The row of a matrix\n"
           "shows its largest element, and the worst difference of all:\n");
    for (int L = 1; L <= HIDDEN; L++)
        derive_deep(l, L, L == HIDDEN);
}

/* ---- the other slips ---- */

/* Where training starts. */
static void slips(lesson *l, const network *n)
{
    passes p = forward_and_back(&start, false), listed = forward_and_back(&start, true);
    lesson_say(l, "\nThe listing's dw2 for W2, and biases that are never updated:\n");
    lesson_slip(l, "dh1₁₁ = (dw2ᵀ dz2)₁₁", listed.dh1[0][0], n->L, n->h1);
    lesson_slip(l, "dW1₁₁ from it", listed.dW1[0][0], n->L, n->W1);
    lesson_slip(l, "db1₁ = 0", 0, n->L, n->b1);
    lesson_slip(l, "db2 = 0", 0, n->L, n->b2);
    wg_mark mark = wg_tape_mark(l->tape);
    wg_matmul(wg_label(wg_constant(l->tape, WG_SHAPE(1, N), p.dz2[0]), "dz2"), n->W2);
    lesson_say(l, "\nEquation 3 as it is written, dh1 = dz2 W2, is refused:\n  %s\n",
               wg_error(l->tape));
    wg_tape_rewind(l->tape, mark); /* the error goes with what made it */
}

static void compare_costs(lesson *l, const double curve[STEPS / EACH])
{
    double listed[STEPS / EACH], iteration[STEPS / EACH];
    for (int i = 0; i < STEPS / EACH; i++)
        iteration[i] = EACH * i;
    lesson_head(l, "after 5000 iterations|cost L");
    lesson_row(l, "with the equations|%.6f", train_by_hand(false, false, NULL));
    lesson_row(l, "with the listing's dh1|%.6f", train_by_hand(true, false, listed));
    lesson_row(l, "with the equations, biases too|%.6f", train_by_hand(false, true, NULL));
    plot *p = plot_begin(l, "from_scratch", 1, 1);
    plot_panel(p, "Cost Function", "Training Iterations", "Cost");
    plot_range(p, 0, STEPS, 0, 0.3);
    plot_line(p, "the equations", STEPS / EACH, iteration, curve);
    plot_line(p, "the listing's dh1", STEPS / EACH, iteration, listed);
    plot_end(p);
}

int main(int argc, char **argv)
{
    lesson *l = lesson_begin(argc, argv, "from_scratch",
                             "deck 004, from \"Forward propagation equations\" "
                             "to \"And our little NN works!\"");
    double curve[STEPS / EACH];
    network n = record(l);
    derive(l, &n);
    slips(l, &n);
    train(l, &n, curve);
    compare_costs(l, curve);
    pseudocode(l);
    bool caught = check_the_listing(l);
    int status = lesson_end(l);
    return caught ? status : 1;
}
