/* Joined tiny steps as one instruction: where values come from, where they are kept and where
 * results go. */
#include <string.h>

#include "core/alloc.h"
#include "core/dtype.h"
#include "core/shape.h"
#include "exec/tiny_making.h"
#include "tape/state.h"

typedef struct tiny {
    wg_instr head;
    const wg_tiny_kit *kit;
    const wg_tiny_link *links;
} tiny;

static wg_status run_tiny(const wg_instr *head, const wg_env *env, int64_t begin, int64_t end)
{
    const tiny *i = (const tiny *)head;
    (void)env, (void)begin, (void)end;
    i->kit->run(i->links);
    return WG_OK;
}

/* ---- values ---- */

enum { LONG_AGO = -2 * WG_MOST_TOGETHER, NEVER = 4 * WG_MOST_TOGETHER };

/* Memory that leaves own is as large as whole vectors are; inputs may be the user's. */
static bool is_padded(const wg_buffer *b)
{
    return b->segment == WG_STORAGE && b->leaf->kind != WG_INPUT;
}

static int32_t new_value(wg_tiny_making *w, int32_t buffer, int64_t count)
{
    w->value[w->values]
        = (wg_tiny_value){.buffer = buffer, .count = (int32_t)count, .made = LONG_AGO};
    return w->values++;
}

static wg_tiny_place number(wg_tiny_making *w, double number)
{
    char bytes[WG_ALIGNMENT];
    for (int64_t l = 0; l < w->kit->lanes; l++)
        wg_number_put(bytes, w->dtype, l, number);
    const void *memory = wg_tiny_keep(w, bytes, (size_t)w->kit->bytes);
    return (wg_tiny_place){.kind = MEMORY, .memory = memory};
}

/* The value of a buffer.  The instruction's own are known by now; others are pointed at, or
 * fetched at the beginning. */
static int32_t value_of_buffer(wg_tiny_making *w, int32_t buffer)
{
    for (int32_t v = w->values - 1; v >= 0; v--)
        if (w->value[v].buffer == buffer)
            return v;
    const wg_buffer *b = &w->b->l->buffer[buffer];
    const int64_t count = b->bytes / (int64_t)wg_dtype_size(w->dtype);
    const int32_t v = new_value(w, buffer, count);
    wg_tiny_value *x = &w->value[v];
    if (b->segment == WG_IMMEDIATE) {
        x->at = number(w, b->value);
        x->whole = true;
    } else if (count == w->kit->lanes || (is_padded(b) && w->kit->permutes)) {
        x->at = (wg_tiny_place){.kind = BUFFER, .at = buffer};
        x->whole = count == w->kit->lanes;
    } else {
        x->at = wg_tiny_slot(w);
        x->whole = true;
        wg_tiny_link *l = wg_tiny_add(w, count == 1 ? w->kit->fetch_one : w->kit->fetch,
                                      (wg_tiny_place){.kind = BUFFER, .at = buffer});
        w->where[w->links - 1][1] = x->at;
        l->n = count;
        l->xi = wg_tiny_index(w, wg_tiny_in_order, count);
        w->kept = v;
    }
    return v;
}

static void release(wg_tiny_making *w, const wg_tiny_op *o)
{
    for (int32_t a = 0; a < o->n; a++) {
        wg_tiny_value *x = &w->value[o->arg[a]];
        if (--x->reads == 0 && x->at.kind == SLOT)
            w->free_slot[w->free_slots++] = x->at.at;
    }
}

/* ---- results ---- */

/* The value at hand into memory: by the link that makes it if that can. */
static void store(wg_tiny_making *w, wg_tiny_place to, bool keep)
{
    const wg_tiny_form *form = w->form;
    if (!form) {
        wg_tiny_add(w, keep ? w->kit->store : w->kit->store_whole, to);
        return;
    }
    w->link[w->links - 1].run = keep ? form->stored : form->placed;
    w->where[w->links - 1][Z] = to;
    w->form = NULL;
}

static void store_result(wg_tiny_making *w, int32_t buffer, int64_t count)
{
    const wg_buffer *b = &w->b->l->buffer[buffer];
    const wg_tiny_kit *kit = w->kit;
    const wg_tiny_place to = {.kind = BUFFER, .at = buffer};
    if (count == kit->lanes || is_padded(b))
        store(w, to, false);
    else
        wg_tiny_add(w, count == 1 ? kit->store_first : kit->store_some, to)->n = count;
}

