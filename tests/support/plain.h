/* Plain arrays: what tests of moving and contracting elements compare with.  Loops over
 * coordinates, nothing of the library's but shapes and reading values. */
#ifndef TESTS_SUPPORT_PLAIN_H
#define TESTS_SUPPORT_PLAIN_H

#include <wengert.h>

enum { PLAIN_MOST = 8192 };
typedef struct plain {
    wg_shape shape;
    double v[PLAIN_MOST];
} plain;

/* Coordinates from 0: false after the last.  Start with all 0 and only if the shape has
 * elements. */
bool plain_next(const wg_shape *s, int64_t at[WG_MAX_RANK]);
/* The element's number in row-major order. */
int64_t plain_flat(const wg_shape *s, const int64_t at[WG_MAX_RANK]);

/* A small random number source, the same everywhere. */
uint64_t plain_random(uint64_t *state, uint64_t below);
double plain_uniform(uint64_t *state); /* -1 .. 1 */

/* Numbers 1, 2, 3 ..., or random ones. */
void plain_count(plain *p, wg_shape s);
void plain_fill(plain *p, wg_shape s, uint64_t *state);

/* An input of this name with these values. */
wg_tensor *plain_input(wg_tape *t, const char *name, const plain *p);

/* Fails the running test unless x has the shape and, to the relative tolerance,
 * the values of p. */
void plain_assert_equal(wg_tensor *x, const plain *p, double tolerance);

/* Fails the running test unless the tape's error is this text; then clears it. */
void plain_assert_error(wg_tape *t, const char *text);

#endif
