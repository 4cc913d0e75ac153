/* The reverse sweep: walks the tape backwards once, from y to the first of the wanted tensors,
 * asks each op on the way for the adjoints of the inputs that lead to a wanted one, and sums them
 * where paths meet.  Iterative: its depth is no thread's stack. */
#include "grad/sweep.h"

#include <wengert/elementwise.h>
#include <wengert/layout.h>

#include "core/alloc.h"
#include "core/dtype.h"
#include "core/shape.h"
#include "tape/tape.h"

bool wg_wanted(const char *who, wg_tensor *y, int n, wg_tensor *const *x)
{
    if (!y) {
        if (n > 0 && x)
            wg_refuse2(who, "tensors", y, x[0]);
        return false;
    }
    if (n < 0)
        return wg_error_keep(y->tape, WG_ERR_ARGUMENT, "%s: wants 0 or more tensors, got %d", who,
                             n);
    if (n && !x)
        return wg_error_keep(y->tape, WG_ERR_ARGUMENT, "%s: wants a list of %d tensors, got NULL",
                             who, n);
    for (int i = 0; i < n; i++) {
        if (!x[i] || x[i]->tape != y->tape) {
            wg_refuse2(who, x[i] ? "tensors of one tape" : "tensors", y, x[i]);
            return false;
        }
        if (!wg_dtype_is_float(x[i]->dtype) || !wg_dtype_is_float(y->dtype)) {
            wg_refuse2(who, "tensors of a floating dtype", y, x[i]);
            return false;
        }
    }
    return true;
}

/* One sweep's marks, indexed by place on the tape from the first wanted tensor on. */
typedef struct sweep {
    int64_t first, count;
    unsigned char *needed; /* leads from a wanted tensor */
    wg_tensor **adjoint;   /* sum of what arrived so far */
    wg_sweep_watch *watch; /* NULL: nobody looks */
    void *user;
} sweep;

static bool is_needed(const sweep *s, const wg_tensor *x)
{
    return x->id >= s->first && s->needed[x->id - s->first];
}

/* Forwards: a node is needed if it is wanted, or an input of it is and a derivative can pass. */
static void mark_needed(sweep *s, wg_tape *t, int n, wg_tensor *const *x)
{
    for (int i = 0; i < n; i++)
        if (x[i]->id - s->first < s->count)
            s->needed[x[i]->id - s->first] = 1;
    for (int64_t k = 0; k < s->count; k++) {
        wg_tensor *node = wg_node(t, s->first + k);
        if (s->needed[k] || (node->op->flags & WG_OP_FLAT) || !wg_dtype_is_float(node->dtype))
            continue;
        for (int i = 0; i < node->n && !s->needed[k]; i++)
            s->needed[k] = is_needed(s, node->in[i]);
    }
}

static bool receive(sweep *s, const char *who, wg_tensor *from, int i, wg_tensor *a)
{
    wg_tensor *x = from->in[i];
    if (!a) {
        if (!wg_error(from->tape))
            wg_error_keep(from->tape, WG_ERR_ARGUMENT,
                          "%s: the rule of %s gives no adjoint for its input %d", who,
                          from->op->name, i);
        return false;
    }
    if (a->dtype != x->dtype || !wg_same_shape(&a->shape, &x->shape)) {
        char got[200], wants[200];
        return wg_error_keep(from->tape, WG_ERR_ARGUMENT,
                             "%s: the rule of %s gives input %d an adjoint of %s %s, wants %s %s",
                             who, from->op->name, i, wg_dtype_name(a->dtype),
                             wg_shape_text(a->shape, got, sizeof got), wg_dtype_name(x->dtype),
                             wg_shape_text(x->shape, wants, sizeof wants));
    }
    wg_tensor **sum = &s->adjoint[x->id - s->first];
    *sum = *sum ? wg_add(*sum, a) : a;
    if (*sum && s->watch)
        s->watch(s->user, &(wg_sweep_event){from, s->adjoint[from->id - s->first], i, a, *sum});
    return *sum != NULL;
}

static wg_tensor *rule(wg_tensor *y, wg_tensor *g, int i)
{
    wg_tensor *a = y->op->vjp(y, g, i);
#ifdef WENGERT_MUTATION
    a = wg_mutate(y->op, i, a);
#endif
    return a;
}

/* Hands y's adjoint on to its inputs. */
static bool spread(sweep *s, const char *who, wg_tensor *y)
{
    wg_tensor *g = s->adjoint[y->id - s->first];
    for (int i = 0; i < y->n; i++) {
        if (!is_needed(s, y->in[i]) || !wg_dtype_is_float(y->in[i]->dtype))
            continue;
        if (!y->op->vjp) {
            char text[96];
            return wg_error_keep(y->tape, WG_ERR_ARGUMENT,
                                 "%s: %s has no rule for its derivative, reached at %s", who,
                                 y->op->name, wg_describe(y, text, sizeof text));
        }
        if (!receive(s, who, y, i, rule(y, g, i)))
            return false;
    }
    return true;
}

static bool walk(sweep *s, const char *who, wg_tensor *y, wg_tensor *v)
{
    wg_tape *t = y->tape;
    s->adjoint[y->id - s->first] = v;
    for (int64_t k = s->count - 1; k >= 0; k--) {
        if (!s->adjoint[k] || !s->needed[k])
            continue;
        wg_tensor *node = wg_node(t, s->first + k), *before = wg_tape_origin(t, node);
        bool fine = (node->op->flags & WG_OP_FLAT) || spread(s, who, node);
        wg_tape_origin(t, before);
        if (!fine)
            return false;
    }
    return true;
}

wg_status wg_sweep(const char *who, wg_tensor *y, wg_tensor *v, int n, wg_tensor *const *x,
                   wg_tensor **g)
{
    return wg_sweep_watched(who, y, v, n, x, g, NULL, NULL);
}

wg_status wg_sweep_watched(const char *who, wg_tensor *y, wg_tensor *v, int n, wg_tensor *const *x,
                           wg_tensor **g, wg_sweep_watch *watch, void *user)
{
    wg_tape *t = y->tape;
    sweep s = {.first = y->id + 1, .watch = watch, .user = user};
    for (int i = 0; i < n; i++)
        if (x[i]->id < s.first)
            s.first = x[i]->id;
    s.count = y->id + 1 - s.first;
    s.needed = wg_mem_zero((size_t)s.count, sizeof *s.needed);
    s.adjoint = wg_mem_zero((size_t)s.count, sizeof *s.adjoint);
    bool fine = s.needed && s.adjoint;
    if (!fine)
        wg_error_keep(t, WG_ERR_MEMORY, "%s: out of memory", who);
    if (fine && s.count) {
        mark_needed(&s, t, n, x);
        fine = walk(&s, who, y, v);
    }
    for (int i = 0; i < n; i++) {
        int64_t k = x[i]->id - s.first;
        g[i] = fine && k < s.count ? s.adjoint[k] : NULL;
        if (fine && !g[i])
            fine = (g[i] = wg_zeros_like(x[i])) != NULL;
    }
    wg_mem_free(s.needed);
    wg_mem_free(s.adjoint);
    if (fine)
        return WG_OK;
    for (int i = 0; i < n; i++)
        g[i] = NULL;
    wg_status why = wg_error_status(t);
    return why ? why : WG_ERR_ARGUMENT;
}
