/* What compiling takes: at most so many bytes for each node of the slice,
 * at its peak and in the program that is left.
 * wraps: malloc calloc realloc aligned_alloc free */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <wengert.h>

#include "support/failing_alloc.h"

/* The memory that the program computes in is not compilation's: it is taken off. */
static void takes_at_most(const char *what, double bytes_per_node, int n, wg_tensor *const *outputs)
{
    int64_t before = failing_live_bytes();
    failing_arm(FAIL_NONE, 0);
    wg_program *p = wg_compile(n, outputs);
    failing_disarm();
    assert_non_null(p);
    wg_program_stats s = wg_stats(p);
    double nodes = (double)s.nodes;
    double values = (double)(s.planned_bytes + s.output_bytes);
    double peak = ((double)(failing_most_bytes() - before) - values) / nodes;
    double left = ((double)(failing_live_bytes() - before) - values) / nodes;
    printf("%s: %.0f nodes, %.0f bytes a node at the peak, %.0f in the program (values %.0f)\n",
           what, nodes, peak, left, values / nodes);
    if (peak > bytes_per_node)
        fail_msg("%s: compiling took %.0f bytes a node, wants at most %.0f", what, peak,
                 bytes_per_node);
    wg_program_free(p);
}

/* An instruction takes some 300 to 400 bytes of its own, which programs of nothing but
 * instructions pay for every node. */
enum { LENGTH = 50000, MOST = 500 };

static void a_chain_and_its_gradient(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE()), *y = x, *g = NULL;
    for (int k = 0; k < LENGTH; k++)
        y = k % 2 ? wg_sin(y) : wg_add(y, x);
    takes_at_most("a chain", MOST, 1, &y);
    assert_int_equal(wg_grad(y, 1, &x, &g), WG_OK);
    takes_at_most("a chain and its gradient", MOST, 2, (wg_tensor *[]){y, g});
    wg_tape_free(t);
}

/* Products, broadcasts, activations, assignments: a training step of many narrow layers. */
static void a_deep_network(void **state)
{
    (void)state;
    enum { LAYERS = 3000 };
    wg_tape *t = wg_tape_new(WG_F32);
    static wg_tensor *leaves[2 * LAYERS], *g[2 * LAYERS], *out[2 * LAYERS + 1];
    wg_tensor *h = wg_input(t, "x", WG_SHAPE(2, 4));
    for (int k = 0; k < LAYERS; k++) {
        char name[24];
        snprintf(name, sizeof name, "w%d", k);
        leaves[2 * k] = wg_param(t, name, WG_SHAPE(4, 4), wg_init_glorot());
        snprintf(name, sizeof name, "b%d", k);
        leaves[2 * k + 1] = wg_param(t, name, WG_SHAPE(4), wg_init_zeros());
        h = wg_tanh(wg_add(wg_matmul(h, leaves[2 * k]), leaves[2 * k + 1]));
    }
    out[0] = wg_mean(wg_square(h));
    assert_int_equal(wg_grad(out[0], 2 * LAYERS, leaves, g), WG_OK);
    for (int k = 0; k < 2 * LAYERS; k++)
        out[k + 1] = wg_assign(leaves[k], wg_sub(leaves[k], wg_mul_scalar(g[k], 0.1)));
    takes_at_most("a training step", MOST, 2 * LAYERS + 1, out);
    wg_tape_free(t);
}

/* Nothing to fuse: each node is an instruction. */
static void products_alone(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F32);
    wg_tensor *a = wg_input(t, "a", WG_SHAPE(2, 2)), *y = a;
    for (int k = 0; k < LENGTH; k++)
        y = wg_matmul(y, a);
    takes_at_most("products", MOST, 1, &y);
    for (int k = 0; k < LENGTH; k++)
        y = wg_cumsum(y, 0);
    takes_at_most("calls", MOST, 1, &y);
    for (int k = 0; k < LENGTH; k++)
        y = wg_sum_axes(wg_matmul(y, a), WG_AXES(), false);
    takes_at_most("reductions", MOST, 1, &y);
    wg_tape_free(t);
}

/* Each view is copied, as the calls between read whole arrays. */
static void copied_views_and_calls(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F32);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(4, 30)), *y = x;
    for (int k = 0; k < LENGTH; k++)
        y = wg_reshape(wg_permute(y, WG_AXES(1, 0)), WG_SHAPE(4, 30));
    takes_at_most("copied views", MOST, 1, &y);
    for (int k = 0; k < LENGTH; k++)
        y = wg_cumsum(wg_flip(y, WG_AXES(0, 1)), 0);
    takes_at_most("copied views between calls", MOST, 1, &y);
    wg_tensor *few = wg_input(t, "few", WG_SHAPE(2, 3, 2));
    for (int k = 0; k < LENGTH; k++)
        few = wg_cumsum(wg_permute(few, WG_AXES(1, 0, 2)), 0);
    takes_at_most("copies of few elements", MOST, 1, &few);
    for (int k = 0; k < LENGTH; k++)
        few = wg_where(wg_cumsum(few, 0), few, few);
    takes_at_most("lone ops of few elements", MOST, 1, &few);
    wg_tape_free(t);
}

static void indices(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F32);
    const int32_t places[] = {3, 1, 0, 2};
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(4, 5)), *y = x, *g[2];
    wg_tensor *i = wg_constant_as(t, WG_I32, WG_SHAPE(4), places);
    for (int k = 0; k < LENGTH; k++)
        y = wg_take(y, i, 0);
    takes_at_most("takes", MOST, 1, &y);
    g[0] = wg_sum(y);
    assert_int_equal(wg_grad(g[0], 1, &x, &g[1]), WG_OK);
    takes_at_most("takes and their adjoints", MOST, 2, g);
    for (int k = 0; k < LENGTH; k++) { /* many shapes */
        y = wg_concat(2, (wg_tensor *[]){y, x}, 0);
        y = k % 20 ? wg_cumsum(y, 0) : wg_slice(y, 0, 0, 4, 1);
    }
    takes_at_most("concats", MOST, 1, &y);
    wg_tape_free(t);
}

/* Each slice is an output of its own. */
static void many_slices(void **state)
{
    (void)state;
    static wg_tensor *out[2 * LENGTH];
    wg_tape *t = wg_tape_new(WG_F32);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(2 * LENGTH, 2));
    for (int k = 0; k < 2 * LENGTH; k++)
        out[k] = wg_slice(x, 0, k, k + 1, 1);
    takes_at_most("slices", MOST, 2 * LENGTH, out);
    for (int k = 0; k < 2 * LENGTH; k++)
        out[k] = wg_transpose(wg_slice(x, 0, k % 1000, k % 1000 + 2 + k % 13, 1));
    takes_at_most("slices and transposes", MOST, 2 * LENGTH, out);
    wg_tape_free(t);
}

static void a_wide_sum(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(3)), *sum = x;
    for (int k = 0; k < LENGTH; k++)
        sum = wg_add(sum, wg_mul_scalar(x, k % 1000));
    takes_at_most("a wide sum", MOST, 1, &sum);
    wg_tape_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chain_and_its_gradient),
        cmocka_unit_test(a_deep_network),
        cmocka_unit_test(products_alone),
        cmocka_unit_test(copied_views_and_calls),
        cmocka_unit_test(indices),
        cmocka_unit_test(many_slices),
        cmocka_unit_test(a_wide_sum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
