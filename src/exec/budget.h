/* budget: chooses what to recompute so that a program's buffers fit into so many bytes. */
#ifndef WG_EXEC_BUDGET_H
#define WG_EXEC_BUDGET_H

#include "exec/recompute.h"

/* Compiles the graph, which it may use up, as far as the plan of memory, and gives the bytes
 * that the plan takes.  false when memory runs out.
 * Leaves the graph's arenas as it found them. */
typedef bool wg_planner(void *user, wg_graph *g, int64_t *bytes);

typedef struct wg_budget {
    int64_t bytes; /* at most */
    wg_planner *plan;
    void *user;
} wg_budget;

/* Sets e->drop, in which what wg_checkpoint says is set, so that the plan takes at most
 * budget->bytes and little is computed twice. *least: the fewest bytes that a plan took; more
 * than the budget if none fits.  false when memory runs out.  Compiles 21 times at most;
 * each choice is a few walks over the graph. */
bool wg_fit_budget(wg_epochs *e, const wg_graph *g, const wg_budget *budget, int64_t *least);

#endif
