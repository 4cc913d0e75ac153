/* Elementwise operators: records and constructors made from elementwise.def, and the rules that
 * are longer than its lines.  Broadcasting is inserted by the constructors, so rules and kernels
 * see operands of one shape. */
#include <wengert/elementwise.h>

#include <math.h>
#include <wengert/layout.h>

#include "core/dtype.h"
#include "core/shape.h"
#include "ops/elementwise_links.h"
#include "ops/elementwise_maps.h"
#include "ops/maps.h"
#include "ops/refuse.h"
#include "tape/tape.h"

/* Where a map lies in the baseline's table, in bytes; the table's size or more if it does not. */
static size_t offset_of(const wg_map *map)
{
    return (size_t)((uintptr_t)map - (uintptr_t)&wg_elementwise_maps_baseline);
}

const wg_map *wg_map_for(wg_isa_level level, const wg_map *map)
{
    const char *best = (const char *)WG_ISA_SELECT(level, &wg_elementwise_maps);
    size_t offset = offset_of(map);
    if (offset >= sizeof wg_elementwise_maps_baseline)
        return map;
    return (const wg_map *)(const void *)(best + offset);
}

/* The map's place in the tables of links, which know f32 and f64; -1: none. */
static int place_of_links(const wg_map *map, wg_dtype dtype)
{
    size_t offset = offset_of(map);
    return offset < sizeof wg_elementwise_maps_baseline && dtype != WG_I32
               ? (int)(offset / sizeof *map)
               : -1;
}

const wg_link_form *wg_links_for(wg_isa_level level, const wg_map *map, wg_dtype dtype)
{
    const int place = place_of_links(map, dtype);
    return place < 0          ? NULL
           : dtype == WG_F32 ? WG_ISA_SELECT(level, wg_elementwise_links_f32)[place]
                              : WG_ISA_SELECT(level, wg_elementwise_links_f64)[place];
}

const wg_tiny_form *wg_tinies_for(wg_isa_level level, const wg_map *map, wg_dtype dtype)
{
    const int place = place_of_links(map, dtype);
    return place < 0          ? NULL
           : dtype == WG_F32 ? WG_ISA_SELECT(level, wg_elementwise_tinies_f32)[place]
                              : WG_ISA_SELECT(level, wg_elementwise_tinies_f64)[place];
}

/* ---- what all of them check ---- */

static bool elementwise_infer(wg_tensor *y)
{
    const wg_tensor *x = y->in[0];
    if (!y->op->map->kernel[x->dtype])
        return wg_fail(y, "f32 or f64");
    for (int i = 1; i < y->n; i++) {
        if (y->in[i]->dtype != x->dtype)
            return wg_fail(y, "operands of one dtype");
        if (!wg_same_shape(&y->in[i]->shape, &x->shape))
            return wg_fail(y, "operands of one shape");
    }
    return wg_infer_like(y, 0);
}

static bool cast_infer(wg_tensor *y, wg_dtype dtype)
{
    return wg_infer(y, dtype, y->in[0]->shape);
}

/* The attributes of every op that has any. */
typedef struct numbers {
    double a0, a1;
} numbers;

/* ---- pieces of rules ---- */

static const double LN_2 = 0.69314718055994530942, ROOT_PI = 1.7724538509055160273,
                    ROOT_HALF = 0.70710678118654752440;
static const double SELU_SCALE = 1.0507009873554804934, SELU_ALPHA = 1.6732632423543772848;

static wg_tensor *full(wg_tensor *x, double c)
{
    return wg_full_like(x, c);
}

/* g where both tests hold, else 0. */
static wg_tensor *where_within(wg_tensor *g, wg_tensor *above, wg_tensor *below)
{
    return wg_where(wg_logical_and(above, below), g, wg_zeros_like(g));
}

/* Half of g at a tie, else nothing to the one that loses.  NaN wins and loses nothing:
 * both get g. */
static wg_tensor *to_winner(wg_tensor *g, wg_tensor *a, wg_tensor *b, wg_tensor *loses)
{
    return wg_where(wg_eq(a, b), wg_mul_scalar(g, 0.5), wg_where(loses, wg_zeros_like(g), g));
}

/* v / (a^2 + b^2), which neither overflows nor underflows before it must. */
static wg_tensor *over_norm2(wg_tensor *v, wg_tensor *a, wg_tensor *b)
{
    wg_tensor *h = wg_hypot(a, b);
    return wg_div(wg_div(v, h), h);
}

