#include "tape/registry.h"

#include <string.h>

#include "tape/state.h"

struct wg_known_op {
    UT_hash_handle hh;
    const wg_op *op;
};

const wg_op *wg_tape_op(const wg_tape *t, const char *name)
{
    wg_known_op *found = NULL;
    if (t && name)
        HASH_FIND(hh, t->ops, name, strlen(name), found);
    return found ? found->op : NULL;
}

wg_status wg_tape_add_op(wg_tape *t, const wg_op *op)
{
    const wg_op *same = wg_tape_op(t, op->name);
    if (same == op)
        return WG_OK;
    if (same)
        return wg_error_status_keep(
            t, WG_ERR_ARGUMENT, "register_op: wants a name not taken yet, got \"%s\"", op->name);
    wg_known_op *known = wg_mem_alloc(sizeof *known);
    if (!known)
        return wg_error_status_keep(t, WG_ERR_MEMORY, "register_op: out of memory");
    known->op = op;
    HASH_ADD_KEYPTR(hh, t->ops, op->name, strlen(op->name), known);
    if (!known->hh.tbl) {
        wg_mem_free(known);
        return wg_error_status_keep(t, WG_ERR_MEMORY, "register_op: out of memory");
    }
    return WG_OK;
}

wg_status wg_tape_refuse_op(wg_tape *t, wg_status s, const char *text)
{
    return wg_error_status_keep(t, s, "register_op: %s", text);
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
