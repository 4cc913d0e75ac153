/* Derivatives as a mechanism: seeds, orders, pruning, dependence, closed forms.  (Rules are
 * checked one by one elsewhere.)
 * labels: valgrind */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>
#include <wengert.h>

static void close_to(double got, double wanted)
{
    if (!(fabs(got - wanted) <= 1e-12 * fmax(1, fabs(wanted))))
        fail_msg("got %.17g, wanted %.17g", got, wanted);
}

static void all_close(wg_tensor *x, const double *wanted)
{
    double v[64];
    assert_non_null(x);
    assert_true(wg_count_of(x) <= 64);
    assert_int_equal(wg_get_f64(x, v), WG_OK);
    for (int64_t i = 0; i < wg_count_of(x); i++)
        close_to(v[i], wanted[i]);
}

/* f = sum x^3:  3x^2, 6x, 6, 0. */
static void gradients_of_gradients_to_any_order(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_constant(t, WG_SHAPE(3), (double[]){1, 2, 3}),
              *f = wg_sum(wg_mul(x, wg_mul(x, x))), *g, *h, *third, *fourth;
    assert_int_equal(wg_grad(f, 1, &x, &g), WG_OK);
    assert_int_equal(wg_grad(wg_sum(g), 1, &x, &h), WG_OK);
    assert_int_equal(wg_grad(wg_sum(h), 1, &x, &third), WG_OK);
    assert_int_equal(wg_grad(wg_sum(third), 1, &x, &fourth), WG_OK);
    all_close(g, (double[]){3, 12, 27});
    all_close(h, (double[]){6, 12, 18});
    all_close(third, (double[]){6, 6, 6});
    all_close(fourth, (double[]){0, 0, 0});
    wg_tape_free(t);
}

/* The k-th derivative of e^(2x) is 2^k e^(2x). */
static void tenth_derivative(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_constant(t, WG_SHAPE(), (double[]){0.3}), *y = wg_exp(wg_mul_scalar(x, 2));
    for (int k = 0; k < 10; k++)
        assert_int_equal(wg_grad(y, 1, &x, &y), WG_OK);
    close_to(wg_item(y) / (1024 * exp(0.6)), 1);
    wg_tape_free(t);
}

static void inner_tensors_and_leaves_together(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_constant(t, WG_SHAPE(), (double[]){2}),
              *w = wg_constant(t, WG_SHAPE(), (double[]){5});
    wg_tensor *h = wg_mul(x, w), *y = wg_square(h), *g[4], *wanted[] = {h, x, w, y};
    assert_int_equal(wg_grad(y, 4, wanted, g), WG_OK);
    close_to(wg_item(g[0]), 20);  /* 2h */
    close_to(wg_item(g[1]), 100); /* 2hw: through h, although h is wanted, too */
    close_to(wg_item(g[2]), 40);
    close_to(wg_item(g[3]), 1);
    wg_tape_free(t);
}

static void what_does_not_matter_gets_zeros(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_constant(t, WG_SHAPE(2), (double[]){1, 2}),
              *other = wg_input(t, "other", WG_SHAPE(3));
    wg_tensor *y = wg_sum(wg_square(x)), *later = wg_exp(x), *g[4];
    wg_tensor *wanted[] = {other, x, later, wg_stop_gradient(x)};
    assert_int_equal(wg_grad(y, 4, wanted, g), WG_OK);
    all_close(g[0], (double[]){0, 0, 0});
    all_close(g[1], (double[]){2, 4});
    all_close(g[2], (double[]){0, 0});
    all_close(g[3], (double[]){0, 0});
    assert_int_equal(wg_grad(y, 0, NULL, g), WG_OK);
    wg_tape_free(t);
}

static void paths_that_meet_are_summed(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *u = wg_constant(t, WG_SHAPE(), (double[]){0.7}), *y = wg_sin(u), *w = wg_exp(u),
              *z = wg_mul(y, w), *g;
    wg_grad(z, 1, &u, &g);
    close_to(wg_item(g), cos(0.7) * exp(0.7) + sin(0.7) * exp(0.7));
    wg_tensor *same = wg_add(wg_mul(u, u), wg_mul(u, u));
    wg_grad(same, 1, &u, &g);
    close_to(wg_item(g), 4 * 0.7);
    wg_tape_free(t);
}

