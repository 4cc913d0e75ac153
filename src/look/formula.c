#include "look/formula.h"

#include <math.h>
#include <string.h>
#include <wengert/op.h>
#include <wengert/tape.h>

/* Nested calls that a formula may have (what lies deeper is shown by its number), and bytes. */
enum { DEEPEST = 24, LONGEST = 240, LONGEST_LATEX = 700 };

typedef struct formula {
    const trace *t;
    writer *w;
    wg_trace_format style;
    formula_leaves leaves;
    const wg_tensor *top; /* is shown by its operands, ... */
    int64_t from, to;     /* ... and so are the nodes of these numbers but the last */
    const wg_tensor *adjoint; /* stands for dC/dof; NULL */
    const wg_tensor *of;
    size_t limit; /* of the text's length */
    bool unfit;   /* too long, or with a number that does not stand in a line */
} formula;

static bool is_opened(const formula *f, const wg_tensor *x)
{
    return x == f->top || (wg_index_of(x) >= f->from && wg_index_of(x) < f->to);
}

/* ---- constants ---- */

typedef union element {
    float f32;
    double f64;
    int32_t i32;
} element;

static element element_of(wg_dtype d, double v)
{
    element e = {0};
    if (d == WG_F32)
        e.f32 = (float)v;
    else if (d == WG_F64)
        e.f64 = v;
    else
        e.i32 = (int32_t)v;
    return e;
}

static double number_of(wg_dtype d, const element *e)
{
    return d == WG_F32 ? (double)e->f32 : d == WG_F64 ? e->f64 : e->i32;
}

enum { MOST_OPERANDS = 3 };

/* One element of an elementwise op, by its own kernel. */
static double apply(const wg_tensor *x, const double *v)
{
    wg_tensor *const *in;
    int n = wg_inputs_of(x, &in);
    element e[MOST_OPERANDS], y = {0};
    const void *at[MOST_OPERANDS];
    const int64_t step[MOST_OPERANDS] = {0};
    for (int i = 0; i < n; i++) {
        e[i] = element_of(wg_dtype_of(in[i]), v[i]);
        at[i] = &e[i];
    }
    wg_op_of(x)->map->kernel[wg_dtype_of(in[0])](1, &y, at, step, wg_attr(x));
    return number_of(wg_dtype_of(x), &y);
}

/* A node without operands that has one value everywhere, and nobody gave it a name. */
static bool is_number(const trace *t, const wg_tensor *x, double *v)
{
    wg_leaf_kind kind = wg_leaf_kind_of(x);
    int64_t n = wg_count_of(x);
    if (wg_inputs_of(x, NULL) || kind == WG_INPUT || kind == WG_PARAM || wg_label_of(x)
        || (wg_op_of(x)->flags & WG_OP_RANDOM) || n == 0 || !t->place[wg_index_of(x)].data)
        return false;
    *v = wg_trace_element(t, x, 0);
    for (int64_t i = 1; i < n; i++)
        if (wg_trace_element(t, x, i) != *v)
            return false;
    return true;
}

bool wg_is_a_number(const trace *t, const wg_tensor *x)
{
    double v;
    return is_number(t, x, &v);
}

/* Whether x is one number everywhere: given so, or worked out of such. */
static bool is_constant(const formula *f, const wg_tensor *x, int depth, double *v)
{
    wg_tensor *const *in;
    int n = wg_inputs_of(x, &in);
    if (n == 0)
        return is_number(f->t, x, v);
    if (x == f->adjoint || !is_opened(f, x) || depth == DEEPEST || n > MOST_OPERANDS)
        return false;
    double operand[MOST_OPERANDS];
    const wg_op *op = wg_op_of(x);
    if (!op->map && !op->view)
        return false;
    for (int i = 0; i < n; i++)
        if (!is_constant(f, in[i], depth + 1, &operand[i]))
            return false;
    *v = op->map ? apply(x, operand) : operand[0];
    return true;
}

/* The operand that x is equal to because the others are constants that leave it as it is:
 * a times 1, a + 0; -1. */
