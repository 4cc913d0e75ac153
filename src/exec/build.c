/* Compilation: slice, passes, memory, instructions.  Everything that a run would otherwise have to work out is worked out here. */
#include <string.h>

#include "core/dtype.h"
#include "core/shape.h"
#include "exec/program.h"
#include "ops/assign.h"

/* ---- memory ---- */

/* Outputs and immediates lie side by side in memory that nothing else uses. */
static bool allot_memory(wg_program *p, wg_builder *b, wg_lowered *l, const wg_plan *plan)
{
    int64_t kept = 0;
    for (int32_t k = 0; k < l->buffers; k++) {
        wg_buffer *x = &l->buffer[k];
        if (x->segment != WG_OUTPUT && x->segment != WG_IMMEDIATE)
            continue;
        x->offset = kept;
        kept += wg_padded(x->bytes);
        p->stats.output_bytes += x->segment == WG_OUTPUT ? x->bytes : 0;
    }
    p->temporaries = wg_mem_aligned((size_t)plan->bytes);
    p->kept = wg_mem_aligned((size_t)kept);
    if (!p->temporaries || !p->kept)
        return false;
    b->temporaries = p->temporaries;
    b->kept = p->kept;
    for (int32_t k = 0; k < l->buffers; k++)
        if (l->buffer[k].segment == WG_IMMEDIATE)
            wg_number_put(b->kept + l->buffer[k].offset, (wg_dtype)l->buffer[k].dtype, 0,
                          l->buffer[k].value);
    return true;
}

/* ---- instructions ---- */

static wg_instr *make(wg_builder *b, int32_t step)
{
    const wg_step *s = &b->l->step[step];
    if (s->micros)
        return wg_make_loop(b, step);
    if (s->copy || s->t->op->map)
        return wg_make_map(b, step);
    if (s->t->op->reduce)
        return wg_make_reduce(b, step);
    if (s->t->op->product)
        return wg_make_product(b, step);
    return wg_make_call(b, step);
}

/* Of a result without elements. */
static wg_status do_nothing(const wg_instr *i, const wg_env *env, int64_t begin, int64_t end)
{
    (void)i;
    (void)env;
    (void)begin;
    (void)end;
    return WG_OK;
}

static bool make_instructions(wg_program *p, wg_builder *b)
{
    const wg_lowered *l = b->l;
    p->instrs = l->steps;
    p->instr = wg_arena_alloc(&p->arena, (size_t)l->steps * sizeof *p->instr);
    p->note = wg_arena_alloc(&p->arena, (size_t)l->steps * sizeof *p->note);
    if (!p->instr || !p->note)
        return false;
    for (int32_t k = 0; k < l->steps; k++) {
        const wg_step *s = &l->step[l->order[k]];
        p->instr[k] = make(b, l->order[k]);
        if (!p->instr[k] || b->failed
            || !wg_note_step(&p->note[k], k ? &p->note[k - 1] : NULL, &p->arena, l, s))
            return false;
        if (p->instr[k]->parts == 0)
            p->instr[k]->run = do_nothing;
        p->stats.flops += p->note[k].flops;
        p->stats.bytes_moved += p->note[k].bytes;
    }
    p->stats.instructions = p->instrs;
    return true;
}

/* ---- what lies around the instructions ---- */

static bool keep_leaves(wg_program *p, const wg_lowered *l)
{
    int32_t inputs = 0;
    p->last_leaf = -1;
    for (int32_t k = 0; k < l->buffers; k++) {
        const wg_leaf *leaf = l->buffer[k].leaf;
        inputs += leaf && leaf->kind == WG_INPUT;
        if (leaf && leaf->node->id > p->last_leaf)
            p->last_leaf = leaf->node->id;
    }
    p->fed = wg_arena_alloc(&p->arena, (size_t)inputs * sizeof *p->fed);
    for (int32_t k = 0; p->fed && k < l->buffers; k++)
        if (l->buffer[k].leaf && l->buffer[k].leaf->kind == WG_INPUT)
            p->fed[p->feds++] = l->buffer[k].leaf;
    return p->fed != NULL;
}

static bool keep_commits(wg_program *p, wg_builder *b)
{
    const wg_lowered *l = b->l;
    p->commits = l->commits;
    p->commit = wg_arena_alloc(&p->arena, (size_t)l->commits * sizeof *p->commit);
    for (int32_t c = 0; p->commit && c < l->commits; c++) {
        wg_leaf *leaf = l->commit[c].leaf;
        if (leaf->node->id > p->last_leaf)
            p->last_leaf = leaf->node->id;
        p->commit[c] =
            (wg_saved){.bytes = (size_t)wg_bytes_of(leaf->node->shape, leaf->node->dtype)};
        wg_point_leaf(b, &p->commit[c].to, leaf, 0);
        wg_point_buffer(b, &p->commit[c].from, l->commit[c].buffer);
    }
    return p->commit != NULL;
}

