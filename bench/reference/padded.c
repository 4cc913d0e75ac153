/* Two layers, sigmoid, MSE, batch 10.  Weights lie in rows of 32 and 16 outputs, the last of
 * them zeros, so that all of a layer's outputs for the batch, or all of its adjoints, are
 * registers while the inputs go by.  The second matrix is kept transposed as well, for the way
 * back. */
#include "reference.h"
#include "vec.h"

#include <stdlib.h>

enum { BATCH = 10, HIDDEN = 32, OUT = 16, ROWS = 4 };

typedef struct state {
    float h[BATCH * HIDDEN], y[BATCH * OUT], target[BATCH * OUT];
    float b1[HIDDEN], b2[OUT], w2[HIDDEN * OUT], w2t[OUT * HIDDEN];
    int64_t inputs, hidden, outputs;
    float rate;
    const float *x;
    float *w1;
} state;

static void drop(void *at)
{
    state *s = at;
    free(s->w1);
    free(s);
}

static void *make(const problem *p)
{
    const network *n = p->network;
    if (n->layers != 2 || n->activation != SIGMOID || n->loss != MSE || n->batch != BATCH
        || width_of(n, 0) % ROWS || width_of(n, 1) > HIDDEN || width_of(n, 2) > OUT)
        return NULL;
    state *s = aligned_alloc(64, (sizeof *s + 63) / 64 * 64);
    if (!s)
        return NULL;
    memset(s, 0, sizeof *s);
    s->inputs = width_of(n, 0), s->hidden = width_of(n, 1), s->outputs = width_of(n, 2);
    s->rate = n->rate;
    s->x = p->x;
    const size_t bytes = (size_t)s->inputs * HIDDEN * sizeof *s->w1;
    s->w1 = aligned_alloc(64, bytes);
    if (!s->w1) {
        free(s);
        return NULL;
    }
    memset(s->w1, 0, bytes);
    for (int64_t i = 0; i < s->inputs; i++)
        for (int64_t j = 0; j < s->hidden; j++)
            s->w1[i * HIDDEN + j] = p->w[0][i * s->hidden + j];
    for (int64_t j = 0; j < s->hidden; j++)
        for (int64_t k = 0; k < s->outputs; k++)
            s->w2[j * OUT + k] = s->w2t[k * HIDDEN + j] = p->w[1][j * s->outputs + k];
    for (int64_t j = 0; j < s->hidden; j++)
        s->b1[j] = p->b[0][j];
    for (int64_t k = 0; k < s->outputs; k++)
        s->b2[k] = p->b[1][k];
    for (int64_t i = 0; i < BATCH * OUT; i++) /* sigmoid(0): the padding is always right */
        s->target[i] = i % OUT < s->outputs ? p->target[i / OUT * s->outputs + i % OUT] : 0.5f;
    return s;
}

static void forward_hidden(state *s)
{
    const int64_t inputs = s->inputs;
    const float *restrict x = s->x, *restrict w = s->w1;
    v16 sum[BATCH][2];
    for (int b = 0; b < BATCH; b++)
        sum[b][0] = load(s->b1), sum[b][1] = load(s->b1 + LANES);
    for (int64_t i = 0; i < inputs; i++) {
        const v16 w0 = load(w + i * HIDDEN), w1 = load(w + i * HIDDEN + LANES);
#pragma GCC unroll 10
        for (int b = 0; b < BATCH; b++) {
            const v16 xb = all16(x[b * inputs + i]);
            sum[b][0] += xb * w0;
            sum[b][1] += xb * w1;
        }
    }
    for (int b = 0; b < BATCH; b++) {
        store(s->h + b * HIDDEN, sigmoid_v16(sum[b][0]));
        store(s->h + b * HIDDEN + LANES, sigmoid_v16(sum[b][1]));
    }
}

