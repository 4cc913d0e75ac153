/* The checker finds what it is for: each test makes an op with one mistake and sees it found and
 * named; right models pass; kinks are told from errors, and hide none. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <wengert.h>

/* ---- ops made here: f64 kernels, one function of one element each ---- */

static bool infer_like(wg_tensor *y)
{
    return wg_infer_like(y, 0);
}

static const double *in(const wg_call *c, int i)
{
    return c->in[i].data;
}

static double *out(const wg_call *c)
{
    return c->out->data;
}

static wg_status cube_kernel(const wg_call *c)
{
    for (int64_t i = 0; i < c->out->count; i++)
        out(c)[i] = in(c, 0)[i] * in(c, 0)[i] * in(c, 0)[i];
    return WG_OK;
}

static wg_tensor *slope(wg_tensor *y, wg_tensor *g, double times)
{
    return wg_mul(g, wg_mul_scalar(wg_square(wg_in(y, 0)), times));
}

static wg_tensor *right(wg_tensor *y, wg_tensor *g, int i)
{
    (void)i;
    return slope(y, g, 3);
}

static wg_tensor *wrong_sign(wg_tensor *y, wg_tensor *g, int i)
{
    (void)i;
    return slope(y, g, -3);
}

static wg_tensor *factor_two(wg_tensor *y, wg_tensor *g, int i)
{
    (void)i;
    return slope(y, g, 6);
}

static wg_tensor *zero_rule(wg_tensor *y, wg_tensor *g, int i)
{
    (void)g;
    return wg_zeros_like(wg_in(y, i));
}

static wg_tensor *nan_rule(wg_tensor *y, wg_tensor *g, int i)
{
    (void)i;
    return wg_mul(slope(y, g, 3), wg_full_like(g, NAN));
}

/* Right, but as if the slope were no function of x: the second derivative is lost. */
static wg_tensor *stopped_slope(wg_tensor *y, wg_tensor *g, int i)
{
    (void)i;
    return wg_mul(g, wg_stop_gradient(wg_mul_scalar(wg_square(wg_in(y, 0)), 3)));
}

/* Right in reverse mode, but no derivative passes through g: forward mode gets nothing. */
static wg_tensor *stopped_cotangent(wg_tensor *y, wg_tensor *g, int i)
{
    (void)i;
    return slope(y, wg_stop_gradient(g), 3);
}

/* Works its slope out while recording: right there and then, a constant afterwards. */
static wg_tensor *baked(wg_tensor *y, wg_tensor *g, int i)
{
    double *v = malloc((size_t)wg_count_of(y) * sizeof *v + 1);
    wg_tensor *result = NULL;
    if (v && wg_get_f64(wg_in(y, i), v) == WG_OK) {
        for (int64_t k = 0; k < wg_count_of(y); k++)
            v[k] = 3 * v[k] * v[k];
        result = wg_mul(g, wg_constant(wg_tape_of(y), wg_shape_of(y), v));
    }
    free(v);
    return result;
}

static wg_op cube(wg_tensor *(*vjp)(wg_tensor *, wg_tensor *, int))
{
    return (wg_op){.size = sizeof(wg_op),
                   .name = "cube",
                   .doc = "x^3",
                   .arity = 1,
                   .infer = infer_like,
                   .kernel = cube_kernel,
                   .vjp = vjp};
}

/* ---- an op that keeps what its adjoint needs, as a kernel must not ---- */

static double kept[64];

static wg_status keeping_kernel(const wg_call *c)
{
    memcpy(kept, in(c, 0), (size_t)c->out->count * sizeof(double));
    return cube_kernel(c);
}

static wg_status kept_kernel(const wg_call *c)
{
    for (int64_t i = 0; i < c->out->count; i++)
        out(c)[i] = in(c, 0)[i] * 3 * kept[i] * kept[i];
    return WG_OK;
}

static const wg_op keeping_adjoint = {
    .size = sizeof(wg_op),
    .name = "keeping_adjoint",
    .doc = "g 3x^2",
    .arity = 1,
    .infer = infer_like,
    .kernel = kept_kernel,
};

static wg_tensor *keeping_vjp(wg_tensor *y, wg_tensor *g, int i)
{
    (void)y;
    (void)i;
    return wg_apply(&keeping_adjoint, 1, &g, NULL);
}

static const wg_op keeping = {
    .size = sizeof(wg_op),
    .name = "keeping",
    .doc = "x^3",
    .arity = 1,
    .infer = infer_like,
    .kernel = keeping_kernel,
    .vjp = keeping_vjp,
};

/* ---- a matrix product of one's own ---- */

static bool product_infer(wg_tensor *y)
{
    wg_shape a = wg_shape_of(wg_in(y, 0)), b = wg_shape_of(wg_in(y, 1));
    if (a.rank != 2 || b.rank != 2 || a.dim[1] != b.dim[0])
        return wg_fail(y, "[m, k] x [k, n]");
    return wg_infer(y, wg_dtype_of(wg_in(y, 0)), WG_SHAPE(a.dim[0], b.dim[1]));
}

static wg_status product_kernel(const wg_call *c)
{
    int64_t m = c->in[0].shape.dim[0], k = c->in[0].shape.dim[1], n = c->in[1].shape.dim[1];
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < n; j++) {
            double sum = 0;
            for (int64_t l = 0; l < k; l++)
                sum += in(c, 0)[i * k + l] * in(c, 1)[l * n + j];
            out(c)[i * n + j] = sum;
        }
    return WG_OK;
}

