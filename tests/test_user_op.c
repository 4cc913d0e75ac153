/* Ops that users define: the record is looked over and checked when it is registered, and used
 * like any other. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <wengert.h>

/* ---- the example's op: some 20 lines ---- */

static bool softsign_infer(wg_tensor *y)
{
    return wg_infer_like(y, 0);
}

static wg_status softsign_kernel(const wg_call *c)
{
    for (int64_t i = 0; i < c->out->count; i++)
        if (c->out->dtype == WG_F64) {
            double x = ((const double *)c->in[0].data)[i];
            ((double *)c->out->data)[i] = x / (1 + fabs(x));
        } else {
            float x = ((const float *)c->in[0].data)[i];
            ((float *)c->out->data)[i] = x / (1 + fabsf(x));
        }
    return WG_OK;
}

static wg_tensor *softsign_vjp(wg_tensor *y, wg_tensor *g, int i)
{
    return wg_div(g, wg_square(wg_add_scalar(wg_abs(wg_in(y, i)), 1)));
}

static const wg_op softsign = {
    .size = sizeof(wg_op),
    .name = "softsign",
    .doc = "x / (1 + |x|)",
    .arity = 1,
    .infer = softsign_infer,
    .kernel = softsign_kernel,
    .vjp = softsign_vjp,
    .domain = {{.lo = -2, .hi = 2, .kink = 0, .has_kink = true}},
};

static wg_tensor *wrong_vjp(wg_tensor *y, wg_tensor *g, int i)
{
    return wg_div(g, wg_add_scalar(wg_abs(wg_in(y, i)), 1)); /* the square is missing */
}

static wg_op like_softsign(const char *name)
{
    wg_op op = softsign;
    op.name = name;
    return op;
}

/* ---- registration ---- */

static void registered_op_is_found_by_its_name(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    assert_null(wg_find_op(t, "softsign"));
    assert_int_equal(wg_register_op_with(t, &softsign, true), WG_OK);
    assert_null(wg_error(t));
    assert_ptr_equal(wg_find_op(t, "softsign"), &softsign);
    assert_int_equal(wg_register_op_with(t, &softsign, true), WG_OK); /* once more is no error */
    wg_tape *other = wg_tape_new(WG_F64);
    assert_null(wg_find_op(other, "softsign"));
    wg_tape_free(other);
    wg_tape_free(t);
}

static void wrong_rule_is_refused_when_checked(void **state)
{
    (void)state;
    wg_op wrong = like_softsign("softsine");
    wrong.vjp = wrong_vjp;
    wg_tape *t = wg_tape_new(WG_F64);
    assert_int_equal(wg_register_op_with(t, &wrong, true), WG_ERR_CHECK);
    assert_non_null(wg_error(t));
    assert_non_null(
        strstr(wg_error(t), "register_op: softsine, sample 0: the derivative at \"x0\"["));
    assert_null(wg_find_op(t, "softsine"));
    wg_clear_error(t);
    assert_int_equal(wg_register_op_with(t, &wrong, false), WG_OK); /* as in a build with NDEBUG */
    wg_tape_free(t);
}

static void refused(const wg_op *op, const char *text)
{
    wg_tape *t = wg_tape_new(WG_F64);
    assert_int_equal(wg_register_op_with(t, op, false), WG_ERR_ARGUMENT);
    assert_string_equal(wg_error(t), text);
    wg_tape_free(t);
}

static void incomplete_records_are_refused(void **state)
{
    (void)state;
    wg_op op = like_softsign("odd");
    op.size = 8;
    char text[200];
    snprintf(text, sizeof text,
             "register_op: wants a record with %zu bytes (.size = sizeof(wg_op)), not 8: that is "
             "another version's, got \"odd\"",
             sizeof(wg_op));
    refused(&op, text);
    refused(NULL, "register_op: wants a record, got NULL");
    op = like_softsign("");
    refused(&op, "register_op: wants a record with a name, got \"\"");
    op = like_softsign("odd");
    op.arity = -2;
    refused(&op,
            "register_op: wants a record with an arity of 0 or more, or WG_VARIADIC, got \"odd\"");
    op = like_softsign("odd");
    op.infer = NULL;
    refused(&op, "register_op: wants a record with an infer, which says the shape of the result, "
                 "got \"odd\"");
    op = like_softsign("odd");
    op.kernel = NULL;
    refused(&op, "register_op: wants a record with a way to be computed: map, view, reduce, "
                 "product or kernel, "
                 "got \"odd\"");
    wg_map map = {.c_text = "x"};
    op.map = &map;
    refused(&op,
            "register_op: wants a record with a map with a kernel for some dtype, got \"odd\"");
    op.arity = 4;
    refused(&op, "register_op: wants a record with one to three inputs for a map, got \"odd\"");
    wg_reduce reduce = {.empty = 0};
    op.map = NULL;
    op.reduce = &reduce;
    refused(&op, "register_op: wants a record with a reduce with a row kernel for some dtype, and "
                 "a reduced, "
                 "which says the axes, got \"odd\"");
    op = like_softsign("matmul");
    refused(&op, "register_op: wants a record with a name not taken yet, got \"matmul\"");
    assert_int_equal(wg_register_op_with(NULL, &softsign, false), WG_ERR_ARGUMENT);
}

/* A record need not be registered to be applied. */
static void not_applied(const wg_op *op, wg_dtype dtype, const char *text)
{
    wg_tape *t = wg_tape_new(dtype);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(3));
    assert_null(wg_apply(op, 1, &x, NULL));
    assert_string_equal(wg_error(t), text);
    wg_tape_free(t);
}

