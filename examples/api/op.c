/* Examples of wengert/op.h: what a statement prints stands behind it. */
#include <stdio.h>
#include <wengert.h>

/* y = c x^3, with the number c as attribute. */
static bool cube_infer(wg_tensor *y)
{
    if (wg_dtype_of(wg_in(y, 0)) != WG_F64)
        return wg_fail(y, "an f64 tensor");
    return wg_infer_like(y, 0);
}

static wg_status cube_kernel(const wg_call *call)
{
    const double c = *(const double *)call->attr, *x = call->in[0].data;
    double *y = call->out->data;
    for (int64_t i = 0; i < call->out->count; i++)
        y[i] = c * x[i] * x[i] * x[i];
    return WG_OK;
}

/* dy/dx = 3 c x^2 */
static wg_tensor *cube_vjp(wg_tensor *y, wg_tensor *g, int i)
{
    const double c = *(const double *)wg_attr(y);
    return wg_mul(g, wg_mul_scalar(wg_square(wg_in(y, i)), 3 * c));
}

static const wg_op cube = {
    .size = sizeof cube, .name = "cube", .arity = 1, .attr_size = sizeof(double),
    .infer = cube_infer, .kernel = cube_kernel, .vjp = cube_vjp,
};

/* 0, 1, 2: an op without inputs. */
static bool count_infer(wg_tensor *y)
{
    return wg_infer(y, WG_F64, WG_SHAPE(3));
}

static wg_status count_kernel(const wg_call *call)
{
    for (int i = 0; i < 3; i++)
        ((double *)call->out->data)[i] = i;
    return WG_OK;
}

static const wg_op count = {
    .size = sizeof count, .name = "count", .arity = 0, .infer = count_infer, .kernel = count_kernel,
};

int main(void)
{
    wg_tape *t = wg_tape_new(WG_F64);

    /* wg_apply */
    wg_tensor *x = wg_constant(t, WG_SHAPE(3), (double[]){1, 2, 3}), *g;
    wg_tensor *y = wg_apply(&cube, 1, &x, &(double){2});
    wg_grad(wg_sum(y), 1, &x, &g);
    wg_print(y); /* [2, 16, 54] */
    wg_print(g); /* [6, 24, 54] */

    /* wg_apply_on, wg_infer */
    wg_print(wg_apply_on(t, &count, 0, NULL, NULL)); /* [0, 1, 2] */

    /* wg_fail, wg_infer_like, wg_in, wg_attr: in cube's functions */
    wg_tensor *label = wg_constant_as(t, WG_I32, WG_SHAPE(1), (int32_t[]){1});
    wg_apply(&cube, 1, &label, &(double){2});
    printf("%s\n", wg_error(t)); /* cube: wants an f64 tensor, got constant#11 i32 [1] */
    wg_clear_error(t);

    /* wg_register_op_with, wg_find_op: known by its name */
    wg_register_op_with(t, &count, false);
    printf("%d\n", wg_find_op(t, "count") == &count); /* 1 */

    /* wg_op_of, wg_builtin_op */
    printf("%s\n", wg_op_of(y)->name); /* cube */
    int ops = 0;
    while (wg_builtin_op(ops))
        ops++;
    printf("%d\n", ops > 100); /* 1 */

    wg_tape_free(t);
}