/* An adjoint that nobody wants is not recorded:
 * the gradient for w alone does not touch x's side. */
static void only_what_is_needed_is_recorded(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(4, 3)), *w = wg_input(t, "w", WG_SHAPE(3, 2));
    wg_tensor *deep = x, *g;
    for (int k = 0; k < 50; k++)
        deep = wg_tanh(deep);
    wg_tensor *y = wg_sum(wg_matmul(deep, w));
    int64_t before = wg_node_count(t);
    wg_grad(y, 1, &w, &g);
    int64_t for_w = wg_node_count(t) - before;
    assert_in_range(for_w, 1, 8);
    for (int64_t i = before + 1; i < wg_node_count(t); i++)
        assert_string_not_equal(wg_op_name(wg_node(t, i)), "tanh");
    before = wg_node_count(t);
    wg_grad(y, 1, &x, &g);
    assert_true(wg_node_count(t) - before > 100);
    wg_tape_free(t);
}

static void adjoints_know_where_they_come_from(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(2)), *h = wg_sin(x), *y = wg_sum(h), *g;
    wg_grad(y, 1, &x, &g);
    assert_null(wg_origin_of(h));
    assert_ptr_equal(wg_origin_of(g), h);
    wg_exp(x);
    assert_null(wg_origin_of(wg_node(t, wg_node_count(t) - 1)));
    wg_tape_free(t);
}

typedef struct heard {
    int n;
    wg_sweep_event event[8];
} heard;

static void hear(void *user, const wg_sweep_event *e)
{
    heard *h = user;
    assert_in_range(h->n, 0, 7);
    h->event[h->n++] = *e;
}

/* z = sin(u) e^u: the product hands on twice, then e^u and sin(u) each reach u,
 * in the order of the sweep. */
static void a_sweep_can_be_watched(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *u = wg_constant(t, WG_SHAPE(), (double[]){0.7}), *a = wg_sin(u), *b = wg_exp(u),
              *z = wg_mul(a, b), *g;
    heard h = {0};
    assert_int_equal(wg_vjp_watched(z, wg_scalar(t, 2), 1, &u, &g, hear, &h), WG_OK);
    assert_int_equal(h.n, 4);
    wg_tensor *const node[] = {z, z, b, a};
    const double term[] = {2 * exp(0.7), 2 * sin(0.7), 2 * sin(0.7) * exp(0.7),
                           2 * cos(0.7) * exp(0.7)};
    const double adjoint[] = {2, 2, 2 * sin(0.7), 2 * exp(0.7)};
    for (int k = 0; k < 4; k++) {
        assert_ptr_equal(h.event[k].node, node[k]);
        assert_int_equal(h.event[k].i, k == 1);
        close_to(wg_item(h.event[k].term), term[k]);
        close_to(wg_item(h.event[k].adjoint), adjoint[k]);
        if (k < 3)
            assert_ptr_equal(h.event[k].sum, h.event[k].term);
    }
    close_to(wg_item(h.event[3].sum), term[2] + term[3]);
    assert_ptr_equal(h.event[3].sum, g);
    assert_int_equal(wg_vjp_watched(z, wg_zeros_like(z), 1, &u, &g, NULL, NULL), WG_OK);
    wg_tape_free(t);
}

static void vjp_takes_a_cotangent(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_constant(t, WG_SHAPE(3), (double[]){1, 2, 3}), *y = wg_square(x), *g;
    wg_tensor *v = wg_constant(t, WG_SHAPE(3), (double[]){10, -1, 0.5});
    assert_int_equal(wg_vjp(y, v, 1, &x, &g), WG_OK);
    all_close(g, (double[]){20, -4, 3});
    assert_int_equal(wg_vjp(y, wg_scalar(t, 1), 1, &x, &g), WG_ERR_ARGUMENT);
    assert_null(g);
    assert_non_null(strstr(
        wg_error(t), "vjp: wants a cotangent of the result's tape, shape and dtype, "
                           "got square#1 f64 [3] x full#"));
    wg_tape_free(t);
}