/* The output of an assignment is the parameter itself: what lies in a temporary is gone when the run ends. */
static bool keep_outputs(wg_program *p, wg_builder *b, int n, wg_tensor *const *outputs)
{
    const wg_lowered *l = b->l;
    p->outputs = n;
    p->output = wg_arena_alloc(&p->arena, (size_t)n * sizeof *p->output);
    p->slot = wg_arena_alloc(&p->arena, (size_t)n * sizeof *p->slot);
    if (!p->output || !p->slot)
        return false;
    for (int32_t i = 0; i < n; i++) {
        if (outputs[i]->op == &wg_assign_op && !p->private)
            wg_point_leaf(b, &p->output[i], outputs[i]->in[WG_ASSIGN_LEAF]->leaf, 0);
        else
            wg_point_buffer(b, &p->output[i], l->output[i]);
    }
    return !b->failed;
}

/* Makes the nodes know the program, last of all: from here on nothing fails. */
static void attach(wg_program *p, wg_tensor *const *outputs)
{
    wg_tape_attach(p->tape, &p->dependent);
    if (p->private)
        return;
    for (int32_t i = 0; i < p->outputs; i++) {
        wg_tensor *x = outputs[i];
        p->slot[i] = (wg_slot){.program = p, .next = x->slots, .node = x->id, .output = i};
        x->slots = &p->slot[i];
        for (wg_slot *s = x->slots->next; s; s = s->next)
            if (s->program != p)
                s->program->several = p->several = true;
    }
}

enum { PASS_BYTES = 96 }; /* about what the neediest pass wants for a node; it may have more */

/* The passes work one after the other in the memory in which the instructions will lie: fresh memory is what compiling a long tape
 * mostly waits for.  A rewind keeps the oldest chunk, so that one has to be the large one. */
static void use_one_chunk(wg_arena *scratch, size_t size)
{
    wg_arena_free(scratch);
    wg_arena_alloc(scratch, size);
    wg_arena_rewind(scratch, 0);
}

static bool build(wg_program *p, wg_graph *g, wg_lowered *l, const wg_compile_options *o, int n,
                  wg_tensor *const *outputs)
{
    wg_plan plan = {0};
    wg_builder b = {.l = l, .isa = wg_isa(), .arena = &p->arena};
    bool plain = o->trace_nan;
    p->stats.nodes = g->count;
    use_one_chunk(g->scratch, (size_t)g->count * PASS_BYTES);
    bool fine = (plain || (o->skip & WG_PASS_MERGE) || wg_graph_merge(g))
                && wg_lower(l, g,
                            (wg_lower_options){.effects = !p->private,
                                               .views = !plain && !(o->skip & WG_PASS_VIEWS)})
                && (plain || (o->skip & WG_PASS_FUSE) || wg_fuse(l))
                && (plain || (o->skip & WG_PASS_IN_PLACE) || wg_update_in_place(l))
                && wg_order(l, !plain && !(o->skip & WG_PASS_ORDER))
                && wg_plan_memory(l, !plain && !(o->skip & WG_PASS_PLAN),
                                  !plain && !(o->skip & WG_PASS_IN_PLACE), &plan)
                && allot_memory(p, &b, l, &plan) && make_instructions(p, &b) && keep_leaves(p, l)
                && keep_commits(p, &b) && keep_outputs(p, &b, n, outputs)
                && (!plain || (p->trace = wg_nan_trace_new(&b)) != NULL);
    for (int32_t k = 0; fine && k < g->count; k++)
        p->draws = p->draws || (g->node[k].t->op->flags & WG_OP_RANDOM);
    p->relocation = b.relocation;
    p->relocations = b.relocations;
    p->scratch_bytes = (b.scratch + WG_ALIGNMENT - 1) / WG_ALIGNMENT * WG_ALIGNMENT;
    p->threads = o->threads > 1 ? o->threads : 1;
    p->bindings = p->tape->bindings - 1; /* not set yet */
    p->stats.planned_bytes = plan.bytes;
    p->stats.lower_bound = plan.lower_bound;
    fine = fine && !b.failed
           && (p->scratch = wg_mem_aligned(p->scratch_bytes * (size_t)p->threads)) != NULL;
    return fine && (p->threads == 1 || (p->pool = wg_pool_new(p->threads)) != NULL);
}

