#include "check/line.h"

#include <math.h>

/* Slopes at one step h, from s at +-h, +-h/2, +-h/4.  An error is the estimate that the last
 * extrapolation gives of itself, and not less than what roundoff leaves. */
typedef struct probe {
    double central, central_error;
    double right, right_error, left, left_error;
    double floor;
    bool one_side; /* the other is outside the domain */
} probe;

static double extrapolate(double coarse, double fine, double power)
{
    return fine + (fine - coarse) / (power - 1);
}

/* Slope to one side: errors h, h^2, h^3 taken away one after the other. */
static double one_sided(const double s[3], double h, double floor, double *error)
{
    double a0 = s[0] / h, a1 = 2 * s[1] / h, a2 = 4 * s[2] / h;
    double b0 = extrapolate(a0, a1, 2), b1 = extrapolate(a1, a2, 2), c = extrapolate(b0, b1, 4);
    *error = fabs(c - b1) + 3 * floor;
    return c;
}

/* Richardson's extrapolation of central differences: errors h^2 and h^4 taken away; h^6 stays. */
static double central(const double right[3], const double left[3], double h, double floor,
                      double *error)
{
    double d0 = (right[0] - left[0]) / (2 * h), d1 = (right[1] - left[1]) / h,
           d2 = 2 * (right[2] - left[2]) / h;
    double r1 = extrapolate(d0, d1, 4), r2 = extrapolate(d1, d2, 4);
    *error = fabs(r2 - r1) + floor;
    return extrapolate(r1, r2, 16);
}

static probe measure(wg_level *level, const wg_point *p, const wg_line *l, double h)
{
    double right[3], left[3], touched = 0;
    for (int k = 0; k < 3; k++) {
        double tau = h / (1 << k);
        right[k] = wg_level_difference(level, p, l->lo, l->hi, tau);
        touched = fmax(touched, level->touched);
        left[k] = wg_level_difference(level, p, l->lo, l->hi, -tau);
        touched = fmax(touched, level->touched);
    }
    probe r = {.floor = 16 * p->noise * touched / h};
    r.central = central(right, left, h, r.floor, &r.central_error);
    r.right = one_sided(right, h, r.floor, &r.right_error);
    r.left = one_sided(left, -h, r.floor, &r.left_error);
    /* At the edge of a domain only one side has values. */
    bool no_right = !isfinite(r.right), no_left = !isfinite(r.left);
    r.one_side = no_right != no_left;
    if (r.one_side) {
        r.central = no_right ? r.left : r.right;
        r.central_error = no_right ? r.left_error : r.right_error;
        r.left = r.right = r.central;
        r.left_error = r.right_error = r.central_error;
    }
    return r;
}

/* Slopes that differ by more than their errors, and by what matters: against themselves, or
 * against the gap to be explained. */
static bool sides_differ(const probe *r, double gap)
{
    double jump = fabs(r->right - r->left);
    return jump > 10 * (r->right_error + r->left_error)
           && (jump > 1e-3 * fmax(fabs(r->right), fabs(r->left)) || jump > 0.1 * fabs(gap));
}

/* A value that jumps: a slope that grows as the step shrinks. */
static bool diverges(const probe *before, const probe *r)
{
    return (fabs(r->right) > 4 * fabs(before->right) && fabs(r->right) > 3 * r->right_error)
           || (fabs(r->left) > 4 * fabs(before->left) && fabs(r->left) > 3 * r->left_error);
}

/* The slopes of a kink are the same over any step. */
static bool sides_change(const probe *before, const probe *r)
{
    return fabs(r->right - before->right) > 0.01 * fabs(r->right)
           || fabs(r->left - before->left) > 0.01 * fabs(r->left);
}

static wg_finding judged(wg_verdict verdict, const wg_line *l, const probe *r, double scale)
{
    wg_finding f = {.verdict = verdict,
                    .analytic = l->analytic,
                    .numeric = r->central,
                    .left = r->left,
                    .right = r->right};
    double gap = l->analytic - r->central;
    f.error = isfinite(gap) ? gap / scale : (l->analytic < 0 ? -INFINITY : INFINITY);
    if (gap == 0)
        f.error = 0;
    return f;
}

static double size_of(const wg_line *l, const probe *r)
{
    return fmax(fmax(fabs(l->analytic), fabs(r->central)), l->least);
}

static bool is_faint(const wg_line *l, const probe *r)
{
    return !(r->central_error <= 0.01 * size_of(l, r));
}

