/* Programs: values, effects, binding, passes, NaN tracing: the semantics that users rely on, one
 * by one.  labels: valgrind threads */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <wengert.h>

static wg_program *compile1(wg_tensor *y)
{
    return wg_compile(1, &y);
}

static void a_program_computes_its_outputs(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F32);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(3)), *y = wg_add_scalar(wg_mul(x, x), 1);
    wg_program *p = compile1(y);
    assert_non_null(p);
    assert_null(wg_output(p, 0)); /* never run */
    for (int k = 0; k < 3; k++) {
        wg_set_f32(x, (float[]){1, 2, (float)k});
        assert_int_equal(wg_run(p), WG_OK);
        const float *v = wg_output(p, 0);
        assert_true(v[0] == 2 && v[1] == 5 && v[2] == (float)(k * k + 1));
    }
    assert_null(wg_output(p, 1));
    assert_null(wg_output(p, -1));
    assert_null(wg_program_error(p));
    wg_program_free(p);
    wg_program_free(NULL);
    wg_tape_free(t);
}

static void an_input_without_values_is_told_by_name(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F32);
    wg_tensor *x = wg_input(t, "pixels", WG_SHAPE(3));
    wg_program *p = compile1(wg_exp(x));
    assert_int_equal(wg_run(p), WG_ERR_ARGUMENT);
    assert_string_equal(wg_program_error(p),
                        "run: wants a value for input \"pixels\", which was never set or bound");
    assert_string_equal(wg_error(t), wg_program_error(p));
    wg_clear_error(t);
    assert_true(isnan(wg_item(wg_sum(x))));
    assert_non_null(strstr(wg_error(t), "pixels"));
    wg_set_f32(x, (float[]){0, 0, 0});
    assert_int_equal(wg_run(p), WG_OK);
    assert_null(wg_program_error(p));
    wg_tape_free(t); /* frees the program, too */
}

static void assignments_commit_together_at_the_end(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *a = wg_param(t, "a", WG_SHAPE(2), wg_init_values((double[]){1, 2}));
    wg_tensor *b = wg_param(t, "b", WG_SHAPE(2), wg_init_values((double[]){10, 20}));
    wg_tensor *c = wg_param(t, "c", WG_SHAPE(2), wg_init_constant(5));
    /* a and b change places; c takes a sum; the output a is read from before */
    wg_tensor *out[] = {wg_assign(a, b), wg_assign(b, a), wg_assign(c, wg_add(a, c)), a,
                        wg_mul(a, b)};
    wg_program *p = wg_compile(5, out);
    assert_non_null(p);
    double v[2];
    wg_get_f64(a, v);
    assert_true(v[0] == 1); /* compiling assigns nothing */
    assert_int_equal(wg_run(p), WG_OK);
    wg_get_f64(a, v);
    assert_true(v[0] == 10 && v[1] == 20);
    wg_get_f64(b, v);
    assert_true(v[0] == 1 && v[1] == 2);
    wg_get_f64(c, v);
    assert_true(v[0] == 6 && v[1] == 7);
    const double *was = wg_output(p, 3), *product = wg_output(p, 4);
    assert_true(was[0] == 1 && was[1] == 2);
    assert_true(product[0] == 10 && product[1] == 40);
    wg_get_f64(out[4], v);
    assert_true(v[1] == 40); /* the value that the run gave it, though the run then assigned */
    assert_int_equal(wg_run(p), WG_OK);
    wg_get_f64(c, v);
    assert_true(v[0] == 16 && v[1] == 27);
    wg_tape_free(t);
}

static void each_reads_the_other(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *a = wg_param(t, "a", WG_SHAPE(100), wg_init_constant(3)),
              *b = wg_param(t, "b", WG_SHAPE(100), wg_init_constant(1));
    wg_tensor *out[] = {wg_assign(a, wg_add(a, b)), wg_assign(b, wg_sub(b, a)),
                        wg_sum(wg_mul(a, b))};
    wg_program *p = wg_compile(3, out);
    wg_run(p);
    double v[100];
    wg_get_f64(a, v);
    assert_true(v[0] == 4 && v[99] == 4);
    wg_get_f64(b, v);
    assert_true(v[0] == -2 && v[99] == -2);
    assert_true(wg_item(out[2]) == 300);
    wg_tape_free(t);
}

