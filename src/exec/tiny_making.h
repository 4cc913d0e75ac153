/* A tiny program in the making: which value is at hand, where the others lie, and the links so
 * far.  What ops become is tiny_ops.c's and tiny_fold.c's, their order tiny_order.c's, what lies
 * around them tiny_links.c's. */
#ifndef WG_EXEC_TINY_MAKING_H
#define WG_EXEC_TINY_MAKING_H

#include "exec/tiny.h"

/* Where a link's argument is: memory is pointed at when the links lie where they stay. */
typedef struct wg_tiny_place {
    enum { NOWHERE, SLOT, BUFFER, MEMORY } kind;
    int32_t at; /* number of the slot, or buffer */
    const void *memory;
} wg_tiny_place;

typedef struct wg_tiny_value {
    int32_t buffer; /* that it comes from or goes to; -1 */
    int32_t count;  /* elements */
    wg_tiny_place at;       /* NOWHERE: not in memory yet */
    bool whole;     /* lanes behind the elements are as lane 0 */
    int32_t reads;  /* still to come */
    int32_t made;   /* by which op; long ago, if by none */
} wg_tiny_value;

typedef struct wg_tiny_op {
    const wg_step *s;
    int32_t k; /* which op of the step */
    const wg_tensor *t;
    int32_t n, arg[WG_MICRO_ARGS]; /* values */
    int32_t made, result;          /* value; the buffer that it goes to, or -1 */
} wg_tiny_op;

enum { MOST_VALUES = (1 + WG_MICRO_ARGS) * WG_MOST_TOGETHER, PLACES = 1 + WG_MICRO_ARGS, Z = 2 };
enum { LINKS_OF_OP = 10, LINKS_OF_VALUE = 2 };

typedef struct wg_tiny_making {
    wg_builder *b;
    const wg_step *joint;
    wg_isa_level isa; /* of the links */
    const wg_tiny_kit *kit;
    wg_dtype dtype;
    wg_tiny_op op[WG_MOST_TOGETHER];
    int32_t ops;
    wg_tiny_value *value;
    int32_t values;
    wg_tiny_link *link;
    wg_tiny_place (*where)[PLACES]; /* of a link's x, y and z; of a call's result and arguments */
    int32_t links;
    int32_t hand; /* the value at hand; -1 */
    const wg_tiny_form *form; /* of the last link, if it has more than one */
    int32_t kept; /* the value in the second register; -1 */
    int32_t free_slot[MOST_VALUES], free_slots, slots;
    bool failed;
} wg_tiny_making;

/* A link that takes x, to be filled in further; the other places are nowhere. */
wg_tiny_link *wg_tiny_add(wg_tiny_making *w, wg_link_fn *run, wg_tiny_place x);
/* One that may store its result as well. */
wg_tiny_link *wg_tiny_add_form(wg_tiny_making *w, const wg_tiny_form *form, wg_tiny_place x);
/* A copy of the bytes in the program; NULL, and w->failed, when memory runs out. */
const void *wg_tiny_keep(wg_tiny_making *w, const void *bytes, size_t size);
/* An index vector for n elements; lanes behind them are as lane 0.  In memory, and kept. */
enum { MOST_INDICES = 2 * WG_TINY_LANES }; /* of a link */
void wg_tiny_write_index(const wg_tiny_making *w, char *to, const int8_t *lane, int64_t n);
const void *wg_tiny_index(wg_tiny_making *w, const int8_t *lane, int64_t n);
extern const int8_t wg_tiny_in_order[WG_TINY_LANES];
wg_tiny_place wg_tiny_slot(wg_tiny_making *w);

/* Whether what begins with op `at` can take the value from the register and needs it nowhere
 * else. */
bool wg_tiny_takes(const wg_tiny_making *w, int32_t at, int32_t v);
/* The reduction of the value at hand. */
void wg_tiny_fold(wg_tiny_making *w, const wg_tiny_op *o);
/* Ops that one link works out, from op `at` on. */
int32_t wg_tiny_together(const wg_tiny_making *w, int32_t at);
/* Orders the ops, all of which are listed. */
void wg_tiny_order(wg_tiny_making *w);
/* Adds the links of op `at`, or of it and the next ones; how many ops that are. */
int32_t wg_tiny_work_out(wg_tiny_making *w, int32_t at);

#endif
