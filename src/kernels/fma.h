/* Fused multiply-add, the one place where it is written.  Contraction is off everywhere else
 * (a*b + c is two roundings), so results change only where a kernel asks for it.
 *
 * wg_fma_f32 and wg_fma_f64 round once where the level has the instruction and twice where it has
 * not (libm's would be a slow emulation there): WG_FMA_FUSED says which.  WG_FMA_VECTOR(name,
 * vector, element, lanes) defines the same for a vector-extension type. */
#ifndef WG_KERNELS_FMA_H
#define WG_KERNELS_FMA_H

#if defined(__FMA__) || defined(__FP_FAST_FMA) || defined(__ARM_FEATURE_FMA)
#define WG_FMA_FUSED 1
#else
#define WG_FMA_FUSED 0
#endif

#if defined(__GNUC__)
#define WG_FMA_INLINE static inline __attribute__((always_inline, unused))
#else
#define WG_FMA_INLINE static inline
#endif

#if WG_FMA_FUSED
WG_FMA_INLINE float wg_fma_f32(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
WG_FMA_INLINE double wg_fma_f64(double a, double b, double c) { return __builtin_fma(a, b, c); }
#else
WG_FMA_INLINE float wg_fma_f32(float a, float b, float c) { return a * b + c; }
WG_FMA_INLINE double wg_fma_f64(double a, double b, double c) { return a * b + c; }
#endif

/* Both compilers make one instruction of the loop over lanes.  (clang's contraction pragma would
 * do so most of the time; but of masked factors it moves the mask behind the product, and rounds
 * twice.) */
#ifdef __has_builtin
#if __has_builtin(__builtin_elementwise_fma)
#define WG_FMA_ELEMENTWISE 1
#endif
#endif
#if WG_FMA_FUSED && defined(WG_FMA_ELEMENTWISE)
#define WG_FMA_BODY_(vector, element, lanes, a, b, c) return __builtin_elementwise_fma(a, b, c);
#elif WG_FMA_FUSED
#define WG_FMA_OF_(element) _Generic((element)0, float: __builtin_fmaf, double: __builtin_fma)
#define WG_FMA_BODY_(vector, element, lanes, a, b, c)   \
    vector r;                                           \
    for (int i = 0; i < (lanes); i++)                   \
        r[i] = WG_FMA_OF_(element)(a[i], b[i], c[i]);   \
    return r;
#else
#define WG_FMA_BODY_(vector, element, lanes, a, b, c) return a * b + c;
#endif
#define WG_FMA_VECTOR(name, vector, element, lanes)                \
    WG_FMA_INLINE vector name(vector a, vector b, vector c)        \
    {                                                              \
        WG_FMA_BODY_(vector, element, lanes, a, b, c)              \
    }

#endif
