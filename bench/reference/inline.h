/* How what the references are made of is defined: nothing of it is called. */
#ifndef BENCH_REFERENCE_INLINE_H
#define BENCH_REFERENCE_INLINE_H

#define INLINE static inline __attribute__((always_inline, unused))

#endif
