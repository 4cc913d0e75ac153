/* Registering an op: its record is looked over, then its derivatives are checked, then the tape
 * knows it by name. */
#include <stdio.h>
#include <wengert/check.h>
#include <wengert/tape.h>

#include "tape/registry.h"

static wg_status refuse(wg_tape *t, const wg_op *op, const char *lacks)
{
    wg_message text;
    snprintf(text.text, sizeof text.text, "wants a record with %.300s, got \"%.60s\"", lacks,
             op->name ? op->name : "");
    return wg_tape_refuse_op(t, WG_ERR_ARGUMENT, text.text);
}

wg_status wg_register_op_with(wg_tape *t, const wg_op *op, bool check)
{
    wg_message text;
    if (!t)
        return WG_ERR_ARGUMENT;
    if (!op)
        return wg_tape_refuse_op(t, WG_ERR_ARGUMENT, "wants a record, got NULL");
    const char *lacks = wg_op_lacks(op, &text);
    if (lacks)
        return refuse(t, op, lacks);
    const wg_op *same = wg_find_op(t, op->name);
    if (same && same != op)
        return refuse(t, op, "a name not taken yet");
    if (check) {
        wg_check_report report;
        wg_status s = wg_check_op(op, NULL, &report);
        if (s)
            return wg_tape_refuse_op(t, s, report.text);
    }
    return wg_tape_add_op(t, op);
}
