#define _POSIX_C_SOURCE 200809L
#include "progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

progress begin_progress(int64_t epochs, int64_t examples)
{
    double t = now();
    return (progress){isatty(STDOUT_FILENO) == 1, epochs, examples, t, t};
}

/* Speed and the time left at it, tests included. */
static void print_pace(const progress *p, int64_t epoch, int64_t done)
{
    double seconds = now() - p->begun, examples = (double)(epoch * p->examples + done);
    double left = seconds / examples * ((double)(p->epochs * p->examples) - examples);
    printf("%9.0f examples/s  %.0f s left", seconds > 0 ? examples / seconds : 0, left);
}

void show_progress(progress *p, int64_t epoch, int64_t done, double cost)
{
    double t = now();
    if (t - p->shown < (p->terminal ? 0.1 : 10))
        return;
    p->shown = t;
    printf("%sepoch %3lld/%lld  cost %.5f  at %3.0f %%        ", p->terminal ? "\r" : "",
           (long long)epoch + 1, (long long)p->epochs, cost,
           100 * (double)done / (double)p->examples);
    print_pace(p, epoch, done);
    fputs(p->terminal ? "\033[K" : "\n", stdout);
    fflush(stdout);
}

void show_epoch(progress *p, int64_t epoch, double cost, double correct)
{
    p->shown = now();
    printf("%sepoch %3lld/%lld  cost %.5f  test %6.2f %%  ", p->terminal ? "\r" : "",
           (long long)epoch + 1, (long long)p->epochs, cost, 100 * correct);
    print_pace(p, epoch, p->examples);
    fputs(p->terminal ? "\033[K\n" : "\n", stdout);
    fflush(stdout);
}
