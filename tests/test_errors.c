/* Refusals, whatever the op: NULL, tensors of another tape, wrong dtypes; leaves, derivatives,
 * assignments and programs; and that the first error stays.  Shapes, axes and arguments are in
 * test_refused_shapes.c.
 * labels: valgrind */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>

#include "support/refusal.h"

/* ---- what makes a good call bad whatever the op is ---- */

static void every_function_has_a_good_call(void **state)
{
    (void)state;
    refusal_complaints = 0;
    for (int i = 0; i < op_table_size; i++) {
        int found = 0;
        size_t n = strlen(op_table[i].name);
        for (int k = 0; k < op_good_size; k++)
            found += !strncmp(op_good[k].call, op_table[i].name, n)
                     && (op_good[k].call[n] == ' ' || !op_good[k].call[n]);
        if (found != 1)
            refusal_complain(op_table[i].name, "wants one good call in test_errors.c",
                             "has none, or more");
    }
    for (int k = 0; k < op_good_size; k++) {
        op_maker m = {.tape = wg_tape_new(WG_F32), .at = -1};
        op_call c;
        if (!refusal_call(&m, op_good[k].call, &c) || wg_error(m.tape))
            refusal_complain(op_good[k].call, "was refused", wg_error(m.tape));
        wg_tape_free(m.tape);
    }
    assert_int_equal(refusal_complaints, 0);
}

/* How many tensors a good call takes, and the kind of each, f or i. */
static int operands_of(const char *call, char kinds[OP_OPERANDS])
{
    op_maker m = {.tape = wg_tape_new(WG_F32), .at = -1};
    op_call c;
    char why[256];
    assert_true(op_call_read(&c, m.tape, call, op_make_operand, &m, why, sizeof why));
    for (int i = 0; i < c.n; i++)
        kinds[i] = wg_dtype_of(c.x[i]) == WG_I32 ? 'i' : 'f';
    wg_tape_free(m.tape);
    return c.n;
}

static void null_is_refused(void **state)
{
    (void)state;
    refusal_complaints = 0;
    int calls = 0;
    for (int k = 0; k < op_good_size; k++) {
        char kinds[OP_OPERANDS];
        int n = operands_of(op_good[k].call, kinds);
        for (int i = 0; i < n; i++, calls++)
            expect_refusal(op_good[k].call, "NULL", i, AS_NULL, i % 2);
    }
    print_message("%d calls with a NULL\n", calls);
    assert_int_equal(refusal_complaints, 0);
}

static void null_for_a_list_is_refused(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F32);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(2)), *out[2] = {x, x};
    assert_null(wg_concat(2, NULL, 0));
    assert_null(wg_stack(2, NULL, 0));
    assert_null(wg_concat(0, &x, 0));
    assert_null(wg_stack(0, &x, 0));
    assert_null(wg_concat(-1, &x, 0));
    assert_null(wg_einsum("i->i", 1, NULL));
    assert_null(wg_einsum("i->i", 0, &x));
    assert_null(wg_einsum("i->i", -1, &x));
    wg_clear_error(t);
    assert_null(wg_einsum(NULL, 1, &x));
    assert_non_null(strstr(wg_error(t), "einsum: wants "));
    wg_clear_error(t);
    assert_int_not_equal(wg_split(x, 0, 2, NULL, out), WG_OK);
    wg_clear_error(t);
    assert_int_not_equal(wg_split(x, 0, 2, (int64_t[]){1, 1}, NULL), WG_OK);
    wg_clear_error(t);
    assert_int_not_equal(wg_split(NULL, 0, 2, (int64_t[]){1, 1}, out), WG_OK);
    assert_true(!out[0] && !out[1]);
    assert_null(wg_pad(x, NULL, NULL, 0));
    assert_non_null(strstr(wg_error(t), "pad: wants "));
    assert_null(wg_arange(NULL, 0, 1, 1));
    assert_null(wg_arange_as(NULL, WG_I32, 0, 1, 1));
    assert_null(wg_linspace(NULL, 0, 1, 2));
    assert_null(wg_eye(NULL, 2, 2));
    assert_null(wg_scalar(NULL, 1));
    assert_null(wg_full(NULL, WG_SHAPE(2), 1));
    assert_null(wg_uniform(NULL, WG_SHAPE(2), 0, 1));
    assert_null(wg_normal(NULL, WG_SHAPE(2), 0, 1));
    assert_null(wg_bernoulli(NULL, WG_SHAPE(2), 0.5));
    assert_null(wg_permutation(NULL, 2));
    assert_null(wg_assign(NULL, NULL));
    assert_null(wg_input(NULL, "x", WG_SHAPE(2)));
    assert_null(wg_param(NULL, "x", WG_SHAPE(2), wg_init_zeros()));
    assert_null(wg_constant(NULL, WG_SHAPE(1), (double[]){1}));
    wg_tape_free(t);
}

