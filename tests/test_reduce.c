/* Reductions, statistics, scans and sorting: values against loops in long double, what is
 * documented of ties, empty extents, NaN and degrees of freedom, derivatives against closed forms
 * and differences.  labels: valgrind */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <wengert.h>

#include "support/near.h"

/* ---- values against loops ---- */

enum { MOST = 400 };

static double varied(int i)
{
    return sin(3.7 * i + 0.3) * (1 + i % 5);
}

/* The reduction of a list as a definition would have it. */
typedef long double definition(const double *v, int n);

static long double sum_of(const double *v, int n)
{
    long double s = 0;
    for (int i = 0; i < n; i++)
        s += v[i];
    return s;
}

static long double prod_of(const double *v, int n)
{
    long double s = 1;
    for (int i = 0; i < n; i++)
        s *= v[i];
    return s;
}

static long double max_of(const double *v, int n)
{
    double m = -INFINITY;
    for (int i = 0; i < n; i++)
        m = fmax(m, v[i]);
    return m;
}

static long double min_of(const double *v, int n)
{
    double m = INFINITY;
    for (int i = 0; i < n; i++)
        m = fmin(m, v[i]);
    return m;
}

static long double mean_of(const double *v, int n)
{
    return sum_of(v, n) / n;
}

static long double var_of(const double *v, int n)
{
    long double m = mean_of(v, n), s = 0;
    for (int i = 0; i < n; i++)
        s += (v[i] - m) * (v[i] - m);
    return s / (n - 1);
}

static long double std_of(const double *v, int n)
{
    return sqrtl(var_of(v, n));
}

static long double logsumexp_of(const double *v, int n)
{
    long double s = 0;
    for (int i = 0; i < n; i++)
        s += expl(v[i]);
    return logl(s);
}

static long double norm3_of(const double *v, int n)
{
    long double s = 0;
    for (int i = 0; i < n; i++)
        s += powl(fabsl((long double)v[i]), 3);
    return cbrtl(s);
}

static long double norm2_of(const double *v, int n)
{
    long double s = 0;
    for (int i = 0; i < n; i++)
        s += (long double)v[i] * v[i];
    return sqrtl(s);
}

static long double any_of(const double *v, int n)
{
    (void)v;
    return n > 0;
}

static wg_tensor *var1(wg_tensor *x, wg_axes a, bool k)
{
    return wg_var_axes(x, a, k, 1);
}

static wg_tensor *std1(wg_tensor *x, wg_axes a, bool k)
{
    return wg_std_axes(x, a, k, 1);
}

static wg_tensor *norm2(wg_tensor *x, wg_axes a, bool k)
{
    return wg_norm_axes(x, a, k, 2);
}

static wg_tensor *norm3(wg_tensor *x, wg_axes a, bool k)
{
    return wg_norm_axes(x, a, k, 3);
}

static const struct {
    const char *name;
    wg_tensor *(*make)(wg_tensor *, wg_axes, bool);
    definition *is;
} reductions[] = {
    {"sum", wg_sum_axes, sum_of},    {"prod", wg_prod_axes, prod_of}, {"max", wg_max_axes, max_of},
    {"min", wg_min_axes, min_of},    {"mean", wg_mean_axes, mean_of}, {"var", var1, var_of},
    {"std", std1, std_of},           {"norm2", norm2, norm2_of},      {"norm3", norm3, norm3_of},
    {"any", wg_any_axes, any_of},    {"all", wg_all_axes, any_of},
       {"logsumexp", wg_logsumexp_axes, logsumexp_of},
};

/* For each element of the result, the elements of x that go into it, in row-major order. */
static void by_definition(definition *is, const double *x, wg_shape s, const bool *in, double *y)
{
    int64_t count = wg_shape_count(s), results = 1;
    for (int64_t d = 0; d < s.rank; d++)
        results *= in[d] ? 1 : s.dim[d];
    for (int64_t r = 0; r < results; r++) {
        double v[MOST];
        int n = 0;
        for (int64_t i = 0; i < count; i++) {
            int64_t rest = i, at = 0, step = 1;
            for (int64_t d = s.rank - 1; d >= 0; d--) {
                if (!in[d]) {
                    at += rest % s.dim[d] * step;
                    step *= s.dim[d];
                }
                rest /= s.dim[d];
            }
            if (at == r)
                v[n++] = x[i];
        }
        y[r] = (double)is(v, n);
    }
}

