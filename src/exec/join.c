#include "exec/join.h"

#include "ops/elementwise_maps.h"
#include "ops/maps.h"

/* The links of ops: by which argument is at hand, and whether the other is one for all lanes. */
typedef struct ops {
    const wg_chain_kit *kit;
    const wg_link_form *add, *sub, *mul, *div, *square, *sqrt;
} ops;

enum { FIRST, FIRST_AND_ONE, SECOND, SECOND_AND_ONE };

static bool is(const wg_link *l, const wg_link_form *form)
{
    return l->form.wide == form->wide && l->form.narrow == form->narrow;
}

/* Which of the n forms is the link's; -1. */
static int which_of(const wg_link *l, const wg_link_form *forms, int n)
{
    int which = n - 1;
    while (which >= 0 && !is(l, &forms[which]))
        which--;
    return which;
}

static bool is_mul(const wg_link *l, const ops *o)
{
    return is(l, &o->mul[FIRST]) || is(l, &o->mul[SECOND]);
}

static bool adds_one(const wg_link *l, const ops *o)
{
    return is(l, &o->add[FIRST_AND_ONE]) || is(l, &o->add[SECOND_AND_ONE]);
}

/* Whether the two read the same memory. */
static bool reads_the_same(const wg_link *l, const wg_link *other)
{
    return l->operand[0] == other->operand[0] && l->mask[0] == other->mask[0];
}

/* load x; op c; mul x, or load x; mul x; sub from c: which WG_OWN_.., or -1. */
static int own_of(const wg_link *l, const ops *o)
{
    if (!is(&l[0], &o->kit->load))
        return -1;
    if (is(&l[2], &o->sub[SECOND_AND_ONE]))
        return is(&l[1], o->square) || (is_mul(&l[1], o) && reads_the_same(&l[0], &l[1]))
                   ? WG_OWN_SQUARE_FROM
                   : -1;
    if (!is_mul(&l[2], o) || !reads_the_same(&l[0], &l[2]))
        return -1;
    if (adds_one(&l[1], o))
        return WG_OWN_ADDED;
    if (is(&l[1], &o->sub[FIRST_AND_ONE]))
        return WG_OWN_LESS;
    return is(&l[1], &o->sub[SECOND_AND_ONE]) ? WG_OWN_FROM : -1;
}

/* The op that is a link's, as the last of a chain: WG_LAST_.., or -1. */
static int last_of(const wg_link *l, const ops *o)
{
    if (is(l, &o->add[FIRST]) || is(l, &o->add[SECOND]))
        return WG_LAST_ADD;
    if (is(l, &o->sub[FIRST]))
        return WG_LAST_SUB;
    if (is(l, &o->sub[SECOND]))
        return WG_LAST_SUB_FROM;
    return is_mul(l, o) ? WG_LAST_MUL : -1;
}

/* The same of the first op of a chain, with another operand: WG_FIRST_.., or -1. */
static int first_of(const wg_link *l, const ops *o)
{
    if (adds_one(l, o))
        return WG_FIRST_ADD_ONE;
    if (is(l, &o->sub[FIRST_AND_ONE]))
        return WG_FIRST_SUB_ONE;
    if (is(l, &o->sub[SECOND_AND_ONE]))
        return WG_FIRST_FROM_ONE;
    if (is(l, &o->mul[FIRST_AND_ONE]) || is(l, &o->mul[SECOND_AND_ONE]))
        return WG_FIRST_MUL_ONE;
    switch (last_of(l, o)) {
    case WG_LAST_ADD: return WG_FIRST_ADD;
    case WG_LAST_SUB: return WG_FIRST_SUB;
    case WG_LAST_MUL: return WG_FIRST_MUL;
    default: return -1;
    }
}

static void take_operand(wg_link *l, const wg_link *from)
{
    l->operand[1] = from->operand[0];
    l->mask[1] = from->mask[0];
}

static int32_t join_owns(wg_link *link, int32_t n, const ops *o)
{
    int32_t left = 0;
    for (int32_t k = 0; k < n; k++) {
        const int own = k + 2 < n ? own_of(&link[k], o) : -1;
        wg_link l = link[k];
        if (own >= 0) {
            l.form = o->kit->own[own];
            take_operand(&l, &link[k + (own == WG_OWN_SQUARE_FROM ? 2 : 1)]);
            k += 2;
        }
        link[left++] = l;
    }
    return left;
}

/* ---- optimizers ---- */

/* Whether operand k follows the row, or is one element for all of it. */
static bool is_row(const wg_link *l, int k)
{
    return l->mask[k] == -1;
}

static bool is_one(const wg_link *l, int k)
{
    return l->mask[k] == 0;
}

static bool multiplies_by_one(const wg_link *l, const ops *o)
{
    return (is(l, &o->mul[FIRST_AND_ONE]) || is(l, &o->mul[SECOND_AND_ONE])) && is_one(l, 0);
}

/* load x; mul c; add y d; store r, or x squared: how many links are one, which goes to `joined`. */
static int32_t join_mean(const wg_link *l, int32_t n, const ops *o, wg_link *joined)
{
    if (!is(l, &o->kit->load) || !is_row(l, 0))
        return 0;
    const bool squared = n > 1
                         && (is(&l[1], o->square)
                             || (is_mul(&l[1], o) && reads_the_same(&l[0], &l[1])));
    const wg_link *scale = &l[1 + squared], *sum = scale + 1, *store = sum + 1;
    if (n < 4 + squared || !multiplies_by_one(scale, o)
        || !is(sum, &o->kit->product[WG_PRODUCT_ADDED][true]) || !is_row(sum, 0)
        || !is_one(sum, 1) || !is(store, &o->kit->store) || !is_row(store, 0))
        return 0;
    *joined = (wg_link){.form = o->kit->mean[squared],
                        .operand = {l->operand[0], sum->operand[0]},
                        .mask = {-1, -1},
                        .also = {scale->operand[0], sum->operand[1], store->operand[0]}};
    return 4 + squared;
}

