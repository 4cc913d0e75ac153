/* Adjoints of slices: added up where they belong, with the bits of padded tensors that are added.
 * labels: valgrind */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>
#include <wengert.h>

#include "data/dice.h"
#include "support/passes.h"

/* ---- bits ---- */

static int below(wg_dice *d, int64_t n)
{
    return (int)wg_dice_below(d, (uint32_t)n);
}

/* Signs of zeros are what padding with zeros changes. */
static double some_number(wg_dice *d)
{
    static const double special[] = {-0.0, -0.0, -0.0, 0.0, NAN, INFINITY, 1e-310, 1.5, -2.25};
    return special[below(d, sizeof special / sizeof *special)];
}

static wg_tensor *constant_like(wg_dice *d, wg_tensor *x)
{
    double v[512];
    for (int64_t i = 0; i < wg_count_of(x); i++)
        v[i] = some_number(d);
    return wg_constant(wg_tape_of(x), wg_shape_of(x), v);
}

/* A part of x along one axis or two, now and then with a step, or all of it. */
static wg_tensor *some_part(wg_dice *d, wg_tensor *x)
{
    wg_tensor *y = x;
    for (int k = below(d, 4) ? 1 + below(d, 2) : 0; k > 0; k--) {
        const int axis = below(d, wg_shape_of(y).rank);
        const int extent = (int)wg_shape_of(y).dim[axis], start = below(d, extent);
        const int stop = start + 1 + below(d, extent - start);
        y = wg_slice(y, axis, start, stop, below(d, 8) ? 1 : 2);
    }
    return y;
}

/* The gradient of  sum_i sum(part_i(x) c_i), which is the sum of all c_i where they belong. */
static wg_tensor *sum_of_windows(wg_tape *t, uint64_t seed)
{
    static const int64_t shape[][3] = {{12, 1, 1}, {3, 7, 1}, {4, 5, 6}};
    wg_dice d = wg_dice_for(1, seed);
    const int rank = 1 + below(&d, 3), parts = 2 + below(&d, 6);
    wg_tensor *x = wg_param(t, "x", wg_make_shape(rank, shape[rank - 1]), wg_init_constant(1));
    wg_tensor *sum = NULL, *g;
    for (int i = 0; i < parts; i++) {
        wg_tensor *part = some_part(&d, x), *c = constant_like(&d, part);
        wg_tensor *term = wg_sum(wg_mul(part, below(&d, 3) ? c : wg_neg(c)));
        sum = sum ? wg_add(sum, term) : term;
    }
    return wg_grad(sum, 1, &x, &g) ? NULL : g;
}

static int64_t values(uint64_t seed, wg_dtype dtype, unsigned skip, double *v)
{
    wg_tape *t = wg_tape_new(dtype);
    return passes_values(sum_of_windows(t, seed), skip, v);
}

static bool same(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0 || (isnan(a) && isnan(b));
}

static void bits_are_those_of_padded_tensors(void **state)
{
    (void)state;
    static double plain[512], fast[512];
    static const unsigned skips[] = {0, WG_PASS_IN_PLACE, WG_PASS_PLAN, WG_PASS_VIEWS,
                                     WG_PASS_FUSE};
    for (uint64_t seed = 0; seed < 1500; seed++)
        for (wg_dtype dtype = WG_F32; dtype <= WG_F64; dtype++) {
            const int64_t n = values(seed, dtype, WG_PASS_SIMPLIFY, plain);
            for (size_t k = 0; k < sizeof skips / sizeof *skips; k++) {
                assert_int_equal(values(seed, dtype, skips[k], fast), n);
                for (int64_t i = 0; i < n; i++)
                    if (!same(plain[i], fast[i]))
                        fail_msg("seed %d, %s, skip %u, element %d: wants %g, got %g", (int)seed,
                                 wg_dtype_name(dtype), skips[k], (int)i, plain[i], fast[i]);
            }
        }
}

/* ---- cost ---- */

enum { ROW = 16 };

/* A recurrent network over n steps, whose inputs want their gradient, too. */
static wg_program_stats stats_of_steps(int n)
{
    wg_tape *t = wg_tape_new(WG_F32);
    wg_tensor *x = wg_param(t, "x", WG_SHAPE(n, 4, ROW), wg_init_constant(0.1));
    wg_tensor *w = wg_param(t, "w", WG_SHAPE(ROW, ROW), wg_init_constant(0.1));
    wg_tensor *h = wg_full(t, WG_SHAPE(4, ROW), 0), *g[2];
    for (int k = 0; k < n; k++)
        h = wg_tanh(wg_add(wg_matmul(h, w), wg_select(x, 0, k)));
    assert_int_equal(wg_grad(wg_sum(h), 2, (wg_tensor *[]){x, w}, g), WG_OK);
    wg_program_stats s = wg_stats(wg_compile(2, g));
    wg_tape_free(t);
    return s;
}

static void many_slices_cost_what_is_in_them(void **state)
{
    (void)state;
    const wg_program_stats few = stats_of_steps(100), many = stats_of_steps(200);
    assert_true(few.bytes_moved > 0 && few.flops > 0);
    assert_true((double)many.bytes_moved < 2.1 * (double)few.bytes_moved);
    assert_true((double)many.flops < 2.1 * (double)few.flops);
    assert_true((double)many.planned_bytes < 2.1 * (double)few.planned_bytes);
}

static void gates_are_padded_once(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F32);
    wg_tensor *a = wg_param(t, "a", WG_SHAPE(8, 64), wg_init_uniform(-1, 1)), *gate[4], *g;
    static const int64_t sizes[] = {16, 16, 16, 16};
    assert_int_equal(wg_split(a, 1, 4, sizes, gate), WG_OK);
    wg_tensor *c = wg_mul(wg_sigmoid(gate[0]), wg_tanh(gate[1]));
    wg_tensor *h = wg_mul(wg_sigmoid(gate[2]), wg_tanh(wg_mul(c, wg_sigmoid(gate[3]))));
    assert_int_equal(wg_grad(wg_sum(wg_square(h)), 1, &a, &g), WG_OK);
    wg_tensor *after = wg_assign(a, wg_sub(a, g));
    wg_program *p = wg_compile_with(1, &after, &(wg_compile_options){.profile = true});
    assert_int_equal(wg_run(p), WG_OK);
    wg_profile_entry e;
    int pads = 0, windows = 0;
    for (int64_t k = 0; wg_profile_at(p, k, &e); k++) {
        pads += strcmp(e.ops, "pad") == 0;
        if (strcmp(e.ops, "window_add") == 0) {
            windows++;
            assert_int_equal(e.flops, 8 * 16);
            assert_int_equal(e.bytes, 3 * 4 * 8 * 16); /* in place */
        }
    }
    assert_int_equal(pads, 1);
    assert_int_equal(windows, 3);
    wg_tape_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bits_are_those_of_padded_tensors),
        cmocka_unit_test(many_slices_cost_what_is_in_them),
        cmocka_unit_test(gates_are_padded_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
