/* The table of element types. */
#ifndef WG_CORE_DTYPE_H
#define WG_CORE_DTYPE_H

#include <wengert/base.h>

typedef struct wg_dtype_info {
    const char *name;
    size_t size; /* bytes stored */
    bool floating;
    wg_dtype compute, accumulate;
} wg_dtype_info;

const wg_dtype_info *wg_dtype_get(wg_dtype d); /* NULL for anything that is not a dtype */
bool wg_dtype_is_float(wg_dtype d);

/* Element i of an array, as a double; and the other way round.  f64 holds every value of every
 * type; what i32 cannot hold goes to its nearest end, NaN to 0. */
double wg_number_get(const void *array, wg_dtype d, int64_t i);
void wg_number_put(void *array, wg_dtype d, int64_t i, double value);
bool wg_number_fits_i32(double value); /* a whole number that i32 holds */
bool wg_number_is_finite(double value, wg_dtype d); /* also once it is stored as f32 or f64 */

#endif
