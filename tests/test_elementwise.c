/* Elementwise ops: what the header promises of values, derivatives and second derivatives at 0,
 * infinities, NaN and kinks, of dtypes, broadcasting and refusals,
 * and what every record must have. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <wengert.h>

/* Equal, or both NaN, or within tolerance of each other's size. */
static bool near(double got, double wants, double tolerance)
{
    if (isnan(wants) || isnan(got))
        return isnan(wants) && isnan(got);
    return got == wants || fabs(got - wants) <= tolerance * fabs(wants);
}

/* ---- one argument ---- */

typedef wg_tensor *unary(wg_tensor *x);

typedef struct point {
    const char *name;
    unary *op;
    double x, y, slope;
} point;

static wg_tensor *leaky(wg_tensor *x) { return wg_leaky_relu(x, 0.1); }
static wg_tensor *elu2(wg_tensor *x) { return wg_elu(x, 2); }
static wg_tensor *clamped(wg_tensor *x) { return wg_clamp(x, -1, 2); }
static wg_tensor *clamped_below(wg_tensor *x) { return wg_clamp(x, 0, INFINITY); }
static wg_tensor *clamped_crossed(wg_tensor *x) { return wg_clamp(x, 2, -1); }
static wg_tensor *trigamma(wg_tensor *x) { return wg_polygamma(1, x); }
static wg_tensor *tetragamma(wg_tensor *x) { return wg_polygamma(2, x); }
static wg_tensor *to_power_0(wg_tensor *x) { return wg_pow_scalar(x, 0); }
static wg_tensor *to_power_1(wg_tensor *x) { return wg_pow_scalar(x, 1); }
static wg_tensor *to_power_2(wg_tensor *x) { return wg_pow_scalar(x, 2); }
static wg_tensor *to_power_3(wg_tensor *x) { return wg_pow_scalar(x, 3); }
static wg_tensor *to_power_half(wg_tensor *x) { return wg_pow_scalar(x, 0.5); }
static wg_tensor *under_one(wg_tensor *x) { return wg_rdiv(x, 1); }

