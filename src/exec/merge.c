/* merge: what is computed twice is computed once.  Two nodes are equal if their op, attributes, dtype, shape and (merged) inputs are. */
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

enum { FEW = 8 }; /* distinct nodes that are looked for by their latest input alone */

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
           && memcmp(wg_graph_inputs(g, a), wg_graph_inputs(g, b), (size_t)x->n * sizeof(int32_t)) == 0;
}

static bool may_merge(const wg_tensor *t)
{
    return !t->leaf && !(t->op->flags & WG_OP_ORDERED) && t->op != &wg_assign_op;
}

static distinct *find(const wg_graph *g, const distinct *table, unsigned h, int32_t k)
{
    unsigned bucket;
    if (!table)
        return NULL;
    HASH_TO_BKT(h, table->hh.tbl->num_buckets, bucket);
    for (UT_hash_handle *hh = table->hh.tbl->buckets[bucket].hh_head; hh; hh = hh->hh_next) {
        distinct *entry = ELMT_FROM_HH(table->hh.tbl, hh);
        if (hh->hashv == h && equal(g, entry->node, k))
            return entry;
    }
    return NULL;
}

/* Equal nodes have equal inputs, so the latest input by itself tells most nodes apart.  Nodes recorded one after the other mostly build
 * on each other, so that their buckets then lie side by side: on a long tape that is worth more than a good mixture.  The first few
 * distinct nodes on an input are kept under its number (filled[] counts them), all others, and those without inputs, under the mixed
 * hash. */
static bool point_at_representatives(wg_graph *g, int32_t *same, unsigned char *filled)
{
    distinct *table = NULL;
    wg_arena entries = {0}; /* gone when the next pass asks for memory */
    bool fine = true;
    for (int32_t k = 0; k < g->count && fine; k++) {
        int32_t *in = g->input + g->node[k].input;
        for (int i = 0; i < g->node[k].n; i++)
            in[i] = same[in[i]];
        same[k] = k;
        if (!may_merge(g->node[k].t))
            continue;
        int32_t latest = latest_input(g, k);
        unsigned h = (unsigned)latest;
        distinct *entry = latest >= 0 ? find(g, table, h, k) : NULL;
        bool full = latest < 0 || filled[latest] == FEW;
        if (!entry && full)
            entry = find(g, table, h = mixed_hash(g, k), k);
        if (entry) {
            same[k] = entry->node;
            continue;
        }
        if (!full)
            filled[latest]++;
        fine = (entry = wg_arena_alloc(&entries, sizeof *entry)) != NULL;
        if (!fine)
            break;
        entry->node = k;
        HASH_ADD_KEYPTR_BYHASHVALUE(hh, table, &entry->node, sizeof entry->node, h, entry);
        fine = entry->hh.tbl != NULL;
    }
    HASH_CLEAR(hh, table);
    wg_arena_free(&entries);
    return fine;
}

/* Drops the nodes that nothing leads to any more and numbers the rest anew. */
static bool compact(wg_graph *g, int32_t *number)
{
    unsigned char *used = wg_mem_zero((size_t)g->count, 1);
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
        g->node[kept++] = g->node[k];
        for (int i = 0; i < g->node[kept - 1].n; i++)
            g->input[g->node[kept - 1].input + i] = number[g->input[g->node[kept - 1].input + i]];
    }
    for (int32_t i = 0; i < g->outputs; i++)
        g->output[i] = number[g->output[i]];
    g->count = kept;
    wg_mem_free(used);
    return true;
}

bool wg_graph_merge(wg_graph *g)
{
    int32_t *same = wg_mem_alloc((size_t)g->count * sizeof *same);
    unsigned char *filled = wg_mem_zero((size_t)g->count, 1);
    bool fine = same && filled && point_at_representatives(g, same, filled);
    for (int32_t i = 0; fine && i < g->outputs; i++)
        g->output[i] = same[g->output[i]];
    fine = fine && compact(g, same);
    wg_mem_free(same);
    wg_mem_free(filled);
    return fine;
}
