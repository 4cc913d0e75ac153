/* Kernels of elementwise ops, by themselves, for every instruction set of this machine: the same
 * bits wherever an element stands, for every pattern of steps, and in place; and as accurate as
 * promised, held against long double. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <wengert.h>

#include "kernels/isa.h"
#include "kernels/special.h"
#include "ops/maps.h"

extern const wg_op *const wg_elementwise_ops[];

static uint64_t bits = 88172645463325252u; /* xorshift64 */

static uint64_t next_bits(void)
{
    bits ^= bits << 13;
    bits ^= bits >> 7;
    bits ^= bits << 17;
    return bits;
}

static double uniform(double lo, double hi)
{
    return lo + (hi - lo) * ((double)(next_bits() >> 11) * 0x1p-53);
}

/* ---- position, steps, in place ---- */

enum { N = 77 }; /* more than one vector of any width, and a tail */

typedef union buffer {
    float f32[N];
    double f64[N];
    int32_t i32[N];
    unsigned char bytes[8 * N];
} buffer;

static void fill(buffer *b, wg_dtype d)
{
    static const double special[] = {0,  -0.0, INFINITY, -INFINITY, NAN, 1,
                                     -1, 1e30, -1e30,    1e-40,     0.5, -3};
    for (int i = 0; i < N; i++) {
        double v = i % 3 == 0 ? special[next_bits() % 12] : uniform(-4, 4);
        if (d == WG_F32)
            b->f32[i] = (float)v;
        else if (d == WG_F64)
            b->f64[i] = v;
        else
            b->i32[i] = (int32_t)(uint32_t)next_bits() >> (next_bits() % 32);
    }
}

static wg_dtype result_of(const wg_op *op, wg_dtype d)
{
    return !strcmp(op->name, "cast_f32")   ? WG_F32
           : !strcmp(op->name, "cast_f64") ? WG_F64
           : !strcmp(op->name, "cast_i32") ? WG_I32
                                           : d;
}

/* NaNs may differ in sign and payload: which of two operands' NaN a sum keeps is the compiler's
 * choice. */
static bool same(const buffer *a, int i, const buffer *b, int j, wg_dtype d)
{
    size_t size = wg_dtype_size(d);
    if (d == WG_F32 && isnan(a->f32[i]) && isnan(b->f32[j]))
        return true;
    if (d == WG_F64 && isnan(a->f64[i]) && isnan(b->f64[j]))
        return true;
    return !memcmp(a->bytes + size * (size_t)i, b->bytes + size * (size_t)j, size);
}

static void check_kernel(const wg_op *op, wg_map_kernel *kernel, wg_dtype d, const char *isa)
{
    const double attr[2] = {!strcmp(op->name, "polygamma") ? 1
                            : !strcmp(op->name, "clamp")   ? -2
                                                           : 0.5,
                            3};
    const wg_dtype result = result_of(op, d);
    const size_t size = wg_dtype_size(d), out_size = wg_dtype_size(result);
    buffer in[3], y, one[3], place;
    for (int i = 0; i < op->arity; i++)
        fill(&in[i], d);
    for (int pattern = 0; pattern < 1 << op->arity; pattern++) {
        const void *x[3] = {in[0].bytes, in[1].bytes, in[2].bytes};
        int64_t step[3] = {pattern & 1, pattern >> 1 & 1, pattern >> 2 & 1};
        memset(&y, 0xAB, sizeof y);
        kernel(N, y.bytes, x, step, attr);
        for (int i = 0; i < N; i++) { /* each element alone */
            const void *x1[3] = {one[0].bytes, one[1].bytes, one[2].bytes};
            buffer alone;
            for (int k = 0; k < op->arity; k++)
                memcpy(one[k].bytes, in[k].bytes + (step[k] ? size * (size_t)i : 0), size);
            kernel(1, alone.bytes, x1, (int64_t[]){1, 1, 1}, attr);
            if (!same(&y, i, &alone, 0, result))
                fail_msg("%s %s %s, steps %d: element %d depends on its place", op->name,
                         wg_dtype_name(d), isa, pattern, i);
        }
        for (size_t i = out_size * N; i < sizeof y; i++)
            assert_int_equal(y.bytes[i], 0xAB);
        for (int k = 0; k < op->arity && size == out_size; k++) {
            if (!step[k])
                continue;
            place = in[k];
            x[k] = place.bytes;
            kernel(N, place.bytes, x, step, attr);
            x[k] = in[k].bytes;
            for (int i = 0; i < N; i++)
                if (!same(&y, i, &place, i, result))
                    fail_msg("%s %s %s, steps %d: differs in place of operand %d", op->name,
                             wg_dtype_name(d), isa, pattern, k);
        }
        kernel(0, NULL, x, step, attr);
    }
}

