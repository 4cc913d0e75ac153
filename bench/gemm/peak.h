/* What the machine could do: the rate of fused multiply-adds alone. */
#ifndef BENCH_PEAK_H
#define BENCH_PEAK_H

/* Of processor time that this thread was given: what else the machine does counts for nobody. */
double seconds(void);

/* Flops a second of one core in f32, over some 50 microseconds, with the widest vectors that the
 * machine has; f64 has half of it. */
double peak_flops(void);

#endif
