/* Random graphs of everything that programs are made of: ops, shapes, broadcasts, views, shared
 * parts, casts, gradients, assignments, and the patterns that passes look for: reductions of rows
 * and columns with their consumers, layers, sums of products, optimizers. */
#ifndef TESTS_SUPPORT_RANDOM_GRAPH_H
#define TESTS_SUPPORT_RANDOM_GRAPH_H

#include <stdio.h>
#include <wengert.h>

enum { GRAPH_LEAVES = 48, GRAPH_OUTPUTS = 64, GRAPH_NODES = 20 };

typedef struct random_graph {
    wg_tape *t;
    wg_tensor *param[GRAPH_LEAVES];
    int params;
    wg_tensor *out[GRAPH_OUTPUTS];
    int outputs;
    bool rough; /* a jump somewhere: results that differ in a last bit may differ altogether */
} random_graph;

/* The graph of this seed that is grown in so many steps: GRAPH_NODES for the usual size; fewer
 * steps give a smaller graph that begins alike.  Free the tape when done. */
random_graph random_graph_new(uint64_t seed, int steps);

/* What the outputs are computed from, a line a node:  %12 f32 [3, 4] = mul %3 %7
 * (attributes as numbers) */
void random_graph_print(int n, wg_tensor *const *output, FILE *to);

#endif
