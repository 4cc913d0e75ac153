/* merge: what is computed twice is computed once.  Two nodes are equal if their op, attributes,
 * dtype, shape and (merged) inputs are. */
#include <string.h>

#include "core/hash.h"
#include "exec/graph.h"
#include "ops/assign.h"

/* One distinct node.  The hash is over everything that equality is over. */
typedef struct distinct {
    UT_hash_handle hh;
    int32_t node;
} distinct;

static unsigned mix(unsigned h, const void *bytes, size_t n)
{
    unsigned v;
    HASH_JEN(bytes, (unsigned)n, v);
    return (h ^ v) * 0x9E3779B1u + (h >> 15);
}

enum { FEW = 8 }; /* distinct nodes on one input that are kept in a list of its own */

/* The latest of the node's inputs; -1 if it has none. */
static int32_t latest_input(const wg_graph *g, int32_t k)
{
    int32_t latest = -1;
    for (int i = 0; i < g->node[k].n; i++)
        if (wg_graph_inputs(g, k)[i] > latest)
            latest = wg_graph_inputs(g, k)[i];
    return latest;
}

/* Over everything that equality is over. */
static unsigned mixed_hash(const wg_graph *g, int32_t k)
{
    const wg_tensor *t = g->node[k].t;
    unsigned h = mix((unsigned)t->dtype, &t->op, sizeof t->op);
    h = mix(h, t->shape.dim, (size_t)t->shape.rank * sizeof *t->shape.dim);
    if (t->op->attr_size)
        h = mix(h, t->attr, t->op->attr_size);
    return t->n ? mix(h, wg_graph_inputs(g, k), (size_t)t->n * sizeof(int32_t)) : h;
}

static bool equal(const wg_graph *g, int32_t a, int32_t b)
{
    const wg_tensor *x = g->node[a].t, *y = g->node[b].t;
    return x->op == y->op && x->n == y->n && x->dtype == y->dtype && x->shape.rank == y->shape.rank
           && memcmp(&x->shape, &y->shape, sizeof x->shape) == 0
           && (!x->op->attr_size || memcmp(x->attr, y->attr, x->op->attr_size) == 0)
           && memcmp(wg_graph_inputs(g, a), wg_graph_inputs(g, b), (size_t)x->n * sizeof(int32_t))
                  == 0;
}

static bool may_merge(const wg_tensor *t)
{
    return !t->leaf && !(t->op->flags & WG_OP_ORDERED) && t->op != &wg_assign_op;
}

/* Distinct nodes met so far.  Equal nodes have equal inputs, so the latest input by itself tells
 * most nodes apart: the first few on an input are a list of its own, close at hand for the nodes
 * that are recorded soon after; all others, and those without inputs, are in the hash table. */
typedef struct known {
    int32_t *first, *next; /* of each node: the lists, by latest input */
    unsigned char *length;
    distinct *table;
    wg_arena entries;
} known;

static int32_t find_listed(const wg_graph *g, const known *d, int32_t latest, int32_t k)
{
    int32_t at = d->first[latest];
    for (int i = 0; i < d->length[latest]; i++, at = d->next[at])
        if (equal(g, at, k))
            return at;
    return -1;
}

static int32_t find_hashed(const wg_graph *g, const known *d, unsigned h, int32_t k)
{
    unsigned bucket;
    if (!d->table)
        return -1;
    HASH_TO_BKT(h, d->table->hh.tbl->num_buckets, bucket);
    for (UT_hash_handle *hh = d->table->hh.tbl->buckets[bucket].hh_head; hh; hh = hh->hh_next) {
        const distinct *entry = ELMT_FROM_HH(d->table->hh.tbl, hh);
        if (hh->hashv == h && equal(g, entry->node, k))
            return entry->node;
    }
    return -1;
}

static bool add_hashed(known *d, unsigned h, int32_t k)
{
    distinct *entry = wg_arena_alloc(&d->entries, sizeof *entry);
    if (!entry)
        return false;
    entry->node = k;
    HASH_ADD_KEYPTR_BYHASHVALUE(hh, d->table, &entry->node, sizeof entry->node, h, entry);
    return entry->hh.tbl != NULL;
}

/* The node equal to k that was met before, or k itself,
 * which is then remembered; -1 when memory runs out. */
static int32_t representative(const wg_graph *g, known *d, int32_t k)
{
    int32_t latest = latest_input(g, k), found = latest >= 0 ? find_listed(g, d, latest, k) : -1;
    if (found >= 0)
        return found;
    if (latest >= 0 && d->length[latest] < FEW) {
        d->next[k] = d->first[latest];
        d->first[latest] = k;
        d->length[latest]++;
        return k;
    }
    unsigned h = mixed_hash(g, k);
    found = find_hashed(g, d, h, k);
    return found >= 0 ? found : add_hashed(d, h, k) ? k : -1;
}

static bool point_at_representatives(wg_graph *g, int32_t *same)
{
    size_t n = (size_t)g->count;
    known d = {wg_arena_alloc(g->scratch, n * sizeof *d.first),
               wg_arena_alloc(g->scratch, n * sizeof *d.next),
               wg_arena_zero(g->scratch, n, 1),
               NULL,
               {0}};
    bool fine = d.first && d.next && d.length;
    for (int32_t k = 0; k < g->count && fine; k++) {
        int32_t *in = g->input + g->node[k].input;
        for (int i = 0; i < g->node[k].n; i++)
            in[i] = same[in[i]];
        same[k] = may_merge(g->node[k].t) ? representative(g, &d, k) : k;
        fine = same[k] >= 0;
    }
    HASH_CLEAR(hh, d.table);
    wg_arena_free(&d.entries);
    return fine;
}

/* Drops the nodes that nothing leads to any more and numbers the rest anew. */
static bool compact(wg_graph *g, int32_t *number)
{
    unsigned char *used = wg_arena_zero(g->scratch, (size_t)g->count, 1);
    if (!used)
        return false;
    for (int32_t i = 0; i < g->outputs; i++)
        used[g->output[i]] = 1;
    for (int32_t k = g->count - 1; k >= 0; k--)
        for (int i = 0; used[k] && i < g->node[k].n; i++)
            used[wg_graph_inputs(g, k)[i]] = 1;
    int32_t kept = 0;
    for (int32_t k = 0; k < g->count; k++) {
        if (!used[k])
            continue;
        number[k] = kept;
        if (g->recomputed)
            g->recomputed[kept] = g->recomputed[k];
        g->node[kept++] = g->node[k];
        for (int i = 0; i < g->node[kept - 1].n; i++)
            g->input[g->node[kept - 1].input + i] = number[g->input[g->node[kept - 1].input + i]];
    }
    for (int32_t i = 0; i < g->outputs; i++)
        g->output[i] = number[g->output[i]];
    g->count = kept;
    return true;
}

bool wg_graph_drop_unused(wg_graph *g)
{
    size_t before = g->scratch->total;
    int32_t *number = wg_arena_alloc(g->scratch, (size_t)g->count * sizeof *number);
    bool fine = number && compact(g, number);
    wg_arena_rewind(g->scratch, before);
    return fine;
}

bool wg_graph_merge(wg_graph *g)
{
    size_t before = g->scratch->total;
    int32_t *same = wg_arena_alloc(g->scratch, (size_t)g->count * sizeof *same);
    bool fine = same && point_at_representatives(g, same);
    for (int32_t i = 0; fine && i < g->outputs; i++)
        g->output[i] = same[g->output[i]];
    fine = fine && compact(g, same);
    wg_arena_rewind(g->scratch, before);
    return fine;
}
