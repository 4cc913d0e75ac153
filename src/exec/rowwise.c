/* Fused instructions that reduce rows and may go over them again: softmax, log-sum-exp, layer
 * norm, losses.
 *
 * A row is gone over once for each reduction that waits for another: a chain along the row ends in
 * the lanes of its reductions, a short chain works on their results, the next one along the row
 * reads both.  A row that fits in one vector is one chain with everything in registers.  An operand
 * that lies otherwise than a row, as a bias in rows of a whole batch, is brought there before. */

#include <string.h>

#include "exec/passes.h"
#include "exec/rows.h"
#include "exec/short_rows.h"
#include "ops/reduces.h"

enum {
    BLOCK = WG_FOLD_BLOCK, /* elements after which the lanes of a fold are joined */
    IN_CACHE = 4096,       /* elements of a row that is in a cache when it is gone over again */
    SHORT_RUN = 64         /* elements, at least a vector's */
};

/* Of what a chain has at hand, or of a row in memory: what is in a cache is read sooner than lanes
 * are written and read again. */
typedef struct fold {
    const wg_row_folds *how;
    int32_t lanes, row, result; /* places; lanes or row is -1 */
} fold;

typedef struct pass {
    const wg_link *along; /* the row; NULL: nothing to do */
    const wg_link *kept;  /* on what was reduced; NULL */
    int32_t fold, folds;  /* which of them it fills .. */
    int32_t rows;         /* .. so many of them from rows in memory, the first ones */
    uint32_t brings;      /* bit b: bends[b] is brought for it, block by block */
} pass;

/* An operand whose rows lie in several runs, and how they are brought together. */
typedef struct bend {
    int32_t from, to;     /* places */
    int64_t size;         /* of an element */
    const wg_space *runs; /* a row of it, in bytes; its last axis is one run */
    wg_spread *spread;    /* of runs of one element each .. */
    bool together;        /* .. which lie side by side: many runs at once */
    bool repeats;         /* one run over and over, brought before the row begins */
} bend;

typedef struct rowwise {
    wg_instr head;
    wg_woven woven;
    wg_rows rows;
    const int64_t *step; /* of every place along a row, in bytes */
    fold *fold;
    bend *bend;
    int32_t bends;
    bool whole; /* what bends is brought a row at once, else block by block */
    int32_t passes;
    pass pass[];
} rowwise;

static int64_t run_of(const bend *b)
{
    return b->runs->axis[b->runs->rank - 1].extent;
}

/* Brings elements first .. first + n - 1 of the row together, and gives their place. */
static char *bring(const bend *b, char *const *at, int64_t first, int64_t n)
{
    const int last = b->runs->rank - 1;
    const int64_t run = run_of(b), size = b->size;
    int64_t in_run = first % run;
    char *to = at[b->to];
    if (b->repeats)
        return to + in_run * size;
    if (b->together) {
        b->spread((in_run + n + run - 1) / run, run, to, at[b->from] + first / run * size);
        return to + in_run * size;
    }
    wg_walk w;
    wg_walk_start(&w, b->runs, last, first / run);
    if (!b->spread && in_run + n <= run)
        return at[b->from] + w.offset[0] + in_run * size;
    for (int64_t m; n > 0; n -= m, to += m * size, in_run = 0, wg_walk_next(&w)) {
        const char *from = at[b->from] + w.offset[0];
        m = run - in_run < n ? run - in_run : n;
        if (b->spread)
            b->spread(1, m, to, from);
        else
            memcpy(to, from + in_run * size, (size_t)(m * size));
    }
    return at[b->to];
}

static void start_row(const rowwise *r, char *const *at)
{
    for (const bend *b = r->bend; b < r->bend + r->bends; b++) {
        const int64_t n = r->whole ? r->rows.inner : BLOCK + run_of(b);
        if (b->repeats)
            wg_repeat_row(at[b->to], at[b->from], run_of(b), n, b->size);
        else if (r->whole)
            bring(b, at, 0, n);
    }
}

static void run_along(const rowwise *r, const pass *p, char *const *at)
{
    const int64_t n = r->rows.inner;
    char *here[WG_MAX_PLACES];
    if (p->folds == p->rows && n <= IN_CACHE) {
        wg_run_chain(p->along, at, n);
        return;
    }
    for (int64_t first = 0; first < n; first += BLOCK) {
        const int64_t m = n - first < BLOCK ? n - first : BLOCK;
        char *const *from = at;
        if (first || p->brings) {
            for (int32_t k = 0; k < r->woven.places; k++)
                here[k] = at[k] + first * r->step[k];
            from = here;
        }
        for (int32_t k = 0; p->brings >> k; k++)
            if (p->brings >> k & 1)
                here[r->bend[k].to] = bring(&r->bend[k], at, first, m);
        wg_run_chain(p->along, from, m);
        for (int32_t f = p->fold + p->rows; m == BLOCK && f < p->fold + p->folds; f++)
            r->fold[f].how->block((wg_row_fold *)at[r->fold[f].lanes]);
    }
}

