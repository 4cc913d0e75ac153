/* Random draws: the generator against published vectors, what a draw is a function of,
 * distributions within bounds that the fixed seed makes exact.  labels: valgrind */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <wengert.h>

#include "core/philox.h"
#include "support/near.h"

/* kat_vectors of Random123 (Salmon et al. 2011), philox4x32 10. */
static void philox_known_answers(void **state)
{
    (void)state;
    const struct {
        uint32_t counter[4], key[2], wants[4];
    } known[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        wg_philox got = wg_philox_block(known[k].counter, known[k].key);
        assert_memory_equal(got.word, known[k].wants, sizeof got.word);
    }
}

/* A change of any of the four gives other bits. */
static void an_element_depends_on_all_it_is_a_function_of(void **state)
{
    (void)state;
    const wg_draw draws[] = {{0, 0, 0}, {1, 0, 0}, {(uint64_t)1 << 32, 0, 0},
                             {0, 1, 0}, {0, 0, 1}, {0, 0, (uint64_t)1 << 32},
                             {0, 1, 1}};
    const uint64_t indices[] = {0, 1, 2, (uint64_t)1 << 32, (uint64_t)1 << 33};
    enum { D = sizeof draws / sizeof *draws, I = sizeof indices / sizeof *indices };
    uint64_t seen[D * I];
    for (int k = 0; k < D * I; k++) {
        seen[k] = wg_draw_bits(&draws[k / I], indices[k % I]);
        for (int j = 0; j < k; j++)
            assert_true(seen[j] != seen[k]);
    }
}

static double uniform_at(const wg_draw *d, uint64_t i)
{
    return (double)(wg_draw_bits(d, i) >> 11) * 0x1p-53;
}

/* Two elements are the coordinates of a point. */
static double normal_at(const wg_draw *d, uint64_t i)
{
    const double r = sqrt(-2 * log(1 - uniform_at(d, i / 2 * 2))),
                 a = 6.283185307179586476925 * uniform_at(d, i / 2 * 2 + 1);
    return r * (i % 2 ? sin(a) : cos(a));
}

static void the_elements_are_the_draws(void **state)
{
    (void)state;
    enum { N = 101 };
    float f[N];
    double d[N];
    for (int dtype = 0; dtype < 2; dtype++) {
        wg_tape *t = wg_tape_new(dtype ? WG_F64 : WG_F32);
        wg_seed(t, 42);
        wg_set_run_counter(t, 7);
        wg_tensor *u = wg_uniform(t, WG_SHAPE(N), -1, 3), *z = wg_normal(t, WG_SHAPE(N), 5, 2),
                  *out[] = {u, z};
        wg_program *p = wg_compile(2, out);
        assert_int_equal(wg_run(p), WG_OK);
        assert_int_equal(wg_run_counter(t), 8);
        for (int k = 0; k < 2; k++) {
            /* the eighth run */
            const wg_draw draw = {.seed = 42, .stream = (uint32_t)k, .run = 8};
            if (dtype)
                memcpy(d, wg_output(p, k), sizeof d);
            else
                memcpy(f, wg_output(p, k), sizeof f);
            for (uint64_t i = 0; i < N; i++) {
                double v = k ? 5 + 2 * normal_at(&draw, i) : -1 + 4 * uniform_at(&draw, i);
                assert_true(dtype ? d[i] == v : f[i] == (float)v);
            }
        }
        wg_tape_free(t);
    }
}

/* A draw has one value in a run, whatever else is computed and in which order; the next run has
 * others, and the counter gives them back. */
static void a_draw_is_one_value_a_run(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *a = wg_uniform(t, WG_SHAPE(8), 0, 1), *b = wg_uniform(t, WG_SHAPE(8), 0, 1);
    wg_tensor *both[] = {a, b, wg_sub(a, a), wg_mul_scalar(b, 2)},
              *reversed[] = {both[3], both[2], b, a};
    wg_program *p = wg_compile(4, both), *q = wg_compile(4, reversed), *alone = wg_compile(1, &b);
    double first[2][8], v[8];
    wg_run(p);
    memcpy(first[0], wg_output(p, 0), sizeof v);
    memcpy(first[1], wg_output(p, 1), sizeof v);
    assert_true(memcmp(first[0], first[1], sizeof v) != 0); /* equal ops, different draws */
    memcpy(v, wg_output(p, 2), sizeof v);
    for (int i = 0; i < 8; i++)
        assert_true(v[i] == 0);
    memcpy(v, wg_output(p, 3), sizeof v);
    for (int i = 0; i < 8; i++)
        assert_true(v[i] == 2 * first[1][i]);
    wg_run(p);
    assert_true(memcmp(first[0], wg_output(p, 0), sizeof v) != 0);
    wg_set_run_counter(t, 0);
    wg_run(q);
    assert_memory_equal(wg_output(q, 3), first[0], sizeof v);
    assert_memory_equal(wg_output(q, 2), first[1], sizeof v);
    wg_set_run_counter(t, 0);
    wg_run(alone);
    assert_memory_equal(wg_output(alone, 0), first[1], sizeof v);
    wg_seed(t, 1);
    wg_run(alone);
    assert_true(memcmp(first[1], wg_output(alone, 0), sizeof v) != 0);
    wg_tape_free(t);
}

