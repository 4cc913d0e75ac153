/* fuse: steps become groups, groups become larger groups, and each that is left becomes a step.
 *
 * Groups stand in a list in which each comes after all that it depends on.  Two may become one if
 * no third stands between them that depends on the first and that the second depends on: what the
 * second needs and stands behind the first is then moved in front of the first, which is a short
 * walk backwards from the second's operands.
 *
 * A value that one other step reads is taken in by its reader first: that saves its way through
 * memory and nothing else changes.  Only then are groups joined whose values others read too, so
 * that a step which belongs to the backward part does not end in the forward part because it reads
 * an activation. */
#include <string.h>

#include "exec/group_store.h"
#include "exec/instr.h"

enum {
    FAR = 48,  /* groups to look at before two are left apart */
    WIDE = 64, /* operands of one that nobody looks past: a concat of thousands */
    NEAR = 16 /* steps within which a value may wait for its reader with all that it is made of */
};
static const int64_t GAP = (int64_t)1 << 30;

typedef struct member {
    int32_t prev, next; /* the list, by first step of each group; -1 ends it */
    int32_t leader;     /* towards the step that stands for the group */
    uint32_t seen;
    int64_t label;      /* grows along the list */
    wg_stored_group *group; /* of a leader with company */
} member;

typedef struct fusion {
    wg_lowered *l;
    int32_t *uses; /* of each buffer, by operands, outputs and commits */
    member *m;
    wg_group_store store;
    uint32_t walk; /* the number of the present one */
    int32_t between[FAR];
    int32_t betweens;
} fusion;

static int32_t leader_of(fusion *f, int32_t s)
{
    while (f->m[s].leader != s)
        s = f->m[s].leader = f->m[f->m[s].leader].leader;
    return s;
}

/* Of the list. */
static int32_t first_of(fusion *f)
{
    int32_t s = 0;
    while (leader_of(f, s) != s || f->m[s].prev >= 0)
        s++;
    return s;
}

static int32_t maker(fusion *f, int32_t buffer)
{
    int32_t p = f->l->buffer[buffer].producer;
    return p < 0 ? -1 : leader_of(f, p);
}

/* ---- the list ---- */

static void unlink_member(fusion *f, int32_t s)
{
    member *m = f->m;
    if (m[s].prev >= 0)
        m[m[s].prev].next = m[s].next;
    if (m[s].next >= 0)
        m[m[s].next].prev = m[s].prev;
}

static const wg_operand *operands(const fusion *f, int32_t s, int32_t *n)
{
    const wg_stored_group *g = f->m[s].group;
    *n = g ? g->n : f->l->step[s].n;
    return g ? g->in : f->l->step[s].in;
}

/* Collects what `s` depends on and stands behind `first`; false if `first` is met, or there is too
 * much to look at.  The direct way from s to first is no obstacle. */
static bool look_back(fusion *f, int32_t first, int32_t s)
{
    f->betweens = 0;
    f->walk++;
    for (int32_t at = -1; at < f->betweens; at++) {
        int32_t n;
        const wg_operand *x = operands(f, at < 0 ? s : f->between[at], &n);
        if (n > WIDE)
            return false;
        for (int32_t i = 0; i < n; i++) {
            int32_t p = maker(f, x[i].buffer);
            if (p < 0 || p == s || f->m[p].label < f->m[first].label || f->m[p].seen == f->walk)
                continue;
            if (p == first) {
                if (at >= 0)
                    return false;
                continue;
            }
            if (f->betweens == FAR)
                return false;
            f->m[p].seen = f->walk;
            f->between[f->betweens++] = p;
        }
    }
    return true;
}

/* Moves what look_back found in front of `first`, in the order in which it stands; false if there
 * is no room between two labels. */
static bool move_before(fusion *f, int32_t first)
{
    member *m = f->m;
    int64_t low = m[first].prev >= 0 ? m[m[first].prev].label : m[first].label - GAP;
    int64_t gap = (m[first].label - low) / (f->betweens + 1);
    if (gap < 1)
        return false;
    for (int32_t i = 1; i < f->betweens; i++) /* few, and nearly in reverse */
        for (int32_t k = i; k > 0 && m[f->between[k]].label < m[f->between[k - 1]].label; k--) {
            int32_t swap = f->between[k];
            f->between[k] = f->between[k - 1];
            f->between[k - 1] = swap;
        }
    for (int32_t i = 0; i < f->betweens; i++) {
        int32_t s = f->between[i], prev = m[first].prev;
        unlink_member(f, s);
        m[s].prev = prev;
        m[s].next = first;
        m[first].prev = s;
        if (prev >= 0)
            m[prev].next = s;
        m[s].label = low + gap * (i + 1);
    }
    return true;
}

