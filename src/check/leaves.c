#include "check/leaves.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <wengert/run.h>

#include "core/alloc.h"

static uint64_t bits(uint64_t *state)
{
    uint64_t z = *state += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

double wg_check_uniform(uint64_t *state)
{
    return (double)(bits(state) >> 11) * 0x1p-53;
}

double wg_check_signed(uint64_t *state)
{
    double u = wg_check_uniform(state);
    return u < 0.5 ? -0.5 - 2 * u : 0.5 + 2 * (u - 0.5);
}

static bool moves(const wg_tensor *x)
{
    wg_leaf_kind kind = wg_leaf_kind_of(x);
    return (kind == WG_INPUT || kind == WG_PARAM) && wg_dtype_of(x) != WG_I32;
}

static bool reserve(wg_leaves *l, double **x)
{
    size_t n = (size_t)l->n, k = (size_t)l->count;
    l->leaf = wg_mem_zero(k + 1, sizeof *l->leaf);
    l->start = wg_mem_zero(k + 1, sizeof *l->start);
    l->size = wg_mem_zero(n + 1, sizeof *l->size);
    l->step = wg_mem_zero(n + 1, sizeof *l->step);
    l->reach = wg_mem_zero(n + 1, sizeof *l->reach);
    l->uneven = wg_mem_zero(k + 1, sizeof *l->uneven);
    l->held = wg_mem_zero(n + 1, sizeof *l->held);
    *x = wg_mem_zero(n + 1, sizeof **x);
    return l->leaf && l->start && l->size && l->step && l->reach && l->uneven && l->held && *x;
}

enum { UNEVEN = 1000000 };

/* An argument's size is its own magnitude, however small beside its neighbours: a function may
 * change over that length, or end.  One that is zero, or as good as zero in its leaf, has none:
 * it gets a tenth of what is typical of the leaf, and 1 in a leaf of zeros. */
static void measure(wg_leaves *l, const double *x, int k, uint64_t *random)
{
    int64_t from = l->start[k], to = l->start[k + 1];
    double largest = 0, smallest = INFINITY, squares = 0;
    for (int64_t j = from; j < to; j++) {
        largest = fmax(largest, fabs(x[j]));
        if (x[j] != 0)
            smallest = fmin(smallest, fabs(x[j]));
    }
    l->uneven[k] = largest > UNEVEN * smallest;
    for (int64_t j = from; j < to && largest > 0; j++)
        squares += x[j] / largest * (x[j] / largest);
    double rms = largest * sqrt(squares / (double)(to - from > 0 ? to - from : 1));
    double typical = largest > 0 ? 0.1 * rms : 1;
    for (int64_t j = from; j < to; j++) {
        l->size[j] = fabs(x[j]) > 1e-40 * rms ? fabs(x[j]) : typical;
        l->reach[j] = fmax(1, typical / l->size[j]);
        l->step[j] = l->size[j] * wg_check_signed(random);
    }
}

static wg_status unusable(wg_tensor *leaf, const double *x, int64_t count, wg_message *why)
{
    for (int64_t j = 0; j < count; j++)
        if (!isfinite(x[j])) {
            snprintf(why->text, sizeof why->text,
                     "\"%.80s\" holds %g at element %" PRId64 ": nothing can be compared there",
                     wg_name(leaf), x[j], j);
            return WG_ERR_NONFINITE;
        }
    return WG_OK;
}

wg_status wg_leaves_gather(wg_leaves *l, wg_tape *t, uint64_t seed, double **x, wg_message *why)
{
    int64_t nodes = wg_node_count(t);
    *l = (wg_leaves){.tape = t, .epsilon = DBL_EPSILON / 2};
    *x = NULL;
    for (int64_t i = 0; i < nodes; i++) {
        wg_tensor *node = wg_node(t, i);
        if (wg_dtype_of(node) == WG_F32)
            l->epsilon = FLT_EPSILON / 2;
        if (moves(node)) {
            l->count++;
            l->n += wg_count_of(node);
        }
    }
    if (!reserve(l, x)) {
        snprintf(why->text, sizeof why->text, "out of memory");
        return WG_ERR_MEMORY;
    }
    uint64_t random = seed ^ 0xC0FFEE;
    int k = 0;
    for (int64_t i = 0; i < nodes; i++) {
        wg_tensor *node = wg_node(t, i);
        if (!moves(node))
            continue;
        int64_t from = l->start[k], to = from + wg_count_of(node);
        l->leaf[k] = node;
        l->start[++k] = to;
        wg_status s = wg_get_f64(node, *x + from);
        if (s) {
            const char *reason = wg_error(t);
            snprintf(why->text, sizeof why->text, "%.400s", reason ? reason : wg_status_name(s));
            return s;
        }
        if ((s = unusable(node, *x + from, to - from, why)))
            return s;
        measure(l, *x, k - 1, &random);
    }
    return WG_OK;
}

void wg_leaves_free(wg_leaves *l)
{
    wg_mem_free(l->leaf);
    wg_mem_free(l->start);
    wg_mem_free(l->size);
    wg_mem_free(l->step);
    wg_mem_free(l->reach);
    wg_mem_free(l->uneven);
    wg_mem_free(l->held);
    *l = (wg_leaves){0};
}

static bool meets(int64_t lo, int64_t hi, int64_t from, int64_t to)
{
    return lo < to && from < hi;
}

void wg_leaves_widen(wg_leaves *l, bool wide)
{
    for (int64_t j = 0; j < l->n && wide != l->wide; j++)
        l->step[j] *= wide ? l->reach[j] : 1 / l->reach[j];
    l->wide = wide;
}

wg_status wg_leaves_place(wg_leaves *l, const double *x, int64_t lo, int64_t hi, double tau)
{
    wg_status s = WG_OK;
    for (int k = 0; k < l->count && !s; k++) {
        int64_t from = l->start[k], to = l->start[k + 1];
        if (l->base == x && !meets(l->lo, l->hi, from, to) && !meets(lo, hi, from, to))
            continue;
        memcpy(l->held + from, x + from, (size_t)(to - from) * sizeof *x);
        for (int64_t j = lo > from ? lo : from; j < hi && j < to; j++)
            l->held[j] += tau * l->step[j];
        s = wg_set_f64(l->leaf[k], l->held + from);
    }
    l->base = x;
    l->lo = lo;
    l->hi = hi;
    return s;
}

int wg_leaves_find(const wg_leaves *l, int64_t j)
{
    int lo = 0, hi = l->count - 1;
    while (lo < hi) {
        int middle = lo + (hi - lo + 1) / 2;
        if (l->start[middle] <= j)
            lo = middle;
        else
            hi = middle - 1;
    }
    return lo;
}
