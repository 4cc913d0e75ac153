#include <stdlib.h>

#include "../steps/training.h"
#include "parts.h"

/* ---- the reference of recording: nodes of the same size, filled in one after the other ---- */

/* What a node has to say: where it is, its op, its operands and its shape. */
typedef struct node {
    const void *tape, *op;
    const struct node *in[2];
    int64_t id, operands, extents[9];
    char rest[40];
} node;

enum { ARENA = 1 << 14 };

static void fill_nodes(void *state, long times)
{
    node *arena = state;
    for (long i = 0; i < times; i++) {
        node *y = &arena[i % ARENA];
        const node *a = &arena[(i + ARENA - 1) % ARENA], *b = &arena[(i + ARENA - 2) % ARENA];
        *y = (node){.tape = arena, .op = a->op, .in = {a, b}, .id = i, .operands = 2};
        for (int k = 0; k < 9; k++)
            y->extents[k] = a->extents[k];
    }
}

/* ---- recording and derivatives ---- */

/* Of a step of network e, recorded anew each time and dropped; one run of a side is one node. */
typedef struct recording {
    wg_tape *tape;
    leaves leaves;
    wg_tensor **slope;
    bool backward; /* is timed, and the rest aside; else the other way round */
    double aside;
    long nodes; /* that a pass records */
} recording;

static wg_tensor *forward(const leaves *l)
{
    wg_tensor *y = l->x;
    for (int i = 0; i < l->network->layers; i++)
        y = wg_tanh(wg_add(wg_matmul(y, l->param[2 * i]), l->param[2 * i + 1]));
    return wg_mse(y, l->target);
}

static void record_once(recording *c)
{
    const wg_mark mark = wg_tape_mark(c->tape);
    const double begin = seconds();
    wg_tensor *cost = forward(&c->leaves);
    const double middle = seconds();
    const int64_t nodes = wg_node_count(c->tape);
    if (c->backward) {
        wg_grad(cost, 2 * c->leaves.network->layers, c->leaves.param, c->slope);
        c->nodes = (long)(wg_node_count(c->tape) - nodes);
        c->aside += middle - begin;
    } else {
        c->nodes = (long)(nodes - mark.nodes);
    }
    const double end = seconds();
    wg_tape_rewind(c->tape, mark);
    c->aside += seconds() - end;
}

static void record_nodes(void *state, long times)
{
    recording *c = state;
    for (long i = 0; i < times; i++)
        record_once(c);
}

static void bench_recording(report *r, const char *name, bool backward)
{
    recording c = {.tape = wg_tape_new(WG_F32), .backward = backward};
    problem *p = problem_new(&networks[4]);
    node *arena = calloc(ARENA, sizeof *arena);
    c.slope = malloc((size_t)(2 * networks[4].layers) * sizeof *c.slope);
    if (p && arena && c.slope && make_leaves(c.tape, p, &c.leaves)) {
        record_once(&c);
        comparison k = compare((side){record_nodes, &c, &c.aside}, (side){fill_nodes, arena, NULL},
                               r->budget, seconds);
        const double n = (double)c.nodes;
        k.ours /= n, k.ratio /= n, k.low /= n, k.high /= n;
        tell_times(r, name, k, "ns/node", 1e9);
    } else {
        tell_failure(r, name, wg_error(c.tape));
    }
    free_leaves(&c.leaves);
    free(c.slope);
    free(arena);
    wg_tape_free(c.tape);
    problem_free(p);
}

/* ---- compilation ---- */

/* Seconds a node of compiling a training step of so many layers, never seen before; 0 if it
 * fails. */
