/* Looking at what was recorded.
 * Errors: WG_ERR_ARGUMENT for NULL or tensors of several tapes, WG_ERR_IO if the file cannot be written, WG_ERR_MEMORY. */
#ifndef WENGERT_LOOK_H
#define WENGERT_LOOK_H

#include <stdio.h>
#include <wengert/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The graph that leads to the outputs in Graphviz's dot language: inputs, parameters, constants and ops told apart, names and shapes,
 * adjoint nodes in another colour; a node without inputs and of one value shows it in place of its op, edges into a node of several
 * inputs are numbered in the order of wg_inputs_of.  A legend is part of the picture.  `dot -Tsvg` draws it. */
WG_API wg_status wg_write_dot(int n, wg_tensor *const *outputs, FILE *out);

/* ---- the reverse sweep, step by step ---- */

/* What a trace is written as. */
typedef enum wg_trace_format {
    WG_TRACE_TEXT, /* a paragraph a node */
    WG_TRACE_LATEX /* one align environment, to \input: needs amsmath */
} wg_trace_format;

/* All zero is a trace of the whole sweep, as text. */
typedef struct wg_trace_options {
    wg_trace_format format;
    wg_tensor *up_to;     /* the sweep stops where this node's adjoint is complete; NULL: the whole of it */
    wg_tensor *cotangent; /* what y's adjoint begins with, of y's shape and dtype; NULL: 1, for a y of one element */
    int n;                /* derivatives are wanted in x[0] .. x[n-1], and only the nodes between these and y are shown; */
    wg_tensor *const *x;  /* n = 0: in every floating input and parameter, and constant with a label (if y has none: constant) */
    int digits;           /* significant digits of numbers, at most 17; 0: 5 */
} wg_trace_options;

/* The reverse sweep from y as wg_grad does it, node by node from y backwards.  Of each node: op, value, incoming adjoint dy/dnode; of
 * each of its operands: the local derivative, as a formula and in numbers, what the operand receives, and where several paths meet
 * the sum so far.  With labels where there are any, else names, else op#number: label y, since its name is in every derivative.
 *
 * The local derivative is walked out of what the op's rule records (and shown as wg_op.formula says), so ops of your own show like
 * ours.  It is dnode/doperand, one factor an element, where the rule is elementwise or the node has one element: then the
 * operand receives  dy/dnode * dnode/doperand  (* is elementwise).  Elsewhere it is said as the rule: dC/dW = x^T dC/dz for a
 * matrix product, sum(dC/dz, axis 0) for what was broadcast.  Scalars and small matrices are shown by their numbers, larger tensors by
 * their shape, first values and bounds.
 *
 * Values are those of wg_get_*: inputs must have been set.  Records its work behind the tape's end and rewinds it; parameters, the
 * run counter and the tape are left as they were.  Time and memory are linear in the sweep, and like those of a program that keeps all.
 * NULL options: all zero.  Errors, kept on the tape: y or a wanted tensor that is not floating; y of several elements without a cotangent;
 * an up_to that the sweep does not reach; a y that depends on nothing wanted; an input never set; an op without a rule. */
WG_API wg_status wg_trace_backward(wg_tensor *y, const wg_trace_options *options, FILE *out);

#ifdef __cplusplus
}
#endif
#endif
