/* Programs: compile a slice of a tape once, run it often; and reading values.
 * Errors: a status other than WG_OK (WG_ERR_ARGUMENT for NULL) or NULL;
 * the reason is on the tape, unless said otherwise. */
#ifndef WENGERT_RUN_H
#define WENGERT_RUN_H

#include <stdio.h>
#include <wengert/base.h>
#include <wengert/effect.h> /* wg_assign */

#ifdef __cplusplus
extern "C" {
#endif

/* The slice of the tape that the outputs need, as a program.  NULL, with the reason on the tape,
 * if an output is NULL, two outputs assign one leaf, or memory runs out.
 * Time and memory are linear in the slice.
 *
 * A step that is recorded anew each time costs little more than one that is kept:
 *
 *     wg_mark mark = wg_tape_mark(t);
 *     for (;;) {
 *         wg_tensor *cost = ...                      the same or another structure each time
 *         wg_program *p = wg_compile(1, &cost);
 *         wg_run(p);
 *         wg_program_free(p);
 *         wg_tape_rewind(t, mark);
 *     }
 *
 * A freed program is kept, and found again when what is compiled has its structure: the same ops
 * with the same attributes, dtypes, shapes, names, labels, options and random streams, reading
 * each other in the same way.  Its leaves take the places of those of before, with their own
 * values.  A tape keeps at most 64 programs that nobody uses, of 64 MiB together;
 * the least recently used go. */
WG_API wg_program *wg_compile(int n, wg_tensor *const *outputs);

/* Passes that can be left out, for debugging.  Results stay the same bit for bit, but that a sum
 * may go over its elements in another order without WG_PASS_VIEWS, and over a number stretched
 * along axes without WG_PASS_SIMPLIFY. */
enum { WG_PASS_MERGE = 1, WG_PASS_ORDER = 2, WG_PASS_PLAN = 4, WG_PASS_IN_PLACE = 8,
       WG_PASS_VIEWS = 16, WG_PASS_FUSE = 32, WG_PASS_SIMPLIFY = 64,
       WG_PASS_RECOMPUTE = 1 << 8 /* leaves wg_checkpoint and memory without effect */,
       WG_PASS_TINY = 1 << 9 /* what fits in one vector */ };

/* How a program is made.  All zeros, as NULL, are the defaults. */
typedef struct wg_compile_options {
    unsigned skip;  /* passes to leave out, WG_PASS_... */
    bool trace_nan; /* plain execution that stops, before assignments commit, at the first op that
                     * makes a NaN or an infinity from finite inputs: wg_run gives
                     * WG_ERR_NONFINITE, and the message names op, element and operands.  A
                     * number that a call gives, wg_full's or wg_pad's, is an input */
    bool profile;   /* runs keep the time of each instruction, for wg_profile: some 20 ns each.
                     * No effect with trace_nan */
    int threads;    /* 0 and 1: the calling thread alone; more, at most 1024: large instructions
                     * are shared out.  Results are the same bit for bit.  A forked process has
                     * no threads of a program compiled before: there the caller does it all. */
    int64_t memory; /* bytes that wg_program_stats.planned_bytes may reach; 0: whatever is fastest.
                     * What derivatives read is then computed again where it cannot be kept, as
                     * little as is found to do, with the same results bit for bit.  If no way is
                     * found: NULL, and an error that names a number of bytes that would do.
                     * Up to 21 plans are tried: compiling takes some 3 times as long, and ten
                     * times and more where nothing is found.  No effect with trace_nan. */
} wg_compile_options;

/* The same, with options; NULL stands for none. */
WG_API wg_program *wg_compile_with(int n, wg_tensor *const *outputs,
                                   const wg_compile_options *options);

/* Executes the program.  Allocates nothing.  Programs that neither assign nor draw random numbers
 * may run at the same time on different threads, each program on one thread.  An input that was
 * never set, an index out of range ... is a status other than WG_OK; then nothing was assigned,
 * and the reason is in wg_program_error and, unless it holds an earlier one, in wg_error. */
WG_API wg_status wg_run(wg_program *p);

WG_API const char *wg_program_error(const wg_program *p); /* why the last run failed;
                                                           * NULL if it succeeded */

/* The i-th output as the last run left it, contiguous, in its tensor's dtype; valid until the next
 * run.  NULL before the first run.
 * The output of an assignment is the parameter's own storage. */
WG_API const void *wg_output(const wg_program *p, int i);
/* The program must not be used any more; the tape may keep it for wg_compile to find.  NULL is
 * fine. */
WG_API void wg_program_free(wg_program *p);

/* Nodes, instructions, flops, bytes moved, planned buffers beside their lower bound (the most
 * bytes live at once), outputs, scratch memory, how much is recomputed, and each instruction. */
WG_API wg_status wg_summary(const wg_program *p, FILE *out);
/* The size of a program, and what a run of it costs. */
typedef struct wg_program_stats {
    int64_t nodes, instructions;
    int64_t flops, bytes_moved;          /* of one run */
    int64_t planned_bytes, lower_bound;  /* buffers of the program, without leaves and outputs */
    int64_t output_bytes;
    int64_t scratch_bytes; /* that instructions work in while they run, of all threads: no values
                            * are kept there */
    int64_t found; /* times that wg_compile found it again */
    int64_t recomputed; /* instructions that make again what was not kept for derivatives */
} wg_program_stats;
/* What wg_summary says, as numbers; all 0 for NULL. */
WG_API wg_program_stats wg_stats(const wg_program *p);

/* Where the time goes, of a program compiled with .profile: what each instruction computed, and
 * how often, in all runs since it was compiled or reset.
 * Programs that are found again go on counting. */
typedef struct wg_profile_entry {
    const char *ops;             /* of the nodes it came from: "matmul add tanh" */
    const char *names;           /* labels of these nodes, and of the leaves that they read:
                                  * "x W1 b1"; "" if there are none */
    const char *origin;          /* op of the node whose adjoint it is part of; NULL in the forward
                                  * part */
    int64_t node;                /* its place on the tape */
    int64_t calls, flops, bytes; /* of all calls: floating-point operations, bytes read and
                                  * written */
    double seconds;              /* of all calls, without what looking at the clock takes */
} wg_profile_entry;
/* The entry of the i-th instruction in the order of execution;
 * false if there is none, or no profile. */
WG_API bool wg_profile_at(const wg_program *p, int64_t i, wg_profile_entry *e);
/* All of them, the longest first: share of the time, calls, nanoseconds a call, GFLOP/s, GB/s,
 * ops, names, forward or adjoint of. */
WG_API wg_status wg_profile(const wg_program *p, FILE *out);

WG_API void wg_profile_reset(wg_program *p); /* sets calls and times to 0 */

/* ---- values ---- */

/* The value of any tensor: a leaf's storage; an output as its last run left it; otherwise (never
 * run, or a leaf below was set since) worked out in a private program that assigns nothing and
 * draws nothing new.  All elements, row-major, converted (into i32 as wg_cast does). */
WG_API wg_status wg_get_f32(wg_tensor *x, float *v);
WG_API wg_status wg_get_f64(wg_tensor *x, double *v);
WG_API wg_status wg_get_i32(wg_tensor *x, int32_t *v);
/* The value of a tensor of one element; NaN, with the reason on the tape,
 * if it has more or cannot be computed. */
WG_API double wg_item(wg_tensor *x);
/* The values in x's dtype without a copy, valid until the next call that runs, evaluates, records
 * or sets; NULL on failure. */
WG_API const void *wg_eval(wg_tensor *x);
/* Prints x as [1, 2, 3], nested by rows, six digits (i32: all), a line feed at the end. */
WG_API wg_status wg_print(wg_tensor *x);
WG_API wg_status wg_write(wg_tensor *x, FILE *out);

#ifdef __cplusplus
}
#endif
#endif
