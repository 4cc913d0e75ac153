/* Numbers of a drawing, recorded and worked out together. */
#include "look/dot_numbers.h"

#include <string.h>
#include <wengert/grad.h>
#include <wengert/op.h>
#include <wengert/tape.h>

#include "core/alloc.h"

/* Which nodes an adjoint of y passes. */
static unsigned char *leading_to(wg_tape *t, const wg_tensor *y)
{
    int64_t last = wg_index_of(y);
    unsigned char *leads = wg_mem_zero((size_t)last + 1, 1);
    if (leads)
        leads[last] = 1;
    for (int64_t i = last; leads && i >= 0; i--) {
        wg_tensor *x = wg_node(t, i), *const *in;
        bool passes = leads[i] && !(wg_op_of(x)->flags & WG_OP_FLAT);
        int n = passes ? wg_inputs_of(x, &in) : 0;
        for (int k = 0; k < n; k++)
            if (wg_dtype_of(in[k]) != WG_I32)
                leads[wg_index_of(in[k])] = 1;
    }
    return leads;
}

/* One that an expression wrote down: what changes with it is of no interest. */
static bool bare_number(const wg_tensor *x)
{
    return wg_leaf_kind_of(x) == WG_NOT_A_LEAF && !wg_inputs_of(x, NULL) && !wg_label_of(x);
}

static wg_status add_values(wg_dot_numbers *d, wg_tape *t, int64_t count, const unsigned char *mark)
{
    for (int64_t i = 0; i < count; i++)
        if (mark[i])
            d->value[i] = wg_numbers_add(&d->all, wg_node(t, i));
    return WG_OK;
}

static wg_status add_adjoints(wg_dot_numbers *d, int64_t count, const unsigned char *mark,
                              const unsigned char *leads, wg_tensor *y)
{
    wg_tape *t = wg_tape_of(y);
    wg_tensor **x = wg_mem_alloc((size_t)count * sizeof(wg_tensor *));
    wg_tensor **g = wg_mem_alloc((size_t)count * sizeof(wg_tensor *));
    int n = 0;
    for (int64_t i = 0; x && i < count && i <= wg_index_of(y); i++)
        if (mark[i] && leads[i] && !bare_number(wg_node(t, i)))
            x[n++] = wg_node(t, i);
    wg_status s = x && g ? wg_vjp(y, wg_full_like(y, 1), n, x, g) : WG_ERR_MEMORY;
    for (int k = 0; !s && k < n; k++)
        d->adjoint[wg_index_of(x[k])] = wg_numbers_add(&d->all, g[k]);
    wg_mem_free(x);
    wg_mem_free(g);
    return s;
}

/* At the edges that an adjoint of y passes; without a y, at all that no derivative made. */
static wg_status add_locals(wg_dot_numbers *d, wg_tape *t, int64_t count, const unsigned char *mark,
                            const unsigned char *leads, const wg_tensor *y)
{
    for (int64_t i = 0; i < count; i++) {
        wg_tensor *x = wg_node(t, i), *const *in;
        bool wanted = mark[i] && (y ? i <= wg_index_of(y) && leads[i] : !wg_origin_of(x));
        int n = wanted ? wg_inputs_of(x, &in) : 0;
        for (int k = 0; k < n; k++) {
            wg_tensor *local;
            if (bare_number(in[k]))
                continue;
            int64_t edge = d->first_edge[i] + k;
            d->kind[edge] = (unsigned char)wg_local_derivative(x, k, &local);
            if (local)
                d->local[edge] = wg_numbers_add(&d->all, local);
        }
    }
    return WG_OK;
}

static bool handles(int64_t **where, int64_t n)
{
    *where = wg_mem_alloc((size_t)n * sizeof **where);
    for (int64_t i = 0; *where && i < n; i++)
        (*where)[i] = -1;
    return *where != NULL;
}

static wg_status make(wg_dot_numbers *d, wg_tape *t, int64_t count, const unsigned char *mark,
                      const wg_dot_options *o)
{
    unsigned char *leads = o->adjoints_of ? leading_to(t, o->adjoints_of) : NULL;
    wg_status s = leads || !o->adjoints_of ? WG_OK : WG_ERR_MEMORY;
    if (!s && o->values)
        s = add_values(d, t, count, mark);
    if (!s && o->adjoints_of)
        s = add_adjoints(d, count, mark, leads, o->adjoints_of);
    if (!s && o->local_derivatives)
        s = add_locals(d, t, count, mark, leads, o->adjoints_of);
    wg_mem_free(leads);
    return s;
}

