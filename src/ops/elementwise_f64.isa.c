/* Kernels and links of f64 whose values are vectors'. */
#define T_F32 0
#define WG_CHAIN_KIT wg_chain_kit_f64
#define LINKS wg_elementwise_links_f64
#define TINIES wg_elementwise_tinies_f64
#define ROW(name) WG_ISA_NAME(wg_##name##_vectors_f64)
#include "ops/elementwise_vectors.inc"
