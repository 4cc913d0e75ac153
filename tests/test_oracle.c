/* Values, gradients and second-order gradients of every public op against numbers that PyTorch
 * worked out (tests/oracle/generate.py), in f64 to 1e-12 of the largest element, and in f32.
 * Prints the worst error an op.
 *
 *     test_oracle [cases.txt [name of a case]]
 *
 * Three lists must agree, and tests here hold them against each other: the functions in the public
 * headers, the cases of the file, and the library's own table of op records.
 * labels: valgrind */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>

#include "support/op_table.h"
#include "support/oracle_reader.h"

static const char *cases_path = "oracle/cases.txt", *only_case;
static const char *const headers_path = "../include/wengert";

enum { CASES_WANTED = 400, SECOND_WANTED = 300, OPS = 512, SHOWN = 60 };

/* f64: the library's promise.  f32: 2^-24 grown by some tens of operations, and by the
 * cancellation that every further order brings. */
static const double bound[WG_DTYPE_COUNT][3] = {
    [WG_F32] = {2e-6, 5e-6, 1e-4}, [WG_F64] = {1e-12, 1e-12, 1e-12}};

/* ---- what was seen ---- */

typedef struct op_score {
    char name[64];
    int cases;
    double worst[3]; /* value, gradient, second order; of the largest element or of the element */
} op_score;

typedef struct tally {
    wg_dtype dtype;
    int cases, seconds, failures, scores;
    op_score score[OPS];
    bool covered[OPS];    /* i-th record of wg_builtin_op recorded in some case */
    bool called[OPS];     /* i-th entry of op_table */
} tally;

static op_score *score_of(tally *t, const char *case_name)
{
    char op[64];
    snprintf(op, sizeof op, "%.*s", (int)strcspn(case_name, "/"), case_name);
    for (int i = 0; i < t->scores; i++)
        if (!strcmp(t->score[i].name, op))
            return &t->score[i];
    assert_true(t->scores < OPS);
    op_score *s = &t->score[t->scores++];
    memcpy(s->name, op, sizeof op);
    return s;
}

