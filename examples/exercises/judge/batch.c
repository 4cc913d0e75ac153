#include "core.h"

enum { X, W, B };

typedef struct answers {
    formula2 *dW;
    formula1 *db;
} answers;

static wg_tensor *function(wg_tensor *const *x)
{
    return wg_add(wg_matmul(x[X], x[W]), x[B]);
}

static wg_tensor *answer_W(const scene *s)
{
    return ((const answers *)s->e->answers)->dW(s->x[X], s->g);
}

static wg_tensor *answer_b(const scene *s)
{
    return ((const answers *)s->e->answers)->db(s->g);
}

static wg_tensor *mean_b(const scene *s)
{
    return wg_mean_axes(s->g, WG_AXES(0), false);
}

static wg_tensor *kept(const scene *s)
{
    return wg_sum_axes(s->g, WG_AXES(0), true);
}

static wg_tensor *over_outputs(const scene *s)
{
    return wg_sum_axes(s->g, WG_AXES(1), false);
}

static wg_tensor *everything(const scene *s)
{
    return wg_sum(s->g);
}

static wg_tensor *mean_W(const scene *s)
{
    return wg_mul_scalar(wg_matmul(wg_transpose(s->x[X]), s->g), 0.25);
}

int judge_batch(formula2 *dW, formula1 *db)
{
    const answers a = {dW, db};
    static const char mean[] =
        "a sum over the examples, not their mean: what the cost averages is in G already";
    const exercise e = {
        .name = "batch",
        .mirrors = "deck 000, equation 12, for a batch; "
                   "deck 001, \"Repeating for All Training Examples\"",
        .leaves = {{"X", {2, {4, 2}}, {0.5, -1, 1.5, 0.25, -0.75, 2, 1, 0.5}},
                   {"W", {2, {2, 3}}, {0.4, -0.6, 0.9, 0.2, -0.3, 0.8}},
                   {"b", {1, {3}}, {0.1, -0.2, 0.3}}},
        .parts = {{"dW", function, W, answer_W}, {"db", function, B, answer_b}},
        .mistakes =
            {{"db", mean_b, mean},
             {"dW", mean_W, mean},
             {"db", kept, "right, but of shape [1, 3]: the axis that is summed over goes"},
             {"db", over_outputs,
              "that sums over the outputs; the bias was broadcast over the examples, axis 0"},
             {"db", everything, "that sums over everything; only over the examples, axis 0"}},
        .answers = &a,
    };
    return judge(&e);
}
