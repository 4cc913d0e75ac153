/* Kept is what the sweeps read late; of the other values none outlives its neighbours for long.
 * Two ways to keep less are known here:
 *
 * cheap: everything elementwise is made again from what is kept, each where it is read.
 * stretches: the tape is cut into stretches of about as many kept bytes each.  What a later
 * stretch reads is kept, all else is made again, a stretch at a time, when the sweep comes to it
 * (Chen et al., "Training deep nets with sublinear memory cost", 2016).  The last stretch, to
 * which the sweep comes first, is left as it is.
 *
 * How much each takes is estimated; only what the estimate prefers is compiled, and the estimate
 * corrected by what comes out. */
#include "exec/budget.h"

#include <float.h>
#include <string.h>

#include "exec/flops.h"
#include "tape/state.h"

enum { TRIES = 8, SMALLEST = 12, CHOICES = 160 };
enum { OVERHEAD = 200 }; /* of an instruction, in flops */

/* One way to choose. */
typedef struct choice {
    int32_t stretches; /* 0: cheap ones */
    int64_t peak;      /* estimated bytes of what is kept, and of the neediest stretch beside it */
    double cost;       /* flops of what is computed again */
    int64_t bytes;     /* planned, once it was tried */
    bool tried, last;  /* last: among those thought to be smallest */
} choice;

typedef struct fitting {
    const wg_graph *g;
    wg_epochs *e;
    const unsigned char *marked; /* dropped whatever is chosen */
    int64_t *bytes;              /* of each root; 0 for what is kept elsewhere: outputs */
    int32_t *near;               /* the last reader of each root that is not late, or itself */
    unsigned char *saved;        /* whether each root is read late */
    unsigned char *fixed;        /* whether each root is never dropped */
    int64_t *crossing;  /* bytes read on both sides of a cut after each node, twice if not saved */
    int64_t *upto;     /* saved bytes up to each node */
    unsigned char *cut; /* whether a stretch ends after each node */
    unsigned char *again; /* while estimating: whether each root is computed again, */
    unsigned char *kept;  /* or kept to be read late */
} fitting;

/* ---- what there is to choose from ---- */

static bool is_expensive(const wg_tensor *t)
{
    return !t->op->map && !(t->op->flags & WG_OP_RANDOM);
}

/* In flops; an op that counts none is taken for eight on each element that it reads or writes. */
static double cost_of(const wg_tensor *t)
{
    if (t->op->product || t->op->map || t->op->reduce)
        return (double)wg_flops_of(t) + OVERHEAD;
    double elements = (double)wg_shape_count(t->shape);
    for (int i = 0; i < t->n; i++)
        elements += (double)wg_shape_count(t->in[i]->shape);
    return 8 * elements + OVERHEAD;
}

static void find_readers(fitting *f)
{
    const wg_graph *g = f->g;
    const int32_t *root = f->e->root;
    for (int32_t k = 0; k < g->count; k++) {
        f->near[k] = k;
        f->bytes[k] = root[k] == k ? wg_bytes_of(g->node[k].t->shape, g->node[k].t->dtype) : 0;
        f->fixed[k] = root[k] != k || !wg_may_recompute(g, k);
        for (int i = 0; i < g->node[k].n && !(root[k] != k && g->node[k].t->op->view); i++) {
            int32_t r = root[wg_graph_inputs(g, k)[i]];
            if (r >= 0 && wg_reads_late(g, f->e, k, r))
                f->saved[r] = 1;
            else if (r >= 0)
                f->near[r] = k;
        }
    }
    for (int32_t i = 0; i < g->outputs; i++)
        if (root[g->output[i]] == g->output[i]) {
            f->bytes[g->output[i]] = 0;
            f->fixed[g->output[i]] = 1;
        }
}

static void find_crossings(fitting *f)
{
    int64_t upto = 0, open = 0;
    for (int32_t k = 0; k < f->g->count; k++) {
        int64_t bytes = f->saved[k] ? f->bytes[k] : 2 * f->bytes[k];
        f->crossing[k] += bytes;
        f->crossing[f->near[k]] -= bytes;
        upto += f->saved[k] && !f->marked[k] ? f->bytes[k] : 0;
        f->upto[k] = upto;
    }
    for (int32_t k = 0; k < f->g->count; k++)
        f->crossing[k] = open += f->crossing[k];
}

