#include "../reference/elementwise.h"
#include "../steps/memory.h"

#include <math.h>
#include <stdlib.h>
#include <wengert.h>

#include "parts.h"

/* A program of the library and a loop written by hand, on memory of their own. */
typedef struct work {
    int64_t n, rows; /* elements; rows where they matter */
    wg_tape *tape;
    wg_program *program;
    map_loop *loop;
    float *block, *v[4]; /* of the loop */
} work;

/* With arrays apart by no multiple of 4096 bytes: a load that agrees in the lowest 12 bits of its
 * address with a store before it has to wait. */
static work make_work(int64_t n)
{
    enum { PAGE = 1024, APART = 208 }; /* in floats */
    work w = {.n = n, .tape = wg_tape_new(WG_F32)};
    const int64_t stride = (n + PAGE - 1) / PAGE * PAGE + APART;
    w.block = floats_new(4 * stride, NULL);
    for (int i = 0; w.block && i < 4; i++)
        w.v[i] = w.block + i * stride;
    return w;
}

static void run_program(void *state, long times)
{
    work *w = state;
    for (long i = 0; i < times; i++)
        wg_run(w->program);
}

static void run_map(void *state, long times)
{
    work *w = state;
    for (long i = 0; i < times; i++)
        w->loop(w->n, w->v[0], w->v[1], w->v[2]);
}

static const adam settings = {.rate = 1e-3f, .beta1 = 0.9f, .beta2 = 0.999f, .epsilon = 1e-8f};

static void run_adam(void *state, long times)
{
    work *w = state;
    for (long i = 0; i < times; i++)
        adam_loop(w->n, settings, w->v[0], w->v[1], w->v[2], w->v[3]);
}

static void run_softmax(void *state, long times)
{
    work *w = state;
    for (long i = 0; i < times; i++)
        softmax_loop(w->rows, w->n / w->rows, w->v[0], w->v[1]);
}

/* An input of n numbers in [low, high], and the same in v[i]. */
static wg_tensor *numbers(work *w, int i, const char *name, wg_shape shape, float low, float high)
{
    float *v = w->v[i];
    if (!v)
        return NULL;
    for (int64_t k = 0; k < w->n; k++)
        v[k] = low + (high - low) * (float)(k * 7919 % 10007) / 10007;
    wg_tensor *x = wg_input(w->tape, name, shape);
    wg_set_f32(x, v);
    return x;
}

static void compare_and_free(report *r, const char *name, work *w, void (*reference)(void *, long))
{
    if (w->program && w->block) {
        const comparison c =
            compare((side){run_program, w, NULL}, (side){reference, w, NULL}, r->budget, seconds);
        tell_times(r, name, c, "ns/element", 1e9 / (double)w->n);
    } else {
        tell_failure(r, name, wg_error(w->tape));
    }
    free(w->block);
    wg_program_free(w->program);
    wg_tape_free(w->tape);
}

/* ---- single kernels ---- */

typedef struct kernel {
    const char *name;
    map_loop *loop;
    wg_tensor *(*unary)(wg_tensor *), *(*binary)(wg_tensor *, wg_tensor *);
    float low, high;
} kernel;

static const kernel kernels[] = {
    {"exp", exp_loop, wg_exp, NULL, -10, 10},
    {"log", log_loop, wg_log, NULL, 0.01f, 100},
    {"tanh", tanh_loop, wg_tanh, NULL, -5, 5},
    {"sigmoid", sigmoid_loop, wg_sigmoid, NULL, -10, 10},
    {"softplus", softplus_loop, wg_softplus, NULL, -10, 10},
    {"erf", erf_loop, wg_erf, NULL, -3, 3},
    {"sin", sin_loop, wg_sin, NULL, -10, 10},
    {"cos", cos_loop, wg_cos, NULL, -10, 10},
    {"add", add_loop, NULL, wg_add, -1, 1},
    {"mul", mul_loop, NULL, wg_mul, -1, 1},
    {"relu", relu_loop, wg_relu, NULL, -1, 1},
};

/* Elements that the first cache holds, the second, and neither. */
static const struct {
    const char *suffix;
    int64_t n;
} sizes[] = {{"", 2048}, {"/L2", 50000}, {"/memory", 10000000}};