static int kept_operand(const formula *f, const wg_tensor *x, int depth)
{
    static const double probe[] = {0.37, -1.71, 2.93, 41};
    wg_tensor *const *in;
    int n = wg_inputs_of(x, &in), open = -1;
    double v[MOST_OPERANDS];
    if (!wg_op_of(x)->map || n < 2 || n > MOST_OPERANDS || wg_index_of(x) < f->t->recorded)
        return -1;
    for (int i = 0; i < n; i++)
        if (!is_constant(f, in[i], depth + 1, &v[i])) {
            if (open >= 0)
                return -1;
            open = i;
        }
    for (size_t k = 0; open >= 0 && k < sizeof probe / sizeof *probe; k++) {
        const element rounded = element_of(wg_dtype_of(x), probe[k]);
        v[open] = number_of(wg_dtype_of(x), &rounded);
        if (apply(x, v) != v[open])
            return -1;
    }
    return open;
}

/* Numbers stand ahead in a product, as in 2 x, where the op is the same both ways. */
static bool is_turned(const formula *f, const wg_tensor *x, int binds, int depth)
{
    static const double probe[][2] = {{0.37, -1.71}, {2.93, 41}, {-5, 0.2}};
    wg_tensor *const *in;
    double v;
    if (binds != 2 || wg_inputs_of(x, &in) != 2 || !wg_op_of(x)->map
        || is_constant(f, in[0], depth + 1, &v) || !is_constant(f, in[1], depth + 1, &v))
        return false;
    for (size_t k = 0; k < sizeof probe / sizeof *probe; k++) {
        const double back[] = {probe[k][1], probe[k][0]};
        if (apply(x, probe[k]) != apply(x, back))
            return false;
    }
    return true;
}

/* ---- shapes of formulas ---- */

/* A view that swaps the last two axes, whatever op it is. */
static bool is_transpose(const wg_tensor *x)
{
    wg_tensor *const *in;
    const wg_op *op = wg_op_of(x);
    if (!op->view || wg_inputs_of(x, &in) != 1)
        return false;
    wg_view a = {.shape = wg_shape_of(in[0])}, b;
    int64_t rank = a.shape.rank, stride = 1;
    if (rank < 2 || wg_shape_of(x).rank != rank)
        return false;
    for (int64_t d = rank - 1; d >= 0; d--) {
        a.stride[d] = stride;
        stride *= a.shape.dim[d] > 0 ? a.shape.dim[d] : 1;
    }
    if (!op->view(x, &a, &b) || b.offset)
        return false;
    for (int64_t d = 0; d < rank; d++) {
        int64_t from = d < rank - 2 ? d : 2 * rank - 3 - d;
        if (b.shape.dim[d] != a.shape.dim[from]
            || (b.shape.dim[d] > 1 && b.stride[d] != a.stride[from]))
            return false;
    }
    return true;
}

/* The formula's pattern: what the record says, or one that is the same for all ops.  *binds:
 * how tightly. */
static const char *pattern_of(const formula *f, const wg_tensor *x, int *binds)
{
    const wg_op *op = wg_op_of(x);
    bool latex = f->style == WG_TRACE_LATEX;
    const char *p = latex && op->latex ? op->latex : op->formula;
    if (!p && is_transpose(x))
        p = latex ? "3:{%a4}^{\\top}" : "3:%a4^T";
    if (!p || p[0] < '0' || p[0] > '4' || p[1] != ':')
        return NULL;
    *binds = p[0] - '0';
    return p + 2;
}

static void put_operand(formula *f, const wg_tensor *x, int wants, int depth);

/* Open and close parentheses where what binds so stands where something has to bind so. */
static void open_if(const formula *f, bool needed)
{
    if (needed)
        wg_put(f->w, f->style == WG_TRACE_LATEX ? "\\left(" : "(");
}

static void close_if(const formula *f, bool needed)
{
    if (needed)
        wg_put(f->w, f->style == WG_TRACE_LATEX ? "\\right)" : ")");
}