/* b is not transposed for the adjoint of a, which fits as long as b is square. */
static wg_tensor *product_vjp(wg_tensor *y, wg_tensor *g, int i)
{
    return i == 0 ? wg_matmul(g, wg_in(y, 1)) : wg_matmul(wg_transpose(wg_in(y, 0)), g);
}

static const wg_op product = {
    .size = sizeof(wg_op),
    .name = "my_product",
    .doc = "a b",
    .arity = 2,
    .infer = product_infer,
    .kernel = product_kernel,
    .vjp = product_vjp,
};

/* ---- a bias that is added to every row ---- */

static bool bias_infer(wg_tensor *y)
{
    wg_shape x = wg_shape_of(wg_in(y, 0)), b = wg_shape_of(wg_in(y, 1));
    if (x.rank != 2 || b.rank != 1 || x.dim[1] != b.dim[0])
        return wg_fail(y, "[m, n] + [n]");
    return wg_infer_like(y, 0);
}

static wg_status bias_kernel(const wg_call *c)
{
    int64_t n = c->in[1].count;
    for (int64_t i = 0; i < c->out->count; i++)
        out(c)[i] = in(c, 0)[i] + in(c, 1)[i % n];
    return WG_OK;
}

static wg_tensor *bias_no_sum(wg_tensor *y, wg_tensor *g, int i)
{
    (void)y;
    return i == 0 ? g : wg_select(g, 0, 0); /* of b's shape, but one row of the sum */
}

static wg_tensor *bias_no_shape(wg_tensor *y, wg_tensor *g, int i)
{
    (void)y;
    (void)i;
    return g;
}

static wg_op bias(wg_tensor *(*vjp)(wg_tensor *, wg_tensor *, int))
{
    return (wg_op){.size = sizeof(wg_op),
                   .name = "my_bias",
                   .doc = "x + b",
                   .arity = 2,
                   .infer = bias_infer,
                   .kernel = bias_kernel,
                   .vjp = vjp};
}

/* ---- a rectifier: right, or with another slope above 0, or at 0 ---- */

static wg_status rectify_kernel(const wg_call *c)
{
    for (int64_t i = 0; i < c->out->count; i++)
        out(c)[i] = in(c, 0)[i] > 0 ? in(c, 0)[i] : 0;
    return WG_OK;
}

static wg_tensor *rectify_half(wg_tensor *y, wg_tensor *g, int i)
{
    wg_tensor *x = wg_in(y, i);
    return wg_mul(g, wg_mul_scalar(wg_gt(x, wg_zeros_like(x)), 0.5));
}

static wg_tensor *rectify_absurd_at_zero(wg_tensor *y, wg_tensor *g, int i)
{
    wg_tensor *x = wg_in(y, i), *zero = wg_zeros_like(x);
    return wg_mul(g, wg_sub(wg_gt(x, zero), wg_mul_scalar(wg_eq(x, zero), 5)));
}

static wg_op rectifier(wg_tensor *(*vjp)(wg_tensor *, wg_tensor *, int))
{
    return (wg_op){.size = sizeof(wg_op),
                   .name = "rectify",
                   .doc = "max(x, 0)",
                   .arity = 1,
                   .infer = infer_like,
                   .kernel = rectify_kernel,
                   .vjp = vjp};
}

/* ---- models ---- */

/* f(x) = op(x) of given values. */
typedef struct one_op {
    const wg_op *op;
    wg_shape shape;
    const double *x;
} one_op;

static wg_tensor *apply_one(wg_tape *t, void *user)
{
    const one_op *m = user;
    wg_tensor *x = wg_param(t, "x", m->shape, wg_init_values(m->x));
    return wg_apply(m->op, 1, &x, NULL);
}

static const double six[6] = {0.5, -1.2, 0.8, 2.1, -0.3, 1.4};

static wg_check_report check(wg_model *model, void *user, wg_check_options o, wg_status expected)
{
    wg_check_report r;
    wg_status s = wg_check_grad(model, user, &o, &r);
    if (s != expected)
        print_error("status %s: %s\n", wg_status_name(s), r.text);
    assert_int_equal(s, expected);
    assert_int_equal(r.passed, s == WG_OK);
    return r;
}

static wg_check_report check_one(const wg_op *op, int order, wg_status expected)
{
    one_op m = {op, WG_SHAPE(2, 3), six};
    return check(apply_one, &m, (wg_check_options){.order = order}, expected);
}

/* The op in the middle of others: mean(sin(op(x w)) x), or mean(op(x w)). */
typedef struct inner_op {
    const wg_op *op;
    bool linear;
} inner_op;

static wg_tensor *apply_inside(wg_tape *t, void *user)
{
    const inner_op *m = user;
    wg_tensor *w = wg_param(t, "w", WG_SHAPE(3), wg_init_values(six + 3)),
              *x = wg_input(t, "x", WG_SHAPE(2, 3));
    wg_set_f64(x, six);
    wg_tensor *z = wg_mul(x, w), *y = wg_apply(m->op, 1, &z, NULL);
    return wg_mean(m->linear ? y : wg_mul(wg_sin(y), x));
}

