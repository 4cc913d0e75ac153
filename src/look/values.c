/* How a trace writes the values of tensors: numbers, small ones in a line, matrices by rows, large
 * ones by their shape and a few values. */
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <wengert/tape.h>

#include "look/formula.h"

enum { SHORT = 6, LARGE = 64, LONGEST_ROW = 10, FIRST = 3 };

bool wg_is_short(const wg_tensor *x)
{
    return wg_count_of(x) <= SHORT && wg_shape_of(x).rank <= 2;
}

bool wg_is_large(const wg_tensor *x)
{
    wg_shape s = wg_shape_of(x);
    return wg_count_of(x) > LARGE || (s.rank > 0 && s.dim[s.rank - 1] > LONGEST_ROW);
}

/* ---- LaTeX ---- */

/* A vector as a row, a matrix by its rows, anything else as a vector. */
static void put_matrix(writer *w, const trace *t, const wg_tensor *x)
{
    wg_shape s = wg_shape_of(x);
    int64_t n = wg_count_of(x), columns = s.rank == 2 ? s.dim[1] : n;
    wg_put(w, "\\begin{bmatrix}");
    for (int64_t i = 0; i < n; i++) {
        wg_put(w, i == 0 ? "" : i % columns ? " & " : " \\\\ ");
        wg_put_number(w, WG_TRACE_LATEX, t->digits, wg_trace_element(t, x, i));
    }
    wg_put(w, "\\end{bmatrix}");
}

/* ---- text ---- */

/* Brackets around an axis and all that it holds.  indent: where rows begin, or -1 for a single
 * line; width: of each column's numbers. */
typedef struct layout {
    const trace *t;
    const wg_tensor *x;
    int64_t indent;
    size_t width[LONGEST_ROW];
} layout;

static int64_t last_extent(const wg_tensor *x)
{
    wg_shape s = wg_shape_of(x);
    return s.rank ? s.dim[s.rank - 1] : 1;
}

static void pad(writer *w, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        wg_put_bytes(w, " ", 1);
}

/* Element i, aligned to the right where its column has a width. */
static void put_element(writer *w, const layout *l, int64_t i)
{
    int64_t column = i % last_extent(l->x);
    size_t width = column < LONGEST_ROW ? l->width[column] : 0, before = w->length;
    wg_put_number(w, WG_TRACE_TEXT, l->t->digits, wg_trace_element(l->t, l->x, i));
    size_t length = w->length - before;
    char number[64];
    if (width <= length || length >= sizeof number || w->failed)
        return;
    memcpy(number, w->text + before, length);
    wg_cut(w, before);
    pad(w, (int64_t)(width - length));
    wg_put_bytes(w, number, length);
}

/* Element by element: which brackets open before it and close behind it follows from its index. */
static void put_brackets(writer *w, const layout *l)
{
    wg_shape s = wg_shape_of(l->x);
    int64_t n = wg_count_of(l->x);
    if (n == 0)
        wg_put(w, "[]");
    for (int64_t i = 0; i < n; i++) {
        int64_t opened = 0, inner = 1; /* axes of which this element is the first */
        for (int64_t d = s.rank - 1; d >= 0 && i % (inner *= s.dim[d]) == 0; d--)
            opened++;
        if (i && opened && l->indent >= 0) {
            wg_put(w, "\n");
            pad(w, l->indent + s.rank - opened);
        }
        for (int64_t d = 0; d < opened; d++)
            wg_put(w, "[");
        put_element(w, l, i);
        inner = 1;
        for (int64_t d = s.rank - 1; d >= 0 && (i + 1) % (inner *= s.dim[d]) == 0; d--)
            wg_put(w, "]");
        if (i + 1 < n)
            wg_put(w, (i + 1) % last_extent(l->x) || l->indent < 0 ? ", " : ",");
    }
}

void wg_put_values(writer *w, const trace *t, wg_trace_format style, const wg_tensor *x)
{
    if (wg_shape_of(x).rank == 0)
        wg_put_number(w, style, t->digits, wg_trace_element(t, x, 0));
    else if (style == WG_TRACE_LATEX)
        put_matrix(w, t, x);
    else
        put_brackets(w, &(layout){.t = t, .x = x, .indent = -1});
}

void wg_put_signed(writer *w, const trace *t, wg_trace_format style, double v)
{
    bool latex = style == WG_TRACE_LATEX;
    wg_put(w, "%s", v >= 0 || isnan(v) ? "" : latex ? "\\left(" : "(");
    wg_put_number(w, style, t->digits, v);
    wg_put(w, "%s", v >= 0 || isnan(v) ? "" : latex ? "\\right)" : ")");
}

void wg_put_factor(writer *w, const trace *t, wg_trace_format style, const wg_tensor *x)
{
    if (wg_shape_of(x).rank == 0)
        wg_put_signed(w, t, style, wg_trace_element(t, x, 0));
    else
        wg_put_values(w, t, style, x);
}

void wg_put_large(writer *w, const trace *t, wg_trace_format style, const wg_tensor *x)
{
    wg_shape s = wg_shape_of(x);
    bool latex = style == WG_TRACE_LATEX;
    int64_t n = wg_count_of(x), shown = n < FIRST ? n : FIRST;
    double lo = INFINITY, hi = -INFINITY;
    bool nan = false;
    wg_put(w, "[");
    for (int64_t i = 0; i < shown; i++) {
        wg_put_number(w, style, t->digits, wg_trace_element(t, x, i));
        wg_put(w, ", ");
    }
    wg_put(w, latex ? "\\ldots]\\ \\text{(" : "...] (");
    for (int64_t d = 0; d < s.rank; d++)
        wg_put(w, d ? " x %" PRId64 : "%" PRId64, s.dim[d]);
    for (int64_t i = 0; i < n; i++) {
        double v = wg_trace_element(t, x, i);
        nan = nan || isnan(v);
        lo = fmin(lo, v);
        hi = fmax(hi, v);
    }
    wg_put(w, latex ? ", $" : ", ");
    wg_put_number(w, style, t->digits, lo);
    wg_put(w, latex ? "$ to $" : " to ");
    wg_put_number(w, style, t->digits, hi);
    wg_put(w, latex ? "$%s)}" : "%s)", nan ? ", and NaN" : "");
}

void wg_put_block(writer *w, const trace *t, const wg_tensor *x)
{
    wg_shape s = wg_shape_of(x);
    layout l = {.t = t, .x = x, .indent = s.rank > 1 ? (int64_t)wg_column(w) : -1};
    if (wg_is_large(x)) {
        wg_put_large(w, t, WG_TRACE_TEXT, x);
        return;
    }
    size_t before = w->length;
    bool rows = s.rank > 1 && wg_count_of(x) > last_extent(x);
    for (int64_t i = 0; rows && i < wg_count_of(x); i++) {
        size_t *width = &l.width[i % last_extent(x)];
        wg_put_number(w, WG_TRACE_TEXT, t->digits, wg_trace_element(t, x, i));
        *width = w->length - before > *width ? w->length - before : *width;
        wg_cut(w, before);
    }
    if (s.rank == 0)
        wg_put_number(w, WG_TRACE_TEXT, t->digits, wg_trace_element(t, x, 0));
    else
        put_brackets(w, &l);
}
