/* Ops as links: which argument is taken from a register, and how the lanes of the others are
 * read. */
#include <string.h>

#include "core/alloc.h"
#include "core/shape.h"
#include "exec/tiny_making.h"
#include "ops/elementwise_maps.h"
#include "ops/maps.h"

/* ---- links ---- */

wg_tiny_link *wg_tiny_add(wg_tiny_making *w, wg_link_fn *run, wg_tiny_place x)
{
    wg_tiny_link *l = &w->link[w->links];
    *l = (wg_tiny_link){.run = run};
    wg_tiny_place *where = w->where[w->links++];
    memset(where, 0, PLACES * sizeof *where);
    where[0] = x;
    w->form = NULL;
    return l;
}

wg_tiny_link *wg_tiny_add_form(wg_tiny_making *w, const wg_tiny_form *form, wg_tiny_place x)
{
    wg_tiny_link *l = wg_tiny_add(w, form->plain, x);
    w->form = form;
    return l;
}

const void *wg_tiny_keep(wg_tiny_making *w, const void *bytes, size_t size)
{
    const void *kept = wg_keep_alike(w->b, bytes, size);
    w->failed = w->failed || !kept;
    return kept;
}

void wg_tiny_write_index(const wg_tiny_making *w, char *to, const int8_t *lane, int64_t n)
{
    int8_t all[WG_TINY_LANES];
    for (int64_t e = 0; e < w->kit->lanes; e++)
        all[e] = lane[e < n ? e : 0];
    w->kit->index(to, all);
}

const void *wg_tiny_index(wg_tiny_making *w, const int8_t *lane, int64_t n)
{
    char bytes[WG_ALIGNMENT];
    wg_tiny_write_index(w, bytes, lane, n);
    return wg_tiny_keep(w, bytes, (size_t)w->kit->bytes);
}

wg_tiny_place wg_tiny_slot(wg_tiny_making *w)
{
    const int32_t at = w->free_slots ? w->free_slot[--w->free_slots] : w->slots++;
    return (wg_tiny_place){.kind = SLOT, .at = at};
}

const int8_t wg_tiny_in_order[WG_TINY_LANES]
    = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

/* ---- arguments ---- */

/* Whether elements of the argument are lanes of the value as it is. */
static bool is_direct(const wg_tiny_making *w, const wg_tiny_op *o, int a)
{
    const wg_tiny_value *x = &w->value[o->arg[a]];
    const wg_tiny_argument arg = wg_tiny_argument_of(o->s, o->k, a);
    const int64_t n = wg_shape_count(o->t->shape);
    if (!x->whole)
        return false;
    if (x->count == 1 || x->at.kind == MEMORY)
        return true;
    return x->count == n && memcmp(arg.lane, wg_tiny_in_order, (size_t)n) == 0;
}

static const void *index_of_argument(wg_tiny_making *w, const wg_tiny_op *o, int a)
{
    const wg_tiny_argument arg = wg_tiny_argument_of(o->s, o->k, a);
    return wg_tiny_index(w, arg.lane, wg_shape_count(o->t->shape));
}

static const wg_tiny_form *links_of(const wg_tiny_making *w, const wg_tiny_op *o)
{
    return o->t->op->map && !o->s->copy ? wg_tinies_for(w->isa, o->t->op->map, w->dtype) : NULL;
}

static bool is_call(const wg_tiny_making *w, const wg_tiny_op *o)
{
    return !o->s->copy && o->t->op->map && !links_of(w, o);
}

/* Whether the op can take the value from the register and needs it nowhere else. */
static bool takes(const wg_tiny_making *w, const wg_tiny_op *o, int32_t v)
{
    int times = 0;
    bool others_direct = true;
    for (int32_t a = 0; a < o->n; a++) {
        times += o->arg[a] == v;
        others_direct = others_direct && (o->arg[a] == v || o->n < 3 || is_direct(w, o, a));
    }
    return times == 1 && others_direct && !is_call(w, o);
}

static int which_is_at_hand(const wg_tiny_making *w, const wg_tiny_op *o)
{
    for (int a = 0; a < o->n && w->hand >= 0; a++)
        if (o->arg[a] == w->hand && takes(w, o, w->hand))
            return a;
    return -1;
}

/* An argument as it lies in memory, or in the second register. */
static wg_tiny_link *load_as(wg_tiny_making *w, int32_t v, wg_link_fn *from_memory,
                             wg_link_fn *from_kept)
{
    return v == w->kept ? wg_tiny_add(w, from_kept, (wg_tiny_place){.kind = NOWHERE})
                        : wg_tiny_add(w, from_memory, w->value[v].at);
}