static bool names_op(const wg_check_report *r, const char *op)
{
    size_t n = strlen(op);
    return !strncmp(r->op, op, n) && r->op[n] == '#' && strstr(r->text, r->op);
}

/* ---- a test for each mistake ---- */

static void right_rule_passes(void **state)
{
    (void)state;
    wg_op op = cube(right);
    wg_check_report r = check_one(&op, 2, WG_OK);
    assert_true(r.checked == 12 && r.kinks == 0 && fabs(r.worst) < 1e-8 && r.op[0] == 0);
    inner_op m = {&op, false};
    r = check(apply_inside, &m, (wg_check_options){.order = 2}, WG_OK);
    assert_int_equal(r.checked, 18);
    assert_non_null(
        strstr(r.text, "18 elements of 2 leaves agree with finite differences, worst error "));
}

static void finds_a_wrong_sign(void **state)
{
    (void)state;
    wg_op op = cube(wrong_sign);
    wg_check_report r = check_one(&op, 1, WG_ERR_CHECK);
    assert_true(fabs(r.worst - copysign(2, r.worst)) < 1e-6
                && fabs(r.analytic + r.numeric) < 1e-6 * fabs(r.numeric));
    assert_string_equal(r.leaf, "x");
    assert_int_equal(r.order, 1);
    assert_true(r.index.rank == 2 && r.index.dim[0] * 3 + r.index.dim[1] == r.element);
    assert_true(names_op(&r, "cube"));
    assert_int_equal(r.op_input, 0);
}

static void finds_a_factor_two(void **state)
{
    (void)state;
    wg_op op = cube(factor_two);
    wg_check_report r = check_one(&op, 1, WG_ERR_CHECK);
    assert_true(fabs(r.analytic - 2 * r.numeric) < 1e-6 * fabs(r.numeric)
                && fabs(fabs(r.worst) - 0.5) < 1e-6);
    assert_true(names_op(&r, "cube"));
}

static void finds_a_zero_rule(void **state)
{
    (void)state;
    wg_op op = cube(zero_rule);
    wg_check_report r = check_one(&op, 1, WG_ERR_CHECK);
    assert_true(r.analytic == 0 && fabs(fabs(r.worst) - 1) < 1e-6);
    assert_true(names_op(&r, "cube"));
}

static wg_tensor *product_model(wg_tape *t, void *user)
{
    (void)user;
    static const double nine[9] = {1, 2, -0.5, 0.3, 1.1, -2, 0.7, 0.2, 1.6};
    wg_tensor *x[2] = {wg_param(t, "a", WG_SHAPE(2, 3), wg_init_values(six)),
                       wg_param(t, "b", WG_SHAPE(3, 3), wg_init_values(nine))};
    return wg_square(wg_apply(&product, 2, x, NULL));
}

static void finds_a_transposed_operand(void **state)
{
    (void)state;
    wg_check_report r = check(product_model, NULL, (wg_check_options){0}, WG_ERR_CHECK);
    assert_string_equal(r.leaf, "a");
    assert_true(names_op(&r, "my_product"));
    assert_int_equal(r.op_input, 0);
}

static wg_tensor *bias_model(wg_tape *t, void *user)
{
    wg_tensor *x[2] = {wg_param(t, "x", WG_SHAPE(2, 3), wg_init_values(six)),
                       wg_param(t, "b", WG_SHAPE(3), wg_init_values(six))};
    return wg_square(wg_apply(user, 2, x, NULL));
}

static void finds_a_missing_broadcast_sum(void **state)
{
    (void)state;
    wg_op op = bias(bias_no_sum);
    wg_check_report r = check(bias_model, &op, (wg_check_options){0}, WG_ERR_CHECK);
    assert_string_equal(r.leaf, "b");
    assert_true(names_op(&r, "my_bias"));
    assert_int_equal(r.op_input, 1);
    op = bias(bias_no_shape); /* not even of b's shape */
    r = check(bias_model, &op, (wg_check_options){0}, WG_ERR_ARGUMENT);
    assert_non_null(strstr(
        r.text, "the rule of my_bias gives input 1 an adjoint of f64 [2, 3], wants f64 [3]"));
}

static void finds_a_value_gone_stale(void **state)
{
    (void)state;
    wg_check_report r = check_one(&keeping, 1, WG_ERR_CHECK);
    assert_non_null(strstr(r.text, "went stale"));
    assert_true(names_op(&r, "keeping"));
    inner_op m = {&keeping,
                  true}; /* else the gradient needs y, and so happens to run the kernel first */
    r = check(apply_inside, &m, (wg_check_options){0}, WG_ERR_CHECK);
    assert_true(names_op(&r, "keeping"));
}

static void finds_a_value_baked_into_the_tape(void **state)
{
    (void)state;
    wg_op op = cube(baked);
    wg_check_report r = check_one(&op, 1, WG_ERR_CHECK);
    assert_non_null(strstr(r.text, "another place"));
    assert_true(names_op(&r, "cube"));
}

static void finds_a_wrong_second_derivative(void **state)
{
    (void)state;
    wg_op op = cube(stopped_slope);
    check_one(&op, 1, WG_OK);
    wg_check_report r = check_one(&op, 2, WG_ERR_CHECK);
    assert_int_equal(r.order, 2);
    assert_true(r.analytic == 0);
    assert_true(names_op(&r, "stop_gradient")); /* no other op is wrong by itself */
}

