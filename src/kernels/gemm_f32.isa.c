/* Matrix products of f32 for one instruction set. */
#define T_F32 1
#include "kernels/gemm_body.inc"

void WG_ISA_NAME(wg_gemm_plan_f32)(wg_gemm *g)
{
    plan(g);
}
