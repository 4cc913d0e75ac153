/* White-box: the reductions' row and column kernels of every instruction set, by themselves.
 * labels: valgrind */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ops/reduces.h"

enum { LONGEST = 5000 };

static const wg_reduce *table(int level)
{
    return WG_ISA_SELECT((wg_isa_level)level, wg_reduces);
}

static uint32_t bits(uint32_t *s)
{
    *s = *s * 1664525u + 1013904223u;
    return *s >> 8;
}

/* In (-1, 1). */
static double next(uint32_t *s)
{
    return (double)bits(s) / 8388608 - 1;
}

static const int lengths[] = {1,   2,   3,    7,    15,   16,   17,   18,   31,   33,   100,
                              511, 784, 1023, 1024, 1025, 2047, 2048, 3071, 3073, 4096, LONGEST};
enum { LENGTHS = sizeof lengths / sizeof *lengths };

static void sums_are_close_to_long_double(void **state)
{
    (void)state;
    static float xf[LONGEST];
    static double xd[LONGEST];
    uint32_t seed = 1;
    for (int i = 0; i < LONGEST; i++)
        xf[i] = (float)(xd[i] = next(&seed));
    for (int level = 0; level <= (int)wg_isa(); level++)
        for (int k = 0; k < LENGTHS; k++) {
            int n = lengths[k];
            long double sf = 0, sd = 0, size = 0;
            for (int i = 0; i < n; i++) {
                sf += xf[i];
                sd += xd[i];
                size += fabsl((long double)xd[i]);
            }
            float yf;
            double yd;
            table(level)[WG_FOLD_SUM].row[WG_F32](n, &yf, xf, 1);
            table(level)[WG_FOLD_SUM].row[WG_F64](n, &yd, xd, 1);
            double allowed = (log2(n) + 16) * (double)size;
            assert_true(fabs((double)(yf - sf)) <= allowed * 0x1p-24);
            assert_true(fabs((double)(yd - sd)) <= allowed * 0x1p-53);
        }
}

/* The same elements give the same bits, however they lie and whatever computes them. */
static void bits_depend_on_the_elements_alone(void **state)
{
    (void)state;
    static float dense[LONGEST], apart[3 * LONGEST], backwards[LONGEST];
    uint32_t seed = 2;
    for (int i = 0; i < LONGEST; i++)
        dense[i] = apart[3 * i] = backwards[LONGEST - 1 - i] = (float)next(&seed) + 1.5f;
    for (int op = 0; op < WG_FOLD_COUNT; op++)
        for (int k = 0; k < LENGTHS; k++) {
            float first, y;
            table(0)[op].row[WG_F32](lengths[k], &first, dense, 1);
            for (int level = 0; level <= (int)wg_isa(); level++) {
                wg_reduce_row *row = table(level)[op].row[WG_F32];
                row(lengths[k], &y, dense, 1);
                assert_memory_equal(&y, &first, sizeof y);
                row(lengths[k], &y, apart, 3);
                assert_memory_equal(&y, &first, sizeof y);
                row(lengths[k], &y, backwards + LONGEST - 1, -1);
                assert_memory_equal(&y, &first, sizeof y);
            }
        }
}

static void a_million_floats(void **state)
{
    (void)state;
    enum { N = 1000000 };
    float *x = malloc(N * sizeof *x), y, one = 0.1f;
    uint32_t seed = 3;
    long double sum = 0;
    for (int i = 0; i < N; i++)
        sum += x[i] = (float)(next(&seed) + 1);
    table((int)wg_isa())[WG_FOLD_SUM].row[WG_F32](N, &y, x, 1);
    assert_true(fabsl(y - sum) / sum < 2e-7L);
    table((int)wg_isa())[WG_FOLD_SUM].row[WG_F32](N, &y, &one, 0);
    assert_true(fabs(y - 1e6 * (double)one) / 1e5 < 2e-7);
    free(x);
}

