/* Instruction sets: how a kernel's variants are named, and which of them this process uses.
 *
 * A file called *.isa.c is compiled once for each level (-DWG_ISA=baseline, avx2, avx512) and
 * gives its symbols the level's suffix:
 *
 *     void WG_ISA_NAME(wg_scale)(int64_t n, float c, float *x) { ... }    gives wg_scale_avx2 ..
 *     typedef void wg_scale_fn(int64_t n, float c, float *x);
 *     WG_ISA_DECLARE(wg_scale_fn, wg_scale);                                  scale.h: all of them
 *     wg_scale_fn *scale = WG_ISA_SELECT(wg_isa(), wg_scale);       the one for this process
 *
 * Choose when a program is compiled, not when it runs.  Everything else of an .isa.c file is
 * static: an inline function that two levels shared would be linked once, and maybe with
 * instructions that the machine lacks. */
#ifndef WG_KERNELS_ISA_H
#define WG_KERNELS_ISA_H

#ifndef WG_ISA
#define WG_ISA baseline
#endif

typedef enum wg_isa_level {
    WG_ISA_BASELINE, /* what the compiler takes for granted: SSE2 on x86-64, NEON on AArch64 */
    WG_ISA_AVX2,     /* AVX2 and FMA */
    WG_ISA_AVX512    /* AVX-512 F, VL, DQ, BW */
} wg_isa_level;

/* The best level that was compiled in and that this machine has; the environment variable
 * WENGERT_ISA=baseline, avx2 or avx512 lowers it (one that asks for more, or for something else,
 * changes nothing).  Nothing is cached: it costs a look at the environment. */
wg_isa_level wg_isa(void);

const char *wg_isa_text(wg_isa_level level); /* "baseline", "avx2", "avx512"; else "?" */

#define WG_ISA_PASTE2_(f, isa) f##_##isa
#define WG_ISA_PASTE_(f, isa) WG_ISA_PASTE2_(f, isa)
#define WG_ISA_NAME(f) WG_ISA_PASTE_(f, WG_ISA)

/* Declares every variant of f, a function or a constant object of this type.  Those not compiled
 * in are declared, never used. */
#define WG_ISA_DECLARE(type, f) extern type f##_baseline, f##_avx2, f##_avx512

/* The variant of f for a level at most this one. */
#define WG_ISA_SELECT(level, f) WG_ISA_AVX512_(level, f, WG_ISA_AVX2_(level, f, f##_baseline))
#ifdef WG_HAVE_AVX512
#define WG_ISA_AVX512_(level, f, lesser) ((level) >= WG_ISA_AVX512 ? f##_avx512 : lesser)
#else
#define WG_ISA_AVX512_(level, f, lesser) lesser
#endif
#ifdef WG_HAVE_AVX2
#define WG_ISA_AVX2_(level, f, lesser) ((level) >= WG_ISA_AVX2 ? f##_avx2 : lesser)
#else
#define WG_ISA_AVX2_(level, f, lesser) ((void)(level), lesser)
#endif

#endif
