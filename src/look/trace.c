/* wg_trace_backward: watches a sweep, works out all that it handed on in one program, and has it
 * written.  What is recorded for that lies behind the tape's end and is rewound.  Sees a tape only
 * through the public calls, and knows no op. */
#include "look/trace.h"

#include <stdlib.h>
#include <string.h>
#include <wengert/effect.h>
#include <wengert/elementwise.h>
#include <wengert/grad.h>
#include <wengert/layout.h>
#include <wengert/op.h>
#include <wengert/run.h>
#include <wengert/tape.h>

#include "core/alloc.h"

static const char WHO[] = "trace_backward";

static wg_status no_memory(trace *t)
{
    return wg_keep_error(t->tape, WG_ERR_MEMORY, "%s: out of memory", WHO);
}

/* The reason that the tape keeps, which a call that failed left there. */
static wg_status kept(const trace *t)
{
    wg_status s = wg_error_status(t->tape);
    return s ? s : WG_ERR_ARGUMENT;
}

static wg_status refuse(wg_tensor *y, const char *wants, const wg_tensor *got)
{
    char text[128];
    return wg_keep_error(wg_tape_of(y), WG_ERR_ARGUMENT, "%s: wants %s, got %s", WHO, wants,
                         wg_describe(got, text, sizeof text));
}

/* ---- what is asked ---- */

static bool is_float(const wg_tensor *x)
{
    return wg_dtype_of(x) == WG_F32 || wg_dtype_of(x) == WG_F64;
}

static wg_status check(wg_tensor *y, const wg_trace_options *o, FILE *out)
{
    const wg_tensor *v = o->cotangent, *u = o->up_to;
    if (!out)
        return wg_keep_error(wg_tape_of(y), WG_ERR_ARGUMENT, "%s: wants a file, got NULL", WHO);
    if (!is_float(y))
        return refuse(y, "a result of a floating dtype", y);
    if (!v && wg_count_of(y) != 1)
        return refuse(y, "a result of one element (wg_sum it, or give a cotangent)", y);
    if (v
        && (wg_tape_of(v) != wg_tape_of(y) || wg_dtype_of(v) != wg_dtype_of(y)
            || !wg_shape_equal(wg_shape_of(v), wg_shape_of(y))))
        return refuse(y, "a cotangent of the result's tape, shape and dtype", v);
    if (u && wg_tape_of(u) != wg_tape_of(y))
        return refuse(y, "an up_to of the result's tape", u);
    if (o->format < WG_TRACE_TEXT || o->format > WG_TRACE_HTML || o->digits < 0 || o->digits > 17)
        return wg_keep_error(wg_tape_of(y), WG_ERR_ARGUMENT,
                             "%s: wants a format and 0 to 17 digits, got format %d and %d", WHO,
                             (int)o->format, o->digits);
    if (o->n < 0 || (o->n && !o->x))
        return wg_keep_error(wg_tape_of(y), WG_ERR_ARGUMENT, "%s: wants a list of %d tensors", WHO,
                             o->n);
    return WG_OK;
}

/* Leaves that derivatives are wanted in when nobody says which. */
static bool is_wanted(const wg_tensor *x, bool constants)
{
    wg_leaf_kind kind = wg_leaf_kind_of(x);
    if (!is_float(x) || kind == WG_NOT_A_LEAF)
        return false;
    return kind != WG_CONSTANT || wg_label_of(x) || constants;
}

/* Appends the leaves below y to wanted; how many. */
static int leaves_below(const trace *t, unsigned char *reached, wg_tensor **wanted)
{
    int found = 0;
    reached[wg_index_of(t->y)] = 1;
    /* Inputs lie before the nodes that use them: one pass backwards finds everything. */
    for (int64_t i = wg_index_of(t->y); i >= 0; i--) {
        wg_tensor *const *in;
        int n = reached[i] ? wg_inputs_of(wg_node(t->tape, i), &in) : 0;
        for (int k = 0; k < n; k++)
            reached[wg_index_of(in[k])] = 1;
    }
    for (int constants = 0; constants < 2 && !found; constants++)
        for (int64_t i = 0; i <= wg_index_of(t->y); i++)
            if (reached[i] && is_wanted(wg_node(t->tape, i), constants))
                wanted[found++] = wg_node(t->tape, i);
    return found;
}