static void steps_and_places_do_not_matter(void **state)
{
    (void)state;
    for (wg_isa_level level = WG_ISA_BASELINE; level <= wg_isa(); level++)
        for (int k = 0; wg_elementwise_ops[k]; k++)
            for (int d = 0; d < WG_DTYPE_COUNT; d++) {
                const wg_map *map = wg_map_for(level, wg_elementwise_ops[k]->map);
                if (map->kernel[d])
                    check_kernel(wg_elementwise_ops[k], map->kernel[d], (wg_dtype)d,
                                 wg_isa_text(level));
            }
}

static void maps_are_found_by_level(void **state)
{
    (void)state;
    static const wg_map own = {.c_text = "x", .flops = 1};
    for (wg_isa_level level = WG_ISA_BASELINE; level <= wg_isa(); level++) {
        assert_ptr_equal(wg_map_for(level, &own), &own);
        for (int k = 0; wg_elementwise_ops[k]; k++) {
            const wg_map *base = wg_elementwise_ops[k]->map, *map = wg_map_for(level, base);
            assert_string_equal(map->c_text, base->c_text);
            assert_true((map == base) == (level == WG_ISA_BASELINE));
        }
    }
}

/* ---- accuracy ---- */

static long double ld_square(long double x) { return x * x; }
static long double ld_rsqrt(long double x) { return 1 / sqrtl(x); }
static long double ld_reciprocal(long double x) { return 1 / x; }
static long double ld_sigmoid(long double x)
{
    return x < 0 ? expl(x) / (1 + expl(x)) : 1 / (1 + expl(-x));
}
static long double ld_softplus(long double x)
{
    return x > 0 ? x + log1pl(expl(-x)) : log1pl(expl(x));
}
static long double ld_silu(long double x) { return x * ld_sigmoid(x); }
static long double ld_gelu(long double x)
{
    return x * erfcl(-x * 0.70710678118654752440084436210485L) / 2;
}
static long double ld_gelu_tanh(long double x)
{
    return x * ld_sigmoid(1.5957691216057307117597842397375L * (x + 0.044715L * x * x * x));
}
static long double ld_selu(long double x)
{
    const long double scale = 1.0507009873554804934193349852946L,
                      alpha = 1.6732632423543772848170429916717L;
    return x > 0 ? scale * x : scale * alpha * expm1l(x);
}
static long double ld_hard_sigmoid(long double x) { return x <= -3 ? 0 : x >= 3 ? 1 : (x + 3) / 6; }
static long double ld_lgamma(long double x)
{
    int sign;
    return lgammal_r(x, &sign);
}

/* By recurrence to where the asymptotic series is exact to long double. */
static long double ld_digamma(long double x)
{
    long double sum = 0;
    for (; x < 40; x += 1)
        sum += 1 / x;
    long double z = 1 / (x * x);
    long double tail = 1 / 252.0L - z * (1 / 240.0L - z * (1 / 132.0L - z * (691 / 32760.0L)));
    tail = z * (1 / 12.0L - z * (1 / 120.0L - z * tail));
    return logl(x) - 1 / (2 * x) - tail - sum;
}