static void values_are_the_definitions(void **state)
{
    (void)state;
    const wg_shape shapes[] = {WG_SHAPE(7), WG_SHAPE(40, 3), WG_SHAPE(3, 40), WG_SHAPE(2, 3, 4, 5),
                               WG_SHAPE(70, 2, 2)};
    double x[MOST], wants[MOST];
    for (int i = 0; i < MOST; i++)
        x[i] = varied(i);
    for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++)
        for (int mask = 1; mask < 1 << shapes[k].rank; mask++)
            for (size_t f = 0; f < sizeof reductions / sizeof *reductions; f++) {
                wg_tape *t = wg_tape_new(WG_F64);
                wg_axes axes = {0};
                bool in[WG_MAX_RANK] = {false};
                for (int64_t d = 0; d < shapes[k].rank; d++)
                    if (mask >> d & 1) {
                        in[d] = true;
                        axes.axis[axes.n++] = mask & 1 ? d : d - shapes[k].rank;
                    }
                wg_tensor *leaf = near_input(t, "x", shapes[k], x);
                wg_tensor *y = reductions[f].make(leaf, axes, false),
                          *kept = reductions[f].make(leaf, axes, true);
                by_definition(reductions[f].is, x, shapes[k], in, wants);
                near_values(y, (int)wg_count_of(y), wants, 1e-14);
                near_values(kept, (int)wg_count_of(y), wants, 1e-14);
                assert_int_equal(wg_shape_of(y).rank, shapes[k].rank - axes.n);
                for (int64_t d = 0; d < shapes[k].rank; d++)
                    assert_int_equal(wg_shape_of(kept).dim[d], in[d] ? 1 : shapes[k].dim[d]);
                wg_tape_free(t);
            }
}

/* Through strides: a transposed and a stretched operand give what a copy of them gives,
 * bit for bit. */
static void strides_do_not_show(void **state)
{
    (void)state;
    enum { M = 37, N = 50 };
    static float x[M * N], turned[N * M], y[M + N], z[M + N];
    for (int i = 0; i < M; i++)
        for (int j = 0; j < N; j++)
            x[i * N + j] = turned[j * M + i] = (float)varied(i * N + j);
    wg_tape *t = wg_tape_new(WG_F32);
    wg_tensor *a = wg_input(t, "a", WG_SHAPE(M, N)), *b = wg_input(t, "b", WG_SHAPE(N, M)),
              *c = wg_input(t, "c", WG_SHAPE(N, 1));
    wg_set_f32(a, x);
    wg_set_f32(b, turned);
    for (int axis = 0; axis < 2; axis++) {
        assert_int_equal(wg_get_f32(wg_sum_axes(wg_transpose(a), WG_AXES(axis), false), y), WG_OK);
        assert_int_equal(wg_get_f32(wg_sum_axes(b, WG_AXES(axis), false), z), WG_OK);
        for (int i = 0; i < (axis ? N : M); i++)
            assert_true(fabsf(y[i] - z[i]) < 1e-4f);
    }
    wg_set_f32(c, x);
    wg_get_f32(wg_sum_axes(wg_broadcast_to(c, WG_SHAPE(N, 4)), WG_AXES(1), false), y);
    for (int i = 0; i < N; i++)
        assert_true(y[i] == 4 * x[i]);
    wg_get_f32(wg_sum_axes(wg_flip(a, WG_AXES(0, 1)), WG_AXES(1), false), y);
    wg_get_f32(wg_flip(wg_sum_axes(wg_flip(a, WG_AXES(1)), WG_AXES(1), false), WG_AXES(0)), z);
    assert_memory_equal(y, z, M * sizeof *y);
    wg_tape_free(t);
}

static void a_million_floats_along_any_axis(void **state)
{
    (void)state;
    enum { N = 1 << 20 };
    float *v = malloc(N * sizeof *v), y[2];
    long double whole = 0, even = 0;
    for (int i = 0; i < N; i++) {
        v[i] = 0.1f + (float)(i % 7) * 0.01f;
        whole += v[i];
        even += i % 2 ? 0 : v[i];
    }
    wg_tape *t = wg_tape_new(WG_F32);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(N)), *z = wg_reshape(x, WG_SHAPE(N / 2, 2));
    wg_bind(x, v);
    wg_get_f32(wg_sum(x), y);
    assert_true(fabsl(y[0] - whole) / whole < 3e-7L);
    wg_get_f32(wg_mean(x), y);
    assert_true(fabsl(y[0] - whole / N) / (whole / N) < 3e-7L);
    wg_get_f32(wg_sum_axes(z, WG_AXES(0), false), y);
    assert_true(fabsl(y[0] - even) / even < 3e-6L);
    wg_tape_free(t);
    free(v);
}

/* ---- documented values ---- */

