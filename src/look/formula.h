/* Symbols, numbers and formulas, as text, as LaTeX and for the page.  Formulas are walked out of
 * what was recorded and shown as each op's record says (wg_op.formula); knows no op. */
#ifndef WG_LOOK_FORMULA_H
#define WG_LOOK_FORMULA_H

#include "look/trace.h"

/* Element i, in row-major order, of a tensor whose values the trace has. */
double wg_trace_element(const trace *t, const wg_tensor *x, int64_t i);

void wg_put_number(writer *w, wg_trace_format style, int digits, double v);
/* Its label, else its name, else op#number. */
void wg_put_symbol(writer *w, const trace *t, wg_trace_format style, const wg_tensor *x);
/* dC/dz1 */
void wg_put_derivative(writer *w, const trace *t, wg_trace_format style, const wg_tensor *of,
                       const wg_tensor *by);

/* Whether a tensor's values stand well in the middle of a line. */
bool wg_is_short(const wg_tensor *x);
/* A scalar, or [[1, 2], [3, 4]]; LaTeX: a matrix. */
void wg_put_values(writer *w, const trace *t, wg_trace_format style, const wg_tensor *x);
/* The same, in parentheses if it is a negative number: to stand behind a sign. */
void wg_put_signed(writer *w, const trace *t, wg_trace_format style, double v);
void wg_put_factor(writer *w, const trace *t, wg_trace_format style, const wg_tensor *x);
/* The same, rows below each other; of a large tensor its shape,
 * a few values and the bounds of all. */
void wg_put_block(writer *w, const trace *t, const wg_tensor *x);
/* Of a large tensor: [784, 30], 23520 values: 0.1, 0.2, 0.3, ... */
void wg_put_large(writer *w, const trace *t, wg_trace_format style, const wg_tensor *x);
bool wg_is_large(const wg_tensor *x);

/* What a formula shows for its leaves. */
typedef enum formula_leaves { SYMBOLS, NUMBERS } formula_leaves;

/* Each gives false, and puts nothing, where the formula is too long to be of use, or a number in
 * it is none that stands in a line. */
/* x by its operands: sigmoid(z1) */
bool wg_put_node_formula(writer *w, const trace *t, wg_trace_format style, formula_leaves leaves,
                         const wg_tensor *x);
/* d node / d input: a1 * (1 - a1) */
bool wg_put_local_formula(writer *w, const trace *t, wg_trace_format style, formula_leaves leaves,
                          const handover *h);
/* The same, in parentheses where it is a sum: to stand behind a sign of multiplication. */
bool wg_put_local_factor(writer *w, const trace *t, wg_trace_format style, formula_leaves leaves,
                         const handover *h);
/* What the input gets, by node's adjoint: x^T dC/dz1 */
bool wg_put_rule_formula(writer *w, const trace *t, wg_trace_format style, formula_leaves leaves,
                         const handover *h);

/* A node without operands and without a name that has one value everywhere: formulas show that. */
bool wg_is_a_number(const trace *t, const wg_tensor *x);

/* Whether the local derivative is one number everywhere, known from the formula alone. */
bool wg_local_is_constant(const trace *t, const handover *h, double *value);

#endif
