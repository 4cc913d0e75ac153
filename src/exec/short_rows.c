/* Many short rows at once.
 *
 * Rows lie one behind the other, so that what is done with each element is one chain along all
 * of them; only reductions have to know where a row ends.  A tile of rows is gone over pass by
 * pass, as one row is (rowwise.c): a chain along the elements ends in memory, rows are folded, a
 * vector of them at a time; a chain along what reductions keep, one element a row, works on
 * that; and what elements will read of it is spread, each as often as a row is long. */
#include "exec/short_rows.h"

#include <string.h>

#include "exec/passes.h"
#include "ops/reduces.h"

enum {
    LONGEST = 1024, /* bytes of a row, more of which are better gone over one row at a time .. */
    FEW = 4,        /* .. as are so many rows of one vector each */
    TILE = 2048     /* elements of the rows of a tile, but for the least number of rows */
};

typedef struct fold {
    const wg_row_folds *how;
    int32_t from, to; /* places: of elements, of one a row */
} fold;

typedef struct spread {
    wg_spread *how;
    int32_t from, to; /* places: of one element a row, of elements */
} spread;

typedef struct pass {
    const wg_link *along, *kept; /* NULL: nothing to do */
    int32_t folds, spreads;      /* that end it, behind those of the passes before */
} pass;

/* An operand that lies otherwise than rows one behind the other, or one element a row: brought
 * there, tile by tile. */
typedef struct brought {
    int32_t from, to; /* places */
    int64_t bytes;    /* of a row */
} brought;

typedef struct short_rows {
    wg_instr head;
    wg_woven woven;
    wg_rows rows;
    int64_t tile;           /* rows of one */
    const int64_t *advance; /* [rows.places]: bytes a row; 0: the same for all, or brought */
    brought *bring;
    wg_cycle *cycle;
    fold *fold;
    spread *spread;
    int32_t brings, cycles, folds, spreads;
    int32_t spreads_first; /* before the first pass */
    int32_t passes;
    pass pass[];
} short_rows;

static void bring_rows(const short_rows *s, wg_row *row, char **walk, char *const *at,
                       int64_t rows)
{
    for (int64_t i = 0; i < rows; i++, wg_rows_next(&s->rows, row, walk))
        for (int32_t k = 0; k < s->brings; k++) {
            const brought *b = &s->bring[k];
            memcpy(at[b->to] + i * b->bytes, walk[b->from], (size_t)b->bytes);
        }
}

static void spread_rows(const short_rows *s, const spread *list, int32_t n, char *const *at,
                        int64_t rows)
{
    for (int32_t k = 0; k < n; k++)
        list[k].how(rows, s->rows.inner, at[list[k].to], at[list[k].from]);
}

static void run_tile(const short_rows *s, char *const *at, int64_t rows)
{
    const int64_t n = s->rows.inner;
    const fold *f = s->fold;
    const spread *spreads = s->spread + s->spreads_first;
    spread_rows(s, s->spread, s->spreads_first, at, rows);
    for (const pass *p = s->pass; p < s->pass + s->passes; p++) {
        if (p->along)
            wg_run_chain(p->along, at, rows * n);
        for (const fold *end = f + p->folds; f < end; f++)
            f->how->rows(rows, n, at[f->to], at[f->from]);
        if (p->kept)
            wg_run_chain(p->kept, at, rows);
        spread_rows(s, spreads, p->spreads, at, rows);
        spreads += p->spreads;
    }
}

static wg_status run_tiles(const wg_instr *head, const wg_env *env, int64_t begin, int64_t end)
{
    const short_rows *s = (const short_rows *)head;
    char *at[WG_MAX_PLACES], *walk[WG_MAX_PLACES];
    wg_row row;
    wg_woven_start(&s->woven, env->scratch, at);
    if (s->brings) {
        memcpy(walk, at, (size_t)s->rows.places * sizeof *at);
        wg_rows_start(&s->rows, &row, begin, walk);
    }
    for (int32_t k = 0; k < s->cycles; k++)
        wg_cycle_fill(&s->cycle[k], at);
    for (int32_t k = 0; k < s->rows.places; k++)
        at[k] += begin * s->advance[k];
    for (int64_t done = begin, rows; done < end; done += rows) {
        rows = end - done < s->tile ? end - done : s->tile;
        if (s->brings)
            bring_rows(s, &row, walk, at, rows);
        run_tile(s, at, rows);
        for (int32_t k = 0; k < s->rows.places; k++)
            at[k] += rows * s->advance[k];
    }
    return WG_OK;
}

