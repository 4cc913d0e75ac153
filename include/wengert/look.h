/* Looking at what was recorded.
 * Errors: WG_ERR_ARGUMENT for NULL or tensors of several tapes,
 * WG_ERR_IO if the file cannot be written, WG_ERR_MEMORY. */
#ifndef WENGERT_LOOK_H
#define WENGERT_LOOK_H

#include <stdio.h>
#include <wengert/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- the graph ---- */

/* The graph that leads to the outputs in Graphviz's dot language: inputs, parameters, constants
 * and ops told apart, names and shapes, adjoint nodes in another colour; a node without inputs and
 * of one value shows it in place of its op, edges into a node of several inputs are numbered in
 * the order of wg_inputs_of.  A legend is part of the picture.  Of a name or label longer than 80
 * bytes its beginning is shown.  `dot -Tsvg` draws it.
 * Nodes whose labels or names begin alike up to a slash stand in a box: "layer1/W" and "layer1/z"
 * in "layer1", "block/1/W" in the box "1" within "block"; so do the nodes without a label whose
 * parameters, or without these all inputs, stand there (a cost's too: a label without a slash
 * keeps a node outside), and in boxes of their own what derivatives and updates make of it.  The
 * slash of a derivative, "dC/dw1" or "layer1/dC/dW", makes no box.
 * A stretch of nodes that comes again and again, each fed by the one before, is drawn once, in a
 * box that says how often: fifty layers look like one, "x 48" between the first and the last.
 * Edges from one repeat to the next are dashed.  Stretches are alike if their ops, shapes, dtypes
 * and inputs are, and their labels but for numbers; these are written "W2..49".  A drawing of
 * wg_write_dot folds what comes at least 4 times, where 20 nodes or more go.
 * Cost: linear in the graph's size, but for the search for repeats, which is bounded. */
WG_API wg_status wg_write_dot(int n, wg_tensor *const *outputs, FILE *out);

/* All zero: what wg_write_dot draws. */
typedef struct wg_dot_options {
    bool values;             /* at each node its value, as the leaves imply it now;
                              * inputs must have been set */
    wg_tensor *adjoints_of;  /* of this tensor y: at each node that it depends on the adjoint
                              * dy / dnode; of several elements: of their sum.
                              * Numbers without a label have none, nor local derivatives */
    bool local_derivatives;  /* at each edge the derivative of its end in its beginning, all else
                              * held fixed: of an elementwise op that of each element, else the
                              * Jacobian matrix, a row for each element of the end;
                              * only its extents if it is large.
                              * With adjoints_of at the edges on the way to it,
                              * else at all but those of derivatives. */
    int fold;                /* folds what comes so often or more, however small; 0: as
                              * wg_write_dot; negative: nothing is folded */
    bool no_boxes;           /* labels make no boxes */
    bool no_legend;
    bool sideways;           /* from left to right rather than downwards */
    /* What you want to have written at an edge, before its local derivative; NULL: nothing.  Of a
     * folded edge the first is asked for. */
    const char *(*edge_note)(wg_tensor *from, wg_tensor *to, void *user);
    void *user;
} wg_dot_options;

/* The drawing with options; NULL: none.  Numbers have four digits; of tensors of more than 12
 * elements, and of what is folded, the least and the largest are shown.  They are worked out on
 * the tape behind a mark and rewound: nothing is recorded, assigned or drawn anew.
 * Errors: where numbers are wanted, an input without a value, an op without a rule on the way to
 * adjoints_of, an error that the tape already keeps: nothing is written, and the tape keeps the
 * reason.  So it does of outputs of several tapes, a NULL file, and a file that cannot be written
 * to (WG_ERR_IO); wg_write_dot likewise. */
WG_API wg_status wg_write_dot_with(int n, wg_tensor *const *outputs, const wg_dot_options *options,
                                   FILE *out);

/* ---- the reverse sweep, step by step ---- */

/* What a trace is written as. */
typedef enum wg_trace_format {
    WG_TRACE_TEXT, /* a paragraph a node */
    WG_TRACE_LATEX, /* one align environment, to \input: needs amsmath */
    WG_TRACE_HTML   /* one page that needs nothing else: buttons and arrow keys walk the graph
                     * forward and back */
} wg_trace_format;

/* All zero is a trace of the whole sweep, as text. */
typedef struct wg_trace_options {
    wg_trace_format format;
    wg_tensor *up_to;     /* the sweep stops where this node's adjoint is complete; NULL: the whole
                           * of it */
    wg_tensor *cotangent; /* what y's adjoint begins with, of y's shape and dtype; NULL: 1,
                           * for a y of one element */
    int n;                /* derivatives are wanted in x[0] .. x[n-1], and only the nodes between
                           * these and y are shown; */
    wg_tensor *const *x;  /* n = 0: in every floating input and parameter, and constant with a
                           * label (if y has none: constant) */
    int digits;           /* significant digits of numbers, at most 17; 0: 5 */
} wg_trace_options;

/* The reverse sweep from y as wg_grad does it, node by node from y backwards.  Of each node: op,
 * value, incoming adjoint dy/dnode; of each of its operands: the local derivative, as a formula
 * and in numbers, what the operand receives, and where several paths meet the sum so far.  With
 * labels where there are any, else names, else op#number: label y, since its name is in every
 * derivative.
 *
 * The local derivative is walked out of what the op's rule records (and shown as wg_op.formula
 * says), so ops of your own show like ours.  It is dnode/doperand, one factor an element, where
 * the rule is elementwise or the node is a scalar: then the operand receives
 * dy/dnode * dnode/doperand  (* is elementwise).  Elsewhere it is said as the rule: dC/dW = x^T
 * dC/dz for a matrix product, sum(dC/dz, axis 0) for what was broadcast.  Scalars and small
 * matrices are shown by their numbers, larger tensors by their shape, first values and bounds.
 *
 * Values are those of wg_get_*: inputs must have been set.  Records its work behind the tape's end
 * and rewinds it; parameters, the run counter and the tape are left as they were.  Time and memory
 * are linear in the sweep, and like those of a program that keeps all.
 * NULL options: all zero.  Errors, kept on the tape: y or a wanted tensor that is not floating; y
 * of several elements without a cotangent; an up_to that the sweep does not reach; a y that
 * depends on nothing wanted; an input never set; an op without a rule; a NULL file, or one that
 * cannot be written to (WG_ERR_IO). */
WG_API wg_status wg_trace_backward(wg_tensor *y, const wg_trace_options *options, FILE *out);

#ifdef __cplusplus
}
#endif
#endif
