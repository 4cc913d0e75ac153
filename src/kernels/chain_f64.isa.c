/* Chains of f64. */
#define T_F32 0
#define WG_CHAIN_KIT wg_chain_kit_f64
#include "kernels/chain_kit.inc"
