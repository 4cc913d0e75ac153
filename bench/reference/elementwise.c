#include "elementwise.h"

#include <float.h>

#include "scalar.h"
#include "vec.h"

#define LOOP(name, value) \
    void name(int64_t n, const float *restrict a, const float *restrict b, float *restrict y) \
    { \
        (void)b; \
        for (int64_t i = 0; i < n; i++) \
            y[i] = value; \
    }
LOOP(exp_loop, exp_float(a[i]))
LOOP(log_loop, logarithm(a[i]))
LOOP(tanh_loop, tanh_float(a[i]))
LOOP(sigmoid_loop, sigmoid_float(a[i]))
LOOP(softplus_loop, soft_plus(a[i]))
LOOP(erf_loop, error_function(a[i]))
LOOP(sin_loop, sine(a[i]))
LOOP(cos_loop, cosine(a[i]))
LOOP(add_loop, a[i] + b[i])
LOOP(mul_loop, a[i] * b[i])
LOOP(relu_loop, a[i] > 0.0f ? a[i] : 0.0f)
LOOP(sigmoid_backward_loop, a[i] * (b[i] - b[i] * b[i]))

void adam_loop(int64_t n, adam a, const float *restrict g, float *restrict m, float *restrict v,
               float *restrict p)
{
    const float new1 = 1 - a.beta1, new2 = 1 - a.beta2;
    for (int64_t i = 0; i < n; i++) {
        m[i] = a.beta1 * m[i] + new1 * g[i];
        v[i] = a.beta2 * v[i] + new2 * (g[i] * g[i]);
        p[i] -= a.rate * m[i] / (sqrtf(v[i]) + a.epsilon);
    }
}

INLINE v16 greater(v16 a, v16 b)
{
    const i16 of_a = a > b;
    return (v16)((of_a & (i16)a) | (~of_a & (i16)b));
}

/* The greatest, or the sum, of all lanes in every lane. */
#define ACROSS(step) \
    STEP(step, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7) \
    STEP(step, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11) \
    STEP(step, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13) \
    STEP(step, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14)
#define STEP(step, ...) step(__builtin_shufflevector(a, a, __VA_ARGS__))
#define GREATER_OF(b) a = greater(a, b);
#define SUM_OF(b) a += b;

INLINE v16 greatest(v16 a)
{
    ACROSS(GREATER_OF)
    return a;
}

INLINE v16 sum(v16 a)
{
    ACROSS(SUM_OF)
    return a;
}

/* Up to 16 elements of a row, -FLT_MAX after them. */
INLINE v16 load_some(const float *x, int64_t count)
{
    float v[LANES];
    for (int i = 0; i < LANES; i++)
        v[i] = i < count ? x[i] : -FLT_MAX;
    return load(v);
}

static void softmax_long(int64_t n, const float *restrict x, float *restrict y)
{
    const int64_t whole = n / LANES * LANES;
    v16 most = load_some(x + whole, n - whole);
    for (int64_t i = 0; i < whole; i += LANES)
        most = greater(load(x + i), most);
    most = greatest(most);
    v16 total = {0};
    for (int64_t i = 0; i < whole; i += LANES) {
        const v16 e = exp_v16(load(x + i) - most);
        store(y + i, e);
        total += e;
    }
    float rest = 0;
    for (int64_t i = whole; i < n; i++)
        rest += y[i] = exp_float(x[i] - most[0]);
    const v16 share = 1.0f / (sum(total) + rest);
    for (int64_t i = 0; i < whole; i += LANES)
        store(y + i, load(y + i) * share);
    for (int64_t i = whole; i < n; i++)
        y[i] *= share[0];
}

/* Rows shorter than a vector, 16 at a time: a vector holds an element of each row. */
INLINE void softmax_short(int64_t n, const float *restrict x, float *restrict y)
{
    v16 e[LANES], most = all16(-FLT_MAX), total = {0};
    for (int64_t j = 0; j < n; j++) {
        float v[LANES];
        for (int r = 0; r < LANES; r++)
            v[r] = x[r * n + j];
        e[j] = load(v);
        most = greater(e[j], most);
    }
    for (int64_t j = 0; j < n; j++)
        total += e[j] = exp_v16(e[j] - most);
    total = 1.0f / total;
    for (int64_t j = 0; j < n; j++) {
        float v[LANES];
        store(v, e[j] * total);
        for (int r = 0; r < LANES; r++)
            y[r * n + j] = v[r];
    }
}

void softmax_loop(int64_t rows, int64_t columns, const float *x, float *y)
{
    int64_t i = 0;
    if (columns == 10) /* known, so that the loops over it are none */
        for (; i + LANES <= rows; i += LANES)
            softmax_short(10, x + i * 10, y + i * 10);
    else if (columns <= LANES)
        for (; i + LANES <= rows; i += LANES)
            softmax_short(columns, x + i * columns, y + i * columns);
    for (; i < rows; i++)
        softmax_long(columns, x + i * columns, y + i * columns);
}
