/* Reductions.  The result's elements are the parts; each is reduced over a fixed tree, so its bits
 * depend on nothing but its operands.
 * Two ways: by rows, where the innermost reduced axis is a row that the row kernel takes whole; by
 * columns, where a row of the operand belongs to neighbouring results and is folded into all of
 * them at once.  A fused step goes on with the results, some at a time; one that reduces columns
 * may compute the rows as it folds them. */
#include <string.h>

#include "core/dtype.h"
#include "exec/epilogue.h"
#include "exec/in_place.h"
#include "ops/reduces.h"

enum {
    TILE = 256, /* results that a column reduction works on at once */
    BLOCK = 64, /* rows folded into one partial result before it is folded into the next level's */
    MOST_BATCHED = 128, /* elements of a row of which BLOCK are computed at once */
    LEVELS = 48 /* of a binary tree over rows: 2^48 rows */
};

/* One element of any dtype. */
typedef union cell {
    float f32;
    double f64;
    int32_t i32;
} cell;

/* What is brought together for many rows: an operand that is one row for all or, with a spread, one
 * element a row. */
typedef struct bring {
    int32_t from, to; /* places */
    int64_t size;     /* of an element */
    wg_spread *spread;
} bring;

/* What feeds a reduction of columns: a chain along a row of the operand, which ends in memory. */
typedef struct feeding {
    wg_woven woven;
    wg_rows rows;
    const wg_link *links;
    wg_spot value;
    int64_t between; /* rows from one reduced position to the next */
    bool batches;    /* one chain goes along BLOCK short rows, one behind the other */
    int32_t brings;
    bring bring[WG_MAX_OPERANDS];
} feeding;

typedef struct reduce {
    wg_instr head;
    wg_reduce_row *row;
    wg_fold_rows *rows; /* of short rows one behind the other */
    wg_reduce_column *column;
    wg_fold_columns *columns; /* of up to BLOCK rows at once, if they lie evenly; NULL */
    wg_add_columns *add;      /* the same, added in place; NULL */
    double scale;             /* before it is added .. */
    const void *later;        /* .. times this number, read when it runs: */
    bool known;               /* unless there is none */
    const void *x;
    void *y; /* NULL: only the epilogue wants the results */
    const wg_epilogue *then; /* NULL */
    const feeding *from;     /* NULL: the operand is in memory, at x */
    int64_t size; /* bytes an element */
    double empty;
    wg_dtype dtype;
    int64_t
        inner; /* row: extent of the innermost reduced axis.  Columns: of the innermost kept one */
    int64_t stride;         /* of that axis, of few columns the reduced one, in elements */
    int64_t outer;          /* reduced positions outside the row; by columns all of them */
    int64_t tiles;          /* by columns: of one row of results */
    const wg_space *kept, *reduced; /* operand 0 is x, in bytes; kept: operand 1 is y */
} reduce;

static wg_status fill_empty(const wg_instr *head, const wg_env *env, int64_t begin, int64_t end)
{
    const reduce *r = (const reduce *)head;
    (void)env;
    for (int64_t i = begin; i < end; i++)
        wg_number_put(r->y, r->dtype, i, r->empty);
    return WG_OK;
}

/* ---- by rows ---- */

/* Partial results of rows 0, 1, 2, ... meet as in a binary counter:
 * level k holds the fold of 2^k rows. */
static void fold_rows(const reduce *r, const char *x, void *y)
{
    cell level[LEVELS];
    wg_walk w;
    wg_walk_start(&w, r->reduced, r->reduced->rank - 1, 0);
    for (int64_t i = 0; i < r->outer; i++, wg_walk_next(&w)) {
        cell partial;
        r->row(r->inner, &partial, x + w.offset[0], r->stride);
        int k = 0;
        for (; i >> k & 1; k++) {
            r->column(1, &level[k], &partial);
            partial = level[k];
        }
        level[k] = partial;
    }
    bool begun = false;
    cell sum = {0};
    for (int k = LEVELS - 1; k >= 0; k--)
        if (r->outer >> k & 1) {
            if (begun)
                r->column(1, &sum, &level[k]);
            else
                sum = level[k];
            begun = true;
        }
    memcpy(y, &sum, (size_t)r->size);
}