/* ---- choices ---- */

static void drop_cheap(fitting *f)
{
    memset(f->cut, 0, (size_t)f->g->count);
    for (int32_t k = 0; k < f->g->count; k++)
        f->e->drop[k] = f->marked[k] || (!f->fixed[k] && !is_expensive(f->g->node[k].t));
}

/* Cuts about every so many saved bytes, where little crosses.  The place of the last cut, -1 if
 * there is none. */
static int32_t cut_stretches(fitting *f, int32_t stretches)
{
    const int32_t n = f->g->count;
    const double size = (double)f->upto[n - 1] / stretches;
    int32_t k = 0, last = -1;
    memset(f->cut, 0, (size_t)n);
    for (int32_t j = 1; j < stretches; j++) {
        int32_t best = -1;
        double at = j * size, distance = 0;
        while (k < n && (double)f->upto[k] < at - size / 4)
            k++;
        for (; k < n && ((double)f->upto[k] <= at + size / 4 || best < 0); k++) {
            double d = (double)f->upto[k] - at;
            d = d < 0 ? -d : d;
            if (best < 0 || f->crossing[k] < f->crossing[best]
                || (f->crossing[k] == f->crossing[best] && d < distance)) {
                best = k;
                distance = d;
            }
        }
        if (best < 0 || best + 1 == n)
            break;
        f->cut[last = best] = 1;
    }
    return last;
}

static void drop_between(fitting *f, int32_t stretches)
{
    int32_t last = cut_stretches(f, stretches), next = f->g->count;
    for (int32_t k = f->g->count - 1; k >= 0; k--) {
        next = f->cut[k] ? k : next;
        f->e->drop[k] = f->marked[k] || (!f->fixed[k] && k <= last && f->near[k] <= next);
    }
}

static void apply(fitting *f, int32_t stretches)
{
    if (stretches)
        drop_between(f, stretches);
    else
        drop_cheap(f);
}

/* Of what apply left in e->drop. */
static void estimate(fitting *f, choice *c)
{
    const wg_graph *g = f->g;
    const wg_epochs *e = f->e;
    int64_t kept = 0, stretch = 0;
    c->cost = 0;
    c->peak = 0;
    for (int32_t k = 0; k < g->count; k++) {
        f->again[k] = f->saved[k] && e->drop[k];
        f->kept[k] = f->saved[k] && !e->drop[k];
    }
    for (int32_t k = g->count - 1; k >= 0; k--) {
        for (int i = 0; i < g->node[k].n && f->again[k]; i++) {
            int32_t r = e->root[wg_graph_inputs(g, k)[i]];
            if (r >= 0)
                *(e->drop[r] ? &f->again[r] : &f->kept[r]) = 1;
        }
        c->cost += f->again[k] ? cost_of(g->node[k].t) : 0;
    }
    for (int32_t k = 0; k < g->count; k++) {
        kept += f->kept[k] ? f->bytes[k] : 0;
        stretch += f->again[k] && f->saved[k] && c->stretches ? f->bytes[k] : 0;
        c->peak = kept + stretch > c->peak ? kept + stretch : c->peak;
        stretch = f->cut[k] ? 0 : stretch;
    }
}

/* From many stretches to few.  Gives how many choices there are. */
static int32_t list_choices(fitting *f, choice *list)
{
    int32_t n = 0, saved = 0;
    for (int32_t k = 0; k < f->g->count; k++)
        saved += f->saved[k] && !f->marked[k] && f->bytes[k] > 0;
    list[n++] = (choice){0};
    for (int32_t s = saved; s > 1 && n < CHOICES; s -= s / 12 + 1)
        list[n++] = (choice){.stretches = s};
    for (int32_t i = 0; i < n; i++) {
        apply(f, list[i].stretches);
        estimate(f, &list[i]);
    }
    return n;
}

/* The cheapest that has not been tried, costs less than so much and is thought to fit; NULL if
 * there is none. */
static choice *cheapest(choice *list, int32_t n, int64_t room, double below)
{
    choice *best = NULL;
    for (int32_t i = 0; i < n; i++)
        if (!list[i].tried && list[i].peak <= room && list[i].cost < below
            && (!best || list[i].cost < best->cost))
            best = &list[i];
    return best;
}

