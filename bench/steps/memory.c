#define _DEFAULT_SOURCE /* madvise */
#include "memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

float *floats_new(int64_t count, const float *from)
{
    const size_t page = (size_t)2 << 20, bytes = (size_t)count * sizeof *from;
    const size_t unit = bytes < page ? 64 : page;
    float *v = aligned_alloc(unit, (bytes + unit - 1) / unit * unit);
    if (!v)
        return NULL;
#ifdef MADV_HUGEPAGE
    if (unit == page)
        madvise(v, (bytes + unit - 1) / unit * unit, MADV_HUGEPAGE);
#endif
    if (from)
        memcpy(v, from, bytes);
    else
        memset(v, 0, bytes);
    return v;
}
