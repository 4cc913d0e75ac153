/* Recording: the growing list of nodes, its marks, and what goes when it is rewound or freed. */

#include "core/dtype.h"
#include "core/shape.h"
#include "tape/registry.h"
#include "tape/state.h"

wg_tape *wg_tape_new(wg_dtype dtype)
{
    if (!wg_dtype_is_float(dtype))
        return NULL;
    wg_tape *t = wg_mem_zero(1, sizeof *t);
    if (!t)
        return NULL;
    t->dtype = dtype;
    if (pthread_mutex_init(&t->error_lock, NULL) != 0) {
        wg_mem_free(t);
        return NULL;
    }
    return t;
}

void wg_tape_free(wg_tape *t)
{
    if (!t)
        return;
    while (t->dependents)
        t->dependents->drop(t->dependents);
    wg_leaf_drop_from(t, 0);
    wg_tape_free_texts(t);
    wg_tape_free_ops(t);
    wg_arena_free(&t->arena);
    wg_mem_free(t->nodes);
    pthread_mutex_destroy(&t->error_lock);
    wg_mem_free(t);
}

wg_dtype wg_tape_dtype(const wg_tape *t)
{
    return t ? t->dtype : WG_F32;
}

/* ---- recording ---- */

static bool reserve_index(wg_tape *t)
{
    if (t->count < t->capacity)
        return true;
    if (t->count >= INT32_MAX)
        return false;
    return wg_mem_grow(&t->nodes, t->count + 1, &t->capacity, sizeof *t->nodes);
}

/* Whether the op can be computed as its record says:
 * in the dtype that chooses among its kernels, and element by element. */
static bool has_kernel(wg_tensor *y)
{
    const wg_op *op = y->op;
    for (int i = 0; op->map && i < y->n; i++)
        if (!wg_same_shape(&y->in[i]->shape, &y->shape))
            return wg_fail(y, "operands of the result's shape, since it is elementwise");
    if (op->map && y->n && !op->map->kernel[y->in[0]->dtype])
        return wg_fail(y, "a dtype that the op has a kernel for");
    if (!op->map && !op->view && op->reduce && !op->reduce->row[y->dtype])
        return wg_fail(y, "a dtype that the op has a kernel for");
    return true;
}

wg_tensor *wg_tape_push(wg_tape *t, const wg_op *op, int n, wg_tensor *const *in, const void *attr)
{
    size_t before = t->arena.total;
    wg_tensor *y = NULL;
    const void *kept = NULL;
    if (!reserve_index(t)
        || (op->attr_size && !(kept = wg_arena_copy(&t->arena, attr, op->attr_size)))
        || !(y = wg_arena_alloc(&t->arena, sizeof *y + (size_t)n * sizeof *y->in))) {
        wg_arena_rewind(&t->arena, before);
        wg_error_keep(t, WG_ERR_MEMORY, "%s: out of memory", op->name);
        return NULL;
    }
    y->tape = t; /* field by field: a loop of 8-byte stores, which compilers make of = {0},
                  * is half of the time */
    y->op = op;
    y->attr = kept;
    y->label = NULL;
    y->origin = t->origin;
    y->leaf = NULL;
    y->slots = NULL;
    y->id = (int32_t)t->count;
    y->n = n;
    y->dtype = (wg_dtype)0;
    y->stamp = 0;
    y->shape = (wg_shape){0};
    for (int i = 0; i < n; i++)
        y->in[i] = in[i];
    if (op->infer && (!op->infer(y) || !has_kernel(y))) {
        wg_arena_rewind(&t->arena, before);
        if (!t->failed)
            wg_error_keep(t, WG_ERR_ARGUMENT, "%s: refused by its infer, which gave no reason",
                          op->name);
        return NULL;
    }
    t->nodes[t->count++] = y;
    return y;
}

/* A record need not have been registered: what a node or a program would fall over is looked for
 * here. */
static bool record_fits(wg_tape *t, const wg_op *op, const void *attr)
{
    wg_message text;
    const char *lacks = wg_op_lacks(op, &text);
    if (lacks)
        return wg_error_keep(t, WG_ERR_ARGUMENT, "%s: wants a record with %s",
                             op->name ? op->name : "op", lacks);
    if (op->attr_size && !attr)
        return wg_error_keep(t, WG_ERR_ARGUMENT, "%s: wants %zu bytes of attributes, got NULL",
                             op->name, op->attr_size);
    return true;
}

