/* Softmax and losses: closed forms, extreme arguments, labels, reductions; derivatives against
 * closed forms and differences.
 * labels: valgrind */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <wengert.h>

#include "support/near.h"

static const double inf = INFINITY;

/* ---- softmax ---- */

static void softmax_rows_sum_to_one(void **state)
{
    (void)state;
    enum { M = 50, N = 37 };
    float v[M * N];
    for (int i = 0; i < M * N; i++)
        v[i] = (float)(sin(1.7 * i) * pow(10, i % 5));
    wg_tape *t = wg_tape_new(WG_F32);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(M, N));
    wg_set_f32(x, v);
    for (int axis = 0; axis < 2; axis++) {
        int n = axis ? M : N;
        float sums[M], logs[M];
        wg_get_f32(wg_sum_axes(wg_softmax(x, axis), WG_AXES(axis), false), sums);
        wg_get_f32(wg_logsumexp_axes(wg_log_softmax(x, axis), WG_AXES(axis), false), logs);
        for (int i = 0; i < n; i++)
            assert_true(fabsf(sums[i] - 1) < 1e-6f && fabsf(logs[i]) < 1e-6f);
    }
    wg_tape_free(t);
}

static void softmax_at_extremes(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x =
        near_input(t, "x", WG_SHAPE(4, 3),
                   (double[]){1e4, 1e4, 1e4, -1e4, -1e4, -1e4, 1e4, -1e4, 0, 0, -inf, 0});
    const double third = 1.0 / 3, ln3 = log(3), ln2 = log(2);
    near_values(wg_softmax(x, 1),
                NEAR_LIST(third, third, third, third, third, third, 1, 0, 0, 0.5, 0, 0.5), 1e-15);
    near_values(wg_log_softmax(x, 1),
                NEAR_LIST(-ln3, -ln3, -ln3, -ln3, -ln3, -ln3, 0, -2e4, -1e4, -ln2, -inf, -ln2),
                1e-15);
    /* d softmax_0 / dx_j = s_0 ([j = 0] - s_j) */
    wg_tensor *first = wg_select(wg_softmax(x, 1), 1, 0);
    near_grad(first, x,
              NEAR_LIST(2.0 / 9, -1.0 / 9, -1.0 / 9, 2.0 / 9, -1.0 / 9, -1.0 / 9, 0, 0, 0, 0.25, 0,
                        -0.25),
              1e-15);
    near_grad(wg_select(wg_log_softmax(x, 1), 1, 0), x,
              NEAR_LIST(2 * third, -third, -third, 2 * third, -third, -third, 0, 0, 0, 0.5, 0,
                        -0.5), 1e-15);
    wg_tensor *nothing = wg_input(t, "nothing", WG_SHAPE(2, 0));
    wg_set_f64(nothing, (double[]){0});
    assert_int_equal(wg_count_of(wg_softmax(nothing, 1)), 0);
    assert_int_equal(wg_count_of(wg_log_softmax(nothing, 1)), 0);
    assert_int_equal(wg_count_of(wg_softmax(nothing, 0)), 0);
    wg_tape_free(t);
}

/* ---- elementwise losses ---- */

typedef struct pair {
    wg_tape *t;
    wg_tensor *p, *y;
} pair;

static pair pair_of(int n, const double *p, const double *y)
{
    pair r = {.t = wg_tape_new(WG_F64)};
    r.p = near_input(r.t, "p", WG_SHAPE(n), p);
    r.y = near_input(r.t, "y", WG_SHAPE(n), y);
    return r;
}

#define PAIR(n, p, y) pair_of((n), (const double[])p, (const double[])y)
#define L(...) {__VA_ARGS__}

