/* Tapes: leaves, names, errors that stick, marks and what a rewind drops. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>
#include <wengert.h>

#include "core/arena.h"

static void leaves_are_found_by_name(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F32);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(2, 3));
    wg_tensor *w = wg_param(t, "w", WG_SHAPE(3), wg_init_constant(2));
    assert_ptr_equal(wg_find(t, "x"), x);
    assert_ptr_equal(wg_find(t, "w"), w);
    assert_null(wg_find(t, "y"));
    assert_null(wg_find(t, NULL));
    assert_null(wg_error(t));
    assert_string_equal(wg_name(x), "x");
    assert_int_equal(wg_dtype_of(x), WG_F32);
    assert_int_equal(wg_leaf_kind_of(w), WG_PARAM);
    assert_true(wg_shape_equal(wg_shape_of(x), WG_SHAPE(2, 3)));
    wg_tape_free(t);
}

static void a_name_is_taken_once(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F32);
    wg_input(t, "x", WG_SHAPE());
    assert_null(wg_param(t, "x", WG_SHAPE(3), wg_init_zeros()));
    assert_string_equal(wg_error(t), "param: wants a name not taken on this tape, got \"x\" [3]");
    wg_clear_error(t);
    assert_null(wg_input(t, NULL, WG_SHAPE()));
    assert_string_equal(wg_error(t), "input: wants a name, got NULL []");
    wg_clear_error(t);
    assert_null(wg_input(t, "", WG_SHAPE()));
    assert_non_null(wg_error(t));
    wg_tape_free(t);
}

static void bad_shapes_are_refused(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    const wg_shape bad[] = {
        WG_SHAPE(-1), WG_SHAPE(1, 1, 1, 1, 1, 1, 1, 1, 1),
        WG_SHAPE((int64_t)1 << 40, (int64_t)1 << 40), WG_SHAPE((int64_t)1 << 62),
        WG_SHAPE((int64_t)1 << 40, (int64_t)1 << 40, 0),
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        wg_clear_error(t);
        assert_null(wg_input(t, "x", bad[i]));
        assert_non_null(strstr(wg_error(t), "input: wants a shape"));
        wg_clear_error(t);
        assert_null(wg_full(t, bad[i], 1));
        assert_non_null(strstr(wg_error(t), "full: wants a shape"));
    }
    wg_clear_error(t);
    assert_non_null(wg_input(t, "empty", WG_SHAPE(0, 7)));
    assert_int_equal(wg_count_of(wg_find(t, "empty")), 0);
    wg_tape_free(t);
}

static void the_first_error_sticks_and_null_flows_through(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *a = wg_input(t, "a", WG_SHAPE(3, 4));
    assert_null(wg_sum(wg_matmul(a, a)));
    assert_string_equal(wg_error(t),
                        "matmul: wants [.., m, k] x [.., k, n], got \"a\" [3, 4] x \"a\" [3, 4]");
    assert_int_equal(wg_error_status(t), WG_ERR_ARGUMENT);
    assert_null(wg_add(a, wg_input(t, "b", WG_SHAPE(5))));
    assert_non_null(strstr(wg_error(t), "matmul"));
    assert_non_null(wg_exp(a)); /* what is good is still recorded */
    wg_clear_error(t);
    assert_null(wg_error(t));
    assert_null(wg_add(a, NULL));
    assert_string_equal(wg_error(t), "add: wants tensors, got \"a\" [3, 4] x NULL");
    assert_null(wg_add(NULL, NULL));
    wg_tape_free(t);
    assert_non_null(wg_error(NULL));
    assert_null(wg_tape_new(WG_I32));
    wg_tape_free(NULL);
}

static void tensors_of_two_tapes_do_not_mix(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64), *s = wg_tape_new(WG_F64);
    assert_null(wg_mul(wg_input(t, "a", WG_SHAPE(2)), wg_input(s, "b", WG_SHAPE(2))));
    assert_string_equal(wg_error(t), "mul: wants tensors of one tape, got \"a\" [2] x \"b\" [2]");
    assert_non_null(wg_error(s));
    wg_tape_free(t);
    wg_tape_free(s);
}

static void messages_show_labels_names_or_numbers(void **state)
{
    (void)state;
    char text[64];
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(2)), *y = wg_sigmoid(x);
    assert_string_equal(wg_describe(x, text, sizeof text), "\"x\"");
    assert_string_equal(wg_describe(y, text, sizeof text), "sigmoid#1");
    char label[] = "layer1/a";
    assert_ptr_equal(wg_label(y, label), y);
    label[0] = 'X';
    assert_string_equal(wg_describe(y, text, sizeof text), "\"layer1/a\"");
    assert_string_equal(wg_label_of(y), "layer1/a");
    wg_label(y, NULL);
    assert_null(wg_label_of(y));
    assert_null(wg_label(NULL, "z"));
    wg_tape_free(t);
}

