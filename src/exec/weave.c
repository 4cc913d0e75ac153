#include "exec/weave.h"

#include <string.h>

#include "exec/join.h"
#include "exec/plan.h"
#include "exec/weave_order.h"
#include "ops/maps.h"
#include "ops/reduces.h"

int wg_fold_of(const wg_op *op)
{
    int which = -1;
    return op->reduce && wg_row_folds_for(WG_ISA_BASELINE, op->reduce, WG_F32, &which) ? which : -1;
}

/* The dtype in which most of a fused step is done. */
static wg_dtype dtype_of(const wg_step *s)
{
    int count[WG_DTYPE_COUNT] = {0};
    for (int32_t k = 0; k < s->micros; k++) {
        const wg_tensor *t = s->micro[k].t;
        if (t->op->product || t->op->reduce)
            return t->dtype;
        count[t->dtype]++;
    }
    return count[WG_F64] > count[WG_F32] ? WG_F64 : WG_F32;
}

static int32_t size_of(wg_dtype d)
{
    return (int32_t)wg_dtype_size(d);
}

/* ---- places ---- */

int32_t wg_weave_place(wg_weaver *w, size_t bytes)
{
    w->offset[w->places] = w->scratch;
    w->scratch += (bytes + 63) / 64 * 64;
    return w->places++;
}

void wg_weave_start(wg_weaver *w, wg_builder *b, const wg_step *s)
{
    *w = (wg_weaver){.b = b, .s = s, .dtype = dtype_of(s)};
    w->kit = wg_chain_kit_for(b->isa, w->dtype);
    for (int32_t i = 0; i < s->n; i++) {
        w->operand[i] = (wg_spot){.place = w->places,
                                  .mask = -1,
                                  .size = size_of((wg_dtype)b->l->buffer[s->in[i].buffer].dtype),
                                  .known = true};
        w->places++;
    }
    for (int32_t k = 0; k < s->micros; k++) {
        const wg_micro *m = &s->micro[k];
        for (int a = 0; a < m->t->n; a++)
            if (m->arg[a] < 0)
                w->reads[~m->arg[a]]++;
        if (m->result < 0)
            continue;
        w->result[k] = (wg_spot){
            .place = w->places, .mask = -1, .size = size_of(m->t->dtype), .known = true};
        w->places++;
    }
    w->pointed = w->places;
}

bool wg_weave_end(wg_weaver *w, wg_woven *out)
{
    const int32_t own = w->places - w->pointed;
    size_t offset[WG_MAX_PLACES];
    out->base = wg_arena_alloc(w->b->arena, (size_t)w->pointed * sizeof *out->base);
    if (!out->base || w->failed)
        return false;
    for (int32_t k = 0; k < own; k++)
        offset[k] = w->offset[w->pointed + k];
    out->kit = w->kit;
    out->places = w->places;
    out->pointed = w->pointed;
    if (!(out->offset = wg_keep_alike(w->b, offset, (size_t)own * sizeof *offset)))
        return false;
    for (int32_t i = 0; i < w->s->n; i++)
        wg_point(w->b, (void **)&out->base[i], w->s->in[i]);
    for (int32_t k = 0; k < w->s->micros; k++)
        if (w->s->micro[k].result >= 0)
            wg_point_buffer(w->b, (void **)&out->base[w->result[k].place], w->s->micro[k].result);
    if (w->b->scratch < w->scratch)
        w->b->scratch = w->scratch;
    return true;
}

/* ---- links ---- */

typedef struct spinning {
    wg_weaver *w;
    wg_link link[6 * WG_MAX_MICROS + 1];
    int32_t links;
    int32_t hand; /* micro-op whose value is at hand; -1 */
    wg_chain_order chain;
} spinning;

static wg_link *add_link(spinning *sp, wg_link_form form)
{
    wg_link *l = &sp->link[sp->links++];
    *l = (wg_link){.form = form};
    return l;
}

static void refer(wg_link *l, int at, const wg_spot *spot)
{
    l->operand[at] = spot->place;
    l->mask[at] = (int32_t)spot->mask;
}