static void load(wg_tiny_making *w, const wg_tiny_op *o, int a)
{
    const wg_tiny_kit *kit = w->kit;
    const void *index = is_direct(w, o, a) ? NULL : index_of_argument(w, o, a);
    if (index)
        load_as(w, o->arg[a], kit->load_permuted, kit->take_permuted)->xi = index;
    else
        load_as(w, o->arg[a], kit->load, kit->take);
}

/* The argument in the order of the result's elements, at hand. */
static int take_in_hand(wg_tiny_making *w, const wg_tiny_op *o)
{
    int a = which_is_at_hand(w, o);
    if (a >= 0) {
        const void *index = is_direct(w, o, a) ? NULL : index_of_argument(w, o, a);
        if (index)
            wg_tiny_add(w, w->kit->permute, (wg_tiny_place){.kind = NOWHERE})->xi = index;
        return a;
    }
    a = 0;
    while (a + 1 < o->n && w->value[o->arg[a]].at.kind == MEMORY)
        a++;
    load(w, o, a);
    return a;
}

/* An argument where it can be read as it is; a slot that was taken for it goes to *taken. */
static wg_tiny_place brought_in_order(wg_tiny_making *w, const wg_tiny_op *o, int a,
                                      int32_t *taken)
{
    *taken = -1;
    if (is_direct(w, o, a))
        return w->value[o->arg[a]].at;
    const wg_tiny_place to = wg_tiny_slot(w);
    load(w, o, a);
    wg_tiny_add(w, w->kit->store, to);
    w->kept = -1;
    *taken = to.at;
    return to;
}

/* ---- elementwise ops ---- */

/* Of one argument: in the register or in memory. */
static void operate_on_one(wg_tiny_making *w, const wg_tiny_op *o, const wg_tiny_form *forms)
{
    const int32_t v = o->arg[0];
    const bool there = v != w->hand && v != w->kept && is_direct(w, o, 0);
    if (!there)
        take_in_hand(w, o);
    wg_tiny_add_form(w, &forms[there], there ? w->value[v].at : (wg_tiny_place){.kind = NOWHERE});
}

/* Of two: none of both or one of them in a register. */
static void operate_on_two(wg_tiny_making *w, const wg_tiny_op *o, const wg_tiny_form *forms)
{
    const wg_tiny_place at[2] = {w->value[o->arg[0]].at, w->value[o->arg[1]].at};
    if (which_is_at_hand(w, o) < 0 && o->arg[0] != w->kept && o->arg[1] != w->kept
        && is_direct(w, o, 0) && is_direct(w, o, 1)) {
        wg_tiny_add_form(w, &forms[WG_TINY_BOTH], at[0]);
        w->where[w->links - 1][1] = at[1];
        return;
    }
    const int hand = take_in_hand(w, o), other = !hand;
    const bool direct = is_direct(w, o, other), kept = direct && o->arg[other] == w->kept;
    const int form = kept     ? WG_TINY_SECOND_KEPT
                     : direct ? WG_TINY_SECOND
                              : WG_TINY_SECOND_PERMUTED;
    const void *index = direct ? NULL : index_of_argument(w, o, other);
    wg_tiny_add_form(w, &forms[hand == 0 ? form : form + WG_TINY_FIRST - WG_TINY_SECOND],
                     kept ? (wg_tiny_place){.kind = NOWHERE} : at[other])
        ->xi = index;
}

/* Of three: the others lie in memory as they should. */
static void operate_on_three(wg_tiny_making *w, const wg_tiny_op *o, const wg_tiny_form *forms)
{
    wg_tiny_place other[2];
    int32_t taken[2] = {-1, -1}, others = 0;
    const int ready = which_is_at_hand(w, o), hand = ready < 0 ? 2 : ready;
    for (int a = 0; a < 3; a++)
        if (a != hand) {
            other[others] = brought_in_order(w, o, a, &taken[others]);
            others++;
        }
    if (ready < 0)
        load(w, o, hand);
    else
        take_in_hand(w, o);
    wg_tiny_add_form(w, &forms[hand], other[0]);
    w->where[w->links - 1][1] = other[1];
    for (int i = 0; i < 2; i++)
        if (taken[i] >= 0)
            w->free_slot[w->free_slots++] = taken[i];
}

static void operate(wg_tiny_making *w, const wg_tiny_op *o, const wg_tiny_form *forms)
{
    (o->n == 1 ? operate_on_one : o->n == 2 ? operate_on_two : operate_on_three)(w, o, forms);
    wg_tiny_link *l = &w->link[w->links - 1];
    if (o->t->op->attr_size == sizeof l->number)
        memcpy(l->number, o->t->attr, sizeof l->number);
}

/* ---- a product of elements, and what it is added to or taken from, as one link ---- */

static bool is_map(const wg_tiny_making *w, const wg_tiny_op *o, const wg_map *map)
{
    return o->t->op->map == map && links_of(w, o);
}

/* The argument of the op that the one before it makes for it alone; -1 if they are not a
 * product and a sum or difference. */
