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

#endif