static void an_update_waits_for_every_reader(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *w = wg_param(t, "w", WG_SHAPE(2, 3), wg_init_values((double[]){1, 2, 3, 4, 5, 6}));
    wg_tensor *update = wg_assign(w, wg_mul_scalar(w, 2));
    wg_tensor *late = wg_matmul(w, wg_transpose(w)); /* recorded after */
    wg_tensor *turned = wg_assign(w, wg_transpose(wg_reshape(w, WG_SHAPE(3, 2))));
    wg_tensor *first[] = {update, late}, *second[] = {turned};
    wg_program *p = wg_compile(2, first), *q = wg_compile(1, second);
    wg_run(p);
    const double *v = wg_output(p, 1);
    assert_true(v[0] == 14 && v[1] == 32 && v[3] == 77);
    double now[6];
    wg_get_f64(w, now);
    assert_true(now[0] == 2 && now[5] == 12);
    wg_run(q); /* reads its own parameter in another order */
    wg_get_f64(w, now);
    const double turned_by_hand[] = {2, 6, 10, 4, 8, 12};
    assert_memory_equal(now, turned_by_hand, sizeof now);
    wg_tape_free(t);
}

/* A step of a dense layer whose rate is an input, w - rate x'g and b - rate sum g: the rate is
 * that of the run, not of the compilation. */
static void a_rate_is_read_when_it_runs(void **state)
{
    (void)state;
    enum { BATCH = 8, IN = 32, OUT = 40 };
    float values[BATCH * (IN + OUT)], found[2][IN * OUT + OUT];
    for (int i = 0; i < BATCH * (IN + OUT); i++)
        values[i] = (float)sin(1.3 * i);
    for (int plain = 0; plain < 2; plain++) {
        wg_tape *t = wg_tape_new(WG_F32);
        wg_tensor *x = wg_input(t, "x", WG_SHAPE(BATCH, IN)),
                  *g = wg_input(t, "g", WG_SHAPE(BATCH, OUT));
        wg_tensor *rate = wg_input(t, "rate", WG_SHAPE());
        wg_tensor *w = wg_param(t, "w", WG_SHAPE(IN, OUT), wg_init_constant(0.7)),
                  *b = wg_param(t, "b", WG_SHAPE(OUT), wg_init_constant(0.2));
        wg_tensor *out[] = {
            wg_assign(w, wg_sub(w, wg_mul(rate, wg_matmul(wg_transpose(x), g)))),
            wg_assign(b, wg_sub(b, wg_mul(rate, wg_sum_axes(g, WG_AXES(0), false))))};
        wg_program *p = wg_compile_with(2, out, &(wg_compile_options){.skip = plain ? ~0u : 0});
        assert_non_null(p);
        wg_set_f32(x, values);
        wg_set_f32(g, values + BATCH * IN);
        for (int run = 1; run <= 3; run++) {
            wg_set_f32(rate, &(float){0.1f * (float)run});
            assert_int_equal(wg_run(p), WG_OK);
        }
        wg_get_f32(w, found[plain]);
        wg_get_f32(b, found[plain] + IN * OUT);
        wg_tape_free(t);
    }
    assert_memory_equal(found[0], found[1], sizeof found[0]);
    assert_true(found[0][0] != 0.7f && found[0][IN * OUT] != 0.2f);
}

static void two_assignments_to_one_leaf_are_refused(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *a = wg_param(t, "a", WG_SHAPE(2), wg_init_zeros()),
              *x = wg_input(t, "x", WG_SHAPE(2));
    wg_tensor *out[] = {wg_assign(a, wg_exp(a)), wg_assign(a, wg_sin(a))};
    assert_null(wg_compile(2, out));
    assert_string_equal(
        wg_error(t), "compile: wants one assignment to a parameter, got outputs 0 and 1 to \"a\"");
    wg_clear_error(t);
    wg_tensor *twice[] = {out[0], out[0]};
    wg_program *p = wg_compile(2, twice); /* one assignment, listed twice */
    assert_non_null(p);
    wg_run(p);
    double v[2];
    wg_get_f64(a, v);
    assert_true(v[0] == 1);
    assert_null(wg_assign(x, a));
    assert_non_null(
        strstr(wg_error(t), "assign: wants a parameter and a value, got \"x\" [2] x \"a\" "));
    wg_clear_error(t);
    assert_null(wg_assign(a, wg_sum(a)));
    assert_non_null(
        strstr(wg_error(t), "assign: wants a value of the parameter's shape and dtype"));
    wg_clear_error(t);
    wg_tensor *none[] = {a, NULL};
    assert_null(wg_compile(2, none));
    assert_non_null(wg_error(t));
    assert_null(wg_compile(0, none));
    assert_int_equal(wg_run(NULL), WG_ERR_ARGUMENT);
    wg_tape_free(t);
}

