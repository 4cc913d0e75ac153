#include "core.h"

enum { A, Y, N = 3 };

typedef struct answers {
    formula2 *sigmoid_da, *softmax_da;
} answers;

static wg_tensor *over_units(wg_tensor *const *x)
{
    return wg_bce_with_logits_as(x[A], x[Y], WG_SUM);
}

static wg_tensor *over_classes(wg_tensor *const *x)
{
    return wg_cross_entropy(x[A], x[Y]);
}

static wg_tensor *times_g(const scene *s, wg_tensor *d)
{
    return d ? wg_mul(s->g, d) : NULL;
}

static wg_tensor *answer_sigmoid(const scene *s)
{
    return times_g(s, ((const answers *)s->e->answers)->sigmoid_da(s->x[A], s->x[Y]));
}

static wg_tensor *answer_softmax(const scene *s)
{
    return times_g(s, ((const answers *)s->e->answers)->softmax_da(s->x[A], s->x[Y]));
}

static wg_tensor *squared(const scene *s)
{
    wg_tensor *p = wg_sigmoid(s->x[A]);
    return times_g(s, wg_mul(wg_sub(p, s->x[Y]), wg_mul(p, wg_rsub(p, 1))));
}

static wg_tensor *no_sigmoid(const scene *s)
{
    return times_g(s, wg_sub(s->x[A], s->x[Y]));
}

static wg_tensor *summed(const scene *s)
{
    return times_g(s, wg_sub(wg_softmax(s->x[A], -1), s->x[Y]));
}

static wg_tensor *by_elements(const scene *s)
{
    return wg_mul_scalar(summed(s), 1.0 / (N * N));
}

static wg_tensor *down_the_columns(const scene *s)
{
    return times_g(s, wg_mul_scalar(wg_sub(wg_softmax(s->x[A], 0), s->x[Y]), 1.0 / N));
}

static wg_tensor *sigmoids(const scene *s)
{
    return times_g(s, wg_mul_scalar(wg_sub(wg_sigmoid(s->x[A]), s->x[Y]), 1.0 / N));
}

int judge_cross_entropy(formula2 *sigmoid_da, formula2 *softmax_da)
{
    const answers a = {sigmoid_da, softmax_da};
    static const char one[] = "dC/da of sigmoids, summed", many[] = "dC/da of softmax, averaged";
    const exercise e = {
        .name = "cross_entropy",
        .mirrors = "deck 000, equation 19: dC/da = sigma(a) - y",
        .leaves = {{"a", {2, {3, 3}}, {0.4, -0.6, 0.9, 0.2, -0.3, 0.8, 1.5, -2, 0.1}},
                   {"y", {2, {3, 3}}, {0, 1, 0, 0, 0, 1, 1, 0, 0}}},
        .parts = {{one, over_units, A, answer_sigmoid}, {many, over_classes, A, answer_softmax}},
        .mistakes =
            {{one, squared,
              "that is the squared error's; in the cross-entropy's the factor sigma'(a) cancels"},
             {one, no_sigmoid, "y is compared with sigma(a), not with a"},
             {many, summed, "the cost is a mean over the 3 examples: the factor 1/3 is missing"},
             {many, by_elements, "the mean is over the 3 examples, not over all 9 elements"},
             {many, down_the_columns,
              "softmax runs along the classes, the last axis, not over the examples"},
             {many, sigmoids, "the classes share one softmax; a sigmoid each is the other part"}},
        .answers = &a,
    };
    return judge(&e);
}
