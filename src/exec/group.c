/* Groups: which steps fit together in one instruction. */
#include "exec/group.h"

#include <string.h>

#include "core/dtype.h"
#include "core/shape.h"
#include "exec/instr.h"
#include "ops/reduces.h"

/* ---- one step ---- */

static bool is_elementwise(const wg_step *s)
{
    return s->t->op->map && !s->copy && s->n <= WG_MICRO_ARGS;
}

static bool is_reduction(const wg_step *s)
{
    return !s->copy && !s->t->op->map && wg_fold_of(s->t->op) >= 0
           && wg_dtype_is_float(s->t->dtype);
}

/* The axes of extent other than 1 that a reduction runs over;
 * 0 if it changes nothing, or there is nothing to reduce. */
static uint32_t reduced_axes(const wg_step *s)
{
    const wg_shape *over = &s->t->in[0]->shape;
    bool axis[WG_MAX_RANK] = {false};
    uint32_t mask = 0;
    s->t->op->reduced(s->t, axis);
    for (int64_t d = 0; d < over->rank; d++)
        if (axis[d] && over->dim[d] != 1)
            mask |= 1u << d;
    return wg_shape_count(*over) > 0 ? mask : 0;
}

static int operand_index(wg_group *g, wg_operand x, bool kept)
{
    for (int i = 0; i < g->n; i++)
        if (g->in[i].buffer == x.buffer && g->in[i].view == x.view && g->in_kept[i] == kept)
            return i;
    if (g->n == WG_MAX_OPERANDS)
        return -1;
    g->in[g->n] = x;
    g->in_kept[g->n] = kept;
    return g->n++;
}

bool wg_group_of(wg_group *g, const wg_lowered *l, const wg_step *s)
{
    const bool reduces = is_reduction(s), product = !s->copy && s->t->op->product;
    if (s->micros || (!is_elementwise(s) && !reduces && !product))
        return false;
    if (product && wg_adds_products_up(s->t))
        return false; /* its elements are final with the last matrix alone */
    g->micros = 1;
    g->n = 0;
    g->recomputed = s->recomputed;
    g->reduced = reduces ? reduced_axes(s) : 0;
    if (reduces && g->reduced == 0)
        return false;
    g->over = reduces ? &s->t->in[0]->shape : &s->t->shape;
    wg_micro *m = &g->micro[0];
    *m = (wg_micro){.t = s->t,
                    .result = s->out,
                    .from = l->buffer[s->in[0].buffer].dtype,
                    .kept = reduces};
    for (int i = 0; i < s->n; i++) {
        int at = operand_index(g, s->in[i], false);
        m->arg[i] = (int8_t)at;
        if (at < 0 || (product && at != i))
            return false; /* a product of one thing with itself is left alone */
    }
    return true;
}

/* ---- spaces ---- */

static bool is_reduced(uint32_t reduced, int64_t d)
{
    return reduced >> d & 1;
}

bool wg_reduces_rows(const wg_shape *over, uint32_t reduced)
{
    bool begun = false;
    for (int64_t d = 0; d < over->rank; d++) {
        if (begun && !is_reduced(reduced, d) && over->dim[d] != 1)
            return false;
        begun = begun || is_reduced(reduced, d);
    }
    return true;
}

/* Whether `shape`, but for extents of 1, is what the reductions of a group keep. */
static bool is_kept_shape(const wg_shape *shape, const wg_shape *over, uint32_t reduced)
{
    int64_t at = 0;
    for (int64_t d = 0; d < over->rank; d++) {
        if (is_reduced(reduced, d) || over->dim[d] == 1)
            continue;
        while (at < shape->rank && shape->dim[at] == 1)
            at++;
        if (at == shape->rank || shape->dim[at++] != over->dim[d])
            return false;
    }
    while (at < shape->rank && shape->dim[at] == 1)
        at++;
    return at == shape->rank;
}

/* Whether the view gives each element of the space the result of the reduction that it went
 * into. */
