#include <stdio.h>
#include <string.h>

#include "core.h"

enum { X, W1, H1, W2, Z2, Y };

/* The forward pass, cut in pieces, so that each line of the listing can be judged by itself: its
 * gradient is taken where the line takes it, all that it reads being right. */
static wg_tensor *z2(wg_tensor *const *x)
{
    return wg_add(wg_matmul(x[W2], wg_add(wg_sigmoid(wg_matmul(x[W1], x[X])), x[H1])), x[Z2]);
}

static wg_tensor *cost(wg_tensor *const *x)
{
    return wg_mul_scalar(wg_sum(wg_square(wg_sub(wg_sigmoid(z2(x)), x[Y]))), 0.5);
}

static wg_tensor *slope(wg_tensor *s)
{
    return wg_mul(s, wg_rsub(s, 1));
}

static wg_tensor *h1(const scene *s)
{
    return wg_sigmoid(wg_matmul(s->x[W1], s->x[X]));
}

static wg_tensor *line_dz2(const scene *s)
{
    wg_tensor *yhat = wg_sigmoid(z2(s->x));
    return wg_mul(s->g, wg_mul(wg_sub(yhat, s->x[Y]), slope(yhat)));
}

static wg_tensor *line_dw2(const scene *s)
{
    return wg_matmul(line_dz2(s), wg_transpose(h1(s)));
}

static wg_tensor *line_dh1(const scene *s)
{
    return wg_matmul(wg_transpose(line_dw2(s)), line_dz2(s));
}

/* dz1 and dw1 after a right dh1. */
static wg_tensor *right_dh1(const scene *s)
{
    return wg_matmul(wg_transpose(s->x[W2]), line_dz2(s));
}

static wg_tensor *line_dw1(const scene *s)
{
    return wg_matmul(wg_mul(right_dh1(s), slope(h1(s))), wg_transpose(s->x[X]));
}

static wg_tensor *answer(const scene *s)
{
    formula3 *const *f = s->e->answers;
    return (*f)(s->x[W2], line_dw2(s), line_dz2(s));
}

static const exercise listing = {
    .name = "wrong_gradient",
    .mirrors = "deck 004, the listing backward_prop: one of its lines is wrong",
    .leaves = {{"x", {2, {2, 1}}, {0.5, -1.5}},
               {"W1", {2, {3, 2}}, {0.4, -0.6, 0.9, 0.2, -0.3, 0.8}},
               {"h1", {2, {3, 1}}, {0}},
               {"W2", {2, {1, 3}}, {0.7, -1.1, 0.6}},
               {"z2", {2, {1, 1}}, {0}},
               {"y", {2, {1, 1}}, {1}}},
    .parts = {{"dh1", cost, H1, answer}},
    .mistakes =
        {{"dh1", line_dh1,
          "that is the listing's own line: dw2 is a gradient, the equation wants a weight"}},
};

/* Whether the line of that name is wrong, by the checker; names what is no line. */
static int judge_name(const char *name, char text[1200])
{
    static const struct {
        const char *name;
        int leaf;
        scene_formula *line;
    } lines[] = {{"dz2", Z2, line_dz2},
                 {"dw2", W2, line_dw2},
                 {"dh1", H1, line_dh1},
                 {"dw1", W1, line_dw1},
                 {"dz1", W1, line_dw1}};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (strcmp(lines[i].name, name) == 0) {
            wg_check_report report;
            exercise e = listing;
            e.parts[0] = (part){name, cost, lines[i].leaf, lines[i].line};
            bool wrong = check_part(&e, &e.parts[0], &report) != WG_OK;
            snprintf(text, 1200, "%s: %s", name, report.text);
            return wrong ? EXERCISE_SOLVED : EXERCISE_WRONG;
        }
    snprintf(text, 1200, "\"%s\" is no line of the listing: dz2, dw2, dh1, dz1 or dw1", name);
    return EXERCISE_WRONG;
}

int judge_wrong_gradient(const char *wrong_line, formula3 *dh1)
{
    char text[1200];
    judge_head(listing.name, listing.mirrors);
    int state = wrong_line[0] ? judge_name(wrong_line, text) : EXERCISE_UNSOLVED;
    judge_part("which line", state, state == EXERCISE_UNSOLVED ? NULL : text,
               state == EXERCISE_WRONG
                   ? "this line is right, given what the lines above it should give"
                   : NULL);
    exercise e = listing;
    e.answers = &dh1;
    return judge_end(judge_worse(state, judge_parts(&e)));
}
