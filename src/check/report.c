/* A report's beginning and end: defaults, text, status. */
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "check/audit.h"

void wg_audit_begin(wg_audit *a, const wg_check_options *options, wg_check_report *report)
{
    *a = (wg_audit){.options = options ? *options : (wg_check_options){0}, .report = report};
    if (a->options.order < 1)
        a->options.order = 1;
    if (a->options.max_elements == 0)
        a->options.max_elements = 256;
    if (!(a->options.tolerance > 0))
        a->options.tolerance = 1e-6;
    *report =
        (wg_check_report){.passed = true, .element = -1, .index = {.rank = -1}, .op_input = -1};
}

wg_status wg_audit_fail(wg_audit *a, wg_status s, const char *text)
{
    a->report->passed = false;
    snprintf(a->report->text, sizeof a->report->text, "%s", text);
    return s;
}

/* Text that grows at its end and is cut where the report's is full. */
static void say(wg_check_report *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(wg_check_report *r, const char *format, ...)
{
    size_t used = strlen(r->text);
    va_list args;
    va_start(args, format);
    vsnprintf(r->text + used, sizeof r->text - used, format, args);
    va_end(args);
}

static void say_where(const wg_audit *a)
{
    wg_check_report *r = a->report;
    if (r->element < 0) {
        const char *quote = r->leaf[0] && !a->alone ? "\"" : "";
        say(r, "along a random direction of %s%s%s", quote, r->leaf[0] ? r->leaf : "all leaves",
            quote);
        return;
    }
    say(r, a->alone ? "at %s" : "at \"%s\"", r->leaf);
    for (int64_t d = 0; d < r->index.rank; d++)
        say(r, "%s%" PRId64, d ? ", " : "[", r->index.dim[d]);
    if (r->index.rank > 0)
        say(r, "]");
}

static void say_left_out(wg_check_report *r)
{
    if (r->kinks)
        say(r, "; %" PRId64 " at kinks left out", r->kinks);
    if (r->undecided)
        say(r, "; %" PRId64 " undecided, finite differences do not settle there%s", r->undecided,
            r->passed ? ": each op's rule is right by itself" : "");
}

static const char *plural(int64_t n, const char *one, const char *many)
{
    return n == 1 ? one : many;
}

/* An error is measured by the larger of the two values, unless both are small beside what is
 * typical of the leaf: then it is not the ratio that a reader works out. */
static const char *kind_of_error(const wg_check_report *r)
{
    double larger = fmax(fabs(r->analytic), fabs(r->numeric));
    double relative = fabs(r->analytic - r->numeric) / larger;
    return larger > 0 && fabs(fabs(r->worst) - relative) > 0.01 * relative
               ? "error beside the leaf's typical derivative"
               : "relative error";
}

wg_status wg_audit_end(wg_audit *a)
{
    wg_check_report *r = a->report;
    r->text[0] = 0;
    if (r->passed && a->idle) {
        say(r, "the value depends on no leaf%s",
            a->leaves ? ": every derivative is 0" : ", and there is none: nothing was compared");
        return WG_OK;
    }
    if (r->passed) {
        say(r, "%" PRId64 " %s of %d %s %s with finite differences", r->checked,
            plural(r->checked, "element", "elements"), a->leaves,
            plural(a->leaves, "leaf", "leaves"), plural(r->checked, "agrees", "agree"));
        if (a->located) {
            say(r, ", worst error %.2g ", r->worst);
            say_where(a);
        }
        say_left_out(r);
        return WG_OK;
    }
    say(r, "the %s%s ", r->order == 2 ? "second derivative" : "derivative",
        r->forward ? " in forward mode" : "");
    say_where(a);
    say(r, " is %.9g, finite differences give %.9g: %s %.3g", r->analytic, r->numeric,
        kind_of_error(r), r->worst);
    if (a->remark)
        say(r, " (%s)", a->remark);
    if (r->op[0] && a->flat)
        say(r, "; every rule is right by itself, but no derivative passes %s", r->op);
    else if (r->op[0])
        say(r, "; wrong by itself: the rule of %s for its input %d", r->op, r->op_input);
    say_left_out(r);
    return WG_ERR_CHECK;
}
