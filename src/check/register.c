/* Registering an op: its record is looked over, then its derivatives are checked, then the tape
 * knows it by name. */
#include <stdio.h>
#include <wengert/check.h>
#include <wengert/tape.h>

#include "tape/registry.h"

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
    const char *lacks = wg_op_lacks(op);
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