static void extremes_find_every_place_and_nan(void **state)
{
    (void)state;
    static double x[LONGEST];
    for (int level = 0; level <= (int)wg_isa(); level++)
        for (int k = 0; k < LENGTHS; k++) {
            int n = lengths[k], step = n < 40 ? 1 : 37;
            for (int at = 0; at < n; at += step)
                for (int special = 0; special < 3; special++) {
                    double y, v = special == 0 ? 5 : special == 1 ? (double)NAN : -5;
                    for (int i = 0; i < n; i++)
                        x[i] = -1.0 / (i + 1);
                    x[at] = v;
                    table(level)[WG_FOLD_MAX].row[WG_F64](n, &y, x, 1);
                    assert_true(special == 0   ? y == 5
                                : special == 1 ? isnan(y)
                                               : y
                                                     == (n == 1        ? -5
                                                         : at == n - 1 ? -1.0 / (n - 1)
                                                                       : -1.0 / n));
                    table(level)[WG_FOLD_MIN].row[WG_F64](n, &y, x, 1);
                    assert_true(special == 0 ? y
                                                   == (n == 1    ? 5
                                                       : at == 0 ? -0.5
                                                                 : -1)
                                : special == 1 ? isnan(y)
                                               : y == -5);
                    for (int i = 0; i < n; i++)
                        x[i] = 0;
                    x[at] = special == 1 ? (double)NAN : -1e-300;
                    table(level)[WG_FOLD_ANY].row[WG_F64](n, &y, x, 1);
                    assert_true(y == 1);
                    table(level)[WG_FOLD_ALL].row[WG_F64](n, &y, x, 1);
                    assert_true(y == (n == 1));
                    for (int i = 0; i < n; i++)
                        x[i] = 3;
                    table(level)[WG_FOLD_ALL].row[WG_F64](n, &y, x, 1);
                    assert_true(y == 1);
                    x[at] = -0.0;
                    table(level)[WG_FOLD_ALL].row[WG_F64](n, &y, x, 1);
                    assert_true(y == 0);
                }
        }
}

static void integers_wrap_around(void **state)
{
    (void)state;
    static int32_t x[LONGEST];
    uint32_t seed = 4;
    for (int level = 0; level <= (int)wg_isa(); level++)
        for (int k = 0; k < LENGTHS; k++) {
            uint32_t sum = 0, prod = 1;
            int32_t most = INT32_MIN, least = INT32_MAX, y;
            for (int i = 0; i < lengths[k]; i++) {
                uint32_t v = bits(&seed) << 8 | 1;
                memcpy(&x[i], &v, 4);
                sum += v;
                prod *= v;
                most = x[i] > most ? x[i] : most;
                least = x[i] < least ? x[i] : least;
            }
            const wg_reduce *r = table(level);
            r[WG_FOLD_SUM].row[WG_I32](lengths[k], &y, x, 1);
            assert_true((uint32_t)y == sum);
            r[WG_FOLD_PROD].row[WG_I32](lengths[k], &y, x, 1);
            assert_true((uint32_t)y == prod);
            r[WG_FOLD_MAX].row[WG_I32](lengths[k], &y, x, 1);
            assert_true(y == most);
            r[WG_FOLD_MIN].row[WG_I32](lengths[k], &y, x, 1);
            assert_true(y == least);
        }
}

static void columns_combine_element_by_element(void **state)
{
    (void)state;
    const double nan = (double)NAN;
    double x[] = {2, nan, 0, -1, 0}, from[] = {3, 1, 0, nan, 7};
    const double wants[WG_FOLD_COUNT][5] = {{5, nan, 0, nan, 7}, {6, nan, 0, nan, 0},
                                            {3, nan, 0, nan, 7}, {2, nan, 0, nan, 0},
                                            {1, 1, 0, 1, 1},     {1, 1, 0, 1, 0}};
    for (int level = 0; level <= (int)wg_isa(); level++)
        for (int op = 0; op < WG_FOLD_COUNT; op++) {
            double y[5];
            memcpy(y, from, sizeof y);
            table(level)[op].column[WG_F64](5, y, x);
            for (int j = 0; j < 5; j++)
                assert_true(isnan(wants[op][j]) ? isnan(y[j]) : y[j] == wants[op][j]);
        }
}

