#include "support/fd.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* xorshift64*: Vigna, "An experimental exploration of Marsaglia's xorshift generators,
 * scrambled", 2016. */
double fd_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return (double)((*state * 0x2545F4914F6CDD1Du) >> 11) * 0x1p-53;
}

static uint64_t start(uint64_t seed)
{
    uint64_t state = seed * 0x9E3779B97F4A7C15u + 0x1234567;
    fd_random(&state);
    return state ? state : 1;
}

/* -1 to 1, but not near 0. */
static double weight(uint64_t *state)
{
    double u = fd_random(state);
    return u < 0.5 ? -1 + 1.4 * u : 0.3 + 1.4 * (u - 0.5);
}

/* ---- values for inputs ---- */

static wg_domain usual(wg_domain d)
{
    if (d.lo == 0 && d.hi == 0) {
        d.lo = 0.5;
        d.hi = 1.5;
    }
    return d;
}

static bool is_unset(wg_tensor *x)
{
    if (wg_leaf_kind_of(x) != WG_INPUT || wg_eval(x))
        return false;
    wg_clear_error(wg_tape_of(x));
    return true;
}

static int argument(const wg_tensor *x, int order)
{
    const char *name = wg_name(x);
    int k = name[0] == 'x' && name[1] >= '0' && name[1] <= '9' && !name[2] ? name[1] - '0' : order;
    return k < 2 ? k : 2;
}

/* All values of a feeding lie in places of their own between 0 and 1: near the middle of the
 * slots of a shuffled row, so that even those of different inputs differ by more than a step of
 * the stencil. */
static double place(const int64_t *slot, int64_t k, int64_t n, uint64_t *state)
{
    return ((double)slot[k] + 0.5 + 0.5 * (fd_random(state) - 0.5)) / (double)n;
}

static double away_from_kink(double x, const wg_domain *d)
{
    double margin = 0.05 * (d->hi - d->lo);
    if (!d->has_kink || fabs(x - d->kink) > margin)
        return x;
    double side = x >= d->kink ? 1 : -1;
    if (d->kink + side * 2 * margin > d->hi || d->kink + side * 2 * margin < d->lo)
        side = -side;
    return d->kink + side * (margin + 0.5 * fabs(x - d->kink));
}

bool fd_feed(wg_tape *t, const wg_domain domain[3], uint64_t seed)
{
    uint64_t state = start(seed);
    int64_t n = 0, k = 0;
    int order = 0;
    for (int64_t i = 0; i < wg_node_count(t); i++)
        if (is_unset(wg_node(t, i)))
            n += wg_count_of(wg_node(t, i));
    int64_t *slot = malloc((size_t)(n + 1) * sizeof *slot);
    double *v = malloc((size_t)(n + 1) * sizeof *v);
    if (!slot || !v)
        return free(slot), free(v), false;
    for (int64_t i = 0; i < n; i++) {
        int64_t j = (int64_t)(fd_random(&state) * (double)(i + 1));
        slot[i] = slot[j];
        slot[j] = i;
    }
    for (int64_t i = 0; i < wg_node_count(t); i++) {
        wg_tensor *x = wg_node(t, i);
        if (!is_unset(x))
            continue;
        wg_domain d = usual(domain[argument(x, order++)]);
        int64_t count = wg_count_of(x);
        for (int64_t j = 0; j < count; j++)
            v[j] = (double)(float)away_from_kink(
                d.lo + (d.hi - d.lo) * place(slot, k + j, n, &state), &d);
        k += count;
        wg_set_f64(x, v);
    }
    free(slot);
    free(v);
    return true;
}

/* ---- differences ---- */

enum { LEAVES = 16 };

typedef struct work {
    wg_tape *tape;
    int leaves;
    wg_tensor *leaf[LEAVES], *gradient[LEAVES], *direction[LEAVES];
    wg_tensor *y, *v, *pushed;
    int64_t n, m; /* elements of the leaves, of y */
    double *x, *g, *u, *weights, *value[4];
    wg_program *run_y, *run_g, *run_push;
    fd_outcome *out;
} work;

