#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "stand_in/cmocka.h"

static jmp_buf leave;
enum { PASSED, FAILED, SKIPPED };

static int outcome(const struct CMUnitTest *test)
{
    void *state = test->state;
    int how = setjmp(leave);
    if (how != PASSED)
        return how;
    if (test->setup && test->setup(&state))
        return FAILED;
    test->test(&state);
    return test->teardown && test->teardown(&state) ? FAILED : PASSED;
}

int stand_in_run(const char *group, const struct CMUnitTest *tests, size_t n,
                 CMFixtureFunction *setup, CMFixtureFunction *teardown)
{
    static const char *const said[] = {"       OK", "  FAILED ", " SKIPPED "};
    int count[3] = {0};
    void *state = NULL;
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("[==========] Running %zu test(s): %s.\n", n, group);
    if (setup && setup(&state))
        return (int)n;
    for (size_t k = 0; k < n; k++) {
        printf("[ RUN      ] %s\n", tests[k].name);
        struct CMUnitTest test = tests[k];
        test.state = state;
        int how = outcome(&test);
        count[how]++;
        printf("[%s ] %s\n", said[how], test.name);
    }
    if (teardown && teardown(&state))
        count[FAILED]++;
    printf("[  PASSED  ] %d test(s).\n", count[PASSED]);
    if (count[SKIPPED])
        printf("[  SKIPPED ] %d test(s).\n", count[SKIPPED]);
    if (count[FAILED])
        printf("[  FAILED  ] %d test(s).\n", count[FAILED]);
    return count[FAILED];
}

void print_message(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
}

void print_error(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
}

void stand_in_skip(void)
{
    longjmp(leave, SKIPPED);
}

void stand_in_fail(const char *file, int line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fprintf(stderr, "%s:%d: error: ", file, line);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    longjmp(leave, FAILED);
}

void stand_in_equal(const char *file, int line, const char *what, uintmax_t a, uintmax_t b,
                    bool equal)
{
    if ((a == b) != equal)
        stand_in_fail(file, line, "%s: %jd and %jd", what, (intmax_t)a, (intmax_t)b);
}

void stand_in_range(const char *file, int line, const char *what, uintmax_t v, uintmax_t low,
                    uintmax_t high)
{
    if (v < low || v > high)
        stand_in_fail(file, line, "%s: %jd is not in %jd .. %jd", what, (intmax_t)v, (intmax_t)low,
                      (intmax_t)high);
}

void stand_in_bytes(const char *file, int line, const void *a, const void *b, size_t n, bool equal)
{
    size_t at = 0;
    while (at < n && ((const char *)a)[at] == ((const char *)b)[at])
        at++;
    if ((at == n) != equal)
        stand_in_fail(file, line,
                      equal ? "%zu bytes differ, first at %zu" : "%zu bytes are equal (%zu)", n,
                      at);
}

void stand_in_strings(const char *file, int line, const char *a, const char *b, bool equal)
{
    if ((strcmp(a, b) == 0) != equal)
        stand_in_fail(file, line, "\"%s\" and \"%s\"", a, b);
}
