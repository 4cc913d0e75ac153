/* The five networks that training steps are measured on, and what a step starts from. */
#ifndef BENCH_NETWORKS_H
#define BENCH_NETWORKS_H

#include <stdint.h>

typedef enum activation { SIGMOID, TANH, RELU } activation;
/* MSE: the mean over batch and outputs of (y - target)^2, and the last layer has the
 * activation too.
 * CROSS_ENTROPY: the mean over the batch of -log softmax at the label, and it has none. */
typedef enum loss { MSE, CROSS_ENTROPY } loss;

enum { MAX_WIDTHS = 5 };
typedef struct network {
    const char *name;
    int layers;
    int64_t width[MAX_WIDTHS]; /* of the input and of each layer; one alone is that of all */
    int64_t batch;
    activation activation;
    loss loss;
    float rate; /* of learning */
} network;

enum { NETWORKS = 5 };
extern const network networks[NETWORKS]; /* a to e */

int64_t width_of(const network *n, int layer); /* 0 is the input */

/* A batch and the first parameters, the same in every run of every program. */
typedef struct problem {
    const network *network;
    float *x;        /* [batch, first width] */
    float *target;   /* [batch, last width]; NULL with CROSS_ENTROPY */
    int32_t *labels; /* [batch]; NULL with MSE */
    float **w, **b;  /* of layer l, counted from 0: [width l, width l + 1] and [width l + 1] */
} problem;

/* NULL if there is not the memory. */
problem *problem_new(const network *n);
void problem_free(problem *p);

#endif