/* Scratch memory of a fused step: partial results, results, then the epilogue's own. */
enum { PARTIAL = 2 * TILE * 8, RESULTS = TILE * 8 };

static char *results_at(const reduce *r, const wg_env *env, int64_t index)
{
    return r->y ? (char *)r->y + index * r->size : (char *)env->scratch + PARTIAL;
}

static wg_status by_rows(const wg_instr *head, const wg_env *env, int64_t begin, int64_t end)
{
    const reduce *r = (const reduce *)head;
    wg_walk w;
    wg_walk_start(&w, r->kept, r->kept->rank, begin);
    int64_t first = begin;
    char *y = results_at(r, env, begin);
    for (int64_t i = begin; i < end; i++, wg_walk_next(&w), y += r->size) {
        const char *x = (const char *)r->x + w.offset[0];
        if (r->outer == 1)
            r->row(r->inner, y, x, r->stride);
        else
            fold_rows(r, x, y);
        const int64_t n = i + 1 - first;
        if (r->then && (n == TILE || i + 1 == end)) {
            wg_epilogue_stretch(r->then, env->scratch, y + r->size - n * r->size, first, n);
            first = i + 1;
            y = results_at(r, env, first) - r->size;
        }
    }
    return WG_OK;
}

/* Rows one behind the other, many at once. */
static wg_status by_short_rows(const wg_instr *head, const wg_env *env, int64_t begin, int64_t end)
{
    const reduce *r = (const reduce *)head;
    (void)env;
    r->rows(end - begin, r->inner, (char *)r->y + begin * r->size,
            (const char *)r->x + begin * r->inner * r->size);
    return WG_OK;
}

/* ---- by columns ---- */

/* The operand's rows that belong to some results: in memory, or computed one after the other. */
typedef struct source {
    const reduce *r;
    char *scratch;
    wg_walk walk;            /* in memory */
    const char *x;
    int64_t row, column, n;  /* computed: of the next */
    bool begun;              /* in batches: some are */
} source;

static source rows_for(const reduce *r, const char *x, int64_t row, int64_t first, int64_t n,
                       char *scratch)
{
    source s = {.r = r, .scratch = scratch, .x = x, .column = first, .n = n};
    if (r->from)
        s.row = row / r->from->between * r->outer * r->from->between + row % r->from->between;
    else
        wg_walk_start(&s.walk, r->reduced, r->reduced->rank, 0);
    return s;
}

/* The next rows of what is computed in batches, one behind the other; s->n is a whole row. */
static const char *next_batch(source *s, int64_t rows)
{
    const feeding *f = s->r->from;
    char *at[WG_MAX_PLACES];
    wg_row row;
    wg_woven_start(&f->woven, s->scratch, at);
    wg_rows_start(&f->rows, &row, s->row, at);
    for (const bring *b = f->bring; b < f->bring + f->brings; b++) {
        if (b->spread)
            b->spread(rows, s->n, at[b->to], at[b->from]);
        else if (!s->begun)
            wg_repeat_row(at[b->to], at[b->from], s->n, rows * s->n, b->size);
    }
    wg_run_chain(f->links, at, rows * s->n);
    s->row += rows;
    s->begun = true;
    return at[f->value.place];
}

static const char *next_row(source *s)
{
    const feeding *f = s->r->from;
    if (!f) {
        const char *x = s->x + s->walk.offset[0];
        wg_walk_next(&s->walk);
        return x;
    }
    char *at[WG_MAX_PLACES];
    wg_row row;
    wg_woven_start(&f->woven, s->scratch, at);
    wg_rows_start(&f->rows, &row, s->row, at);
    for (int32_t k = 0; k < f->rows.places; k++)
        at[k] += s->column * f->rows.step[k];
    wg_run_chain(f->links, at, s->n);
    s->row += f->between;
    return at[f->value.place];
}

/* Row i of the operand and those behind it, at most BLOCK. */
static void fold_block(const reduce *r, source *x, int64_t i, int64_t rows, char *y, int64_t n)
{
    if (r->columns && r->from) {
        r->columns(rows, n, y, next_batch(x, rows), n);
    } else if (r->columns) {
        r->columns(rows, n, y, x->x + i * r->stride * r->size, r->stride);
    } else {
        memcpy(y, next_row(x), (size_t)(n * r->size));
        for (int64_t k = 1; k < rows; k++)
            r->column(n, y, next_row(x));
    }
}

