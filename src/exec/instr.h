/* Instructions: what a program is a list of.  Everything about one is worked out when it is made;
 * running it is an indirect call. */
#ifndef WG_EXEC_INSTR_H
#define WG_EXEC_INSTR_H

#include "exec/lower.h"
#include "kernels/isa.h"

/* What changes from run to run and from thread to thread. */
typedef struct wg_env {
    void *scratch; /* the thread's own, as large as the neediest instruction asked for */
    uint64_t seed, run;
    wg_message *why;
} wg_env;

/* Does parts begin .. end - 1 of an instruction.
 * The result does not depend on how the parts are divided. */
typedef struct wg_instr wg_instr;
typedef wg_status wg_instr_run(const wg_instr *i, const wg_env *env, int64_t begin, int64_t end);
/* with the program's threads: awake ones, all */
typedef enum wg_sharing { WG_ALONE, WG_SHARED_IF_AWAKE, WG_SHARED } wg_sharing;
struct wg_instr {
    wg_instr_run *run;
    int64_t parts;
    int64_t work; /* of one part, in elements that an elementwise kernel would do in that time:
                   * small instructions stay on one thread */
    int64_t grain; /* threads divide the parts at multiples of it */
    wg_sharing sharing;
    int32_t step; /* of the lowered program, for messages and summaries */
};

/* A pointer into a leaf's memory, to be set again when the leaf is bound elsewhere,
 * or another leaf has its place. */
typedef struct wg_relocation {
    void **where;
    int64_t offset; /* bytes */
    int32_t leaf;   /* place among the program's leaves */
} wg_relocation;

/* A program in the making. */
typedef struct wg_builder {
    const wg_lowered *l;
    wg_isa_level isa;     /* whose kernels the instructions call */
    wg_arena *arena;      /* the program's */
    char *temporaries, *kept; /* memory for temporaries; for outputs and immediates */
    size_t scratch;       /* bytes that the neediest instruction wants */
    wg_relocation *relocation;
    int64_t relocations, relocation_capacity;
    bool failed;          /* memory ran out */
    const struct wg_product_plan *plan[8]; /* the latest of products, which are often alike;
                                            * oldest first */
    struct wg_kept {
        const void *bytes;
        size_t size;
    } alike[16]; /* the latest that wg_keep_alike kept; `next_alike` is the oldest */
    int32_t next_alike;
    struct wg_product *product; /* the latest; NULL */
    char *slots; /* memory in which tiny programs keep values, one after the other:
                  * vectors, so many of them */
    int32_t slot_count;
} wg_builder;

/* A copy of the bytes in the program, at a multiple of 64 if there are that many; or the copy that
 * was made of the same bytes not long ago: a network's layers are often alike, and what they share
 * stays in a cache.  NULL when memory runs out. */
const void *wg_keep_alike(wg_builder *b, const void *bytes, size_t size);

/* Room for an instruction of so many bytes, zeroed;
 * its head is filled in.  NULL when memory runs out. */
void *wg_new_instr(wg_builder *b, size_t size, int32_t step);

/* Sets *where to the operand's first element, now and whenever its leaf moves. */
void wg_point(wg_builder *b, void **where, wg_operand from);
void wg_point_buffer(wg_builder *b, void **where, int32_t buffer);
/* bytes from its first element */
void wg_point_leaf(wg_builder *b, void **where, const wg_leaf *leaf, int64_t offset);

/* The reduction that the op is, one of WG_FOLD_..; -1 if it is none of the library's. */
int wg_fold_of(const wg_op *op);

/* One maker a kind; NULL when memory runs out. */
wg_instr *wg_make_map(wg_builder *b, int32_t step);
wg_instr *wg_make_copy(wg_builder *b, int32_t step);
wg_instr *wg_make_loop(wg_builder *b, int32_t step);    /* a fused step without product and
                                                         * reductions */
wg_instr *wg_make_rowwise(wg_builder *b, int32_t step); /* a fused step that reduces rows */
wg_instr *wg_make_reduce(wg_builder *b, int32_t step);
wg_instr *wg_make_product(wg_builder *b, int32_t step);
wg_instr *wg_make_call(wg_builder *b, int32_t step);
wg_instr *wg_make_tiny(wg_builder *b, int32_t step); /* steps together */

/* How a reduction goes over its operand, read through the view:
 * the order in which elements meet. */
typedef enum wg_fold_way {
    WG_BY_ROWS,     /* all elements of a result as one row of kernels/fold.h */
    WG_BY_COLUMNS,  /* one after the other, if there are few */
    WG_BY_MANY_ROWS /* rows, and then their results */
} wg_fold_way;
wg_fold_way wg_fold_way_of(const wg_tensor *t, const wg_view *view);

/* An index space in which neighbouring axes that every operand walks alike are one,
 * and axes of extent 1 are gone.
 * Strides in bytes. */
enum { WG_MAX_WALKED = WG_MAP_INPUTS + 1 };
typedef struct wg_space {
    int rank, operands;
    struct wg_space_axis {
        int64_t extent, stride[WG_MAX_WALKED];
    } axis[WG_MAX_RANK];
} wg_space;
/* The axes of an elementwise step's result; its operands', then the result's strides along them.
 * At least one axis. */
wg_space wg_elementwise_space(const wg_builder *b, const wg_step *s);
/* n elements of 4 or 8 bytes, stride bytes apart, into a row. */
void wg_gather_row(void *to, const char *from, int64_t stride, int64_t n, int64_t size);
/* n elements, n >= have > 0: the first `have` over and over. */
void wg_repeat_row(char *to, const char *from, int64_t have, int64_t n, int64_t size);
/* the next inner axis; merged if it can be */
void wg_space_add_axis(wg_space *s, int64_t extent, const int64_t *strides);
int64_t wg_space_count(const wg_space *s);
/* A copy in the program's memory, without room for axes that there are none of.
 * NULL when memory runs out. */
const wg_space *wg_keep_space(wg_builder *b, const wg_space *s);

/* Position in the outer axes of a space (all but the last `inner`): an odometer. */
typedef struct wg_walk {
    const wg_space *s;
    int axes;
    int64_t at[WG_MAX_RANK];
    int64_t offset[WG_MAX_WALKED];
} wg_walk;
void wg_walk_start(wg_walk *w, const wg_space *s, int axes, int64_t row);
void wg_walk_next(wg_walk *w);

#endif
