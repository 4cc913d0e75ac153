#include "exec/recompute.h"

#include "core/alloc.h"
#include "ops/checkpoint.h"
#include "ops/full.h"

/* ---- epochs and roots ---- */

/* 0 for what was recorded forwards, 1 for adjoints of that, 2 for adjoints of adjoints ... */
static int32_t order_of(const wg_tensor *t)
{
    int32_t order = 0;
    for (; t->origin; t = t->origin)
        order++;
    return order;
}

/* A sweep walks backwards: where the nodes' origins go forwards again, another one has begun. */
static void find_epochs(const wg_graph *g, int32_t *epoch)
{
    int32_t now = 0, order = 0, origin = INT32_MAX;
    for (int32_t k = 0; k < g->count; k++) {
        const wg_tensor *t = g->node[k].t;
        int32_t its = order_of(t);
        if (its && (its != order || t->origin->id > origin))
            now++;
        order = its;
        origin = its ? t->origin->id : INT32_MAX;
        epoch[k] = now;
    }
}

static bool is_view(const wg_tensor *t)
{
    return t->op->view && !t->op->map && !t->leaf;
}

static void find_roots(const wg_graph *g, int32_t *root)
{
    double number;
    for (int32_t k = 0; k < g->count; k++) {
        const wg_tensor *t = g->node[k].t;
        if (t->leaf || wg_is_full(t, &number))
            root[k] = -1;
        else
            root[k] = is_view(t) ? root[wg_graph_inputs(g, k)[0]] : k;
    }
}

bool wg_may_recompute(const wg_graph *g, int32_t k)
{
    return !(g->node[k].t->op->flags & WG_OP_ORDERED);
}

/* ---- what checkpoints say ---- */

typedef struct marking {
    const wg_graph *g;
    wg_epochs *e;
    bool *drawn;     /* depends on nothing but draws and immediates */
    int32_t *before; /* stamp: y needs it and it is no input */
    int32_t *after;  /* stamp: an input, or depends on one */
} marking;

static void find_drawn(marking *m)
{
    for (int32_t k = 0; k < m->g->count; k++) {
        m->drawn[k] = !m->g->node[k].t->leaf;
        for (int i = 0; i < m->g->node[k].n && m->drawn[k]; i++)
            m->drawn[k] = m->drawn[wg_graph_inputs(m->g, k)[i]];
    }
}

static void drop(marking *m, int32_t k)
{
    if (m->e->root[k] >= 0 && wg_may_recompute(m->g, k))
        m->e->drop[k] = 1;
}

/* What an operand of a checkpoint stands for: it is behind a stop_gradient. */
static int32_t input_of(const wg_graph *g, int32_t k)
{
    const wg_op *op = g->node[k].t->op;
    return op->view && (op->flags & WG_OP_FLAT) ? wg_graph_inputs(g, k)[0] : k;
}

/* Stamps a checkpoint's inputs; gives the first of them on the tape. */
static int32_t mark_inputs(marking *m, int32_t checkpoint)
{
    const int32_t *in = wg_graph_inputs(m->g, checkpoint);
    int32_t first = in[0];
    for (int i = 1; i < m->g->node[checkpoint].n; i++) {
        int32_t k = input_of(m->g, in[i]);
        m->after[k] = checkpoint;
        first = k < first ? k : first;
    }
    return first;
}

/* Backwards from y to the inputs, then forwards again. */
static void mark_stretch(marking *m, int32_t checkpoint)
{
    int32_t y = wg_graph_inputs(m->g, checkpoint)[0], first = mark_inputs(m, checkpoint);
    m->before[y] = checkpoint;
    for (int32_t k = y; k > first; k--)
        for (int i = 0; i < m->g->node[k].n && m->before[k] == checkpoint; i++) {
            int32_t in = wg_graph_inputs(m->g, k)[i];
            if (m->after[in] != checkpoint)
                m->before[in] = checkpoint;
        }
    for (int32_t k = first + 1; k <= y; k++) {
        if (m->before[k] != checkpoint)
            continue;
        bool depends = m->drawn[k];
        for (int i = 0; i < m->g->node[k].n && !depends; i++)
            depends = m->after[wg_graph_inputs(m->g, k)[i]] == checkpoint;
        if (depends && !m->drawn[k])
            m->after[k] = checkpoint;
        if (depends && m->e->root[k] != m->e->root[y])
            drop(m, k);
    }
}

