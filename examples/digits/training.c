#include "training.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "progress.h"

/* The training digits in random order, and the steps that take them: a full one and, where the
 * batch does not divide their number, one for the rest.  Both are the same functions, recorded
 * again over the same parameters. */
typedef struct course {
    int64_t count;
    wg_program *shuffle; /* a permutation of the digits, a new one each run */
    step full, rest;     /* rest.batch is 0 where there is none */
    wg_program *test;
    int32_t *order;
} course;

static bool run_failed(const wg_program *p)
{
    fprintf(stderr, "digits: %s\n", wg_program_error(p));
    return false;
}

static bool prepare(course *c, const network *n, const set *train_set, const set *test_set)
{
    wg_tape *t = wg_tape_of(n->w[0]);
    int64_t batch = n->o->batch;
    *c = (course){.count = train_set->count};
    c->order = malloc((size_t)c->count * sizeof *c->order);
    wg_tensor *order = wg_permutation(t, c->count);
    c->shuffle = wg_compile(1, &order);

    wg_tensor *images = bind_images(t, "training images", train_set);
    wg_tensor *labels = bind_labels(t, "training labels", train_set);
    c->full = make_step(n, images, labels, batch);
    if (c->count % batch)
        c->rest = make_step(n, images, labels, c->count % batch);

    wg_tensor *answers =
        wg_argmax(network_says(n, bind_images(t, "test images", test_set)), 1, false);
    c->test = wg_compile_with(1, &answers, &(wg_compile_options){.threads = (int)n->o->threads});
    if (wg_error(t) || !c->order)
        fprintf(stderr, "digits: %s\n", wg_error(t) ? wg_error(t) : "out of memory");
    return !wg_error(t) && c->order;
}

/* One mini-batch; the indices are read where they lie. */
static bool run_step(const step *s, int32_t *chosen, double *cost)
{
    if (wg_bind(s->chosen, chosen) || wg_run(s->program))
        return run_failed(s->program);
    *cost = *(const float *)wg_output(s->program, 0);
    return true;
}

static bool run_epoch(course *c, progress *p, int64_t epoch, double *mean_cost)
{
    if (wg_run(c->shuffle))
        return run_failed(c->shuffle);
    memcpy(c->order, wg_output(c->shuffle, 0), (size_t)c->count * sizeof *c->order);
    double sum = 0, cost;
    for (int64_t at = 0, n; at < c->count; at += n) {
        const step *s = c->count - at >= c->full.batch ? &c->full : &c->rest;
        n = s->batch;
        if (!run_step(s, c->order + at, &cost))
            return false;
        sum += cost * (double)n;
        show_progress(p, epoch, at + n, sum / (double)(at + n));
    }
    *mean_cost = sum / (double)c->count;
    return true;
}

static bool run_test(const course *c, const set *test_set, history *h, double *correct)
{
    if (wg_run(c->test))
        return run_failed(c->test);
    memcpy(h->said, wg_output(c->test, 0), (size_t)test_set->count * sizeof *h->said);
    int64_t right = 0;
    for (int64_t i = 0; i < test_set->count; i++)
        right += h->said[i] == test_set->labels[i];
    *correct = (double)right / (double)test_set->count;
    return true;
}

bool train(const network *n, const set *train_set, const set *test_set, history *h, step *drawing)
{
    course c;
    int64_t epochs = n->o->epochs;
    h->cost = malloc((size_t)epochs * sizeof *h->cost);
    h->correct = malloc((size_t)epochs * sizeof *h->correct);
    h->said = malloc((size_t)test_set->count * sizeof *h->said);
    bool good = prepare(&c, n, train_set, test_set) && h->cost && h->correct && h->said;
    progress p = begin_progress(epochs, train_set->count);
    for (int64_t e = 0; e < epochs && good; e++) {
        good = run_epoch(&c, &p, e, &h->cost[e]) && run_test(&c, test_set, h, &h->correct[e]);
        if (!good)
            break;
        h->epochs = e + 1;
        show_epoch(&p, e, h->cost[e], h->correct[e]);
        if (!isfinite(h->cost[e])) {
            fprintf(stderr, "digits: the cost is no number any more: try a --rate below %g\n",
                    n->o->rate);
            good = false;
        }
    }
    *drawing = c.full;
    free(c.order);
    return good; /* the tape frees the programs */
}

void free_history(history *h)
{
    free(h->cost);
    free(h->correct);
    free(h->said);
    *h = (history){0};
}