static void assignments_happen_only_where_listed(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *a = wg_param(t, "a", WG_SHAPE(), wg_init_constant(2));
    wg_tensor *set = wg_assign(a, wg_mul_scalar(a, 3)), *user = wg_add_scalar(set, 1);
    assert_true(wg_item(user) == 7);
    assert_true(wg_item(set) == 6);
    assert_true(wg_item(a) == 2);
    wg_program *p = compile1(user);
    wg_run(p);
    assert_true(wg_item(a) == 2);
    wg_tensor *out[] = {user, set};
    wg_program *q = wg_compile(2, out);
    wg_run(q);
    assert_true(wg_item(a) == 6);
    assert_true(*(const double *)wg_output(q, 0) == 7);
    assert_true(*(const double *)wg_output(q, 1) == 6);
    wg_tape_free(t);
}

static void a_failed_run_assigns_nothing(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *a = wg_param(t, "a", WG_SHAPE(4), wg_init_constant(1)),
              *b = wg_param(t, "b", WG_SHAPE(4), wg_init_constant(1));
    wg_tensor *i = wg_input_as(t, "i", WG_I32, WG_SHAPE(2));
    wg_tensor *out[] = {wg_assign(a, wg_mul_scalar(a, 2)), wg_assign(b, wg_exp(wg_neg(b))),
                        wg_take(a, i, 0)};
    wg_program *p = wg_compile(3, out);
    double v[4];
    wg_set_i32(i, (int32_t[]){0, 4});
    assert_int_equal(wg_run(p), WG_ERR_DATA);
    assert_non_null(strstr(wg_program_error(p), "4"));
    assert_non_null(strstr(wg_error(t), "take"));
    wg_get_f64(a, v);
    assert_true(v[0] == 1);
    wg_get_f64(b, v);
    assert_true(v[0] == 1);
    assert_null(wg_output(p, 0));
    wg_clear_error(t);
    wg_set_i32(i, (int32_t[]){0, 3});
    assert_int_equal(wg_run(p), WG_OK);
    wg_get_f64(a, v);
    assert_true(v[0] == 2);
    assert_null(wg_program_error(p));
    wg_tape_free(t);
}

static void values_are_as_the_last_run_left_them(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE()), *z = wg_input(t, "z", WG_SHAPE());
    wg_tensor *w = wg_param(t, "w", WG_SHAPE(), wg_init_constant(1));
    wg_tensor *y = wg_mul(x, w), *step[] = {y, wg_assign(w, wg_add_scalar(w, 1))};
    wg_program *p = wg_compile(2, step);
    wg_set_f64(x, &(double){10});
    wg_set_f64(z, &(double){0});
    assert_true(wg_item(y) == 10); /* never run: worked out */
    assert_true(wg_item(w) == 1);
    wg_run(p);
    assert_true(wg_item(w) == 2);
    assert_true(wg_item(y) == 10); /* as the run left it, though w has changed */
    wg_set_f64(z, &(double){5});
    assert_true(wg_item(y) == 10); /* z is not below y */
    wg_set_f64(x, &(double){100});
    assert_true(wg_item(y) == 200); /* x was set since: worked out with the w of now */
    assert_true(*(const double *)wg_output(p, 0) == 10);
    assert_true(wg_item(w) == 2); /* and nothing was assigned */
    wg_run(p);
    assert_true(wg_item(y) == 200 && wg_item(w) == 3);
    wg_tensor *unlisted = wg_square(w);
    assert_true(wg_item(unlisted) == 9);
    wg_run(p);
    assert_true(wg_item(unlisted) == 16); /* never an output: follows the parameters */
    wg_tape_free(t);
}

static void the_latest_of_several_programs_counts(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *w = wg_param(t, "w", WG_SHAPE(), wg_init_constant(1)), *y = wg_mul_scalar(w, 10);
    wg_tensor *step[] = {y, wg_assign(w, wg_add_scalar(w, 1))};
    wg_program *p = wg_compile(2, step), *q = compile1(y);
    wg_run(q);
    wg_run(p);
    assert_true(wg_item(y) == 10);
    wg_run(q);
    assert_true(wg_item(y) == 20);
    wg_run(p);
    wg_run(p);
    assert_true(wg_item(y) == 30);
    wg_program_free(p);
    assert_true(wg_item(y) == 20); /* what q left */
    wg_program_free(q);
    assert_true(wg_item(y) == 40);
    wg_tape_free(t);
}

