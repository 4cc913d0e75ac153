/* Random graphs: a program with all passes gives the bits of one with none.
 * test_many_random_graphs does more of them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "support/graph_check.h"

static void optimised_programs_give_the_bits_of_plain_ones(void **state)
{
    (void)state;
    graph_check(0, 2000, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(optimised_programs_give_the_bits_of_plain_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
