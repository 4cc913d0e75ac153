/* What execution has to know of ops that read by indices: what they refuse, as an index that one
 * of them has found good is good for others, and how little they read. */
#ifndef WG_OPS_INDEX_H
#define WG_OPS_INDEX_H

#include <wengert/op.h>

/* The operand whose elements have to be 0 .. *extent - 1, and that is all that y's kernel can
 * refuse; -1 if y is no such op. */
int wg_index_operand(const wg_tensor *y, int64_t *extent);

/* Whether y's kernel reads of its first operand no more than as many elements as y has. */
bool wg_reads_by_index(const wg_tensor *y);

#endif
