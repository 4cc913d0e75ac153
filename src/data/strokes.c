/* Digits that draw themselves: outlines are shaken, placed by a random affine map, and inked by
 * their distance from each pixel.  Every operation is on integers or is one of + - * / sqrt, which
 * IEEE 754 rounds exactly: the bytes are the same everywhere. */
#include <math.h>
#include <string.h>
#include <wengert/data.h>

#include "core/alloc.h"
#include "data/dice.h"
#include "data/glyphs.h"
#include "data/stream.h"

enum { SIDE = 28, STEPS = 6 }; /* pixels; straight pieces between two points of an outline */

typedef struct point {
    double x, y;
} point;

/* How one image is drawn.  Lengths in pixels unless said otherwise. */
typedef struct hand {
    /* x' = xx x + xy y + dx,  y' = yx x + yy y + dy, from a box around the outline, centre at 0 */
    double xx, xy, yx, yy, dx, dy;
    double shake;       /* of an outline's point, in boxes */
    double thin, thick; /* the pen's radius at the ends of a stroke */
    double ink, noise;  /* 0 to 1 */
} hand;

static hand choose_hand(wg_dice *d)
{
    hand h;
    double height = wg_dice_between(d, 17, 21.5);
    double width = height * wg_dice_between(d, 0.72, 1.02);
    double slant = 0.06 + wg_dice_bell(d, 0.55); /* right-handed on the average */
    double turn = wg_dice_bell(d, 0.22); /* tan of half the angle: no sine, no cosine needed */
    double cosine = (1 - turn * turn) / (1 + turn * turn), sine = 2 * turn / (1 + turn * turn);
    h.xx = cosine * width;
    h.yx = sine * width;
    h.xy = -(cosine * slant + sine) * height;
    h.yy = (cosine - sine * slant) * height;
    h.dx = SIDE / 2.0 + wg_dice_bell(d, 3.2);
    h.dy = SIDE / 2.0 + wg_dice_bell(d, 3.2);
    h.shake = wg_dice_between(d, 0.02, 0.085);
    double radius = wg_dice_between(d, 0.75, 1.75);
    double pressure = wg_dice_bell(d, 0.35);
    h.thin = radius * (1 - pressure);
    h.thick = radius * (1 + pressure);
    h.ink = wg_dice_between(d, 0.75, 1);
    h.noise = wg_dice_between(d, 0, 0.16);
    return h;
}

static point place(const hand *h, point p)
{
    return (point){h->xx * p.x + h->xy * p.y + h->dx, h->yx * p.x + h->yy * p.y + h->dy};
}

static double clamp(double v, double lo, double hi)
{
    return v < lo ? lo : v > hi ? hi : v;
}

/* A piece from a to b, the pen's radius going from ra to rb: each pixel takes the most ink that
 * any piece gives it. */
static void ink_piece(double ink[SIDE][SIDE], point a, point b, double ra, double rb)
{
    const double edge = 0.6; /* half the width over which ink fades out */
    double reach = (ra > rb ? ra : rb) + edge;
    int left = (int)clamp((a.x < b.x ? a.x : b.x) - reach, 0, SIDE);
    int right = (int)clamp((a.x > b.x ? a.x : b.x) + reach, -1, SIDE - 1);
    int top = (int)clamp((a.y < b.y ? a.y : b.y) - reach, 0, SIDE);
    int bottom = (int)clamp((a.y > b.y ? a.y : b.y) + reach, -1, SIDE - 1);
    double vx = b.x - a.x, vy = b.y - a.y, length2 = vx * vx + vy * vy;
    for (int row = top; row <= bottom; row++) {
        for (int column = left; column <= right; column++) {
            double px = column + 0.5 - a.x, py = row + 0.5 - a.y;
            double t = length2 > 0 ? clamp((px * vx + py * vy) / length2, 0, 1) : 0;
            double ex = px - t * vx, ey = py - t * vy;
            double from_edge = ra + t * (rb - ra) - sqrt(ex * ex + ey * ey);
            double given = clamp(0.5 + from_edge / (2 * edge), 0, 1);
            if (given > ink[row][column])
                ink[row][column] = given;
        }
    }
}

/* The curve between b and c, a before and d after them.  E. Catmull, R. Rom, "A class of local
 * interpolating splines", 1974. */
static point spline(point a, point b, point c, point d, double t)
{
    double t2 = t * t, t3 = t2 * t;
    double wa = -t + 2 * t2 - t3, wb = 2 - 5 * t2 + 3 * t3, wc = t + 4 * t2 - 3 * t3, wd = t3 - t2;
    return (point){(wa * a.x + wb * b.x + wc * c.x + wd * d.x) / 2,
                   (wa * a.y + wb * b.y + wc * c.y + wd * d.y) / 2};
}

