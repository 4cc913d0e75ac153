#include <stdio.h>

#include "core.h"

/* 2-4-1 network of sigmoids and its cost, deck 003's 1/2 (y - yhat)^2 summed over the truth
 * table. */
typedef struct network {
    wg_tape *t;
    wg_tensor *p[4], *dp[4], *yhat, *cost;
} network;

enum { STEPS = 4000 };
static const double eta = 1.0;

static network make(void)
{
    network n = {.t = wg_tape_new(WG_F64)};
    wg_seed(n.t, 3);
    wg_tensor *x = wg_constant(n.t, WG_SHAPE(4, 2), (double[]){0, 0, 0, 1, 1, 0, 1, 1});
    wg_tensor *y = wg_constant(n.t, WG_SHAPE(4, 1), (double[]){0, 1, 1, 0});
    n.p[0] = wg_param(n.t, "W1", WG_SHAPE(2, 4), wg_init_normal(0, 1));
    n.p[1] = wg_param(n.t, "b1", WG_SHAPE(4), wg_init_zeros());
    n.p[2] = wg_param(n.t, "W2", WG_SHAPE(4, 1), wg_init_normal(0, 1));
    n.p[3] = wg_param(n.t, "b2", WG_SHAPE(1), wg_init_zeros());
    wg_tensor *h = wg_sigmoid(wg_add(wg_matmul(x, n.p[0]), n.p[1]));
    n.yhat = wg_sigmoid(wg_add(wg_matmul(h, n.p[2]), n.p[3]));
    n.cost = wg_mul_scalar(wg_sum(wg_square(wg_sub(n.yhat, y))), 0.5);
    wg_grad(n.cost, 4, n.p, n.dp);
    return n;
}

static const char *hint_for(wg_tensor *got, wg_tensor *w, wg_tensor *d)
{
    if (same_values(got, wg_add(w, wg_mul_scalar(d, 0.25))))
        return "plus climbs the cost: the step goes against the gradient";
    if (same_values(got, wg_sub(w, d)))
        return "the rate eta is missing";
    if (same_values(got, wg_mul_scalar(d, -0.25)) || same_values(got, wg_mul_scalar(d, 0.25)))
        return "that is the step alone: it is taken from w";
    if (same_values(got, wg_mul_scalar(wg_sub(w, d), 0.25)))
        return "eta belongs to the gradient alone, not to w";
    if (same_values(got, wg_sub(w, wg_div_scalar(d, 0.25))))
        return "eta multiplies the gradient; it does not divide it";
    return same_values(got, w) ? "w stays as it is" : NULL;
}

/* One update of a weight with a rate of 1/4, whose numbers can be worked out in the head. */
static int judge_rule(update_rule *update)
{
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *w = wg_constant(t, WG_SHAPE(3), (double[]){1, -2, 0.5});
    wg_tensor *d = wg_constant(t, WG_SHAPE(3), (double[]){4, 2, -8});
    wg_tensor *got = update(w, d, 0.25);
    int state = same_values(got, wg_sub(w, wg_mul_scalar(d, 0.25))) ? EXERCISE_SOLVED
                : !got && !wg_error(t)                              ? EXERCISE_UNSOLVED
                                                                    : EXERCISE_WRONG;
    judge_part("one update", state, state == EXERCISE_WRONG ? wg_error(t) : NULL,
               state == EXERCISE_WRONG && got ? hint_for(got, w, d) : NULL);
    wg_tape_free(t);
    return state;
}

static int train(update_rule *update)
{
    network n = make();
    wg_tensor *out[5] = {n.cost};
    char text[200];
    for (int i = 0; i < 4; i++)
        out[1 + i] = wg_assign(n.p[i], update(n.p[i], n.dp[i], eta));
    wg_program *p = wg_compile(5, out);
    double before = wg_item(n.cost), yhat[4];
    bool fine = p != NULL;
    for (int k = 0; fine && k < STEPS; k++)
        fine = wg_run(p) == WG_OK;
    fine = fine && wg_get_f64(n.yhat, yhat) == WG_OK;
    snprintf(text, sizeof text,
             "cost %.4f before, %.4f after %d updates; 0 0: %.2f, 0 1: %.2f, 1 0: %.2f, 1 1: %.2f",
             before, wg_item(n.cost), STEPS, fine ? yhat[0] : 0, fine ? yhat[1] : 0,
             fine ? yhat[2] : 0, fine ? yhat[3] : 0);
    bool learned = fine && yhat[0] < 0.2 && yhat[1] > 0.8 && yhat[2] > 0.8 && yhat[3] < 0.2;
    int state = judge_part("the network learns XOR", learned ? EXERCISE_SOLVED : EXERCISE_WRONG,
                           text, NULL);
    wg_program_free(p);
    wg_tape_free(n.t);
    return state;
}

int judge_xor_update(update_rule *update)
{
    judge_head("xor_update", "deck 003, \"Weight updates\" and \"XOR MLP\"");
    int state = judge_rule(update);
    if (state == EXERCISE_SOLVED)
        state = train(update);
    return judge_end(state);
}