static void distances(void **state)
{
    (void)state;
    pair r = PAIR(4, L(1, -2, 0.5, 3), L(0, 1, 0.5, 3.25));
    near_values(wg_mse_as(r.p, r.y, WG_NONE), NEAR_LIST(1, 9, 0, 0.0625), 0);
    near_item(wg_mse_as(r.p, r.y, WG_SUM), 10.0625, 0);
    near_item(wg_mse(r.p, r.y), 10.0625 / 4, 1e-16);
    near_grad(wg_mse(r.p, r.y), r.p, NEAR_LIST(0.5, -1.5, 0, -0.125), 1e-16);
    near_grad(wg_mse(r.p, r.y), r.y, NEAR_LIST(-0.5, 1.5, 0, 0.125), 1e-16);
    near_values(wg_mae_as(r.p, r.y, WG_NONE), NEAR_LIST(1, 3, 0, 0.25), 0);
    near_grad(wg_mae_as(r.p, r.y, WG_SUM), r.p, NEAR_LIST(1, -1, 0, -1), 0);
    near_values(wg_huber_as(r.p, r.y, 1, WG_NONE), NEAR_LIST(0.5, 2.5, 0, 0.03125), 0);
    near_grad(wg_huber_as(r.p, r.y, 1, WG_SUM), r.p, NEAR_LIST(1, -1, 0, -0.25), 0);
    near_values(wg_huber_as(r.p, r.y, 2, WG_NONE), NEAR_LIST(0.5, 4, 0, 0.03125), 0);
    near_grad(wg_huber_as(r.p, r.y, 2, WG_SUM), r.p, NEAR_LIST(1, -2, 0, -0.25), 0);
    near_item(wg_huber(r.p, r.y, 2), 4.53125 / 4, 1e-16);
    near_item(wg_huber(r.p, r.y, inf), 10.0625 / 8, 1e-16);
    wg_tape_free(r.t);

    r = PAIR(4, L(0.5, 1, -2, 3), L(1, 1, 1, -1));
    near_values(wg_hinge_as(r.p, r.y, WG_NONE), NEAR_LIST(0.5, 0, 3, 4), 0);
    near_grad(wg_hinge_as(r.p, r.y, WG_SUM), r.p, NEAR_LIST(-1, 0, -1, 1), 0);
    wg_tape_free(r.t);

    r = PAIR(2, L(1e150, -1e150), L(0, 1e-300));
    near_grad(wg_huber_as(r.p, r.y, 1, WG_SUM), r.p, NEAR_LIST(1, -1), 0);
    near_item(wg_huber_as(r.p, r.y, 1, WG_SUM), 2e150, 1e-15);
    near_item(wg_mae_as(r.p, r.y, WG_SUM), 2e150, 1e-15);
    wg_tape_free(r.t);
}

static void losses_broadcast(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *p = near_input(t, "p", WG_SHAPE(2, 1), (double[]){0.25, 0.5}),
              *y = near_input(t, "y", WG_SHAPE(3), (double[]){0, 1, 0.5});
    near_values(wg_mse_as(p, y, WG_NONE), NEAR_LIST(0.0625, 0.5625, 0.0625, 0.25, 0.25, 0), 0);
    near_grad(wg_mse_as(p, y, WG_SUM), p, NEAR_LIST(-1.5, 0), 1e-16);
    assert_int_equal(wg_count_of(wg_bce_as(p, y, WG_NONE)), 6);
    near_grad(wg_bce_as(p, y, WG_SUM), p, NEAR_LIST((0.25 * 3 - 1.5) / (0.25 * 0.75), 0), 1e-14);
    assert_int_equal(wg_count_of(wg_kl_div_as(p, y, WG_NONE)), 6);
    near_item(wg_mae(p, y), (0.25 + 0.75 + 0.25 + 0.5 + 0.5) / 6, 1e-15);
    wg_tape_free(t);
}

