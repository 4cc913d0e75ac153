/* A trace as a page: what the page's script draws and walks through,
 * as JSON in the middle of trace_page.html. */
#include <inttypes.h>
#include <string.h>
#include <wengert/op.h>
#include <wengert/tape.h>

#include "core/alloc.h"
#include "look/formula.h"
#include "look/utf8.h"

#define HTML WG_TRACE_HTML

/* The page that is being written: texts are put together aside, then quoted. */
typedef struct page {
    const trace *t;
    writer *w;
    writer aside;
} page;

/* ---- JSON ---- */

/* What stands aside as a string.  No < goes out as it is,
 * so that nothing can end the script that holds it. */
static void quote(page *p)
{
    const unsigned char *s = (const unsigned char *)(p->aside.length ? p->aside.text : "");
    wg_put(p->w, "\"");
    while (*s) {
        int n = wg_utf8_length(s);
        if (*s == '"' || *s == '\\')
            wg_put(p->w, "\\%c", *s);
        else if (*s == '<' || *s == '>' || *s == '&' || (n && *s < 0x20))
            wg_put(p->w, "\\u%04x", *s);
        else if (n == 0)
            wg_put(p->w, "?");
        else
            wg_put_bytes(p->w, (const char *)s, (size_t)n);
        s += n ? n : 1;
    }
    wg_put(p->w, "\"");
    p->w->failed = p->w->failed || p->aside.failed;
    wg_cut(&p->aside, 0);
}

static void key(page *p, const char *name)
{
    wg_put(p->w, ",\"%s\":", name);
}

static void put_value(page *p, const wg_tensor *x)
{
    wg_shape s = wg_shape_of(x);
    wg_put(p->w, "{\"s\":[");
    for (int64_t d = 0; d < s.rank; d++)
        wg_put(p->w, "%s%" PRId64, d ? "," : "", s.dim[d]);
    wg_put(p->w, "]");
    if (wg_is_large(x) || wg_count_of(x) == 0) {
        key(p, "t");
        wg_put_large(&p->aside, p->t, HTML, x);
        quote(p);
    } else {
        key(p, "v");
        for (int64_t i = 0; i < wg_count_of(x); i++) {
            wg_put(p->w, i ? "," : "[");
            wg_put_number(&p->aside, HTML, p->t->digits, wg_trace_element(p->t, x, i));
            quote(p);
        }
        wg_put(p->w, "]");
    }
    wg_put(p->w, "}");
}

static void put_symbol(page *p, const wg_tensor *x)
{
    wg_put_symbol(&p->aside, p->t, HTML, x);
    quote(p);
}

static void put_derivative(page *p, const wg_tensor *of, const wg_tensor *by)
{
    wg_put_derivative(&p->aside, p->t, HTML, of, by);
    quote(p);
}

/* ---- nodes ---- */

static void put_node(page *p, const wg_tensor *x)
{
    static const char *const kind[] = {"op", "input", "parameter", "constant"};
    const place *at = &p->t->place[wg_index_of(x)];
    wg_tensor *const *in;
    int n = wg_inputs_of(x, &in);
    wg_put(p->w, "\n{\"id\":%" PRId64, wg_index_of(x));
    key(p, "name");
    put_symbol(p, x);
    key(p, "op");
    wg_put(&p->aside, "%s", wg_op_name(x));
    quote(p);
    key(p, "kind");
    wg_put(p->w, "\"%s\"", kind[wg_leaf_kind_of(x)]);
    if (n && wg_put_node_formula(&p->aside, p->t, HTML, SYMBOLS, x)) {
        key(p, "formula");
        quote(p);
    }
    key(p, "value");
    put_value(p, x);
    key(p, "swept");
    wg_put(p->w, at->adjoint ? "true" : "false");
    key(p, "adjoint");
    put_derivative(p, p->t->y, x);
    key(p, "inputs");
    wg_put(p->w, "[");
    for (int i = 0; i < n; i++)
        wg_put(p->w, "%s%" PRId64, i ? "," : "", wg_index_of(in[i]));
    wg_put(p->w, "]}");
}

/* ---- steps ---- */

