#include "core.h"

/* sigma'(x), of which the gradient in x is the second derivative. */
static wg_tensor *function(wg_tensor *const *x)
{
    wg_tensor *s = wg_sigmoid(x[0]);
    return wg_mul(s, wg_rsub(s, 1));
}

static wg_tensor *sigma(const scene *s)
{
    return wg_sigmoid(s->x[0]);
}

static wg_tensor *times_g(const scene *s, wg_tensor *d)
{
    return d ? wg_mul(s->g, d) : NULL;
}

static wg_tensor *answer(const scene *s)
{
    formula1 *const *f = s->e->answers;
    return times_g(s, (*f)(sigma(s)));
}

static wg_tensor *first(const scene *s)
{
    return times_g(s, s->y);
}

static wg_tensor *no_inner(const scene *s)
{
    return times_g(s, wg_rsub(wg_mul_scalar(sigma(s), 2), 1));
}

static wg_tensor *slope_squared(const scene *s)
{
    return times_g(s, wg_square(s->y));
}

static wg_tensor *no_two(const scene *s)
{
    return times_g(s, wg_mul(s->y, wg_rsub(sigma(s), 1)));
}

int judge_second(formula1 *second)
{
    static const char symbol[] = "sigma''";
    const exercise e = {
        .name = "second",
        .mirrors = "decks 001 and 003: sigma' = sigma (1 - sigma), differentiated once more",
        .leaves = {{"x", {1, {5}}, {-2, -0.5, 0.25, 0.75, 3}}},
        .parts = {{symbol, function, 0, answer}},
        .mistakes =
            {{symbol, first, "that is sigma', the first derivative"},
             {symbol, no_inner,
              "1 - 2 sigma is d sigma'/d sigma; the other factor, sigma', is missing"},
             {symbol, slope_squared, "a derivative of a product is a sum: (u v)' = u' v + u v'"},
             {symbol, no_two,
              "both factors of sigma (1 - sigma) change with x; one of them was held fixed"}},
        .order = 2,
        .answers = &second,
    };
    return judge(&e);
}
