/* The training steps written by hand, which the library is measured against, compute what the
 * library computes; and the benchmark runs and writes what it promises. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "reference/reference.h"
#include "steps/training.h"

enum { STEPS = 20 };

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

    int found = 0;
    for (int k = 0; writings[k]; k++) {
        void *state = writings[k]->make(p);
        if (!state)
            continue;
        found++;
        for (int i = 0; i < STEPS; i++) {
            const float said = writings[k]->step(state);
            if (!(fabsf(said - expected[i]) <= 1e-4f * expected[i]))
                fail_msg("%s, %s, step %d: loss %.9g, the library's is %.9g", n->name,
                         writings[k]->name, i, (double)said, (double)expected[i]);
        }
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a),          cmocka_unit_test(b), cmocka_unit_test(c),
        cmocka_unit_test(d_in_small), cmocka_unit_test(e),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
