#include "exec/in_place.h"

#include "core/dtype.h"
#include "exec/plan.h"
#include "ops/elementwise_maps.h"

static bool is_one_element(const wg_builder *b, const wg_step *s, int32_t i)
{
    const wg_buffer *x = &b->l->buffer[s->in[i].buffer];
    return x->bytes == (int64_t)wg_dtype_size((wg_dtype)x->dtype);
}

/* s x, as micro-op 1. */
static bool is_scaling(const wg_builder *b, const wg_step *s, wg_sum_in_place *sum)
{
    const wg_micro *m = &s->micro[1];
    if (m->t->op->map != &wg_elementwise_maps_baseline.mul || m->result >= 0)
        return false;
    sum->scale = m->arg[m->arg[0] == ~0];
    return (m->arg[0] == ~0 || m->arg[1] == ~0) && sum->scale >= 0
           && is_one_element(b, s, sum->scale);
}

bool wg_is_sum_in_place(const wg_builder *b, const wg_step *s, int32_t operands,
                        wg_sum_in_place *sum)
{
    *sum = (wg_sum_in_place){.scale = -1};
    if (s->micros < 2 || s->micros > 3 || s->micro[0].result >= 0
        || (s->micros == 3 && !is_scaling(b, s, sum)))
        return false;
    const wg_micro *m = &s->micro[s->micros - 1];
    const int8_t term = (int8_t)~(s->micros - 2);
    const bool adds = m->t->op->map == &wg_elementwise_maps_baseline.add;
    sum->negate = m->t->op->map == &wg_elementwise_maps_baseline.sub && m->arg[1] == term;
    if ((!adds || (m->arg[0] != term && m->arg[1] != term)) && !sum->negate)
        return false;
    sum->to = m->arg[m->arg[0] == term];
    return sum->to >= operands && !s->in[sum->to].view
           && wg_same_memory(b->l, s->in[sum->to].buffer, m->result);
}

bool wg_scale_is_known(const wg_builder *b, const wg_step *s, const wg_sum_in_place *sum)
{
    return sum->scale < 0 || b->l->buffer[s->in[sum->scale].buffer].segment == WG_IMMEDIATE;
}

double wg_scale_in_place(wg_builder *b, const wg_step *s, const wg_sum_in_place *sum,
                         const void **later)
{
    double number = 1;
    if (!wg_scale_is_known(b, s, sum))
        wg_point(b, (void **)later, s->in[sum->scale]);
    else if (sum->scale >= 0)
        number = wg_number_get(b->kept + b->l->buffer[s->in[sum->scale].buffer].offset,
                               s->micro[0].t->dtype, 0);
    return sum->negate ? -number : number;
}
