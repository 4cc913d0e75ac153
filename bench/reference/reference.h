/* Training steps (forward, loss, backward, descent) written by hand, as well as we can: what the
 * library's are measured against.  One thread, f32.
 *
 * A way of writing a network's step is a `writing`: where there are several, the fastest on this
 * machine is the reference. */
#ifndef BENCH_REFERENCE_H
#define BENCH_REFERENCE_H

#include "../steps/networks.h"

typedef struct writing {
    const char *name;
    void *(*make)(const problem *p); /* NULL if it is not for this network, or memory ran out */
    float (*step)(void *state);      /* the loss before the update */
    void (*drop)(void *state);
} writing;

extern const writing scalar_sized;  /* a: a batch of 4 in the lanes of a vector */
extern const writing padded;        /* b: two layers of up to 32 and 16 outputs, batch 10 */
extern const writing square_layers; /* e: layers of 32-32, batch 8, that stay in registers */
extern const writing products;      /* any: the best matrix products and a loop between two */

/* All of them; NULL comes last. */
extern const writing *const writings[];

/* The fastest writing for a problem, with a state to go on from; NULL if memory ran out. */
const writing *reference_new(const problem *p, void **state);

#endif
