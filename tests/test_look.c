/* Drawings of tapes: what is in them, what may stand in a label, and that Graphviz takes them.
 * labels: valgrind
 * wraps: malloc calloc realloc aligned_alloc free */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <wengert.h>

#include <cmocka.h>

#include "support/dot_text.h"
#include "support/failing_alloc.h"

static void has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("wanted %s in\n%s", part, text);
}

static void lacks(const char *text, const char *part)
{
    if (strstr(text, part))
        fail_msg("wanted no %s in\n%s", part, text);
}

static const char *drawing(int n, wg_tensor *const *outputs)
{
    return dot_text(n, outputs, NULL);
}

static void shows_a_training_step(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F32);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(5, 3)), *g;
    wg_tensor *w = wg_param(t, "W", WG_SHAPE(3, 2), wg_init_zeros());
    wg_tensor *k = wg_input_as(t, "labels", WG_I32, WG_SHAPE(5));
    wg_tensor *c = wg_constant(t, WG_SHAPE(2), (double[]){0.25, 4});
    wg_tensor *unused = wg_label(wg_exp(x), "nobody wants this");
    wg_tensor *a = wg_sigmoid(wg_add(wg_matmul(x, w), c));
    wg_tensor *cost = wg_label(wg_mse(a, wg_one_hot(k, 2)), "C");
    assert_int_equal(wg_grad(cost, 1, &w, &g), WG_OK);
    wg_tensor *out[] = {cost, wg_assign(w, wg_sub(w, wg_mul_scalar(g, 0.125)))};
    const char *text = drawing(2, out);
    has(text, "label=\"x\\n[5, 3]\"");
    has(text, "label=\"W\\n[3, 2]\"");
    has(text, "label=\"labels\\ni32 [5]\"");
    has(text, "label=\"matmul\\n[5, 2]\"");
    has(text, "label=\"C\\n");
    has(text, "label=\"0.125\\n[3, 2]\""); /* a number in place of "full" */
    has(text, "tooltip=\"adjoint ");
    has(text, "peripheries=2");
    lacks(text, "nobody");
    lacks(text, "label=\"full");
    /* what is not alike does not look alike */
    has(text, "shape=parallelogram");
    has(text, "shape=box3d");
    has(text, "shape=note");
    has(text, "shape=ellipse, fillcolor=\"#cfe2f3\"");
    has(text, "shape=ellipse, fillcolor=\"#f4cccc\"");
    char edge[64];
    snprintf(edge, sizeof edge, "n%lld -> n%lld", (long long)wg_index_of(x),
             (long long)wg_index_of(x));
    lacks(text, edge);
    assert_non_null(unused);
    assert_null(wg_error(t));
    dot_takes(text);
    wg_tape_free(t);
}

static void any_text_may_be_a_label(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_input(t, "\"; } <b>\\n &amp; -> {|}", WG_SHAPE(2));
    wg_tensor *y = wg_label(wg_neg(x), "two\nlines \xC3\xA9 \xFF\xC3z\x01 \xED\xA0\x80\xF0\x80 \\");
    const char *text = drawing(1, &y);
    has(text, "label=\"\\\"; } <b>\\\\n &amp;amp; -> {|}\\n[2]\"");
    has(text, "label=\"two\\nlines \xC3\xA9 ??z? ????? \\\\\\nneg\\n[2]\"");
    dot_takes(text);
    wg_tape_free(t);
}

static void an_input_used_twice_has_two_edges(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE()), *y = wg_mul(x, x);
    const char *text = drawing(1, &y);
    has(text, "n0 -> n1 [headlabel=\"1\"];");
    has(text, "n0 -> n1 [headlabel=\"2\"];");
    wg_tape_free(t);
}

static void operands_are_told_apart(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *a = wg_input(t, "a", WG_SHAPE()), *b = wg_input(t, "b", WG_SHAPE());
    wg_tensor *y = wg_neg(wg_sub(b, a)), *g;
    const char *text = drawing(1, &y);
    has(text, "n1 -> n2 [headlabel=\"1\"];");
    has(text, "n0 -> n2 [headlabel=\"2\"];");
    has(text, "n2 -> n3;"); /* the only one */
    y = wg_div(a, b);
    assert_int_equal(wg_grad(y, 1, &b, &g), WG_OK);
    has(drawing(1, &g), " [headlabel=\"2\", color=\"#cc4125\"];");
    wg_tape_free(t);
}

