/* mean, var, std, norm, logsumexp: said in terms of other ops, so that their derivatives follow.
 *
 * Roots are taken of what is made 1 where it is 0, and the result made 0 again: the derivative
 * there is 0 to any order instead of NaN. */
#include <math.h>
#include <wengert/elementwise.h>
#include <wengert/layout.h>
#include <wengert/reduce.h>

#include "core/shape.h"
#include "ops/reduce.h"
#include "ops/refuse.h"
#include "ops/stable.h"

/* x and the axes in order: sets in[]; false after a refusal in op's name. */
static bool takes(const char *op, wg_tensor *x, wg_axes axes, bool in[WG_MAX_RANK])
{
    return wg_want_float(op, x) && wg_reduced_axes(op, x, axes, in);
}

/* ---- mean ---- */

wg_tensor *wg_mean_axes(wg_tensor *x, wg_axes axes, bool keepdims)
{
    bool in[WG_MAX_RANK];
    if (!takes("mean", x, axes, in))
        return NULL;
    return wg_div_scalar(wg_sum_axes(x, axes, keepdims), (double)wg_reduced_count(x, in));
}

wg_tensor *wg_mean(wg_tensor *x)
{
    return wg_mean_axes(x, wg_all_axes_of(x), false);
}

/* ---- var, std ---- */

/* The mean is worked out first: the sum of squares minus the square of the sum would cancel. */
static wg_tensor *variance(const char *op, wg_tensor *x, wg_axes axes, bool keepdims, double ddof)
{
    bool in[WG_MAX_RANK];
    if (!takes(op, x, axes, in))
        return NULL;
    if (!isfinite(ddof))
        return wg_refuse_text(op, 1, &x, "a finite ddof, not %g", ddof);
    wg_tensor *d = wg_sub(x, wg_mean_axes(x, axes, true));
    return wg_div_scalar(wg_sum_axes(wg_square(d), axes, keepdims),
                         fmax((double)wg_reduced_count(x, in) - ddof, 0));
}

wg_tensor *wg_var_axes(wg_tensor *x, wg_axes axes, bool keepdims, double ddof)
{
    return variance("var", x, axes, keepdims, ddof);
}

wg_tensor *wg_var(wg_tensor *x, double ddof)
{
    return wg_var_axes(x, wg_all_axes_of(x), false, ddof);
}

/* s^power, with value and derivatives 0 where s is 0. */
static wg_tensor *root(wg_tensor *s, double power)
{
    wg_tensor *zero = wg_logical_not(s), *safe = wg_add(s, zero);
    return wg_mul(power == 0.5 ? wg_sqrt(safe) : wg_pow_scalar(safe, power), wg_rsub(zero, 1));
}

wg_tensor *wg_std_axes(wg_tensor *x, wg_axes axes, bool keepdims, double ddof)
{
    return root(variance("std", x, axes, keepdims, ddof), 0.5);
}

wg_tensor *wg_std(wg_tensor *x, double ddof)
{
    return wg_std_axes(x, wg_all_axes_of(x), false, ddof);
}

/* ---- norm ---- */

/* |x|^p.  An even power is smooth and needs no absolute value;
 * others are 0 with all derivatives where x is 0. */
static wg_tensor *power(wg_tensor *x, double p)
{
    if (p == 2)
        return wg_square(x);
    if (fmod(p, 2) == 0)
        return wg_pow_scalar(x, p);
    wg_tensor *zero = wg_logical_not(x);
    return wg_mul(wg_pow_scalar(wg_add(wg_abs(x), zero), p), wg_rsub(zero, 1));
}

wg_tensor *wg_norm_axes(wg_tensor *x, wg_axes axes, bool keepdims, double p)
{
    bool in[WG_MAX_RANK];
    if (!takes("norm", x, axes, in))
        return NULL;
    if (!(p >= 0))
        return wg_refuse_text("norm", 1, &x, "p of 0 or more, not %g", p);
    if (p == 0)
        return wg_sum_axes(wg_logical_not(wg_logical_not(x)), axes, keepdims);
    if (p == 1)
        return wg_sum_axes(wg_abs(x), axes, keepdims);
    if (isinf(p)) {
        wg_shape kept = wg_kept_shape(x, in);
        if (wg_reduced_count(x, in) == 0 && wg_shape_count(kept) != 0)
            return wg_refuse1("norm", "at least one element for the largest", x);
        return wg_max_axes(wg_abs(x), axes, keepdims);
    }
    return root(wg_sum_axes(power(x, p), axes, keepdims), 1 / p);
}

wg_tensor *wg_norm(wg_tensor *x, double p)
{
    return wg_norm_axes(x, wg_all_axes_of(x), false, p);
}

/* ---- logsumexp ---- */

/* The largest element is taken out and comes back as a constant: it cancels from the derivative.
 * Where the sum is 0 (all are -inf) its logarithm is taken of 1 and replaced,
 * so that the adjoint is 0. */
wg_tensor *wg_logsumexp_axes(wg_tensor *x, wg_axes axes, bool keepdims)
{
    bool in[WG_MAX_RANK];
    if (!takes("logsumexp", x, axes, in))
        return NULL;
    wg_shape kept = wg_kept_shape(x, in);
    wg_tensor *y;
    if (wg_reduced_count(x, in) == 0)
        y = wg_full_as(x->tape, x->dtype, kept, -INFINITY);
    else {
        wg_tensor *peak, *s = wg_sum_axes(wg_exp(wg_below_peak(x, axes, &peak)), axes, true);
        wg_tensor *zero = wg_logical_not(s);
        y = wg_where(zero, wg_scalar_like(x, -INFINITY), wg_add(wg_log(wg_add(s, zero)), peak));
    }
    wg_axes dropped = {0};
    for (int64_t d = 0; d < x->shape.rank; d++)
        if (in[d])
            dropped.axis[dropped.n++] = d;
    return keepdims || dropped.n == 0 ? y : wg_squeeze(y, dropped);
}

wg_tensor *wg_logsumexp(wg_tensor *x)
{
    return wg_logsumexp_axes(x, wg_all_axes_of(x), false);
}
