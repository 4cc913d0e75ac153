/* The op record: everything that is to be known of an operator, in one place.  The library's own
 * ops are such records; so are yours.
 *
 * A user op states how shapes follow from its inputs, how it is computed, and how its adjoint is
 * written in other ops:
 *
 *     static bool cube_infer(wg_tensor *y) { return wg_infer_like(y, 0); }
 *     static wg_status cube_kernel(const wg_call *c) { ... c->in[0].data, c->out->data ... }
 *     static wg_tensor *cube_vjp(wg_tensor *y, wg_tensor *g, int i) { ... }
 *     static const wg_op cube = { .size = sizeof cube, .name = "cube", .arity = 1,
 *                                 .infer = cube_infer, .kernel = cube_kernel, .vjp = cube_vjp };
 *     wg_tensor *y = wg_apply(&cube, 1, &x, NULL);
 *
 * Errors: NULL, false or a status other than WG_OK, with the reason on the tape where there is
 * one. */
#ifndef WENGERT_OP_H
#define WENGERT_OP_H

#include <wengert/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One operand of a kernel: contiguous, row-major. */
typedef struct wg_array {
    void *data;
    wg_dtype dtype;
    wg_shape shape;
    int64_t count; /* elements */
} wg_array;

/* What a kernel is given.  It writes every element of *out,
 * allocates nothing and keeps no state. */
typedef struct wg_call {
    const wg_array *in;
    int n;
    const wg_array *out;
    const void *attr;    /* the bytes given to wg_apply */
    void *scratch;       /* as many bytes as the op's scratch asked for, 64-byte aligned */
    uint64_t seed, run;  /* of the tape, for random ops */
    wg_message *why;     /* where a kernel that returns another status than WG_OK says what it
                          * met */
} wg_call;

/* Computes an op.  What is not WG_OK ends the run, which gives that status. */
typedef wg_status wg_kernel(const wg_call *c);

/* Strided window onto another tensor's memory,
 * in elements: element i is at  offset + sum_d i_d stride_d. */
typedef struct wg_view {
    wg_shape shape;
    int64_t stride[WG_MAX_RANK];
    int64_t offset;
} wg_view;

/* Elementwise kernel: y[i] = f(x0[i step0], x1[i step1], ...), i < n, each step 0 or 1 element. */
typedef void wg_map_kernel(int64_t n, void *y, const void *const *x, const int64_t *step,
                           const void *attr);
/* How an op of one to three inputs is computed one element at a time:
 * a kernel for each dtype of its (first) input; NULL where there is none. */
typedef struct wg_map {
    wg_map_kernel *kernel[WG_DTYPE_COUNT];
    const char *c_text; /* the same as a C expression in x, y, z (inputs) and a0,
                         * a1 (attributes) */
    int flops;          /* counted for one element */
} wg_map;

/* How an op reduces the axes that its .reduced names: a row  y = f(x[0], x[stride], ... n of them)
 * or a column step  y[j] = f(y[j], x[j]). */
typedef void wg_reduce_row(int64_t n, void *y, const void *x, int64_t stride);
typedef void wg_reduce_column(int64_t n, void *y, const void *x);
typedef struct wg_reduce {
    wg_reduce_row *row[WG_DTYPE_COUNT];
    wg_reduce_column *column[WG_DTYPE_COUNT];
    double empty; /* the value of no elements */
} wg_reduce;

/* Interval from which tests draw an argument, and a place in it (a kink) to stay away from; kink
 * is ignored unless has_kink. */
typedef struct wg_domain {
    double lo, hi, kink;
    bool has_kink;
} wg_domain;

/* What is to be known of an op beside its rules. */
typedef enum wg_op_flags {
    WG_OP_FLAT = 1,    /* the derivative is 0 wherever it exists (floor, comparisons, argmax,
                        * stop_gradient): no adjoint passes */
    WG_OP_RANDOM = 2,  /* draws random numbers */
    WG_OP_ORDERED = 4, /* never merged, and run in the order of recording among its like:
                        * printing, communication */
    WG_OP_SURE = 8     /* its kernel takes any data, and so gives WG_OK: nothing waits to see
                        * whether it fails.  Of ops without a kernel this is known */
} wg_op_flags;

/* An arity: any number of inputs. */
enum { WG_VARIADIC = -1 };

