/* One order of a check: the function  s(x) = sum_i w_i y_i(x)  of a tape's leaves under random
 * weights w, its values, and its derivative by the sweeps.  At order 1 the y are the model's
 * output, at order 2 the gradient that order 1 recorded.  Evaluates; does not judge. */
#ifndef WG_CHECK_LEVEL_H
#define WG_CHECK_LEVEL_H

#include <wengert/run.h>

#include "check/leaves.h"

/* A place x with the outputs and the analytic gradient there. */
typedef struct wg_point {
    double *x, *y, *g;
    double noise; /* roundoff of s that its outputs' own size brings */
    bool usable;  /* all of it is finite */
} wg_point;

enum { WG_BESIDE = 3 }; /* places near the base, each closer: kinks of the base are not theirs */

typedef struct wg_level {
    int order;
    wg_leaves *at;
    uint64_t run; /* the run counter of every run: random draws are held fixed */
    int outputs;
    wg_tensor **out;
    int64_t m;         /* elements of all outputs */
    double *weight;    /* m of them */
    double *now;       /* outputs of the last evaluation */
    double *again;     /* a gradient for comparison */
    wg_program *value; /* the outputs alone */
    wg_program *pull;  /* the gradient alone: what it needs of the forward part it does itself */
    wg_program *push; /* J u for the directions u in .toward; NULL where an op has no rule for
                       * it */
    wg_tensor **gradient, **toward, *pushed;
    bool *turned_on;    /* leaf k moves: its .toward holds its steps, else zeros */
    bool weighted_push; /* push gives J u element by element (weight them) or its weighted sum */
    double inherited;   /* noise of the order below */
    bool apart;         /* outputs have roundoff of their own: one that stays brings none */
    double touched;     /* of the last difference: the share of the outputs that changed */
    wg_point base, beside[WG_BESIDE];
    wg_message why;
} wg_level;

/* Both leave the reason in level->why.  at must outlive the level, and first the second. */
wg_status wg_level_first(wg_level *level, wg_leaves *at, wg_tensor *y, uint64_t seed);
wg_status wg_level_second(wg_level *level, const wg_level *first, uint64_t seed);
void wg_level_free(wg_level *level);

/* Outputs, or the gradient, where the leaves are now. */
wg_status wg_level_value(wg_level *level, double *y);
wg_status wg_level_pull(wg_level *level, double *g);
/* <w, J u> with u the steps of the leaves from to to - 1, and the sum of the magnitudes of its
 * terms. */
wg_status wg_level_push(wg_level *level, int from, int to, double *sum, double *magnitude);

/* s(x + tau step) - s(x), moving the elements lo .. hi - 1: summed from differences, so that large
 * equal parts cancel exactly.  NaN where the model cannot be evaluated. */
double wg_level_difference(wg_level *level, const wg_point *p, int64_t lo, int64_t hi, double tau);
/* <g, step> over lo .. hi - 1: what the difference over tau should be. */
double wg_level_slope(const wg_level *level, const wg_point *p, int64_t lo, int64_t hi);

#endif