/* Three levels of partial results: of BLOCK rows, of BLOCK^2, of all. */
static void fold_columns(const reduce *r, source *x, char *y, int64_t n, char *scratch)
{
    char *block = scratch, *upper = scratch + TILE * 8;
    size_t bytes = (size_t)(n * r->size);
    bool have_upper = false, have_all = false;
    for (int64_t i = 0, rows; i < r->outer; i += rows) {
        rows = r->outer - i < BLOCK ? r->outer - i : BLOCK;
        fold_block(r, x, i, rows, block, n);
        const bool last = i + rows == r->outer;
        if (have_upper)
            r->column(n, upper, block);
        else
            memcpy(upper, block, bytes);
        have_upper = true;
        if ((i + rows) % (BLOCK * BLOCK) == 0 || last) {
            if (have_all)
                r->column(n, y, upper);
            else
                memcpy(y, upper, bytes);
            have_all = true;
            have_upper = false;
        }
    }
}

static wg_status by_columns(const wg_instr *head, const wg_env *env, int64_t begin, int64_t end)
{
    const reduce *r = (const reduce *)head;
    const int last = r->kept->rank - 1;
    for (int64_t part = begin; part < end; part++) {
        int64_t row = 0, first = part * TILE;
        const char *x = (const char *)r->x;
        if (last > 0 || r->from) {
            row = part / r->tiles, first = part % r->tiles * TILE;
        }
        if (last > 0 && !r->from) {
            wg_walk w;
            wg_walk_start(&w, r->kept, last, row);
            x += w.offset[0];
        }
        x += first * r->size;
        int64_t n = r->inner - first < TILE ? r->inner - first : TILE;
        char *y = results_at(r, env, row * r->inner + first);
        if (r->add) {
            const double s = r->known ? r->scale : r->scale * wg_number_get(r->later, r->dtype, 0);
            r->add(r->outer, n, y, x, r->stride, s);
        } else if (r->columns && !r->from && r->outer <= BLOCK) {
            r->columns(r->outer, n, y, x, r->stride);
        } else {
            source from = rows_for(r, x, row, first, n, env->scratch);
            fold_columns(r, &from, y, n, env->scratch);
        }
        if (r->then)
            wg_epilogue_stretch(r->then, env->scratch, y, row * r->inner + first, n);
    }
    return WG_OK;
}

/* One tile of sums, added in place. */
static wg_status add_one_tile(const wg_instr *head, const wg_env *env, int64_t begin, int64_t end)
{
    const reduce *r = (const reduce *)head;
    (void)env, (void)begin, (void)end;
    r->add(r->outer, r->inner, r->y, r->x, r->stride, r->scale);
    return WG_OK;
}

/* ---- making one ---- */

/* The axes of the operand that are kept and those that are reduced; strides in bytes. */
static void split_axes(wg_space *kept, wg_space *over, const wg_view *view, const wg_tensor *t)
{
    const int64_t size = (int64_t)wg_dtype_size(t->dtype);
    const wg_shape *shape = &t->in[0]->shape;
    bool reduced[WG_MAX_RANK] = {false};
    t->op->reduced(t, reduced);
    wg_shape results = {0};
    for (int64_t d = 0; d < shape->rank; d++)
        if (!reduced[d])
            results.dim[results.rank++] = shape->dim[d];
    wg_view result = wg_view_whole(&results);
    *kept = (wg_space){.operands = 2};
    *over = (wg_space){.operands = 1};
    for (int64_t d = 0, k = 0; d < shape->rank; d++) {
        int64_t strides[2] = {view->stride[d] * size, 0};
        if (!reduced[d])
            strides[1] = result.stride[k++] * size;
        wg_space_add_axis(reduced[d] ? over : kept, shape->dim[d], strides);
    }
    if (over->rank == 0) /* a reduction over nothing: rows of one element */
        over->axis[over->rank++].extent = 1;
}

static int64_t inner_stride(const wg_space *s)
{
    return s->rank ? s->axis[s->rank - 1].stride[0] : 0;
}

/* Rows of one element repeated are rows: fused steps take them so, too. */
static bool goes_by_columns(const wg_space *kept, const wg_space *over, int64_t size)
{
    const int64_t along = inner_stride(over);
    return kept->rank && inner_stride(kept) == size && along != size && along != 0
           && wg_space_count(over) > 1;
}