static void empty_extents(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(0, 3)), *none = wg_input(t, "none", WG_SHAPE(0));
    wg_set_f64(x, (double[]){0});
    wg_set_f64(none, (double[]){0});
    near_item(wg_sum(x), 0, 0);
    near_item(wg_prod(x), 1, 0);
    near_item(wg_mean(x), NAN, 0);
    near_item(wg_logsumexp(x), -INFINITY, 0);
    near_item(wg_any(x), 0, 0);
    near_item(wg_all(x), 1, 0);
    near_item(wg_norm(x, 2), 0, 0);
    near_item(wg_norm(x, 0), 0, 0);
    near_item(wg_var(x, 1), NAN, 0);
    near_values(wg_sum_axes(x, WG_AXES(0), false), NEAR_LIST(0, 0, 0), 0);
    near_values(wg_logsumexp_axes(x, WG_AXES(0), true), NEAR_LIST(-INFINITY, -INFINITY, -INFINITY),
                0);
    assert_int_equal(wg_count_of(wg_max_axes(x, WG_AXES(1), false)), 0);
    assert_int_equal(wg_count_of(wg_argmax(x, 1, false)), 0);
    assert_int_equal(wg_count_of(wg_norm_axes(x, WG_AXES(1), true, INFINITY)), 0);
    assert_null(wg_error(t));
    near_refused(t, wg_max(x), "max: wants at least one element to reduce, got \"x\" [0, 3]");
    near_refused(t, wg_min_axes(x, WG_AXES(0), true),
                 "min: wants at least one element to reduce, got \"x\" [0, 3]");
    near_refused(t, wg_norm(x, INFINITY),
                 "norm: wants at least one element for the largest, got \"x\" [0, 3]");
    near_refused(t, wg_argmax(none, 0, false),
                 "argmax: wants at least one element along the axis, got \"none\" [0]");
    near_refused(t, wg_argmin(x, 0, false),
                 "argmin: wants at least one element along the axis, got \"x\" [0, 3]");
    near_grad(wg_sum(x), x, 0, NULL, 0);
    near_grad(wg_prod(x), x, 0, NULL, 0);
    near_grad(wg_logsumexp(x), x, 0, NULL, 0);
    near_grad(wg_cumprod(x, 0), x, 0, NULL, 0);
    near_grad(wg_cumsum(x, 0), x, 0, NULL, 0);
    wg_tape_free(t);
}

static void a_scalar_and_no_axes(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *s = near_input(t, "s", WG_SHAPE(), (double[]){-3});
    wg_tensor *x = near_input(t, "x", WG_SHAPE(2, 2), (double[]){1, -2, 0, 4});
    near_item(wg_sum(s), -3, 0);
    near_item(wg_prod(s), -3, 0);
    near_item(wg_max(s), -3, 0);
    near_item(wg_logsumexp(s), -3, 1e-15);
    near_item(wg_norm(s, 3), 3, 1e-15);
    near_item(wg_any(s), 1, 0);
    near_grad(wg_prod(s), s, NEAR_LIST(1), 0);
    near_grad(wg_max(s), s, NEAR_LIST(1), 0);
    near_values(wg_sum_axes(x, WG_AXES(), false), NEAR_LIST(1, -2, 0, 4), 0);
    near_values(wg_max_axes(x, WG_AXES(), true), NEAR_LIST(1, -2, 0, 4), 0);
    near_values(wg_any_axes(x, WG_AXES(), false), NEAR_LIST(1, 1, 0, 1), 0);
    near_values(wg_mean_axes(x, WG_AXES(), false), NEAR_LIST(1, -2, 0, 4), 0);
    near_values(wg_logsumexp_axes(x, WG_AXES(), false), NEAR_LIST(1, -2, 0, 4), 1e-15);
    near_values(wg_var_axes(x, WG_AXES(), false, 0), NEAR_LIST(0, 0, 0, 0), 0);
    near_grad(wg_prod_axes(x, WG_AXES(), false), x, NEAR_LIST(1, 1, 1, 1), 0);
    near_grad(wg_sum_axes(x, WG_AXES(), false), x, NEAR_LIST(1, 1, 1, 1), 0);
    wg_tape_free(t);
}

static void axes_are_checked(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(3, 4)), *i = wg_input_as(t, "i", WG_I32, WG_SHAPE(3));
    near_refused(t, wg_sum_axes(x, WG_AXES(2), false),
                 "sum: wants distinct axes within the rank, not [2], got \"x\" [3, 4]");
    near_refused(t, wg_max_axes(x, WG_AXES(1, -1), true),
                 "max: wants distinct axes within the rank, not [1, -1], got \"x\" [3, 4]");
    near_refused(t, wg_std_axes(x, WG_AXES(-3), true, 1),
                 "std: wants distinct axes within the rank, not [-3], got \"x\" [3, 4]");
    near_refused(t, wg_sum_axes(x, WG_AXES(0, 1, 2, 3, 4, 5, 6, 7, 8), false),
                 "sum: wants at most 8 axes, got \"x\" [3, 4]");
    near_refused(t, wg_cumsum(x, 2), "cumsum: wants an axis from -2 to 1, not 2, got \"x\" [3, 4]");
    near_refused(t, wg_argsort(x, -3, false),
                 "argsort: wants an axis from -2 to 1, not -3, got \"x\" [3, 4]");
    near_refused(t, wg_sort(wg_sum(x), 0, false), "sort: wants an axis, got sum#2 []");
    near_refused(t, wg_norm(x, -1), "norm: wants p of 0 or more, not -1, got \"x\" [3, 4]");
    near_refused(t, wg_norm(x, NAN), "norm: wants p of 0 or more, not nan, got \"x\" [3, 4]");
    near_refused(t, wg_var(x, NAN), "var: wants a finite ddof, not nan, got \"x\" [3, 4]");
    near_refused(t, wg_topk(x, 5, 1, true, NULL),
                 "topk: wants k from 0 to 4, not 5, along axis 1, got \"x\" [3, 4]");
    near_refused(t, wg_mean(i), "mean: wants a floating tensor, got \"i\" i32 [3]");
    near_refused(t, wg_logsumexp(i), "logsumexp: wants a floating tensor, got \"i\" i32 [3]");
    near_refused(t, wg_linear_recurrence(x, i),
                 "linear_recurrence: wants [.., n] and [.., n] of one dtype, got \"x\" f64 [3, 4] "
                 "x \"i\" i32 [3]");
    assert_null(wg_sum(NULL));
    assert_null(wg_norm_axes(NULL, WG_AXES(0), false, 2));
    assert_null(wg_logsumexp(NULL));
    assert_null(wg_std(NULL, 1));
    assert_null(wg_cumprod(NULL, 0));
    assert_null(wg_linear_recurrence(NULL, NULL));
    assert_null(wg_sort(NULL, 0, false));
    wg_tensor *indices = x;
    assert_null(wg_topk(NULL, 1, 0, true, &indices));
    assert_null(indices);
    assert_null(wg_error(t));
    wg_tape_free(t);
}

