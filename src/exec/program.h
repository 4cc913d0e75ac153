/* A compiled slice of a tape. */
#ifndef WG_EXEC_PROGRAM_H
#define WG_EXEC_PROGRAM_H

#include <wengert/run.h>

#include "core/pool.h"
#include "exec/instr.h"
#include "exec/plan.h"
#include "exec/reuse.h"
#include "tape/state.h"

/* A program's hold on a node that it has as an output:
 * found from the node when its value is asked for. */
struct wg_slot {
    wg_program *program;
    wg_slot *next; /* of the same node */
    int32_t node;  /* its place on the tape */
    int32_t output;
};

typedef struct wg_saved {
    void *to, *from;
    size_t bytes;
} wg_saved;

/* What a summary says of an instruction; kept because nodes may be gone by then. */
typedef struct wg_note {
    const char *op, *label; /* label: or name; NULL if it has none */
    const char *origin;     /* op of the node whose adjoint it is part of; NULL in the forward
                             * part */
    const char *reads;      /* of one that may fail: what it reads, as messages end; else NULL */
    const int64_t *extents; /* of the result: rank, then extents; the previous note's own where
                             * they are equal */
    int64_t flops, bytes;
    int32_t id;             /* place on the tape */
    uint8_t dtype, fused; /* fused: ops of the loop, 0 for one alone */
    uint8_t parts;
    bool copy, update, recomputed, tiny;
    struct wg_note *part; /* of a tiny program, the steps that it is made of, if there are
                           * several; NULL */
} wg_note;

typedef struct wg_nan_trace wg_nan_trace;
typedef struct wg_profile_data wg_profile_data;

/* All instructions, with threads or watched. */
typedef wg_status wg_program_run(wg_program *p, const wg_env *env);

struct wg_program {
    wg_dependent dependent; /* first, so that the tape's handle is the program */

    /* What every run looks at: little, as a short one would feel it. */
    wg_tape *tape;
    uint64_t bindings; /* the tape's count when pointers were last set and inputs looked at; made
                        * another by a failure */
    wg_program_run *run; /* NULL: one instruction after the other */
    wg_instr **instr;
    int32_t instrs;
    bool draws;
    bool effects; /* a run assigns or draws */
    bool several; /* another program has an output in common: runs are told apart by the clock */
    bool ran;
    uint64_t ran_at; /* the tape's clock then */
    wg_env env;      /* its scratch memory has a piece for each thread of the pool */

    wg_arena arena;
    void *temporaries, *kept;
    size_t scratch_bytes;
    wg_relocation *relocation;
    int64_t relocations;

    wg_leaf **leaf; /* of the slice, in order of recording */
    int32_t leaves;
    int32_t *fed; /* inputs that must have values: places among the leaves */
    int32_t feds;
    int32_t last_leaf; /* highest place on the tape of a leaf it uses; -1 */
    bool lost_leaf;    /* a rewind dropped one */
    bool private;
    int32_t commits; /* parameters that it assigns */
    wg_saved *copy;  /* for those that no step updates in place */
    int32_t copies;

    int32_t outputs;
    void **output;
    wg_slot *slot;

    wg_pool *pool; /* NULL where nothing is worth sharing */
    int threads;
    int64_t shared_work;
    wg_nan_trace *trace;
    wg_profile_data *profile; /* NULL: not wanted */
    wg_note *note;
    wg_program_stats stats;
    bool failed;
    wg_message error;

    wg_structure structure; /* by which it is found again; none for some */
    int32_t *id;            /* places on the tape of the nodes that it was compiled from */
    size_t bytes;           /* of memory that it holds */
    bool in_use;            /* the user's or the evaluator's; else one of the tape's unused ones */
    wg_program *next_unused;
};

/* An empty program, of which nobody knows; NULL when memory runs out. */
wg_program *wg_program_new(wg_tape *t, bool private);
/* The slice's leaves take their places among the program's. */
void wg_program_point_at(wg_program *p, const wg_graph *g);
/* What the program is to be found by becomes its own.  false when memory runs out. */
bool wg_program_keep_structure(wg_program *p, wg_structure *s, const wg_graph *g);
/* Makes the nodes know the program, last of all: from here on nothing fails. */
void wg_program_attach(wg_program *p, wg_tensor *const *outputs);
/* The program, found again, as if it had been compiled from the slice just now. */
void wg_program_begin_again(wg_program *p, const wg_graph *g);
/* Frees the program for good; wg_program_discard one of which nobody knows. */
void wg_program_destroy(wg_program *p);
void wg_program_discard(wg_program *p);

/* Decides which instructions are shared and starts threads if there are any.
 * false when threads or memory run out. */
bool wg_start_threads(wg_program *p);
/* How it is run, by what it has: a trace, a profile, threads, or none of them. */
void wg_choose_run(wg_program *p);
wg_status wg_run_instr(const wg_program *p, const wg_instr *i, const wg_env *env);

/* NaN tracing: after each instruction, a look at what it made.  NULL when memory runs out. */
wg_nan_trace *wg_nan_trace_new(wg_builder *b);
wg_status wg_nan_trace_look(const wg_nan_trace *t, int32_t instr, wg_message *why);

/* What a profile tells of each instruction, in the order of execution; NULL when memory runs out.
 * Freed by wg_mem_free. */
wg_profile_data *wg_profile_new(wg_arena *arena, const wg_lowered *l);
/* All instructions; *at is the one that failed. */
wg_status wg_run_profiled(wg_program *p, const wg_env *env, int32_t *at);

/* What the step does, for a summary; before: the note made before this one, or NULL.
 * false when memory runs out. */
bool wg_note_step(wg_note *note, const wg_note *before, wg_arena *arena, const wg_lowered *l,
                  const wg_step *s);

#endif
