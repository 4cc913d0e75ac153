/* Broken rules, for builds that test the tests (-DWENGERT_MUTATION); nothing at all in any other.
 *
 * The environment variable WENGERT_MUTATION names an op, a way to break its vjp, and, if not
 * every, the input whose adjoint is broken:
 *     mul:negate   mul:double:1   matmul:transpose   sigmoid:zero
 * scripts/mutate tries them all and tells which the tests do not notice. */
#ifdef WENGERT_MUTATION
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wengert/elementwise.h>
#include <wengert/layout.h>
#include <wengert/op.h>
#include <wengert/tape.h>

#include "grad/sweep.h"

/* As many elements, in the order of the transposed matrix: wrong wherever the matrix is not
 * symmetric. */
static wg_tensor *transposed(wg_tensor *a)
{
    return wg_reshape(wg_transpose(a), wg_shape_of(a));
}

static bool is_zero(const wg_tensor *a)
{
    const double *value = strcmp(wg_op_name(a), "full") == 0 ? wg_attr(a) : NULL;
    return value && *value == 0;
}

wg_tensor *wg_mutate(const wg_op *op, int i, wg_tensor *adjoint)
{
    char name[64], how[16];
    int input = i;
    const char *spec = getenv("WENGERT_MUTATION");
    if (!spec || sscanf(spec, "%63[^:]:%15[^:]:%d", name, how, &input) < 2
        || strcmp(name, op->name) != 0 || input != i || !adjoint)
        return adjoint;
    if (is_zero(adjoint))
        return wg_ones_like(adjoint); /* a rule that says "none" is broken by saying something */
    if (!strcmp(how, "negate"))
        return wg_neg(adjoint);
    if (!strcmp(how, "double"))
        return wg_mul_scalar(adjoint, 2);
    if (!strcmp(how, "zero"))
        return wg_zeros_like(adjoint);
    return !strcmp(how, "transpose") ? transposed(adjoint) : NULL;
}
#else
typedef int wg_no_mutation; /* ISO C forbids a file of nothing */
#endif
