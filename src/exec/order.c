/* order: when each step runs.  A step waits for the steps whose results it reads; an update of a
 * parameter also for every other reader of the parameter and for every step that may fail, so that
 * a run that fails has assigned nothing. */
#include <string.h>

#include "exec/lower.h"
#include "ops/index.h"

typedef struct ordering {
    wg_lowered *l;
    int32_t *waits; /* for so many others, of each step */
    int32_t *first; /* of each step: where its followers begin in follower;
                     * one more ends the last */
    int32_t *follower;
    int32_t *uses;  /* operands still to be read, of each buffer */
    int32_t *ready; /* stack of steps to run at once */
    int32_t depth;
    int32_t placed, fallible_left;
    bool *done;
    bool *fallible; /* the step may fail where those before it did not */
    bool eager;
} ordering;

bool wg_step_may_fail(const wg_step *s)
{
    return !s->micros && !s->copy && s->t->op->kernel && !s->t->op->map && !s->t->op->reduce
           && !s->t->op->product && !(s->t->op->flags & WG_OP_SURE);
}

/* What may fail: but an index that one step finds good is good for the others that want it as
 * small; an adjoint reads by the index that the op itself read by.  checked: of each buffer, the
 * smallest extent that its elements are held to so far; -1. */
static void find_fallible(ordering *o, int64_t *checked)
{
    const wg_lowered *l = o->l;
    for (int32_t b = 0; b < l->buffers; b++)
        checked[b] = -1;
    for (int32_t k = 0; k < l->steps; k++) {
        const wg_step *s = &l->step[k];
        int64_t extent;
        int i = wg_step_may_fail(s) ? wg_index_operand(s->t, &extent) : -1;
        o->fallible[k] = wg_step_may_fail(s);
        if (i >= 0 && !s->in[i].view) {
            int64_t *so_far = &checked[s->in[i].buffer];
            o->fallible[k] = *so_far < 0 || extent < *so_far;
            *so_far = o->fallible[k] ? extent : *so_far;
        }
        o->fallible_left += o->fallible[k];
    }
}

/* Calls each(o, before, after) for every pair of steps in that order;
 * twice: to count, then to fill. */
static void each_edge(ordering *o, const int32_t *update_of,
                      void (*each)(ordering *, int32_t, int32_t))
{
    const wg_lowered *l = o->l;
    int32_t ordered = -1; /* the last step so far that keeps its place among its like */
    for (int32_t s = 0; s < l->steps; s++) {
        for (int32_t i = 0; i < l->step[s].n; i++) {
            int32_t b = l->step[s].in[i].buffer, producer = l->buffer[b].producer,
                    update = update_of[b];
            if (producer >= 0)
                each(o, producer, s);
            if (update >= 0 && update != s)
                each(o, s, update);
        }
        if ((l->step[s].t->op->flags & WG_OP_ORDERED) && !l->step[s].copy && !l->step[s].micros) {
            if (ordered >= 0)
                each(o, ordered, s);
            ordered = s;
        }
    }
}

static void count_edge(ordering *o, int32_t before, int32_t after)
{
    o->first[before + 1]++;
    o->waits[after]++;
}

static void fill_edge(ordering *o, int32_t before, int32_t after)
{
    o->follower[o->first[before]++] = after;
}

/* The step that updates each leaf's buffer in place, found through the operand that reads it. */
static void find_updates(const wg_lowered *l, int32_t *update_of)
{
    for (int32_t b = 0; b < l->buffers; b++)
        update_of[b] = -1;
    for (int32_t s = 0; s < l->steps; s++) {
        int32_t result[WG_MAX_RESULTS], results = 0;
        if (l->step[s].update)
            results = wg_step_results(&l->step[s], result);
        for (int32_t r = 0; r < results; r++)
            for (int32_t i = 0; i < l->step[s].n && l->buffer[result[r]].leaf; i++)
                if (l->buffer[l->step[s].in[i].buffer].leaf == l->buffer[result[r]].leaf)
                    update_of[l->step[s].in[i].buffer] = s;
    }
}

