#include "tape/registry.h"

#include <stdio.h>
#include <string.h>

#include "tape/state.h"

struct wg_known_op {
    UT_hash_handle hh;
    const wg_op *op;
};

static bool has_kernel(const wg_map *m)
{
    return m->kernel[WG_F32] || m->kernel[WG_F64] || m->kernel[WG_I32];
}

static bool has_rows(const wg_reduce *r)
{
    return r->row[WG_F32] || r->row[WG_F64] || r->row[WG_I32];
}

const char *wg_op_lacks(const wg_op *op, wg_message *text)
{
    if (!op->name || !*op->name)
        return "a name";
    if (op->size != sizeof *op) {
        snprintf(text->text, sizeof text->text,
                 "%zu bytes (.size = sizeof(wg_op)), not %zu: that is another version's",
                 sizeof *op, op->size);
        return text->text;
    }
    if (op->arity < 0 && op->arity != WG_VARIADIC)
        return "an arity of 0 or more, or WG_VARIADIC";
    if (!op->infer)
        return "an infer, which says the shape of the result";
    if (!op->map && !op->view && !op->reduce && !op->product && !op->kernel)
        return "a way to be computed: map, view, reduce, product or kernel";
    if (op->map && (op->arity < 1 || op->arity > WG_MAP_INPUTS))
        return "one to three inputs for a map";
    if (op->map && !has_kernel(op->map))
        return "a map with a kernel for some dtype";
    if (op->reduce && (!op->reduced || !has_rows(op->reduce)))
        return "a reduce with a row kernel for some dtype, and a reduced, which says the axes";
    if ((op->view || op->reduce) && op->arity == 0)
        return "an input to view or reduce";
    if (op->product && op->arity != 2)
        return "two inputs for a product";
    return NULL;
}

const wg_op *wg_tape_op(const wg_tape *t, const char *name)
{
    wg_known_op *found = NULL;
    if (t && name)
        HASH_FIND(hh, t->ops, name, strlen(name), found);
    return found ? found->op : NULL;
}

wg_status wg_tape_add_op(wg_tape *t, const wg_op *op)
{
    if (wg_tape_op(t, op->name))
        return WG_OK;
    wg_known_op *known = wg_mem_alloc(sizeof *known);
    if (!known)
        return wg_keep_error(t, WG_ERR_MEMORY, "register_op: out of memory");
    known->op = op;
    HASH_ADD_KEYPTR(hh, t->ops, op->name, strlen(op->name), known);
    if (!known->hh.tbl) {
        wg_mem_free(known);
        return wg_keep_error(t, WG_ERR_MEMORY, "register_op: out of memory");
    }
    return WG_OK;
}

wg_status wg_tape_refuse_op(wg_tape *t, wg_status s, const char *text)
{
    return wg_keep_error(t, s, "register_op: %s", text);
}

void wg_tape_free_ops(wg_tape *t)
{
    wg_known_op *known, *next;
    HASH_ITER(hh, t->ops, known, next)
    {
        HASH_DEL(t->ops, known);
        wg_mem_free(known);
    }
}
