/* Chooses the matrix product's variant for an element type and an instruction set. */
#include "kernels/gemm.h"

wg_gemm wg_gemm_plan(wg_isa_level level, const wg_gemm_spec *spec)
{
    wg_gemm g = {.spec = *spec};
    wg_gemm_plan_fn *plan = spec->dtype == WG_F32 ? WG_ISA_SELECT(level, wg_gemm_plan_f32)
                                                  : WG_ISA_SELECT(level, wg_gemm_plan_f64);
    plan(&g);
    return g;
}
