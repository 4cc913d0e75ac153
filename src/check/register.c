/* Registering an op: its record is looked over, then its derivatives are checked, then the tape
 * knows it by name. */
#include <stdio.h>
#include <string.h>
#include <wengert/check.h>
#include <wengert/tape.h>

#include "tape/registry.h"

static bool has_kernel(const wg_map *m)
{
    return m->kernel[WG_F32] || m->kernel[WG_F64] || m->kernel[WG_I32];
}

static bool has_rows(const wg_reduce *r)
{
    return r->row[WG_F32] || r->row[WG_F64] || r->row[WG_I32];
}

/* What a record lacks; NULL if nothing. */
static const char *fault(const wg_op *op)
{
    if (op->arity < 0 && op->arity != WG_VARIADIC)
        return "an arity of 0 or more, or WG_VARIADIC";
    if (!op->infer)
        return "an infer, which says the shape of the result";
    if (!op->map && !op->view && !op->reduce && !op->product && !op->kernel)
        return "a way to be computed: map, view, reduce, product or kernel";
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

wg_status wg_register_op_with(wg_tape *t, const wg_op *op, bool check)
{
    char text[200];
    if (!t)
        return WG_ERR_ARGUMENT;
    if (!op || !op->name || !*op->name)
        return wg_tape_refuse_op(t, WG_ERR_ARGUMENT, "wants an op's record with a name");
    if (op->size != sizeof *op) {
        snprintf(text, sizeof text,
                 "wants a record of %zu bytes (.size = sizeof(wg_op)), got \"%.60s\" of %zu",
                 sizeof *op, op->name, op->size);
        return wg_tape_refuse_op(t, WG_ERR_ARGUMENT, text);
    }
    const char *lacks = fault(op);
    if (lacks) {
        snprintf(text, sizeof text, "wants %s, got \"%.60s\"", lacks, op->name);
        return wg_tape_refuse_op(t, WG_ERR_ARGUMENT, text);
    }
    const wg_op *same = wg_find_op(t, op->name);
    if (same && same != op) {
        snprintf(text, sizeof text, "wants a name not taken yet, got \"%.60s\"", op->name);
        return wg_tape_refuse_op(t, WG_ERR_ARGUMENT, text);
    }
    if (check) {
        wg_check_report report;
        wg_status s = wg_check_op(op, NULL, &report);
        if (s)
            return wg_tape_refuse_op(t, s, report.text);
    }
    return wg_tape_add_op(t, op);
}