/* ---- distributions ---- */

enum { MANY = 200000 };

static double *many(wg_tensor *x)
{
    double *v = malloc(MANY * sizeof *v);
    assert_int_equal(wg_count_of(x), MANY);
    assert_int_equal(wg_get_f64(x, v), WG_OK);
    return v;
}

/* Mean, variance and the next two moments about the mean, standardised. */
static void moments(const double *v, double m[4])
{
    double s[5] = {0};
    for (int i = 0; i < MANY; i++)
        s[1] += v[i] / MANY;
    for (int i = 0; i < MANY; i++)
        for (int k = 2; k <= 4; k++)
            s[k] += pow(v[i] - s[1], k) / MANY;
    m[0] = s[1];
    m[1] = s[2];
    m[2] = s[3] / pow(s[2], 1.5);
    m[3] = s[4] / (s[2] * s[2]);
}

/* Of counts over cells of equal probability; its mean is cells - 1,
 * its standard deviation sqrt(2 (cells - 1)). */
static double chi_square(const int *count, int cells, double total)
{
    double x = 0, wants = total / cells;
    for (int i = 0; i < cells; i++)
        x += (count[i] - wants) * (count[i] - wants) / wants;
    return x;
}

static bool plausible(double chi, int cells)
{
    return fabs(chi - (cells - 1)) < 4 * sqrt(2.0 * (cells - 1));
}

static void uniform_is_uniform(void **state)
{
    (void)state;
    for (int dtype = 0; dtype < 2; dtype++) {
        wg_tape *t = wg_tape_new(dtype ? WG_F64 : WG_F32);
        double *v = many(wg_uniform(t, WG_SHAPE(MANY), 2, 5)), m[4];
        int count[100] = {0}, pairs[100] = {0};
        moments(v, m);
        assert_true(fabs(m[0] - 3.5) < 0.008 && fabs(m[1] - 0.75) < 0.006 && fabs(m[2]) < 0.02
                    && fabs(m[3] - 1.8) < 0.02);
        for (int i = 0; i < MANY; i++) {
            assert_true(v[i] >= 2 && v[i] < 5);
            count[(int)((v[i] - 2) / 3 * 100)]++;
        }
        for (int i = 0; i < MANY; i += 2) /* neighbours do not know of each other */
            pairs[(int)((v[i] - 2) / 3 * 10) * 10 + (int)((v[i + 1] - 2) / 3 * 10)]++;
        assert_true(plausible(chi_square(count, 100, MANY), 100));
        assert_true(plausible(chi_square(pairs, 100, MANY / 2), 100));
        free(v);
        wg_tape_free(t);
    }
}

static void normal_is_normal(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    double *v = many(wg_normal(t, WG_SHAPE(MANY), -1, 3)), m[4], cross = 0;
    int count[100] = {0};
    moments(v, m);
    assert_true(fabs(m[0] + 1) < 0.03 && fabs(m[1] - 9) < 0.12 && fabs(m[2]) < 0.025
                && fabs(m[3] - 3) < 0.05);
    for (int i = 0; i < MANY; i++) {
        double u = 0.5 * erfc(-(v[i] + 1) / 3 / sqrt(2));
        count[(int)fmin(u * 100, 99)]++;
        cross += i % 2 ? (v[i] + 1) * (v[i - 1] + 1) / 9 : 0;
    }
    assert_true(plausible(chi_square(count, 100, MANY), 100));
    assert_true(fabs(cross / (MANY / 2)) < 0.014);
    free(v);
    wg_tape_free(t);
}

