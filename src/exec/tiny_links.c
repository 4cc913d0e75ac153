/* Joined tiny steps as one instruction: which value is at hand, which lie in slots, and how
 * each op reads the lanes of its arguments. */
#include <string.h>

#include "core/alloc.h"
#include "core/dtype.h"
#include "core/shape.h"
#include "exec/tiny.h"
#include "ops/maps.h"
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

/* ---- what is known while links are made ---- */

/* Where a link's argument is: memory is pointed at when the links lie where they stay. */
typedef struct place {
    enum { NOWHERE, SLOT, BUFFER, MEMORY } kind;
    int32_t at; /* number of the slot, or buffer */
    const void *memory;
} place;

typedef struct value {
    int32_t buffer; /* that it comes from or goes to; -1 */
    int32_t count;  /* elements */
    place at;       /* NOWHERE: not in memory yet */
    bool whole;     /* lanes behind the elements are as lane 0 */
    int32_t reads;  /* still to come */
} value;

typedef struct tiny_op {
    const wg_step *s;
    int32_t k; /* which op of the step */
    const wg_tensor *t;
    int32_t n, arg[WG_MICRO_ARGS]; /* values */
    int32_t made, result;          /* value; the buffer that it goes to, or -1 */
} tiny_op;

enum { MOST_VALUES = (1 + WG_MICRO_ARGS) * WG_MOST_TOGETHER, PLACES = 1 + WG_MICRO_ARGS };
enum { LINKS_OF_OP = 10, LINKS_OF_VALUE = 2 };

typedef struct making {
    wg_builder *b;
    const wg_step *joint;
    const wg_tiny_kit *kit;
    wg_dtype dtype;
    tiny_op op[WG_MOST_TOGETHER];
    int32_t ops;
    value *value;
    int32_t values;
    wg_tiny_link *link;
    place (*where)[PLACES]; /* of each link's x and y; of a call's result and arguments */
    int32_t links;
    int32_t hand; /* the value at hand; -1 */
    int32_t free_slot[MOST_VALUES], free_slots, slots;
    bool failed;
} making;

/* ---- links ---- */

static wg_tiny_link *add_link(making *w, wg_link_fn *run, place x)
{
    wg_tiny_link *l = &w->link[w->links];
    *l = (wg_tiny_link){.run = run};
    place *where = w->where[w->links++];
    memset(where, 0, PLACES * sizeof *where);
    where[0] = x;
    return l;
}

static const void *keep(making *w, const void *bytes, size_t size)
{
    const void *kept = wg_keep_alike(w->b, bytes, size);
    w->failed = w->failed || !kept;
    return kept;
}

/* An index vector for n elements; lanes behind them are as lane 0. */
static void write_index(const making *w, char *to, const int8_t *lane, int64_t n)
{
    int8_t all[WG_TINY_LANES];
    for (int64_t e = 0; e < w->kit->lanes; e++)
        all[e] = lane[e < n ? e : 0];
    w->kit->index(to, all);
}

static const void *index_of(making *w, const int8_t *lane, int64_t n)
{
    char bytes[WG_ALIGNMENT];
    write_index(w, bytes, lane, n);
    return keep(w, bytes, (size_t)w->kit->bytes);
}

static place new_slot(making *w)
{
    const int32_t at = w->free_slots ? w->free_slot[--w->free_slots] : w->slots++;
    return (place){.kind = SLOT, .at = at};
}

static const int8_t in_order[WG_TINY_LANES]
    = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

/* ---- values ---- */

/* Memory that leaves own is as large as whole vectors are; inputs may be the user's. */
static bool is_padded(const wg_buffer *b)
{
    return b->segment == WG_STORAGE && b->leaf->kind != WG_INPUT;
}

static int32_t new_value(making *w, int32_t buffer, int64_t count)
{
    w->value[w->values] = (value){.buffer = buffer, .count = (int32_t)count};
    return w->values++;
}

