#include "core/philox.h"

#include <math.h>

wg_philox wg_philox_block(const uint32_t counter[4], const uint32_t key[2])
{
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3], k0 = key[0], k1 = key[1];
    for (int round = 0; round < 10; round++) {
        uint64_t p0 = (uint64_t)0xD2511F53u * c0, p1 = (uint64_t)0xCD9E8D57u * c2;
        uint32_t n0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0, n2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c1 = (uint32_t)p1;
        c3 = (uint32_t)p0;
        c0 = n0;
        c2 = n2;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    return (wg_philox){{c0, c1, c2, c3}};
}

/* Counter: 48 bits of block, 48 bits of run (16 of them above the block's), 32 bits of stream. */
static wg_philox block(const wg_draw *d, uint64_t i)
{
    const uint32_t counter[4] = {(uint32_t)i, (uint32_t)(i >> 32) ^ (uint32_t)(d->run >> 32 << 16), d->stream, (uint32_t)d->run};
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

double wg_draw_uniform(const wg_draw *d, uint64_t index)
{
    wg_philox w = block(d, index / 2);
    const uint32_t *pair = &w.word[index % 2 * 2];
    return unit(pair[0], pair[1]);
}

/* Elements 2k and 2k + 1 are the two coordinates of one point.  1 - u is in (0, 1], so the logarithm is finite. */
double wg_draw_normal(const wg_draw *d, uint64_t index)
{
    wg_philox w = block(d, index / 2);
    double radius = sqrt(-2 * log(1 - unit(w.word[0], w.word[1])));
    double angle = 6.283185307179586476925 * unit(w.word[2], w.word[3]);
    return radius * (index % 2 ? sin(angle) : cos(angle));
}
