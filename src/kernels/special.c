/* Special functions.  Coefficients not otherwise credited are Chebyshev fits worked out to 40 digits. */
#define _DEFAULT_SOURCE /* lgamma_r: lgamma writes the global signgam */
#include "kernels/special.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

static const double PI = 3.14159265358979323846;

/* c[0] + c[1] x + ... + c[n-1] x^(n-1), as two interleaved Horner chains. */
static double polynomial(const double *c, int n, double x)
{
    double even = 0, odd = 0, xx = x * x;
    for (int i = (n - 1) / 2 * 2; i >= 0; i -= 2)
        even = even * xx + c[i];
    for (int i = n / 2 * 2 - 1; i > 0; i -= 2)
        odd = odd * xx + c[i];
    return even + x * odd;
}

/* ---- the error function's complement ---- */

/* (x + 7/16) erfcx(x) = ERFCX_HIGH + P(t),  t = (x - 4) / (x + 4),  0.45 <= x <= 28.  It stays within 0.56 and
 * 0.62, so that P is small and its rounding errors do not count. */
static const double ERFCX_HIGH = 0x1.374344p-1;
static const double erfcx_rest[] = {
    0x1.7dbb3f2f4e0dbp-26,  -0x1.b73ec8f0da38ep-5,  -0x1.87ea5558239b9p-8,  0x1.6b06898d4cbe3p-5,
    -0x1.d5a5294ab3b25p-5,  0x1.a03dab36abdfep-5,   -0x1.1fb6dc0e9d7c1p-5,  0x1.3da0e496b6b01p-6,
    -0x1.11b2f7de80e98p-7,  0x1.5052569d1a219p-9,   -0x1.8bdd827a06ffap-12, -0x1.b693bede09ae9p-14,
    0x1.41ca24b740f60p-14,  -0x1.9556f488c904fp-17, -0x1.84e85b417b0fbp-18, 0x1.8261a5cd51346p-19,
    0x1.6240db1d9641dp-23,  -0x1.be63f675a3aa6p-22, 0x1.2f2041b0144c8p-25,  0x1.c36c601b6a5d1p-25,
    -0x1.225e36c708ac8p-27, -0x1.525f84cdc93c2p-28, 0x1.adcd7ef066b00p-31,
};

/* scale e^-(s + lost) erfcx(x + x_lost), with s exact and 0 <= lost < 3e-5, for a scale that is a power of 2:
 * product and quotient are carried to twice the precision, so that only the errors of exp and of the last rounding
 * remain. */
static double scaled_erfcx(double scale, double s, double lost, double x, double x_lost)
{
    double e = scale * exp(-s), shrink = -lost * (1 - lost * (0.5 - lost / 6)); /* e^-lost - 1 */
    double rest = polynomial(erfcx_rest, 23, (x - 4) / (x + 4));
    double factor = ERFCX_HIGH + rest, factor_lost = (ERFCX_HIGH - factor) + rest;
    double product = e * factor, product_lost = fma(e, factor, -product) + e * (factor_lost + factor * shrink);
    double d = x + 0.4375, d_lost = (x - (d - 0.4375)) + x_lost;
    double q = product / d;
    return q + ((fma(-q, d, product) - q * d_lost) + product_lost) / d;
}

/* The upper half of x's bits, whose square is exact. */
static double upper_half(double x)
{
    uint64_t u;
    memcpy(&u, &x, sizeof u);
    u &= ~(uint64_t)0x7ffffff;
    memcpy(&x, &u, sizeof u);
    return x;
}

double wg_erf_f64(double x) { return erf(x); }

double wg_erfc_f64(double x)
{
    double a = fabs(x), y = 0;
    if (!(a >= 0.5))
        return 1 - erf(x);
    if (a < 28) {
        double h = upper_half(a);
        y = scaled_erfcx(1, h * h, (a - h) * (a + h), a, 0);
    }
    return x < 0 ? 2 - y : y;
}

double wg_normal_cdf_f64(double x)
{
    static const double ROOT_HALF = 0x1.6a09e667f3bcdp-1, ROOT_HALF_LOW = -0x1.bdd3413b26456p-55;
    double a = fabs(x), y = 0;
    if (!(a >= 0.65))
        return 0.5 + 0.5 * erf(x * ROOT_HALF);
    if (a < 39) {
        double h = upper_half(a), z = a * ROOT_HALF;
        y = scaled_erfcx(0.5, 0.5 * h * h, 0.5 * (a - h) * (a + h), z, fma(a, ROOT_HALF, -z) + a * ROOT_HALF_LOW);
    }
    return x < 0 ? y : 1 - y;
}

/* ---- the gamma function's logarithm and its derivatives ---- */

double wg_lgamma_f64(double x)
{
    int sign;
    return lgamma_r(x, &sign);
}

