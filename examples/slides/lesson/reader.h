/* Deck 001's network of 784, 16, 16 and 10 neurons, which reads digits: on the tape, and by hand.
 *
 *     a(l) = σ(W(l) a(l-1) + b(l))      C_k = Σ_j (a_j(3) - y_j)²      C = 1/n Σ_k C_k
 *
 * Its 13 002 weights and biases are also one vector w_0 ... w_13001: W(3) row by row, b(3), W(2),
 * b(2), W(1), b(1).  (The last layer comes first since the first weights of the first layer belong
 * to pixels in a corner, where there is next to no ink.) */
#ifndef LESSON_READER_H
#define LESSON_READER_H

#include "lesson.h"

enum {
    READER_LAYERS = 3,
    READER_PIXELS = 784,
    READER_HIDDEN = 16,
    READER_CLASSES = 10,
    READER_SIZE = 13002,
    READER_PARTS = 2 * READER_LAYERS
};

/* part: W(3), b(3), W(2), b(2), W(1), b(1).  W(l) is [neurons of layer l,
 * neurons of layer l - 1]. */
typedef struct reader {
    wg_tensor *part[READER_PARTS];
} reader;
extern const char *const reader_part_name[READER_PARTS];
extern const int reader_part_start[READER_PARTS + 1]; /* in the vector */

/* Weights by Glorot's rule, biases 0. */
reader reader_new(wg_tape *t);
void reader_get(const reader *r, double w[READER_SIZE]);
void reader_set(const reader *r, const double w[READER_SIZE]);

/* x [n, 784] -> a(3) [n, 10] */
wg_tensor *reader_says(const reader *r, wg_tensor *x);
/* C for x and the wanted outputs y [n, 10]. */
wg_tensor *reader_cost(const reader *r, wg_tensor *x, wg_tensor *y);
/* A step of gradient descent on C, whose cost is output 0: to be freed. */
wg_program *reader_step(const reader *r, wg_tensor *C, double eta);

/* C_k and its gradient by hand, for one digit of the set. */
double reader_by_hand(const double w[READER_SIZE], const wg_digits *d, int64_t k,
                      double gradient[READER_SIZE]);

/* ---- digits ---- */

/* folder: with the four files of MNIST; NULL: 28 by 28 pixels that the library draws, so many.
 * Ends the program with 1 if there are none. */
void reader_digits(lesson *l, const char *folder, int64_t train, int64_t test,
                   wg_digits *train_set, wg_digits *test_set);
/* Pixels from 0 to 1 and wanted outputs of n digits: x [n, 784], y [n, 10]. */
void reader_feed(const wg_digits *d, int64_t n, const int64_t *which, double *x, double *y);

#endif
