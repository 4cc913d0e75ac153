#include "core.h"

enum { A0, W1, W2, Y, U };

typedef struct answers {
    formula3 *dC_dw2;
    formula5 *dC_dw1;
    formula1 *dz_du;
} answers;

static wg_tensor *a1(wg_tensor *const *x)
{
    return wg_sigmoid(wg_mul(x[W1], x[A0]));
}

static wg_tensor *a2(wg_tensor *const *x)
{
    return wg_sigmoid(wg_mul(x[W2], a1(x)));
}

static wg_tensor *cost(wg_tensor *const *x)
{
    return wg_square(wg_sub(a2(x), x[Y]));
}

static wg_tensor *two_paths(wg_tensor *const *x)
{
    return wg_mul(wg_square(x[U]), wg_sin(x[U]));
}

static wg_tensor *times_g(const scene *s, wg_tensor *d)
{
    return d ? wg_mul(s->g, d) : NULL;
}

static wg_tensor *answer2(const scene *s)
{
    const answers *a = s->e->answers;
    return times_g(s, a->dC_dw2(a1(s->x), a2(s->x), s->x[Y]));
}

static wg_tensor *answer1(const scene *s)
{
    const answers *a = s->e->answers;
    return times_g(s, a->dC_dw1(s->x[A0], a1(s->x), s->x[W2], a2(s->x), s->x[Y]));
}

static wg_tensor *answer_u(const scene *s)
{
    return times_g(s, ((const answers *)s->e->answers)->dz_du(s->x[U]));
}

static wg_tensor *slope(wg_tensor *a)
{
    return wg_mul(a, wg_rsub(a, 1));
}

static wg_tensor *outer(const scene *s)
{
    return wg_mul_scalar(wg_sub(a2(s->x), s->x[Y]), 2);
}

static wg_tensor *delta2(const scene *s)
{
    return wg_mul(outer(s), slope(a2(s->x)));
}

static wg_tensor *no_slope2(const scene *s)
{
    return times_g(s, wg_mul(outer(s), a1(s->x)));
}

static wg_tensor *no_slope1(const scene *s)
{
    return times_g(s, wg_mul(wg_mul(delta2(s), s->x[W2]), s->x[A0]));
}

static wg_tensor *no_w2(const scene *s)
{
    return times_g(s, wg_mul(wg_mul(delta2(s), slope(a1(s->x))), s->x[A0]));
}

static wg_tensor *first_path(const scene *s)
{
    return times_g(s, wg_mul(wg_mul_scalar(s->x[U], 2), wg_sin(s->x[U])));
}

static wg_tensor *second_path(const scene *s)
{
    return times_g(s, wg_mul(wg_square(s->x[U]), wg_cos(s->x[U])));
}

static wg_tensor *product(const scene *s)
{
    return times_g(s, wg_mul(wg_mul_scalar(s->x[U], 2), wg_cos(s->x[U])));
}

int judge_chain(formula3 *dC_dw2, formula5 *dC_dw1, formula1 *dz_du)
{
    const answers a = {dC_dw2, dC_dw1, dz_du};
    const exercise e = {
        .name = "chain",
        .mirrors =
            "deck 001, \"Simple Example\" and \"a shared variable\"; deck 002, \"Chain Rule\"",
        .leaves = {{"a0", {0}, {0.6}},
                   {"w1", {0}, {0.7}},
                   {"w2", {0}, {-1.3}},
                   {"y", {0}, {1}},
                   {"u", {0}, {0.8}}},
        .parts = {{"dC/dw2", cost, W2, answer2},
                  {"dC/dw1", cost, W1, answer1},
                  {"dz/du", two_paths, U, answer_u}},
        .mistakes =
            {{"dC/dw2", no_slope2, "the factor da2/dz2 = a2 (1 - a2) is missing"},
             {"dC/dw1", no_slope1, "the factor da1/dz1 = a1 (1 - a1) is missing"},
             {"dC/dw1", no_w2, "the factor dz2/da1 = w2 is missing"},
             {"dz/du", first_path, "that is the path through y alone; add the one through w"},
             {"dz/du", second_path, "that is the path through w alone; add the one through y"},
             {"dz/du", product, "paths are added; along a path, derivatives are multiplied"}},
        .answers = &a,
    };
    return judge(&e);
}