static void bench_kernel(report *r, const kernel *k, const char *name, int64_t n)
{
    work w = make_work(n);
    w.loop = k->loop;
    wg_tensor *a = numbers(&w, 0, "a", WG_SHAPE(n), k->low, k->high), *b = NULL;
    if (k->binary)
        b = numbers(&w, 1, "b", WG_SHAPE(n), k->low, k->high);
    wg_tensor *y = k->binary ? k->binary(a, b) : k->unary(a);
    w.program = wg_compile(1, &y);
    compare_and_free(r, name, &w, run_map);
}

/* ---- chains ---- */

/* The adjoint g of y = sigmoid x, brought to x: g y (1 - y). */
static void bench_sigmoid_backward(report *r, const char *name, int64_t n)
{
    work w = make_work(n);
    w.loop = sigmoid_backward_loop;
    wg_tensor *g = numbers(&w, 0, "g", WG_SHAPE(n), -1, 1);
    wg_tensor *y = numbers(&w, 1, "y", WG_SHAPE(n), 0, 1);
    wg_tensor *gx = wg_mul(g, wg_mul(y, wg_rsub(y, 1)));
    w.program = wg_compile(1, &gx);
    compare_and_free(r, name, &w, run_map);
}

static void bench_adam(report *r, const char *name, int64_t n)
{
    work w = make_work(n);
    wg_tensor *g = numbers(&w, 0, "g", WG_SHAPE(n), -1, 1);
    wg_tensor *m = wg_param(w.tape, "m", WG_SHAPE(n), wg_init_zeros());
    wg_tensor *v = wg_param(w.tape, "v", WG_SHAPE(n), wg_init_zeros());
    wg_tensor *p = wg_param(w.tape, "p", WG_SHAPE(n), wg_init_zeros());
    const double b1 = settings.beta1, b2 = settings.beta2;
    wg_tensor *new_m = wg_add(wg_mul_scalar(m, b1), wg_mul_scalar(g, 1 - b1));
    wg_tensor *new_v = wg_add(wg_mul_scalar(v, b2), wg_mul_scalar(wg_square(g), 1 - b2));
    wg_tensor *step = wg_div(wg_mul_scalar(new_m, settings.rate),
                             wg_add_scalar(wg_sqrt(new_v), settings.epsilon));
    wg_tensor *outputs[] = {wg_assign(m, new_m), wg_assign(v, new_v),
                            wg_assign(p, wg_sub(p, step))};
    w.program = wg_compile(3, outputs);
    compare_and_free(r, name, &w, run_adam);
}

static void bench_softmax(report *r, const char *name, int64_t columns)
{
    work w = make_work(100000);
    w.rows = w.n / columns;
    wg_tensor *x = numbers(&w, 0, "x", WG_SHAPE(w.rows, columns), -5, 5);
    wg_tensor *y = wg_softmax(x, 1);
    w.program = wg_compile(1, &y);
    compare_and_free(r, name, &w, run_softmax);
}

/* A name, and whether it is asked for. */
static bool asked(report *r, char name[64], const char *what, const char *suffix)
{
    snprintf(name, 64, "elementwise/f32/%s%s", what, suffix);
    return wanted(r, name);
}

void bench_elementwise(report *r)
{
    char name[64];
    for (size_t i = 0; i < sizeof kernels / sizeof *kernels; i++)
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
            /* Memory bounds the simple ones alone. */
            if ((sizes[s].n < 1000000 || kernels[i].binary || kernels[i].unary == wg_relu)
                && asked(r, name, kernels[i].name, sizes[s].suffix))
                bench_kernel(r, &kernels[i], name, sizes[s].n);
    const int64_t lengths[] = {1000, 100000, 10000000};
    const char *const suffixes[] = {"/1e3", "/1e5", "/1e7"};
    for (int i = 0; i < 3; i++)
        if (asked(r, name, "sigmoid-backward", suffixes[i]))
            bench_sigmoid_backward(r, name, lengths[i]);
    for (int i = 0; i < 3; i++)
        if (asked(r, name, "adam", suffixes[i]))
            bench_adam(r, name, lengths[i]);
    if (asked(r, name, "softmax", "/10"))
        bench_softmax(r, name, 10);
    if (asked(r, name, "softmax", "/1000"))
        bench_softmax(r, name, 1000);
}
