/* A trace as LaTeX: one align environment with the value of each node and its adjoint by the chain
 * rule, with symbols and then with numbers. */
#include <inttypes.h>
#include <wengert/op.h>
#include <wengert/tape.h>

#include "look/formula.h"

#define LATEX WG_TRACE_LATEX

enum { PATHS_SHOWN = 6 };

/* Numbers as numbers and matrices, what is none of these in words. */
static void put_value(writer *w, const trace *t, const wg_tensor *x)
{
    if (wg_is_large(x) || wg_shape_of(x).rank > 2)
        wg_put_large(w, t, LATEX, x);
    else
        wg_put_values(w, t, LATEX, x);
}

/* The next line of the same equation, which bears no number of its own. */
static void next_line(writer *w)
{
    wg_put(w, " \\notag\\\\\n  &= ");
}

/* ---- one path ---- */

static void put_sign(writer *w, const handover *h)
{
    wg_put(w, wg_count_of(h->node) == 1 || wg_count_of(h->local) == 1 ? " \\cdot " : " \\odot ");
}

/* What a handover gives to its input, said in one of these ways. */
typedef enum saying {
    CHAIN,    /* dC/da da/dz */
    FORMULA,  /* dC/da a (1 - a) */
    EVALUATED /* 0.5 0.73 (1 - 0.73) */
} saying;

/* false, and nothing put, where it cannot be said so. */
static bool put_path(writer *w, const trace *t, const handover *h, saying how, bool first)
{
    size_t before = w->length;
    if (!h->local)
        return wg_put_rule_formula(w, t, LATEX, how == EVALUATED ? NUMBERS : SYMBOLS, h);
    if (how == EVALUATED && !wg_is_short(h->adjoint))
        return false;
    if (how == EVALUATED && first)
        wg_put_values(w, t, LATEX, h->adjoint);
    else if (how == EVALUATED)
        wg_put_factor(w, t, LATEX, h->adjoint);
    else
        wg_put_derivative(w, t, LATEX, t->y, h->node);
    put_sign(w, h);
    if (how == CHAIN)
        wg_put_derivative(w, t, LATEX, h->node, h->input);
    else if (!wg_put_local_factor(w, t, LATEX, how == FORMULA ? SYMBOLS : NUMBERS, h)) {
        wg_cut(w, before);
        return false;
    }
    return true;
}

static void put_term(writer *w, const trace *t, const handover *h, bool first)
{
    if (!first && wg_shape_of(h->term).rank == 0)
        wg_put_factor(w, t, LATEX, h->term);
    else
        put_value(w, t, h->term);
}

/* ---- all paths ---- */

/* The last handovers to x that are shown, the first of them first; how many.  *hidden:
 * how many came before these. */
static int paths_to(const trace *t, const wg_tensor *x, const handover *path[PATHS_SHOWN],
                    int *hidden)
{
    int64_t last = t->place[wg_index_of(x)].arrived;
    int n = 0;
    while (last >= t->handovers)
        last = t->handover[last].before;
    int all = last < 0 ? 0 : t->handover[last].path;
    *hidden = all > PATHS_SHOWN ? all - PATHS_SHOWN : 0;
    for (; last >= 0 && n < PATHS_SHOWN; last = t->handover[last].before)
        path[n++] = &t->handover[last];
    for (int i = 0; i < n / 2; i++) {
        const handover *h = path[i];
        path[i] = path[n - 1 - i];
        path[n - 1 - i] = h;
    }
    return n;
}

static bool put_paths(writer *w, const trace *t, const handover *const *path, int n, int hidden,
                      saying how)
{
    size_t before = w->length;
    if (hidden)
        wg_put(w, "\\cdots + ");
    for (int i = 0; i < n; i++) {
        wg_put(w, i ? " + " : "");
        if (!put_path(w, t, path[i], how, i == 0 && !hidden)) {
            wg_cut(w, before);
            return false;
        }
    }
    return true;
}

/* dC/dz &= by symbols, by formulas, by numbers, term by term, in all. */
static void put_adjoint(writer *w, const trace *t, const wg_tensor *x)
{
    const handover *path[PATHS_SHOWN];
    int hidden, n = paths_to(t, x, path, &hidden);
    wg_put_derivative(w, t, LATEX, t->y, x);
    wg_put(w, " &= ");
    for (saying how = CHAIN; how <= EVALUATED && n; how++) {
        bool rule = how == FORMULA;
        for (int i = 0; i < n; i++)
            rule = rule && !path[i]->local;
        if (!rule && put_paths(w, t, path, n, hidden, how)) /* a rule's symbols are its formula */
            next_line(w);
    }
    if (n > 1) {
        wg_put(w, hidden ? "\\cdots + " : "");
        for (int i = 0; i < n; i++) {
            wg_put(w, i ? " + " : "");
            put_term(w, t, path[i], i == 0 && !hidden);
        }
        next_line(w);
    }
    put_value(w, t, t->place[wg_index_of(x)].adjoint);
}

static void put_step(writer *w, const trace *t, int64_t k)
{
    const wg_tensor *x = t->step[k];
    wg_put(w, "%s  ", k ? " \\\\\n" : "");
    wg_put_symbol(w, t, LATEX, x);
    wg_put(w, " &= ");
    if (wg_inputs_of(x, NULL) && wg_put_node_formula(w, t, LATEX, SYMBOLS, x))
        wg_put(w, " = ");
    put_value(w, t, x);
    wg_put(w, " \\notag\\\\\n  ");
    put_adjoint(w, t, x);
}

wg_status wg_trace_write_latex(const trace *t, writer *w, FILE *out)
{
    wg_put(w, "%% needs \\usepackage{amsmath}; \\allowdisplaybreaks lets pages break in "
              "it\n\\begin{align}\n");
    bool fine = wg_flush(w, out);
    for (int64_t k = 0; k < t->steps && fine; k++) {
        put_step(w, t, k);
        fine = wg_flush(w, out);
    }
    wg_put(w, "\n\\end{align}\n");
    fine = fine && wg_flush(w, out);
    if (w->failed)
        return WG_ERR_MEMORY;
    return !fine || fflush(out) || ferror(out) ? WG_ERR_IO : WG_OK;
}