static void nan_and_infinity(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x =
        near_input(t, "x", WG_SHAPE(2, 3), (double[]){1, NAN, 5, -INFINITY, 2, INFINITY});
    near_values(wg_max_axes(x, WG_AXES(1), false), NEAR_LIST(NAN, INFINITY), 0);
    near_values(wg_min_axes(x, WG_AXES(1), false), NEAR_LIST(NAN, -INFINITY), 0);
    near_values(wg_max_axes(x, WG_AXES(0), false), NEAR_LIST(1, NAN, INFINITY), 0);
    near_values(wg_sum_axes(x, WG_AXES(1), false), NEAR_LIST(NAN, NAN), 0);
    near_values(wg_any_axes(x, WG_AXES(1), false), NEAR_LIST(1, 1), 0);
    near_values(wg_all_axes(x, WG_AXES(0), false), NEAR_LIST(1, 1, 1), 0);
    near_values(wg_argmax(x, 1, false), NEAR_LIST(1, 2), 0);
    near_values(wg_argmin(x, 1, false), NEAR_LIST(1, 0), 0);
    near_values(wg_argmax(x, 0, true), NEAR_LIST(0, 0, 1), 0);
    near_values(wg_argsort(x, 1, false), NEAR_LIST(0, 2, 1, 0, 1, 2), 0);
    near_values(wg_argsort(x, 1, true), NEAR_LIST(1, 2, 0, 2, 1, 0), 0);
    near_values(wg_sort(x, 1, true), NEAR_LIST(NAN, 5, 1, INFINITY, 2, -INFINITY), 0);
    wg_tape_free(t);
}

static void ties_share_the_adjoint(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = near_input(t, "x", WG_SHAPE(2, 4), (double[]){3, 1, 3, 3, -1, -1, 0, 2});
    const double third = 1.0 / 3;
    near_grad(wg_max_axes(x, WG_AXES(1), false), x, NEAR_LIST(third, 0, third, third, 0, 0, 0, 1),
              1e-15);
    near_grad(wg_min_axes(x, WG_AXES(1), true), x, NEAR_LIST(0, 1, 0, 0, 0.5, 0.5, 0, 0), 1e-15);
    near_grad(wg_max(x), x, NEAR_LIST(third, 0, third, third, 0, 0, 0, 0), 1e-15);
    near_grad(wg_norm(x, INFINITY), x, NEAR_LIST(third, 0, third, third, 0, 0, 0, 0), 1e-15);
    near_values(wg_argmax(x, -1, false), NEAR_LIST(0, 3), 0);
    near_values(wg_argmin(x, -1, false), NEAR_LIST(1, 0), 0);
    wg_tape_free(t);
}

static void degrees_of_freedom(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = near_input(t, "x", WG_SHAPE(4), (double[]){1, 2, 4, 9}),
              *one = near_input(t, "one", WG_SHAPE(1), (double[]){7});
    near_item(wg_var(x, 0), 9.5, 1e-15);
    near_item(wg_var(x, 1), 38.0 / 3, 1e-15);
    near_item(wg_var(x, 0.5), 38 / 3.5, 1e-15);
    near_item(wg_var(x, 4), INFINITY, 0);
    near_item(wg_var(x, 9), INFINITY, 0);
    near_item(wg_std(x, 4), INFINITY, 0);
    near_item(wg_var(one, 1), NAN, 0);
    near_item(wg_std(one, 1), NAN, 0);
    near_item(wg_std(one, 0), 0, 0);
    /* (x - mean) / (std (n - ddof)) */
    const double s = sqrt(38.0 / 3);
    near_grad(wg_std(x, 1), x, NEAR_LIST(-3 / s / 3, -2 / s / 3, 0, 5 / s / 3), 1e-14);
    wg_tensor *far = near_input(t, "far", WG_SHAPE(3), (double[]){1e9 + 1, 1e9 + 2, 1e9 + 3});
    near_item(wg_var(far, 1), 1, 1e-12);
    wg_tape_free(t);
}