static double compile_time(const problem *p, int64_t *nodes)
{
    wg_tape *t = wg_tape_new(WG_F32);
    leaves l;
    const int outputs = 1 + 2 * p->network->layers;
    wg_tensor **output = malloc((size_t)outputs * sizeof *output);
    double time = 0;
    if (make_leaves(t, p, &l) && output) {
        record_step(&l, output);
        const double begin = seconds();
        wg_program *program = wg_compile(outputs, output);
        time = seconds() - begin;
        *nodes = program ? wg_stats(program).nodes : 1;
        time = program ? time / (double)*nodes : 0;
        wg_program_free(program);
    }
    free(output);
    free_leaves(&l);
    wg_tape_free(t);
    return time;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Some 100,000 nodes, beside the goal of half a second. */
static void bench_compile(report *r, const char *name)
{
    enum { TIMES = 5 };
    const network layers = {"deep", 4200, {8}, 2, TANH, MSE, 0.005f};
    const double goal = 0.5 / 1e5;
    problem *p = problem_new(&layers);
    double time[TIMES];
    int64_t nodes = 0;
    bool good = p != NULL;
    for (int i = 0; good && i < TIMES; i++)
        good = (time[i] = compile_time(p, &nodes)) > 0;
    if (good) {
        qsort(time, TIMES, sizeof *time, ascending);
        const comparison c = {time[TIMES / 2], goal, time[TIMES / 2] / goal, time[1] / goal,
                              time[TIMES - 2] / goal};
        tell_times(r, name, c, "ns/node", 1e9);
    } else {
        tell_failure(r, name, NULL);
    }
    problem_free(p);
}

/* ---- small programs ---- */

typedef struct anew {
    wg_tape *tape;
    leaves leaves;
} anew;

/* The whole step recorded, found among the programs of before, and run. */
static void record_and_run(void *state, long times)
{
    anew *s = state;
    wg_tensor *output[1 + 2 * MAX_WIDTHS];
    for (long i = 0; i < times; i++) {
        const wg_mark mark = wg_tape_mark(s->tape);
        record_step(&s->leaves, output);
        wg_program *p = wg_compile(1 + 2 * s->leaves.network->layers, output);
        wg_run(p);
        wg_program_free(p);
        wg_tape_rewind(s->tape, mark);
    }
}

static void bench_replay(report *r, const char *name)
{
    problem *p = problem_new(&networks[1]);
    anew s = {.tape = wg_tape_new(WG_F32)};
    training t = {0};
    if (p && make_leaves(s.tape, p, &s.leaves))
        t = training_new(p, NULL);
    if (t.program) {
        const comparison c = compare((side){record_and_run, &s, NULL},
                                     (side){training_steps, &t, NULL}, 2 * r->budget, seconds);
        tell_times(r, name, c, "us", 1e6);
    } else {
        tell_failure(r, name, wg_error(s.tape));
    }
    if (wg_error(s.tape))
        tell_failure(r, name, wg_error(s.tape));
    training_free(&t);
    free_leaves(&s.leaves);
    wg_tape_free(s.tape);
    problem_free(p);
}

/* Instructions that the problem's step is with one op each; 0 if it cannot be compiled. */
static int64_t ops_of_step(problem *p)
{
    training t = training_new(p, &(wg_compile_options){.skip = WG_PASS_FUSE | WG_PASS_TINY});
    const int64_t n = t.program ? wg_stats(t.program).instructions : 0;
    training_free(&t);
    return n;
}

/* What an op of network a takes, beside the goal for an instruction: the step may be one. */
static void bench_instruction(report *r, const char *name)
{
    const double goal = 8e-9;
    problem *p = problem_new(&networks[0]);
    training t = {0};
    if (p)
        t = training_new(p, NULL);
    const int64_t ops = t.program ? ops_of_step(p) : 0;
    if (ops) {
        const side s = {training_steps, &t, NULL};
        const comparison c = compare(s, s, r->budget, seconds);
        const double time = c.ours / (double)ops, ratio = time / goal;
        tell_times(r, name, (comparison){time, goal, ratio, ratio, ratio}, "ns/instruction", 1e9);
    } else {
        tell_failure(r, name, t.tape ? wg_error(t.tape) : NULL);
    }
    training_free(&t);
    problem_free(p);
}

void bench_tape(report *r)
{
    if (wanted(r, "tape/record"))
        bench_recording(r, "tape/record", false);
    if (wanted(r, "tape/backward"))
        bench_recording(r, "tape/backward", true);
    if (wanted(r, "tape/compile"))
        bench_compile(r, "tape/compile");
    if (wanted(r, "tape/replay"))
        bench_replay(r, "tape/replay");
    if (wanted(r, "tape/instruction"))
        bench_instruction(r, "tape/instruction");
}