static bool silent_infer(wg_tensor *y)
{
    (void)y;
    return false;
}

static void doubled(int64_t n, void *y, const void *const *x, const int64_t *step, const void *attr)
{
    (void)attr;
    for (int64_t i = 0; i < n; i++)
        ((double *)y)[i] = 2 * ((const double *)x[0])[i * step[0]];
}

static void unfit_records_are_not_applied(void **state)
{
    (void)state;
    wg_op op = like_softsign("odd");
    op.infer = NULL;
    not_applied(&op, WG_F64,
                "odd: wants a record with an infer, which says the shape of the result");
    op = like_softsign("odd");
    op.kernel = NULL;
    not_applied(&op, WG_F64, "odd: wants a record with a way to be computed: map, view, reduce, "
                            "product or kernel");
    op = like_softsign("odd");
    op.attr_size = 8;
    not_applied(&op, WG_F64, "odd: wants 8 bytes of attributes, got NULL");
    op = like_softsign("odd");
    op.infer = silent_infer;
    not_applied(&op, WG_F64, "odd: refused by its infer, which gave no reason");
    wg_map map = {.kernel = {[WG_F64] = doubled}};
    op = like_softsign("odd");
    op.kernel = NULL;
    op.map = &map;
    not_applied(&op, WG_F32, "odd: wants a dtype that the op has a kernel for, got \"x\" f32 [3]");
}

static void names_are_taken_once(void **state)
{
    (void)state;
    wg_op second = like_softsign("softsign");
    wg_tape *t = wg_tape_new(WG_F64);
    assert_int_equal(wg_register_op_with(t, &softsign, false), WG_OK);
    assert_int_equal(wg_register_op_with(t, &second, false), WG_ERR_ARGUMENT);
    assert_string_equal(wg_error(t),
                        "register_op: wants a record with a name not taken yet, got \"softsign\"");
    wg_tape_free(t);
}

/* ---- use ---- */

static void user_op_works_like_any_other(void **state)
{
    (void)state;
    for (int single = 0; single < 2; single++) {
        wg_tape *t = wg_tape_new(single ? WG_F32 : WG_F64);
        wg_tensor *x = wg_constant(t, WG_SHAPE(3), (double[]){-1, 0, 3}), *g, *h;
        wg_tensor *y = wg_apply(&softsign, 1, &x, NULL);
        double v[3];
        assert_int_equal(wg_grad(wg_sum(y), 1, &x, &g), WG_OK);
        assert_int_equal(wg_grad(wg_sum(g), 1, &x, &h), WG_OK);
        wg_get_f64(y, v);
        assert_true(v[0] == -0.5 && v[1] == 0 && v[2] == 0.75);
        wg_get_f64(g, v);
        assert_true(v[0] == 0.25 && v[1] == 1 && v[2] == 0.0625);
        wg_get_f64(h, v); /* -2 sign(x) (1 + |x|)^-3 */
        assert_true(fabs(v[0] - 0.25) < 1e-6 && v[1] == 0 && fabs(v[2] + 0.03125) < 1e-6);
        assert_null(wg_error(t));
        wg_tape_free(t);
    }
}

/* Least squares through the user's op: a training step in one program. */
static void user_op_trains(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_constant(t, WG_SHAPE(4, 1), (double[]){-2, -0.5, 0.5, 2}),
              *y = wg_constant(t, WG_SHAPE(4, 1), (double[]){-0.8, -0.5, 0.5, 0.8});
    wg_tensor *w = wg_param(t, "w", WG_SHAPE(1, 1), wg_init_constant(0.3)), *z = wg_matmul(x, w),
              *g;
    wg_tensor *loss = wg_mse(wg_apply(&softsign, 1, &z, NULL), y); /* w = 2 fits exactly */
    assert_int_equal(wg_grad(loss, 1, &w, &g), WG_OK);
    wg_tensor *step[] = {wg_assign(w, wg_sub(w, wg_mul_scalar(g, 5))), loss};
    wg_program *p = wg_compile(2, step);
    assert_non_null(p);
    for (int k = 0; k < 500; k++)
        assert_int_equal(wg_run(p), WG_OK);
    assert_true(fabs(wg_item(w) - 2) < 1e-6);
    wg_tape_free(t);
}

/* ---- checking one op ---- */

static void check_op_finds_what_is_wrong(void **state)
{
    (void)state;
    wg_check_report r;
    assert_int_equal(wg_check_op(&softsign, NULL, &r), WG_OK);
    assert_true(r.passed && r.checked == 2 * (5 + 12) && fabs(r.worst) < 1e-6);
    wg_op wrong = like_softsign("softsine");
    wrong.vjp = wrong_vjp;
    assert_int_equal(wg_check_op(&wrong, NULL, &r), WG_ERR_CHECK);
    assert_false(r.passed);
    assert_string_equal(r.leaf, "x0");
    assert_non_null(strstr(r.text, "softsine, sample 0"));
    assert_int_equal(wg_check_op(NULL, NULL, &r), WG_ERR_ARGUMENT);
    assert_int_equal(wg_check_op(&wrong, NULL, NULL), WG_ERR_CHECK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(registered_op_is_found_by_its_name),
        cmocka_unit_test(wrong_rule_is_refused_when_checked),
        cmocka_unit_test(incomplete_records_are_refused),
        cmocka_unit_test(unfit_records_are_not_applied),
        cmocka_unit_test(names_are_taken_once),
        cmocka_unit_test(user_op_works_like_any_other),
        cmocka_unit_test(user_op_trains),
        cmocka_unit_test(check_op_finds_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
