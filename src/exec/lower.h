/* From graph to steps: what is computed, from which buffers, read through which strides.  Views,
 * immediates and leaves become operands; every other node becomes a step. */
#ifndef WG_EXEC_LOWER_H
#define WG_EXEC_LOWER_H

#include "exec/graph.h"
#include "kernels/isa.h"

typedef enum wg_segment {
    WG_TEMPORARY, /* planned: shares memory with others whose lifetimes do not meet its own */
    WG_OUTPUT,    /* the program's, kept until the next run */
    WG_STORAGE,   /* a leaf's */
    WG_IMMEDIATE  /* one element, written when the program is built */
} wg_segment;

typedef struct wg_buffer {
    uint8_t segment;     /* wg_segment */
    uint8_t dtype;       /* wg_dtype */
    int32_t producer;    /* step; -1 for leaves and immediates */
    int32_t first, last; /* places in the order of execution between which its bytes must stand */
    int32_t shares;      /* buffer whose memory it takes over, in place; -1 */
    int64_t bytes, offset;
    wg_leaf *leaf; /* NULL but for storage */
    double value;  /* of an immediate */
} wg_buffer;

/* A wg_view in as little memory as it needs, of which a slice of a long tape has many: the
 * shape is a node's. */
typedef struct wg_strided {
    const wg_shape *shape;
    int64_t offset;
    int64_t stride[]; /* of the shape's axes */
} wg_strided;
/* NULL when memory runs out. */
const wg_strided *wg_strided_new(wg_arena *arena, const wg_shape *shape, const wg_view *v);

/* What an instruction reads: all of a buffer in order if view is NULL. */
typedef struct wg_operand {
    int32_t buffer;
    const wg_strided *view;
} wg_operand;

/* The operand as a view, also where it is a whole buffer of that shape. */
wg_view wg_operand_view(const wg_operand *o, const wg_shape *shape);

/* One op of a fused step.  An argument is an operand of the step, or ~j:
 * the value of the step's j-th micro-op. */
enum { WG_MICRO_ARGS = WG_MAP_INPUTS, WG_MAX_MICROS = 32, WG_MAX_OPERANDS = 16 };
typedef struct wg_micro {
    const wg_tensor *t; /* record and attributes, dtype of the result */
    int32_t result;     /* buffer that takes its values; -1: none, only other micro-ops read
                         * them */
    uint8_t from;       /* wg_dtype of its first argument: chooses the kernel */
    bool kept;          /* one value for each result of the step's reductions;
                         * else one for each element of its space */
    int8_t arg[WG_MICRO_ARGS];
} wg_micro;

/* Tiny steps that run as one instruction (tiny.h): its parts, in their order. */
enum { WG_MOST_TOGETHER = 128 };
typedef struct wg_joint {
    const struct wg_step *const *part;
    int32_t parts, ops;    /* ops of all of them, at most WG_MOST_TOGETHER */
    int32_t results;
    const int32_t *result; /* buffers that others read; what only parts read has no memory */
} wg_joint;

/* A fused step works over an index space, the shape of .over: elementwise ops, and reductions over
 * the axes of the space that .reduced names, whose results may be worked on and read again by
 * every element.  Or its first micro-op is a product, whose elements the others take while they
 * are hot. */
typedef struct wg_step {
    wg_tensor *t;    /* the node: record, attributes, shape and dtype of the result; of a fused
                      * step, of the last micro-op */
    wg_operand *in;
    int32_t n;
    int32_t micros;  /* 0: t's op alone */
    union {
        wg_micro *micro; /* what a fused step does, in an order in which it can be done */
        const wg_joint *together; /* if joint: t and out are the last part's */
    };
    const wg_shape *over;
    uint32_t reduced; /* bit d: axis d of the space is reduced; 0: no reduction */
    int32_t out;      /* buffer; of a fused step, that of the last micro-op */
    bool copy;       /* out = in[0] in row-major order, whatever t's op computes */
    bool recomputed; /* made again for a sweep */
    bool joint;
    bool update;     /* writes a parameter in place: after everything else that reads it,
                      * and after all that may fail */
} wg_step;

/* The buffers that the step writes, into b; how many. */
enum { WG_MAX_RESULTS = WG_MOST_TOGETHER };
static inline int32_t wg_step_results(const wg_step *s, int32_t b[WG_MAX_RESULTS])
{
    int32_t n = 0;
    for (; s->joint && n < s->together->results; n++)
        b[n] = s->together->result[n];
    if (s->joint)
        return n;
    if (s->micros == 0)
        b[n++] = s->out;
    for (int32_t k = 0; k < s->micros; k++)
        if (s->micro[k].result >= 0)
            b[n++] = s->micro[k].result;
    return n;
}

/* The ops that the step does, and the k-th of them. */
int32_t wg_step_ops(const wg_step *s);
const wg_tensor *wg_step_op(const wg_step *s, int32_t k);

/* Whether the product is summed over all matrices of its operands. */
static inline bool wg_adds_products_up(const wg_tensor *t)
{
    return t->op->product && t->shape.rank < t->in[0]->shape.rank
           && t->shape.rank < t->in[1]->shape.rank;
}

static inline bool wg_step_has_product(const wg_step *s)
{
    return s->micros ? s->micro[0].t->op->product : !s->copy && s->t->op->product;
}

typedef struct wg_commit {
    int32_t buffer; /* the new value, contiguous; the leaf's own storage if a step updates it in
                     * place */
    wg_leaf *leaf;
} wg_commit;

typedef struct wg_lowered {
    wg_arena *arena, *scratch; /* as of the graph */
    wg_buffer *buffer;
    int32_t buffers;
    int64_t buffer_capacity;
    wg_step *step;
    int32_t steps;
    int64_t step_capacity;
    int32_t *order; /* of execution: indices of steps.  Parts of joint ones have none */
    int32_t *output; /* buffer of each output */
    int32_t outputs;
    wg_commit *commit;
    int32_t commits;
} wg_lowered;

typedef struct wg_lower_options {
    bool effects;  /* assignments among the outputs take place */
    bool views;    /* read through strides; else every view is copied */
    wg_isa_level isa; /* whose kernels do what is worked out now */
    bool simplify; /* what need not be computed when a program runs is not */
} wg_lower_options;

/* false when memory runs out.  Memory beside the arena (buffer, step) is freed by
 * wg_lowered_free. */
bool wg_lower(wg_lowered *l, const wg_graph *g, wg_lower_options options);
void wg_lowered_free(wg_lowered *l);

/* fuse: steps that can be done while the data are at hand become one: elementwise steps over one
 * space, what they do with the elements of a product, reductions and the steps that feed them or
 * read them.  Values that no other step reads never reach memory.  Leaves the steps in an order in
 * which they can run.  false when memory runs out. */
bool wg_fuse(wg_lowered *l);

/* update: an assignment's value is computed into the parameter itself where that is safe.
 * false when memory runs out. */
bool wg_update_in_place(wg_lowered *l);

/* How many operands, outputs and commits each buffer is; reads are all 0 before. */
void wg_count_reads(const wg_lowered *l, int32_t *reads);

/* Only ops' own kernels can fail. */
bool wg_step_may_fail(const wg_step *s);

/* order: a topological order of the steps, in which what frees more than it takes runs as soon as
 * it can if eager; else as recorded. */
bool wg_order(wg_lowered *l, bool eager);

/* The view of a whole contiguous array. */
wg_view wg_view_whole(const wg_shape *shape);
/* Whether the elements of the shape lie in a row in their order. */
bool wg_is_contiguous(const wg_shape *shape, const int64_t *stride);

#endif
