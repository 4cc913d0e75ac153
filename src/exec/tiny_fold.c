/* Reductions as links: which lanes are folded with which, in the order of the ordinary kernel. */
#include <string.h>

#include "core/alloc.h"
#include "core/shape.h"
#include "exec/tiny_making.h"

/* Elements that a reduction folds, as lanes of its argument: those of each result side by side. */
typedef struct folded {
    int64_t results, each;
    int8_t lane[WG_TINY_LANES];
} folded;

static folded elements_of(const wg_tiny_op *o)
{
    const wg_tensor *t = o->t;
    const wg_shape *over = &t->in[0]->shape;
    const wg_tiny_argument arg = wg_tiny_argument_of(o->s, o->k, 0);
    bool reduced[WG_MAX_RANK] = {false};
    folded f = {.results = wg_shape_count(t->shape)};
    int64_t filled[WG_TINY_LANES] = {0};
    t->op->reduced(t, reduced);
    f.each = wg_shape_count(*over) / f.results;
    for (int64_t e = 0; e < f.results * f.each; e++) {
        int64_t rest = e, step = 1, r = 0;
        for (int64_t d = over->rank - 1; d >= 0; rest /= over->dim[d--])
            if (!reduced[d]) {
                r += rest % over->dim[d] * step;
                step *= over->dim[d];
            }
        f.lane[r * f.each + filled[r]++] = arg.lane[e];
    }
    return f;
}

static void fold_in_order(wg_tiny_making *w, const folded *f, int which)
{
    char index[WG_TINY_LANES * WG_ALIGNMENT];
    for (int64_t p = 0; p < f->each; p++) {
        int8_t lane[WG_TINY_LANES];
        for (int64_t r = 0; r < f->results; r++)
            lane[r] = f->lane[r * f->each + p];
        wg_tiny_write_index(w, index + p * w->kit->bytes, lane, f->results);
    }
    wg_tiny_link *l = wg_tiny_add_form(w, &w->kit->in_order[which][wg_tiny_count(f->each)],
                                       (wg_tiny_place){.kind = NOWHERE});
    l->xi = wg_tiny_keep(w, index, (size_t)(f->each * w->kit->bytes));
    l->n = f->each;
}

/* As kernels/fold.h does a row: element j and element j + h, for h = .. 4, 2, 1; what is left
 * of a row stays together. */
static void fold_by_halves(wg_tiny_making *w, const folded *f, int which)
{
    char index[MOST_INDICES * WG_ALIGNMENT], mask[WG_ALIGNMENT];
    int8_t at[WG_TINY_LANES], on[WG_TINY_LANES];
    int64_t left = f->each, half = 1, stages = 0;
    while (2 * half < left)
        half *= 2;
    const bool even = 2 * half == left;
    memcpy(at, f->lane, sizeof at);
    for (; half > 0; half /= 2, stages++) {
        int8_t lane[2][WG_TINY_LANES];
        for (int64_t r = 0; r < f->results; r++)
            for (int64_t j = 0; j < half; j++) {
                const bool two = j + half < left;
                lane[0][r * half + j] = at[r * left + j];
                lane[1][r * half + j] = at[r * left + (two ? j + half : j)];
                if (stages == 0)
                    on[r * half + j] = two;
            }
        const int64_t n = f->results * half;
        if (stages == 0) {
            for (int64_t e = n; e < WG_TINY_LANES; e++)
                on[e] = on[0];
            w->kit->mask(mask, on);
        }
        wg_tiny_write_index(w, index + 2 * stages * w->kit->bytes, lane[0], n);
        wg_tiny_write_index(w, index + (2 * stages + 1) * w->kit->bytes, lane[1], n);
        memcpy(at, wg_tiny_in_order, sizeof at);
        left = half;
    }
    wg_tiny_link *l = wg_tiny_add_form(w, &w->kit->by_halves[which][even][wg_tiny_count(stages)],
                                       (wg_tiny_place){.kind = NOWHERE});
    if (!even)
        w->where[w->links - 1][1] = (wg_tiny_place){
            .kind = MEMORY, .memory = wg_tiny_keep(w, mask, (size_t)w->kit->bytes)};
    l->xi = wg_tiny_keep(w, index, (size_t)(2 * stages * w->kit->bytes));
    l->n = stages;
}

void wg_tiny_fold(wg_tiny_making *w, const wg_tiny_op *o)
{
    const folded f = elements_of(o);
    const int which = wg_fold_of(o->t->op);
    if (f.each == 1 || wg_tiny_fold_way(o->s, o->k) == WG_BY_COLUMNS)
        fold_in_order(w, &f, which);
    else
        fold_by_halves(w, &f, which);
}
