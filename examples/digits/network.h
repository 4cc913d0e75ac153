/* The network as a composition of the library's ops, and the programs made of it. */
#ifndef DIGITS_NETWORK_H
#define DIGITS_NETWORK_H

#include <wengert.h>

#include "sets.h"

enum { CLASSES = 10, MAX_LAYERS = MAX_HIDDEN + 1 };

/* Layer l turns [n, in] into [n, out]: w[l] is [in, out], b[l] is [out]. */
typedef struct network {
    const options *o;
    int layers;
    wg_tensor *w[MAX_LAYERS], *b[MAX_LAYERS];
} network;

/* Makes the parameters.  Errors stay on the tape, here and below. */
network make_network(wg_tape *t, const options *o, int64_t inputs);

/* x [n, inputs] -> [n, 10], the larger the likelier: activations for mse, logits for the other. */
wg_tensor *network_says(const network *n, wg_tensor *x);

/* What training makes small; labels: i32 [n]. */
wg_tensor *network_cost(const network *n, wg_tensor *x, wg_tensor *labels);

/* A training step on some digits of a set: forward, cost, gradients and update in one program. */
typedef struct step {
    int64_t batch;
    wg_tensor *chosen; /* i32 [batch]: which digits, bound to the caller's memory */
    wg_program *program;
    int outputs; /* the cost, then the updated parameters */
    wg_tensor *output[1 + 2 * MAX_LAYERS];
} step;
step make_step(const network *n, wg_tensor *images, wg_tensor *labels, int64_t batch);

/* Inputs that stand on a set's own memory. */
wg_tensor *bind_images(wg_tape *t, const char *name, const set *s);
wg_tensor *bind_labels(wg_tape *t, const char *name, const set *s);

/* Compares the gradients of a network like this one with finite differences, in f64, on the first
 * digits of the set; prints the worst error and where.  False if they are wrong. */
bool check_gradients(const options *o, const set *s);

#endif
