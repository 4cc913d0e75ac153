/* The kernels of elementwise.def: one table of maps an instruction set, a member an op. */
#ifndef WG_OPS_ELEMENTWISE_MAPS_H
#define WG_OPS_ELEMENTWISE_MAPS_H

#include <wengert/op.h>

#include "kernels/isa.h"

typedef struct wg_elementwise_maps {
#define UNARY(name, ...) wg_map name;
#define ATTR UNARY
#define BINARY UNARY
#define CHOICE UNARY
#define FLAT1 UNARY
#define FLAT2 UNARY
#define CAST UNARY
#include "ops/elementwise.def"
#include "ops/elementwise_end.inc"
} wg_elementwise_maps;

WG_ISA_DECLARE(const wg_elementwise_maps, wg_elementwise_maps);

#endif