/* ---- the sweep ---- */

static void hear(void *user, const wg_sweep_event *e)
{
    trace *t = user;
    if (!wg_mem_grow(&t->handover, t->handovers + 1, &t->capacity, sizeof *t->handover)) {
        t->out_of_memory = true;
        return;
    }
    wg_tensor *const *in;
    wg_inputs_of(e->node, &in);
    int64_t from = t->handovers ? t->handover[t->handovers - 1].to : wg_index_of(t->y) + 1;
    t->handover[t->handovers++] = (handover){.node = e->node,
                                             .input = in[e->i],
                                             .i = e->i,
                                             .adjoint = e->adjoint,
                                             .term = e->term,
                                             .sum = e->sum,
                                             .from = from > t->recorded ? from : t->recorded,
                                             .to = wg_node_count(t->tape)};
}

static wg_status sweep(trace *t, const wg_trace_options *o)
{
    int64_t below = wg_index_of(t->y) + 1;
    size_t room = (size_t)(o->n ? o->n : below) + 1;
    wg_tensor **wanted = wg_mem_zero(room, sizeof *wanted), **g = wg_mem_zero(room, sizeof *g);
    unsigned char *reached = wg_mem_zero((size_t)below, 1);
    wg_status s = WG_OK;
    if (!wanted || !g || !reached) {
        s = no_memory(t);
    } else {
        int n = o->n ? o->n : leaves_below(t, reached, wanted);
        if (o->n)
            memcpy(wanted, o->x, (size_t)n * sizeof *wanted);
        bool is_y = t->up_to == t->y;
        for (int i = 0; i < n; i++)
            is_y = is_y || wanted[i] == t->y;
        if (t->up_to)
            wanted[n++] = t->up_to;
        t->seed = o->cotangent ? o->cotangent : wg_ones_like(t->y);
        s = wg_vjp_watched(t->y, t->seed, n, wanted, g, hear, t);
        if (t->out_of_memory)
            s = no_memory(t);
        if (!s && !t->handovers && !is_y)
            s = refuse(t->y,
                       t->up_to ? "an up_to that the result depends on"
                                : "a result that depends on what is wanted",
                       t->up_to ? t->up_to : t->y);
    }
    wg_mem_free(wanted);
    wg_mem_free(g);
    wg_mem_free(reached);
    return s;
}

/* Whether the rule that recorded the nodes from .. is elementwise in the adjoint: then what it
 * gives is a factor times that. */
static bool is_elementwise(const trace *t, const handover *h, unsigned char *depends)
{
    int64_t last = wg_index_of(h->term);
    if (h->term == h->adjoint)
        return true;
    if (last < h->from)
        return false; /* recorded before: nothing is known of it */
    for (int64_t k = h->from; k <= last; k++) {
        wg_tensor *x = wg_node(t->tape, k), *const *in;
        int n = wg_inputs_of(x, &in);
        bool does = false;
        for (int i = 0; i < n; i++)
            does = does || in[i] == h->adjoint
                   || (wg_index_of(in[i]) >= h->from && depends[wg_index_of(in[i]) - h->from]);
        if (does && !wg_op_of(x)->map)
            return false;
        depends[k - h->from] = does;
    }
    return true;
}

/* The rule at an adjoint of ones is the local derivative where one factor an element is all there
 * is to it. */
static wg_status add_locals(trace *t)
{
    int64_t most = 1;
    for (int64_t k = 0; k < t->handovers; k++)
        if (t->handover[k].to - t->handover[k].from > most)
            most = t->handover[k].to - t->handover[k].from;
    unsigned char *depends = wg_mem_zero((size_t)most, 1);
    if (!depends)
        return no_memory(t);
    wg_tensor *ones = NULL;
    bool fine = true;
    for (int64_t k = 0; k < t->handovers && fine; k++) {
        handover *h = &t->handover[k];
        if (wg_shape_of(h->node).rank != 0 && !is_elementwise(t, h, depends))
            continue;
        if (k == 0 || !ones || t->handover[k - 1].node != h->node)
            ones = wg_ones_like(h->node);
        h->local = ones ? wg_op_of(h->node)->vjp(h->node, ones, h->i) : NULL;
        fine = h->local != NULL;
    }
    wg_mem_free(depends);
    return fine ? WG_OK : kept(t);
}