static void bernoulli_has_its_probability(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F32);
    const double ps[] = {0, 0.01, 0.3, 0.5, 0.999, 1};
    for (size_t k = 0; k < sizeof ps / sizeof *ps; k++) {
        double *v = many(wg_bernoulli(t, WG_SHAPE(MANY), ps[k])), ones = 0;
        for (int i = 0; i < MANY; i++) {
            assert_true(v[i] == 0 || v[i] == 1);
            ones += v[i];
        }
        assert_true(fabs(ones - ps[k] * MANY) <= 4 * sqrt(ps[k] * (1 - ps[k]) * MANY));
        free(v);
    }
    wg_tape_free(t);
}

static void permutations_are_equally_likely(void **state)
{
    (void)state;
    enum { RUNS = 24000, N = 1000 };
    int count[24] = {0};
    wg_tape *t = wg_tape_new(WG_F32);
    wg_tensor *y = wg_permutation(t, 4), *large = wg_permutation(t, N),
              *none = wg_permutation(t, 0);
    assert_int_equal(wg_dtype_of(y), WG_I32);
    wg_program *p = wg_compile(1, &y);
    for (int run = 0; run < RUNS; run++) {
        assert_int_equal(wg_run(p), WG_OK);
        const int32_t *v = wg_output(p, 0);
        int rank = 0, seen = 0;
        for (int i = 0; i < 4; i++) {
            int below = 0;
            for (int j = i + 1; j < 4; j++)
                below += v[j] < v[i];
            rank = rank * (4 - i) + below;
            seen |= 1 << v[i];
        }
        assert_int_equal(seen, 15);
        count[rank]++;
    }
    assert_true(plausible(chi_square(count, 24, RUNS), 24));
    int32_t v[N];
    bool seen[N] = {false};
    int fixed = 0;
    assert_int_equal(wg_get_i32(large, v), WG_OK);
    for (int i = 0; i < N; i++) {
        assert_true(v[i] >= 0 && v[i] < N && !seen[v[i]]);
        seen[v[i]] = true;
        fixed += v[i] == i;
    }
    assert_true(fixed < 8);
    assert_int_equal(wg_get_i32(none, v), WG_OK);
    wg_tape_free(t);
}

/* ---- edges ---- */

/* Few floats lie in [1, 1 + 2^-22): rounding up to hi would be frequent. */
static void uniform_stays_below_hi(void **state)
{
    (void)state;
    const struct {
        double lo, hi;
    } ranges[] = {{1, 1 + 0x1p-22},   {0.1, 0.1000001}, {-1e30, 1e30},
                  {-0x1p-22 - 1, -1}, {0, 1e-45},       {3, 3}};
    for (int kind = 0; kind < 4; kind++)
        for (size_t k = 0; k < sizeof ranges / sizeof *ranges; k++) {
            wg_tape *t = wg_tape_new(kind % 2 ? WG_F64 : WG_F32);
            double lo = ranges[k].lo, hi = ranges[k].hi;
            double *v = many(kind < 2
                                 ? wg_uniform(t, WG_SHAPE(MANY), lo, hi)
                                 : wg_param(t, "p", WG_SHAPE(MANY), wg_init_uniform(lo, hi)));
            for (int i = 0; i < MANY; i++)
                assert_true(lo == hi ? v[i] == lo : v[i] >= lo && v[i] < hi);
            free(v);
            wg_tape_free(t);
        }
    wg_tape *t = wg_tape_new(WG_F64);
    const double hi = 1 + DBL_EPSILON;
    double *v = many(wg_uniform(t, WG_SHAPE(MANY), 1, hi));
    for (int i = 0; i < MANY; i++)
        assert_true(v[i] == 1);
    free(v);
    wg_tape_free(t);
}

