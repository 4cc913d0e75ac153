/* Memory for numbers, in the large pages that the library asks for too. */
#ifndef BENCH_MEMORY_H
#define BENCH_MEMORY_H

#include <stdint.h>

/* count floats, aligned to a cache line; zeros where `from` is NULL.  NULL if there is not the
 * memory.  For free(). */
float *floats_new(int64_t count, const float *from);

#endif
