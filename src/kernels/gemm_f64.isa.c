/* Matrix products of f64 for one instruction set. */
#define T_F32 0
#include "kernels/gemm_body.inc"

void WG_ISA_NAME(wg_gemm_plan_f64)(wg_gemm *g)
{
    plan(g);
}
