/* Groups in as little memory as they need.  While steps are fused there are about as many groups
 * as steps, most of them small; the form that is worked on has room for the largest. */
#ifndef WG_EXEC_GROUP_STORE_H
#define WG_EXEC_GROUP_STORE_H

#include "exec/group.h"

typedef struct wg_stored_group wg_stored_group;
struct wg_stored_group {
    wg_stored_group *next; /* of those given back */
    const wg_shape *over;
    uint32_t reduced;
    int32_t micros, n;
    uint8_t room; /* class of its size */
    bool recomputed;
    wg_operand in[]; /* then micro-ops, then which operands are kept */
};

enum { WG_STORE_CLASSES = 5 };
typedef struct wg_group_store {
    wg_arena *arena;
    wg_stored_group *spare[WG_STORE_CLASSES];
} wg_group_store;

/* Puts the group in the place of `old` (NULL: in a new one).  NULL when memory runs out. */
wg_stored_group *wg_group_put(wg_group_store *store, const wg_group *g, wg_stored_group *old);
void wg_group_get(const wg_stored_group *s, wg_group *g);
const wg_micro *wg_group_micros(const wg_stored_group *s);
/* Its memory is for others; NULL is fine. */
void wg_group_give_back(wg_group_store *store, wg_stored_group *s);

#endif
