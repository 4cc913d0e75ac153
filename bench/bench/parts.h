/* What the benchmark consists of: each measures what of its own is wanted. */
#ifndef BENCH_PARTS_H
#define BENCH_PARTS_H

#include "measure.h"

void bench_train(report *r); /* train/a .. train/e: a training step beside hand-written C */

void bench_gemm(report *r);        /* gemm/..: matrix products as a share of the core's peak */
void bench_elementwise(report *r); /* elementwise/..: kernels and chains of them beside one loop */
void bench_tape(report *r);        /* tape/..: recording, derivatives, compilation, replay */
void bench_memory(report *r);      /* memory/..: planned bytes, and time in a quarter of them */
void bench_threads(report *r);     /* threads/a .. threads/e: two threads beside one */

/* Writes the summary of each wanted network's program. */
void show_programs(report *r, FILE *out);

#endif