static void bound_memory_is_read_where_it_lies(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F32);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(3)), *y = wg_mul_scalar(x, 2);
    wg_program *p = compile1(y);
    float one[3] = {1, 2, 3}, two[3] = {4, 5, 6};
    assert_int_equal(wg_bind(x, one), WG_OK);
    wg_run(p);
    assert_true(((const float *)wg_output(p, 0))[2] == 6);
    one[2] = 50;
    wg_run(p);
    assert_true(((const float *)wg_output(p, 0))[2] == 100);
    wg_bind(x, two);
    wg_run(p);
    assert_true(((const float *)wg_output(p, 0))[2] == 12);
    assert_int_equal(wg_set_f32(x, (float[]){7, 8, 9}), WG_OK); /* writes where the input lies */
    assert_true(two[0] == 7);
    wg_bind(x, NULL);
    assert_int_equal(wg_run(p), WG_ERR_ARGUMENT);
    wg_clear_error(t);
    wg_set_f32(x, (float[]){1, 1, 1});
    wg_run(p);
    assert_true(((const float *)wg_output(p, 0))[0] == 2 && two[0] == 7);
    assert_int_equal(wg_bind(y, one), WG_ERR_ARGUMENT);
    wg_clear_error(t);
    assert_int_equal(wg_bind(x, (char *)one + 1), WG_ERR_ARGUMENT);
    wg_tape_free(t);
}

static void random_numbers_are_new_each_run(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_seed(t, 5);
    wg_tensor *r = wg_uniform(t, WG_SHAPE(4), 0, 1), *s = wg_uniform(t, WG_SHAPE(4), 0, 1);
    wg_tensor *out[] = {wg_sub(r, r), wg_add(r, s), r, s};
    wg_program *p = wg_compile(4, out);
    double first[4], second[4], v[4], w[4];
    wg_get_f64(r, v);
    wg_get_f64(r, w);
    assert_memory_equal(v, w, sizeof v); /* reading draws nothing new */
    assert_int_equal(wg_run_counter(t), 0);
    wg_run(p);
    wg_get_f64(r, first);
    wg_get_f64(s, w);
    assert_memory_equal(first, wg_output(p, 2), sizeof first);
    assert_memory_not_equal(first, w, sizeof w); /* two draws are never one */
    for (int k = 0; k < 4; k++) {
        /* one draw has one value in a run */
        assert_true(((const double *)wg_output(p, 0))[k] == 0);
        assert_true(((const double *)wg_output(p, 1))[k] == first[k] + w[k]);
    }
    assert_int_equal(wg_run_counter(t), 1);
    wg_run(p);
    wg_get_f64(r, second);
    assert_memory_not_equal(first, second, sizeof first);
    wg_set_run_counter(t, 0); /* the sequence can be taken up anywhere */
    wg_run(p);
    assert_memory_equal(first, wg_output(p, 2), sizeof first);
    wg_seed(t, 5);
    wg_run(p);
    assert_memory_equal(first, wg_output(p, 2), sizeof first);
    wg_seed(t, 6);
    wg_run(p);
    assert_memory_not_equal(first, wg_output(p, 2), sizeof first);
    wg_tape_free(t);
}

static void a_rewound_leaf_stops_its_programs(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *w = wg_param(t, "w", WG_SHAPE(2), wg_init_constant(1));
    wg_mark mark = wg_tape_mark(t);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(2));
    wg_set_f64(x, (double[]){1, 2});
    wg_program *p = compile1(wg_mul(w, x)), *q = compile1(wg_exp(w));
    assert_int_equal(wg_run(p), WG_OK);
    wg_tape_rewind(t, mark);
    for (int k = 0; k < 50; k++)
        wg_sin(w);
    assert_int_equal(wg_run(p), WG_ERR_ARGUMENT);
    assert_non_null(strstr(wg_program_error(p), "rewind"));
    wg_clear_error(t);
    assert_int_equal(wg_run(q), WG_OK); /* its nodes are gone, its leaves are not */
    assert_true(((const double *)wg_output(q, 0))[1] == exp(1));
    wg_program_free(p);
    wg_program_free(q);
    wg_tape_free(t);
}

