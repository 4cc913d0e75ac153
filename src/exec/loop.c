/* Fused elementwise instructions: tile by tile, each micro-op a kernel over a tile that stays in L1 until the next one reads it. */
#include <string.h>

#include "core/dtype.h"
#include "exec/instr.h"
#include "ops/maps.h"

enum { TILE = 512, SLOT = TILE * 8 }; /* elements of a tile; bytes that one has room for */

/* Where an argument comes from: an operand, or a slot of scratch memory that an earlier micro-op or a gather filled. */
typedef struct source {
    int32_t operand; /* -1: slot */
    int32_t slot;
} source;

typedef struct micro {
    wg_map_kernel *kernel;
    const void *attr;
    int32_t n, slot; /* arguments; slot of the result, -1: the instruction's */
    source from[WG_MICRO_ARGS];
} micro;

typedef struct loop {
    wg_instr head;
    void *y;
    const void *x[WG_MAX_OPERANDS];
    int64_t step[WG_MAX_OPERANDS];    /* along the innermost axis: 0 or 1; 2: gathered */
    int8_t size[WG_MAX_OPERANDS + 1]; /* bytes an element: of x, then of y at n */
    int32_t n, micros;
    int32_t gather_slot[WG_MAX_OPERANDS];
    int64_t inner;
    wg_space space;
    micro micro[];
} loop;

/* Elements at .. at + n - 1 of a row whose operands begin at x and whose result begins at y. */
static void run_tile(const loop *l, const char *const *x, char *y, int64_t at, int64_t n,
                     char *scratch)
{
    const int last = l->space.rank - 1;
    for (int i = 0; i < l->n; i++)
        if (l->step[i] > 1)
            wg_gather_row(scratch + l->gather_slot[i] * SLOT, x[i] + at * l->space.stride[i][last],
                          l->space.stride[i][last], n, l->size[i]);
    for (int k = 0; k < l->micros; k++) {
        const micro *m = &l->micro[k];
        const void *arg[WG_MICRO_ARGS];
        int64_t step[WG_MICRO_ARGS];
        for (int a = 0; a < m->n; a++) {
            int32_t o = m->from[a].operand;
            arg[a] = o >= 0 ? (const void *)(x[o] + at * l->step[o] * l->size[o])
                            : scratch + m->from[a].slot * SLOT;
            step[a] = o >= 0 ? l->step[o] : 1;
        }
        m->kernel(n, m->slot < 0 ? (void *)(y + at * l->size[l->n]) : scratch + m->slot * SLOT, arg,
                  step, m->attr);
    }
}

static void run_range(const loop *l, const char *const *x, char *y, int64_t begin, int64_t end,
                      char *scratch)
{
    for (int64_t at = begin; at < end; at += TILE)
        run_tile(l, x, y, at, end - at < TILE ? end - at : TILE, scratch);
}

/* Everything in one row: parts are elements. */
static wg_status run_row(const wg_instr *head, const wg_env *env, int64_t begin, int64_t end)
{
    const loop *l = (const loop *)head;
    run_range(l, (const char *const *)l->x, l->y, begin, end, env->scratch);
    return WG_OK;
}

static wg_status run_rows(const wg_instr *head, const wg_env *env, int64_t begin, int64_t end)
{
    const loop *l = (const loop *)head;
    wg_walk w;
    wg_walk_start(&w, &l->space, l->space.rank - 1, begin);
    for (int64_t row = begin; row < end; row++, wg_walk_next(&w)) {
        const char *x[WG_MAX_OPERANDS];
        for (int i = 0; i < l->n; i++)
            x[i] = (const char *)l->x[i] + w.offset[i];
        run_range(l, x, (char *)l->y + w.offset[l->n], 0, l->inner, env->scratch);
    }
    return WG_OK;
}

/* ---- making one ---- */

/* A slot is free again once the one micro-op that reads it has run.  Its result goes elsewhere: after a cast it may be wider than what
 * is read. */
static void place_results(loop *l, const wg_step *s, int32_t *slots)
{
    int32_t slot_of[32];
    bool taken[32] = {false};
    for (int32_t k = 0; k < *slots; k++)
        taken[k] = true; /* by gathers */
    for (int32_t k = 0; k < s->micros; k++) {
        micro *m = &l->micro[k];
        for (int a = 0; a < m->n; a++) {
            int8_t from = s->micro[k].arg[a];
            if (from >= 0) {
                m->from[a] =
                    l->step[from] > 1 ? (source){-1, l->gather_slot[from]} : (source){from, 0};
            } else {
                m->from[a] = (source){-1, slot_of[~from]};
            }
        }
        m->slot = -1;
        if (k + 1 == s->micros)
            break;
        int32_t free_slot = 0;
        while (taken[free_slot])
            free_slot++;
        taken[free_slot] = true;
        m->slot = slot_of[k] = free_slot;
        *slots = free_slot >= *slots ? free_slot + 1 : *slots;
        for (int a = 0; a < m->n; a++)
            if (s->micro[k].arg[a] < 0)
                taken[slot_of[~s->micro[k].arg[a]]] = false;
    }
}

wg_instr *wg_make_loop(wg_builder *b, int32_t step)
{
    const wg_step *s = &b->l->step[step];
    loop *l = wg_new_instr(b, sizeof *l + (size_t)s->micros * sizeof *l->micro, step);
    if (!l)
        return NULL;
    l->space = wg_elementwise_space(b, s);
    const int last = l->space.rank - 1;
    l->n = s->n;
    l->micros = s->micros;
    l->inner = l->space.extent[last];
    l->size[s->n] = (int8_t)wg_dtype_size(s->t->dtype);
    bool one_row = last == 0;
    int32_t slots = 0;
    for (int i = 0; i < s->n; i++) {
        int64_t stride = l->space.stride[i][last];
        l->size[i] = (int8_t)wg_dtype_size((wg_dtype)b->l->buffer[s->in[i].buffer].dtype);
        l->step[i] = l->inner == 1 || stride == l->size[i] ? 1 : stride == 0 ? 0 : 2;
        if (l->step[i] > 1)
            l->gather_slot[i] = slots++;
        wg_point(b, (void **)&l->x[i], s->in[i]);
    }
    wg_point_buffer(b, &l->y, s->out);
    for (int32_t k = 0; k < s->micros; k++) {
        const wg_tensor *t = s->micro[k].t;
        l->micro[k].kernel = wg_map_for(b->isa, t->op->map)->kernel[s->micro[k].from];
        l->micro[k].n = t->n;
        if (t->op->attr_size
            && !(l->micro[k].attr = wg_arena_copy(b->arena, t->attr, t->op->attr_size)))
            return NULL;
    }
    place_results(l, s, &slots);
    l->head.run = one_row ? run_row : run_rows;
    l->head.parts = one_row ? l->inner : l->inner ? wg_space_count(&l->space) / l->inner : 0;
    l->head.work = s->micros * (one_row ? 1 : l->inner);
    if (b->scratch < (size_t)slots * SLOT)
        b->scratch = (size_t)slots * SLOT;
    return &l->head;
}
