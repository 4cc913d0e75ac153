/* examples/user_op.c: an operator of one's own.  softsign(x) = x / (1 + |x|) in some 20 lines:
 * shape rule, kernel, adjoint.
 * Registering it checks its derivatives by finite differences (unless NDEBUG is defined). */
#include <math.h>
#include <stdio.h>
#include <wengert.h>

static bool softsign_infer(wg_tensor *y)
{
    return wg_infer_like(y, 0); /* any shape and dtype, as the input's */
}

static wg_status softsign_kernel(const wg_call *c)
{
    for (int64_t i = 0; i < c->out->count; i++)
        if (c->out->dtype == WG_F64) {
            double x = ((const double *)c->in[0].data)[i];
            ((double *)c->out->data)[i] = x / (1 + fabs(x));
        } else {
            float x = ((const float *)c->in[0].data)[i];
            ((float *)c->out->data)[i] = x / (1 + fabsf(x));
        }
    return WG_OK;
}

/* (1 + |x|)^-2, in the library's own ops: so it can be differentiated again. */
static wg_tensor *softsign_vjp(wg_tensor *y, wg_tensor *g, int i)
{
    return wg_div(g, wg_square(wg_add_scalar(wg_abs(wg_in(y, i)), 1)));
}

static const wg_op softsign = {
    .size = sizeof(wg_op), .name = "softsign", .doc = "x / (1 + |x|)", .arity = 1,
    .infer = softsign_infer, .kernel = softsign_kernel, .vjp = softsign_vjp,
    .domain = {{.lo = -2, .hi = 2, .kink = 0, .has_kink = true}},
};

int main(void)
{
    wg_tape *t = wg_tape_new(WG_F64);
    wg_check_report report;
    printf("registered: %s\n", wg_status_name(wg_register_op(t, &softsign)));
    wg_check_op(&softsign, NULL, &report);
    printf("%s\n", report.text);

    wg_tensor *x = wg_constant(t, WG_SHAPE(3), (double[]){-1, 0, 3}), *g, *h;
    wg_tensor *y = wg_apply(wg_find_op(t, "softsign"), 1, &x, NULL);
    wg_grad(wg_sum(y), 1, &x, &g);
    wg_grad(wg_sum(g), 1, &x, &h);
    wg_print(y);
    wg_print(g);
    wg_print(h);
    if (wg_error(t))
        fprintf(stderr, "%s\n", wg_error(t));
    wg_tape_free(t);
}

/*
registered: ok
softsign: 34 elements of 2 samples agree with finite differences, worst error -7.2e-13
[-0.5, 0, 0.75]
[0.25, 1, 0.0625]
[0.25, -0, -0.03125]
*/
