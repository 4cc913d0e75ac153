/* Softmax and losses, said in terms of other ops in forms that do not overflow or cancel.  One of
 * them is a record of its own: bce, whose derivative where a logarithm is cut off cannot be said
 * so. */
#include <math.h>
#include <wengert/elementwise.h>
#include <wengert/index.h>
#include <wengert/layout.h>
#include <wengert/loss.h>
#include <wengert/reduce.h>

#include "core/dtype.h"
#include "core/shape.h"
#include "ops/reduce.h"
#include "ops/refuse.h"
#include "ops/stable.h"

/* ---- softmax ---- */

wg_tensor *wg_softmax(wg_tensor *x, int64_t axis)
{
    int d = wg_want_float("softmax", x) ? wg_axis_of("softmax", x, axis) : -1;
    if (d < 0)
        return NULL;
    if (x->shape.dim[d] == 0)
        return wg_exp(x); /* nothing, in x's shape */
    wg_tensor *peak, *e = wg_exp(wg_below_peak(x, WG_AXES(d), &peak));
    return wg_mul(e, wg_reciprocal(wg_sum_axes(e, WG_AXES(d), true)));
}

wg_tensor *wg_log_softmax(wg_tensor *x, int64_t axis)
{
    int d = wg_want_float("log_softmax", x) ? wg_axis_of("log_softmax", x, axis) : -1;
    if (d < 0)
        return NULL;
    if (x->shape.dim[d] == 0)
        return wg_exp(x);
    wg_tensor *peak, *below = wg_below_peak(x, WG_AXES(d), &peak);
    return wg_sub(below, wg_log(wg_sum_axes(wg_exp(below), WG_AXES(d), true)));
}

/* ---- what losses share ---- */

static const char REDUCTION[] = "WG_MEAN, WG_SUM or WG_NONE to reduce";

static bool is_reduction(wg_reduction r)
{
    return r == WG_MEAN || r == WG_SUM || r == WG_NONE;
}

static wg_tensor *reduced(wg_tensor *loss, wg_reduction r)
{
    return r == WG_MEAN ? wg_mean(loss) : r == WG_SUM ? wg_sum(loss) : loss;
}

/* Two floating operands of one tape and dtype that broadcast, checked in the loss's own name. */
static bool pair(const char *op, wg_tensor *p, wg_tensor *y, wg_reduction r)
{
    wg_shape s = {0};
    const char *wants = NULL;
    if (!p || !y)
        wants = "two tensors";
    else if (p->tape != y->tape)
        wants = "tensors of one tape";
    else if (!wg_dtype_is_float(p->dtype) || p->dtype != y->dtype)
        wants = "floating tensors of one dtype";
    else if (!wg_shape_broadcast(p->shape, y->shape, &s))
        wants = "shapes that broadcast";
    else if (!is_reduction(r))
        wants = REDUCTION;
    if (wants)
        wg_refuse2(op, wants, p, y);
    return !wants && wg_holdable(op, 2, (wg_tensor *[]){p, y}, s, p->dtype);
}

/* logp, but 0 where it is infinite and has no weight: so that 0 ln 0 is 0, in the value and in the
 * adjoints.  NaN is left to be seen. */
static wg_tensor *weighable(wg_tensor *weight, wg_tensor *logp)
{
    return wg_where(wg_logical_or(weight, wg_ne(wg_abs(logp), wg_scalar_like(logp, INFINITY))),
                    logp, wg_scalar_like(logp, 0));
}

/* ---- distances ---- */

wg_tensor *wg_mse_as(wg_tensor *p, wg_tensor *y, wg_reduction r)
{
    return pair("mse", p, y, r) ? reduced(wg_square(wg_sub(p, y)), r) : NULL;
}

wg_tensor *wg_mae_as(wg_tensor *p, wg_tensor *y, wg_reduction r)
{
    return pair("mae", p, y, r) ? reduced(wg_abs(wg_sub(p, y)), r) : NULL;
}