/* ---- joining ---- */

static bool group_of(const fusion *f, int32_t s, wg_group *g)
{
    if (!f->m[s].group)
        return wg_group_of(g, f->l, &f->l->step[s]);
    wg_group_get(f->m[s].group, g);
    return true;
}

/* What nothing else reads may as well be done when its reader is; else the reader must be brought
 * to where the value is made. */
static bool bring_together(fusion *f, int32_t first, int32_t second, bool only)
{
    return only || (look_back(f, first, second) && (f->betweens == 0 || move_before(f, first)));
}

/* false when memory runs out. */
static bool join(fusion *f, int32_t first, int32_t second, bool only)
{
    wg_group a, b, both;
    if (!group_of(f, first, &a) || !group_of(f, second, &b)
        || !wg_group_join(&both, &a, &b) || !bring_together(f, first, second, only))
        return true;
    member *m = f->m;
    const int32_t stays = only ? second : first, goes = only ? first : second;
    wg_group_give_back(&f->store, m[goes].group);
    m[goes].group = NULL;
    if (!(m[stays].group = wg_group_put(&f->store, &both, m[stays].group)))
        return false;
    unlink_member(f, goes);
    m[goes].leader = stays;
    return true;
}

/* Whether more bytes wait for the reader if the group waits with it: what it alone reads is then
 * kept instead of what it makes. */
static bool keeps_more(const fusion *f, int32_t s, int64_t made)
{
    int32_t n;
    int64_t kept = 0;
    const wg_operand *x = operands(f, s, &n);
    for (int32_t i = 0; i < n; i++) {
        const wg_buffer *b = &f->l->buffer[x[i].buffer];
        kept += b->segment == WG_TEMPORARY && f->uses[x[i].buffer] == 1 ? b->bytes : 0;
    }
    return kept > made;
}

static bool has_product(const fusion *f, int32_t s)
{
    const wg_stored_group *g = f->m[s].group;
    return g ? wg_group_micros(g)->t->op->product : wg_step_has_product(&f->l->step[s]);
}

static bool join_maker(fusion *f, int32_t step, const wg_operand *x, bool only)
{
    const wg_buffer *b = &f->l->buffer[x->buffer];
    const int32_t at = leader_of(f, step), p = maker(f, x->buffer);
    if (p < 0 || p == at || b->segment != WG_TEMPORARY || (only && f->uses[x->buffer] != 1))
        return true;
    if (only && f->m[at].label - f->m[p].label > NEAR * GAP && keeps_more(f, p, b->bytes))
        return true;
    return join(f, p, at, only);
}

/* Takes in the makers of the step's operands, products first; `only`:
 * those whose value nothing else reads. */
static bool join_makers(fusion *f, int32_t step, bool only)
{
    const wg_step *s = &f->l->step[step];
    for (int products = 1; products >= 0; products--)
        for (int32_t i = s->n - 1; i >= 0; i--) {
            const int32_t p = maker(f, s->in[i].buffer);
            if (p >= 0 && has_product(f, p) == products && !join_maker(f, step, &s->in[i], only))
                return false;
        }
    return true;
}

/* ---- reductions of the same rows ---- */

/* Whether all that the step gives are results of reductions of rows: it may run sooner than it
 * stands at little cost in memory. */
static bool gives_results_alone(const fusion *f, int32_t s, wg_group *g)
{
    if (!group_of(f, s, g) || !g->reduced || !wg_reduces_rows(g->over, g->reduced))
        return false;
    for (int k = 0; k < g->micros; k++) {
        int32_t inside = 0;
        for (int i = 0; i < g->micros; i++)
            for (int a = 0; a < g->micro[i].t->n; a++)
                inside += g->micro[i].arg[a] == ~k;
        if (!g->micro[k].kept && f->uses[g->micro[k].result] != inside)
            return false;
    }
    return true;
}

static bool works_on_elements(const fusion *f, int32_t s)
{
    const wg_stored_group *g = f->m[s].group;
    bool works = false;
    for (int32_t k = 0; g && k < g->micros; k++)
        works = works || !wg_group_micros(g)[k].kept;
    return works;
}

/* Reductions of one tensor over the same axes are one pass over it, as mean and variance are; but
 * those of what lies in memory are as fast one after the other. */
