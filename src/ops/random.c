/* Random draws: ops without inputs whose elements are functions of (seed, stream, run, index).
 * Knows no state but the stream's number, which the tape counts. */
#include <inttypes.h>
#include <math.h>
#include <wengert/elementwise.h>
#include <wengert/layout.h>
#include <wengert/random.h>

#include "core/dtype.h"
#include "core/philox.h"
#include "core/shape.h"
#include "ops/reduce.h"
#include "ops/refuse.h"
#include "ops/stable.h"
#include "tape/state.h"

/* All 8 bytes wide: no padding. */
typedef struct draw_attr {
    int64_t stream;
    double a, b; /* what the kernel says they are */
    wg_shape shape; /* at the end, where its zeros are not told (exec/reuse.c) */
} draw_attr;

static wg_draw draw_of(const wg_call *c)
{
    const draw_attr *a = c->attr;
    return (wg_draw){.seed = c->seed, .stream = (uint32_t)a->stream, .run = c->run};
}

/* What a kernel makes of DRAWN standard draws at a time:
 * element i of the result from draw u[i]. */
typedef double from_draw(double u, const draw_attr *a, bool f32);
typedef void draws(const wg_draw *d, uint64_t first, int64_t n, double *u);
enum { DRAWN = 512 };

static wg_status fill(const wg_call *c, draws *many, from_draw *one)
{
    wg_draw d = draw_of(c);
    bool f32 = c->out->dtype == WG_F32;
    double u[DRAWN];
    for (int64_t first = 0; first < c->out->count; first += DRAWN) {
        int64_t n = c->out->count - first < DRAWN ? c->out->count - first : DRAWN;
        many(&d, (uint64_t)first, n, u);
        for (int64_t i = 0; i < n; i++) {
            double v = one(u[i], c->attr, f32);
            if (f32)
                ((float *)c->out->data)[first + i] = (float)v;
            else
                ((double *)c->out->data)[first + i] = v;
        }
    }
    return WG_OK;
}

static bool draw_infer(wg_tensor *y)
{
    return wg_infer(y, wg_tape_dtype(y->tape), ((const draw_attr *)y->attr)->shape);
}

static wg_tensor *draw(wg_tape *t, const wg_op *op, wg_shape shape, double a, double b)
{
    draw_attr attr = {.shape = wg_make_shape(shape.rank, shape.dim), .a = a, .b = b};
    if (wg_bytes_of(attr.shape, wg_tape_dtype(t)) < 0) {
        char text[200];
        return wg_error_null(t,
                             "%s: wants a shape of rank 0 to 8, extents of 0 or more and at most "
                             "2^63 - 1 bytes, got %s",
                             op->name, wg_shape_text(shape, text, sizeof text));
    }
    attr.stream = wg_next_stream(t);
    return wg_apply_on(t, op, 0, NULL, &attr);
}

/* A record whose elements do not know of each other: its kernel makes them of standard draws by
 * name_from.  a_ and b_: its samples' parameters. */
