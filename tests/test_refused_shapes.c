/* Refusals, op by op: shapes that do not fit, axes out of range, ranks, arguments, and extents
 * whose product overflows.
 * labels: valgrind */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "support/refusal.h"

static void shapes_that_do_not_broadcast_are_refused(void **state)
{
    (void)state;
    static const char *const op[] = {
        "add", "sub", "mul", "div", "pow", "maximum", "minimum", "atan2", "hypot", "lt", "le", "gt",
        "ge", "eq", "ne", "mse", "mae", "bce", "kl_div", "hinge", "logical_and", "logical_or",
        "bce_with_logits"};
    static const char *const operands[] = {"a:f[2 3] b:f[2]", "a:f[2 3] b:f[3 2]", "a:f[2] b:f[3]",
                                           "a:f[0] b:f[2]", "a:f[2 3 4] b:f[2 1 3]"};
    refusal_complaints = 0;
    for (size_t i = 0; i < sizeof op / sizeof *op; i++)
        for (size_t k = 0; k < sizeof operands / sizeof *operands; k++) {
            char call[128];
            snprintf(call, sizeof call, "%s %s", op[i], operands[k]);
            expect_refusal(call, NULL, -1, AS_WRITTEN, k % 2);
        }
    static const refusal more[] = {
        {"where c:f[2] a:f[3] b:f[3]", NULL},
        {"where c:f[3] a:f[2] b:f[3]", NULL},
        {"where c:f[3] a:f[3] b:f[2]", NULL},
        {"where c:i[2 2] a:f[3] b:f[]", NULL},
        {"huber p:f[2] y:f[3] 1", NULL},
        {"huber_as p:f[2] y:f[3] 1 0", NULL},
        {"mse_as p:f[2] y:f[3] 0", NULL},
        {"mae_as p:f[2] y:f[3] 1", NULL},
        {"bce_as p:f[2] y:f[3] 2", NULL},
        {"bce_with_logits_as p:f[2] y:f[3] 0", NULL},
        {"hinge_as p:f[2] y:f[3] 1", NULL},
        {"kl_div_as p:f[2] y:f[3] 2", NULL},
    };
    for (size_t i = 0; i < sizeof more / sizeof *more; i++)
        expect_refusal(more[i].call, more[i].wants, -1, AS_WRITTEN, i % 2);
    assert_int_equal(refusal_complaints, 0);
}