static void a_tape_can_be_walked(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(2)), *y = wg_mul(x, x);
    wg_tensor *const *in;
    assert_int_equal(wg_node_count(t), 2);
    assert_ptr_equal(wg_node(t, 1), y);
    assert_null(wg_node(t, 2));
    assert_null(wg_node(t, -1));
    assert_int_equal(wg_inputs_of(y, &in), 2);
    assert_ptr_equal(in[1], x);
    assert_string_equal(wg_op_name(y), "mul");
    assert_string_equal(wg_op_name(x), "input");
    assert_int_equal(wg_index_of(y), 1);
    assert_int_equal(wg_index_of(NULL), -1);
    wg_tape_free(t);
}

static void rewind_drops_nodes_leaves_and_errors(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_param(t, "x", WG_SHAPE(2), wg_init_constant(3));
    wg_mark mark = wg_tape_mark(t);
    for (int round = 0; round < 100; round++) {
        wg_tensor *y = wg_input(t, "y", WG_SHAPE(2));
        assert_non_null(y);
        wg_tensor *z = wg_mul(x, y);
        assert_int_equal(wg_set_f64(y, (double[]){round, 1}), WG_OK);
        assert_true(wg_item(wg_sum(z)) == 3.0 * round + 3);
        wg_matmul(x, y);
        assert_non_null(wg_error(t));
        assert_int_equal(wg_tape_rewind(t, mark), WG_OK);
        assert_null(wg_error(t));
        assert_null(wg_find(t, "y"));
        assert_int_equal(wg_node_count(t), 1);
    }
    wg_matmul(x, x);
    mark = wg_tape_mark(t);
    wg_exp(x);
    wg_tape_rewind(t, mark);
    assert_non_null(wg_error(t)); /* it came before the mark */
    wg_clear_error(t);
    wg_mark later = {.nodes = 1000};
    assert_int_equal(wg_tape_rewind(t, later), WG_ERR_ARGUMENT);
    wg_tape_free(t);
}

static void labels_survive_a_rewind(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(2));
    wg_mark mark = wg_tape_mark(t);
    for (int k = 0; k < 200; k++)
        wg_exp(x);
    wg_label(x, "the label");
    wg_tape_rewind(t, mark);
    for (int k = 0; k < 200; k++)
        wg_exp(x);
    assert_string_equal(wg_label_of(x), "the label");
    wg_tape_free(t);
}

static void leaves_convert_what_they_are_given(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F32);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(3)), *i = wg_input_as(t, "i", WG_I32, WG_SHAPE(2));
    double d[3];
    int32_t n[3];
    float f[3];
    assert_int_equal(wg_set_f64(x, (double[]){0.1, -2.5, 3}), WG_OK);
    assert_int_equal(wg_get_f64(x, d), WG_OK);
    assert_true(d[0] == (double)0.1f);
    assert_int_equal(wg_get_i32(x, n), WG_OK);
    assert_int_equal(n[1], -2);
    assert_int_equal(wg_set_i32(x, (int32_t[]){7, 8, 9}), WG_OK);
    assert_int_equal(wg_get_f32(x, f), WG_OK);
    assert_true(f[2] == 9);
    assert_int_equal(wg_set_f64(i, (double[]){1, 2.5}), WG_ERR_ARGUMENT);
    assert_string_equal(wg_error(t), "set: \"i\" is i32 and cannot hold element 1, 2.5");
    wg_clear_error(t);
    assert_int_equal(wg_set_f64(i, (double[]){1, 3e9}), WG_ERR_ARGUMENT);
    wg_clear_error(t);
    assert_int_equal(wg_set_f32(i, (float[]){1, -2}), WG_OK);
    assert_int_equal(wg_set_f64(wg_exp(x), d), WG_ERR_ARGUMENT);
    wg_clear_error(t);
    assert_int_equal(wg_set_f64(wg_constant(t, WG_SHAPE(1), d), d), WG_ERR_ARGUMENT);
    wg_clear_error(t);
    assert_int_equal(wg_set_f64(x, NULL), WG_ERR_ARGUMENT);
    assert_int_equal(wg_set_f64(NULL, d), WG_ERR_ARGUMENT);
    wg_tape_free(t);
}

