/* What is to be compiled, and the two halves of it: compile.c asks, build.c builds. */
#ifndef WG_EXEC_COMPILE_H
#define WG_EXEC_COMPILE_H

#include <wengert/run.h>

#include "exec/graph.h"
#include "kernels/isa.h"

/* Outputs of one tape, and how the program is to be. */
typedef struct wg_request {
    int n;
    wg_tensor *const *outputs;
    const wg_compile_options *options;
    wg_isa_level isa; /* whose kernels it calls */
    bool private;     /* for wg_get_*: assigns nothing and draws nothing new */
} wg_request;

/* Makes the new program what the slice, which is used up, and the request say.  false when memory
 * runs out, or with the reason kept on the tape. */
bool wg_build(wg_program *p, wg_graph *g, const wg_request *r);

/* A program for wg_get_*. */
wg_program *wg_compile_private(wg_tensor *x);

#endif
