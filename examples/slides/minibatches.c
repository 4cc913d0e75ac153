/* Deck 001, "Repeating for All Training Examples" and "Stochastic Gradient Descent"; deck 002,
 * "Repeat": what single digits ask of the weights, their average, and steps by mini-batches.
 *
 *     C = 1/n Σ C_k     ∂C/∂w = 1/n Σ ∂C_k/∂w     w' = w - η ∂C/∂w      C_k = Σ_j (a_j(3) - y_j)²
 *
 * (001 sums squares.)  The network is 001's, with 13 002 weights and biases w_0 ... w_13001 (in
 * lesson/reader.h, with the gradient by hand); the digits are the slides', in their order: 2 5 0 4
 * 7 9, and four mini-batches of twelve that begin with 5 0 4 1.  The library draws them; --data
 * DIR takes MNIST's.
 *
 * Slips: 001 takes the average of the mini-batches' averages.  That is the average over the whole
 * batch, and saves nothing: what helps is a step after each mini-batch.  002 initialises the
 * weights inside the loop, which forgets in each round what the one before has learnt. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lesson/plot.h"
#include "lesson/reader.h"

enum { FEW = 6, BATCH = 12, BATCHES = 4, WHOLE = BATCH * BATCHES, DRAWN = 480 };
enum { ROUNDS = 60, STEPS = BATCHES * ROUNDS, GRID = 41, DOTS = ROUNDS / 4 };
static const int few[FEW] = {2, 5, 0, 4, 7, 9};
static const int whole[WHOLE] = {5, 0, 4, 1, 9, 2, 1, 3, 1, 4, 3, 5, 3, 6, 1, 7,
                                 2, 8, 6, 9, 4, 0, 9, 1, 1, 2, 4, 3, 2, 7, 3, 8,
                                 6, 9, 0, 5, 6, 0, 7, 6, 1, 8, 7, 9, 3, 9, 8, 5};
static const double eta = 3;

/* For each label the next digit of the set that has it. */
static void pick(const wg_digits *d, int n, const int *labels, int64_t *which)
{
    int64_t next[READER_CLASSES] = {0};
    for (int i = 0; i < n; i++) {
        int64_t at = next[labels[i]];
        while (at < d->count - 1 && d->labels[at] != labels[i])
            at++;
        which[i] = at;
        next[labels[i]] = at + 1;
    }
}

/* The gradient of the average over n digits, by hand. */
static void average_by_hand(const double *w, const wg_digits *d, int n, const int64_t *which,
                            double mean[READER_SIZE])
{
    static double g[READER_SIZE];
    memset(mean, 0, READER_SIZE * sizeof *mean);
    for (int k = 0; k < n; k++) {
        reader_by_hand(w, d, which[k], g);
        for (int i = 0; i < READER_SIZE; i++)
            mean[i] += g[i] / n;
    }
}

/* C of these digits, on the tape. */
static wg_tensor *cost_of(lesson *l, const reader *r, const wg_digits *d, int n,
                          const int64_t *which)
{
    static double x[WHOLE * READER_PIXELS], y[WHOLE * READER_CLASSES];
    reader_feed(d, n, which, x, y);
    return reader_cost(r, wg_constant(l->tape, WG_SHAPE(n, READER_PIXELS), x),
                       wg_constant(l->tape, WG_SHAPE(n, READER_CLASSES), y));
}

static void gradient_by_tape(const reader *r, wg_tensor *C, double g[READER_SIZE])
{
    wg_tensor *part[READER_PARTS];
    wg_grad(C, READER_PARTS, r->part, part);
    for (int i = 0; i < READER_PARTS; i++)
        wg_get_f64(part[i], g + reader_part_start[i]);
}

/* ---- the slide's table ---- */

static void table_of_nudges(lesson *l, const reader *r, const wg_digits *d, const double *w)
{
    static double hand[FEW][READER_SIZE], tape[READER_SIZE], mean[READER_SIZE];
    static const int rows[] = {0, 1, 2, 3, 4, READER_SIZE - 1};
    int64_t which[FEW];
    pick(d, FEW, few, which);
    for (int k = 0; k < FEW; k++) {
        reader_by_hand(w, d, which[k], hand[k]);
        gradient_by_tape(r, cost_of(l, r, d, 1, &which[k]), tape);
        lesson_compare(l, READER_SIZE, hand[k], tape);
    }
    average_by_hand(w, d, FEW, which, mean);
    lesson_say(l, "\nWhat each of six digits asks for: -∂C_k/∂w, with\n"
                  "C_k = Σ (a_j - y_j)².  The last column is their average.\n");
    lesson_head(l, "|2|5|0|4|7|9|average");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int n = rows[i];
        lesson_row(l, "w_%d|%+.4f|%+.4f|%+.4f|%+.4f|%+.4f|%+.4f|%+.4f", n, -hand[0][n],
                   -hand[1][n], -hand[2][n], -hand[3][n], -hand[4][n], -hand[5][n], -mean[n]);
    }
    lesson_say(
        l,
        "\nThe average against the gradient of C = 1/6 Σ C_k.  A row shows the largest element\n"
           "of a part and the worst difference of all.\n");
    wg_tensor *C = cost_of(l, r, d, FEW, which);
    char text[32];
    for (int i = 0; i < READER_PARTS; i++) {
        snprintf(text, sizeof text, "∂C/∂%s", reader_part_name[i]);
        lesson_derive_whole(l, text, mean + reader_part_start[i], C, r->part[i], 20);
    }
}

