/* Reductions of more than the last axis join the loop that feeds them also where an operand of
 * that loop is broadcast or cut along what is one row to the reduction, and reductions of columns
 * where these are few: one instruction, with the bits of plain execution, for every length of row
 * and run. */
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

static const unsigned PLAIN = ~(unsigned)(WG_PASS_VIEWS | WG_PASS_SIMPLIFY);

static wg_tensor *numbers(wg_tape *t, const char *name, wg_shape shape)
{
    uint64_t state = 7;
    wg_tensor *x = wg_param(t, name, shape, wg_init_zeros());
    const int64_t n = wg_count_of(x);
    double *v = malloc((size_t)n * sizeof *v);
    assert_non_null(v);
    for (int64_t i = 0; i < n; i++)
        v[i] = plain_random(&state, 500) == 0 ? -INFINITY : 2 * plain_uniform(&state);
    wg_set_f64(x, v);
    free(v);
    return x;
}

/* What is done with x, [groups, rows, n], of which the axes `reduced` are: reductions in *y, as many
 * elements as x has in *z or NULL. */
typedef void record(wg_tensor *x, wg_tensor **y, wg_tensor **z);

static wg_axes reduced;

static wg_tensor *leaf(wg_tensor *x, const char *name, int64_t groups, int64_t rows, int64_t n)
{
    return numbers(wg_tape_of(x), name, WG_SHAPE(groups, rows, n));
}

static void bias(wg_tensor *x, wg_tensor **y, wg_tensor **z)
{
    (void)z;
    wg_tensor *b = leaf(x, "b", 1, 1, wg_shape_of(x).dim[2]);
    *y = wg_sum_axes(wg_square(wg_add(x, b)), reduced, false);
}

static void column(wg_tensor *x, wg_tensor **y, wg_tensor **z)
{
    (void)z;
    wg_tensor *c = leaf(x, "c", wg_shape_of(x).dim[0], wg_shape_of(x).dim[1], 1);
    *y = wg_mean_axes(wg_tanh(wg_mul(x, c)), reduced, true);
}

/* Gone over twice, and read again by a loop that reads the bias, too. */
static void softmax(wg_tensor *x, wg_tensor **y, wg_tensor **z)
{
    wg_tensor *b = leaf(x, "b", wg_shape_of(x).dim[0], 1, wg_shape_of(x).dim[2]);
    wg_tensor *c = leaf(x, "c", 1, wg_shape_of(x).dim[1], 1);
    wg_tensor *d = wg_add(wg_sub(x, c), b);
    *y = wg_logsumexp_axes(d, reduced, true);
    *z = wg_mul(wg_exp(wg_sub(d, *y)), c);
}

static void window(wg_tensor *x, wg_tensor **y, wg_tensor **z)
{
    const int64_t n = wg_shape_of(x).dim[2];
    wg_tensor *wide = leaf(x, "w", 1, wg_shape_of(x).dim[1], n + 3);
    *y = wg_max_axes(wg_mul(x, wg_slice(wide, 2, 1, n + 1, 1)), reduced, false);
    *z = NULL;
}

/* Reduced as it lies, which goes run by run, and in a loop, which goes along the row. */
static void window_alone(wg_tensor *x, wg_tensor **y, wg_tensor **z)
{
    wg_tensor *turned = wg_flip(x, WG_AXES(1));
    *y = wg_neg(wg_sum_axes(turned, reduced, false));
    *z = wg_sum_axes(wg_tanh(turned), reduced, false);
}

static record *const records[] = {bias, column, softmax, window, window_alone};
enum { OF_COLUMNS = 2 /* the first ones */, RECORDS = 4, ALONE = 4 };

typedef struct results {
    void *bytes[2];
    size_t size[2];
    int64_t instructions;
} results;

