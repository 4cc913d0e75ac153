/* Programs found again: a step that is recorded anew is looked up by its structure.  What is found
 * gives the same bits as what is compiled, and what differs in anything is not found.
 * labels: valgrind
 * wraps: malloc calloc realloc aligned_alloc free */
#define _DEFAULT_SOURCE /* setenv */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wengert.h>

#include "kernels/isa.h"
#include "support/failing_alloc.h"

/* ---- a training step ---- */

enum { ROWS = 6, WIDE = 5, HIDDEN = 4, CLASSES = 3, PARAMS = 4, OUTPUTS = PARAMS + 1 };

typedef struct model {
    wg_tape *t;
    wg_tensor *x, *y, *param[PARAMS];
} model;

static model model_new(wg_dtype dtype)
{
    model m = {.t = wg_tape_new(dtype)};
    wg_seed(m.t, 3);
    m.x = wg_input(m.t, "x", WG_SHAPE(ROWS, WIDE));
    m.y = wg_input_as(m.t, "y", WG_I32, WG_SHAPE(ROWS));
    m.param[0] = wg_param(m.t, "w", WG_SHAPE(WIDE, HIDDEN), wg_init_glorot());
    m.param[1] = wg_param(m.t, "b", WG_SHAPE(HIDDEN), wg_init_zeros());
    m.param[2] = wg_param(m.t, "v", WG_SHAPE(HIDDEN, CLASSES), wg_init_glorot());
    m.param[3] = wg_param(m.t, "c", WG_SHAPE(CLASSES), wg_init_zeros());
    return m;
}

static void feed(const model *m, int step)
{
    double x[ROWS * WIDE];
    int32_t y[ROWS];
    for (int i = 0; i < ROWS * WIDE; i++)
        x[i] = sin(i + 7 * step);
    for (int i = 0; i < ROWS; i++)
        y[i] = (i + step) % CLASSES;
    assert_int_equal(wg_set_f64(m->x, x), WG_OK);
    assert_int_equal(wg_set_i32(m->y, y), WG_OK);
}

/* With dropout, a constant of the step's own, gradients and assignments. */
static void record(const model *m, double weight, wg_tensor *out[OUTPUTS])
{
    double scale[HIDDEN];
    for (int i = 0; i < HIDDEN; i++)
        scale[i] = weight + i;
    wg_tensor *h = wg_tanh(wg_add(wg_matmul(m->x, m->param[0]), m->param[1]));
    h = wg_dropout(wg_mul(h, wg_constant(m->t, WG_SHAPE(HIDDEN), scale)), 0.3);
    wg_tensor *logits = wg_add(wg_matmul(h, m->param[2]), m->param[3]), *g[PARAMS];
    out[0] = wg_label(wg_cross_entropy(logits, m->y), "cost");
    assert_int_equal(wg_grad(out[0], PARAMS, m->param, g), WG_OK);
    for (int i = 0; i < PARAMS; i++)
        out[i + 1] = wg_assign(m->param[i], wg_sub(m->param[i], wg_mul_scalar(g[i], 0.1)));
}

static void same_params(const model *a, const model *b)
{
    for (int i = 0; i < PARAMS; i++) {
        size_t bytes = (size_t)wg_count_of(a->param[i]) * wg_dtype_size(wg_dtype_of(a->param[i]));
        assert_memory_equal(wg_eval(a->param[i]), wg_eval(b->param[i]), bytes);
    }
}

/* Steps recorded anew beside steps that are compiled on a tape that keeps no program:
 * one made for each step. */