wg_fold_way wg_fold_way_of(const wg_tensor *t, const wg_view *view)
{
    wg_space kept, over;
    split_axes(&kept, &over, view, t);
    return goes_by_columns(&kept, &over, (int64_t)wg_dtype_size(t->dtype)) ? WG_BY_COLUMNS
           : over.rank == 1                                                ? WG_BY_ROWS
                                                                           : WG_BY_MANY_ROWS;
}

/* Whether one chain can go along many rows, and what is brought for it. */
static void find_batches(feeding *f, wg_weaver *w)
{
    const wg_rows *r = &f->rows;
    bring *b = f->bring;
    if (r->inner > MOST_BATCHED || r->axes != 1 || f->between != 1)
        return;
    for (int32_t k = 0; k < r->places; k++) {
        if (r->stride[k] == r->step[k] * r->inner)
            continue;
        const int64_t size = k < w->s->n ? w->operand[k].size : 0;
        if (size == 0 || (r->step[k] ? r->stride[k] != 0 : r->stride[k] != size))
            return;
        *b = (bring){.from = k, .size = size};
        if (r->step[k] == 0)
            b->spread = size == 8 ? WG_ISA_SELECT(w->b->isa, wg_spread_8)
                                  : WG_ISA_SELECT(w->b->isa, wg_spread_4);
        b++;
    }
    f->batches = true;
    f->brings = (int32_t)(b - f->bring);
    w->row = BLOCK * r->inner;
    for (b = f->bring; b < f->bring + f->brings; b++) {
        wg_spot *x = &w->operand[b->from];
        x->place = b->to = wg_weave_place(w, (size_t)(w->row * b->size) + WG_SPREAD_BEYOND);
        wg_spot_one(x, false);
    }
}

/* The micro-ops that are no part of the reduction and of what follows it. */
static const feeding *feeding_of(wg_builder *b, const wg_step *s, int32_t reduction)
{
    feeding *f = wg_arena_zero(b->arena, 1, sizeof *f);
    int8_t list[WG_MAX_MICROS];
    int32_t n = 0;
    wg_weaver w;
    wg_weave_start(&w, b, s);
    w.scratch = PARTIAL + RESULTS;
    w.row = TILE;
    if (!f || !wg_rows_of(&f->rows, &w, WG_ROWS_FEEDING))
        return NULL;
    f->between = 1;
    for (int64_t d = s->over->rank - 1; d >= 0 && !(s->reduced >> d & 1); d--)
        f->between *= s->over->dim[d];
    f->between /= f->rows.inner ? f->rows.inner : 1;
    find_batches(f, &w);
    for (int8_t k = 0; k < s->micros; k++)
        if (!s->micro[k].kept)
            list[n++] = k;
    f->links = wg_weave(&w, list, n);
    f->value = w.value[~s->micro[reduction].arg[0]];
    return f->links && wg_weave_end(&w, &f->woven) ? f : NULL;
}

/* If rows lie evenly, in memory or once they are computed; else NULL. */
static wg_fold_columns *kernel_of_even_rows(const reduce *r, const wg_builder *b,
                                            const wg_reduce *reduction)
{
    int which;
    const wg_row_folds *folds = wg_row_folds_for(b->isa, reduction, r->dtype, &which);
    const bool even = r->from ? r->from->batches : r->reduced->rank == 1;
    return folds && even ? folds->columns : NULL;
}

/* What such sums are added to, if that is all that the fused step goes on with. */
static void add_in_place(reduce *r, wg_builder *b, const wg_step *s)
{
    wg_sum_in_place sum;
    if (!r->columns || r->from || r->outer > BLOCK || !s->micros
        || wg_fold_of(s->micro[0].t->op) != WG_FOLD_SUM
        || !s->micro[s->micros - 1].kept || !wg_is_sum_in_place(b, s, 1, &sum))
        return;
    r->add = r->dtype == WG_F32 ? WG_ISA_SELECT(b->isa, wg_add_columns_f32)
                                : WG_ISA_SELECT(b->isa, wg_add_columns_f64);
    r->scale = wg_scale_in_place(b, s, &sum, &r->later);
    r->known = wg_scale_is_known(b, s, &sum);
    wg_point_buffer(b, &r->y, s->out);
}

