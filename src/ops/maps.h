/* Which kernels a map stands for on this machine. */
#ifndef WG_OPS_MAPS_H
#define WG_OPS_MAPS_H

#include <wengert/op.h>

#include "kernels/isa.h"

/* Records point at maps of the baseline: the same map for an instruction set (wg_isa()).  Other maps, those of
 * users' ops, are returned as they are.  Ask when a program is compiled. */
const wg_map *wg_map_for(wg_isa_level level, const wg_map *map);

#endif