static void tensors_of_another_tape_are_refused(void **state)
{
    (void)state;
    refusal_complaints = 0;
    int calls = 0;
    for (int k = 0; k < op_good_size; k++) {
        char kinds[OP_OPERANDS];
        int n = operands_of(op_good[k].call, kinds);
        for (int i = 0; n > 1 && i < n; i++, calls++)
            expect_refusal(op_good[k].call, "of one tape", i, ON_ANOTHER_TAPE, i % 2);
    }
    print_message("%d calls with a tensor of another tape\n", calls);
    assert_int_equal(refusal_complaints, 0);
}

static void wrong_dtypes_are_refused(void **state)
{
    (void)state;
    refusal_complaints = 0;
    int calls = 0;
    for (int k = 0; k < op_good_size; k++) {
        char kinds[OP_OPERANDS];
        int n = operands_of(op_good[k].call, kinds), floats = 0,
            first = op_good[k].dtypes & FIRST_ANY ? 1 : 0;
        for (int i = first; i < n; i++)
            floats += kinds[i] == 'f';
        for (int i = first; i < n; i++, calls++)
            if (kinds[i] == 'i') {
                expect_refusal(op_good[k].call, NULL, i, AS_F32, false);
                expect_refusal(op_good[k].call, NULL, i, AS_F64, true);
            } else if (floats > 1) {
                expect_refusal(op_good[k].call, NULL, i, AS_F64, false);
                expect_refusal(op_good[k].call, NULL, i, AS_I32, true);
            } else if (op_good[k].dtypes & (TAKES_I32 | OPEN_I32))
                expect_either(op_good[k].call, i, AS_I32);
            else
                expect_refusal(op_good[k].call, NULL, i, AS_I32, false);
    }
    print_message("%d operands of a wrong dtype\n", calls);
    assert_int_equal(refusal_complaints, 0);
}

/* What the headers say takes i32 does, in all operands together. */
static void i32_is_taken_where_it_is_promised(void **state)
{
    (void)state;
    refusal_complaints = 0;
    for (int k = 0; k < op_good_size; k++) {
        char call[128];
        if (!(op_good[k].dtypes & TAKES_I32))
            continue;
        snprintf(call, sizeof call, "%s", op_good[k].call);
        for (char *at = strstr(call, ":f["); at; at = strstr(at, ":f["))
            at[1] = 'i';
        op_maker m = {.tape = wg_tape_new(WG_F32), .at = -1};
        op_call c;
        wg_tensor *y = refusal_call(&m, call, &c);
        if (!y || wg_error(m.tape))
            refusal_complain(call, "was refused", wg_error(m.tape));
        wg_tape_free(m.tape);
    }
    assert_int_equal(refusal_complaints, 0);
}

