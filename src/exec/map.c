/* Elementwise instructions: one kernel over an index space,
 * each operand read through its own strides. */
#include <string.h>

#include "exec/instr.h"
#include "ops/maps.h"

enum { TILE = 256 }; /* elements gathered at a time from an operand that does not lie in a row */

typedef struct map {
    wg_instr head;
    wg_map_kernel *kernel;
    const void *attr;
    void *y;
    const void *x[WG_MAP_INPUTS];
    int64_t step[WG_MAP_INPUTS];    /* 0 or 1, of the innermost axis; 2: gathered */
    int8_t size[WG_MAP_INPUTS + 1]; /* bytes an element: of x, then of y */
    int32_t n;
    /* Absent where everything lies in one row: */
    int64_t inner;         /* extent of the innermost axis */
    const wg_space *space; /* all axes; operand n is y */
} map;

/* ---- everything in one row: most instructions of most programs ---- */

static wg_status run_row(const wg_instr *head, const wg_env *env, int64_t begin, int64_t end)
{
    const map *m = (const map *)head;
    (void)env;
    if (begin == 0) {
        m->kernel(end, m->y, m->x, m->step, m->attr);
        return WG_OK;
    }
    const void *x[WG_MAP_INPUTS];
    for (int i = 0; i < m->n; i++)
        x[i] = (const char *)m->x[i] + begin * m->step[i] * m->size[i];
    m->kernel(end - begin, (char *)m->y + begin * m->size[m->n], x, m->step, m->attr);
    return WG_OK;
}

/* ---- rows that lie apart ---- */

static void run_one_row(const map *m, const wg_walk *w, char *scratch)
{
    const wg_space *s = m->space;
    const int last = s->rank - 1;
    const char *base[WG_MAP_INPUTS];
    bool gathered = false;
    for (int i = 0; i < m->n; i++) {
        base[i] = (const char *)m->x[i] + w->offset[i];
        gathered = gathered || m->step[i] > 1;
    }
    char *y = (char *)m->y + w->offset[m->n];
    int64_t tile = gathered ? TILE : m->inner;
    for (int64_t at = 0; at < m->inner; at += tile) {
        int64_t n = m->inner - at < tile ? m->inner - at : tile, step[WG_MAP_INPUTS];
        const void *x[WG_MAP_INPUTS];
        for (int i = 0; i < m->n; i++) {
            step[i] = m->step[i];
            x[i] = base[i] + at * s->axis[last].stride[i];
            if (step[i] > 1) {
                char *to = scratch + i * TILE * 8;
                wg_gather_row(to, x[i], s->axis[last].stride[i], n, m->size[i]);
                x[i] = to;
                step[i] = 1;
            }
        }
        m->kernel(n, y + at * m->size[m->n], x, step, m->attr);
    }
}

static wg_status run_rows(const wg_instr *head, const wg_env *env, int64_t begin, int64_t end)
{
    const map *m = (const map *)head;
    wg_walk w;
    wg_walk_start(&w, m->space, m->space->rank - 1, begin);
    for (int64_t row = begin; row < end; row++, wg_walk_next(&w))
        run_one_row(m, &w, env->scratch);
    return WG_OK;
}

/* ---- making one ---- */

wg_instr *wg_make_map(wg_builder *b, int32_t step)
{
    const wg_step *s = &b->l->step[step];
    wg_space space = wg_elementwise_space(b, s);
    const int last = space.rank - 1;
    int64_t inner = space.axis[last].extent, rows = inner ? wg_space_count(&space) / inner : 0;
    bool one_row = space.rank == 1;
    for (int i = 0; i < s->n && one_row; i++) {
        int64_t size = (int64_t)wg_dtype_size((wg_dtype)b->l->buffer[s->in[i].buffer].dtype),
                stride = space.axis[last].stride[i];
        one_row = inner == 1 || stride == size || stride == 0;
    }
    map *m = wg_new_instr(b, one_row ? offsetof(map, inner) : sizeof *m, step);
    if (!m)
        return NULL;
    m->n = s->n;
    if (!one_row) {
        m->inner = inner;
        if (!(m->space = wg_keep_space(b, &space)))
            return NULL;
    }
    m->size[s->n] = (int8_t)wg_dtype_size(s->t->dtype);
    for (int i = 0; i < s->n; i++) {
        m->size[i] = (int8_t)wg_dtype_size((wg_dtype)b->l->buffer[s->in[i].buffer].dtype);
        int64_t stride = space.axis[last].stride[i];
        m->step[i] = inner == 1 || stride == m->size[i] ? 1 : stride == 0 ? 0 : 2;
        wg_point(b, (void **)&m->x[i], s->in[i]);
    }
    wg_point_buffer(b, &m->y, s->out);
    m->kernel = wg_map_for(b->isa, s->t->op->map)->kernel[b->l->buffer[s->in[0].buffer].dtype];
    if (s->t->op->attr_size
        && !(m->attr = wg_arena_copy(b->arena, s->t->attr, s->t->op->attr_size)))
        return NULL;
    m->head.run = one_row ? run_row : run_rows;
    m->head.parts = one_row ? inner : rows;
    m->head.work = one_row ? 1 : inner;
    if (!one_row && b->scratch < WG_MAP_INPUTS * TILE * 8)
        b->scratch = WG_MAP_INPUTS * TILE * 8;
    return &m->head;
}