static void steps_recorded_anew_give_the_same_bits(void **state)
{
    (void)state;
    model again = model_new(WG_F32);
    wg_mark mark = wg_tape_mark(again.t);
    enum { STEPS = 20 };
    double cost[STEPS];
    for (int k = 0; k < STEPS; k++) {
        wg_tensor *out[OUTPUTS];
        feed(&again, k);
        record(&again, k % 5, out);
        wg_program *p = wg_compile(OUTPUTS, out);
        assert_null(wg_output(p, 0));
        assert_int_equal(wg_run(p), WG_OK);
        assert_int_equal(wg_stats(p).found, k);
        cost[k] = wg_item(out[0]);
        assert_true(cost[k] == (double)*(const float *)wg_output(p, 0));
        if (k % 2) { /* in either order */
            wg_program_free(p);
            wg_tape_rewind(again.t, mark);
        } else {
            wg_tape_rewind(again.t, mark);
            wg_program_free(p);
        }
    }
    model once = model_new(WG_F32);
    mark = wg_tape_mark(once.t);
    wg_program *kept[STEPS]; /* in use, so that none is found again */
    for (int k = 0; k < STEPS; k++) {
        wg_tensor *out[OUTPUTS];
        feed(&once, k);
        record(&once, k % 5, out);
        kept[k] = wg_compile(OUTPUTS, out);
        assert_int_equal(wg_run(kept[k]), WG_OK);
        assert_int_equal(wg_stats(kept[k]).found, 0);
        assert_true(wg_item(out[0]) == cost[k]);
        wg_tape_rewind(once.t, mark);
    }
    same_params(&again, &once);
    assert_null(wg_error(again.t));
    assert_null(wg_error(once.t));
    wg_tape_free(again.t);
    wg_tape_free(once.t);
}

/* ---- what differs is not found ---- */

typedef struct difference {
    wg_tape *t;
    wg_tensor *a, *b, *square, *ints;
} difference;

/* The k-th of graphs that differ from the others in one thing each; the outputs' number in *n. */
static void vary(const difference *d, int k, wg_tensor *out[2], int *n, wg_compile_options *o)
{
    wg_tensor *a = d->a, *b = d->b;
    double values[] = {1, 2, 3, 4, 5, 6};
    *n = 1;
    *o = (wg_compile_options){0};
    switch (k) {
    case 0: out[0] = wg_sub(wg_exp(a), b); break;
    case 1: out[0] = wg_add(wg_exp(a), b); break;
    case 2: out[0] = wg_sub(b, wg_exp(a)); break;
    case 3: out[0] = wg_sub(wg_exp(b), a); break;
    case 4: out[0] = wg_sub(wg_exp(a), a); break;
    case 5: out[0] = wg_clamp(a, 0, 1); break;
    case 6: out[0] = wg_clamp(a, 0, 2); break;
    case 7: out[0] = wg_mul_scalar(a, 2); break;
    case 8: out[0] = wg_mul_scalar(a, 3); break;
    case 9: out[0] = wg_reshape(a, WG_SHAPE(3, 2)); break;
    case 10: out[0] = wg_reshape(a, WG_SHAPE(6)); break;
    case 11: out[0] = wg_sum_axes(a, WG_AXES(0), false); break;
    case 12: out[0] = wg_sum_axes(a, WG_AXES(0), true); break;
    case 13: out[0] = wg_sum_axes(a, WG_AXES(1), false); break;
    case 14: out[0] = wg_exp(a), out[1] = wg_sin(a), *n = 2; break;
    case 15: out[1] = wg_exp(a), out[0] = wg_sin(a), *n = 2; break;
    case 16: wg_exp(a), out[0] = wg_sin(a); break;
    case 17: out[0] = wg_sub(wg_exp(a), b), o->skip = WG_PASS_FUSE; break;
    case 18: out[0] = wg_sub(wg_exp(a), b), o->threads = 2; break;
    case 19: out[0] = wg_uniform(d->t, WG_SHAPE(6), 0, 1); break;
    case 20:
        wg_uniform(d->t, WG_SHAPE(6), 0, 1), out[0] = wg_uniform(d->t, WG_SHAPE(6), 0, 1);
        break;
    case 21: out[0] = wg_exp(wg_full(d->t, WG_SHAPE(6), 1)); break;
    case 22: out[0] = wg_exp(wg_constant(d->t, WG_SHAPE(6), values)); break;
    case 23: out[0] = wg_exp(wg_cast(d->ints, WG_F32)); break;
    case 24: out[0] = wg_cast(wg_exp(wg_cast(d->ints, WG_F64)), WG_F32); break;
    case 25: out[0] = wg_matmul(d->square, d->square); break;
    case 26: out[0] = wg_matmul(d->square, wg_transpose(d->square)); break;
    case 27: out[0] = wg_concat(2, (wg_tensor *[]){a, b}, 0); break;
    case 28: out[0] = wg_concat(3, (wg_tensor *[]){a, b, a}, 0); break;
    case 29: out[0] = wg_label(wg_sub(wg_exp(a), b), "named"); break;
    case 30: out[0] = wg_sub(wg_exp(a), b), o->profile = true; break;
    case 31: out[0] = wg_sub(wg_exp(a), b), o->memory = 1 << 20; break;
    case 32: out[0] = wg_sub(wg_checkpoint(wg_exp(wg_sin(a)), 1, &a), b); break;
    case 33: out[0] = wg_sub(wg_checkpoint(wg_exp(wg_sin(a)), 0, NULL), b); break;
    default: out[0] = NULL;
    }
}