static bool join_siblings(fusion *f, int32_t first)
{
    const wg_lowered *l = f->l;
    /* of each buffer, the latest such step that reads it */
    int32_t *last = wg_arena_alloc(l->scratch, (size_t)l->buffers * sizeof *last);
    if (!last)
        return false;
    for (int32_t b = 0; b < l->buffers; b++)
        last[b] = -1;
    for (int32_t s = first, next; s >= 0; s = next) {
        wg_group g;
        next = f->m[s].next;
        if (!gives_results_alone(f, s, &g))
            continue;
        for (int i = 0; i < g.n && leader_of(f, s) == s; i++) {
            const int32_t before = last[g.in[i].buffer];
            if (before >= 0 && leader_of(f, before) == before && before != s && !g.in_kept[i]
                && (works_on_elements(f, before) || works_on_elements(f, s))
                && !join(f, before, s, false))
                return false;
        }
        for (int i = 0; i < g.n; i++)
            if (!g.in_kept[i])
                last[g.in[i].buffer] = leader_of(f, s);
    }
    return true;
}

/* ---- groups to steps ---- */

/* Results that the group's own micro-ops alone read need no memory. */
static void forget_inner_results(const fusion *f, wg_group *g)
{
    int32_t inside[WG_MAX_MICROS] = {0};
    for (int k = 0; k < g->micros; k++)
        for (int a = 0; a < g->micro[k].t->n; a++)
            if (g->micro[k].arg[a] < 0)
                inside[~g->micro[k].arg[a]]++;
    for (int k = 0; k < g->micros; k++)
        if (inside[k] && f->uses[g->micro[k].result] == inside[k])
            g->micro[k].result = -1;
}

static bool write_step(fusion *f, wg_step *s, wg_group *g, int32_t at)
{
    wg_lowered *l = f->l;
    forget_inner_results(f, g);
    const wg_micro *last = &g->micro[g->micros - 1];
    wg_micro *micro = wg_arena_copy(l->arena, g->micro, (size_t)g->micros * sizeof *micro);
    wg_operand *in = wg_arena_copy(l->arena, g->in, (size_t)g->n * sizeof *in);
    if (!micro || !in)
        return false;
    *s = (wg_step){.t = (wg_tensor *)last->t,
                   .in = in,
                   .n = g->n,
                   .micros = g->micros,
                   .micro = micro,
                   .over = g->over,
                   .reduced = g->reduced,
                   .recomputed = g->recomputed,
                   .out = last->result};
    for (int k = 0; k < g->micros; k++)
        if (micro[k].result >= 0)
            l->buffer[micro[k].result].producer = at;
    return true;
}

/* The steps in the list's order.  Buffers inside groups are left without a producer or a reader,
 * and so get no memory. */
static bool write_steps(fusion *f, int32_t first, int32_t groups)
{
    wg_lowered *l = f->l;
    wg_step *step = wg_arena_alloc(l->scratch, (size_t)groups * sizeof *step);
    if (!step)
        return false;
    for (int32_t s = 0; s < l->steps; s++)
        if (leader_of(f, s) != s || f->m[s].group)
            l->buffer[l->step[s].out].producer = -1;
    int32_t at = 0;
    for (int32_t s = first; s >= 0; s = f->m[s].next, at++) {
        if (f->m[s].group) {
            wg_group g;
            wg_group_get(f->m[s].group, &g);
            if (!write_step(f, &step[at], &g, at))
                return false;
        } else {
            step[at] = l->step[s];
            l->buffer[step[at].out].producer = at;
        }
    }
    memcpy(l->step, step, (size_t)groups * sizeof *step);
    l->steps = groups;
    return true;
}

static bool fuse(fusion *f)
{
    wg_lowered *l = f->l;
    for (int32_t s = 0; s < l->steps; s++)
        f->m[s] = (member){.prev = s - 1,
                           .next = s + 1 < l->steps ? s + 1 : -1,
                           .leader = s,
                           .label = s * GAP};
    wg_count_reads(l, f->uses);
    for (int only = 1; only >= 0; only--)
        for (int32_t s = 0; s < l->steps; s++)
            if (!join_makers(f, s, only))
                return false;
    if (!join_siblings(f, first_of(f)))
        return false;
    const int32_t first = first_of(f); /* another, if what followed was moved ahead of it */
    int32_t groups = 0;
    for (int32_t s = first; s >= 0; s = f->m[s].next)
        groups++;
    return write_steps(f, first, groups);
}

bool wg_fuse(wg_lowered *l)
{
    size_t before = l->scratch->total;
    fusion f = {.l = l,
                .store = {.arena = l->scratch},
                .uses = wg_arena_zero(l->scratch, (size_t)l->buffers, sizeof *f.uses),
                .m = wg_arena_alloc(l->scratch, (size_t)l->steps * sizeof *f.m)};
    bool fine = l->steps == 0 || (f.uses && f.m && fuse(&f));
    wg_arena_rewind(l->scratch, before);
    return fine;
}
