#include "networks.h"

#include <math.h>
#include <stdlib.h>

const network networks[NETWORKS] = {
    {"a", 2, {2, 2, 1}, 4, SIGMOID, MSE, 0.5f},
    {"b", 2, {784, 30, 10}, 10, SIGMOID, MSE, 0.5f},
    {"c", 3, {784, 128, 64, 10}, 64, RELU, CROSS_ENTROPY, 0.05f},
    {"d", 3, {1024, 4096, 4096, 1024}, 128, TANH, MSE, 0.5f},
    {"e", 1000, {32}, 8, TANH, MSE, 0.005f},
};

int64_t width_of(const network *n, int layer)
{
    return n->width[1] ? n->width[layer] : n->width[0];
}

/* Marsaglia 2003, xorshift: in [-1, 1). */
static float noise(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return (float)((double)*state / 2147483648.0 - 1);
}

static float *noises(int64_t count, double scale, uint32_t *state)
{
    float *v = malloc((size_t)count * sizeof *v);
    for (int64_t i = 0; v && i < count; i++)
        v[i] = (float)scale * noise(state);
    return v;
}

static int fill(problem *p, const network *n)
{
    uint32_t state = 2463534242u;
    const int64_t outputs = width_of(n, n->layers);
    p->network = n;
    p->x = noises(n->batch * width_of(n, 0), 1, &state);
    if (n->loss == MSE)
        p->target = noises(n->batch * outputs, 0.4, &state);
    else
        p->labels = malloc((size_t)n->batch * sizeof *p->labels);
    p->w = calloc((size_t)n->layers, sizeof *p->w);
    p->b = calloc((size_t)n->layers, sizeof *p->b);
    if (!p->x || !(p->target || p->labels) || !p->w || !p->b)
        return 0;
    if (p->target && n->activation == SIGMOID)
        for (int64_t i = 0; i < n->batch * outputs; i++)
            p->target[i] += 0.5f;
    for (int64_t i = 0; p->labels && i < n->batch; i++)
        p->labels[i] = (int32_t)(i * 7 % outputs);
    /* Glorot and Bengio 2010; biases small enough for the signal to live through 1000 layers. */
    for (int l = 0; l < n->layers; l++) {
        const int64_t in = width_of(n, l), out = width_of(n, l + 1);
        p->w[l] = noises(in * out, sqrt(6.0 / (double)(in + out)), &state);
        p->b[l] = noises(out, 0.01, &state);
        if (!p->w[l] || !p->b[l])
            return 0;
    }
    return 1;
}

problem *problem_new(const network *n)
{
    problem *p = calloc(1, sizeof *p);
    if (p && fill(p, n))
        return p;
    problem_free(p);
    return NULL;
}

void problem_free(problem *p)
{
    if (!p)
        return;
    for (int l = 0; p->w && p->b && l < p->network->layers; l++) {
        free(p->w[l]);
        free(p->b[l]);
    }
    free(p->w);
    free(p->b);
    free(p->x);
    free(p->target);
    free(p->labels);
    free(p);
}