static void finds_a_wrong_forward_derivative(void **state)
{
    (void)state;
    wg_op op = cube(stopped_cotangent);
    wg_check_report r = check_one(&op, 1, WG_ERR_CHECK);
    assert_true(r.forward);
    assert_true(r.analytic == 0 && r.numeric != 0);
    assert_non_null(strstr(r.text, "forward mode"));
}

static void names_the_inner_op(void **state)
{
    (void)state;
    wg_op op = cube(wrong_sign);
    inner_op m = {&op, false};
    wg_check_report r = check(apply_inside, &m, (wg_check_options){.order = 2}, WG_ERR_CHECK);
    assert_true(names_op(&r, "cube"));
    assert_int_equal(r.op_input, 0);
    assert_true(!strcmp(r.leaf, "w") || !strcmp(r.leaf, "x"));
}

/* ---- one element among many ---- */

enum { MANY = 100000, ODD = 77777 };

static wg_status square_kernel(const wg_call *c)
{
    for (int64_t i = 0; i < c->out->count; i++)
        out(c)[i] = in(c, 0)[i] * in(c, 0)[i];
    return WG_OK;
}

static wg_status square_adjoint_kernel(const wg_call *c)
{
    for (int64_t i = 0; i < c->out->count; i++)
        out(c)[i] = i == ODD ? 0 : 2 * in(c, 0)[i] * in(c, 1)[i];
    return WG_OK;
}

static const wg_op square_adjoint = {
    .size = sizeof(wg_op),
    .name = "square_adjoint",
    .doc = "2 g x",
    .arity = 2,
    .infer = infer_like,
    .kernel = square_adjoint_kernel,
};

static wg_tensor *square_vjp(wg_tensor *y, wg_tensor *g, int i)
{
    return wg_apply(&square_adjoint, 2, (wg_tensor *[]){g, wg_in(y, i)}, NULL);
}

static const wg_op square = {
    .size = sizeof(wg_op),
    .name = "my_square",
    .doc = "x^2",
    .arity = 1,
    .infer = infer_like,
    .kernel = square_kernel,
    .vjp = square_vjp,
};

static wg_tensor *many_model(wg_tape *t, void *user)
{
    (void)user;
    wg_tensor *x = wg_param(t, "x", WG_SHAPE(100, 1000), wg_init_normal(0, 1));
    return wg_apply(&square, 1, &x, NULL);
}

static void finds_one_element_among_many(void **state)
{
    (void)state;
    wg_check_report r =
        check(many_model, NULL, (wg_check_options){.max_elements = 16}, WG_ERR_CHECK);
    assert_int_equal(r.element, ODD);
    assert_true(r.index.rank == 2 && r.index.dim[0] == 77 && r.index.dim[1] == 777);
    assert_true(r.analytic == 0);
}

/* ---- kinks ---- */

typedef struct unary_model {
    wg_tensor *(*f)(wg_tensor *);
    const double *x;
} unary_model;

static wg_tensor *apply_unary(wg_tape *t, void *user)
{
    const unary_model *m = user;
    return m->f(wg_param(t, "x", WG_SHAPE(6), wg_init_values(m->x)));
}

static const double zeros_among[6] = {0.5, 0, -1.2, 0, 2, -0.1};

static wg_tensor *tie_with_two(wg_tensor *x)
{
    return wg_maximum(x, wg_full_like(x, 2));
}

static wg_tensor *tie_with_itself(wg_tensor *x)
{
    return wg_maximum(x, x);
}

static void kinks_are_counted_not_failed(void **state)
{
    (void)state;
    static const double ties[6] = {0.5, 2, -1.2, 2, 2, -0.1}, corners[6] = {-3, 3, 0, 1, -4, 5};
    wg_check_report r =
        check(apply_unary, &(unary_model){wg_relu, zeros_among}, (wg_check_options){0}, WG_OK);
    assert_true(r.kinks == 2 && r.checked == 4);
    assert_non_null(strstr(r.text, "2 at kinks left out"));
    r = check(apply_unary, &(unary_model){wg_abs, zeros_among}, (wg_check_options){0}, WG_OK);
    assert_int_equal(r.kinks, 2);
    r = check(apply_unary, &(unary_model){wg_max, ties}, (wg_check_options){0}, WG_OK);
    assert_int_equal(r.kinks, 3);
    r = check(apply_unary, &(unary_model){tie_with_two, ties}, (wg_check_options){0}, WG_OK);
    assert_true(r.kinks == 3 && r.checked == 3); /* half of each side: the central difference */
    r = check(apply_unary, &(unary_model){tie_with_itself, ties}, (wg_check_options){0}, WG_OK);
    assert_true(r.kinks == 0 && r.checked == 6);
    r = check(apply_unary, &(unary_model){wg_hard_sigmoid, corners}, (wg_check_options){0}, WG_OK);
    assert_int_equal(r.kinks, 2);
    r = check(apply_unary, &(unary_model){wg_relu, zeros_among}, (wg_check_options){.order = 2},
              WG_OK);
    assert_int_equal(r.kinks, 4); /* of the function and of its derivative, which jumps */
    r = check(apply_unary, &(unary_model){wg_floor, ties}, (wg_check_options){0}, WG_OK);
    assert_int_equal(r.kinks, 3); /* a jump counts as one */
}

