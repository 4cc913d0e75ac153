/* Compilation: slice, passes, memory, instructions.  Everything that a run would otherwise have to
 * work out is worked out here. */
#include <inttypes.h>

#include "core/alloc.h"
#include "core/dtype.h"
#include "exec/budget.h"
#include "exec/group.h"
#include "exec/program.h"
#include "exec/tiny.h"
#include "ops/assign.h"

/* ---- memory ---- */

/* Outputs and immediates lie side by side in memory that nothing else uses. */
static bool allot_memory(wg_program *p, wg_builder *b, wg_lowered *l, const wg_plan *plan)
{
    int64_t kept = 0;
    for (int small = 0; small < 2; small++) /* behind the others, which so are aligned */
        for (int32_t k = 0; k < l->buffers; k++) {
            wg_buffer *x = &l->buffer[k];
            if ((x->segment != WG_OUTPUT && x->segment != WG_IMMEDIATE)
                || (x->bytes < WG_ALIGNMENT) != small)
                continue;
            x->offset = kept;
            kept += wg_padded(x->bytes, true);
            p->stats.output_bytes += x->segment == WG_OUTPUT ? x->bytes : 0;
        }
    p->temporaries = wg_mem_aligned((uint64_t)plan->bytes);
    p->kept = wg_mem_aligned((uint64_t)kept);
    p->bytes += (size_t)plan->bytes + (size_t)kept;
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
    if (s->joint)
        return wg_make_tiny(b, step);
    if (wg_step_has_product(s))
        return wg_make_product(b, step);
    if (s->reduced)
        return wg_reduces_rows(s->over, s->reduced) ? wg_make_rowwise(b, step)
                                                    : wg_make_reduce(b, step);
    if (s->micros)
        return wg_make_loop(b, step);
    if (s->copy || s->t->op->map)
        return wg_make_map(b, step);
    if (s->t->op->reduce)
        return wg_make_reduce(b, step);
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
        p->stats.recomputed += p->note[k].recomputed;
    }
    p->stats.instructions = p->instrs;
    return true;
}

/* ---- what lies around the instructions ---- */

/* The slice's leaves take their places among the program's. */
static void point_at(wg_program *p, const wg_graph *g)
{
    p->leaves = 0;
    p->last_leaf = -1;
    for (int32_t k = 0; k < g->count; k++) {
        wg_leaf *leaf = g->node[k].t->leaf;
        if (!leaf)
            continue;
        leaf->place = p->leaves;
        p->leaf[p->leaves++] = leaf;
        p->last_leaf = leaf->node->id; /* the slice is in order of recording */
    }
}

static bool keep_leaves(wg_program *p, const wg_graph *g)
{
    size_t leaves = 0;
    for (int32_t k = 0; k < g->count; k++)
        leaves += g->node[k].t->leaf != NULL;
    p->leaf = wg_mem_alloc(leaves * sizeof *p->leaf);
    p->bytes += leaves * sizeof *p->leaf;
    if (p->leaf)
        point_at(p, g);
    return p->leaf != NULL;
}

static bool keep_fed(wg_program *p, const wg_lowered *l)
{
    p->fed = wg_arena_alloc(&p->arena, (size_t)p->leaves * sizeof *p->fed);
    for (int32_t k = 0; p->fed && k < l->buffers; k++)
        if (l->buffer[k].leaf && l->buffer[k].leaf->kind == WG_INPUT)
            p->fed[p->feds++] = l->buffer[k].leaf->place;
    return p->fed != NULL;
}

static bool keep_commits(wg_program *p, wg_builder *b)
{
    const wg_lowered *l = b->l;
    p->commits = l->commits;
    p->copy = wg_arena_alloc(&p->arena, (size_t)l->commits * sizeof *p->copy);
    for (int32_t c = 0; p->copy && c < l->commits; c++) {
        wg_leaf *leaf = l->commit[c].leaf;
        const wg_buffer *from = &l->buffer[l->commit[c].buffer];
        if (from->leaf == leaf || from->bytes == 0)
            continue; /* there already */
        wg_saved *copy = &p->copy[p->copies++];
        copy->bytes = (size_t)from->bytes;
        wg_point_leaf(b, &copy->to, leaf, 0);
        wg_point_buffer(b, &copy->from, l->commit[c].buffer);
    }
    return p->copy != NULL;
}