/* ---- what is known of each node ---- */

static int compare_labels(const void *a, const void *b)
{
    const wg_tensor *const *x = a, *const *y = b;
    return strcmp(wg_label_of(*x) ? wg_label_of(*x) : wg_name(*x),
                  wg_label_of(*y) ? wg_label_of(*y) : wg_name(*y));
}

/* Labels need not be unique: nodes that share one are shown with their numbers. */
static wg_status find_ambiguous(trace *t)
{
    int64_t n = 0;
    wg_tensor **named = wg_mem_zero((size_t)t->recorded + 1, sizeof *named);
    if (!named)
        return no_memory(t);
    for (int64_t i = 0; i <= wg_index_of(t->y); i++)
        if (wg_label_of(wg_node(t->tape, i)) || wg_name(wg_node(t->tape, i)))
            named[n++] = wg_node(t->tape, i);
    qsort(named, (size_t)n, sizeof *named, compare_labels);
    for (int64_t i = 1; i < n; i++)
        if (compare_labels(&named[i - 1], &named[i]) == 0)
            t->place[wg_index_of(named[i - 1])].ambiguous =
                t->place[wg_index_of(named[i])].ambiguous = true;
    wg_mem_free(named);
    return WG_OK;
}

static wg_status take_places(trace *t)
{
    t->nodes = wg_node_count(t->tape);
    t->place = wg_mem_zero((size_t)t->nodes, sizeof *t->place);
    t->step = wg_mem_zero((size_t)wg_index_of(t->y) + 1, sizeof *t->step);
    if (!t->place || !t->step)
        return no_memory(t);
    for (int64_t i = 0; i < t->nodes; i++)
        t->place[i] = (place){.first = 0, .last = -1, .arrived = -1};
    t->place[wg_index_of(t->y)].adjoint = t->seed;
    int64_t stop = t->up_to ? wg_index_of(t->up_to) : 0, shown = 0;
    for (int64_t k = 0; k < t->handovers; k++) {
        handover *h = &t->handover[k];
        place *to = &t->place[wg_index_of(h->input)], *by = &t->place[wg_index_of(h->node)];
        h->before = to->arrived;
        h->path = h->before < 0 ? 1 : t->handover[h->before].path + 1;
        to->arrived = k;
        if (by->last < 0)
            by->first = k;
        by->last = k;
        if (wg_index_of(h->node) > stop || !t->up_to) {
            to->adjoint = h->sum;
            shown = k + 1;
        }
    }
    for (int64_t k = t->handovers - 1; k >= 0; k--) {
        handover *h = &t->handover[k];
        int64_t last = t->place[wg_index_of(h->input)].arrived;
        h->paths = t->handover[last].path;
    }
    if (t->up_to && !t->place[stop].adjoint)
        return refuse(t->y, "an up_to that the sweep reaches", t->up_to);
    t->handovers = shown;
    for (int64_t i = wg_index_of(t->y); i >= stop; i--)
        if (t->place[i].adjoint)
            t->step[t->steps++] = wg_node(t->tape, i);
    return find_ambiguous(t);
}

/* ---- values ---- */

static void want(trace *t, const wg_tensor *x)
{
    if (x)
        t->place[wg_index_of(x)].copy = wg_node(t->tape, wg_index_of(x));
}

static void want_shown(trace *t, const wg_tensor *x)
{
    wg_tensor *const *in;
    int n = wg_inputs_of(x, &in);
    for (int i = -1; i < n; i++) {
        want(t, i < 0 ? x : in[i]);
        t->place[wg_index_of(i < 0 ? x : in[i])].shown = true;
    }
}

/* All that is shown: steps and their operands, what was handed on,
 * and what formulas of rules refer to. */
