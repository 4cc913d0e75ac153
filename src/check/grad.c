/* wg_check_grad: a model, built on a tape of the check's own. */
#include <wengert/check.h>
#include <wengert/tape.h>

#include "check/audit.h"

wg_status wg_check_grad(wg_model *model, void *user, const wg_check_options *options,
                        wg_check_report *report)
{
    wg_check_report own;
    wg_audit a;
    wg_audit_begin(&a, options, report ? report : &own);
    if (!model)
        return wg_audit_fail(&a, WG_ERR_ARGUMENT, "check_grad: wants a model, got NULL");
    wg_tape *t = wg_tape_new(WG_F64);
    if (!t)
        return wg_audit_fail(&a, WG_ERR_MEMORY, "check_grad: out of memory");
    wg_status s = wg_audit_tensor(&a, t, model(t, user), false);
    wg_tape_free(t);
    return s;
}