wg_status wg_dot_numbers_make(wg_dot_numbers *d, wg_tape *t, int64_t count,
                              const unsigned char *mark, const wg_dot_options *o)
{
    *d = (wg_dot_numbers){0};
    if (!o->values && !o->adjoints_of && !o->local_derivatives)
        return WG_OK;
    int64_t edges = 0;
    bool fine = handles(&d->first_edge, count);
    for (int64_t i = 0; fine && i < count; i++) {
        d->first_edge[i] = edges;
        edges += mark[i] ? wg_inputs_of(wg_node(t, i), NULL) : 0;
    }
    fine = fine && handles(&d->value, count) && handles(&d->adjoint, count)
           && handles(&d->local, edges) && (d->kind = wg_mem_zero((size_t)edges, 1)) != NULL;
    wg_status s = fine ? wg_numbers_begin(&d->all, t) : WG_ERR_MEMORY;
    if (fine)
        s = wg_numbers_work_out(&d->all, s ? s : make(d, t, count, mark, o));
    if (s)
        wg_dot_numbers_free(d);
    return s;
}

void wg_dot_numbers_free(wg_dot_numbers *d)
{
    wg_numbers_free(&d->all);
    wg_mem_free(d->value);
    wg_mem_free(d->adjoint);
    wg_mem_free(d->local);
    wg_mem_free(d->first_edge);
    wg_mem_free(d->kind);
    *d = (wg_dot_numbers){0};
}

/* ---- text ---- */

/* Widens the range in both by the numbers of another node. */
static void widen(double both[2], bool *any, wg_number number)
{
    int64_t count = number.range ? 2 : wg_shape_count(number.shape);
    for (int64_t i = 0; number.v && i < count; i++) {
        both[0] = *any && both[0] <= number.v[i] ? both[0] : number.v[i];
        both[1] = *any && both[1] >= number.v[i] ? both[1] : number.v[i];
        *any = true;
    }
}

const char *wg_dot_number(const wg_dot_numbers *d, const wg_fold *f, const int64_t *handles_of,
                          int32_t node, char text[WG_DOT_NUMBER])
{
    text[0] = 0;
    if (!handles_of)
        return text;
    if (f->times[node] == 1)
        return wg_number_text(wg_number_at(&d->all, handles_of[node]), text, WG_DOT_NUMBER);
    double both[2] = {0};
    bool any = false;
    for (int32_t i = node; i >= 0; i = f->next[i])
        widen(both, &any, wg_number_at(&d->all, handles_of[i]));
    return any ? wg_number_text((wg_number){.v = both, .range = true}, text, WG_DOT_NUMBER) : text;
}

const char *wg_dot_local(const wg_dot_numbers *d, wg_tape *t, int64_t n, const int32_t *nodes,
                         int k, char text[WG_DOT_NUMBER])
{
    text[0] = 0;
    if (!d->local)
        return text;
    int64_t edge = d->first_edge[nodes[0]] + k;
    wg_number first = wg_number_at(&d->all, d->local[edge]);
    wg_tensor *const *in;
    double both[2] = {0};
    bool any = false;
    switch ((wg_local_kind)d->kind[edge]) {
    case WG_LOCAL_NONE:
        return text;
    case WG_LOCAL_ZERO:
        return strcpy(text, "0");
    case WG_LOCAL_UNSHOWN:
        wg_inputs_of(wg_node(t, nodes[0]), &in);
        snprintf(text, WG_DOT_NUMBER, "[%lld x %lld]", (long long)wg_count_of(wg_node(t, nodes[0])),
                 (long long)wg_count_of(in[k]));
        return text;
    case WG_LOCAL_EACH:
    case WG_LOCAL_MATRIX:
        break;
    }
    if (!first.v)
        return strcpy(text, "1");
    if (n == 1)
        return wg_number_text(first, text, WG_DOT_NUMBER);
    for (int64_t i = 0; i < n; i++)
        widen(both, &any, wg_number_at(&d->all, d->local[d->first_edge[nodes[i]] + k]));
    return wg_number_text((wg_number){.v = both, .range = true}, text, WG_DOT_NUMBER);
}