/* With c = d cut off at -delta and delta, both branches are c (d - c/2). */
wg_tensor *wg_huber_as(wg_tensor *p, wg_tensor *y, double delta, wg_reduction r)
{
    if (!pair("huber", p, y, r))
        return NULL;
    if (!(delta > 0))
        return wg_refuse_text("huber", 2, (wg_tensor *[]){p, y}, "delta above 0, not %g", delta);
    wg_tensor *d = wg_sub(p, y), *c = wg_clamp(d, -delta, delta);
    return reduced(wg_mul(c, wg_sub(d, wg_mul_scalar(c, 0.5))), r);
}

wg_tensor *wg_hinge_as(wg_tensor *p, wg_tensor *y, wg_reduction r)
{
    return pair("hinge", p, y, r) ? reduced(wg_relu(wg_rsub(wg_mul(y, p), 1)), r) : NULL;
}

/* ---- bce ---- */

/* A NaN stays: it is not less than anything. */
#define FLOORED(v) ((v) < -100 ? -100 : (v))
#define BCE_KERNEL(T, suffix, LOG, LOG1P)                                              \
    static void bce_##suffix(int64_t n, void *out, const void *const *in,              \
                             const int64_t *step, const void *attr)                    \
    {                                                                                  \
        const T *p = in[0], *y = in[1];                                                \
        (void)attr;                                                                    \
        for (int64_t i = 0; i < n; i++) {                                              \
            T a = LOG(p[i * step[0]]), b = LOG1P(-p[i * step[0]]), w = y[i * step[1]]; \
            ((T *)out)[i] = (w - 1) * FLOORED(b) - w * FLOORED(a);                     \
        }                                                                              \
    }
BCE_KERNEL(float, f32, logf, log1pf)
BCE_KERNEL(double, f64, log, log1p)

static const wg_map bce_map = {
    .kernel = {bce_f32, bce_f64},
    .c_text = "(y - 1) * fmax(log1p(-x), -100) - y * fmax(log(x), -100)",
    .flops = 6,
};

static const wg_op bce_op;

static bool bce_infer(wg_tensor *y)
{
    if (!wg_shape_equal(y->in[0]->shape, y->in[1]->shape) || y->in[0]->dtype != y->in[1]->dtype
        || !wg_dtype_is_float(y->in[0]->dtype))
        return wg_fail(y, "floating tensors of one shape and dtype");
    return wg_infer_like(y, 0);
}

/* In p: (p - y) / (p (1 - p)), the denominator at least 1e-12, which is PyTorch's.  In y, where
 * bce is linear: the value at y = 1 less that at y = 0. */
static wg_tensor *bce_vjp(wg_tensor *l, wg_tensor *g, int i)
{
    wg_tensor *p = l->in[0], *y = l->in[1];
    if (i == 0)
        return wg_mul(g, wg_div(wg_sub(p, y), wg_clamp(wg_mul(p, wg_rsub(p, 1)), 1e-12, INFINITY)));
    wg_tensor *at_1 = wg_apply2(&bce_op, p, wg_full_like(p, 1)),
              *at_0 = wg_apply2(&bce_op, p, wg_full_like(p, 0));
    return wg_mul(g, wg_sub(at_1, at_0));
}

static const wg_op bce_op = {
    .size = sizeof(wg_op),
    .name = "bce",
    .doc = "-(y ln p + (1 - y) ln(1 - p)), logarithms at least -100;  derivative in p (p - y) / "
           "max(p (1 - p), 1e-12)",
    .arity = 2,
    .infer = bce_infer,
    .vjp = bce_vjp,
    .map = &bce_map,
    .domain = {{.lo = 0.05, .hi = 0.95}, {.lo = 0, .hi = 1}},
};

wg_tensor *wg_bce_as(wg_tensor *p, wg_tensor *y, wg_reduction r)
{
    wg_shape s;
    if (!pair("bce", p, y, r) || !wg_shape_broadcast(p->shape, y->shape, &s))
        return NULL;
    return reduced(wg_apply2(&bce_op, wg_broadcast_to(p, s), wg_broadcast_to(y, s)), r);
}