static void roots_at_zero_are_flat(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = near_input(t, "x", WG_SHAPE(3), (double[]){2, 2, 2}),
              *z = near_input(t, "z", WG_SHAPE(2), (double[]){0, 0});
    near_item(wg_std(x, 1), 0, 0);
    near_grad(wg_std(x, 1), x, NEAR_LIST(0, 0, 0), 0);
    const double ps[] = {0, 0.5, 1, 1.5, 2, 3, 4, INFINITY};
    for (size_t k = 0; k < sizeof ps / sizeof *ps; k++) {
        wg_tensor *y = wg_norm(z, ps[k]), *g, *h;
        near_item(y, 0, 0);
        assert_int_equal(wg_grad(y, 1, &z, &g), WG_OK);
        near_values(g, NEAR_LIST(0, 0), 0);
        assert_int_equal(wg_grad(wg_sum(g), 1, &z, &h), WG_OK);
        near_values(h, NEAR_LIST(0, 0), 0);
    }
    /* a zero among others */
    wg_tensor *v = near_input(t, "v", WG_SHAPE(3), (double[]){3, 0, -4});
    near_item(wg_norm(v, 2), 5, 1e-15);
    near_item(wg_norm(v, 1), 7, 1e-15);
    near_item(wg_norm(v, 0), 2, 0);
    near_item(wg_norm(v, INFINITY), 4, 0);
    near_item(wg_norm(v, 4), pow(337, 0.25), 1e-15);
    near_item(wg_norm(v, 0.5), pow(sqrt(3) + 2, 2), 1e-15);
    near_grad(wg_norm(v, 2), v, NEAR_LIST(0.6, 0, -0.8), 1e-15);
    near_grad(wg_norm(v, 1), v, NEAR_LIST(1, 0, -1), 0);
    near_grad(wg_norm(v, 0), v, NEAR_LIST(0, 0, 0), 0);
    near_grad(wg_norm(v, INFINITY), v, NEAR_LIST(0, 0, -1), 0);
    near_grad(wg_norm(v, 3), v, NEAR_LIST(9 / pow(91, 2.0 / 3), 0, -16 / pow(91, 2.0 / 3)), 1e-15);
    near_grad(wg_norm(v, 4), v, NEAR_LIST(27 / pow(337, 0.75), 0, -64 / pow(337, 0.75)), 1e-15);
    near_grad(wg_norm(v, 1.5), v,
              NEAR_LIST(sqrt(3) / cbrt(pow(3, 1.5) + 8), 0, -2 / cbrt(pow(3, 1.5) + 8)), 1e-14);
    near_grad(wg_norm(v, 0.5), v, NEAR_LIST((sqrt(3) + 2) / sqrt(3), 0, -(sqrt(3) + 2) / 2), 1e-14);
    wg_tape_free(t);
}

static void logsumexp_at_extremes(void **state)
{
    (void)state;
    const double inf = INFINITY;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = near_input(t, "x", WG_SHAPE(5, 2),
                              (double[]){1e4, 1e4, -1e4, -1e4, 1e4, -1e4, -inf, 3, -inf, -inf});
    wg_tensor *z = near_input(t, "z", WG_SHAPE(3), (double[]){inf, 3, -inf});
    const double ln2 = 0.693147180559945309417;
    near_values(wg_logsumexp_axes(x, WG_AXES(1), false),
                NEAR_LIST(1e4 + ln2, -1e4 + ln2, 1e4, 3, -inf), 1e-15);
    near_grad(wg_logsumexp_axes(x, WG_AXES(1), true), x,
              NEAR_LIST(0.5, 0.5, 0.5, 0.5, 1, 0, 0, 1, 0, 0), 1e-15);
    near_item(wg_logsumexp(z), inf, 0);
    wg_tape_free(t);
}

/* ---- products with zeros ---- */

static void prod_is_exact_with_zeros(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x =
        near_input(t, "x", WG_SHAPE(3, 4), (double[]){1, 2, 3, 4, 5, 0, 7, 8, 0, 2, 0, 3});
    near_values(wg_prod_axes(x, WG_AXES(1), false), NEAR_LIST(24, 0, 0), 0);
    near_grad(wg_prod_axes(x, WG_AXES(1), false), x,
              NEAR_LIST(24, 12, 8, 6, 0, 280, 0, 0, 0, 0, 0, 0), 0);
    near_grad(wg_prod_axes(x, WG_AXES(0), true), x,
              NEAR_LIST(0, 0, 0, 24, 0, 4, 0, 12, 5, 0, 21, 32), 0);
    /* second order: with two zeros, the derivative in both is the product of the others */
    wg_tensor *z = near_input(t, "z", WG_SHAPE(3), (double[]){0, 0, 5});
    near_values(wg_hessian(wg_prod(z), z), NEAR_LIST(0, 5, 0, 5, 0, 0, 0, 0, 0), 0);
    wg_tape_free(t);
}

