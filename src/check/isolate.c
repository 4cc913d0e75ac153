/* Which op is wrong?  Each op of the graph is applied by itself, on a tape of its own, to leaves
 * that hold the values its inputs have in the model, and checked at order 1.  Works for any
 * record, the user's too; needs nothing of an op but its record. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wengert/run.h>
#include <wengert/tape.h>

#include "check/audit.h"
#include "core/alloc.h"

enum { NODES_AN_OP = 32 }; /* of one record no more are tried */

/* What is known of the node of the same number. */
enum { REACHED = 1, ACTIVE = 2, WANTED = 4 };

typedef struct search {
    wg_audit *a;
    wg_level *level;
    int64_t count; /* nodes that were there before the search */
    unsigned char *marks;
    wg_tensor **value; /* the inputs whose values are needed, in order of their numbers */
    int values;
    wg_program *program;
    const wg_op **op; /* records tried, and how often */
    int *tried;
    int ops;
} search;

static void mark(search *s)
{
    wg_tape *t = s->level->at->tape;
    wg_tensor *const *in;
    for (int k = 0; k < s->level->at->count; k++)
        s->marks[wg_index_of(s->level->at->leaf[k])] |= ACTIVE;
    for (int i = 0; i < s->level->outputs; i++)
        s->marks[wg_index_of(s->level->out[i])] |= REACHED;
    for (int64_t i = s->count - 1; i >= 0; i--) {
        int n = wg_inputs_of(wg_node(t, i), &in);
        for (int k = 0; k < n && (s->marks[i] & REACHED); k++)
            s->marks[wg_index_of(in[k])] |= REACHED;
    }
    for (int64_t i = 0; i < s->count; i++) {
        int n = wg_inputs_of(wg_node(t, i), &in);
        for (int k = 0; k < n; k++)
            s->marks[i] |= s->marks[wg_index_of(in[k])] & ACTIVE;
    }
}

static bool tried_enough(search *s, const wg_op *op)
{
    int k = 0;
    while (k < s->ops && s->op[k] != op)
        k++;
    if (k == s->ops) {
        s->op[k] = op;
        s->tried[k] = 0;
        s->ops++;
    }
    return s->tried[k]++ >= NODES_AN_OP;
}

/* flat: ops that let no derivative pass, which are at fault only if no other is. */
static bool is_candidate(search *s, int64_t i, bool flat)
{
    wg_tensor *y = wg_node(s->level->at->tape, i), *const *in;
    unsigned flags = wg_op_of(y)->flags;
    bool passes = (s->marks[i] & REACHED) && (s->marks[i] & ACTIVE) && wg_inputs_of(y, &in) > 0;
    return passes && !(flags & WG_OP_RANDOM) && !(flags & WG_OP_FLAT) == !flat
           && wg_dtype_of(y) != WG_I32;
}

static bool is_leaf(const wg_tensor *x)
{
    return wg_leaf_kind_of(x) != WG_NOT_A_LEAF;
}

/* One program that gives the values of all inputs of candidates. */
static bool compile_values(search *s)
{
    wg_tape *t = s->level->at->tape;
    wg_tensor *const *in;
    for (int64_t i = 0; i < s->count; i++) {
        if (!is_candidate(s, i, false) && !is_candidate(s, i, true))
            continue;
        int n = wg_inputs_of(wg_node(t, i), &in);
        for (int k = 0; k < n; k++)
            s->marks[wg_index_of(in[k])] |= WANTED;
    }
    for (int64_t i = 0; i < s->count; i++)
        if ((s->marks[i] & WANTED) && !is_leaf(wg_node(t, i)))
            s->value[s->values++] = wg_node(t, i);
    if (!s->values)
        return true;
    s->program = wg_compile(s->values, s->value);
    wg_set_run_counter(t, s->level->run);
    return s->program && !wg_leaves_place(s->level->at, s->level->base.x, 0, 0, 0)
           && !wg_run(s->program);
}

static int by_number(const void *key, const void *element)
{
    int64_t a = wg_index_of(key), b = wg_index_of(*(wg_tensor *const *)element);
    return a < b ? -1 : a > b;
}

/* The value of x in the model, as doubles or 32-bit integers; NULL when it cannot be had. */
static void *value_of(search *s, wg_tensor *x)
{
    size_t n = (size_t)wg_count_of(x);
    bool whole = wg_dtype_of(x) == WG_I32;
    void *v = wg_mem_zero(n + 1, sizeof(double));
    wg_tensor **at = NULL;
    const void *from = NULL;
    if (v && s->values
        && (at = bsearch(x, s->value, (size_t)s->values, sizeof *s->value, by_number)))
        from = wg_output(s->program, (int)(at - s->value));
    if (from && wg_dtype_of(x) == WG_F32)
        for (size_t i = 0; i < n; i++)
            ((double *)v)[i] = (double)((const float *)from)[i];
    else if (from)
        memcpy(v, from, n * wg_dtype_size(wg_dtype_of(x)));
    if (from || (v && is_leaf(x) && !(whole ? wg_get_i32(x, v) : wg_get_f64(x, v))))
        return v;
    wg_mem_free(v);
    return NULL;
}