static void bce_is_pytorchs_at_the_edges(void **state)
{
    (void)state;
    pair r = PAIR(8, L(0, 0, 1, 1, 0.25, 0.25, 1e-13, 0.5), L(0, 1, 0, 1, 1, 0.5, 1, 0.5));
    near_values(wg_bce_as(r.p, r.y, WG_NONE),
                NEAR_LIST(0, 100, 100, 0, log(4), -0.5 * log(0.25 * 0.75), 13 * log(10), log(2)),
                1e-15);
    near_grad(wg_bce_as(r.p, r.y, WG_SUM), r.p,
              NEAR_LIST(0, -1e12, 1e12, 0, -4, -0.25 / 0.1875, (1e-13 - 1) / 1e-12, 0), 1e-15);
    /* in y: ln(1 - p) - ln p, cut off */
    near_grad(wg_bce_as(r.p, r.y, WG_SUM), r.y,
              NEAR_LIST(100, 100, -100, -100, log(3), log(3), 13 * log(10) + log1p(-1e-13), 0),
              1e-14);
    near_item(wg_bce(wg_slice(r.p, 0, 4, 6, 1), wg_slice(r.y, 0, 4, 6, 1)),
              (log(4) - 0.5 * log(0.1875)) / 2, 1e-15);
    wg_tape_free(r.t);
    r = PAIR(3, L(NAN, -0.5, 0.5), L(1, 1, NAN));
    near_values(wg_bce_as(r.p, r.y, WG_NONE), NEAR_LIST(NAN, NAN, NAN), 0);
    wg_tape_free(r.t);
    wg_tape *t = wg_tape_new(WG_F32);
    float v[4];
    wg_tensor *p = wg_input(t, "p", WG_SHAPE(4)), *y = wg_input(t, "y", WG_SHAPE(4));
    wg_set_f32(p, (float[]){0, 1, 0.25f, 1e-40f});
    wg_set_f32(y, (float[]){1, 0, 0, 0});
    wg_get_f32(wg_bce_as(p, y, WG_NONE), v);
    assert_true(v[0] == 100 && v[1] == 100 && fabsf(v[2] - 0.287682072f) < 1e-7f
                && fabsf(v[3]) < 1e-39f);
    wg_tape_free(t);
}

static void bce_with_logits_is_exact_far_out(void **state)
{
    (void)state;
    pair r = PAIR(8, L(0, 1e4, -1e4, 1e4, -1e4, 50, -50, 2), L(1, 1, 0, 0, 1, 1, 0, 0.25));
    double tail = log1p(exp(-50));
    wg_tensor *loss = wg_bce_with_logits_as(r.p, r.y, WG_NONE);
    double v[8];
    near_values(loss, NEAR_LIST(log(2), 0, 0, 1e4, 1e4, tail, tail, log1p(exp(2)) - 0.5), 1e-15);
    wg_get_f64(loss, v);
    assert_true(fabs(v[5] / tail - 1) < 1e-14 && fabs(v[6] / tail - 1) < 1e-14);
    wg_tensor *g;
    wg_grad(wg_sum(loss), 1, &r.p, &g);
    near_values(g, NEAR_LIST(-0.5, 0, 0, 1, -1, -exp(-50), exp(-50), 1 / (1 + exp(-2)) - 0.25),
                1e-15);
    wg_get_f64(g, v);
    assert_true(fabs(v[5] / exp(-50) + 1) < 1e-14 && fabs(v[6] / exp(-50) - 1) < 1e-14);
    near_grad(loss, r.y, NEAR_LIST(0, -1e4, 1e4, -1e4, 1e4, -50, 50, -2), 1e-15);
    /* the same as bce of the sigmoid where that is not cut off */
    near_item(wg_sub(wg_bce_with_logits(r.p, r.y), wg_mean(loss)), 0, 0);
    wg_tensor *some = wg_slice(r.p, 0, 7, 8, 1), *label = wg_slice(r.y, 0, 7, 8, 1);
    near_item(wg_sub(wg_bce_with_logits(some, label), wg_bce(wg_sigmoid(some), label)), 0, 1e-14);
    wg_tape_free(r.t);
}

static void kl_div_where_y_is_zero(void **state)
{
    (void)state;
    pair r = PAIR(5, L(-1, -inf, -2, -inf, -0.5), L(0, 0, 0.5, 0.25, 1));
    near_values(wg_kl_div_as(r.p, r.y, WG_NONE), NEAR_LIST(0, 0, 0.5 * (log(0.5) + 2), inf, 0.5),
                1e-15);
    near_grad(wg_kl_div_as(r.p, r.y, WG_SUM), r.p, NEAR_LIST(0, 0, -0.5, -0.25, -1), 0);
    near_grad(wg_kl_div_as(wg_slice(r.p, 0, 0, 3, 1), wg_slice(r.y, 0, 0, 3, 1), WG_SUM), r.y,
              NEAR_LIST(1, 0, log(0.5) + 3, 0, 0), 1e-15);
    near_item(wg_kl_div(wg_slice(r.p, 0, 0, 3, 1), wg_slice(r.y, 0, 0, 3, 1)),
              0.5 * (log(0.5) + 2) / 3, 1e-15);
    wg_tape_free(r.t);
}

