#include "core/alloc.h"

#include <stdint.h>
#include <stdlib.h>

void *wg_mem_alloc(size_t bytes)
{
    return malloc(bytes ? bytes : 1);
}

void *wg_mem_zero(size_t count, size_t size)
{
    return calloc(count ? count : 1, size ? size : 1);
}

void *wg_mem_resize(void *p, size_t bytes)
{
    return realloc(p, bytes ? bytes : 1);
}

void *wg_mem_aligned(size_t bytes)
{
    if (bytes > SIZE_MAX - 2 * WG_ALIGNMENT)
        return NULL;
    bytes = (bytes + WG_ALIGNMENT - 1) / WG_ALIGNMENT * WG_ALIGNMENT;
    return aligned_alloc(WG_ALIGNMENT, bytes ? bytes : WG_ALIGNMENT);
}

void wg_mem_free(void *p)
{
    free(p);
}
