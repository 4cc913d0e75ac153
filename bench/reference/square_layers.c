/* Many layers of 32-32, tanh, MSE, batch 8.  Forward, a layer's outputs are 16 registers.  On the
 * way back a block of 16 rows of weights is read once: transposed in registers for the adjoint of
 * its inputs, and written back with its own gradient added. */
#include "../steps/memory.h"
#include "reference.h"
#include "vec.h"

#include <stdlib.h>

enum { BATCH = 8, WIDTH = 32, SHEET = BATCH * WIDTH };

typedef struct state {
    int layers;
    float rate;
    const float *target;
    float *w, *b, *y; /* one block: weights, biases, and the input with every layer's outputs */
} state;

static void drop(void *at)
{
    state *s = at;
    free(s->w);
    free(s);
}

static void *make(const problem *p)
{
    const network *n = p->network;
    if (n->width[0] != WIDTH || n->width[1] || n->batch != BATCH
        || n->activation != TANH || n->loss != MSE)
        return NULL;
    state *s = malloc(sizeof *s);
    if (!s)
        return NULL;
    const size_t layers = (size_t)n->layers, weights = WIDTH * WIDTH;
    s->w = floats_new((int64_t)(layers * (weights + WIDTH) + (layers + 1) * SHEET), NULL);
    if (!s->w) {
        free(s);
        return NULL;
    }
    s->layers = n->layers, s->rate = n->rate, s->target = p->target;
    s->b = s->w + layers * weights, s->y = s->b + layers * WIDTH;
    memcpy(s->y, p->x, SHEET * sizeof *s->y);
    for (size_t l = 0; l < layers; l++) {
        memcpy(s->w + l * weights, p->w[l], weights * sizeof *s->w);
        memcpy(s->b + l * WIDTH, p->b[l], WIDTH * sizeof *s->b);
    }
    return s;
}

static void forward(const float *restrict x, const float *restrict w, const float *restrict bias,
                    float *restrict y)
{
    v16 sum[BATCH][2];
    const v16 b0 = load(bias), b1 = load(bias + LANES);
    for (int b = 0; b < BATCH; b++)
        sum[b][0] = b0, sum[b][1] = b1;
    for (int i = 0; i < WIDTH; i++) {
        const v16 w0 = load(w + i * WIDTH), w1 = load(w + i * WIDTH + LANES);
#pragma GCC unroll 8
        for (int b = 0; b < BATCH; b++) {
            sum[b][0] += x[b * WIDTH + i] * w0;
            sum[b][1] += x[b * WIDTH + i] * w1;
        }
    }
#pragma GCC unroll 8
    for (int b = 0; b < BATCH; b++) {
        store(y + b * WIDTH, tanh_v16(sum[b][0]));
        store(y + b * WIDTH + LANES, tanh_v16(sum[b][1]));
    }
}