/* ---- the average of averages ---- */

static double worst_gap(const double *a, const double *b)
{
    double worst = 0;
    for (int i = 0; i < READER_SIZE; i++)
        worst = fmax(worst, fabs(a[i] - b[i]));
    return worst;
}

static void average_of_averages(lesson *l, const reader *r, const wg_digits *d, const double *w,
                                const int64_t *which)
{
    static double of_whole[READER_SIZE], of_batch[READER_SIZE], mean[READER_SIZE];
    static const int sizes[][BATCHES] = {{12, 12, 12, 12}, {24, 12, 8, 4}};
    gradient_by_tape(r, cost_of(l, r, d, WHOLE, which), of_whole);
    lesson_say(
        l, "\nThe average of the mini-batches' averages beside the average over all digits.\n");
    lesson_head(l, "sizes of the mini-batches|largest difference of any ∂C/∂w");
    for (int k = 0; k < 2; k++) {
        memset(mean, 0, sizeof mean);
        for (int b = 0, from = 0; b < BATCHES; from += sizes[k][b++]) {
            average_by_hand(w, d, sizes[k][b], which + from, of_batch);
            for (int i = 0; i < READER_SIZE; i++)
                mean[i] += of_batch[i] / BATCHES;
        }
        if (k == 0)
            lesson_compare(l, READER_SIZE, mean, of_whole);
        lesson_row(l, "%d %d %d %d|%.1e", sizes[k][0], sizes[k][1], sizes[k][2], sizes[k][3],
                   worst_gap(mean, of_whole));
    }
}

/* ---- paths ---- */

typedef struct path {
    int n;
    double (*w)[READER_SIZE]; /* before each step, and at the end */
    double cost[ROUNDS + 1];  /* of all digits, before each round and at the end */
} path;

/* Other small random weights for each seed. */
static void initialise(uint64_t seed, double w[READER_SIZE])
{
    wg_tape *t = wg_tape_new(WG_F64);
    wg_seed(t, seed);
    reader r = reader_new(t);
    reader_get(&r, w);
    wg_tape_free(t);
}

/* In each round a step with each of the programs.  forgets: initialises first, as 002 says. */
static path walk(const reader *r, int steps, wg_program *const *step, wg_program *judge,
                 bool forgets)
{
    path p = {.w = calloc((size_t)(steps * ROUNDS + 1), sizeof *p.w)};
    static double w[READER_SIZE];
    if (!p.w)
        exit(1);
    initialise(1, w);
    reader_set(r, w);
    for (int round = 0; round <= ROUNDS; round++) {
        if (wg_run(judge) == WG_OK)
            p.cost[round] = *(const double *)wg_output(judge, 0);
        if (forgets) {
            initialise((uint64_t)round + 2, w);
            reader_set(r, w);
        }
        for (int s = 0; s < steps && round < ROUNDS; s++) {
            reader_get(r, p.w[p.n++]);
            wg_run(step[s]);
        }
    }
    reader_get(r, p.w[p.n++]);
    return p;
}

static double dot(const double *a, const double *b)
{
    double sum = 0;
    for (int i = 0; i < READER_SIZE; i++)
        sum += a[i] * b[i];
    return sum;
}

/* The plane through the start and the two ends: along is the way to the first end, across what the
 * way to the second has at right angles to it; both of length 1. */
typedef struct plane {
    double start[READER_SIZE], along[READER_SIZE], across[READER_SIZE];
} plane;

static void lay_plane(plane *q, const path *one, const path *other)
{
    memcpy(q->start, one->w[0], sizeof q->start);
    for (int i = 0; i < READER_SIZE; i++) {
        q->along[i] = one->w[one->n - 1][i] - q->start[i];
        q->across[i] = other->w[other->n - 1][i] - q->start[i];
    }
    double length = sqrt(dot(q->along, q->along));
    for (int i = 0; i < READER_SIZE; i++)
        q->along[i] /= length;
    double shared = dot(q->across, q->along);
    for (int i = 0; i < READER_SIZE; i++)
        q->across[i] -= shared * q->along[i];
    length = sqrt(dot(q->across, q->across));
    for (int i = 0; i < READER_SIZE; i++)
        q->across[i] /= length;
}

/* A path's shadow on the plane, a dot every four rounds. */
static void draw_path(plot *p, const char *label, const plane *q, const path *way)
{
    static double w[READER_SIZE], x[DOTS + 1], y[DOTS + 1];
    for (int k = 0; k <= DOTS; k++) {
        const double *at = way->w[(way->n - 1) / DOTS * k];
        for (int i = 0; i < READER_SIZE; i++)
            w[i] = at[i] - q->start[i];
        x[k] = dot(w, q->along);
        y[k] = dot(w, q->across);
    }
    plot_path(p, label, DOTS + 1, x, y);
}

