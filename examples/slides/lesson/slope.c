/* Differences at steps h, h/2, h/4 ... extrapolated to a step of 0 (Richardson).  Large steps are
 * spoilt by curvature and small ones by rounding, so of all extrapolations the one is taken that
 * its neighbours confirm best (Ridders 1982): good for some 12 digits of a smooth function. */
#include "slope.h"

#include <math.h>

enum { STEPS = 12 };

static double largest(double a, double b, double c)
{
    return fmax(fabs(a), fmax(fabs(b), fabs(c)));
}

/* d[k] is a difference with step h / 2^k, whose error is a series in h (one-sided: base 2) or in
 * h^2 (central: base 4).  *error: how far the neighbours of the returned value are from it. */
static double extrapolate(const double d[STEPS], double base, double *error)
{
    double column[STEPS] = {0}, value = NAN;
    *error = INFINITY;
    for (int k = 0; k < STEPS; k++) {
        double above = column[0], factor = base;
        column[0] = d[k];
        for (int j = 1; j <= k; j++, factor *= base) {
            double better = (factor * column[j - 1] - above) / (factor - 1);
            double e = fmax(fabs(better - column[j - 1]), fabs(better - above));
            above = column[j];
            column[j] = better;
            if (e < *error) {
                *error = e;
                value = better;
            }
        }
    }
    return value;
}

/* Whether a change stays as large however short the step. */
static int stays(const double change[STEPS])
{
    double last = fabs(change[STEPS - 1]);
    return last > 1e-6 && last > 0.8 * fabs(change[STEPS - 2])
           && fabs(change[STEPS - 2]) > 0.8 * fabs(change[STEPS - 3]);
}

slope slope_of(double (*f)(void *at, double d), void *at, double size)
{
    double here = f(at, 0), h = size / 8;
    double up[STEPS], down[STEPS], right[STEPS], left[STEPS], both[STEPS];
    for (int k = 0; k < STEPS; k++, h /= 2) {
        double above = f(at, h), below = f(at, -h);
        up[k] = above - here;
        down[k] = here - below;
        right[k] = up[k] / h;
        left[k] = down[k] / h;
        both[k] = (above - below) / (2 * h);
    }
    slope s;
    double error, error_left, error_right;
    s.value = extrapolate(both, 4, &error);
    s.left = extrapolate(left, 2, &error_left);
    s.right = extrapolate(right, 2, &error_right);
    double apart = fabs(s.left - s.right);
    s.kind =
        stays(up) || stays(down) ? JUMP
        : apart > 1e-5 * largest(1, s.left, s.right) && fmax(error_left, error_right) < 1e-3 * apart
            ? KINK
            : SMOOTH;
    return s;
}