typedef struct accuracy {
    const char *op;
    long double (*exact)(long double x);
    double lo, hi;
    double ulp32, ulp64; /* at most this many units in the last place of the exact value */
} accuracy;

/* (gelu in f32 loses digits below -12.8, where Phi is subnormal.) */
static const accuracy promises[] = {
    {"square", ld_square, -1e3, 1e3, 0.501, 0.501}, {"sqrt", sqrtl, 0, 1e9, 0.501, 0.501},
    {"rsqrt", ld_rsqrt, 1e-9, 1e9, 2, 2},
    {"reciprocal", ld_reciprocal, 1e-9, 1e9, 0.501, 0.501},
    {"exp", expl, -2, 2, 1, 1}, {"exp", expl, -87, 88, 1, 1}, {"exp", expl, -745, 709, 1, 1},
    {"expm1", expm1l, -1, 1, 2, 2}, {"expm1", expm1l, -40, 700, 2, 2},
    {"expm1", expm1l, -1e-6, 1e-6, 2, 2},
    {"log", logl, 0, 2, 1, 1}, {"log", logl, 0, 1e30, 1, 1}, {"log", logl, 0.99, 1.01, 1, 1},
    {"log", logl, 0, 1e-300, 1, 1},
    {"log", logl, 0, 1e-40, 1, 1}, {"log1p", log1pl, -1, 1, 1.5, 1.5},
    {"log1p", log1pl, -1e-6, 1e-6, 1.5, 1.5},
    {"log1p", log1pl, 0, 1e10, 1.5, 1.5},
    {"log2", log2l, 0, 2, 2.5, 2.5}, {"log2", log2l, 0.99, 1.01, 2.5, 2.5},
    {"log2", log2l, 0, 1e30, 2.5, 2.5},
    {"sin", sinl, -4, 4, 2.5, 2.5}, {"sin", sinl, -1e5, 1e5, 2.5, 2.5},
    {"cos", cosl, -4, 4, 2.5, 2.5},
    {"cos", cosl, -1e5, 1e5, 2.5, 2.5},
    {"tan", tanl, -4, 4, 2.5, 2.5}, {"tan", tanl, -1e4, 1e4, 2.5, 2.5},
    {"asin", asinl, -1, 1, 2.5, 2.5},
    {"acos", acosl, -1, 1, 2.5, 2.5},
    {"atan", atanl, -5, 5, 2.5, 2.5}, {"sinh", sinhl, -2, 2, 2.5, 2.5},
    {"sinh", sinhl, -80, 80, 2.5, 2.5},
    {"cosh", coshl, -2, 2, 2.5, 2.5},
    {"cosh", coshl, -80, 80, 2.5, 2.5}, {"tanh", tanhl, -1, 1, 2.5, 2.5},
    {"tanh", tanhl, -20, 20, 2.5, 2.5},
    {"tanh", tanhl, -1e-6, 1e-6, 2.5, 2.5},
    {"asinh", asinhl, -1, 1, 2.5, 2.5}, {"asinh", asinhl, -1e4, 1e4, 2.5, 2.5},
    {"acosh", acoshl, 1, 2, 2.5, 2.5},
    {"acosh", acoshl, 1, 1e4, 2.5, 2.5},
    {"atanh", atanhl, -1, 1, 2.5, 2.5}, {"erf", erfl, -1, 1, 2.5, 2.5},
    {"erf", erfl, -5, 5, 2.5, 2.5},
    {"erfc", erfcl, -1, 1, 2.5, 2.5},
    {"erfc", erfcl, -4, 9, 2.5, 2.5}, {"erfc", erfcl, 0, 27.5, 2.5, 2.5},
    {"lgamma", ld_lgamma, 0, 0.9, 4, 4},
    {"lgamma", ld_lgamma, 2.2, 100, 4, 4},
    {"digamma", ld_digamma, 0, 1.3, 4, 4}, {"digamma", ld_digamma, 1.6, 12, 4, 4},
    {"digamma", ld_digamma, 10, 1e4, 4, 4},
    {"sigmoid", ld_sigmoid, -4, 4, 2.5, 2.5}, {"sigmoid", ld_sigmoid, -100, 40, 2.5, 2.5},
    {"sigmoid", ld_sigmoid, -740, 0, 2.5, 2.5},
    {"softplus", ld_softplus, -4, 4, 2.5, 2.5}, {"softplus", ld_softplus, -100, 40, 2.5, 2.5},
    {"softplus", ld_softplus, -740, 0, 2.5, 2.5},
    {"selu", ld_selu, -4, 4, 3.5, 3.5}, {"silu", ld_silu, -4, 4, 3, 3},
    {"silu", ld_silu, -80, 20, 3, 3},
    {"gelu", ld_gelu, -3, 3, 3, 3},
    {"gelu", ld_gelu, -12, 12, 3, 3}, {"gelu", ld_gelu, -37, 0, 8, 3},
    {"gelu_tanh", ld_gelu_tanh, -1, 1, 8, 8},
    {"hard_sigmoid", ld_hard_sigmoid, -4, 4, 1.5, 1.5},
};