/* Whether running the step now gives back at least as many bytes as it takes. */
static bool shrinks(const ordering *o, const wg_step *s)
{
    int32_t result[WG_MAX_RESULTS], results = wg_step_results(s, result);
    int64_t freed = 0, taken = 0;
    for (int32_t r = 0; r < results; r++)
        if (o->l->buffer[result[r]].segment == WG_TEMPORARY)
            taken += o->l->buffer[result[r]].bytes;
    for (int32_t i = 0; i < s->n; i++) {
        const wg_buffer *b = &o->l->buffer[s->in[i].buffer];
        if (b->segment == WG_TEMPORARY && o->uses[s->in[i].buffer] == 1)
            freed += b->bytes;
    }
    return freed >= taken;
}

static void release(ordering *o, int32_t s, int32_t cursor)
{
    if (--o->waits[s] == 0 && (s < cursor || (o->eager && shrinks(o, &o->l->step[s]))))
        o->ready[o->depth++] = s;
}

static void place(ordering *o, int32_t s, int32_t cursor)
{
    o->done[s] = true;
    o->l->order[o->placed++] = s;
    for (int32_t i = 0; i < o->l->step[s].n; i++)
        o->uses[o->l->step[s].in[i].buffer]--;
    for (int32_t f = o->first[s]; f < o->first[s + 1]; f++)
        release(o, o->follower[f], cursor);
    if (o->fallible[s] && --o->fallible_left == 0)
        for (int32_t u = 0; u < o->l->steps; u++)
            if (o->l->step[u].update)
                release(o, u, cursor);
}

static void run(ordering *o)
{
    for (int32_t s = 0; s < o->l->steps; s++) {
        if (!o->done[s] && o->waits[s] == 0)
            place(o, s, s + 1);
        while (o->depth) {
            int32_t next = o->ready[--o->depth];
            if (!o->done[next])
                place(o, next, s + 1);
        }
    }
}

bool wg_order(wg_lowered *l, bool eager)
{
    ordering o = {.l = l, .eager = eager};
    size_t n = (size_t)l->steps, buffers = (size_t)l->buffers, before = l->scratch->total;
    int32_t *update_of = wg_arena_alloc(l->scratch, buffers * sizeof *update_of);
    l->order = wg_arena_alloc(l->arena, n * sizeof *l->order);
    o.waits = wg_arena_zero(l->scratch, n, sizeof *o.waits);
    o.first = wg_arena_zero(l->scratch, n + 2, sizeof *o.first);
    o.uses = wg_arena_zero(l->scratch, buffers, sizeof *o.uses);
    o.ready = wg_arena_alloc(l->scratch, n * sizeof *o.ready);
    o.done = wg_arena_zero(l->scratch, n, sizeof *o.done);
    o.fallible = wg_arena_alloc(l->scratch, n * sizeof *o.fallible);
    int64_t *checked = wg_arena_alloc(l->scratch, buffers * sizeof *checked);
    bool fine = update_of && l->order && o.waits && o.first && o.uses && o.ready && o.done
                && o.fallible && checked;
    if (fine) {
        find_fallible(&o, checked);
        find_updates(l, update_of);
        each_edge(&o, update_of, count_edge);
        for (size_t s = 0; s < n; s++)
            o.first[s + 1] += o.first[s];
        o.follower = wg_arena_alloc(l->scratch, (size_t)o.first[n] * sizeof *o.follower);
        fine = o.follower != NULL;
    }
    if (fine) {
        each_edge(&o, update_of, fill_edge);
        /* filling moved each beginning to its end */
        memmove(o.first + 1, o.first, n * sizeof *o.first);
        o.first[0] = 0;
        for (int32_t s = 0; s < l->steps; s++)
            for (int32_t i = 0; i < l->step[s].n; i++)
                o.uses[l->step[s].in[i].buffer]++;
        for (int32_t s = 0; s < l->steps && o.fallible_left; s++)
            o.waits[s] += l->step[s].update;
        run(&o);
        fine = o.placed == l->steps;
    }
    wg_arena_rewind(l->scratch, before);
    return fine;
}