/* Input number place of y.  Floating ones become leaves, whose names begin with that number and
 * are for reading else: what a report names is to be found in the model. */
static wg_tensor *stand_in(search *s, wg_tape *t, const wg_tensor *y, int place)
{
    char name[64], who[24] = "";
    wg_tensor *leaf = NULL, *x = wg_in(y, place);
    void *v = value_of(s, x);
    if (is_leaf(x) && wg_name(x))
        snprintf(who, sizeof who, " (\"%.16s\")", wg_name(x));
    snprintf(name, sizeof name, "input %d of %.20s#%lld%s", place, wg_op_name(y),
             (long long)wg_index_of(y), who);
    if (v && wg_dtype_of(x) == WG_I32)
        leaf = wg_constant_as(t, WG_I32, wg_shape_of(x), v);
    else if (v && (leaf = wg_input_as(t, name, wg_dtype_of(x), wg_shape_of(x)))
             && wg_set_f64(leaf, v))
        leaf = NULL;
    wg_mem_free(v);
    return leaf;
}

static wg_tensor *alone(search *s, wg_tape *t, wg_tensor *y)
{
    wg_tensor *const *in;
    int n = wg_inputs_of(y, &in);
    wg_tensor **own = wg_mem_zero((size_t)n, sizeof *own), *result = NULL;
    bool fine = own;
    for (int k = 0; k < n && fine; k++)
        fine = (own[k] = stand_in(s, t, y, k)) != NULL;
    if (fine)
        result = wg_apply_on(t, wg_op_of(y), n, own, wg_attr(y));
    wg_mem_free(own);
    return result;
}

static wg_status try_node(search *s, wg_tensor *y)
{
    wg_check_report found;
    wg_audit own;
    wg_audit_begin(&own, &s->a->options, &found);
    own.options.order = 1;
    own.options.max_elements = own.options.max_elements < 0 ? -1 : 64;
    own.nested = true;
    own.reverse = !s->a->report->forward;
    own.strict = wg_op_of(y)->map || wg_count_of(y) == wg_count_of(wg_in(y, 0));
    wg_tape *t = wg_tape_new(WG_F64);
    if (!t)
        return WG_ERR_MEMORY;
    wg_tensor *z = alone(s, t, y);
    wg_status status = z ? wg_audit_tensor(&own, t, z, true) : WG_OK;
    wg_tape_free(t);
    if (status != WG_ERR_CHECK)
        return status == WG_ERR_MEMORY ? status : WG_OK;
    wg_check_report *r = s->a->report;
    snprintf(r->op, sizeof r->op, "%.40s#%lld", wg_op_name(y), (long long)wg_index_of(y));
    bool named = sscanf(found.leaf, "input %d", &r->op_input) == 1;
    if (r->passed) { /* only a doubt led here: what was found is the finding */
        wg_check_report before = *r;
        *r = found;
        memcpy(r->op, before.op, sizeof r->op);
        r->op_input = before.op_input;
        r->checked = before.checked;
        r->kinks = before.kinks;
        r->undecided = before.undecided;
        s->a->alone = named;
        s->a->remark = own.remark;
    }
    return WG_ERR_CHECK;
}

static wg_status find(search *s, bool flat)
{
    wg_status status = WG_OK;
    s->ops = 0;
    for (int64_t i = 0; i < s->count && !status; i++) {
        wg_tensor *y = wg_node(s->level->at->tape, i);
        if (is_candidate(s, i, flat) && !tried_enough(s, wg_op_of(y)))
            status = try_node(s, y);
    }
    return status;
}

wg_status wg_audit_isolate(wg_audit *a, wg_level *level)
{
    wg_tape *t = level->at->tape;
    search s = {.a = a, .level = level, .count = wg_node_count(t)};
    size_t n = (size_t)s.count;
    a->doubt = false;
    s.marks = wg_mem_zero(n, sizeof *s.marks);
    s.value = wg_mem_zero(n, sizeof *s.value);
    s.op = wg_mem_zero(n, sizeof *s.op);
    s.tried = wg_mem_zero(n, sizeof *s.tried);
    wg_status status = s.marks && s.value && s.op && s.tried ? WG_OK : WG_ERR_MEMORY;
    if (!status) {
        mark(&s);
        if (compile_values(&s)) {
            a->audited = true;
            status = find(&s, false);
            if (!status && !a->report->passed) {
                status = find(&s, true);
                a->flat = status == WG_ERR_CHECK;
            }
        }
    }
    wg_program_free(s.program);
    wg_mem_free(s.marks);
    wg_mem_free(s.value);
    wg_mem_free(s.op);
    wg_mem_free(s.tried);
    return status == WG_ERR_MEMORY ? wg_audit_fail(a, status, "check: out of memory") : WG_OK;
}
