#include "exec/lower.h"

#include <string.h>

#include "core/alloc.h"
#include "core/shape.h"
#include "exec/simplify.h"
#include "exec/turn.h"
#include "exec/windows.h"
#include "ops/assign.h"
#include "ops/full.h"
#include "tape/state.h"

/* Where a node's values are. */
typedef struct value {
    wg_operand at;
    int32_t whole; /* buffer with a contiguous copy of it; -1: none made yet */
} value;

typedef struct lowering {
    wg_lowered *l;
    const wg_graph *g;
    wg_lower_options options;
    value *value;
    int32_t *readers;    /* how many read each node, outputs counted too */
    unsigned char *walked; /* exec/turn.h; NULL: not asked for yet */
    unsigned char *role; /* of each node (exec/windows.h); NULL: none has one */
} lowering;

wg_view wg_view_whole(const wg_shape *shape)
{
    wg_view v = {.shape = *shape};
    wg_shape_strides(shape, v.stride);
    return v;
}

bool wg_is_contiguous(const wg_shape *shape, const int64_t *stride)
{
    int64_t step = 1;
    for (int64_t d = shape->rank - 1; d >= 0; d--) {
        if (shape->dim[d] == 0)
            return true;
        if (shape->dim[d] != 1 && stride[d] != step)
            return false;
        step *= shape->dim[d];
    }
    return true;
}

const wg_strided *wg_strided_new(wg_arena *arena, const wg_shape *shape, const wg_view *v)
{
    const size_t strides = (size_t)shape->rank * sizeof *v->stride;
    wg_strided *s = wg_arena_alloc(arena, sizeof *s + strides);
    if (!s)
        return NULL;
    s->shape = shape;
    s->offset = v->offset;
    memcpy(s->stride, v->stride, strides);
    return s;
}

wg_view wg_operand_view(const wg_operand *o, const wg_shape *shape)
{
    if (!o->view)
        return wg_view_whole(shape);
    wg_view v = {.shape = *o->view->shape, .offset = o->view->offset};
    memcpy(v.stride, o->view->stride, (size_t)v.shape.rank * sizeof *v.stride);
    return v;
}

/* ---- growing lists ---- */

static int32_t add_buffer(wg_lowered *l, wg_segment segment, wg_dtype dtype, int64_t bytes)
{
    if (!wg_mem_grow(&l->buffer, l->buffers + 1, &l->buffer_capacity, sizeof *l->buffer))
        return -1;
    l->buffer[l->buffers] = (wg_buffer){.segment = (uint8_t)segment,
                                        .dtype = (uint8_t)dtype,
                                        .producer = -1,
                                        .shares = -1,
                                        .bytes = bytes};
    return l->buffers++;
}

/* A step with room for n operands and a result of its own; NULL when memory runs out. */
static wg_step *add_step(wg_lowered *l, wg_tensor *t, int32_t n, bool copy)
{
    int32_t out = add_buffer(l, WG_TEMPORARY, t->dtype, wg_bytes_of(t->shape, t->dtype));
    wg_operand *in = wg_arena_alloc(l->arena, (size_t)n * sizeof *in);
    if (out < 0 || !in || !wg_mem_grow(&l->step, l->steps + 1, &l->step_capacity, sizeof *l->step))
        return NULL;
    l->buffer[out].producer = l->steps;
    wg_step *s = &l->step[l->steps++];
    *s = (wg_step){.t = t, .in = in, .n = n, .out = out, .copy = copy};
    return s;
}

/* ---- nodes to values ---- */

static int32_t copy_of(lowering *w, wg_tensor *t, wg_operand from)
{
    wg_step *s = add_step(w->l, t, 1, true);
    if (!s)
        return -1;
    s->in[0] = from;
    return s->out;
}

/* The node's values in one contiguous piece of a buffer. */
static bool contiguous(lowering *w, int32_t node, wg_operand *out)
{
    value *v = &w->value[node];
    if (!v->at.view || wg_is_contiguous(v->at.view->shape, v->at.view->stride)) {
        *out = v->at;
        return true;
    }
    if (v->whole < 0)
        v->whole = copy_of(w, w->g->node[node].t, v->at);
    *out = (wg_operand){v->whole, NULL};
    return v->whole >= 0;
}

static bool place_leaf(lowering *w, int32_t node)
{
    wg_tensor *t = w->g->node[node].t;
    int32_t b = add_buffer(w->l, WG_STORAGE, t->dtype, wg_bytes_of(t->shape, t->dtype));
    if (b < 0)
        return false;
    w->l->buffer[b].leaf = t->leaf;
    w->value[node].at = (wg_operand){b, NULL};
    return true;
}

static bool place_immediate(lowering *w, int32_t node, double number)
{
    wg_tensor *t = w->g->node[node].t;
    int32_t b = add_buffer(w->l, WG_IMMEDIATE, t->dtype, (int64_t)wg_dtype_size(t->dtype));
    const wg_strided *view = wg_strided_new(w->l->arena, &t->shape, &(wg_view){.offset = 0});
    if (b < 0 || !view)
        return false;
    w->l->buffer[b].value = number;
    w->value[node].at = (wg_operand){b, view};
    return true;
}

