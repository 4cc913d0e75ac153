/* Numbers for drawings and traces: values, ranges, local derivatives, how they are written, and
 * that the tape is as before.
 * labels: valgrind */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <wengert.h>

#include <cmocka.h>

#include "look/numbers.h"

static void reads(const wg_numbers *n, int64_t handle, const char *wanted)
{
    char text[300];
    assert_string_equal(wg_number_text(wg_number_at(n, handle), text, sizeof text), wanted);
}

static void numbers_leave_no_trace(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F32);
    wg_tensor *w = wg_param(t, "w", WG_SHAPE(2, 2), wg_init_values((double[]){1, 2, 3, 4.25}));
    wg_tensor *large =
        wg_param(t, "large", WG_SHAPE(50), wg_init_values((double[50]){-1, [9] = 7}));
    wg_tensor *k = wg_constant_as(t, WG_I32, WG_SHAPE(3), (int32_t[]){4, 5, 6});
    wg_tensor *step = wg_assign(w, wg_mul_scalar(w, 2));
    int64_t before = wg_node_count(t);
    wg_numbers n;
    assert_int_equal(wg_numbers_begin(&n, t), WG_OK);
    int64_t at[] = {wg_numbers_add(&n, w), wg_numbers_add(&n, large), wg_numbers_add(&n, k),
                    wg_numbers_add(&n, step), wg_numbers_add(&n, wg_sum(w)),
                    wg_numbers_add(&n, wg_full(t, WG_SHAPE(40), 0.125))};
    assert_int_equal(wg_numbers_work_out(&n, WG_OK), WG_OK);
    reads(&n, at[0], "[1, 2]\n[3, 4.25]");
    reads(&n, at[1], "-1 .. 7");
    reads(&n, at[2], "[4, 5, 6]");
    reads(&n, at[3], "[2, 4]\n[6, 8.5]");
    reads(&n, at[4], "10.25");
    reads(&n, at[5], "all 0.125");
    reads(&n, -1, "");
    char text[5];
    assert_string_equal(wg_number_text(wg_number_at(&n, at[0]), text, sizeof text), "[1, ");
    wg_numbers_free(&n);
    assert_int_equal(wg_node_count(t), before);
    double still[4];
    assert_int_equal(wg_get_f64(w, still), WG_OK);
    assert_true(still[3] == 4.25); /* nothing was assigned */
    assert_null(wg_error(t));
    wg_tape_free(t);
}

static void a_missing_input_is_named(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *other = wg_input(t, "other", WG_SHAPE()), *x = wg_input(t, "x", WG_SHAPE());
    wg_tensor *y = wg_exp(x);
    wg_numbers n;
    assert_int_equal(wg_numbers_begin(&n, t), WG_OK);
    wg_numbers_add(&n, y);
    assert_int_equal(wg_numbers_work_out(&n, WG_OK), WG_ERR_ARGUMENT);
    assert_non_null(strstr(wg_error(t), "\"x\""));
    assert_int_equal(wg_node_count(t), 3);
    wg_numbers_free(&n);
    assert_int_equal(wg_numbers_begin(&n, t), WG_ERR_ARGUMENT); /* an error sticks */
    assert_non_null(other);
    wg_tape_free(t);
}

/* The kind and the text of dy / d input i. */
static void derives(wg_tensor *y, int i, wg_local_kind kind, const char *wanted)
{
    wg_numbers n;
    wg_tensor *d;
    assert_int_equal(wg_numbers_begin(&n, wg_tape_of(y)), WG_OK);
    assert_int_equal(wg_local_derivative(y, i, &d), kind);
    int64_t handle = wg_numbers_add(&n, d);
    assert_int_equal(wg_numbers_work_out(&n, WG_OK), WG_OK);
    reads(&n, handle, wanted);
    wg_numbers_free(&n);
}

static void local_derivatives_are_those_of_one_op(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F32);
    wg_tensor *a = wg_param(t, "a", WG_SHAPE(), wg_init_values((double[]){3}));
    wg_tensor *b = wg_param(t, "b", WG_SHAPE(), wg_init_values((double[]){5}));
    wg_tensor *v = wg_param(t, "v", WG_SHAPE(2, 1), wg_init_values((double[]){0, 2}));
    wg_tensor *m = wg_param(t, "m", WG_SHAPE(2, 2), wg_init_values((double[]){1, 2, 3, 4}));
    wg_tensor *big = wg_param(t, "big", WG_SHAPE(9, 2), wg_init_zeros());
    derives(wg_mul(a, b), 0, WG_LOCAL_EACH, "5");
    derives(wg_mul(a, b), 1, WG_LOCAL_EACH, "3");
    derives(wg_mul(a, a), 0, WG_LOCAL_EACH, "3"); /* each of the two, not their sum */
    derives(wg_square(v), 0, WG_LOCAL_EACH, "[0]\n[4]");
    derives(wg_sum(wg_square(v)), 0, WG_LOCAL_MATRIX, "all 1");
    derives(wg_matmul(m, v), 1, WG_LOCAL_MATRIX, "[1, 2]\n[3, 4]");
    derives(wg_matmul(m, v), 0, WG_LOCAL_MATRIX, "[0, 2, 0, 0]\n[0, 0, 0, 2]");
    derives(wg_matmul(big, v), 1, WG_LOCAL_UNSHOWN, "");
    derives(wg_transpose(m), 0, WG_LOCAL_EACH, "");
    derives(wg_floor(a), 0, WG_LOCAL_ZERO, "");
    derives(wg_argmax(m, 0, false), 0, WG_LOCAL_NONE, "");
    assert_null(wg_error(t));
    wg_tape_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_leave_no_trace),
        cmocka_unit_test(a_missing_input_is_named),
        cmocka_unit_test(local_derivatives_are_those_of_one_op),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