/* Of those that were not tried for their smallness. */
static choice *smallest(choice *list, int32_t n)
{
    choice *best = NULL;
    for (int32_t i = 0; i < n; i++)
        if (!list[i].last && (!best || list[i].peak < best->peak))
            best = &list[i];
    return best;
}

/* ---- fitting ---- */

static bool try_plan(fitting *f, const wg_budget *budget, int64_t *bytes)
{
    size_t before = f->g->arena->total;
    wg_graph copy;
    wg_drop_views(f->g, f->e);
    bool fine =
        wg_graph_with_copies(&copy, f->g, f->e) && budget->plan(budget->user, &copy, bytes);
    wg_arena_rewind(f->g->arena, before);
    return fine;
}

static bool try_choice(fitting *f, const wg_budget *budget, choice *c)
{
    c->tried = true;
    apply(f, c->stretches);
    return try_plan(f, budget, &c->bytes);
}

/* Tries what is thought to fit, cheapest first, until something does and nothing cheaper is
 * thought to. */
static bool search_cheap(fitting *f, const wg_budget *budget, choice *list, int32_t n, int64_t room,
                         choice **best, int64_t *least)
{
    for (int tries = 0; tries < TRIES; tries++) {
        choice *c = cheapest(list, n, room, *best ? 0.99 * (*best)->cost : DBL_MAX);
        if (!c)
            break;
        if (!try_choice(f, budget, c))
            return false;
        *best = c->bytes <= budget->bytes ? c : *best;
        *least = c->bytes < *least ? c->bytes : *least;
        room = c->peak - (c->bytes - budget->bytes);
    }
    return true;
}

/* What is thought to take the least, whether it was tried before or not: *least then names a
 * budget that will do. */
static bool search_small(fitting *f, const wg_budget *budget, choice *list, int32_t n,
                         choice **best, int64_t *least)
{
    for (int tries = 0; tries < SMALLEST && !*best; tries++) {
        choice *c = smallest(list, n);
        if (!c)
            break;
        c->last = true;
        if (!c->tried && !try_choice(f, budget, c))
            return false;
        *best = c->bytes <= budget->bytes ? c : NULL;
        *least = c->bytes < *least ? c->bytes : *least;
    }
    return true;
}

static bool search(fitting *f, const wg_budget *budget, choice *list, int32_t n, int64_t room,
                   int64_t *least)
{
    choice *best = NULL;
    if (!search_cheap(f, budget, list, n, room, &best, least)
        || (!best && !search_small(f, budget, list, n, &best, least)))
        return false;
    if (best) {
        apply(f, best->stretches);
        wg_drop_views(f->g, f->e);
        *least = best->bytes;
    }
    return true;
}

bool wg_fit_budget(wg_epochs *e, const wg_graph *g, const wg_budget *budget, int64_t *least)
{
    const size_t n = (size_t)g->count;
    fitting f = {.g = g, .e = e};
    if (!try_plan(&f, budget, least))
        return false;
    if (*least <= budget->bytes)
        return true;
    choice *list = wg_arena_alloc(g->arena, CHOICES * sizeof *list), whole = {.stretches = 1};
    f.marked = wg_arena_copy(g->arena, e->drop, n);
    f.bytes = wg_arena_alloc(g->arena, n * sizeof *f.bytes);
    f.near = wg_arena_alloc(g->arena, n * sizeof *f.near);
    f.crossing = wg_arena_zero(g->arena, n, sizeof *f.crossing);
    f.upto = wg_arena_alloc(g->arena, n * sizeof *f.upto);
    f.saved = wg_arena_zero(g->arena, n, 1);
    f.fixed = wg_arena_alloc(g->arena, n);
    f.cut = wg_arena_zero(g->arena, n, 1);
    f.again = wg_arena_alloc(g->arena, n);
    f.kept = wg_arena_alloc(g->arena, n);
    bool fine = list && f.marked && f.bytes && f.near && f.crossing && f.upto && f.saved && f.fixed
                && f.cut && f.again && f.kept;
    if (fine) {
        find_readers(&f);
        find_crossings(&f);
        estimate(&f, &whole); /* what is planned beside what is kept is taken to stay the same */
        int64_t room = budget->bytes - (*least - whole.peak);
        fine = search(&f, budget, list, list_choices(&f, list), room, least);
    }
    return fine;
}