static place number(making *w, double number)
{
    char bytes[WG_ALIGNMENT];
    for (int64_t l = 0; l < w->kit->lanes; l++)
        wg_number_put(bytes, w->dtype, l, number);
    return (place){.kind = MEMORY, .memory = keep(w, bytes, (size_t)w->kit->bytes)};
}

/* The value of a buffer.  The instruction's own are known by now; others are pointed at, or
 * fetched at the beginning. */
static int32_t value_of_buffer(making *w, int32_t buffer)
{
    for (int32_t v = w->values - 1; v >= 0; v--)
        if (w->value[v].buffer == buffer)
            return v;
    const wg_buffer *b = &w->b->l->buffer[buffer];
    const int64_t count = b->bytes / (int64_t)wg_dtype_size(w->dtype);
    const int32_t v = new_value(w, buffer, count);
    value *x = &w->value[v];
    if (b->segment == WG_IMMEDIATE) {
        x->at = number(w, b->value);
        x->whole = true;
    } else if (count == w->kit->lanes || (is_padded(b) && w->kit->permutes)) {
        x->at = (place){.kind = BUFFER, .at = buffer};
        x->whole = count == w->kit->lanes;
    } else {
        x->at = new_slot(w);
        x->whole = true;
        add_link(w, w->kit->load_some, (place){.kind = BUFFER, .at = buffer})->n = count;
        w->link[w->links - 1].xi = index_of(w, in_order, count);
        add_link(w, w->kit->store, x->at);
    }
    return v;
}

static void release(making *w, const tiny_op *o)
{
    for (int32_t a = 0; a < o->n; a++) {
        value *x = &w->value[o->arg[a]];
        if (--x->reads == 0 && x->at.kind == SLOT)
            w->free_slot[w->free_slots++] = x->at.at;
    }
}

/* Whether elements of the argument are lanes of the value as it is. */
static bool is_direct(const making *w, const tiny_op *o, int a)
{
    const value *x = &w->value[o->arg[a]];
    const wg_tiny_argument arg = wg_tiny_argument_of(o->s, o->k, a);
    const int64_t n = wg_shape_count(o->t->shape);
    if (!x->whole)
        return false;
    if (x->count == 1 || x->at.kind == MEMORY)
        return true;
    return x->count == n && memcmp(arg.lane, in_order, (size_t)n) == 0;
}

static const void *index_of_argument(making *w, const tiny_op *o, int a)
{
    const wg_tiny_argument arg = wg_tiny_argument_of(o->s, o->k, a);
    return index_of(w, arg.lane, wg_shape_count(o->t->shape));
}

/* ---- ops ---- */

static wg_link_fn *const *links_of(const making *w, const tiny_op *o)
{
    return o->t->op->map && !o->s->copy ? wg_tinies_for(w->b->isa, o->t->op->map, w->dtype) : NULL;
}

static bool is_call(const making *w, const tiny_op *o)
{
    return !o->s->copy && o->t->op->map && !links_of(w, o);
}

/* Whether the op can take the value from the register and needs it nowhere else. */
static bool takes(const making *w, const tiny_op *o, int32_t v)
{
    int times = 0;
    bool others_direct = true;
    for (int32_t a = 0; a < o->n; a++) {
        times += o->arg[a] == v;
        others_direct = others_direct && (o->arg[a] == v || o->n < 3 || is_direct(w, o, a));
    }
    return times == 1 && others_direct && !is_call(w, o);
}

static int which_is_at_hand(const making *w, const tiny_op *o)
{
    for (int a = 0; a < o->n && w->hand >= 0; a++)
        if (o->arg[a] == w->hand && takes(w, o, w->hand))
            return a;
    return -1;
}

static void load(making *w, const tiny_op *o, int a)
{
    const place x = w->value[o->arg[a]].at;
    if (is_direct(w, o, a))
        add_link(w, w->kit->load, x);
    else
        add_link(w, w->kit->load_permuted, x)->xi = index_of_argument(w, o, a);
}

