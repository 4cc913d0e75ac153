#include "core/arena.h"

#include <stdint.h>
#include <string.h>

#include "core/alloc.h"

enum { FIRST_CHUNK = 1 << 12, LARGE_CHUNK = 1 << 20, LARGEST_CHUNK = 1 << 24 };
enum { MOST_SPARED = 1 << 24 };

struct wg_arena_chunk {
    wg_arena_chunk *before;
    size_t begin; /* arena total when this chunk was opened */
    size_t size;  /* bytes in data */
    _Alignas(8) uint64_t data[]; /* to which 32-bit x86 gives an alignment of 4 */
};

/* Doubled while chunks are small, then a thirty-second part of what there is:
 * little of a large arena lies idle. */
static size_t next_size(const wg_arena *a)
{
    if (!a->last)
        return FIRST_CHUNK;
    if (a->last->size < LARGE_CHUNK / 2)
        return a->last->size * 2;
    size_t part = a->total / 32;
    return part < LARGE_CHUNK ? LARGE_CHUNK : part < LARGEST_CHUNK ? part : LARGEST_CHUNK;
}

/* Room for size bytes, linked to nothing yet. */
static wg_arena_chunk *new_chunk(wg_arena *a, size_t size)
{
    wg_arena_chunk *c = a->spare;
    if (c && c->size >= size) {
        a->spare = c->before;
        return c;
    }
    size_t grown = next_size(a);
    if (grown < size)
        grown = size;
    c = wg_mem_alloc(sizeof *c + grown);
    if (c)
        c->size = grown;
    return c;
}

void *wg_arena_alloc(wg_arena *a, size_t size)
{
    if (size > SIZE_MAX / 2)
        return NULL;
    size = (size + 7) / 8 * 8;
    if (!a->last || a->last->size - a->used < size) {
        wg_arena_chunk *c = new_chunk(a, size);
        if (!c)
            return NULL;
        c->before = a->last;
        c->begin = a->total;
        a->last = c;
        a->used = 0;
    }
    void *p = (char *)a->last->data + a->used;
    a->used += size;
    a->total += size;
    return p;
}

void *wg_arena_aligned(wg_arena *a, size_t size, size_t alignment)
{
    size_t pad = alignment - 8; /* the most that it can be */
    if (size > SIZE_MAX / 2)
        return NULL;
    if (a->last) {
        const size_t here = -((uintptr_t)a->last->data + a->used) % alignment;
        pad = a->last->size - a->used >= here + size ? here : pad;
    }
    char *p = wg_arena_alloc(a, pad + size);
    return p ? p + -(uintptr_t)p % alignment : NULL;
}

void *wg_arena_zero(wg_arena *a, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size)
        return NULL;
    void *p = wg_arena_alloc(a, count * size);
    if (p)
        memset(p, 0, count * size);
    return p;
}

void *wg_arena_copy(wg_arena *a, const void *bytes, size_t size)
{
    void *p = wg_arena_alloc(a, size);
    if (p && size)
        memcpy(p, bytes, size);
    return p;
}

static void free_chunks(wg_arena_chunk *c)
{
    while (c) {
        wg_arena_chunk *before = c->before;
        wg_mem_free(c);
        c = before;
    }
}

void wg_arena_trim(wg_arena *a)
{
    free_chunks(a->spare);
    a->spare = NULL;
}

/* The newest make room for it. */
static void keep_spare(wg_arena *a, wg_arena_chunk *c)
{
    size_t left = MOST_SPARED;
    if (c->size > left) {
        wg_mem_free(c);
        return;
    }
    c->before = a->spare;
    a->spare = c;
    wg_arena_chunk **at = &a->spare;
    for (; *at && (*at)->size <= left; at = &(*at)->before)
        left -= (*at)->size;
    free_chunks(*at);
    *at = NULL;
}

void wg_arena_rewind(wg_arena *a, size_t total)
{
    while (a->last && a->last->before && a->last->begin >= total) {
        wg_arena_chunk *c = a->last;
        a->last = c->before;
        keep_spare(a, c);
    }
    if (a->last)
        a->used = total - a->last->begin;
    a->total = total;
}

size_t wg_arena_held(const wg_arena *a)
{
    size_t bytes = 0;
    for (const wg_arena_chunk *c = a->last; c; c = c->before)
        bytes += sizeof *c + c->size;
    for (const wg_arena_chunk *c = a->spare; c; c = c->before)
        bytes += sizeof *c + c->size;
    return bytes;
}

void wg_arena_free(wg_arena *a)
{
    free_chunks(a->spare);
    free_chunks(a->last);
    *a = (wg_arena){0};
}
