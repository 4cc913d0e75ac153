/* The instruction set that is chosen at run time is the best that the machine has, whatever the
 * build takes for granted.  (How it can be lowered: test_gemm.) */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/isa.h"

/* What the kernel says of the processor: "flags : fpu vme avx2 ..". */
static bool machine_has(const char *flag)
{
    static char line[16384];
    FILE *f = fopen("/proc/cpuinfo", "r");
    bool found = false;
    while (f && !found && fgets(line, sizeof line, f)) {
        if (strncmp(line, "flags", 5) != 0)
            continue;
        for (const char *word = strtok(line, " \t\n"); word; word = strtok(NULL, " \t\n"))
            found = found || !strcmp(word, flag);
        break;
    }
    if (f)
        fclose(f);
    return found;
}

static void the_best_of_the_machine_is_found(void **state)
{
    (void)state;
#if !defined(__GNUC__) || !(defined(__x86_64__) || defined(__i386__))
    skip();
#elif !defined(WG_HAVE_AVX2) || !defined(WG_HAVE_AVX512)
    fail_msg("gcc and clang build kernels for AVX2 and AVX-512, but this build has none");
#endif
    wg_isa_level wanted = WG_ISA_BASELINE;
    if (machine_has("avx2") && machine_has("fma"))
        wanted = WG_ISA_AVX2;
    if (wanted == WG_ISA_AVX2 && machine_has("avx512f") && machine_has("avx512vl")
        && machine_has("avx512dq") && machine_has("avx512bw"))
        wanted = WG_ISA_AVX512;
    unsetenv("WENGERT_ISA");
    print_message("this machine: %s\n", wg_isa_text(wanted));
    assert_string_equal(wg_isa_text(wg_isa()), wg_isa_text(wanted));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_best_of_the_machine_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