static bool fail(work *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool fail(work *w, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(w->out->failure, sizeof w->out->failure, format, args);
    va_end(args);
    return false;
}

static bool fail_tape(work *w, const char *doing)
{
    const char *why = wg_error(w->tape);
    return fail(w, "%s: %s", doing, why ? why : "failed without a reason");
}

static bool run(work *w, wg_program *p)
{
    wg_set_run_counter(w->tape, 3); /* draws are the same in every run */
    return wg_run(p) == WG_OK
           || fail(w, "run: %s",
                   wg_program_error(p) ? wg_program_error(p) : "failed without a reason");
}

static void copy(const wg_program *p, int i, const wg_tensor *x, double *to)
{
    const void *from = wg_output(p, i);
    for (int64_t j = 0; j < wg_count_of(x); j++)
        to[j] =
            wg_dtype_of(x) == WG_F64 ? ((const double *)from)[j] : (double)((const float *)from)[j];
}

static bool gather(work *w)
{
    for (int64_t i = 0; i < wg_node_count(w->tape); i++) {
        wg_tensor *x = wg_node(w->tape, i);
        wg_leaf_kind kind = wg_leaf_kind_of(x);
        w->out->coarse = w->out->coarse || wg_dtype_of(x) == WG_F32;
        if ((kind != WG_INPUT && kind != WG_PARAM) || wg_dtype_of(x) == WG_I32)
            continue;
        if (w->leaves == LEAVES)
            return fail(w, "more than %d leaves", LEAVES);
        w->leaf[w->leaves++] = x;
        w->n += wg_count_of(x);
    }
    w->m = wg_count_of(w->y);
    size_t n = (size_t)w->n + 1, m = (size_t)w->m + 1;
    w->x = calloc(n, sizeof(double));
    w->g = calloc(n, sizeof(double));
    w->u = calloc(n, sizeof(double));
    w->weights = calloc(m, sizeof(double));
    for (int k = 0; k < 4; k++)
        w->value[k] = calloc(m, sizeof(double));
    if (!w->x || !w->g || !w->u || !w->weights || !w->value[0] || !w->value[1] || !w->value[2]
        || !w->value[3])
        return fail(w, "out of memory");
    double *x = w->x;
    for (int k = 0; k < w->leaves; k++) {
        if (wg_get_f64(w->leaf[k], x))
            return fail_tape(w, "reading a leaf");
        x += wg_count_of(w->leaf[k]);
    }
    return true;
}

static wg_tensor *constant(wg_tensor *like, const double *v)
{
    return wg_cast(wg_constant_as(wg_tape_of(like), WG_F64, wg_shape_of(like), v),
                   wg_dtype_of(like));
}

static bool record(work *w, uint64_t seed)
{
    uint64_t state = start(seed + 77);
    for (int64_t i = 0; i < w->m; i++)
        w->weights[i] = (double)(float)weight(&state);
    for (int64_t j = 0; j < w->n; j++)
        w->u[j] = (double)(float)weight(&state);
    w->v = constant(w->y, w->weights);
    if (!w->v || wg_vjp(w->y, w->v, w->leaves, w->leaf, w->gradient))
        return fail_tape(w, "vjp");
    w->run_y = wg_compile(1, &w->y);
    w->run_g = wg_compile(w->leaves, w->gradient);
    return (w->run_y && w->run_g) || fail_tape(w, "compile");
}

static bool record_push(work *w)
{
    const double *u = w->u;
    for (int k = 0; k < w->leaves; k++) {
        w->direction[k] = constant(w->leaf[k], u);
        u += wg_count_of(w->leaf[k]);
    }
    w->pushed = wg_jvp(w->y, w->leaves, w->leaf, w->direction);
    w->run_push = w->pushed ? wg_compile(1, &w->pushed) : NULL;
    return w->run_push || fail_tape(w, "jvp");
}

/* f' = (8 (f(h) - f(-h)) - (f(2h) - f(-2h))) / 12h, with f = <weights, y>; the error is h^4
 * f^(5) / 30. */
static bool difference(work *w, wg_tensor *leaf, double *x, int64_t j, double *numeric)
{
    static const double at[4] = {1, -1, 2, -2}, times[4] = {8, -8, -1, 1};
    double h = (w->out->coarse ? 0x1p-4 : 0x1p-12) * fmax(1, fabs(x[j])), was = x[j];
    for (int k = 0; k < 4; k++) {
        x[j] = was + at[k] * h;
        wg_set_f64(leaf, x);
        x[j] = was;
        if (!run(w, w->run_y))
            return false;
        copy(w->run_y, 0, w->y, w->value[k]);
    }
    wg_set_f64(leaf, x);
    *numeric = 0;
    for (int64_t i = 0; i < w->m; i++) {
        double sum = 0;
        for (int k = 0; k < 4; k += 2)
            sum += times[k] * (w->value[k][i] - w->value[k + 1][i]);
        *numeric += w->weights[i] * sum / (12 * h);
    }
    return true;
}

static bool all_finite(const double *v, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        if (!isfinite(v[i]))
            return false;
    return true;
}

static bool compare_elements(work *w)
{
    double largest = 0, value = 0;
    double *g = w->g, *x = w->x;
    if (!run(w, w->run_y))
        return false;
    copy(w->run_y, 0, w->y, w->value[0]);
    for (int64_t i = 0; i < w->m; i++)
        value = fmax(value, fabs(w->value[0][i]));
    if (!run(w, w->run_g))
        return false;
    for (int k = 0; k < w->leaves; k++) {
        copy(w->run_g, k, w->gradient[k], g);
        g += wg_count_of(w->leaf[k]);
    }
    if (!all_finite(w->value[0], w->m) || !all_finite(w->g, w->n))
        return fail(w, "the value or the gradient is not finite");
    for (int64_t j = 0; j < w->n; j++)
        largest = fmax(largest, fabs(w->g[j]));
    g = w->g;
    for (int k = 0; k < w->leaves; k++) {
        int64_t n = wg_count_of(w->leaf[k]);
        for (int64_t j = 0; j < n; j++, w->out->elements++) {
            double numeric;
            if (!difference(w, w->leaf[k], x, j, &numeric))
                return false;
            double scale =
                fmax(fmax(fabs(g[j]), fabs(numeric)), fmax(0.01 * largest, 1e-4 * fmax(value, 1)));
            double error = (g[j] - numeric) / scale;
            if (!(fabs(error) <= fabs(w->out->worst))) {
                w->out->worst = error;
                snprintf(w->out->where, sizeof w->out->where, "%.30s element %lld: %.6g not %.6g",
                         wg_name(w->leaf[k]), (long long)j, g[j], numeric);
            }
        }
        x += n;
        g += n;
    }
    return true;
}

static bool compare_push(work *w)
{
    if (!record_push(w) || !run(w, w->run_push))
        return false;
    copy(w->run_push, 0, w->pushed, w->value[0]);
    double pushed = 0, pulled = 0, magnitude = 0;
    for (int64_t i = 0; i < w->m; i++) {
        pushed += w->weights[i] * w->value[0][i];
        magnitude += fabs(w->weights[i] * w->value[0][i]);
    }
    for (int64_t j = 0; j < w->n; j++) {
        pulled += w->g[j] * w->u[j];
        magnitude += fabs(w->g[j] * w->u[j]);
    }
    w->out->identity = fabs(pushed - pulled) / fmax(magnitude, 1e-3);
    return true;
}

static void finish(work *w)
{
    wg_program_free(w->run_y);
    wg_program_free(w->run_g);
    wg_program_free(w->run_push);
    free(w->x);
    free(w->g);
    free(w->u);
    free(w->weights);
    for (int k = 0; k < 4; k++)
        free(w->value[k]);
}

/* Turns y into the sum of its gradients' elements under random weights. */
static bool ascend(work *w, uint64_t seed)
{
    uint64_t state = start(seed + 999);
    wg_tensor *sum = NULL;
    for (int k = 0; k < w->leaves; k++) {
        int64_t n = wg_count_of(w->gradient[k]);
        double *v = calloc((size_t)n + 1, sizeof *v);
        for (int64_t j = 0; v && j < n; j++)
            v[j] = weight(&state);
        wg_tensor *term = v ? wg_sum(wg_mul(w->gradient[k], constant(w->gradient[k], v))) : NULL;
        sum = k ? wg_add(sum, term) : term;
        free(v);
    }
    w->y = sum;
    return sum || fail_tape(w, "weighting the gradient");
}

fd_outcome fd_check(wg_tensor *y, int order, uint64_t seed)
{
    fd_outcome out = {0};
    for (int k = 1; k <= order; k++) {
        work w = {.tape = wg_tape_of(y), .y = y, .out = &out};
        bool fine = gather(&w) && record(&w, seed + (uint64_t)k);
        if (fine && k == order)
            fine = compare_elements(&w) && compare_push(&w);
        else if (fine && w.leaves)
            fine = ascend(&w, seed);
        y = w.y;
        finish(&w);
        if (!fine)
            break;
    }
    return out;
}

double *fd_values(wg_tensor *y, uint64_t seed, int64_t *n, int64_t *values)
{
    fd_outcome out = {0};
    work w = {.tape = wg_tape_of(y), .y = y, .out = &out};
    double *all = NULL;
    if (gather(&w) && record(&w, seed + 1) && run(&w, w.run_y) && run(&w, w.run_g)
        && (all = calloc((size_t)(w.n + w.m + 1), sizeof *all))) {
        copy(w.run_y, 0, y, all);
        double *g = all + w.m;
        for (int k = 0; k < w.leaves; k++) {
            copy(w.run_g, k, w.gradient[k], g);
            g += wg_count_of(w.leaf[k]);
        }
    }
    *n = w.n + w.m;
    *values = w.m;
    finish(&w);
    return all;
}
