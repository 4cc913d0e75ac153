#include "core.h"

enum { S1, W, S2, Y };

typedef struct answers {
    formula2 *delta2;
    formula3 *delta1;
} answers;

/* S2 is 0: what is added to the last layer's s, so that a gradient can be taken there. */
static wg_tensor *s2(wg_tensor *const *x)
{
    return wg_add(wg_matmul(wg_tanh(x[S1]), x[W]), x[S2]);
}

static wg_tensor *function(wg_tensor *const *x)
{
    return wg_sum(wg_square(wg_sub(wg_tanh(s2(x)), x[Y])));
}

static wg_tensor *times_g(const scene *s, wg_tensor *d)
{
    return d ? wg_mul(s->g, d) : NULL;
}

static wg_tensor *slope(wg_tensor *x)
{
    return wg_rsub(wg_square(x), 1);
}

static wg_tensor *error(const scene *s)
{
    return wg_mul_scalar(wg_sub(wg_tanh(s2(s->x)), s->x[Y]), 2);
}

static wg_tensor *right2(const scene *s)
{
    return wg_mul(error(s), slope(wg_tanh(s2(s->x))));
}

static wg_tensor *answer2(const scene *s)
{
    return times_g(s, ((const answers *)s->e->answers)->delta2(wg_tanh(s2(s->x)), s->x[Y]));
}

static wg_tensor *answer1(const scene *s)
{
    const answers *a = s->e->answers;
    return times_g(s, a->delta1(wg_tanh(s->x[S1]), s->x[W], right2(s)));
}

static wg_tensor *no_slope2(const scene *s)
{
    return times_g(s, error(s));
}

static wg_tensor *slope_of_x2(const scene *s)
{
    return times_g(s, wg_mul(error(s), slope(wg_tanh(wg_tanh(s2(s->x))))));
}

static wg_tensor *no_slope1(const scene *s)
{
    return times_g(s, wg_matmul(right2(s), wg_transpose(s->x[W])));
}

static wg_tensor *no_weights(const scene *s)
{
    return times_g(s, wg_mul(right2(s), slope(wg_tanh(s->x[S1]))));
}

static wg_tensor *not_squared(const scene *s)
{
    return wg_mul(no_slope1(s), wg_rsub(wg_tanh(s->x[S1]), 1));
}

int judge_tanh_deltas(formula2 *delta2, formula3 *delta1)
{
    const answers a = {delta2, delta1};
    static const char last[] = "delta of the final layer", back[] = "delta of the layer before";
    const exercise e = {
        .name = "tanh_deltas",
        .mirrors = "deck 002, \"delta for the final layer\" and \"Back propagation of delta\"",
        .leaves = {{"s1", {2, {1, 3}}, {0.4, -0.9, 1.2}},
                   {"W", {2, {3, 1}}, {0.8, -0.5, 0.3}},
                   {"s2", {2, {1, 1}}, {0}},
                   {"y", {2, {1, 1}}, {-0.5}}},
        .parts = {{last, function, S2, answer2}, {back, function, S1, answer1}},
        .mistakes =
            {{last, no_slope2, "the factor theta'(s) = 1 - x^2 is missing"},
             {last, slope_of_x2,
              "x is theta(s) already: theta'(s) = 1 - x^2, without another tanh"},
             {back, no_slope1, "the factor theta'(s) = 1 - x^2 is missing"},
             {back, no_weights,
              "delta goes back through the weights: the sum over j of w_ij delta_j is missing"},
             {back, not_squared, "theta'(s) is 1 - x^2, not 1 - x"}},
        .answers = &a,
    };
    return judge(&e);
}
