#include "exec/weave_order.h"

#include <string.h>

#include "ops/elementwise_maps.h"
#include "ops/maps.h"

/* ---- what micro-ops are ---- */

const wg_link_form *wg_chain_links_of(const wg_weaver *w, const wg_micro *m)
{
    if (!m->t->op->map || m->t->dtype != w->dtype || m->from != w->dtype)
        return NULL;
    return wg_links_for(w->b->isa, m->t->op->map, w->dtype);
}

bool wg_takes_registers(const wg_weaver *w, const wg_micro *m)
{
    return m->t->op->reduce || wg_chain_links_of(w, m);
}

int wg_micro_reads(const wg_micro *m, int32_t value)
{
    int n = 0;
    for (int a = 0; a < m->t->n; a++)
        n += m->arg[a] == ~value;
    return n;
}

const wg_micro *wg_chain_product(const wg_weaver *w, const wg_chain_order *o, int32_t k)
{
    return o->product[k] < 0 ? NULL : &w->s->micro[~w->s->micro[k].arg[o->product[k]]];
}

/* ---- products ---- */

static bool is_op(const wg_weaver *w, const wg_micro *m, const wg_map *map)
{
    return m->t->op->map == map && wg_chain_links_of(w, m);
}

/* Whether the argument is in memory by then: an operand, or an element that is a result. */
static bool is_in_memory(const wg_weaver *w, int8_t arg)
{
    return arg >= 0
           || (w->s->micro[~arg].result >= 0 && !w->s->micro[~arg].kept
               && w->s->micro[~arg].t->dtype == w->dtype);
}

static bool is_one(const wg_weaver *w, int8_t arg)
{
    return arg >= 0 && w->operand[arg].one;
}

/* Whether it multiplies two that are in memory, not both of them one element,
 * for this reader alone. */
static bool is_product(const wg_weaver *w, int8_t value)
{
    const wg_micro *m = &w->s->micro[value];
    return is_op(w, m, &wg_elementwise_maps_baseline.mul) && m->result < 0 && w->reads[value] == 1
           && is_in_memory(w, m->arg[0]) && is_in_memory(w, m->arg[1])
           && !(is_one(w, m->arg[0]) && is_one(w, m->arg[1]));
}

int wg_kind_of_product(const wg_weaver *w, const wg_micro *m, int a)
{
    if (is_op(w, m, &wg_elementwise_maps_baseline.add))
        return WG_PRODUCT_ADDED;
    if (is_op(w, m, &wg_elementwise_maps_baseline.sub))
        return a == 1 ? WG_PRODUCT_TAKEN : WG_PRODUCT_LESS;
    if (is_op(w, m, &wg_elementwise_maps_baseline.div))
        return a == 1 ? WG_PRODUCT_UNDER : WG_PRODUCT_OVER;
    return -1;
}

/* Finds them among the listed micro-ops and takes them off the list, whose new length it gives. */
static int32_t take_products(wg_weaver *w, wg_chain_order *o, const int8_t *micro, int32_t n,
                             int8_t *rest)
{
    int32_t left = 0;
    memset(o->product, -1, sizeof o->product);
    for (int32_t i = 0; i < n; i++) {
        const wg_micro *m = &w->s->micro[micro[i]];
        const bool takes = wg_kind_of_product(w, m, 0) >= 0;
        for (int8_t a = 1; takes && a >= 0 && o->product[micro[i]] < 0; a--) {
            bool listed = false;
            for (int32_t j = 0; j < i && m->arg[a] < 0; j++)
                listed = listed || micro[j] == ~m->arg[a];
            if (listed && is_product(w, (int8_t)~m->arg[a])) {
                o->product[micro[i]] = a;
                w->done[~m->arg[a]] = true;
            }
        }
    }
    for (int32_t i = 0; i < n; i++)
        if (!w->done[micro[i]])
            rest[left++] = micro[i];
    return left;
}

/* ---- order ---- */

static bool ready(const wg_weaver *w, const wg_micro *m, const bool *placed)
{
    for (int a = 0; a < m->t->n; a++)
        if (m->arg[a] < 0 && !w->done[~m->arg[a]] && !placed[~m->arg[a]])
            return false;
    return true;
}

/* What can go on with the value at hand goes first. */
static void put_in_order(const wg_weaver *w, wg_chain_order *o, const int8_t *micro, int32_t n)
{
    bool placed[WG_MAX_MICROS] = {false};
    for (int32_t at = 0; at < n; at++) {
        int32_t next = -1;
        for (int32_t i = 0; i < n; i++) {
            const wg_micro *m = &w->s->micro[micro[i]],
                           *factors = wg_chain_product(w, o, micro[i]);
            if (placed[micro[i]] || !ready(w, m, placed) || (factors && !ready(w, factors, placed)))
                continue;
            if (next < 0)
                next = micro[i];
            if (at > 0 && wg_micro_reads(m, o->micro[at - 1]) == 1 && wg_takes_registers(w, m)) {
                next = micro[i];
                break;
            }
        }
        placed[next] = true;
        o->micro[at] = (int8_t)next;
    }
}

void wg_chain_order_of(wg_weaver *w, const int8_t *micro, int32_t n, wg_chain_order *o)
{
    int8_t rest[WG_MAX_MICROS];
    o->n = take_products(w, o, micro, n, rest);
    put_in_order(w, o, rest, o->n);
}