static void want_all(trace *t)
{
    for (int64_t k = 0; k < t->steps; k++)
        want_shown(t, t->step[k]);
    for (int64_t k = 0; k < t->handovers; k++) {
        const handover *h = &t->handover[k];
        want(t, h->adjoint);
        want(t, h->term);
        want(t, h->sum);
        want(t, h->local);
    }
    want(t, t->seed);
    for (int64_t i = t->recorded; i < t->nodes; i++) {
        wg_tensor *const *in;
        int n = wg_inputs_of(wg_node(t->tape, i), &in);
        if (n == 0)
            want(t, wg_node(t->tape, i));
        for (int k = 0; k < n; k++)
            if (wg_index_of(in[k]) < t->recorded)
                want(t, in[k]);
    }
}

/* One program for all values.  It lists copies,
 * since a program that lists an assignment carries it out. */
static wg_status work_out(trace *t)
{
    int n = 0;
    want_all(t);
    wg_tensor **output = wg_mem_zero((size_t)t->nodes, sizeof *output);
    if (!output)
        return no_memory(t);
    bool fine = true;
    for (int64_t i = 0; i < t->nodes && fine; i++)
        if (t->place[i].copy)
            fine = (output[n++] = t->place[i].copy = wg_stop_gradient(t->place[i].copy)) != NULL;
    uint64_t run = wg_run_counter(t->tape);
    fine = fine && (t->program = wg_compile(n, output)) && wg_run(t->program) == WG_OK;
    if (wg_run_counter(t->tape) != run) { /* it drew; once more, with the numbers of the last
                                           * run */
        wg_set_run_counter(t->tape, run - 1);
        fine = wg_run(t->program) == WG_OK && fine;
        wg_set_run_counter(t->tape, run);
    }
    if (fine)
        for (int64_t i = 0, k = 0; i < t->nodes; i++)
            if (t->place[i].copy)
                t->place[i].data = wg_output(t->program, (int)k++);
    wg_mem_free(output);
    return wg_error(t->tape) ? kept(t) : WG_OK;
}

/* ---- all of it ---- */

static wg_status write(const trace *t, wg_trace_format format, FILE *out)
{
    writer w = {0};
    wg_status s = format == WG_TRACE_TEXT    ? wg_trace_write_text(t, &w, out)
                  : format == WG_TRACE_LATEX ? wg_trace_write_latex(t, &w, out)
                                             : wg_trace_write_page(t, &w, out);
    wg_mem_free(w.text);
    if (s == WG_ERR_IO)
        wg_keep_error(t->tape, s, "%s: the file cannot be written to", WHO);
    return s;
}

/* The first error is kept beyond the rewinding, which takes what came after the mark. */
static wg_status rewind_to(wg_tape *tape, wg_mark mark, wg_status s)
{
    char why[1024] = "";
    const char *error = wg_error(tape);
    bool known = error && !strncmp(error, WHO, strlen(WHO));
    if (error)
        strncpy(why, error, sizeof why - 1);
    wg_tape_rewind(tape, mark);
    return *why ? wg_keep_error(tape, s, known ? "%s%s" : "%s: %s", known ? "" : WHO, why) : s;
}

wg_status wg_trace_backward(wg_tensor *y, const wg_trace_options *options, FILE *out)
{
    const wg_trace_options o = options ? *options : (wg_trace_options){0};
    if (!y)
        return WG_ERR_ARGUMENT;
    trace t = {.tape = wg_tape_of(y), .y = y, .up_to = o.up_to, .digits = o.digits ? o.digits : 5};
    wg_status s = wg_error(t.tape) ? kept(&t) : check(y, &o, out);
    if (s)
        return s;
    wg_mark mark = wg_tape_mark(t.tape);
    t.recorded = wg_node_count(t.tape);
    s = sweep(&t, &o);
    if (!s)
        s = add_locals(&t);
    if (!s)
        s = take_places(&t);
    if (!s)
        s = work_out(&t);
    if (!s)
        s = write(&t, o.format, out);
    if (s == WG_ERR_MEMORY)
        no_memory(&t);
    wg_program_free(t.program);
    wg_mem_free(t.place);
    wg_mem_free(t.step);
    wg_mem_free(t.handover);
    return rewind_to(t.tape, mark, s);
}
