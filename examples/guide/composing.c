/* A model of one's own, composed: layers, a loss, an optimizer, a training step that is one
 * program; then the same parameters used with another batch.
 * The network learns sin x on [-pi, pi]. */
#include <math.h>
#include <stdio.h>
#include <wengert.h>

enum { INPUTS = 1, HIDDEN = 16, BATCH = 64, STEPS = 2000 };
static const double PI = 3.14159265358979323846;

/* ---- a layer makes its parameters once ... ---- */

typedef struct dense {
    wg_tensor *W, *b;
} dense;

static dense dense_new(wg_tape *t, const char *name, int64_t inputs, int64_t outputs)
{
    char W[40], b[40];
    snprintf(W, sizeof W, "%s/W", name);
    snprintf(b, sizeof b, "%s/b", name);
    return (dense){wg_param(t, W, WG_SHAPE(inputs, outputs), wg_init_glorot()),
                   wg_param(t, b, WG_SHAPE(outputs), wg_init_zeros())};
}

/* ... and is applied as often as wanted. */
static wg_tensor *dense_apply(dense l, wg_tensor *x)
{
    return wg_add(wg_matmul(x, l.W), l.b);
}

typedef struct model {
    dense first, second;
} model;

static wg_tensor *forward(const model *m, wg_tensor *x)
{
    return dense_apply(m->second, wg_tanh(dense_apply(m->first, x)));
}

/* ---- an optimizer is a composition that ends in assignments: Adam (Kingma and Ba 2015) ---- */

static wg_tensor *zeros_beside(wg_tape *t, wg_tensor *w, const char *what)
{
    char name[60];
    snprintf(name, sizeof name, "%s/%s", wg_name(w), what);
    return wg_param(t, name, wg_shape_of(w), wg_init_zeros());
}

/* out[0..2]: the assignments to w and to its two moments.  n is the number of the step, from 1. */
static void adam(wg_tape *t, wg_tensor *w, wg_tensor *g, wg_tensor *n, double rate, wg_tensor **out)
{
    wg_tensor *m = zeros_beside(t, w, "m"), *v = zeros_beside(t, w, "v");
    wg_tensor *m1 = wg_add(wg_mul_scalar(m, 0.9), wg_mul_scalar(g, 0.1));
    wg_tensor *v1 = wg_add(wg_mul_scalar(v, 0.999), wg_mul_scalar(wg_square(g), 0.001));
    wg_tensor *mhat = wg_div(m1, wg_rsub(wg_pow(wg_scalar(t, 0.9), n), 1));
    wg_tensor *vhat = wg_div(v1, wg_rsub(wg_pow(wg_scalar(t, 0.999), n), 1));
    wg_tensor *step = wg_mul_scalar(wg_div(mhat, wg_add_scalar(wg_sqrt(vhat), 1e-8)), rate);
    out[0] = wg_assign(w, wg_sub(w, step));
    out[1] = wg_assign(m, m1);
    out[2] = wg_assign(v, v1);
}

int main(void)
{
    wg_tape *t = wg_tape_new(WG_F64);
    wg_seed(t, 1);
    model m = {dense_new(t, "first", INPUTS, HIDDEN), dense_new(t, "second", HIDDEN, 1)};

    /* The training step: new numbers in each run, the loss, its gradient, the updates. */
    wg_tensor *x = wg_uniform(t, WG_SHAPE(BATCH, INPUTS), -PI, PI);
    wg_tensor *loss = wg_mse(forward(&m, x), wg_sin(x));
    wg_tensor *w[] = {m.first.W, m.first.b, m.second.W, m.second.b}, *g[4], *out[14];
    wg_grad(loss, 4, w, g);
    wg_tensor *n = wg_param(t, "steps", WG_SHAPE(), wg_init_constant(0)),
              *next = wg_add_scalar(n, 1);
    out[0] = loss;
    out[1] = wg_assign(n, next);
    for (int i = 0; i < 4; i++)
        adam(t, w[i], g[i], next, 0.01, &out[2 + 3 * i]);

    wg_program *p = wg_compile(14, out);
    wg_program_stats s = wg_stats(p);
    printf("one step: %d nodes, %d instructions\n", (int)s.nodes, (int)s.instructions);
    for (int k = 1; k <= STEPS; k++) {
        wg_run(p);
        if (k == 1 || k == 10 || k == 100 || k == 1000 || k == STEPS)
            printf("step %4d  loss %.2e\n", k, *(const double *)wg_output(p, 0));
    }
    wg_program_free(p);

    /* The same layers, applied to seven points of our own. */
    wg_tensor *points = wg_reshape(wg_linspace(t, -3, 3, 7), WG_SHAPE(7, 1)),
              *y = forward(&m, points);
    double at[7], learned[7];
    wg_get_f64(points, at);
    wg_get_f64(y, learned);
    puts("     x   sin x  learned");
    for (int i = 0; i < 7; i++)
        printf("%6.2f  %6.2f  %7.2f\n", at[i], sin(at[i]), learned[i]);
    if (wg_error(t))
        printf("%s\n", wg_error(t));
    wg_tape_free(t);
}
