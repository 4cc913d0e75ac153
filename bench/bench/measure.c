#define _POSIX_C_SOURCE 200809L /* clock_gettime */
#include "measure.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAX_WINDOWS = 2000 };
static const double WINDOW = 2e-3;

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double wall_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double time_of(side s, long times, double (*clock)(void))
{
    const double aside = s.aside ? *s.aside : 0, t = clock();
    s.run(s.state, times);
    const double all = clock() - t;
    return (all - (s.aside ? *s.aside - aside : 0)) / (double)times;
}

/* Runs that fill a window; the first of all runs, cold, does not count. */
static long runs_a_window(side s, double window, double (*clock)(void))
{
    s.run(s.state, 1);
    long times = 1;
    for (double t; times < 1000000000; times *= 2) {
        t = time_of(s, times, clock) * (double)times;
        if (t > window / 4) {
            const double fit = (double)times * window / t;
            return fit < 1 ? 1 : (long)fit;
        }
    }
    return times;
}

comparison compare(side ours, side reference, double budget, double (*clock)(void))
{
    static double mine[MAX_WINDOWS], theirs[MAX_WINDOWS], ratio[MAX_WINDOWS];
    const double window = budget / 8 < WINDOW ? budget / 8 : WINDOW, begin = wall_seconds();
    const long n = runs_a_window(ours, window, clock), m = runs_a_window(reference, window, clock);
    size_t pairs = 0;
    for (; pairs < MAX_WINDOWS && (pairs < 3 || wall_seconds() - begin < budget); pairs++) {
        if (pairs % 2)
            theirs[pairs] = time_of(reference, m, clock);
        mine[pairs] = time_of(ours, n, clock);
        if (pairs % 2 == 0)
            theirs[pairs] = time_of(reference, m, clock);
        ratio[pairs] = mine[pairs] / theirs[pairs];
    }
    qsort(mine, pairs, sizeof *mine, ascending);
    qsort(theirs, pairs, sizeof *theirs, ascending);
    qsort(ratio, pairs, sizeof *ratio, ascending);
    return (comparison){mine[pairs / 2], theirs[pairs / 2], ratio[pairs / 2], ratio[pairs / 4],
                        ratio[pairs * 3 / 4]};
}

bool wanted(report *r, const char *name)
{
    bool is = r->filter_count == 0;
    for (int i = 0; i < r->filter_count && !is; i++)
        is = strstr(name, r->filters[i]) || fnmatch(r->filters[i], name, 0) == 0;
    r->found = r->found || is;
    return is;
}

void tell(report *r, figure f)
{
    const comparison *c = &f.c;
    printf("%8.3f  %6.3f .. %-8.3f %-38s %12.4g %12.4g %s", c->ratio, c->low, c->high, f.name,
           c->ours, c->reference, f.unit);
    if (f.note)
        printf("   beside %s", f.note);
    if (f.pytorch > 0)
        printf("   PyTorch %.4g", f.pytorch);
    putchar('\n');
    fflush(stdout);
    if (r->json) {
        fprintf(r->json,
                "%s\n  {\"name\": \"%s\", \"ours\": %.6g, \"reference\": %.6g, \"ratio\": %.6g, "
                "\"unit\": \"%s\", \"low\": %.6g, \"high\": %.6g",
                r->written ? "," : "[", f.name, c->ours, c->reference, c->ratio, f.unit, c->low,
                c->high);
        if (f.pytorch > 0)
            fprintf(r->json, ", \"pytorch\": %.6g", f.pytorch);
        putc('}', r->json);
    }
    r->written++;
}

void tell_times(report *r, const char *name, comparison c, const char *unit, double a_second)
{
    c.ours *= a_second, c.reference *= a_second;
    tell(r, (figure){.name = name, .unit = unit, .c = c});
}

void tell_failure(report *r, const char *name, const char *reason)
{
    fprintf(stderr, "%s: %s\n", name, reason ? reason : "out of memory");
    r->failed = true;
}