static wg_tensor *distance(wg_tensor *x)
{
    return wg_maximum(x, wg_flip(x, WG_AXES(0)));
}

static wg_tensor *mixed(wg_tensor *x)
{
    return wg_relu(wg_outer(x, wg_constant(wg_tape_of(x), WG_SHAPE(3), (double[]){1, -2, 0.5})));
}

/* Elements that pass through several kinks at once: the slope 0 that relu chooses at 0 lies
 * between its two sides, but the sum of such choices need not lie between the two sides of the
 * sum. */
static void kinks_that_mix_are_not_errors(void **state)
{
    (void)state;
    static const double palindrome[6] = {1, 2, 3, 3, 2, 1}, zero[6] = {0};
    wg_check_report r =
        check(apply_unary, &(unary_model){distance, palindrome}, (wg_check_options){0}, WG_OK);
    assert_int_equal(r.kinks, 6);
    for (uint64_t seed = 0; seed < 8; seed++) {
        r = check(apply_unary, &(unary_model){mixed, zero}, (wg_check_options){.seed = seed},
                  WG_OK);
        assert_int_equal(r.kinks, 6);
    }
}

static void kinks_hide_no_error(void **state)
{
    (void)state;
    static const double near[6] = {1e-9, -1e-9, -1, -2, -3, -4};
    wg_op op = rectifier(rectify_half);
    /* Wrong only at the first element, a billionth from the kink. */
    one_op m = {&op, WG_SHAPE(6), near};
    wg_check_report r = check(apply_one, &m, (wg_check_options){0}, WG_ERR_CHECK);
    assert_string_equal(r.leaf, "x");
    assert_true(r.element == 0 || r.element == 1);
    assert_true(names_op(&r, "rectify"));
    /* Right but at 0, where no slope is right and this one is absurd. */
    op = rectifier(rectify_absurd_at_zero);
    m.x = zeros_among;
    r = check(apply_one, &m, (wg_check_options){0}, WG_ERR_CHECK);
    assert_true(r.element == 1 || r.element == 3);
    assert_true(names_op(&r, "rectify"));
    static const double none[6] = {0.5, 1, -1.2, 3, 2, -0.1};
    m.x = none;
    check(apply_one, &m, (wg_check_options){0}, WG_OK);
}

/* ---- what is not a number ---- */

static void nonfinite_values_and_derivatives_are_told(void **state)
{
    (void)state;
    static const double negative[6] = {1, 2, -1, 4, 5, 6}, zero[6] = {1, 2, 0, 4, 5, 6};
    wg_check_report r = check(apply_unary, &(unary_model){wg_log, negative}, (wg_check_options){0},
                              WG_ERR_NONFINITE);
    assert_non_null(strstr(r.text, "the value is "));
    assert_non_null(strstr(r.text, "at element 2 of log#"));
    r = check(apply_unary, &(unary_model){wg_sqrt, zero}, (wg_check_options){0}, WG_ERR_CHECK);
    assert_true(r.element == 2 && isinf(r.analytic));
    assert_non_null(strstr(r.text, "not finite"));
    wg_op op = cube(nan_rule);
    r = check_one(&op, 1, WG_ERR_CHECK);
    assert_true(isnan(r.analytic));
    assert_true(names_op(&r, "cube"));
    static const double infinite[6] = {1, INFINITY, 0, 4, 5, 6};
    r = check(apply_unary, &(unary_model){wg_sin, infinite}, (wg_check_options){0},
              WG_ERR_NONFINITE);
    assert_non_null(strstr(r.text, "\"x\" holds inf at element 1"));
}

/* At the edge of a domain there is one side to compare with. */
static void edge_of_a_domain_is_compared_from_inside(void **state)
{
    (void)state;
    static const double edge[6] = {0, 0.1, 0.2, 0.3, 0.4, 0.5};
    check(apply_unary, &(unary_model){wg_sqrt, (const double[]){1e-6, 1, 2, 3, 4, 5}},
          (wg_check_options){0}, WG_OK);
    check(apply_unary, &(unary_model){wg_square, edge}, (wg_check_options){0}, WG_OK);
}

/* ---- models ---- */

static wg_tensor *network(wg_tape *t, void *user)
{
    const int64_t *size = user; /* batch, inputs, hidden, outputs */
    wg_seed(t, 7);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(size[0], size[1])),
              *labels = wg_input_as(t, "labels", WG_I32, WG_SHAPE(size[0]));
    wg_tensor *w1 = wg_param(t, "W1", WG_SHAPE(size[1], size[2]), wg_init_glorot()),
              *b1 = wg_param(t, "b1", WG_SHAPE(size[2]), wg_init_zeros());
    wg_tensor *w2 = wg_param(t, "W2", WG_SHAPE(size[2], size[3]), wg_init_glorot()),
              *b2 = wg_param(t, "b2", WG_SHAPE(size[3]), wg_init_zeros());
    double *v = malloc((size_t)(size[0] * size[1]) * sizeof *v);
    for (int64_t i = 0; i < size[0] * size[1]; i++)
        v[i] = sin((double)i * 0.7) * 0.5 + 0.5;
    wg_set_f64(x, v);
    for (int64_t i = 0; i < size[0]; i++)
        v[i] = (double)(i * 3 % size[3]);
    wg_set_f64(labels, v);
    free(v);
    wg_tensor *h = wg_relu(wg_add(wg_matmul(x, w1), b1));
    return wg_cross_entropy(wg_add(wg_matmul(h, w2), b2), labels);
}

