/* What the command line of digits may say. */
#ifndef DIGITS_OPTIONS_H
#define DIGITS_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

enum { MAX_HIDDEN = 8 };

typedef enum activation { SIGMOID, TANH, RELU } activation;
typedef enum loss { MSE, CROSS_ENTROPY } loss;

typedef struct widths {
    int count;
    int64_t of[MAX_HIDDEN];
} widths;

typedef struct options {
    const char *data, *out; /* data: NULL to draw */
    widths hidden;
    activation activation;
    loss loss;
    double rate;
    int64_t batch, epochs; /* batch: cut_to_sets makes it at most the digits to learn from */
    int64_t train, test;   /* digits to use; 0: all that the files have */
    uint64_t seed;
    int64_t threads;
} options;

typedef enum command { TRAIN, HELP, WRONG } command;

/* WRONG after a line on stderr that says what was expected; HELP after printing it. */
command read_options(int argc, char **argv, options *o);

const char *activation_name(activation a);
const char *loss_name(loss l);

#endif
