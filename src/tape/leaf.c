/* Leaves: their names, memory and values; inputs and constants.  Parameters are in param.c. */
#include <string.h>

#include "core/dtype.h"
#include "core/shape.h"
#include "tape/state.h"

/* A leaf's shape and dtype are set by whoever pushes it; no derivative passes into its record. */
static const wg_op input_op = {.size = sizeof(wg_op), .name = "input", .doc = "fed before a run"};
static const wg_op constant_op = {
    .size = sizeof(wg_op), .name = "constant", .doc = "values fixed when recorded"};

/* A page more than wanted is no matter for the first arrays of a tape, nor for large ones.  For many
 * small ones, as the weights of a thousand narrow layers are, it is: they would be twice as far to
 * go through, and a step would take 1.6 times as long. */
static bool is_placed(const wg_tape *t, int64_t bytes)
{
    enum { FIRST = 32, LARGE = 4 * WG_PAGE };
    return bytes >= LARGE || (bytes >= WG_WORTH_PLACING && t->bindings < FIRST);
}

/* Gives an input memory of its own if it has none; false when memory runs out. */
static bool reserve(wg_leaf *l)
{
    if (l->own)
        return true;
    wg_tape *t = l->node->tape;
    const int64_t bytes = wg_bytes_of(l->node->shape, l->node->dtype);
    const bool placed = is_placed(t, bytes);
    if (!(l->block = wg_mem_aligned((uint64_t)bytes + (placed ? WG_PAGE : 0))))
        return false;
    l->own = placed ? wg_mem_placed(l->block, t->bindings) : l->block;
    t->bindings++;
    return true;
}

void wg_leaf_drop_from(wg_tape *t, int64_t nodes)
{
    while (t->last_leaf && t->last_leaf->node->id >= nodes) {
        wg_leaf *l = t->last_leaf;
        t->last_leaf = l->before;
        if (l->name)
            HASH_DEL(t->leaves, l);
        wg_mem_free(l->block);
    }
}

static wg_leaf *find(const wg_tape *t, const char *name)
{
    wg_leaf *l = NULL;
    HASH_FIND(hh, t->leaves, name, strlen(name), l);
    return l;
}

wg_tensor *wg_find(const wg_tape *t, const char *name)
{
    wg_leaf *l = t && name ? find(t, name) : NULL;
    return l ? l->node : NULL;
}

static bool leaf_fits(wg_tape *t, const wg_op *op, const char *name, wg_dtype dtype, wg_shape shape)
{
    char text[200];
    wg_shape_text(shape, text, sizeof text);
    if (!wg_dtype_get(dtype))
        return wg_error_keep(t, WG_ERR_ARGUMENT, "%s: wants a dtype, got %d", op->name, (int)dtype);
    if (op != &constant_op && (!name || !*name))
        return wg_error_keep(t, WG_ERR_ARGUMENT, "%s: wants a name, got %s %s", op->name,
                             name ? "\"\"" : "NULL", text);
    if (name && find(t, name))
        return wg_error_keep(t, WG_ERR_ARGUMENT,
                             "%s: wants a name not taken on this tape, got \"%.80s\" %s", op->name,
                             name, text);
    if (wg_bytes_of(shape, dtype) < 0)
        return wg_error_keep(t, WG_ERR_ARGUMENT,
                             "%s: wants a shape of rank 0 to 8, extents of 0 or more and at most "
                             "2^63 - 1 bytes, got \"%.80s\" %s",
                             op->name, name ? name : "", text);
    return true;
}

static wg_tensor *no_memory(wg_tape *t, const wg_op *op, const char *name, wg_dtype dtype,
                            wg_shape shape)
{
    char text[200];
    const char *quote = name ? "\"" : "";
    wg_error_keep(t, WG_ERR_MEMORY, "%s: out of memory for %s%.80s%s%s%s %s", op->name, quote,
                  name ? name : "", quote, name ? " " : "", wg_dtype_name(dtype),
                  wg_shape_text(shape, text, sizeof text));
    return NULL;
}

wg_tensor *wg_leaf_new(wg_tape *t, const wg_op *op, wg_leaf_kind kind, const char *name,
                       wg_dtype dtype, wg_shape shape)
{
    if (!t || !leaf_fits(t, op, name, dtype, shape))
        return NULL;
    size_t before = t->arena.total;
    wg_leaf *l = wg_arena_alloc(&t->arena, sizeof *l);
    const char *kept = name ? wg_tape_text(t, name) : NULL;
    wg_tensor *y = l && (kept || !name) ? wg_tape_push(t, op, 0, NULL, NULL) : NULL;
    if (!y) {
        wg_arena_rewind(&t->arena, before);
        return no_memory(t, op, name, dtype, shape);
    }
    y->dtype = dtype;
    y->shape = shape;
    y->leaf = l;
    *l = (wg_leaf){.node = y, .name = kept, .kind = kind, .count = wg_shape_count(shape)};
    bool kept_all = kind == WG_INPUT || reserve(l);
    if (kept_all && kept) {
        HASH_ADD_KEYPTR(hh, t->leaves, kept, strlen(kept), l);
        kept_all = l->hh.tbl != NULL;
    }
    if (!kept_all) {
        wg_mem_free(l->block);
        t->count--;
        wg_arena_rewind(&t->arena, before);
        return no_memory(t, op, name, dtype, shape);
    }
    l->before = t->last_leaf;
    t->last_leaf = l;
    return y;
}

