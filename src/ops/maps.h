/* Which kernels a map stands for on this machine. */
#ifndef WG_OPS_MAPS_H
#define WG_OPS_MAPS_H

#include <wengert/op.h>

#include "kernels/tiny.h"
#include "kernels/isa.h"

/* Records point at maps of the baseline: the same map for an instruction set (wg_isa()).  Other
 * maps, those of users' ops, are returned as they are.  Ask when a program is compiled. */
const wg_map *wg_map_for(wg_isa_level level, const wg_map *map);

/* The same of a chain's links: an op's forms, which differ in what the value at hand is and how
 * the other arguments are read, in their order.  NULL if the op has none: use `call`.  The
 * attributes go to the link's number[].
 *     one argument      [0]
 *     two               [which * 2 + other_is_one]
 *     where(x, y, z)    [which * 4 + first_other_is_one * 2 + second_other_is_one]
 * which: the argument that is the value at hand; is_one: one element for all lanes, else vectors.
 */
const wg_link_form *wg_links_for(wg_isa_level level, const wg_map *map, wg_dtype dtype);

/* And of the links of tiny programs (kernels/tiny.h).
 *     one argument      [0]: acc, [1]: x
 *     two               [WG_TINY_..]
 *     where(x, y, z)    [which], the others read as they are */
const wg_tiny_form *wg_tinies_for(wg_isa_level level, const wg_map *map, wg_dtype dtype);

#endif
