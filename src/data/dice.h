/* Counter-based random numbers for drawn data: SplitMix64 (G. L. Steele, D. Lea, C. H. Flood,
 * "Fast splittable pseudorandom number generators", OOPSLA 2014).  A throw is a pure function of
 * (seed, item, how many before it), in integers and exactly rounded operations only, so that it is
 * the same on every machine.  Throws must be sequenced: one a statement. */
#ifndef WG_DATA_DICE_H
#define WG_DATA_DICE_H

#include <stdint.h>

typedef struct wg_dice {
    uint64_t state;
} wg_dice;

static inline uint64_t wg_dice_mix(uint64_t z)
{
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

static inline uint64_t wg_dice_bits(wg_dice *d)
{
    d->state += 0x9E3779B97F4A7C15u;
    return wg_dice_mix(d->state);
}

/* The throws of one item of a data set. */
static inline wg_dice wg_dice_for(uint64_t seed, uint64_t item)
{
    wg_dice d = {seed};
    d.state = wg_dice_bits(&d) + item;
    d.state = wg_dice_bits(&d);
    return d;
}

/* 0 to n - 1. */
static inline uint32_t wg_dice_below(wg_dice *d, uint32_t n)
{
    return (uint32_t)((wg_dice_bits(d) >> 32) * n >> 32);
}

/* lo <= u < hi, evenly. */
static inline double wg_dice_between(wg_dice *d, double lo, double hi)
{
    return lo + (hi - lo) * ((double)(wg_dice_bits(d) >> 11) * 0x1p-53);
}

/* Within +-spread, mostly near 0: the mean of three even throws. */
static inline double wg_dice_bell(wg_dice *d, double spread)
{
    double sum = 0;
    for (int i = 0; i < 3; i++)
        sum += wg_dice_between(d, -1, 1);
    return sum / 3 * spread;
}

#endif