#define PI 3.14159265358979323846
#define AT(op, x, y, slope) {#op, op, x, y, slope}
#define ACT(op, x, y, slope) {#op, wg_##op, x, y, slope}
static const point points[] = {
    ACT(neg, 0, -0.0, -1), ACT(neg, -INFINITY, INFINITY, -1), ACT(neg, NAN, NAN, -1),
    ACT(abs, 0, 0, 0), ACT(abs, -0.0, 0, 0), ACT(abs, -INFINITY, INFINITY, -1),
    ACT(abs, NAN, NAN, NAN),
    ACT(sign, 0, 0, 0), ACT(sign, -INFINITY, -1, 0), ACT(sign, INFINITY, 1, 0),
    ACT(sign, NAN, NAN, 0),
    ACT(square, -INFINITY, INFINITY, -INFINITY), ACT(square, -0.0, 0, 0),
    ACT(square, NAN, NAN, NAN),
    ACT(sqrt, 0, 0, INFINITY), ACT(sqrt, INFINITY, INFINITY, 0), ACT(sqrt, -1, NAN, NAN),
    ACT(rsqrt, 0, INFINITY, -INFINITY), ACT(rsqrt, INFINITY, 0, 0), ACT(rsqrt, -1, NAN, NAN),
    ACT(reciprocal, 0, INFINITY, -INFINITY), ACT(reciprocal, -0.0, -INFINITY, -INFINITY),
    ACT(reciprocal, -INFINITY, -0.0, 0),
    ACT(exp, -INFINITY, 0, 0), ACT(exp, INFINITY, INFINITY, INFINITY), ACT(exp, 0, 1, 1),
    ACT(exp, NAN, NAN, NAN),
    ACT(expm1, -INFINITY, -1, 0), ACT(expm1, INFINITY, INFINITY, INFINITY),
    ACT(expm1, -0.0, -0.0, 1),
    ACT(expm1, NAN, NAN, NAN),
    ACT(log, 0, -INFINITY, INFINITY), ACT(log, 1, 0, 1), ACT(log, INFINITY, INFINITY, 0),
    ACT(log, -1, NAN, -1),
    ACT(log, NAN, NAN, NAN),
    ACT(log1p, -1, -INFINITY, INFINITY), ACT(log1p, -0.0, -0.0, 1),
    ACT(log1p, INFINITY, INFINITY, 0),
    ACT(log1p, -2, NAN, -1),
    ACT(log2, 0, -INFINITY, INFINITY), ACT(log2, 8, 3, 0.18033688011112043),
    ACT(log2, INFINITY, INFINITY, 0),
    ACT(sin, -0.0, -0.0, 1), ACT(sin, INFINITY, NAN, NAN), ACT(cos, 0, 1, 0),
    ACT(cos, -INFINITY, NAN, NAN),
    ACT(tan, -0.0, -0.0, 1), ACT(tan, INFINITY, NAN, NAN),
    ACT(asin, 1, PI / 2, INFINITY), ACT(asin, -1, -PI / 2, INFINITY), ACT(asin, 2, NAN, NAN),
    ACT(asin, -0.0, -0.0, 1),
    ACT(acos, 1, 0, -INFINITY), ACT(acos, -1, PI, -INFINITY), ACT(acos, 2, NAN, NAN),
    ACT(atan, INFINITY, PI / 2, 0), ACT(atan, -INFINITY, -PI / 2, 0), ACT(atan, -0.0, -0.0, 1),
    ACT(sinh, -INFINITY, -INFINITY, INFINITY), ACT(sinh, -0.0, -0.0, 1),
    ACT(cosh, -INFINITY, INFINITY, -INFINITY),
    ACT(cosh, 0, 1, 0),
    ACT(tanh, INFINITY, 1, 0), ACT(tanh, -INFINITY, -1, 0), ACT(tanh, -0.0, -0.0, 1),
    ACT(tanh, NAN, NAN, NAN),
    ACT(asinh, INFINITY, INFINITY, 0), ACT(asinh, -INFINITY, -INFINITY, 0),
    ACT(asinh, -0.0, -0.0, 1),
    ACT(acosh, 1, 0, INFINITY), ACT(acosh, INFINITY, INFINITY, 0), ACT(acosh, 0, NAN, NAN),
    ACT(atanh, 1, INFINITY, INFINITY), ACT(atanh, -1, -INFINITY, INFINITY),
    ACT(atanh, 2, NAN, -1.0 / 3),
    ACT(atanh, -0.0, -0.0, 1),
    ACT(erf, INFINITY, 1, 0), ACT(erf, -INFINITY, -1, 0), ACT(erf, -0.0, -0.0, 1.1283791670955126),
    ACT(erf, NAN, NAN, NAN),
    ACT(erfc, INFINITY, 0, 0), ACT(erfc, -INFINITY, 2, 0), ACT(erfc, 0, 1, -1.1283791670955126),
    ACT(erfc, NAN, NAN, NAN),
    ACT(lgamma, 0, INFINITY, -INFINITY), ACT(lgamma, 1, 0, -0.57721566490153286),
    ACT(lgamma, -1, INFINITY, NAN),
    ACT(lgamma, INFINITY, INFINITY, INFINITY), ACT(lgamma, -INFINITY, INFINITY, NAN),
    ACT(lgamma, NAN, NAN, NAN),
    ACT(digamma, 0, -INFINITY, INFINITY), ACT(digamma, -0.0, INFINITY, INFINITY),
    ACT(digamma, -2, NAN, INFINITY),
    ACT(digamma, 1, -0.57721566490153286, PI *PI / 6), ACT(digamma, INFINITY, INFINITY, 0),
    ACT(digamma, -INFINITY, NAN, NAN),
    AT(trigamma, 0, INFINITY, -INFINITY), AT(trigamma, -1, INFINITY, -INFINITY),
    AT(trigamma, 1, PI *PI / 6, -2.4041138063191886),
    AT(trigamma, INFINITY, 0, 0), AT(trigamma, -INFINITY, NAN, NAN),
    AT(tetragamma, 1, -2.4041138063191886, PI *PI *PI *PI / 15),
    ACT(floor, -0.5, -1, 0), ACT(floor, -0.0, -0.0, 0), ACT(floor, INFINITY, INFINITY, 0),
    ACT(floor, NAN, NAN, 0),
    ACT(ceil, -0.5, -0.0, 0), ACT(ceil, 0.25, 1, 0), ACT(ceil, -INFINITY, -INFINITY, 0),
    ACT(ceil, NAN, NAN, 0),
    ACT(round, 0.5, 0, 0), ACT(round, 1.5, 2, 0), ACT(round, 2.5, 2, 0), ACT(round, -0.5, -0.0, 0),
    ACT(round, -1.5, -2, 0),
    ACT(round, INFINITY, INFINITY, 0), ACT(round, NAN, NAN, 0), ACT(round, 0.49999997, 0, 0),
    AT(clamped, -1, -1, 1), AT(clamped, 2, 2, 1), AT(clamped, -1.5, -1, 0), AT(clamped, 2.5, 2, 0),
    AT(clamped, 0.5, 0.5, 1),
    AT(clamped, INFINITY, 2, 0), AT(clamped, NAN, NAN, 0), AT(clamped_below, INFINITY, INFINITY, 1),
    AT(clamped_below, 0, 0, 1),
    AT(clamped_crossed, 0, -1, 0), AT(clamped_crossed, 5, -1, 0), AT(clamped_crossed, NAN, NAN, 0),
    ACT(isfinite, 1, 1, 0), ACT(isfinite, INFINITY, 0, 0), ACT(isfinite, -INFINITY, 0, 0),
    ACT(isfinite, NAN, 0, 0),
    ACT(logical_not, 0, 1, 0), ACT(logical_not, -0.0, 1, 0), ACT(logical_not, 0.5, 0, 0),
    ACT(logical_not, NAN, 0, 0),
    ACT(sigmoid, INFINITY, 1, 0), ACT(sigmoid, -INFINITY, 0, 0), ACT(sigmoid, 0, 0.5, 0.25),
    ACT(sigmoid, -1e30, 0, 0),
    ACT(sigmoid, 1e30, 1, 0), ACT(sigmoid, NAN, NAN, NAN),
    ACT(relu, 0, 0, 0), ACT(relu, -0.0, 0, 0), ACT(relu, INFINITY, INFINITY, 1),
    ACT(relu, -INFINITY, 0, 0),
    ACT(relu, NAN, NAN, 1),
    AT(leaky, 0, 0, 0.1), AT(leaky, INFINITY, INFINITY, 1), AT(leaky, -INFINITY, -INFINITY, 0.1),
    AT(leaky, NAN, NAN, 0.1),
    AT(elu2, 0, 0, 2), AT(elu2, INFINITY, INFINITY, 1), AT(elu2, -INFINITY, -2, 0),
    AT(elu2, NAN, NAN, 1),
    ACT(selu, 0, 0, 1.7580993408473766), ACT(selu, INFINITY, INFINITY, 1.0507009873554805),
    ACT(selu, -INFINITY, -1.7580993408473766, 0),
    ACT(selu, 1, 1.0507009873554805, 1.0507009873554805), ACT(selu, NAN, NAN, 1.0507009873554805),
    ACT(silu, INFINITY, INFINITY, 1), ACT(silu, -INFINITY, -0.0, 0), ACT(silu, 0, 0, 0.5),
    ACT(silu, NAN, NAN, NAN),
    ACT(gelu, INFINITY, INFINITY, 1), ACT(gelu, -INFINITY, -0.0, 0), ACT(gelu, 0, 0, 0.5),
    ACT(gelu, NAN, NAN, NAN),
    ACT(gelu_tanh, INFINITY, INFINITY, 1), ACT(gelu_tanh, -INFINITY, -0.0, 0),
    ACT(gelu_tanh, 0, 0, 0.5),
    ACT(gelu_tanh, NAN, NAN, NAN),
    ACT(gelu, 1e30, 1e30, 1), ACT(gelu_tanh, 1e30, 1e30, 1), ACT(silu, 1e30, 1e30, 1),
    ACT(gelu, -1e30, -0.0, 0),
    ACT(softplus, INFINITY, INFINITY, 1), ACT(softplus, -INFINITY, 0, 0),
    ACT(softplus, 0, 0.69314718055994531, 0.5),
    ACT(softplus, 1e30, 1e30, 1), ACT(softplus, NAN, NAN, NAN),
    ACT(hard_sigmoid, -3, 0, 0), ACT(hard_sigmoid, 3, 1, 0), ACT(hard_sigmoid, 0, 0.5, 1.0 / 6),
    ACT(hard_sigmoid, INFINITY, 1, 0),
    ACT(hard_sigmoid, -INFINITY, 0, 0), ACT(hard_sigmoid, NAN, NAN, 0),
    ACT(piecewise_linear, -0.5, 0, 1), ACT(piecewise_linear, 0.5, 1, 1),
    ACT(piecewise_linear, 0.75, 1, 0),
    ACT(piecewise_linear, -INFINITY, 0, 0), ACT(piecewise_linear, NAN, NAN, 0),
    ACT(heaviside, 0, 0.5, 0), ACT(heaviside, -0.0, 0.5, 0), ACT(heaviside, -INFINITY, 0, 0),
    ACT(heaviside, 3, 1, 0), ACT(heaviside, NAN, NAN, 0),
    AT(to_power_0, 0, 1, 0), AT(to_power_0, NAN, 1, 0), AT(to_power_0, INFINITY, 1, 0),
    AT(to_power_1, 0, 0, 1),
    AT(to_power_2, -3, 9, -6),
    AT(to_power_3, 0, 0, 0), AT(to_power_3, -2, -8, 12), AT(to_power_half, 0, 0, INFINITY),
    AT(to_power_half, -4, NAN, NAN),
    AT(under_one, 0, INFINITY, -INFINITY),
};

