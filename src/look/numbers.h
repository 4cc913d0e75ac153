/* The numbers that drawings and traces show: of any tensors, worked out together and without a
 * trace on the tape.
 *
 *     wg_numbers n;
 *     s = wg_numbers_begin(&n, tape);             marks the tape: record what the numbers need
 *     int64_t k = wg_numbers_add(&n, x);
 *     s = wg_numbers_work_out(&n, s);             one evaluation; rewinds the tape
 *     wg_number_text(wg_number_at(&n, k), ...);
 *     wg_numbers_free(&n);
 *
 * Values are those that the leaves imply now; nothing is assigned, and random draws are those of
 * the last run. */
#ifndef WG_LOOK_NUMBERS_H
#define WG_LOOK_NUMBERS_H

#include <wengert/base.h>
#include <wengert/tape.h>

enum { WG_SHOWN = 12 }; /* of no more elements is each one kept */

typedef struct wg_number {
    wg_shape shape;
    const double *v; /* NULL: not known, only its shape is */
    bool range;      /* v is the least and the largest element in place of all of them */
} wg_number;

typedef struct wg_numbers {
    wg_tape *tape;
    wg_mark mark;
    wg_number *number;
    wg_tensor **part; /* what is worked out, flat and f64 */
    int64_t count, numbers, parts; /* how many, and room in the two lists */
    bool failed;                   /* memory ran out */
    double *values;
} wg_numbers;

wg_status wg_numbers_begin(wg_numbers *n, wg_tape *t);
/* The handle of x's numbers; -1 if x is NULL or memory runs out, which wg_numbers_work_out tells.
 * x may be gone when it is read. */
int64_t wg_numbers_add(wg_numbers *n, wg_tensor *x);
/* so_far: the status of what was recorded since begin.  Whatever it is, the tape is rewound; if it
 * is WG_OK, the numbers are there afterwards; if not, or if they cannot be worked out
 * (an input without a value), the tape keeps the reason. */
wg_status wg_numbers_work_out(wg_numbers *n, wg_status so_far);
void wg_numbers_free(wg_numbers *n);

/* Not known for a handle of -1. */
wg_number wg_number_at(const wg_numbers *n, int64_t handle);
/* Every element by itself: 0.25, [1, 2] (rows of a matrix: one a line), all 0.25; or -1 .. 3 for a
 * range.  Cut where buf ends; returns buf. */
const char *wg_number_text(wg_number number, char *buf, size_t size);

/* ---- local derivatives ---- */

/* What dy / dx is for one input x of an op's result y, all else held fixed. */
typedef enum wg_local_kind {
    WG_LOCAL_NONE,    /* there is no derivative: indices, an op without a rule */
    WG_LOCAL_ZERO,    /* none passes */
    WG_LOCAL_EACH,    /* element by element: of y's shape; where elements are only rearranged it is
                       * 1 */
    WG_LOCAL_MATRIX,  /* [elements of y, elements of x]; of x's shape where y has one element,
                       * of y's where x has */
    WG_LOCAL_UNSHOWN  /* a matrix of too many elements */
} wg_local_kind;
/* Records the derivative from the op's own rule with unit cotangents.  *d is NULL for NONE, ZERO,
 * UNSHOWN, where elements are only rearranged, and after an error. */
wg_local_kind wg_local_derivative(wg_tensor *y, int i, wg_tensor **d);

#endif
