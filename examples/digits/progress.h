/* A line that tells how far training is: redrawn in place on a terminal, plain lines otherwise. */
#ifndef DIGITS_PROGRESS_H
#define DIGITS_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct progress {
    bool terminal;
    int64_t epochs, examples; /* in all; in one epoch */
    double begun, shown;      /* seconds: when training began, when the line was last shown */
} progress;

progress begin_progress(int64_t epochs, int64_t examples);

/* Within an epoch (from 0), after done of its examples; cost: their mean. */
void show_progress(progress *p, int64_t epoch, int64_t done, double cost);

/* After an epoch: a line that stays. */
void show_epoch(progress *p, int64_t epoch, double cost, double correct);

#endif
