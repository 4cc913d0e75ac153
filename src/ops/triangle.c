/* Diagonals and triangles of matrices: compositions, no op of its own.
 * The k-th diagonal of a row-major [m, n] matrix is every (n + 1)-th element from its first on, so
 * it is a slice of the flattened matrix, and putting a diagonal into a matrix is a pad with n
 * elements between neighbours.  Triangles are chosen by comparing row and column numbers, so what
 * is masked out cannot reach the result, NaN and infinity included. */
#include <inttypes.h>

#include <wengert/elementwise.h>
#include <wengert/reduce.h>
#include <wengert/tape.h>

#include "ops/layout.h"
#include "ops/refuse.h"

/* The k-th diagonal of an [m, n] matrix as a window of its m n elements. */
typedef struct window {
    int64_t first, step, length;
} window;

static window diagonal(int64_t m, int64_t n, int64_t k)
{
    if (m == 0 || n == 0 || k >= n || k <= -m)
        return (window){0, 1, 0};
    int64_t row = k < 0 ? -k : 0, column = k > 0 ? k : 0;
    int64_t length = m - row < n - column ? m - row : n - column;
    return (window){row * n + column, length > 1 ? n + 1 : 1, length};
}

/* A vector as the k-th diagonal of an otherwise empty [m, n] matrix,
 * which has as many places there. */
static wg_tensor *embed(wg_tensor *x, int64_t m, int64_t n, int64_t k)
{
    window w = diagonal(m, n, k);
    wg_padding p = wg_window_padding(m * n, w.first, w.step, w.length);
    wg_tensor *y = wg_pad_with(x, &p, 0);
    return y ? wg_reshape(y, WG_SHAPE(m, n)) : NULL;
}

static wg_tensor *diagonal_of_vector(wg_tensor *x, int64_t k)
{
    /* |k|, one less if negative: -INT64_MIN is no number */
    int64_t shift = k < 0 ? -(k + 1) : k, length = x->shape.dim[0];
    int64_t most = INT64_MAX - length - 1;
    int64_t n = shift > most ? -1 : length + shift + (k < 0);
    if (wg_shape_count(WG_SHAPE(n, n)) < 0)
        return wg_refuse_text("diag", 1, &x,
                              "at most 2^63 - 1 elements in the matrix, not diagonal %" PRId64, k);
    return embed(x, n, n, k);
}

wg_tensor *wg_diag(wg_tensor *x, int64_t k)
{
    if (!x)
        return NULL;
    wg_shape shape = x->shape;
    if (shape.rank == 0)
        return wg_refuse1("diag", "a vector or [.., m, n]", x);
    if (shape.rank == 1)
        return diagonal_of_vector(x, k);
    int64_t m = shape.dim[shape.rank - 2], n = shape.dim[shape.rank - 1];
    window w = diagonal(m, n, k);
    shape.dim[shape.rank - 2] = m * n;
    shape.dim[--shape.rank] = 0;
    return wg_window(wg_reshape(x, shape), -1, w.first, w.step, w.length);
}

wg_tensor *wg_trace(wg_tensor *x)
{
    if (!x)
        return NULL;
    if (x->shape.rank < 2)
        return wg_refuse1("trace", "[.., m, n]", x);
    return wg_sum_axes(wg_diag(x, 0), WG_AXES(-1), false);
}

/* x where column - row compares with k as it should, 0 elsewhere. */
static wg_tensor *triangle(const char *op, wg_tensor *x, int64_t k,
                           wg_tensor *(*compare)(wg_tensor *, wg_tensor *))
{
    if (!x)
        return NULL;
    if (x->shape.rank < 2)
        return wg_refuse1(op, "[.., m, n]", x);
    int64_t m = x->shape.dim[x->shape.rank - 2], n = x->shape.dim[x->shape.rank - 1];
    if (m > INT32_MAX / 2 || n > INT32_MAX / 2)
        return wg_refuse1(op, "extents of at most 2^30 - 1", x);
    k = k < -m ? -m : k > n ? n : k; /* beyond these nothing changes, and row + k stays an i32 */
    wg_tensor *row = wg_unsqueeze(wg_arange_as(x->tape, WG_I32, (double)k, (double)(k + m), 1), 1);
    wg_tensor *column = wg_arange_as(x->tape, WG_I32, 0, (double)n, 1);
    return wg_where(compare(column, row), x, wg_full_as(x->tape, x->dtype, WG_SHAPE(), 0));
}

wg_tensor *wg_tril(wg_tensor *x, int64_t k)
{
    return triangle("tril", x, k, wg_le);
}

wg_tensor *wg_triu(wg_tensor *x, int64_t k)
{
    return triangle("triu", x, k, wg_ge);
}

wg_tensor *wg_eye(wg_tape *t, int64_t m, int64_t n)
{
    if (!t)
        return NULL;
    if (wg_shape_count(WG_SHAPE(m, n)) < 0)
        return wg_error_null(
            t,
            "eye: wants extents of 0 or more and at most 2^63 - 1 elements, got %" PRId64
            " and %" PRId64,
            m, n);
    return embed(wg_full(t, WG_SHAPE(m < n ? m : n), 1), m, n, 0);
}
