/* The only door to memory.  Everything the library allocates comes through here, so that a test
 * can make any allocation fail. */
#ifndef WG_CORE_ALLOC_H
#define WG_CORE_ALLOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WG_ALIGNMENT = 64 }; /* a cache line and the widest vector */

void *wg_mem_alloc(size_t bytes);                /* NULL when memory runs out; 1 byte for 0 */
void *wg_mem_zero(size_t count, size_t size);    /* zeroed; NULL also when count * size
                                                  * overflows */
void *wg_mem_resize(void *p, size_t bytes);      /* like realloc */
void *wg_mem_aligned(uint64_t bytes);            /* aligned to WG_ALIGNMENT and padded to a
                                                  * multiple of it; not zeroed; NULL also when no
                                                  * address reaches so far */
/* Where in a block of WG_PAGE bytes more than wanted array number n begins.  A load whose address
 * agrees in the bits within a page with that of a store up to 16 lines of work before it may have
 * to wait for that, depending on physical pages: up to ten times as long as the work takes.  So
 * arrays from WG_WORTH_PLACING bytes on, which malloc would put close together in that sense, may
 * begin 13 lines apart: in any five that follow each other no two are closer than 12. */
enum { WG_PAGE = 4096, WG_WORTH_PLACING = 2048 };
void *wg_mem_placed(void *block, uint64_t n);
/* Room for `wanted` elements of `size` bytes in a list, whose pointer is at `list`
 * (NULL at first): where it has to grow, half as much again as before or more.  False, and all as
 * it was, when memory runs out. */
bool wg_mem_grow(void *list, int64_t wanted, int64_t *capacity, size_t size);
void wg_mem_free(void *p);                       /* frees what any of the above gave; NULL is
                                                  * fine */

#endif