/* The record.  It must stay as it is while a tape that knows it lives. */
typedef struct wg_op {
    size_t size; /* sizeof(wg_op): the version of this record */
    const char *name;   /* as messages call it; no two on a tape are registered under one name */
    const char *doc;    /* one line: formula, and the derivative chosen at kinks */
    int arity;          /* number of inputs, or WG_VARIADIC */
    unsigned flags;     /* wg_op_flags */
    size_t attr_size;   /* bytes of attributes; hashed, compared and copied as bytes,
                         * so padding must be zeroed */

    /* Checks the inputs and sets the output's shape and dtype (wg_infer_*);
     * false after wg_fail. */
    bool (*infer)(wg_tensor *y);
    /* The adjoint of input i, given the adjoint g of y, recorded as calls of ops; linear in g.
     * Asked only for inputs that need it. */
    wg_tensor *(*vjp)(wg_tensor *y, wg_tensor *g, int i);

    /* How it is computed: the first of these that is set. */
    const wg_map *map;       /* elementwise */
    bool (*view)(const wg_tensor *y, const wg_view *x, wg_view *out); /* no copy;
                                                                      * false: this x needs one */
    const wg_reduce *reduce; /* reduction, with .reduced */
    bool product;            /* matrix product of the last two axes; b of rank 2 is shared */
    wg_kernel *kernel;       /* anything else */
    void (*reduced)(const wg_tensor *y, bool axis[WG_MAX_RANK]); /* which axes of the input
                                                                  * a reduction runs over */
    size_t (*scratch)(const wg_tensor *y); /* bytes a kernel needs beside its operands */

    /* For tests: intervals of the first three arguments, and for ops that are not elementwise the
     * k-th sample application to inputs that it makes on t with wg_input (NULL when there is no
     * k-th). */
    wg_domain domain[3];
    wg_tensor *(*sample)(wg_tape *t, int k);

    const char *c_text; /* C99 of the kernel for export, where there is one */

    /* How formulas show it, as text and as LaTeX: "1:%a1 + %b1" is a sum.  Ahead of the colon how
     * tightly it binds: 0 a comparison, 1 a sum, 2 a product, 3 a power, 4 nothing gets between.
     * %a %b %c are the operands, each with how tightly it has to bind to go without parentheses;
     * %p %q are the attributes where these are one or two doubles,
     * %* is the sign of a product of elements.
     * NULL: name(a, b), and latex like text. */
    const char *formula, *latex;
    /* Room kept, NULL until used. */
    wg_tensor *(*jvp)(wg_tensor *y, wg_tensor *const *u);
    wg_tensor *(*batch)(wg_tensor *y, int axis);
    bool (*depends)(const wg_tensor *y, int i, int64_t out, int64_t in);
    double (*cost)(const wg_tensor *y);
} wg_op;

/* Records op(in[0] ... in[n-1]) with a copy of attr_size bytes at attr; the record itself must
 * stay as it is while the tape lives.  NULL, with the reason on the tape, if an input is NULL or
 * of another tape, or the op's infer refuses.  wg_apply_on is for ops that may have no inputs. */
WG_API wg_tensor *wg_apply(const wg_op *op, int n, wg_tensor *const *in, const void *attr);
WG_API wg_tensor *wg_apply_on(wg_tape *t, const wg_op *op, int n, wg_tensor *const *in,
                              const void *attr);

/* For infer: sets the output's shape and dtype, or takes both from input i (which must be one). */
WG_API bool wg_infer(wg_tensor *y, wg_dtype dtype, wg_shape shape);
WG_API bool wg_infer_like(wg_tensor *y, int i);
/* For infer: refuses, keeping "op: wants <wants>, got <operands and shapes>" on the tape.
 * Always false. */
WG_API bool wg_fail(wg_tensor *y, const char *wants);
/* For infer, vjp and kernels' helpers: the i-th input, the attribute bytes, the record.
 * Errors: NULL for NULL; wg_in also for an i out of range. */
WG_API wg_tensor *wg_in(const wg_tensor *y, int i);
WG_API const void *wg_attr(const wg_tensor *y);
WG_API const wg_op *wg_op_of(const wg_tensor *y);

/* Makes the op known to the tape by its name (wg_find_op) and checks its record.  In debug builds
 * of the caller (NDEBUG not defined) its derivatives are also checked by finite differences,
 * through its .sample or, if it has none, on vectors and matrices drawn from its domain;
 * WG_ERR_CHECK and a message on the tape if they are wrong. */
WG_API wg_status wg_register_op_with(wg_tape *t, const wg_op *op, bool check);
#ifdef NDEBUG
#define wg_register_op(t, op) wg_register_op_with((t), (op), false)
#else
#define wg_register_op(t, op) wg_register_op_with((t), (op), true)
#endif

/* A built-in or registered op by name; NULL if there is none. */
WG_API const wg_op *wg_find_op(const wg_tape *t, const char *name);
/* The i-th built-in op, family by family; NULL past the last. */
WG_API const wg_op *wg_builtin_op(int i);

#ifdef __cplusplus
}
#endif
#endif
