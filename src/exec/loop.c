/* Fused elementwise instructions: a chain along every row. */
#include <string.h>

#include "exec/rows.h"

enum { TILE = 512 }; /* elements that are gathered at a time from an operand whose elements lie
                      * apart */

typedef struct gathered {
    int32_t from, to; /* places */
    int64_t size;     /* bytes an element */
} gathered;

typedef struct loop {
    wg_instr head;
    wg_woven woven;
    const wg_link *links;
    wg_rows rows;
    int32_t gathers, cycles;
    wg_cycle *cycle;
    gathered gather[];
} loop;

/* Everything in one row: parts are elements. */
static wg_status run_row(const wg_instr *head, const wg_env *env, int64_t begin, int64_t end)
{
    const loop *l = (const loop *)head;
    char *at[WG_MAX_PLACES];
    wg_woven_start(&l->woven, env->scratch, at);
    if (begin)
        for (int32_t k = 0; k < l->rows.places; k++)
            at[k] += begin * l->rows.step[k];
    wg_run_chain(l->links, at, end - begin);
    return WG_OK;
}

/* The same of a chain that needs no scratch memory. */
static wg_status run_row_in_place(const wg_instr *head, const wg_env *env, int64_t begin,
                                  int64_t end)
{
    const loop *l = (const loop *)head;
    if (end - begin < head->parts)
        return run_row(head, env, begin, end);
    wg_run_chain(l->links, l->woven.base, end);
    return WG_OK;
}

static void run_one_row(const void *instr, char *const *at)
{
    const loop *l = instr;
    wg_run_chain(l->links, at, l->rows.inner);
}

static wg_status run_rows(const wg_instr *head, const wg_env *env, int64_t begin, int64_t end)
{
    const loop *l = (const loop *)head;
    wg_rows_each(&l->rows, &l->woven, env->scratch, begin, end, run_one_row, l);
    return WG_OK;
}

/* All rows as one. */
static wg_status run_rows_as_one(const wg_instr *head, const wg_env *env, int64_t begin,
                                 int64_t end)
{
    const loop *l = (const loop *)head;
    char *at[WG_MAX_PLACES];
    wg_row row;
    wg_woven_start(&l->woven, env->scratch, at);
    wg_rows_start(&l->rows, &row, begin, at);
    for (int32_t k = 0; k < l->cycles; k++)
        wg_cycle_fill(&l->cycle[k], at);
    wg_run_chain(l->links, at, (end - begin) * l->rows.inner);
    return WG_OK;
}

/* One row of operands that are first brought side by side, a tile at a time. */
static void run_gathered(const loop *l, char *const *row, char **at)
{
    const wg_rows *r = &l->rows;
    for (int64_t first = 0; first < r->inner; first += TILE) {
        const int64_t n = r->inner - first < TILE ? r->inner - first : TILE;
        for (int32_t k = 0; k < r->places; k++)
            at[k] = row[k] + first * r->step[k];
        for (int32_t g = 0; g < l->gathers; g++) {
            const gathered *x = &l->gather[g];
            wg_gather_row(at[x->to], at[x->from], r->step[x->from], n, x->size);
        }
        wg_run_chain(l->links, at, n);
    }
}

static wg_status run_gathered_rows(const wg_instr *head, const wg_env *env, int64_t begin,
                                   int64_t end)
{
    const loop *l = (const loop *)head;
    char *at[WG_MAX_PLACES], *start[WG_MAX_PLACES];
    wg_row row;
    wg_woven_start(&l->woven, env->scratch, at);
    memcpy(start, at, (size_t)l->rows.places * sizeof *at);
    wg_rows_start(&l->rows, &row, begin, start);
    for (int64_t r = begin; r < end; r++, wg_rows_next(&l->rows, &row, start))
        run_gathered(l, start, at);
    return WG_OK;
}

/* ---- making one ---- */

/* An operand whose elements lie apart is read from where they are gathered. */
static void gather_operands(loop *l, wg_weaver *w)
{
    for (int32_t i = 0; i < w->s->n; i++) {
        wg_spot *x = &w->operand[i];
        if (l->rows.inner == 1 || x->one || l->rows.step[i] == x->size)
            continue;
        const int32_t place = wg_weave_place(w, TILE * 8);
        l->gather[l->gathers++] = (gathered){x->place, place, x->size};
        x->place = place;
    }
}

wg_instr *wg_make_loop(wg_builder *b, int32_t step)
{
    const wg_step *s = &b->l->step[step];
    wg_weaver w;
    wg_rows rows;
    int8_t all[WG_MAX_MICROS];
    wg_weave_start(&w, b, s);
    loop *l = wg_new_instr(b, sizeof *l + (size_t)s->n * sizeof *l->gather, step);
    if (!l || !wg_rows_of(&rows, &w, WG_ROWS))
        return NULL;
    l->rows = rows;
    gather_operands(l, &w);
    wg_cycle cycle[WG_MAX_OPERANDS];
    const int32_t cycles = l->gathers || rows.axes == 0 ? -1 : wg_rows_as_one(&rows, &w, cycle);
    l->cycles = cycles < 0 ? 0 : cycles;
    if (!(l->cycle = wg_arena_copy(b->arena, cycle, (size_t)l->cycles * sizeof *l->cycle)))
        return NULL;
    for (int8_t k = 0; k < s->micros; k++)
        all[k] = k;
    l->links = wg_weave(&w, all, s->micros);
    if (!l->links || !wg_weave_end(&w, &l->woven))
        return NULL;
    const bool one_row = rows.axes == 0 && l->gathers == 0;
    const bool in_place = l->woven.places == l->woven.pointed;
    l->head.run = one_row      ? (in_place ? run_row_in_place : run_row)
                  : l->gathers ? run_gathered_rows
                  : cycles < 0 ? run_rows
                               : run_rows_as_one;
    l->head.parts = one_row ? rows.inner : rows.count;
    l->head.work = s->micros * (one_row ? 1 : rows.inner);
    return &l->head;
}
