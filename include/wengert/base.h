/* What every other header needs: visibility, status codes, dtypes, shapes and lists of axes.
 * Errors: none of these functions fails; each says what it answers to an argument that makes no
 * sense. */
#ifndef WENGERT_BASE_H
#define WENGERT_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
#include <initializer_list>
#endif

/* The version of the headers; wg_version says that of the library. */
#define WG_VERSION_MAJOR 0
#define WG_VERSION_MINOR 1
#define WG_VERSION_PATCH 0

#if defined(WENGERT_STATIC)
#define WG_API
#elif defined(__GNUC__)
#define WG_API __attribute__((visibility("default")))
#else
#define WG_API
#endif

/* Arguments that compilers check as printf's: the format is the f-th,
 * the first that it speaks of the a-th. */
#if defined(__GNUC__)
#define WG_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define WG_PRINTF(f, a)
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef struct wg_tape wg_tape;       /* a list of recorded operations and what they own */
typedef struct wg_tensor wg_tensor;   /* one node of a tape */
typedef struct wg_program wg_program; /* a compiled slice of a tape */

/* Result of everything that is not an expression.
 * WG_OK is 0, so `if (wg_run(p))` reads "if it failed". */
typedef enum wg_status {
    WG_OK = 0,
    WG_ERR_ARGUMENT,  /* a wrong shape, dtype, axis, name, NULL ... */
    WG_ERR_MEMORY,    /* an allocation failed */
    WG_ERR_DATA,      /* data that a kernel or a reader cannot take: an index out of range,
                       * a truncated file */
    WG_ERR_IO,        /* a file that cannot be opened, read or written */
    WG_ERR_NONFINITE, /* NaN tracing found an op that made a NaN or an infinity from finite
                       * inputs */
    WG_ERR_CHECK      /* a derivative that differs from finite differences */
} wg_status;

/* Short English name of a status: "ok", "bad argument" ...; "unknown status" for anything else. */
WG_API const char *wg_status_name(wg_status s);

/* The library's version, "0.1.0". */
WG_API const char *wg_version(void);

/* Text of an error from a function that has no tape to keep it on. */
typedef struct wg_message {
    char text[512]; /* "" if there is none */
} wg_message;

/* Element types.  WG_I32 is for labels and indices:
 * it has arithmetic and comparisons, no derivative. */
typedef enum wg_dtype { WG_F32, WG_F64, WG_I32 } wg_dtype;

enum { WG_DTYPE_COUNT = 3 };

WG_API const char *wg_dtype_name(wg_dtype d); /* "f32", "f64", "i32"; "?" for anything else */
WG_API size_t wg_dtype_size(wg_dtype d);      /* bytes an element; 0 for anything else */

/* Row-major extents.  Rank 0 is a scalar, an extent of 0 is legal (no elements). */
enum { WG_MAX_RANK = 8 };
typedef struct wg_shape {
    int64_t rank; /* 0 to WG_MAX_RANK; -1: not a shape (too many extents given,
                   * or the shape of NULL) */
    int64_t dim[WG_MAX_RANK]; /* 0 beyond the rank */
} wg_shape;

/* The shape with these extents; rank -1 if n is negative or above WG_MAX_RANK.
 * Extents are judged where the shape is used. */
WG_API wg_shape wg_make_shape(int64_t n, const int64_t *dim);

WG_API bool wg_shape_equal(wg_shape a, wg_shape b); /* the same rank and extents */
/* Number of elements: the product of the extents, 1 for rank 0; -1 if an extent is negative, the
 * rank is not 0 to 8 or the product of the extents that are not 0 passes 2^63 - 1. */
WG_API int64_t wg_shape_count(wg_shape s);

/* Axes of an operation.  Negative axes count from the end. */
typedef struct wg_axes {
    int64_t n; /* -1: not a list (more than WG_MAX_RANK given) */
    int64_t axis[WG_MAX_RANK]; /* 0 beyond them */
} wg_axes;
/* The list of these axes; n -1 if n is negative or above WG_MAX_RANK.
 * Axes are judged where the list is used. */
WG_API wg_axes wg_make_axes(int64_t n, const int64_t *axis);

#ifdef __cplusplus
}
inline wg_shape wg_shape_from_list(std::initializer_list<int64_t> l)
{
    return wg_make_shape(static_cast<int64_t>(l.size()), l.begin());
}
inline wg_axes wg_axes_from_list(std::initializer_list<int64_t> l)
{
    return wg_make_axes(static_cast<int64_t>(l.size()), l.begin());
}
#define WG_SHAPE(...) wg_shape_from_list({__VA_ARGS__})
#define WG_AXES(...) wg_axes_from_list({__VA_ARGS__})
#else
/* WG_SHAPE(3, 4) is a 3 by 4 shape, WG_SHAPE() a scalar's;
 * WG_AXES(0, -1) the first and the last axis, WG_AXES() none. */
#define WG_LIST_(...) ((const int64_t[]){0, __VA_ARGS__})
#define WG_LIST_COUNT_(...) ((int64_t)(sizeof WG_LIST_(__VA_ARGS__) / sizeof(int64_t)) - 1)
#define WG_SHAPE(...) wg_make_shape(WG_LIST_COUNT_(__VA_ARGS__), WG_LIST_(__VA_ARGS__) + 1)
#define WG_AXES(...) wg_make_axes(WG_LIST_COUNT_(__VA_ARGS__), WG_LIST_(__VA_ARGS__) + 1)
#endif

#endif