/* An element of an uneven leaf is too small for a verdict where roundoff hides it, or where only
 * the size of its neighbours lets a gap pass. */
static bool is_hidden(const wg_line *l, const probe *r)
{
    double own = fmax(fabs(l->analytic), fabs(r->central));
    if (!l->uneven)
        return is_faint(l, r);
    double gap = fabs(l->analytic - r->central);
    return !(r->central_error <= 0.01 * own)
           || gap > fmax(l->tolerance * own, 3 * r->central_error);
}

/* The slope is lost in roundoff over a step of the element's own size: up to four longer ones, as
 * far as the leaf's typical size.  The function may be another one so far from here, so that only
 * agreement is taken at its word; a gap there, seen twice, leaves the element undecided. */
static wg_finding look_further(wg_level *level, const wg_point *p, const wg_line *l, double first,
                               wg_finding near)
{
    enum { FURTHER = 4 };
    double factor = fmax(8, pow(l->reach, 1.0 / FURTHER)), h = first, before = NAN;
    for (int k = 0; k < FURTHER && h < l->reach * first; k++) {
        h = fmin(h * factor, l->reach * first);
        probe r = measure(level, p, l, h);
        double gap = l->analytic - r.central, size = size_of(l, &r);
        if (!isfinite(r.central) || r.one_side || is_hidden(l, &r) || sides_differ(&r, gap))
            continue;
        double scale = fmax(size, 3 * r.central_error / l->tolerance);
        if (fabs(gap) <= l->tolerance * scale)
            return judged(WG_AGREES, l, &r, scale);
        if (r.central_error <= 0.01 * fabs(gap) && fabs(r.central - before) <= 0.01 * fabs(gap))
            return judged(WG_ROUGH, l, &r, size);
        before = r.central;
    }
    return near;
}

/* Steps from 1/256 of the argument's size down by 8 each time, as far as roundoff leaves
 * something: five, and more where it is the length of the step that spoils the difference, or
 * where it disagrees: steps of many periods of a sine agree with each other, and with nothing
 * else. */
wg_finding wg_line_judge(wg_level *level, const wg_point *p, const wg_line *l)
{
    bool fine = level->at->epsilon < 1e-10;
    double first = fine ? 0x1p-8 : 0x1p-4, h = first;
    int tries = fine ? 5 : 2, most = fine ? 12 : 2, sure = 0, seen = 0;
    probe before = {0}, r = {0}, best = {.central_error = INFINITY};
    double gap = 0, size = 1;
    bool kink = false, shorter = true, differed = false;
    for (int k = 0; k < tries || (k < most && (shorter || sure >= 2)); k++, h /= 8) {
        probe now = measure(level, p, l, h);
        if (!isfinite(now.central))
            continue;
        before = seen++ ? r : now;
        r = now;
        gap = l->analytic - r.central;
        size = size_of(l, &r);
        double scale = fmax(size, 3 * r.central_error / l->tolerance);
        kink = sides_differ(&r, gap) || diverges(&before, &r);
        if (!(r.central_error >= best.central_error))
            best = r;
        shorter = kink ? sides_change(&before, &r) : r.central_error > 100 * r.floor;
        bool settled = !is_faint(l, &r) || r.central_error <= 100 * r.floor;
        if (!isfinite(l->analytic))
            return judged(WG_DIFFERS, l, &r, size);
        if (!kink && settled && fabs(gap) <= l->tolerance * scale
            && !(differed && is_faint(l, &r))) {
            wg_finding f = judged(WG_AGREES, l, &r, scale);
            f.faint = is_hidden(l, &r);
            return f.faint && l->reach > 1 ? look_further(level, p, l, first, f) : f;
        }
        sure = !kink && r.central_error <= 0.01 * fabs(gap) ? sure + 1 : 0;
        differed = differed || sure >= 2;
        if (sure >= 2 && 8 * r.floor > 0.01 * fabs(gap))
            break;
    }
    if (sure >= 2)
        return judged(WG_DIFFERS, l, &best, size_of(l, &best));
    if (!seen)
        r.central = r.left = r.right = NAN;
    return judged(kink ? WG_KINK : WG_ROUGH, l, &r, size);
}

bool wg_finding_between(const wg_finding *f, double tolerance)
{
    double lo = fmin(f->left, f->right), hi = fmax(f->left, f->right);
    double slack = fmax(tolerance, 1e-5) * fmax(fabs(lo), fabs(hi));
    return f->analytic >= lo - slack && f->analytic <= hi + slack;
}
