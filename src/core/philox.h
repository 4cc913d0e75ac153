/* Counter-based random numbers: Philox4x32-10.  J. K. Salmon, M. A. Moraes, R. O. Dror, D. E.
 * Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11.  A draw is a pure function of
 * (seed, stream, run, index); nothing is kept between draws. */
#ifndef WG_CORE_PHILOX_H
#define WG_CORE_PHILOX_H

#include <stdbool.h>
#include <stdint.h>

typedef struct wg_philox {
    uint32_t word[4];
} wg_philox;

/* The bare function: ten rounds on a 128-bit counter under a 64-bit key. */
wg_philox wg_philox_block(const uint32_t counter[4], const uint32_t key[2]);

/* Identity of a draw; an element's index completes it. */
typedef struct wg_draw {
    uint64_t seed;
    uint32_t stream;
    uint64_t run; /* below 2^48 */
} wg_draw;

uint64_t wg_draw_bits(const wg_draw *d, uint64_t index); /* 64 bits */
/* Elements first to first + n - 1, many at a time; first is even.  Of the bits the upper 53, in
 * [0, 1); and mean 0, std 1 (Box and Muller 1958). */
void wg_draw_uniforms(const wg_draw *d, uint64_t first, int64_t n, double *u);
void wg_draw_normals(const wg_draw *d, uint64_t first, int64_t n, double *z);
/* lo + (hi - lo) u, in [lo, hi) also where rounding (to f32) would leave that. */
double wg_uniform_between(double u, double lo, double hi, bool f32);

#endif