/* 1 - x^2 without losing digits where |x| is near 1. */
static wg_tensor *one_less_square(wg_tensor *x)
{
    return wg_mul(wg_rsub(x, 1), wg_add_scalar(x, 1));
}

/* scale e^(-k x^2) */
static wg_tensor *bell(wg_tensor *x, double scale, double k)
{
    return wg_mul_scalar(wg_exp(wg_mul_scalar(wg_square(x), -k)), scale);
}

/* c x^(c-1) */
static wg_tensor *slope_of_power(wg_tensor *x, double c)
{
    if (c == 0 || c == 1)
        return full(x, c);
    return wg_mul_scalar(c == 2 ? x : wg_pow_scalar(x, c - 1), c);
}

/* b a^(b-1), which is 0 where b = 0: where a^-1 is infinite or NaN there, the power is taken of 1,
 * so that no 0 inf comes up, neither here nor in the derivatives of this. */
static wg_tensor *pow_of_base(wg_tensor *g, wg_tensor *a, wg_tensor *b)
{
    wg_tensor *singular =
        wg_logical_and(wg_eq(b, full(b, 0)), wg_logical_not(wg_isfinite(wg_reciprocal(a))));
    wg_tensor *base = wg_where(singular, full(a, 1), a);
    return wg_mul(g, wg_mul(b, wg_pow(base, wg_sub_scalar(b, 1))));
}

/* a^b ln a, 0 where a = 0 <= b: there the logarithm is taken of 1. */
static wg_tensor *pow_of_exponent(wg_tensor *g, wg_tensor *y, wg_tensor *a, wg_tensor *b)
{
    wg_tensor *singular = wg_logical_and(wg_eq(a, full(a, 0)), wg_ge(b, full(b, 0)));
    return wg_mul(g, wg_mul(y, wg_log(wg_where(singular, full(a, 1), a))));
}

/* g scale where x > 0, g scale alpha e^x elsewhere.
 * The exponent does not grow on the side that is not taken. */
static wg_tensor *elu_adjoint(wg_tensor *g, wg_tensor *x, double scale, double alpha)
{
    wg_tensor *zero = full(x, 0), *below = wg_exp(wg_where(wg_lt(x, zero), x, zero));
    wg_tensor *slope = wg_where(wg_le(x, zero), wg_mul_scalar(wg_mul(g, below), alpha), g);
    return scale == 1 ? slope : wg_mul_scalar(slope, scale);
}

/* The slopes of silu and gelu are worked out at x kept within bounds past which they are 0 and 1
 * in every dtype, since the limits at infinity would come out as inf - inf or 0 inf.  The second
 * derivative is 0 out there. */

/* s + x s (1 - s) with s = sigmoid(x) */
static wg_tensor *silu_slope(wg_tensor *x)
{
    wg_tensor *c = wg_clamp(x, -1000, 1000), *s = wg_sigmoid(c);
    return wg_mul(s, wg_add_scalar(wg_mul(c, wg_rsub(s, 1)), 1));
}

/* Phi(x) + x Phi'(x) */
static wg_tensor *gelu_slope(wg_tensor *x)
{
    wg_tensor *c = wg_clamp(x, -50, 50),
              *phi = wg_mul_scalar(wg_erfc(wg_mul_scalar(c, -ROOT_HALF)), 0.5);
    return wg_add(phi, wg_mul(c, bell(c, ROOT_HALF / ROOT_PI, 0.5)));
}

/* gelu_tanh(x) = x s, s = sigmoid(u), u = 2 sqrt(2/pi) (x + 0.044715 x^3):  s + x s (1 - s) u' */
static wg_tensor *gelu_tanh_slope(wg_tensor *x)
{
    const double k = 4 * ROOT_HALF / ROOT_PI, cubic = 0.044715;
    wg_tensor *c = wg_clamp(x, -50, 50), *cc = wg_square(c);
    wg_tensor *s =
        wg_sigmoid(wg_mul_scalar(wg_mul(c, wg_add_scalar(wg_mul_scalar(cc, cubic), 1)), k));
    wg_tensor *slope = wg_mul_scalar(wg_add_scalar(wg_mul_scalar(cc, 3 * cubic), 1), k);
    return wg_mul(s, wg_add_scalar(wg_mul(wg_mul(c, slope), wg_rsub(s, 1)), 1));
}

/* ---- rules ---- */