static bool is_checkpoint(const wg_graph *g, int32_t k, bool bare)
{
    return g->node[k].t->op == &wg_checkpoint_op && (g->node[k].t->n == 1) == bare;
}

enum { NOT_YET = -2, FROM_LEAVES = -1 }; /* stamps other than a checkpoint */

/* Checkpoints without inputs, all at once.  after: the node is where one begins. */
static void mark_from_leaves(marking *m)
{
    for (int32_t k = m->g->count - 1; k >= 0; k--) {
        const int32_t *in = wg_graph_inputs(m->g, k);
        int32_t y = is_checkpoint(m->g, k, true) ? m->e->root[in[0]] : -1;
        if (y >= 0)
            m->after[y] = FROM_LEAVES;
        bool needed = m->before[k] == FROM_LEAVES || m->after[k] == FROM_LEAVES;
        for (int i = 0; i < m->g->node[k].n && needed; i++)
            m->before[in[i]] = FROM_LEAVES;
        if (m->before[k] == FROM_LEAVES)
            drop(m, k);
    }
}

static void mark_checkpoints(marking *m)
{
    bool bare = false;
    find_drawn(m);
    for (int32_t k = 0; k < m->g->count; k++) {
        m->before[k] = m->after[k] = NOT_YET;
        bare = bare || is_checkpoint(m->g, k, true);
    }
    if (bare)
        mark_from_leaves(m);
    for (int32_t k = 0; k < m->g->count; k++)
        if (is_checkpoint(m->g, k, false))
            mark_stretch(m, k);
}

void wg_drop_views(const wg_graph *g, wg_epochs *e)
{
    for (int32_t k = 0; k < g->count; k++)
        e->drop[k] = e->root[k] >= 0 && e->drop[e->root[k]];
}

bool wg_has_checkpoints(const wg_graph *g)
{
    for (int32_t k = 0; k < g->count; k++)
        if (g->node[k].t->op == &wg_checkpoint_op)
            return true;
    return false;
}

bool wg_epochs_of(wg_epochs *e, const wg_graph *g)
{
    size_t n = (size_t)g->count, before = g->scratch->total;
    *e = (wg_epochs){wg_arena_alloc(g->arena, n * sizeof *e->epoch),
                     wg_arena_alloc(g->arena, n * sizeof *e->root), wg_arena_zero(g->arena, n, 1)};
    marking m = {g, e, wg_arena_alloc(g->scratch, n * sizeof *m.drawn),
                 wg_arena_alloc(g->scratch, n * sizeof *m.before),
                 wg_arena_alloc(g->scratch, n * sizeof *m.after)};
    bool fine = e->epoch && e->root && e->drop && m.drawn && m.before && m.after;
    if (fine) {
        find_epochs(g, e->epoch);
        find_roots(g, e->root);
        mark_checkpoints(&m);
        wg_drop_views(g, e);
    }
    wg_arena_rewind(g->scratch, before);
    return fine;
}

/* ---- copies ---- */

typedef struct copying {
    const wg_graph *g;
    const wg_epochs *e;
    wg_graph *out;
    int64_t node_capacity, recomputed_capacity, input_capacity;
    int32_t inputs;
    int32_t *number; /* of each node: its own place in the new graph */
    int32_t *copy;   /* and its latest copy's, made for the epoch copied_in */
    int32_t *copied_in;
    int32_t *waiting; /* stack of nodes to be copied */
    int32_t depth;
    int64_t capacity;
} copying;

/* The place in the new graph of what node r reads as node k, in r's copy for the epoch or, if
 * that is r's own, in r itself; -1 if a copy that it wants has not been made. */
static int32_t operand(const copying *c, int32_t r, int32_t k, int32_t epoch)
{
    bool copied = c->e->epoch[r] < epoch;
    if (!c->e->drop[k] || !(copied || wg_reads_late(c->g, c->e, r, k)))
        return c->number[k];
    return c->copied_in[k] == epoch ? c->copy[k] : -1;
}

