#include "support/networks.h"

#include <stdio.h>
#include <stdlib.h>

const network_spec network_specs[NETWORKS] = {
    {"a", NET_SIGMOID_MSE, 4, {2, 2, 1}, 0},
    {"b", NET_SIGMOID_MSE, 10, {784, 30, 10}, 0},
    {"c", NET_RELU_ENTROPY, 64, {784, 128, 64, 10}, 0},
    {"d", NET_TANH_MSE, 128, {1024, 4096, 4096, 1024}, 0},
    {"e", NET_TANH_MSE, 8, {32}, 1000},
    {"deep", NET_TANH_MSE, 256, {256}, 200},
};

static int64_t layers_of(const network_spec *s)
{
    int64_t n = s->layers;
    while (!s->layers && n < 5 && s->width[n + 1])
        n++;
    return n;
}

static wg_tensor *activation(const network_spec *s, wg_tensor *z, bool last)
{
    if (s->kind == NET_SIGMOID_MSE)
        return wg_sigmoid(z);
    if (s->kind == NET_RELU_ENTROPY)
        return last ? z : wg_relu(z);
    return wg_tanh(z);
}

static void fill(wg_tensor *leaf)
{
    int64_t n = wg_count_of(leaf);
    double *v = malloc((size_t)n * sizeof *v);
    for (int64_t i = 0; i < n; i++)
        v[i] = (double)(i * 7919 % 1000) / 1000 - 0.5;
    wg_set_f64(leaf, v);
    free(v);
}

static void fill_labels(wg_tensor *leaf, int64_t classes)
{
    int32_t v[1024];
    for (int64_t i = 0; i < wg_count_of(leaf); i++)
        v[i] = (int32_t)(i * 7 % classes);
    wg_set_i32(leaf, v);
}

wg_tensor **network_record(wg_tape *t, const network_spec *s, int64_t every, int *outputs)
{
    int64_t n = layers_of(s), last = s->layers ? s->width[0] : s->width[n];
    int params = (int)(2 * n);
    wg_tensor **p = malloc((size_t)params * sizeof *p), **g = malloc((size_t)params * sizeof *g),
              **out = malloc((size_t)(params + 1) * sizeof *out);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(s->batch, s->width[0])), *h = x, *start = x;
    wg_tensor *y = s->kind == NET_RELU_ENTROPY ? wg_input_as(t, "y", WG_I32, WG_SHAPE(s->batch))
                                               : wg_input(t, "y", WG_SHAPE(s->batch, last));
    for (int64_t k = 0; k < n; k++) {
        int64_t m = s->layers ? s->width[0] : s->width[k],
                w = s->layers ? s->width[0] : s->width[k + 1];
        char name[24];
        snprintf(name, sizeof name, "W%d", (int)k);
        p[2 * k] = wg_param(t, name, WG_SHAPE(m, w), wg_init_glorot());
        snprintf(name, sizeof name, "b%d", (int)k);
        p[2 * k + 1] = wg_param(t, name, WG_SHAPE(w), wg_init_uniform(-0.1, 0.1));
        h = activation(s, wg_add(wg_matmul(h, p[2 * k]), p[2 * k + 1]), k + 1 == n);
        if (every && (k + 1) % every == 0)
            h = start = wg_checkpoint(h, 1, &start);
    }
    out[0] = s->kind == NET_RELU_ENTROPY ? wg_cross_entropy(h, y) : wg_mse(h, y);
    wg_grad(out[0], params, p, g);
    for (int k = 0; k < params; k++)
        out[1 + k] = wg_assign(p[k], wg_sub(p[k], wg_mul_scalar(g[k], 0.05)));
    fill(x);
    if (s->kind == NET_RELU_ENTROPY)
        fill_labels(y, last);
    else
        fill(y);
    free(p);
    free(g);
    *outputs = params + 1;
    return out;
}