static void complain(tally *t, const oracle_case *c, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void complain(tally *t, const oracle_case *c, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (t->failures++ < SHOWN)
        print_error("%s:%d: %s: %s: %s\n", cases_path, c->line, c->name, wg_dtype_name(t->dtype),
                    text);
}

/* ---- comparing ---- */

static double element(const void *data, wg_dtype d, int64_t i)
{
    return d == WG_F64   ? ((const double *)data)[i]
           : d == WG_F32 ? (double)((const float *)data)[i]
                         : (double)((const int32_t *)data)[i];
}

/* The error at element i: |got - want| / scale; infinite where one is not finite and the other is
 * not the same. */
static double error_at(double got, double want, double scale)
{
    if (isnan(want) || isinf(want) || !isfinite(got))
        return (isnan(want) && isnan(got)) || got == want ? 0 : (double)INFINITY;
    return scale > 0 ? fabs(got - want) / scale : got == want ? 0 : (double)INFINITY;
}

static void compare(tally *t, const oracle_case *c, op_score *s, int order, const char *what,
                    const void *got, wg_dtype d, int64_t n, const double *want)
{
    double largest = 0, worst = 0;
    int64_t at = 0;
    for (int64_t i = 0; i < n; i++)
        if (isfinite(want[i]) && fabs(want[i]) > largest)
            largest = fabs(want[i]);
    if (c->scale > largest)
        largest = c->scale;
    for (int64_t i = 0; i < n; i++) {
        double e =
            error_at(element(got, d, i), want[i], c->each ? fmax(fabs(want[i]), 1e-290) : largest);
        if (e > worst) {
            worst = e;
            at = i;
        }
    }
    double allowed = d == WG_I32 ? 0
                                 : bound[d][order] *
                                       (c->tolerance > 0 ? c->tolerance / bound[WG_F64][order] : 1);
    s->worst[order] = fmax(s->worst[order], worst);
    if (worst > allowed)
        complain(t, c, "%s, element %lld: is %.17g, should be %.17g (error %.2g, allowed %.2g)",
                 what, (long long)at, element(got, d, at), want[at], worst, allowed);
}

/* ---- a case on a tape ---- */

typedef struct recording {
    wg_tape *tape;
    wg_tensor *leaf[ORACLE_LEAVES], *result[ORACLE_STEPS], *y;
    int n; /* leaves with a gradient, and which they are */
    int which[ORACLE_LEAVES];
    wg_tensor *gradient[ORACLE_LEAVES], *second[ORACLE_LEAVES];
    bool has_second;
    const oracle_case *c;
    int done; /* steps so far */
} recording;

static bool look_up(void *user, const char *token, wg_tensor **x)
{
    const recording *r = user;
    for (int i = r->done - 1; i >= 0; i--)
        if (!strcmp(r->c->step[i].result, token))
            return *x = r->result[i], true;
    for (int i = 0; i < r->c->leaves; i++)
        if (!strcmp(r->c->leaf[i].name, token))
            return *x = r->leaf[i], true;
    return false;
}

static bool record_value(tally *t, recording *r)
{
    char why[256];
    for (int i = 0; i < r->c->leaves; i++) {
        const oracle_leaf *l = &r->c->leaf[i];
        r->leaf[i] =
            wg_input_as(r->tape, l->name, l->dtype == WG_I32 ? WG_I32 : t->dtype, l->shape);
        if (!r->leaf[i] || wg_set_f64(r->leaf[i], l->value) != WG_OK)
            return complain(t, r->c, "leaf %s: %s", l->name, wg_error(r->tape)), false;
    }
    for (; r->done < r->c->steps; r->done++) {
        op_call call;
        bool known;
        const oracle_step *step = &r->c->step[r->done];
        if (!op_call_read(&call, r->tape, step->call, look_up, r, why, sizeof why))
            return complain(t, r->c, "%s", why), false;
        r->y = r->result[r->done] = op_call_make(&call, &known);
        if (!known)
            return complain(t, r->c, "no op is called like \"%s\"", step->call), false;
        t->called[op_find(call.name) - op_table] = true;
        if (!r->y)
            return complain(t, r->c, "\"%s\" was refused: %s", step->call, wg_error(r->tape)),
                   false;
    }
    wg_dtype d = r->c->dtype == WG_F64 ? t->dtype : r->c->dtype;
    if (wg_dtype_of(r->y) != d || !wg_shape_equal(wg_shape_of(r->y), r->c->shape)) {
        int64_t rank = wg_shape_of(r->y).rank;
        return complain(t, r->c,
                        "the output's dtype is %s, its rank %lld: dtype, rank or extents are not "
                        "those wanted",
                        wg_dtype_name(wg_dtype_of(r->y)), (long long)rank),
               false;
    }
    return true;
}

/* v on the tape, of x's shape. */
static wg_tensor *stored(const recording *r, const wg_tensor *x, const double *v)
{
    return wg_constant(r->tape, wg_shape_of(x), v);
}

static bool record_derivatives(tally *t, recording *r)
{
    wg_tensor *x[ORACLE_LEAVES], *s = NULL;
    for (int i = 0; i < r->c->leaves; i++)
        if (r->c->leaf[i].grad) {
            r->which[r->n] = i;
            x[r->n++] = r->leaf[i];
        }
    if (r->n && wg_vjp(r->y, stored(r, r->y, r->c->cotangent), r->n, x, r->gradient) != WG_OK)
        return complain(t, r->c, "no gradient: %s", wg_error(r->tape)), false;
    for (int k = 0; k < r->n; k++) {
        const double *u = r->c->leaf[r->which[k]].direction;
        wg_tensor *p = u ? wg_sum(wg_mul(r->gradient[k], stored(r, r->gradient[k], u))) : NULL;
        s = s && p ? wg_add(s, p) : p ? p : s;
        r->has_second = r->has_second || u;
    }
    if (r->has_second && wg_grad(s, r->n, x, r->second) != WG_OK)
        return complain(t, r->c, "no second order: %s", wg_error(r->tape)), false;
    return true;
}

static void run_and_compare(tally *t, const recording *r)
{
    wg_tensor *out[1 + 2 * ORACLE_LEAVES];
    int n = 0;
    out[n++] = r->y;
    for (int k = 0; k < r->n; k++)
        out[n++] = r->gradient[k];
    for (int k = 0; k < r->n && r->has_second; k++)
        out[n++] = r->second[k];
    wg_program *p = wg_compile(n, out);
    if (!p || wg_run(p) != WG_OK) {
        complain(t, r->c, "does not run: %s", wg_error(r->tape));
        return;
    }
    op_score *s = score_of(t, r->c->name);
    s->cases++;
    compare(t, r->c, s, 0, "value", wg_output(p, 0), wg_dtype_of(r->y), r->c->count, r->c->out);
    for (int k = 0; k < r->n; k++) {
        char what[64];
        const oracle_leaf *l = &r->c->leaf[r->which[k]];
        snprintf(what, sizeof what, "gradient of %s", l->name);
        compare(t, r->c, s, 1, what, wg_output(p, 1 + k), t->dtype, l->count, l->grad);
        snprintf(what, sizeof what, "second order of %s", l->name);
        if (r->has_second)
            compare(t, r->c, s, 2, what, wg_output(p, 1 + r->n + k), t->dtype, l->count, l->second);
    }
    t->seconds += r->has_second;
    wg_program_free(p);
}

static void check_case(tally *t, const oracle_case *c)
{
    recording r = {.tape = wg_tape_new(t->dtype), .c = c};
    assert_non_null(r.tape);
    t->cases++;
    if (record_value(t, &r) && record_derivatives(t, &r))
        run_and_compare(t, &r);
    const wg_op *op;
    for (int i = 0; i < OPS && (op = wg_builtin_op(i)); i++)
        for (int64_t k = 0; k < wg_node_count(r.tape) && !t->covered[i]; k++)
            t->covered[i] = !strcmp(wg_op_name(wg_node(r.tape, k)), op->name);
    wg_tape_free(r.tape);
}

static tally *check_file(wg_dtype dtype)
{
    static tally t;
    wg_message why = {""};
    oracle_reader *r = oracle_open(cases_path, &why);
    if (!r)
        fail_msg("%s", why.text);
    t = (tally){.dtype = dtype};
    static oracle_case c;
    int more;
    while ((more = oracle_next(r, &c, &why)) == 1)
        if ((dtype == WG_F64 || !c.only_f64) && (!only_case || !strcmp(only_case, c.name)))
            check_case(&t, &c);
    oracle_close(r);
    if (more)
        fail_msg("%s", why.text);
    return &t;
}

static void print_scores(const tally *t)
{
    print_message(
        "%s, worst error over %d cases, %d with second order:   value   gradient   second\n",
        wg_dtype_name(t->dtype), t->cases, t->seconds);
    for (int i = 0; i < t->scores; i++) {
        const op_score *s = &t->score[i];
        print_message("  %-24s %3d cases   %8.1e   %8.1e   %8.1e\n", s->name, s->cases, s->worst[0],
                      s->worst[1], s->worst[2]);
    }
}

/* ---- tests ---- */

static void values_and_gradients_agree_in_f64(void **state)
{
    (void)state;
    const tally *t = check_file(WG_F64);
    print_scores(t);
    if (t->failures)
        fail_msg("%d of the numbers in %d cases are not PyTorch's", t->failures, t->cases);
    assert_true(only_case || t->cases >= CASES_WANTED);
    assert_true(only_case || t->seconds >= SECOND_WANTED);
}

static void values_and_gradients_agree_in_f32(void **state)
{
    (void)state;
    const tally *t = check_file(WG_F32);
    print_scores(t);
    if (t->failures)
        fail_msg("%d of the numbers in %d cases are not PyTorch's", t->failures, t->cases);
    assert_true(only_case || t->cases >= CASES_WANTED);
}

/* Records that no case can have: what is random has no counterpart, what is no function of numbers
 * has no value to compare. */
static const char *const without_case[] = {"uniform", "normal", "bernoulli", "permutation",
                                            "assign", "checkpoint"};

static bool needs_no_case(const char *op)
{
    for (size_t i = 0; i < sizeof without_case / sizeof *without_case; i++)
        if (!strcmp(without_case[i], op))
            return true;
    return false;
}

static void every_record_has_a_case(void **state)
{
    (void)state;
    if (only_case)
        skip();
    const tally *t = check_file(WG_F64);
    const wg_op *op;
    int missing = 0, i;
    for (i = 0; (op = wg_builtin_op(i)); i++) {
        assert_true(i < OPS);
        if (!t->covered[i] && !needs_no_case(op->name)) {
            print_error("op \"%s\" is in no case of %s\n", op->name, cases_path);
            missing++;
        }
    }
    print_message("%d op records, %d entries in the table of functions\n", i, op_table_size);
    for (int k = 0; k < op_table_size; k++)
        if (!t->called[k] && !needs_no_case(op_table[k].name)) {
            print_error("wg_%s is called by no case of %s\n", op_table[k].name, cases_path);
            missing++;
        }
    assert_int_equal(missing, 0);
}

/* Calls found(name) for each function in a header that gives a tensor, or tensors through a
 * status. */
static int functions_in_header(const char *header, char names[][48], int most)
{
    char path[256], line[1024];
    int n = 0;
    snprintf(path, sizeof path, "%s/%s", headers_path, header);
    FILE *f = fopen(path, "r");
    if (!f)
        fail_msg("%s cannot be read", path);
    while (fgets(line, sizeof line, f)) {
        const char *at = !strncmp(line, "WG_API wg_tensor *wg_", 21)  ? line + 21
                         : !strncmp(line, "WG_API wg_status wg_", 20) ? line + 20
                                                                      : NULL;
        if (at && n < most)
            snprintf(names[n++], sizeof names[0], "%.*s", (int)strcspn(at, "("), at);
    }
    fclose(f);
    return n;
}

static void every_function_in_the_headers_is_in_the_table(void **state)
{
    (void)state;
    static const char *const header[] = {"elementwise.h", "reduce.h", "layout.h", "index.h",
                                         "contract.h",    "loss.h",   "random.h"};
    static char names[256][48];
    int missing = 0, all = 0;
    for (size_t i = 0; i < sizeof header / sizeof *header; i++) {
        int n = functions_in_header(header[i], names, 256);
        assert_in_range(n, 3, 255);
        all += n;
        for (int k = 0; k < n; k++)
            if (!op_find(names[k])) {
                print_error("wg_%s of %s is not in tests/support/op_table.c\n", names[k],
                            header[i]);
                missing++;
            }
    }
    print_message("%d functions in the headers\n", all);
    assert_int_equal(missing, 0);
}

/* ---- the reader itself ---- */

static void bad_files_are_refused_with_their_line(void **state)
{
    (void)state;
    static const struct { const char *text, *message;
    } bad[] = {
        {"leaf a f64 [] 1\n", "bad:1: wants \"case\" and a name"},
        {"# note\n\ncase\n", "bad:3: wants \"case\" and a name"},
        {"case a\nleaf x f64 [2] 1\nend\n", "bad:2: leaf x wants 2 numbers"},
        {"case a\nleaf x f64 [2] 1 2 3\nend\n", "bad:2: leaf x wants 2 numbers"},
        {"case a\nleaf x f64 [2] 1 two\nend\n", "bad:2: leaf x wants 2 numbers"},
        {"case a\nleaf x f16 [1] 1\nend\n", "bad:2: leaf x wants a dtype and a shape"},
        {"case a\nleaf x f64 [1 1\nend\n", "bad:2: leaf x wants a dtype and a shape"},
        {"case a\nleaf x f64 [-1]\nend\n", "bad:2: leaf x wants a dtype and a shape"},
        {"case a\nleaf x f64 [1 1 1 1 1 1 1 1 1] 1\nend\n",
         "bad:2: leaf x wants a dtype and a shape"},
        {"case a\nleaf x f64 [99999999] 1\nend\n", "bad:2: leaf x wants 99999999 numbers"},
        {"case a\nleaf x f64 [] 1\nleaf x f64 [] 1\nend\n",
         "bad:3: a leaf wants a name of its own"},
        {"case a\nleaf a_name_that_is_too_long f64 [] 1\nend\n",
         "bad:2: a leaf wants a name of its own"},
        {"case a\ndo\nend\n", "bad:2: a call wants a name for its result"},
        {"case a\nout f64 [2] 1\nend\n", "bad:2: the output wants 2 numbers"},
        {"case a\nout f64 [] 1\nout f64 [] 1\nend\n",
         "bad:3: one output is wanted, with a dtype and a shape"},
        {"case a\ncot 1\nend\n",
         "bad:2: a cotangent wants as many numbers as the output, behind it, once"},
        {"case a\ngrad x 1\nend\n", "bad:2: grad of \"x\", which is no leaf"},
        {"case a\nleaf x f64 [] 1\ngrad x 1 2\nend\n", "bad:3: grad of x wants 1 numbers, once"},
        {"case a\nleaf x f64 [] 1\ngrad x 1\ngrad x 1\nend\n",
         "bad:4: grad of x wants 1 numbers, once"},
        {"case a\ntolerance 0 why\nend\n",
         "bad:2: a tolerance or a scale wants a number above 0 and a reason"},
        {"case a\ntolerance 1e-9\nend\n",
         "bad:2: a tolerance or a scale wants a number above 0 and a reason"},
        {"case a\nonly f16\nend\n", "bad:2: \"only\" is no line of a case"},
        {"case a\nend\n", "bad:2: case \"a\" has no call or no output"},
        {"case a\nleaf x f64 [] 1\ndo y neg x\nout f64 [] 1\ngrad x 1\nend\n",
         "bad:6: case \"a\": leaf x has a gradient without a cotangent, or half of a second order"},
        {"case a\nleaf x f64 [] 1\n", "bad:2: case \"a\" has no end"},
    };
    static oracle_case c;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        wg_message why = {""};
        oracle_reader *r = oracle_open_text("bad", bad[i].text, &why);
        assert_non_null(r);
        assert_int_equal(oracle_next(r, &c, &why), -1);
        assert_string_equal(why.text, bad[i].message);
        oracle_close(r);
    }
    wg_message why = {""};
    assert_null(oracle_open("oracle/no such file", &why));
    assert_string_equal(why.text, "oracle/no such file: cannot be read");
}

