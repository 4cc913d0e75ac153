#include "support/near.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

wg_tensor *near_input(wg_tape *t, const char *name, wg_shape shape, const double *v)
{
    wg_tensor *x = wg_input(t, name, shape);
    if (!x || wg_set_f64(x, v) != WG_OK)
        fail_msg("%s", wg_error(t));
    return x;
}

static bool agree(double a, double b, double tolerance)
{
    if (isnan(a) || isnan(b) || isinf(a) || isinf(b))
        return (isnan(a) && isnan(b)) || a == b;
    return fabs(a - b) <= tolerance * fmax(1, fabs(b));
}

void near_values(wg_tensor *y, int n, const double *wants, double tolerance)
{
    if (!y)
        fail_msg("no tensor");
    if (wg_count_of(y) != n)
        fail_msg("%lld elements, wants %d", (long long)wg_count_of(y), n);
    double *v = malloc((size_t)(n + 1) * sizeof *v);
    if (wg_get_f64(y, v) != WG_OK)
        fail_msg("%s", wg_error(wg_tape_of(y)));
    for (int i = 0; i < n; i++)
        if (!agree(v[i], wants[i], tolerance))
            fail_msg("%s: element %d is %.17g, wants %.17g", wg_op_name(y), i, v[i], wants[i]);
    free(v);
}

void near_item(wg_tensor *y, double wants, double tolerance)
{
    near_values(y, 1, &wants, tolerance);
}

void near_grad(wg_tensor *y, wg_tensor *x, int n, const double *wants, double tolerance)
{
    wg_tensor *g = NULL;
    if (wg_grad(wg_sum(y), 1, &x, &g) != WG_OK)
        fail_msg("%s", wg_error(wg_tape_of(x)));
    near_values(g, n, wants, tolerance);
}

void near_check(wg_model *model, void *user)
{
    wg_check_report report;
    wg_check_options options = {.order = 2, .max_elements = -1};
    if (wg_check_grad(model, user, &options, &report) != WG_OK)
        fail_msg("%s", report.text);
}

void near_refused(wg_tape *t, const wg_tensor *y, const char *error)
{
    assert_null(y);
    if (!wg_error(t))
        fail_msg("no error, wants: %s", error);
    assert_string_equal(wg_error(t), error);
    wg_clear_error(t);
}