/* ---- making one ---- */

bool wg_rows_are_short(const wg_rows *r, const wg_weaver *w)
{
    return r->count > (r->inner <= w->kit->lanes ? FEW : 1)
           && r->inner * (int64_t)wg_dtype_size(w->dtype) <= LONGEST;
}

static int64_t rows_of_a_tile(const wg_rows *r)
{
    const int64_t most = TILE / r->inner, all = r->count;
    const int64_t rows = most < all ? most : all + WG_SPREAD_ROWS - 1;
    return rows < WG_SPREAD_ROWS ? WG_SPREAD_ROWS : rows / WG_SPREAD_ROWS * WG_SPREAD_ROWS;
}

/* Room for elements, or for one a row. */
static wg_spot place_for(wg_weaver *w, bool kept, int32_t size)
{
    const size_t n = (size_t)(kept ? w->rows : w->row);
    return (wg_spot){.place = wg_weave_place(w, n * (size_t)size + WG_SPREAD_BEYOND),
                     .mask = -1,
                     .size = size,
                     .known = true};
}

static void add_spread(short_rows *s, wg_weaver *w, const wg_spot *from, const wg_spot *to)
{
    wg_spread *how = from->size == 8 ? WG_ISA_SELECT(w->b->isa, wg_spread_8)
                                     : WG_ISA_SELECT(w->b->isa, wg_spread_4);
    s->spread[s->spreads++] = (spread){how, from->place, to->place};
}

typedef enum reader { BY_KEPT, BY_ELEMENTS, BY_REDUCTION } reader;

/* Who reads the operand that wants it in the most special form. */
static reader reader_of(const wg_step *step, int32_t operand)
{
    reader by = BY_KEPT;
    for (int32_t k = 0; k < step->micros; k++) {
        const wg_micro *m = &step->micro[k];
        const reader r = m->t->op->reduce ? BY_REDUCTION : m->kept ? BY_KEPT : BY_ELEMENTS;
        for (int a = 0; a < m->t->n; a++)
            if (m->arg[a] == operand && r > by)
                by = r;
    }
    return by;
}

/* Whether rows of so many bytes lie one behind the other at that place. */
static bool follow_each_other(const wg_rows *r, int32_t place, int64_t bytes)
{
    for (int32_t d = r->axes - 1; d >= 0; d--) {
        if (r->stride[d * r->places + place] != bytes)
            return false;
        bytes *= r->extent[d];
    }
    return true;
}

/* Where operand i is read, once a tile begins. */
static void place_operand(short_rows *s, wg_weaver *w, int32_t i, int64_t *advance)
{
    const wg_rows *r = &s->rows;
    wg_spot *x = &w->operand[i];
    const reader by = reader_of(w->s, i);
    const bool one = r->step[i] == 0, same = follow_each_other(r, i, 0);
    const int64_t bytes = (one ? 1 : r->inner) * x->size;
    if (one && same && by != BY_REDUCTION)
        return;
    wg_spot lies = *x;
    wg_spot_one(&lies, false);
    if (follow_each_other(r, i, bytes)) {
        *advance = bytes;
    } else {
        lies = place_for(w, one, x->size);
        if (same && !one && x->size == (int64_t)wg_dtype_size(w->dtype))
            s->cycle[s->cycles++] = (wg_cycle){.from = i, .to = lies.place, .period = r->inner,
                                               .fill = w->rows * r->inner,
                                               .repeat = w->kit->repeat};
        else
            s->bring[s->brings++] = (brought){i, lies.place, bytes};
    }
    *x = lies;
    if (one && by != BY_KEPT) {
        *x = place_for(w, false, lies.size);
        add_spread(s, w, &lies, x);
    }
}