static void values_and_slopes_at_special_points(void **state)
{
    (void)state;
    int wrong = 0;
    for (int dtype = WG_F32; dtype <= WG_F64; dtype++)
        for (size_t k = 0; k < sizeof points / sizeof *points; k++) {
            const point *p = &points[k];
            double y, slope, tolerance = dtype == WG_F32 ? 5e-7 : 1e-15;
            wg_tape *t = wg_tape_new((wg_dtype)dtype);
            wg_tensor *x = wg_param(t, "x", WG_SHAPE(1), wg_init_values(&p->x)), *out = p->op(x),
                      *g;
            assert_int_equal(wg_grad(wg_sum(out), 1, &x, &g), WG_OK);
            y = wg_item(out);
            slope = wg_item(g);
            if (!near(y, p->y, tolerance) || (p->y == 0 && !signbit(y) != !signbit(p->y))
                || !near(slope, p->slope, tolerance)) {
                print_error("%s at %g in %s: %.17g and slope %.17g, wants %.17g and %.17g\n",
                            p->name, p->x, wg_dtype_name((wg_dtype)dtype), y, slope, p->y,
                            p->slope);
                wrong++;
            }
            assert_null(wg_error(t));
            wg_tape_free(t);
        }
    assert_int_equal(wrong, 0);
}

/* ---- two arguments ---- */

typedef struct point2 {
    const char *name;
    wg_tensor *(*op)(wg_tensor *a, wg_tensor *b);
    double a, b, y, slope_a, slope_b;
} point2;