/* Whether the view is the transpose of a product that it alone reads. */
static bool may_turn_product(const lowering *w, int32_t node)
{
    const int32_t from = wg_graph_inputs(w->g, node)[0];
    return w->options.simplify && w->options.views && w->g->node[from].t->op->product
           && w->readers[from] == 1 && wg_swaps_last_axes(w->g->node[node].t);
}

/* Makes the product give what the view reads, if bits stay the same. */
static bool turn_product(lowering *w, int32_t node, bool *turned)
{
    const value *product = &w->value[wg_graph_inputs(w->g, node)[0]];
    *turned = false;
    if (!w->walked && !(w->walked = wg_find_walked(w->g)))
        return false;
    return w->walked[node]
           || wg_turn_product(w->l->arena, w->options.isa,
                              &w->l->step[w->l->buffer[product->at.buffer].producer], turned);
}

/* A view is a way of reading its input; where its input cannot be read that way,
 * of reading a copy of it. */
static bool place_view(lowering *w, int32_t node)
{
    wg_tensor *t = w->g->node[node].t;
    int32_t from = wg_graph_inputs(w->g, node)[0];
    bool turned = false;
    if (may_turn_product(w, node) && !turn_product(w, node, &turned))
        return false;
    if (turned) {
        w->value[node] = w->value[from];
        return true;
    }
    const wg_shape *shape = &w->g->node[from].t->shape;
    wg_operand x = w->value[from].at;
    wg_view seen = wg_operand_view(&x, shape), view;
    if (!t->op->view(t, &seen, &view)) {
        if (!contiguous(w, from, &x))
            return false;
        seen = wg_view_whole(shape);
        seen.offset = x.view ? x.view->offset : 0;
        t->op->view(t, &seen, &view);
    }
    const bool plain = view.offset == 0 && wg_is_contiguous(&t->shape, view.stride)
                       && wg_bytes_of(t->shape, t->dtype) == w->l->buffer[x.buffer].bytes;
    w->value[node].at = (wg_operand){x.buffer, NULL};
    if (!plain
        && !(w->value[node].at.view = wg_strided_new(w->l->arena, &t->shape, &view)))
        return false;
    if (w->options.views)
        return true;
    int32_t b = copy_of(w, t, w->value[node].at);
    w->value[node].at = (wg_operand){b, NULL};
    return b >= 0;
}

static bool reads_strides(const wg_op *op)
{
    return op->map || op->reduce || op->product;
}

static bool place_step(lowering *w, int32_t node)
{
    wg_tensor *t = w->g->node[node].t;
    const int32_t *in = wg_graph_inputs(w->g, node);
    if (!reads_strides(t->op)) {
        wg_operand ignored; /* copies come before the step that reads them */
        for (int i = 0; i < t->n; i++)
            if (!contiguous(w, in[i], &ignored))
                return false;
    }
    wg_step *s = add_step(w->l, t, t->n, false);
    if (!s)
        return false;
    s->recomputed = w->g->recomputed && w->g->recomputed[node];
    for (int i = 0; i < t->n; i++) {
        s->in[i] = w->value[in[i]].at;
        if (!reads_strides(t->op) && !contiguous(w, in[i], &s->in[i]))
            return false;
    }
    w->value[node].at = (wg_operand){s->out, NULL};
    return true;
}

/* x + pad(v) as a sum into a window: a step on x and v. */
static bool place_window_sum(lowering *w, int32_t node)
{
    wg_lowered *l = w->l;
    const int32_t x = wg_graph_inputs(w->g, node)[0];
    wg_operand from, v;
    if (!contiguous(w, x, &from) || !contiguous(w, wg_window_of_sum(w->g, w->role, node), &v))
        return false;
    const wg_buffer *b = &l->buffer[from.buffer];
    wg_tensor *t = w->role[x] == WG_WINDOW_SUM ? l->step[b->producer].t : w->g->node[x].t;
    t = wg_window_sum(l->arena, w->g, w->role, node, t);
    wg_step *s = t ? add_step(l, t, 2, false) : NULL;
    if (!s)
        return false;
    s->in[0] = from;
    s->in[1] = v;
    s->recomputed = w->g->recomputed && w->g->recomputed[node];
    w->value[node].at = (wg_operand){s->out, NULL};
    return true;
}

