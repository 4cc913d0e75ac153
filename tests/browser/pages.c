/* Writes traces as pages, and beside each of them, as JSON, what it has to show: the nodes in the
 * order of the sweep with the adjoints that wg_grad gives.      pages FOLDER */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wengert.h>

static void fail(const char *what)
{
    fprintf(stderr, "pages: %s\n", what);
    exit(1);
}

static FILE *open_in(const char *folder, const char *name, const char *ending)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.%s", folder, name, ending);
    FILE *f = fopen(path, "w");
    if (!f)
        fail(path);
    return f;
}

/* A program with each derivative, by wg_grad one by one: the trace has one sweep for all. */
static void write_expected(wg_tensor *y, FILE *f)
{
    wg_tape *t = wg_tape_of(y);
    int64_t last = wg_index_of(y);
    bool first = true;
    fputs("[", f);
    for (int64_t i = last; i >= 0; i--) {
        wg_tensor *x = wg_node(t, i), *g;
        double v[64];
        if (wg_dtype_of(x) == WG_I32 || wg_leaf_kind_of(x) == WG_CONSTANT
            || (wg_leaf_kind_of(x) == WG_NOT_A_LEAF && !wg_inputs_of(x, NULL)))
            continue;
        if (wg_grad(y, 1, &x, &g) || wg_count_of(g) > 64 || wg_get_f64(g, v))
            fail(wg_error(t) ? wg_error(t) : "too large");
        fprintf(f, "%s\n{\"node\": %d, \"adjoint\": [", first ? "" : ",", (int)i);
        first = false;
        for (int64_t k = 0; k < wg_count_of(g); k++)
            fprintf(f, "%s\"%.5g\"", k ? ", " : "", v[k] + 0.0);
        fputs("]}", f);
    }
    fputs("\n]\n", f);
}

static void write_page(const char *folder, const char *name, wg_tensor *y)
{
    FILE *page = open_in(folder, name, "html"), *expected = open_in(folder, name, "json");
    if (!y || wg_trace_backward(y, &(wg_trace_options){.format = WG_TRACE_HTML}, page))
        fail(y ? wg_error(wg_tape_of(y)) : name);
    write_expected(y, expected);
    if (fclose(page) || fclose(expected))
        fail(name);
    wg_tape_free(wg_tape_of(y));
}

static wg_tensor *fed(wg_tape *t, const char *name, wg_shape shape, const double *v)
{
    wg_tensor *x = wg_input(t, name, shape);
    wg_set_f64(x, v);
    return x;
}

static wg_tensor *weight(wg_tape *t, const char *format, int i, int j, double v)
{
    char name[32];
    snprintf(name, sizeof name, format, i, j);
    return wg_param(t, name, WG_SHAPE(), wg_init_constant(v));
}

/* C = e^2 + e tanh a: two paths meet in e and in a. */
static wg_tensor *neuron(void)
{
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *w = weight(t, "w", 0, 0, 0.5), *b = weight(t, "b", 0, 0, -0.1);
    wg_tensor *x = fed(t, "x", WG_SHAPE(), (double[]){2}),
              *y = fed(t, "y", WG_SHAPE(), (double[]){1});
    wg_tensor *a = wg_label(wg_sigmoid(wg_label(wg_add(wg_mul(w, x), b), "z")), "a"),
              *e = wg_label(wg_sub(a, y), "e");
    return wg_label(wg_add(wg_square(e), wg_mul(e, wg_tanh(a))), "C");
}

/* 2-3-2-1, every weight a scalar. */
static wg_tensor *scalars(void)
{
    wg_tape *t = wg_tape_new(WG_F64);
    const int units[] = {2, 3, 2, 1};
    wg_tensor *a[3] = {fed(t, "x1", WG_SHAPE(), (double[]){0.6}),
                       fed(t, "x2", WG_SHAPE(), (double[]){-0.4})};
    double w = 0.3;
    for (int l = 1; l < 4; l++) {
        wg_tensor *next[3] = {NULL};
        for (int j = 0; j < units[l]; j++) {
            wg_tensor *z = weight(t, (const char *[]){"", "b1_%d", "b2_%d", "b3_%d"}[l], j + 1, 0,
                                  0.1 * (j + 1));
            for (int i = 0; i < units[l - 1]; i++) {
                w = -0.9 * w + 0.13;
                z = wg_add(wg_mul(weight(t, (const char *[]){"", "u%d%d", "v%d%d", "w%d%d"}[l],
                                         i + 1, j + 1, w),
                                  a[i]),
                           z);
            }
            next[j] = wg_sigmoid(z);
        }
        memcpy(a, next, sizeof a);
    }
    return wg_label(
        wg_mul_scalar(wg_square(wg_sub(a[0], fed(t, "y", WG_SHAPE(), (double[]){1}))), 0.5), "C");
}

/* The same as matrices, for three examples. */
static wg_tensor *matrices(void)
{
    wg_tape *t = wg_tape_new(WG_F32);
    const int64_t units[] = {2, 3, 2, 1};
    wg_tensor *a = fed(t, "x", WG_SHAPE(3, 2), (double[]){0.6, -0.4, 0, 1, -1, 0.3});
    for (int l = 1; l < 4; l++) {
        char w[8], b[8], h[8];
        snprintf(w, sizeof w, "W%d", l);
        snprintf(b, sizeof b, "b%d", l);
        snprintf(h, sizeof h, "h%d", l);
        wg_tensor *z =
            wg_matmul(a, wg_param(t, w, WG_SHAPE(units[l - 1], units[l]), wg_init_normal(0, 1)));
        a = wg_label(
            wg_sigmoid(wg_add(z, wg_param(t, b, WG_SHAPE(units[l]), wg_init_constant(0.1)))), h);
    }
    return wg_label(wg_mse(a, fed(t, "y", WG_SHAPE(3, 1), (double[]){1, 0, 1})), "C");
}

/* Names that a page could fall over. */
static wg_tensor *names(void)
{
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = weight(t, "</script><b>\"'&\\ \xC3\xA9\xFF", 0, 0, 2);
    return wg_label(wg_mul(wg_label(wg_exp(x), "<!--"), wg_label(wg_sin(x), "a\nb")), "cost <C>");
}

int main(int argc, char **argv)
{
    if (argc != 2)
        fail("wants a folder");
    write_page(argv[1], "neuron", neuron());
    write_page(argv[1], "scalars", scalars());
    write_page(argv[1], "matrices", matrices());
    write_page(argv[1], "names", names());
}
