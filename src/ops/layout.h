/* What the files of the layout family say to each other:
 * windows with a step, and their adjoints. */
#ifndef WG_OPS_LAYOUT_H
#define WG_OPS_LAYOUT_H

#include <wengert/layout.h>

#include "kernels/box.h"
#include "tape/tape.h"

/* x[start], x[start + step], ... length of them along the axis, which counts from the end
 * (-1: the last); step >= 1. */
wg_tensor *wg_window(wg_tensor *x, int axis, int64_t start, int64_t step, int64_t length);

/* How far a pad moves the elements of one axis apart and away from its ends. */
typedef struct wg_padding {
    int64_t before, after; /* elements ahead and behind */
    int64_t interior;      /* elements between two neighbours */
} wg_padding;

/* x with its axis d padded by p[d], the new elements being value.  Transposes wg_window;
 * wg_window transposes it. */
wg_tensor *wg_pad_with(wg_tensor *x, const wg_padding *p, double value);

/* Whether y is a pad, and what it fills with. */
bool wg_is_pad(const wg_tensor *y, double *value);

/* Whether y is zeros around the operand of a pad, whose elements stay neighbours, and where. */
bool wg_is_window_of_zeros(const wg_tensor *y, wg_box *window);

/* The padding that puts a window back to its place in an axis of this extent. */
wg_padding wg_window_padding(int64_t extent, int64_t start, int64_t step, int64_t length);

#endif
