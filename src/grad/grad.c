/* Gradients, products with Jacobians and with Hessians: each is one or two sweeps. */
#include <wengert/elementwise.h>
#include <wengert/grad.h>
#include <wengert/layout.h>
#include <wengert/reduce.h>

#include "core/alloc.h"
#include "core/shape.h"
#include "grad/sweep.h"
#include "tape/tape.h"

static wg_status refused(wg_tensor *y, int n, wg_tensor **g)
{
    for (int i = 0; g && i < n; i++)
        g[i] = NULL;
    wg_status s = y ? wg_error_status(y->tape) : WG_ERR_ARGUMENT;
    return s ? s : WG_ERR_ARGUMENT;
}

/* Refuses a list that is missing. */
static bool given(const char *who, const char *wants, wg_tensor *y, int n, wg_tensor *const *list)
{
    if (n && !list)
        wg_error_keep(y->tape, WG_ERR_ARGUMENT, "%s: wants %s of %d tensors, got NULL", who, wants,
                      n);
    return !n || list;
}

/* Of one element, with arguments that are good otherwise. */
static wg_status gradient(const char *who, wg_tensor *y, int n, wg_tensor *const *x, wg_tensor **g)
{
    if (wg_count_of(y) != 1) {
        wg_refuse1(who, "a result of one element (wg_sum it, or give wg_vjp a cotangent)", y);
        return refused(y, n, g);
    }
    wg_tensor *one = wg_ones_like(y);
    return one ? wg_sweep(who, y, one, n, x, g) : refused(y, n, g);
}

wg_status wg_grad(wg_tensor *y, int n, wg_tensor *const *x, wg_tensor **g)
{
    if (!wg_wanted("grad", y, n, x) || !given("grad", "room for the gradients", y, n, g))
        return refused(y, n, g);
    return gradient("grad", y, n, x, g);
}

static bool like(const char *who, const char *wants, wg_tensor *y, wg_tensor *v)
{
    if (v && v->tape == y->tape && v->dtype == y->dtype && wg_shape_equal(v->shape, y->shape))
        return true;
    wg_refuse2(who, wants, y, v);
    return false;
}

wg_status wg_vjp(wg_tensor *y, wg_tensor *v, int n, wg_tensor *const *x, wg_tensor **g)
{
    return wg_vjp_watched(y, v, n, x, g, NULL, NULL);
}

wg_status wg_vjp_watched(wg_tensor *y, wg_tensor *v, int n, wg_tensor *const *x, wg_tensor **g,
                         wg_sweep_watch *watch, void *user)
{
    if (!wg_wanted("vjp", y, n, x) || !given("vjp", "room for the gradients", y, n, g)
        || !like("vjp", "a cotangent of the result's tape, shape and dtype", y, v))
        return refused(y, n, g);
    return wg_sweep_watched("vjp", y, v, n, x, g, watch, user);
}

/* sum_i <g[i], u[i]> where g[i] depends on anything; NULL after an error. */
static wg_tensor *pairing(int n, wg_tensor *const *g, wg_tensor *const *u)
{
    wg_tensor *sum = NULL;
    for (int i = 0; i < n; i++) {
        wg_tensor *term = wg_sum(wg_mul(g[i], u[i]));
        sum = sum ? wg_add(sum, term) : term;
        if (!sum)
            return NULL;
    }
    return sum;
}

static bool directions(const char *who, int n, wg_tensor *const *x, wg_tensor *const *u)
{
    for (int i = 0; i < n; i++)
        if (!like(who, "a direction of the tensor's tape, shape and dtype", x[i], u[i]))
            return false;
    return true;
}

/* J'v is linear in v, so the vjp of v -> <J'v, u> is J u,
 * whatever v is: a zero that nothing else on the tape refers to. */
wg_tensor *wg_jvp(wg_tensor *y, int n, wg_tensor *const *x, wg_tensor *const *u)
{
    if (!wg_wanted("jvp", y, n, x) || !given("jvp", "directions", y, n, u)
        || !directions("jvp", n, x, u))
        return NULL;
    if (n == 0)
        return wg_zeros_like(y);
    wg_tensor *v = wg_zeros_like(y), *result = NULL, *paired;
    wg_tensor **g = wg_mem_zero((size_t)n, sizeof *g);
    if (!g)
        wg_error_keep(y->tape, WG_ERR_MEMORY, "jvp: out of memory");
    if (g && v && wg_sweep("jvp", y, v, n, x, g) == WG_OK && (paired = pairing(n, g, u)))
        wg_sweep("jvp", paired, wg_ones_like(paired), 1, &v, &result);
    wg_mem_free(g);
    return result;
}

wg_status wg_hvp(wg_tensor *y, int n, wg_tensor *const *x, wg_tensor *const *v, wg_tensor **h)
{
    wg_status s = WG_ERR_ARGUMENT;
    if (!wg_wanted("hvp", y, n, x) || !given("hvp", "room for the products", y, n, h)
        || !given("hvp", "directions", y, n, v) || !directions("hvp", n, x, v))
        return refused(y, n, h);
    if (n == 0)
        return WG_OK;
    wg_tensor **g = wg_mem_zero((size_t)n, sizeof *g), *paired = NULL;
    if (!g)
        s = wg_keep_error(y->tape, WG_ERR_MEMORY, "hvp: out of memory");
    else if ((s = gradient("hvp", y, n, x, g)) == WG_OK && (paired = pairing(n, g, v)))
        s = gradient("hvp", paired, n, x, h);
    wg_mem_free(g);
    return s == WG_OK && paired ? WG_OK : refused(y, n, h);
}

/* Rows of the Jacobian: one vjp for each element of y, its cotangent 1 there and 0 elsewhere. */
static wg_tensor *rows(const char *who, wg_tensor *y, wg_tensor *x)
{
    int64_t m = wg_count_of(y);
    wg_shape shape = {.rank = y->shape.rank + x->shape.rank};
    if (shape.rank > WG_MAX_RANK)
        return wg_refuse2(who, "ranks that sum to at most 8", y, x);
    for (int64_t d = 0; d < shape.rank; d++)
        shape.dim[d] = d < y->shape.rank ? y->shape.dim[d] : x->shape.dim[d - y->shape.rank];
    if (wg_shape_count(shape) == 0)
        return wg_full_as(y->tape, y->dtype, shape, 0);
    wg_tensor **row = wg_mem_zero((size_t)m, sizeof *row), *flat = wg_flatten(y);
    if (!row)
        wg_error_keep(y->tape, WG_ERR_MEMORY, "%s: out of memory", who);
    bool fine = row && flat;
    for (int64_t i = 0; fine && i < m; i++) {
        wg_tensor *at = wg_slice(flat, 0, i, i + 1, 1), *one = wg_ones_like(at);
        fine = at && one && wg_sweep(who, at, one, 1, &x, &row[i]) == WG_OK;
    }
    wg_tensor *result = fine ? wg_reshape(wg_stack((int)m, row, 0), shape) : NULL;
    wg_mem_free(row);
    return result;
}

wg_tensor *wg_jacobian(wg_tensor *y, wg_tensor *x)
{
    if (!wg_wanted("jacobian", y, 1, &x))
        return NULL;
    return rows("jacobian", y, x);
}

wg_tensor *wg_hessian(wg_tensor *y, wg_tensor *x)
{
    wg_tensor *g;
    if (!wg_wanted("hessian", y, 1, &x))
        return NULL;
    return gradient("hessian", y, 1, &x, &g) == WG_OK ? rows("hessian", g, x) : NULL;
}
