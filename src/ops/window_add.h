/* What execution makes of  add(x, pad(v)):  v is added where it belongs in x, and the zeros around
 * it are not written, read and added.  Nobody records it. */
#ifndef WG_OPS_WINDOW_ADD_H
#define WG_OPS_WINDOW_ADD_H

#include <wengert/op.h>

#include "kernels/box.h"

/* Adding the zeros does one thing, +0 of -0: in the part of x that may hold one, beside the
 * window. */
typedef struct wg_window_add_attr {
    wg_box window; /* where v goes */
    wg_box signs;  /* the part of x in which there may be a -0 */
} wg_window_add_attr;

/* y = x + pad(v), bit for bit.  The kernel takes x's own memory as y's. */
extern const wg_op wg_window_add_op;

#endif
