/* Moving elements into a strided window of a larger array, whatever their type.
 * Knows bytes and strides only. */
#include "kernels/window.h"

#include <string.h>

/* n runs of so many bytes, `step` bytes apart in y. */
static void put_runs(int64_t n, size_t run, const char *x, char *y, int64_t step)
{
    if (run == sizeof(uint32_t))
        for (int64_t i = 0; i < n; i++)
            memcpy(y + i * step, x + i * (int64_t)sizeof(uint32_t), sizeof(uint32_t));
    else if (run == sizeof(uint64_t))
        for (int64_t i = 0; i < n; i++)
            memcpy(y + i * step, x + i * (int64_t)sizeof(uint64_t), sizeof(uint64_t));
    else
        for (int64_t i = 0; i < n; i++)
            memcpy(y + i * step, x + i * (int64_t)run, run);
}

/* The last axes that lie in y as in x are one run of bytes; the axis before them is the inner
 * loop, the others count like an odometer. */
void wg_window_put(int64_t rank, const int64_t *dim, size_t size, const void *x, void *y,
                   int64_t offset, const int64_t *stride)
{
    int64_t run = 1, count = 1, at[8] = {0};
    for (int64_t d = 0; d < rank; d++)
        count *= dim[d];
    if (count == 0)
        return;
    while (rank > 0 && (dim[rank - 1] == 1 || stride[rank - 1] == run))
        run *= dim[--rank];
    const char *from = x;
    char *to = (char *)y + offset * (int64_t)size;
    size_t bytes = (size_t)run * size;
    if (rank == 0) {
        memcpy(to, from, bytes);
        return;
    }
    int64_t last = rank - 1;
    for (;;) {
        put_runs(dim[last], bytes, from, to, stride[last] * (int64_t)size);
        from += dim[last] * (int64_t)bytes;
        int64_t d = last - 1;
        for (; d >= 0; d--) {
            to += stride[d] * (int64_t)size;
            if (++at[d] < dim[d])
                break;
            to -= at[d] * stride[d] * (int64_t)size;
            at[d] = 0;
        }
        if (d < 0)
            return;
    }
}

/* Doubles the filled part. */
void wg_window_fill(int64_t n, size_t size, const void *element, void *y)
{
    if (n <= 0)
        return;
    size_t total = (size_t)n * size, filled = size;
    memcpy(y, element, size);
    while (filled < total) {
        size_t more = filled <= total - filled ? filled : total - filled;
        if (more > 1 << 15)
            more = 1 << 15; /* the source stays in L1 */
        memcpy((char *)y + filled, y, more);
        filled += more;
    }
}