/* Whether the memory of the result holds what an op from `at` on reads. */
static bool is_read_later(const wg_tiny_making *w, int32_t buffer, int32_t at)
{
    const wg_buffer *b = w->b->l->buffer;
    for (int32_t i = at; i < w->ops && b[buffer].segment == WG_STORAGE; i++)
        for (int32_t a = 0; a < w->op[i].n; a++) {
            const int32_t from = w->value[w->op[i].arg[a]].buffer;
            if (from >= 0 && from != buffer && b[from].leaf == b[buffer].leaf)
                return true;
        }
    return false;
}

/* Ops from the one that makes a value to the next that reads it, from op `at` on; the first
 * `skipped` reads do not count. */
static int32_t wait(const wg_tiny_making *w, int32_t v, int32_t at, int32_t skipped)
{
    for (int32_t i = at; i < w->ops; i++)
        for (int32_t a = 0; a < w->op[i].n; a++)
            if (w->op[i].arg[a] == v && skipped-- == 0)
                return i - w->value[v].made;
    return NEVER;
}

/* Whether the value that op `at` makes is what the second register should hold: of two that
 * memory holds as well, that which is read sooner after it was made.  By the time that the other
 * one is read, its store is long done. */
static bool is_to_be_kept(const wg_tiny_making *w, int32_t at, bool handed)
{
    return w->kept < 0
           || wait(w, w->op[at].made, at + 1, handed) <= wait(w, w->kept, at + 1, 0);
}

/* What is at hand goes where it will be looked for; false if its result must wait. */
static bool put_away(wg_tiny_making *w, int32_t at)
{
    const wg_tiny_op *o = &w->op[at];
    wg_tiny_value *x = &w->value[o->made];
    const bool handed = wg_tiny_takes(w, at + 1, o->made);
    const bool late = o->result >= 0 && is_read_later(w, o->result, at + 1);
    x->reads += late;
    if (x->reads > handed) {
        const bool keep = is_to_be_kept(w, at, handed);
        x->at = wg_tiny_slot(w);
        store(w, x->at, keep);
        w->kept = keep ? o->made : w->kept;
    }
    if (o->result >= 0 && !late)
        store_result(w, o->result, x->count);
    return !late;
}

/* ---- the list of ops ---- */

static int32_t made_by(const wg_tiny_making *w, const wg_step *s, int32_t k)
{
    for (int32_t i = w->ops - 1; i >= 0; i--)
        if (w->op[i].s == s && w->op[i].k == k)
            return w->op[i].made;
    return -1;
}

static bool is_result(const wg_joint *g, int32_t buffer)
{
    for (int32_t r = 0; r < g->results; r++)
        if (g->result[r] == buffer)
            return true;
    return false;
}

static void list_op(wg_tiny_making *w, const wg_step *s, int32_t k)
{
    const wg_tensor *t = wg_step_op(s, k);
    wg_tiny_op o = {.s = s, .k = k, .t = t, .n = s->copy ? 1 : t->n};
    for (int a = 0; a < o.n; a++) {
        const wg_tiny_argument x = wg_tiny_argument_of(s, k, a);
        o.arg[a] = x.from ? value_of_buffer(w, x.from->buffer) : made_by(w, s, x.micro);
        w->value[o.arg[a]].reads++;
    }
    const int32_t buffer = s->micros ? s->micro[k].result : s->out;
    o.made = new_value(w, buffer, wg_shape_count(t->shape));
    o.result = buffer >= 0 && is_result(w->joint->together, buffer) ? buffer : -1;
    w->value[o.made].whole = true;
    w->value[o.made].made = w->ops;
    w->op[w->ops++] = o;
}

/* ---- making one ---- */

/* Elements of the largest tensor. */
static int64_t most_elements(const wg_builder *b, const wg_step *joint)
{
    int64_t most = 1, n;
    for (int32_t i = 0; i < joint->n; i++) {
        const wg_buffer *x = &b->l->buffer[joint->in[i].buffer];
        n = x->bytes / (int64_t)wg_dtype_size((wg_dtype)x->dtype);
        most = n > most ? n : most;
    }
    for (int32_t k = 0; k < wg_step_ops(joint); k++) {
        const wg_tensor *t = wg_step_op(joint, k);
        n = wg_shape_count(t->shape);
        most = n > most ? n : most;
        for (int i = 0; i < t->n; i++) {
            n = wg_shape_count(t->in[i]->shape);
            most = n > most ? n : most;
        }
    }
    return most;
}

/* The links' instruction set: what fits in a narrower vector is sooner stored, loaded and
 * permuted there, with the same bits. */
static wg_isa_level level_for(const wg_builder *b, const wg_step *joint)
{
    const wg_tiny_kit *narrow = wg_tiny_kit_for(WG_ISA_AVX2, joint->t->dtype);
    return b->isa > WG_ISA_AVX2 && narrow->permutes && most_elements(b, joint) <= narrow->lanes
               ? WG_ISA_AVX2
               : b->isa;
}

