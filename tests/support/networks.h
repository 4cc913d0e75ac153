/* Training steps of networks whose memory and numbers tests look at: loss, and an SGD update of
 * every parameter. */
#ifndef WG_TEST_NETWORKS_H
#define WG_TEST_NETWORKS_H

#include <wengert.h>

typedef enum network_kind { NET_SIGMOID_MSE, NET_RELU_ENTROPY, NET_TANH_MSE } network_kind;

/* Widths of all layers, or, for a deep network of equal layers, one width and their number. */
typedef struct network_spec {
    const char *name;
    network_kind kind;
    int64_t batch, width[6];
    int64_t layers; /* 0: as many as there are widths, less one; else all of width[0] */
} network_spec;

/* The networks that the goals are stated for: a to e, and one that is 200 layers deep,
 * 256 wide. */
enum { NETWORKS = 6, NETWORK_A = 0, NETWORK_D = 3, NETWORK_E = 4, NETWORK_DEEP = 5 };
extern const network_spec network_specs[NETWORKS];

/* The outputs of a training step, to be freed: the loss, then an assignment a parameter.  every:
 * a wg_checkpoint around each so many layers, 0 for none.  Parameters, inputs and targets have
 * values that the names and extents decide. */
wg_tensor **network_record(wg_tape *t, const network_spec *s, int64_t every, int *outputs);

#endif
