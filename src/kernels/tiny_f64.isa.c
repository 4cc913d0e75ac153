/* Tiny programs of f64. */
#define T_F32 0
#define WG_TINY_KIT wg_tiny_kit_f64
#include "kernels/tiny_kit.inc"
