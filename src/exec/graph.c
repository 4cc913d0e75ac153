/* prune: from a tape to the slice that is needed. */
#include "exec/graph.h"

#include <stdlib.h>

#include "core/alloc.h"
#include "tape/state.h"

/* A growing list of nodes, found but not yet looked into. */
typedef struct found {
    wg_tensor **node;
    int64_t count, capacity;
    int64_t inputs;
} found;

static bool push(found *f, wg_tensor *x, uint32_t stamp)
{
    if (x->stamp == stamp)
        return true;
    if (!wg_mem_grow(&f->node, f->count + 1, &f->capacity, sizeof *f->node))
        return false;
    x->stamp = stamp;
    f->node[f->count++] = x;
    f->inputs += x->n;
    return true;
}

/* Everything the outputs lead back to, in no order. */
static bool collect(found *f, int n, wg_tensor *const *outputs)
{
    uint32_t stamp = n ? wg_tape_stamp(outputs[0]->tape) : 0;
    for (int i = 0; i < n; i++)
        if (!push(f, outputs[i], stamp))
            return false;
    for (int64_t k = 0; k < f->count; k++)
        for (int i = 0; i < f->node[k]->n; i++)
            if (!push(f, f->node[k]->in[i], stamp))
                return false;
    return true;
}

static int by_id(const void *a, const void *b)
{
    int32_t x = (*(wg_tensor *const *)a)->id, y = (*(wg_tensor *const *)b)->id;
    return (x > y) - (x < y);
}

/* In order of recording: by reading the tape off where the slice is a good part of it, by sorting
 * where it is a few nodes of many. */
static void put_in_order(found *f)
{
    int32_t lo = INT32_MAX, hi = -1;
    for (int64_t k = 0; k < f->count; k++) {
        lo = f->node[k]->id < lo ? f->node[k]->id : lo;
        hi = f->node[k]->id > hi ? f->node[k]->id : hi;
    }
    if (f->count == 0)
        return;
    if ((int64_t)hi - lo > 16 * f->count) {
        qsort(f->node, (size_t)f->count, sizeof *f->node, by_id);
        return;
    }
    const wg_tape *t = f->node[0]->tape;
    uint32_t stamp = f->node[0]->stamp;
    int64_t k = 0;
    for (int32_t id = lo; id <= hi; id++)
        if (t->nodes[id]->stamp == stamp)
            f->node[k++] = t->nodes[id];
}

/* Index of the node of this id among the nodes in order. */
static int32_t index_of(const found *f, const wg_tensor *x, const int32_t *by_offset)
{
    if (by_offset)
        return by_offset[x->id - f->node[0]->id];
    int64_t lo = 0, hi = f->count - 1;
    while (lo < hi) {
        int64_t mid = (lo + hi) / 2;
        if (f->node[mid]->id < x->id)
            lo = mid + 1;
        else
            hi = mid;
    }
    return (int32_t)lo;
}

static bool fill(wg_graph *g, const found *f, int n, wg_tensor *const *outputs)
{
    int64_t range = f->count ? (int64_t)f->node[f->count - 1]->id - f->node[0]->id + 1 : 0;
    int32_t *by_offset = NULL;
    size_t before = g->scratch->total;
    if (range <= 16 * f->count
        && !(by_offset = wg_arena_alloc(g->scratch, (size_t)range * sizeof *by_offset)))
        return false;
    g->count = (int32_t)f->count;
    g->outputs = n;
    g->node = wg_arena_alloc(g->arena, (size_t)f->count * sizeof *g->node);
    g->input = wg_arena_alloc(g->arena, (size_t)f->inputs * sizeof *g->input);
    g->output = wg_arena_alloc(g->arena, (size_t)n * sizeof *g->output);
    bool fine = g->node && g->input && g->output;
    int32_t next = 0;
    for (int32_t k = 0; fine && k < g->count; k++) {
        wg_tensor *t = f->node[k];
        if (by_offset)
            by_offset[t->id - f->node[0]->id] = k;
        g->node[k] = (wg_gnode){t, next, t->n};
        for (int i = 0; i < t->n; i++)
            g->input[next++] = index_of(f, t->in[i], by_offset);
    }
    for (int i = 0; fine && i < n; i++)
        g->output[i] = index_of(f, outputs[i], by_offset);
    wg_arena_rewind(g->scratch, before);
    return fine;
}

bool wg_graph_slice(wg_graph *g, wg_arena *arena, wg_arena *scratch, int n,
                    wg_tensor *const *outputs)
{
    *g = (wg_graph){.arena = arena, .scratch = scratch};
    found f = {0};
    bool fine = collect(&f, n, outputs);
    if (fine) {
        put_in_order(&f);
        fine = fill(g, &f, n, outputs);
    }
    wg_mem_free(f.node);
    return fine;
}

void wg_graph_count_readers(const wg_graph *g, int32_t *readers)
{
    for (int32_t k = 0; k < g->count; k++)
        for (int i = 0; i < g->node[k].n; i++)
            readers[wg_graph_inputs(g, k)[i]]++;
    for (int32_t i = 0; i < g->outputs; i++)
        readers[g->output[i]]++;
}
