#include "exec/lower.h"

#include "core/alloc.h"
#include "core/shape.h"
#include "exec/simplify.h"
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
} lowering;

wg_view wg_view_whole(const wg_shape *shape)
{
    wg_view v = {.shape = *shape};
    wg_shape_strides(shape, v.stride);
    return v;
}

bool wg_view_is_contiguous(const wg_view *v)
{
    int64_t step = 1;
    for (int64_t d = v->shape.rank - 1; d >= 0; d--) {
        if (v->shape.dim[d] == 0)
            return true;
        if (v->shape.dim[d] != 1 && v->stride[d] != step)
            return false;
        step *= v->shape.dim[d];
    }
    return true;
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
    if (!v->at.view || wg_view_is_contiguous(v->at.view)) {
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
    wg_view *view = wg_arena_alloc(w->l->arena, sizeof *view);
    if (b < 0 || !view)
        return false;
    w->l->buffer[b].value = number;
    *view = (wg_view){.shape = t->shape};
    w->value[node].at = (wg_operand){b, view};
    return true;
}

/* A view is a way of reading its input; where its input cannot be read that way,
 * of reading a copy of it. */
static bool place_view(lowering *w, int32_t node)
{
    wg_tensor *t = w->g->node[node].t;
    int32_t from = wg_graph_inputs(w->g, node)[0];
    const wg_shape *shape = &w->g->node[from].t->shape;
    wg_operand x = w->value[from].at;
    wg_view whole = wg_view_whole(shape), *view = wg_arena_alloc(w->l->arena, sizeof *view);
    if (!view)
        return false;
    if (!t->op->view(t, x.view ? x.view : &whole, view)) {
        if (!contiguous(w, from, &x))
            return false;
        if (x.view)
            whole.offset = x.view->offset;
        t->op->view(t, &whole, view);
    }
    bool plain = view->offset == 0 && wg_view_is_contiguous(view)
                 && wg_bytes_of(t->shape, t->dtype) == w->l->buffer[x.buffer].bytes;
    w->value[node].at = (wg_operand){x.buffer, plain ? NULL : view};
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
    l->commit = wg_arena_alloc(l->arena, (size_t)l->outputs * sizeof *l->commit);
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

/* ---- parameters updated in place ---- */

/* What is known of a buffer while updates are chosen. */
typedef struct standing {
    int32_t reads;   /* operands that name it */
    int32_t commits; /* and commits */
    int32_t updater; /* of a leaf's: the step that will write it; -1 */
    int32_t awaited; /* of a leaf's: a step that updates other leaves and reads this one; -1 */
} standing;

/* The micro-op whose result the buffer is; -1 if it is the step's own. */
static int32_t micro_of(const wg_step *s, int32_t buffer)
{
    for (int32_t k = 0; k < s->micros; k++)
        if (s->micro[k].result == buffer)
            return k;
    return -1;
}

/* Whether only ops on what reductions keep read the buffer, which then is walked once. */
static bool is_read_beside_results(const wg_step *s, int32_t at)
{
    int reductions = 0;
    for (int32_t k = 0; k < s->micros; k++) {
        const wg_micro *m = &s->micro[k];
        reductions += m->t->op->reduce != NULL;
        for (int a = 0; a < m->t->n; a++)
            if (m->arg[a] >= 0 && s->in[m->arg[a]].buffer == at && (!m->kept || m->t->op->reduce))
                return false;
    }
    return reductions == 1;
}

/* Whether each element of the result is worked out from no other element of `at` than the one in
 * its place. */
static bool is_elementwise(const wg_step *s, int32_t buffer, int32_t at)
{
    if (s->micros == 0)
        return s->copy || s->t->op->map;
    const wg_micro *m = &s->micro[micro_of(s, buffer)];
    if (s->reduced)
        return m->kept && !m->t->op->reduce && is_read_beside_results(s, at);
    return !m->t->op->product
           && !(s->micro[0].t->op->product && (s->in[0].buffer == at || s->in[1].buffer == at));
}

/* The buffer of the leaf among the step's operands, read in order by each that reads it; -1 if
 * there is none or one reads otherwise. */
static int32_t own_operand(const wg_lowered *l, const wg_step *s, const wg_leaf *leaf)
{
    int32_t at = -1;
    for (int32_t i = 0; i < s->n; i++) {
        if (l->buffer[s->in[i].buffer].leaf != leaf)
            continue;
        if (s->in[i].view)
            return -1;
        at = s->in[i].buffer;
    }
    return at;
}

/* Whether each of two updates would have to come after the other,
 * since they read each other's parameters. */
static bool crosses(const wg_lowered *l, int32_t step, int32_t at, const standing *known)
{
    const wg_step *s = &l->step[step];
    for (int32_t i = 0; i < s->n; i++)
        if (s->in[i].buffer != at && known[s->in[i].buffer].updater >= 0
            && known[s->in[i].buffer].updater != step)
            return true;
    return known[at].awaited >= 0 && known[at].awaited != step;
}

/* Whether a step that has to run before the update, as it reads the parameter or may fail, might
 * wait for this one, which gives others something to read. */
static bool is_waited_for(const wg_lowered *l, int32_t step, int32_t at, const standing *known,
                          bool may_fail)
{
    const wg_step *s = &l->step[step];
    int32_t result[WG_MAX_RESULTS], results = wg_step_results(s, result), own = 0;
    for (int32_t i = 0; i < s->n; i++)
        own += s->in[i].buffer == at;
    for (int32_t r = 0; r < results; r++)
        if (known[result[r]].reads && (may_fail || known[at].reads != own))
            return true;
    return false;
}

/* An assignment's value is computed into the parameter itself if it is the result of an
 * elementwise step on the parameter that nothing else reads.  wg_order then puts it after all that
 * reads the old value or may fail. */
bool wg_update_in_place(wg_lowered *l)
{
    size_t before = l->scratch->total;
    standing *known = wg_arena_alloc(l->scratch, (size_t)l->buffers * sizeof *known);
    if (!known)
        return false;
    bool may_fail = false;
    for (int32_t b = 0; b < l->buffers; b++)
        known[b] = (standing){0, 0, -1, -1};
    for (int32_t s = 0; s < l->steps; s++)
        may_fail = may_fail || wg_step_may_fail(&l->step[s]);
    for (int32_t s = 0; s < l->steps; s++)
        for (int32_t i = 0; i < l->step[s].n; i++)
            known[l->step[s].in[i].buffer].reads++;
    for (int32_t c = 0; c < l->commits; c++)
        known[l->commit[c].buffer].commits++;
    for (int32_t c = 0; c < l->commits; c++) {
        wg_buffer *b = &l->buffer[l->commit[c].buffer];
        wg_step *s = &l->step[b->producer];
        const standing *known_value = &known[l->commit[c].buffer];
        int32_t at = own_operand(l, s, l->commit[c].leaf);
        if (at < 0 || b->segment != WG_TEMPORARY || known_value->reads || known_value->commits != 1
            || !is_elementwise(s, l->commit[c].buffer, at) || crosses(l, b->producer, at, known)
            || is_waited_for(l, b->producer, at, known, may_fail))
            continue;
        for (int32_t i = 0; i < s->n; i++)
            if (s->in[i].buffer != at)
                known[s->in[i].buffer].awaited = b->producer;
        known[at].updater = b->producer;
        s->update = true;
        b->segment = WG_STORAGE;
        b->leaf = l->commit[c].leaf;
    }
    wg_arena_rewind(l->scratch, before);
    return true;
}

bool wg_lower(wg_lowered *l, const wg_graph *g, wg_lower_options options)
{
    *l = (wg_lowered){.arena = g->arena, .scratch = g->scratch};
    size_t before = g->scratch->total;
    lowering w = {l, g, options, wg_arena_alloc(g->scratch, (size_t)g->count * sizeof *w.value)};
    /* Most nodes become one step with one buffer: with that much room at first,
     * growing is for copies alone. */
    l->buffer_capacity = l->step_capacity = g->count + 32;
    l->buffer = wg_mem_alloc((size_t)l->buffer_capacity * sizeof *l->buffer);
    l->step = wg_mem_alloc((size_t)l->step_capacity * sizeof *l->step);
    bool fine = w.value && l->buffer && l->step;
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