/* y = A x: J u = A u, J'v = A'v, and <v, J u> = <J'v, u>. */
static void jvp_and_vjp_are_adjoint(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_constant(t, WG_SHAPE(2, 3), (double[]){.1, .2, .3, .4, .5, .6});
    wg_tensor *w = wg_constant(t, WG_SHAPE(3, 2), (double[]){1, -2, 3, 4, -5, 6});
    wg_tensor *y = wg_tanh(wg_matmul(wg_sigmoid(x), w));
    wg_tensor *wanted[] = {x, w};
    wg_tensor *u[] = {wg_constant(t, WG_SHAPE(2, 3), (double[]){3, 1, -4, 1, -5, 9}),
                      wg_constant(t, WG_SHAPE(3, 2), (double[]){2, 7, 1, -8, 2, 8})};
    wg_tensor *v = wg_constant(t, WG_SHAPE(2, 2), (double[]){1, 6, -1, 8}), *g[2];
    wg_tensor *ju = wg_jvp(y, 2, wanted, u);
    assert_non_null(ju);
    wg_vjp(y, v, 2, wanted, g);
    double left = wg_item(wg_sum(wg_mul(v, ju))),
           right = wg_item(wg_add(wg_sum(wg_mul(g[0], u[0])), wg_sum(wg_mul(g[1], u[1]))));
    close_to(left / right, 1);
    /* along w alone: only the product's second rule */
    wg_tensor *along_w = wg_jvp(y, 1, &w, &u[1]);
    wg_tensor *by_hand = wg_mul(wg_matmul(wg_sigmoid(x), u[1]), wg_rsub(wg_square(y), 1));
    double a[4], b[4];
    wg_get_f64(along_w, a);
    wg_get_f64(by_hand, b);
    for (int i = 0; i < 4; i++)
        close_to(a[i], b[i]);
    assert_null(wg_jvp(y, 1, &w, &u[0]));
    assert_non_null(wg_error(t));
    wg_tape_free(t);
}

/* f = x'Ax / 2 + sum x^3:  gradient (A + A')x/2 + 3x^2, Hessian (A + A')/2 + 6 diag x. */
static void hessians_and_their_products(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    const double a[] = {2, 1, 0, -3, 4, 5, 7, -1, 6}, at[] = {0.5, -1, 2};
    wg_tensor *x = wg_constant(t, WG_SHAPE(3), at), *m = wg_constant(t, WG_SHAPE(3, 3), a);
    wg_tensor *col = wg_reshape(x, WG_SHAPE(3, 1));
    wg_tensor *f = wg_add(wg_mul_scalar(wg_sum(wg_mul(col, wg_matmul(m, col))), 0.5),
                          wg_sum(wg_pow_scalar(x, 3)));
    double h[9];
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            h[3 * i + j] = (a[3 * i + j] + a[3 * j + i]) / 2 + (i == j ? 6 * at[i] : 0);
    wg_tensor *hessian = wg_hessian(f, x);
    assert_true(wg_shape_equal(wg_shape_of(hessian), WG_SHAPE(3, 3)));
    all_close(hessian, h);
    const double v[] = {1, 2, -3};
    wg_tensor *along = wg_constant(t, WG_SHAPE(3), v), *hv;
    assert_int_equal(wg_hvp(f, 1, &x, &along, &hv), WG_OK);
    double wanted[3] = {0};
    for (int i = 0; i < 9; i++)
        wanted[i / 3] += h[i] * v[i % 3];
    all_close(hv, wanted);
    wg_tape_free(t);
}

/* Mixed blocks: f = x y^2, H = [[0, 2y], [2y, 2x]]. */
static void hvp_of_several_tensors(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x[] = {wg_constant(t, WG_SHAPE(), (double[]){3}),
                      wg_constant(t, WG_SHAPE(), (double[]){5})};
    wg_tensor *v[] = {wg_scalar(t, 7), wg_scalar(t, 11)}, *h[2];
    assert_int_equal(wg_hvp(wg_mul(x[0], wg_square(x[1])), 2, x, v, h), WG_OK);
    close_to(wg_item(h[0]), 10 * 11);
    close_to(wg_item(h[1]), 10 * 7 + 6 * 11);
    /* linear: the Hessian is zero */
    assert_int_equal(wg_hvp(wg_add(x[0], x[1]), 2, x, v, h), WG_OK);
    close_to(wg_item(h[0]), 0);
    wg_tape_free(t);
}