/* Iterations of Newton's method until it has converged: how many depends on the values. */
static void control_flow_depends_on_data(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *a = wg_input(t, "a", WG_SHAPE()),
              *x = wg_param(t, "x", WG_SHAPE(), wg_init_constant(1));
    wg_mark mark = wg_tape_mark(t);
    for (int k = 1; k <= 5; k++) {
        wg_set_f64(a, &(double){k});
        double guess = 1;
        wg_set_f64(x, &guess);
        wg_tensor *y = x;
        int rounds = 0;
        while (fabs(wg_item(y) * wg_item(y) - k) > 1e-12 && rounds++ < 50)
            y = wg_mul_scalar(wg_add(y, wg_div(a, y)), 0.5);
        wg_tensor *g;
        assert_int_equal(wg_grad(y, 1, &a, &g), WG_OK);
        assert_true(fabs(wg_item(g) - (k == 1 ? 0 : 0.5 / sqrt(k))) < 1e-6);
        wg_tape_rewind(t, mark);
    }
    assert_null(wg_error(t));
    wg_tape_free(t);
}

/* ---- optimised against plain ---- */

static wg_tensor *network(wg_tape *t, wg_tensor **grads)
{
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(7, 5)),
              *w = wg_param(t, "w", WG_SHAPE(5, 6), wg_init_glorot());
    wg_tensor *b = wg_param(t, "b", WG_SHAPE(6), wg_init_uniform(-1, 1)),
              *v = wg_param(t, "v", WG_SHAPE(6, 3), wg_init_glorot());
    double pixels[35];
    for (int k = 0; k < 35; k++)
        pixels[k] = sin(k);
    wg_set_f64(x, pixels);
    wg_tensor *h = wg_tanh(wg_add(wg_matmul(x, w), b)), *o = wg_matmul(h, v);
    /* [7, 1], through strides */
    wg_tensor *middle = wg_transpose(wg_slice(wg_transpose(o), 0, 1, 2, 1));
    wg_tensor *cost = wg_mean(wg_square(wg_sub(wg_softmax(o, -1), wg_mul(middle, wg_sigmoid(o)))));
    wg_grad(cost, 3, (wg_tensor *[]){w, b, v}, grads);
    return cost;
}

static void every_combination_of_passes_gives_the_same_bits(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *out[4];
    out[3] = network(t, out);
    assert_null(wg_error(t));
    double reference[4][30], v[30];
    for (unsigned skip = 0; skip < 64; skip++)
        for (int threads = 1; threads <= 3; threads += 2) {
            wg_program *p =
                wg_compile_with(4, out, &(wg_compile_options){.skip = skip, .threads = threads});
            assert_non_null(p);
            assert_int_equal(wg_run(p), WG_OK);
            assert_int_equal(wg_run(p), WG_OK);
            for (int i = 0; i < 4; i++) {
                int64_t n = wg_count_of(out[i]);
                memcpy(v, wg_output(p, i), (size_t)n * sizeof *v);
                if (skip == 0 && threads == 1)
                    memcpy(reference[i], v, (size_t)n * sizeof *v);
                assert_memory_equal(v, reference[i], (size_t)n * sizeof *v);
            }
            wg_program_free(p);
        }
    wg_tape_free(t);
}

static void merging_and_sharing_show_in_the_numbers(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(1000)), *y = x;
    wg_tensor *twice = wg_add(wg_exp(wg_sin(x)), wg_exp(wg_sin(x)));
    wg_program *p = wg_compile_with(1, &twice, &(wg_compile_options){.skip = WG_PASS_FUSE});
    wg_program *q =
        wg_compile_with(1, &twice, &(wg_compile_options){.skip = WG_PASS_FUSE | WG_PASS_MERGE});
    assert_int_equal(wg_stats(p).instructions + 2, wg_stats(q).instructions);
    for (int k = 0; k < 100; k++)
        y = wg_sin(y);
    wg_program *chain = wg_compile_with(1, &y, &(wg_compile_options){.skip = WG_PASS_FUSE});
    wg_program *spread = wg_compile_with(
        1, &y, &(wg_compile_options){.skip = WG_PASS_FUSE | WG_PASS_PLAN | WG_PASS_IN_PLACE});
    wg_program *fused = compile1(y);
    assert_int_equal(wg_stats(chain).instructions, 100);
    assert_int_equal(wg_stats(fused).instructions, 4); /* 32 ops a loop */
    assert_int_equal(wg_stats(fused).flops, wg_stats(chain).flops);
    assert_true(wg_stats(chain).planned_bytes <= 2 * 8000 + 128);
    assert_true(wg_stats(spread).planned_bytes >= 99 * 8000);
    assert_true((double)wg_stats(chain).planned_bytes <= 1.1 * (double)wg_stats(chain).lower_bound);
    wg_tape_free(t);
}

