/* The digits that a network learns from or is tested on, as the library wants them. */
#ifndef DIGITS_SETS_H
#define DIGITS_SETS_H

#include <wengert.h>

#include "options.h"

typedef struct set {
    int64_t count, rows, columns;
    float *x;        /* [count, rows * columns], 0 (paper) to 1 (ink) */
    int32_t *labels; /* [count] */
} set;

/* Reads the MNIST files of o->data or draws.  False, with a line on stderr, if that fails. */
bool load_sets(const options *o, set *train, set *test);
void free_set(set *s);

#endif