static void axes_out_of_range_or_named_twice_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *op, *operand, *rest; /* op operand [axes] rest */
    } listed[] = {
        {"sum_axes", "x:f[2 3]", "0"},    {"mean_axes", "x:f[2 3]", "1"},
        {"prod_axes", "x:f[2 3]", "0"},   {"max_axes", "x:f[2 3]", "1"},
        {"min_axes", "x:f[2 3]", "0"},    {"logsumexp_axes", "x:f[2 3]", "1"},
        {"var_axes", "x:f[2 3]", "0 1"},  {"std_axes", "x:f[2 3]", "1 1"},
        {"norm_axes", "x:f[2 3]", "0 2"}, {"any_axes", "x:f[2 3]", "0"},
        {"all_axes", "x:f[2 3]", "1"},    {"flip", "x:f[2 3]", ""},
        {"permute", "x:f[2 3]", ""},      {"squeeze", "x:f[1 1]", ""},
    };
    static const char *const lists[] = {
        "[2]", "[-3]", "[0 0]", "[1 -1]", "[0 7]", "[0 1 0 1 0 1 0 1 0]", "[9223372036854775807]"};
    static const struct {
        const char *before, *after; /* before axis after */
    } single[] = {
        {"argmax x:f[2 3]", "0"},
        {"argmin x:f[2 3]", "1"},
        {"cumsum x:f[2 3]", ""},
        {"cumprod x:f[2 3]", ""},
        {"sort x:f[2 3]", "0"},
        {"argsort x:f[2 3]", "1"},
        {"topk x:f[2 3] 1", "1 0"},
        {"topk x:f[2 3] 1", "1 1"},
        {"slice x:f[2 3]", "0 1 1"},
        {"select x:f[2 3]", "0"},
        {"repeat_interleave x:f[2 3] 2", ""},
        {"concat a:f[2 3] b:f[2 3]", ""},
        {"split x:f[2 3]", "[1 1] 0"},
        {"take x:f[2 3] i:i[1]", ""},
        {"take_along_axis x:f[2 3] i:i[2 3]", ""},
        {"scatter_add x:f[2 3] i:i[2 3] s:f[2 3]", ""},
        {"softmax x:f[2 3]", ""},
        {"log_softmax x:f[2 3]", ""},
    };
    static const char *const axis[] = {"2", "-3", "9223372036854775807", "-9223372036854775807"};
    static const refusal more[] = {
        {"unsqueeze x:f[2 3] 3", NULL},
        {"unsqueeze x:f[2 3] -4", NULL},
        {"stack a:f[2] b:f[2] 2", NULL},
        {"stack a:f[2] b:f[2] -3", NULL},
        {"argmax x:f[] 0 0", NULL},
        {"sort x:f[] 0 0", NULL},
        {"cumsum x:f[] 0", NULL},
        {"softmax x:f[] 0", NULL},
        {"sum_axes x:f[] [0] 0", NULL},
        {"slice x:f[] 0 0 1 1", NULL},
        {"select x:f[] 0 0", NULL},
        {"take x:f[] i:i[1] 0", NULL},
        {"concat a:f[] b:f[] 0", NULL},
    };
    char call[160];
    refusal_complaints = 0;
    for (size_t i = 0; i < sizeof listed / sizeof *listed; i++)
        for (size_t k = 0; k < sizeof lists / sizeof *lists; k++) {
            snprintf(call, sizeof call, "%s %s %s %s", listed[i].op, listed[i].operand, lists[k],
                     listed[i].rest);
            expect_refusal(call, NULL, -1, AS_WRITTEN, k % 2);
        }
    for (size_t i = 0; i < sizeof single / sizeof *single; i++)
        for (size_t k = 0; k < sizeof axis / sizeof *axis; k++) {
            snprintf(call, sizeof call, "%s %s %s", single[i].before, axis[k], single[i].after);
            expect_refusal(call, NULL, -1, AS_WRITTEN, k % 2);
        }
    for (size_t i = 0; i < sizeof more / sizeof *more; i++)
        expect_refusal(more[i].call, more[i].wants, -1, AS_WRITTEN, i % 2);
    assert_int_equal(refusal_complaints, 0);
}