/* Leaves the adjoints before the sigmoid, times -rate, in y.  Returns the loss. */
static float forward_out(state *s)
{
    v16 sum[BATCH], squares = {0};
    for (int b = 0; b < BATCH; b++)
        sum[b] = load(s->b2);
    for (int64_t j = 0; j < s->hidden; j++) {
        const v16 w = load(s->w2 + j * OUT);
#pragma GCC unroll 10
        for (int b = 0; b < BATCH; b++)
            sum[b] += s->h[b * HIDDEN + j] * w;
    }
    const float terms = (float)(BATCH * s->outputs), scale = -2 * s->rate / terms;
    for (int b = 0; b < BATCH; b++) {
        const v16 y = sigmoid_v16(sum[b]), off = y - load(s->target + b * OUT);
        squares += off * off;
        store(s->y + b * OUT, scale * off * (y - y * y));
    }
    float total = 0;
    for (int i = 0; i < LANES; i++)
        total += squares[i];
    return total / terms;
}

/* w += x^T g over the batch, for rows of one vector in w and g. */
INLINE v16 descended(v16 w, const float *x, int64_t stride, const v16 g[BATCH])
{
#pragma GCC unroll 10
    for (int b = 0; b < BATCH; b++)
        w += x[b * stride] * g[b];
    return w;
}

static void backward_out(state *s, v16 g[2][BATCH])
{
    v16 gy[BATCH];
    for (int b = 0; b < BATCH; b++) {
        gy[b] = load(s->y + b * OUT);
        g[0][b] = g[1][b] = all16(0);
    }
    for (int64_t k = 0; k < s->outputs; k++) {
        const v16 w0 = load(s->w2t + k * HIDDEN), w1 = load(s->w2t + k * HIDDEN + LANES);
        for (int b = 0; b < BATCH; b++) {
            g[0][b] += s->y[b * OUT + k] * w0;
            g[1][b] += s->y[b * OUT + k] * w1;
        }
    }
    for (int64_t j = 0; j < s->hidden; j++)
        store(s->w2 + j * OUT, descended(load(s->w2 + j * OUT), s->h + j, HIDDEN, gy));
    v16 bias = load(s->b2);
    for (int b = 0; b < BATCH; b++)
        bias += gy[b];
    store(s->b2, bias);
    for (int half = 0; half < 2; half++) {
        v16 h[BATCH];
        for (int b = 0; b < BATCH; b++)
            h[b] = load(s->h + b * HIDDEN + half * LANES);
        for (int64_t k = 0; k < s->outputs; k++) {
            float *w = s->w2t + k * HIDDEN + half * LANES;
            store(w, descended(load(w), s->y + k, OUT, h));
        }
        for (int b = 0; b < BATCH; b++)
            g[half][b] *= h[b] - h[b] * h[b];
    }
}

static float step(void *at)
{
    state *s = at;
    forward_hidden(s);
    const float before = forward_out(s);
    v16 g[2][BATCH];
    backward_out(s, g);
    v16 bias0 = load(s->b1), bias1 = load(s->b1 + LANES);
    for (int b = 0; b < BATCH; b++)
        bias0 += g[0][b], bias1 += g[1][b];
    store(s->b1, bias0);
    store(s->b1 + LANES, bias1);

    const int64_t inputs = s->inputs;
    const float *restrict x = s->x;
    float *restrict w = s->w1;
    for (int64_t i = 0; i < inputs; i += ROWS) {
        v16 sum[ROWS][2];
        for (int r = 0; r < ROWS; r++)
            for (int half = 0; half < 2; half++)
                sum[r][half] = load(w + (i + r) * HIDDEN + half * LANES);
#pragma GCC unroll 10
        for (int b = 0; b < BATCH; b++)
#pragma GCC unroll 4
            for (int r = 0; r < ROWS; r++) {
                const v16 xb = all16(x[b * inputs + i + r]);
                sum[r][0] += xb * g[0][b];
                sum[r][1] += xb * g[1][b];
            }
        for (int r = 0; r < ROWS; r++)
            for (int half = 0; half < 2; half++)
                store(w + (i + r) * HIDDEN + half * LANES, sum[r][half]);
    }
    return before;
}

const writing padded = {"padded rows in registers", make, step, drop};
