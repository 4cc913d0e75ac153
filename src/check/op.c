/* One op checked by itself: its own samples, or vectors and matrices drawn from its domain. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <wengert/check.h>
#include <wengert/run.h>
#include <wengert/tape.h>

#include "check/audit.h"
#include "core/alloc.h"

/* In the interval and away from the kink by a twentieth of it. */
static double draw(const wg_domain *d, uint64_t *random)
{
    double lo = d->lo, hi = d->hi;
    if (lo == 0 && hi == 0) {
        lo = 0.5;
        hi = 1.5;
    }
    double x = lo + (hi - lo) * wg_check_uniform(random), margin = 0.05 * (hi - lo);
    if (d->has_kink && fabs(x - d->kink) < margin)
        x = x < d->kink ? d->kink - margin : d->kink + margin;
    if (x < lo || x > hi)
        x = x < lo ? d->kink + margin : d->kink - margin;
    return x;
}

/* Inputs named x0, x1, x2 are arguments 0, 1, 2; others go by their order. */
static int argument(const wg_tensor *x, int order)
{
    const char *name = wg_name(x);
    int k = name && name[0] == 'x' && name[1] >= '0' && name[1] <= '2' && !name[2] ? name[1] - '0'
                                                                                   : order;
    return k < 2 ? k : 2;
}

static wg_status feed_one(wg_tensor *x, const wg_domain *domain, uint64_t *random)
{
    int64_t n = wg_count_of(x);
    double *v = wg_mem_zero((size_t)n + 1, sizeof *v);
    if (!v)
        return WG_ERR_MEMORY;
    for (int64_t i = 0; i < n && wg_dtype_of(x) != WG_I32; i++)
        v[i] = draw(domain, random);
    wg_status s = wg_set_f64(x, v);
    wg_mem_free(v);
    return s;
}

/* Values for the inputs that the sample left without:
 * floating ones from the domain, integers 0. */
static wg_status feed(wg_tape *t, const wg_op *op, uint64_t *random)
{
    wg_status s = WG_OK;
    int order = 0;
    for (int64_t i = 0; i < wg_node_count(t) && !s; i++) {
        wg_tensor *x = wg_node(t, i);
        if (wg_leaf_kind_of(x) != WG_INPUT)
            continue;
        int k = argument(x, order++);
        if (wg_eval(x))
            continue;
        wg_clear_error(t);
        s = feed_one(x, &op->domain[k], random);
    }
    return s;
}

/* The k-th application of an op that has no sample: all inputs of one shape. */
static wg_tensor *plain_sample(const wg_op *op, wg_tape *t, int k)
{
    wg_tensor *x[8];
    int n = op->arity == WG_VARIADIC ? 2 : op->arity;
    if (n > 8 || op->attr_size)
        return NULL;
    for (int i = 0; i < n; i++) {
        char name[16];
        snprintf(name, sizeof name, "x%d", i);
        x[i] = wg_input(t, name, k == 0 ? WG_SHAPE(5) : WG_SHAPE(3, 4));
    }
    return wg_apply_on(t, op, n, x, NULL);
}

/* Takes one sample's report into the op's. */
static void merge(wg_check_report *all, const wg_check_report *one)
{
    int64_t checked = all->checked + one->checked, kinks = all->kinks + one->kinks,
            undecided = all->undecided + one->undecided;
    if (!one->passed || all->checked == 0 || fabs(one->worst) > fabs(all->worst))
        *all = *one;
    all->checked = checked;
    all->kinks = kinks;
    all->undecided = undecided;
}

typedef struct op_check {
    const wg_op *op;
    const wg_check_options *options;
    wg_check_report *report;
    int leaves;
} op_check;

/* *made tells whether there is a k-th sample. */
static wg_status check_sample(op_check *c, int k, bool *made)
{
    wg_audit a;
    wg_check_report one;
    const wg_op *op = c->op;
    wg_audit_begin(&a, c->options, &one);
    if (!c->options)
        a.options.order = 2;
    uint64_t random = a.options.seed ^ ((uint64_t)k + 1) * 0xD00D;
    a.strict = op->map != NULL;
    wg_tape *t = wg_tape_new(WG_F64);
    if (!t)
        return wg_audit_fail(&a, WG_ERR_MEMORY, "check_op: out of memory");
    wg_tensor *y = op->sample ? op->sample(t, k) : plain_sample(op, t, k);
    *made = y || wg_error(t);
    wg_status s = WG_OK;
    if (*made && (!y || !(s = feed(t, op, &random))))
        s = y && wg_dtype_of(y) == WG_I32 ? WG_OK : wg_audit_tensor(&a, t, y, true);
    wg_tape_free(t);
    if (*made) {
        c->leaves = a.leaves;
        merge(c->report, &one);
    }
    return s;
}

static wg_status refuse(wg_check_report *r, wg_status s, const char *name, const char *text)
{
    r->passed = false;
    snprintf(r->text, sizeof r->text, "%s: %s", name, text);
    return s;
}

wg_status wg_check_op(const wg_op *op, const wg_check_options *options, wg_check_report *report)
{
    wg_check_report own, *r = report ? report : &own;
    wg_audit empty;
    wg_audit_begin(&empty, options, r);
    if (!op || !op->name)
        return refuse(r, WG_ERR_ARGUMENT, "check_op", "wants the record of an op with a name");
    if (op->size != sizeof *op)
        return refuse(r, WG_ERR_ARGUMENT, op->name,
                      "wants a record of this version, .size = sizeof(wg_op)");
    if (!op->vjp || (op->flags & WG_OP_FLAT) || op->arity == 0) {
        snprintf(r->text, sizeof r->text, "%s: has no derivative to check", op->name);
        return WG_OK;
    }
    if (!op->sample && op->attr_size)
        return refuse(r, WG_ERR_ARGUMENT, op->name,
                      "wants a .sample to be checked: it has attributes");
    op_check c = {op, options, r, 0};
    wg_status s = WG_OK;
    bool made = true;
    int k = 0, samples = op->sample ? INT32_MAX : 2;
    for (; k < samples && made && !s; k++)
        s = check_sample(&c, k, &made);
    if (!made)
        k--;
    if (k == 0)
        return refuse(r, WG_ERR_ARGUMENT, op->name, "its .sample makes nothing");
    char text[sizeof r->text];
    memcpy(text, r->text, sizeof text);
    if (s)
        snprintf(r->text, sizeof r->text, "%.60s, sample %d: %.900s", op->name, k - 1, text);
    else
        snprintf(r->text, sizeof r->text,
                 "%.60s: %lld element%s of %d sample%s agree%s with finite differences, worst "
                 "error %.2g",
                 op->name, (long long)r->checked, r->checked == 1 ? "" : "s", k, k == 1 ? "" : "s",
                 r->checked == 1 ? "s" : "", r->worst);
    return s;
}
