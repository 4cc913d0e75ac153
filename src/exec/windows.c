#include "exec/windows.h"

#include <string.h>

#include "ops/elementwise_maps.h"
#include "ops/layout.h"
#include "ops/window_add.h"

static bool has_pads(const wg_graph *g)
{
    wg_box window;
    for (int32_t k = 0; k < g->count; k++)
        if (wg_is_window_of_zeros(g->node[k].t, &window))
            return true;
    return false;
}

/* A pad that only this sum reads. */
static bool is_own_pad(const wg_graph *g, const int32_t *readers, int32_t k)
{
    wg_box window;
    return readers[k] == 1 && wg_is_window_of_zeros(g->node[k].t, &window);
}

/* x + pad(v), where nothing else reads the pad. */
static bool adds_a_pad(const wg_graph *g, const int32_t *readers, int32_t k)
{
    const int32_t *in = wg_graph_inputs(g, k);
    return g->node[k].t->op->map == &wg_elementwise_maps_baseline.add
           && is_own_pad(g, readers, in[1]) && in[0] != in[1];
}

/* The sum takes the pad in, and what was padded before it was. */
static void take_in(const wg_graph *g, const int32_t *readers, int32_t k, unsigned char *role)
{
    role[k] = WG_WINDOW_SUM;
    for (int32_t pad = wg_graph_inputs(g, k)[1]; is_own_pad(g, readers, pad);
         pad = wg_graph_inputs(g, pad)[0])
        role[pad] = WG_PUT_INTO_SUM;
}

/* One pad on something else is left to the loop that adds it: from the second on it pays. */
bool wg_find_windows(const wg_graph *g, const int32_t *readers, unsigned char **role)
{
    *role = NULL;
    if (!has_pads(g))
        return true;
    *role = wg_arena_zero(g->scratch, (size_t)g->count, 1);
    if (!*role)
        return false;
    for (int32_t k = 0; k < g->count; k++) {
        if (!adds_a_pad(g, readers, k))
            continue;
        const int32_t x = wg_graph_inputs(g, k)[0];
        const bool second = readers[x] == 1 && adds_a_pad(g, readers, x);
        if (second)
            take_in(g, readers, x, *role);
        if (second || is_own_pad(g, readers, x))
            take_in(g, readers, k, *role);
    }
    return true;
}

/* Where x may hold a -0: a sum does only where all of its terms do. */
static wg_box signs_of(const wg_tensor *x)
{
    wg_box box = {{0}, {0}};
    if (x->op == &wg_window_add_op) {
        const wg_window_add_attr *a = x->attr;
        return wg_box_common(x->shape.rank, &a->signs, &a->window);
    }
    if (!wg_is_window_of_zeros(x, &box)) {
        box = (wg_box){{0}, {0}};
        memcpy(box.extent, x->shape.dim, sizeof box.extent);
    }
    return box;
}

int32_t wg_window_of_sum(const wg_graph *g, const unsigned char *role, int32_t k)
{
    int32_t v = wg_graph_inputs(g, k)[1];
    while (role[v] == WG_PUT_INTO_SUM)
        v = wg_graph_inputs(g, v)[0];
    return v;
}

/* Where v is in the sum. */
static wg_box window_of(const wg_graph *g, const unsigned char *role, int32_t k)
{
    wg_box box = {{0}, {0}}, inner = {{0}, {0}};
    for (int32_t v = wg_graph_inputs(g, k)[1]; role[v] == WG_PUT_INTO_SUM;
         v = wg_graph_inputs(g, v)[0]) {
        wg_is_window_of_zeros(g->node[v].t, &inner);
        for (int64_t d = 0; d < g->node[v].t->shape.rank; d++) {
            box.start[d] += inner.start[d];
            box.extent[d] = inner.extent[d];
        }
    }
    return box;
}

wg_tensor *wg_window_sum(wg_arena *arena, const wg_graph *g, const unsigned char *role, int32_t k,
                         wg_tensor *x)
{
    wg_tensor *t = wg_arena_alloc(arena, sizeof *t + 2 * sizeof *t->in);
    wg_window_add_attr *a = wg_arena_alloc(arena, sizeof *a);
    if (!t || !a)
        return NULL;
    *a = (wg_window_add_attr){.window = window_of(g, role, k), .signs = signs_of(x)};
    *t = *g->node[k].t;
    t->op = &wg_window_add_op;
    t->attr = a;
    t->n = 2;
    t->in[0] = x;
    t->in[1] = g->node[wg_window_of_sum(g, role, k)].t;
    return t;
}