static bool reads_own_result(const wg_strided *v, const wg_shape *over, uint32_t reduced)
{
    int64_t step = 1;
    if (!v || v->offset != 0 || !wg_shape_equal(*v->shape, *over))
        return false;
    for (int64_t d = over->rank - 1; d >= 0; d--) {
        if (over->dim[d] == 1)
            continue;
        if (v->stride[d] != (is_reduced(reduced, d) ? 0 : step))
            return false;
        step *= is_reduced(reduced, d) ? 1 : over->dim[d];
    }
    return true;
}

/* ---- joining ---- */

typedef enum relation {
    SAME_SPACE, /* later works on the elements that earlier works on */
    ON_RESULTS, /* later works on what earlier's reductions give */
    NONE
} relation;

static relation related(const wg_group *earlier, const wg_group *later)
{
    if (later->recomputed && !earlier->recomputed)
        return NONE; /* it would be computed as early as what it is computed from */
    if (earlier->micro[0].t->op->product && later->micro[0].t->op->product)
        return NONE;
    if (wg_shape_equal(*earlier->over, *later->over)
        && (!earlier->reduced || !later->reduced || earlier->reduced == later->reduced))
        return SAME_SPACE;
    bool results = earlier->reduced && !later->reduced && !later->micro[0].t->op->product
                   && is_kept_shape(later->over, earlier->over, earlier->reduced);
    return results ? ON_RESULTS : NONE;
}

static int micro_that_makes(const wg_group *g, int32_t buffer)
{
    for (int k = 0; k < g->micros; k++)
        if (g->micro[k].result == buffer)
            return k;
    return -1;
}

/* Whether micro-op `m` can take the value of `from` where it is made, as operand x reads it. */
static bool takes_directly(const wg_micro *m, bool kept, const wg_micro *from, const wg_operand *x,
                           const wg_group *g)
{
    if (m->t->op->product)
        return false;
    if (from->kept == kept || (kept && m->t->op->reduce))
        return !x->view && !(from->kept && m->t->op->reduce);
    return from->kept && reads_own_result(x->view, g->over, g->reduced);
}

/* The argument of m, which is `later`'s, as one of the joint group's. */
static bool join_argument(wg_group *g, wg_micro *m, int a, const wg_group *earlier,
                          const wg_group *later, const int8_t *place)
{
    int8_t from = m->arg[a];
    if (from < 0) {
        m->arg[a] = (int8_t)~place[WG_MAX_MICROS + ~from];
        return true;
    }
    const wg_operand *x = &later->in[from];
    int made = micro_that_makes(earlier, x->buffer);
    if (made >= 0) {
        m->arg[a] = (int8_t)~place[made];
        return takes_directly(m, m->kept, &earlier->micro[made], x, g);
    }
    int at = operand_index(g, *x, m->kept && !m->t->op->reduce);
    m->arg[a] = (int8_t)at;
    return at >= 0;
}

bool wg_row_bends(const wg_strided *v, const wg_shape *over, uint32_t reduced)
{
    bool begun = false;
    int64_t step = 0;
    for (int64_t d = over->rank - 1; d >= 0; d--) {
        if (!is_reduced(reduced, d))
            continue;
        if (begun && v->stride[d] != step)
            return true;
        begun = true;
        step = v->stride[d] * over->dim[d];
    }
    return false;
}

static int64_t row_of(const wg_group *g)
{
    int64_t row = 1;
    for (int64_t d = 0; d < g->over->rank; d++)
        row *= is_reduced(g->reduced, d) ? g->over->dim[d] : 1;
    return row;
}

/* Elements of a row that are one element at its end, and so are in each run of a row that bends. */
static int64_t stays_for(const wg_group *g, const wg_strided *v)
{
    int64_t run = 1;
    for (int64_t d = g->over->rank - 1; d >= 0; d--) {
        if (is_reduced(g->reduced, d) && v->stride[d] != 0)
            break;
        run *= is_reduced(g->reduced, d) ? g->over->dim[d] : 1;
    }
    return run;
}

enum {
    WORTH_BRINGING = 257, /* elements of a row below which rows are better computed and reduced
                           * many at once */
    LONG_RUN = 64,        /* elements of which a loop is as fast that knows that they are one .. */
    LONG_RUNS = 1         /* .. and saves spreading it if there are more such operands */
};

/* Whether a reduction reads operand i as it is.  Alone it goes over what lies in several runs run by
 * run, which is another order than along the row. */