/* Rows one behind the other, at each length and number: the bits of the kernel that takes one row,
 * and nothing written beyond. */
static void many_rows_are_as_one_row(void **state)
{
    (void)state;
    enum { ROWS = 37, MOST = 131 };
    static double x[ROWS * MOST], y[ROWS + 1], one;
    uint32_t seed = 5;
    for (int level = 0; level <= (int)wg_isa(); level++)
        for (int dtype = WG_F32; dtype <= WG_F64; dtype++)
            for (int op = 0; op < WG_FOLD_COUNT; op++)
                for (int n = 1; n <= MOST; n += n < 70 ? 1 : 19) {
                    const size_t size = dtype == WG_F32 ? 4 : 8;
                    const int rows = 1 + (int)(bits(&seed) % ROWS);
                    int which;
                    for (int i = 0; i < rows * n; i++) {
                        const double v = bits(&seed) % 50 == 0 ? (double)NAN : next(&seed);
                        if (dtype == WG_F32)
                            ((float *)(void *)x)[i] = (float)v;
                        else
                            x[i] = v;
                    }
                    memset(y, 0x55, sizeof y);
                    wg_row_folds_for((wg_isa_level)level, &wg_reduces_baseline[op], (wg_dtype)dtype,
                                     &which)
                        ->rows(rows, n, y, x);
                    for (int r = 0; r < rows; r++) {
                        const char *have = (const char *)y + (size_t)r * size;
                        table(level)[op].row[dtype](n, &one, (char *)x + (size_t)(r * n) * size, 1);
                        float f[2];
                        double d[2];
                        memcpy(f, have, 4), memcpy(f + 1, &one, 4), memcpy(d, have, size),
                            memcpy(d + 1, &one, size);
                        assert_true(memcmp(have, &one, size) == 0
                                    || (dtype == WG_F32 ? isnan(f[0]) && isnan(f[1])
                                                        : isnan(d[0]) && isnan(d[1])));
                    }
                    assert_true(((unsigned char *)y)[(size_t)rows * size] == 0x55);
                }
}

static double at(const void *x, int dtype, int i)
{
    return dtype == WG_F32 ? (double)((const float *)x)[i] : ((const double *)x)[i];
}

static bool same(double a, double b)
{
    return a == b ? signbit(a) == signbit(b) : isnan(a) && isnan(b);
}

/* Rows some way apart: the bits of the kernel that takes one after the other, and nothing written
 * beyond; and their sums added to what was there, in two roundings. */
static void columns_at_once_are_as_row_by_row(void **state)
{
    (void)state;
    enum { ROWS = 9, MOST = 150, GAP = 3 };
    static double x[ROWS * (MOST + GAP)], y[MOST + 1], wants[MOST], before[MOST + 1];
    uint32_t seed = 8;
    for (int level = 0; level <= (int)wg_isa(); level++)
        for (int dtype = WG_F32; dtype <= WG_F64; dtype++)
            for (int op = 0; op < WG_FOLD_COUNT; op++)
                for (int n = 1; n <= MOST; n += n < 70 ? 1 : 19) {
                    const int rows = 1 + (int)(bits(&seed) % ROWS),
                              stride = n + (int)(bits(&seed) % GAP), size = dtype == WG_F32 ? 4 : 8;
                    const double scale = next(&seed);
                    int which;
                    for (int i = 0; i < rows * stride + n + 1; i++) {
                        const double v = bits(&seed) % 50 == 0 ? (double)NAN : next(&seed);
                        void *to = i <= n ? (void *)before : (void *)x;
                        const int k = i <= n ? i : i - n - 1;
                        if (dtype == WG_F32)
                            ((float *)to)[k] = (float)v;
                        else
                            ((double *)to)[k] = v;
                    }
                    memcpy(wants, x, (size_t)(n * size));
                    for (int r = 1; r < rows; r++)
                        table(level)[op].column[dtype](n, wants, (char *)x + r * stride * size);
                    memcpy(y, before, sizeof y);
                    wg_row_folds_for((wg_isa_level)level, &wg_reduces_baseline[op], (wg_dtype)dtype,
                                     &which)
                        ->columns(rows, n, y, x, stride);
                    for (int j = 0; j <= n; j++)
                        assert_true(same(at(y, dtype, j),
                                         j < n ? at(wants, dtype, j) : at(before, dtype, n)));
                    if (op != WG_FOLD_SUM)
                        continue;
                    wg_add_columns *add =
                        dtype == WG_F32 ? WG_ISA_SELECT((wg_isa_level)level, wg_add_columns_f32)
                                        : WG_ISA_SELECT((wg_isa_level)level, wg_add_columns_f64);
                    memcpy(y, before, sizeof y);
                    add(rows, n, y, x, stride, scale);
                    for (int j = 0; j < n; j++) {
                        const float f = ((float *)(void *)wants)[j] * (float)scale,
                                    sum = ((float *)(void *)before)[j] + f;
                        const double d = wants[j] * scale;
                        assert_true(
                            same(at(y, dtype, j), dtype == WG_F32 ? (double)sum : before[j] + d));
                    }
                    assert_true(same(at(y, dtype, n), at(before, dtype, n)));
                }
}