#define DRAW(name_, many_, a_, b_, doc_)                                               \
    static const wg_op name_##_op;                                                     \
    static wg_status name_##_kernel(const wg_call *c)                                  \
    {                                                                                  \
        return fill(c, many_, name_##_from);                                           \
    }                                                                                  \
    static wg_tensor *name_##_sample(wg_tape *t, int k)                                \
    {                                                                                  \
        const wg_shape shapes[] = {WG_SHAPE(3, 4), WG_SHAPE(), WG_SHAPE(0)};           \
        return k >= 0 && k < 3 ? draw(t, &name_##_op, shapes[k], a_, b_) : NULL;       \
    }                                                                                  \
    static const wg_op name_##_op = {                                                  \
        .size = sizeof(wg_op), .name = #name_, .doc = doc_,                            \
        .flags = WG_OP_RANDOM | WG_OP_FLAT | WG_OP_SURE,                               \
        .attr_size = sizeof(draw_attr), .infer = draw_infer, .kernel = name_##_kernel, \
        .sample = name_##_sample,                                                      \
    };

/* Whether the tape's dtype can hold the number. */
static bool holds(const wg_tape *t, double v)
{
    return wg_number_is_finite(v, wg_tape_dtype(t));
}

/* ---- uniform ---- */

static double uniform_from(double u, const draw_attr *a, bool f32)
{
    return wg_uniform_between(u, a->a, a->b, f32);
}

DRAW(uniform, wg_draw_uniforms, -1, 2, "uniform in [lo, hi)")

wg_tensor *wg_uniform(wg_tape *t, wg_shape shape, double lo, double hi)
{
    if (!t)
        return NULL;
    if (!holds(t, lo) || !holds(t, hi) || !isfinite(hi - lo) || lo > hi)
        return wg_error_null(
            t, "uniform: wants lo <= hi, both and their difference finite in %s, got %g and %g",
            wg_dtype_name(wg_tape_dtype(t)), lo, hi);
    return draw(t, &uniform_op, shape, lo, hi);
}

/* ---- normal ---- */

static double normal_from(double z, const draw_attr *a, bool f32)
{
    (void)f32;
    return a->a + a->b * z;
}

DRAW(normal, wg_draw_normals, -1, 2,
     "normal with this mean and standard deviation; Box and Muller 1958")

wg_tensor *wg_normal(wg_tape *t, wg_shape shape, double mean, double std)
{
    if (!t)
        return NULL;
    if (!holds(t, mean) || !holds(t, std) || std < 0)
        return wg_error_null(
            t, "normal: wants a mean and a std of 0 or more, both finite in %s, got %g and %g",
            wg_dtype_name(wg_tape_dtype(t)), mean, std);
    return draw(t, &normal_op, shape, mean, std);
}

/* ---- bernoulli ---- */

static double bernoulli_from(double u, const draw_attr *a, bool f32)
{
    (void)f32;
    return u < a->a;
}

DRAW(bernoulli, wg_draw_uniforms, 0.3, 0, "1 with probability p, else 0")

wg_tensor *wg_bernoulli(wg_tape *t, wg_shape shape, double p)
{
    if (!t)
        return NULL;
    if (!(p >= 0 && p <= 1))
        return wg_error_null(t, "bernoulli: wants a probability from 0 to 1, got %g", p);
    return draw(t, &bernoulli_op, shape, p, 0);
}

/* ---- permutation ---- */

/* Below n, without bias: 64 bits at and above the largest multiple of n are drawn again.  The k-th
 * draw for place i has index i + k 2^32, so that no two draws share their bits. */
static int64_t below(const wg_draw *d, int64_t i, int64_t n)
{
    uint64_t index = (uint64_t)i, m = (uint64_t)n, excess = (UINT64_MAX % m + 1) % m, bits;
    do {
        bits = wg_draw_bits(d, index);
        index += UINT64_C(1) << 32;
    } while (bits > UINT64_MAX - excess);
    return (int64_t)(bits % m);
}

/* Fisher and Yates, from the end (Knuth, TAOCP 2, algorithm 3.4.2 P). */
static wg_status permutation_kernel(const wg_call *c)
{
    wg_draw d = draw_of(c);
    int32_t *y = c->out->data;
    for (int64_t i = 0; i < c->out->count; i++)
        y[i] = (int32_t)i;
    for (int64_t i = c->out->count - 1; i > 0; i--) {
        int64_t j = below(&d, i, i + 1);
        int32_t moved = y[i];
        y[i] = y[j];
        y[j] = moved;
    }
    return WG_OK;
}

static bool permutation_infer(wg_tensor *y)
{
    return wg_infer(y, WG_I32, ((const draw_attr *)y->attr)->shape);
}

static wg_tensor *permutation_sample(wg_tape *t, int k)
{
    return k == 0   ? wg_permutation(t, 7)
           : k == 1 ? wg_permutation(t, 1)
           : k == 2 ? wg_permutation(t, 0)
                    : NULL;
}

static const wg_op permutation_op = {
    .size = sizeof(wg_op),
    .name = "permutation",
    .doc = "i32: 0 to n-1 in random order, each order equally likely",
    .flags = WG_OP_RANDOM | WG_OP_FLAT | WG_OP_SURE,
    .attr_size = sizeof(draw_attr),
    .infer = permutation_infer,
    .kernel = permutation_kernel,
    .sample = permutation_sample,
};

wg_tensor *wg_permutation(wg_tape *t, int64_t n)
{
    if (!t)
        return NULL;
    if (n < 0 || n > INT32_MAX)
        return wg_error_null(t, "permutation: wants n from 0 to 2^31 - 1, got %" PRId64, n);
    return draw(t, &permutation_op, WG_SHAPE(n), 0, 0);
}

/* ---- dropout ---- */

/* The mask chooses and does not multiply: a NaN or infinity that is dropped is gone.
 * All or nothing needs no mask. */
wg_tensor *wg_dropout(wg_tensor *x, double p)
{
    if (!x)
        return NULL;
    if (!(p >= 0 && p <= 1))
        return wg_refuse_text("dropout", 1, &x, "a probability from 0 to 1, not %g", p);
    if (!wg_want_float("dropout", x))
        return NULL;
    if (p == 0 || p == 1)
        return p == 0 ? x : wg_zeros_like(x);
    wg_tensor *stays = wg_bernoulli(x->tape, x->shape, 1 - p);
    return wg_where(stays, wg_div_scalar(x, 1 - p), wg_scalar_like(x, 0));
}

const wg_op *const wg_random_ops[] = {&uniform_op, &normal_op, &bernoulli_op, &permutation_op,
                                      NULL};
