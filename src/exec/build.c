/* From a slice to a program: passes, memory, instructions.  Everything that a run would otherwise
 * have to work out is worked out here. */
#include "exec/compile.h"

#include <inttypes.h>

#include "core/alloc.h"
#include "core/dtype.h"
#include "exec/budget.h"
#include "exec/flops.h"
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
    const bool placed = kept >= WG_WORTH_PLACING;
    kept += placed ? WG_PAGE : 0;
    p->kept = wg_mem_aligned((uint64_t)kept);
    p->bytes += (size_t)plan->bytes + (size_t)kept;
    if (!p->temporaries || !p->kept)
        return wg_error_keep(p->tape, WG_ERR_MEMORY,
                             "compile: out of memory for %" PRId64 " bytes of buffers and %" PRId64
                             " of outputs",
                             plan->bytes, p->stats.output_bytes);
    b->temporaries = p->temporaries;
    b->kept = placed ? wg_mem_placed(p->kept, p->tape->bindings - 4) : p->kept;
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
    if (s->copy)
        return wg_make_copy(b, step);
    if (s->t->op->map)
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

/* About as much as is wanted, at once: a list that grows leaves holes behind. */
static bool make_room_for_relocations(wg_builder *b)
{
    const wg_lowered *l = b->l;
    int64_t wanted = 0;
    for (int32_t k = 0; k < l->steps; k++) {
        const wg_step *s = &l->step[l->order[k]];
        wanted += s->update;
        for (int32_t i = 0; i < s->n; i++)
            wanted += l->buffer[s->in[i].buffer].segment == WG_STORAGE;
    }
    return wg_mem_grow(&b->relocation, wanted, &b->relocation_capacity, sizeof *b->relocation);
}

static bool make_instructions(wg_program *p, wg_builder *b)
{
    const wg_lowered *l = b->l;
    p->instrs = l->steps;
    p->instr = wg_arena_alloc(&p->arena, (size_t)l->steps * sizeof *p->instr);
    p->note = wg_arena_alloc(&p->arena, (size_t)l->steps * sizeof *p->note);
    if (!p->instr || !p->note || !make_room_for_relocations(b))
        return false;
    for (int32_t k = 0; k < l->steps; k++) {
        const wg_step *s = &l->step[l->order[k]];
        p->instr[k] = make(b, l->order[k]);
        if (!p->instr[k] || b->failed
            || !wg_note_step(&p->note[k], k ? &p->note[k - 1] : NULL, &p->arena, l, s))
            return false;
        if (p->instr[k]->parts == 0)
            p->instr[k]->run = do_nothing;
        p->stats.flops = wg_add_flops(p->stats.flops, p->note[k].flops);
        p->stats.bytes_moved += p->note[k].bytes;
        p->stats.recomputed += p->note[k].recomputed;
    }
    p->stats.instructions = p->instrs;
    return true;
}

/* ---- what lies around the instructions ---- */

static bool keep_leaves(wg_program *p, const wg_graph *g)
{
    size_t leaves = 0;
    for (int32_t k = 0; k < g->count; k++)
        leaves += g->node[k].t->leaf != NULL;
    p->leaf = wg_mem_alloc(leaves * sizeof *p->leaf);
    p->bytes += leaves * sizeof *p->leaf;
    if (p->leaf)
        wg_program_point_at(p, g);
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
static bool keep_outputs(wg_program *p, wg_builder *b, wg_tensor *const *outputs)
{
    const wg_lowered *l = b->l;
    const size_t n = (size_t)l->outputs;
    p->outputs = l->outputs;
    p->output = wg_arena_alloc(&p->arena, n * sizeof *p->output);
    p->slot = wg_arena_alloc(&p->arena, n * sizeof *p->slot);
    if (!p->output || !p->slot)
        return false;
    for (int32_t i = 0; i < p->outputs; i++) {
        if (outputs[i]->op == &wg_assign_op && !p->private)
            wg_point_leaf(b, &p->output[i], outputs[i]->in[WG_ASSIGN_LEAF]->leaf, 0);
        else
            wg_point_buffer(b, &p->output[i], l->output[i]);
    }
    return !b->failed;
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

static bool build(wg_program *p, wg_graph *g, wg_lowered *l, const wg_request *r)
{
    const wg_compile_options *o = r->options;
    const bool plain = o->trace_nan;
    wg_plan plan = {0};
    wg_builder b = {.l = l, .isa = r->isa, .arena = &p->arena};
    passes order = {.skip = o->skip, .effects = !p->private, .plain = plain, .isa = r->isa};
    p->stats.nodes = g->count;
    use_one_chunk(g->scratch, (size_t)g->count * PASS_BYTES);
    bool fine = keep_leaves(p, g) && (plain || (o->skip & WG_PASS_MERGE) || wg_graph_merge(g))
                && (plain || (o->skip & WG_PASS_RECOMPUTE) || recompute(g, &order, o->memory))
                && lower_for_good(p, l, g, &order) && fuse_and_plan(l, &order, &plan)
                && allot_memory(p, &b, l, &plan)
                && make_instructions(p, &b) && keep_fed(p, l) && keep_commits(p, &b)
                && keep_outputs(p, &b, r->outputs)
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
           && (p->env.scratch = wg_mem_aligned(scratch_of_all(p))) != NULL;
    wg_arena_trim(&p->arena);
    p->stats.scratch_bytes = (int64_t)scratch_of_all(p);
    p->bytes += scratch_of_all(p) + wg_arena_held(&p->arena)
                + (size_t)b.relocation_capacity * sizeof *p->relocation
                + (p->pool ? (size_t)(p->threads - 1) * THREAD_BYTES : 0);
    return fine;
}

bool wg_build(wg_program *p, wg_graph *g, const wg_request *r)
{
    wg_lowered l = {0};
    g->scratch = &p->arena;
    bool fine = build(p, g, &l, r);
    wg_lowered_free(&l);
    return fine;
}
