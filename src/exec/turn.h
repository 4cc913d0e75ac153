/* turn: the transpose of a product that nothing else reads is the product of the transposed
 * operands,  (A B)^T = B^T A^T,  which no one has to read across.  It is what the adjoint of a
 * weight becomes that is stored as [out, in].  Sums go over their terms in the same order, so
 * that bits are the same. */
#ifndef WG_EXEC_TURN_H
#define WG_EXEC_TURN_H

#include "exec/lower.h"

/* Whether y swaps the last two axes of its operand, and does nothing else. */
bool wg_swaps_last_axes(const wg_tensor *y);

/* Of each node whether a reduction or a product reads it, maybe through views: these go over their
 * terms in an order that depends on how they lie.  In the scratch arena; NULL when memory runs
 * out. */
unsigned char *wg_find_walked(const wg_graph *g);

/* Makes the step, a product of two matrices alone, give its transpose.  *turned: whether it does
 * now; it is left as it was where the sums would go over their terms in another order, or where
 * there are several products.  false when memory runs out. */
bool wg_turn_product(wg_arena *arena, wg_isa_level isa, wg_step *s, bool *turned);

#endif
