/* Element types.  Room is left for types that are stored, computed and accumulated differently:
 * a new type is a row. */
#include "core/dtype.h"

#include <float.h>
#include <math.h>

static const wg_dtype_info table[WG_DTYPE_COUNT] = {
    [WG_F32] = {"f32", sizeof(float), true, WG_F32, WG_F32},
    [WG_F64] = {"f64", sizeof(double), true, WG_F64, WG_F64},
    [WG_I32] = {"i32", sizeof(int32_t), false, WG_I32, WG_I32},
};

const wg_dtype_info *wg_dtype_get(wg_dtype d)
{
    return (unsigned)d < WG_DTYPE_COUNT ? &table[d] : NULL;
}

const char *wg_dtype_name(wg_dtype d)
{
    const wg_dtype_info *i = wg_dtype_get(d);
    return i ? i->name : "?";
}

size_t wg_dtype_size(wg_dtype d)
{
    const wg_dtype_info *i = wg_dtype_get(d);
    return i ? i->size : 0;
}

bool wg_dtype_is_float(wg_dtype d)
{
    const wg_dtype_info *i = wg_dtype_get(d);
    return i && i->floating;
}

double wg_number_get(const void *array, wg_dtype d, int64_t i)
{
    if (d == WG_F32)
        return (double)((const float *)array)[i];
    return d == WG_F64 ? ((const double *)array)[i] : (double)((const int32_t *)array)[i];
}

static int32_t to_i32(double value)
{
    if (value != value)
        return 0;
    return value >= INT32_MAX ? INT32_MAX : value <= INT32_MIN ? INT32_MIN : (int32_t)value;
}

bool wg_number_fits_i32(double value)
{
    return value >= INT32_MIN && value <= INT32_MAX && value == floor(value);
}

bool wg_number_is_finite(double value, wg_dtype d)
{
    return isfinite(value) && (d != WG_F32 || fabs(value) <= FLT_MAX);
}

void wg_number_put(void *array, wg_dtype d, int64_t i, double value)
{
    if (d == WG_F32)
        ((float *)array)[i] = (float)value;
    else if (d == WG_F64)
        ((double *)array)[i] = value;
    else
        ((int32_t *)array)[i] = to_i32(value);
}
