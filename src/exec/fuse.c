/* fuse: chains and trees of elementwise steps become one.  A step takes in the producer of an operand if it is the only reader of the
 * result, reads it in order, and has as many elements of the same shape.  Since nothing else waits for the producer, it may as well run
 * when its reader does, so the order of the others is left as it is. */
#include <string.h>

#include "exec/instr.h"
#include "exec/lower.h"

enum { MAX_MICROS = 16 };

typedef struct fusion {
    wg_lowered *l;
    int32_t *uses; /* of each buffer, by operands, outputs and commits */
    bool *gone;    /* steps taken in by others */
} fusion;

static bool is_elementwise(const wg_step *s)
{
    return s->t->op->map && !s->copy && s->n <= WG_MICRO_ARGS;
}

static const wg_step *fusable_producer(const fusion *f, const wg_step *s, const wg_operand *x)
{
    const wg_buffer *b = &f->l->buffer[x->buffer];
    if (x->view || b->segment != WG_TEMPORARY || b->producer < 0 || f->uses[x->buffer] != 1)
        return NULL;
    const wg_step *p = &f->l->step[b->producer];
    bool fits = (p->micros || is_elementwise(p)) && !p->copy
                && memcmp(&p->t->shape, &s->t->shape, sizeof p->t->shape) == 0;
    return fits ? p : NULL;
}

/* A step in the making. */
typedef struct draft {
    wg_micro micro[MAX_MICROS];
    wg_operand in[WG_MAX_OPERANDS];
    int32_t micros, n;
} draft;

static int operand_index(draft *d, wg_operand x)
{
    for (int i = 0; i < d->n; i++)
        if (d->in[i].buffer == x.buffer && d->in[i].view == x.view)
            return i;
    if (d->n == WG_MAX_OPERANDS)
        return -1;
    d->in[d->n] = x;
    return d->n++;
}

/* Adds what the step does, its micro-ops or its op, to the draft; false if there is no room.  inner[i]: micro-op that gives operand i,
 * or -1. */
static bool append(draft *d, const fusion *f, const wg_step *s, const int *inner)
{
    int first = d->micros;
    for (int k = 0; k < (s->micros ? s->micros : 1); k++) {
        if (d->micros == MAX_MICROS)
            return false;
        wg_micro *m = &d->micro[d->micros++];
        if (s->micros)
            *m = s->micro[k];
        else
            *m = (wg_micro){
                .t = s->t, .from = (wg_dtype)f->l->buffer[s->in[0].buffer].dtype, .arg = {0, 1, 2}};
        for (int a = 0; a < m->t->n; a++) {
            int from = m->arg[a];
            if (from < 0)
                m->arg[a] = (int8_t)~(~from + first);
            else if (inner && inner[from] >= 0)
                m->arg[a] = (int8_t)~inner[from];
            else if ((from = operand_index(d, s->in[from])) >= 0)
                m->arg[a] = (int8_t)from;
            else
                return false;
        }
    }
    return true;
}

/* Takes in as many producers as there is room for, from the first operand on. */
static bool grow(const fusion *f, const wg_step *s, draft *d, bool taken[WG_MICRO_ARGS])
{
    int inner[WG_MICRO_ARGS] = {-1, -1, -1};
    bool any = false;
    *d = (draft){0};
    for (int i = 0; i < s->n; i++) {
        const wg_step *p = taken[i] ? fusable_producer(f, s, &s->in[i]) : NULL;
        if (!p)
            continue;
        if (!append(d, f, p, NULL))
            return false;
        inner[i] = d->micros - 1;
        any = true;
    }
    return any && append(d, f, s, inner);
}

/* Tries all operands, then each by itself. */
static bool plan(const fusion *f, const wg_step *s, draft *d, bool taken[WG_MICRO_ARGS])
{
    for (int only = -1; only < s->n; only++) {
        for (int i = 0; i < WG_MICRO_ARGS; i++)
            taken[i] = only < 0 || i == only;
        if (grow(f, s, d, taken))
            return true;
    }
    return false;
}

static bool fuse_into(fusion *f, wg_step *s)
{
    draft d;
    bool taken[WG_MICRO_ARGS];
    if (!is_elementwise(s) || !plan(f, s, &d, taken))
        return true;
    wg_micro *micro = wg_arena_copy(f->l->arena, d.micro, (size_t)d.micros * sizeof *micro);
    wg_operand *in = wg_arena_copy(f->l->arena, d.in, (size_t)d.n * sizeof *in);
    if (!micro || !in)
        return false;
    for (int i = 0; i < s->n; i++)
        if (taken[i] && fusable_producer(f, s, &s->in[i]))
            f->gone[f->l->buffer[s->in[i].buffer].producer] = true;
    s->micro = micro;
    s->micros = d.micros;
    s->in = in;
    s->n = d.n;
    return true;
}

/* Closes the gaps.  The buffers between fused steps are left without a producer or a reader, and so get no memory. */
static void compact(fusion *f)
{
    wg_lowered *l = f->l;
    int32_t kept = 0;
    for (int32_t s = 0; s < l->steps; s++) {
        l->buffer[l->step[s].out].producer = f->gone[s] ? -1 : kept;
        if (!f->gone[s])
            l->step[kept++] = l->step[s];
    }
    l->steps = kept;
}

bool wg_fuse(wg_lowered *l)
{
    size_t before = l->scratch->total;
    fusion f = {l, wg_arena_zero(l->scratch, (size_t)l->buffers, sizeof *f.uses),
                wg_arena_zero(l->scratch, (size_t)l->steps, 1)};
    bool fine = f.uses && f.gone;
    if (fine) {
        for (int32_t s = 0; s < l->steps; s++)
            for (int32_t i = 0; i < l->step[s].n; i++)
                f.uses[l->step[s].in[i].buffer]++;
        for (int32_t i = 0; i < l->outputs; i++)
            f.uses[l->output[i]]++;
        for (int32_t c = 0; c < l->commits; c++)
            f.uses[l->commit[c].buffer]++;
    }
    for (int32_t s = 0; fine && s < l->steps; s++)
        fine = fuse_into(&f, &l->step[s]);
    if (fine)
        compact(&f);
    wg_arena_rewind(l->scratch, before);
    return fine;
}