static void scans(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = near_input(t, "x", WG_SHAPE(2, 3), (double[]){2, 0, 3, -1, 4, 5});
    near_values(wg_cumsum(x, 1), NEAR_LIST(2, 2, 5, -1, 3, 8), 0);
    near_values(wg_cumsum(x, -2), NEAR_LIST(2, 0, 3, 1, 4, 8), 0);
    near_values(wg_cumprod(x, 1), NEAR_LIST(2, 0, 0, -1, -4, -20), 0);
    near_values(wg_cumprod(x, 0), NEAR_LIST(2, 0, 3, -2, 0, 15), 0);
    near_grad(wg_cumsum(x, 1), x, NEAR_LIST(3, 2, 1, 3, 2, 1), 0);
    near_grad(wg_cumsum(x, 0), x, NEAR_LIST(2, 2, 2, 1, 1, 1), 0);
    near_grad(wg_cumprod(x, 1), x, NEAR_LIST(1, 8, 0, 25, -6, -4), 0);
    near_grad(wg_cumprod(x, 0), x, NEAR_LIST(0, 5, 6, 2, 0, 3), 0);
    wg_tensor *z = near_input(t, "z", WG_SHAPE(3), (double[]){0, 0, 5});
    near_values(wg_hessian(wg_sum(wg_cumprod(z, 0)), z), NEAR_LIST(0, 6, 0, 6, 0, 0, 0, 0, 0), 0);
    /* an infinite first factor is not used */
    wg_tensor *a = near_input(t, "a", WG_SHAPE(3), (double[]){INFINITY, 0.5, 0}),
              *b = near_input(t, "b", WG_SHAPE(3), (double[]){8, 1, 2});
    near_values(wg_linear_recurrence(a, b), NEAR_LIST(8, 5, 2), 0);
    near_grad(wg_linear_recurrence(a, b), a, NEAR_LIST(0, 8, 5), 0);
    near_grad(wg_linear_recurrence(a, b), b, NEAR_LIST(1.5, 1, 1), 0);
    wg_tape_free(t);
}

static void long_running_sums_in_f32(void **state)
{
    (void)state;
    enum { N = 1 << 18 };
    float *v = malloc(N * sizeof *v);
    for (int i = 0; i < N; i++)
        v[i] = 0.1f;
    wg_tape *t = wg_tape_new(WG_F32);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(N));
    wg_set_f32(x, v);
    assert_int_equal(wg_get_f32(wg_cumsum(x, 0), v), WG_OK);
    for (int i = 0; i < N; i += 1001)
        assert_true(fabs(v[i] - (i + 1) * (double)0.1f) <= 6.1e-8 * v[i]);
    wg_tape_free(t);
    free(v);
}

static void integers(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F32);
    wg_tensor *i = wg_input_as(t, "i", WG_I32, WG_SHAPE(2, 3)),
              *none = wg_input_as(t, "none", WG_I32, WG_SHAPE(0));
    wg_set_i32(i, (int32_t[]){INT32_MAX, 1, -5, 2, 0, 7});
    wg_set_i32(none, (int32_t[]){0});
    near_values(wg_sum_axes(i, WG_AXES(1), false), NEAR_LIST(INT32_MAX - 4.0, 9), 0);
    near_values(wg_sum_axes(i, WG_AXES(0), false), NEAR_LIST(INT32_MIN + 1.0, 1, 2), 0);
    near_values(wg_prod_axes(i, WG_AXES(0), false), NEAR_LIST(-2, 0, -35), 0);
    near_values(wg_max_axes(i, WG_AXES(1), false), NEAR_LIST(INT32_MAX, 7), 0);
    near_values(wg_min_axes(i, WG_AXES(0), false), NEAR_LIST(2, 0, -5), 0);
    near_values(wg_all_axes(i, WG_AXES(1), false), NEAR_LIST(1, 0), 0);
    near_values(wg_cumsum(i, 0), NEAR_LIST(INT32_MAX, 1, -5, INT32_MIN + 1.0, 1, 2), 0);
    near_values(wg_cumprod(i, 1), NEAR_LIST(INT32_MAX, INT32_MAX, INT32_MIN + 5.0, 2, 0, 0), 0);
    near_values(wg_sort(i, 1, false), NEAR_LIST(-5, 1, INT32_MAX, 0, 2, 7), 0);
    near_values(wg_argmax(i, 0, false), NEAR_LIST(0, 0, 1), 0);
    near_item(wg_sum(none), 0, 0);
    near_item(wg_all(none), 1, 0);
    assert_int_equal(wg_dtype_of(wg_sum(i)), WG_I32);
    wg_tape_free(t);
}

/* ---- order ---- */

static const double *keys;

static int by_key(const void *a, const void *b)
{
    int i = *(const int32_t *)a, j = *(const int32_t *)b;
    return keys[i] < keys[j] ? -1 : keys[i] > keys[j] ? 1 : i < j ? -1 : 1;
}