#define ACT2(op, a, b, y, slope_a, slope_b) {#op, wg_##op, a, b, y, slope_a, slope_b}
static const point2 points2[] = {
    ACT2(div, 1, 0, INFINITY, INFINITY, -INFINITY),
    ACT2(div, 0, 0, NAN, INFINITY, NAN),
    ACT2(div, 1, -INFINITY, -0.0, -0.0, -0.0),
    ACT2(pow, 0, 0, 1, 0, 0),
    ACT2(pow, 2, 0, 1, 0, 0.69314718055994531),
    ACT2(pow, 0, 2, 0, 0, 0),
    ACT2(pow, 0, 0.5, 0, INFINITY, 0),
    ACT2(pow, -0.0, 0, 1, 0, 0),
    ACT2(pow, 1e-45, 0, 1, 0, -103.27892990343184),
    ACT2(pow, -2, 3, -8, 12, NAN),
    ACT2(pow, -2, 0, 1, 0, NAN),
    ACT2(pow, INFINITY, 0, 1, 0, INFINITY),
    ACT2(pow, NAN, 0, 1, 0, NAN),
    ACT2(pow, 0, -1, INFINITY, -INFINITY, -INFINITY),
    ACT2(pow, 1, INFINITY, 1, INFINITY, 0),
    ACT2(pow, 0.5, INFINITY, 0, NAN, -0.0),
    ACT2(pow, -8, 0.5, NAN, NAN, NAN),
    ACT2(maximum, 1, 1, 1, 0.5, 0.5),
    ACT2(maximum, 2, 1, 2, 1, 0),
    ACT2(maximum, NAN, 1, NAN, 1, 1),
    ACT2(maximum, 1, NAN, NAN, 1, 1),
    ACT2(maximum, -INFINITY, -INFINITY, -INFINITY, 0.5, 0.5),
    ACT2(minimum, 1, 1, 1, 0.5, 0.5),
    ACT2(minimum, 2, 1, 1, 0, 1),
    ACT2(minimum, NAN, 1, NAN, 1, 1),
    ACT2(minimum, 1, NAN, NAN, 1, 1),
    ACT2(minimum, -INFINITY, 0, -INFINITY, 1, 0),
    ACT2(atan2, 0, 1, 0, 1, 0),
    ACT2(atan2, -0.0, -1, -PI, -1, 0),
    ACT2(atan2, 0, -1, PI, -1, 0),
    ACT2(atan2, 0, 0, 0, NAN, NAN),
    ACT2(atan2, 1, 0, PI / 2, 0, -1),
    ACT2(atan2, 3e30, 4e30, 0.6435011087932844, 1.6e-31, -1.2e-31),
    ACT2(hypot, 3e30, 4e30, 5e30, 0.6, 0.8),
    ACT2(hypot, 3e-30, 4e-30, 5e-30, 0.6, 0.8),
    ACT2(hypot, 0, 0, 0, NAN, NAN),
    ACT2(hypot, INFINITY, NAN, INFINITY, NAN, NAN),
    ACT2(hypot, -INFINITY, 1, INFINITY, NAN, 0),
    ACT2(lt, 1, 2, 1, 0, 0),
    ACT2(lt, 1, 1, 0, 0, 0),
    ACT2(lt, NAN, 1, 0, 0, 0),
    ACT2(le, 1, 1, 1, 0, 0),
    ACT2(le, NAN, NAN, 0, 0, 0),
    ACT2(gt, INFINITY, 1, 1, 0, 0),
    ACT2(gt, 1, NAN, 0, 0, 0),
    ACT2(ge, 1, 1, 1, 0, 0),
    ACT2(ge, NAN, 1, 0, 0, 0),
    ACT2(eq, 0, -0.0, 1, 0, 0),
    ACT2(eq, NAN, NAN, 0, 0, 0),
    ACT2(eq, INFINITY, INFINITY, 1, 0, 0),
    ACT2(ne, NAN, NAN, 1, 0, 0),
    ACT2(ne, 0, -0.0, 0, 0, 0),
    ACT2(logical_and, NAN, 2, 1, 0, 0),
    ACT2(logical_and, 0, NAN, 0, 0, 0),
    ACT2(logical_and, -0.0, 1, 0, 0, 0),
    ACT2(logical_or, 0, NAN, 1, 0, 0),
    ACT2(logical_or, 0, -0.0, 0, 0, 0),
    ACT2(logical_or, 0.25, 0, 1, 0, 0),
};

static void two_arguments_at_special_points(void **state)
{
    (void)state;
    int wrong = 0;
    for (int dtype = WG_F32; dtype <= WG_F64; dtype++)
        for (size_t k = 0; k < sizeof points2 / sizeof *points2; k++) {
            const point2 *p = &points2[k];
            double y, slope[2], tolerance = dtype == WG_F32 ? 5e-7 : 1e-13;
            /* f32 has 1.4e-45 for it */
            double slope_b = p->a == 1e-45 && dtype == WG_F64 ? -103.61632918473205 : p->slope_b;
            wg_tape *t = wg_tape_new((wg_dtype)dtype);
            wg_tensor *x[2] = {wg_param(t, "a", WG_SHAPE(), wg_init_values(&p->a)),
                               wg_param(t, "b", WG_SHAPE(), wg_init_values(&p->b))};
            wg_tensor *out = p->op(x[0], x[1]), *g[2];
            assert_int_equal(wg_grad(out, 2, x, g), WG_OK);
            y = wg_item(out);
            slope[0] = wg_item(g[0]), slope[1] = wg_item(g[1]);
            if (!near(y, p->y, tolerance) || !near(slope[0], p->slope_a, tolerance)
                || !near(slope[1], slope_b, tolerance)) {
                print_error("%s at %g, %g in %s: %.17g, slopes %.17g and %.17g, wants %.17g, %.17g "
                            "and %.17g\n",
                            p->name, p->a, p->b, wg_dtype_name((wg_dtype)dtype), y, slope[0],
                            slope[1], p->y, p->slope_a, slope_b);
                wrong++;
            }
            assert_null(wg_error(t));
            wg_tape_free(t);
        }
    assert_int_equal(wrong, 0);
}

/* ---- second derivatives where a rule has sides ---- */

typedef struct curve {
    const char *name;
    unary *op;
    double x, curvature;
} curve;

#define CURVE(op, x, curvature) {#op, wg_##op, x, curvature}
static const curve curves[] = {
    CURVE(abs, 0, 0), CURVE(abs, -2, 0), CURVE(relu, 0, 0), CURVE(relu, 2, 0),
    CURVE(sqrt, 4, -1.0 / 32),
    CURVE(square, 0, 2),
    {"elu2", elu2, 0, 0}, {"elu2", elu2, -1, 2 * 0.36787944117144232}, {"elu2", elu2, 1000, 0},
    {"elu2", elu2, INFINITY, 0},
    {"elu2", elu2, -INFINITY, 0}, CURVE(selu, 1000, 0), {"clamped", clamped, -1, 0},
    {"clamped", clamped, 9, 0},
    CURVE(silu, 0, 0.5), CURVE(silu, 800, 0), CURVE(silu, -INFINITY, 0), CURVE(silu, INFINITY, 0),
    CURVE(gelu, 0, 0.79788456080286536),
    CURVE(gelu, INFINITY, 0), CURVE(gelu, -INFINITY, 0), CURVE(gelu_tanh, 0, 0.79788456080286536),
    CURVE(gelu_tanh, INFINITY, 0),
    CURVE(gelu_tanh, -INFINITY, 0), CURVE(softplus, 0, 0.25), CURVE(softplus, INFINITY, 0),
    CURVE(softplus, -INFINITY, 0),
    CURVE(sigmoid, 0, 0), CURVE(sigmoid, INFINITY, 0), CURVE(sigmoid, -INFINITY, 0),
    CURVE(tanh, INFINITY, 0),
    CURVE(exp, -INFINITY, 0),
    {"to_power_0", to_power_0, 0, 0}, {"to_power_1", to_power_1, 0, 0},
    {"to_power_2", to_power_2, 0, 2},
    {"to_power_3", to_power_3, 0, 0},
    {"to_power_3", to_power_3, -2, -12}, CURVE(hard_sigmoid, 3, 0), CURVE(piecewise_linear, 0.5, 0),
    CURVE(digamma, 1, -2.4041138063191886),
    CURVE(lgamma, 1, PI *PI / 6),
};