/* ---- classes ---- */

static void cross_entropy_takes_labels_and_distributions(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    const double v[] = {1, 2, 3, 0, 0, 0}, s[] = {exp(1), exp(2), exp(3)}, z = s[0] + s[1] + s[2];
    wg_tensor *x = near_input(t, "x", WG_SHAPE(2, 3), v),
              *i = wg_input_as(t, "i", WG_I32, WG_SHAPE(2));
    wg_tensor *d = near_input(t, "d", WG_SHAPE(2, 3), (double[]){0, 0.5, 0.5, 1, 0, 0});
    wg_set_i32(i, (int32_t[]){2, 0});
    near_values(wg_cross_entropy_as(x, i, WG_NONE), NEAR_LIST(log(z) - 3, log(3)), 1e-15);
    near_item(wg_cross_entropy(x, i), (log(z) - 3 + log(3)) / 2, 1e-15);
    near_item(wg_cross_entropy_as(x, i, WG_SUM), log(z) - 3 + log(3), 1e-15);
    near_grad(wg_cross_entropy(x, i), x,
              NEAR_LIST(s[0] / z / 2, s[1] / z / 2, (s[2] / z - 1) / 2, -1.0 / 3, 1.0 / 6, 1.0 / 6),
              1e-15);
    near_values(wg_cross_entropy_as(x, d, WG_NONE), NEAR_LIST(log(z) - 2.5, log(3)), 1e-15);
    near_item(wg_cross_entropy(x, d), (log(z) - 2.5 + log(3)) / 2, 1e-15);
    near_grad(wg_cross_entropy(x, d), x,
              NEAR_LIST(s[0] / z / 2, (s[1] / z - 0.5) / 2, (s[2] / z - 0.5) / 2, -1.0 / 3, 1.0 / 6,
                        1.0 / 6),
              1e-15);
    near_values(wg_nll_as(x, i, WG_NONE), NEAR_LIST(-3, 0), 0);
    near_item(wg_nll(x, d), -1.25, 0);
    near_item(wg_sub(wg_cross_entropy(x, wg_one_hot(i, 3)), wg_cross_entropy(x, i)), 0, 1e-15);
    /* one example without a batch; a batch of two axes */
    wg_tensor *one = wg_select(x, 0, 0), *label = wg_select(i, 0, 0);
    near_item(wg_cross_entropy(one, label), log(z) - 3, 1e-15);
    near_item(wg_cross_entropy(wg_reshape(x, WG_SHAPE(2, 1, 3)), wg_reshape(i, WG_SHAPE(2, 1))),
              (log(z) - 3 + log(3)) / 2, 1e-15);
    wg_tape_free(t);
}

static void cross_entropy_at_extremes(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = near_input(t, "x", WG_SHAPE(4, 3),
                              (double[]){1e4, -1e4, 0, 1e4, -1e4, 0, -1e4, -1e4, -1e4, 0, -inf, 0});
    wg_tensor *i = wg_input_as(t, "i", WG_I32, WG_SHAPE(4));
    wg_set_i32(i, (int32_t[]){0, 1, 2, 0});
    const double third = 1.0 / 3;
    const double wants[] = {0, 0, 0, 1, -1, 0, third, third, -2 * third, -0.5, 0, 0.5};
    near_values(wg_cross_entropy_as(x, i, WG_NONE), NEAR_LIST(0, 2e4, log(3), log(2)), 1e-15);
    near_grad(wg_cross_entropy_as(x, i, WG_SUM), x, 12, wants, 1e-15);
    wg_tensor *d = wg_one_hot(i, 3);
    near_values(wg_cross_entropy_as(x, d, WG_NONE), NEAR_LIST(0, 2e4, log(3), log(2)), 1e-15);
    near_grad(wg_cross_entropy_as(x, d, WG_SUM), x, 12, wants, 1e-15);
    wg_tape_free(t);
}

