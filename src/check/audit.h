/* A check of one tensor on one tape: levels, comparisons, verdict and report. */
#ifndef WG_CHECK_AUDIT_H
#define WG_CHECK_AUDIT_H

#include <wengert/check.h>

#include "check/level.h"
#include "check/line.h"

typedef struct wg_audit {
    wg_check_options options; /* no field at its default */
    wg_check_report *report;
    const char *remark; /* what is odd about the worst element, beside its error */
    bool strict;  /* elements do not mix: at a kink the slope must lie between the one-sided
                   * ones */
    bool doubt;   /* differences do not tell: let the ops be checked one by one */
    bool audited; /* that was done */
    bool nested;  /* the model is one op of another check's: no further search */
    bool reverse; /* without forward mode, whose own sums would be taken for any op's fault */
    bool located; /* the report's .element stands for more than "nothing compared yet" */
    bool alone;   /* report->leaf names an input of an op, not a leaf of the model's */
    bool idle;    /* the value depends on no leaf */
    bool flat;    /* report->op lets no derivative pass; no op is wrong by its rule */
    int leaves;
} wg_audit;

/* Both orders of y, as report and status say.  optional_second: it is no failure if the rules' own
 * ops have no rules. */
wg_status wg_audit_tensor(wg_audit *a, wg_tape *t, wg_tensor *y, bool optional_second);

/* Compares everything at one order.  WG_OK when it could be done: whether all agreed is
 * report->passed. */
wg_status wg_audit_level(wg_audit *a, wg_level *level);

/* Checks each op of the level's graph by itself, at the values it has there, and names the first
 * whose rule is wrong in the report. */
wg_status wg_audit_isolate(wg_audit *a, wg_level *level);

/* Defaults put in; report emptied. */
void wg_audit_begin(wg_audit *a, const wg_check_options *options, wg_check_report *report);
/* report->text from the rest, and the status that goes with it. */
wg_status wg_audit_end(wg_audit *a);
wg_status wg_audit_fail(wg_audit *a, wg_status s, const char *text);

#endif
