/* The leaves that a check moves, seen as one vector: elements of the first leaf, of the second,
 * and so on.  Knows nothing of derivatives. */
#ifndef WG_CHECK_LEAVES_H
#define WG_CHECK_LEAVES_H

#include <wengert/tape.h>

typedef struct wg_leaves {
    wg_tape *tape;
    int count;
    wg_tensor **leaf;
    int64_t *start;     /* leaf k is elements start[k] to start[k + 1] - 1 of the vector */
    int64_t n;          /* all elements */
    double *size;       /* how large each argument is: what a step is measured by */
    double *step;       /* size times 1/2 to 3/2, of random sign: how an element moves */
    double *reach;      /* so many steps are a tenth of what is typical of the leaf: 1 or more */
    bool *uneven;       /* elements of leaf k differ so much that the small may drown */
    double *held;       /* what the leaves hold now */
    const double *base; /* held is base but for lo .. hi - 1 */
    int64_t lo, hi;
    bool wide;
    double epsilon; /* unit roundoff of the coarsest floating dtype on the tape */
} wg_leaves;

/* Parameters and floating inputs of the tape.  x receives the vector of their values, to be freed
 * with wg_mem_free. */
wg_status wg_leaves_gather(wg_leaves *l, wg_tape *t, uint64_t seed, double **x, wg_message *why);
void wg_leaves_free(wg_leaves *l);

/* Each element moves in steps .reach times as long, until the same is asked with false. */
void wg_leaves_widen(wg_leaves *l, bool wide);

/* Leaves <- x, moved by tau steps in the elements lo .. hi - 1.  Sets only the leaves that change;
 * x must stay where it is. */
wg_status wg_leaves_place(wg_leaves *l, const double *x, int64_t lo, int64_t hi, double tau);

int wg_leaves_find(const wg_leaves *l, int64_t j); /* the leaf of element j */

/* Pseudo-random numbers for cotangents and samples: splitmix64 (Steele, Lea, Flood, "Fast
 * splittable pseudorandom number generators", OOPSLA 2014). */
double wg_check_uniform(uint64_t *state); /* in [0, 1) */
/* 1/2 to 3/2 of random sign: no element escapes by a weight near 0. */
double wg_check_signed(uint64_t *state);

#endif
