/* bench/bench.c: the library beside references in the same run.
 *
 *     bench [--json FILE] [--pytorch SCRIPT] [--seconds S] [--summary] [NAME ...]
 *
 * Only figures whose name holds a NAME, or matches it as the shell's patterns do; all if there is
 * none.  S is spent on a figure (0.3).  SCRIPT is bench/pytorch.py.  --summary shows the
 * instructions of the networks' training steps and measures nothing.  What the figures mean:
 * docs/performance.md. */
#include <stdlib.h>
#include <string.h>

#include "bench/parts.h"

static int usage(const char *program)
{
    fprintf(stderr, "%s [--json FILE] [--pytorch SCRIPT] [--seconds S] [--summary] [NAME ...]\n",
            program);
    return 2;
}

int main(int argc, char **argv)
{
    report r = {.budget = 0.3};
    const char *file = NULL;
    bool summary = false;
    int i = 1;
    for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
        if (strcmp(argv[i], "--summary") == 0)
            summary = true;
        else if (strcmp(argv[i], "--json") == 0 && i + 1 < argc)
            file = argv[++i];
        else if (strcmp(argv[i], "--pytorch") == 0 && i + 1 < argc)
            r.pytorch = argv[++i];
        else if (strcmp(argv[i], "--seconds") == 0 && i + 1 < argc && atof(argv[i + 1]) > 0)
            r.budget = atof(argv[++i]);
        else
            return usage(argv[0]);
    }
    r.filters = (const char *const *)argv + i;
    r.filter_count = argc - i;
    if (summary) {
        show_programs(&r, stdout);
        return 0;
    }
    if (file && !(r.json = fopen(file, "w"))) {
        perror(file);
        return 1;
    }
    printf("%8s  %-18s %-38s %12s %12s\n", "ratio", "middle half", "", "ours", "reference");
    bench_train(&r);
    bench_gemm(&r);
    bench_elementwise(&r);
    bench_tape(&r);
    bench_memory(&r);
    bench_threads(&r);
    if (!r.found)
        fprintf(stderr, "no figure's name holds or matches what was asked for\n");
    if (r.json) {
        fprintf(r.json, "%s\n]\n", r.written ? "" : "[");
        if (fclose(r.json)) {
            perror(file);
            r.failed = true;
        }
    }
    return r.failed;
}