/* The argument in the order of the result's elements, at hand. */
static int take_in_hand(making *w, const tiny_op *o)
{
    int a = which_is_at_hand(w, o);
    if (a >= 0) {
        const void *index = is_direct(w, o, a) ? NULL : index_of_argument(w, o, a);
        if (index)
            add_link(w, w->kit->permute, (place){.kind = NOWHERE})->xi = index;
        return a;
    }
    a = 0;
    while (a + 1 < o->n && w->value[o->arg[a]].at.kind == MEMORY)
        a++;
    load(w, o, a);
    return a;
}

/* An argument where it can be read as it is; a slot that was taken for it goes to *taken. */
static place brought_in_order(making *w, const tiny_op *o, int a, int32_t *taken)
{
    *taken = -1;
    if (is_direct(w, o, a))
        return w->value[o->arg[a]].at;
    const place to = new_slot(w);
    load(w, o, a);
    add_link(w, w->kit->store, to);
    *taken = to.at;
    return to;
}

static void operate(making *w, const tiny_op *o, wg_link_fn *const *forms)
{
    place other[2];
    int32_t taken[2] = {-1, -1};
    int hand = which_is_at_hand(w, o), others = 0;
    if (o->n == 3 && hand < 0)
        hand = 2; /* loaded when the others lie as they should */
    for (int a = 0; o->n == 3 && a < 3; a++)
        if (a != hand) {
            other[others] = brought_in_order(w, o, a, &taken[others]);
            others++;
        }
    if (o->n == 3 && which_is_at_hand(w, o) < 0)
        load(w, o, hand);
    else
        hand = take_in_hand(w, o);
    int form = hand;
    place x = others ? other[0] : (place){.kind = NOWHERE};
    const int a = 1 - hand;
    const bool direct = o->n != 2 || is_direct(w, o, a);
    if (o->n == 2) {
        form = (hand == 0 ? WG_TINY_SECOND : WG_TINY_FIRST) + !direct;
        x = w->value[o->arg[a]].at;
    }
    wg_tiny_link *l = add_link(w, forms[form], x);
    if (others)
        w->where[w->links - 1][1] = other[1];
    if (!direct)
        l->xi = index_of_argument(w, o, a);
    if (o->t->op->attr_size == sizeof l->number)
        memcpy(l->number, o->t->attr, sizeof l->number);
    for (int i = 0; i < 2; i++)
        if (taken[i] >= 0)
            w->free_slot[w->free_slots++] = taken[i];
}

/* A kernel of rows: its arguments and its result lie in memory. */
static void call(making *w, const tiny_op *o)
{
    wg_tiny_call *c = wg_arena_zero(w->b->arena, 1, sizeof *c);
    const int64_t n = wg_shape_count(o->t->shape);
    if (!c || (o->t->op->attr_size
               && !(c->attr = wg_arena_copy(w->b->arena, o->t->attr, o->t->op->attr_size)))) {
        w->failed = true;
        return;
    }
    c->kernel = wg_map_for(w->b->isa, o->t->op->map)->kernel[w->dtype];
    int32_t taken[WG_MICRO_ARGS];
    place at[PLACES] = {new_slot(w)};
    for (int a = 0; a < o->n; a++) {
        at[1 + a] = brought_in_order(w, o, a, &taken[a]);
        c->step[a] = 1;
    }
    wg_tiny_link *l = add_link(w, w->kit->call, at[0]);
    memcpy(w->where[w->links - 1], at, sizeof at);
    l->more = c;
    l->n = n;
    l->xi = index_of(w, in_order, n);
    w->free_slot[w->free_slots++] = at[0].at;
    for (int a = 0; a < o->n; a++)
        if (taken[a] >= 0)
            w->free_slot[w->free_slots++] = taken[a];
}

/* The argument at hand in whatever order it is. */
static int take_as_it_is(making *w, const tiny_op *o)
{
    const int a = which_is_at_hand(w, o);
    if (a < 0)
        add_link(w, w->kit->load, w->value[o->arg[0]].at);
    return a < 0 ? 0 : a;
}

