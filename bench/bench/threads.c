#include <unistd.h>

#include "../steps/training.h"
#include "parts.h"

static void bench_network(report *r, const char *name, const network *n)
{
    problem *p = problem_new(n);
    training two = {0}, one = {0};
    if (p) {
        two = training_new(p, &(wg_compile_options){.threads = 2});
        one = training_new(p, &(wg_compile_options){.threads = 1});
    }
    if (two.program && one.program) {
        const comparison c =
            compare((side){training_steps, &two, NULL}, (side){training_steps, &one, NULL},
                    2 * r->budget, wall_seconds);
        tell_times(r, name, c, "us", 1e6);
    } else {
        tell_failure(r, name, two.tape ? wg_error(two.tape) : NULL);
    }
    training_free(&two);
    training_free(&one);
    problem_free(p);
}

void bench_threads(report *r)
{
    for (int i = 0; i < NETWORKS; i++) {
        char name[16];
        snprintf(name, sizeof name, "threads/%s", networks[i].name);
        if (!wanted(r, name))
            continue;
        if (sysconf(_SC_NPROCESSORS_ONLN) > 1)
            bench_network(r, name, &networks[i]);
        else
            fprintf(stderr, "%s: left out, the machine has one processor\n", name);
    }
}