static void a_label_out_of_range_fails_the_run(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F32);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(2, 3)), *i = wg_input_as(t, "i", WG_I32, WG_SHAPE(2));
    wg_tensor *loss = wg_cross_entropy(x, i);
    wg_program *p = wg_compile(1, &loss);
    wg_set_f32(x, (float[]){1, 2, 3, 4, 5, 6});
    for (int k = 0; k < 2; k++) {
        wg_set_i32(i, (int32_t[]){0, k ? -1 : 3});
        assert_int_equal(wg_run(p), WG_ERR_DATA);
        assert_non_null(wg_program_error(p));
        wg_clear_error(t);
    }
    wg_set_i32(i, (int32_t[]){0, 2});
    assert_int_equal(wg_run(p), WG_OK);
    wg_tape_free(t);
}

/* ---- refusals ---- */

static void losses_refuse_in_their_own_name(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F32), *other = wg_tape_new(WG_F32);
    wg_tensor *p = wg_input(t, "p", WG_SHAPE(2, 3)), *y = wg_input(t, "y", WG_SHAPE(4)),
              *i = wg_input_as(t, "i", WG_I32, WG_SHAPE(3));
    wg_tensor *far = wg_input(other, "far", WG_SHAPE(2, 3)), *s = wg_input(t, "s", WG_SHAPE());
    near_refused(t, wg_mse(p, y), "mse: wants shapes that broadcast, got \"p\" [2, 3] x \"y\" [4]");
    near_refused(t, wg_mae(p, y), "mae: wants shapes that broadcast, got \"p\" [2, 3] x \"y\" [4]");
    near_refused(t, wg_huber(p, y, 1),
                 "huber: wants shapes that broadcast, got \"p\" [2, 3] x \"y\" [4]");
    near_refused(t, wg_huber(p, p, 0),
                 "huber: wants delta above 0, not 0, got \"p\" [2, 3] x \"p\" [2, 3]");
    near_refused(t, wg_huber(p, p, NAN),
                 "huber: wants delta above 0, not nan, got \"p\" [2, 3] x \"p\" [2, 3]");
    near_refused(t, wg_bce(p, y), "bce: wants shapes that broadcast, got \"p\" [2, 3] x \"y\" [4]");
    near_refused(t, wg_bce_with_logits(p, y),
                 "bce_with_logits: wants shapes that broadcast, got \"p\" [2, 3] x \"y\" [4]");
    near_refused(t, wg_hinge(p, y),
                 "hinge: wants shapes that broadcast, got \"p\" [2, 3] x \"y\" [4]");
    near_refused(t, wg_kl_div(p, y),
                 "kl_div: wants shapes that broadcast, got \"p\" [2, 3] x \"y\" [4]");
    near_refused(t, wg_mse(p, i),
                 "mse: wants floating tensors of one dtype, got \"p\" f32 [2, 3] x \"i\" i32 [3]");
    near_refused(t, wg_cross_entropy(p, i),
                 "cross_entropy: wants [.., classes] and i32 class numbers [..] or a distribution "
                 "[.., classes], got \"p\" f32 [2, 3] x \"i\" i32 [3]");
    near_refused(t, wg_nll(p, y),
                 "nll: wants [.., classes] and i32 class numbers [..] or a distribution [.., "
                 "classes], got \"p\" [2, 3] x \"y\" [4]");
    near_refused(t, wg_nll(s, s),
                 "nll: wants [.., classes] and i32 class numbers [..] or a distribution [.., "
                 "classes], got \"s\" [] x \"s\" []");
    near_refused(
        t, wg_mse_as(p, p, (wg_reduction)7),
        "mse: wants WG_MEAN, WG_SUM or WG_NONE to reduce, got \"p\" [2, 3] x \"p\" [2, 3]");
    near_refused(t, wg_softmax(p, 2),
                 "softmax: wants an axis from -2 to 1, not 2, got \"p\" [2, 3]");
    near_refused(t, wg_log_softmax(i, 0),
                 "log_softmax: wants a floating tensor, got \"i\" i32 [3]");
    wg_tensor *(*const two[])(wg_tensor *, wg_tensor *) = {
        wg_mse, wg_mae, wg_bce, wg_bce_with_logits, wg_hinge, wg_kl_div, wg_nll, wg_cross_entropy};
    for (size_t k = 0; k < sizeof two / sizeof *two; k++) {
        assert_null(two[k](p, NULL));
        assert_non_null(wg_error(t));
        wg_clear_error(t);
        assert_null(two[k](NULL, p));
        assert_non_null(wg_error(t));
        wg_clear_error(t);
        assert_null(two[k](NULL, NULL));
        assert_null(two[k](p, far));
        assert_non_null(wg_error(t));
        wg_clear_error(t);
    }
    assert_null(wg_softmax(NULL, 0));
    assert_null(wg_log_softmax(NULL, 0));
    assert_null(wg_error(t));
    wg_tape_free(t);
    wg_tape_free(other);
}