/* Memory that is no value's is stated beside the plan, once for each thread that works. */
static void scratch_memory_is_stated(void **state)
{
    (void)state;
    enum { N = 100000, ITEM = 16 };
    wg_tape *t = wg_tape_new(WG_F32);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(N)), *y = wg_exp(x), *order = wg_argsort(x, 0, false),
              *wide = wg_matmul(wg_input(t, "a", WG_SHAPE(256, 256)),
                                wg_input(t, "b", WG_SHAPE(256, 256)));
    assert_int_equal(wg_stats(wg_compile(1, &y)).scratch_bytes, 0);
    assert_true(wg_stats(wg_compile(1, &order)).scratch_bytes >= N * ITEM);
    const int64_t one = wg_stats(wg_compile(1, &wide)).scratch_bytes,
                  two = wg_stats(wg_compile_with(1, &wide, &(wg_compile_options){.threads = 2}))
                            .scratch_bytes;
    assert_int_equal(two, 2 * one);
    wg_tape_free(t);
}

static void summaries_name_the_instructions(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F32);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(2, 3)),
              *w = wg_param(t, "w", WG_SHAPE(3, 4), wg_init_zeros());
    wg_tensor *out[] = {wg_label(wg_matmul(x, w), "hidden"), wg_assign(w, wg_mul_scalar(w, 0.5))};
    wg_program *p = wg_compile(2, out);
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    assert_int_equal(wg_summary(p, f), WG_OK);
    fclose(f);
    assert_non_null(strstr(text, "matmul"));
    assert_non_null(strstr(text, "\"hidden\""));
    assert_non_null(strstr(text, "48 flops"));
    assert_non_null(strstr(text, "in place"));
    assert_non_null(strstr(text, "lower bound"));
    free(text);
    assert_int_equal(wg_summary(NULL, stdout), WG_ERR_ARGUMENT);
    assert_int_equal(wg_summary(p, NULL), WG_ERR_ARGUMENT);
    assert_string_equal(wg_error(t), "summary: wants a file, got NULL");
    wg_clear_error(t);
    wg_tape_free(t);
}

/* Bytes that one output's program reads and writes. */
static int64_t moved(wg_tensor *x)
{
    wg_program *p = wg_compile(1, &x);
    const int64_t bytes = wg_stats(p).bytes_moved;
    wg_program_free(p);
    return bytes;
}

/* What is read of an operand counts, not what there is of it. */
static void bytes_are_those_that_have_to_be_read(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F32);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(100, 40)), *row = wg_input(t, "row", WG_SHAPE(40));
    wg_tensor *index = wg_input_as(t, "index", WG_I32, WG_SHAPE(7));
    assert_int_equal(moved(wg_exp(x)), 4 * (4000 + 4000));
    assert_int_equal(moved(wg_add(x, row)), 4 * (4000 + 40 + 4000));
    assert_int_equal(moved(wg_exp(wg_transpose(x))), 4 * (4000 + 4000));
    assert_int_equal(moved(wg_exp(wg_slice(x, 1, 10, 20, 1))), 4 * (1000 + 1000));
    assert_int_equal(moved(wg_slice(x, 1, 10, 20, 1)), 4 * (1000 + 1000)); /* a copy */
    wg_tensor *left = wg_slice(x, 1, 0, 20, 1), *right = wg_slice(x, 1, 20, 40, 1);
    assert_int_equal(moved(wg_mul(wg_exp(left), right)), 4 * (2000 + 2000 + 2000));
    assert_int_equal(moved(wg_sum_axes(right, WG_AXES(0), false)), 4 * (2000 + 20));
    assert_int_equal(moved(wg_matmul(wg_transpose(left), right)), 4 * (2000 + 2000 + 400));
    assert_int_equal(moved(wg_take(x, index, 0)), 4 * (280 + 7 + 280));
    assert_int_equal(moved(wg_take(row, wg_input_as(t, "many", WG_I32, WG_SHAPE(500)), 0)),
                     4 * (40 + 500 + 500));
    assert_null(wg_error(t));
    wg_tape_free(t);
}

