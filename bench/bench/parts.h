/* What the benchmark consists of: each measures what of its own is wanted. */
#ifndef BENCH_PARTS_H
#define BENCH_PARTS_H

#include "measure.h"

void bench_train(report *r); /* train/a .. train/e: a training step beside hand-written C */

/* Writes the summary of each wanted network's program. */
void show_programs(const report *r, FILE *out);

#endif