/* The output of an assignment is the parameter itself:
 * what lies in a temporary is gone when the run ends. */
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

/* What a waiting thread counts as beside the memory of a program that is kept. */
enum { THREAD_BYTES = 1 << 20 };
enum { PASS_BYTES = 96 }; /* about what the neediest pass wants for a node; it may have more */

/* The passes work one after the other in the memory in which the instructions will lie: fresh
 * memory is what compiling a long tape mostly waits for.  A rewind keeps the oldest chunk, so that
 * one has to be the large one. */
static void use_one_chunk(wg_arena *scratch, size_t size)
{
    wg_arena_free(scratch);
    wg_arena_alloc(scratch, size);
    wg_arena_rewind(scratch, 0);
}

/* What the passes from the graph to the plan of memory are asked to do. */
typedef struct passes {
    unsigned skip;
    bool effects, plain;
    wg_isa_level isa;
} passes;

static bool lower(wg_lowered *l, const wg_graph *g, const passes *o)
{
    const unsigned skip = o->plain ? ~0u : o->skip;
    return wg_lower(l, g,
                    (wg_lower_options){.effects = o->effects, .isa = o->isa,
                                       .views = !(skip & WG_PASS_VIEWS),
                                       .simplify = !(skip & WG_PASS_SIMPLIFY)});
}

static bool fuse_and_plan(wg_lowered *l, const passes *o, wg_plan *plan)
{
    const unsigned skip = o->plain ? ~0u : o->skip;
    return ((skip & WG_PASS_FUSE) || wg_fuse(l))
           && ((skip & WG_PASS_IN_PLACE) || wg_update_in_place(l))
           && wg_bytes_can_be_added(l)
           && wg_order(l, !(skip & WG_PASS_ORDER))
           && ((skip & WG_PASS_TINY) || wg_join_tiny(l, o->isa))
           && wg_plan_memory(l, !(skip & WG_PASS_PLAN), !(skip & WG_PASS_IN_PLACE), plan);
}

static bool plan_bytes(void *user, wg_graph *g, int64_t *bytes)
{
    size_t before = g->arena->total;
    wg_lowered l = {0};
    wg_plan plan = {0};
    bool fine = lower(&l, g, user) && fuse_and_plan(&l, user, &plan);
    *bytes = plan.bytes;
    wg_lowered_free(&l);
    wg_arena_rewind(g->arena, before);
    return fine;
}

/* Puts copies of what is not to be kept into the graph:
 * what wg_checkpoint says, and what the bytes ask for. */
static bool recompute(wg_graph *g, passes *o, int64_t bytes)
{
    wg_epochs e;
    wg_graph copy;
    if (bytes <= 0 && !wg_has_checkpoints(g))
        return true;
    if (!wg_epochs_of(&e, g))
        return false;
    if (bytes > 0) {
        int64_t least;
        if (!wg_fit_budget(&e, g, &(wg_budget){bytes, plan_bytes, o}, &least))
            return false;
        if (least > bytes)
            return wg_error_keep(g->node[0].t->tape, WG_ERR_ARGUMENT,
                                 "compile: wants a memory of at least %" PRId64
                                 " bytes for buffers, got %" PRId64,
                                 least, bytes);
    }
    if (!wg_graph_with_copies(&copy, g, &e))
        return false;
    *g = copy;
    return true;
}

/* Steps take the graph's place: from here on there is no graph. */
static bool lower_for_good(wg_program *p, wg_lowered *l, wg_graph *g, const passes *o)
{
    for (int32_t k = 0; k < g->count; k++)
        p->draws = p->draws || (g->node[k].t->op->flags & WG_OP_RANDOM);
    wg_arena graph = *g->arena;
    *g->arena = (wg_arena){0};
    bool fine = lower(l, g, o);
    wg_arena_free(&graph);
    return fine;
}

/* Bytes: a piece for each thread, if there are others. */
static size_t scratch_of_all(const wg_program *p)
{
    return p->scratch_bytes * (size_t)(p->pool ? p->threads : 1);
}

