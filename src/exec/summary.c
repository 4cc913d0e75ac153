/* What a program consists of, in numbers and as a list. */
#include <inttypes.h>
#include <string.h>

#include "core/shape.h"
#include "exec/flops.h"
#include "exec/program.h"
#include "ops/index.h"
#include "ops/window_add.h"

static int64_t flops_of_step(const wg_step *s)
{
    int64_t flops = s->joint || s->micros || s->copy ? 0 : wg_flops_of(s->t);
    for (int32_t k = 0; k < s->micros; k++)
        flops = wg_add_flops(flops, wg_flops_of(s->micro[k].t));
    for (int32_t p = 0; s->joint && p < s->together->parts; p++)
        flops = wg_add_flops(flops, flops_of_step(s->together->part[p]));
    return flops;
}

enum { MANY = 6 }; /* ops whose names a summary gives */

/* matmul+add+tanh: the ops of a fused step; NULL when memory runs out. */
static const char *names_of(wg_arena *arena, const wg_step *s)
{
    char text[MANY * 32 + 16];
    int at = 0;
    const int32_t ops = wg_step_ops(s);
    if (ops == 1)
        return wg_step_op(s, 0)->op->name;
    for (int32_t k = 0; k < ops && k < MANY; k++)
        at += snprintf(text + at, 33, "%s%.30s", k ? "+" : "", wg_step_op(s, k)->op->name);
    if (ops > MANY)
        at += snprintf(text + at, 16, "+%d more", (int)ops - MANY);
    return wg_arena_copy(arena, text, (size_t)at + 1);
}

_Static_assert(WG_MOST_TOGETHER <= UINT8_MAX, "a note counts its parts, and its ops, in a byte");

static bool note_parts(wg_note *note, wg_arena *arena, const wg_lowered *l, const wg_joint *g)
{
    note->parts = (uint8_t)g->parts;
    note->part = wg_arena_alloc(arena, (size_t)g->parts * sizeof *note->part);
    for (int32_t p = 0; note->part && p < g->parts; p++)
        if (!wg_note_step(&note->part[p], p ? &note->part[p - 1] : note, arena, l, g->part[p]))
            return false;
    return note->part != NULL;
}

/* Bytes of the i-th operand that the step has to read: of a window its own, of a broadcast each
 * element once, of a table the rows that are taken. */
static int64_t bytes_read(const wg_lowered *l, const wg_step *s, int32_t i)
{
    const wg_buffer *b = &l->buffer[s->in[i].buffer];
    const wg_strided *v = s->in[i].view;
    int64_t bytes = b->bytes, seen = (int64_t)wg_dtype_size((wg_dtype)b->dtype);
    for (int64_t d = 0; v && d < v->shape->rank; d++)
        seen *= v->stride[d] || v->shape->dim[d] == 0 ? v->shape->dim[d] : 1;
    bytes = v && seen < bytes ? seen : bytes;
    if (i > 0 || s->micros || s->joint || s->copy || !wg_reads_by_index(s->t))
        return bytes;
    const int64_t taken = l->buffer[s->out].bytes;
    return taken < bytes ? taken : bytes;
}

/* Bytes that the step reads and writes.  A window in place leaves what is beside it alone. */
static int64_t bytes_of(const wg_lowered *l, const wg_step *s)
{
    int32_t result[WG_MAX_RESULTS], results = wg_step_results(s, result);
    int64_t bytes = 0;
    if (!s->micros && !s->joint && !s->copy && s->t->op == &wg_window_add_op
        && wg_same_memory(l, s->in[0].buffer, s->out))
        return 3 * bytes_read(l, s, 1);
    for (int32_t r = 0; r < results; r++)
        bytes += l->buffer[result[r]].bytes;
    for (int32_t i = 0; i < s->n; i++)
        bytes += bytes_read(l, s, i);
    return bytes;
}

/* `, reading "w", "labels"`: the operands that have a label or a name; "" if none has, NULL when
 * memory runs out. */
static const char *reads_of(wg_arena *arena, const wg_lowered *l, const wg_step *s)
{
    char text[160] = "";
    size_t used = 0;
    for (int32_t i = 0; i < s->n && used < sizeof text - 1; i++) {
        const wg_leaf *leaf = l->buffer[s->in[i].buffer].leaf;
        const wg_tensor *x = leaf && !s->t->in[i]->label ? leaf->node : s->t->in[i];
        const char *name = x->label ? x->label : wg_name(x);
        if (name)
            used += (size_t)snprintf(text + used, sizeof text - used, "%s\"%.40s\"",
                                     used ? ", " : ", reading ", name);
    }
    return wg_arena_copy(arena, text, strlen(text) + 1);
}

