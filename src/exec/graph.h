/* The slice of a tape that some outputs need, as arrays of indices: what compilation works on.  An
 * input's index is always smaller than its user's: nodes are in order of recording, copies that
 * recompute behind the node that they copy. */
#ifndef WG_EXEC_GRAPH_H
#define WG_EXEC_GRAPH_H

#include "core/arena.h"
#include "tape/tape.h"

typedef struct wg_gnode {
    wg_tensor *t;  /* record, attributes and shape; alive while compiling */
    int32_t input; /* first of its inputs in wg_graph.input */
    int32_t n;
} wg_gnode;

typedef struct wg_graph {
    wg_gnode *node;
    int32_t count;
    int32_t *input;  /* indices of nodes, all inputs one after the other */
    int32_t *output; /* indices of nodes, one for each output */
    int32_t outputs;
    unsigned char *recomputed; /* whether the node is a copy, made for a sweep; NULL: none is */
    wg_arena *arena;   /* what the arrays and everything else of a compilation live in */
    wg_arena *scratch; /* what a pass needs while it works: it leaves the arena as it found it */
} wg_graph;

/* prune: keeps what the outputs need.  false when memory runs out. */
bool wg_graph_slice(wg_graph *g, wg_arena *arena, wg_arena *scratch, int n,
                    wg_tensor *const *outputs);

/* merge: of nodes that compute the same, one is kept and the others' users are pointed at it;
 * then what has no user goes.
 * Random draws have streams of their own and so are never equal; ordered ops are left alone.
 * false when memory runs out. */
bool wg_graph_merge(wg_graph *g);

/* Drops the nodes that no output leads back to and numbers the rest anew.
 * false when memory runs out. */
bool wg_graph_drop_unused(wg_graph *g);

/* How many operands and outputs each node is; readers are all 0 before. */
void wg_graph_count_readers(const wg_graph *g, int32_t *readers);

static inline const int32_t *wg_graph_inputs(const wg_graph *g, int32_t node)
{
    return g->input + g->node[node].input;
}

#endif
