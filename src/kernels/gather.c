/* Rows picked by index.  Knows bytes only, not what they mean. */
#include "kernels/gather.h"

#include <string.h>

int64_t wg_index_fault(int64_t n, const int32_t *index, int64_t extent)
{
    for (int64_t i = 0; i < n; i++)
        if (index[i] < 0 || index[i] >= extent)
            return i;
    return -1;
}

void wg_gather(int64_t outer, int64_t extent, int64_t n, const int32_t *index, size_t run,
               const void *x, void *y)
{
    const char *from = x;
    char *to = y;
    if (run == 0)
        return;
    for (int64_t o = 0; o < outer; o++, from += extent * (int64_t)run)
        for (int64_t i = 0; i < n; i++, to += run)
            memcpy(to, from + index[i] * (int64_t)run, run);
}

/* The size is a constant where this is called, so that the copy is a move. */
static inline void gather_along(int64_t outer, int64_t extent, int64_t inner, int64_t n,
                                const int32_t *index, size_t size, const char *from, char *to)
{
    for (int64_t o = 0; o < outer; o++, from += extent * inner * (int64_t)size)
        for (int64_t i = 0; i < n; i++)
            for (int64_t j = 0; j < inner; j++, to += size, index++)
                memcpy(to, from + (*index * inner + j) * (int64_t)size, size);
}

void wg_gather_along(int64_t outer, int64_t extent, int64_t inner, int64_t n, const int32_t *index,
                     size_t size, const void *x, void *y)
{
    if (size == 4)
        gather_along(outer, extent, inner, n, index, 4, x, y);
    else if (size == 8)
        gather_along(outer, extent, inner, n, index, 8, x, y);
    else
        gather_along(outer, extent, inner, n, index, size, x, y);
}
