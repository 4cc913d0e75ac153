/* Equally spaced numbers: arange and linspace.
 * One op, computed in double and rounded to the dtype. */
#include <math.h>

#include <wengert/layout.h>

#include "core/dtype.h"
#include "tape/tape.h"

/* y[i] = start + i step.  With both ends given the second half counts back from the last element,
 * so that both ends are exact. */
typedef struct range_attr {
    double start, step, last;
    int64_t count, dtype, both_ends;
} range_attr;

static double range_at(const range_attr *a, int64_t i)
{
    if (a->both_ends && a->count > 1 && i >= a->count / 2)
        return a->last - (double)(a->count - 1 - i) * a->step;
    return a->start + (double)i * a->step;
}

static bool range_infer(wg_tensor *y)
{
    const range_attr *a = y->attr;
    return wg_infer(y, (wg_dtype)a->dtype, WG_SHAPE(a->count));
}

static wg_status range_kernel(const wg_call *c)
{
    const range_attr *a = c->attr;
    for (int64_t i = 0; i < c->out->count; i++)
        if (c->out->dtype == WG_F32)
            ((float *)c->out->data)[i] = (float)range_at(a, i);
        else if (c->out->dtype == WG_F64)
            ((double *)c->out->data)[i] = range_at(a, i);
        else
            ((int32_t *)c->out->data)[i] = (int32_t)range_at(a, i);
    return WG_OK;
}

static wg_tensor *range_sample(wg_tape *t, int k)
{
    switch (k) {
    case 0: return wg_arange(t, 0, 5, 1);
    case 1: return wg_arange(t, 2, -1, -0.5);
    case 2: return wg_arange(t, 1, 1, 3);
    case 3: return wg_arange_as(t, WG_I32, -2, 7, 3);
    case 4: return wg_linspace(t, 0.1, 0.7, 7);
    case 5: return wg_linspace(t, 3, -3, 1);
    default: return NULL;
    }
}

static const wg_op range_op = {
    .size = sizeof(wg_op),
    .name = "range",
    .doc = "start + i step: arange and linspace",
    .arity = 0,
    .flags = WG_OP_FLAT | WG_OP_SURE,
    .attr_size = sizeof(range_attr),
    .infer = range_infer,
    .kernel = range_kernel,
    .sample = range_sample,
};

static const double MOST = 9007199254740992; /* 2^53: more elements have no numbers of their own */

wg_tensor *wg_arange_as(wg_tape *t, wg_dtype dtype, double start, double stop, double step)
{
    if (!t)
        return NULL;
    if (!wg_dtype_get(dtype))
        return wg_error_null(t, "arange: wants a dtype, got %d", (int)dtype);
    double count = ceil((stop - start) / step);
    if (!isfinite(start) || !isfinite(stop) || !isfinite(step) || step == 0)
        return wg_error_null(
            t, "arange: wants finite numbers and a step other than 0, got %g to %g by %g", start,
            stop, step);
    if ((stop - start) * (step > 0 ? 1 : -1) < 0)
        return wg_error_null(t, "arange: wants a step towards the end, got %g to %g by %g", start,
                             stop, step);
    if (!(count <= MOST))
        return wg_error_null(t, "arange: wants at most 2^53 elements, got %g to %g by %g", start,
                             stop, step);
    if (dtype == WG_I32
        && !(wg_number_fits_i32(start) && step == floor(step)
             && (count < 1 || wg_number_fits_i32(start + (count - 1) * step))))
        return wg_error_null(t, "arange: wants numbers that i32 can hold, got %g to %g by %g",
                             start, stop, step);
    range_attr a = {.start = start, .step = step, .count = (int64_t)fmax(count, 0), .dtype = dtype};
    return wg_apply_on(t, &range_op, 0, NULL, &a);
}

wg_tensor *wg_arange(wg_tape *t, double start, double stop, double step)
{
    return wg_arange_as(t, wg_tape_dtype(t), start, stop, step);
}

/* The difference of the ends may overflow where the step does not. */
wg_tensor *wg_linspace(wg_tape *t, double start, double stop, int64_t n)
{
    if (!t)
        return NULL;
    if (!isfinite(start) || !isfinite(stop))
        return wg_error_null(t, "linspace: wants finite ends, got %g to %g", start, stop);
    if (n < 0 || (double)n > MOST)
        return wg_error_null(t, "linspace: wants 0 to 2^53 elements, got %lld", (long long)n);
    double parts = n > 1 ? (double)(n - 1) : 1, step = (stop - start) / parts;
    if (isinf(step))
        step = stop / parts - start / parts;
    range_attr a = {.start = start,
                    .step = step,
                    .last = stop,
                    .count = n,
                    .dtype = wg_tape_dtype(t),
                    .both_ends = 1};
    return wg_apply_on(t, &range_op, 0, NULL, &a);
}

const wg_op *const wg_range_ops[] = {&range_op, NULL};
