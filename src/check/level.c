#include "check/level.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <wengert/elementwise.h>
#include <wengert/grad.h>
#include <wengert/layout.h>
#include <wengert/reduce.h>

#include "core/alloc.h"

/* ---- failures ---- */

static wg_status failed(wg_level *l, wg_status s, const char *doing, const char *reason)
{
    snprintf(l->why.text, sizeof l->why.text, "%s: %.400s", doing,
             reason ? reason : wg_status_name(s));
    return s;
}

static wg_status tape_failed(wg_level *l, const char *doing)
{
    wg_status s = wg_error_status(l->at->tape);
    return failed(l, s ? s : WG_ERR_ARGUMENT, doing, wg_error(l->at->tape));
}

/* ---- values ---- */

static void read_output(const wg_program *p, int i, const wg_tensor *x, double *to)
{
    const void *from = wg_output(p, i);
    int64_t n = wg_count_of(x);
    if (!from || n == 0)
        return;
    if (wg_dtype_of(x) == WG_F64)
        memcpy(to, from, (size_t)n * sizeof *to);
    else
        for (int64_t j = 0; j < n; j++)
            to[j] = (double)((const float *)from)[j];
}

static wg_status execute(wg_level *l, wg_program *p, const char *doing)
{
    wg_set_run_counter(l->at->tape, l->run);
    wg_status s = wg_run(p);
    if (!s)
        return WG_OK;
    failed(l, s, doing, wg_program_error(p));
    wg_clear_error(l->at->tape);
    return s;
}

wg_status wg_level_value(wg_level *l, double *y)
{
    wg_status s = execute(l, l->value, "running the model");
    for (int i = 0; i < l->outputs && !s; i++) {
        read_output(l->value, i, l->out[i], y);
        y += wg_count_of(l->out[i]);
    }
    return s;
}

wg_status wg_level_pull(wg_level *l, double *g)
{
    wg_status s = l->pull ? execute(l, l->pull, "running the gradient") : WG_OK;
    for (int k = 0; k < l->at->count && !s; k++)
        read_output(l->pull, k, l->gradient[k], g + l->at->start[k]);
    return s;
}

wg_status wg_level_push(wg_level *l, int from, int to, double *sum, double *magnitude)
{
    const wg_leaves *at = l->at;
    wg_status s = WG_OK;
    memset(l->again, 0, (size_t)at->n * sizeof *l->again);
    for (int k = 0; k < at->count && !s; k++) {
        bool on = k >= from && k < to;
        if (on || l->turned_on[k]) /* steps may have become longer since */
            s = wg_set_f64(l->toward[k], (on ? at->step : l->again) + at->start[k]);
        l->turned_on[k] = on;
    }
    *sum = *magnitude = 0;
    if (!s)
        s = execute(l, l->push, "running the forward derivative");
    if (s)
        return s;
    if (!l->weighted_push) {
        double only = 0;
        read_output(l->push, 0, l->pushed, &only);
        *sum = only;
        *magnitude = fabs(only);
        return WG_OK;
    }
    read_output(l->push, 0, l->pushed, l->now);
    for (int64_t i = 0; i < l->m; i++) {
        *sum += l->weight[i] * l->now[i];
        *magnitude += fabs(l->weight[i] * l->now[i]);
    }
    return WG_OK;
}

double wg_level_difference(wg_level *l, const wg_point *p, int64_t lo, int64_t hi, double tau)
{
    if (wg_leaves_place(l->at, p->x, lo, hi, tau) || wg_level_value(l, l->now))
        return NAN;
    double sum = 0, all = 0, changed = 0;
    for (int64_t i = 0; i < l->m; i++) {
        double y = l->weight[i] * p->y[i];
        sum += l->weight[i] * (l->now[i] - p->y[i]);
        all += y * y;
        changed += l->now[i] != p->y[i] ? y * y : 0;
    }
    l->touched = l->apart && changed > 0 ? sqrt(changed / all) : 1;
    return sum;
}

double wg_level_slope(const wg_level *l, const wg_point *p, int64_t lo, int64_t hi)
{
    double sum = 0;
    for (int64_t j = lo; j < hi; j++)
        sum += p->g[j] * l->at->step[j];
    return sum;
}

/* ---- recording ---- */

static bool reserve_point(const wg_level *l, wg_point *p)
{
    size_t n = (size_t)l->at->n + 1;
    p->x = wg_mem_zero(n, sizeof *p->x);
    p->g = wg_mem_zero(n, sizeof *p->g);
    p->y = wg_mem_zero((size_t)l->m + 1, sizeof *p->y);
    return p->x && p->g && p->y;
}

static bool reserve(wg_level *l)
{
    size_t n = (size_t)l->at->n + 1, k = (size_t)l->at->count + 1, m = (size_t)l->m + 1;
    l->weight = wg_mem_zero(m, sizeof *l->weight);
    l->now = wg_mem_zero(m, sizeof *l->now);
    l->again = wg_mem_zero(n, sizeof *l->again);
    l->gradient = wg_mem_zero(k, sizeof *l->gradient);
    l->toward = wg_mem_zero(k, sizeof *l->toward);
    l->turned_on = wg_mem_zero(k, sizeof *l->turned_on);
    bool fine = l->weight && l->now && l->again && l->gradient && l->toward && l->turned_on
                && reserve_point(l, &l->base);
    for (int i = 0; i < WG_BESIDE && fine; i++)
        fine = reserve_point(l, &l->beside[i]);
    return fine;
}

