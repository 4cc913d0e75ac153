/* The links (kernels/chain.h) of elementwise.def: one table a type and instruction set, in the
 * order of wg_elementwise_maps; NULL for ops that have none. */
#ifndef WG_OPS_ELEMENTWISE_LINKS_H
#define WG_OPS_ELEMENTWISE_LINKS_H

#include "kernels/tiny.h"
#include "ops/elementwise_maps.h"

enum { WG_ELEMENTWISE_COUNT = sizeof(wg_elementwise_maps) / sizeof(wg_map) };
typedef const wg_link_form *const wg_elementwise_links[WG_ELEMENTWISE_COUNT];
WG_ISA_DECLARE(wg_elementwise_links, wg_elementwise_links_f32);
WG_ISA_DECLARE(wg_elementwise_links, wg_elementwise_links_f64);

/* The same of tiny programs (kernels/tiny.h). */
typedef const wg_tiny_form *const wg_elementwise_tinies[WG_ELEMENTWISE_COUNT];
WG_ISA_DECLARE(wg_elementwise_tinies, wg_elementwise_tinies_f32);
WG_ISA_DECLARE(wg_elementwise_tinies, wg_elementwise_tinies_f64);

/* And their map kernels, for wg_elementwise_maps. */
#define FLOATS(name)                                                  \
    WG_ISA_DECLARE(wg_map_kernel, wg_##name##_vectors_f32);           \
    WG_ISA_DECLARE(wg_map_kernel, wg_##name##_vectors_f64);
#define NUMBERS FLOATS
#define BRANCHING(name)
#define UNARY(name, types, ...) types(name)
#define ATTR UNARY
#define BINARY UNARY
#define CHOICE UNARY
#define FLAT1 UNARY
#define FLAT2 UNARY
#define CAST(...)
#include "ops/elementwise.def"
#undef FLOATS
#undef NUMBERS
#undef BRANCHING
#include "ops/elementwise_end.inc"

#endif
