#include "core.h"

static wg_tensor *function(wg_tensor *const *x)
{
    return wg_relu(x[0]);
}

static wg_tensor *answer(const scene *s)
{
    formula2 *const *f = s->e->answers;
    return (*f)(s->x[0], s->g);
}

static wg_tensor *one_at_0(const scene *s)
{
    return wg_mul(s->g, wg_ge(s->x[0], wg_full_like(s->x[0], 0)));
}

static wg_tensor *half_at_0(const scene *s)
{
    return wg_mul(s->g, wg_heaviside(s->x[0]));
}

static wg_tensor *value(const scene *s)
{
    return wg_mul(s->g, s->y);
}

static wg_tensor *sign(const scene *s)
{
    return wg_mul(s->g, wg_sign(s->x[0]));
}

int judge_relu(formula2 *adjoint)
{
    const exercise e = {
        .name = "relu",
        .mirrors = "decks 001 and 002: max(0, x), and its kink",
        .leaves = {{"x", {1, {5}}, {-2, -0.5, 0, 0.75, 3}}},
        .parts = {{"relu's adjoint of x", function, 0, answer}},
        .mistakes =
            {{"relu's adjoint of x", one_at_0,
              "right but at the kink: at x = 0 the derivative is agreed to be 0, so > and not >="},
             {"relu's adjoint of x", half_at_0,
              "right but at the kink: at x = 0 the derivative is agreed to be 0, not 1/2"},
             {"relu's adjoint of x", value, "that is relu's value, not its slope (0 or 1)"},
             {"relu's adjoint of x", sign, "left of 0 the slope is 0, not -1"}},
        .answers = &adjoint,
    };
    return judge(&e);
}