static difference difference_new(void)
{
    static const float a[] = {0.1f, -1, 2.5f, 0.3f, 1.25f, -0.5f}, b[] = {1, 2, 3, 4, 5, 6};
    static const int32_t i[] = {1, -2, 3, 0, 2, 1};
    difference d = {.t = wg_tape_new(WG_F32)};
    d.a = wg_input(d.t, "a", WG_SHAPE(2, 3));
    d.b = wg_input(d.t, "b", WG_SHAPE(2, 3));
    d.square = wg_input(d.t, "square", WG_SHAPE(2, 2));
    d.ints = wg_input_as(d.t, "ints", WG_I32, WG_SHAPE(6));
    wg_set_f32(d.a, a);
    wg_set_f32(d.b, b);
    wg_set_f32(d.square, a);
    wg_set_i32(d.ints, i);
    return d;
}

static void values_of(const wg_program *p, int n, wg_tensor *const *out, float v[2][32])
{
    for (int i = 0; i < n; i++)
        memcpy(v[i], wg_output(p, i), (size_t)wg_count_of(out[i]) * sizeof(float));
}

static void what_differs_in_one_thing_is_not_found(void **state)
{
    (void)state;
    difference all = difference_new();
    wg_mark mark = wg_tape_mark(all.t);
    for (int round = 0; round < 2; round++)
        for (int k = 0;; k++) {
            difference alone = difference_new();
            wg_tensor *out[2], *other[2];
            float got[2][32] = {{0}}, wants[2][32] = {{0}};
            int n;
            wg_compile_options o;
            vary(&all, k, out, &n, &o);
            vary(&alone, k, other, &n, &o);
            if (!out[0]) {
                wg_tape_free(alone.t);
                break;
            }
            wg_program *p = wg_compile_with(n, out, &o), *q = wg_compile_with(n, other, &o);
            wg_set_run_counter(all.t, 5);
            wg_set_run_counter(alone.t, 5);
            assert_int_equal(wg_run(p), WG_OK);
            assert_int_equal(wg_run(q), WG_OK);
            if (wg_stats(p).found != round)
                fail_msg("graph %d was found %d times, not %d", k, (int)wg_stats(p).found, round);
            values_of(p, n, out, got);
            values_of(q, n, other, wants);
            if (memcmp(got, wants, sizeof got) != 0)
                fail_msg("graph %d gives other values on a tape of many", k);
            wg_program_free(p);
            wg_tape_rewind(all.t, mark);
            wg_tape_free(alone.t);
        }
    wg_tape_free(all.t);
}

/* The instruction set is chosen when a program is compiled,
 * and a program found is one compiled for the same. */
static void another_instruction_set_is_not_found(void **state)
{
    (void)state;
    difference d = difference_new();
    wg_tensor *y = wg_exp(d.a);
    const char *before = getenv("WENGERT_ISA");
    setenv("WENGERT_ISA", "baseline", 1);
    wg_program_free(wg_compile(1, &y));
    wg_program *p = wg_compile(1, &y);
    assert_int_equal(wg_stats(p).found, 1);
    wg_program_free(p);
    unsetenv("WENGERT_ISA");
    p = wg_compile(1, &y);
    assert_int_equal(wg_stats(p).found, wg_isa() == WG_ISA_BASELINE ? 2 : 0);
    if (before)
        setenv("WENGERT_ISA", before, 1);
    else
        unsetenv("WENGERT_ISA");
    wg_tape_free(d.t);
}

/* ---- leaves ---- */

/* Inputs, parameters and constants that were recorded after the mark are other leaves each
 * time. */