static void leaves_that_overflow_are_refused(void **state)
{
    (void)state;
    static const int64_t big = INT64_C(4294967296);
    wg_tape *t = wg_tape_new(WG_F64);
    double one = 1;
    const wg_shape bad[] = {WG_SHAPE(big, big),
                            WG_SHAPE(INT64_MAX),
                            WG_SHAPE(INT64_C(1) << 60),
                            WG_SHAPE(-1),
                            WG_SHAPE(2, -3),
                            WG_SHAPE(0, big, big, -1),
                            WG_SHAPE(1, 1, 1, 1, 1, 1, 1, 1, 1),
                            wg_shape_of(NULL)};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        wg_mark m = wg_tape_mark(t);
        for (int k = 0; k < 7; k++) {
            wg_tensor *y = k == 0   ? wg_input(t, "x", bad[i])
                           : k == 1 ? wg_param(t, "x", bad[i], wg_init_zeros())
                           : k == 2 ? wg_param(t, "x", bad[i], wg_init_glorot())
                           : k == 3 ? wg_constant(t, bad[i], &one)
                           : k == 4 ? wg_constant_as(t, WG_F64, bad[i], &one)
                           : k == 5 ? wg_full(t, bad[i], 1)
                                    : wg_input_as(t, "x", WG_F64, bad[i]);
            assert_null(y);
            assert_non_null(wg_error(t));
            assert_non_null(strstr(wg_error(t), ": wants "));
            assert_non_null(strstr(wg_error(t), ", got "));
            assert_int_equal(wg_error_status(t), WG_ERR_ARGUMENT);
            assert_int_equal(wg_tape_rewind(t, m), WG_OK);
            assert_null(wg_error(t));
            assert_null(wg_find(t, "x"));
        }
    }
    /* The same leaf with a good shape; then one more of that name. */
    assert_non_null(wg_input(t, "x", WG_SHAPE(2)));
    assert_null(wg_input(t, "x", WG_SHAPE(2)));
    assert_non_null(strstr(wg_error(t), "input: wants "));
    wg_clear_error(t);
    assert_null(wg_input(t, "", WG_SHAPE(2)));
    assert_null(wg_input(t, NULL, WG_SHAPE(2)));
    assert_null(wg_input_as(t, "y", (wg_dtype)9, WG_SHAPE(2)));
    wg_clear_error(t);
    assert_null(wg_constant(t, WG_SHAPE(2), NULL));
    assert_non_null(strstr(wg_error(t), "constant: wants "));
    wg_tape_free(t);
}

/* ---- what is no op: derivatives, assignments, values ---- */

static void expect_message(wg_tape *t, bool refused, const char *text)
{
    assert_true(refused);
    assert_non_null(wg_error(t));
    if (!strstr(wg_error(t), text))
        fail_msg("wants a message with: %s\nis: %s", text, wg_error(t));
    wg_clear_error(t);
}

static void derivatives_refuse_in_the_same_form(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F32), *other = wg_tape_new(WG_F32);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(3)), *i = wg_input_as(t, "i", WG_I32, WG_SHAPE(3)),
              *far = wg_input(other, "far", WG_SHAPE(3));
    wg_tensor *y = wg_label(wg_square(x), "y"), *s = wg_sum(y), *g[2],
              *v = wg_full(t, WG_SHAPE(2), 1), *none = NULL;
    expect_message(t, wg_grad(y, 1, &x, g) != WG_OK, "grad: wants ");
    expect_message(t, wg_grad(y, 1, &x, g) != WG_OK, ", got \"y\" [3]");
    assert_null(g[0]);
    expect_message(t, wg_grad(s, 1, &i, g) != WG_OK, "\"i\" i32 [3]");
    expect_message(t, wg_grad(s, 1, &far, g) != WG_OK, "\"far\" [3]");
    expect_message(t, wg_grad(s, 1, &none, g) != WG_OK, "NULL");
    expect_message(t, wg_vjp(y, v, 1, &x, g) != WG_OK, "vjp: wants ");
    expect_message(t, wg_vjp(y, NULL, 1, &x, g) != WG_OK, "vjp: wants ");
    expect_message(t, wg_vjp(y, far, 1, &x, g) != WG_OK, "vjp: wants ");
    expect_message(t, !wg_jvp(y, 1, &x, &v), "jvp: wants ");
    expect_message(t, !wg_jvp(y, 1, &x, &none), "jvp: wants ");
    expect_message(t, wg_hvp(y, 1, &x, &v, g) != WG_OK, "hvp: wants ");
    expect_message(t, wg_hvp(s, 1, &x, &v, g) != WG_OK, "hvp: wants ");
    expect_message(t, !wg_hessian(y, x), "hessian: wants ");
    expect_message(t, !wg_jacobian(y, i), "jacobian: wants ");
    expect_message(t, !wg_jacobian(y, NULL), "jacobian: wants ");
    expect_message(t, wg_grad(NULL, 1, &x, g) != WG_OK, "grad: wants tensors, got NULL x \"x\" [3]");
    expect_message(t, !wg_jvp(NULL, 1, &x, &x), "jvp: wants tensors, got NULL");
    expect_message(t, !wg_hessian(NULL, x), "hessian: wants tensors, got NULL");
    assert_int_not_equal(wg_grad(NULL, 1, &none, g), WG_OK);
    assert_int_not_equal(wg_grad(NULL, 1, NULL, g), WG_OK);
    /* Nothing of this made the tape unusable. */
    assert_int_equal(wg_grad(s, 1, &x, g), WG_OK);
    assert_int_equal(wg_set_f32(x, (float[]){1, 2, 3}), WG_OK);
    float six[3];
    assert_int_equal(wg_get_f32(g[0], six), WG_OK);
    assert_true(six[0] == 2 && six[1] == 4 && six[2] == 6);
    assert_null(wg_error(t));
    wg_tape_free(t);
    wg_tape_free(other);
}