static void second_derivatives_at_kinks_and_limits(void **state)
{
    (void)state;
    int wrong = 0;
    for (size_t k = 0; k < sizeof curves / sizeof *curves; k++) {
        wg_tape *t = wg_tape_new(WG_F64);
        wg_tensor *x = wg_param(t, "x", WG_SHAPE(), wg_init_values(&curves[k].x)), *g, *h;
        assert_int_equal(wg_grad(curves[k].op(x), 1, &x, &g), WG_OK);
        assert_int_equal(wg_grad(g, 1, &x, &h), WG_OK);
        if (!near(wg_item(h), curves[k].curvature, 1e-13)) {
            print_error("%s'' at %g: %.17g, wants %.17g\n", curves[k].name, curves[k].x, wg_item(h),
                        curves[k].curvature);
            wrong++;
        }
        wg_tape_free(t);
    }
    assert_int_equal(wrong, 0);
}

/* d2/da2, d2/dadb, d2/db2 of a^b: finite wherever they exist,
 * also in the corners that the rule masks. */
static void second_derivatives_of_pow(void **state)
{
    (void)state;
    const double ln2 = 0.69314718055994531, at[][5] = {{2, 3, 12, 4 + 12 * ln2, 8 * ln2 * ln2},
                                                       /* mixed: d/da of ln a */
                                                       {2, 0, 0, 0.5, ln2 * ln2},
                                                       {0, 2, 2, 0, 0},
                                                       {0, 3, 0, 0, 0}};
    for (size_t k = 0; k < sizeof at / sizeof *at; k++) {
        wg_tape *t = wg_tape_new(WG_F64);
        wg_tensor *x[2] = {wg_param(t, "a", WG_SHAPE(), wg_init_values(&at[k][0])),
                           wg_param(t, "b", WG_SHAPE(), wg_init_values(&at[k][1]))};
        wg_tensor *g[2], *h[2], *h2[2];
        assert_int_equal(wg_grad(wg_pow(x[0], x[1]), 2, x, g), WG_OK);
        assert_int_equal(wg_grad(g[0], 2, x, h), WG_OK);
        assert_int_equal(wg_grad(g[1], 2, x, h2), WG_OK);
        assert_true(near(wg_item(h[0]), at[k][2], 1e-14));
        assert_true(near(wg_item(h[1]), at[k][3], 1e-14));
        assert_true(near(wg_item(h2[1]), at[k][4], 1e-14));
        wg_tape_free(t);
    }
    /* forward mode differentiates the rule by its cotangent: masks must hold there, too */
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x[2] = {wg_param(t, "a", WG_SHAPE(), wg_init_zeros()),
                       wg_param(t, "b", WG_SHAPE(), wg_init_zeros())};
    wg_tensor *u[2] = {wg_scalar(t, 1), wg_scalar(t, 1)};
    assert_true(wg_item(wg_jvp(wg_pow(x[0], x[1]), 2, x, u)) == 0);
    wg_tape_free(t);
}

/* ---- where ---- */

static void where_keeps_out_the_side_not_chosen(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *c = wg_constant(t, WG_SHAPE(4), (double[]){0, 1, NAN, -0.0});
    wg_tensor *x[2] = {
        wg_param(t, "a", WG_SHAPE(4), wg_init_values((double[]){NAN, 1, 2, INFINITY})),
        wg_param(t, "b", WG_SHAPE(4), wg_init_values((double[]){5, NAN, -INFINITY, 6}))};
    wg_tensor *y = wg_where(c, x[0], x[1]), *g[2];
    double v[4];
    assert_int_equal(wg_grad(wg_sum(wg_square(y)), 2, x, g), WG_OK);
    assert_int_equal(wg_get_f64(y, v), WG_OK);
    assert_true(v[0] == 5 && v[1] == 1 && v[2] == 2 && v[3] == 6);
    assert_int_equal(wg_get_f64(g[0], v), WG_OK);
    assert_true(v[0] == 0 && v[1] == 2 && v[2] == 4 && v[3] == 0);
    assert_int_equal(wg_get_f64(g[1], v), WG_OK);
    assert_true(v[0] == 10 && v[1] == 0 && v[2] == 0 && v[3] == 12);
    wg_tape_free(t);
}

static void where_passes_no_derivative_to_its_condition(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_param(t, "x", WG_SHAPE(3), wg_init_values((double[]){-1, 0, 2})), *g;
    double v[3];
    assert_int_equal(wg_grad(wg_sum(wg_where(x, wg_square(x), x)), 1, &x, &g), WG_OK);
    assert_int_equal(wg_get_f64(g, v), WG_OK);
    assert_true(v[0] == -2 && v[1] == 1 && v[2] == 4);
    wg_tape_free(t);
}

/* A condition that a cast would round to 0 is still true. */
static void where_takes_conditions_of_any_dtype(void **state)
{
    (void)state;
    for (int value = WG_F32; value <= WG_I32; value++) {
        wg_tape *t = wg_tape_new(WG_F64);
        wg_tensor *tiny = wg_constant(t, WG_SHAPE(3), (double[]){1e-300, 0, 0.5});
        wg_tensor *whole = wg_constant_as(t, WG_I32, WG_SHAPE(3), (int32_t[]){7, 0, -1});
        wg_tensor *single = wg_constant_as(t, WG_F32, WG_SHAPE(3), (float[]){0.5f, 0, 1e-45f});
        wg_tensor *a = wg_full_as(t, (wg_dtype)value, WG_SHAPE(3), 1),
                  *b = wg_full_as(t, (wg_dtype)value, WG_SHAPE(3), 2);
        wg_tensor *conditions[] = {tiny, whole, single, wg_ne(tiny, wg_zeros_like(tiny))};
        for (size_t k = 0; k < 4; k++) {
            double v[3];
            assert_int_equal(wg_get_f64(wg_where(conditions[k], a, b), v), WG_OK);
            assert_true(v[0] == 1 && v[1] == 2 && v[2] == 1);
        }
        wg_tape_free(t);
    }
}

