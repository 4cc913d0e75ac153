/* NaN tracing: which op was the first to make a NaN or an infinity from finite inputs.  The traced
 * program is plain: one instruction a node, every value in memory of its own until it was looked
 * at. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/dtype.h"
#include "core/shape.h"
#include "exec/program.h"
#include "ops/layout.h"

typedef struct watched {
    void *data;
    wg_view view;
    wg_dtype dtype;
    const char *name; /* as messages show it */
} watched;

typedef struct look {
    const char *name; /* log#12 or "label" */
    const char *op;
    const char *origin; /* the forward node of an adjoint; NULL */
    watched out;
    int32_t n;
    bool elementwise;
    bool given; /* what is not finite in it may be a number of the call, and so an input */
    watched in[];
} look;

struct wg_nan_trace {
    look **look; /* one an instruction, in order of execution */
};

static double value_at(const watched *w, int64_t i)
{
    int64_t at = w->view.offset;
    for (int64_t d = w->view.shape.rank - 1; d >= 0; d--) {
        at += i % w->view.shape.dim[d] * w->view.stride[d];
        i /= w->view.shape.dim[d];
    }
    return wg_number_get(w->data, w->dtype, at);
}

/* The first element that is not finite; -1. */
static int64_t find_nonfinite(const watched *w)
{
    int64_t n = wg_shape_count(w->view.shape);
    for (int64_t i = 0; i < n && w->dtype != WG_I32; i++)
        if (!isfinite(value_at(w, i)))
            return i;
    return -1;
}

/* ---- making one ---- */

static const char *name_of(wg_arena *arena, const wg_tensor *t)
{
    char text[96];
    wg_describe(t, text, sizeof text);
    return wg_arena_copy(arena, text, strlen(text) + 1);
}

static bool watch(wg_builder *b, watched *w, const wg_tensor *t, wg_operand at)
{
    wg_operand start = {at.buffer, NULL};
    w->view = wg_operand_view(&at, &t->shape);
    w->dtype = t->dtype;
    w->name = name_of(b->arena, t);
    wg_point(b, &w->data, start);
    return w->name != NULL;
}

wg_nan_trace *wg_nan_trace_new(wg_builder *b)
{
    const wg_lowered *l = b->l;
    wg_nan_trace *trace = wg_arena_alloc(b->arena, sizeof *trace);
    if (!trace || !(trace->look = wg_arena_alloc(b->arena, (size_t)l->steps * sizeof *trace->look)))
        return NULL;
    for (int32_t k = 0; k < l->steps; k++) {
        const wg_step *s = &l->step[l->order[k]];
        size_t size = sizeof(look) + (size_t)s->n * sizeof(watched);
        look *x = trace->look[k] = wg_arena_alloc(b->arena, size);
        if (!x)
            return NULL;
        memset(x, 0, size);
        x->op = s->t->op->name;
        x->n = s->n;
        x->elementwise = s->t->op->map && !s->copy;
        double fill;
        x->given = wg_is_pad(s->t, &fill) && !isfinite(fill);
        bool fine = watch(b, &x->out, s->t, (wg_operand){s->out, NULL})
                    && (x->name = name_of(b->arena, s->t)) != NULL
                    && (!s->t->origin || (x->origin = name_of(b->arena, s->t->origin)) != NULL);
        for (int32_t i = 0; fine && i < s->n; i++)
            fine = watch(b, &x->in[i], s->copy ? s->t : s->t->in[i], s->in[i]);
        if (!fine)
            return NULL;
    }
    return trace;
}

/* ---- looking ---- */

/* "x" [4, 5] = -1 for an elementwise op, else "x" [4, 5] between -1 and 3. */
static size_t tell_operand(const look *x, int32_t i, int64_t element, char *buf, size_t size)
{
    const watched *w = &x->in[i];
    char shape[200];
    wg_shape_text(w->view.shape, shape, sizeof shape);
    int written;
    if (x->elementwise) {
        written = snprintf(buf, size, "%s%s %s = %.9g", i ? ", " : "", w->name, shape,
                           value_at(w, element));
    } else {
        double lo = INFINITY, hi = -INFINITY;
        for (int64_t k = 0, n = wg_shape_count(w->view.shape); k < n; k++) {
            lo = fmin(lo, value_at(w, k));
            hi = fmax(hi, value_at(w, k));
        }
        written = snprintf(buf, size, "%s%s %s between %.9g and %.9g", i ? ", " : "", w->name,
                           shape, lo, hi);
    }
    return written > 0 ? (size_t)written : 0;
}

static void tell(const look *x, int64_t element, wg_message *why)
{
    const wg_shape at = wg_shape_place(&x->out.view.shape, element);
    char index[200], origin[128] = "";
    if (x->origin)
        snprintf(origin, sizeof origin, " (%s, in the derivative of %s)", x->op, x->origin);
    else
        snprintf(origin, sizeof origin, " (%s)", x->op);
    double v = value_at(&x->out, element);
    size_t size = sizeof why->text;
    size_t n = (size_t)snprintf(
        why->text, size, "nan trace: %s%s made %s at %s from finite inputs: ", x->name, origin,
        isnan(v) ? "NaN"
        : v > 0  ? "inf"
                 : "-inf",
        wg_shape_text(at, index, sizeof index));
    for (int32_t i = 0; i < x->n && n < size; i++)
        n += tell_operand(x, i, element, why->text + n, size - n);
}

/* Elementwise ops are blamed element by element; others only if all of their inputs are finite.
 * What a call gives as a number is an input, as wg_full's value is: nobody is blamed for it. */
static bool to_blame(const look *x, int64_t *element)
{
    if (x->n == 0 || x->given)
        return false;
    if (x->elementwise) {
        for (int64_t e = 0, n = wg_shape_count(x->out.view.shape); e < n; e++) {
            bool blamed = !isfinite(value_at(&x->out, e));
            for (int32_t i = 0; i < x->n && blamed; i++)
                blamed = isfinite(value_at(&x->in[i], e));
            *element = e;
            if (blamed)
                return true;
        }
        return false;
    }
    for (int32_t i = 0; i < x->n; i++)
        if (find_nonfinite(&x->in[i]) >= 0)
            return false;
    return true;
}

wg_status wg_nan_trace_look(const wg_nan_trace *t, int32_t instr, wg_message *why)
{
    const look *x = t->look[instr];
    int64_t element = find_nonfinite(&x->out);
    if (element < 0 || !to_blame(x, &element))
        return WG_OK;
    tell(x, element, why);
    return WG_ERR_NONFINITE;
}
