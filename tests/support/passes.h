/* Values with and without passes. */
#ifndef TESTS_SUPPORT_PASSES_H
#define TESTS_SUPPORT_PASSES_H

#include <wengert.h>

/* v[] = y as a program computes it that is compiled without these passes; frees y's tape.  Gives
 * the number of elements. */
int64_t passes_values(wg_tensor *y, unsigned skip, double *v);

#endif
