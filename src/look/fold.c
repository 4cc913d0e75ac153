/* Finding stretches that come again and again.  The nodes that are not leaves stand in the order
 * of recording; for each period p, neighbours i and i + p are compared, and where p or more of
 * them in a row are alike the stretch repeats.  The period that hides most is taken, its nodes are
 * made one, and the search begins anew: what reads them (a backward pass) is then found to repeat,
 * too. */
#include "look/fold.h"

#include <string.h>
#include <wengert/op.h>
#include <wengert/tape.h>

#include "core/alloc.h"
#include "look/text.h"

/* Comparisons a search may take, and the longest stretch looked for. */
enum { WORK = 1 << 25, LONGEST = 2048, ROUNDS = 256 };

typedef struct search {
    wg_fold *f;
    wg_tape *tape;
    const unsigned char *mark;
    int32_t *sort;  /* nodes that look alike by themselves have the same number here */
    int32_t *order; /* the nodes that are not leaves, without those left out */
    int32_t *place; /* where in order a node stands; -1 */
    int32_t n;
} search;

typedef struct found {
    int32_t start, period, repeats;
    int32_t slack; /* how much later it can begin without losing a repeat */
} found;

/* ---- by themselves ---- */

static bool fixed_number(const wg_tensor *x)
{
    return wg_leaf_kind_of(x) == WG_NOT_A_LEAF && wg_inputs_of(x, NULL) == 0
           && !(wg_op_of(x)->flags & WG_OP_RANDOM);
}

static bool alike(const search *s, const wg_tensor *a, const wg_tensor *b)
{
    const wg_op *op = wg_op_of(a);
    return op == wg_op_of(b) && wg_leaf_kind_of(a) == wg_leaf_kind_of(b)
           && wg_dtype_of(a) == wg_dtype_of(b) && wg_shape_equal(wg_shape_of(a), wg_shape_of(b))
           && wg_inputs_of(a, NULL) == wg_inputs_of(b, NULL) && !wg_origin_of(a) == !wg_origin_of(b)
           && s->mark[wg_index_of(a)] == s->mark[wg_index_of(b)]
           && wg_text_alike(wg_text_of(a), wg_text_of(b))
           && (!fixed_number(a) || !op->attr_size
               || memcmp(wg_attr(a), wg_attr(b), op->attr_size) == 0);
}

static uint64_t hash_of(const wg_tensor *x)
{
    wg_shape shape = wg_shape_of(x);
    uint64_t h = wg_text_hash(wg_text_of(x)) ^ (uint64_t)(uintptr_t)wg_op_of(x);
    for (int64_t d = 0; d < shape.rank; d++)
        h = (h ^ (uint64_t)shape.dim[d]) * 0x9E3779B97F4A7C15u;
    const unsigned char *attr = wg_attr(x);
    for (size_t k = 0; fixed_number(x) && k < wg_op_of(x)->attr_size; k++)
        h = (h ^ attr[k]) * 0x9E3779B97F4A7C15u;
    return (h ^ (h >> 29)) * 0xBF58476D1CE4E5B9u;
}

/* A table with room for twice as many: the first of its sort found there gives a node its
 * number. */
static bool sort_nodes(search *s)
{
    size_t size = 64;
    while (size < 2 * (size_t)s->f->count)
        size *= 2;
    int32_t *table = wg_mem_alloc(size * sizeof *table);
    if (!table)
        return false;
    memset(table, -1, size * sizeof *table);
    for (int64_t i = 0; i < s->f->count; i++) {
        if (!s->mark[i])
            continue;
        const wg_tensor *x = wg_node(s->tape, i);
        size_t at = (size_t)(hash_of(x) >> 20) & (size - 1);
        while (table[at] >= 0 && !alike(s, wg_node(s->tape, table[at]), x))
            at = (at + 1) & (size - 1);
        if (table[at] < 0)
            table[at] = (int32_t)i;
        s->sort[i] = table[at];
    }
    wg_mem_free(table);
    return true;
}

/* ---- in their places ---- */

static int32_t shown(const wg_fold *f, const wg_tensor *x)
{
    return f->shown[wg_index_of(x)];
}

static wg_tensor *at(const search *s, int32_t i)
{
    return wg_node(s->tape, s->order[i]);
}

/* Whether i and i + p look alike with what they read.  first: i may be in the first of the
 * repeats, which is fed from outside where the next is fed by it. */
