/* The numbers of a drawing: at its nodes values and adjoints, at its edges local derivatives; over
 * all nodes that one is shown for. */
#ifndef WG_LOOK_DOT_NUMBERS_H
#define WG_LOOK_DOT_NUMBERS_H

#include <wengert/look.h>

#include "look/fold.h"
#include "look/numbers.h"

typedef struct wg_dot_numbers {
    wg_numbers all;
    int64_t *value, *adjoint; /* of each node, handles; -1: not shown */
    int64_t *local;           /* of each edge */
    int64_t *first_edge;      /* of each node's edges from its inputs: where they begin */
    unsigned char *kind;      /* wg_local_kind of each edge */
} wg_dot_numbers;

wg_status wg_dot_numbers_make(wg_dot_numbers *d, wg_tape *t, int64_t count,
                              const unsigned char *mark, const wg_dot_options *o);
void wg_dot_numbers_free(wg_dot_numbers *d);

enum { WG_DOT_NUMBER = 400 }; /* room for the text of one */

/* Text of handles[i] for i = node, f->next[node] ..; empty if there is none. */
const char *wg_dot_number(const wg_dot_numbers *d, const wg_fold *f, const int64_t *handles,
                          int32_t node, char text[WG_DOT_NUMBER]);
/* Of the k-th edge into the nodes listed, which are alike. */
const char *wg_dot_local(const wg_dot_numbers *d, wg_tape *t, int64_t n, const int32_t *nodes,
                         int k, char text[WG_DOT_NUMBER]);

#endif
