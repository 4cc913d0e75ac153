/* Training by mini-batches, with a test after each epoch. */
#ifndef DIGITS_TRAINING_H
#define DIGITS_TRAINING_H

#include "network.h"

typedef struct history {
    int64_t epochs;  /* done */
    double *cost;    /* of each: mean over its examples while it ran */
    double *correct; /* of each: share of the test digits told right after it */
    int32_t *said;   /* [test digits]: the network's last answers */
} history;

/* False, with a line on stderr, if a run fails or the cost is no number any more.  *drawing: the
 * outputs of the training step, for a picture of it. */
bool train(const network *n, const set *train_set, const set *test_set, history *h, step *drawing);
void free_history(history *h);

#endif