/* Bits of any kind, as often as a row is long; room beyond the rows is used as far as is said. */
static void spreading_repeats_bits(void **state)
{
    (void)state;
    enum { ROWS = 35, MOST = 70, ROOM = 48 * MOST + 8 };
    static unsigned char x[8 * ROWS], y[8 * (ROOM + 2)];
    uint32_t seed = 6;
    for (int i = 0; i < 8 * ROWS; i++)
        x[i] = (unsigned char)bits(&seed);
    for (int level = 0; level <= (int)wg_isa(); level++)
        for (int size = 4; size <= 8; size += 4)
            for (int n = 1; n <= MOST; n++)
                for (int rows = 1; rows <= ROWS; rows += 1 + n % 3) {
                    wg_spread *spread = size == 4 ? WG_ISA_SELECT((wg_isa_level)level, wg_spread_4)
                                                  : WG_ISA_SELECT((wg_isa_level)level, wg_spread_8);
                    const int filled =
                        (rows + WG_SPREAD_ROWS - 1) / WG_SPREAD_ROWS * WG_SPREAD_ROWS;
                    memset(y, 0x55, sizeof y);
                    spread(rows, n, y, x);
                    for (int i = 0; i < rows * n; i++)
                        assert_memory_equal(y + i * size, x + i / n * size, (size_t)size);
                    for (int k = filled * n * size + WG_SPREAD_BEYOND; k < (int)sizeof y; k++)
                        assert_true(y[k] == 0x55);
                }
}

static void every_record_has_a_variant(void **state)
{
    (void)state;
    const wg_reduce own = {.empty = 3};
    for (int i = 0; i < WG_FOLD_COUNT; i++) {
        const wg_reduce *r = wg_reduce_for(wg_isa(), &wg_reduces_baseline[i]);
        assert_ptr_equal(r, &table((int)wg_isa())[i]);
        assert_true(r->empty == wg_reduces_baseline[i].empty);
        for (int d = 0; d < WG_DTYPE_COUNT; d++)
            assert_true(r->row[d] && r->column[d]);
    }
    assert_ptr_equal(wg_reduce_for(wg_isa(), &own), &own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_are_close_to_long_double),
        cmocka_unit_test(bits_depend_on_the_elements_alone),
        cmocka_unit_test(a_million_floats),
        cmocka_unit_test(extremes_find_every_place_and_nan),
        cmocka_unit_test(integers_wrap_around),
        cmocka_unit_test(columns_combine_element_by_element),
        cmocka_unit_test(many_rows_are_as_one_row),
        cmocka_unit_test(columns_at_once_are_as_row_by_row),
        cmocka_unit_test(spreading_repeats_bits),
        cmocka_unit_test(every_record_has_a_variant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
