#include "support/refusal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

wg_tensor *refusal_call(op_maker *m, const char *text, op_call *c)
{
    char why[256];
    bool known;
    if (!op_call_read(c, m->tape, text, op_make_operand, m, why, sizeof why))
        fail_msg("\"%s\": %s (%s)", text, why,
                 wg_error(m->tape) ? wg_error(m->tape) : "no error on the tape");
    wg_tensor *y = op_call_make(c, &known);
    if (!known)
        fail_msg("\"%s\" is no call of an op", text);
    return y;
}

/* ---- the form of a message ---- */

/* mse_as and sum_axes are told of as mse and sum. */
static void base_name(const char *name, char *base, size_t size)
{
    size_t n = strlen(name);
    n -= n > 5 && !strcmp(name + n - 5, "_axes") ? 5
         : n > 3 && !strcmp(name + n - 3, "_as") ? 3
                                                 : 0;
    snprintf(base, size, "%.*s", (int)n, name);
}

/* "x" [32, 784], or "x" i32 [32] where dtypes matter. */
static bool tells_of(const char *message, const wg_tensor *x)
{
    char who[128], shape[256];
    wg_shape s = wg_shape_of(x);
    int n = snprintf(shape, sizeof shape, " [");
    for (int64_t d = 0; d < s.rank; d++)
        n += snprintf(shape + n, sizeof shape - (size_t)n, "%s%lld", d ? ", " : "",
                      (long long)s.dim[d]);
    snprintf(shape + n, sizeof shape - (size_t)n, "]");
    wg_describe(x, who, sizeof who);
    for (const char *at = strstr(message, who); at; at = strstr(at + 1, who)) {
        const char *rest = at + strlen(who);
        if (!strncmp(rest, " f32 [", 6) || !strncmp(rest, " f64 [", 6)
            || !strncmp(rest, " i32 [", 6))
            rest += 4;
        if (!strncmp(rest, shape, strlen(shape)))
            return true;
    }
    return false;
}

int refusal_complaints;

bool refusal_complain(const char *call, const char *what, const char *message)
{
    print_error("%s: %s: %s\n", call, what, message ? message : "no message");
    refusal_complaints++;
    return false;
}

static bool well_formed(const char *call, const op_call *c, const char *message, const char *wants)
{
    char start[80], base[48];
    base_name(c->name, base, sizeof base);
    snprintf(start, sizeof start, "%s: wants ", base);
    if (!message)
        return refusal_complain(call, "refused without a reason", message);
    if (strncmp(message, start, strlen(start)) != 0)
        return refusal_complain(call, "the message does not begin with the op and what it wants",
                                message);
    if (!strstr(message, ", got "))
        return refusal_complain(call, "the message does not say what it got", message);
    for (int i = 0; i < c->n; i++)
        if (c->x[i] && !tells_of(message, c->x[i]))
            return refusal_complain(call, "the message lacks an operand's name and shape", message);
    if (wants && !strstr(message, wants))
        return refusal_complain(call, wants, message);
    return true;
}

/* After a refusal: the first error stays, goes with a rewind or wg_clear_error, and then the tape
 * records and computes. */
static void still_usable(const char *call, wg_tape *t, wg_mark before, bool by_rewind)
{
    char first[512];
    snprintf(first, sizeof first, "%s", wg_error(t));
    wg_tensor *v = wg_full(t, WG_SHAPE(3), 2), *w = wg_full(t, WG_SHAPE(2), 2);
    assert_null(wg_matmul(v, w));
    assert_null(wg_reshape(v, WG_SHAPE(7)));
    if (!wg_error(t) || strcmp(wg_error(t), first) != 0)
        refusal_complain(call, "the first error did not stay", wg_error(t));
    if (by_rewind)
        assert_int_equal(wg_tape_rewind(t, before), WG_OK);
    else
        wg_clear_error(t);
    if (wg_error(t) || wg_error_status(t) != WG_OK)
        refusal_complain(call, "the error did not go", wg_error(t));
    double six = wg_item(wg_sum(wg_full(t, WG_SHAPE(3), 2)));
    if (six != 6 || wg_error(t))
        refusal_complain(call, "the tape cannot be used any more", wg_error(t));
}

void expect_refusal(const char *call, const char *wants, int at, op_mutation how, bool by_rewind)
{
    op_maker m = {.tape = wg_tape_new(WG_F32), .other = wg_tape_new(WG_F32), .at = at, .how = how};
    op_call c;
    assert_true(m.tape && m.other);
    wg_mark before = wg_tape_mark(m.tape);
    wg_tensor *y = refusal_call(&m, call, &c);
    bool reaches =
        c.n == 0; /* the message needs a tensor to reach a tape; with NULL alone there is none */
    for (int i = 0; i < c.n; i++)
        reaches = reaches || (c.x[i] && wg_tape_of(c.x[i]) == m.tape);
    if (y)
        refusal_complain(call, "was taken", "it should have been refused");
    else if (reaches && well_formed(call, &c, wg_error(m.tape), wants)) {
        if (wg_error_status(m.tape) != WG_ERR_ARGUMENT)
            refusal_complain(call, "the status is not WG_ERR_ARGUMENT", wg_error(m.tape));
        still_usable(call, m.tape, before, by_rewind);
    }
    wg_tape_free(m.tape);
    wg_tape_free(m.other);
}

void expect_refusals(const refusal *r, size_t n)
{
    refusal_complaints = 0;
    for (size_t i = 0; i < n; i++)
        expect_refusal(r[i].call, r[i].wants, -1, AS_WRITTEN, i % 2);
    print_message("%zu calls refused\n", n);
    assert_int_equal(refusal_complaints, 0);
}

void expect_either(const char *call, int at, op_mutation how)
{
    op_maker m = {.tape = wg_tape_new(WG_F32), .at = at, .how = how};
    op_call c;
    if (!refusal_call(&m, call, &c))
        well_formed(call, &c, wg_error(m.tape), NULL);
    else if (wg_error(m.tape))
        refusal_complain(call, "was taken with an error on the tape", wg_error(m.tape));
    wg_tape_free(m.tape);
}
