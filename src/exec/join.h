/* Neighbouring links of a chain as one, where the kit has it: fewer jumps and loads, same bits. */
#ifndef WG_EXEC_JOIN_H
#define WG_EXEC_JOIN_H

#include "kernels/chain.h"

/* The n links, of which the last is `end`, in place; returns how many are left. */
int32_t wg_join_links(wg_link *link, int32_t n, const wg_chain_kit *kit, wg_isa_level isa,
                      wg_dtype dtype);

#endif