static void run_row(const void *instr, char *const *at)
{
    const rowwise *r = instr;
    start_row(r, at);
    for (int32_t k = 0; k < r->passes; k++) {
        const pass *p = &r->pass[k];
        const fold *rows = r->fold + p->fold, *lanes = rows + p->rows, *end = rows + p->folds;
        for (const fold *f = lanes; f < end; f++)
            f->how->start((wg_row_fold *)at[f->lanes]);
        if (p->along)
            run_along(r, p, at);
        for (const fold *f = rows; f < lanes; f++)
            f->how->row(r->rows.inner, at[f->result], at[f->row], 1);
        for (const fold *f = lanes; f < end; f++)
            f->how->finish((wg_row_fold *)at[f->lanes], r->rows.inner % BLOCK, at[f->result]);
        if (p->kept)
            wg_run_chain(p->kept, at, 1);
    }
}

static wg_status run_rows(const wg_instr *head, const wg_env *env, int64_t begin, int64_t end)
{
    const rowwise *r = (const rowwise *)head;
    wg_rows_each(&r->rows, &r->woven, env->scratch, begin, end, run_row, r);
    return WG_OK;
}

/* A row of one vector: one chain. */
static void run_short_row(const void *instr, char *const *at)
{
    const rowwise *r = instr;
    start_row(r, at);
    wg_run_chain(r->pass[0].along, at, r->rows.inner);
}

static wg_status run_short_rows(const wg_instr *head, const wg_env *env, int64_t begin, int64_t end)
{
    const rowwise *r = (const rowwise *)head;
    wg_rows_each(&r->rows, &r->woven, env->scratch, begin, end, run_short_row, r);
    return WG_OK;
}

/* ---- making one ---- */

static void bend_of(const rowwise *r, wg_weaver *w, int32_t i, bend *b, size_t *room)
{
    const wg_step *s = w->s;
    const wg_strided *v = s->in[i].view;
    const int64_t size = w->operand[i].size;
    wg_space runs = {.operands = 1};
    for (int64_t d = 0; d < s->over->rank; d++)
        if (s->reduced >> d & 1)
            wg_space_add_axis(&runs, s->over->dim[d], (int64_t[]){v->stride[d] * size});
    const int last = runs.rank - 1;
    const int64_t run = runs.axis[last].extent, n = r->whole ? r->rows.inner : BLOCK;
    *b = (bend){.from = i, .size = size, .runs = wg_keep_space(w->b, &runs)};
    int64_t most = n; /* elements that are written */
    if (runs.axis[last].stride[0] == 0) {
        b->spread = size == 8 ? WG_ISA_SELECT(w->b->isa, wg_spread_8)
                              : WG_ISA_SELECT(w->b->isa, wg_spread_4);
        b->together = last == 1 && runs.axis[0].stride[0] == size && run <= BLOCK / 4;
        most += b->together ? 2 * run : 0;
        most += WG_SPREAD_ROWS * (run < SHORT_RUN ? run : SHORT_RUN);
    } else if (last == 1 && runs.axis[0].stride[0] == 0 && run <= IN_CACHE) {
        b->repeats = true;
        most += run;
    }
    *room = (size_t)(most * size) + WG_SPREAD_BEYOND;
}

/* Where such operands are read is then said in w, after which nothing need know that they bend. */
static bool find_bends(rowwise *r, wg_weaver *w)
{
    if (!(r->bend = wg_arena_zero(w->b->arena, (size_t)w->s->n, sizeof *r->bend)))
        return false;
    for (int32_t i = 0; i < w->s->n; i++) {
        size_t room;
        if (!wg_operand_bends(w->s, i))
            continue;
        bend *b = &r->bend[r->bends++];
        bend_of(r, w, i, b, &room);
        w->operand[i].place = b->to = wg_weave_place(w, room);
        if (!b->runs)
            return false;
    }
    return true;
}

/* Which of them the listed micro-ops read. */
static uint32_t brought_for(const rowwise *r, const wg_step *s, const int8_t *list, int32_t n)
{
    uint32_t brings = 0;
    for (int32_t j = 0; j < n; j++) {
        const wg_micro *m = &s->micro[list[j]];
        for (int a = 0; a < m->t->n; a++)
            for (int32_t k = 0; k < r->bends; k++)
                brings |= (uint32_t)(m->arg[a] == r->bend[k].from) << k;
    }
    return brings;
}

/* Whether what m reduces is to lie in memory, row by row. */
static bool reduces_memory(const rowwise *r, const wg_weaver *w, const wg_micro *m)
{
    return r->rows.inner <= IN_CACHE && (m->arg[0] < 0 || !w->operand[m->arg[0]].one);
}