enum { MOST_INDICES = 2 * WG_TINY_LANES };

/* c[.., i, j] = sum over p of a[.., i, p] b[.., p, j]: for each p an index vector for the
 * argument at hand and one for the other. */
static void multiply(making *w, const tiny_op *o)
{
    const wg_shape *y = &o->t->shape, *a = &o->t->in[0]->shape;
    const int64_t rows = y->dim[y->rank - 2], cols = y->dim[y->rank - 1], k = a->dim[a->rank - 1];
    const int64_t n = wg_shape_count(*y), size = w->kit->bytes;
    const wg_tiny_argument arg[2] = {wg_tiny_argument_of(o->s, o->k, 0),
                                     wg_tiny_argument_of(o->s, o->k, 1)};
    char index[MOST_INDICES * WG_ALIGNMENT];
    const int hand = take_as_it_is(w, o);
    for (int64_t p = 0; p < k; p++) {
        int8_t lane[2][WG_TINY_LANES];
        for (int64_t e = 0; e < n; e++) {
            const int64_t j = e % cols, i = e / cols % rows, matrix = e / cols / rows;
            lane[0][e] = arg[0].lane[(matrix * rows + i) * k + p];
            lane[1][e] = arg[1].lane[(matrix * k + p) * cols + j];
        }
        write_index(w, index + 2 * p * size, lane[hand], n);
        write_index(w, index + (2 * p + 1) * size, lane[!hand], n);
    }
    wg_tiny_link *l = add_link(w, w->kit->product, w->value[o->arg[!hand]].at);
    l->xi = keep(w, index, (size_t)(2 * k * size));
    l->n = k;
}

/* Elements that a reduction folds, as lanes of its argument: those of each result side by side. */
typedef struct folded {
    int64_t results, each;
    int8_t lane[WG_TINY_LANES];
} folded;

static folded elements_of(const tiny_op *o)
{
    const wg_tensor *t = o->t;
    const wg_shape *over = &t->in[0]->shape;
    const wg_tiny_argument arg = wg_tiny_argument_of(o->s, o->k, 0);
    bool reduced[WG_MAX_RANK] = {false};
    folded f = {.results = wg_shape_count(t->shape)};
    int64_t filled[WG_TINY_LANES] = {0};
    t->op->reduced(t, reduced);
    f.each = wg_shape_count(*over) / f.results;
    for (int64_t e = 0; e < f.results * f.each; e++) {
        int64_t rest = e, step = 1, r = 0;
        for (int64_t d = over->rank - 1; d >= 0; rest /= over->dim[d--])
            if (!reduced[d]) {
                r += rest % over->dim[d] * step;
                step *= over->dim[d];
            }
        f.lane[r * f.each + filled[r]++] = arg.lane[e];
    }
    return f;
}

static void fold_in_order(making *w, const folded *f, int which)
{
    char index[WG_TINY_LANES * WG_ALIGNMENT];
    for (int64_t p = 0; p < f->each; p++) {
        int8_t lane[WG_TINY_LANES];
        for (int64_t r = 0; r < f->results; r++)
            lane[r] = f->lane[r * f->each + p];
        write_index(w, index + p * w->kit->bytes, lane, f->results);
    }
    wg_tiny_link *l = add_link(w, w->kit->in_order[which], (place){.kind = NOWHERE});
    l->xi = keep(w, index, (size_t)(f->each * w->kit->bytes));
    l->n = f->each;
}

/* As kernels/fold.h does a row: element j and element j + h, for h = .. 4, 2, 1; what is left
 * of a row stays together. */
