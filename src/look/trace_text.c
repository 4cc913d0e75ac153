/* A trace as text: a paragraph a node, in the order of the sweep. */
#include <inttypes.h>
#include <string.h>
#include <wengert/op.h>
#include <wengert/tape.h>

#include "look/formula.h"

#define TEXT WG_TRACE_TEXT

static void put_kind(writer *w, const wg_tensor *x)
{
    static const char *const kind[] = {
        [WG_INPUT] = "input", [WG_PARAM] = "parameter", [WG_CONSTANT] = "constant"};
    if (wg_leaf_kind_of(x) != WG_NOT_A_LEAF)
        wg_put(w, "   (%s)", kind[wg_leaf_kind_of(x)]);
    else if (wg_label_of(x))
        wg_put(w, "   (%s#%" PRId64 ")", wg_op_name(x), wg_index_of(x));
}

/* a1 = sigmoid(z1) = 0.73 */
static void put_node(writer *w, const trace *t, const wg_tensor *x)
{
    wg_put_symbol(w, t, TEXT, x);
    wg_put(w, " = ");
    if (wg_inputs_of(x, NULL) && wg_put_node_formula(w, t, TEXT, SYMBOLS, x))
        wg_put(w, " = ");
    wg_put_block(w, t, x);
}

static void put_through(writer *w, const trace *t, const handover *h, bool first)
{
    if (first)
        wg_put_values(w, t, TEXT, h->term);
    else
        wg_put_factor(w, t, TEXT, h->term);
    wg_put(w, " (through ");
    wg_put_symbol(w, t, TEXT, h->node);
    wg_put(w, ")");
}

enum { PATHS_SHOWN = 4 };

/* The terms that have arrived, up to this one: 0.3 (through a) + 0.2 (through b) = 0.5; of many
 * the last one and the sum of those before. */
static void put_sum(writer *w, const trace *t, const handover *h)
{
    const handover *path[PATHS_SHOWN];
    int n = 0;
    if (!wg_is_short(h->sum)) {
        wg_put_block(w, t, h->sum);
        return;
    }
    for (const handover *p = h; n < PATHS_SHOWN; p = &t->handover[p->before]) {
        path[n++] = p;
        if (p->before < 0)
            break;
    }
    bool all = path[n - 1]->before < 0;
    if (!all) {
        wg_put_values(w, t, TEXT, t->handover[h->before].sum);
        wg_put(w, " (%d paths before) + ", (int)h->path - 1);
    }
    for (int k = all ? n - 1 : 0; k >= 0; k--) {
        put_through(w, t, path[k], all && k == n - 1);
        wg_put(w, k ? " + " : "");
    }
    if (h->path > 1) {
        wg_put(w, " = ");
        wg_put_values(w, t, TEXT, h->sum);
    }
}

/* Where matrices stand, each side of an equation has a line of its own. */
static void put_equals(writer *w, bool own_line)
{
    wg_put(w, own_line ? "\n              = " : " = ");
}

/* da1/dz1 = a1 * (1 - a1) = 0.73 * (1 - 0.73) = 0.2 */
static void put_local(writer *w, const trace *t, const handover *h)
{
    double v;
    bool matrix = wg_shape_of(h->local).rank > 1;
    wg_put_derivative(w, t, TEXT, h->node, h->input);
    if (wg_local_is_constant(t, h, &v)) {
        wg_put(w, " = ");
        wg_put_number(w, TEXT, t->digits, v);
        return;
    }
    wg_put(w, " = ");
    if (wg_put_local_formula(w, t, TEXT, SYMBOLS, h))
        put_equals(w, matrix);
    size_t numbers = w->length;
    if (wg_put_local_formula(w, t, TEXT, NUMBERS, h)) {
        size_t end = w->length;
        put_equals(w, matrix);
        size_t value = w->length;
        wg_put_block(w, t, h->local);
        /* numbers that are the value already are not said twice */
        if (!w->failed && w->length - value == end - numbers
            && !memcmp(w->text + numbers, w->text + value, end - numbers))
            wg_cut(w, end);
        return;
    }
    wg_put_block(w, t, h->local);
}

