#include "ops/window_add.h"

#include <string.h>

#include "core/dtype.h"

static void add(const wg_array *y, const wg_box *box, const void *v)
{
    const int64_t rank = y->shape.rank;
    if (y->dtype == WG_F32)
        wg_box_add_f32(rank, y->shape.dim, box, v, y->data);
    else if (y->dtype == WG_F64)
        wg_box_add_f64(rank, y->shape.dim, box, v, y->data);
    else
        wg_box_add_i32(rank, y->shape.dim, box, v, y->data);
}

/* Adds zeros to what of the box is not in the window: in front of it and behind it along each
 * axis, as far as it is beside the window along the axes before. */
static void add_zeros_beside(const wg_array *y, wg_box box, const wg_box *window)
{
    const int64_t rank = y->shape.rank;
    for (int64_t d = 0; d < rank && !wg_box_is_empty(rank, &box); d++) {
        const int64_t begins = window->start[d], ends = begins + window->extent[d];
        const int64_t last = box.start[d] + box.extent[d];
        wg_box front = box, behind = box;
        front.extent[d] = (last < begins ? last : begins) - box.start[d];
        behind.start[d] = box.start[d] > ends ? box.start[d] : ends;
        behind.extent[d] = last - behind.start[d];
        if (front.extent[d] > 0)
            add(y, &front, NULL);
        if (behind.extent[d] > 0)
            add(y, &behind, NULL);
        const wg_box middle = wg_box_common(rank, &box, window);
        box.start[d] = middle.start[d];
        box.extent[d] = middle.extent[d];
    }
}

static wg_status window_add_kernel(const wg_call *c)
{
    const wg_window_add_attr *a = c->attr;
    const wg_array *x = &c->in[0], *y = c->out;
    if (y->data != x->data)
        memcpy(y->data, x->data, (size_t)y->count * wg_dtype_size(y->dtype));
    add_zeros_beside(y, a->signs, &a->window);
    add(y, &a->window, c->in[1].data);
    return WG_OK;
}

const wg_op wg_window_add_op = {
    .size = sizeof(wg_op),
    .name = "window_add",
    .doc = "x with v added to a window of it",
    .arity = 2,
    .attr_size = sizeof(wg_window_add_attr),
    .flags = WG_OP_SURE,
    .kernel = window_add_kernel,
};
