/* Programs found again.  A step that is recorded anew each time mostly has the structure of one
 * that was compiled before: then its program is taken from those that were freed since, and only
 * leaves and outputs are put in place.
 *
 * The structure of a slice is all that compilation reads of it: ops, attribute bytes, dtypes,
 * shapes, who reads whom, names and labels, and from where an adjoint came; with the options, and
 * the instruction set.  A leaf counts by its place, kind, dtype and shape, not by its values,
 * which compilation never reads, nor by where they lie.
 * A pass that reads anything else of a node must add it here. */
#ifndef WG_EXEC_REUSE_H
#define WG_EXEC_REUSE_H

#include "exec/compile.h"

/* Equal structures are equal words. */
typedef struct wg_structure {
    uint64_t *word;
    int64_t words; /* 0: none, a program of that kind is not looked for */
    uint64_t hash;
} wg_structure;

/* The structure of a slice as it was recorded, before any pass.
 * None if it is too large to be kept.
 * Its words are the caller's, to be given back with wg_mem_free.  false when memory runs out. */
bool wg_structure_of(wg_structure *s, const wg_graph *g, const wg_request *r);

/* A program of this structure that nobody uses,
 * no longer among those kept; NULL if there is none. */
wg_program *wg_reuse_take(wg_tape *t, const wg_structure *s);

/* Keeps a program that nobody uses; those that are then too many, or take too much memory, are
 * destroyed, the least recently used first. */
void wg_reuse_keep(wg_program *p);

/* Takes a program that goes out of those kept, if it is among them. */
void wg_reuse_forget(wg_program *p);

#endif
