/* Pictures of the network, of its training and of its answers, by Graphviz and gnuplot.  What
 * those programs read is left beside the pictures. */
#ifndef DIGITS_PICTURES_H
#define DIGITS_PICTURES_H

#include "training.h"

/* Makes the folder and those above it.  False, with a line on stderr, if that cannot be. */
bool make_folder(const char *path);

/* False, with a line on stderr, if a file cannot be written.  A program that is missing or fails
 * is told and is no failure. */
bool make_pictures(const char *folder, const step *drawing, const history *h, const set *test_set);

#endif
