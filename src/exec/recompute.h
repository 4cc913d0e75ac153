/* recompute: values that a backward sweep reads long after they were made are not kept until
 * then, but made again.
 *
 * The nodes of a graph fall into epochs: what was recorded forwards, then each sweep, and within
 * a sweep of a sweep each stretch over nodes of one order of derivative.  A reader is late if it
 * is part of a sweep and of a later epoch than what it reads.  Late readers of a dropped node
 * read a copy of it, one an epoch, which stands in the graph just before the first of them, so
 * that it runs then. */
#ifndef WG_EXEC_RECOMPUTE_H
#define WG_EXEC_RECOMPUTE_H

#include "exec/graph.h"

/* What is known of a graph while choosing what to drop.  Arrays with an entry a node, in the
 * graph's arena. */
typedef struct wg_epochs {
    int32_t *epoch;
    int32_t *root;       /* whose memory holds its values: its own but for views; -1: a leaf's, or
                          * an immediate's */
    unsigned char *drop; /* late readers get a copy */
} wg_epochs;

bool wg_has_checkpoints(const wg_graph *g);

/* Works out epochs and roots; drops what wg_checkpoint says.  false when memory runs out. */
bool wg_epochs_of(wg_epochs *e, const wg_graph *g);

/* Whether node r, if it reads node k, does so late. */
static inline bool wg_reads_late(const wg_graph *g, const wg_epochs *e, int32_t r, int32_t k)
{
    return g->node[r].t->origin && e->epoch[r] > e->epoch[k];
}

/* A view's values are where those of its root are: it is dropped if that is. */
void wg_drop_views(const wg_graph *g, wg_epochs *e);

/* Whether the node may be made again at all. */
bool wg_may_recompute(const wg_graph *g, int32_t k);

/* The graph with copies of what is dropped, in arrays of its own; what nothing reads any more is
 * gone.  false when memory runs out. */
bool wg_graph_with_copies(wg_graph *out, const wg_graph *g, const wg_epochs *e);

#endif
