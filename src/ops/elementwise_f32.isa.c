/* Kernels and links of f32 whose values are vectors'. */
#define T_F32 1
#define WG_CHAIN_KIT wg_chain_kit_f32
#define LINKS wg_elementwise_links_f32
#define TINIES wg_elementwise_tinies_f32
#define ROW(name) WG_ISA_NAME(wg_##name##_vectors_f32)
#include "ops/elementwise_vectors.inc"
