#include "../steps/training.h"
#include "parts.h"

/* The bytes of a program's buffers, outputs included, beside the most that is live at once. */
static void bench_plan(report *r, const char *name, const network *n)
{
    problem *p = problem_new(n);
    training t = {0};
    if (p)
        t = training_new(p, NULL);
    if (t.program) {
        const wg_program_stats s = wg_stats(t.program);
        const double planned = (double)(s.planned_bytes + s.output_bytes);
        const double bound = (double)(s.lower_bound + s.output_bytes), ratio = planned / bound;
        const comparison c = {planned, bound, ratio, ratio, ratio};
        tell(r, (figure){.name = name, .unit = "bytes", .c = c});
    } else {
        tell_failure(r, name, t.tape ? wg_error(t.tape) : NULL);
    }
    training_free(&t);
    problem_free(p);
}

/* The time of a step in a quarter of its planned bytes beside that of a step in all of them. */
static void bench_quarter(report *r, const char *name, const network *n)
{
    problem *p = problem_new(n);
    training all = {0}, quarter = {0};
    if (p)
        all = training_new(p, NULL);
    if (all.program)
        quarter = training_new(
            p, &(wg_compile_options){.memory = wg_stats(all.program).planned_bytes / 4});
    if (quarter.program) {
        const comparison c = compare((side){training_steps, &quarter, NULL},
                                     (side){training_steps, &all, NULL}, 2 * r->budget, seconds);
        tell_times(r, name, c, "us", 1e6);
    } else {
        tell_failure(r, name, quarter.tape ? wg_error(quarter.tape) : NULL);
    }
    training_free(&quarter);
    training_free(&all);
    problem_free(p);
}

static const network wide = {"wide", 200, {256}, 256, TANH, MSE, 0.005f};

void bench_memory(report *r)
{
    char name[32];
    for (int i = 0; i < NETWORKS; i++) {
        snprintf(name, sizeof name, "memory/%s", networks[i].name);
        if (wanted(r, name))
            bench_plan(r, name, &networks[i]);
    }
    const network *const deep[] = {&networks[4], &wide};
    for (int i = 0; i < 2; i++) {
        snprintf(name, sizeof name, "memory/%s/quarter", deep[i]->name);
        if (wanted(r, name))
            bench_quarter(r, name, deep[i]);
    }
}
