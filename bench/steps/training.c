#include "training.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

bool make_leaves(wg_tape *t, const problem *p, leaves *l)
{
    const network *n = p->network;
    *l = (leaves){.network = n};
    l->param = calloc((size_t)(2 * n->layers), sizeof *l->param);
    if (!l->param)
        return false;
    const int64_t outputs = width_of(n, n->layers);
    l->x = wg_input(t, "x", WG_SHAPE(n->batch, width_of(n, 0)));
    bool set = !wg_set_f32(l->x, p->x);
    if (p->target) {
        l->target = wg_input(t, "target", WG_SHAPE(n->batch, outputs));
        set = set && !wg_set_f32(l->target, p->target);
    } else {
        l->target = wg_input_as(t, "labels", WG_I32, WG_SHAPE(n->batch));
        set = set && !wg_set_i32(l->target, p->labels);
    }
    for (int i = 0; i < n->layers; i++) {
        char name[16];
        snprintf(name, sizeof name, "W%d", i + 1);
        l->param[2 * i] =
            wg_param(t, name, WG_SHAPE(width_of(n, i), width_of(n, i + 1)), wg_init_zeros());
        set = set && !wg_set_f32(l->param[2 * i], p->w[i]);
        snprintf(name, sizeof name, "b%d", i + 1);
        l->param[2 * i + 1] = wg_param(t, name, WG_SHAPE(width_of(n, i + 1)), wg_init_zeros());
        set = set && !wg_set_f32(l->param[2 * i + 1], p->b[i]);
    }
    return set;
}

void free_leaves(leaves *l)
{
    free(l->param);
}

static wg_tensor *activate(activation a, wg_tensor *z)
{
    return a == SIGMOID ? wg_sigmoid(z) : a == TANH ? wg_tanh(z) : wg_relu(z);
}

void record_step(const leaves *l, wg_tensor **output)
{
    const network *n = l->network;
    const int params = 2 * n->layers;
    wg_tensor *y = l->x;
    for (int i = 0; i < n->layers; i++) {
        y = wg_add(wg_matmul(y, l->param[2 * i]), l->param[2 * i + 1]);
        if (n->loss == MSE || i + 1 < n->layers)
            y = activate(n->activation, y);
    }
    wg_tensor **slope = output + 1, *goal;
    const double rate = (double)n->rate;
    output[0] = n->loss == MSE ? wg_mse(y, l->target) : wg_cross_entropy(y, l->target);
    goal = l->rate_last ? output[0] : wg_mul_scalar(output[0], rate);
    wg_grad(goal, params, l->param, slope);
    for (int i = 0; i < params; i++) {
        wg_tensor *by = l->rate_last ? wg_mul_scalar(slope[i], rate) : slope[i];
        output[1 + i] = wg_assign(l->param[i], wg_sub(l->param[i], by));
    }
}

static training new_training(const problem *p, const wg_compile_options *options, bool rate_last)
{
    training t = {.tape = wg_tape_new(WG_F32)};
    leaves l;
    const int outputs = 1 + 2 * p->network->layers;
    wg_tensor **output = malloc((size_t)outputs * sizeof *output);
    if (make_leaves(t.tape, p, &l) && output) {
        l.rate_last = rate_last;
        record_step(&l, output);
        t.program = wg_compile_with(outputs, output, options);
    }
    free(output);
    free_leaves(&l);
    return t;
}

training training_new(const problem *p, const wg_compile_options *options)
{
    return new_training(p, options, false);
}

training training_new_rate_last(const problem *p)
{
    return new_training(p, NULL, true);
}

float training_step(training *t)
{
    return wg_run(t->program) ? NAN : *(const float *)wg_output(t->program, 0);
}

void training_steps(void *a_training, long times)
{
    for (long i = 0; i < times; i++)
        training_step(a_training);
}

void training_free(training *t)
{
    wg_program_free(t->program);
    wg_tape_free(t->tape);
}