static void free_memory(wg_program *p)
{
    wg_pool_free(p->pool);
    wg_mem_free(p->temporaries);
    wg_mem_free(p->kept);
    wg_mem_free(p->scratch);
    wg_mem_free(p->relocation);
    wg_arena_free(&p->arena);
    wg_mem_free(p);
}

/* ---- the tape's news ---- */

static void rewound(wg_dependent *d, int64_t nodes)
{
    wg_program *p = (wg_program *)d;
    p->lost_leaf = p->lost_leaf || p->last_leaf >= nodes;
    if (p == p->tape->evaluator)
        wg_program_free(p);
}

static void dropped(wg_dependent *d)
{
    wg_program_free((wg_program *)d);
}

void wg_program_free(wg_program *p)
{
    if (!p)
        return;
    wg_tape *t = p->tape;
    for (int32_t i = 0; i < p->outputs && !p->private; i++) {
        wg_tensor *x = wg_node(t, p->slot[i].node);
        wg_slot **at = x ? &x->slots : NULL;
        while (at && *at && *at != &p->slot[i])
            at = &(*at)->next;
        if (at && *at)
            *at = p->slot[i].next;
    }
    if (t->evaluator == p)
        t->evaluator = NULL;
    wg_tape_detach(t, &p->dependent);
    free_memory(p);
}

/* ---- entry points ---- */

static bool outputs_fit(int n, wg_tensor *const *outputs)
{
    wg_tape *t = NULL;
    if (n < 1 || !outputs)
        return false;
    for (int i = 0; i < n; i++)
        if (outputs[i])
            t = outputs[i]->tape;
    if (!t)
        return false;
    for (int i = 0; i < n; i++) {
        if (outputs[i] && outputs[i]->tape != t)
            wg_error_keep(outputs[i]->tape, WG_ERR_ARGUMENT,
                          "compile: wants outputs of one tape, got one of another tape");
        if (!outputs[i] || outputs[i]->tape != t)
            return wg_error_keep(t, WG_ERR_ARGUMENT, "compile: wants %s, got %s as output %d of %d",
                                 outputs[i] ? "outputs of one tape" : "tensors",
                                 outputs[i] ? "one of another tape" : "NULL", i, n);
        for (int k = 0; k < i && outputs[i]->op == &wg_assign_op; k++)
            if (outputs[k]->op == &wg_assign_op && outputs[k] != outputs[i]
                && outputs[k]->in[WG_ASSIGN_LEAF] == outputs[i]->in[WG_ASSIGN_LEAF])
                return wg_error_keep(
                    t, WG_ERR_ARGUMENT,
                    "compile: wants one assignment to a parameter, got outputs %d and %d to \"%s\"",
                    k, i, wg_name(outputs[i]->in[WG_ASSIGN_LEAF]));
    }
    return true;
}

static wg_program *compile(int n, wg_tensor *const *outputs, const wg_compile_options *o,
                           bool private)
{
    wg_tape *t = outputs[0]->tape;
    wg_program *p = wg_mem_zero(1, sizeof *p);
    wg_arena arena = {0};
    wg_graph g = {0};
    wg_lowered l = {0};
    bool fine = p != NULL;
    if (fine) {
        p->dependent = (wg_dependent){.rewound = rewound, .drop = dropped};
        p->tape = t;
        p->private = private;
        fine = wg_graph_slice(&g, &arena, &p->arena, n, outputs) && build(p, &g, &l, o, n, outputs);
    }
    wg_lowered_free(&l);
    wg_arena_free(&arena);
    if (!fine) {
        wg_error_keep(t, WG_ERR_MEMORY, "compile: out of memory");
        if (p)
            free_memory(p);
        return NULL;
    }
    attach(p, outputs);
    return p;
}

wg_program *wg_compile_with(int n, wg_tensor *const *outputs, const wg_compile_options *options)
{
    static const wg_compile_options defaults = {0};
    if (!outputs_fit(n, outputs))
        return NULL;
    if (options && (options->threads < 0 || options->threads > 1024))
        return wg_error_keep(outputs[0]->tape, WG_ERR_ARGUMENT,
                             "compile: wants 0 to 1024 threads, got %d", options->threads),
               NULL;
    return compile(n, outputs, options ? options : &defaults, false);
}

wg_program *wg_compile(int n, wg_tensor *const *outputs)
{
    return wg_compile_with(n, outputs, NULL);
}

wg_program *wg_compile_private(wg_tensor *x)
{
    static const wg_compile_options defaults = {0};
    return compile(1, &x, &defaults, true);
}