static void network_passes_at_both_orders(void **state)
{
    (void)state;
    int64_t size[] = {4, 6, 5, 3};
    wg_check_report r =
        check(network, size, (wg_check_options){.order = 2, .max_elements = -1}, WG_OK);
    assert_int_equal(r.checked, 2 * (24 + 30 + 5 + 15 + 3));
    assert_true(fabs(r.worst) < 1e-6);
}

static void large_network_takes_seconds(void **state)
{
    (void)state;
    int64_t size[] = {10, 784, 128, 10}; /* 101,770 parameters */
    int64_t sample = 256;
#ifndef NDEBUG
    sample = 16; /* sanitizers and unoptimised kernels */
#endif
    clock_t begin = clock();
    wg_check_report r = check(network, size, (wg_check_options){.max_elements = sample}, WG_OK);
    double seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;
    print_message("%s, in %.2f s\n", r.text, seconds);
    assert_int_equal(r.checked, sample == 256 ? 256 + 256 + 128 + 256 + 10 : 4 * 16 + 10);
    assert_true(seconds < 20);
}

static wg_tensor *noisy_network(wg_tape *t, void *user)
{
    (void)user;
    wg_tensor *x = wg_param(t, "x", WG_SHAPE(4, 8), wg_init_normal(0, 1));
    return wg_mean(wg_mul(wg_square(wg_dropout(x, 0.5)), wg_normal(t, WG_SHAPE(4, 8), 1, 0.1)));
}

static void random_draws_are_held_fixed(void **state)
{
    (void)state;
    check(noisy_network, NULL, (wg_check_options){.order = 2}, WG_OK);
}

/* A value that changes although nothing else does cannot be differentiated. */
static wg_status counting_kernel(const wg_call *c)
{
    static double count;
    count++;
    for (int64_t i = 0; i < c->out->count; i++)
        out(c)[i] = in(c, 0)[i] + count;
    return WG_OK;
}

static void changing_value_is_told(void **state)
{
    (void)state;
    wg_op op = cube(right);
    op.kernel = counting_kernel;
    wg_check_report r = check_one(&op, 1, WG_ERR_CHECK);
    assert_non_null(strstr(r.text, "changes from one run to the next"));
}

/* Arguments from 1e-9 to 1e9, and a leaf of zeros: a step is sized to its argument. */
static wg_tensor *scales_model(wg_tape *t, void *user)
{
    (void)user;
    wg_tensor *tiny =
        wg_param(t, "tiny", WG_SHAPE(3), wg_init_values((const double[]){1e-9, 2e-9, 3e-9}));
    wg_tensor *huge =
        wg_param(t, "huge", WG_SHAPE(3), wg_init_values((const double[]){1e9, 2e9, 3e9}));
    wg_tensor *wide =
        wg_param(t, "wide", WG_SHAPE(3), wg_init_values((const double[]){1e-3, 1, 1e3}));
    wg_tensor *zero = wg_param(t, "zero", WG_SHAPE(3), wg_init_zeros());
    return wg_add(wg_mul(wg_log(tiny), wg_log(huge)), wg_add(wg_log(wide), wg_sin(zero)));
}

static void steps_are_sized_to_their_arguments(void **state)
{
    (void)state;
    wg_check_report r = check(scales_model, NULL, (wg_check_options){.order = 2}, WG_OK);
    assert_true(r.checked == 24 && r.kinks == 0 && fabs(r.worst) < 1e-6);
}

/* ---- elements of one leaf that differ much in size ---- */

typedef struct uneven_model {
    wg_tensor *(*f)(wg_tensor *);
    const wg_op *op; /* instead of f */
    int64_t n;
    double x[4];
} uneven_model;

static wg_tensor *sum_uneven(wg_tape *t, void *user)
{
    const uneven_model *m = user;
    wg_tensor *x = wg_param(t, "x", WG_SHAPE(m->n), wg_init_values(m->x));
    return wg_sum(m->f ? m->f(x) : wg_apply(m->op, 1, &x, NULL));
}

static const uneven_model uneven[] = {
    {wg_sqrt, NULL, 2, {1e-5, 1000}},        {wg_sqrt, NULL, 2, {1e-4, 1e4}},
    {wg_log, NULL, 2, {1e-8, 1e8}},          {wg_log, NULL, 3, {1e-6, 1e6, 3}},
    {wg_log, NULL, 3, {1e-5, 1e5, 3}},       {wg_log, NULL, 2, {1e-8, 3}},
    {wg_log, NULL, 3, {1e-4, 1e4, 3}},       {wg_reciprocal, NULL, 2, {1e-8, 1e8}},
    {wg_sin, NULL, 2, {1e-8, 1000}},         {wg_sin, NULL, 2, {1e-8, 1e8}},
    {wg_square, NULL, 4, {1e-8, 0, 3, 1e6}}, {wg_rsqrt, NULL, 3, {1e-6, 1e6, 3}},
    {wg_softplus, NULL, 3, {1e-9, 1e3, 0}}};