static void bad_parameters_are_refused(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F32);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(3)), *i = wg_input_as(t, "i", WG_I32, WG_SHAPE(3));
    wg_shape s = WG_SHAPE(3);
    near_refused(t, wg_uniform(t, s, 2, 1),
                 "uniform: wants lo <= hi, both and their difference finite in f32, got 2 and 1");
    near_refused(t, wg_uniform(t, s, NAN, 1),
                 "uniform: wants lo <= hi, both and their difference finite in f32, got nan and 1");
    near_refused(
        t, wg_uniform(t, s, 0, 1e39),
        "uniform: wants lo <= hi, both and their difference finite in f32, got 0 and 1e+39");
    near_refused(t, wg_normal(t, s, 0, -1),
                 "normal: wants a mean and a std of 0 or more, both finite in f32, got 0 and -1");
    near_refused(t, wg_normal(t, s, INFINITY, 1),
                 "normal: wants a mean and a std of 0 or more, both finite in f32, got inf and 1");
    near_refused(t, wg_bernoulli(t, s, 1.5), "bernoulli: wants a probability from 0 to 1, got 1.5");
    near_refused(t, wg_bernoulli(t, s, NAN), "bernoulli: wants a probability from 0 to 1, got nan");
    near_refused(t, wg_permutation(t, -1), "permutation: wants n from 0 to 2^31 - 1, got -1");
    near_refused(t, wg_permutation(t, INT64_MAX),
                 "permutation: wants n from 0 to 2^31 - 1, got 9223372036854775807");
    near_refused(t, wg_dropout(x, -0.1),
                 "dropout: wants a probability from 0 to 1, not -0.1, got \"x\" [3]");
    near_refused(t, wg_dropout(i, 0.5), "dropout: wants a floating tensor, got \"i\" i32 [3]");
    near_refused(t, wg_uniform(t, WG_SHAPE(2, -1), 0, 1),
                 "uniform: wants a shape of rank 0 to 8, extents of 0 or more and at most 2^63 - 1 "
                 "bytes, got [2, -1]");
    assert_null(wg_uniform(NULL, s, 0, 1));
    assert_null(wg_normal(NULL, s, 0, 1));
    assert_null(wg_bernoulli(NULL, s, 0.5));
    assert_null(wg_permutation(NULL, 3));
    assert_null(wg_dropout(NULL, 0.5));
    assert_null(wg_error(t));
    wg_tape_free(t);
}

/* ---- dropout ---- */

static void dropout_scales_what_stays(void **state)
{
    (void)state;
    enum { N = 20000 };
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(N)), *y = wg_dropout(x, 0.2), *g;
    static double v[N];
    for (int i = 0; i < N; i++)
        v[i] = i + 1;
    wg_set_f64(x, v);
    assert_int_equal(wg_grad(wg_sum(y), 1, &x, &g), WG_OK);
    wg_program *p = wg_compile(2, (wg_tensor *[]){y, g});
    wg_run(p);
    const double *out = wg_output(p, 0), *back = wg_output(p, 1);
    int stayed = 0;
    for (int i = 0; i < N; i++) {
        assert_true(out[i] == 0 ? back[i] == 0
                                : fabs(out[i] - v[i] / 0.8) < 1e-9 && fabs(back[i] - 1.25) < 1e-15);
        stayed += out[i] != 0; /* forward and backward had one mask */
    }
    assert_true(fabs(stayed - 0.8 * N) < 4 * sqrt(0.16 * N));
    wg_tape_free(t);
}

static void dropout_of_all_or_nothing(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = near_input(t, "x", WG_SHAPE(3), (double[]){1, INFINITY, NAN});
    near_values(wg_dropout(x, 1), NEAR_LIST(0, 0, 0), 0);
    near_grad(wg_dropout(x, 1), x, NEAR_LIST(0, 0, 0), 0);
    near_values(wg_dropout(x, 0), NEAR_LIST(1, INFINITY, NAN), 0);
    near_grad(wg_dropout(x, 0), x, NEAR_LIST(1, 1, 1), 0);
    wg_tape_free(t);
}

static wg_tensor *m_dropout(wg_tape *t, void *user)
{
    (void)user;
    wg_tensor *x = near_input(t, "x", WG_SHAPE(6), (double[]){1, 2, -3, 0.5, 0.25, -1});
    return wg_square(wg_add(wg_dropout(x, 0.5), wg_mul(x, wg_normal(t, WG_SHAPE(6), 0, 1))));
}

static void draws_are_held_fixed_by_the_checker(void **state)
{
    (void)state;
    near_check(m_dropout, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(philox_known_answers),
        cmocka_unit_test(an_element_depends_on_all_it_is_a_function_of),
        cmocka_unit_test(the_elements_are_the_draws),
        cmocka_unit_test(a_draw_is_one_value_a_run),
        cmocka_unit_test(uniform_is_uniform),
        cmocka_unit_test(normal_is_normal),
        cmocka_unit_test(bernoulli_has_its_probability),
        cmocka_unit_test(permutations_are_equally_likely),
        cmocka_unit_test(uniform_stays_below_hi),
        cmocka_unit_test(bad_parameters_are_refused),
        cmocka_unit_test(dropout_scales_what_stays),
        cmocka_unit_test(dropout_of_all_or_nothing),
        cmocka_unit_test(draws_are_held_fixed_by_the_checker),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