static void fold_by_halves(making *w, const folded *f, int which)
{
    char index[MOST_INDICES * WG_ALIGNMENT], mask[WG_ALIGNMENT];
    int8_t at[WG_TINY_LANES], on[WG_TINY_LANES];
    int64_t left = f->each, half = 1, stages = 0;
    while (2 * half < left)
        half *= 2;
    memcpy(at, f->lane, sizeof at);
    for (; half > 0; half /= 2, stages++) {
        int8_t lane[2][WG_TINY_LANES];
        for (int64_t r = 0; r < f->results; r++)
            for (int64_t j = 0; j < half; j++) {
                const bool two = j + half < left;
                lane[0][r * half + j] = at[r * left + j];
                lane[1][r * half + j] = at[r * left + (two ? j + half : j)];
                if (stages == 0)
                    on[r * half + j] = two;
            }
        const int64_t n = f->results * half;
        if (stages == 0) {
            for (int64_t e = n; e < WG_TINY_LANES; e++)
                on[e] = on[0];
            w->kit->mask(mask, on);
        }
        write_index(w, index + 2 * stages * w->kit->bytes, lane[0], n);
        write_index(w, index + (2 * stages + 1) * w->kit->bytes, lane[1], n);
        memcpy(at, in_order, sizeof at);
        left = half;
    }
    wg_tiny_link *l = add_link(w, w->kit->by_halves[which], (place){.kind = NOWHERE});
    w->where[w->links - 1][1]
        = (place){.kind = MEMORY, .memory = keep(w, mask, (size_t)w->kit->bytes)};
    l->xi = keep(w, index, (size_t)(2 * stages * w->kit->bytes));
    l->n = stages;
}

static void reduce(making *w, const tiny_op *o)
{
    const folded f = elements_of(o);
    const int which = wg_fold_of(o->t->op);
    take_as_it_is(w, o);
    if (f.each == 1 || wg_tiny_fold_way(o->s, o->k) == WG_BY_COLUMNS)
        fold_in_order(w, &f, which);
    else
        fold_by_halves(w, &f, which);
}

static void work_out(making *w, const tiny_op *o)
{
    wg_link_fn *const *forms = links_of(w, o);
    if (o->s->copy)
        take_in_hand(w, o);
    else if (o->t->op->product)
        multiply(w, o);
    else if (!o->t->op->map)
        reduce(w, o);
    else if (forms)
        operate(w, o, forms);
    else
        call(w, o);
}

/* ---- results ---- */

static void store_result(making *w, int32_t buffer, int64_t count)
{
    const wg_buffer *b = &w->b->l->buffer[buffer];
    const wg_tiny_kit *kit = w->kit;
    const bool whole = count == kit->lanes || is_padded(b);
    add_link(w, whole ? kit->store : count == 1 ? kit->store_first : kit->store_some,
             (place){.kind = BUFFER, .at = buffer})->n = count;
}

/* Whether the memory of the result holds what an op from `at` on reads. */
static bool is_read_later(const making *w, int32_t buffer, int32_t at)
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

/* What is at hand goes where it will be looked for; false if its result must wait. */
static bool put_away(making *w, int32_t at)
{
    const tiny_op *o = &w->op[at];
    value *x = &w->value[o->made];
    const bool handed = at + 1 < w->ops && takes(w, &w->op[at + 1], o->made);
    const bool late = o->result >= 0 && is_read_later(w, o->result, at + 1);
    x->reads += late;
    if (x->reads > handed) {
        x->at = new_slot(w);
        add_link(w, w->kit->store, x->at);
    }
    if (o->result >= 0 && !late)
        store_result(w, o->result, x->count);
    return !late;
}

/* ---- the list of ops ---- */

static int32_t made_by(const making *w, const wg_step *s, int32_t k)
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

static void list_op(making *w, const wg_step *s, int32_t k)
{
    const wg_tensor *t = wg_step_op(s, k);
    tiny_op o = {.s = s, .k = k, .t = t, .n = s->copy ? 1 : t->n};
    for (int a = 0; a < o.n; a++) {
        const wg_tiny_argument x = wg_tiny_argument_of(s, k, a);
        o.arg[a] = x.from ? value_of_buffer(w, x.from->buffer) : made_by(w, s, x.micro);
        w->value[o.arg[a]].reads++;
    }
    const int32_t buffer = s->micros ? s->micro[k].result : s->out;
    o.made = new_value(w, buffer, wg_shape_count(t->shape));
    o.result = buffer >= 0 && is_result(w->joint->together, buffer) ? buffer : -1;
    w->value[o.made].whole = true;
    w->op[w->ops++] = o;
}

