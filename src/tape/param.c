/* Parameters: how they begin. */
#include <math.h>

#include "core/dtype.h"
#include "core/philox.h"
#include "core/shape.h"
#include "tape/state.h"

static const wg_op param_op = {
    .size = sizeof(wg_op), .name = "param", .doc = "named state that runs may assign"};

/* Initial values come from streams of their own, above those of draws, in run 0. */
enum { FIRST_PARAM_STREAM = 1 << 30 };

/* ---- how one begins ---- */

wg_init wg_init_zeros(void)
{
    return wg_init_constant(0);
}

wg_init wg_init_constant(double value)
{
    return (wg_init){.kind = WG_INIT_CONSTANT, .a = value};
}

wg_init wg_init_normal(double mean, double std)
{
    return (wg_init){.kind = WG_INIT_NORMAL, .a = mean, .b = std};
}

wg_init wg_init_uniform(double lo, double hi)
{
    return (wg_init){.kind = WG_INIT_UNIFORM, .a = lo, .b = hi};
}

wg_init wg_init_values(const double *values)
{
    return (wg_init){.kind = WG_INIT_VALUES, .values = values};
}

wg_init wg_init_glorot(void)
{
    return (wg_init){.kind = WG_INIT_GLOROT};
}

wg_init wg_init_he(void)
{
    return (wg_init){.kind = WG_INIT_HE};
}

/* ---- making one ---- */

/* Glorot's and He's rules as the uniform and the normal draw that they are. */
static wg_init resolve(wg_init init, const wg_shape *s)
{
    double lead = 1, in, out;
    for (int64_t d = 0; d + 2 < s->rank; d++)
        lead *= (double)s->dim[d];
    in = lead * (s->rank > 1 ? (double)s->dim[s->rank - 2] : s->rank > 0 ? (double)s->dim[0] : 1);
    out = lead * (s->rank > 0 ? (double)s->dim[s->rank - 1] : 1);
    if (init.kind == WG_INIT_GLOROT) {
        double bound = in + out > 0 ? sqrt(6 / (in + out)) : 0;
        return wg_init_uniform(-bound, bound);
    }
    if (init.kind == WG_INIT_HE)
        return wg_init_normal(0, in > 0 ? sqrt(2 / in) : 0);
    return init;
}

/* What the initial values are drawn from must be a distribution, in numbers of the tape's dtype. */
static bool init_fits(wg_tape *t, const char *name, wg_init init, wg_shape shape)
{
    const char *wants = NULL;
    const bool finite = wg_number_is_finite(init.a, t->dtype)
                        && wg_number_is_finite(init.b, t->dtype);
    if ((unsigned)init.kind > WG_INIT_HE)
        wants = "a wg_init_...";
    else if (init.kind == WG_INIT_VALUES && !init.values && wg_shape_count(shape) != 0)
        wants = "initial values";
    else if (init.kind == WG_INIT_NORMAL && !(finite && init.b >= 0))
        wants = "a finite mean and a finite standard deviation of at least 0";
    else if (init.kind == WG_INIT_UNIFORM
             && !(finite && init.a <= init.b && isfinite(init.b - init.a)))
        wants = "finite bounds lo <= hi";
    if (!wants)
        return true;
    if (init.kind == WG_INIT_NORMAL || init.kind == WG_INIT_UNIFORM)
        return wg_error_keep(t, WG_ERR_ARGUMENT, "param: wants %s for \"%.80s\", got %g and %g",
                             wants, name ? name : "", init.a, init.b);
    return wg_error_keep(t, WG_ERR_ARGUMENT, "param: wants %s for \"%.80s\", got %s", wants,
                         name ? name : "", init.kind == WG_INIT_VALUES ? "NULL" : "another kind");
}

static void draw_values(wg_leaf *l, wg_dtype dtype, const wg_draw *draw, wg_init init)
{
    enum { DRAWN = 512 }; /* at a time */
    const bool normal = init.kind == WG_INIT_NORMAL;
    double u[DRAWN];
    for (int64_t first = 0; first < l->count; first += DRAWN) {
        const int64_t n = l->count - first < DRAWN ? l->count - first : DRAWN;
        (normal ? wg_draw_normals : wg_draw_uniforms)(draw, (uint64_t)first, n, u);
        for (int64_t i = 0; i < n; i++)
            wg_number_put(l->own, dtype, first + i,
                          normal ? init.a + init.b * u[i]
                                 : wg_uniform_between(u[i], init.a, init.b, dtype == WG_F32));
    }
}

wg_tensor *wg_param(wg_tape *t, const char *name, wg_shape shape, wg_init init)
{
    if (!t || !init_fits(t, name, init, shape))
        return NULL;
    wg_tensor *y = wg_leaf_new(t, &param_op, WG_PARAM, name, t->dtype, shape);
    if (!y)
        return NULL;
    init = resolve(init, &shape);
    const wg_draw draw = {
        .seed = t->seed, .stream = FIRST_PARAM_STREAM + (uint32_t)t->params++, .run = 0};
    wg_leaf *l = y->leaf;
    if (init.kind == WG_INIT_NORMAL || init.kind == WG_INIT_UNIFORM)
        draw_values(l, y->dtype, &draw, init);
    else
        for (int64_t i = 0; i < l->count; i++)
            wg_number_put(l->own, y->dtype, i,
                          init.kind == WG_INIT_VALUES ? init.values[i] : init.a);
    l->fed = true;
    return y;
}
