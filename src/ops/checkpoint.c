/* Checkpoints: a value that is itself, and a note to compilation of what to compute again rather
 * than keep.  What that leads to is execution's business. */
#include "ops/checkpoint.h"

#include <wengert/effect.h>
#include <wengert/elementwise.h>
#include <wengert/layout.h>

#include "core/alloc.h"
#include "ops/refuse.h"
#include "tape/tape.h"

static bool checkpoint_infer(wg_tensor *y)
{
    return y->n > 0 ? wg_infer_like(y, 0) : wg_fail(y, "a tensor and what it is recomputed from");
}

/* The others are behind a stop_gradient, so that only the first is asked for. */
static wg_tensor *checkpoint_vjp(wg_tensor *y, wg_tensor *g, int i)
{
    return i == 0 ? g : wg_zeros_like(y->in[i]);
}

static bool checkpoint_view(const wg_tensor *y, const wg_view *x, wg_view *out)
{
    (void)y;
    *out = *x;
    return true;
}

static wg_tensor *checkpoint_sample(wg_tape *t, int k)
{
    wg_tensor *x = k >= 0 && k < 2 ? wg_input(t, "x0", WG_SHAPE(2, 3)) : NULL;
    return wg_checkpoint(wg_tanh(wg_square(x)), k == 0, &x);
}

const wg_op wg_checkpoint_op = {
    .size = sizeof(wg_op),
    .name = "checkpoint",
    .doc = "the first operand; what lies between it and the others is recomputed, not kept",
    .arity = WG_VARIADIC,
    .infer = checkpoint_infer,
    .vjp = checkpoint_vjp,
    .view = checkpoint_view,
    .sample = checkpoint_sample,
};

wg_tensor *wg_checkpoint(wg_tensor *y, int n, wg_tensor *const *inputs)
{
    if (!y)
        return NULL;
    if (n < 0)
        return wg_refuse_text("checkpoint", 1, &y, "0 or more inputs, not %d", n);
    if (n && !inputs)
        return wg_refuse_text("checkpoint", 1, &y, "a list of %d inputs, not NULL", n);
    wg_tensor **in = wg_mem_alloc(((size_t)n + 1) * sizeof *in);
    if (!in)
        return wg_error_keep(y->tape, WG_ERR_MEMORY, "checkpoint: out of memory"), NULL;
    in[0] = y;
    for (int i = 0; i < n; i++)
        in[i + 1] = inputs[i];
    const bool fits = wg_together("checkpoint", n + 1, in);
    for (int i = 1; fits && i <= n; i++)
        in[i] = wg_stop_gradient(in[i]);
    wg_tensor *result = fits ? wg_apply(&wg_checkpoint_op, n + 1, in, NULL) : NULL;
    wg_mem_free(in);
    return result;
}

const wg_op *const wg_checkpoint_ops[] = {&wg_checkpoint_op, NULL};
