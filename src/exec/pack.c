#include "exec/pack.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

/* ---- by time: memory is a row of blocks, free or taken;
 * best fit among free blocks of about the size ---- */

enum { CLASSES = 64, TRIES = 32, NONE = -1 };

typedef struct block {
    int64_t offset, bytes;
    int32_t left, right;   /* neighbours in memory */
    int32_t before, after; /* in the list of free blocks of its class */
    bool taken;
} block;

typedef struct row {
    block *block;
    int32_t blocks, unused; /* unused: list of recycled entries, chained by after */
    int32_t rightmost;
    int32_t free_list[CLASSES];
    int64_t end;
} row;

static int class_of(int64_t bytes)
{
    int c = 0;
    while (bytes > 1 && c < CLASSES - 1) {
        bytes >>= 1;
        c++;
    }
    return c;
}

static void list_add(row *r, int32_t b)
{
    int32_t *head = &r->free_list[class_of(r->block[b].bytes)];
    r->block[b].before = NONE;
    r->block[b].after = *head;
    if (*head != NONE)
        r->block[*head].before = b;
    *head = b;
}

static void list_remove(row *r, int32_t b)
{
    block *x = &r->block[b];
    if (x->before != NONE)
        r->block[x->before].after = x->after;
    else
        r->free_list[class_of(x->bytes)] = x->after;
    if (x->after != NONE)
        r->block[x->after].before = x->before;
}

static int32_t new_block(row *r)
{
    if (r->unused == NONE)
        return r->blocks++;
    int32_t b = r->unused;
    r->unused = r->block[b].after;
    return b;
}

static int32_t best_fit(const row *r, int64_t bytes)
{
    int32_t best = NONE;
    for (int c = class_of(bytes); c < CLASSES && best == NONE; c++) {
        int tries = TRIES;
        for (int32_t b = r->free_list[c]; b != NONE && tries--; b = r->block[b].after)
            if (r->block[b].bytes >= bytes
                && (best == NONE || r->block[b].bytes < r->block[best].bytes))
                best = b;
    }
    return best;
}

/* A block of the bytes at the end of the row; a free block there is grown. */
static int32_t extend(row *r, int64_t bytes)
{
    int32_t b = r->rightmost;
    if (b != NONE && !r->block[b].taken) {
        list_remove(r, b);
        r->block[b].bytes = bytes;
    } else {
        b = new_block(r);
        r->block[b] =
            (block){.offset = r->end, .bytes = bytes, .left = r->rightmost, .right = NONE};
        if (r->rightmost != NONE)
            r->block[r->rightmost].right = b;
        r->rightmost = b;
    }
    r->end = r->block[b].offset + bytes;
    r->block[b].taken = true;
    return b;
}

static int32_t take(row *r, int64_t bytes)
{
    int32_t b = best_fit(r, bytes);
    if (b == NONE)
        return extend(r, bytes);
    list_remove(r, b);
    block *x = &r->block[b];
    if (x->bytes > bytes) {
        int32_t rest = new_block(r);
        r->block[rest] = (block){
            .offset = x->offset + bytes, .bytes = x->bytes - bytes, .left = b, .right = x->right};
        if (x->right != NONE)
            r->block[x->right].left = rest;
        else
            r->rightmost = rest;
        x->right = rest;
        x->bytes = bytes;
        list_add(r, rest);
    }
    x->taken = true;
    return b;
}

/* Joins the free block with its free right neighbour, which goes. */
static void join(row *r, int32_t b)
{
    int32_t gone = r->block[b].right;
    list_remove(r, gone);
    r->block[b].bytes += r->block[gone].bytes;
    r->block[b].right = r->block[gone].right;
    if (r->block[b].right != NONE)
        r->block[r->block[b].right].left = b;
    else
        r->rightmost = b;
    r->block[gone].after = r->unused;
    r->unused = gone;
}

static void give_back(row *r, int32_t b)
{
    r->block[b].taken = false;
    int32_t left = r->block[b].left, right = r->block[b].right;
    if (right != NONE && !r->block[right].taken)
        join(r, b);
    if (left != NONE && !r->block[left].taken) {
        list_remove(r, left);
        list_add(r, b);
        join(r, left);
        b = left;
    }
    list_add(r, b);
}

/* Intervals chained by the step at which they begin and by the one at which they end. */
static bool pack_by_time(wg_interval *interval, int32_t n, int32_t steps, wg_arena *scratch,
                         int64_t *bytes)
{
    size_t times = (size_t)steps + 1;
    int32_t *begins = wg_arena_alloc(scratch, times * sizeof *begins),
            *ends = wg_arena_alloc(scratch, times * sizeof *ends);
    int32_t *next = wg_arena_alloc(scratch, (size_t)n * 3 * sizeof *next);
    row r = {.block = wg_mem_alloc(((size_t)n * 2 + 1) * sizeof *r.block),
             .unused = NONE,
             .rightmost = NONE};
    bool fine = begins && ends && next && r.block;
    if (fine) {
        int32_t *next_end = next + n, *block_of = next_end + n;
        memset(begins, 0xff, times * sizeof *begins);
        memset(ends, 0xff, times * sizeof *ends);
        memset(r.free_list, 0xff, sizeof r.free_list);
        for (int32_t i = n - 1; i >= 0; i--) {
            next[i] = begins[interval[i].first];
            begins[interval[i].first] = i;
            next_end[i] = ends[interval[i].last];
            ends[interval[i].last] = i;
        }
        for (int32_t k = 0; k <= steps; k++) {
            for (int32_t i = begins[k]; i != NONE; i = next[i]) {
                block_of[i] = take(&r, interval[i].bytes);
                interval[i].offset = r.block[block_of[i]].offset;
            }
            for (int32_t i = ends[k]; i != NONE; i = next_end[i])
                give_back(&r, block_of[i]);
        }
        *bytes = r.end;
    }
    wg_mem_free(r.block);
    return fine;
}