static void assignments_and_programs_refuse_in_the_same_form(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F32), *other = wg_tape_new(WG_F32);
    wg_tensor *w = wg_param(t, "w", WG_SHAPE(3), wg_init_zeros()),
              *x = wg_input(t, "x", WG_SHAPE(3)), *two = wg_input(t, "two", WG_SHAPE(2));
    wg_tensor *d = wg_input_as(t, "d", WG_F64, WG_SHAPE(3)),
              *far = wg_input(other, "far", WG_SHAPE(3));
    expect_message(t, !wg_assign(x, w), "assign: wants ");
    expect_message(t, !wg_assign(x, w), "\"x\" [3]");
    expect_message(t, !wg_assign(w, two), "got \"w\" f32 [3] x \"two\" f32 [2]");
    expect_message(t, !wg_assign(w, d), "got \"w\" f32 [3] x \"d\" f64 [3]");
    expect_message(t, !wg_assign(w, far), "tensors of one tape, got \"w\" [3] x \"far\" [3]");
    expect_message(t, !wg_assign(w, NULL), "got \"w\" [3] x NULL");
    expect_message(t, !wg_assign(NULL, w), "got NULL x \"w\" [3]");
    wg_tensor *outputs[2] = {wg_assign(w, x), wg_assign(w, wg_neg(x))};
    expect_message(t, !wg_compile(2, outputs), "compile: wants ");
    outputs[1] = NULL;
    expect_message(t, !wg_compile(2, outputs), "compile: wants ");
    outputs[1] = far;
    expect_message(t, !wg_compile(2, outputs), "compile: wants ");
    wg_program *p = wg_compile(1, outputs);
    assert_non_null(p);
    assert_int_not_equal(wg_run(p), WG_OK); /* x was never set */
    assert_non_null(strstr(wg_program_error(p), "\"x\""));
    wg_clear_error(t);
    assert_int_equal(wg_set_f32(x, (float[]){1, 2, 3}), WG_OK);
    assert_int_equal(wg_run(p), WG_OK);
    assert_null(wg_program_error(p));
    assert_true(isnan(wg_item(x)));
    expect_message(t, true, "item: wants ");
    wg_tape_free(t);
    wg_tape_free(other);
}

/* The first of several errors is kept, across ops, leaves, derivatives and compilations; a mark
 * after it keeps it. */
static void the_first_error_stays(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(2, 3)), *g;
    wg_mark clean = wg_tape_mark(t);
    wg_tensor *bad = wg_matmul(x, x), *y = wg_sum(bad);
    assert_true(!bad && !y);
    static const char first[] =
        "matmul: wants [.., m, k] x [.., k, n], got \"x\" [2, 3] x \"x\" [2, 3]";
    assert_string_equal(wg_error(t), first);
    wg_mark failed = wg_tape_mark(t);
    assert_null(wg_reshape(x, WG_SHAPE(5)));
    assert_null(wg_input(t, "x", WG_SHAPE(1)));
    assert_int_not_equal(wg_grad(x, 1, &x, &g), WG_OK);
    assert_null(wg_compile(1, &bad));
    assert_string_equal(wg_error(t), first);
    assert_int_equal(wg_tape_rewind(t, failed), WG_OK);
    assert_string_equal(wg_error(t), first);
    assert_int_equal(wg_tape_rewind(t, clean), WG_OK);
    assert_null(wg_error(t));
    assert_non_null(wg_find(t, "x"));
    wg_tape_free(t);
    assert_null(wg_tape_new(WG_I32));
    assert_non_null(wg_error(NULL));
}