/* digamma(x) / (x - root)  for 1 <= x <= 2, in x - 3/2. */
static const double ROOT_HIGH = 0x1.762d86356be3fp+0, ROOT_LOW = 0x1.b86a722197829p-54;
static const double digamma_slope[] = {
    0x1.e6f0cbb873616p-1,   -0x1.b1cb63005ee98p-2,  0x1.eca189b8e6f6dp-3,   -0x1.2feeeb98a78eap-3,
    0x1.8512e5903903ep-4,   -0x1.fb44202a2306bp-5,  0x1.4de9aa1779d23p-5,   -0x1.b9f8b11bfd3d0p-6,
    0x1.2564717896ec6p-6,   -0x1.863563f44f303p-7,  0x1.03c0adafa529cp-7,   -0x1.5a06a5d662cb4p-8,
    0x1.cd2011454fd05p-9,   -0x1.336dbe66757c8p-9,  0x1.99d3f5c0cad5ep-10,  -0x1.0fb38d217b800p-10,
    0x1.6a3e76070c135p-11,  -0x1.fd8e50abf2196p-12, 0x1.53b23429da21bp-12,  -0x1.2fae5cb379bf2p-13,
    0x1.94e73cc9821e1p-14,  -0x1.75c084e78a4cdp-13, 0x1.f255c4568ac4dp-14,
};

/* digamma(x) - ln x + 1/(2x)  in 1/x^2:  -B_2k / (2k);  Abramowitz and Stegun 6.3.18. */
static const double digamma_tail[] = {
    0, -1.0 / 12, 1.0 / 120, -1.0 / 252, 1.0 / 240, -1.0 / 132, 691.0 / 32760, -1.0 / 12,
};

/* x > 0.  Steps down to [1, 2] by digamma(x) = digamma(x - 1) + 1 / (x - 1). */
static double digamma_positive(double x)
{
    double sum = 0;
    if (x >= 10)
        return log(x) - 0.5 / x + polynomial(digamma_tail, 8, 1 / (x * x));
    if (x < 1) {
        sum = -1 / x;
        x += 1;
    }
    for (; x > 2; x -= 1)
        sum += 1 / (x - 1);
    return sum + ((x - ROOT_HIGH) - ROOT_LOW) * polynomial(digamma_slope, 23, x - 1.5);
}

/* Below 0: digamma(x) = digamma(1 - x) - pi / tan(pi x), the tangent taken of x less the nearest integer. */
double wg_digamma_f64(double x)
{
    if (x == 0)
        return copysign(INFINITY, -x);
    if (!(x < 0))
        return x < INFINITY ? digamma_positive(x) : x;
    double e = x - rint(x);
    if (e == 0 || isinf(x))
        return NAN;
    return digamma_positive(1 - x) - PI / tan(PI * e);
}

/* Hurwitz's zeta(s, q) = sum_(k >= 0) (q + k)^-s  for s >= 2 and q > 0: terms until they no longer count or Euler
 * and Maclaurin's sum takes over;  B_2j / (2j)! are its coefficients. */
static double hurwitz(double s, double q)
{
    static const double b[] = {
        8.3333333333333333e-2,  -1.3888888888888889e-3, 3.3068783068783069e-5,  -8.2671957671957672e-7,
        2.0876756987868099e-8,  -5.2841901386874932e-10, 1.3382536530684679e-11, -3.3896802963225829e-13,
        8.5860620562778446e-15, -2.1748686985580619e-16, 5.5090028283602295e-18, -1.3954464685812523e-19,
    };
    double sum = 0, term = 1, w = q;
    for (; w < s + 10; w += 1) {
        term = pow(w, -s);
        sum += term;
        if (term * (1 + w / (s - 1)) < sum * 0x1p-60)
            return sum;
    }
    term = pow(w, -s);
    double tail = term * w / (s - 1) + 0.5 * term, factor = s * term / w;
    for (int j = 0; j < 12 && factor != 0; j++) {
        tail += b[j] * factor;
        factor *= (s + 2 * j + 1) * (s + 2 * j + 2) / (w * w);
    }
    return sum + tail;
}

static double factorial(double n)
{
    double f = 1;
    for (double k = 2; k <= n && f < INFINITY; k += 1)
        f *= k;
    return f;
}

/* polygamma(n, x) = (-1)^(n+1) n! zeta(n + 1, x).  Below 0 the sum over k >= 0 is the sum over all integers, which
 * has period 1, less the sum over k < 0:  zeta(s, x) = zeta(s, d) + (-1)^s (zeta(s, 1 - d) - zeta(s, 1 - x)),  d =
 * x - floor(x). */
double wg_polygamma_f64(double n, double x)
{
    if (!(n >= 1))
        return wg_digamma_f64(x);
    double s = n + 1, sign = fmod(n, 2) != 0 ? 1 : -1, zeta;
    if (x == INFINITY)
        return 0;
    if (x > 0)
        zeta = hurwitz(s, x);
    else {
        double e = x - rint(x), d = e < 0 ? 1 + e : e, rest = e < 0 ? -e : 1 - e;
        if (isnan(x) || isinf(x))
            return NAN;
        if (e == 0)
            return sign * INFINITY;
        zeta = hurwitz(s, d) + sign * (hurwitz(s, rest) - hurwitz(s, 1 - x));
    }
    return sign * factorial(n) * zeta;
}

float wg_lgamma_f32(float x) { return (float)wg_lgamma_f64(x); }
float wg_digamma_f32(float x) { return (float)wg_digamma_f64(x); }
float wg_polygamma_f32(float n, float x) { return (float)wg_polygamma_f64(n, x); }
