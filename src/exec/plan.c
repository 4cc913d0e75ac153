#include "exec/plan.h"

#include "core/alloc.h"
#include "exec/pack.h"
#include "ops/window_add.h"

/* Small buffers are aligned to 16 bytes, so that a program of scalars does not spend a cache line
 * on each.  Where a large one comes to lie behind them they must not: vectors across two lines of
 * the cache are slow to read, and slower to write. */
int64_t wg_padded(int64_t bytes, bool among_small)
{
    int64_t unit = among_small && bytes < WG_ALIGNMENT ? 16 : WG_ALIGNMENT;
    return (bytes + unit - 1) / unit * unit;
}

enum { LARGE = 512 };

static bool all_are_small(const wg_lowered *l)
{
    for (int32_t b = 0; b < l->buffers; b++)
        if (l->buffer[b].segment == WG_TEMPORARY && l->buffer[b].bytes >= LARGE)
            return false;
    return true;
}

bool wg_bytes_can_be_added(const wg_lowered *l)
{
    int64_t left = INT64_MAX / 2;
    for (int32_t s = 0; s < l->steps; s++) {
        int32_t result[WG_MAX_RESULTS], results = wg_step_results(&l->step[s], result);
        for (int32_t r = 0; r < results; r++) {
            if (l->buffer[result[r]].bytes > left)
                return false;
            left -= l->buffer[result[r]].bytes;
        }
    }
    return true;
}

static void find_lifetimes(wg_lowered *l)
{
    for (int32_t b = 0; b < l->buffers; b++)
        l->buffer[b].first = l->buffer[b].last = -1;
    for (int32_t k = 0; k < l->steps; k++) {
        const wg_step *s = &l->step[l->order[k]];
        int32_t result[WG_MAX_RESULTS], results = wg_step_results(s, result);
        for (int32_t r = 0; r < results; r++)
            l->buffer[result[r]].first = l->buffer[result[r]].last = k;
        for (int32_t i = 0; i < s->n; i++)
            l->buffer[s->in[i].buffer].last = k;
    }
    for (int32_t c = 0; c < l->commits; c++)
        l->buffer[l->commit[c].buffer].last = l->steps;
}

static int32_t root(const wg_lowered *l, int32_t b)
{
    while (l->buffer[b].shares >= 0)
        b = l->buffer[b].shares;
    return b;
}

bool wg_same_memory(const wg_lowered *l, int32_t a, int32_t b)
{
    if (l->buffer[a].segment == WG_STORAGE || l->buffer[b].segment == WG_STORAGE)
        return l->buffer[a].leaf == l->buffer[b].leaf;
    return root(l, a) == root(l, b);
}

/* Whether operand i is read by elementwise ops alone, element by element as results are written;
 * or is the sum that a window is added to, whose memory is the result's already. */
static bool is_read_in_step(const wg_step *s, int32_t i)
{
    if (s->in[i].view || s->copy || s->reduced || s->joint)
        return false;
    if (s->micros == 0 && s->t->op == &wg_window_add_op)
        return i == 0;
    return s->micros ? !(s->micro[0].t->op->product && i < 2) : s->t->op->map != NULL;
}

/* Whether the step may write result y over operand i: the operand dies here, is as large as the
 * result, and is read in the order in which the result is written,
 * by every operand that lies in the same memory. */
static bool may_overwrite(const wg_lowered *l, const wg_step *s, int32_t i, int32_t at,
                          const wg_buffer *y)
{
    const wg_buffer *x = &l->buffer[s->in[i].buffer];
    int32_t memory = root(l, s->in[i].buffer);
    if (x->segment != WG_TEMPORARY || y->segment != WG_TEMPORARY || x->bytes != y->bytes
        || x->bytes == 0)
        return false;
    for (int32_t k = 0; k < s->n; k++)
        if (root(l, s->in[k].buffer) == memory
            && (!is_read_in_step(s, k) || l->buffer[s->in[k].buffer].last != at))
            return false;
    return true;
}

/* Depth of sharing stays 1: a buffer that takes over memory is pointed at the first that had it,
 * whose lifetime grows. */
static void take_over(wg_lowered *l, int32_t y, int32_t memory)
{
    l->buffer[y].shares = memory;
    if (l->buffer[memory].last < l->buffer[y].last)
        l->buffer[memory].last = l->buffer[y].last;
}

/* A product's own result, where it is wanted beside what is made of it,
 * is written before operands are read. */
static bool is_written_in_step(const wg_step *s, int32_t buffer)
{
    return !s->micros || !s->micro[0].t->op->product || s->micro[0].result != buffer;
}

static void share_in_place(wg_lowered *l)
{
    for (int32_t k = 0; k < l->steps; k++) {
        const wg_step *s = &l->step[l->order[k]];
        int32_t result[WG_MAX_RESULTS], results = wg_step_results(s, result);
        for (int32_t i = 0; i < s->n; i++) {
            int32_t memory = root(l, s->in[i].buffer);
            for (int32_t r = 0; r < results && is_read_in_step(s, i); r++) {
                if (l->buffer[result[r]].shares >= 0 || !is_written_in_step(s, result[r])
                    || !may_overwrite(l, s, i, k, &l->buffer[result[r]]))
                    continue;
                take_over(l, result[r], memory);
                break; /* the memory has a new owner, who lives on */
            }
        }
    }
}

bool wg_plan_memory(wg_lowered *l, bool share, bool in_place, wg_plan *plan)
{
    find_lifetimes(l);
    if (in_place)
        share_in_place(l);
    size_t before = l->scratch->total;
    wg_interval *interval = wg_arena_alloc(l->scratch, (size_t)l->buffers * sizeof *interval);
    if (!interval)
        return false;
    const bool small = all_are_small(l);
    int32_t n = 0;
    for (int32_t b = 0; b < l->buffers; b++) {
        const wg_buffer *x = &l->buffer[b];
        if (x->segment == WG_TEMPORARY && x->shares < 0 && x->first >= 0)
            interval[n++] = (wg_interval){
                .owner = b, .first = x->first, .last = x->last,
                .bytes = wg_padded(x->bytes, small)};
    }
    plan->lower_bound = wg_most_live(interval, n, l->steps, l->scratch);
    bool fine = plan->lower_bound >= 0;
    if (fine && share)
        fine = wg_pack(interval, n, l->steps, plan->lower_bound, l->scratch, &plan->bytes);
    else if (fine) {
        plan->bytes = 0;
        for (int32_t i = 0; i < n; i++) {
            interval[i].offset = plan->bytes;
            plan->bytes += interval[i].bytes;
        }
    }
    for (int32_t i = 0; fine && i < n; i++)
        l->buffer[interval[i].owner].offset = interval[i].offset;
    for (int32_t b = 0; fine && b < l->buffers; b++)
        if (l->buffer[b].shares >= 0)
            l->buffer[b].offset = l->buffer[l->buffer[b].shares].offset;
    wg_arena_rewind(l->scratch, before);
    return fine;
}