static void add_fold(rowwise *r, wg_weaver *w, pass *p, int8_t k, bool memory)
{
    const wg_micro *m = &w->s->micro[k];
    wg_spot result = {.size = (int32_t)wg_dtype_size(w->dtype), .one = true, .known = true};
    result.place = m->result >= 0 ? w->result[k].place : wg_weave_place(w, 8);
    w->value[k] = result;
    w->fold[k] = memory ? -1 : wg_weave_place(w, sizeof(wg_row_fold));
    w->done[k] = memory;
    int which;
    r->fold[p->fold + p->folds++]
        = (fold){.how = wg_row_folds_for(w->b->isa, m->t->op->reduce, w->dtype, &which),
                 .lanes = w->fold[k],
                 .row = -1,
                 .result = result.place};
}

static bool weave_pass(rowwise *r, wg_weaver *w, int32_t phase)
{
    pass *p = &r->pass[phase];
    int8_t along[WG_MAX_MICROS], kept[WG_MAX_MICROS], reduced[WG_MAX_MICROS];
    int32_t n = 0, keeps = 0;
    p->fold = phase ? p[-1].fold + p[-1].folds : 0;
    for (int8_t k = 0; k < w->s->micros; k++) {
        const wg_micro *m = &w->s->micro[k];
        if (w->phase[k] != phase || !m->t->op->reduce || !reduces_memory(r, w, m))
            continue;
        reduced[p->rows++] = k;
        add_fold(r, w, p, k, true);
    }
    for (int8_t k = 0; k < w->s->micros; k++) {
        const wg_micro *m = &w->s->micro[k];
        if (w->phase[k] != phase || (m->t->op->reduce && reduces_memory(r, w, m)))
            continue;
        if (m->kept && !m->t->op->reduce)
            kept[keeps++] = k;
        else
            along[n++] = k;
        if (m->t->op->reduce)
            add_fold(r, w, p, k, false);
    }
    p->brings = r->whole ? 0 : brought_for(r, w->s, along, n);
    if (n && !(p->along = wg_weave(w, along, n)))
        return false;
    for (int32_t f = 0; f < p->rows; f++) {
        const wg_micro *m = &w->s->micro[reduced[f]];
        r->fold[p->fold + f].row = wg_weave_spot(w, m, m->arg[0])->place;
    }
    return !keeps || (p->kept = wg_weave(w, kept, keeps)) != NULL;
}

static bool weave_row(rowwise *r, wg_weaver *w)
{
    int8_t all[WG_MAX_MICROS];
    for (int8_t k = 0; k < w->s->micros; k++)
        all[k] = k;
    for (int32_t i = 0; i < w->s->n; i++) /* what lies beside reductions' results is one element */
        wg_spot_one(&w->operand[i], r->rows.step[i] == 0);
    return (r->pass[0].along = wg_weave(w, all, w->s->micros)) != NULL;
}

static bool bends(const wg_step *s)
{
    for (int32_t i = 0; i < s->n; i++)
        if (wg_operand_bends(s, i))
            return true;
    return false;
}

wg_instr *wg_make_rowwise(wg_builder *b, int32_t step)
{
    const wg_step *s = &b->l->step[step];
    wg_weaver w;
    wg_rows rows;
    wg_weave_start(&w, b, s);
    if (!wg_rows_of(&rows, &w, WG_ROWS))
        return NULL;
    if (wg_rows_are_short(&rows, &w) && !bends(s))
        return wg_make_short_rows(&w, &rows, step);
    const int32_t passes = wg_find_passes(&w);
    rowwise *r = wg_new_instr(b, sizeof *r + (size_t)passes * sizeof *r->pass, step);
    if (!r || !(r->fold = wg_arena_zero(b->arena, (size_t)s->micros, sizeof *r->fold)))
        return NULL;
    r->rows = rows;
    r->passes = passes;
    r->whole = rows.inner <= IN_CACHE;
    w.row = rows.inner;
    w.across = rows.inner <= w.kit->lanes;
    bool fine = find_bends(r, &w);
    if (fine && w.across)
        fine = weave_row(r, &w);
    for (int32_t k = 0; fine && !w.across && k < passes; k++)
        fine = weave_pass(r, &w, k);
    int64_t *along = wg_arena_zero(b->arena, (size_t)w.places, sizeof *along);
    if (!fine || !along || !wg_weave_end(&w, &r->woven))
        return NULL;
    for (int32_t k = 0; k < rows.places; k++)
        along[k] = rows.step[k];
    for (int32_t k = 0; k < r->bends; k++) {
        along[r->bend[k].from] = 0;
        along[r->bend[k].to] = r->whole ? r->bend[k].size : 0;
    }
    for (int32_t k = 0; k < s->micros; k++) /* rows that are kept from pass to pass, in dtypes of
                                             * their own */
        if (w.value[k].place >= rows.places && w.value[k].mask)
            along[w.value[k].place] = w.value[k].size;
    r->step = along;
    r->head.run = w.across ? run_short_rows : run_rows;
    r->head.parts = rows.count;
    r->head.work = s->micros * rows.inner;
    return &r->head;
}
