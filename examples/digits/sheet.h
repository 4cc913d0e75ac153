/* A sheet of test digits with what the network said of them, as data and script for gnuplot. */
#ifndef DIGITS_SHEET_H
#define DIGITS_SHEET_H

#include <stdio.h>

#include "sets.h"

/* said: [s->count] answers.  The script draws the pixels from the file of the given name. */
void write_sheet_pixels(FILE *f, const set *s, const int32_t *said);
void write_sheet_script(FILE *f, const set *s, const int32_t *said, const char *pixels_name);

#endif
