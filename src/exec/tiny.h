/* Tiny steps: those all of whose tensors fit in one vector.  Steps that follow each other in
 * the order of execution run as one instruction, a tiny program (kernels/tiny.h). */
#ifndef WG_EXEC_TINY_H
#define WG_EXEC_TINY_H

#include "exec/instr.h"
#include "kernels/tiny.h"

/* What the a-th argument of an op of a step is. */
typedef struct wg_tiny_argument {
    const wg_operand *from; /* an operand of the step; NULL: the value of its micro-op `micro` */
    int32_t micro;
    int8_t lane[WG_TINY_LANES]; /* of each element of the argument, which lane of that it is */
} wg_tiny_argument;
wg_tiny_argument wg_tiny_argument_of(const wg_step *s, int32_t op, int a);

/* How the reduction that is the op goes over its elements. */
wg_fold_way wg_tiny_fold_way(const wg_step *s, int32_t op);

/* Order has been found: joins tiny steps.  false when memory runs out. */
bool wg_join_tiny(wg_lowered *l, wg_isa_level isa);

#endif