static bool build(wg_program *p, wg_graph *g, wg_lowered *l, const wg_compile_options *o,
                  wg_isa_level isa, int n, wg_tensor *const *outputs)
{
    wg_plan plan = {0};
    wg_builder b = {.l = l, .isa = isa, .arena = &p->arena};
    bool plain = o->trace_nan;
    passes order = {.skip = o->skip, .effects = !p->private, .plain = plain,
                    .isa = isa};
    p->stats.nodes = g->count;
    use_one_chunk(g->scratch, (size_t)g->count * PASS_BYTES);
    bool fine = keep_leaves(p, g) && (plain || (o->skip & WG_PASS_MERGE) || wg_graph_merge(g))
                && (plain || (o->skip & WG_PASS_RECOMPUTE) || recompute(g, &order, o->memory))
                && lower_for_good(p, l, g, &order) && fuse_and_plan(l, &order, &plan)
                && allot_memory(p, &b, l, &plan)
                && make_instructions(p, &b) && keep_fed(p, l) && keep_commits(p, &b)
                && keep_outputs(p, &b, n, outputs)
                && (!plain || (p->trace = wg_nan_trace_new(&b)) != NULL)
                && (!o->profile || (p->profile = wg_profile_new(&p->arena, l)) != NULL);
    p->effects = !p->private && (p->commits || p->draws);
    p->relocation = b.relocation;
    p->relocations = b.relocations;
    p->scratch_bytes = (b.scratch + WG_ALIGNMENT - 1) / WG_ALIGNMENT * WG_ALIGNMENT;
    p->threads = o->threads > 1 ? o->threads : 1;
    p->bindings = p->tape->bindings - 1; /* not set yet */
    p->stats.planned_bytes = plan.bytes;
    p->stats.lower_bound = plan.lower_bound;
    fine = fine && !b.failed
           && wg_start_threads(p)
           && (p->scratch = wg_mem_aligned(scratch_of_all(p))) != NULL;
    wg_arena_trim(&p->arena);
    p->bytes += scratch_of_all(p) + wg_arena_held(&p->arena)
                + (size_t)b.relocation_capacity * sizeof *p->relocation
                + (p->pool ? (size_t)(p->threads - 1) * THREAD_BYTES : 0);
    return fine;
}

static void free_memory(wg_program *p)
{
    wg_mem_free(p->leaf);
    wg_mem_free(p->structure.word);
    wg_mem_free(p->id);
    wg_mem_free(p->profile);
    wg_pool_free(p->pool);
    wg_mem_free(p->temporaries);
    wg_mem_free(p->kept);
    wg_mem_free(p->scratch);
    wg_mem_free(p->relocation);
    wg_arena_free(&p->arena);
    wg_mem_free(p);
}

/* ---- programs that are found again ---- */

/* What the program is to be found by becomes its own. */
static bool keep_structure(wg_program *p, wg_structure *s, const wg_graph *g)
{
    if (!s->words)
        return true;
    p->structure = *s;
    *s = (wg_structure){0};
    p->id = wg_mem_alloc((size_t)g->count * sizeof *p->id);
    for (int32_t k = 0; p->id && k < g->count; k++)
        p->id[k] = g->node[k].t->id;
    p->bytes += (size_t)p->structure.words * sizeof *p->structure.word
                + (size_t)g->count * sizeof *p->id;
    return p->id != NULL;
}

static void renumber_note(const wg_program *p, const wg_graph *g, wg_note *note)
{
    int32_t lo = 0, hi = g->count - 1;
    while (lo < hi) {
        int32_t mid = (lo + hi) / 2;
        if (p->id[mid] < note->id)
            lo = mid + 1;
        else
            hi = mid;
    }
    note->id = g->node[lo].t->id;
    for (int32_t k = 0; k < note->parts; k++)
        renumber_note(p, g, &note->part[k]);
}

/* Its instructions tell the places that the nodes have now. */
static void renumber(wg_program *p, const wg_graph *g)
{
    bool moved = false;
    for (int32_t k = 0; k < g->count && !moved; k++)
        moved = p->id[k] != g->node[k].t->id;
    for (int32_t i = 0; moved && i < p->instrs; i++)
        renumber_note(p, g, &p->note[i]);
    for (int32_t k = 0; moved && k < g->count; k++)
        p->id[k] = g->node[k].t->id;
}

/* The program as if it had been compiled from the slice just now. */
static void begin_again(wg_program *p, const wg_graph *g)
{
    point_at(p, g);
    renumber(p, g);
    p->bindings = p->tape->bindings - 1; /* pointers are set by the next run */
    p->lost_leaf = p->several = p->ran = p->failed = false;
    p->stats.found++;
}