static bool match(const search *s, int32_t i, int32_t p, bool first)
{
    const wg_fold *f = s->f;
    if (s->sort[s->order[i]] != s->sort[s->order[i + p]] || f->stretch[s->order[i]] >= 0
        || f->stretch[s->order[i + p]] >= 0)
        return false;
    wg_tensor *const *a, *const *b;
    int n = wg_inputs_of(at(s, i), &a);
    wg_inputs_of(at(s, i + p), &b);
    for (int k = 0; k < n; k++) {
        int32_t u = shown(f, a[k]), v = shown(f, b[k]);
        if (u == v)
            continue;
        int32_t pu = s->place[u], pv = s->place[v];
        bool outside = pv < 0 || pv <= i - p, shifted = pu >= 0 && pv == pu + p;
        if ((outside || shifted) && s->sort[u] == s->sort[v])
            continue;
        if (!first || pv <= i - p || pv >= i + p || wg_dtype_of(a[k]) != wg_dtype_of(b[k])
            || !wg_shape_equal(wg_shape_of(a[k]), wg_shape_of(b[k])))
            return false;
    }
    return true;
}

/* ---- where a stretch begins ---- */

/* Of everything written in a stretch, how many different numbers:
 * W7, b7 and h7 belong together. */
enum { MOST_NUMBERS = 8 };
static int numbers_in(const search *s, int32_t start, int32_t p)
{
    int64_t seen[MOST_NUMBERS];
    int n = 0;
    for (int32_t i = start; i < start + p; i++) {
        wg_tensor *const *a, *const *b;
        int inputs = wg_inputs_of(at(s, i), &a);
        wg_inputs_of(at(s, i + p), &b);
        for (int k = -1; k < inputs; k++) {
            const wg_tensor *x = k < 0 ? at(s, i) : a[k], *y = k < 0 ? at(s, i + p) : b[k];
            if (k >= 0 && wg_leaf_kind_of(x) == WG_NOT_A_LEAF)
                continue;
            if (k < 0 && wg_origin_of(x)) {
                x = wg_origin_of(x);
                y = wg_origin_of(y);
            }
            int64_t number = wg_text_number(wg_text_of(x), wg_text_of(y));
            int j = 0;
            while (j < n && seen[j] != number)
                j++;
            if (number >= 0 && j == n && n < MOST_NUMBERS)
                seen[n++] = number;
        }
    }
    return n;
}

/* How many values the second repeat takes from the first. */
static int64_t handed_on(const search *s, int32_t start, int32_t p)
{
    int64_t edges = 0;
    for (int32_t i = start + p; i < start + 2 * p; i++) {
        wg_tensor *const *in;
        int n = wg_inputs_of(at(s, i), &in);
        for (int k = 0; k < n; k++) {
            int32_t place = s->place[shown(s->f, in[k])];
            edges += place >= start && place < start + p;
        }
    }
    return edges;
}

static int64_t largest_leaf(const search *s, int32_t i)
{
    wg_tensor *const *in;
    int n = wg_inputs_of(at(s, i), &in);
    int64_t largest = 0;
    for (int k = 0; k < n; k++)
        if (wg_leaf_kind_of(in[k]) == WG_PARAM && wg_count_of(in[k]) > largest)
            largest = wg_count_of(in[k]);
    return largest;
}

/* Of the places where it can begin without losing a repeat: where fewest numbers meet, then where
 * least is handed on, then at the largest parameter, then the first. */
static int32_t best_start(const search *s, found r)
{
    int32_t best = r.start;
    int64_t least[3] = {INT64_MAX, 0, 0};
    for (int32_t start = r.start; start <= r.start + r.slack; start++) {
        int64_t cost[3] = {numbers_in(s, start, r.period), handed_on(s, start, r.period),
                           -largest_leaf(s, start)};
        int k = 0;
        while (k < 2 && cost[k] == least[k])
            k++;
        if (cost[k] < least[k]) {
            memcpy(least, cost, sizeof least);
            best = start;
        }
    }
    return best;
}

/* ---- the search ---- */

static found best_of_period(const search *s, int32_t p)
{
    found best = {.period = p};
    for (int32_t i = 0; i + p < s->n; i++) {
        if (!match(s, i, p, false))
            continue;
        int32_t begin = i, end = i + 1;
        while (end + p < s->n && match(s, end, p, false))
            end++;
        while (begin > 0 && begin > i - p && match(s, begin - 1, p, true))
            begin--;
        int32_t repeats = (end - begin) / p + 1;
        if (repeats > best.repeats && repeats > 1)
            best = (found){begin, p, repeats, (end - begin) % p};
        i = end;
    }
    return best;
}

static found best_of_all(const search *s, int least, int64_t hidden)
{
    int64_t longest = s->n > 0 ? WORK / s->n : 0;
    longest = longest > LONGEST ? LONGEST : longest < 64 ? 64 : longest;
    found best = {0};
    int64_t most = hidden - 1;
    for (int32_t p = 1; p <= s->n / least && p <= longest; p++) {
        found r = best_of_period(s, p);
        int64_t goes = (int64_t)(r.repeats - 1) * p;
        if (r.repeats >= least && goes > most) {
            most = goes;
            best = r;
        }
    }
    if (best.repeats)
        best.start = best_start(s, best);
    return best;
}