#define RULE(name) static wg_tensor *name##_vjp(wg_tensor *y, wg_tensor *g, int i)
#define UNARY(name, types, flops, value, adjoint, ...) \
    RULE(name)                                         \
    {                                                  \
        wg_tensor *x = y->in[0];                       \
        (void)x, (void)i;                              \
        return (adjoint);                              \
    }
#define ATTR(name, types, flops, value, adjoint, ...)                \
    RULE(name)                                                       \
    {                                                                \
        wg_tensor *x = y->in[0];                                     \
        const numbers *attr = y->attr;                               \
        const double a0 = attr->a0, a1 = attr->a1;                   \
        (void)x, (void)i, (void)a0, (void)a1;                        \
        return (adjoint);                                            \
    }
#define BINARY(name, types, flops, value, adjoint_a, adjoint_b, ...) \
    RULE(name)                                                       \
    {                                                                \
        wg_tensor *a = y->in[0], *b = y->in[1];                      \
        (void)a, (void)b;                                            \
        return i == 0 ? (adjoint_a) : (adjoint_b);                   \
    }
#define CHOICE(name, types, flops, value, adjoint_x, adjoint_y, adjoint_z, ...) \
    RULE(name)                                                                  \
    {                                                                           \
        wg_tensor *x = y->in[0];                                                \
        return i == 0 ? (adjoint_x) : i == 1 ? (adjoint_y) : (adjoint_z);       \
    }
#define FLAT1(...)
#define FLAT2(...)
#define CAST(name, to, ...)                              \
    static bool name##_infer(wg_tensor *y)               \
    {                                                    \
        return cast_infer(y, to);                        \
    }                                                    \
    RULE(name)                                           \
    {                                                    \
        (void)i;                                         \
        return wg_cast(g, y->in[0]->dtype);              \
    }
#include "ops/elementwise.def"
#include "ops/elementwise_end.inc"

/* ---- samples of the ops with attributes: on a scalar, a vector and a matrix ---- */

static wg_tensor *attr_sample(wg_tape *t, int k, const wg_op *op, double a0, double a1)
{
    const wg_shape shape[] = {WG_SHAPE(), WG_SHAPE(5), WG_SHAPE(2, 3)};
    if (k < 0 || k > 2)
        return NULL;
    wg_tensor *x = wg_input(t, "x", shape[k]);
    return wg_apply1_attr(op, x, (&(numbers){a0, a1}));
}

/* Both sides are chosen from: numbers drawn from an interval are hardly ever 0.  The last
 * condition is an input, whose adjoint is 0. */
static wg_tensor *choice_sample(wg_tape *t, int k, const wg_op *op)
{
    const wg_shape shape[] = {WG_SHAPE(7), WG_SHAPE(3, 4), WG_SHAPE(5)};
    if (k < 0 || k > 2)
        return NULL;
    wg_tensor *x = wg_input(t, "x0", shape[k]), *a = wg_input(t, "x1", shape[k]),
              *b = wg_input(t, "x2", shape[k]);
    return wg_apply3(op, k < 2 ? wg_gt(x, wg_full_like(x, 0)) : x, a, b);
}

/* ---- records ---- */

#define IN(from, to) {.lo = (from), .hi = (to)}
#define KINK(from, to, at) {.lo = (from), .hi = (to), .kink = (at), .has_kink = true}
#define HEAD(id, inputs) \
    .size = sizeof(wg_op), .name = #id, .arity = inputs, .map = &wg_elementwise_maps_baseline.id
#define OWN_RULE(id) .infer = elementwise_infer, .vjp = id##_vjp
#define NO_RULE .infer = elementwise_infer, .flags = WG_OP_FLAT
#define UNARY(id, types, flops, value, adjoint, where_x, ...)                     \
    static const wg_op id##_op = {HEAD(id, 1), OWN_RULE(id), .domain = {where_x}, \
                                  .doc = __VA_ARGS__};
#define ATTR(id, types, flops, value, adjoint, where_x, n0, n1, ...)                   \
    static wg_tensor *id##_sample(wg_tape *t, int k);                                  \
    static const wg_op id##_op = {HEAD(id, 1), OWN_RULE(id), .domain = {where_x},      \
                                  .attr_size = sizeof(numbers), .sample = id##_sample, \
                                  .doc = __VA_ARGS__};                                 \
    static wg_tensor *id##_sample(wg_tape *t, int k)                                   \
    {                                                                                  \
        return attr_sample(t, k, &id##_op, n0, n1);                                    \
    }
#define BINARY(id, types, flops, value, adjoint_a, adjoint_b, where_a, where_b, ...)       \
    static const wg_op id##_op = {HEAD(id, 2), OWN_RULE(id), .domain = {where_a, where_b}, \
                                  .doc = __VA_ARGS__};
