/* Steps that reduce rows: softmax, log-sum-exp, layer norm, losses and what a user may compose
 * of the like, with their derivatives, give the bits of plain execution for every length and
 * number of rows, however many are gone over at once. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <wengert.h>

#include "support/plain.h"
#include "support/share_all.h"

enum { MOST_OUTPUTS = 8 };
static const unsigned PLAIN = ~(unsigned)WG_PASS_VIEWS;

/* Records outputs for rows of n elements, on the tape of x, [rows, n]. */
typedef struct recorded {
    int n;
    wg_tensor *out[MOST_OUTPUTS];
} recorded;
typedef void record(recorded *r, wg_tensor *x, int64_t rows, int64_t n);

static bool special; /* infinities, NaN and zeros of both signs among the numbers */

static wg_tensor *numbers(wg_tape *t, const char *name, wg_shape shape)
{
    static const double strange[] = {INFINITY, -INFINITY, NAN, 0, -0.0, 1e-40};
    uint64_t state = 7;
    wg_tensor *x = wg_param(t, name, shape, wg_init_zeros());
    const int64_t n = wg_count_of(x);
    double *v = malloc((size_t)n * sizeof *v);
    assert_non_null(v);
    for (int64_t i = 0; i < n; i++)
        v[i] = special && plain_random(&state, 20) == 0 ? strange[plain_random(&state, 6)]
                                                        : 4 * plain_uniform(&state);
    wg_set_f64(x, v);
    free(v);
    return x;
}

static wg_tensor *whole_numbers(wg_tape *t, const char *name, wg_shape shape, int64_t below)
{
    uint64_t state = 11;
    wg_tensor *x = wg_input_as(t, name, WG_I32, shape);
    const int64_t n = wg_count_of(x);
    int32_t *v = malloc((size_t)n * sizeof *v);
    assert_non_null(v);
    for (int64_t i = 0; i < n; i++)
        v[i] = (int32_t)plain_random(&state, (uint64_t)below);
    wg_set_i32(x, v);
    free(v);
    return x;
}

static void wanted(recorded *r, wg_tensor *y)
{
    assert_true(r->n < MOST_OUTPUTS);
    r->out[r->n++] = y;
}

/* y, and the derivatives of a weighted sum of it in each of the leaves. */
static void with_gradients(recorded *r, wg_tensor *y, int leaves, wg_tensor **leaf)
{
    wg_tensor *g[MOST_OUTPUTS];
    wanted(r, y);
    wg_grad(wg_sum(wg_mul(y, wg_cos(y))), leaves, leaf, g);
    for (int i = 0; i < leaves; i++)
        wanted(r, g[i]);
}

static void softmax(recorded *r, wg_tensor *x, int64_t rows, int64_t n)
{
    (void)rows, (void)n;
    with_gradients(r, wg_softmax(x, 1), 1, &x);
}

static void log_softmax(recorded *r, wg_tensor *x, int64_t rows, int64_t n)
{
    (void)rows, (void)n;
    with_gradients(r, wg_log_softmax(x, 1), 1, &x);
}

static void logsumexp(recorded *r, wg_tensor *x, int64_t rows, int64_t n)
{
    (void)rows, (void)n;
    with_gradients(r, wg_logsumexp_axes(x, WG_AXES(1), false), 1, &x);
}

static void layer_norm(recorded *r, wg_tensor *x, int64_t rows, int64_t n)
{
    wg_tape *t = wg_tape_of(x);
    wg_tensor *scale = numbers(t, "scale", WG_SHAPE(n)), *shift = numbers(t, "shift", WG_SHAPE(n));
    wg_tensor *d = wg_sub(x, wg_mean_axes(x, WG_AXES(1), true));
    wg_tensor *var = wg_mean_axes(wg_square(d), WG_AXES(1), true);
    wg_tensor *y = wg_add(wg_mul(wg_div(d, wg_sqrt(wg_add_scalar(var, 1e-5))), scale), shift);
    (void)rows;
    with_gradients(r, y, 3, (wg_tensor *[]){x, scale, shift});
}

static void cross_entropy_of_labels(recorded *r, wg_tensor *x, int64_t rows, int64_t n)
{
    wg_tensor *labels = whole_numbers(wg_tape_of(x), "labels", WG_SHAPE(rows), n);
    with_gradients(r, wg_cross_entropy_as(x, labels, WG_NONE), 1, &x);
}

static void cross_entropy_of_distributions(recorded *r, wg_tensor *x, int64_t rows, int64_t n)
{
    wg_tensor *p = numbers(wg_tape_of(x), "p", WG_SHAPE(rows, n));
    with_gradients(r, wg_cross_entropy_as(x, p, WG_NONE), 2, (wg_tensor *[]){x, p});
}

/* Every reduction, of the same rows; one of what lies beside the rows; one of another dtype on
 * the way. */