static results run(int k, wg_dtype dtype, wg_shape shape, unsigned skip, int threads)
{
    wg_tape *t = wg_tape_new(dtype);
    wg_tensor *out[2] = {0};
    records[k](numbers(t, "x", shape), &out[0], &out[1]);
    if (wg_error(t))
        fail_msg("%s", wg_error(t));
    const wg_compile_options options = {.skip = skip, .threads = threads};
    wg_program *p = wg_compile_with(out[1] ? 2 : 1, out, &options);
    assert_non_null(p);
    results r = {.instructions = wg_stats(p).instructions};
    for (int runs = 0; runs < 2; runs++)
        assert_int_equal(wg_run(p), WG_OK);
    for (int i = 0; i < 2 && out[i]; i++) {
        r.size[i] = (size_t)wg_count_of(out[i]) * wg_dtype_size(dtype);
        assert_non_null(r.bytes[i] = malloc(r.size[i] + 1));
        memcpy(r.bytes[i], wg_output(p, i), r.size[i]);
    }
    wg_program_free(p);
    wg_tape_free(t);
    return r;
}

static void hold_record(int k, wg_shape shape, bool one, int threads)
{
    for (int d = WG_F32; d <= WG_F64; d++) {
        results slow = run(k, (wg_dtype)d, shape, PLAIN, 1);
        results fast = run(k, (wg_dtype)d, shape, 0, threads);
        if (one && fast.instructions != 1)
            fail_msg("record %d, [%d, %d, %d]: expected 1 instruction, got %d", k,
                     (int)shape.dim[0], (int)shape.dim[1], (int)shape.dim[2],
                     (int)fast.instructions);
        for (int i = 0; i < 2; i++) {
            if (slow.size[i] && memcmp(slow.bytes[i], fast.bytes[i], slow.size[i]) != 0)
                fail_msg("record %d, [%d, %d, %d], %s, %d threads: output %d is not plain's",
                         k, (int)shape.dim[0], (int)shape.dim[1], (int)shape.dim[2],
                         wg_dtype_name((wg_dtype)d), threads, i);
            free(slow.bytes[i]);
            free(fast.bytes[i]);
        }
    }
}

static void hold(wg_shape shape, int how_many, bool one, int threads)
{
    for (int k = 0; k < how_many; k++)
        hold_record(k, shape, one, threads);
}

static void one_row_of_every_length(void **state)
{
    static const int64_t runs[] = {2, 3, 7, 16, 17, 63, 64, 100, 257, 1000, 1024, 1500, 5000};
    static const int64_t rows[] = {2, 3, 10, 65, 700};
    (void)state;
    reduced = WG_AXES(1, 2);
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++)
        for (size_t k = 0; k < sizeof rows / sizeof *rows && rows[k] * runs[i] <= 70000; k++)
            hold(WG_SHAPE(1, rows[k], runs[i]), RECORDS, true, 1);
}

static void groups_have_rows_of_their_own(void **state)
{
    (void)state;
    reduced = WG_AXES(1, 2);
    hold(WG_SHAPE(3, 20, 13), RECORDS, true, 1);
    hold(WG_SHAPE(7, 3, 100), RECORDS, true, 3);
    hold(WG_SHAPE(5, 90, 64), RECORDS, true, 3);
    hold(WG_SHAPE(2, 700, 11), RECORDS, true, 2);
    hold(WG_SHAPE(60, 2, 3), RECORDS, false, 1); /* short rows are left to be gone over many at once */
}

static void what_is_reduced_as_it_lies_keeps_its_order(void **state)
{
    (void)state;
    reduced = WG_AXES(1, 2);
    for (int64_t rows = 2; rows < 40; rows++) {
        hold_record(ALONE, WG_SHAPE(1, rows, 5), false, 1);
        hold_record(ALONE, WG_SHAPE(2, rows, 40), false, 2);
    }
}

/* Many rows are computed at once if they are short; sums of more than 64 meet in three levels. */
static void columns_of_every_number(void **state)
{
    static const int64_t rows[] = {2, 63, 64, 65, 130, 5000};
    (void)state;
    reduced = WG_AXES(0, 1);
    for (int64_t n = 2; n <= 300; n += n < 20 ? 1 : 27)
        for (size_t k = 0; k < sizeof rows / sizeof *rows && rows[k] * n <= 50000; k++)
            hold(WG_SHAPE(k % 2 + 1, rows[k], n), OF_COLUMNS, true, 1);
    hold(WG_SHAPE(1, 500, 30), OF_COLUMNS, true, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_row_of_every_length),
        cmocka_unit_test(groups_have_rows_of_their_own),
        cmocka_unit_test(what_is_reduced_as_it_lies_keeps_its_order),
        cmocka_unit_test(columns_of_every_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