#define CHOICE(id, types, flops, value, adjoint_x, adjoint_y, adjoint_z, ...)       \
    static wg_tensor *id##_sample(wg_tape *t, int k);                               \
    static const wg_op id##_op = {HEAD(id, 3), OWN_RULE(id),                        \
                                  .domain = {KINK(-2, 2, 0), IN(-2, 2), IN(-2, 2)}, \
                                  .sample = id##_sample, .doc = __VA_ARGS__};       \
    static wg_tensor *id##_sample(wg_tape *t, int k)                                \
    {                                                                               \
        return choice_sample(t, k, &id##_op);                                       \
    }
#define FLAT1(id, types, flops, value, where_x, ...) \
    static const wg_op id##_op = {HEAD(id, 1), NO_RULE, .domain = {where_x}, .doc = __VA_ARGS__};
#define FLAT2(id, types, flops, value, where_a, where_b, ...)                         \
    static const wg_op id##_op = {HEAD(id, 2), NO_RULE, .domain = {where_a, where_b}, \
                                  .doc = __VA_ARGS__};
#define CAST(id, to, type, value, ...)                                               \
    static const wg_op id##_op = {HEAD(id, 1), .infer = id##_infer, .vjp = id##_vjp, \
                                  .domain = {IN(-2, 2)},                             \
                                  .flags = (to) == WG_I32 ? WG_OP_FLAT : 0, .doc = __VA_ARGS__};
#include "ops/elementwise.def"
#include "ops/elementwise_end.inc"

const wg_op *const wg_elementwise_ops[] = {
#define UNARY(id, ...) &id##_op,
#define ATTR UNARY
#define BINARY UNARY
#define CHOICE UNARY
#define FLAT1 UNARY
#define FLAT2 UNARY
#define CAST UNARY
#include "ops/elementwise.def"
    NULL,
};
#include "ops/elementwise_end.inc"

/* ---- constructors ---- */

static wg_tensor *stretched(wg_tensor *x, const wg_shape *shape)
{
    return wg_same_shape(&x->shape, shape) ? x : wg_broadcast_to(x, *shape);
}

/* NULL operands and other tapes are wg_apply's to refuse, dtypes the op's own. */
static wg_tensor *binary(const wg_op *op, wg_tensor *a, wg_tensor *b)
{
    wg_shape shape;
    if (!a || !b || a->tape != b->tape || a->dtype != b->dtype
        || wg_same_shape(&a->shape, &b->shape))
        return wg_apply2(op, a, b);
    if (!wg_shape_broadcast(a->shape, b->shape, &shape))
        return wg_refuse2(op->name, "shapes that broadcast", a, b);
    if (!wg_holdable(op->name, 2, (wg_tensor *[]){a, b}, shape, a->dtype))
        return NULL;
    return wg_apply2(op, stretched(a, &shape), stretched(b, &shape));
}

#define UNARY(id, ...) \
    wg_tensor *wg_##id(wg_tensor *x) { return wg_apply1(&id##_op, x); }
#define BINARY(id, ...) \
    wg_tensor *wg_##id(wg_tensor *a, wg_tensor *b) { return binary(&id##_op, a, b); }
#define FLAT1 UNARY
#define FLAT2 BINARY
#define ATTR(...)
#define CHOICE(...)
#define CAST(...)
#include "ops/elementwise.def"

/* Whether x holds 0 and 1 only, which a cast keeps apart. */
static bool is_truth(const wg_tensor *x)
{
    const wg_op *const truths[] = {&lt_op,          &le_op,      &gt_op,          &ge_op,
                                   &eq_op,          &ne_op,      &logical_and_op, &logical_or_op,
                                   &logical_not_op, &isfinite_op};
    for (size_t i = 0; i < sizeof truths / sizeof *truths; i++)
        if (x->op == truths[i])
            return true;
    return false;
}

/* A condition of another dtype becomes 0 or 1 before it is cast:
 * 0.5 in i32 and 1e-300 in f32 would be 0. */
