/* Instructions that copy an operand, read through its strides, into a row. */
#include <string.h>

#include "exec/instr.h"

typedef struct copy {
    wg_instr head;
    const char *x;
    char *y;
    int32_t size;          /* bytes an element */
    bool together;         /* the elements of a row of x lie side by side */
    const wg_space *space; /* operand 0 is x, 1 is y; NULL: everything lies in one row */
} copy;

static wg_status copy_row(const wg_instr *head, const wg_env *env, int64_t begin, int64_t end)
{
    const copy *c = (const copy *)head;
    (void)env;
    if (end > begin)
        memcpy(c->y + begin * c->size, c->x + begin * c->size, (size_t)((end - begin) * c->size));
    return WG_OK;
}

static wg_status copy_rows(const wg_instr *head, const wg_env *env, int64_t begin, int64_t end)
{
    const copy *c = (const copy *)head;
    const int last = c->space->rank - 1;
    const int64_t inner = c->space->axis[last].extent, stride = c->space->axis[last].stride[0];
    (void)env;
    wg_walk w;
    wg_walk_start(&w, c->space, last, begin);
    for (int64_t row = begin; row < end; row++, wg_walk_next(&w)) {
        char *y = c->y + w.offset[1];
        const char *x = c->x + w.offset[0];
        if (c->together)
            memcpy(y, x, (size_t)(inner * c->size));
        else
            wg_gather_row(y, x, stride, inner, c->size);
    }
    return WG_OK;
}

/* ---- few elements ---- */

/* By a list of where each comes from. */
enum { FEW = 16 };
typedef struct few {
    wg_instr head;
    const char *x;
    char *y;
    int32_t n;
    int32_t from[]; /* bytes */
} few;

/* size: a constant where it is called, so that an element is one load and one store. */
static inline wg_status copy_few(const wg_instr *head, const int32_t size)
{
    const few *f = (const few *)head;
    for (int32_t i = 0; i < f->n; i++)
        memcpy(f->y + size * i, f->x + f->from[i], (size_t)size);
    return WG_OK;
}

static wg_status copy_few_4(const wg_instr *head, const wg_env *env, int64_t begin, int64_t end)
{
    (void)env, (void)begin, (void)end;
    return copy_few(head, 4);
}

static wg_status copy_few_8(const wg_instr *head, const wg_env *env, int64_t begin, int64_t end)
{
    (void)env, (void)begin, (void)end;
    return copy_few(head, 8);
}

static bool are_few(const wg_space *s)
{
    int64_t farthest = 0;
    const int64_t n = wg_space_count(s);
    for (int d = 0; d < s->rank && n >= 1 && n <= FEW; d++) {
        const int64_t stride = s->axis[d].stride[0];
        farthest += (s->axis[d].extent - 1) * (stride < 0 ? -stride : stride);
    }
    return n >= 1 && n <= FEW && farthest <= INT32_MAX;
}

static wg_instr *make_few(wg_builder *b, int32_t step, const wg_space *space)
{
    const wg_step *s = &b->l->step[step];
    const int32_t n = (int32_t)wg_space_count(space);
    few *f = wg_new_instr(b, sizeof *f + (size_t)n * sizeof *f->from, step);
    if (!f)
        return NULL;
    wg_walk w;
    wg_walk_start(&w, space, space->rank, 0);
    for (int32_t i = 0; i < n; i++, wg_walk_next(&w))
        f->from[i] = (int32_t)w.offset[0];
    f->n = n;
    wg_point(b, (void **)&f->x, s->in[0]);
    wg_point_buffer(b, (void **)&f->y, s->out);
    f->head.run = wg_dtype_size(s->t->dtype) == 4 ? copy_few_4 : copy_few_8;
    f->head.parts = 1;
    f->head.work = n;
    return &f->head;
}

/* ---- making one ---- */

wg_instr *wg_make_copy(wg_builder *b, int32_t step)
{
    const wg_step *s = &b->l->step[step];
    const wg_space space = wg_elementwise_space(b, s);
    const struct wg_space_axis *last = &space.axis[space.rank - 1];
    const int64_t size = (int64_t)wg_dtype_size(s->t->dtype), inner = last->extent;
    const bool together = inner == 1 || last->stride[0] == size;
    const bool one_row = space.rank == 1 && together;
    if (!one_row && are_few(&space))
        return make_few(b, step, &space);
    copy *c = wg_new_instr(b, sizeof *c, step);
    if (!c || (!one_row && !(c->space = wg_keep_space(b, &space))))
        return NULL;
    c->size = (int32_t)size;
    c->together = together;
    wg_point(b, (void **)&c->x, s->in[0]);
    wg_point_buffer(b, (void **)&c->y, s->out);
    c->head.run = one_row ? copy_row : copy_rows;
    c->head.parts = one_row ? inner : inner ? wg_space_count(&space) / inner : 0;
    c->head.work = one_row ? 1 : inner;
    return &c->head;
}