/* If rows are such, and nothing else is to be done; else NULL. */
static wg_fold_rows *kernel_of_short_rows(const reduce *r, const wg_builder *b,
                                          const wg_reduce *reduction)
{
    int which;
    const wg_row_folds *folds = wg_row_folds_for(b->isa, reduction, r->dtype, &which);
    const bool fits = folds && r->outer == 1 && r->stride == 1
                      && r->inner <= WG_FOLD_BLOCK && r->kept->rank == 1
                      && r->kept->axis[0].stride[0] == r->inner * r->size;
    return fits ? folds->rows : NULL;
}

static void set_columns(reduce *r, wg_builder *b, const wg_step *s, const wg_reduce *reduction)
{
    r->inner = r->from ? r->from->rows.inner : r->kept->axis[r->kept->rank - 1].extent;
    r->tiles = (r->inner + TILE - 1) / TILE;
    r->stride = r->reduced->axis[r->reduced->rank - 1].stride[0] / r->size;
    r->columns = kernel_of_even_rows(r, b, reduction);
    add_in_place(r, b, s);
    r->head.run = r->add && r->known && r->kept->rank == 1 && r->tiles == 1 ? add_one_tile
                                                                             : by_columns;
    r->head.parts = r->inner ? r->head.parts / r->inner * r->tiles : 0;
    r->head.work *= r->inner < TILE ? r->inner : TILE;
    if (b->scratch < PARTIAL + RESULTS)
        b->scratch = PARTIAL + RESULTS;
}

static void set_rows(reduce *r, const wg_builder *b, const wg_reduce *reduction, bool goes_on)
{
    const int last = r->reduced->rank - 1;
    r->inner = r->reduced->axis[last].extent;
    r->stride = r->reduced->axis[last].stride[0] / r->size;
    r->outer /= r->inner;
    r->head.run = by_rows;
    if (!goes_on && (r->rows = kernel_of_short_rows(r, b, reduction)))
        r->head.run = by_short_rows;
}

wg_instr *wg_make_reduce(wg_builder *b, int32_t step)
{
    const wg_step *s = &b->l->step[step];
    reduce *r = wg_new_instr(b, sizeof *r, step);
    if (!r)
        return NULL;
    int32_t k = 0;
    while (k < s->micros && !s->micro[k].t->op->reduce)
        k++;
    const wg_tensor *t = s->micros ? s->micro[k].t : s->t;
    const int32_t out = s->micros ? s->micro[k].result : s->out;
    const bool computed = s->micros && s->micro[k].arg[0] < 0;
    const wg_reduce *how = wg_reduce_for(b->isa, t->op->reduce);
    r->dtype = t->dtype;
    r->size = (int64_t)wg_dtype_size(r->dtype);
    r->row = how->row[r->dtype];
    r->column = how->column[r->dtype];
    r->empty = how->empty;
    const wg_operand *x = &s->in[s->micros && !computed ? s->micro[k].arg[0] : 0];
    if (!computed)
        wg_point(b, (void **)&r->x, *x);
    else if (!(r->from = feeding_of(b, s, k)))
        return NULL;
    if (out >= 0)
        wg_point_buffer(b, &r->y, out);
    bool goes_on = false;
    for (int32_t j = 0; j < s->micros; j++)
        goes_on = goes_on || (j != k && s->micro[j].kept);
    const wg_view view = computed ? wg_view_whole(&t->in[0]->shape)
                                  : wg_operand_view(x, &t->in[0]->shape);
    wg_space kept, over;
    split_axes(&kept, &over, &view, t);
    if (!(r->kept = wg_keep_space(b, &kept)) || !(r->reduced = wg_keep_space(b, &over)))
        return NULL;
    r->outer = wg_space_count(r->reduced);
    r->head.parts = wg_space_count(r->kept);
    r->head.work = r->outer;
    if (r->outer == 0)
        r->head.run = fill_empty;
    else if (goes_by_columns(r->kept, r->reduced, r->size))
        set_columns(r, b, s, t->op->reduce);
    else
        set_rows(r, b, t->op->reduce, goes_on);
    if (goes_on && !r->add && !(r->then = wg_epilogue_new(b, s, PARTIAL + RESULTS)))
        return NULL;
    return &r->head;
}