static void many_reductions(recorded *r, wg_tensor *x, int64_t rows, int64_t n)
{
    wg_tape *t = wg_tape_of(x);
    wg_tensor *column = numbers(t, "column", WG_SHAPE(rows, 1));
    wg_tensor *one = numbers(t, "one", WG_SHAPE());
    wg_tensor *mask = whole_numbers(t, "mask", WG_SHAPE(rows, n), 2);
    wg_tensor *y = wg_add(wg_mul(x, column), wg_cast(mask, wg_dtype_of(x)));
    wg_tensor *low = wg_min_axes(y, WG_AXES(1), true), *high = wg_max_axes(y, WG_AXES(1), true);
    wg_tensor *share = wg_div(wg_sub(y, low), wg_add(wg_sub(high, low), one));
    wanted(r, wg_mul(share, column));
    wanted(r, wg_prod_axes(wg_add_scalar(share, 0.5), WG_AXES(1), false));
    wanted(r, wg_any_axes(wg_gt(share, wg_scalar(t, 0.9)), WG_AXES(1), false));
    wanted(r, wg_all_axes(wg_gt(share, wg_scalar(t, 0.1)), WG_AXES(1), true));
    wg_tensor *columns = wg_broadcast_to(column, WG_SHAPE(rows, n));
    wanted(r, wg_sum_axes(wg_mul(columns, high), WG_AXES(1), true));
    wanted(r, wg_atan(wg_sum_axes(wg_atan(share), WG_AXES(1), false))); /* of libm: not a link */
    wg_tensor *ones = wg_broadcast_to(one, WG_SHAPE(rows, n)); /* one element for all, summed */
    wanted(r, wg_add(wg_sum_axes(ones, WG_AXES(1), true), wg_sum_axes(share, WG_AXES(1), true)));
}

/* Operands that are walked: every other row of one, and two that are broadcast over different
 * axes. */
static void walked_operands(recorded *r, wg_tensor *x, int64_t rows, int64_t n)
{
    wg_tape *t = wg_tape_of(x);
    wg_tensor *z = wg_mul(wg_reshape(x, WG_SHAPE(rows, 1, n)), numbers(t, "a", WG_SHAPE(3, n)));
    wg_tensor *wide = numbers(t, "wide", WG_SHAPE(rows, 3, n + 2));
    wg_tensor *inner = wg_slice(wide, 2, 1, n + 1, 1), *column = numbers(t, "b", WG_SHAPE(3, 1));
    wg_tensor *outer = numbers(t, "c", WG_SHAPE(rows, 1, 1));
    wg_tensor *y = wg_softmax(wg_add(wg_mul(wg_add(z, inner), column), outer), 2);
    wanted(r, y);
    wanted(r, wg_mul(wg_logsumexp_axes(wg_mul(y, inner), WG_AXES(2), true), column));
}

/* A parameter that lies beside the results is updated in place. */
static void assignments(recorded *r, wg_tensor *x, int64_t rows, int64_t n)
{
    wg_tensor *kept = numbers(wg_tape_of(x), "kept", WG_SHAPE(rows));
    wg_tensor *s = wg_sum_axes(wg_exp(x), WG_AXES(1), false);
    (void)n;
    wanted(r, wg_assign(kept, wg_add(wg_mul_scalar(kept, 0.9), s)));
    wanted(r, wg_assign(x, wg_sub(x, wg_softmax(x, 1))));
}

static const struct {
    const char *name;
    record *record;
} steps[] = {
    {"softmax", softmax},
    {"log_softmax", log_softmax},
    {"logsumexp", logsumexp},
    {"layer norm", layer_norm},
    {"cross entropy of labels", cross_entropy_of_labels},
    {"cross entropy of distributions", cross_entropy_of_distributions},
    {"many reductions", many_reductions},
    {"walked operands", walked_operands},
    {"assignments", assignments},
};
enum { STEPS = sizeof steps / sizeof *steps };

/* ---- results, as bytes ---- */

typedef struct results {
    size_t size[MOST_OUTPUTS + 1];
    void *bytes[MOST_OUTPUTS + 1]; /* the last: x after the run */
    int n, instructions;
    wg_dtype dtype;
} results;

static results run(int step, wg_dtype dtype, int64_t rows, int64_t n, unsigned skip, int threads)
{
    wg_tape *t = wg_tape_new(dtype);
    recorded r = {0};
    wg_tensor *x = numbers(t, "x", WG_SHAPE(rows, n));
    steps[step].record(&r, x, rows, n);
    if (wg_error(t))
        fail_msg("%s", wg_error(t));
    const wg_compile_options options = {.skip = skip, .threads = threads};
    wg_program *p = wg_compile_with(r.n, r.out, &options);
    assert_non_null(p);
    if (threads > 1)
        share_all(p);
    assert_int_equal(wg_run(p), WG_OK);
    results s = {.n = r.n, .dtype = dtype, .instructions = (int)wg_stats(p).instructions};
    for (int i = 0; i < r.n; i++) {
        s.size[i] = (size_t)wg_count_of(r.out[i]) * (dtype == WG_F32 ? 4 : 8);
        s.bytes[i] = malloc(s.size[i]);
        assert_non_null(s.bytes[i]);
        memcpy(s.bytes[i], wg_output(p, i), s.size[i]);
    }
    wg_program_free(p);
    wg_tape_free(t);
    return s;
}