/* By the chain rule: dC/da1 * da1/dz1 = 0.5 * 0.2 = 0.1 */
static void put_product(writer *w, const trace *t, const handover *h)
{
    double v = 0;
    bool matrix = wg_shape_of(h->term).rank > 1;
    wg_put(w, "    receives  ");
    wg_put_derivative(w, t, TEXT, t->y, h->node);
    wg_put(w, " * ");
    wg_put_derivative(w, t, TEXT, h->node, h->input);
    if (wg_is_short(h->adjoint) && wg_is_short(h->local)) {
        put_equals(w, matrix);
        wg_put_values(w, t, TEXT, h->adjoint);
        wg_put(w, " * ");
        if (wg_local_is_constant(t, h, &v))
            wg_put_signed(w, t, TEXT, v);
        else
            wg_put_factor(w, t, TEXT, h->local);
    }
    put_equals(w, matrix);
    wg_put_block(w, t, h->term);
    wg_put(w, "\n");
}

/* By the op's rule: X^T dC/dZ */
static void put_rule(writer *w, const trace *t, const handover *h)
{
    wg_put(w, "    rule      ");
    wg_put_derivative(w, t, TEXT, t->y, h->input);
    wg_put(w, " gets ");
    if (!wg_put_rule_formula(w, t, TEXT, SYMBOLS, h))
        wg_put(w, "what %s's rule gives", wg_op_name(h->node));
    wg_put(w, "\n    receives  ");
    if (wg_put_rule_formula(w, t, TEXT, NUMBERS, h))
        put_equals(w, wg_shape_of(h->term).rank > 1);
    wg_put_block(w, t, h->term);
    wg_put(w, "\n");
}

static void put_handover(writer *w, const trace *t, const handover *h)
{
    wg_tensor *const *in;
    int n = wg_inputs_of(h->node, &in), times = 0;
    for (int i = 0; i < n; i++)
        times += in[i] == h->input;
    wg_put(w, "  to ");
    wg_put_symbol(w, t, TEXT, h->input);
    if (times > 1)
        wg_put(w, " (operand %d)", h->i + 1);
    wg_put(w, ":\n");
    if (h->local) {
        wg_put(w, "    local     ");
        put_local(w, t, h);
        wg_put(w, "\n");
        put_product(w, t, h);
    } else {
        put_rule(w, t, h);
    }
    if (h->paths > 1) {
        wg_put(w, "    sum       ");
        wg_put_derivative(w, t, TEXT, t->y, h->input);
        wg_put(w, h->path < h->paths ? " so far: " : ": ");
        put_sum(w, t, h);
        wg_put(w, "   [%d of %d paths]\n", (int)h->path, (int)h->paths);
    }
}

static void put_step(writer *w, const trace *t, int64_t k)
{
    const wg_tensor *x = t->step[k];
    const place *p = &t->place[wg_index_of(x)];
    wg_put(w, "\nstep %" PRId64 ": ", k + 1);
    put_node(w, t, x);
    put_kind(w, x);
    wg_put(w, "\n  adjoint ");
    wg_put_derivative(w, t, TEXT, t->y, x);
    wg_put(w, " = ");
    wg_put_block(w, t, p->adjoint);
    wg_put(w, "\n");
    for (int64_t h = p->first; h <= p->last && h < t->handovers; h++)
        put_handover(w, t, &t->handover[h]);
}

wg_status wg_trace_write_text(const trace *t, writer *w, FILE *out)
{
    wg_put(w, "reverse sweep of ");
    wg_put_symbol(w, t, TEXT, t->y);
    if (t->up_to) {
        wg_put(w, " up to ");
        wg_put_symbol(w, t, TEXT, t->up_to);
    }
    wg_put(w, ": %" PRId64 " %s\n", t->steps, t->steps == 1 ? "node" : "nodes");
    bool fine = wg_flush(w, out);
    for (int64_t k = 0; k < t->steps && fine; k++) {
        put_step(w, t, k);
        fine = wg_flush(w, out);
    }
    if (w->failed)
        return WG_ERR_MEMORY;
    return !fine || fflush(out) || ferror(out) ? WG_ERR_IO : WG_OK;
}