/* ---- derivatives against differences, to second order ---- */

static const double scores[] = {0.3, -1.2, 2.1, 0.7, 1.9, -0.4, 0.1, -2.2, 0.9, 1.1, -0.8, 0.6};
static const double chances[] = {0.2, 0.5, 0.3, 0.7, 0.1, 0.2, 0.6, 0.35, 0.05, 0.15, 0.25, 0.6};

static wg_tensor *m_distances(wg_tape *t, void *user)
{
    (void)user;
    wg_tensor *p = near_input(t, "p", WG_SHAPE(4, 3), scores),
              *y = near_input(t, "y", WG_SHAPE(4, 3), chances);
    wg_tensor *parts[] = {wg_mse_as(p, y, WG_NONE), wg_mae_as(p, y, WG_NONE),
                          wg_huber_as(p, y, 0.8, WG_NONE), wg_hinge_as(p, y, WG_NONE),
                          wg_bce_with_logits_as(p, y, WG_NONE)};
    return wg_concat(5, parts, 0);
}

static wg_tensor *m_probabilities(wg_tape *t, void *user)
{
    (void)user;
    wg_tensor *p = near_input(t, "p", WG_SHAPE(4, 3), scores),
              *y = near_input(t, "y", WG_SHAPE(4, 3), chances);
    wg_tensor *parts[] = {wg_bce_as(wg_sigmoid(p), y, WG_NONE),
                          wg_bce_as(y, wg_sigmoid(p), WG_NONE),
                          wg_kl_div_as(p, y, WG_NONE),
                          wg_softmax(p, 1),
                          wg_softmax(p, 0),
                          wg_log_softmax(p, -1)};
    return wg_concat(6, parts, 0);
}

static wg_tensor *m_classes(wg_tape *t, void *user)
{
    (void)user;
    wg_tensor *p = near_input(t, "p", WG_SHAPE(4, 3), scores),
              *y = near_input(t, "y", WG_SHAPE(4, 3), chances);
    const int32_t numbers[] = {2, 0, 1, 1};
    wg_tensor *i = wg_constant_as(t, WG_I32, WG_SHAPE(4), numbers);
    wg_tensor *parts[] = {wg_cross_entropy_as(p, i, WG_NONE), wg_cross_entropy_as(p, y, WG_NONE),
                          wg_nll_as(p, i, WG_NONE), wg_nll_as(p, y, WG_NONE)};
    return wg_concat(4, parts, 0);
}

static void derivatives_agree_with_differences(void **state)
{
    (void)state;
    near_check(m_distances, NULL);
    near_check(m_probabilities, NULL);
    near_check(m_classes, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(softmax_rows_sum_to_one),
        cmocka_unit_test(softmax_at_extremes),
        cmocka_unit_test(distances),
        cmocka_unit_test(losses_broadcast),
        cmocka_unit_test(bce_is_pytorchs_at_the_edges),
        cmocka_unit_test(bce_with_logits_is_exact_far_out),
        cmocka_unit_test(kl_div_where_y_is_zero),
        cmocka_unit_test(cross_entropy_takes_labels_and_distributions),
        cmocka_unit_test(cross_entropy_at_extremes),
        cmocka_unit_test(a_label_out_of_range_fails_the_run),
        cmocka_unit_test(losses_refuse_in_their_own_name),
        cmocka_unit_test(derivatives_agree_with_differences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
