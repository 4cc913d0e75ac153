/* Any of the networks: the fastest matrix products there are, and one loop between two of
 * them. The adjoints of the output are scaled by -rate, and so all that follows from them: a
 * product that adds x^T g to the weights is gradient and descent in one. */
#include "../steps/memory.h"
#include "product.h"
#include "reference.h"
#include "scalar.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct layer {
    int64_t in, out;
    float *w, *b, *y, *g; /* outputs and their adjoints, [batch, out] */
    product *forward, *adjoint, *descend;
    bool own_products;
} layer;

typedef struct state {
    const problem *p;
    int layers;
    int64_t batch;
    activation activation;
    layer layer[];
} state;

static void drop(void *at)
{
    state *s = at;
    for (int l = 0; l < s->layers; l++) {
        layer *y = &s->layer[l];
        free(y->w);
        free(y->b);
        free(y->y);
        free(y->g);
        if (y->own_products) {
            product_free(y->forward);
            product_free(y->adjoint);
            product_free(y->descend);
        }
    }
    free(s);
}

/* Each is tried out, but for those of a layer like the one below. */
static int make_products(const state *s, int l, layer *y)
{
    const int64_t in = y->in, out = y->out, batch = s->batch;
    const layer *below = l > 1 ? y - 1 : NULL;
    if (below && below->in == in && below->out == out) {
        y->forward = below->forward, y->adjoint = below->adjoint, y->descend = below->descend;
        return 1;
    }
    y->own_products = true;
    y->forward = product_new((extents){.m = batch, .n = out, .k = in});
    y->descend = product_new(
        (extents){.m = in, .n = out, .k = batch, .transpose_a = true, .accumulate = true});
    if (l > 0)
        y->adjoint = product_new((extents){.m = batch, .n = in, .k = out, .transpose_b = true});
    return y->forward && y->descend && (l == 0 || y->adjoint);
}

static int make_layer(const state *s, int l, layer *y)
{
    const int64_t in = y->in = width_of(s->p->network, l);
    const int64_t out = y->out = width_of(s->p->network, l + 1), batch = s->batch;
    y->w = floats_new(in * out, s->p->w[l]);
    y->b = floats_new(out, s->p->b[l]);
    y->y = floats_new(batch * out, NULL);
    y->g = floats_new(batch * out, NULL);
    return y->w && y->b && y->y && y->g && make_products(s, l, y);
}

static void *make(const problem *p)
{
    const int layers = p->network->layers;
    state *s = calloc(1, sizeof *s + (size_t)layers * sizeof *s->layer);
    if (!s)
        return NULL;
    s->p = p, s->layers = layers, s->batch = p->network->batch;
    s->activation = p->network->activation;
    for (int l = 0; l < layers; l++)
        if (!make_layer(s, l, &s->layer[l])) {
            drop(s);
            return NULL;
        }
    return s;
}

#define EACH_OUTPUT(value) \
    for (int64_t i = 0; i < batch; i++) \
        for (int64_t j = 0; j < out; j++) { \
            const float z = y[i * out + j] + b[j]; \
            y[i * out + j] = value; \
        }

static void activate(activation a, int64_t batch, int64_t out, const float *restrict b,
                     float *restrict y)
{
    if (a == SIGMOID)
        EACH_OUTPUT(sigmoid_float(z))
    else if (a == TANH)
        EACH_OUTPUT(tanh_float(z))
    else
        EACH_OUTPUT(z > 0.0f ? z : 0.0f)
}

/* g times the derivative of the activation, by its value y; the sums over the batch are added
 * to b. */
#define EACH_ADJOINT(slope) \
    for (int64_t i = 0; i < batch; i++) \
        for (int64_t j = 0; j < out; j++) { \
            const float v = y[i * out + j]; \
            b[j] += g[i * out + j] *= slope; \
        }

static void deactivate(activation a, int64_t batch, int64_t out, const float *restrict y,
                       float *restrict g, float *restrict b)
{
    if (a == SIGMOID)
        EACH_ADJOINT(v * (1.0f - v))
    else if (a == TANH)
        EACH_ADJOINT(1.0f - v * v)
    else
        EACH_ADJOINT((v > 0.0f ? 1.0f : 0.0f))
}

/* Losses take the product alone and leave the adjoints before the activation, times -rate. */
static float squares(const problem *p, layer *y)
{
    const int64_t count = p->network->batch * y->out;
    const float scale = -2 * p->network->rate / (float)count;
    float sum[64] = {0}; /* independent, as a vectorised sum is */
    activate(p->network->activation, p->network->batch, y->out, y->b, y->y);
    for (int64_t at = 0; at < count; at += 64)
        for (int64_t i = at; i < (at + 64 < count ? at + 64 : count); i++) {
            const float off = y->y[i] - p->target[i];
            sum[i - at] += off * off;
            y->g[i] = scale * off;
        }
    for (int i = 1; i < 64; i++)
        sum[0] += sum[i];
    deactivate(p->network->activation, p->network->batch, y->out, y->y, y->g, y->b);
    return sum[0] / (float)count;
}

static float cross_entropy(const problem *p, layer *y)
{
    const int64_t batch = p->network->batch, out = y->out;
    const float scale = -p->network->rate / (float)batch;
    double total = 0;
    for (int64_t i = 0; i < batch; i++) {
        float *restrict z = y->y + i * out, *restrict g = y->g + i * out;
        float most = -FLT_MAX, sum = 0;
        for (int64_t j = 0; j < out; j++) {
            z[j] += y->b[j];
            most = z[j] > most ? z[j] : most;
        }
        for (int64_t j = 0; j < out; j++)
            sum += g[j] = exp_float(z[j] - most);
        const int32_t label = p->labels[i];
        const float share = scale / sum;
        total += (double)(logf(sum) - (z[label] - most));
        for (int64_t j = 0; j < out; j++)
            g[j] *= share;
        g[label] -= scale;
    }
    for (int64_t i = 0; i < batch; i++)
        for (int64_t j = 0; j < out; j++)
            y->b[j] += y->g[i * out + j];
    return (float)(total / (double)batch);
}

static float step(void *at)
{
    state *s = at;
    const float *x = s->p->x;
    for (int l = 0; l < s->layers; l++) {
        layer *y = &s->layer[l];
        product_run(y->forward, x, y->w, y->y);
        if (l + 1 < s->layers)
            activate(s->activation, s->batch, y->out, y->b, y->y);
        x = y->y;
    }
    layer *last = &s->layer[s->layers - 1];
    const float before = s->p->target ? squares(s->p, last) : cross_entropy(s->p, last);
    for (int l = s->layers - 1; l >= 0; l--) {
        layer *y = &s->layer[l], *below = l > 0 ? y - 1 : NULL;
        if (below) {
            product_run(y->adjoint, y->g, y->w, below->g);
            deactivate(s->activation, s->batch, below->out, below->y, below->g, below->b);
        }
        product_run(y->descend, below ? below->y : s->p->x, y->g, y->w);
    }
    return before;
}

const writing products = {"best products", make, step, drop};