/* ---- numbers beside a tensor ---- */

static void by_scalar_forms(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    const double at = 3;
    wg_tensor *x = wg_param(t, "x", WG_SHAPE(), wg_init_values(&at));
    wg_tensor *y[] = {wg_add_scalar(x, 2),          wg_sub_scalar(x, 2),  wg_rsub(x, 2),
                      wg_mul_scalar(x, 2),          wg_div_scalar(x, 2),  wg_rdiv(x, 2),
                      wg_pow_scalar(x, 2),          wg_pow_scalar(x, -1), wg_clamp(x, 4, 5),
                      wg_leaky_relu(wg_neg(x), 0.5)};
    const double value[] = {5, 1, -1, 6, 1.5, 2.0 / 3, 9, 1.0 / 3, 4, -1.5};
    const double slope[] = {1, 1, -1, 2, 0.5, -2.0 / 9, 6, -1.0 / 9, 0, -0.5};
    for (size_t k = 0; k < sizeof y / sizeof *y; k++) {
        wg_tensor *g;
        assert_int_equal(wg_grad(y[k], 1, &x, &g), WG_OK);
        assert_true(near(wg_item(y[k]), value[k], 1e-15));
        assert_true(near(wg_item(g), slope[k], 1e-15));
    }
    wg_tensor *i = wg_constant_as(t, WG_I32, WG_SHAPE(), (int32_t[]){7});
    assert_true(wg_item(wg_add_scalar(i, 2)) == 9 && wg_item(wg_rsub(i, 2)) == -5
                && wg_item(wg_mul_scalar(i, -3)) == -21);
    wg_tape_free(t);
}

/* ---- i32 ---- */

static void i32_wraps_around(void **state)
{
    (void)state;
    const int32_t top = INT32_MAX, low = INT32_MIN;
    wg_tape *t = wg_tape_new(WG_F32);
    wg_tensor *a = wg_constant_as(t, WG_I32, WG_SHAPE(5), (int32_t[]){top, low, 65536, -7, 46341});
    wg_tensor *b = wg_constant_as(t, WG_I32, WG_SHAPE(5), (int32_t[]){1, -1, 65536, 3, 46341});
    const struct {
        wg_tensor *y;
        int32_t wants[5];
    } cases[] = {
        {wg_add(a, b), {low, top, 131072, -4, 92682}},
        {wg_sub(b, a), {low + 2, top, 0, 10, 0}},
        {wg_mul(a, b), {top, low, 0, -21, -2147479015}},
        {wg_mul(a, a), {1, 0, 0, 49, -2147479015}},
        {wg_neg(a), {-top, low, -65536, 7, -46341}},
        {wg_abs(a), {top, low, 65536, 7, 46341}},
        {wg_sign(a), {1, -1, 1, -1, 1}},
        {wg_square(a), {1, 0, 0, 49, -2147479015}},
        {wg_maximum(a, b), {top, -1, 65536, 3, 46341}},
        {wg_minimum(a, b), {1, low, 65536, -7, 46341}},
        {wg_clamp(a, -5, 50000), {50000, -5, 50000, -5, 46341}},
        {wg_clamp(a, -INFINITY, INFINITY), {top, low, 65536, -7, 46341}},
        {wg_clamp(a, -1e300, 1e10), {top, low, 65536, -7, 46341}},
        {wg_clamp(a, 1e10, 2e10), {top, top, top, top, top}},
        {wg_lt(a, b), {0, 1, 0, 1, 0}},
        {wg_le(a, b), {0, 1, 1, 1, 1}},
        {wg_gt(a, b), {1, 0, 0, 0, 0}},
        {wg_ge(a, b), {1, 0, 1, 0, 1}},
        {wg_eq(a, b), {0, 0, 1, 0, 1}},
        {wg_ne(a, b), {1, 1, 0, 1, 0}},
        {wg_logical_and(a, wg_eq(a, b)), {0, 0, 1, 0, 1}},
        {wg_logical_or(wg_eq(a, b), wg_lt(a, b)), {0, 1, 1, 1, 1}},
        {wg_logical_not(wg_gt(a, b)), {0, 1, 1, 1, 1}},
        {wg_where(wg_gt(a, b), a, b), {top, -1, 65536, 3, 46341}},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        int32_t v[5];
        assert_int_equal(wg_get_i32(cases[k].y, v), WG_OK);
        for (int i = 0; i < 5; i++)
            if (v[i] != cases[k].wants[i])
                fail_msg("case %zu (%s), element %d: %d, wants %d", k, wg_op_name(cases[k].y), i,
                         v[i], cases[k].wants[i]);
        assert_int_equal(wg_dtype_of(cases[k].y), WG_I32);
    }
    wg_tape_free(t);
}

