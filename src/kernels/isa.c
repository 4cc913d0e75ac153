/* Which instruction set this process uses.  Knows no kernel. */
#include "kernels/isa.h"

#include <stdlib.h>
#include <string.h>

/* __builtin_cpu_supports also asks whether the operating system saves the wide registers. */
static wg_isa_level best(void)
{
#if defined(WG_HAVE_AVX2) || defined(WG_HAVE_AVX512)
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma"))
        return WG_ISA_BASELINE;
#ifdef WG_HAVE_AVX512
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")
        && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw"))
        return WG_ISA_AVX512;
#endif
#ifdef WG_HAVE_AVX2
    return WG_ISA_AVX2;
#endif
#endif
    return WG_ISA_BASELINE;
}

const char *wg_isa_text(wg_isa_level level)
{
    switch (level) {
    case WG_ISA_BASELINE: return "baseline";
    case WG_ISA_AVX2: return "avx2";
    case WG_ISA_AVX512: return "avx512";
    }
    return "?";
}

wg_isa_level wg_isa(void)
{
    const char *wanted = getenv("WENGERT_ISA");
    wg_isa_level level = best();
    if (wanted)
        for (wg_isa_level lesser = WG_ISA_BASELINE; lesser < level; lesser++)
            if (!strcmp(wanted, wg_isa_text(lesser)))
                return lesser;
    return level;
}
