/* Which kit of links stands for a type and an instruction set. */
#include "kernels/chain.h"

const wg_chain_kit *wg_chain_kit_for(wg_isa_level level, wg_dtype dtype)
{
    if (dtype == WG_F32)
        return WG_ISA_SELECT(level, &wg_chain_kit_f32);
    if (dtype == WG_F64)
        return WG_ISA_SELECT(level, &wg_chain_kit_f64);
    return NULL;
}
