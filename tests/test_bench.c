/* What is written by hand, and the library is measured against, computes what it should: training
 * steps the library's losses, loops what libm says. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "reference/elementwise.h"
#include "reference/reference.h"
#include "steps/training.h"

enum { STEPS = 20 };

static void assert_loss(const network *n, const char *way, int step, float said, float expected)
{
    if (!(fabsf(said - expected) <= 1e-4f * expected))
        fail_msg("%s, %s, step %d: loss %.9g, the library's is %.9g", n->name, way, step,
                 (double)said, (double)expected);
}

/* Every writing of a network's step gives the library's losses, and they fall. */
static void same_losses(const network *n)
{
    problem *p = problem_new(n);
    assert_non_null(p);
    training t = training_new(p, NULL);
    assert_non_null(t.program);
    float expected[STEPS];
    for (int i = 0; i < STEPS; i++)
        expected[i] = training_step(&t);
    training_free(&t);
    assert_true(expected[STEPS - 1] < 0.99f * expected[0]);

    t = training_new_rate_last(p);
    assert_non_null(t.program);
    for (int i = 0; i < STEPS; i++)
        assert_loss(n, "the rate on each gradient", i, training_step(&t), expected[i]);
    training_free(&t);

    int found = 0;
    for (int k = 0; writings[k]; k++) {
        void *state = writings[k]->make(p);
        if (!state)
            continue;
        found++;
        for (int i = 0; i < STEPS; i++)
            assert_loss(n, writings[k]->name, i, writings[k]->step(state), expected[i]);
        writings[k]->drop(state);
    }
    assert_true(found > 0);
    problem_free(p);
}

static void a(void **state)
{
    (void)state;
    same_losses(&networks[0]);
}

static void b(void **state)
{
    (void)state;
    same_losses(&networks[1]);
}

static void c(void **state)
{
    (void)state;
    same_losses(&networks[2]);
}

/* Network d itself takes seconds: one like it. */
static void d_in_small(void **state)
{
    (void)state;
    const network small = {"d in small", 3, {64, 96, 80, 33}, 16, TANH, MSE, 0.5f};
    same_losses(&small);
}

static void e(void **state)
{
    (void)state;
    same_losses(&networks[4]);
}

enum { ELEMENTS = 1003 };

static double sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

static double softplus(double x)
{
    return log1p(exp(x));
}

static double relu(double x)
{
    return x > 0 ? x : 0;
}

static void loops(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        map_loop *loop;
        double (*exact)(double);
    } unary[] = {
        {"exp", exp_loop, exp},
        {"log", log_loop, log},
        {"tanh", tanh_loop, tanh},
        {"sigmoid", sigmoid_loop, sigmoid},
        {"softplus", softplus_loop, softplus},
        {"erf", erf_loop, erf},
        {"sin", sin_loop, sin},
        {"cos", cos_loop, cos},
        {"relu", relu_loop, relu},
    };
    float a[ELEMENTS], b[ELEMENTS], y[ELEMENTS];
    for (size_t f = 0; f < sizeof unary / sizeof *unary; f++) {
        for (int i = 0; i < ELEMENTS; i++)
            a[i] = (float)(i - (unary[f].loop == log_loop ? -1 : ELEMENTS / 2)) * 0.02f;
        unary[f].loop(ELEMENTS, a, b, y);
        for (int i = 0; i < ELEMENTS; i++) {
            const double exact = unary[f].exact((double)a[i]);
            if (!(fabs((double)y[i] - exact) <= 1e-6 * (1 + fabs(exact))))
                fail_msg("%s(%g) = %g, not %g", unary[f].name, (double)a[i], (double)y[i], exact);
        }
    }
    for (int i = 0; i < ELEMENTS; i++)
        a[i] = (float)(i % 17) - 8, b[i] = (float)(i % 5) / 4;
    add_loop(ELEMENTS, a, b, y);
    for (int i = 0; i < ELEMENTS; i++)
        assert_true(y[i] == a[i] + b[i]);
    mul_loop(ELEMENTS, a, b, y);
    for (int i = 0; i < ELEMENTS; i++)
        assert_true(y[i] == a[i] * b[i]);
    sigmoid_backward_loop(ELEMENTS, a, b, y);
    for (int i = 0; i < ELEMENTS; i++)
        assert_true(y[i] == a[i] * b[i] * (1 - b[i])); /* exact in these numbers */
}

static void adam_in_f64(void **state)
{
    (void)state;
    float g[ELEMENTS], m[ELEMENTS] = {0}, v[ELEMENTS] = {0}, p[ELEMENTS] = {0};
    double m64[ELEMENTS] = {0}, v64[ELEMENTS] = {0}, p64[ELEMENTS] = {0};
    for (int k = 0; k < 5; k++) {
        for (int i = 0; i < ELEMENTS; i++) {
            const double gi = g[i] = (float)(i % 23 - 11) * 0.1f * (float)(k + 1);
            m64[i] = 0.9 * m64[i] + 0.1 * gi;
            v64[i] = 0.99 * v64[i] + 0.01 * gi * gi;
            p64[i] -= 0.01 * m64[i] / (sqrt(v64[i]) + 1e-6);
        }
        adam_loop(ELEMENTS, (adam){0.01f, 0.9f, 0.99f, 1e-6f}, g, m, v, p);
    }
    for (int i = 0; i < ELEMENTS; i++)
        assert_true(fabs((double)p[i] - p64[i]) <= 1e-6);
}

static void softmax_rows(void **state)
{
    (void)state;
    static const int64_t columns[] = {1, 7, 10, 16, 17, 50};
    for (int c = 0; c < 6; c++) {
        const int64_t n = columns[c], rows = ELEMENTS / n;
        float x[ELEMENTS], y[ELEMENTS];
        for (int64_t i = 0; i < rows * n; i++)
            x[i] = (float)(i * 37 % 101) * 0.2f - 10;
        softmax_loop(rows, n, x, y);
        for (int64_t r = 0; r < rows; r++) {
            double sum = 0;
            for (int64_t j = 0; j < n; j++)
                sum += exp((double)x[r * n + j]);
            for (int64_t j = 0; j < n; j++) {
                const double exact = exp((double)x[r * n + j]) / sum;
                assert_true(fabs((double)y[r * n + j] - exact) <= 1e-6);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a),           cmocka_unit_test(b),
        cmocka_unit_test(c),           cmocka_unit_test(d_in_small),
        cmocka_unit_test(e),           cmocka_unit_test(loops),
        cmocka_unit_test(adam_in_f64), cmocka_unit_test(softmax_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