/* Inputs for the directions of the leaves, under names that nothing else has. */
static bool make_directions(wg_level *l)
{
    char name[128];
    for (int k = 0; k < l->at->count; k++) {
        wg_tensor *x = l->at->leaf[k];
        snprintf(name, sizeof name, "direction of %.80s", wg_name(x));
        for (int again = 2; wg_find(l->at->tape, name); again++)
            snprintf(name, sizeof name, "direction %d of %.80s", again, wg_name(x));
        l->toward[k] = wg_input_as(l->at->tape, name, wg_dtype_of(x), wg_shape_of(x));
        if (!l->toward[k])
            return false;
    }
    return true;
}

/* Forward mode is optional: it needs rules for the rules' own ops. */
static wg_status record_push(wg_level *l, wg_tensor *y, const wg_level *first)
{
    wg_tape *t = l->at->tape;
    if (first && !first->push)
        return WG_OK;
    wg_mark mark = wg_tape_mark(t);
    bool made = true;
    if (first)
        memcpy(l->toward, first->toward, (size_t)l->at->count * sizeof *l->toward);
    else
        made = make_directions(l);
    l->pushed = made ? wg_jvp(y, l->at->count, l->at->leaf, l->toward) : NULL;
    l->push = l->pushed ? wg_compile(1, &l->pushed) : NULL;
    if (l->push) {
        memset(l->again, 0, (size_t)l->at->n * sizeof *l->again);
        for (int k = 0; k < l->at->count; k++)
            if (wg_set_f64(l->toward[k], l->again))
                return tape_failed(l, "setting directions");
        return WG_OK;
    }
    if (wg_error_status(t) == WG_ERR_MEMORY)
        return tape_failed(l, "recording the forward derivative");
    wg_tape_rewind(t, mark);
    return WG_OK;
}

/* y under the cotangent v is what the sweeps differentiate. */
static wg_status record(wg_level *l, wg_tensor *y, wg_tensor *v, const wg_level *first)
{
    const wg_leaves *at = l->at;
    if (!y || !v)
        return tape_failed(l, "recording what is to be differentiated");
    wg_status s = wg_vjp(y, v, at->count, at->leaf, l->gradient);
    if (s)
        return tape_failed(l, "recording the gradient");
    l->value = wg_compile(l->outputs, l->out);
    if (at->count)
        l->pull = wg_compile(at->count, l->gradient);
    if (!l->value || (at->count && !l->pull))
        return tape_failed(l, "compiling");
    return at->count ? record_push(l, y, first) : WG_OK;
}

static wg_status begin(wg_level *l, wg_leaves *at, int order, int outputs, wg_tensor *const *out)
{
    *l = (wg_level){.order = order, .at = at, .run = wg_run_counter(at->tape), .outputs = outputs};
    l->out = wg_mem_zero((size_t)outputs + 1, sizeof *l->out);
    if (!l->out)
        return failed(l, WG_ERR_MEMORY, "checking", NULL);
    for (int i = 0; i < outputs; i++) {
        l->out[i] = out[i];
        l->m += wg_count_of(out[i]);
    }
    return reserve(l) ? WG_OK : failed(l, WG_ERR_MEMORY, "checking", NULL);
}

static wg_tensor *cotangent(wg_tensor *like, const double *v)
{
    wg_tensor *c = wg_constant_as(wg_tape_of(like), WG_F64, wg_shape_of(like), v);
    return wg_dtype_of(like) == WG_F64 ? c : wg_cast(c, wg_dtype_of(like));
}

wg_status wg_level_first(wg_level *l, wg_leaves *at, wg_tensor *y, uint64_t seed)
{
    wg_status s = begin(l, at, 1, 1, &y);
    if (s)
        return s;
    uint64_t random = seed ^ 0x5EED;
    for (int64_t i = 0; i < l->m; i++)
        l->weight[i] = wg_check_signed(&random);
    l->weighted_push = true;
    return record(l, y, cotangent(y, l->weight), NULL);
}

/* Weights are sized to the arguments, so that a leaf of tiny numbers, whose gradient is large,
 * does not drown the others. */
wg_status wg_level_second(wg_level *l, const wg_level *first, uint64_t seed)
{
    wg_status s = begin(l, first->at, 2, first->at->count, first->gradient);
    if (s)
        return s;
    l->run = first->run;
    l->inherited = first->base.noise;
    uint64_t random = seed ^ 0xFEED;
    for (int64_t i = 0; i < l->m; i++)
        l->weight[i] = l->at->size[i] * wg_check_signed(&random);
    wg_tensor *sum = NULL;
    for (int k = 0; k < l->outputs; k++) {
        wg_tensor *g = l->out[k],
                  *term = wg_sum(wg_mul(g, cotangent(g, l->weight + l->at->start[k])));
        if (wg_dtype_of(term) != WG_F64)
            term = wg_cast(term, WG_F64);
        sum = k ? wg_add(sum, term) : term;
    }
    return record(l, sum, sum ? wg_ones_like(sum) : NULL, first);
}

static void free_point(wg_point *p)
{
    wg_mem_free(p->x);
    wg_mem_free(p->y);
    wg_mem_free(p->g);
}

void wg_level_free(wg_level *l)
{
    wg_program_free(l->value);
    wg_program_free(l->pull);
    wg_program_free(l->push);
    wg_mem_free(l->out);
    wg_mem_free(l->weight);
    wg_mem_free(l->now);
    wg_mem_free(l->again);
    wg_mem_free(l->gradient);
    wg_mem_free(l->toward);
    wg_mem_free(l->turned_on);
    free_point(&l->base);
    for (int i = 0; i < WG_BESIDE; i++)
        free_point(&l->beside[i]);
    *l = (wg_level){0};
}
