/* Transposes of products: products of transposed operands, with the same bits, into which what
 * is done with the transpose is fused.
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

static int below(wg_dice *d, int64_t n)
{
    return (int)wg_dice_below(d, (uint32_t)n);
}

/* A matrix, or several, read in order, across, or in part. */
static wg_tensor *operand(wg_tape *t, const char *name, wg_dice *d, int64_t batch, int64_t m,
                          int64_t n)
{
    const int way = below(d, 3);
    const int64_t row[] = {batch, way == 1 ? n : m, way == 1 ? m : n + (way == 2 ? 3 : 0)};
    const wg_shape shape = batch ? wg_make_shape(3, row) : wg_make_shape(2, row + 1);
    wg_tensor *x = wg_param(t, name, shape, wg_init_uniform(-1, 1));
    return way == 1 ? wg_transpose(x) : way == 2 ? wg_slice(x, -1, 2, n + 2, 1) : x;
}

/* The transpose of a product, and what may be done with it. */
static wg_tensor *transposed_product(wg_tape *t, uint64_t seed)
{
    wg_dice d = wg_dice_for(2, seed);
    const int64_t batch = below(&d, 3) ? 0 : 2 + below(&d, 2);
    const int64_t m = 1 + below(&d, 40), n = 1 + below(&d, 40), k = 1 + below(&d, 60);
    wg_tensor *a = operand(t, "a", &d, batch, m, k);
    wg_tensor *b = operand(t, "b", &d, below(&d, 2) ? batch : 0, k, n);
    wg_tensor *y = wg_transpose(wg_matmul(a, b)), *c;
    switch (below(&d, 5)) {
    case 0: return y;
    case 1: return wg_tanh(wg_mul_scalar(y, 0.5));
    case 2: return wg_matmul(y, wg_add_scalar(wg_transpose(y), 1)); /* these two mind how it lies */
    case 3: return wg_sum_axes(wg_reshape(y, wg_shape_of(y)), WG_AXES(-2), false);
    default:
        c = wg_param(t, "c", wg_shape_of(y), wg_init_uniform(-1, 1));
        return wg_sub(c, wg_mul_scalar(y, 0.25));
    }
}

static int64_t values(uint64_t seed, wg_dtype dtype, unsigned skip, double *v)
{
    wg_tape *t = wg_tape_new(dtype);
    wg_seed(t, seed);
    return passes_values(transposed_product(t, seed), skip, v);
}

static void bits_are_those_of_the_product(void **state)
{
    (void)state;
    static double plain[3 * 1600], turned[3 * 1600];
    for (uint64_t seed = 0; seed < 600; seed++)
        for (wg_dtype dtype = WG_F32; dtype <= WG_F64; dtype++) {
            const int64_t n = values(seed, dtype, WG_PASS_SIMPLIFY, plain);
            assert_int_equal(values(seed, dtype, 0, turned), n);
            for (int64_t i = 0; i < n; i++)
                if (memcmp(&plain[i], &turned[i], sizeof *plain) != 0)
                    fail_msg("seed %d, %s, element %d: wants %.17g, got %.17g", (int)seed,
                             wg_dtype_name(dtype), (int)i, plain[i], turned[i]);
        }
}

/* A step of a network whose weights are [in, out], or [out, in] and read across. */
static wg_program *network_step(wg_tape *t, bool across)
{
    static const int64_t size[] = {100, 50, 10};
    wg_tensor *h = wg_input(t, "x", WG_SHAPE(64, 100)), *p[4], *g[4], *out[4];
    for (int k = 0; k < 2; k++) {
        const int64_t in = size[k], to = size[k + 1];
        const wg_shape w = across ? WG_SHAPE(to, in) : WG_SHAPE(in, to);
        p[2 * k] = wg_param(t, k ? "w2" : "w1", w, wg_init_glorot());
        p[2 * k + 1] = wg_param(t, k ? "b2" : "b1", WG_SHAPE(to), wg_init_zeros());
        h = wg_matmul(h, across ? wg_transpose(p[2 * k]) : p[2 * k]);
        h = wg_tanh(wg_add(h, p[2 * k + 1]));
    }
    assert_int_equal(wg_grad(wg_mean(wg_square(h)), 4, p, g), WG_OK);
    for (int k = 0; k < 4; k++)
        out[k] = wg_assign(p[k], wg_sub(p[k], wg_mul_scalar(g[k], 0.1)));
    return wg_compile(4, out);
}

static void weights_may_lie_across(void **state)
{
    (void)state;
#ifdef WG_HAVE_BLAS
    skip(); /* what order a BLAS sums in depends on how a product lies */
#endif
    wg_tape *t = wg_tape_new(WG_F32), *u = wg_tape_new(WG_F32);
    const wg_program_stats along = wg_stats(network_step(t, false));
    const wg_program_stats across = wg_stats(network_step(u, true));
    assert_int_equal(across.instructions, along.instructions);
    assert_int_equal(across.flops, along.flops);
    assert_int_equal(across.bytes_moved, along.bytes_moved);
    assert_int_equal(across.planned_bytes, along.planned_bytes);
    wg_tape_free(t);
    wg_tape_free(u);
}

/* Who else reads the product gets it as it was. */
static void a_product_that_others_read_stays(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *a = wg_constant(t, WG_SHAPE(1, 2), (double[]){1, 2});
    wg_tensor *b = wg_constant(t, WG_SHAPE(2, 3), (double[]){1, 2, 3, 4, 5, 6});
    wg_tensor *y = wg_matmul(a, b), *out[] = {y, wg_add_scalar(wg_transpose(y), 1)};
    wg_program *p = wg_compile(2, out);
    assert_int_equal(wg_run(p), WG_OK);
    assert_memory_equal(wg_output(p, 0), ((double[]){9, 12, 15}), 3 * sizeof(double));
    assert_memory_equal(wg_output(p, 1), ((double[]){10, 13, 16}), 3 * sizeof(double));
    wg_tape_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bits_are_those_of_the_product),
        cmocka_unit_test(weights_may_lie_across),
        cmocka_unit_test(a_product_that_others_read_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