static void sorting_is_stable(void **state)
{
    (void)state;
    enum { N = 1000 };
    static double v[N], back[N];
    static int32_t wants[N], got[N];
    for (int i = 0; i < N; i++) {
        v[i] = (i * 7919 % 101) / 10.0 - 3; /* about ten of each */
        wants[i] = i;
    }
    for (int n = 1; n <= N; n = n < 40 ? n + 1 : n * 5 / 2) {
        wg_tape *t = wg_tape_new(WG_F64);
        wg_tensor *x = near_input(t, "x", WG_SHAPE(n), v);
        for (int i = 0; i < n; i++)
            wants[i] = i;
        keys = v;
        qsort(wants, (size_t)n, sizeof *wants, by_key);
        assert_int_equal(wg_get_i32(wg_argsort(x, 0, false), got), WG_OK);
        assert_memory_equal(got, wants, (size_t)n * sizeof *got);
        for (int i = 0; i < n; i++) {
            back[i] = -v[i];
            wants[i] = i;
        }
        keys = back;
        qsort(wants, (size_t)n, sizeof *wants, by_key);
        assert_int_equal(wg_get_i32(wg_argsort(x, 0, true), got), WG_OK);
        assert_memory_equal(got, wants, (size_t)n * sizeof *got);
        wg_tape_free(t);
    }
}

static void sort_and_topk(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = near_input(t, "x", WG_SHAPE(2, 4), (double[]){3, 1, 3, 2, -1, 5, 0, 5}),
              *indices;
    near_values(wg_sort(x, 1, false), NEAR_LIST(1, 2, 3, 3, -1, 0, 5, 5), 0);
    near_values(wg_sort(x, 0, true), NEAR_LIST(3, 5, 3, 5, -1, 1, 0, 2), 0);
    near_values(wg_topk(x, 2, -1, true, &indices), NEAR_LIST(3, 3, 5, 5), 0);
    near_values(indices, NEAR_LIST(0, 2, 1, 3), 0);
    near_values(wg_topk(x, 3, 1, false, &indices), NEAR_LIST(1, 2, 3, -1, 0, 5), 0);
    near_values(indices, NEAR_LIST(1, 3, 0, 0, 2, 1), 0);
    near_values(wg_topk(x, 1, 0, true, NULL), NEAR_LIST(3, 5, 3, 5), 0);
    assert_int_equal(wg_count_of(wg_topk(x, 0, 1, true, &indices)), 0);
    wg_tensor *w = near_input(t, "w", WG_SHAPE(4), (double[]){1, 10, 100, 1000});
    near_grad(wg_mul(wg_sort(x, 1, false), w), x, NEAR_LIST(100, 1, 1000, 10, 1, 100, 10, 1000), 0);
    near_grad(wg_topk(x, 2, 1, true, NULL), x, NEAR_LIST(1, 0, 1, 0, 0, 1, 0, 1), 0);
    near_grad(wg_cast(wg_argmax(x, 1, false), WG_F64), x, NEAR_LIST(0, 0, 0, 0, 0, 0, 0, 0), 0);
    wg_tape_free(t);
}

/* ---- derivatives against differences, to second order ---- */

static wg_tensor *data(wg_tape *t, wg_shape s)
{
    double v[MOST];
    for (int i = 0; i < MOST; i++)
        v[i] = varied(i + 11);
    return near_input(t, "x", s, v);
}

static wg_tensor *m_statistics(wg_tape *t, void *user)
{
    (void)user;
    wg_tensor *x = data(t, WG_SHAPE(3, 4));
    wg_tensor *parts[] = {
        wg_flatten(wg_mean_axes(x, WG_AXES(0), false)),
        wg_flatten(wg_var_axes(x, WG_AXES(1), true, 1)),
        wg_flatten(wg_std_axes(x, WG_AXES(0), true, 0.5)),
        wg_flatten(wg_std(x, 1)),
        wg_flatten(wg_logsumexp_axes(x, WG_AXES(1), false)),
        wg_flatten(wg_logsumexp(x)),
    };
    return wg_concat(6, parts, 0);
}

static wg_tensor *m_norms(wg_tape *t, void *user)
{
    (void)user;
    wg_tensor *x = data(t, WG_SHAPE(3, 4));
    wg_tensor *parts[] = {
        wg_norm_axes(x, WG_AXES(0), false, 1),        wg_norm_axes(x, WG_AXES(0), false, 2),
        wg_norm_axes(x, WG_AXES(0), false, 3),        wg_norm_axes(x, WG_AXES(0), false, 4),
        wg_norm_axes(x, WG_AXES(0), false, 1.5),      wg_norm_axes(x, WG_AXES(0), false, 0.5),
        wg_norm_axes(x, WG_AXES(0), false, INFINITY),
    };
    return wg_concat(7, parts, 0);
}