/* As on 001's slide: a row is a mini-batch. */
static void draw_batches(lesson *l, const wg_digits *d, const int64_t *which)
{
    static double x[WHOLE * READER_PIXELS], y[WHOLE * READER_CLASSES];
    reader_feed(d, WHOLE, which, x, y);
    plot *p = plot_begin(l, "batches", 1, 1);
    plot_panel(p, "four mini-batches", "", "");
    plot_images(p, WHOLE, 28, 28, x, BATCH, NULL, 0, 1);
    plot_end(p);
}

static void draw(lesson *l, const reader *r, wg_program *judge, const path *one, const path *mini,
                 const path *forgetful)
{
    static plane q;
    static double w[READER_SIZE], C[GRID * GRID];
    static const double levels[] = {0.1, 0.2, 0.4, 0.6, 0.8, 1, 2, 4};
    lay_plane(&q, one, mini);
    plot_grid g = {GRID, GRID, -3, 16, -3, 16};
    for (int k = 0; k < GRID * GRID; k++) {
        double x = plot_grid_x(g, k % GRID), y = plot_grid_y(g, k / GRID);
        for (int i = 0; i < READER_SIZE; i++)
            w[i] = q.start[i] + x * q.along[i] + y * q.across[i];
        reader_set(r, w);
        C[k] = wg_run(judge) == WG_OK ? *(const double *)wg_output(judge, 0) : NAN;
    }
    double digits[ROUNDS + 1];
    for (int i = 0; i <= ROUNDS; i++)
        digits[i] = WHOLE * i;
    plot *p = plot_begin(l, "minibatches", 2, 1);
    plot_panel(p, "C around the two paths, dots four rounds apart",
               "towards the whole batch's end", "at right angles to it");
    plot_surface(p, g, C, (int)(sizeof levels / sizeof *levels), levels);
    plot_set(p, "set xtics 4");
    plot_set(p, "set ytics 4");
    draw_path(p, "mini-batches", &q, mini);
    draw_path(p, "whole batch", &q, one);
    plot_panel(p, "the same digits, seen as often", "digits seen", "C");
    plot_range(p, 0, WHOLE * ROUNDS, 0, 2);
    plot_line(p, "mini-batches", ROUNDS + 1, digits, mini->cost);
    plot_line(p, "whole batch", ROUNDS + 1, digits, one->cost);
    plot_line(p, "initialised anew", ROUNDS + 1, digits, forgetful->cost);
    plot_end(p);
}

static void paths(lesson *l, const reader *r, const wg_digits *d, const int64_t *which)
{
    wg_tensor *C = cost_of(l, r, d, WHOLE, which);
    wg_program *judge = wg_compile(1, &C), *whole_step = reader_step(r, C, eta), *step[BATCHES];
    for (int b = 0; b < BATCHES; b++)
        step[b] = reader_step(r, cost_of(l, r, d, BATCH, which + b * BATCH), eta);
    path one = walk(r, 1, &whole_step, judge, false), mini = walk(r, BATCHES, step, judge, false);
    path forgetful = walk(r, BATCHES, step, judge, true);
    lesson_say(
        l,
        "\nC of all %d digits, from the same start, at rate %g.  A round shows each digit once:\n"
        "to one step with the whole batch, or to %d with mini-batches.\n",
        WHOLE, eta, BATCHES);
    lesson_head(l, "rounds|digits seen|whole batch|mini-batches|initialised in each round");
    for (int i = 0; i <= ROUNDS; i += i < 2 ? 1 : i < 20 ? 9 : 20)
        lesson_row(l, "%d|%d|%.4f|%.4f|%.4f", i, i * WHOLE, one.cost[i], mini.cost[i],
                   forgetful.cost[i]);
    draw(l, r, judge, &one, &mini, &forgetful);
    for (int b = 0; b < BATCHES; b++)
        wg_program_free(step[b]);
    wg_program_free(whole_step);
    wg_program_free(judge);
    free(one.w);
    free(mini.w);
    free(forgetful.w);
}

int main(int argc, char **argv)
{
    lesson *l =
        lesson_begin_with(argc, argv, "minibatches",
                                  "deck 001, \"Repeating for All Training Examples\" and\n"
                                  "\"Stochastic Gradient Descent\"; deck 002, \"Repeat\"",
                                  "--data");
    static double w[READER_SIZE];
    int64_t which[WHOLE];
    wg_digits d, unused;
    reader_digits(l, lesson_option(l, "--data"), DRAWN, 1, &d, &unused);
    pick(&d, WHOLE, whole, which);
    initialise(1, w);
    reader r = reader_new(l->tape);
    reader_set(&r, w);
    table_of_nudges(l, &r, &d, w);
    average_of_averages(l, &r, &d, w, which);
    paths(l, &r, &d, which);
    draw_batches(l, &d, which);
    wg_digits_free(&d);
    wg_digits_free(&unused);
    return lesson_end(l);
}