/* ---- making one ---- */

static making *making_new(wg_builder *b, const wg_step *joint)
{
    making *w = wg_mem_zero(1, sizeof *w);
    if (!w)
        return NULL;
    const size_t ops = (size_t)joint->together->ops, operands = (size_t)joint->n;
    const size_t links = LINKS_OF_OP * ops + LINKS_OF_VALUE * operands + 1;
    w->b = b;
    w->joint = joint;
    w->dtype = joint->t->dtype;
    w->kit = wg_tiny_kit_for(b->isa, w->dtype);
    w->value = wg_mem_alloc((ops + operands) * sizeof *w->value);
    w->link = wg_mem_alloc(links * sizeof *w->link);
    w->where = wg_mem_alloc(links * sizeof *w->where);
    w->failed = !w->value || !w->link || !w->where;
    return w;
}

static void making_free(making *w)
{
    if (!w)
        return;
    wg_mem_free(w->value);
    wg_mem_free(w->link);
    wg_mem_free(w->where);
    wg_mem_free(w);
}

static void make_links(making *w)
{
    const wg_joint *g = w->joint->together;
    int32_t late[WG_MOST_TOGETHER], lates = 0;
    for (int32_t p = 0; p < g->parts; p++)
        for (int32_t k = 0; k < wg_step_ops(g->part[p]); k++)
            list_op(w, g->part[p], k);
    w->hand = -1;
    for (int32_t i = 0; i < w->ops && !w->failed; i++) {
        work_out(w, &w->op[i]);
        w->hand = w->op[i].made;
        release(w, &w->op[i]);
        if (!put_away(w, i))
            late[lates++] = i;
    }
    for (int32_t i = 0; i < lates; i++) {
        const tiny_op *o = &w->op[late[i]];
        add_link(w, w->kit->load, w->value[o->made].at);
        store_result(w, o->result, w->value[o->made].count);
    }
    add_link(w, w->kit->end, (place){.kind = NOWHERE});
}

/* Memory for slots, which all tiny programs of a program use one after the other. */
static bool have_slots(making *w)
{
    wg_builder *b = w->b;
    if (w->slots <= b->slot_count)
        return true;
    char *slots = wg_arena_zero(b->arena, (size_t)w->slots + 1, WG_ALIGNMENT);
    if (!slots)
        return false;
    b->slots = slots + (WG_ALIGNMENT - (uintptr_t)slots % WG_ALIGNMENT);
    b->slot_count = w->slots;
    return true;
}

static void point_at(making *w, void **where, const place *at)
{
    if (at->kind == SLOT)
        *where = w->b->slots + at->at * WG_ALIGNMENT;
    else if (at->kind == MEMORY)
        *where = (void *)(uintptr_t)at->memory;
    else if (at->kind == BUFFER)
        wg_point_buffer(w->b, where, at->at);
}

/* The links where they stay, pointing at memory. */
static const wg_tiny_link *settle(making *w)
{
    const size_t bytes = (size_t)w->links * sizeof *w->link;
    char *room = wg_arena_alloc(w->b->arena, bytes + WG_ALIGNMENT);
    if (!room || !have_slots(w))
        return NULL;
    room += WG_ALIGNMENT - (uintptr_t)room % WG_ALIGNMENT;
    wg_tiny_link *link = (wg_tiny_link *)(void *)room;
    memcpy(link, w->link, bytes);
    for (int32_t k = 0; k < w->links; k++) {
        place *at = w->where[k];
        point_at(w, &link[k].x, &at[0]);
        if (link[k].run != w->kit->call) {
            point_at(w, &link[k].y, &at[1]);
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
    making *w = making_new(b, &b->l->step[step]);
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
