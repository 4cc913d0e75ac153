/* What a tape owns.  For the tape's own files and for execution,
 * which reads leaves' storage and clocks. */
#ifndef WG_TAPE_STATE_H
#define WG_TAPE_STATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "core/hash.h"
#include "tape/tape.h"

/* Named or constant storage.  Lives in the arena; its memory does not. */
struct wg_leaf {
    UT_hash_handle hh;
    wg_leaf *before; /* the leaf made before it, whether named or not */
    wg_tensor *node;
    const char *name; /* NULL for constants */
    wg_leaf_kind kind;
    bool fed;         /* has values; an input has none until it is set or bound */
    void *own, *bound;
    void *block; /* that `own` lies in */
    int64_t count;
    uint64_t set_at; /* tape clock when its values were last set */
    int32_t place;   /* scratch of a compilation: its place among the program's leaves */
};

/* Something made from the tape that must hear of its changes: a program. */
typedef struct wg_dependent wg_dependent;
struct wg_dependent {
    wg_dependent *before, *after;
    void (*rewound)(wg_dependent *d, int64_t nodes); /* nodes from this number on are gone */
    void (*drop)(wg_dependent *d);                   /* the tape goes */
};

typedef struct wg_text wg_text; /* interned string */
typedef struct wg_known_op wg_known_op;

struct wg_tape {
    wg_dtype dtype;
    wg_arena arena;
    wg_tensor **nodes;
    int64_t count, capacity;
    wg_leaf *leaves; /* hash by name */
    wg_leaf *last_leaf;
    wg_text *texts;
    wg_known_op *ops;
    wg_dependent *dependents;
    wg_tensor *origin;
    wg_program *evaluator; /* execution's: the last private program of wg_get_* */
    wg_program *unused;    /* execution's: programs kept for what has their structure,
                            * the last used first */
    uint32_t stamp;
    _Atomic uint64_t clock; /* counts what changes values: sets, and runs that assign, draw or
                             * share an output with another program */
    uint64_t bindings; /* counts changes of where leaves lie */
    uint64_t seed, run;
    int64_t draws, params;
    struct {
        const wg_tensor *node; /* NULL: none */
        int64_t axis, sum;
        int i;
    } before; /* the latest answer of wg_extent_before */

    pthread_mutex_t error_lock; /* runs on several threads may fail at once */
    bool failed;
    wg_status error_status;
    char error[1024];
};

/* Where the leaf's values are; NULL for an input that has no memory yet. */
static inline void *wg_leaf_data(const wg_leaf *l)
{
    return l->bound ? l->bound : l->own;
}

/* A leaf with memory (but for inputs, which get theirs when they are fed or compiled), its values
 * not set; NULL, with the reason on the tape, if name, dtype or shape do not fit. */
wg_tensor *wg_leaf_new(wg_tape *t, const wg_op *op, wg_leaf_kind kind, const char *name,
                       wg_dtype dtype, wg_shape shape);

/* A copy of the text that lives as long as the tape;
 * equal texts are one.  NULL when memory runs out. */
const char *wg_tape_text(wg_tape *t, const char *text);

/* A fresh stamp for a traversal: no node bears it. */
uint32_t wg_tape_stamp(wg_tape *t);

void wg_tape_attach(wg_tape *t, wg_dependent *d);
void wg_tape_detach(wg_tape *t, wg_dependent *d);

/* A node without the usual checks: for leaves, whose op takes no inputs. */
wg_tensor *wg_tape_push(wg_tape *t, const wg_op *op, int n, wg_tensor *const *in, const void *attr);

/* Bytes of so many elements; -1 if the count is bad or the bytes pass 2^63 - 1. */
int64_t wg_bytes_of(wg_shape shape, wg_dtype dtype);

void wg_tape_free_texts(wg_tape *t);
void wg_tape_free_ops(wg_tape *t);
void wg_leaf_drop_from(wg_tape *t, int64_t nodes);

#endif
