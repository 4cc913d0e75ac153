/* The comparisons of one order.  What is compared, and against what mistake:
 *   each element, or a sample of it          a wrong rule
 *   each leaf along a random direction       an element that the sample missed
 *   all leaves along one, at another place   a value worked out while recording, a constant since
 *   <w, J u> against <J'w, u>                a jvp that is not the vjp's transpose
 *   the gradient alone, bit for bit, after   a value kept by a kernel and gone stale
 *   the model ran elsewhere */
#include "check/audit.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ENOUGH = 16 }; /* wrong elements of one leaf: the rest are not compared */

static void describe(char *text, size_t size, const char *what, const wg_tensor *x, int64_t element,
                     double value)
{
    char who[96];
    snprintf(text, size, "%s is %g at element %" PRId64 " of %s: nothing can be compared there",
             what, value, element, wg_describe(x, who, sizeof who));
}

/* ---- places ---- */

static int64_t first_nonfinite(const double *v, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        if (!isfinite(v[i]))
            return i;
    return -1;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Roundoff of s: what a unit in the last place of its outputs amounts to, or how much s changes
 * with the last bits of its arguments, which shows large numbers inside the model.  The median,
 * and a limit, since a value may jump right here.  A gradient is no more exact than the value. */
static double noise(wg_level *l, const wg_point *p)
{
    enum { TRIALS = 5 };
    double change[TRIALS], squares = 0;
    for (int64_t i = 0; i < l->m; i++)
        squares += l->weight[i] * p->y[i] * (l->weight[i] * p->y[i]);
    double least = fmax(l->at->epsilon * sqrt(squares), l->inherited);
    for (int k = 0; k < TRIALS; k++) {
        double d = fabs(wg_level_difference(l, p, 0, l->at->n, (k - 2.5) * 2 * l->at->epsilon));
        change[k] = isfinite(d) ? d : 0;
    }
    qsort(change, TRIALS, sizeof *change, by_size);
    return fmin(fmax(least, change[TRIALS / 2]), 1e8 * least);
}

/* Runs the model, then the gradient, at p->x. */
static wg_status evaluate(wg_level *l, wg_point *p)
{
    wg_status s = wg_leaves_place(l->at, p->x, 0, 0, 0);
    if (!s)
        s = wg_level_value(l, p->y);
    if (!s)
        s = wg_level_pull(l, p->g);
    p->usable = !s && first_nonfinite(p->y, l->m) < 0 && first_nonfinite(p->g, l->at->n) < 0;
    p->noise = s ? 0 : noise(l, p);
    return s;
}

static wg_status evaluate_base(wg_audit *a, wg_level *l)
{
    wg_status s = evaluate(l, &l->base);
    if (s)
        return wg_audit_fail(a, s, l->why.text);
    int64_t bad = first_nonfinite(l->base.y, l->m);
    if (bad >= 0) {
        char text[256];
        double value = l->base.y[bad];
        int k = 0;
        for (; bad >= wg_count_of(l->out[k]); k++)
            bad -= wg_count_of(l->out[k]);
        describe(text, sizeof text, l->order == 1 ? "the value" : "the gradient", l->out[k], bad,
                 value);
        return wg_audit_fail(a, WG_ERR_NONFINITE, text);
    }
    s = wg_leaves_place(l->at, l->base.x, 0, 0, 0);
    if (s || (s = wg_level_value(l, l->now)))
        return wg_audit_fail(a, s, l->why.text);
    if (l->m && memcmp(l->now, l->base.y, (size_t)l->m * sizeof *l->now) != 0)
        return wg_audit_fail(
            a, WG_ERR_CHECK,
            "the value changes from one run to the next although nothing else does");
    return WG_OK;
}

/* Places beside the base, within 2 % of each argument's size. */
static void evaluate_beside(const wg_audit *a, wg_level *l)
{
    static const double distance[WG_BESIDE] = {0x1p-6, 0x1p-8, 0x1p-10};
    uint64_t random = a->options.seed ^ 0xBE51DE;
    for (int b = 0; b < WG_BESIDE; b++) {
        for (int64_t j = 0; j < l->at->n; j++)
            l->beside[b].x[j] =
                l->base.x[j] + distance[b] * l->at->size[j] * wg_check_signed(&random);
        evaluate(l, &l->beside[b]);
    }
    /* Where parts happen to cancel at the base, they do not over a step. */
    const wg_point *near = &l->beside[WG_BESIDE - 1];
    if (near->usable)
        l->base.noise = fmax(l->base.noise, near->noise);
}

/* ---- the report ---- */

static void locate(wg_audit *a, const wg_level *l, int64_t lo, int64_t hi)
{
    wg_check_report *r = a->report;
    int k = wg_leaves_find(l->at, lo);
    bool one_leaf = hi <= l->at->start[k + 1];
    r->element = hi - lo == 1 ? lo - l->at->start[k] : -1;
    r->index = (wg_shape){.rank = -1};
    snprintf(r->leaf, sizeof r->leaf, "%s", one_leaf ? wg_name(l->at->leaf[k]) : "");
    if (r->element < 0)
        return;
    wg_shape shape = wg_shape_of(l->at->leaf[k]);
    r->index.rank = shape.rank;
    int64_t rest = r->element;
    for (int64_t d = shape.rank - 1; d >= 0; d--) {
        r->index.dim[d] = rest % shape.dim[d];
        rest /= shape.dim[d];
    }
}

/* Keeps the finding if its error is the largest so far; whether it did. */
static bool keep(wg_audit *a, const wg_level *l, const wg_finding *f, int64_t lo, int64_t hi,
                 bool forward)
{
    wg_check_report *r = a->report;
    bool wrong = f->verdict == WG_DIFFERS || f->verdict == WG_ROUGH;
    if (a->located && fabs(f->error) <= fabs(r->worst) && !(wrong && r->passed))
        return false;
    double unit = hi - lo == 1 && !forward ? l->at->step[lo] : 1;
    r->worst = unit < 0 ? -f->error : f->error;
    r->order = l->order;
    r->forward = forward;
    r->analytic = f->analytic / unit;
    r->numeric = f->numeric / unit;
    a->located = true;
    a->remark = f->verdict == WG_ROUGH ? "finite differences do not settle there" : NULL;
    locate(a, l, lo, hi);
    if (wrong)
        r->passed = false;
    return true;
}

/* ---- comparisons ---- */

/* What a slope of the elements lo .. hi - 1 is at least taken to be, as a unit of errors: a
 * hundredth of what is typical of the leaf, which is either its derivatives or the changes that
 * steps make, whichever is less here: sin(x) is even in the one, log(x) in the other.  Nothing
 * where elements do not mix: their roundoff does not either. */
static double least_slope(const wg_level *l, const wg_point *p, int64_t lo, int64_t hi)
{
    if (l->apart)
        return 0;
    int k = wg_leaves_find(l->at, lo);
    double changes = 0, derivatives = 0, steps = 0;
    int64_t from = l->at->start[k], to = hi > l->at->start[k + 1] ? hi : l->at->start[k + 1];
    for (int64_t j = from; j < to; j++) {
        double g = p->g[j], step = l->at->step[j];
        changes += g * step * (g * step);
        derivatives += g * g;
        if (j >= lo && j < hi)
            steps += step * step;
    }
    double n = (double)(to - from);
    return 0.01 * fmin(sqrt(changes / n * (double)(hi - lo)), sqrt(derivatives / n * steps));
}

static bool reaches(const wg_level *l, int64_t from, int64_t to)
{
    for (int64_t j = from; j < to; j++)
        if (l->at->reach[j] > 1)
            return true;
    return false;
}

static wg_finding judge(const wg_audit *a, wg_level *l, const wg_point *p, int64_t lo, int64_t hi,
                        double least)
{
    double reach = hi - lo == 1 && !l->at->wide ? l->at->reach[lo] : 1;
    bool uneven = hi - lo == 1 && l->at->uneven[wg_leaves_find(l->at, lo)];
    wg_line line = {lo,     hi,   wg_level_slope(l, p, lo, hi), least, a->options.tolerance,
                    uneven, reach};
    return wg_line_judge(l, p, &line);
}

/* The verdict at the base; where that is a kink, the rule must be right beside it.  *where is
 * the place that the finding is of. */
static wg_finding settle(wg_audit *a, wg_level *l, int64_t lo, int64_t hi, double least,
                         const wg_point **where)
{
    wg_finding f = judge(a, l, &l->base, lo, hi, least);
    *where = &l->base;
    if (f.verdict == WG_AGREES || f.verdict == WG_DIFFERS)
        return f;
    bool between = f.verdict == WG_KINK && wg_finding_between(&f, a->options.tolerance),
         confirmed = false;
    for (int b = 0; b < WG_BESIDE && !confirmed; b++) {
        if (!l->beside[b].usable)
            continue;
        wg_finding there = judge(a, l, &l->beside[b], lo, hi, least);
        if (there.verdict == WG_DIFFERS) {
            *where = &l->beside[b];
            return there;
        }
        confirmed = there.verdict == WG_AGREES;
    }
    if (f.verdict == WG_ROUGH)
        return f;
    if (!confirmed && !between) {
        f.verdict = WG_DIFFERS;
        return f;
    }
    if (f.verdict == WG_KINK && !between && hi - lo == 1 && isfinite(f.left) && isfinite(f.right)) {
        a->doubt = true;
        if (a->strict) {
            f.verdict = WG_DIFFERS;
            return f;
        }
    }
    f.verdict = WG_KINK;
    return f;
}

/* Differences do not tell, or tell nothing of an element that drowns in an uneven leaf: the ops by
 * themselves are asked instead.  An op by itself has nobody else to ask: there what does not
 * settle is a failure. */
static bool is_undecided(const wg_audit *a, const wg_level *l, const wg_finding *f, int64_t j)
{
    bool drowns = f->verdict == WG_AGREES && f->faint && l->at->uneven[wg_leaves_find(l->at, j)];
    return !a->nested && (f->verdict == WG_ROUGH || drowns);
}

static bool compare(wg_audit *a, wg_level *l, int64_t j, double least)
{
    const wg_point *where;
    wg_finding f = settle(a, l, j, j + 1, least, &where);
    if (f.verdict == WG_KINK) {
        a->report->kinks++;
        return true;
    }
    if (is_undecided(a, l, &f, j)) {
        a->doubt = true;
        if (f.verdict == WG_ROUGH || f.analytic != 0 || f.numeric != 0) {
            a->report->undecided++;
            return true;
        }
    }
    a->report->checked++;
    if (keep(a, l, &f, j, j + 1, false) && where != &l->base && f.verdict == WG_DIFFERS)
        a->remark = "compared beside a kink";
    return f.verdict == WG_AGREES;
}

/* Every element of the leaf, or one from each of max_elements equal stretches. */
static bool compare_elements(wg_audit *a, wg_level *l, int k)
{
    int64_t from = l->at->start[k], n = l->at->start[k + 1] - from, most = a->options.max_elements;
    int64_t count = most < 0 || n < most ? n : most;
    uint64_t random = a->options.seed ^ (uint64_t)k * 0x9E3779B97F4A7C15u;
    double least = count ? least_slope(l, &l->base, from, from + 1) : 0;
    int wrong = 0;
    for (int64_t i = 0; i < count && wrong < ENOUGH; i++) {
        int64_t lo = (int64_t)((double)i * ((double)n / (double)count)),
                hi = (int64_t)((double)(i + 1) * ((double)n / (double)count));
        if (count == n)
            lo = i, hi = i + 1;
        int64_t j = lo + (int64_t)(wg_check_uniform(&random) * (double)(hi - lo));
        wrong += !compare(a, l, from + (j < n ? j : n - 1), least);
    }
    return wrong == 0;
}

/* A direction disagrees: halves it, going where the larger part of the gap is, down to one
 * element. */
static void narrow(wg_audit *a, wg_level *l, const wg_point *p, int64_t lo, int64_t hi,
                   wg_finding whole)
{
    int64_t from = lo, to = hi;
    double gap = whole.analytic - whole.numeric;
    while (to - from > 1) {
        int64_t middle = from + (to - from) / 2;
        wg_finding f = judge(a, l, p, from, middle, 0);
        double part = f.analytic - f.numeric;
        bool left = !(fabs(part) < fabs(gap - part));
        gap = left ? part : gap - part;
        *(left ? &to : &from) = middle;
    }
    wg_finding one = judge(a, l, p, from, to, 0);
    if (one.verdict == WG_DIFFERS)
        keep(a, l, &one, from, to, false);
    else
        keep(a, l, &whole, lo, hi, false);
}

/* ---- forward mode ---- */

static void keep_forward(wg_audit *a, wg_level *l, int k, double pushed, double slope)
{
    int64_t from = l->at->start[k], to = l->at->start[k + 1];
    wg_finding f = judge(a, l, &l->base, from, to, 0);
    if (f.verdict != WG_AGREES)
        f.numeric = slope; /* no difference to compare with: the vjp stands for it */
    f.verdict = WG_DIFFERS;
    f.analytic = pushed;
    double gap = f.analytic - f.numeric;
    f.error =
        isfinite(gap) ? gap / fmax(fmax(fabs(f.analytic), fabs(f.numeric)), 1e-300) : INFINITY;
    keep(a, l, &f, from, to, true);
    a->report->element = -1;
}

/* Leaf k, whose vjp was found right. */
static wg_status push_leaf(wg_audit *a, wg_level *l, int k)
{
    double pushed, magnitude, other = 0;
    wg_status s = wg_leaves_place(l->at, l->base.x, 0, 0, 0);
    if (!s)
        s = wg_level_push(l, k, k + 1, &pushed, &magnitude);
    if (s)
        return wg_audit_fail(a, s, l->why.text);
    double slope = wg_level_slope(l, &l->base, l->at->start[k], l->at->start[k + 1]);
    for (int64_t j = l->at->start[k]; j < l->at->start[k + 1]; j++)
        other += fabs(l->base.g[j] * l->at->step[j]);
    double gap = fabs(pushed - slope),
           allowed = a->options.tolerance
                     * (fmax(fabs(pushed), fabs(slope)) + 0.01 * (magnitude + other));
    allowed += WG_RESOLUTION * l->base.noise;
    if (l->order > 1) /* the roundoff of two sweeps more, where a gradient is all cancellation */
        allowed *= 1000;
    if (!(gap <= allowed))
        keep_forward(a, l, k, pushed, slope);
    return WG_OK;
}

/* Along steps of the elements' own sizes, and along long ones of the small: J u is linear, so that
 * no domain can be left. */
static wg_status compare_forward(wg_audit *a, wg_level *l, int k)
{
    wg_status s = push_leaf(a, l, k);
    if (!s && a->report->passed && reaches(l, l->at->start[k], l->at->start[k + 1])) {
        wg_leaves_widen(l->at, true);
        s = push_leaf(a, l, k);
        wg_leaves_widen(l->at, false);
    }
    return s;
}

/* ---- stale values ---- */

/* The gradient at the base once more, with no forward run at the base since the model ran
 * elsewhere. */
static wg_status compare_again(wg_audit *a, wg_level *l)
{
    wg_status s = WG_OK;
    for (int b = 0; b < WG_BESIDE; b++)
        if (l->beside[b].usable) {
            s = wg_leaves_place(l->at, l->beside[b].x, 0, 0, 0);
            if (!s)
                s = wg_level_value(l, l->now);
            break;
        }
    if (!s)
        s = wg_leaves_place(l->at, l->base.x, 0, 0, 0);
    if (!s)
        s = wg_level_pull(l, l->again);
    if (s)
        return wg_audit_fail(a, s, l->why.text);
    int64_t most = -1;
    double largest = 0;
    for (int64_t j = 0; j < l->at->n; j++) {
        double change = fabs((l->again[j] - l->base.g[j]) * l->at->step[j]);
        if (!(change <= largest) && memcmp(&l->again[j], &l->base.g[j], sizeof(double)) != 0) {
            largest = change;
            most = j;
        }
    }
    if (most < 0)
        return WG_OK;
    double step = l->at->step[most], was = l->base.g[most] * step, is = l->again[most] * step;
    wg_finding f = {.verdict = WG_DIFFERS, .analytic = is, .numeric = was};
    f.error = isfinite(is) ? (is - was) / fmax(fabs(is), fabs(was)) : INFINITY;
    a->report->passed = true; /* this is the finding to show, whatever else there is */
    keep(a, l, &f, most, most + 1, false);
    a->remark = "the gradient is another one after the model ran elsewhere: a value kept by a "
                "kernel went stale";
    return WG_OK;
}

/* A derivative that is not a number is told before anything is compared. */
static bool compare_finite(wg_audit *a, wg_level *l)
{
    int64_t j = first_nonfinite(l->base.g, l->at->n);
    if (j < 0)
        return true;
    wg_finding f = judge(a, l, &l->base, j, j + 1, 0);
    f.verdict = WG_DIFFERS;
    f.error = INFINITY;
    keep(a, l, &f, j, j + 1, false);
    a->remark = "the derivative is not finite";
    return false;
}

/* The leaf along a direction that moves its small elements by what is typical of it: shows those
 * that the sample missed and that count for nothing otherwise.  Moved so far they may leave their
 * domain: a gap is followed to its element, which is then judged by its own size. */
static void compare_wide(wg_audit *a, wg_level *l, int64_t from, int64_t to)
{
    wg_leaves_widen(l->at, true);
    wg_finding f = judge(a, l, &l->base, from, to, least_slope(l, &l->base, from, to));
    wg_leaves_widen(l->at, false);
    if (f.verdict != WG_DIFFERS)
        return;
    int64_t lo = from, hi = to;
    double gap = f.analytic - f.numeric;
    while (hi - lo > 1) {
        int64_t middle = lo + (hi - lo) / 2;
        wg_leaves_widen(l->at, true);
        f = judge(a, l, &l->base, lo, middle, 0);
        wg_leaves_widen(l->at, false);
        double part = f.analytic - f.numeric;
        bool left = !(fabs(part) < fabs(gap - part));
        gap = left ? part : gap - part;
        *(left ? &hi : &lo) = middle;
    }
    f = judge(a, l, &l->base, lo, hi, least_slope(l, &l->base, lo, hi));
    if (f.verdict == WG_DIFFERS)
        keep(a, l, &f, lo, hi, false);
    else if (is_undecided(a, l, &f, lo))
        a->doubt = true;
}

static void compare_leaf(wg_audit *a, wg_level *l, int k)
{
    int64_t from = l->at->start[k], to = l->at->start[k + 1];
    const wg_point *where;
    if (from == to || !compare_elements(a, l, k))
        return;
    wg_finding f = settle(a, l, from, to, least_slope(l, &l->base, from, to), &where);
    if (f.verdict == WG_ROUGH && !a->nested)
        a->doubt = true;
    else if (f.verdict == WG_DIFFERS || f.verdict == WG_ROUGH)
        narrow(a, l, where, from, to, f);
    if (a->report->passed && reaches(l, from, to))
        compare_wide(a, l, from, to);
}

/* All leaves at once, at another place than the one where the gradient was recorded. */
static void compare_elsewhere(wg_audit *a, wg_level *l)
{
    wg_point *p = &l->beside[0];
    if (!p->usable)
        return;
    wg_finding f = judge(a, l, p, 0, l->at->n, least_slope(l, p, 0, l->at->n));
    if (f.verdict != WG_DIFFERS)
        return;
    narrow(a, l, p, 0, l->at->n, f);
    a->remark = "compared at another place than the one it was recorded at: a value may have "
                "become a constant";
}

wg_status wg_audit_level(wg_audit *a, wg_level *l)
{
    wg_leaves *at = l->at;
    wg_check_report *r = a->report;
    at->base = NULL; /* places of another level are not ours */
    l->apart = a->nested && a->strict;
    wg_status s = evaluate_base(a, l);
    if (s || at->n == 0 || !compare_finite(a, l))
        return s;
    evaluate_beside(a, l);
    s = compare_again(a, l);
    for (int k = 0; k < at->count && !s && r->passed; k++)
        compare_leaf(a, l, k);
    if (!s && r->passed)
        compare_elsewhere(a, l);
    for (int k = 0; k < at->count && !s && r->passed && l->push && !a->reverse; k++)
        s = compare_forward(a, l, k);
    return !s && r->passed ? compare_again(a, l) : s;
}