static void uneven_leaves_pass(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof uneven / sizeof *uneven; i++)
        for (uint64_t trial = 0; trial < 8; trial++) {
            uneven_model m = uneven[i];
            int order = trial % 2 ? 2 : 1;
            wg_check_report r =
                check(sum_uneven, &m, (wg_check_options){.order = order, .seed = trial}, WG_OK);
            assert_int_equal(r.kinks, 0);
            assert_int_equal(r.checked + r.undecided, order * m.n);
        }
}

static wg_status log_kernel(const wg_call *c)
{
    for (int64_t i = 0; i < c->out->count; i++)
        out(c)[i] = log(in(c, 0)[i]);
    return WG_OK;
}

static wg_status reciprocal_kernel(const wg_call *c)
{
    for (int64_t i = 0; i < c->out->count; i++)
        out(c)[i] = 1 / in(c, 0)[i];
    return WG_OK;
}

static wg_status sine_kernel(const wg_call *c)
{
    for (int64_t i = 0; i < c->out->count; i++)
        out(c)[i] = sin(in(c, 0)[i]);
    return WG_OK;
}

static wg_tensor *true_slope(wg_tensor *y)
{
    wg_tensor *x = wg_in(y, 0);
    const char *name = wg_op_name(y);
    if (!strcmp(name, "my_sin"))
        return wg_cos(x);
    return name[3] == 'l' ? wg_reciprocal(x) : wg_neg(wg_reciprocal(wg_square(x)));
}

static wg_tensor *slope_negated(wg_tensor *y, wg_tensor *g, int i)
{
    (void)i;
    return wg_neg(wg_mul(g, true_slope(y)));
}

static wg_tensor *slope_doubled(wg_tensor *y, wg_tensor *g, int i)
{
    (void)i;
    return wg_mul_scalar(wg_mul(g, true_slope(y)), 2);
}

static wg_tensor *slope_doubled_below(wg_tensor *y, wg_tensor *g, int i)
{
    wg_tensor *x = wg_in(y, i), *small = wg_lt(x, wg_full_like(x, 1e-3));
    return wg_mul(wg_mul(g, true_slope(y)), wg_add_scalar(small, 1));
}

static wg_tensor *slope_lost_above(wg_tensor *y, wg_tensor *g, int i)
{
    wg_tensor *x = wg_in(y, i);
    return wg_mul(wg_mul(g, true_slope(y)), wg_lt(x, wg_full_like(x, 1e3)));
}

static void uneven_leaves_hide_no_error(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        wg_status (*kernel)(const wg_call *);
    } made[] = {
        {"my_log", log_kernel}, {"my_reciprocal", reciprocal_kernel}, {"my_sin", sine_kernel}};
    wg_tensor *(*const rule[])(wg_tensor *, wg_tensor *, int) = {
        slope_negated, slope_doubled, slope_doubled_below, slope_lost_above};
    static const double x[][4] = {{1e-8, 1e8}, {1e-5, 1e4}, {1e-8, 2e3}};
    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < 4; k++)
            for (size_t j = 0; j < 3; j++) {
                wg_op op = cube(rule[k]);
                op.name = made[i].name;
                op.kernel = made[i].kernel;
                uneven_model m = {NULL, &op, 2, {x[j][0], x[j][1]}};
                wg_check_report r = check(sum_uneven, &m, (wg_check_options){0}, WG_ERR_CHECK);
                if (!names_op(&r, op.name))
                    print_error("%s\n", r.text);
                assert_true(names_op(&r, op.name));
                assert_int_equal(r.op_input, 0);
                if (k > 1)
                    assert_true(r.element == (k == 2 ? 0 : 1));
                assert_true(fabs(r.worst) > 0.4);
            }
}

/* Lost in the sum beside 1e8, the other's error shows in the op by itself, which is told so. */
static void an_op_by_itself_is_named_as_in_the_model(void **state)
{
    (void)state;
    wg_op op = cube(slope_lost_above);
    op.name = "my_reciprocal";
    op.kernel = reciprocal_kernel;
    uneven_model m = {NULL, &op, 2, {1e-8, 1e8}};
    wg_check_report r = check(sum_uneven, &m, (wg_check_options){0}, WG_ERR_CHECK);
    assert_string_equal(r.leaf, "input 0 of my_reciprocal#1 (\"x\")");
    assert_non_null(strstr(r.text, "at input 0 of my_reciprocal#1 (\"x\")[1] is "));
}

static wg_tensor *no_leaves(wg_tape *t, void *user)
{
    (void)user;
    return wg_sin(wg_scalar(t, 2));
}

static wg_tensor *detached(wg_tape *t, void *user)
{
    (void)user;
    wg_param(t, "x", WG_SHAPE(3), wg_init_constant(1));
    return wg_sin(wg_scalar(t, 2));
}

