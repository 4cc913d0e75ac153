#include "core.h"

static wg_tensor *function(wg_tensor *const *x)
{
    return wg_softplus(x[0]);
}

/* The rule of the student's op, asked for the scene. */
static wg_tensor *answer(const scene *s)
{
    wg_tensor *y = wg_apply(s->e->answers, 1, s->x, NULL);
    return y ? ((const wg_op *)s->e->answers)->vjp(y, s->g, 0) : NULL;
}

static wg_tensor *of_y(const scene *s)
{
    return wg_mul(s->g, wg_sigmoid(s->y));
}

static wg_tensor *sigmoids_own(const scene *s)
{
    wg_tensor *p = wg_sigmoid(s->x[0]);
    return wg_mul(s->g, wg_mul(p, wg_rsub(p, 1)));
}

static wg_tensor *mirrored(const scene *s)
{
    return wg_mul(s->g, wg_sigmoid(wg_neg(s->x[0])));
}

/* Beside finite differences at the exercise's points, the library's check of ops at points and
 * shapes of its own, at both orders. */
int judge_softplus(const wg_op *softplus)
{
    const exercise e = {
        .name = "softplus",
        .mirrors = "deck 002, the table of activations: ln(1 + e^x)",
        .leaves = {{"x", {1, {5}}, {-2, -0.5, 0, 0.75, 3}}},
        .parts = {{"softplus' adjoint of x", function, 0, answer}},
        .mistakes =
            {{"softplus' adjoint of x", of_y, "the derivative is taken at y; it belongs at x"},
             {"softplus' adjoint of x", sigmoids_own,
              "that is the sigmoid's derivative, not softplus'"},
             {"softplus' adjoint of x", mirrored,
              "that is 1 / (1 + e^x), the sigmoid of -x: the inner derivative e^x is missing"}},
        .answers = softplus,
    };
    judge_head(e.name, e.mirrors);
    int state = judge_parts(&e);
    wg_check_report report;
    if (state == EXERCISE_SOLVED && wg_check_op(softplus, NULL, &report))
        state = judge_part("wg_check_op", EXERCISE_WRONG, report.text, NULL);
    return judge_end(state);
}