static void wrong_ranks_extents_and_arguments_are_refused(void **state)
{
    (void)state;
    static const refusal rows[] = {
        /* elementwise.h */
        {"polygamma x:f[3] -1", NULL},
        {"cast x:f[3] 7", NULL},
        {"cast x:f[3] -1", NULL},
        /* reduce.h */
        {"max x:f[0]", NULL},
        {"min x:f[2 0]", NULL},
        {"max_axes x:f[2 0] [1] 0", NULL},
        {"min_axes x:f[0 2] [0] 1", NULL},
        {"argmax x:f[0] 0 0", NULL},
        {"argmin x:f[2 0] 1 0", NULL},
        {"var x:f[3] nan", NULL},
        {"std x:f[3] inf", NULL},
        {"norm x:f[3] -1", NULL},
        {"norm x:f[3] nan", NULL},
        {"norm_axes x:f[3] [0] 0 -2", NULL},
        {"linear_recurrence a:f[2 3] b:f[3 2]", NULL},
        {"linear_recurrence a:f[3] b:f[1 3]", NULL},
        {"linear_recurrence a:f[] b:f[]", NULL},
        {"topk x:f[3] 4 0 1 0", NULL},
        {"topk x:f[3] -1 0 1 0", NULL},
        {"topk x:f[3] 4 0 0 1", NULL},
        /* layout.h */
        {"reshape x:f[2 3] [5]", NULL},
        {"reshape x:f[2 3] [-1 -1]", NULL},
        {"reshape x:f[2 3] [4 -1]", NULL},
        {"reshape x:f[2 3] [-2 -3]", NULL},
        {"reshape x:f[0] [0 -1]", NULL},
        {"reshape x:f[1] [1 1 1 1 1 1 1 1 1]", NULL},
        {"reshape x:f[2] [4294967296 4294967296]", NULL},
        {"squeeze x:f[2 1] [0]", NULL},
        {"unsqueeze x:f[1 1 1 1 1 1 1 1] 0", NULL},
        {"permute x:f[2 3] [0]", NULL},
        {"permute x:f[2 3] [0 1 2]", NULL},
        {"broadcast_to x:f[2] [3]", NULL},
        {"broadcast_to x:f[2 3] [3]", NULL},
        {"broadcast_to x:f[3] [2 -3]", NULL},
        {"broadcast_to x:f[1] [1 1 1 1 1 1 1 1 1]", NULL},
        {"sum_to x:f[2 3] [2]", NULL},
        {"sum_to x:f[3] [2 3]", NULL},
        {"sum_to x:f[2 3] [2 2]", NULL},
        {"slice x:f[5] 0 0 5 0", NULL},
        {"select x:f[5] 0 5", NULL},
        {"select x:f[5] 0 -6", NULL},
        {"pad x:f[2] [-1] [0] 0", NULL},
        {"pad x:f[2] [0] [-2] 0", NULL},
        {"pad x:i[2] [1] [0] 0.5", NULL},
        {"pad x:i[2] [1] [0] nan", NULL},
        {"repeat x:f[2 3] [2]", NULL},
        {"repeat x:f[2] [-1]", NULL},
        {"repeat x:f[2] [1 1 1 1 1 1 1 1 1]", NULL},
        {"repeat_interleave x:f[2] -1 0", NULL},
        {"concat a:f[2 3] b:f[2] 0", NULL},
        {"concat a:f[2 3] b:f[2 2] 0", NULL},
        {"concat a:f[2 3] b:f[3 3] c:f[3 3] 1", NULL},
        {"stack a:f[2] b:f[3] 0", NULL},
        {"stack a:f[2] b:f[1 2] 0", NULL},
        {"stack a:f[1 1 1 1 1 1 1 1] b:f[1 1 1 1 1 1 1 1] 0", NULL},
        {"split x:f[5] 0 [2 2] 0", NULL},
        {"split x:f[5] 0 [6 -1] 0", NULL},
        {"split x:f[5] 0 [] 0", NULL},
        {"split x:f[5] 0 [9223372036854775807 9223372036854775807 7] 0", NULL},
        {"diag x:f[] 0", NULL},
        {"trace x:f[3]", NULL},
        {"trace x:f[]", NULL},
        {"tril x:f[3] 0", NULL},
        {"triu x:f[] 0", NULL},
        {"arange 0 3 0", NULL},
        {"arange 0 3 -1", NULL},
        {"arange 0 inf 1", NULL},
        {"arange nan 3 1", NULL},
        {"arange_as 7 0 3 1", NULL},
        {"arange_as 2 0 3 0.5", NULL},
        {"arange_as 2 0 3e10 1e10", NULL},
        {"linspace 0 1 -1", NULL},
        {"linspace 0 inf 3", NULL},
        {"eye -1 2", NULL},
        {"eye 2 -1", NULL},
        /* index.h */
        {"take_along_axis x:f[2 3] i:i[2] 1", NULL},
        {"take_along_axis x:f[2 3] i:i[3 3] 1", NULL},
        {"scatter_add x:f[2 3] i:i[2 2] s:f[2 3] 1", NULL},
        {"scatter_add x:f[2 3] i:i[3 2] s:f[3 2] 1", NULL},
        {"scatter_add x:f[2 3] i:i[2] s:f[2] 0", NULL},
        {"one_hot i:i[3] -1", NULL},
        {"one_hot i:i[1 1 1 1 1 1 1 1] 2", NULL},
        {"take x:f[1 1 1 1 1 1 1 1] i:i[1 1] 0", NULL},
        /* contract.h */
        {"matmul x:f[32 784] W1:f[128 30]",
         "matmul: wants [.., m, k] x [.., k, n], got \"x\" [32, 784] x \"W1\" [128, 30]"},
        {"matmul a:f[3] b:f[3 2]", "[.., m, k] x [.., k, n]"},
        {"matmul a:f[2 3] b:f[3]", "[.., m, k] x [.., k, n]"},
        {"matmul a:f[] b:f[]", "[.., m, k] x [.., k, n]"},
        {"matmul a:f[2 2 3] b:f[3 3 2]", NULL},
        {"dot a:f[3] b:f[4]", NULL},
        {"dot a:f[3 1] b:f[3]", NULL},
        {"dot a:f[] b:f[]", NULL},
        {"outer a:f[3 1] b:f[3]", NULL},
        {"outer a:f[3] b:f[]", NULL},
        {"einsum \"ij,jk->ik\" a:f[2 3] b:f[2 3]", NULL},
        {"einsum \"ij\" a:f[2]", NULL},
        {"einsum \"ii\" a:f[2 3]", NULL},
        {"einsum \"ij,jk->ik\" a:f[2 3]", NULL},
        {"einsum \"ij->ik\" a:f[2 3]", NULL},
        {"einsum \"ij->ii\" a:f[2 3]", NULL},
        {"einsum \"i1\" a:f[2 3]", NULL},
        {"einsum \"i->i->i\" a:f[2]", NULL},
        {"einsum \"i..j\" a:f[2 3]", NULL},
        {"einsum \"...i...\" a:f[2 3]", NULL},
        {"einsum \"\" a:f[2 3]", NULL},
        {"einsum \"abcdefghij\" a:f[1 1 1 1 1 1 1 1]", NULL},
        {"einsum \"...i,...i->...\" a:f[2 3] b:f[3 3]", NULL},
        /* loss.h */
        {"nll x:f[2 3] y:i[3]", NULL},
        {"nll x:f[2 3] y:i[2 3]", NULL},
        {"nll x:f[] y:i[]", NULL},
        {"nll x:f[2 3] y:f[2]", NULL},
        {"nll_as x:f[2 3] y:i[3] 2", NULL},
        {"cross_entropy x:f[2 3] y:i[3]", NULL},
        {"cross_entropy x:f[2 3] y:f[3 2]", NULL},
        {"cross_entropy x:f[] y:i[]", NULL},
        {"cross_entropy_as x:f[2 3] y:i[] 1", NULL},
        {"mse_as p:f[2] y:f[2] 3", NULL},
        {"mae_as p:f[2] y:f[2] -1", NULL},
        {"huber p:f[2] y:f[2] -1", NULL},
        {"huber p:f[2] y:f[2] nan", NULL},
        {"huber_as p:f[2] y:f[2] 1 3", NULL},
        {"bce_as p:f[2] y:f[2] 3", NULL},
        {"bce_with_logits_as p:f[2] y:f[2] 3", NULL},
        {"hinge_as p:f[2] y:f[2] 3", NULL},
        {"kl_div_as p:f[2] y:f[2] 3", NULL},
        {"nll_as x:f[2 3] y:i[2] 3", NULL},
        {"cross_entropy_as x:f[2 3] y:i[2] 3", NULL},
        /* random.h */
        {"uniform [2] 2 1", NULL},
        {"uniform [2] nan 1", NULL},
        {"normal [2] 0 -1", NULL},
        {"normal [2] inf 1", NULL},
        {"bernoulli [2] 1.5", NULL},
        {"bernoulli [2] nan", NULL},
        {"permutation -1", NULL},
        {"dropout x:f[3] -0.5", NULL},
        {"dropout x:f[3] nan", NULL},
        {"full [-1] 0", NULL},
    };
    EXPECT_REFUSALS(rows);
}