static bool is_reduced_as_it_is(const wg_group *g, int i)
{
    for (int k = 0; k < g->micros; k++)
        if (g->micro[k].t->op->reduce && g->micro[k].arg[0] == i)
            return true;
    return false;
}

/* Elements of a row must lie side by side or be all the same; or, in a row that is gone over by
 * itself, do so in several runs. */
static bool rows_lie_well(const wg_group *g)
{
    const int64_t row = row_of(g);
    const bool alone = row >= WORTH_BRINGING || row == wg_shape_count(*g->over);
    int long_runs = 0;
    for (int i = 0; i < g->n; i++) {
        const wg_strided *v = g->in[i].view;
        int64_t last = g->over->rank - 1;
        if (!v || g->in_kept[i])
            continue;
        while (!is_reduced(g->reduced, last))
            last--;
        if (v->stride[last] != 0 && v->stride[last] != 1)
            return false;
        if (!wg_row_bends(v, g->over, g->reduced))
            continue;
        long_runs += stays_for(g, v) >= LONG_RUN;
        if (!alone || long_runs > LONG_RUNS || is_reduced_as_it_is(g, i))
            return false;
    }
    return true;
}

enum { LONG_ROW = 1 << 18 }; /* elements that are too many to be kept from pass to pass outside the
                              * plan of memory */

/* Values that wait for a reduction of their row are kept in scratch memory,
 * so such rows must not be long. */
static bool keeps_little(const wg_group *g)
{
    const int64_t row = row_of(g);
    for (int k = 0; k < g->micros && row > LONG_ROW; k++)
        for (int a = 0; a < WG_MICRO_ARGS && a < g->micro[k].t->n; a++)
            if (!g->micro[k].kept && g->micro[k].arg[a] < 0 && g->micro[~g->micro[k].arg[a]].kept)
                return false;
    return true;
}

/* Epilogues, and what feeds a reduction of columns, read operands where they are: elements of a
 * row side by side, or one for all. */
static bool lies_well(const wg_group *g, int i)
{
    const wg_strided *v = g->in[i].view;
    int64_t last = v ? v->shape->rank - 1 : -1;
    while (last >= 0 && v->shape->dim[last] == 1 && g->reduced)
        last--;
    return last < 0 || v->shape->dim[last] == 1 || v->stride[last] == 0 || v->stride[last] == 1;
}

static bool all_lie_well(const wg_group *g)
{
    for (int k = 0; k < g->micros; k++) {
        const wg_op *op = g->micro[k].t->op;
        for (int a = 0; a < WG_MICRO_ARGS && a < g->micro[k].t->n; a++)
            if (!op->product && !op->reduce && g->micro[k].arg[a] >= 0
                && !lies_well(g, g->micro[k].arg[a]))
                return false;
    }
    return true;
}

enum { WORTH_FEEDING = 64 }; /* elements of a row below which many rows are better computed at
                              * once */

/* Whether operand i is walked as a whole array of the space is along the reduced axes, or stays,
 * and so along the kept ones, which come last: then many rows can be computed at once. */
static bool follows(const wg_group *g, int i)
{
    const wg_strided *v = g->in[i].view;
    bool along[2] = {true, true}, stays[2] = {true, true}, begun = false;
    int64_t step = 1;
    for (int64_t d = g->over->rank - 1; v && d >= 0; d--) {
        const bool reduced = is_reduced(g->reduced, d);
        if (g->over->dim[d] == 1)
            continue;
        if (reduced && !begun && !along[0])
            step = 1; /* one element a row */
        begun = begun || reduced;
        stays[reduced] = stays[reduced] && v->stride[d] == 0;
        along[reduced] = along[reduced] && v->stride[d] == step;
        step *= g->over->dim[d];
    }
    return (along[0] || stays[0]) && (along[1] || stays[1]);
}

static bool rows_follow(const wg_group *g)
{
    bool kept = false;
    for (int64_t d = 0; d < g->over->rank; d++) {
        if (kept && is_reduced(g->reduced, d))
            return false;
        kept = kept || (g->over->dim[d] != 1 && !is_reduced(g->reduced, d));
    }
    for (int i = 0; i < g->n; i++)
        if (!g->in_kept[i] && !follows(g, i))
            return false;
    return true;
}

