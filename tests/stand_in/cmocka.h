/* What the tests use of cmocka, for machines and compilers that have none (a 32-bit build on a
 * 64-bit system): the same names, the same meaning, the same last words.  Nothing catches signals
 * here: a test that crashes ends the program, and ctest sees that. */
#ifndef WG_STAND_IN_CMOCKA_H
#define WG_STAND_IN_CMOCKA_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

typedef void CMUnitTestFunction(void **state);
typedef int CMFixtureFunction(void **state);
struct CMUnitTest {
    const char *name;
    CMUnitTestFunction *test;
    CMFixtureFunction *setup, *teardown;
    void *state;
};
#define cmocka_unit_test(f) {#f, f, NULL, NULL, NULL}
#define cmocka_unit_test_setup_teardown(f, setup, teardown) {#f, f, setup, teardown, NULL}
#define cmocka_run_group_tests(tests, setup, teardown) \
    cmocka_run_group_tests_name(#tests, tests, setup, teardown)
#define cmocka_run_group_tests_name(name, tests, setup, teardown) \
    stand_in_run(name, tests, sizeof(tests) / sizeof(tests)[0], setup, teardown)

/* The number of tests that failed. */
int stand_in_run(const char *group, const struct CMUnitTest *tests, size_t n,
                 CMFixtureFunction *setup, CMFixtureFunction *teardown);

#if defined(__GNUC__)
#define STAND_IN_PRINTF(text, first) __attribute__((format(printf, text, first)))
#define STAND_IN_NORETURN __attribute__((noreturn))
#else
#define STAND_IN_PRINTF(text, first)
#define STAND_IN_NORETURN
#endif

void print_message(const char *format, ...) STAND_IN_PRINTF(1, 2);
void print_error(const char *format, ...) STAND_IN_PRINTF(1, 2);

/* Leave the test that is being run. */
STAND_IN_NORETURN void stand_in_skip(void);
STAND_IN_NORETURN STAND_IN_PRINTF(3, 4) void stand_in_fail(const char *file, int line,
                                                           const char *format, ...);
void stand_in_equal(const char *file, int line, const char *what, uintmax_t a, uintmax_t b,
                    bool equal);
void stand_in_range(const char *file, int line, const char *what, uintmax_t v, uintmax_t low,
                    uintmax_t high);
void stand_in_bytes(const char *file, int line, const void *a, const void *b, size_t n, bool equal);
void stand_in_strings(const char *file, int line, const char *a, const char *b, bool equal);

#define skip() stand_in_skip()
#define fail() stand_in_fail(__FILE__, __LINE__, "failed")
#define fail_msg(...) stand_in_fail(__FILE__, __LINE__, __VA_ARGS__)
#define assert_true(c) ((c) ? (void)0 : stand_in_fail(__FILE__, __LINE__, "%s", #c))
#define assert_false(c) ((c) ? stand_in_fail(__FILE__, __LINE__, "not (%s)", #c) : (void)0)
#define assert_null(p) ((p) ? stand_in_fail(__FILE__, __LINE__, "%s is not NULL", #p) : (void)0)
#define assert_non_null(p) ((p) ? (void)0 : stand_in_fail(__FILE__, __LINE__, "%s is NULL", #p))
#define assert_ptr_equal(a, b)                                                                     \
    ((const void *)(a) == (const void *)(b)                                                        \
         ? (void)0                                                                                 \
         : stand_in_fail(__FILE__, __LINE__, "%s is not %s", #a, #b))
#define assert_ptr_not_equal(a, b)                                                                 \
    ((const void *)(a) != (const void *)(b)                                                        \
         ? (void)0                                                                                 \
         : stand_in_fail(__FILE__, __LINE__, "%s is %s", #a, #b))
#define assert_int_equal(a, b) \
    stand_in_equal(__FILE__, __LINE__, #a " == " #b, (uintmax_t)(a), (uintmax_t)(b), true)
#define assert_int_not_equal(a, b) \
    stand_in_equal(__FILE__, __LINE__, #a " != " #b, (uintmax_t)(a), (uintmax_t)(b), false)
#define assert_in_range(v, low, high) \
    stand_in_range(__FILE__, __LINE__, #v, (uintmax_t)(v), (uintmax_t)(low), (uintmax_t)(high))
#define assert_memory_equal(a, b, n) stand_in_bytes(__FILE__, __LINE__, a, b, n, true)
#define assert_memory_not_equal(a, b, n) stand_in_bytes(__FILE__, __LINE__, a, b, n, false)
#define assert_string_equal(a, b) stand_in_strings(__FILE__, __LINE__, a, b, true)
#define assert_string_not_equal(a, b) stand_in_strings(__FILE__, __LINE__, a, b, false)

#endif