static bool place_all(short_rows *s, wg_weaver *w)
{
    int64_t advance[WG_MAX_OPERANDS + WG_MAX_MICROS] = {0};
    for (int32_t i = 0; i < w->s->n; i++)
        place_operand(s, w, i, &advance[i]);
    for (int32_t k = 0; k < w->s->micros; k++)
        if (w->s->micro[k].result >= 0)
            advance[w->result[k].place]
                = (w->s->micro[k].kept ? 1 : s->rows.inner) * w->result[k].size;
    s->spreads_first = s->spreads;
    s->advance = wg_keep_alike(w->b, advance, (size_t)s->rows.places * sizeof *advance);
    return s->advance != NULL;
}

static void add_fold(short_rows *s, wg_weaver *w, int8_t k)
{
    const wg_micro *m = &w->s->micro[k];
    int which;
    const wg_row_folds *how = wg_row_folds_for(w->b->isa, m->t->op->reduce, w->dtype, &which);
    w->value[k] = m->result >= 0 ? w->result[k]
                                 : place_for(w, true, (int32_t)wg_dtype_size(w->dtype));
    w->done[k] = true;
    s->fold[s->folds++]
        = (fold){how, wg_weave_spot(w, m, m->arg[0])->place, w->value[k].place};
}

static bool is_read_by_elements(const wg_step *s, int32_t value)
{
    for (int32_t k = value + 1; k < s->micros; k++)
        for (int a = 0; a < s->micro[k].t->n; a++)
            if (s->micro[k].arg[a] == ~value && !s->micro[k].kept)
                return true;
    return false;
}

static bool weave_pass(short_rows *s, wg_weaver *w, int32_t phase)
{
    pass *p = &s->pass[phase];
    const int32_t folds = s->folds, spreads = s->spreads;
    int8_t along[WG_MAX_MICROS], reductions[WG_MAX_MICROS], kept[WG_MAX_MICROS];
    int32_t elements = 0, reduced = 0, keeps = 0;
    for (int8_t k = 0; k < w->s->micros; k++) {
        if (w->phase[k] != phase)
            continue;
        if (w->s->micro[k].t->op->reduce)
            reductions[reduced++] = k;
        else if (w->s->micro[k].kept)
            kept[keeps++] = k;
        else
            along[elements++] = k;
    }
    if (elements && !(p->along = wg_weave(w, along, elements)))
        return false;
    for (int32_t i = 0; i < reduced; i++)
        add_fold(s, w, reductions[i]);
    if (keeps && !(p->kept = wg_weave(w, kept, keeps)))
        return false;
    for (int8_t k = 0; k < w->s->micros; k++)
        if (w->phase[k] == phase && w->s->micro[k].kept && is_read_by_elements(w->s, k)) {
            w->spread[k] = place_for(w, false, w->value[k].size);
            add_spread(s, w, &w->value[k], &w->spread[k]);
        }
    p->folds = s->folds - folds;
    p->spreads = s->spreads - spreads;
    return true;
}

wg_instr *wg_make_short_rows(wg_weaver *w, const wg_rows *rows, int32_t step)
{
    wg_builder *b = w->b;
    const int32_t passes = wg_find_passes(w), n = w->s->n, micros = w->s->micros;
    short_rows *s = wg_new_instr(b, sizeof *s + (size_t)passes * sizeof *s->pass, step);
    if (!s || !(s->bring = wg_arena_zero(b->arena, (size_t)n, sizeof *s->bring))
        || !(s->cycle = wg_arena_zero(b->arena, (size_t)n, sizeof *s->cycle))
        || !(s->fold = wg_arena_zero(b->arena, (size_t)micros, sizeof *s->fold))
        || !(s->spread = wg_arena_zero(b->arena, (size_t)(n + micros), sizeof *s->spread)))
        return NULL;
    s->rows = *rows;
    s->tile = w->rows = rows_of_a_tile(rows);
    w->row = s->tile * rows->inner;
    s->passes = passes;
    bool fine = place_all(s, w);
    for (int32_t k = 0; fine && k < passes; k++)
        fine = weave_pass(s, w, k);
    if (!fine || !wg_weave_end(w, &s->woven))
        return NULL;
    s->head.run = run_tiles;
    s->head.parts = rows->count;
    s->head.work = micros * rows->inner;
    s->head.grain = s->tile;
    return &s->head;
}