static void put_attribute(formula *f, const wg_tensor *x, int i)
{
    double v[2] = {NAN, NAN};
    size_t size = wg_op_of(x)->attr_size;
    memcpy(v, wg_attr(x), size < sizeof v ? size : sizeof v);
    wg_put_number(f->w, f->style, f->t->digits, v[i]);
}

static void put_pattern(formula *f, const char *p, const wg_tensor *x, bool turned, int depth)
{
    static const char *const dot[] = {"*", "\\cdot", "\xC2\xB7"};
    static const char *const circle[] = {"*", "\\odot", "\xE2\x8A\x99"};
    wg_tensor *const *in;
    int n = wg_inputs_of(x, &in);
    for (; *p; p++) {
        int i = *p == '%' ? p[1] - 'a' : -1;
        if (*p != '%') {
            wg_put_bytes(f->w, p, 1);
        } else if (i >= 0 && i < n && i < MOST_OPERANDS && p[2] >= '0' && p[2] <= '4') {
            put_operand(f, in[turned ? 1 - i : i], p[2] - '0', depth + 1);
            p += 2;
        } else if (p[1] == '*') {
            bool scalar = wg_count_of(x) == 1;
            wg_put(f->w, "%s", scalar ? dot[f->style] : circle[f->style]);
            p++;
        } else if ((p[1] == 'p' || p[1] == 'q') && wg_attr(x)) {
            put_attribute(f, x, p[1] - 'p');
            p++;
        } else {
            wg_put_bytes(f->w, p, 1);
        }
    }
}

/* \_ in LaTeX. */
static void put_escaped_name(const formula *f, const char *name)
{
    for (; *name; name++)
        if (f->style == WG_TRACE_LATEX && strchr("_%#&$", *name))
            wg_put(f->w, "\\%c", *name);
        else if (f->style != WG_TRACE_LATEX || !strchr("\\{}^~", *name))
            wg_put_bytes(f->w, name, 1);
}

/* name(a, b), and for reductions of some of the axes which. */
static void put_call(formula *f, const wg_tensor *x, int depth)
{
    wg_tensor *const *in;
    const wg_op *op = wg_op_of(x);
    int n = wg_inputs_of(x, &in);
    bool latex = f->style == WG_TRACE_LATEX, axis[WG_MAX_RANK] = {false};
    wg_put(f->w, latex ? "\\operatorname{" : "");
    put_escaped_name(f, op->name);
    wg_put(f->w, latex ? "}" : "");
    wg_put(f->w, latex ? "\\left(" : "(");
    for (int i = 0; i < n && !f->unfit; i++) {
        wg_put(f->w, i ? ", " : "");
        put_operand(f, in[i], 0, depth + 1);
    }
    int64_t rank = n ? wg_shape_of(in[0]).rank : 0, some = 0;
    if (op->reduce && op->reduced) {
        op->reduced(x, axis);
        for (int64_t d = 0; d < rank; d++)
            some += axis[d];
    }
    if (some && some < rank) {
        wg_put(f->w, latex ? ",\\ \\text{axis" : ", axis");
        for (int64_t d = 0; d < rank; d++)
            if (axis[d])
                wg_put(f->w, " %d", (int)d);
        wg_put(f->w, latex ? "}" : "");
    }
    wg_put(f->w, latex ? "\\right)" : ")");
}

static void put_opened(formula *f, const wg_tensor *x, int wants, int depth)
{
    int binds = 4;
    const char *pattern = pattern_of(f, x, &binds);
    open_if(f, binds < wants);
    if (pattern)
        put_pattern(f, pattern, x, is_turned(f, x, binds, depth), depth);
    else
        put_call(f, x, depth);
    close_if(f, binds < wants);
}

static void put_constant(formula *f, double v, int wants)
{
    int binds = v < 0 ? 1 : 4;
    open_if(f, binds < wants);
    wg_put_number(f->w, f->style, f->t->digits, v);
    close_if(f, binds < wants);
}