static void make_one(wg_fold *f, int32_t a, int32_t b)
{
    int32_t keep = f->shown[a] < f->shown[b] ? f->shown[a] : f->shown[b];
    int32_t drop = f->shown[a] < f->shown[b] ? f->shown[b] : f->shown[a];
    if (keep == drop)
        return;
    for (int32_t i = drop; i >= 0; i = f->next[i])
        f->shown[i] = keep;
    f->next[f->last[keep]] = drop;
    f->last[keep] = f->last[drop];
    f->times[keep] += f->times[drop];
}

/* The c-th repeat is shown as the first, and its leaves as the first's. */
static void fold_repeat(search *s, found r, int32_t c)
{
    for (int32_t j = 0; j < r.period; j++) {
        wg_tensor *const *a, *const *b;
        int32_t first = s->order[r.start + j], again = s->order[r.start + c * r.period + j];
        int n = wg_inputs_of(wg_node(s->tape, first), &a);
        wg_inputs_of(wg_node(s->tape, again), &b);
        for (int k = 0; k < n; k++) {
            int32_t u = (int32_t)wg_index_of(a[k]), v = (int32_t)wg_index_of(b[k]);
            if (u != v && s->place[u] < 0 && s->place[v] < 0 && s->sort[u] == s->sort[v]
                && wg_leaf_kind_of(a[k]) != WG_NOT_A_LEAF)
                make_one(s->f, u, v);
        }
        s->f->stretch[again] = s->f->stretches;
        s->f->copy[again] = c;
        if (c)
            make_one(s->f, first, again);
    }
}

/* A leaf that stands for others belongs to the stretch that reads it first. */
static void give_leaves_to_stretches(search *s)
{
    wg_fold *f = s->f;
    for (int64_t i = 0; i < f->count; i++) {
        wg_tensor *const *in;
        int n = f->stretch[i] >= 0 && s->place[i] >= 0 ? wg_inputs_of(wg_node(s->tape, i), &in) : 0;
        for (int k = 0; k < n; k++) {
            int32_t leaf = f->shown[wg_index_of(in[k])];
            if (s->place[leaf] < 0 && f->times[leaf] > 1 && f->stretch[leaf] < 0)
                f->stretch[leaf] = f->stretch[i];
        }
    }
}

static void list(search *s)
{
    s->n = 0;
    for (int64_t i = 0; i < s->f->count; i++) {
        bool in = s->mark[i] && s->f->shown[i] == i
                  && wg_leaf_kind_of(wg_node(s->tape, i)) == WG_NOT_A_LEAF;
        s->place[i] = in ? s->n : -1;
        if (in)
            s->order[s->n++] = (int32_t)i;
    }
}

static bool numbers_for(int32_t **where, int64_t count)
{
    *where = wg_mem_alloc((size_t)count * sizeof **where);
    return *where != NULL;
}

wg_status wg_fold_nodes(wg_fold *f, wg_tape *t, int64_t count, const unsigned char *mark, int least,
                        int64_t hidden)
{
    *f = (wg_fold){.count = count};
    search s = {.f = f, .tape = t, .mark = mark};
    bool fine = numbers_for(&f->shown, count) && numbers_for(&f->next, count)
                && numbers_for(&f->last, count) && numbers_for(&f->times, count)
                && numbers_for(&f->stretch, count) && numbers_for(&f->copy, count)
                && numbers_for(&s.sort, count) && numbers_for(&s.order, count)
                && numbers_for(&s.place, count);
    for (int32_t i = 0; fine && i < count; i++) {
        f->shown[i] = f->last[i] = i;
        f->next[i] = f->stretch[i] = -1;
        f->times[i] = 1;
        f->copy[i] = 0;
    }
    fine = fine && (least < 2 || sort_nodes(&s));
    for (int round = 0; fine && least >= 2 && round < ROUNDS; round++) {
        list(&s);
        found r = best_of_all(&s, least, hidden);
        if (r.repeats == 0)
            break;
        for (int32_t c = 0; c < r.repeats; c++)
            fold_repeat(&s, r, c);
        f->stretches++;
    }
    if (fine && f->stretches > 0)
        give_leaves_to_stretches(&s);
    wg_mem_free(s.sort);
    wg_mem_free(s.order);
    wg_mem_free(s.place);
    if (!fine)
        wg_fold_free(f);
    return fine ? WG_OK : WG_ERR_MEMORY;
}

void wg_fold_free(wg_fold *f)
{
    wg_mem_free(f->shown);
    wg_mem_free(f->next);
    wg_mem_free(f->last);
    wg_mem_free(f->times);
    wg_mem_free(f->stretch);
    wg_mem_free(f->copy);
    *f = (wg_fold){0};
}
