/* The tape's insides: nodes, leaves and the errors that stick to it.
 * Knows no op but what a record tells. */
#ifndef WG_TAPE_TAPE_H
#define WG_TAPE_TAPE_H

#include <stdarg.h>
#include <wengert/op.h>
#include <wengert/tape.h>

#include "core/arena.h"

typedef struct wg_leaf wg_leaf;
typedef struct wg_slot wg_slot; /* where a program left an output: execution's business */

/* One node.  A scalar node with two inputs takes 160 bytes of the arena and 8 of the index. */
struct wg_tensor {
    wg_tape *tape;
    const wg_op *op;
    const void *attr;
    const char *label;
    wg_tensor *origin; /* for an adjoint: the node it is an adjoint of */
    wg_leaf *leaf;     /* NULL but for leaves */
    wg_slot *slots;    /* programs that have it as an output */
    int32_t id;        /* place on the tape */
    int32_t n;         /* inputs */
    wg_dtype dtype;
    uint32_t stamp; /* scratch of a traversal (see wg_tape_stamp) */
    wg_shape shape;
    wg_tensor *in[];
};

enum { WG_MAP_INPUTS = 3 }; /* most inputs of an elementwise op */

/* Record a node: the one way onto the tape.  attr is copied (op->attr_size bytes).
 * NULL, with the error kept, on refusal. */
#define wg_apply1(op, x) wg_apply((op), 1, (wg_tensor *[]){(x)}, NULL)
#define wg_apply1_attr(op, x, attr) wg_apply((op), 1, (wg_tensor *[]){(x)}, (attr))
#define wg_apply2(op, a, b) wg_apply((op), 2, (wg_tensor *[]){(a), (b)}, NULL)
#define wg_apply3(op, a, b, c) wg_apply((op), 3, (wg_tensor *[]){(a), (b), (c)}, NULL)

/* Keep an error on the tape (if it is the first), as wg_keep_error does; always give false or
 * NULL, for return statements.  t may be NULL: then nothing is kept. */
bool wg_error_keep(wg_tape *t, wg_status s, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
wg_tensor *wg_error_null(wg_tape *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* For constructors that check before they record: "<op>: wants <wants>, got <operands>", operands
 * described as in every message:
 * "x" [32, 784] x "W1" [128, 30], with dtypes where these are not all the tape's or are what is
 * wanted ("dtype" is in the text).  NULL operands are told by their place. */
wg_tensor *wg_refuse(const char *op, const char *wants, int n, wg_tensor *const *in);
#define wg_refuse1(op, wants, x) wg_refuse((op), (wants), 1, (wg_tensor *[]){(x)})
#define wg_refuse2(op, wants, a, b) wg_refuse((op), (wants), 2, (wg_tensor *[]){(a), (b)})

/* ---- for ops ---- */

/* Extent along the axis of y's inputs before the i-th, all together.  Asked for one input after
 * the other, as rules of adjoints do, it looks at each once. */
int64_t wg_extent_before(const wg_tensor *y, int64_t axis, int i);

/* The next stream number for a random op: the draw's ordinal on its tape. */
int64_t wg_next_stream(wg_tape *t);

/* ---- for the sweep ---- */

/* While set, recorded nodes remember this node as the one whose adjoint they are part of;
 * returns what was set before. */
wg_tensor *wg_tape_origin(wg_tape *t, wg_tensor *origin);

#endif
