/* Tapes, leaves, names, and walking what was recorded.
 * Errors: NULL or a status other than WG_OK, with the reason on the tape, if an argument is NULL
 * or does not fit as said.  Questions about a tape or a tensor answer NULL with NULL, 0 or -1,
 * and leave no reason. */
#ifndef WENGERT_TAPE_H
#define WENGERT_TAPE_H

#include <wengert/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- tape ---- */

/* A new tape whose leaves are of the given floating dtype (WG_F32 or WG_F64) unless they say
 * otherwise.
 * NULL if there is no memory or the dtype is not a floating one. */
WG_API wg_tape *wg_tape_new(wg_dtype dtype);

/* Frees the tape, every tensor on it, its leaves' storage and the programs compiled from it that
 * were not freed yet.  NULL is fine. */
WG_API void wg_tape_free(wg_tape *t);

/* The floating dtype that the tape was made with; WG_F32 for NULL. */
WG_API wg_dtype wg_tape_dtype(const wg_tape *t);

/* The first error since the tape was made, was rewound past it, or since wg_clear_error; NULL if
 * there is none.
 * Names the op, what it wants, and the operands with their shapes:
 *     matmul: wants [.., m, k] x [.., k, n], got "x" [32, 784] x "W1" [128, 30]
 * wg_error(NULL) says that there is no tape.  The text lives until the error goes. */
WG_API const char *wg_error(const wg_tape *t);

WG_API wg_status wg_error_status(const wg_tape *t); /* the same error as a code; WG_OK if there is
                                                     * none */
WG_API void wg_clear_error(wg_tape *t);              /* forgets it: the next one is kept again */

/* For functions of your own that record: keeps an error as the library does, if it is the first.
 * Gives the status back, so that
 *     return wg_keep_error(t, WG_ERR_ARGUMENT, "attention: wants %d heads or more, got %d",
 *                          1, heads); */
WG_API wg_status wg_keep_error(wg_tape *t, wg_status s, const char *format, ...) WG_PRINTF(3, 4);

/* A point on a tape.  Its fields are the tape's own business. */
typedef struct wg_mark {
    int64_t nodes, draws, params;
    size_t bytes;
    bool failed;
} wg_mark;

/* wg_tape_rewind drops every node and leaf recorded after the mark, and an error that came after
 * it.  Tensors recorded after the mark must not be used any more.  Programs stay usable unless
 * they use a leaf that was dropped: running one of those is an error.
 * Cost: the number of nodes dropped. */
WG_API wg_mark wg_tape_mark(const wg_tape *t);
WG_API wg_status wg_tape_rewind(wg_tape *t, wg_mark mark);

/* The leaf of that name; NULL, without an error, if there is none. */
WG_API wg_tensor *wg_find(const wg_tape *t, const char *name);

/* Seed of everything random on the tape (default 0).  Parameters draw their initial values when
 * they are made: seed first.
 * wg_seed also sets the run counter back to 0. */
WG_API void wg_seed(wg_tape *t, uint64_t seed);
/* Number of runs so far that drew random numbers: an element is Philox(seed, stream, run, index).
 * Save and set it to continue a sequence. */
WG_API uint64_t wg_run_counter(const wg_tape *t);
WG_API void wg_set_run_counter(wg_tape *t, uint64_t run);

/* ---- leaves ---- */

/* A leaf that is fed by wg_set_* or wg_bind before a run.  Names are unique on a tape.
 * NULL if the name is missing, empty or taken, or the shape is bad (negative extent, rank above 8,
 * more than 2^63 - 1 bytes). */
WG_API wg_tensor *wg_input(wg_tape *t, const char *name, wg_shape shape);
WG_API wg_tensor *wg_input_as(wg_tape *t, const char *name, wg_dtype dtype, wg_shape shape);

/* How a parameter's elements begin.  Fan-in and fan-out of a [m, n] matrix are m and n (x W
 * convention: inputs by outputs); leading extents multiply both. */
typedef enum wg_init_kind {
    WG_INIT_CONSTANT,
    WG_INIT_NORMAL,
    WG_INIT_UNIFORM,
    WG_INIT_VALUES,
    WG_INIT_GLOROT,
    WG_INIT_HE
} wg_init_kind;

/* How a parameter begins: wg_init_* make one. */
typedef struct wg_init {
    wg_init_kind kind;
    double a, b;
    const double *values;
} wg_init;

WG_API wg_init wg_init_zeros(void);                    /* every element 0 */
WG_API wg_init wg_init_constant(double value);         /* every element value */
WG_API wg_init wg_init_normal(double mean, double std); /* normal with this mean and standard
                                                         * deviation */
