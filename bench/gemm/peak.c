/* Loops of fused multiply-adds that wait for nothing else: twelve sums are more than latency times
 * rate anywhere. */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */
#include "peak.h"

#include <time.h>

double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

enum { ROUNDS = 16384, SUMS = 12 };
static volatile float start = 0.5f, factor = 0.25f; /* nothing that the compiler could work out */
static volatile float sink;

#define EACH_SUM(X) X(a) X(b) X(c) X(d) X(e) X(f) X(g) X(h) X(i) X(j) X(k) X(l)
#define START(s) vector s = start - (vector){0};
#define ADD(s) total += s;
#define PLAIN(s) s = s * x + y;
/* In assembly, as no option and no compiler may do it in another way: this is what the rest is
 * measured by. */
#define FUSED(s) __asm__ volatile("vfmadd213ps %2, %1, %0" : "+v"(s) : "v"(x), "v"(y));

/* A loop for vectors of so many bytes, under the flags that make them. */
#define PEAK(name, bytes, flags, step)                                  \
    flags static void name(void)                                        \
    {                                                                   \
        typedef float vector __attribute__((vector_size(bytes)));       \
        const vector x = factor - (vector){0}, y = start - (vector){0}; \
        EACH_SUM(START)                                                 \
        for (int r = 0; r < ROUNDS; r++) {                              \
            EACH_SUM(step)                                              \
        }                                                               \
        vector total = {0};                                             \
        EACH_SUM(ADD)                                                   \
        sink = total[0] + total[3];                                     \
    }

PEAK(any_machine, 16, , PLAIN)
#if defined(__x86_64__)
PEAK(avx2, 32, __attribute__((target("avx2,fma"))), FUSED)
PEAK(avx512, 64, __attribute__((target("avx512f,fma"))), FUSED)
#endif

double peak_flops(void)
{
    void (*loop)(void) = any_machine;
    int lanes = 4;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f"))
        loop = avx512, lanes = 16;
    else if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        loop = avx2, lanes = 8;
#endif
    double t = seconds();
    loop();
    t = seconds() - t;
    return 2.0 * ROUNDS * SUMS * lanes / t;
}