const wg_spot *wg_weave_spot(const wg_weaver *w, const wg_micro *m, int8_t arg)
{
    if (arg >= 0)
        return &w->operand[arg];
    return w->rows && !m->kept && w->s->micro[~arg].kept ? &w->spread[~arg] : &w->value[~arg];
}

static void load(spinning *sp, const wg_spot *from)
{
    const wg_chain_kit *kit = sp->w->kit;
    refer(add_link(sp, from->one ? kit->load_one : kit->load), 0, from);
}

static void release(wg_weaver *w, const wg_micro *m)
{
    for (int a = 0; a < m->t->n; a++) {
        if (m->arg[a] >= 0)
            continue;
        const int32_t value = ~m->arg[a];
        const wg_spot *spot = &w->value[value];
        if (--w->reads[value] == 0 && spot->known && spot->mask == 0 && !spot->one
            && spot->place >= w->pointed)
            w->free_slot[w->free_slots++] = spot->place;
    }
}

static wg_spot slot(wg_weaver *w, wg_dtype dtype)
{
    int32_t place = w->free_slots ? w->free_slot[--w->free_slots]
                                  : wg_weave_place(w, (size_t)w->kit->block * 8);
    return (wg_spot){.place = place, .size = size_of(dtype), .known = true};
}

/* Whether the value must outlive the chain, as other chains of the step read it. */
static bool read_by_others(const spinning *sp, int32_t k)
{
    int32_t here = 0;
    for (int32_t i = 0; i < sp->chain.n; i++) {
        const wg_micro *factors = wg_chain_product(sp->w, &sp->chain, sp->chain.micro[i]);
        if (sp->w->done[sp->chain.micro[i]])
            continue;
        here += wg_micro_reads(&sp->w->s->micro[sp->chain.micro[i]], k)
                + (factors ? wg_micro_reads(factors, k) : 0);
    }
    return here < sp->w->reads[k];
}

/* Where to put a value that is read again: a slot, or a row if another chain reads it. */
static wg_spot room_for(spinning *sp, int32_t k)
{
    wg_weaver *w = sp->w;
    const wg_micro *m = &w->s->micro[k];
    if (w->across || !read_by_others(sp, k))
        return slot(w, m->t->dtype);
    const int32_t size = size_of(m->t->dtype);
    const int64_t n = !m->kept ? w->row : w->rows ? w->rows : 1;
    wg_spot room = {.place = wg_weave_place(w, (size_t)n * (size_t)size),
                    .size = size,
                    .known = true};
    wg_spot_one(&room, m->kept && !w->rows);
    return room;
}

static void call(spinning *sp, int32_t k)
{
    wg_weaver *w = sp->w;
    const wg_micro *m = &w->s->micro[k];
    wg_link_call *c = wg_arena_zero(w->b->arena, 1, sizeof *c);
    if (!c) {
        w->failed = true;
        return;
    }
    c->kernel = wg_map_for(w->b->isa, m->t->op->map)->kernel[m->from];
    c->n = m->t->n;
    c->loads = m->t->dtype == w->dtype;
    if (m->t->op->attr_size
        && !(c->attr = wg_arena_copy(w->b->arena, m->t->attr, m->t->op->attr_size)))
        w->failed = true;
    const wg_spot to = room_for(sp, k);
    for (int a = 0; a <= c->n; a++) {
        const wg_spot *spot = a == c->n ? &to : wg_weave_spot(w, m, m->arg[a]);
        c->operand[a] = spot->place;
        c->size[a] = spot->size;
        c->mask[a] = spot->mask;
        c->step[a] = !spot->one;
    }
    w->value[k] = to;
    add_link(sp, w->kit->call)->more = c;
    sp->hand = c->loads ? k : -1;
}

/* The argument that is at hand, or that is loaded to be. */
static int take_in_hand(spinning *sp, const wg_micro *m)
{
    const wg_weaver *w = sp->w;
    for (int a = 0; a < m->t->n; a++)
        if (sp->hand >= 0 && m->arg[a] == ~sp->hand)
            return a;
    int first = 0;
    while (first + 1 < m->t->n && wg_weave_spot(w, m, m->arg[first])->one)
        first++;
    load(sp, wg_weave_spot(w, m, m->arg[first]));
    return first;
}

