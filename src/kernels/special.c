/* Special functions.  Coefficients not otherwise credited are Chebyshev fits worked out to 40
 * digits. */
#define _DEFAULT_SOURCE /* lgamma_r: lgamma writes the global signgam */
#include "kernels/special.h"

#include <math.h>
#include <stdint.h>

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

/* Below 0: digamma(x) = digamma(1 - x) - pi / tan(pi x),
 * the tangent taken of x less the nearest integer. */
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

/* Hurwitz's zeta(s, q) = sum_(k >= 0) (q + k)^-s  for s >= 2 and q > 0: terms until they no longer
 * count or Euler and Maclaurin's sum takes over;  B_2j / (2j)! are its coefficients. */
static double hurwitz(double s, double q)
{
    static const double b[] = {
        8.3333333333333333e-2,   -1.3888888888888889e-3,  3.3068783068783069e-5,
        -8.2671957671957672e-7,  2.0876756987868099e-8,   -5.2841901386874932e-10,
        1.3382536530684679e-11,  -3.3896802963225829e-13, 8.5860620562778446e-15,
        -2.1748686985580619e-16, 5.5090028283602295e-18,  -1.3954464685812523e-19,
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

/* polygamma(n, x) = (-1)^(n+1) n! zeta(n + 1, x).  Below 0 the sum over k >= 0 is the sum over all
 * integers, which has period 1, less the sum over k < 0:  zeta(s, x) = zeta(s, d) + (-1)^s
 * (zeta(s, 1 - d) - zeta(s, 1 - x)),  d = x - floor(x). */
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