static void drop(results *s)
{
    for (int i = 0; i < s->n; i++)
        free(s->bytes[i]);
}

/* Place of the first element whose bits differ, NaNs being alike; -1. */
static int64_t difference(const results *a, const results *b, int i)
{
    const size_t size = a->dtype == WG_F32 ? 4 : 8;
    assert_true(a->size[i] == b->size[i]);
    for (size_t k = 0; k < a->size[i]; k += size) {
        const char *x = (const char *)a->bytes[i] + k, *y = (const char *)b->bytes[i] + k;
        double u, v;
        float f[2];
        memcpy(f, x, sizeof *f), memcpy(f + 1, y, sizeof *f);
        u = (double)f[0], v = (double)f[1];
        if (size == 8)
            memcpy(&u, x, sizeof u), memcpy(&v, y, sizeof v);
        if (memcmp(x, y, size) != 0 && !(isnan(u) && isnan(v)))
            return (int64_t)(k / size);
    }
    return -1;
}

static void hold(int step, wg_dtype dtype, int64_t rows, int64_t n, int threads)
{
    results slow = run(step, dtype, rows, n, PLAIN, 1);
    results fast = run(step, dtype, rows, n, 0, threads);
    assert_true(fast.instructions < slow.instructions);
    for (int i = 0; i < slow.n; i++) {
        const int64_t at = difference(&slow, &fast, i);
        if (at >= 0)
            fail_msg("%s, %d rows of %d, f%d, %d threads: output %d, element %d is not plain's",
                     steps[step].name, (int)rows, (int)n, dtype == WG_F32 ? 32 : 64, threads, i,
                     (int)at);
    }
    drop(&slow);
    drop(&fast);
}

static void hold_all(int64_t rows, int64_t n, int threads)
{
    for (int step = 0; step < STEPS; step++) {
        hold(step, WG_F32, rows, n, threads);
        hold(step, WG_F64, rows, n, threads);
    }
}

static void every_length(void **state)
{
    static const int64_t lengths[] = {100, 255, 256, 257, 1000, 1100, 4096, 4097};
    (void)state;
    for (int64_t n = 1; n <= 70; n++)
        hold_all(1 + n * 7 % 40, n, 1);
    for (size_t k = 0; k < sizeof lengths / sizeof *lengths; k++)
        hold_all(k % 2 ? 5 : 21, lengths[k], 1);
}

static void every_number_of_rows(void **state)
{
    (void)state;
    for (int64_t rows = 1; rows <= 40; rows++)
        hold_all(rows, 2 + rows * 5 % 23, 1);
    hold_all(700, 10, 1); /* several tiles, the last not full */
    hold_all(1025, 3, 1);
    hold_all(50, 90, 1);
}

static void strange_numbers(void **state)
{
    (void)state;
    special = true;
    for (int64_t n = 1; n <= 70; n += n < 20 ? 1 : 7)
        hold_all(37, n, 1);
    special = false;
}

static void threads_divide_rows(void **state)
{
    (void)state;
    for (int threads = 2; threads <= 3; threads++)
        for (int64_t n = 2; n <= 40; n += 19)
            hold_all(701, n, threads);
}

/* Reductions of the same rows are one pass over them. */
static void siblings_share_a_pass(void **state)
{
    (void)state;
    enum { ROWS = 6, ROW = 700 };
    wg_tape *t = wg_tape_new(WG_F32);
    static float value[ROWS * ROW], got[ROWS];
    for (int k = 0; k < ROWS * ROW; k++)
        value[k] = (float)(k % 37) - 11;
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(ROWS, ROW));
    assert_int_equal(wg_set_f32(x, value), WG_OK);
    const wg_axes axes = WG_AXES(1);
    wg_tensor *pair[][2] = {
        {wg_mean_axes(x, axes, false), wg_var_axes(x, axes, false, 0)},
        {wg_mean_axes(x, axes, false), wg_mean_axes(wg_square(x), axes, true)},
        {wg_max_axes(wg_tanh(x), axes, false), wg_sum_axes(wg_exp(x), axes, false)}};
    for (size_t k = 0; k < sizeof pair / sizeof *pair; k++) {
        wg_program *p = wg_compile(2, pair[k]);
        assert_int_equal(wg_stats(p).instructions, 1);
        assert_int_equal(wg_run(p), WG_OK);
        float together[2][ROWS];
        for (int i = 0; i < 2; i++)
            assert_int_equal(wg_get_f32(pair[k][i], together[i]), WG_OK);
        wg_program_free(p);
        for (int i = 0; i < 2; i++) {
            p = wg_compile(1, &pair[k][i]);
            assert_int_equal(wg_run(p), WG_OK);
            assert_int_equal(wg_get_f32(pair[k][i], got), WG_OK);
            assert_memory_equal(got, together[i], sizeof got);
            wg_program_free(p);
        }
    }
    wg_tape_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_length),
        cmocka_unit_test(every_number_of_rows),
        cmocka_unit_test(strange_numbers),
        cmocka_unit_test(threads_divide_rows),
        cmocka_unit_test(siblings_share_a_pass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