/* ---- NaN tracing ---- */

static wg_status run_traced(wg_tape *t, int n, wg_tensor *const *out, char *why, size_t size)
{
    wg_program *p = wg_compile_with(n, out, &(wg_compile_options){.trace_nan = true});
    wg_status s = wg_run(p);
    snprintf(why, size, "%s", s ? wg_program_error(p) : "");
    wg_program_free(p);
    wg_clear_error(t);
    return s;
}

static void the_op_that_made_the_nan_is_named(void **state)
{
    (void)state;
    char why[512];
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(2, 2)),
              *w = wg_param(t, "w", WG_SHAPE(2, 2), wg_init_constant(1));
    wg_tensor *y = wg_exp(wg_add(wg_log(wg_mul(x, w)), w)), *cost = wg_sum(y), *g;
    wg_grad(cost, 1, &w, &g);
    wg_tensor *out[] = {cost, wg_assign(w, wg_sub(w, g))};
    wg_set_f64(x, (double[]){1, 2, 3, 4});
    assert_int_equal(run_traced(t, 2, out, why, sizeof why), WG_OK);
    wg_set_f64(w, (double[]){1, 1, 1, 1});
    wg_set_f64(x, (double[]){1, 2, -3, 4});
    assert_int_equal(run_traced(t, 2, out, why, sizeof why), WG_ERR_NONFINITE);
    assert_non_null(strstr(why, "log#"));
    assert_non_null(strstr(why, "made NaN at [1, 0]"));
    assert_non_null(strstr(why, "= -3"));
    double v[4];
    wg_get_f64(w, v);
    assert_true(v[0] == 1); /* the run stopped before it assigned */

    /* finite forwards, infinite backwards: the derivative of sqrt at 0 */
    wg_tensor *r = wg_sum(wg_sqrt(x)), *h;
    wg_grad(r, 1, &x, &h);
    wg_set_f64(x, (double[]){1, 0, 1, 1});
    assert_int_equal(run_traced(t, 1, &r, why, sizeof why), WG_OK);
    assert_int_equal(run_traced(t, 1, &h, why, sizeof why), WG_ERR_NONFINITE);
    assert_non_null(strstr(why, "in the derivative of sqrt#"));
    assert_non_null(strstr(why, "[0, 1]"));

    /* an infinity that was there from the start is nobody's fault */
    wg_set_f64(x, (double[]){1, INFINITY, 1, 1});
    assert_int_equal(run_traced(t, 1, &r, why, sizeof why), WG_OK);

    /* nor is one that a call gives: neither wg_full's value nor wg_pad's */
    wg_tensor *stated = wg_add(wg_sum(wg_full(t, WG_SHAPE(3), INFINITY)),
                               wg_sum(wg_pad(x, (int64_t[]){1, 0}, (int64_t[]){0, 0}, INFINITY)));
    wg_set_f64(x, (double[]){1, 2, 1, 1});
    assert_int_equal(run_traced(t, 1, &stated, why, sizeof why), WG_OK);

    /* not elementwise: a product that overflows */
    wg_tensor *m = wg_matmul(x, x);
    wg_set_f64(x, (double[]){1e300, 1, 1, 1e300});
    assert_int_equal(run_traced(t, 1, &m, why, sizeof why), WG_ERR_NONFINITE);
    assert_non_null(strstr(why, "matmul#"));
    assert_non_null(strstr(why, "between 1 and 1e+300"));
    wg_tape_free(t);
}

/* ---- threads ---- */

static void *run_often(void *program)
{
    for (int k = 0; k < 200; k++)
        if (wg_run(program) != WG_OK)
            return program;
    return NULL;
}

static void programs_run_at_the_same_time(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(100)), *y = wg_tanh(wg_mul(x, x)), *z = wg_sum(y);
    double v[100];
    for (int k = 0; k < 100; k++)
        v[k] = k / 100.0;
    wg_set_f64(x, v);
    wg_program *p[4];
    pthread_t thread[4];
    for (int k = 0; k < 4; k++)
        p[k] = wg_compile(2, (wg_tensor *[]){y, z});
    for (int k = 0; k < 4; k++)
        pthread_create(&thread[k], NULL, run_often, p[k]);
    for (int k = 0; k < 4; k++) {
        void *failed;
        pthread_join(thread[k], &failed);
        assert_null(failed);
        assert_memory_equal(wg_output(p[k], 0), wg_output(p[0], 0), sizeof v);
    }
    wg_tape_free(t);
}

