/* The one list of operator families. */
#include <wengert/op.h>

#include <string.h>

#include "tape/registry.h"

#define FAMILY(name) extern const wg_op *const wg_##name##_ops[];
#include "ops/families.def"
#undef FAMILY

static const wg_op *const *const families[] = {
#define FAMILY(name) wg_##name##_ops,
#include "ops/families.def"
#undef FAMILY
};

const wg_op *wg_builtin_op(int i)
{
    for (size_t f = 0; f < sizeof families / sizeof *families && i >= 0; f++)
        for (const wg_op *const *op = families[f]; *op; op++)
            if (i-- == 0)
                return *op;
    return NULL;
}

const wg_op *wg_find_op(const wg_tape *t, const char *name)
{
    const wg_op *op;
    for (int i = 0; name && (op = wg_builtin_op(i)); i++)
        if (strcmp(op->name, name) == 0)
            return op;
    return wg_tape_op(t, name);
}