/* What is not opened: its symbol, or its number. */
static void put_leaf(formula *f, const wg_tensor *x, int wants)
{
    bool is_adjoint = x == f->adjoint;
    if (f->leaves == NUMBERS) {
        const wg_tensor *v = x;
        if (!f->t->place[wg_index_of(v)].data || !wg_is_short(v))
            f->unfit = true;
        else if (wg_shape_of(v).rank == 0)
            put_constant(f, wg_trace_element(f->t, v, 0), wants);
        else
            wg_put_values(f->w, f->t, f->style, v);
    } else if (is_adjoint) {
        bool parentheses = f->style != WG_TRACE_LATEX && wants > 3;
        open_if(f, parentheses);
        wg_put_derivative(f->w, f->t, f->style, f->t->y, f->of);
        close_if(f, parentheses);
    } else {
        wg_put_symbol(f->w, f->t, f->style, x);
    }
}

/* Not deeper than DEEPEST, which is a rule's depth and not the tape's. */
static void put_operand(formula *f, const wg_tensor *x, int wants, int depth)
{
    double v;
    wg_tensor *const *in;
    f->unfit = f->unfit || f->w->length > f->limit || f->w->failed;
    if (f->unfit)
        return;
    wg_inputs_of(x, &in);
    if (x == f->adjoint || !is_opened(f, x) || depth == DEEPEST) {
        if (x != f->adjoint && is_number(f->t, x, &v))
            put_constant(f, v, wants);
        else
            put_leaf(f, x, wants);
        return;
    }
    if (is_constant(f, x, depth, &v)) {
        put_constant(f, v, wants);
        return;
    }
    int kept = kept_operand(f, x, depth);
    if (kept >= 0)
        put_operand(f, in[kept], wants, depth + 1);
    else if (wg_inputs_of(x, NULL))
        put_opened(f, x, wants, depth);
    else
        put_leaf(f, x, wants);
}

static bool put_formula(formula *f, int wants)
{
    size_t before = f->w->length;
    f->limit = before + (f->style == WG_TRACE_LATEX ? LONGEST_LATEX : LONGEST);
    put_operand(f, f->top, wants, 0);
    f->unfit = f->unfit || f->w->length > f->limit;
    if (f->unfit)
        wg_cut(f->w, before);
    return !f->unfit;
}

bool wg_put_node_formula(writer *w, const trace *t, wg_trace_format style, formula_leaves leaves,
                         const wg_tensor *x)
{
    formula f = {.t = t, .w = w, .style = style, .leaves = leaves, .top = x};
    size_t before = w->length;
    f.limit = before + (style == WG_TRACE_LATEX ? LONGEST_LATEX : LONGEST);
    put_opened(&f, x, 0, 0);
    f.unfit = f.unfit || w->length > f.limit;
    if (f.unfit)
        wg_cut(w, before);
    return !f.unfit;
}

static formula local_formula(writer *w, const trace *t, wg_trace_format style,
                             formula_leaves leaves, const handover *h)
{
    return (formula){.t = t,
                     .w = w,
                     .style = style,
                     .leaves = leaves,
                     .top = h->local,
                     .from = t->recorded,
                     .to = t->nodes};
}

bool wg_put_local_formula(writer *w, const trace *t, wg_trace_format style, formula_leaves leaves,
                          const handover *h)
{
    formula f = local_formula(w, t, style, leaves, h);
    return put_formula(&f, 0);
}

bool wg_put_local_factor(writer *w, const trace *t, wg_trace_format style, formula_leaves leaves,
                         const handover *h)
{
    formula f = local_formula(w, t, style, leaves, h);
    return put_formula(&f, 2);
}

bool wg_local_is_constant(const trace *t, const handover *h, double *value)
{
    formula f = local_formula(NULL, t, WG_TRACE_TEXT, SYMBOLS, h);
    return is_constant(&f, h->local, 0, value);
}

bool wg_put_rule_formula(writer *w, const trace *t, wg_trace_format style, formula_leaves leaves,
                         const handover *h)
{
    formula f = {.t = t,
                 .w = w,
                 .style = style,
                 .leaves = leaves,
                 .top = h->term,
                 .from = h->from,
                 .to = h->to,
                 .adjoint = h->adjoint,
                 .of = h->node};
    return put_formula(&f, 0);
}