static int scaled_argument(const wg_tiny_making *w, int32_t at)
{
    const wg_tiny_op *p = &w->op[at], *o = p + 1;
    if (at + 1 >= w->ops || !is_map(w, p, &wg_elementwise_maps_baseline.mul) || p->result >= 0
        || w->value[p->made].reads != 1
        || (!is_map(w, o, &wg_elementwise_maps_baseline.add)
            && !is_map(w, o, &wg_elementwise_maps_baseline.sub)))
        return -1;
    const int a = o->arg[1] == p->made;
    return o->arg[a] == p->made && is_direct(w, o, a) ? a : -1;
}

/* Ops `at` and `at + 1`; false if the product's other argument is not in memory as it should
 * be. */
static bool scale_and_add(wg_tiny_making *w, int32_t at, int a)
{
    const wg_tiny_op *p = &w->op[at], *o = p + 1;
    const int ready = which_is_at_hand(w, p), other = ready < 0 ? 1 : !ready;
    if (!is_direct(w, p, other))
        return false;
    if (ready < 0)
        load(w, p, 0);
    else
        take_in_hand(w, p);
    const int kind = o->t->op->map == &wg_elementwise_maps_baseline.add ? WG_PRODUCT_ADDED
                     : a == 1                                           ? WG_PRODUCT_TAKEN
                                                                        : WG_PRODUCT_LESS;
    const bool direct = is_direct(w, o, !a);
    const void *index = direct ? NULL : index_of_argument(w, o, !a);
    wg_tiny_add_form(w, &w->kit->scaled[kind][!direct], w->value[o->arg[!a]].at)->xi = index;
    w->where[w->links - 1][1] = w->value[p->arg[other]].at;
    return true;
}

/* ---- a product with the slope of an activation, as one link ---- */

/* Three ops: two that work out a slope from the value `v` and a number, and the product. */
typedef struct slope {
    int kind; /* WG_TINY_.._SLOPE */
    int g;    /* the product's other argument */
    int32_t v, c;
} slope;

/* Which argument of an elementwise op the op before it makes, for it alone; -1: none. */
static int argument_made_for(const wg_tiny_making *w, const wg_tiny_op *o)
{
    const wg_tiny_op *p = o - 1;
    const int a = o->n == 2 && o->arg[1] == p->made;
    return p->result < 0 && w->value[p->made].reads == 1 && o->arg[a] == p->made
                   && is_direct(w, o, a)
               ? a
               : -1;
}

static bool is_number_less(const wg_tiny_making *w, const wg_tiny_op *o)
{
    return is_map(w, o, &wg_elementwise_maps_baseline.sub)
           && w->value[o->arg[0]].at.kind == MEMORY;
}

static bool find_slope(const wg_tiny_making *w, int32_t at, slope *s)
{
    const wg_elementwise_maps *op = &wg_elementwise_maps_baseline;
    const wg_tiny_op *p = &w->op[at], *q = p + 1, *o = p + 2;
    if (at + 2 >= w->ops || !is_map(w, o, &op->mul))
        return false;
    const int in_q = argument_made_for(w, q), in_o = argument_made_for(w, o);
    if (in_q < 0 || in_o < 0)
        return false;
    s->g = !in_o;
    if (is_map(w, p, &op->square) && is_number_less(w, q) && in_q == 1) {
        s->kind = WG_TINY_TANH_SLOPE;
        s->v = p->arg[0], s->c = q->arg[0];
        return is_direct(w, p, 0);
    }
    s->kind = WG_TINY_SIGMOID_SLOPE;
    s->v = p->arg[1], s->c = p->arg[0];
    return is_number_less(w, p) && is_map(w, q, &op->mul) && q->arg[!in_q] == s->v
           && is_direct(w, p, 1) && is_direct(w, q, !in_q);
}

static void multiply_by_slope(wg_tiny_making *w, const wg_tiny_op *o, const slope *s)
{
    const bool kept = s->v == w->kept;
    if (which_is_at_hand(w, o) < 0)
        load(w, o, s->g);
    else
        take_in_hand(w, o);
    wg_tiny_add_form(w, &w->kit->slope[s->kind][kept],
                     kept ? (wg_tiny_place){.kind = NOWHERE} : w->value[s->v].at);
    w->where[w->links - 1][1] = w->value[s->c].at;
}

bool wg_tiny_takes(const wg_tiny_making *w, int32_t at, int32_t v)
{
    slope s;
    return at < w->ops && takes(w, &w->op[find_slope(w, at, &s) ? at + 2 : at], v);
}

/* ---- other ops ---- */

