/* 2-2-1, sigmoid, batch 4: the four examples of both hidden units are the eight lanes of a vector.
 * Parameters are kept repeated over the examples, and sums over examples leave their result in
 * every lane, so that nothing is ever taken out of a vector but the loss. */
#include "reference.h"
#include "vec.h"

#include <stdlib.h>

typedef struct state {
    v8 w[2], b, v, c; /* hidden unit in the halves: w[i][j], b[j], v[j]; c in both */
    v8 x[2], target;  /* the batch, in both halves */
    float rate;
} state;

static v8 halves(float low, float high)
{
    return (v8){low, low, low, low, high, high, high, high};
}

INLINE v8 swap_halves(v8 a)
{
    return __builtin_shufflevector(a, a, 4, 5, 6, 7, 0, 1, 2, 3);
}

/* The sum of each half, in each of its lanes. */
INLINE v8 sum_halves(v8 a)
{
    a += __builtin_shufflevector(a, a, 2, 3, 0, 1, 6, 7, 4, 5);
    return a + __builtin_shufflevector(a, a, 1, 0, 3, 2, 5, 4, 7, 6);
}

static void *make(const problem *p)
{
    if (p->network != &networks[0])
        return NULL;
    state *s = aligned_alloc(64, (sizeof *s + 63) / 64 * 64);
    if (!s)
        return NULL;
    for (int i = 0; i < 2; i++)
        s->w[i] = halves(p->w[0][2 * i], p->w[0][2 * i + 1]);
    s->b = halves(p->b[0][0], p->b[0][1]);
    s->v = halves(p->w[1][0], p->w[1][1]);
    s->c = halves(p->b[1][0], p->b[1][0]);
    for (int lane = 0; lane < 8; lane++) {
        s->x[0][lane] = p->x[2 * (lane % 4)];
        s->x[1][lane] = p->x[2 * (lane % 4) + 1];
        s->target[lane] = p->target[lane % 4];
    }
    s->rate = p->network->rate;
    return s;
}

static float step(void *at)
{
    state *s = at;
    const v8 v = s->v, x0 = s->x[0], x1 = s->x[1];
    const v8 h = sigmoid_v8(x0 * s->w[0] + (x1 * s->w[1] + s->b));
    const v8 part = h * v, y = sigmoid_v8(part + swap_halves(part) + s->c);
    const v8 off = y - s->target, squares = sum_halves(off * off);
    const v8 g = off * (y - y * y) * (-0.5f * s->rate); /* of the mean of four squares */
    const v8 gh = g * v * (h - h * h);
    s->c += sum_halves(g);
    s->v += sum_halves(g * h);
    s->b += sum_halves(gh);
    s->w[0] += sum_halves(gh * x0);
    s->w[1] += sum_halves(gh * x1);
    return squares[0] * 0.25f;
}

const writing scalar_sized = {"vector of 8", make, step, free};
