#include "exec/reuse.h"

#include <string.h>

#include "core/alloc.h"
#include "core/shape.h"
#include "exec/program.h"

enum { MOST_KEPT = 64, MOST_BYTES = 1 << 26 }; /* of a tape's programs that nobody uses */

/* ---- structures ---- */

enum { SAME_AS_INPUT = 1, CALLED = 2, ADJOINT = 4 }; /* what of a node is, or is not, told */

static const char *called(const wg_tensor *t)
{
    return t->label ? t->label : wg_name(t);
}

static uint64_t told_of(const wg_tensor *t)
{
    return (t->n && wg_same_shape(&t->shape, &t->in[0]->shape) ? SAME_AS_INPUT : 0u)
           | (called(t) ? CALLED : 0u) | (t->origin ? ADJOINT : 0u);
}

static int64_t words_for(size_t bytes)
{
    return (int64_t)((bytes + 7) / 8);
}

enum { MOST_TOLD = 255 };

/* Words of attributes that are told: few ones without the zeros at their end, of which axes have
 * many. */
static int64_t attr_words(const wg_tensor *t)
{
    int64_t n = words_for(t->op->attr_size);
    uint64_t last = 0;
    if (n >= MOST_TOLD || t->op->attr_size % sizeof last)
        return n;
    for (; n > 0; n--) {
        memcpy(&last, (const char *)t->attr + (size_t)(n - 1) * sizeof last, sizeof last);
        if (last)
            break;
    }
    return n;
}

static int64_t size_of_node(const wg_tensor *t)
{
    uint64_t told = told_of(t);
    return 2 + (told & CALLED ? 1 : 0) + (told & ADJOINT ? 1 : 0)
           + (told & SAME_AS_INPUT ? 0 : t->shape.rank) + words_for((size_t)t->n * sizeof(int32_t))
           + attr_words(t);
}

/* Bytes as words, the last filled up with zeros. */
static uint64_t *put(uint64_t *at, const void *bytes, size_t size)
{
    int64_t n = words_for(size);
    if (n) {
        at[n - 1] = 0;
        memcpy(at, bytes, size);
    }
    return at + n;
}

/* Texts are interned, so that equal ones are one pointer.  The second word tells how many others
 * there are, if those of attributes are few; else the record does: no two nodes can be read as one
 * another. */
static uint64_t *put_node(uint64_t *at, const wg_graph *g, int32_t k)
{
    const wg_tensor *t = g->node[k].t;
    const uint64_t told = told_of(t), attrs = (uint64_t)attr_words(t);
    *at++ = (uintptr_t)t->op;
    *at++ = told | (uint64_t)t->dtype << 8 | (uint64_t)t->shape.rank << 16
            | (attrs < MOST_TOLD ? attrs : MOST_TOLD) << 24 | (uint64_t)t->n << 32;
    if (told & CALLED)
        *at++ = (uintptr_t)called(t);
    if (told & ADJOINT)
        *at++ = (uint64_t)(t->id - t->origin->id);
    if (!(told & SAME_AS_INPUT))
        at = put(at, t->shape.dim, (size_t)t->shape.rank * sizeof *t->shape.dim);
    at = put(at, wg_graph_inputs(g, k), (size_t)t->n * sizeof(int32_t));
    const size_t told_bytes = (size_t)attrs * sizeof *at;
    return put(at, t->attr, told_bytes < t->op->attr_size ? told_bytes : t->op->attr_size);
}

static uint64_t mix(uint64_t h, uint64_t word)
{
    h = (h ^ word) * UINT64_C(0x9E3779B97F4A7C15);
    return h ^ h >> 29;
}

/* Four chains of multiplications, so that none waits for another; equality is what decides. */
static uint64_t hash_of(const uint64_t *word, int64_t words)
{
    uint64_t h[4] = {(uint64_t)words, 1, 2, 3};
    int64_t i = 0;
    for (; i + 4 <= words; i += 4)
        for (int lane = 0; lane < 4; lane++)
            h[lane] = mix(h[lane], word[i + lane]);
    for (; i < words; i++)
        h[0] = mix(h[0], word[i]);
    return mix(mix(mix(h[0], h[1]), h[2]), h[3]);
}

_Static_assert(sizeof(wg_compile_options) == offsetof(wg_compile_options, memory) + sizeof(int64_t),
               "every option is part of the structure: a new one belongs into head");

bool wg_structure_of(wg_structure *s, const wg_graph *g, const wg_request *r)
{
    const wg_compile_options *o = r->options;
    const uint64_t head[] = {(uint64_t)g->count,
                             (uint64_t)g->outputs,
                             r->private,
                             (uint64_t)r->isa,
                             o->skip | (uint64_t)o->profile << 32,
                             (uint64_t)(o->threads > 1 ? o->threads : 1),
                             (uint64_t)o->memory};
    size_t outputs = (size_t)g->outputs * sizeof *g->output;
    int64_t words = words_for(sizeof head) + words_for(outputs);
    *s = (wg_structure){0};
    for (int32_t k = 0; k < g->count; k++)
        words += size_of_node(g->node[k].t);
    if (words > MOST_BYTES / 8 || o->trace_nan) /* a trace says where each value was recorded */
        return true;
    uint64_t *at = wg_mem_alloc((size_t)words * sizeof *at);
    if (!at)
        return false;
    s->word = at;
    s->words = words;
    at = put(at, head, sizeof head);
    at = put(at, g->output, outputs);
    for (int32_t k = 0; k < g->count; k++)
        at = put_node(at, g, k);
    s->hash = hash_of(s->word, s->words);
    return true;
}

/* ---- programs that nobody uses: a list, the last used first ---- */

static bool same(const wg_structure *a, const wg_structure *b)
{
    return a->hash == b->hash && a->words == b->words
           && memcmp(a->word, b->word, (size_t)a->words * sizeof *a->word) == 0;
}

wg_program *wg_reuse_take(wg_tape *t, const wg_structure *s)
{
    for (wg_program *p = s->words ? t->unused : NULL; p; p = p->next_unused)
        if (same(&p->structure, s)) {
            wg_reuse_forget(p);
            return p;
        }
    return NULL;
}

void wg_reuse_forget(wg_program *p)
{
    wg_program **at = &p->tape->unused;
    while (*at && *at != p)
        at = &(*at)->next_unused;
    if (*at)
        *at = p->next_unused;
    p->next_unused = NULL;
    p->in_use = true;
}

void wg_reuse_keep(wg_program *p)
{
    wg_tape *t = p->tape;
    p->in_use = false;
    p->next_unused = t->unused;
    t->unused = p;
    size_t bytes = 0;
    int count = 0;
    for (wg_program *k = p, *next; k; k = next) {
        next = k->next_unused;
        bytes += k->bytes;
        if (++count > MOST_KEPT || bytes > MOST_BYTES) {
            bytes -= k->bytes;
            wg_program_destroy(k);
        }
    }
}