/* Adds node r, or its copy, to the new graph; its operands are there. */
static bool add(copying *c, int32_t r, int32_t epoch)
{
    const wg_gnode *from = &c->g->node[r];
    wg_graph *out = c->out;
    int32_t wanted = out->count + 1;
    if (!wg_mem_grow(&out->node, wanted, &c->node_capacity, sizeof *out->node)
        || !wg_mem_grow(&out->recomputed, wanted, &c->recomputed_capacity, 1)
        || !wg_mem_grow(&out->input, c->inputs + from->n, &c->input_capacity, sizeof *out->input))
        return false;
    bool copied = c->e->epoch[r] < epoch;
    out->node[out->count] = (wg_gnode){from->t, c->inputs, from->n};
    out->recomputed[out->count] = copied;
    for (int i = 0; i < from->n; i++)
        out->input[c->inputs++] = operand(c, r, wg_graph_inputs(c->g, r)[i], epoch);
    if (copied) {
        c->copy[r] = out->count;
        c->copied_in[r] = epoch;
    } else {
        c->number[r] = out->count;
    }
    out->count++;
    return true;
}

/* Puts on the stack what the node, or its copy, wants and is not there. */
static bool push_wanted(copying *c, int32_t r, int32_t epoch)
{
    for (int i = 0; i < c->g->node[r].n; i++) {
        int32_t k = wg_graph_inputs(c->g, r)[i];
        if (operand(c, r, k, epoch) >= 0)
            continue;
        if (!wg_mem_grow(&c->waiting, c->depth + 1, &c->capacity, sizeof *c->waiting))
            return false;
        c->waiting[c->depth++] = k;
    }
    return true;
}

/* The node, after the copies that it reads and those that they read. */
static bool add_with_copies(copying *c, int32_t r)
{
    int32_t epoch = c->e->epoch[r];
    bool fine = push_wanted(c, r, epoch);
    while (fine && c->depth) {
        int32_t k = c->waiting[c->depth - 1], before = c->depth;
        if (c->copied_in[k] == epoch) {
            c->depth--;
            continue;
        }
        fine = push_wanted(c, k, epoch);
        if (fine && c->depth == before) {
            c->depth--;
            fine = add(c, k, epoch);
        }
    }
    return fine && add(c, r, epoch);
}

/* Into the arena, like any graph. */
static bool settle(wg_graph *out, int32_t inputs)
{
    void *node = out->node, *input = out->input, *recomputed = out->recomputed;
    out->node = wg_arena_copy(out->arena, node, (size_t)out->count * sizeof *out->node);
    out->input = wg_arena_copy(out->arena, input, (size_t)inputs * sizeof *out->input);
    out->recomputed = wg_arena_copy(out->arena, recomputed, (size_t)out->count);
    wg_mem_free(node);
    wg_mem_free(input);
    wg_mem_free(recomputed);
    return out->node && out->input && out->recomputed;
}

bool wg_graph_with_copies(wg_graph *out, const wg_graph *g, const wg_epochs *e)
{
    size_t n = (size_t)g->count, before = g->scratch->total;
    *out = (wg_graph){.arena = g->arena, .scratch = g->scratch, .outputs = g->outputs};
    copying c = {.g = g,
                 .e = e,
                 .out = out,
                 .number = wg_arena_alloc(g->scratch, n * sizeof *c.number),
                 .copy = wg_arena_alloc(g->scratch, n * sizeof *c.copy),
                 .copied_in = wg_arena_zero(g->scratch, n, sizeof *c.copied_in)};
    out->output = wg_arena_alloc(g->arena, (size_t)g->outputs * sizeof *out->output);
    bool fine = c.number && c.copy && c.copied_in && out->output;
    for (int32_t k = 0; fine && k < g->count; k++)
        fine = add_with_copies(&c, k);
    for (int32_t i = 0; fine && i < g->outputs; i++)
        out->output[i] = c.number[g->output[i]];
    wg_mem_free(c.waiting);
    fine = settle(out, c.inputs) && fine;
    wg_arena_rewind(g->scratch, before);
    return fine && wg_graph_drop_unused(out);
}
