#include "exec/rows.h"

#include <string.h>

#include "exec/group.h"

/* Axes in the making. */
typedef struct axes {
    int32_t rank, places;
    int64_t extent[WG_MAX_RANK];
    int64_t stride[WG_MAX_RANK][WG_MAX_OPERANDS + WG_MAX_MICROS];
    bool reduced[WG_MAX_RANK];
} axes;

static bool is_reduced(const wg_step *s, int64_t d)
{
    return s->reduced >> d & 1;
}

bool wg_operand_bends(const wg_step *s, int32_t i)
{
    bool by_elements = false;
    for (int32_t k = 0; k < s->micros; k++) {
        const wg_micro *m = &s->micro[k];
        for (int a = 0; a < m->t->n; a++)
            by_elements = by_elements || (m->arg[a] == i && (!m->kept || m->t->op->reduce));
    }
    return by_elements && s->in[i].view && wg_row_bends(s->in[i].view, s->over, s->reduced);
}

/* Strides along the axes of a step's space of something that lies as a contiguous array of what
 * reductions keep (or, if all, of all). */
static void contiguous_strides(const wg_step *s, bool all, int64_t *stride)
{
    int64_t step = 1;
    for (int64_t d = s->over->rank - 1; d >= 0; d--) {
        const bool counts = all || !is_reduced(s, d);
        stride[d] = counts ? step : 0;
        step *= counts ? s->over->dim[d] : 1;
    }
}

/* A view of what reductions keep has axes of extent 1 where it likes:
 * the others come in the space's order. */
static void kept_strides(const wg_step *s, const wg_strided *v, int64_t *stride)
{
    int64_t at = 0;
    for (int64_t d = 0; d < s->over->rank; d++) {
        stride[d] = 0;
        if (is_reduced(s, d) || s->over->dim[d] == 1)
            continue;
        while (v->shape->dim[at] == 1)
            at++;
        stride[d] = v->stride[at++];
    }
}

/* The same, and along a row as if it did not bend: there it is brought to where it does not. */
static void straight_strides(const wg_step *s, const wg_strided *v, int64_t *stride)
{
    int64_t step = 1;
    for (int64_t d = s->over->rank - 1; d >= 0; d--) {
        stride[d] = is_reduced(s, d) ? step : v->stride[d];
        step *= is_reduced(s, d) ? s->over->dim[d] : 1;
    }
}

/* Whether micro-ops on each element (or, if kept,
 * on what reductions keep) are among what the rows are for. */
static bool concerns(wg_rows_kind kind, bool kept)
{
    return kept ? kind != WG_ROWS_FEEDING : kind != WG_ROWS_KEPT;
}

/* Of operand i, in elements.  What is read by ops on kept values is walked by the kept axes; what
 * only a product reads is not walked, nor what only others read than those that the rows are
 * for. */
static void operand_strides(const wg_weaver *w, int32_t i, wg_rows_kind kind, int64_t *stride)
{
    const wg_step *s = w->s;
    const wg_strided *v = s->in[i].view;
    bool kept = false, read = false;
    for (int32_t k = 0; k < s->micros; k++) {
        const wg_micro *m = &s->micro[k];
        const bool on_kept = m->kept && !m->t->op->reduce;
        for (int a = 0; a < m->t->n; a++) {
            if (m->arg[a] != i || m->t->op->product || !concerns(kind, on_kept))
                continue;
            read = true;
            kept = kept || on_kept;
        }
    }
    if (!read)
        memset(stride, 0, (size_t)s->over->rank * sizeof *stride);
    else if (!v)
        contiguous_strides(s, !kept, stride);
    else if (kept)
        kept_strides(s, v, stride);
    else if (kind == WG_ROWS && wg_operand_bends(s, i))
        straight_strides(s, v, stride);
    else
        memcpy(stride, v->stride, (size_t)s->over->rank * sizeof *stride);
}

static void result_strides(const wg_step *s, const wg_micro *m, wg_rows_kind kind, int64_t *stride)
{
    if (concerns(kind, m->kept))
        contiguous_strides(s, !m->kept, stride);
    else
        memset(stride, 0, (size_t)s->over->rank * sizeof *stride);
}

static bool merges(const axes *x, int64_t extent, const int64_t *stride)
{
    for (int32_t k = 0; k < x->places; k++)
        if (x->stride[x->rank - 1][k] != stride[k] * extent)
            return false;
    return true;
}

static void add_axis(axes *x, int64_t extent, const int64_t *stride, bool reduced, bool alone)
{
    if (extent == 1 && !alone)
        return;
    int32_t d = x->rank;
    if (d > 0 && !alone && x->reduced[d - 1] == reduced && merges(x, extent, stride))
        x->extent[--d] *= extent;
    else
        x->extent[d] = extent, x->rank++;
    x->reduced[d] = reduced;
    memcpy(x->stride[d], stride, (size_t)x->places * sizeof *stride);
}