static wg_tiny_making *making_new(wg_builder *b, const wg_step *joint)
{
    wg_tiny_making *w = wg_mem_zero(1, sizeof *w);
    if (!w)
        return NULL;
    const size_t ops = (size_t)joint->together->ops, operands = (size_t)joint->n;
    const size_t links = LINKS_OF_OP * ops + LINKS_OF_VALUE * operands + 1;
    w->b = b;
    w->joint = joint;
    w->dtype = joint->t->dtype;
    w->isa = level_for(b, joint);
    w->kit = wg_tiny_kit_for(w->isa, w->dtype);
    w->value = wg_mem_alloc((ops + operands) * sizeof *w->value);
    w->link = wg_mem_alloc(links * sizeof *w->link);
    w->where = wg_mem_alloc(links * sizeof *w->where);
    w->failed = !w->value || !w->link || !w->where;
    return w;
}

static void making_free(wg_tiny_making *w)
{
    if (!w)
        return;
    wg_mem_free(w->value);
    wg_mem_free(w->link);
    wg_mem_free(w->where);
    wg_mem_free(w);
}

static void make_links(wg_tiny_making *w)
{
    w->hand = w->kept = -1;
    const wg_joint *g = w->joint->together;
    int32_t late[WG_MOST_TOGETHER], lates = 0;
    for (int32_t p = 0; p < g->parts; p++)
        for (int32_t k = 0; k < wg_step_ops(g->part[p]); k++)
            list_op(w, g->part[p], k);
    wg_tiny_order(w);
    for (int32_t i = 0; i < w->ops && !w->failed; i++) {
        for (int32_t n = wg_tiny_work_out(w, i); n > 1; n--)
            release(w, &w->op[i++]);
        w->hand = w->op[i].made;
        release(w, &w->op[i]);
        if (!put_away(w, i))
            late[lates++] = i;
    }
    for (int32_t i = 0; i < lates; i++) {
        const wg_tiny_op *o = &w->op[late[i]];
        wg_tiny_add(w, w->kit->load, w->value[o->made].at);
        store_result(w, o->result, w->value[o->made].count);
    }
    wg_tiny_add(w, w->kit->end, (wg_tiny_place){.kind = NOWHERE});
}

/* Memory for slots, which all tiny programs of a program use one after the other. */
static bool have_slots(wg_tiny_making *w)
{
    wg_builder *b = w->b;
    if (w->slots <= b->slot_count)
        return true;
    const size_t bytes = (size_t)w->slots * WG_ALIGNMENT;
    char *slots = wg_arena_aligned(b->arena, bytes, WG_ALIGNMENT);
    if (!slots)
        return false;
    memset(slots, 0, bytes);
    b->slots = slots;
    b->slot_count = w->slots;
    return true;
}

static void point_at(wg_tiny_making *w, void **where, const wg_tiny_place *at)
{
    if (at->kind == SLOT)
        *where = w->b->slots + at->at * WG_ALIGNMENT;
    else if (at->kind == MEMORY)
        *where = (void *)(uintptr_t)at->memory;
    else if (at->kind == BUFFER)
        wg_point_buffer(w->b, where, at->at);
}

/* The links where they stay, pointing at memory. */
static const wg_tiny_link *settle(wg_tiny_making *w)
{
    const size_t bytes = (size_t)w->links * sizeof *w->link;
    wg_tiny_link *link = wg_arena_aligned(w->b->arena, bytes, WG_ALIGNMENT);
    if (!link || !have_slots(w))
        return NULL;
    memcpy(link, w->link, bytes);
    for (int32_t k = 0; k < w->links; k++) {
        wg_tiny_place *at = w->where[k];
        point_at(w, &link[k].x, &at[0]);
        if (link[k].run != w->kit->call) {
            point_at(w, &link[k].y, &at[1]);
            point_at(w, &link[k].z, &at[Z]);
            continue;
        }
        wg_tiny_call *c = (wg_tiny_call *)(uintptr_t)link[k].more;
        for (int a = 0; a < WG_MICRO_ARGS; a++)
            point_at(w, &c->x[a], &at[1 + a]);
    }
    return link;
}

wg_instr *wg_make_tiny(wg_builder *b, int32_t step)
{
    wg_tiny_making *w = making_new(b, &b->l->step[step]);
    tiny *i = wg_new_instr(b, sizeof *i, step);
    if (i && w && !w->failed) {
        make_links(w);
        i->kit = w->kit;
        i->links = w->failed ? NULL : settle(w);
        i->head.run = run_tiny;
        i->head.parts = 1;
        i->head.work = w->ops;
    }
    making_free(w);
    return i && i->links ? &i->head : NULL;
}
