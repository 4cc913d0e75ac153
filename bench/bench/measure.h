/* Times of two things in alternation, and the table and file that results go to. */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stdbool.h>
#include <stdio.h>

double seconds(void);      /* of processor time of this thread; of gemm/peak.c */
double wall_seconds(void); /* since some moment */

/* What is measured: run(state, times) does it so many times.  To *aside it adds the seconds it
 * took for what does not count; NULL if all counts. */
typedef struct side {
    void (*run)(void *state, long times);
    void *state;
    double *aside;
} side;

/* Medians over windows; the quartiles are of the windows' ratios ours / reference.  Times are
 * seconds of one run. */
typedef struct comparison {
    double ours, reference, ratio, low, high;
} comparison;

/* Windows of some milliseconds, first the one side, then the other, then the other and the one,
 * until the budget in seconds is used up (but three pairs at least).  The clock is one of the two
 * above. */
comparison compare(side ours, side reference, double budget, double (*clock)(void));

typedef struct report {
    const char *const *filters; /* patterns as the shell's, or parts of names; none: everything */
    int filter_count;
    double budget;       /* seconds for a figure */
    FILE *json;          /* NULL: a table alone */
    const char *pytorch; /* the script that measures networks in PyTorch, or NULL */
    int written;
    bool found;  /* a figure that is asked for */
    bool failed;
} report;

/* Is it asked for? */
bool wanted(report *r, const char *name);
/* What a line of the table and an element of the file say. */
typedef struct figure {
    const char *name, *unit;
    comparison c;     /* times in the unit */
    double pytorch;   /* in the unit too; 0 where it was not asked */
    const char *note; /* for the table alone; NULL: none */
} figure;
void tell(report *r, figure f);
/* Of times in seconds, which are told in a unit ("us", "ns/node" ...) of which a second has so
 * many. */
void tell_times(report *r, const char *name, comparison c, const char *unit, double a_second);
void tell_failure(report *r, const char *name, const char *reason);

#endif
