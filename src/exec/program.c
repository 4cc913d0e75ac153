/* A program's life: what it is known by, what it hears of the tape, and its end. */
#include "core/alloc.h"
#include "exec/program.h"

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

/* ---- a program that is made ---- */

wg_program *wg_program_new(wg_tape *t, bool private)
{
    wg_program *p = wg_mem_zero(1, sizeof *p);
    if (!p)
        return NULL;
    p->dependent = (wg_dependent){.rewound = rewound, .drop = dropped};
    p->tape = t;
    p->private = private;
    p->in_use = true;
    return p;
}

void wg_program_point_at(wg_program *p, const wg_graph *g)
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

void wg_program_attach(wg_program *p, wg_tensor *const *outputs)
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

/* ---- programs that are found again ---- */

bool wg_program_keep_structure(wg_program *p, wg_structure *s, const wg_graph *g)
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

void wg_program_begin_again(wg_program *p, const wg_graph *g)
{
    wg_program_point_at(p, g);
    renumber(p, g);
    p->bindings = p->tape->bindings - 1; /* pointers are set by the next run */
    p->lost_leaf = p->several = p->ran = p->failed = false;
    p->stats.found++;
}

/* ---- its end ---- */

void wg_program_discard(wg_program *p)
{
    wg_mem_free(p->leaf);
    wg_mem_free(p->structure.word);
    wg_mem_free(p->id);
    wg_mem_free(p->profile);
    wg_pool_free(p->pool);
    wg_mem_free(p->temporaries);
    wg_mem_free(p->kept);
    wg_mem_free(p->env.scratch);
    wg_mem_free(p->relocation);
    wg_arena_free(&p->arena);
    wg_mem_free(p);
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
    wg_program_discard(p);
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
