/* A growing arena: allocation is a pointer bump, everything goes at once or back to a mark. */
#ifndef WG_CORE_ARENA_H
#define WG_CORE_ARENA_H

#include <stddef.h>

typedef struct wg_arena_chunk wg_arena_chunk;
typedef struct wg_arena {
    wg_arena_chunk *last;  /* newest chunk; NULL when empty */
    wg_arena_chunk *spare; /* those that a rewind left for what is wanted next, the oldest first */
    size_t used;           /* bytes used in the newest */
    size_t total;          /* bytes used in all chunks: where a mark stands */
} wg_arena;

/* size bytes aligned to 8, not zeroed; NULL when memory runs out (the arena stays as it was). */
void *wg_arena_alloc(wg_arena *a, size_t size);
/* the same at a multiple of a power of 2, 8 or more */
void *wg_arena_aligned(wg_arena *a, size_t size, size_t alignment);
/* zeroed; NULL also when count * size overflows */
void *wg_arena_zero(wg_arena *a, size_t count, size_t size);
void *wg_arena_copy(wg_arena *a, const void *bytes, size_t size);
/* Drops what was allocated since total was this.  The oldest chunk, and the oldest others of
 * 16 MiB together, are kept for what is allocated next: a loop of mark, record and rewind asks for
 * no memory, or for what it wants beyond these.  wg_arena_trim gives the others back. */
void wg_arena_rewind(wg_arena *a, size_t total);
void wg_arena_trim(wg_arena *a);
void wg_arena_free(wg_arena *a);
/* Bytes of memory that it holds, used or not. */
size_t wg_arena_held(const wg_arena *a);

#endif
