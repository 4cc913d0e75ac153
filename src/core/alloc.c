#define _DEFAULT_SOURCE /* madvise */
#include "core/alloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif

/* A tape of a million nodes takes some hundred thousand page faults, half of the time of recording
 * and compiling it; with pages of 2 MiB it takes a few hundred.  A hint: where it is not
 * understood nothing changes. */
static void *in_huge_pages(void *p, size_t bytes)
{
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    enum { PAGE = 1 << 21 };
    if (p && bytes >= 2 * (size_t)PAGE) {
        uintptr_t begin = ((uintptr_t)p + PAGE - 1) / PAGE * PAGE,
                  end = ((uintptr_t)p + bytes) / PAGE * PAGE;
        if (begin < end)
            (void)madvise((void *)begin, end - begin, MADV_HUGEPAGE);
    }
#else
    (void)bytes;
#endif
    return p;
}

void *wg_mem_alloc(size_t bytes)
{
    return in_huge_pages(malloc(bytes ? bytes : 1), bytes);
}

void *wg_mem_zero(size_t count, size_t size)
{
    void *p = calloc(count ? count : 1, size ? size : 1);
    return in_huge_pages(p, p ? count * size : 0);
}

void *wg_mem_resize(void *p, size_t bytes)
{
    return in_huge_pages(realloc(p, bytes ? bytes : 1), bytes);
}

void *wg_mem_aligned(uint64_t bytes)
{
    if (bytes > SIZE_MAX - 2 * WG_ALIGNMENT)
        return NULL;
    const size_t padded = ((size_t)bytes + WG_ALIGNMENT - 1) / WG_ALIGNMENT * WG_ALIGNMENT;
    return in_huge_pages(aligned_alloc(WG_ALIGNMENT, padded ? padded : WG_ALIGNMENT), padded);
}

void *wg_mem_placed(void *block, uint64_t n)
{
    const uint64_t apart = 13 * WG_ALIGNMENT, place = n * apart - (uint64_t)(uintptr_t)block;
    return (char *)block + place % WG_PAGE / WG_ALIGNMENT * WG_ALIGNMENT;
}

bool wg_mem_grow(void *list, int64_t wanted, int64_t *capacity, size_t size)
{
    enum { LEAST = 16 };
    if (wanted <= *capacity)
        return true;
    int64_t grown = *capacity + *capacity / 2;
    grown = grown < LEAST ? LEAST : grown;
    grown = grown < wanted ? wanted : grown;
    if ((uint64_t)grown > SIZE_MAX / size)
        return false;
    void *p; /* the list's pointer is of the caller's type, so its bytes are copied */
    memcpy(&p, list, sizeof p);
    p = wg_mem_resize(p, (size_t)grown * size);
    if (!p)
        return false;
    memcpy(list, &p, sizeof p);
    *capacity = grown;
    return true;
}

void wg_mem_free(void *p)
{
    free(p);
}
