/* Compilation, as users ask for it: arguments are looked over; a program of the same structure is
 * taken up again if there is one, else it is built. */
#include "exec/compile.h"

#include <inttypes.h>

#include "core/alloc.h"
#include "exec/program.h"
#include "ops/assign.h"

/* ---- arguments ---- */

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

/* ---- programs ---- */

/* A program built from the slice; NULL when memory runs out. */
static wg_program *built(wg_graph *g, wg_structure *s, const wg_request *r)
{
    wg_program *p = wg_program_new(r->outputs[0]->tape, r->private);
    if (!p)
        return NULL;
    if (!wg_program_keep_structure(p, s, g) || !wg_build(p, g, r)) {
        wg_program_discard(p);
        return NULL;
    }
    wg_tape_attach(p->tape, &p->dependent);
    return p;
}

static wg_program *compile(const wg_request *r)
{
    wg_tape *t = r->outputs[0]->tape;
    wg_arena arena = {0}, scratch = {0};
    wg_graph g;
    wg_structure s = {0};
    wg_program *p = NULL;
    if (wg_graph_slice(&g, &arena, &scratch, r->n, r->outputs) && wg_structure_of(&s, &g, r)) {
        p = wg_reuse_take(t, &s);
        if (p)
            wg_program_begin_again(p, &g);
        else
            p = built(&g, &s, r);
    }
    wg_mem_free(s.word);
    wg_arena_free(&scratch);
    wg_arena_free(&arena);
    if (p)
        wg_program_attach(p, r->outputs);
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
    return compile(&(wg_request){.n = n,
                                 .outputs = outputs,
                                 .options = options ? options : &defaults,
                                 .isa = wg_isa()});
}

wg_program *wg_compile(int n, wg_tensor *const *outputs)
{
    return wg_compile_with(n, outputs, NULL);
}

wg_program *wg_compile_private(wg_tensor *x)
{
    static const wg_compile_options defaults = {0};
    return compile(&(wg_request){
        .n = 1, .outputs = &x, .options = &defaults, .isa = wg_isa(), .private = true});
}
