/* Every value of f32 through exp, log, tanh and sigmoid, by the kernels that this process uses.
 * WENGERT_ISA chooses others.  labels: long */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "support/floats.h"

typedef struct half {
    int function;
    uint64_t first;
    double worst;
    float where;
} half;

static void *walk(void *h_)
{
    half *h = h_;
    h->worst =
        floats_worst(h->function, wg_isa(), h->first, h->first + ((uint64_t)1 << 31), 1, &h->where);
    return NULL;
}

/* Halves by sign, on two threads. */
static void check(int function)
{
    half negative = {.function = function, .first = (uint64_t)1 << 31},
         positive = {.function = function};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, walk, &negative), 0);
    walk(&positive);
    pthread_join(thread, NULL);
    const half *h = negative.worst > positive.worst ? &negative : &positive;
    print_message("%s: at most %.3f ulp, at %a (%s)\n", floats_name[function], h->worst,
                  (double)h->where, wg_isa_text(wg_isa()));
    assert_true(h->worst <= floats_promise[function]);
}

static void every_exp(void **state)
{
    (void)state, check(0);
}
static void every_log(void **state)
{
    (void)state, check(1);
}
static void every_tanh(void **state)
{
    (void)state, check(2);
}
static void every_sigmoid(void **state)
{
    (void)state, check(3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_exp),
        cmocka_unit_test(every_log),
        cmocka_unit_test(every_tanh),
        cmocka_unit_test(every_sigmoid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
