/* Which kit of tiny links stands for a type and an instruction set. */
#include "kernels/tiny.h"

const wg_tiny_kit *wg_tiny_kit_for(wg_isa_level level, wg_dtype dtype)
{
    if (dtype == WG_F32)
        return WG_ISA_SELECT(level, &wg_tiny_kit_f32);
    if (dtype == WG_F64)
        return WG_ISA_SELECT(level, &wg_tiny_kit_f64);
    return NULL;
}