/* Of each colour that is drawn, in the picture and not in a comment of the file. */
static void has_a_legend(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE());
    const char *text = drawing(1, &x);
    has(text, "<td bgcolor=\"#d9ead3\">input</td>");
    has(text, "<td bgcolor=\"#ffe599\">parameter</td>");
    has(text, "<td bgcolor=\"#eeeeee\">constant</td>");
    has(text, "<td bgcolor=\"#cfe2f3\">op</td>");
    has(text, "<td bgcolor=\"#f4cccc\">op of a derivative</td>");
    lacks(text, "//");
    dot_takes(text);
    wg_tape_free(t);
}

static void deep_chains_need_no_stack(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *y = wg_input(t, "x", WG_SHAPE());
    for (int i = 0; i < 200000; i++)
        y = wg_neg(y);
    FILE *f = fopen("/dev/null", "w");
    assert_non_null(f);
    assert_int_equal(wg_write_dot(1, &y, f), WG_OK);
    fclose(f);
    wg_tape_free(t);
}

/* The tape keeps this, and forgets it here. */
static void says(wg_tape *t, const char *why)
{
    assert_non_null(wg_error(t));
    assert_string_equal(wg_error(t), why);
    wg_clear_error(t);
}

static void bad_calls_are_refused(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64), *other = wg_tape_new(WG_F64);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE()), *z = wg_input(other, "z", WG_SHAPE());
    FILE *f = tmpfile();
    assert_int_equal(wg_write_dot(0, &x, f), WG_ERR_ARGUMENT);
    assert_int_equal(wg_write_dot(1, NULL, f), WG_ERR_ARGUMENT);
    assert_int_equal(wg_write_dot(1, (wg_tensor *[]){NULL}, f), WG_ERR_ARGUMENT);
    assert_null(wg_error(t)); /* no tensor, so no tape to say it on */
    assert_int_equal(wg_write_dot(1, &x, NULL), WG_ERR_ARGUMENT);
    says(t, "write_dot: wants a file, got NULL");
    assert_int_equal(wg_write_dot(2, (wg_tensor *[]){x, z}, f), WG_ERR_ARGUMENT);
    says(t, "write_dot: wants outputs of one tape");
    assert_int_equal(wg_write_dot(2, (wg_tensor *[]){x, NULL}, f), WG_ERR_ARGUMENT);
    says(t, "write_dot: wants outputs, got NULL");
    fclose(f);
    f = fopen("/dev/full", "w");
    if (f) {
        assert_int_equal(wg_write_dot(1, &x, f), WG_ERR_IO);
        assert_int_equal(wg_error_status(t), WG_ERR_IO);
        says(t, "write_dot: the file cannot be written to");
        fclose(f);
    }
    wg_tape_free(t);
    wg_tape_free(other);
}

static void out_of_memory_is_a_status(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_neg(wg_input(t, "x", WG_SHAPE()));
    FILE *f = fopen("/dev/null", "w");
    assert_non_null(f);
    int64_t live = failing_live();
    failing_arm(FAIL_ONCE, 0);
    wg_status s = wg_write_dot(1, &x, f);
    failing_disarm();
    assert_int_equal(s, WG_ERR_MEMORY);
    assert_int_equal(failing_live(), live);
    assert_int_equal(wg_write_dot(1, &x, f), WG_OK);
    fclose(f);
    wg_tape_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_a_training_step),
        cmocka_unit_test(any_text_may_be_a_label),
        cmocka_unit_test(an_input_used_twice_has_two_edges),
        cmocka_unit_test(operands_are_told_apart),
        cmocka_unit_test(has_a_legend),
        cmocka_unit_test(deep_chains_need_no_stack),
        cmocka_unit_test(bad_calls_are_refused),
        cmocka_unit_test(out_of_memory_is_a_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
