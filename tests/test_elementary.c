/* Elementary functions: a sample of all values of f32 on every instruction set (test_every_float
 * takes all of them), sin and cos where their arguments are hard, and limits. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <wengert.h>

#include "ops/maps.h"
#include "support/floats.h"

static void floats_from_end_to_end(void **state)
{
    (void)state;
    for (wg_isa_level level = WG_ISA_BASELINE; level <= wg_isa(); level++)
        for (int f = 0; f < FLOATS_FUNCTIONS; f++) {
            float where = 0;
            double worst = floats_worst(f, level, 0, (uint64_t)1 << 32, 9973, &where);
            if (!(worst <= floats_promise[f]))
                fail_msg("%s f32 %s: off by %.3g ulp at %a", floats_name[f], wg_isa_text(level),
                         worst, (double)where);
        }
}

/* ---- sine and cosine ---- */

static double value_of(const char *name, wg_isa_level level, wg_dtype d, double x)
{
    float x32 = (float)x, y32 = 0;
    double y64 = 0;
    const void *in[] = {d == WG_F32 ? (void *)&x32 : (void *)&x};
    const int64_t step = 1;
    wg_map_for(level, wg_find_op(NULL, name)->map)
        ->kernel[d](1, d == WG_F32 ? (void *)&y32 : (void *)&y64, in, &step, NULL);
    return d == WG_F32 ? (double)y32 : y64;
}

/* Off by this many units in the last place.  sin and cos of f64 are libm's in long double, which
 * keeps 11 more bits. */
static double off(double got, long double exact, wg_dtype d)
{
    int e;
    frexpl(exact, &e);
    return (double)(fabsl((long double)got - exact) / ldexpl(1, e - (d == WG_F32 ? 24 : 53)));
}

/* The floats next to multiples of pi/2, where nearly all digits cancel, and arguments beyond every
 * bound. */
static void sines_of_hard_arguments(void **state)
{
    (void)state;
    const long double half_pi = 1.57079632679489661923132169163975144L;
    static const double huge[] = {
        12000, 12867.963, 1e5, 1e8, 2.1e8, 1e15, 1e22, 1e30, 3e38, 0x1p120, 6381956970095103.0};
    for (wg_isa_level level = WG_ISA_BASELINE; level <= wg_isa(); level++)
        for (int d = WG_F32; d <= WG_F64; d++) {
            for (int64_t n = 1; n < 200000000; n += 1 + n / 40)
                for (int sign = -1; sign <= 1; sign += 2) {
                    double x = (double)(sign * n * half_pi);
                    if (d == WG_F32)
                        x = (double)(float)x;
                    if (fabs(x) > (d == WG_F32 ? 1e5 : 3e8))
                        break;
                    double s = off(value_of("sin", level, (wg_dtype)d, x), sinl((long double)x),
                                   (wg_dtype)d);
                    double c = off(value_of("cos", level, (wg_dtype)d, x), cosl((long double)x),
                                   (wg_dtype)d);
                    if (!(s <= 2.5 && c <= 2.5))
                        fail_msg("%s %s at %a: sin off by %.3g ulp, cos by %.3g",
                                 wg_dtype_name((wg_dtype)d), wg_isa_text(level), x, s, c);
                }
            for (size_t k = 0; k < sizeof huge / sizeof *huge; k++) {
                double x = d == WG_F32 ? (double)(float)huge[k] : huge[k];
                assert_true(
                    off(value_of("sin", level, (wg_dtype)d, x), sinl((long double)x), (wg_dtype)d)
                    <= 2.5);
                assert_true(
                    off(value_of("cos", level, (wg_dtype)d, -x), cosl((long double)x), (wg_dtype)d)
                    <= 2.5);
            }
        }
}

/* ---- limits ---- */

static void limits_and_signs(void **state)
{
    (void)state;
    static const struct {
        const char *op;
        double x, y;
    } limit[] = {
        {"exp", INFINITY, INFINITY},
        {"exp", -INFINITY, 0},
        {"exp", 1000, INFINITY},
        {"exp", -1e30, 0},
        {"exp", 0, 1},
        {"exp", -0.0, 1},
        {"expm1", -INFINITY, -1},
        {"expm1", -0.0, -0.0},
        {"expm1", INFINITY, INFINITY},
        {"log", 0, -INFINITY},
        {"log", -0.0, -INFINITY},
        {"log", -1, NAN},
        {"log", INFINITY, INFINITY},
        {"log", -INFINITY, NAN},
        {"log", 1, 0},
        {"log1p", -1, -INFINITY},
        {"log1p", -0.0, -0.0},
        {"log1p", -2, NAN},
        {"log1p", INFINITY, INFINITY},
        {"tanh", INFINITY, 1},
        {"tanh", -INFINITY, -1},
        {"tanh", -0.0, -0.0},
        {"tanh", 0, 0},
        {"sigmoid", -INFINITY, 0},
        {"sigmoid", INFINITY, 1},
        {"sigmoid", 0, 0.5},
        {"softplus", -INFINITY, 0},
        {"softplus", INFINITY, INFINITY},
        {"sin", 0, 0},
        {"sin", -0.0, -0.0},
        {"sin", INFINITY, NAN},
        {"cos", -INFINITY, NAN},
        {"cos", 0, 1},
        {"erf", INFINITY, 1},
        {"erf", -INFINITY, -1},
        {"erf", -0.0, -0.0},
        {"erfc", INFINITY, 0},
        {"erfc", -INFINITY, 2},
        {"erfc", 0, 1},
        {"gelu", INFINITY, INFINITY},
        {"gelu", -INFINITY, -0.0},
        {"gelu", -0.0, -0.0},
    };
    static const char *const all[] = {"exp", "expm1", "log", "log1p", "tanh", "sigmoid", "softplus",
                                      "sin", "cos",   "erf", "erfc",  "gelu", "silu",    "elu"};
    for (wg_isa_level level = WG_ISA_BASELINE; level <= wg_isa(); level++)
        for (int d = WG_F32; d <= WG_F64; d++) {
            for (size_t k = 0; k < sizeof limit / sizeof *limit; k++) {
                double y = value_of(limit[k].op, level, (wg_dtype)d, limit[k].x);
                if (isnan(limit[k].y) ? !isnan(y)
                                      : y != limit[k].y || signbit(y) != signbit(limit[k].y))
                    fail_msg("%s(%g) = %g, %s", limit[k].op, limit[k].x, y, wg_isa_text(level));
            }
            for (size_t k = 0; k < sizeof all / sizeof *all; k++)
                assert_true(isnan(value_of(all[k], level, (wg_dtype)d, NAN)));
            const double least =
                d == WG_F32 ? 0x1p-149 : 0x1p-1074; /* subnormals stay what they are */
            assert_true(value_of("sin", level, (wg_dtype)d, least) == least);
            assert_true(value_of("tanh", level, (wg_dtype)d, -least) == -least);
            assert_true(value_of("expm1", level, (wg_dtype)d, least) == least);
            assert_true(value_of("log1p", level, (wg_dtype)d, least) == least);
            assert_true(value_of("exp", level, (wg_dtype)d, d == WG_F32 ? -103.5 : -745.1)
                        == least);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(floats_from_end_to_end),
        cmocka_unit_test(sines_of_hard_arguments),
        cmocka_unit_test(limits_and_signs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