static void jacobians_have_both_shapes(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_constant(t, WG_SHAPE(2), (double[]){2, 3}),
              *a = wg_constant(t, WG_SHAPE(3, 1), (double[]){1, 10, 100});
    wg_tensor *y = wg_mul(a, wg_square(x)); /* [3, 2] */
    wg_tensor *j = wg_jacobian(y, x);
    assert_true(wg_shape_equal(wg_shape_of(j), WG_SHAPE(3, 2, 2)));
    all_close(j, (double[]){4, 0, 0, 6, 40, 0, 0, 60, 400, 0, 0, 600});
    wg_tensor *scalar = wg_jacobian(wg_sum(x), x);
    assert_true(wg_shape_equal(wg_shape_of(scalar), WG_SHAPE(2)));
    all_close(scalar, (double[]){1, 1});
    wg_tensor *empty = wg_jacobian(wg_slice(x, 0, 0, 0, 1), x);
    assert_true(wg_shape_equal(wg_shape_of(empty), WG_SHAPE(0, 2)));
    assert_null(wg_error(t));
    wg_tape_free(t);
}

static bool no_rule_infer(wg_tensor *y)
{
    return wg_infer_like(y, 0);
}

static wg_status no_rule_kernel(const wg_call *c)
{
    memcpy(c->out->data, c->in[0].data, (size_t)c->out->count * wg_dtype_size(c->out->dtype));
    return WG_OK;
}

/* Where an operand of a concat begins is remembered from one to the next, and forgotten when
 * another node takes the place of the concat: here in memory, too. */
static void operands_of_a_concat_begin_where_they_do(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(2)), *w = wg_constant(t, WG_SHAPE(8), (double[]){
        1, 2, 3, 4, 5, 6, 7, 8});
    const wg_mark mark = wg_tape_mark(t);
    wg_set_f64(x, (double[]){0, 0});
    for (int64_t first = 1; first <= 4; first++) {
        wg_tape_rewind(t, mark);
        wg_tensor *part[3] = {wg_full(t, WG_SHAPE(first), 0), wg_full(t, WG_SHAPE(2), 0), x}, *g;
        wg_tensor *y = wg_concat(3, part, 0);
        wg_tensor *sum = wg_sum(wg_mul(y, wg_slice(w, 0, 0, first + 4, 1)));
        assert_int_equal(wg_grad(sum, 1, &x, &g), WG_OK);
        double got[2];
        assert_int_equal(wg_get_f64(g, got), WG_OK);
        assert_true(got[0] == (double)(first + 3) && got[1] == (double)(first + 4));
    }
    wg_tape_free(t);
}

static void a_missing_rule_is_an_error_not_zero(void **state)
{
    (void)state;
    static const wg_op no_rule = {.size = sizeof(wg_op),
                                  .name = "no_rule",
                                  .arity = 1,
                                  .infer = no_rule_infer,
                                  .kernel = no_rule_kernel};
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_constant(t, WG_SHAPE(2), (double[]){1, 2}),
              *y = wg_apply(&no_rule, 1, &x, NULL), *g = x;
    assert_int_equal(wg_grad(wg_sum(y), 1, &x, &g), WG_ERR_ARGUMENT);
    assert_null(g);
    assert_string_equal(wg_error(t),
                        "grad: no_rule has no rule for its derivative, reached at no_rule#1");
    wg_clear_error(t);
    wg_tensor *w = wg_constant(t, WG_SHAPE(2), (double[]){1, 2});
    assert_int_equal(wg_grad(wg_sum(wg_mul(w, y)), 1, &w, &g), WG_OK); /* not on the way */
    all_close(g, (double[]){1, 2});
    wg_tape_free(t);
}

