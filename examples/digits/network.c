#include "network.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

network make_network(wg_tape *t, const options *o, int64_t inputs)
{
    network n = {.o = o, .layers = o->hidden.count + 1};
    wg_seed(t, o->seed);
    for (int l = 0; l < n.layers; l++) {
        int64_t outputs = l < o->hidden.count ? o->hidden.of[l] : CLASSES;
        char name[8];
        snprintf(name, sizeof name, "W%d", l + 1);
        n.w[l] = wg_param(t, name, WG_SHAPE(inputs, outputs),
                          wg_init_normal(0, 1 / sqrt((double)inputs)));
        snprintf(name, sizeof name, "b%d", l + 1);
        n.b[l] = wg_param(t, name, WG_SHAPE(outputs), wg_init_zeros());
        inputs = outputs;
    }
    return n;
}

static wg_tensor *activate(const options *o, wg_tensor *z)
{
    return o->activation == RELU ? wg_relu(z) : o->activation == TANH ? wg_tanh(z) : wg_sigmoid(z);
}

wg_tensor *network_says(const network *n, wg_tensor *x)
{
    for (int l = 0; l < n->layers; l++) {
        wg_tensor *z = wg_add(wg_matmul(x, n->w[l]), n->b[l]);
        if (l + 1 < n->layers)
            x = activate(n->o, z);
        else
            x = n->o->loss == MSE ? wg_sigmoid(z) : z;
    }
    return x;
}

/* M. Nielsen, "Neural networks and deep learning", eq. 6: C = 1/(2n) sum over examples and outputs
 * of (y - a)^2; or the mean over the batch of -log softmax at the label. */
wg_tensor *network_cost(const network *n, wg_tensor *x, wg_tensor *labels)
{
    wg_tensor *a = network_says(n, x);
    if (n->o->loss == CROSS_ENTROPY)
        return wg_label(wg_cross_entropy(a, labels), "C");
    double examples = (double)wg_count_of(labels);
    wg_tensor *squares = wg_mse_as(a, wg_one_hot(labels, CLASSES), WG_SUM);
    return wg_label(wg_mul_scalar(squares, 1 / (2 * examples)), "C");
}

wg_tensor *bind_images(wg_tape *t, const char *name, const set *s)
{
    wg_tensor *x = wg_input(t, name, WG_SHAPE(s->count, s->rows * s->columns));
    wg_bind(x, s->x);
    return x;
}

wg_tensor *bind_labels(wg_tape *t, const char *name, const set *s)
{
    wg_tensor *labels = wg_input_as(t, name, WG_I32, WG_SHAPE(s->count));
    wg_bind(labels, s->labels);
    return labels;
}

step make_step(const network *n, wg_tensor *images, wg_tensor *labels, int64_t batch)
{
    step s = {.batch = batch, .outputs = 1 + 2 * n->layers};
    char name[32];
    snprintf(name, sizeof name, "batch of %lld", (long long)batch);
    s.chosen = wg_input_as(wg_tape_of(images), name, WG_I32, WG_SHAPE(batch));
    wg_tensor *x = wg_label(wg_take(images, s.chosen, 0), "x");
    wg_tensor *cost = network_cost(n, x, wg_take(labels, s.chosen, 0));

    wg_tensor *param[2 * MAX_LAYERS], *slope[2 * MAX_LAYERS];
    for (int l = 0; l < n->layers; l++) {
        param[2 * l] = n->w[l];
        param[2 * l + 1] = n->b[l];
    }
    wg_grad(cost, 2 * n->layers, param, slope);
    s.output[0] = cost;
    for (int i = 0; i < 2 * n->layers; i++)
        s.output[1 + i] =
            wg_assign(param[i], wg_sub(param[i], wg_mul_scalar(slope[i], n->o->rate)));
    s.program =
        wg_compile_with(s.outputs, s.output, &(wg_compile_options){.threads = (int)n->o->threads});
    return s;
}

/* ---- checking ---- */

typedef struct sample {
    const options *o;
    const set *s;
} sample;

enum { SAMPLE = 5 };

/* The same functions that training uses, on the checker's own tape. */
static wg_tensor *model(wg_tape *t, void *user)
{
    const sample *m = user;
    int64_t n = m->s->count < SAMPLE ? m->s->count : SAMPLE, inputs = m->s->rows * m->s->columns;
    network net = make_network(t, m->o, inputs);
    wg_tensor *labels = wg_constant_as(t, WG_I32, WG_SHAPE(n), m->s->labels);
    double *x = malloc((size_t)(n * inputs) * sizeof *x);
    if (!x)
        return NULL;
    for (int64_t i = 0; i < n * inputs; i++)
        x[i] = m->s->x[i];
    wg_tensor *cost = network_cost(&net, wg_constant(t, WG_SHAPE(n, inputs), x), labels);
    free(x);
    return cost;
}

bool check_gradients(const options *o, const set *s)
{
    sample m = {o, s};
    wg_check_report r = {.passed = false};
    wg_status status =
        wg_check_grad(model, &m, &(wg_check_options){.seed = o->seed, .max_elements = 100}, &r);
    if (status) {
        fprintf(stderr, "digits: gradients in f64: %s\n", r.text);
        return false;
    }
    printf("gradients in f64: %s\n", r.text);
    return true;
}