static bool inputs_fit(wg_tape *t, const wg_op *op, int n, wg_tensor *const *in)
{
    if (n < 0 || (op->arity != WG_VARIADIC && n != op->arity))
        return wg_error_keep(t, WG_ERR_ARGUMENT, "%s: wants %d input%s, got %d", op->name, op->arity,
                             op->arity == 1 ? "" : "s", n);
    if (n && !in)
        return wg_error_keep(t, WG_ERR_ARGUMENT, "%s: wants %d input%s, got NULL", op->name, n,
                             n == 1 ? "" : "s");
    for (int i = 0; i < n; i++)
        if (!in[i]) {
            wg_refuse(op->name, "tensors", n, in);
            return false;
        }
    for (int i = 0; i < n; i++)
        if (in[i]->tape != t) {
            wg_refuse(op->name, "tensors of one tape", n, in);
            return false;
        }
    return true;
}

wg_tensor *wg_apply_on(wg_tape *t, const wg_op *op, int n, wg_tensor *const *in, const void *attr)
{
    if (!t || !op)
        return NULL;
    if (!record_fits(t, op, attr) || !inputs_fit(t, op, n, in))
        return NULL;
    return wg_tape_push(t, op, n, in, attr);
}

wg_tensor *wg_apply(const wg_op *op, int n, wg_tensor *const *in, const void *attr)
{
    for (int i = 0; in && i < n; i++)
        if (in[i])
            return wg_apply_on(in[i]->tape, op, n, in, attr);
    return NULL;
}

static int64_t bytes_of(const wg_shape *shape, wg_dtype dtype)
{
    bool overflow = false;
    int64_t count = wg_elements(shape);
    if (count < 0)
        return -1;
    int64_t bytes = wg_checked_mul(count, (int64_t)wg_dtype_size(dtype), &overflow);
    return overflow ? -1 : bytes;
}

int64_t wg_bytes_of(wg_shape shape, wg_dtype dtype)
{
    return bytes_of(&shape, dtype);
}

bool wg_infer(wg_tensor *y, wg_dtype dtype, wg_shape shape)
{
    if (!wg_dtype_get(dtype))
        return wg_fail(y, "a dtype");
    if (bytes_of(&shape, dtype) < 0)
        return wg_fail(y, "a result of rank 0 to 8 and at most 2^63 - 1 bytes");
    y->dtype = dtype;
    y->shape = shape;
    for (int64_t d = shape.rank; d < WG_MAX_RANK; d++)
        y->shape.dim[d] = 0;
    return true;
}

bool wg_infer_like(wg_tensor *y, int i)
{
    y->dtype = y->in[i]->dtype; /* checked when the input was recorded */
    y->shape = y->in[i]->shape;
    return true;
}

wg_tensor *wg_tape_origin(wg_tape *t, wg_tensor *origin)
{
    wg_tensor *before = t->origin;
    t->origin = origin;
    return before;
}

int64_t wg_next_stream(wg_tape *t)
{
    return t->draws++;
}

/* ---- marks ---- */

wg_mark wg_tape_mark(const wg_tape *t)
{
    if (!t)
        return (wg_mark){0};
    return (wg_mark){t->count, t->draws, t->params, t->arena.total, t->failed};
}

wg_status wg_tape_rewind(wg_tape *t, wg_mark mark)
{
    if (!t)
        return WG_ERR_ARGUMENT;
    if (mark.nodes < 0 || mark.nodes > t->count || mark.bytes > t->arena.total)
        return wg_keep_error(t, WG_ERR_ARGUMENT,
                             "rewind: wants a mark of this tape not yet rewound past");
    for (wg_dependent *d = t->dependents, *next; d; d = next) {
        next = d->after;
        d->rewound(d, mark.nodes);
    }
    wg_leaf_drop_from(t, mark.nodes);
    t->count = mark.nodes;
    t->before.node = NULL;
    t->draws = mark.draws;
    t->params = mark.params;
    wg_arena_rewind(&t->arena, mark.bytes);
    if (!mark.failed)
        wg_clear_error(t);
    return WG_OK;
}

void wg_tape_attach(wg_tape *t, wg_dependent *d)
{
    d->before = NULL;
    d->after = t->dependents;
    if (d->after)
        d->after->before = d;
    t->dependents = d;
}

void wg_tape_detach(wg_tape *t, wg_dependent *d)
{
    if (d->before)
        d->before->after = d->after;
    else
        t->dependents = d->after;
    if (d->after)
        d->after->before = d->before;
}

uint32_t wg_tape_stamp(wg_tape *t)
{
    if (++t->stamp == 0) {
        for (int64_t i = 0; i < t->count; i++)
            t->nodes[i]->stamp = 0;
        t->stamp = 1;
    }
    return t->stamp;
}

/* ---- random state ---- */

void wg_seed(wg_tape *t, uint64_t seed)
{
    if (!t)
        return;
    t->seed = seed;
    t->run = 0;
    t->clock++;
}

uint64_t wg_run_counter(const wg_tape *t)
{
    return t ? t->run : 0;
}

void wg_set_run_counter(wg_tape *t, uint64_t run)
{
    if (!t)
        return;
    t->run = run;
    t->clock++;
}