static void with_product(spinning *sp, int32_t k)
{
    wg_weaver *w = sp->w;
    const wg_micro *m = &w->s->micro[k], *product = wg_chain_product(w, &sp->chain, k);
    const int a = sp->chain.product[k], kind = wg_kind_of_product(w, m, a);
    if (sp->hand < 0 || m->arg[1 - a] != ~sp->hand)
        load(sp, wg_weave_spot(w, m, m->arg[1 - a]));
    const wg_spot *x = wg_weave_spot(w, product, product->arg[0]);
    const wg_spot *y = wg_weave_spot(w, product, product->arg[1]);
    const bool turned = x->one;
    wg_link *l = add_link(sp, w->kit->product[kind][x->one || y->one]);
    refer(l, turned, x);
    refer(l, !turned, y);
    sp->hand = k;
}

static void operate(spinning *sp, int32_t k, const wg_link_form *forms)
{
    const wg_weaver *w = sp->w;
    const wg_micro *m = &w->s->micro[k];
    const int hand = take_in_hand(sp, m);
    int form = hand, other = 0;
    wg_link l = {0};
    for (int a = 0; a < m->t->n; a++) {
        if (a == hand)
            continue;
        const wg_spot *spot = wg_weave_spot(w, m, m->arg[a]);
        refer(&l, other++, spot);
        form = form * 2 + spot->one;
    }
    if (m->t->op->attr_size == sizeof l.number)
        memcpy(l.number, m->t->attr, sizeof l.number);
    l.form = forms[form];
    sp->link[sp->links++] = l;
    sp->hand = k;
}

static void reduce(spinning *sp, int32_t k)
{
    const wg_weaver *w = sp->w;
    const wg_micro *m = &w->s->micro[k];
    const int fold = wg_fold_of(m->t->op);
    take_in_hand(sp, m);
    if (w->across) {
        add_link(sp, w->kit->across[fold]);
        sp->hand = k;
        return;
    }
    wg_link *l = add_link(sp, w->kit->fold[fold]);
    l->operand[0] = w->fold[k];
    l->mask[0] = 64 * size_of(w->dtype) - 1;
    sp->hand = m->arg[0] < 0 ? ~m->arg[0] : -1;
}

/* ---- results ---- */

static bool overwrites_operand_of(const wg_weaver *w, int32_t k, const wg_micro *m)
{
    for (int a = 0; a < m->t->n; a++)
        if (m->arg[a] >= 0
            && wg_same_memory(w->b->l, w->s->in[m->arg[a]].buffer, w->s->micro[k].result))
            return true;
    return false;
}

/* Whether an operand that the result of micro-op k overwrites is read after place `at` of the
 * order. */
static bool overwrites_what_is_read(const spinning *sp, int32_t k, int32_t at)
{
    const wg_step *s = sp->w->s;
    for (int32_t i = at + 1; i < sp->chain.n; i++) {
        const wg_micro *m = &s->micro[sp->chain.micro[i]];
        const wg_micro *factors = wg_chain_product(sp->w, &sp->chain, sp->chain.micro[i]);
        if (overwrites_operand_of(sp->w, k, m)
            || (factors && overwrites_operand_of(sp->w, k, factors)))
            return true;
    }
    return false;
}

static void store(spinning *sp, const wg_spot *to, bool one)
{
    const wg_chain_kit *kit = sp->w->kit;
    refer(add_link(sp, one ? kit->store_one : kit->store), 0, to);
}

static void copy_4(int64_t n, void *y, const void *const *x, const int64_t *step, const void *attr)
{
    (void)attr;
    for (int64_t i = 0; i < n; i++)
        memcpy((char *)y + 4 * i, (const char *)x[0] + 4 * i * step[0], 4);
}

static void copy_8(int64_t n, void *y, const void *const *x, const int64_t *step, const void *attr)
{
    (void)attr;
    for (int64_t i = 0; i < n; i++)
        memcpy((char *)y + 8 * i, (const char *)x[0] + 8 * i * step[0], 8);
}

/* What reductions keep of a row that is one vector lies in each of its lanes,
 * and is one element of the result. */
static void copy_one_4(int64_t n, void *y, const void *const *x, const int64_t *step,
                       const void *attr)
{
    (void)n, (void)step, (void)attr;
    memcpy(y, x[0], 4);
}