static void casts(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    const double v[] = {1.9, -1.9, 2147483647.5, -2147483648.5, 1e300, -INFINITY, NAN, 0.1, -0.0};
    const int32_t to_i32[] = {1, -1, INT32_MAX, INT32_MIN, INT32_MAX, INT32_MIN, 0, 0, 0};
    wg_tensor *x = wg_constant(t, WG_SHAPE(9), v), *single = wg_cast(x, WG_F32);
    int32_t i[9];
    float f[9];
    double d[9];
    assert_ptr_equal(wg_cast(x, WG_F64), x);
    assert_int_equal(wg_get_i32(wg_cast(x, WG_I32), i), WG_OK);
    assert_memory_equal(i, to_i32, sizeof i);
    assert_int_equal(wg_get_i32(wg_cast(single, WG_I32), i), WG_OK);
    assert_true(i[0] == 1 && i[2] == INT32_MAX && i[3] == INT32_MIN && i[4] == INT32_MAX
                && i[5] == INT32_MIN && i[6] == 0);
    assert_int_equal(wg_get_f32(single, f), WG_OK);
    assert_true(f[7] == 0.1f && isinf(f[4]) && isnan(f[6]) && signbit(f[8]));
    assert_int_equal(wg_get_f64(wg_cast(single, WG_F64), d), WG_OK);
    assert_true(d[7] == (double)0.1f);
    wg_tensor *big = wg_constant_as(t, WG_I32, WG_SHAPE(2), (int32_t[]){INT32_MAX, INT32_MIN});
    assert_int_equal(wg_get_f64(wg_cast(big, WG_F64), d), WG_OK);
    assert_true(d[0] == INT32_MAX && d[1] == INT32_MIN);
    assert_int_equal(wg_get_f32(wg_cast(big, WG_F32), f), WG_OK);
    assert_true(f[0] == 0x1p31f);
    wg_tape_free(t);
}

/* The adjoint goes back in the argument's dtype; none goes back through integers. */
static void casts_carry_derivatives_between_floats(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    const double at = 3;
    wg_tensor *x = wg_param(t, "x", WG_SHAPE(), wg_init_values(&at)), *single = wg_cast(x, WG_F32),
              *g, *h;
    assert_int_equal(wg_grad(wg_mul(single, wg_square(single)), 1, &x, &g), WG_OK);
    assert_int_equal(wg_dtype_of(g), WG_F64);
    assert_true(wg_item(g) == 27);
    assert_int_equal(wg_grad(g, 1, &x, &h), WG_OK);
    assert_true(wg_item(h) == 18);
    assert_int_equal(wg_grad(wg_cast(wg_cast(x, WG_I32), WG_F64), 1, &x, &g), WG_OK);
    assert_true(wg_item(g) == 0);
    wg_tape_free(t);
}

/* ---- shapes ---- */

static void operands_broadcast_and_adjoints_sum(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x[3] = {wg_param(t, "a", WG_SHAPE(2, 1), wg_init_values((double[]){1, 2})),
                       wg_param(t, "b", WG_SHAPE(3), wg_init_values((double[]){3, 4, 5})),
                       wg_param(t, "c", WG_SHAPE(), wg_init_constant(2))};
    wg_tensor *y = wg_mul(wg_sub(x[0], x[1]), x[2]), *g[3];
    double v[6];
    assert_true(wg_shape_equal(wg_shape_of(y), WG_SHAPE(2, 3)));
    assert_int_equal(wg_grad(wg_sum(y), 3, x, g), WG_OK);
    assert_int_equal(wg_get_f64(y, v), WG_OK);
    assert_memory_equal(v, ((double[]){-4, -6, -8, -2, -4, -6}), sizeof v);
    assert_int_equal(wg_get_f64(g[0], v), WG_OK);
    assert_true(v[0] == 6 && v[1] == 6);
    assert_int_equal(wg_get_f64(g[1], v), WG_OK);
    assert_true(v[0] == -4 && v[1] == -4 && v[2] == -4);
    assert_true(wg_item(g[2]) == -15);
    y = wg_where(wg_gt(x[0], wg_full_like(x[0], 1)), x[1], x[2]);
    assert_true(wg_shape_equal(wg_shape_of(y), WG_SHAPE(2, 3)));
    assert_int_equal(wg_grad(wg_sum(y), 3, x, g), WG_OK);
    assert_int_equal(wg_get_f64(g[1], v), WG_OK);
    assert_true(v[0] == 1 && wg_item(g[2]) == 3);
    wg_tensor *empty = wg_full(t, WG_SHAPE(0, 3), 1);
    assert_true(wg_shape_equal(wg_shape_of(wg_add(empty, x[1])), WG_SHAPE(0, 3)));
    assert_int_equal(wg_grad(wg_sum(wg_mul(empty, x[1])), 1, &x[1], g), WG_OK);
    assert_int_equal(wg_get_f64(g[0], v), WG_OK);
    assert_true(v[0] == 0 && v[2] == 0);
    assert_null(wg_error(t));
    wg_tape_free(t);
}

/* ---- refusals ---- */

static void refused(wg_tape *t, const wg_tensor *y, const char *message)
{
    assert_null(y);
    assert_non_null(wg_error(t));
    assert_string_equal(wg_error(t), message);
    wg_clear_error(t);
}

