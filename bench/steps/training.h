/* A network's training step as a user of the library writes it: forward, loss, gradient, descent,
 * recorded once and compiled into one program. */
#ifndef BENCH_TRAINING_H
#define BENCH_TRAINING_H

#include <wengert.h>

#include "networks.h"

typedef struct training {
    wg_tape *tape;
    wg_program *program; /* its output 0 is the loss before the update */
} training;

/* W - d(rate loss)/dW, as in the references: one number is multiplied by the rate.
 * A program of NULL, with the reason on the tape, if something failed. */
training training_new(const problem *p, const wg_compile_options *options);

/* W - rate d(loss)/dW: as many multiplications by the rate as there are parameters. */
training training_new_rate_last(const problem *p);

float training_step(training *t); /* the loss before the update */
void training_steps(void *a_training, long times);
void training_free(training *t);

/* The same in parts: what a step begins with, and the step alone, which can be recorded again. */
typedef struct leaves {
    const network *network;
    wg_tensor *x, *target, **param; /* weights and biases by turns */
    bool rate_last;                 /* the rate times each gradient, not times the loss */
} leaves;

/* False if something failed; the reason is on the tape, unless it is memory of the arrays. */
bool make_leaves(wg_tape *t, const problem *p, leaves *l);
void free_leaves(leaves *l);
/* Records a step and writes its 1 + 2 layers outputs: the loss and the assignments. */
void record_step(const leaves *l, wg_tensor **output);

#endif