/* Sets *done if the node needs no step. */
static bool place_simplified(lowering *w, int32_t node, bool *done)
{
    const wg_tensor *t = w->g->node[node].t;
    const int32_t *in = wg_graph_inputs(w->g, node);
    bool number[WG_MICRO_ARGS], all = true;
    double x[WG_MICRO_ARGS], y;
    *done = false;
    if (!w->options.simplify || !t->op->map || t->n > WG_MICRO_ARGS)
        return true;
    for (int i = 0; i < t->n; i++) {
        const wg_buffer *b = &w->l->buffer[w->value[in[i]].at.buffer];
        number[i] = b->segment == WG_IMMEDIATE;
        x[i] = b->value;
        all = all && number[i];
    }
    if (all && (*done = wg_fold_numbers(w->options.isa, t, x, &y)))
        return place_immediate(w, node, y);
    int back = all ? -1 : wg_operand_given_back(t, number, x);
    if (back >= 0) {
        w->value[node] = w->value[in[back]];
        *done = true;
    }
    return true;
}

static bool place(lowering *w, int32_t node)
{
    const wg_tensor *t = w->g->node[node].t;
    double number;
    bool done;
    if (t->leaf)
        return place_leaf(w, node);
    if (wg_is_full(t, &number))
        return place_immediate(w, node, number);
    if (!t->op->map && t->op->view)
        return place_view(w, node);
    if (w->role && w->role[node])
        return w->role[node] == WG_PUT_INTO_SUM || place_window_sum(w, node);
    return place_simplified(w, node, &done) && (done || place_step(w, node));
}

/* ---- outputs and assignments ---- */

static bool is_assignment(const lowering *w, int32_t node)
{
    return w->options.effects && w->g->node[node].t->op == &wg_assign_op;
}

/* A buffer of the program's own with the node's values and nothing else,
 * for an output or a commit to keep. */
static int32_t own(lowering *w, int32_t node)
{
    value *v = &w->value[node];
    if (!v->at.view && w->l->buffer[v->at.buffer].producer >= 0)
        return v->at.buffer;
    if (v->whole < 0)
        v->whole = copy_of(w, w->g->node[node].t, v->at);
    return v->whole;
}

static bool place_outputs(lowering *w)
{
    wg_lowered *l = w->l;
    l->outputs = w->g->outputs;
    l->output = wg_arena_alloc(l->arena, (size_t)l->outputs * sizeof *l->output);
    size_t assignments = 0;
    for (int32_t i = 0; i < l->outputs; i++)
        assignments += is_assignment(w, w->g->output[i]);
    l->commit = wg_arena_alloc(l->arena, assignments * sizeof *l->commit);
    bool *assigned = wg_arena_zero(l->scratch, (size_t)w->g->count, sizeof *assigned);
    if (!l->output || !l->commit || !assigned)
        return false;
    for (int32_t i = 0; i < l->outputs; i++) {
        int32_t node = w->g->output[i], b = own(w, node);
        if (b < 0)
            return false;
        l->output[i] = b;
        if (is_assignment(w, node)) {
            int32_t to = wg_graph_inputs(w->g, node)[WG_ASSIGN_LEAF];
            if (!assigned[to]) /* the same assignment, listed twice, is one */
                l->commit[l->commits++] = (wg_commit){b, w->g->node[to].t->leaf};
            assigned[to] = true;
        } else {
            l->buffer[b].segment = WG_OUTPUT;
        }
    }
    return true;
}

bool wg_lower(wg_lowered *l, const wg_graph *g, wg_lower_options options)
{
    *l = (wg_lowered){.arena = g->arena, .scratch = g->scratch};
    size_t before = g->scratch->total;
    lowering w = {.l = l,
                  .g = g,
                  .options = options,
                  .value = wg_arena_alloc(g->scratch, (size_t)g->count * sizeof *w.value),
                  .readers = wg_arena_zero(g->scratch, (size_t)g->count, sizeof *w.readers)};
    /* Most nodes become one step with one buffer: with that much room at first,
     * growing is for copies alone. */
    l->buffer_capacity = l->step_capacity = g->count + 32;
    l->buffer = wg_mem_alloc((size_t)l->buffer_capacity * sizeof *l->buffer);
    l->step = wg_mem_alloc((size_t)l->step_capacity * sizeof *l->step);
    bool fine = w.value && w.readers && l->buffer && l->step;
    if (fine)
        wg_graph_count_readers(g, w.readers);
    fine = fine && (!options.simplify || wg_find_windows(g, w.readers, &w.role));
    for (int32_t k = 0; fine && k < g->count; k++) {
        w.value[k].whole = -1;
        fine = place(&w, k);
    }
    fine = fine && place_outputs(&w);
    wg_arena_rewind(g->scratch, before);
    return fine;
}

void wg_lowered_free(wg_lowered *l)
{
    wg_mem_free(l->buffer);
    wg_mem_free(l->step);
}

void wg_count_reads(const wg_lowered *l, int32_t *reads)
{
    for (int32_t s = 0; s < l->steps; s++)
        for (int32_t i = 0; i < l->step[s].n; i++)
            reads[l->step[s].in[i].buffer]++;
    for (int32_t i = 0; i < l->outputs; i++)
        reads[l->output[i]]++;
    for (int32_t c = 0; c < l->commits; c++)
        reads[l->commit[c].buffer]++;
}
