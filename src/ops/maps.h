/* Which kernels a map stands for on this machine. */
#ifndef WG_OPS_MAPS_H
#define WG_OPS_MAPS_H

#include <wengert/op.h>

/* Records point at maps of the baseline: the same map for the instruction set that this process uses (wg_isa).  Other maps, those of
 * users' ops, are returned as they are.  Ask when a program is compiled. */
const wg_map *wg_map_for(const wg_map *map);

#endif
