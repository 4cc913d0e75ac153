/* Ops known to a tape by name. */
#ifndef WG_TAPE_REGISTRY_H
#define WG_TAPE_REGISTRY_H

#include <wengert/op.h>

/* Enters the record under its name; an error on the tape if the name is taken by another record or memory runs out. */
wg_status wg_tape_add_op(wg_tape *t, const wg_op *op);
/* The registered op of that name; NULL if there is none. */
const wg_op *wg_tape_op(const wg_tape *t, const char *name);

#endif