/* ---- the tape's news ---- */

static void rewound(wg_dependent *d, int64_t nodes)
{
    wg_program *p = (wg_program *)d;
    if (!p->in_use)
        return;
    if (p->last_leaf >= nodes) {
        p->lost_leaf = true;
        p->bindings = p->tape->bindings - 1; /* the next run looks */
    }
    if (p->private && p->slot[0].node >= nodes)
        p->slot[0].node = -1; /* nothing asks for it any more */
}

static void dropped(wg_dependent *d)
{
    wg_program_destroy((wg_program *)d);
}

/* Nodes and the tape do not know it any more. */
static void let_go(wg_program *p)
{
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
}

void wg_program_destroy(wg_program *p)
{
    if (p->in_use)
        let_go(p);
    else
        wg_reuse_forget(p);
    wg_tape_detach(p->tape, &p->dependent);
    free_memory(p);
}

void wg_program_free(wg_program *p)
{
    if (!p)
        return;
    if (!p->structure.words) {
        wg_program_destroy(p);
        return;
    }
    let_go(p);
    wg_reuse_keep(p);
}

/* ---- entry points ---- */

/* Whether no two assignments are to one parameter; the same assignment may be listed twice. */
static bool assigned_once(wg_tape *t, int n, wg_tensor *const *outputs)
{
    uint32_t stamp = wg_tape_stamp(t);
    for (int i = 0; i < n; i++) {
        wg_tensor *x = outputs[i], *leaf = x->op == &wg_assign_op ? x->in[WG_ASSIGN_LEAF] : NULL;
        if (!leaf)
            continue;
        for (int k = 0; k < i && leaf->stamp == stamp; k++)
            if (outputs[k] != x && outputs[k]->op == &wg_assign_op
                && outputs[k]->in[WG_ASSIGN_LEAF] == leaf)
                return wg_error_keep(
                    t, WG_ERR_ARGUMENT,
                    "compile: wants one assignment to a parameter, got outputs %d and %d to \"%s\"",
                    k, i, wg_name(leaf));
        leaf->stamp = stamp;
    }
    return true;
}

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
    }
    return assigned_once(t, n, outputs);
}

/* A program made from the slice; NULL when memory runs out. */
static wg_program *make_program(wg_graph *g, wg_structure *s, const wg_compile_options *o,
                                wg_isa_level isa, bool private, int n, wg_tensor *const *outputs)
{
    wg_lowered l = {0};
    wg_program *p = wg_mem_zero(1, sizeof *p);
    if (!p)
        return NULL;
    p->dependent = (wg_dependent){.rewound = rewound, .drop = dropped};
    p->tape = outputs[0]->tape;
    p->private = private;
    p->in_use = true;
    g->scratch = &p->arena;
    bool fine = keep_structure(p, s, g) && build(p, g, &l, o, isa, n, outputs);
    wg_lowered_free(&l);
    if (!fine) {
        free_memory(p);
        return NULL;
    }
    wg_tape_attach(p->tape, &p->dependent);
    return p;
}

static wg_program *compile(int n, wg_tensor *const *outputs, const wg_compile_options *o,
                           bool private)
{
    wg_tape *t = outputs[0]->tape;
    wg_arena arena = {0}, scratch = {0};
    wg_isa_level isa = wg_isa();
    wg_graph g;
    wg_structure s = {0};
    wg_program *p = NULL;
    if (wg_graph_slice(&g, &arena, &scratch, n, outputs)
        && wg_structure_of(&s, &g, o, private, isa)) {
        p = wg_reuse_take(t, &s);
        if (p)
            begin_again(p, &g);
        else
            p = make_program(&g, &s, o, isa, private, n, outputs);
    }
    wg_mem_free(s.word);
    wg_arena_free(&scratch);
    wg_arena_free(&arena);
    if (p)
        attach(p, outputs);
    else
        wg_error_keep(t, WG_ERR_MEMORY, "compile: out of memory");
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
    if (options && options->memory < 0)
        return wg_error_keep(outputs[0]->tape, WG_ERR_ARGUMENT,
                             "compile: wants a memory of 0 or more bytes, got %" PRId64,
                             options->memory),
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