wg_tensor *wg_input_as(wg_tape *t, const char *name, wg_dtype dtype, wg_shape shape)
{
    return wg_leaf_new(t, &input_op, WG_INPUT, name, dtype, shape);
}

wg_tensor *wg_input(wg_tape *t, const char *name, wg_shape shape)
{
    return t ? wg_input_as(t, name, t->dtype, shape) : NULL;
}

wg_tensor *wg_constant_as(wg_tape *t, wg_dtype dtype, wg_shape shape, const void *values)
{
    if (t && !values && wg_shape_count(shape) != 0)
        return wg_error_null(t, "constant: wants values, got NULL");
    wg_tensor *y = wg_leaf_new(t, &constant_op, WG_CONSTANT, NULL, dtype, shape);
    if (!y)
        return NULL;
    if (values)
        memcpy(y->leaf->own, values, (size_t)y->leaf->count * wg_dtype_size(dtype));
    y->leaf->fed = true;
    return y;
}

/* ---- values in ---- */

static wg_status set(wg_tensor *x, const void *v, wg_dtype from)
{
    if (!x)
        return WG_ERR_ARGUMENT;
    wg_leaf *l = x->leaf;
    char who[96];
    if (!l || l->kind == WG_CONSTANT)
        return wg_keep_error(x->tape, WG_ERR_ARGUMENT, "set: wants an input or a parameter, got %s",
                             wg_describe(x, who, sizeof who));
    if (!v && l->count)
        return wg_keep_error(x->tape, WG_ERR_ARGUMENT, "set: wants values for %s, got NULL",
                             wg_describe(x, who, sizeof who));
    if (!l->bound && !reserve(l))
        return wg_keep_error(x->tape, WG_ERR_MEMORY, "set: out of memory");
    void *data = wg_leaf_data(l);
    if (x->dtype == WG_I32 && from != WG_I32)
        for (int64_t i = 0; i < l->count; i++)
            if (!wg_number_fits_i32(wg_number_get(v, from, i)))
                return wg_keep_error(
                    x->tape, WG_ERR_ARGUMENT, "set: %s is i32 and cannot hold element %lld, %g",
                    wg_describe(x, who, sizeof who), (long long)i, wg_number_get(v, from, i));
    if (x->dtype == from && l->count)
        memcpy(data, v, (size_t)l->count * wg_dtype_size(from));
    else
        for (int64_t i = 0; i < l->count; i++)
            wg_number_put(data, x->dtype, i, wg_number_get(v, from, i));
    l->fed = true;
    l->set_at = ++x->tape->clock;
    return WG_OK;
}

wg_status wg_set_f32(wg_tensor *leaf, const float *v)
{
    return set(leaf, v, WG_F32);
}

wg_status wg_set_f64(wg_tensor *leaf, const double *v)
{
    return set(leaf, v, WG_F64);
}

wg_status wg_set_i32(wg_tensor *leaf, const int32_t *v)
{
    return set(leaf, v, WG_I32);
}

wg_status wg_bind(wg_tensor *x, void *data)
{
    if (!x)
        return WG_ERR_ARGUMENT;
    wg_leaf *l = x->leaf;
    char who[96];
    if (!l || l->kind != WG_INPUT)
        return wg_keep_error(x->tape, WG_ERR_ARGUMENT, "bind: wants an input, got %s",
                             wg_describe(x, who, sizeof who));
    if ((uintptr_t)data % wg_dtype_size(x->dtype))
        return wg_keep_error(x->tape, WG_ERR_ARGUMENT,
                             "bind: wants memory aligned to an element of %s",
                             wg_describe(x, who, sizeof who));
    if (!data && l->bound) {
        if (!reserve(l))
            return wg_keep_error(x->tape, WG_ERR_MEMORY, "bind: out of memory");
        l->fed = false;
    }
    if (data)
        l->fed = true;
    l->bound = data;
    l->set_at = ++x->tape->clock;
    x->tape->bindings++;
    return WG_OK;
}

wg_tensor *wg_constant(wg_tape *t, wg_shape shape, const double *values)
{
    if (t && !values && wg_shape_count(shape) != 0)
        return wg_error_null(t, "constant: wants values, got NULL");
    wg_tensor *y = wg_leaf_new(t, &constant_op, WG_CONSTANT, NULL, t ? t->dtype : WG_F32, shape);
    if (!y)
        return NULL;
    for (int64_t i = 0; i < y->leaf->count; i++)
        wg_number_put(y->leaf->own, y->dtype, i, values[i]);
    y->leaf->fed = true;
    return y;
}