static void parameters_begin_as_told(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    double v[200], again[200], lo = 1, hi = -1;
    wg_seed(t, 7);
    wg_tensor *g = wg_param(t, "g", WG_SHAPE(10, 20), wg_init_glorot());
    wg_get_f64(g, v);
    for (int k = 0; k < 200; k++) {
        lo = v[k] < lo ? v[k] : lo;
        hi = v[k] > hi ? v[k] : hi;
    }
    double bound = 0.4472135954999579; /* sqrt(6 / 30) */
    assert_true(lo >= -bound && lo < -0.9 * bound && hi <= bound && hi > 0.9 * bound);
    wg_tape *s = wg_tape_new(WG_F64);
    wg_seed(s, 7);
    wg_get_f64(wg_param(s, "other", WG_SHAPE(10, 20), wg_init_glorot()), again);
    assert_memory_equal(v, again, sizeof v);
    wg_get_f64(wg_param(s, "values", WG_SHAPE(2), wg_init_values((double[]){5, 6})), v);
    assert_true(v[0] == 5 && v[1] == 6);
    double square = 0;
    wg_get_f64(wg_param(s, "he", WG_SHAPE(50, 4), wg_init_he()), v);
    for (int k = 0; k < 200; k++)
        square += v[k] * v[k];
    assert_true(square / 200 > 0.03 && square / 200 < 0.05); /* variance 2 / 50 */
    assert_null(wg_param(s, "none", WG_SHAPE(2), wg_init_values(NULL)));
    assert_string_equal(wg_error(s), "param: wants initial values for \"none\", got NULL");
    const wg_init bad[] = {wg_init_uniform(1, 0), wg_init_normal(0, -1), wg_init_normal(NAN, 1),
                           wg_init_uniform(0, INFINITY), wg_init_uniform(-1e308, 1e308)};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        wg_clear_error(s);
        assert_null(wg_param(s, "bad", WG_SHAPE(2), bad[i]));
        assert_non_null(strstr(wg_error(s), "param: wants "));
    }
    wg_tape_free(t);
    wg_tape_free(s);
}

/* White-box: whatever the size of the chunk that a block opens, and on 32-bit machines, too. */
static void blocks_of_an_arena_are_aligned(void **state)
{
    (void)state;
    for (size_t size = 8; size < 20000; size = size * 5 / 4 + 8) {
        wg_arena a = {0};
        for (int k = 0; k < 20; k++) {
            char *p = wg_arena_alloc(&a, size + (size_t)k), *q = wg_arena_aligned(&a, size, 64);
            assert_true(p && (uintptr_t)p % 8 == 0);
            assert_true(q && (uintptr_t)q % 64 == 0);
            const char *next = wg_arena_alloc(&a, 8);
            assert_true(next < q || next >= q + size);
        }
        wg_arena_free(&a);
    }
}

/* White-box: a rewind keeps the oldest chunk and 16 MiB more, whatever lay behind these. */
static void rewinds_keep_what_comes_first(void **state)
{
    (void)state;
    enum { BLOCK = 1000, MIB = 1 << 20 };
    wg_arena a = {0};
    for (int mib = 1; mib < 40; mib += 3) {
        while (a.total < (size_t)mib * MIB)
            assert_non_null(wg_arena_alloc(&a, BLOCK));
        const size_t held = wg_arena_held(&a), most = (size_t)17 * MIB;
        wg_arena_rewind(&a, 0);
        assert_true(wg_arena_held(&a) == held
                    || (wg_arena_held(&a) <= most && wg_arena_held(&a) > most - (size_t)2 * MIB));
    }
    wg_arena_trim(&a);
    assert_true(wg_arena_held(&a) < (size_t)MIB);
    wg_arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaves_are_found_by_name),
        cmocka_unit_test(a_name_is_taken_once),
        cmocka_unit_test(bad_shapes_are_refused),
        cmocka_unit_test(the_first_error_sticks_and_null_flows_through),
        cmocka_unit_test(tensors_of_two_tapes_do_not_mix),
        cmocka_unit_test(messages_show_labels_names_or_numbers),
        cmocka_unit_test(a_tape_can_be_walked),
        cmocka_unit_test(rewind_drops_nodes_leaves_and_errors),
        cmocka_unit_test(labels_survive_a_rewind),
        cmocka_unit_test(leaves_convert_what_they_are_given),
        cmocka_unit_test(parameters_begin_as_told),
        cmocka_unit_test(blocks_of_an_arena_are_aligned),
        cmocka_unit_test(rewinds_keep_what_comes_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
