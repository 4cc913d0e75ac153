#include "core.h"

enum { W, B, X };

typedef struct answers {
    formula3 *dW;
    formula2 *db;
    formula3 *dx;
} answers;

static wg_tensor *before(const scene *s)
{
    return wg_add(wg_matmul(s->x[W], s->x[X]), s->x[B]);
}

static wg_tensor *function(wg_tensor *const *x)
{
    return wg_tanh(wg_add(wg_matmul(x[W], x[X]), x[B]));
}

static wg_tensor *answer_W(const scene *s)
{
    return ((const answers *)s->e->answers)->dW(s->x[X], before(s), s->g);
}

static wg_tensor *answer_b(const scene *s)
{
    return ((const answers *)s->e->answers)->db(before(s), s->g);
}

static wg_tensor *answer_x(const scene *s)
{
    return ((const answers *)s->e->answers)->dx(s->x[W], before(s), s->g);
}

static wg_tensor *W_without_slope(const scene *s)
{
    return wg_matmul(s->g, wg_transpose(s->x[X]));
}

static wg_tensor *b_without_slope(const scene *s)
{
    return s->g;
}

static wg_tensor *x_without_slope(const scene *s)
{
    return wg_matmul(wg_transpose(s->x[W]), s->g);
}

/* f'(h) = 1 - tanh(h)^2, with something else in the place of tanh(h). */
static wg_tensor *slope(const scene *s, wg_tensor *f)
{
    return wg_mul(s->g, wg_rsub(wg_square(f), 1));
}

static wg_tensor *b_of_h(const scene *s)
{
    return slope(s, before(s));
}

static wg_tensor *W_of_h(const scene *s)
{
    return wg_matmul(slope(s, before(s)), wg_transpose(s->x[X]));
}

static wg_tensor *x_of_h(const scene *s)
{
    return wg_matmul(wg_transpose(s->x[W]), slope(s, before(s)));
}

static wg_tensor *all_b(const scene *s)
{
    return wg_add(wg_mul_scalar(s->g, 0), wg_sum(slope(s, s->y)));
}

int judge_dense(formula3 *dW, formula2 *db, formula3 *dx)
{
    const answers a = {dW, db, dx};
    static const char no_slope[] = "the factor f'(h) is missing";
    static const char of_h[] = "tanh's derivative is 1 - tanh(h)^2, not 1 - h^2";
    const exercise e = {
        .name = "dense",
        .mirrors = "deck 000, equations 5 and 6: a dense layer f(Wx + b), f = tanh",
        .leaves = {{"W", {2, {3, 2}}, {0.4, -0.6, 0.9, 0.2, -0.3, 0.8}},
                   {"b", {2, {3, 1}}, {0.1, -0.2, 0.3}},
                   {"x", {2, {2, 1}}, {0.5, -1.5}}},
        .parts = {{"dW", function, W, answer_W},
                  {"db", function, B, answer_b},
                  {"dx", function, X, answer_x}},
        .mistakes = {{"dW", W_without_slope, no_slope},
                     {"db", b_without_slope, no_slope},
                     {"dx", x_without_slope, no_slope},
                     {"dW", W_of_h, of_h},
                     {"db", b_of_h, of_h},
                     {"dx", x_of_h, of_h},
                     {"db", all_b,
                      "each bias has its own element; nothing is summed for one example"}},
        .answers = &a,
    };
    return judge(&e);
}
