/* Links of f64. */
#define T_F32 0
#define LINKS wg_elementwise_links_f64
#include "ops/elementwise_links.inc"
