/* Links of f32. */
#define T_F32 1
#define LINKS wg_elementwise_links_f32
#include "ops/elementwise_links.inc"