/* softplus(x) - x y, as y softplus(-x) + (1 - y) softplus(x):
 * terms of one sign, so that nothing cancels at large x. */
wg_tensor *wg_bce_with_logits_as(wg_tensor *x, wg_tensor *y, wg_reduction r)
{
    if (!pair("bce_with_logits", x, y, r))
        return NULL;
    wg_tensor *at_1 = wg_softplus(wg_neg(x)), *at_0 = wg_softplus(x);
    return reduced(wg_add(wg_mul(y, at_1), wg_mul(wg_rsub(y, 1), at_0)), r);
}

/* ---- kl_div ---- */

/* ln y is taken of 1 where y is 0: the adjoint of y leaves the infinity out there. */
wg_tensor *wg_kl_div_as(wg_tensor *logp, wg_tensor *y, wg_reduction r)
{
    if (!pair("kl_div", logp, y, r))
        return NULL;
    wg_tensor *logy = wg_log(wg_add(y, wg_logical_not(y)));
    return reduced(wg_mul(y, wg_sub(logy, weighable(y, logp))), r);
}

/* ---- losses over classes ---- */

/* Checked in the name of the loss that was called: cross_entropy is nll of log_softmax. */
static bool classes(const char *op, wg_tensor *x, wg_tensor *labels, wg_reduction r)
{
    const char *wants = NULL;
    if (!x || !labels)
        wants = "two tensors";
    else if (x->tape != labels->tape)
        wants = "tensors of one tape";
    else if (!wg_dtype_is_float(x->dtype) || (labels->dtype != WG_I32 && labels->dtype != x->dtype))
        wants = "floating [.., classes] and labels of i32 or the same dtype";
    else if (!is_reduction(r))
        wants = REDUCTION;
    else {
        wg_shape s = x->shape;
        if (labels->dtype == WG_I32 && s.rank > 0)
            s.dim[--s.rank] = 0;
        if (x->shape.rank < 1 || !wg_shape_equal(s, labels->shape))
            wants = "[.., classes] and i32 class numbers [..] or a distribution [.., classes]";
    }
    if (wants)
        wg_refuse2(op, wants, x, labels);
    return !wants;
}

static wg_tensor *nll(wg_tensor *logp, wg_tensor *labels, wg_reduction r)
{
    wg_tensor *chosen;
    if (!logp)
        return NULL;
    if (labels->dtype == WG_I32)
        chosen = wg_squeeze(wg_take_along_axis(logp, wg_unsqueeze(labels, -1), -1), WG_AXES(-1));
    else
        chosen = wg_sum_axes(wg_mul(labels, weighable(labels, logp)), WG_AXES(-1), false);
    return reduced(wg_neg(chosen), r);
}

wg_tensor *wg_nll_as(wg_tensor *logp, wg_tensor *labels, wg_reduction r)
{
    return classes("nll", logp, labels, r) ? nll(logp, labels, r) : NULL;
}

wg_tensor *wg_cross_entropy_as(wg_tensor *logits, wg_tensor *labels, wg_reduction r)
{
    return classes("cross_entropy", logits, labels, r) ? nll(wg_log_softmax(logits, -1), labels, r)
                                                       : NULL;
}

/* ---- means ---- */

#define MEAN_OF(name, a, b)                             \
    wg_tensor *wg_##name(wg_tensor *a, wg_tensor *b)    \
    {                                                   \
        return wg_##name##_as(a, b, WG_MEAN);           \
    }
MEAN_OF(mse, p, y)
MEAN_OF(mae, p, y)
MEAN_OF(bce, p, y)
MEAN_OF(bce_with_logits, x, y)
MEAN_OF(hinge, p, y)
MEAN_OF(kl_div, logp, y)
MEAN_OF(nll, logp, labels)
MEAN_OF(cross_entropy, logits, labels)

wg_tensor *wg_huber(wg_tensor *p, wg_tensor *y, double delta)
{
    return wg_huber_as(p, y, delta, WG_MEAN);
}

const wg_op *const wg_loss_ops[] = {&bce_op, NULL};