/* |got - exact| in units of the last place that a number of this size has with so many bits,
 * none below least. */
static double ulps(long double got, long double exact, int mantissa, int least)
{
    int e;
    if (got == exact)
        return 0;
    if (isnan(got) || isinf(got) || isnan(exact) || isinf(exact))
        return INFINITY;
    frexpl(exact, &e);
    e -= mantissa;
    return (double)(fabsl(got - exact) / ldexpl(1, e < least ? least : e));
}

static bool has_long_double(void)
{
    volatile long double epsilon = LDBL_EPSILON; /* valgrind computes long double in 64 bits */
    return LDBL_MANT_DIG >= 64 && 1 + epsilon != 1;
}

enum { SAMPLES = 6000 };

static double worst_of(const accuracy *a, wg_map_kernel *kernel, wg_dtype d, double *at)
{
    static float x32[SAMPLES], y32[SAMPLES];
    static double x64[SAMPLES], y64[SAMPLES];
    double worst = 0;
    for (int i = 0; i < SAMPLES; i++) { /* half of them near the lower end, or near 0 */
        double x = uniform(a->lo, a->hi), base = a->lo < 0 ? 0 : a->lo;
        x64[i] = i % 2 ? x : base + (x - base) * ldexp(1, -(int)(next_bits() % 40));
        x32[i] = (float)x64[i];
    }
    const void *x[1] = {d == WG_F32 ? (void *)x32 : (void *)x64};
    kernel(SAMPLES, d == WG_F32 ? (void *)y32 : (void *)y64, x, (int64_t[]){1}, NULL);
    for (int i = 0; i < SAMPLES; i++) {
        long double exact = a->exact(d == WG_F32 ? (long double)x32[i] : (long double)x64[i]);
        if (d == WG_F32 && (fabsl(exact) > FLT_MAX || (float)exact != (float)exact))
            continue;
        double u = d == WG_F32 ? ulps(y32[i], exact, 24, -149) : ulps(y64[i], exact, 53, -1074);
        if (u > worst) {
            worst = u;
            *at = d == WG_F32 ? (double)x32[i] : x64[i];
        }
    }
    return worst;
}

static void values_are_as_accurate_as_promised(void **state)
{
    (void)state;
    if (!has_long_double())
        skip();
    int wrong = 0;
    for (wg_isa_level level = WG_ISA_BASELINE; level <= wg_isa(); level++)
        for (size_t k = 0; k < sizeof promises / sizeof *promises; k++) {
            const accuracy *a = &promises[k];
            const wg_map *map = wg_map_for(level, wg_find_op(NULL, a->op)->map);
            for (int d = WG_F32; d <= WG_F64; d++) {
                double at = 0, worst = worst_of(a, map->kernel[d], (wg_dtype)d, &at),
                       bound = d == WG_F32 ? a->ulp32 : a->ulp64;
                if (!(worst <= bound)) {
                    print_error("%s %s %s on [%g, %g]: off by %.3g ulp at %.17g, promised %g\n",
                                a->op, wg_dtype_name((wg_dtype)d), wg_isa_text(level), a->lo, a->hi,
                                worst, at, bound);
                    wrong++;
                }
            }
        }
    assert_int_equal(wrong, 0);
}

