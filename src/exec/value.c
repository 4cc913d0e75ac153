/* Reading values: a leaf's storage, an output as a run left it, or a private program's work. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/dtype.h"
#include "exec/compile.h"
#include "exec/graph.h"
#include "exec/program.h"

/* ---- values that runs left ---- */

/* Whether a leaf below x was set after the time. */
static bool set_since(wg_tensor *x, uint64_t time)
{
    if (atomic_load(&x->tape->clock) == time)
        return false;
    wg_arena arena = {0}, scratch = {0};
    wg_graph g;
    /* out of memory: not known to be good */
    bool since = !wg_graph_slice(&g, &arena, &scratch, 1, &x);
    for (int32_t k = 0; !since && k < g.count; k++) {
        const wg_leaf *l = g.node[k].t->leaf;
        since = l && l->set_at > time;
    }
    wg_arena_free(&arena);
    wg_arena_free(&scratch);
    return since;
}

static const void *left_by_runs(wg_tensor *x)
{
    const wg_slot *latest = NULL;
    for (const wg_slot *s = x->slots; s; s = s->next)
        if (s->program->ran && (!latest || s->program->ran_at > latest->program->ran_at))
            latest = s;
    if (!latest || set_since(x, latest->program->ran_at))
        return NULL;
    return latest->program->output[latest->output];
}

/* ---- private programs ---- */

/* The last one is kept: reading the same tensor again costs a run at most. */
static const void *worked_out(wg_tensor *x)
{
    wg_tape *t = x->tape;
    wg_program *p = t->evaluator;
    if (p && p->slot[0].node != x->id) {
        wg_program_free(p);
        p = NULL;
    }
    if (!p) {
        p = t->evaluator = wg_compile_private(x);
        if (!p)
            return NULL;
        p->slot[0].node = x->id;
    }
    bool good = p->ran && p->ran_at == atomic_load(&t->clock);
    if (!good && wg_run(p) != WG_OK)
        return NULL;
    return p->output[0];
}

const void *wg_eval(wg_tensor *x)
{
    if (!x)
        return NULL;
    if (x->leaf) {
        char who[96];
        if (x->leaf->fed)
            return wg_leaf_data(x->leaf);
        wg_error_keep(x->tape, WG_ERR_ARGUMENT,
                      "eval: wants a value for input %s, which was never set or bound",
                      wg_describe(x, who, sizeof who));
        return NULL;
    }
    const void *left = left_by_runs(x);
    return left ? left : worked_out(x);
}

/* ---- reading ---- */

static wg_status failure(const wg_tensor *x)
{
    wg_status s = x ? wg_error_status(x->tape) : WG_ERR_ARGUMENT;
    return s ? s : WG_ERR_ARGUMENT;
}

static wg_status get(wg_tensor *x, void *v, wg_dtype to)
{
    const void *data = wg_eval(x);
    if (data && !v && wg_count_of(x)) {
        wg_refuse1("get", "room for the values", x);
        return failure(x);
    }
    if (!data)
        return failure(x);
    int64_t n = wg_count_of(x);
    if (x->dtype == to && n)
        memcpy(v, data, (size_t)n * wg_dtype_size(to));
    else
        for (int64_t i = 0; i < n; i++)
            wg_number_put(v, to, i, wg_number_get(data, x->dtype, i));
    return WG_OK;
}

wg_status wg_get_f32(wg_tensor *x, float *v)
{
    return get(x, v, WG_F32);
}

wg_status wg_get_f64(wg_tensor *x, double *v)
{
    return get(x, v, WG_F64);
}

wg_status wg_get_i32(wg_tensor *x, int32_t *v)
{
    return get(x, v, WG_I32);
}

double wg_item(wg_tensor *x)
{
    if (x && wg_count_of(x) != 1) {
        wg_refuse1("item", "a tensor of one element", x);
        return NAN;
    }
    const void *data = wg_eval(x);
    return data ? wg_number_get(data, x->dtype, 0) : NAN;
}

/* ---- printing ---- */

static void write_number(FILE *out, const wg_tensor *x, const void *data, int64_t i)
{
    double v = wg_number_get(data, x->dtype, i);
    if (x->dtype == WG_I32)
        fprintf(out, "%.0f", v);
    else if (isnan(v))
        fputs("nan", out); /* its sign means nothing */
    else
        fprintf(out, "%.6g", v);
}

/* Brackets around an axis and all that it holds; rows of a matrix stand under each other.  Element
 * i comes first; gives the next one. */
static int64_t write_axis(FILE *out, const wg_tensor *x, const void *data, int64_t axis, int64_t i)
{
    if (axis == x->shape.rank) {
        write_number(out, x, data, i);
        return i + 1;
    }
    fputc('[', out);
    for (int64_t k = 0; k < x->shape.dim[axis]; k++) {
        if (k && axis + 1 == x->shape.rank)
            fputs(", ", out);
        else if (k)
            fprintf(out, ",\n%*s", (int)axis + 1, "");
        i = write_axis(out, x, data, axis + 1, i);
    }
    fputc(']', out);
    return i;
}

wg_status wg_write(wg_tensor *x, FILE *out)
{
    if (x && !out)
        wg_error_keep(x->tape, WG_ERR_ARGUMENT, "write: wants a file, got NULL");
    const void *data = out ? wg_eval(x) : NULL;
    if (!data)
        return failure(x);
    write_axis(out, x, data, 0, 0);
    fputc('\n', out);
    return ferror(out) ? WG_ERR_IO : WG_OK;
}

wg_status wg_print(wg_tensor *x)
{
    return wg_write(x, stdout);
}
