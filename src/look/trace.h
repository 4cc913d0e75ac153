/* A reverse sweep as a trace shows it: what handed which adjoint to whom, with values.  Made by
 * trace.c, written by trace_text.c, trace_latex.c and trace_page.c; knows no op. */
#ifndef WG_LOOK_TRACE_H
#define WG_LOOK_TRACE_H

#include <wengert/look.h>

#include "look/writer.h"

/* One adjoint handed on.  With it the tape's nodes that say so:
 * those of the rule are numbered from `from` up to `to`. */
typedef struct handover {
    wg_tensor *node, *input; /* input is operand i of node */
    int i;
    wg_tensor *adjoint, *term, *sum; /* of node; what input gets; what it has got so far */
    wg_tensor *local; /* d node / d input where that says all: one factor an element,
                       * or node is a scalar; else NULL */
    int64_t from, to;
    int64_t before;   /* the handover to the same input before this one; -1 */
    int32_t path, paths; /* which of how many that reach the input, from 1 */
} handover;

/* What is known of the node at each place of the tape. */
typedef struct place {
    wg_tensor *adjoint; /* as far as it was handed on; NULL: none */
    const void *data;   /* the values; NULL: not wanted */
    wg_tensor *copy;    /* the tensor that has the values as a program's output; NULL: not
                         * wanted */
    int64_t first, last; /* handovers by this node; first > last: none */
    int64_t arrived;    /* the last handover to this node; -1 */
    bool shown;         /* a step's node, or an operand of one */
    bool ambiguous;     /* another node has the same label */
} place;

typedef struct trace {
    wg_tape *tape;
    wg_tensor *y, *up_to; /* up_to: y's first leaf or before, if the sweep is whole */
    wg_tensor *seed;
    int digits;
    int64_t recorded; /* nodes before the trace added its own */
    int64_t nodes;    /* with those */
    place *place;
    int64_t handovers, capacity;
    handover *handover;
    int64_t steps;
    wg_tensor **step; /* nodes in the order of the sweep */
    wg_program *program;
    bool out_of_memory;
} trace;

wg_status wg_trace_write_text(const trace *t, writer *w, FILE *out);
wg_status wg_trace_write_latex(const trace *t, writer *w, FILE *out);
wg_status wg_trace_write_page(const trace *t, writer *w, FILE *out);

/* trace_page.html, which the build puts into the library. */
extern const char wg_trace_page[];
extern const size_t wg_trace_page_size;

#endif
