#include "core/philox.h"

#include <math.h>

#define FACTOR_0 0xD2511F53u
#define FACTOR_1 0xCD9E8D57u
#define STEP_0 0x9E3779B9u
#define STEP_1 0xBB67AE85u

wg_philox wg_philox_block(const uint32_t counter[4], const uint32_t key[2])
{
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3], k0 = key[0],
             k1 = key[1];
    for (int round = 0; round < 10; round++) {
        uint64_t p0 = (uint64_t)FACTOR_0 * c0, p1 = (uint64_t)FACTOR_1 * c2;
        uint32_t n0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0, n2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c1 = (uint32_t)p1;
        c3 = (uint32_t)p0;
        c0 = n0;
        c2 = n2;
        k0 += STEP_0;
        k1 += STEP_1;
    }
    return (wg_philox){{c0, c1, c2, c3}};
}

/* Counter: 48 bits of block, 48 bits of run (16 of them above the block's), 32 bits of stream. */
static uint32_t high_counter(const wg_draw *d, uint64_t i)
{
    return (uint32_t)(i >> 32) ^ (uint32_t)(d->run >> 32 << 16);
}

static wg_philox block(const wg_draw *d, uint64_t i)
{
    const uint32_t counter[4] = {(uint32_t)i, high_counter(d, i), d->stream, (uint32_t)d->run};
    const uint32_t key[2] = {(uint32_t)d->seed, (uint32_t)(d->seed >> 32)};
    return wg_philox_block(counter, key);
}

uint64_t wg_draw_bits(const wg_draw *d, uint64_t index)
{
    wg_philox w = block(d, index / 2);
    const uint32_t *pair = &w.word[index % 2 * 2];
    return (uint64_t)pair[1] << 32 | pair[0];
}

static double unit(uint32_t lo, uint32_t hi)
{
    return (double)(((uint64_t)hi << 32 | lo) >> 11) * 0x1p-53;
}

double wg_uniform_between(double u, double lo, double hi, bool f32)
{
    double v = lo + (hi - lo) * u;
    if (f32)
        v = (float)v;
    if (v >= hi && lo < hi)
        v = f32 ? nextafterf((float)v, -INFINITY) : nextafter(hi, -INFINITY);
    return v < lo && f32 ? nextafterf((float)v, INFINITY) : v;
}

/* ---- many at a time ---- */

enum { LANES = 16 };

/* The words of LANES blocks from number i on, in loops that a compiler vectorises. */
static void blocks(const wg_draw *d, uint64_t i, uint32_t w[4][LANES])
{
    uint32_t k0 = (uint32_t)d->seed, k1 = (uint32_t)(d->seed >> 32);
    for (int l = 0; l < LANES; l++) {
        w[0][l] = (uint32_t)(i + (uint64_t)l);
        w[1][l] = high_counter(d, i + (uint64_t)l);
        w[2][l] = d->stream;
        w[3][l] = (uint32_t)d->run;
    }
    for (int round = 0; round < 10; round++, k0 += STEP_0, k1 += STEP_1)
        for (int l = 0; l < LANES; l++) {
            uint64_t p0 = (uint64_t)FACTOR_0 * w[0][l], p1 = (uint64_t)FACTOR_1 * w[2][l];
            w[0][l] = (uint32_t)(p1 >> 32) ^ w[1][l] ^ k0;
            w[2][l] = (uint32_t)(p0 >> 32) ^ w[3][l] ^ k1;
            w[1][l] = (uint32_t)p1;
            w[3][l] = (uint32_t)p0;
        }
}

void wg_draw_uniforms(const wg_draw *d, uint64_t first, int64_t n, double *u)
{
    for (; n > 0; first += 2 * LANES, u += 2 * LANES, n -= 2 * LANES) {
        uint32_t w[4][LANES];
        blocks(d, first / 2, w);
        for (int l = 0; l < 2 * LANES && l < n; l++)
            u[l] = unit(w[l % 2 * 2][l / 2], w[l % 2 * 2 + 1][l / 2]);
    }
}

/* Elements 2k and 2k + 1 are the two coordinates of one point.  1 - u is in (0, 1], so the
 * logarithm is finite. */
void wg_draw_normals(const wg_draw *d, uint64_t first, int64_t n, double *z)
{
    double u[2 * LANES];
    for (; n > 0; first += 2 * LANES, z += 2 * LANES, n -= 2 * LANES) {
        int64_t count = n < 2 * LANES ? n : 2 * LANES;
        wg_draw_uniforms(d, first, count + count % 2, u);
        for (int64_t l = 0; l < count; l += 2) {
            double r = sqrt(-2 * log(1 - u[l])), a = 6.283185307179586476925 * u[l + 1];
            z[l] = r * cos(a);
            if (l + 1 < count)
                z[l + 1] = r * sin(a);
        }
    }
}
