/* In which order the micro-ops of a chain run, and which products are left to the link that takes
 * them: that of a sum, of a difference or of a quotient.  Knows no places. */
#ifndef WG_EXEC_WEAVE_ORDER_H
#define WG_EXEC_WEAVE_ORDER_H

#include "exec/weave.h"

typedef struct wg_chain_order {
    int32_t n;
    int8_t micro[WG_MAX_MICROS];
    int8_t product[WG_MAX_MICROS]; /* of each micro-op: the argument that its own link multiplies;
                                    * -1 */
} wg_chain_order;

/* Of the listed micro-ops.  Products that others work out are done, for the weaver. */
void wg_chain_order_of(wg_weaver *w, const int8_t *micro, int32_t n, wg_chain_order *o);

/* The product that the link of micro-op k works out itself; NULL. */
const wg_micro *wg_chain_product(const wg_weaver *w, const wg_chain_order *o, int32_t k);

/* How a micro-op takes a product as its argument a, WG_PRODUCT_..; -1 if it cannot. */
int wg_kind_of_product(const wg_weaver *w, const wg_micro *m, int a);

/* The op's links in the chain's dtype; NULL: it is called. */
const wg_link_form *wg_chain_links_of(const wg_weaver *w, const wg_micro *m);

/* Whether it takes the value at hand: all but calls do. */
bool wg_takes_registers(const wg_weaver *w, const wg_micro *m);

/* How often it reads the value of that micro-op. */
int wg_micro_reads(const wg_micro *m, int32_t value);

#endif
