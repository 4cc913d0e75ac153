/* Errors that stick: the first is kept, with the op, what it wants and the operands it got. */
#include <stdio.h>
#include <string.h>

#include "core/shape.h"
#include "tape/state.h"

static void keep(wg_tape *t, wg_status s, const char *format, va_list args)
{
    if (!t)
        return;
    pthread_mutex_lock(&t->error_lock);
    if (!t->failed) {
        t->failed = true;
        t->error_status = s;
        vsnprintf(t->error, sizeof t->error, format, args);
    }
    pthread_mutex_unlock(&t->error_lock);
}

bool wg_error_keep(wg_tape *t, wg_status s, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    keep(t, s, format, args);
    va_end(args);
    return false;
}

wg_tensor *wg_error_null(wg_tape *t, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    keep(t, WG_ERR_ARGUMENT, format, args);
    va_end(args);
    return NULL;
}

wg_status wg_keep_error(wg_tape *t, wg_status s, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    keep(t, s, format, args);
    va_end(args);
    return s;
}

/* The text stays where it is until the error is cleared,
 * so that the pointer is good after the lock is gone. */
const char *wg_error(const wg_tape *t)
{
    if (!t)
        return "no tape: out of memory, or a dtype that is not a floating one";
    wg_tape *locked = (wg_tape *)t;
    pthread_mutex_lock(&locked->error_lock);
    const char *text = t->failed ? t->error : NULL;
    pthread_mutex_unlock(&locked->error_lock);
    return text;
}

wg_status wg_error_status(const wg_tape *t)
{
    if (!t)
        return WG_ERR_MEMORY;
    return wg_error(t) ? t->error_status : WG_OK;
}

void wg_clear_error(wg_tape *t)
{
    if (!t)
        return;
    pthread_mutex_lock(&t->error_lock);
    t->failed = false;
    t->error_status = WG_OK;
    pthread_mutex_unlock(&t->error_lock);
}

const char *wg_describe(const wg_tensor *x, char *buf, size_t size)
{
    if (!x)
        snprintf(buf, size, "NULL");
    else if (x->label)
        snprintf(buf, size, "\"%.80s\"", x->label);
    else if (x->leaf && x->leaf->name)
        snprintf(buf, size, "\"%.80s\"", x->leaf->name);
    else
        snprintf(buf, size, "%s#%d", x->op->name, (int)x->id);
    return buf;
}

/* "x" [32, 784] x "W1" [128, 30];
 * with dtypes if they are asked for, or not all the tape's. */
static void operands_text(int n, wg_tensor *const *in, bool dtypes, char *buf, size_t size)
{
    for (int i = 0; i < n; i++)
        dtypes = dtypes || (in[i] && in[i]->dtype != in[i]->tape->dtype);
    size_t used = 0;
    buf[0] = 0;
    for (int i = 0; i < n && used < size; i++) {
        char who[96], shape[200];
        used += (size_t)snprintf(buf + used, size - used, "%s%s", i ? " x " : "",
                                 wg_describe(in[i], who, sizeof who));
        if (in[i] && used < size)
            used += (size_t)snprintf(buf + used, size - used, "%s%s %s", dtypes ? " " : "",
                                     dtypes ? wg_dtype_name(in[i]->dtype) : "",
                                     wg_shape_text(in[i]->shape, shape, sizeof shape));
    }
}

wg_tensor *wg_refuse(const char *op, const char *wants, int n, wg_tensor *const *in)
{
    char got[700];
    operands_text(n, in, strstr(wants, "dtype") != NULL, got, sizeof got);
    for (int i = 0; i < n; i++)
        if (in[i])
            wg_error_keep(in[i]->tape, WG_ERR_ARGUMENT, "%s: wants %s, got %s", op, wants,
                          n ? got : "nothing");
    return NULL;
}

bool wg_fail(wg_tensor *y, const char *wants)
{
    if (y->n)
        wg_refuse(y->op->name, wants, y->n, y->in);
    else
        wg_error_keep(y->tape, WG_ERR_ARGUMENT, "%s: wants %s", y->op->name, wants);
    return false;
}