/* Names are cut, never the message's form: long labels do not push the shapes out. */
static void long_names_leave_room_for_shapes(void **state)
{
    (void)state;
    char name[400];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = 0;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *a = wg_input(t, name, WG_SHAPE(2, 3));
    name[0] = 'm';
    wg_tensor *b = wg_label(wg_neg(a), name);
    assert_null(wg_matmul(a, b));
    assert_non_null(strstr(wg_error(t), "matmul: wants [.., m, k] x [.., k, n], got \"n"));
    assert_non_null(strstr(wg_error(t), "[2, 3] x \"m"));
    assert_string_equal(wg_error(t) + strlen(wg_error(t)) - 6, "[2, 3]");
    wg_tensor *many[16];
    for (int i = 0; i < 16; i++)
        many[i] = b;
    wg_clear_error(t);
    assert_null(wg_concat(16, many, 5));
    assert_non_null(strstr(wg_error(t), "concat: wants "));
    wg_tape_free(t);
}

/* Sums of bytes do not overflow where each of them is just below 2^63. */
static void what_no_memory_holds_is_an_error(void **state)
{
    (void)state;
    for (int64_t n = ((int64_t)1 << 61) - 1; n >> 59; n /= 2) {
        wg_tape *t = wg_tape_new(WG_F32);
        wg_tensor *x = wg_param(t, "x", WG_SHAPE(1), wg_init_zeros());
        for (int plain = 0; plain < 2; plain++) {
            wg_clear_error(t);
            wg_tensor *y = wg_exp(wg_broadcast_to(x, WG_SHAPE(n))),
                      *out[] = {wg_add(wg_flip(y, WG_AXES(0)), y), y};
            assert_null(wg_compile_with(2, out, &(wg_compile_options){.skip = plain ? ~0u : 0}));
            assert_int_equal(wg_error_status(t), WG_ERR_MEMORY);
        }
        wg_tape_free(t);
    }
}

static void a_caller_may_keep_an_error(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F32);
    assert_int_equal(wg_keep_error(t, WG_ERR_DATA, "heads: wants %d or more, got %d", 1, -3),
                     WG_ERR_DATA);
    assert_string_equal(wg_error(t), "heads: wants 1 or more, got -3");
    assert_int_equal(wg_error_status(t), WG_ERR_DATA);
    assert_int_equal(wg_keep_error(t, WG_ERR_IO, "another"), WG_ERR_IO);
    assert_string_equal(wg_error(t), "heads: wants 1 or more, got -3"); /* the first stays */
    assert_int_equal(wg_keep_error(NULL, WG_ERR_ARGUMENT, "no tape"), WG_ERR_ARGUMENT);
    wg_tape_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_function_has_a_good_call),
        cmocka_unit_test(null_is_refused),
        cmocka_unit_test(null_for_a_list_is_refused),
        cmocka_unit_test(tensors_of_another_tape_are_refused),
        cmocka_unit_test(wrong_dtypes_are_refused),
        cmocka_unit_test(i32_is_taken_where_it_is_promised),
        cmocka_unit_test(leaves_that_overflow_are_refused),
        cmocka_unit_test(derivatives_refuse_in_the_same_form),
        cmocka_unit_test(assignments_and_programs_refuse_in_the_same_form),
        cmocka_unit_test(the_first_error_stays),
        cmocka_unit_test(long_names_leave_room_for_shapes),
        cmocka_unit_test(a_caller_may_keep_an_error),
        cmocka_unit_test(what_no_memory_holds_is_an_error),
    };
    return cmocka_run_group_tests_name("errors", tests, NULL, NULL);
}