static void wrong_operands_are_refused(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F32), *other = wg_tape_new(WG_F32);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(3)), *y = wg_input(t, "y", WG_SHAPE(2, 4)),
              *i = wg_input_as(t, "i", WG_I32, WG_SHAPE(3));
    wg_tensor *d = wg_input_as(t, "d", WG_F64, WG_SHAPE(3)),
              *far = wg_input(other, "far", WG_SHAPE(3));
    refused(t, wg_add(x, y), "add: wants shapes that broadcast, got \"x\" [3] x \"y\" [2, 4]");
    refused(t, wg_add(x, d), "add: wants operands of one dtype, got \"x\" f32 [3] x \"d\" f64 [3]");
    refused(t, wg_mul(y, i),
            "mul: wants operands of one dtype, got \"y\" f32 [2, 4] x \"i\" i32 [3]");
    refused(t, wg_exp(i), "exp: wants f32 or f64, got \"i\" i32 [3]");
    refused(t, wg_div(i, i), "div: wants f32 or f64, got \"i\" i32 [3] x \"i\" i32 [3]");
    refused(t, wg_pow_scalar(i, 2), "pow_scalar: wants f32 or f64, got \"i\" i32 [3]");
    refused(t, wg_sub(x, NULL), "sub: wants tensors, got \"x\" [3] x NULL");
    refused(t, wg_lt(NULL, x), "lt: wants tensors, got NULL x \"x\" [3]");
    refused(t, wg_maximum(x, far),
            "maximum: wants tensors of one tape, got \"x\" [3] x \"far\" [3]");
    assert_non_null(wg_error(other));
    refused(t, wg_where(x, x, y),
            "where: wants shapes that broadcast, got \"x\" [3] x \"x\" [3] x \"y\" [2, 4]");
    refused(t, wg_where(y, x, x),
            "where: wants shapes that broadcast, got \"y\" [2, 4] x \"x\" [3] x \"x\" [3]");
    refused(
        t, wg_where(x, x, d),
        "where: wants operands of one dtype, got \"x\" f32 [3] x \"x\" f32 [3] x \"d\" f64 [3]");
    refused(t, wg_where(NULL, x, x), "where: wants tensors, got NULL x \"x\" [3] x \"x\" [3]");
    refused(t, wg_clamp(x, NAN, 1),
            "clamp: wants bounds that are not NaN, not nan and 1, got \"x\" [3]");
    refused(t, wg_clamp(i, 0.5, 1),
            "clamp: wants whole numbers as bounds, not 0.5 and 1, got \"i\" i32 [3]");
    refused(t, wg_polygamma(-1, x),
            "polygamma: wants an order of 0 or more, not -1, got \"x\" [3]");
    refused(t, wg_cast(x, (wg_dtype)7), "cast: wants a dtype, got \"x\" f32 [3]");
    refused(t, wg_add_scalar(i, 0.5),
            "add_scalar: wants a number that i32 can hold, not 0.5, got \"i\" i32 [3]");
    refused(t, wg_rsub(i, 3e9),
            "rsub: wants a number that i32 can hold, not 3e+09, got \"i\" i32 [3]");
    const wg_op *add = wg_find_op(t, "add");
    refused(t, wg_apply(add, 2, (wg_tensor *[]){x, y}, NULL),
            "add: wants operands of one shape, got \"x\" [3] x \"y\" [2, 4]");
    wg_tape_free(t);
    wg_tape_free(other);
}

static void null_in_null_out(void **state)
{
    (void)state;
    assert_true(!wg_add(NULL, NULL) && !wg_exp(NULL) && !wg_where(NULL, NULL, NULL)
                && !wg_clamp(NULL, 0, 1) && !wg_cast(NULL, WG_F32) && !wg_add_scalar(NULL, 1)
                && !wg_rdiv(NULL, 1) && !wg_pow_scalar(NULL, 2) && !wg_pow_scalar(NULL, 3)
                && !wg_polygamma(-1, NULL) && !wg_polygamma(0, NULL) && !wg_polygamma(1, NULL)
                && !wg_elu(NULL, 1));
}

/* ---- records ---- */

extern const wg_op *const wg_elementwise_ops[];

static void every_record_is_complete(void **state)
{
    (void)state;
    int count = 0;
    for (; wg_elementwise_ops[count]; count++) {
        const wg_op *op = wg_elementwise_ops[count];
        bool flat = op->flags & WG_OP_FLAT;
        if (op->size != sizeof *op || !op->name || !op->doc || !*op->doc || op->arity < 1
            || op->arity > 3 || !op->infer || !op->map)
            fail_msg("%s: its record is not complete", op->name);
        if (!flat && !op->vjp)
            fail_msg("%s: neither flat nor with a rule", op->name);
        if (!op->map->kernel[WG_F32] || !op->map->kernel[WG_F64] || !op->map->c_text
            || !*op->map->c_text || op->map->flops < 1)
            fail_msg("%s: its map is not complete", op->name);
        if (op->attr_size && !op->sample)
            fail_msg("%s: attributes without a sample", op->name);
        for (int i = 0; i < op->arity; i++) {
            const wg_domain *d = &op->domain[i];
            if (!(d->lo < d->hi) || (d->has_kink && !(d->lo < d->kink && d->kink < d->hi)))
                fail_msg("%s: argument %d has no domain", op->name, i);
        }
        assert_ptr_equal(wg_find_op(NULL, op->name), op);
    }
    assert_true(count >= 69);
    assert_string_equal(wg_find_op(NULL, "relu")->map->c_text, "WHERE(x <= C(0), C(0), x)");
    assert_string_equal(wg_find_op(NULL, "exp")->map->c_text, "EXP(x)");
}

static void every_rule_agrees_with_finite_differences(void **state)
{
    (void)state;
    for (int k = 0; wg_elementwise_ops[k]; k++) {
        const wg_op *op = wg_elementwise_ops[k];
        wg_check_report r;
        /* differences of rounded values tell nothing */
        if ((op->flags & WG_OP_FLAT) || !strcmp(op->name, "cast_f32"))
            continue;
        if (wg_check_op(op, &(wg_check_options){.order = 2}, &r) != WG_OK)
            fail_msg("%s: %s", op->name, r.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_and_slopes_at_special_points),
        cmocka_unit_test(two_arguments_at_special_points),
        cmocka_unit_test(second_derivatives_at_kinks_and_limits),
        cmocka_unit_test(second_derivatives_of_pow),
        cmocka_unit_test(where_keeps_out_the_side_not_chosen),
        cmocka_unit_test(where_passes_no_derivative_to_its_condition),
        cmocka_unit_test(where_takes_conditions_of_any_dtype),
        cmocka_unit_test(by_scalar_forms),
        cmocka_unit_test(i32_wraps_around),
        cmocka_unit_test(casts),
        cmocka_unit_test(casts_carry_derivatives_between_floats),
        cmocka_unit_test(operands_broadcast_and_adjoints_sum),
        cmocka_unit_test(wrong_operands_are_refused),
        cmocka_unit_test(null_in_null_out),
        cmocka_unit_test(every_record_is_complete),
        cmocka_unit_test(every_rule_agrees_with_finite_differences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