static void put_local(page *p, const handover *h)
{
    double v;
    bool constant = wg_local_is_constant(p->t, h, &v);
    key(p, "local");
    wg_put(p->w, "{\"d\":");
    put_derivative(p, h->node, h->input);
    if (!constant && wg_put_local_formula(&p->aside, p->t, HTML, SYMBOLS, h)) {
        key(p, "formula");
        quote(p);
        if (wg_put_local_formula(&p->aside, p->t, HTML, NUMBERS, h)) {
            writer number = {0};
            if (wg_shape_of(h->local).rank == 0)
                wg_put_number(&number, HTML, p->t->digits, wg_trace_element(p->t, h->local, 0));
            bool same = number.text && p->aside.text && !strcmp(number.text, p->aside.text);
            p->w->failed = p->w->failed || number.failed;
            wg_mem_free(number.text);
            if (same) { /* the numbers are the value already */
                wg_cut(&p->aside, 0);
            } else {
                key(p, "numbers");
                quote(p);
            }
        }
    }
    key(p, "value");
    if (constant) {
        wg_put(p->w, "{\"s\":[],\"v\":[");
        wg_put_number(&p->aside, HTML, p->t->digits, v);
        quote(p);
        wg_put(p->w, "]}");
    } else {
        put_value(p, h->local);
    }
    wg_put(p->w, "}");
    key(p, "chain");
    wg_put_derivative(&p->aside, p->t, HTML, p->t->y, h->node);
    wg_put(&p->aside, " \xC2\xB7 ");
    wg_put_derivative(&p->aside, p->t, HTML, h->node, h->input);
    quote(p);
    if (wg_is_short(h->adjoint) && (constant || wg_is_short(h->local))) {
        key(p, "numbers");
        wg_put_values(&p->aside, p->t, HTML, h->adjoint);
        wg_put(&p->aside, wg_count_of(h->node) == 1 || constant ? " \xC2\xB7 " : " \xE2\x8A\x99 ");
        if (constant)
            wg_put_signed(&p->aside, p->t, HTML, v);
        else
            wg_put_factor(&p->aside, p->t, HTML, h->local);
        quote(p);
    }
}

static void put_rule(page *p, const handover *h)
{
    key(p, "rule");
    if (!wg_put_rule_formula(&p->aside, p->t, HTML, SYMBOLS, h))
        wg_put(&p->aside, "what the rule gives");
    quote(p);
    if (wg_put_rule_formula(&p->aside, p->t, HTML, NUMBERS, h)) {
        key(p, "numbers");
        quote(p);
    }
}

static void put_handover(page *p, const handover *h)
{
    wg_tensor *const *in;
    int n = wg_inputs_of(h->node, &in), times = 0;
    for (int i = 0; i < n; i++)
        times += in[i] == h->input;
    wg_put(p->w, "{\"to\":%" PRId64 ",\"operand\":%d,\"path\":%d,\"paths\":%d",
           wg_index_of(h->input), times > 1 ? h->i + 1 : 0, (int)h->path, (int)h->paths);
    if (h->local)
        put_local(p, h);
    else
        put_rule(p, h);
    key(p, "term");
    put_value(p, h->term);
    key(p, "sum");
    put_value(p, h->sum);
    wg_put(p->w, "}");
}

static void put_step(page *p, const wg_tensor *x)
{
    const place *at = &p->t->place[wg_index_of(x)];
    wg_put(p->w, "\n{\"node\":%" PRId64, wg_index_of(x));
    key(p, "adjoint");
    put_value(p, at->adjoint);
    key(p, "gives");
    wg_put(p->w, "[");
    for (int64_t k = at->first; k <= at->last && k < p->t->handovers; k++) {
        wg_put(p->w, k > at->first ? "," : "");
        put_handover(p, &p->t->handover[k]);
    }
    wg_put(p->w, "]}");
}

/* ---- the page ---- */

static bool put_trace(page *p, FILE *out)
{
    const trace *t = p->t;
    bool fine = true, first = true;
    wg_put(p->w, "\n{\"y\":");
    put_symbol(p, t->y);
    if (t->up_to) {
        key(p, "upTo");
        put_symbol(p, t->up_to);
    }
    key(p, "nodes");
    wg_put(p->w, "[");
    for (int64_t i = 0; i <= wg_index_of(t->y) && fine; i++) {
        const wg_tensor *x = wg_node(t->tape, i);
        if (!t->place[i].shown || (!t->place[i].adjoint && wg_is_a_number(t, x)))
            continue; /* a number stands in the formulas that use it */
        wg_put(p->w, first ? "" : ",");
        first = false;
        put_node(p, x);
        fine = wg_flush(p->w, out);
    }
    wg_put(p->w, "]");
    key(p, "steps");
    wg_put(p->w, "[");
    for (int64_t k = 0; k < t->steps && fine; k++) {
        wg_put(p->w, k ? "," : "");
        put_step(p, t->step[k]);
        fine = wg_flush(p->w, out);
    }
    wg_put(p->w, "]}\n");
    return fine && wg_flush(p->w, out);
}

wg_status wg_trace_write_page(const trace *t, writer *w, FILE *out)
{
    static const char MARK[] = "@TRACE@";
    page p = {.t = t, .w = w};
    size_t at = 0, rest = sizeof MARK - 1;
    while (memcmp(wg_trace_page + at, MARK, rest))
        at++;
    wg_put_bytes(w, wg_trace_page, at);
    bool fine = put_trace(&p, out);
    wg_put_bytes(w, wg_trace_page + at + rest, wg_trace_page_size - at - rest);
    fine = fine && wg_flush(w, out);
    wg_mem_free(p.aside.text);
    if (w->failed)
        return WG_ERR_MEMORY;
    return !fine || fflush(out) || ferror(out) ? WG_ERR_IO : WG_OK;
}