/* sqrt; add c */
static int32_t join_root(const wg_link *l, int32_t n, const ops *o, wg_link *joined)
{
    if (n < 2 || !is(l, o->sqrt) || !adds_one(&l[1], o))
        return 0;
    *joined = l[1];
    joined->form = o->kit->root;
    return 2;
}

/* x c over it, or x over it; mul c;  then sub from z; store r; end */
static int32_t join_step(const wg_link *l, int32_t n, const ops *o, wg_link *joined)
{
    const bool scaled_first = is(l, &o->kit->product[WG_PRODUCT_OVER][true]) && is_one(l, 1);
    const bool scaled_last = n > 1 && is(l, &o->div[SECOND]) && multiplies_by_one(&l[1], o);
    const wg_link *sub = &l[1 + scaled_last], *store = sub + 1;
    if ((!scaled_first && !scaled_last) || n != 4 + scaled_last || !is(sub, &o->sub[SECOND])
        || !is_row(sub, 0) || !is(store, &o->kit->store) || !is_row(store, 0))
        return 0;
    *joined = *l;
    if (scaled_last)
        take_operand(joined, &l[1]);
    joined->form = o->kit->step[scaled_last];
    joined->also[0] = sub->operand[0];
    joined->also[1] = store->operand[0];
    return n;
}

static int32_t join_updates(wg_link *link, int32_t n, const ops *o)
{
    int32_t left = 0, taken;
    for (int32_t k = 0; k < n; k += taken) {
        wg_link l = link[k];
        taken = join_mean(&link[k], n - k, o, &l);
        taken = taken ? taken : join_root(&link[k], n - k, o, &l);
        taken = taken ? taken : join_step(&link[k], n - k, o, &l);
        taken = taken ? taken : 1;
        link[left++] = l;
    }
    return left;
}

/* ---- the end ---- */

/* op x; store y; end */
static int32_t join_last(wg_link *link, int32_t n, const ops *o)
{
    if (n < 3 || !is(&link[n - 2], &o->kit->store))
        return n;
    wg_link *op = &link[n - 3], *store = &link[n - 2];
    const int last = last_of(op, o);
    if (last < 0) {
        store->form = o->kit->store_end;
        return n - 1;
    }
    op->form = o->kit->last[last];
    take_operand(op, store);
    return n - 2;
}

/* ---- whole chains ---- */

/* How the chain runs: as a loop if it is an update of Adam, from link to link else. */
static wg_chain_run *run_of(const wg_link *l, int32_t n, const ops *o)
{
    const wg_chain_kit *kit = o->kit;
    const int step = n != 4 ? -1 : which_of(&l[3], kit->step, 2);
    return step >= 0 && is(&l[0], &kit->mean[0]) && is(&l[1], &kit->mean[1])
                   && is(&l[2], &kit->root) && is_one(&l[2], 0) && is_row(&l[3], 0)
               ? kit->adam[step]
               : kit->run;
}

/* Whether what the link reads and writes follows the row, but for its operand 1 if that is one. */
static bool follows_the_row(const wg_link *l, bool one)
{
    return l->mask[0] == -1 && l->mask[1] == (one ? 0 : -1);
}

/* load x; op y; last, or two links: a loop, if all its operands are as that takes them. */
static int32_t join_all(wg_link *link, int32_t n, const ops *o)
{
    const int last = n < 2 ? -1 : which_of(&link[n - 1], o->kit->last, WG_LASTS);
    if (last < 0 || n > 3 || !follows_the_row(&link[n - 1], false))
        return n;
    wg_link first = link[0];
    int which = which_of(&first, o->kit->own, WG_OWNS);
    if (n == 2 && which >= 0) {
        which += WG_FIRST_OWN;
    } else if (n == 3 && is(&first, &o->kit->load)) {
        which = first_of(&link[1], o);
        take_operand(&first, &link[1]);
    } else {
        return n;
    }
    if (which < 0 || !follows_the_row(&first, which >= WG_FIRST_ADD_ONE))
        return n;
    first.run = o->kit->loop[which][last];
    link[0] = first;
    link[1] = link[n - 1];
    return 2;
}

int32_t wg_join_links(wg_link *link, int32_t n, const wg_chain_kit *kit, wg_isa_level isa,
                      wg_dtype dtype)
{
    const ops o = {
        .kit = kit,
        .add = wg_links_for(isa, &wg_elementwise_maps_baseline.add, dtype),
        .sub = wg_links_for(isa, &wg_elementwise_maps_baseline.sub, dtype),
        .mul = wg_links_for(isa, &wg_elementwise_maps_baseline.mul, dtype),
        .div = wg_links_for(isa, &wg_elementwise_maps_baseline.div, dtype),
        .square = wg_links_for(isa, &wg_elementwise_maps_baseline.square, dtype),
        .sqrt = wg_links_for(isa, &wg_elementwise_maps_baseline.sqrt, dtype),
    };
    n = join_last(link, join_updates(link, join_owns(link, n, &o), &o), &o);
    link[0].run = run_of(link, n, &o);
    return join_all(link, n, &o);
}