static void leaves_of_the_step_take_their_places(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *fixed = wg_param(t, "fixed", WG_SHAPE(), wg_init_constant(10));
    wg_mark mark = wg_tape_mark(t);
    double bound[2];
    for (int k = 0; k < 6; k++) {
        double v[] = {k, 1}, sum;
        if (k % 3 == 2) /* moves all that comes after it */
            wg_constant(t, WG_SHAPE(100), (double[100]){0});
        wg_tensor *x = wg_input(t, "x", WG_SHAPE(2)),
                  *w = wg_param(t, "w", WG_SHAPE(2), wg_init_constant(k + 1));
        wg_tensor *c = wg_constant(t, WG_SHAPE(2), (double[]){100 * k, 3});
        wg_tensor *y = wg_sum(wg_add(wg_mul(x, w), wg_mul(c, fixed)));
        wg_tensor *out[] = {y, wg_assign(w, wg_mul_scalar(w, 2))};
        wg_program *p = wg_compile(2, out);
        assert_int_equal(wg_stats(p).found, k);
        assert_int_equal(wg_run(p),
                         WG_ERR_ARGUMENT); /* x has no value yet, whatever the last x had */
        assert_non_null(strstr(wg_program_error(p), "\"x\""));
        wg_clear_error(t);
        if (k % 2) {
            bound[0] = v[0], bound[1] = v[1];
            wg_bind(x, bound);
        } else {
            wg_set_f64(x, v);
        }
        assert_int_equal(wg_run(p), WG_OK);
        sum = (k + 1) * (k + 1) + 10 * (100 * k + 3);
        assert_true(wg_item(y) == sum);
        assert_true(((const double *)wg_eval(w))[1] == 2 * (k + 1));
        assert_true(((const double *)wg_output(p, 1))[0] == 2 * (k + 1));
        wg_tape_rewind(t, mark);
        assert_int_equal(wg_run(p), WG_ERR_ARGUMENT); /* its leaves are gone */
        wg_clear_error(t);
        wg_program_free(p);
    }
    wg_tape_free(t);
}

/* A constant's values are no part of the structure:
 * another one, recorded long before, takes the place of the first. */
static void another_constant_has_its_own_values(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *c[2];
    for (int i = 0; i < 2; i++)
        c[i] = wg_constant(t, WG_SHAPE(2), (double[]){i + 1, i + 2});
    wg_mark mark = wg_tape_mark(t);
    for (int k = 0; k < 4; k++) {
        wg_tensor *y = wg_sum(wg_square(c[k % 2]));
        wg_program *p = wg_compile(1, &y);
        assert_int_equal(wg_stats(p).found, k);
        assert_int_equal(wg_run(p), WG_OK);
        assert_true(*(const double *)wg_output(p, 0) == (k % 2 ? 13 : 5));
        wg_program_free(p);
        wg_tape_rewind(t, mark);
    }
    wg_tape_free(t);
}

/* ---- programs in use ---- */

static void a_program_in_use_is_nobody_elses(void **state)
{
    (void)state;
    difference d = difference_new();
    wg_tensor *y = wg_sum(wg_exp(d.a)), *same = wg_sum(wg_exp(d.a));
    wg_program *p = wg_compile(1, &y), *q = wg_compile(1, &same);
    float other[6] = {1, 1, 1, 1, 1, 1};
    assert_ptr_not_equal(p, q);
    assert_int_equal(wg_run(p), WG_OK);
    const float *left = wg_output(p, 0), before = *left;
    wg_set_f32(d.a, other);
    assert_int_equal(wg_run(q), WG_OK);
    assert_true(*left == before);
    assert_true(*(const float *)wg_output(q, 0) != before);
    wg_program_free(p);
    p = wg_compile(1, &y);
    assert_int_equal(wg_stats(p).found, 1);
    assert_null(wg_output(p, 0)); /* what it computed for others is not told */
    assert_true(wg_item(y) == wg_item(same));
    wg_tape_free(d.t);
}

/* Values that a step's control flow depends on are read by private programs,
 * which are found again, too. */
static void values_read_while_recording(void **state)
{
    (void)state;
    difference d = difference_new();
    wg_mark mark = wg_tape_mark(d.t);
    int64_t blocks = 0;
    for (int k = 0; k < 60; k++) {
        float a[6] = {(float)(k % 3), 0, 0, 0, 0, 0};
        wg_set_f32(d.a, a);
        wg_tensor *y = wg_sum(d.a);
        int turns = 0;
        while (wg_item(y) < 20) {
            y = wg_add_scalar(wg_mul_scalar(y, 2), 1);
            turns++;
        }
        assert_int_equal(turns, k % 3 == 0 ? 5 : k % 3 == 1 ? 4 : 3);
        wg_tape_rewind(d.t, mark);
        if (k == 29)
            blocks = failing_live();
    }
    assert_int_equal(failing_live(), blocks);
    assert_null(wg_error(d.t));
    wg_tape_free(d.t);
}