bool wg_note_step(wg_note *note, const wg_note *before, wg_arena *arena, const wg_lowered *l,
                  const wg_step *s)
{
    const bool tiny = s->joint;
    if (tiny && s->together->parts == 1)
        s = s->together->part[0]; /* tells all that there is to tell */
    const wg_tensor *t = s->t;
    const wg_shape *over = s->micros ? s->over : &t->shape;
    /* rank and extents, as they lie in a wg_shape */
    size_t size = (size_t)(over->rank + 1) * sizeof(int64_t);
    bool same = before && before->extents[0] == over->rank
                && memcmp(before->extents, over, size) == 0;
    const int64_t *extents = same ? before->extents : wg_arena_copy(arena, over, size);
    const char *names = names_of(arena, s);
    const bool may_fail = wg_step_may_fail(s);
    const char *reads = may_fail ? reads_of(arena, l, s) : NULL;
    if (!extents || !names || (may_fail && !reads))
        return false;
    *note = (wg_note){
        .op = names,
        .label = t->label ? t->label : wg_name(t),
        .origin = t->origin ? t->origin->op->name : NULL,
        .reads = reads,
        .extents = extents,
        .flops = flops_of_step(s),
        .bytes = bytes_of(l, s),
        .id = t->id,
        .dtype = (uint8_t)t->dtype,
        .fused = (uint8_t)(s->micros || tiny ? wg_step_ops(s) : 0),
        .tiny = tiny,
        .copy = s->copy,
        .update = s->update,
        .recomputed = s->recomputed,
    };
    return !s->joint || note_parts(note, arena, l, s->together);
}

wg_program_stats wg_stats(const wg_program *p)
{
    return p ? p->stats : (wg_program_stats){0};
}

/* A line of the list; without a number of its own (< 0) it is part of the one above. */
static void write_note(const wg_note *n, int32_t number, FILE *out)
{
    wg_shape shape = wg_make_shape(n->extents[0], n->extents + 1);
    char text[200], what[160], place[16] = "     ";
    if (number >= 0)
        snprintf(place, sizeof place, "%5d", (int)number);
    snprintf(what, sizeof what, "%s%.120s#%d", n->copy ? "copy of " : "", n->op, (int)n->id);
    fprintf(out, "%s  %-28s %s %-18s %12" PRId64 " flops", place, what,
            wg_dtype_name((wg_dtype)n->dtype), wg_shape_text(shape, text, sizeof text), n->flops);
    if (number >= 0)
        fprintf(out, " %12" PRId64 " bytes", n->bytes);
    fputs(n->update ? "  in place" : "", out);
    if (n->tiny)
        fprintf(out, "  %d op%s of one vector%s", n->fused, n->fused == 1 ? "" : "s",
                n->parts ? ":" : "");
    else if (n->fused)
        fprintf(out, "  %d ops in one pass", n->fused);
    if (n->label && !n->parts)
        fprintf(out, "  \"%s\"", n->label);
    if (n->recomputed)
        fputs("  recomputed", out);
    if (n->origin && !n->parts)
        fprintf(out, "  adjoint of %s", n->origin);
    fputc('\n', out);
}

wg_status wg_summary(const wg_program *p, FILE *out)
{
    if (!p || !out)
        return p ? wg_keep_error(p->tape, WG_ERR_ARGUMENT, "summary: wants a file, got NULL")
                 : WG_ERR_ARGUMENT;
    const wg_program_stats *s = &p->stats;
    fprintf(out,
            "program: %" PRId64 " nodes, %" PRId64 " instructions, %d outputs, %d assignments\n",
            s->nodes, s->instructions, (int)p->outputs, (int)p->commits);
    fprintf(out, "a run: %" PRId64 " flops, %" PRId64 " bytes read and written\n", s->flops,
            s->bytes_moved);
    fprintf(out,
            "buffers: %" PRId64 " bytes planned, lower bound %" PRId64 "; outputs %" PRId64
            " bytes, scratch %" PRId64 " bytes\n",
            s->planned_bytes, s->lower_bound, s->output_bytes, s->scratch_bytes);
    if (s->recomputed)
        fprintf(out, "recomputed: %" PRId64 " instructions\n", s->recomputed);
    for (int32_t k = 0; k < p->instrs; k++) {
        const wg_note *n = &p->note[k];
        write_note(n, k, out);
        for (int32_t i = 0; i < n->parts; i++)
            write_note(&n->part[i], -1, out);
    }
    return ferror(out) ? WG_ERR_IO : WG_OK;
}
