/* Reading what was recorded, without changing it.
 * What is remembered from one answer to the next is the tape's own. */
#include "tape/state.h"

wg_shape wg_shape_of(const wg_tensor *x)
{
    return x ? x->shape : (wg_shape){.rank = -1};
}

int64_t wg_count_of(const wg_tensor *x)
{
    return x ? wg_shape_count(x->shape) : 0;
}

wg_dtype wg_dtype_of(const wg_tensor *x)
{
    return x ? x->dtype : WG_F32;
}

wg_tape *wg_tape_of(const wg_tensor *x)
{
    return x ? x->tape : NULL;
}

int64_t wg_node_count(const wg_tape *t)
{
    return t ? t->count : 0;
}

wg_tensor *wg_node(const wg_tape *t, int64_t i)
{
    return t && i >= 0 && i < t->count ? t->nodes[i] : NULL;
}

int64_t wg_index_of(const wg_tensor *x)
{
    return x ? x->id : -1;
}

int wg_inputs_of(const wg_tensor *x, wg_tensor *const **inputs)
{
    if (inputs)
        *inputs = x ? x->in : NULL;
    return x ? x->n : 0;
}

int64_t wg_extent_before(const wg_tensor *y, int64_t axis, int i)
{
    wg_tape *t = y->tape;
    if (t->before.node != y || t->before.axis != axis || t->before.i > i) {
        t->before.node = y;
        t->before.axis = axis;
        t->before.i = 0;
        t->before.sum = 0;
    }
    for (; t->before.i < i; t->before.i++)
        t->before.sum += y->in[t->before.i]->shape.dim[axis];
    return t->before.sum;
}

wg_tensor *wg_in(const wg_tensor *y, int i)
{
    return y && i >= 0 && i < y->n ? y->in[i] : NULL;
}

const void *wg_attr(const wg_tensor *y)
{
    return y ? y->attr : NULL;
}

const wg_op *wg_op_of(const wg_tensor *y)
{
    return y ? y->op : NULL;
}

const char *wg_op_name(const wg_tensor *x)
{
    return x ? x->op->name : NULL;
}

wg_tensor *wg_origin_of(const wg_tensor *x)
{
    return x ? x->origin : NULL;
}

wg_leaf_kind wg_leaf_kind_of(const wg_tensor *x)
{
    return x && x->leaf ? x->leaf->kind : WG_NOT_A_LEAF;
}
