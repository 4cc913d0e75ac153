#include "support/floats.h"

#include <math.h>
#include <string.h>

#include <wengert.h>

#include "ops/maps.h"

const char *const floats_name[FLOATS_FUNCTIONS] = {"exp", "log", "tanh", "sigmoid"};
const double floats_promise[FLOATS_FUNCTIONS] = {2, 2, 2.5, 2.5};

static double sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

static double (*const exact_of[FLOATS_FUNCTIONS])(double x) = {exp, log, tanh, sigmoid};

static uint32_t bits_of(float x)
{
    uint32_t u;
    memcpy(&u, &x, sizeof u);
    return u;
}

/* Units of the last place, subnormal ones included, of a value that f32 may hold or not. */
static double ulps(float got, double exact)
{
    const float rounded = (float)exact;
    int e;
    if (bits_of(got) == bits_of(rounded) || (isnan(got) && isnan(exact)))
        return 0; /* half at most */
    if (isnan(got) || isnan(exact) || isinf(exact) || signbit(got) != signbit(rounded))
        return INFINITY;
    if (isinf(got))
        return exact > 0x1.fffffdp127 ? 1 : INFINITY;
    frexp(exact, &e);
    e = e - 24 < -149 ? -149 : e - 24;
    return fabs((double)got - exact) / ldexp(1, e);
}

double floats_worst(int function, wg_isa_level level, uint64_t first, uint64_t end, uint64_t stride,
                    float *where)
{
    enum { TILE = 2048 };
    static const int64_t step = 1;
    wg_map_kernel *kernel =
        wg_map_for(level, wg_find_op(NULL, floats_name[function])->map)->kernel[WG_F32];
    double worst = 0;
    while (first < end) {
        float x[TILE], y[TILE];
        int n = 0;
        for (; n < TILE && first < end; n++, first += stride) {
            uint32_t u = (uint32_t)first;
            memcpy(&x[n], &u, sizeof u);
        }
        kernel(n, y, (const void *[]){x}, &step, NULL);
        for (int i = 0; i < n; i++) {
            double u = ulps(y[i], exact_of[function]((double)x[i]));
            if (u > worst) {
                worst = u;
                *where = x[i];
            }
        }
    }
    return worst;
}