static void a_value_of_no_leaf_is_told(void **state)
{
    (void)state;
    wg_check_report r = check(no_leaves, NULL, (wg_check_options){.order = 2}, WG_OK);
    assert_string_equal(r.text,
                        "the value depends on no leaf, and there is none: nothing was compared");
    assert_int_equal(r.checked, 0);
    r = check(detached, NULL, (wg_check_options){.order = 2}, WG_OK);
    assert_string_equal(r.text, "the value depends on no leaf: every derivative is 0");
    one_op m = {wg_find_op(NULL, "sin"), WG_SHAPE(1), six};
    r = check(apply_one, &m, (wg_check_options){0}, WG_OK);
    assert_non_null(strstr(r.text, "1 element of 1 leaf agrees with finite differences"));
}

static wg_tensor *single_precision_model(wg_tape *t, void *user)
{
    (void)user;
    wg_tensor *x = wg_input_as(t, "x", WG_F32, WG_SHAPE(6)),
              *w = wg_param(t, "w", WG_SHAPE(6), wg_init_values(six));
    wg_set_f64(x, six);
    return wg_sum(wg_sin(wg_mul(wg_cast(wg_square(x), WG_F64), w)));
}

static void single_precision_leaves_are_checked_more_coarsely(void **state)
{
    (void)state;
    check(single_precision_model, NULL, (wg_check_options){0}, WG_OK);
}

static wg_tensor *nothing(wg_tape *t, void *user)
{
    (void)user;
    return wg_matmul(wg_scalar(t, 1), wg_scalar(t, 2));
}

static wg_tensor *unfed(wg_tape *t, void *user)
{
    (void)user;
    return wg_sin(wg_input(t, "x", WG_SHAPE(2)));
}

static wg_tensor *empty(wg_tape *t, void *user)
{
    (void)user;
    return wg_sin(wg_param(t, "x", WG_SHAPE(0, 3), wg_init_zeros()));
}

static wg_tensor *unused(wg_tape *t, void *user)
{
    (void)user;
    wg_param(t, "idle", WG_SHAPE(3), wg_init_constant(1));
    return wg_sin(wg_param(t, "x", WG_SHAPE(3), wg_init_constant(1)));
}

static wg_tensor *labels_model(wg_tape *t, void *user)
{
    (void)user;
    return wg_argmax(wg_param(t, "x", WG_SHAPE(3), wg_init_constant(1)), 0, false);
}

static void models_that_cannot_be_checked_say_why(void **state)
{
    (void)state;
    wg_check_report r = check(nothing, NULL, (wg_check_options){0}, WG_ERR_ARGUMENT);
    assert_non_null(strstr(r.text, "matmul: wants"));
    r = check(unfed, NULL, (wg_check_options){0}, WG_ERR_ARGUMENT);
    assert_non_null(strstr(r.text, "\"x\""));
    r = check(labels_model, NULL, (wg_check_options){0}, WG_ERR_ARGUMENT);
    r = check(NULL, NULL, (wg_check_options){0}, WG_ERR_ARGUMENT);
    r = check(empty, NULL, (wg_check_options){.order = 2}, WG_OK);
    assert_int_equal(r.checked, 0);
    r = check(unused, NULL, (wg_check_options){.order = 2}, WG_OK);
    assert_int_equal(r.checked, 12);
    assert_int_equal(wg_check_grad(unused, NULL, NULL, NULL), WG_OK);
}

static void same_seed_same_report(void **state)
{
    (void)state;
    int64_t size[] = {3, 20, 30, 4};
    wg_check_options o = {.max_elements = 10, .seed = 5};
    wg_check_report a = check(network, size, o, WG_OK), b = check(network, size, o, WG_OK);
    assert_true(a.worst == b.worst && a.element == b.element && !strcmp(a.text, b.text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(right_rule_passes),
        cmocka_unit_test(finds_a_wrong_sign),
        cmocka_unit_test(finds_a_factor_two),
        cmocka_unit_test(finds_a_zero_rule),
        cmocka_unit_test(finds_a_transposed_operand),
        cmocka_unit_test(finds_a_missing_broadcast_sum),
        cmocka_unit_test(finds_a_value_gone_stale),
        cmocka_unit_test(finds_a_value_baked_into_the_tape),
        cmocka_unit_test(finds_a_wrong_second_derivative),
        cmocka_unit_test(finds_a_wrong_forward_derivative),
        cmocka_unit_test(names_the_inner_op),
        cmocka_unit_test(finds_one_element_among_many),
        cmocka_unit_test(kinks_are_counted_not_failed),
        cmocka_unit_test(kinks_that_mix_are_not_errors),
        cmocka_unit_test(kinks_hide_no_error),
        cmocka_unit_test(nonfinite_values_and_derivatives_are_told),
        cmocka_unit_test(edge_of_a_domain_is_compared_from_inside),
        cmocka_unit_test(network_passes_at_both_orders),
        cmocka_unit_test(large_network_takes_seconds),
        cmocka_unit_test(random_draws_are_held_fixed),
        cmocka_unit_test(changing_value_is_told),
        cmocka_unit_test(steps_are_sized_to_their_arguments),
        cmocka_unit_test(uneven_leaves_pass),
        cmocka_unit_test(uneven_leaves_hide_no_error),
        cmocka_unit_test(an_op_by_itself_is_named_as_in_the_model),
        cmocka_unit_test(a_value_of_no_leaf_is_told),
        cmocka_unit_test(single_precision_leaves_are_checked_more_coarsely),
        cmocka_unit_test(models_that_cannot_be_checked_say_why),
        cmocka_unit_test(same_seed_same_report),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
