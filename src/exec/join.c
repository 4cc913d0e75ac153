#include "exec/join.h"

#include "ops/elementwise_maps.h"
#include "ops/maps.h"

/* The links of ops: by which argument is at hand, and whether the other is one for all lanes. */
typedef struct ops {
    const wg_link_form *add, *sub, *mul;
} ops;

enum { FIRST, FIRST_AND_ONE, SECOND, SECOND_AND_ONE };

static bool is(const wg_link *l, const wg_link_form *form)
{
    return l->form.wide == form->wide && l->form.narrow == form->narrow;
}

static bool is_mul(const wg_link *l, const ops *o)
{
    return is(l, &o->mul[FIRST]) || is(l, &o->mul[SECOND]);
}

/* Whether the two read the same memory. */
static bool reads_the_same(const wg_link *l, const wg_link *other)
{
    return l->operand[0] == other->operand[0] && l->mask[0] == other->mask[0];
}

/* load x; op c; mul x: which WG_OWN_.., or -1. */
static int own_of(const wg_link *l, const wg_chain_kit *kit, const ops *o)
{
    if (!is(&l[0], &kit->load) || !is_mul(&l[2], o) || !reads_the_same(&l[0], &l[2]))
        return -1;
    if (is(&l[1], &o->add[FIRST_AND_ONE]) || is(&l[1], &o->add[SECOND_AND_ONE]))
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

static int32_t join_owns(wg_link *link, int32_t n, const wg_chain_kit *kit, const ops *o)
{
    int32_t left = 0;
    for (int32_t k = 0; k < n; k++) {
        const int own = k + 2 < n ? own_of(&link[k], kit, o) : -1;
        wg_link l = link[k];
        if (own >= 0) {
            l.form = kit->own[own];
            l.operand[1] = link[k + 1].operand[0];
            l.mask[1] = link[k + 1].mask[0];
            k += 2;
        }
        link[left++] = l;
    }
    return left;
}

/* op x; store y; end */
static int32_t join_last(wg_link *link, int32_t n, const wg_chain_kit *kit, const ops *o)
{
    if (n < 3 || !is(&link[n - 2], &kit->store))
        return n;
    wg_link *op = &link[n - 3], *store = &link[n - 2];
    const int last = last_of(op, o);
    if (last < 0) {
        store->form = kit->store_end;
        return n - 1;
    }
    op->form = kit->last[last];
    op->operand[1] = store->operand[0];
    op->mask[1] = store->mask[0];
    return n - 2;
}

int32_t wg_join_links(wg_link *link, int32_t n, const wg_chain_kit *kit, wg_isa_level isa,
                      wg_dtype dtype)
{
    const ops o = {
        .add = wg_links_for(isa, &wg_elementwise_maps_baseline.add, dtype),
        .sub = wg_links_for(isa, &wg_elementwise_maps_baseline.sub, dtype),
        .mul = wg_links_for(isa, &wg_elementwise_maps_baseline.mul, dtype),
    };
    return join_last(link, join_owns(link, n, kit, &o), kit, &o);
}