static bool same(const point *p, int i, int j)
{
    return p[i].x == p[j].x && p[i].y == p[j].y;
}

/* One stroke: n points, corners doubled. */
static void ink_stroke(double ink[SIDE][SIDE], const hand *h, const point *p, int n)
{
    for (int i = 0; i + 1 < n; i++) {
        if (same(p, i, i + 1))
            continue;
        point before = i > 0 ? p[i - 1] : p[i], after = i + 2 < n ? p[i + 2] : p[i + 1];
        point from = place(h, p[i]);
        for (int k = 1; k <= STEPS; k++) {
            double whole = (double)(n - 1) * STEPS, at = (double)(i * STEPS + k);
            point to = place(h, spline(before, p[i], p[i + 1], after, (double)k / STEPS));
            double grown = h->thick - h->thin;
            ink_piece(ink, from, to, h->thin + grown * ((at - 1) / whole),
                      h->thin + grown * (at / whole));
            from = to;
        }
    }
}

static void ink_glyph(double ink[SIDE][SIDE], const hand *h, const wg_glyph *glyph, wg_dice *d)
{
    point stroke[WG_GLYPH_MAX_POINTS];
    int n = 0;
    for (int i = 0; i < glyph->points; i++) {
        const signed char *xy = &glyph->xy[2 * i];
        if (xy[0] < 0) {
            ink_stroke(ink, h, stroke, n);
            n = 0;
        } else if (i > 0 && xy[0] == xy[-2] && xy[1] == xy[-1]) {
            stroke[n] = stroke[n - 1]; /* a corner stays one however it is shaken */
            n++;
        } else {
            stroke[n].x = xy[0] / 100.0 - 0.5 + wg_dice_bell(d, h->shake);
            stroke[n].y = xy[1] / 100.0 - 0.5 + wg_dice_bell(d, h->shake);
            n++;
        }
    }
    ink_stroke(ink, h, stroke, n);
}

static void draw_digit(uint8_t *pixels, int digit, wg_dice d)
{
    double ink[SIDE][SIDE];
    memset(ink, 0, sizeof ink);
    const wg_glyph *glyph = &wg_glyphs[digit][wg_dice_below(&d, WG_GLYPH_VARIANTS)];
    hand h = choose_hand(&d);
    ink_glyph(ink, &h, glyph, &d);
    for (int row = 0; row < SIDE; row++) {
        for (int column = 0; column < SIDE; column++) {
            double grey = h.ink * ink[row][column] + wg_dice_bell(&d, h.noise);
            pixels[row * SIDE + column] = (uint8_t)(255 * clamp(grey, 0, 1) + 0.5);
        }
    }
}

/* Labels 10b to 10b + 9 are 0 to 9 in an order of their own: every digit comes equally often. */
static void shuffle_labels(uint8_t order[10], wg_dice d)
{
    for (uint32_t i = 0; i < 10; i++) {
        uint32_t j = wg_dice_below(&d, i + 1);
        order[i] = order[j];
        order[j] = (uint8_t)i;
    }
}

wg_status wg_draw_digits(uint64_t seed, int64_t count, wg_digits *d, wg_message *why)
{
    if (!d)
        return wg_data_fail(why, WG_ERR_ARGUMENT,
                            "wg_draw_digits: wants a wg_digits to fill, got NULL");
    *d = (wg_digits){0};
    if (count < 0)
        return wg_data_fail(why, WG_ERR_ARGUMENT,
                            "wg_draw_digits: wants a count of 0 or more, got %lld",
                            (long long)count);
    bool fits = (uint64_t)count <= PTRDIFF_MAX / (SIDE * SIDE);
    d->pixels = fits ? wg_mem_alloc((size_t)count * SIDE * SIDE) : NULL;
    d->labels = fits ? wg_mem_alloc((size_t)count) : NULL;
    if (!d->pixels || !d->labels) {
        wg_digits_free(d);
        return wg_data_fail(why, WG_ERR_MEMORY,
                            "wg_draw_digits: out of memory for %lld images of 28 x 28",
                            (long long)count);
    }
    d->count = count;
    d->rows = d->columns = SIDE;
    uint8_t order[10];
    for (int64_t i = 0; i < count; i++) {
        if (i % 10 == 0)
            shuffle_labels(order, wg_dice_for(~seed, (uint64_t)i));
        d->labels[i] = order[i % 10];
        draw_digit(&d->pixels[i * SIDE * SIDE], d->labels[i], wg_dice_for(seed, (uint64_t)i));
    }
    return WG_OK;
}
