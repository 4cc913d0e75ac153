/* Ops known to a tape by name. */
#ifndef WG_TAPE_REGISTRY_H
#define WG_TAPE_REGISTRY_H

#include <wengert/op.h>

/* What a record lacks to be used: "an infer, which says the shape of the result"; NULL if nothing.
 * text: room for it, where it has numbers. */
const char *wg_op_lacks(const wg_op *op, wg_message *text);
/* Enters the record under its name, which no other has;
 * an error on the tape if memory runs out. */
wg_status wg_tape_add_op(wg_tape *t, const wg_op *op);
/* Keeps "register_op: <text>" on the tape; gives s.
 * For the check of a record that is to be entered. */
wg_status wg_tape_refuse_op(wg_tape *t, wg_status s, const char *text);
/* The registered op of that name; NULL if there is none. */
const wg_op *wg_tape_op(const wg_tape *t, const char *name);

#endif
