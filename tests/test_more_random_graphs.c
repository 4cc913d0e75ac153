/* Random graphs as in test_random_graphs: 10,000 beside those of test_many_random_graphs.
 * labels: long
 * begins: first */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "support/graph_check.h"

static void optimised_programs_give_the_bits_of_plain_ones(void **state)
{
    (void)state;
    graph_check(1010000, 10000, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(optimised_programs_give_the_bits_of_plain_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