static void find_axes(const wg_weaver *w, axes *x, wg_rows_kind kind)
{
    const wg_step *s = w->s;
    int64_t stride[WG_MAX_OPERANDS + WG_MAX_MICROS][WG_MAX_RANK];
    int32_t size[WG_MAX_OPERANDS + WG_MAX_MICROS];
    for (int32_t i = 0; i < s->n; i++) {
        size[i] = w->operand[i].size;
        operand_strides(w, i, kind, stride[i]);
    }
    for (int32_t k = 0; k < s->micros; k++)
        if (s->micro[k].result >= 0) {
            size[w->result[k].place] = w->result[k].size;
            result_strides(s, &s->micro[k], kind, stride[w->result[k].place]);
        }
    *x = (axes){.places = w->pointed};
    for (int64_t d = 0; d < s->over->rank; d++) {
        int64_t along[WG_MAX_OPERANDS + WG_MAX_MICROS];
        if (kind == WG_ROWS_KEPT && is_reduced(s, d))
            continue;
        for (int32_t k = 0; k < w->pointed; k++)
            along[k] = stride[k][d] * size[k];
        add_axis(x, s->over->dim[d], along, is_reduced(s, d),
                 kind == WG_ROWS_LAST_ALONE && d + 1 == s->over->rank);
    }
    if (x->rank == 0) /* one element */
        x->extent[x->rank++] = 1;
}

bool wg_rows_of(wg_rows *r, wg_weaver *w, wg_rows_kind kind)
{
    axes x;
    find_axes(w, &x, kind);
    const int32_t outer = x.rank - 1;
    const size_t places = (size_t)x.places;
    int64_t packed[WG_MAX_RANK * (WG_MAX_OPERANDS + WG_MAX_MICROS)];
    for (int32_t d = 0; d <= outer; d++)
        memcpy(packed + (size_t)d * places, x.stride[d], places * sizeof *packed);
    const int64_t *stride
        = wg_keep_alike(w->b, packed, ((size_t)outer + 1) * places * sizeof *packed);
    if (!stride)
        return false;
    *r = (wg_rows){.axes = outer, .places = x.places, .count = 1, .stride = stride};
    for (int32_t d = 0; d < outer; d++)
        r->count *= r->extent[d] = x.extent[d];
    r->inner = x.extent[outer];
    r->step = stride + (size_t)outer * places;
    if (r->inner == 0)
        r->count = 0;
    for (int32_t i = 0; i < w->s->n; i++)
        wg_spot_one(&w->operand[i], r->step[i] == 0);
    return true;
}

/* ---- rows as one ---- */

enum { MOST_FILLED = 1024 }; /* elements of an operand that is brought to repeat by itself */

static bool is_power_of_2(int64_t n)
{
    return n > 0 && (n & (n - 1)) == 0;
}

/* How operand i repeats: elements to fill, and the mask to read them with; false if it cannot. */
static bool repeats(const wg_rows *r, const wg_weaver *w, int32_t i, int64_t *fill, int64_t *mask)
{
    const int64_t size = w->operand[i].size, block = w->kit->block;
    const int64_t n = r->inner, total = n * r->count;
    if (size != (int64_t)wg_dtype_size(w->dtype))
        return false;
    if (total <= block || (!is_power_of_2(n) && total <= MOST_FILLED)) {
        *fill = total;
        *mask = -1;
        return true;
    }
    *fill = n < block ? block : 0;
    *mask = (n < block ? block : n) * size - 1;
    return is_power_of_2(n) && *mask <= INT32_MAX;
}

int32_t wg_rows_as_one(const wg_rows *r, wg_weaver *w, wg_cycle *cycle)
{
    int32_t cycles = 0;
    if (r->axes == 0)
        return 0;
    if (r->axes > 1 || r->count < 2)
        return -1;
    for (int32_t k = 0; k < r->places; k++) {
        int64_t fill, mask;
        if (r->stride[k] == r->step[k] * r->inner)
            continue;
        if (k >= w->s->n || r->stride[k] != 0 || r->step[k] != w->operand[k].size
            || !repeats(r, w, k, &fill, &mask))
            return -1;
    }
    for (int32_t k = 0; k < w->s->n; k++) {
        wg_spot *x = &w->operand[k];
        if (r->stride[k] == r->step[k] * r->inner)
            continue;
        wg_cycle *c = &cycle[cycles++];
        *c = (wg_cycle){.from = k, .period = r->inner, .repeat = w->kit->repeat};
        repeats(r, w, k, &c->fill, &x->mask);
        c->to = x->place = wg_weave_place(w, (size_t)(c->fill * x->size));
    }
    return cycles;
}