/* A kernel of rows: its arguments and its result lie in memory. */
static void call(wg_tiny_making *w, const wg_tiny_op *o)
{
    wg_tiny_call *c = wg_arena_zero(w->b->arena, 1, sizeof *c);
    const int64_t n = wg_shape_count(o->t->shape);
    if (!c || (o->t->op->attr_size
               && !(c->attr = wg_arena_copy(w->b->arena, o->t->attr, o->t->op->attr_size)))) {
        w->failed = true;
        return;
    }
    c->kernel = wg_map_for(w->b->isa, o->t->op->map)->kernel[w->dtype];
    int32_t taken[WG_MICRO_ARGS];
    wg_tiny_place at[PLACES] = {wg_tiny_slot(w)};
    for (int a = 0; a < o->n; a++) {
        at[1 + a] = brought_in_order(w, o, a, &taken[a]);
        c->step[a] = 1;
    }
    wg_tiny_link *l = wg_tiny_add(w, w->kit->call, at[0]);
    memcpy(w->where[w->links - 1], at, sizeof at);
    l->more = c;
    l->n = n;
    l->xi = wg_tiny_index(w, wg_tiny_in_order, n);
    w->free_slot[w->free_slots++] = at[0].at;
    for (int a = 0; a < o->n; a++)
        if (taken[a] >= 0)
            w->free_slot[w->free_slots++] = taken[a];
}

/* c[.., i, j] = sum over p of a[.., i, p] b[.., p, j], or a[i, p] or b[p, j] of them all: for each
 * p an index vector for the argument at hand and one for the other. */
static void multiply(wg_tiny_making *w, const wg_tiny_op *o)
{
    const wg_shape *y = &o->t->shape, *a = &o->t->in[0]->shape, *b = &o->t->in[1]->shape;
    const int64_t rows = y->dim[y->rank - 2], cols = y->dim[y->rank - 1], k = a->dim[a->rank - 1];
    const int64_t n = wg_shape_count(*y), size = w->kit->bytes;
    const wg_tiny_argument arg[2] = {wg_tiny_argument_of(o->s, o->k, 0),
                                     wg_tiny_argument_of(o->s, o->k, 1)};
    char index[MOST_INDICES * WG_ALIGNMENT];
    const int ready = which_is_at_hand(w, o);
    const int first = ready >= 0 ? ready : o->arg[1] == w->kept ? 0 : o->arg[0] == w->kept;
    const int32_t u = o->arg[first], v = o->arg[!first];
    for (int64_t p = 0; p < k; p++) {
        int8_t lane[2][WG_TINY_LANES];
        for (int64_t e = 0; e < n; e++) {
            const int64_t j = e % cols, i = e / cols % rows, matrix = e / cols / rows;
            lane[0][e] = arg[0].lane[((a->rank == 2 ? 0 : matrix) * rows + i) * k + p];
            lane[1][e] = arg[1].lane[((b->rank == 2 ? 0 : matrix) * k + p) * cols + j];
        }
        wg_tiny_write_index(w, index + 2 * p * size, lane[first], n);
        wg_tiny_write_index(w, index + (2 * p + 1) * size, lane[!first], n);
    }
    const int form = ready >= 0 ? (v == w->kept ? WG_TINY_ACC_KEPT : WG_TINY_ACC_X)
                                : (v == w->kept ? WG_TINY_Y_KEPT : WG_TINY_Y_X);
    wg_tiny_link *l
        = wg_tiny_add_form(w, &w->kit->product[form][wg_tiny_count(k)], w->value[v].at);
    w->where[w->links - 1][1] = w->value[u].at;
    l->xi = wg_tiny_keep(w, index, (size_t)(2 * k * size));
    l->n = k;
}

/* The argument in whatever order it is, and the reduction. */
static void reduce(wg_tiny_making *w, const wg_tiny_op *o)
{
    if (which_is_at_hand(w, o) < 0)
        load_as(w, o->arg[0], w->kit->load, w->kit->take);
    wg_tiny_fold(w, o);
}

static void work_out(wg_tiny_making *w, const wg_tiny_op *o)
{
    const wg_tiny_form *forms = links_of(w, o);
    if (o->s->copy)
        take_in_hand(w, o);
    else if (o->t->op->product)
        multiply(w, o);
    else if (!o->t->op->map)
        reduce(w, o);
    else if (forms)
        operate(w, o, forms);
    else
        call(w, o);
}

int32_t wg_tiny_together(const wg_tiny_making *w, int32_t at)
{
    slope s;
    return find_slope(w, at, &s) ? 3 : scaled_argument(w, at) >= 0 ? 2 : 1;
}

int32_t wg_tiny_work_out(wg_tiny_making *w, int32_t at)
{
    const int a = scaled_argument(w, at);
    slope s;
    if (a >= 0 && scale_and_add(w, at, a))
        return 2;
    if (find_slope(w, at, &s)) {
        multiply_by_slope(w, &w->op[at + 2], &s);
        return 3;
    }
    work_out(w, &w->op[at]);
    return 1;
}