/* One reduction, what feeds it, and what is done with its results.
 * The reduced axes lie side by side. */
static bool reduces_columns(const wg_group *g)
{
    const bool wide = g->over->dim[g->over->rank - 1] >= WORTH_FEEDING || rows_follow(g);
    int reductions = 0, begun = 0, ended = 0;
    for (int k = 0; k < g->micros; k++) {
        const wg_micro *m = &g->micro[k];
        reductions += m->t->op->reduce != NULL;
        for (int a = 0; a < WG_MICRO_ARGS && a < m->t->n; a++)
            if (!m->kept && m->arg[a] < 0 && g->micro[~m->arg[a]].kept)
                return false;
        if (!m->kept && (!wide || m->t->dtype == WG_I32 || m->from == WG_I32))
            return false;
    }
    for (int64_t d = 0; d < g->over->rank; d++) {
        if (g->over->dim[d] == 1)
            continue;
        if (is_reduced(g->reduced, d) && ended)
            return false;
        begun = begun || is_reduced(g->reduced, d);
        ended = begun && !is_reduced(g->reduced, d);
    }
    return reductions == 1 && all_lie_well(g);
}

static bool is_one_instruction(const wg_group *g)
{
    if (g->micro[0].t->op->product)
        return !g->reduced && all_lie_well(g);
    if (!g->reduced)
        return true;
    wg_dtype dtype = WG_I32;
    for (int k = 0; k < g->micros; k++) {
        const wg_micro *m = &g->micro[k];
        if (m->t->op->reduce && dtype != WG_I32 && m->t->dtype != dtype)
            return false;
        dtype = m->t->op->reduce ? m->t->dtype : dtype;
    }
    return wg_reduces_rows(g->over, g->reduced) ? rows_lie_well(g) && keeps_little(g)
                                                : reduces_columns(g);
}

/* A product comes first, whichever group has it; then earlier's micro-ops, then later's.  place[k]
 * is where earlier's k-th comes, place[WG_MAX_MICROS + k] later's. */
static void order_micros(const wg_group *earlier, const wg_group *later, int8_t *place)
{
    const int moved = later->micro[0].t->op->product;
    for (int k = 0; k < earlier->micros; k++)
        place[k] = (int8_t)(k + moved);
    for (int k = 0; k < later->micros; k++)
        place[WG_MAX_MICROS + k] = (int8_t)(earlier->micros + k);
    if (moved)
        place[WG_MAX_MICROS] = 0;
}

bool wg_group_join(wg_group *g, const wg_group *earlier, const wg_group *later)
{
    const relation r = related(earlier, later);
    if (r == NONE || earlier->micros + later->micros > WG_MAX_MICROS)
        return false;
    int8_t place[2 * WG_MAX_MICROS];
    order_micros(earlier, later, place);
    g->micros = earlier->micros + later->micros;
    g->recomputed = earlier->recomputed || later->recomputed;
    g->over = earlier->over;
    g->reduced = earlier->reduced | later->reduced;
    g->n = 0;
    if (later->micro[0].t->op->product) /* its operands come first */
        for (int a = 0; a < 2; a++)
            operand_index(g, later->in[a], false);
    int32_t shift[WG_MAX_OPERANDS];
    for (int i = 0; i < earlier->n; i++)
        if ((shift[i] = operand_index(g, earlier->in[i], earlier->in_kept[i])) < 0)
            return false;
    for (int k = 0; k < earlier->micros; k++) {
        wg_micro m = earlier->micro[k];
        for (int a = 0; a < WG_MICRO_ARGS && a < m.t->n; a++)
            m.arg[a] = (int8_t)(m.arg[a] < 0 ? ~place[~m.arg[a]] : shift[m.arg[a]]);
        g->micro[place[k]] = m;
    }
    for (int k = 0; k < later->micros; k++) {
        wg_micro m = later->micro[k];
        m.kept = m.kept || r == ON_RESULTS;
        for (int a = 0; a < WG_MICRO_ARGS && a < m.t->n; a++)
            if (!join_argument(g, &m, a, earlier, later, place))
                return false;
        g->micro[place[WG_MAX_MICROS + k]] = m;
    }
    return is_one_instruction(g);
}
