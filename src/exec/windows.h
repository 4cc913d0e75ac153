/* windows: sums of what was padded with zeros, as adjoints of slices are, are added up where they
 * belong.  No padded tensor is made but the first. */
#ifndef WG_EXEC_WINDOWS_H
#define WG_EXEC_WINDOWS_H

#include "exec/graph.h"

/* What becomes of each node, in the graph's scratch arena; NULL where no node is a pad. */
typedef enum wg_window_role {
    WG_NO_WINDOW,
    WG_PUT_INTO_SUM, /* a pad that is not made */
    WG_WINDOW_SUM    /* add(x, pad(v)): adds v to a window of x */
} wg_window_role;

/* readers: of each node.  false when memory runs out. */
bool wg_find_windows(const wg_graph *g, const int32_t *readers, unsigned char **role);

/* The node v that the window sum k adds: it may have been padded several times. */
int32_t wg_window_of_sum(const wg_graph *g, const unsigned char *role, int32_t k);

/* What the window sum k is instead: wg_window_add_op of x and v, which are its operands then.
 * x stands for that sum's first operand; it is what became of it, if that is such a sum itself.
 * In the arena; NULL when memory runs out. */
wg_tensor *wg_window_sum(wg_arena *arena, const wg_graph *g, const unsigned char *role, int32_t k,
                         wg_tensor *x);

#endif