/* ---- messages ---- */

/* A program that is found again tells the places where its nodes stand now. */
static void messages_number_the_nodes_of_the_latest_recording(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F32);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(3)), *i = wg_input_as(t, "i", WG_I32, WG_SHAPE(1));
    wg_set_f32(x, (float[]){1, 2, 3});
    wg_set_i32(i, (int32_t[]){7});
    wg_mark mark = wg_tape_mark(t);
    for (int k = 0; k < 3; k++) {
        for (int dead = 0; dead < k; dead++)
            wg_exp(x);
        wg_tensor *y = wg_exp(wg_take(wg_sin(x), i, 0));
        char number[24];
        snprintf(number, sizeof number, "take#%d", 3 + k);
        wg_program *p = wg_compile(1, &y);
        assert_int_equal(wg_stats(p).found, k);
        assert_int_equal(wg_run(p), WG_ERR_DATA);
        assert_non_null(strstr(wg_program_error(p), number));
        wg_program_free(p);
        wg_tape_rewind(t, mark);
    }
    wg_tape_free(t);
}

/* ---- bounds ---- */

static void ten_thousand_steps_take_no_more_memory_than_ten(void **state)
{
    (void)state;
    model m = model_new(WG_F32);
    wg_mark mark = wg_tape_mark(m.t);
    int64_t blocks = 0, bytes = 0;
    feed(&m, 0);
    for (int k = 0; k < 10000; k++) {
        wg_tensor *out[OUTPUTS];
        record(&m, k, out);
        wg_program *p = wg_compile(OUTPUTS, out);
        assert_int_equal(wg_run(p), WG_OK);
        wg_program_free(p);
        wg_tape_rewind(m.t, mark);
        if (k == 10) {
            blocks = failing_live();
            bytes = failing_live_bytes();
        }
    }
    assert_int_equal(failing_live(), blocks);
    assert_int_equal(failing_live_bytes(), bytes);
    wg_tape_free(m.t);
}

/* Structures that never come again: as many programs are kept as are allowed. */
static void programs_kept_are_bounded_in_number(void **state)
{
    (void)state;
    difference d = difference_new();
    wg_mark mark = wg_tape_mark(d.t);
    int64_t blocks = 0;
    for (int k = 0; k < 300; k++) {
        wg_tensor *y = wg_mul_scalar(d.a, k);
        wg_program_free(wg_compile(1, &y));
        wg_tape_rewind(d.t, mark);
        if (k == 100)
            blocks = failing_live();
    }
    assert_int_equal(failing_live(), blocks);
    for (int k = 0; k < 2; k++) { /* the last is still there, the first is gone */
        wg_tensor *y = wg_mul_scalar(d.a, k ? 0 : 299);
        wg_program *p = wg_compile(1, &y);
        assert_int_equal(wg_stats(p).found, k ? 0 : 1);
        wg_program_free(p);
    }
    wg_tape_free(d.t);
}

/* Nobody who frees a large program finds its memory still taken. */
static void programs_kept_are_bounded_in_bytes(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE());
    int64_t before = failing_live_bytes(), most = (int64_t)64 << 20;
    for (int k = 1; k <= 12; k++) {
        wg_tensor *y = wg_broadcast_to(x, WG_SHAPE(1000000 * k));
        wg_program *p = wg_compile(1, &y);
        assert_true(failing_live_bytes() >= before + 8000000 * k);
        wg_program_free(p);
        assert_true(failing_live_bytes() <= before + most + (1 << 20));
    }
    wg_tape_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_recorded_anew_give_the_same_bits),
        cmocka_unit_test(what_differs_in_one_thing_is_not_found),
        cmocka_unit_test(another_instruction_set_is_not_found),
        cmocka_unit_test(leaves_of_the_step_take_their_places),
        cmocka_unit_test(another_constant_has_its_own_values),
        cmocka_unit_test(a_program_in_use_is_nobody_elses),
        cmocka_unit_test(values_read_while_recording),
        cmocka_unit_test(messages_number_the_nodes_of_the_latest_recording),
        cmocka_unit_test(ten_thousand_steps_take_no_more_memory_than_ten),
        cmocka_unit_test(programs_kept_are_bounded_in_number),
        cmocka_unit_test(programs_kept_are_bounded_in_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