WG_API wg_init wg_init_uniform(double lo, double hi);   /* uniform in [lo, hi) */
WG_API wg_init wg_init_values(const double *values); /* as many as the shape has elements,
                                                      * row-major; copied */
WG_API wg_init wg_init_glorot(void); /* uniform in +-sqrt(6 / (fan_in + fan_out));  Glorot and
                                      * Bengio 2010 */
WG_API wg_init wg_init_he(void);     /* normal, std sqrt(2 / fan_in);  He et al. 2015 */

/* Named state that runs may assign: y = its present value,
 * at first what init says.  NULL as for wg_input. */
WG_API wg_tensor *wg_param(wg_tape *t, const char *name, wg_shape shape, wg_init init);

/* Values fixed now, copied: as many as the shape has elements, row-major.
 * wg_constant_as takes them in the given dtype. */
WG_API wg_tensor *wg_constant(wg_tape *t, wg_shape shape, const double *values);
WG_API wg_tensor *wg_constant_as(wg_tape *t, wg_dtype dtype, wg_shape shape, const void *values);

/* One value everywhere.  No memory behind it: a program uses it as an immediate.
 * Shapes: [] of wg_scalar, x's of wg_full_like, else the shape given. */
WG_API wg_tensor *wg_scalar(wg_tape *t, double value);
WG_API wg_tensor *wg_full(wg_tape *t, wg_shape shape, double value);
WG_API wg_tensor *wg_full_as(wg_tape *t, wg_dtype dtype, wg_shape shape, double value);
WG_API wg_tensor *wg_full_like(wg_tensor *x, double value); /* of x's shape and dtype */

/* ---- what a tensor is ---- */

WG_API wg_shape wg_shape_of(const wg_tensor *x); /* x's shape; rank -1 for NULL */
WG_API int64_t wg_count_of(const wg_tensor *x);  /* number of elements; 0 for NULL */
WG_API wg_dtype wg_dtype_of(const wg_tensor *x); /* x's dtype; WG_F32 for NULL */
WG_API wg_tape *wg_tape_of(const wg_tensor *x); /* the tape that it is on; NULL for NULL */

/* A leaf's name; NULL for anything else. */
WG_API const char *wg_name(const wg_tensor *x);
/* Gives x a label (any text, copied; NULL takes it away) and returns x.
 * Messages and drawings show it. */
WG_API wg_tensor *wg_label(wg_tensor *x, const char *text);

WG_API const char *wg_label_of(const wg_tensor *x); /* its label; NULL if it has none */
/* How messages call x: its label, else its name, else op#number.
 * Written into buf, which is returned. */
WG_API const char *wg_describe(const wg_tensor *x, char *buf, size_t size);

/* ---- walking a tape ---- */

WG_API int64_t wg_node_count(const wg_tape *t);            /* leaves and ops recorded so far */
WG_API wg_tensor *wg_node(const wg_tape *t, int64_t i);    /* the i-th in order of recording;
                                                            * NULL out of range */
WG_API int64_t wg_index_of(const wg_tensor *x);            /* its place on the tape; -1 for NULL */
/* how many x has; *inputs points to them */
WG_API int wg_inputs_of(const wg_tensor *x, wg_tensor *const **inputs);
WG_API const char *wg_op_name(const wg_tensor *x);         /* its op's name: "matmul", "input" ...;
                                                            * NULL for NULL */
WG_API wg_tensor *wg_origin_of(const wg_tensor *x); /* for an adjoint: the node whose derivative it
                                                     * is part of; else NULL */

/* What a tensor is, if it was not computed. */
typedef enum wg_leaf_kind { WG_NOT_A_LEAF, WG_INPUT, WG_PARAM, WG_CONSTANT } wg_leaf_kind;

WG_API wg_leaf_kind wg_leaf_kind_of(const wg_tensor *x); /* what x is;
                                                          * WG_NOT_A_LEAF for NULL, too */

/* ---- values ---- */

/* Copies as many elements as the leaf has from v into an input or a parameter, converting.  A
 * value that i32 cannot hold is refused. */
WG_API wg_status wg_set_f32(wg_tensor *leaf, const float *v);
WG_API wg_status wg_set_f64(wg_tensor *leaf, const double *v);
WG_API wg_status wg_set_i32(wg_tensor *leaf, const int32_t *v);

/* Puts the caller's memory (the leaf's dtype, row-major, aligned to an element) in place of an
 * input's own, without a copy; it must outlive its use, and be no memory of the library's.
 * wg_set_* then writes there.  NULL gives the input its own memory back, which must be set anew.
 * Changing the memory is seen by the next run; a value read with wg_get_* after such a change and
 * no run may be the older one, since the library is not told of it. */
WG_API wg_status wg_bind(wg_tensor *input, void *data);

#ifdef __cplusplus
}
#endif
#endif
