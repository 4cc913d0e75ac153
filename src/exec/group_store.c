#include "exec/group_store.h"

#include <string.h>

enum { SMALLEST = 96 };

/* Bytes of what follows the head, in a class of twice the size of the one before. */
static size_t room_of(int size)
{
    return (size_t)SMALLEST << size;
}

_Static_assert(((size_t)SMALLEST << (WG_STORE_CLASSES - 1))
                   >= WG_MAX_OPERANDS * (sizeof(wg_operand) + sizeof(bool))
                          + WG_MAX_MICROS * sizeof(wg_micro),
               "the largest group fits into the largest class");

static wg_micro *micros(wg_stored_group *s)
{
    return (wg_micro *)(void *)(s->in + s->n);
}

const wg_micro *wg_group_micros(const wg_stored_group *s)
{
    return (const wg_micro *)(const void *)(s->in + s->n);
}

void wg_group_give_back(wg_group_store *store, wg_stored_group *s)
{
    if (!s)
        return;
    s->next = store->spare[s->room];
    store->spare[s->room] = s;
}

static wg_stored_group *place_for(wg_group_store *store, size_t bytes)
{
    int size = 0;
    while (room_of(size) < bytes)
        size++;
    wg_stored_group *s = store->spare[size];
    if (s) {
        store->spare[size] = s->next;
        return s;
    }
    s = wg_arena_alloc(store->arena, sizeof *s + room_of(size));
    if (s)
        s->room = (uint8_t)size;
    return s;
}

wg_stored_group *wg_group_put(wg_group_store *store, const wg_group *g, wg_stored_group *old)
{
    size_t in = (size_t)g->n * sizeof *g->in, kept = (size_t)g->n * sizeof *g->in_kept,
           micro = (size_t)g->micros * sizeof *g->micro;
    wg_stored_group *s = old;
    if (!s || room_of(s->room) < in + micro + kept) {
        wg_group_give_back(store, old);
        s = place_for(store, in + micro + kept);
    }
    if (!s)
        return NULL;
    s->over = g->over;
    s->reduced = g->reduced;
    s->micros = g->micros;
    s->n = g->n;
    s->recomputed = g->recomputed;
    memcpy(s->in, g->in, in);
    memcpy(micros(s), g->micro, micro);
    memcpy(micros(s) + s->micros, g->in_kept, kept);
    return s;
}

void wg_group_get(const wg_stored_group *s, wg_group *g)
{
    const wg_micro *micro = wg_group_micros(s);
    g->over = s->over;
    g->reduced = s->reduced;
    g->micros = s->micros;
    g->n = s->n;
    g->recomputed = s->recomputed;
    memcpy(g->in, s->in, (size_t)s->n * sizeof *g->in);
    memcpy(g->micro, micro, (size_t)s->micros * sizeof *g->micro);
    memcpy(g->in_kept, micro + s->micros, (size_t)s->n * sizeof *g->in_kept);
}