/* ---- by size: the largest first, each at the lowest offset where it meets none that was
 * placed ---- */

/* Most intervals; tries, and comparisons in all of them. */
enum { MANY = 3000, ROUNDS = 500, EFFORT = 8000000 };

static int larger_first(const void *a, const void *b)
{
    const wg_interval *x = a, *y = b;
    if (x->bytes != y->bytes)
        return x->bytes < y->bytes ? 1 : -1;
    return (x->owner > y->owner) - (x->owner < y->owner);
}

/* placed: indices of intervals in order of offset. */
static int64_t lowest_gap(const wg_interval *interval, const int32_t *placed, int32_t count,
                          const wg_interval *x)
{
    int64_t at = 0;
    for (int32_t k = 0; k < count; k++) {
        const wg_interval *y = &interval[placed[k]];
        if (y->last < x->first || x->last < y->first)
            continue;
        if (y->offset >= at + x->bytes)
            break;
        if (y->offset + y->bytes > at)
            at = y->offset + y->bytes;
    }
    return at;
}

/* Places the intervals one after the other; gives the memory that they take. */
static int64_t place_in_turn(wg_interval *interval, int32_t n, int32_t *placed)
{
    int64_t bytes = 0;
    for (int32_t i = 0; i < n; i++) {
        wg_interval *x = &interval[i];
        x->offset = lowest_gap(interval, placed, i, x);
        int32_t k = i;
        for (; k > 0 && interval[placed[k - 1]].offset > x->offset; k--)
            placed[k] = placed[k - 1];
        placed[k] = i;
        bytes = x->offset + x->bytes > bytes ? x->offset + x->bytes : bytes;
    }
    return bytes;
}

/* Moves the first of the intervals that reach to the end of the memory to an earlier turn:
 * to the first, or to one drawn. */
static void prefer_highest(wg_interval *interval, int32_t n, int64_t bytes, uint32_t *draw)
{
    int32_t i = 0;
    while (i + 1 < n && interval[i].offset + interval[i].bytes < bytes)
        i++;
    *draw = *draw * 1664525u + 1013904223u;
    int32_t to = *draw >> 31 ? 0 : (int32_t)((*draw >> 8) % (uint32_t)(i + 1));
    wg_interval highest = interval[i];
    memmove(interval + to + 1, interval + to, (size_t)(i - to) * sizeof *interval);
    interval[to] = highest;
}

/* The largest first; then, while that takes more than is enough, with what came to lie highest
 * placed sooner.  Keeps the best. */
static bool pack_by_size(wg_interval *interval, int32_t n, int64_t enough, wg_arena *scratch,
                         int64_t *bytes)
{
    int32_t *placed = wg_arena_alloc(scratch, (size_t)n * sizeof *placed);
    wg_interval *turn = wg_arena_copy(scratch, interval, (size_t)n * sizeof *turn);
    if (!placed || !turn)
        return false;
    qsort(turn, (size_t)n, sizeof *turn, larger_first);
    int64_t rounds = 1 + EFFORT / ((int64_t)n * n);
    uint32_t draw = 1;
    for (int64_t k = 0; k < rounds && k < ROUNDS && *bytes > enough; k++) {
        int64_t now = place_in_turn(turn, n, placed);
        if (now < *bytes) {
            *bytes = now;
            memcpy(interval, turn, (size_t)n * sizeof *turn);
        }
        prefer_highest(turn, n, now, &draw);
    }
    return true;
}

int64_t wg_most_live(const wg_interval *interval, int32_t n, int32_t steps, wg_arena *scratch)
{
    size_t before = scratch->total;
    int64_t *change = wg_arena_zero(scratch, (size_t)steps + 2, sizeof *change), live = 0, most = 0;
    if (!change)
        return -1;
    for (int32_t i = 0; i < n; i++) {
        change[interval[i].first] += interval[i].bytes;
        change[interval[i].last + 1] -= interval[i].bytes;
    }
    for (int32_t k = 0; k <= steps; k++) {
        live += change[k];
        most = live > most ? live : most;
    }
    wg_arena_rewind(scratch, before);
    return most;
}

bool wg_pack(wg_interval *interval, int32_t n, int32_t steps, int64_t enough, wg_arena *scratch,
             int64_t *bytes)
{
    size_t before = scratch->total;
    bool fine = pack_by_time(interval, n, steps, scratch, bytes)
                && (n > MANY || *bytes <= enough
                    || pack_by_size(interval, n, enough, scratch, bytes));
    wg_arena_rewind(scratch, before);
    return fine;
}
