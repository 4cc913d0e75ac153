/* Numbers for drawings and traces: recorded behind a mark, put end to end, read once, rewound. */
#include "look/numbers.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <wengert/elementwise.h>
#include <wengert/layout.h>
#include <wengert/op.h>
#include <wengert/reduce.h>
#include <wengert/run.h>

#include "core/alloc.h"

wg_status wg_numbers_begin(wg_numbers *n, wg_tape *t)
{
    *n = (wg_numbers){.tape = t, .mark = wg_tape_mark(t)};
    wg_status s = wg_error_status(t); /* nothing can be worked out beside an error */
    return s;
}

int64_t wg_numbers_add(wg_numbers *n, wg_tensor *x)
{
    if (!x)
        return -1;
    if (!wg_mem_grow(&n->number, n->count + 1, &n->numbers, sizeof *n->number)
        || !wg_mem_grow(&n->part, n->count + 1, &n->parts, sizeof(wg_tensor *))) {
        n->failed = true;
        return -1;
    }
    wg_number number = {.shape = wg_shape_of(x), .range = wg_count_of(x) > WG_SHOWN};
    wg_tensor *flat = wg_dtype_of(x) == WG_F64 ? x : wg_cast(x, WG_F64);
    if (number.range)
        flat = wg_stack(2, (wg_tensor *[]){wg_min(flat), wg_max(flat)}, 0);
    n->part[n->count] = wg_flatten(flat);
    n->number[n->count] = number;
    return n->count++;
}

/* Memory for the values, and where in it those of each number begin. */
static bool place(wg_numbers *n)
{
    int64_t total = 0;
    for (int64_t i = 0; i < n->count; i++)
        total += wg_count_of(n->part[i]);
    n->values = wg_mem_alloc((size_t)total * sizeof *n->values);
    total = 0;
    for (int64_t i = 0; n->values && i < n->count; i++) {
        n->number[i].v = n->values + total;
        total += wg_count_of(n->part[i]);
    }
    return n->values != NULL;
}

wg_status wg_numbers_work_out(wg_numbers *n, wg_status so_far)
{
    wg_status s = n->failed ? WG_ERR_MEMORY : so_far;
    if (!s && n->count > 0)
        s = place(n) ? wg_get_f64(wg_concat((int)n->count, n->part, 0), n->values) : WG_ERR_MEMORY;
    wg_message reason = {"out of memory"};
    if (wg_error(n->tape)) {
        s = wg_error_status(n->tape); /* what was recorded went wrong first */
        snprintf(reason.text, sizeof reason.text, "%s", wg_error(n->tape));
    }
    wg_status rewound = wg_tape_rewind(n->tape, n->mark);
    s = s ? s : rewound;
    return s ? wg_keep_error(n->tape, s, "%s", reason.text) : WG_OK; /* the rewind took it away */
}

void wg_numbers_free(wg_numbers *n)
{
    wg_mem_free(n->number);
    wg_mem_free(n->part);
    wg_mem_free(n->values);
    *n = (wg_numbers){0};
}

wg_number wg_number_at(const wg_numbers *n, int64_t handle)
{
    return handle >= 0 && handle < n->count ? n->number[handle]
                                            : (wg_number){.shape = {.rank = -1}};
}

/* ---- text ---- */

typedef struct line {
    char *text;
    size_t size, used;
} line;

static void say(line *l, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(line *l, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(l->text + l->used, l->size - l->used, format, args);
    va_end(args);
    if (n > 0)
        l->used = l->used + (size_t)n < l->size ? l->used + (size_t)n : l->size - 1;
}

/* Four digits; neither -0 nor a NaN's sign, which say nothing. */
static void say_value(line *l, double v)
{
    if (isnan(v))
        say(l, "nan");
    else
        say(l, "%.4g", v == 0 ? 0.0 : v);
}

static void say_rows(line *l, wg_shape s, const double *v, int64_t count)
{
    int64_t row = s.rank ? s.dim[s.rank - 1] : 1;
    for (int64_t i = 0; i < count; i++) {
        say(l, "%s", i % row ? ", " : i ? "]\n[" : "[");
        say_value(l, v[i]);
    }
    say(l, count ? "]" : "[]");
}

static bool all_equal(const double *v, int64_t count)
{
    for (int64_t i = 1; i < count; i++)
        if (!(v[i] == v[0]))
            return false;
    return count > 1;
}

const char *wg_number_text(wg_number number, char *buf, size_t size)
{
    line l = {buf, size, 0};
    int64_t count = number.range ? 2 : wg_shape_count(number.shape);
    buf[0] = 0;
    if (!number.v)
        return buf;
    if (count == 1) {
        say_value(&l, number.v[0]);
    } else if (all_equal(number.v, count)) {
        say(&l, "all ");
        say_value(&l, number.v[0]);
    } else if (number.range) {
        say_value(&l, number.v[0]);
        say(&l, " .. ");
        say_value(&l, number.v[1]);
    } else {
        say_rows(&l, number.shape, number.v, count);
    }
    return buf;
}

/* ---- local derivatives ---- */

/* A row for each element of y: the adjoint of x for a cotangent of 1 there. */
static wg_tensor *rows(wg_tensor *y, int i)
{
    int64_t m = wg_count_of(y);
    wg_tensor *row[WG_SHOWN];
    double unit[WG_SHOWN] = {0};
    for (int64_t k = 0; k < m; k++) {
        unit[k] = 1;
        wg_tensor *g = wg_constant(wg_tape_of(y), wg_shape_of(y), unit);
        if (g && wg_dtype_of(g) != wg_dtype_of(y))
            g = wg_cast(g, wg_dtype_of(y));
        unit[k] = 0;
        row[k] = wg_flatten(g ? wg_op_of(y)->vjp(y, g, i) : NULL);
    }
    return wg_stack((int)m, row, 0);
}

static bool is_floating(const wg_tensor *x)
{
    return wg_dtype_of(x) != WG_I32;
}

wg_local_kind wg_local_derivative(wg_tensor *y, int i, wg_tensor **d)
{
    const wg_op *op = wg_op_of(y);
    wg_tensor *x = wg_in(y, i);
    int64_t m = wg_count_of(y), n = wg_count_of(x);
    *d = NULL;
    if (!x || !is_floating(x) || !is_floating(y))
        return WG_LOCAL_NONE;
    if (op->flags & WG_OP_FLAT)
        return WG_LOCAL_ZERO;
    if (!op->vjp)
        return WG_LOCAL_NONE;
    if (op->view)
        return i == 0 ? WG_LOCAL_EACH : WG_LOCAL_ZERO; /* a view is of the first input */
    if (op->map || m == 1) {
        *d = op->vjp(y, wg_full_like(y, 1), i);
        return op->map ? WG_LOCAL_EACH : WG_LOCAL_MATRIX;
    }
    if (m > WG_SHOWN || m * n > WG_SHOWN || m * n == 0)
        return WG_LOCAL_UNSHOWN;
    *d = rows(y, i);
    if (n == 1)
        *d = wg_reshape(*d, wg_shape_of(y));
    return WG_LOCAL_MATRIX;
}
