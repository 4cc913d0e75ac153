/* Assignment to a parameter.  As a value it is the value assigned;
 * the effect belongs to programs that list it. */
#include "ops/assign.h"

#include <wengert/effect.h>
#include <wengert/layout.h>

#include "tape/tape.h"

/* What an assignment wants in place of these two; NULL if they fit. */
static const char *misfit(const wg_tensor *leaf, const wg_tensor *value)
{
    if (wg_leaf_kind_of(leaf) != WG_PARAM)
        return "a parameter and a value";
    if (value->dtype != leaf->dtype || !wg_shape_equal(value->shape, leaf->shape))
        return "a value of the parameter's shape and dtype";
    return NULL;
}

static bool assign_infer(wg_tensor *y)
{
    const char *wants = misfit(y->in[WG_ASSIGN_LEAF], y->in[WG_ASSIGN_VALUE]);
    return wants ? wg_fail(y, wants) : wg_infer_like(y, WG_ASSIGN_VALUE);
}

static wg_tensor *assign_vjp(wg_tensor *y, wg_tensor *g, int i)
{
    return i == WG_ASSIGN_VALUE ? g : wg_zeros_like(y->in[i]);
}

static bool assign_view(const wg_tensor *y, const wg_view *x, wg_view *out)
{
    (void)y;
    *out = *x;
    return true;
}

static wg_tensor *assign_sample(wg_tape *t, int k)
{
    if (k > 0)
        return NULL;
    wg_tensor *x = wg_input(t, "x0", WG_SHAPE(2, 3)),
              *w = wg_param(t, "w", WG_SHAPE(2, 3), wg_init_zeros());
    return wg_assign(w, x);
}

const wg_op wg_assign_op = {
    .size = sizeof(wg_op),
    .name = "assign",
    .doc = "the value; a program that lists it puts it into the parameter when its run ends",
    .arity = 2,
    .infer = assign_infer,
    .vjp = assign_vjp,
    .view = assign_view,
    .sample = assign_sample,
};

/* Refusals name the operands in the order of this call, which is not the record's. */
wg_tensor *wg_assign(wg_tensor *leaf, wg_tensor *value)
{
    const char *wants = !leaf || !value                ? "tensors"
                        : leaf->tape != value->tape ? "tensors of one tape"
                                                    : misfit(leaf, value);
    return wants ? wg_refuse2("assign", wants, leaf, value)
                 : wg_apply2(&wg_assign_op, value, leaf);
}

const wg_op *const wg_assign_ops[] = {&wg_assign_op, NULL};