/* Extents whose product, or bytes, pass 2^63 - 1.  Leaves of such size cost nothing until they are
 * set. */
static void extents_that_overflow_are_refused(void **state)
{
    (void)state;
    static const refusal rows[] = {
        {"full [4294967296 4294967296] 0", NULL},
        {"full [2305843009213693952] 0", NULL}, /* 2^61 elements of 4 bytes */
        {"full [9223372036854775807 2] 0", NULL},
        {"uniform [4294967296 4294967296] 0 1", NULL},
        {"normal [2305843009213693952] 0 1", NULL},
        {"bernoulli [4294967296 4294967296] 0.5", NULL},
        {"permutation 9223372036854775807", NULL},
        {"broadcast_to x:f[1] [4294967296 4294967296]", NULL},
        {"broadcast_to x:f[1] [2305843009213693952]", NULL},
        {"repeat x:f[4294967296] [4294967296]", NULL},
        {"repeat x:f[2] [9223372036854775807]", NULL},
        {"repeat x:f[] [4294967296 4294967296]", NULL},
        {"repeat_interleave x:f[4294967296] 4294967296 0", NULL},
        {"repeat_interleave x:f[3] 9223372036854775807 0", NULL},
        {"pad x:f[2] [9223372036854775807] [0] 0", NULL},
        {"pad x:f[2] [4611686018427387904] [4611686018427387904] 0", NULL},
        {"pad x:f[4294967296 1] [0 4294967296] [0 0] 0", NULL},
        {"one_hot i:i[4294967296] 4294967296", NULL},
        {"one_hot i:i[2] 9223372036854775807", NULL},
        {"arange 0 1e300 1", NULL},
        {"arange 0 1 1e-300", NULL},
        {"arange -1e308 1e308 1", NULL},
        {"linspace 0 1 9223372036854775807", NULL},
        {"eye 4294967296 4294967296", NULL},
        {"eye 9223372036854775807 2", NULL},
        {"outer a:f[4294967296] b:f[4294967296]", NULL},
        {"outer a:f[2147483648] b:f[1073741824]", NULL},
        {"concat a:f[1152921504606846976] b:f[1152921504606846976] 0", NULL},
        {"stack a:f[1152921504606846976] b:f[1152921504606846976] 0", NULL},
        {"add a:f[4294967296 1] b:f[1 4294967296]", NULL},
        {"mul a:f[2147483648 1] b:f[1073741824]", NULL},
        {"pow a:f[4294967296 1] b:f[1 4294967296]", NULL},
        {"lt a:f[4294967296 1] b:f[1 4294967296]", NULL},
        {"where c:f[4294967296 1] a:f[1 4294967296] b:f[]", NULL},
        {"mse p:f[4294967296 1] y:f[1 4294967296]", NULL},
        {"matmul a:f[4294967296 1] b:f[1 4294967296]", NULL},
        {"matmul a:f[65536 1 65536 1] b:f[65536 1 65536]", NULL},
        {"einsum \"i,j->ij\" a:f[4294967296] b:f[4294967296]", NULL},
        {"diag x:f[4294967296] 0", NULL},
        {"diag x:f[2] 9223372036854775807", NULL},
        {"diag x:f[2] -9223372036854775807", NULL},
        {"take x:f[1 4294967296] i:i[4294967296] 0", NULL},
        {"cast x:f[2305843009213693951] 1", NULL}, /* fits as f32, not as f64 */
    };
    EXPECT_REFUSALS(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shapes_that_do_not_broadcast_are_refused),
        cmocka_unit_test(axes_out_of_range_or_named_twice_are_refused),
        cmocka_unit_test(wrong_ranks_extents_and_arguments_are_refused),
        cmocka_unit_test(extents_that_overflow_are_refused),
    };
    return cmocka_run_group_tests_name("refused shapes", tests, NULL, NULL);
}