static void copy_one_8(int64_t n, void *y, const void *const *x, const int64_t *step,
                       const void *attr)
{
    (void)n, (void)step, (void)attr;
    memcpy(y, x[0], 8);
}

/* A value of another dtype than the chain's went to its slot by a call,
 * which leads on to the result in the same way. */
static void copy(spinning *sp, int32_t k, const wg_spot *to, bool one)
{
    wg_weaver *w = sp->w;
    const wg_spot *from = &w->value[k];
    wg_link_call *c = wg_arena_zero(w->b->arena, 1, sizeof *c);
    if (!c) {
        w->failed = true;
        return;
    }
    c->kernel = one ? (from->size == 8 ? copy_one_8 : copy_one_4)
                    : (from->size == 8 ? copy_8 : copy_4);
    c->n = 1;
    const wg_spot *spot[] = {from, to};
    for (int a = 0; a < 2; a++) {
        c->operand[a] = spot[a]->place;
        c->size[a] = spot[a]->size;
        c->mask[a] = spot[a]->mask;
        c->step[a] = !spot[a]->one;
    }
    add_link(sp, w->kit->call)->more = c;
}

/* Puts the value at hand where its readers will look for it. */
static void put_away(spinning *sp, int32_t k, int32_t at, bool *late)
{
    wg_weaver *w = sp->w;
    const wg_micro *m = &w->s->micro[k], *next = NULL;
    if (at + 1 < sp->chain.n)
        next = &w->s->micro[sp->chain.micro[at + 1]];
    const bool registers = m->t->dtype == w->dtype, wanted = m->result >= 0;
    const bool handed_on = registers && sp->hand == k && next && wg_takes_registers(w, next)
                           && wg_micro_reads(next, k) == 1;
    bool read = w->reads[k] > handed_on;
    if (wanted && !overwrites_what_is_read(sp, k, at)) {
        const bool one = w->across && m->kept;
        if (!registers)
            copy(sp, k, &w->result[k], one);
        else
            store(sp, &w->result[k], one);
        if (!w->value[k].known && !m->kept) {
            w->value[k] = w->result[k];
            read = false;
        }
    } else if (wanted) {
        *late = read = true;
    }
    if (read && !w->value[k].known) {
        w->value[k] = room_for(sp, k);
        store(sp, &w->value[k], false);
    }
    w->reads[k] += *late; /* by the store in the end */
}

const wg_link *wg_weave(wg_weaver *w, const int8_t *micro, int32_t n)
{
    bool late[WG_MAX_MICROS] = {false};
    spinning sp = {.w = w, .hand = -1};
    wg_chain_order_of(w, micro, n, &sp.chain);
    for (int32_t at = 0; at < sp.chain.n && !w->failed; at++) {
        const int32_t k = sp.chain.micro[at];
        const wg_micro *m = &w->s->micro[k];
        const wg_link_form *forms = wg_chain_links_of(w, m);
        if (m->t->op->reduce)
            reduce(&sp, k);
        else if (sp.chain.product[k] >= 0)
            with_product(&sp, k);
        else if (forms)
            operate(&sp, k, forms);
        else
            call(&sp, k);
        w->done[k] = true;
        release(w, m);
        if (sp.chain.product[k] >= 0)
            release(w, wg_chain_product(w, &sp.chain, k));
        if (!m->t->op->reduce || w->across)
            put_away(&sp, k, at, &late[at]);
    }
    for (int32_t at = 0; at < sp.chain.n && !w->failed; at++) {
        if (!late[at])
            continue;
        const int32_t k = sp.chain.micro[at];
        const bool one = w->across && w->s->micro[k].kept;
        if (w->s->micro[k].t->dtype != w->dtype) {
            copy(&sp, k, &w->result[k], one);
        } else {
            load(&sp, &w->value[k]);
            store(&sp, &w->result[k], one);
        }
    }
    add_link(&sp, w->kit->end);
    sp.links = wg_join_links(sp.link, sp.links, w->kit, w->b->isa, w->dtype);
    return w->failed ? NULL : wg_keep_alike(w->b, sp.link, (size_t)sp.links * sizeof *sp.link);
}