static void bad_arguments_are_refused(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64), *s = wg_tape_new(WG_F64);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(3)), *far = wg_input(s, "far", WG_SHAPE()), *g = x;
    assert_int_equal(wg_grad(x, 1, &x, &g), WG_ERR_ARGUMENT);
    assert_null(g);
    assert_non_null(strstr(wg_error(t), "grad: wants a result of one element"));
    wg_clear_error(t);
    wg_tensor *y = wg_sum(x), *none = NULL, *labels = wg_input_as(t, "labels", WG_I32, WG_SHAPE(3));
    assert_int_equal(wg_grad(y, 1, &none, &g), WG_ERR_ARGUMENT);
    assert_string_equal(wg_error(t), "grad: wants tensors, got sum#1 [] x NULL");
    wg_clear_error(t);
    assert_int_equal(wg_grad(y, 1, &far, &g), WG_ERR_ARGUMENT);
    wg_clear_error(t);
    assert_int_equal(wg_grad(y, 1, &labels, &g), WG_ERR_ARGUMENT);
    assert_non_null(strstr(wg_error(t), "floating"));
    wg_clear_error(t);
    assert_int_equal(wg_grad(NULL, 1, &x, &g), WG_ERR_ARGUMENT);
    wg_clear_error(t);
    assert_int_equal(wg_grad(y, -1, &x, &g), WG_ERR_ARGUMENT);
    wg_clear_error(t);
    assert_int_equal(wg_grad(y, 1, &x, NULL), WG_ERR_ARGUMENT);
    assert_string_equal(wg_error(t), "grad: wants room for the gradients of 1 tensors, got NULL");
    wg_clear_error(t);
    assert_null(wg_jvp(y, 1, &x, NULL));
    assert_string_equal(wg_error(t), "jvp: wants directions of 1 tensors, got NULL");
    wg_clear_error(t);
    assert_int_equal(wg_hvp(y, 1, &x, NULL, &g), WG_ERR_ARGUMENT);
    assert_string_equal(wg_error(t), "hvp: wants directions of 1 tensors, got NULL");
    assert_null(wg_jacobian(NULL, x));
    assert_null(wg_hessian(x, x));
    wg_tape_free(t);
    wg_tape_free(s);
}

/* A step of gradient descent is one program: f = sum (w - c)^2 falls by (1 - 2 rate)^2 each
 * time. */
static void a_training_step_is_one_program(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F32);
    wg_tensor *w = wg_param(t, "w", WG_SHAPE(3), wg_init_zeros()),
              *c = wg_constant(t, WG_SHAPE(3), (double[]){1, -2, 3}), *g;
    wg_tensor *cost = wg_sum(wg_square(wg_sub(w, c)));
    wg_grad(cost, 1, &w, &g);
    wg_tensor *out[] = {cost, wg_assign(w, wg_sub(w, wg_mul_scalar(g, 0.25)))};
    wg_program *p = wg_compile(2, out);
    for (int k = 0; k < 20; k++) {
        wg_run(p);
        assert_true(fabs(wg_item(cost) - 14 * pow(0.25, k)) < 1e-5 * 14 * pow(0.25, k));
    }
    wg_tape_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_of_gradients_to_any_order),
        cmocka_unit_test(tenth_derivative),
        cmocka_unit_test(inner_tensors_and_leaves_together),
        cmocka_unit_test(what_does_not_matter_gets_zeros),
        cmocka_unit_test(paths_that_meet_are_summed),
        cmocka_unit_test(only_what_is_needed_is_recorded),
        cmocka_unit_test(adjoints_know_where_they_come_from),
        cmocka_unit_test(a_sweep_can_be_watched),
        cmocka_unit_test(vjp_takes_a_cotangent),
        cmocka_unit_test(jvp_and_vjp_are_adjoint),
        cmocka_unit_test(hessians_and_their_products),
        cmocka_unit_test(hvp_of_several_tensors),
        cmocka_unit_test(jacobians_have_both_shapes),
        cmocka_unit_test(operands_of_a_concat_begin_where_they_do),
        cmocka_unit_test(a_missing_rule_is_an_error_not_zero),
        cmocka_unit_test(bad_arguments_are_refused),
        cmocka_unit_test(a_training_step_is_one_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
