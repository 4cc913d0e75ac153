#define _POSIX_C_SOURCE 200809L /* popen */
#include "../reference/reference.h"
#include "../steps/training.h"
#include "parts.h"

typedef struct hand_written {
    const writing *writing;
    void *state;
} hand_written;

static void run_reference(void *state, long times)
{
    hand_written *h = state;
    for (long i = 0; i < times; i++)
        h->writing->step(h->state);
}

/* Microseconds of a step in PyTorch, on one thread; 0 if it is not there. */
static double pytorch_time(const report *r, const char *name)
{
    char command[4352];
    snprintf(command, sizeof command,
             "OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 /usr/bin/python3 '%s' %s %g 2>/dev/null",
             r->pytorch, name, r->budget);
    FILE *answer = popen(command, "r");
    double time = 0;
    if (!answer || fscanf(answer, "%lf", &time) != 1)
        time = 0;
    if (answer)
        pclose(answer);
    return time;
}

static void bench_network(report *r, const char *name, const network *n, bool rate_last)
{
    problem *p = problem_new(n);
    hand_written h = {0};
    training t = {0};
    if (p) {
        h.writing = reference_new(p, &h.state);
        t = rate_last ? training_new_rate_last(p) : training_new(p, NULL);
    }
    if (h.state && t.program) {
        comparison c = compare((side){training_steps, &t, NULL}, (side){run_reference, &h, NULL},
                               3 * r->budget, seconds);
        c.ours *= 1e6, c.reference *= 1e6;
        const double pytorch = r->pytorch && !rate_last ? pytorch_time(r, n->name) : 0;
        tell(r, (figure){name, "us", c, pytorch, h.writing->name});
    } else {
        tell_failure(r, name, t.tape ? wg_error(t.tape) : NULL);
    }
    training_free(&t);
    if (h.state)
        h.writing->drop(h.state);
    problem_free(p);
}

void bench_train(report *r)
{
    for (int i = 0; i < NETWORKS; i++) {
        char name[16];
        snprintf(name, sizeof name, "train/%s", networks[i].name);
        if (wanted(r, name))
            bench_network(r, name, &networks[i], false);
    }
    for (int i = 0; i < NETWORKS; i++) {
        char name[32];
        snprintf(name, sizeof name, "rate-last/%s", networks[i].name);
        if (wanted(r, name))
            bench_network(r, name, &networks[i], true);
    }
}

void show_programs(report *r, FILE *out)
{
    for (int i = 0; i < NETWORKS; i++) {
        char name[16];
        snprintf(name, sizeof name, "train/%s", networks[i].name);
        problem *p = wanted(r, name) ? problem_new(&networks[i]) : NULL;
        if (!p)
            continue;
        training t = training_new(p, NULL);
        fprintf(out, "%s\n", name);
        if (t.program)
            wg_summary(t.program, out);
        training_free(&t);
        problem_free(p);
    }
}
