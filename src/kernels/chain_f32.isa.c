/* Chains of f32. */
#define T_F32 1
#define WG_CHAIN_KIT wg_chain_kit_f32
#include "kernels/chain_kit.inc"
