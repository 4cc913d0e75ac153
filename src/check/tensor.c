/* From a tensor to a verdict: the leaves, order 1, order 2, and the search for the op at fault. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <wengert/tape.h>

#include "check/audit.h"
#include "core/alloc.h"

static wg_status run_level(wg_audit *a, wg_level *l, const double *x)
{
    memcpy(l->base.x, x, (size_t)l->at->n * sizeof *x);
    wg_status s = wg_audit_level(a, l);
    bool doubt = a->doubt;
    a->audited = false;
    if (!s && !a->nested && (!a->report->passed || doubt))
        s = wg_audit_isolate(a, l);
    if (!s && doubt && !a->nested && !a->audited)
        s = wg_audit_fail(a, WG_ERR_CHECK,
                          "finite differences do not tell, and the ops could not be run by "
                          "themselves");
    return s;
}

static bool is_idle(wg_tape *t, wg_tensor *y, bool *idle)
{
    wg_tensor *const *in;
    bool *reached = wg_mem_zero((size_t)wg_index_of(y) + 1, sizeof *reached);
    if (!reached)
        return false;
    *idle = reached[wg_index_of(y)] = true;
    for (int64_t i = wg_index_of(y); i >= 0; i--) {
        if (!reached[i])
            continue;
        wg_leaf_kind kind = wg_leaf_kind_of(wg_node(t, i));
        if (kind == WG_PARAM || (kind == WG_INPUT && wg_dtype_of(wg_node(t, i)) != WG_I32))
            *idle = false;
        int n = wg_inputs_of(wg_node(t, i), &in);
        for (int k = 0; k < n; k++)
            reached[wg_index_of(in[k])] = true;
    }
    wg_mem_free(reached);
    return true;
}

static wg_status second_order(wg_audit *a, const wg_level *first, const double *x, bool optional)
{
    wg_level l = {0};
    wg_status s = wg_level_second(&l, first, a->options.seed);
    if (!s)
        s = run_level(a, &l, x);
    else if (s != WG_ERR_MEMORY && optional)
        s = WG_OK;
    else
        wg_audit_fail(a, s, l.why.text);
    wg_level_free(&l);
    return s;
}

static wg_status orders(wg_audit *a, wg_leaves *at, wg_tensor *y, const double *x,
                        bool optional_second)
{
    wg_level l = {0};
    wg_status s = wg_level_first(&l, at, y, a->options.seed);
    if (s)
        wg_audit_fail(a, s, l.why.text);
    else
        s = run_level(a, &l, x);
    if (!s && a->report->passed && a->options.order > 1 && at->count)
        s = second_order(a, &l, x, optional_second);
    wg_level_free(&l);
    return s;
}

wg_status wg_audit_tensor(wg_audit *a, wg_tape *t, wg_tensor *y, bool optional_second)
{
    if (!y || wg_error(t)) {
        wg_status s = wg_error_status(t);
        const char *why = wg_error(t);
        return wg_audit_fail(a, s ? s : WG_ERR_ARGUMENT, why ? why : "the model gave NULL");
    }
    if (wg_tape_of(y) != t || wg_dtype_of(y) == WG_I32)
        return wg_audit_fail(
            a, WG_ERR_ARGUMENT,
            "check: wants a model that gives a floating tensor of the tape it is given");
    wg_leaves at;
    wg_message why = {{0}};
    double *x;
    wg_status s = wg_leaves_gather(&at, t, a->options.seed, &x, &why);
    a->leaves = at.count;
    if (!s && !is_idle(t, y, &a->idle)) {
        s = WG_ERR_MEMORY;
        snprintf(why.text, sizeof why.text, "check: out of memory");
    }
    if (at.epsilon > DBL_EPSILON)
        a->options.tolerance = fmax(a->options.tolerance, 1e-3);
    if (s)
        wg_audit_fail(a, s, why.text);
    else
        s = orders(a, &at, y, x, optional_second);
    wg_leaves_free(&at);
    wg_mem_free(x);
    return s ? s : wg_audit_end(a);
}