static void threads_change_no_bit(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F32);
    wg_seed(t, 3);
    wg_tensor *a = wg_param(t, "a", WG_SHAPE(150, 200), wg_init_normal(0, 1)),
              *b = wg_param(t, "b", WG_SHAPE(200, 130), wg_init_normal(0, 1));
    wg_tensor *y = wg_tanh(wg_matmul(a, b)), *cost = wg_sum(wg_square(y)), *g[2];
    wg_grad(cost, 2, (wg_tensor *[]){a, b}, g);
    wg_tensor *out[] = {cost, g[0], g[1], wg_sum_axes(wg_exp(a), WG_AXES(0), false),
                        wg_softmax(a, 1)};
    wg_program *one = wg_compile(5, out);
    wg_run(one);
    for (int threads = 2; threads <= 8; threads += 3) {
        wg_program *p = wg_compile_with(5, out, &(wg_compile_options){.threads = threads});
        assert_non_null(p);
        for (int k = 0; k < 5; k++)
            assert_int_equal(wg_run(p), WG_OK);
        for (int i = 0; i < 5; i++)
            assert_memory_equal(wg_output(p, i), wg_output(one, i),
                                (size_t)wg_count_of(out[i]) * sizeof(float));
        wg_program_free(p);
    }
    assert_null(wg_compile_with(5, out, &(wg_compile_options){.threads = -1}));
    wg_tape_free(t);
}

static void printing_nests_by_rows(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    wg_write(wg_scalar(t, 2.5), f);
    wg_write(wg_constant(t, WG_SHAPE(3), (double[]){3, 12, 27}), f);
    wg_write(wg_constant(t, WG_SHAPE(2, 1, 2), (double[]){1, 2, 3, 1e-9}), f);
    wg_write(wg_full(t, WG_SHAPE(2, 0), 1), f);
    wg_write(wg_full(t, WG_SHAPE(0, 2), 1), f);
    wg_write(wg_full_as(t, WG_I32, WG_SHAPE(1), 2147483647), f);
    wg_write(wg_neg(wg_scalar(t, NAN)), f);
    fclose(f);
    assert_string_equal(
        text, "2.5\n[3, 12, 27]\n[[[1, 2]],\n [[3, 1e-09]]]\n[[],\n []]\n[]\n[2147483647]\nnan\n");
    free(text);
    assert_true(isnan(wg_item(wg_full(t, WG_SHAPE(2), 1))));
    assert_string_equal(wg_error(t), "item: wants a tensor of one element, got full#8 [2]");
    assert_int_equal(wg_print(NULL), WG_ERR_ARGUMENT);
    wg_tape_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_program_computes_its_outputs),
        cmocka_unit_test(bytes_are_those_that_have_to_be_read),
        cmocka_unit_test(an_input_without_values_is_told_by_name),
        cmocka_unit_test(assignments_commit_together_at_the_end),
        cmocka_unit_test(each_reads_the_other),
        cmocka_unit_test(an_update_waits_for_every_reader),
        cmocka_unit_test(a_rate_is_read_when_it_runs),
        cmocka_unit_test(two_assignments_to_one_leaf_are_refused),
        cmocka_unit_test(assignments_happen_only_where_listed),
        cmocka_unit_test(a_failed_run_assigns_nothing),
        cmocka_unit_test(values_are_as_the_last_run_left_them),
        cmocka_unit_test(the_latest_of_several_programs_counts),
        cmocka_unit_test(bound_memory_is_read_where_it_lies),
        cmocka_unit_test(random_numbers_are_new_each_run),
        cmocka_unit_test(a_rewound_leaf_stops_its_programs),
        cmocka_unit_test(control_flow_depends_on_data),
        cmocka_unit_test(every_combination_of_passes_gives_the_same_bits),
        cmocka_unit_test(merging_and_sharing_show_in_the_numbers),
        cmocka_unit_test(scratch_memory_is_stated),
        cmocka_unit_test(summaries_name_the_instructions),
        cmocka_unit_test(the_op_that_made_the_nan_is_named),
        cmocka_unit_test(programs_run_at_the_same_time),
        cmocka_unit_test(threads_change_no_bit),
        cmocka_unit_test(printing_nests_by_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