static wg_tensor *m_products(wg_tape *t, void *user)
{
    (void)user;
    double v[12];
    for (int i = 0; i < 12; i++)
        v[i] = i % 5 == 1 ? 0 : varied(i);
    wg_tensor *x = near_input(t, "x", WG_SHAPE(2, 3, 2), v);
    wg_tensor *parts[] = {wg_flatten(wg_prod_axes(x, WG_AXES(1), false)),
                          wg_flatten(wg_prod_axes(x, WG_AXES(0, 2), true)),
                          wg_flatten(wg_cumprod(x, 1)),
                          wg_flatten(wg_cumprod(x, -1)),
                          wg_flatten(wg_cumsum(x, 0)),
                          wg_flatten(wg_linear_recurrence(x, wg_square(x)))};
    return wg_concat(6, parts, 0);
}

static wg_tensor *m_extremes(wg_tape *t, void *user)
{
    (void)user;
    wg_tensor *x = data(t, WG_SHAPE(2, 3, 4)), *y = wg_square(x);
    wg_tensor *parts[] = {wg_flatten(wg_max_axes(y, WG_AXES(1), false)),
                          wg_flatten(wg_min_axes(y, WG_AXES(0, 2), true)),
                          wg_flatten(wg_sort(y, 1, true)),
                          wg_flatten(wg_topk(y, 2, -1, false, NULL))};
    return wg_concat(4, parts, 0);
}

static void derivatives_agree_with_differences(void **state)
{
    (void)state;
    near_check(m_statistics, NULL);
    near_check(m_norms, NULL);
    near_check(m_products, NULL);
    near_check(m_extremes, NULL);
}

/* A bias' step, w +- s sum over rows of x, in f32: each sum, its scaling and its addition is one
 * rounding, and s may come with the run. */
static void sums_are_added_in_place(void **state)
{
    (void)state;
    enum { ROWS = 70, COLUMNS = 300 };
    static float x[ROWS * COLUMNS], w[COLUMNS], y[COLUMNS];
    for (int i = 0; i < ROWS * COLUMNS; i++)
        x[i] = (float)varied(i);
    for (int i = 0; i < COLUMNS; i++)
        w[i] = (float)varied(3 * i + 1);
    for (int form = 0; form < 16; form++) {
        const bool taken = form & 1, scaled = form & 2, later = form & 4;
        const int rows = form & 8 ? ROWS : 8, columns = form % 3 ? COLUMNS : 37;
        const float s = scaled ? 0.3f : 1;
        wg_tape *t = wg_tape_new(WG_F32);
        wg_tensor *from = wg_input(t, "x", WG_SHAPE(rows, columns)),
                  *rate = wg_input(t, "s", WG_SHAPE());
        wg_tensor *to = wg_param(t, "w", WG_SHAPE(columns), wg_init_zeros()),
                  *sum = wg_sum_axes(from, WG_AXES(0), false);
        assert_int_equal(wg_set_f32(from, x), WG_OK);
        assert_int_equal(wg_set_f32(rate, &s), WG_OK);
        assert_int_equal(wg_set_f32(to, w), WG_OK);
        if (scaled)
            sum = later ? wg_mul(rate, sum) : wg_mul_scalar(sum, 0.3);
        wg_tensor *out = wg_assign(to, taken ? wg_sub(to, sum) : wg_add(sum, to));
        wg_program *p = wg_compile(1, &out);
        assert_non_null(p);
        assert_int_equal(wg_run(p), WG_OK);
        assert_int_equal(wg_get_f32(to, y), WG_OK);
        for (int j = 0; j < columns; j++) {
            float block[2] = {0}; /* of 64 rows, which are summed first */
            for (int i = 0; i < rows; i++)
                block[i / 64] = i % 64 ? block[i / 64] + x[i * columns + j] : x[i * columns + j];
            const float all = rows > 64 ? block[0] + block[1] : block[0], step = all * s;
            const float wants = taken ? w[j] - step : w[j] + step;
            assert_true(y[j] == wants);
        }
        wg_program_free(p);
        wg_tape_free(t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_the_definitions),
        cmocka_unit_test(strides_do_not_show),
        cmocka_unit_test(a_million_floats_along_any_axis),
        cmocka_unit_test(empty_extents),
        cmocka_unit_test(a_scalar_and_no_axes),
        cmocka_unit_test(axes_are_checked),
        cmocka_unit_test(nan_and_infinity),
        cmocka_unit_test(ties_share_the_adjoint),
        cmocka_unit_test(degrees_of_freedom),
        cmocka_unit_test(roots_at_zero_are_flat),
        cmocka_unit_test(logsumexp_at_extremes),
        cmocka_unit_test(prod_is_exact_with_zeros),
        cmocka_unit_test(scans),
        cmocka_unit_test(long_running_sums_in_f32),
        cmocka_unit_test(integers),
        cmocka_unit_test(sorting_is_stable),
        cmocka_unit_test(sort_and_topk),
        cmocka_unit_test(derivatives_agree_with_differences),
        cmocka_unit_test(sums_are_added_in_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
