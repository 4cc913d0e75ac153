/* A run allocates nothing, whatever the program consists of.
 * wraps: malloc calloc realloc aligned_alloc free */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <wengert.h>

#include "support/failing_alloc.h"

static void runs_without_allocating(wg_program *p)
{
    assert_non_null(p);
    assert_int_equal(wg_run(p), WG_OK);
    failing_arm(FAIL_NONE, 0);
    for (int k = 0; k < 10; k++)
        if (wg_run(p) != WG_OK)
            fail_msg("the run failed: %s", wg_program_error(p));
    assert_int_equal(failing_disarm(), 0);
}

/* Products, loops, reductions by rows and by columns, strides, index ops, sorting, random draws,
 * assignments. */
static void a_training_step_allocates_nothing(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F32);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(16, 20)),
              *labels = wg_input_as(t, "labels", WG_I32, WG_SHAPE(16));
    wg_tensor *w = wg_param(t, "w", WG_SHAPE(20, 30), wg_init_glorot()),
              *b = wg_param(t, "b", WG_SHAPE(30), wg_init_zeros());
    wg_tensor *v = wg_param(t, "v", WG_SHAPE(30, 10), wg_init_he()), *g[3], *leaves[] = {w, b, v};
    wg_tensor *h = wg_dropout(wg_relu(wg_add(wg_matmul(x, w), b)), 0.2), *logits = wg_matmul(h, v);
    wg_tensor *cost = wg_cross_entropy(logits, labels), *top, *places;
    assert_int_equal(wg_grad(cost, 3, leaves, g), WG_OK);
    top = wg_topk(logits, 3, -1, true, &places);
    wg_tensor *out[] = {cost,
                        wg_sum_axes(wg_transpose(h), WG_AXES(0), false),
                        wg_argmax(logits, 1, false),
                        top,
                        places,
                        wg_cumsum(logits, 0),
                        wg_assign(w, wg_sub(w, wg_mul_scalar(g[0], 0.1))),
                        wg_assign(b, wg_sub(b, wg_mul_scalar(g[1], 0.1))),
                        wg_assign(v, wg_sub(v, wg_mul_scalar(g[2], 0.1)))};
    float pixels[320];
    int32_t digits[16];
    for (int i = 0; i < 320; i++)
        pixels[i] = (float)(i % 17) / 17;
    for (int i = 0; i < 16; i++)
        digits[i] = i % 10;
    wg_set_f32(x, pixels);
    wg_set_i32(labels, digits);
    const int n = (int)(sizeof out / sizeof *out);
    runs_without_allocating(wg_compile(n, out));
    runs_without_allocating(wg_compile_with(n, out, &(wg_compile_options){.threads = 3}));
    runs_without_allocating(wg_compile_with(n, out, &(wg_compile_options){.trace_nan = true}));
    runs_without_allocating(wg_compile_with(n, out, &(wg_compile_options){.profile = true}));
    wg_bind(x, pixels); /* pointers are set anew: no memory for that either */
    runs_without_allocating(wg_compile(n, out));
    assert_null(wg_error(t));
    wg_tape_free(t);
}

static void feeding_and_reading_allocate_nothing(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(4)), *y = wg_sum(wg_square(x));
    wg_program *p = wg_compile(1, &y);
    double v[4] = {1, 2, 3, 4}, sum = 0;
    wg_set_f64(x, v);
    failing_arm(FAIL_NONE, 0);
    for (int k = 0; k < 10; k++) {
        wg_set_f64(x, v);
        wg_run(p);
        sum += wg_item(y);
    }
    assert_int_equal(failing_disarm(), 0);
    assert_true(sum == 300);
    wg_tape_free(t);
}

/* Of small and of several arena chunks: 100 to 20,000 nodes, 30 KiB to 5 MiB. */
static void recording_anew_allocates_nothing(void **state)
{
    (void)state;
    for (int nodes = 100; nodes <= 20000; nodes *= 14) {
        wg_tape *t = wg_tape_new(WG_F64);
        wg_tensor *x = wg_input(t, "x", WG_SHAPE(4));
        wg_mark mark = wg_tape_mark(t);
        for (int round = 0; round < 5; round++) {
            if (round == 2)
                failing_arm(FAIL_NONE, 0);
            wg_tensor *y = x;
            for (int k = 0; k < nodes; k++)
                y = wg_sin(y);
            assert_non_null(y);
            wg_tape_rewind(t, mark);
        }
        assert_int_equal(failing_disarm(), 0);
        wg_tape_free(t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_training_step_allocates_nothing),
        cmocka_unit_test(feeding_and_reading_allocate_nothing),
        cmocka_unit_test(recording_anew_allocates_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
