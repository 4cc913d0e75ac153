/* Tiny programs of f32. */
#define T_F32 1
#define WG_TINY_KIT wg_tiny_kit_f32
#include "kernels/tiny_kit.inc"
