#include "exec/epilogue.h"

#include "core/alloc.h"

static void begin(const wg_epilogue *e, void *scratch, char **at, wg_row *row, int64_t first,
                  int64_t column)
{
    wg_woven_start(&e->woven, scratch, at);
    if (first)
        wg_rows_start(&e->rows, row, first, at);
    else
        *row = (wg_row){{0}};
    for (int32_t k = 0; column && k < e->rows.places; k++)
        at[k] += column * e->rows.step[k];
}

/* Along one row nothing repeats. */
static inline void read_in_place(const wg_epilogue *e, char **at)
{
    for (int32_t k = 0; k < e->cycles; k++)
        at[e->cycle[k].to] = at[e->cycle[k].from];
}

void wg_epilogue_rectangle(const wg_epilogue *e, void *scratch, void *c, int64_t c_row,
                           int64_t first, int64_t rows, int64_t j0, int64_t j1)
{
    const int64_t n = j1 - j0;
    char *at[WG_MAX_PLACES];
    wg_row row;
    begin(e, scratch, at, &row, first, j0);
    at[e->c] = c;
    if (e->flat && n == e->rows.inner && (c_row == n * e->c_size || rows == 1)) {
        for (int32_t k = 0; k < e->cycles; k++)
            wg_cycle_fill(&e->cycle[k], at);
        wg_run_chain(e->links, at, rows * n);
        return;
    }
    for (int64_t i = 0;;) {
        read_in_place(e, at);
        wg_run_chain(e->links, at, n);
        if (++i >= rows)
            break;
        wg_rows_next(&e->rows, &row, at);
        at[e->c] = (char *)c + i * c_row;
    }
}

void wg_epilogue_whole(const wg_epilogue *e, void *scratch, void *c)
{
    char *at[WG_MAX_PLACES];
    wg_woven_start(&e->woven, scratch, at);
    at[e->c] = c;
    for (int32_t k = 0; k < e->cycles; k++)
        wg_cycle_fill(&e->cycle[k], at);
    wg_run_chain(e->links, at, e->rows.count * e->rows.inner);
}

void wg_epilogue_stretch(const wg_epilogue *e, void *scratch, void *c, int64_t index, int64_t n)
{
    const int64_t inner = e->rows.inner;
    /* a division is slow */
    int64_t first = index ? index / inner : 0, column = index - first * inner;
    char *at[WG_MAX_PLACES];
    wg_row row;
    for (int64_t done = 0, m; done < n; done += m, column = 0, first++) {
        m = n - done < inner - column ? n - done : inner - column;
        begin(e, scratch, at, &row, first, column);
        at[e->c] = (char *)c + done * e->c_size;
        read_in_place(e, at);
        wg_run_chain(e->links, at, m);
    }
}

/* ---- making one ---- */

const wg_epilogue *wg_epilogue_new(wg_builder *b, const wg_step *s, size_t taken)
{
    wg_epilogue *e = wg_arena_zero(b->arena, 1, sizeof *e + (size_t)s->n * sizeof *e->cycle);
    wg_weaver w;
    int8_t rest[WG_MAX_MICROS];
    wg_weave_start(&w, b, s);
    w.scratch = (taken + WG_ALIGNMENT - 1) / WG_ALIGNMENT * WG_ALIGNMENT;
    if (!e || !wg_rows_of(&e->rows, &w, s->reduced ? WG_ROWS_KEPT : WG_ROWS_LAST_ALONE))
        return NULL;
    e->c_size = (int32_t)wg_dtype_size(w.dtype);
    int32_t first = 0, n = 0;
    while (s->reduced && !s->micro[first].t->op->reduce)
        first++;
    e->c = s->micro[first].result >= 0 ? w.result[first].place : wg_weave_place(&w, 0);
    w.value[first] = (wg_spot){.place = e->c, .mask = -1, .size = e->c_size, .known = true};
    w.done[first] = true;
    for (int8_t k = 0; k < s->micros; k++)
        if (k != first && (!s->reduced || s->micro[k].kept))
            rest[n++] = k;
    const int32_t cycles = wg_rows_as_one(&e->rows, &w, e->cycle);
    e->flat = cycles >= 0;
    e->cycles = e->flat ? cycles : 0;
    e->links = wg_weave(&w, rest, n);
    return e->links && wg_weave_end(&w, &e->woven) ? e : NULL;
}