wg_tensor *wg_where(wg_tensor *c, wg_tensor *a, wg_tensor *b)
{
    wg_shape shape;
    if (!a || !b || !c || a->tape != b->tape || a->tape != c->tape || a->dtype != b->dtype)
        return wg_apply3(&where_op, c, a, b);
    if (!wg_shape_broadcast(a->shape, b->shape, &shape)
        || !wg_shape_broadcast(shape, c->shape, &shape))
        return wg_refuse("where", "shapes that broadcast", 3, (wg_tensor *[]){c, a, b});
    if (!wg_holdable("where", 3, (wg_tensor *[]){c, a, b}, shape, a->dtype))
        return NULL;
    if (c->dtype != a->dtype && !(c = wg_cast(is_truth(c) ? c : wg_ne(c, full(c, 0)), a->dtype)))
        return NULL;
    return wg_apply3(&where_op, stretched(c, &shape), stretched(a, &shape), stretched(b, &shape));
}

wg_tensor *wg_cast(wg_tensor *x, wg_dtype dtype)
{
    static const wg_op *const to[WG_DTYPE_COUNT] = {
        [WG_F32] = &cast_f32_op, [WG_F64] = &cast_f64_op, [WG_I32] = &cast_i32_op};
    if (!x || x->dtype == dtype)
        return x;
    if (!wg_dtype_get(dtype))
        return wg_refuse1("cast", "a dtype", x);
    return wg_holdable("cast", 1, &x, x->shape, dtype) ? wg_apply1(to[dtype], x) : NULL;
}

static bool floating(const char *op, wg_tensor *x)
{
    return x && (wg_dtype_is_float(x->dtype) || wg_refuse1(op, "f32 or f64", x));
}

/* The number beside x, for an op that takes i32 too. */
static wg_tensor *beside(const char *op, wg_tensor *x, double c)
{
    if (x && x->dtype == WG_I32 && !wg_number_fits_i32(c))
        return wg_refuse_text(op, 1, &x, "a number that i32 can hold, not %g", c);
    return full(x, c);
}

wg_tensor *wg_add_scalar(wg_tensor *x, double c) { return wg_add(x, beside("add_scalar", x, c)); }
wg_tensor *wg_sub_scalar(wg_tensor *x, double c) { return wg_sub(x, beside("sub_scalar", x, c)); }
wg_tensor *wg_rsub(wg_tensor *x, double c) { return wg_sub(beside("rsub", x, c), x); }
wg_tensor *wg_mul_scalar(wg_tensor *x, double c) { return wg_mul(x, beside("mul_scalar", x, c)); }
wg_tensor *wg_div_scalar(wg_tensor *x, double c)
{
    return floating("div_scalar", x) ? wg_div(x, full(x, c)) : NULL;
}
wg_tensor *wg_rdiv(wg_tensor *x, double c)
{
    return floating("rdiv", x) ? wg_div(full(x, c), x) : NULL;
}

static wg_tensor *with_numbers(const wg_op *op, wg_tensor *x, double a0, double a1)
{
    return wg_apply1_attr(op, x, (&(numbers){a0, a1}));
}

wg_tensor *wg_pow_scalar(wg_tensor *x, double c)
{
    return c == 2 && x && x->dtype != WG_I32 ? wg_square(x) : with_numbers(&pow_scalar_op, x, c, 0);
}

wg_tensor *wg_clamp(wg_tensor *x, double lo, double hi)
{
    if (x && (isnan(lo) || isnan(hi)))
        return wg_refuse_text("clamp", 1, &x, "bounds that are not NaN, not %g and %g", lo, hi);
    if (x && x->dtype == WG_I32 && (lo != floor(lo) || hi != floor(hi)))
        return wg_refuse_text("clamp", 1, &x, "whole numbers as bounds, not %g and %g", lo, hi);
    return with_numbers(&clamp_op, x, lo, hi);
}

wg_tensor *wg_leaky_relu(wg_tensor *x, double slope)
{
    return with_numbers(&leaky_relu_op, x, slope, 0);
}
wg_tensor *wg_elu(wg_tensor *x, double alpha) { return with_numbers(&elu_op, x, alpha, 0); }

wg_tensor *wg_polygamma(int n, wg_tensor *x)
{
    if (n < 0 && x)
        return wg_refuse_text("polygamma", 1, &x, "an order of 0 or more, not %d", n);
    return n == 0 ? wg_digamma(x) : with_numbers(&polygamma_op, x, n, 0);
}