static void a_good_file_is_read_whole(void **state)
{
    (void)state;
    static oracle_case c;
    wg_message why = {""};
    oracle_reader *r = oracle_open_text("good",
                                        "# note\r\n\ncase a/b c\nonly f64\neach\nscale 2 why\nleaf "
                                        "x f64 [2 1] 1 -inf\nleaf i i32 [] 3\ndo y neg x\n"
                                        "out f64 [0]\ncot\ngrad x nan 0x1p-3\nend\n",
                                        &why);
    assert_int_equal(oracle_next(r, &c, &why), 1);
    assert_string_equal(c.name, "a/b c");
    assert_true(c.only_f64 && c.each && c.scale == 2 && c.leaves == 2 && c.steps == 1
                && c.line == 3);
    assert_true(wg_shape_equal(c.leaf[0].shape, WG_SHAPE(2, 1))
                && c.leaf[0].value[1] == -(double)INFINITY);
    assert_true(isnan(c.leaf[0].grad[0]) && c.leaf[0].grad[1] == 0.125);
    assert_true(c.leaf[1].dtype == WG_I32 && c.leaf[1].shape.rank == 0 && c.leaf[1].value[0] == 3
                && !c.leaf[1].grad);
    assert_string_equal(c.step[0].call, "neg x");
    assert_int_equal(c.count, 0);
    assert_int_equal(oracle_next(r, &c, &why), 0);
    oracle_close(r);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        cases_path = argv[1];
    if (argc > 2)
        only_case = argv[2];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_files_are_refused_with_their_line),
        cmocka_unit_test(a_good_file_is_read_whole),
        cmocka_unit_test(every_function_in_the_headers_is_in_the_table),
        cmocka_unit_test(every_record_has_a_case),
        cmocka_unit_test(values_and_gradients_agree_in_f64),
        cmocka_unit_test(values_and_gradients_agree_in_f32),
    };
    return cmocka_run_group_tests_name("oracle", tests, NULL, NULL);
}