/* ---- the gamma functions, by identities ---- */

static bool within(double a, double b, double relative)
{
    return fabs(a - b) <= relative * fabs(b);
}

/* polygamma(n, x + 1) = polygamma(n, x) + (-1)^n n! / x^(n+1);
 * sums of terms of one sign, so that nothing cancels. */
static void polygamma_obeys_its_recurrence(void **state)
{
    (void)state;
    double factorial = 1;
    for (int n = 1; n <= 6; n++) {
        factorial *= n;
        for (int i = 0; i < 2000; i++) {
            /* y + 1 is exact */
            double x = i % 2 ? uniform(0.01, 3) : uniform(0.5, 40), next = x + 1, y = next - 1;
            double step = factorial / pow(y, n + 1);
            double sum = fabs(wg_polygamma_f64(n, next)) + step;
            if (!within(sum, fabs(wg_polygamma_f64(n, y)), 1e-14))
                fail_msg("polygamma(%d, %.17g)", n, y);
        }
    }
}

/* Known values: Abramowitz and Stegun 6.4. */
static void polygamma_at_known_points(void **state)
{
    (void)state;
    const double pi = 3.14159265358979323846, zeta3 = 1.2020569031595942854;
    assert_true(within(wg_polygamma_f64(1, 1), pi * pi / 6, 1e-15));
    assert_true(within(wg_polygamma_f64(1, 0.5), pi * pi / 2, 1e-15));
    assert_true(within(wg_polygamma_f64(2, 1), -2 * zeta3, 1e-15));
    assert_true(within(wg_polygamma_f64(2, 0.5), -14 * zeta3, 1e-15));
    assert_true(within(wg_polygamma_f64(3, 1), pow(pi, 4) / 15, 1e-15));
    assert_true(within(wg_polygamma_f64(5, 1), 8 * pow(pi, 6) / 63, 2e-15));
    assert_true(within(wg_polygamma_f64(1, -0.5), pi * pi / 2 + 4, 1e-15));
    /* far down: the periodic part, without a long sum */
    assert_true(within(wg_polygamma_f64(1, -1e6 + 0.5), pi * pi, 1e-6));
    assert_true(wg_polygamma_f64(200, 1e-3) == -INFINITY && wg_polygamma_f64(3, INFINITY) == 0);
    assert_true(wg_polygamma_f64(0, 1) == wg_digamma_f64(1));
    assert_true(isnan(wg_polygamma_f64(1, NAN)) && isnan(wg_polygamma_f64(2, -INFINITY)));
    assert_true(wg_polygamma_f64(1, -3) == INFINITY && wg_polygamma_f64(2, -3) == -INFINITY);
}

/* The root is hit: relative accuracy is kept beside it. */
static void digamma_beside_its_root(void **state)
{
    (void)state;
    /* the root is root + low */
    const double root = 0x1.762d86356be3fp+0, low = 0x1.b86a722197829p-54, slope = 0.96767244544762;
    assert_true(within(wg_digamma_f64(root), -low * slope, 1e-6));
    assert_true(within(wg_digamma_f64(root + 0x1p-40), (0x1p-40 - low) * slope, 1e-6));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_and_places_do_not_matter),
        cmocka_unit_test(maps_are_found_by_level),
        cmocka_unit_test(values_are_as_accurate_as_promised),
        cmocka_unit_test(polygamma_obeys_its_recurrence),
        cmocka_unit_test(polygamma_at_known_points),
        cmocka_unit_test(digamma_beside_its_root),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