/* One of the four exchanges of a 16 x 16 transposition: rows i and i + distance. */
#define PAIRS_LOW_1 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30
#define PAIRS_HIGH_1 1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31
#define PAIRS_LOW_2 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29
#define PAIRS_HIGH_2 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31
#define PAIRS_LOW_4 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27
#define PAIRS_HIGH_4 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31
#define PAIRS_LOW_8 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23
#define PAIRS_HIGH_8 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31
#define EXCHANGE(m, d) \
    for (int i = 0; i < LANES; i++) \
        if (!(i & d)) { \
            const v16 low = __builtin_shufflevector(m[i], m[i + d], PAIRS_LOW_##d); \
            m[i + d] = __builtin_shufflevector(m[i], m[i + d], PAIRS_HIGH_##d); \
            m[i] = low; \
        }

/* w: 16 rows of weights, for inputs from x on; g: adjoints before tanh, times -rate.  gx receives
 * those of the layer below, and w what it takes to descend. */
INLINE void backward_rows(float *restrict w, const float *restrict x, const float *restrict g,
                          float *restrict gx)
{
    v16 sum[BATCH];
    for (int b = 0; b < BATCH; b++)
        sum[b] = all16(0);
    for (int half = 0; half < 2; half++) {
        v16 m[LANES];
#pragma GCC unroll 16
        for (int i = 0; i < LANES; i++) /* the layer below comes next */
            __builtin_prefetch(w + (i - WIDTH) * WIDTH + half * LANES, 1);
#pragma GCC unroll 16
        for (int i = 0; i < LANES; i++)
            m[i] = load(w + i * WIDTH + half * LANES);
#pragma GCC unroll 16
        EXCHANGE(m, 1)
#pragma GCC unroll 16
        EXCHANGE(m, 2)
#pragma GCC unroll 16
        EXCHANGE(m, 4)
#pragma GCC unroll 16
        EXCHANGE(m, 8)
#pragma GCC unroll 16
        for (int j = 0; j < LANES; j++)
#pragma GCC unroll 8
            for (int b = 0; b < BATCH; b++)
                sum[b] += g[b * WIDTH + half * LANES + j] * m[j];
    }
    for (int b = 0; b < BATCH; b++) {
        const v16 y = load(x + b * WIDTH);
        store(gx + b * WIDTH, sum[b] - sum[b] * y * y);
    }
}

enum { ROWS = 4 };

INLINE void descend(float *restrict w, float *restrict bias, const float *restrict x,
                    const float *restrict g)
{
    v16 gb[BATCH][2], bias0 = load(bias), bias1 = load(bias + LANES);
    for (int b = 0; b < BATCH; b++) {
        gb[b][0] = load(g + b * WIDTH), gb[b][1] = load(g + b * WIDTH + LANES);
        bias0 += gb[b][0], bias1 += gb[b][1];
    }
    store(bias, bias0);
    store(bias + LANES, bias1);
    for (int i = 0; i < WIDTH; i += ROWS) {
        v16 sum[ROWS][2];
        for (int r = 0; r < ROWS; r++)
            for (int half = 0; half < 2; half++)
                sum[r][half] = load(w + (i + r) * WIDTH + half * LANES);
#pragma GCC unroll 8
        for (int b = 0; b < BATCH; b++)
#pragma GCC unroll 4
            for (int r = 0; r < ROWS; r++) {
                const v16 xb = all16(x[b * WIDTH + i + r]);
                sum[r][0] += xb * gb[b][0];
                sum[r][1] += xb * gb[b][1];
            }
        for (int r = 0; r < ROWS; r++)
            for (int half = 0; half < 2; half++)
                store(w + (i + r) * WIDTH + half * LANES, sum[r][half]);
    }
}

static float step(void *at)
{
    state *s = at;
    for (int l = 0; l < s->layers; l++)
        forward(s->y + l * SHEET, s->w + (int64_t)l * WIDTH * WIDTH, s->b + l * WIDTH,
                s->y + (l + 1) * SHEET);

    _Alignas(64) float g[2][SHEET];
    v16 squares = {0};
    const float *last = s->y + s->layers * SHEET;
    for (int i = 0; i < SHEET; i += LANES) {
        const v16 y = load(last + i), off = y - load(s->target + i);
        squares += off * off;
        store(g[s->layers & 1] + i, off * (1.0f - y * y) * (-2 * s->rate / SHEET));
    }
    for (int l = s->layers - 1; l >= 0; l--) {
        float *w = s->w + (int64_t)l * WIDTH * WIDTH;
        const float *x = s->y + l * SHEET, *above = g[(l + 1) & 1];
        if (l > 0) {
            backward_rows(w, x, above, g[l & 1]);
            backward_rows(w + LANES * WIDTH, x + LANES, above, g[l & 1] + LANES);
        }
        descend(w, s->b + l * WIDTH, x, above);
    }
    float total = 0;
    for (int i = 0; i < LANES; i++)
        total += squares[i];
    return total / SHEET;
}

const writing square_layers = {"layers in registers", make, step, drop};
