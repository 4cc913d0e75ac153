/* Tiny programs: tensors that fit in one vector.  What they compute is compared, bit for bit,
 * with the same graph run plainly, one instruction an op.  (Many more graphs:
 * test_random_graphs.)  labels: valgrind */
#define _GNU_SOURCE /* anonymous mappings */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <wengert.h>

#include "kernels/tiny.h"

/* Elements that a tiny tensor of the dtype may have. */
static int64_t most(wg_dtype dtype)
{
    const wg_tiny_kit *kit = wg_tiny_kit_for(wg_isa(), dtype);
    return kit->permutes ? kit->lanes : 1;
}

static void fill(wg_tensor *x, int salt)
{
    double v[64];
    for (int64_t i = 0; i < wg_count_of(x); i++)
        v[i] = sin(1.7 * (double)i + salt) * (i % 3 ? 1 : 2.5);
    wg_set_f64(x, v);
}

/* ---- networks ---- */

typedef struct net {
    wg_tape *t;
    wg_tensor *param[8], *out[16];
    int params, outs;
} net;

static wg_tensor *param(net *m, const char *name, wg_shape s)
{
    wg_tensor *p = m->param[m->params++] = wg_param(m->t, name, s, wg_init_zeros());
    fill(p, m->params);
    return p;
}

static void descend(net *m, wg_tensor *cost, bool momentum)
{
    wg_tensor *g[8];
    const int params = m->params;
    assert_int_equal(wg_grad(cost, params, m->param, g), WG_OK);
    m->out[m->outs++] = cost;
    for (int k = 0; k < params; k++) {
        wg_tensor *p = m->param[k], *step = wg_mul_scalar(g[k], 0.3);
        if (momentum) {
            char name[8] = {'v', (char)('0' + k)};
            wg_tensor *v = wg_param(m->t, name, wg_shape_of(p), wg_init_zeros());
            step = wg_add(wg_mul_scalar(v, 0.9), step);
            m->out[m->outs++] = wg_assign(v, step);
        }
        m->out[m->outs++] = wg_assign(p, wg_sub(p, step));
    }
}

/* inputs-hidden-outputs, batch of `batch` */
static net network(wg_dtype dtype, int64_t batch, int64_t in, int64_t hidden, int64_t out,
                   bool softmax)
{
    net m = {.t = wg_tape_new(dtype)};
    wg_tensor *x = wg_input(m.t, "x", WG_SHAPE(batch, in)),
              *y = wg_input(m.t, "y", WG_SHAPE(batch, out));
    fill(x, 10);
    fill(y, 20);
    wg_tensor *w1 = param(&m, "w1", WG_SHAPE(in, hidden)), *b1 = param(&m, "b1", WG_SHAPE(hidden));
    wg_tensor *w2 = param(&m, "w2", WG_SHAPE(hidden, out)), *b2 = param(&m, "b2", WG_SHAPE(out));
    wg_tensor *h = wg_add(wg_matmul(x, w1), b1);
    h = softmax ? wg_tanh(h) : wg_sigmoid(h);
    wg_tensor *z = wg_add(wg_matmul(h, w2), b2);
    z = softmax ? wg_softmax(z, 1) : wg_sigmoid(z);
    descend(&m, wg_mse(z, y), softmax);
    return m;
}

/* The same values after some steps: by a program with all passes, and by a plain one. */
static void trains_alike(net a, net b, int64_t instructions)
{
    wg_program *fast = wg_compile(a.outs, a.out),
               *plain = wg_compile_with(b.outs, b.out, &(wg_compile_options){.skip = ~0u});
    assert_non_null(fast);
    assert_non_null(plain);
    if (instructions)
        assert_int_equal(wg_stats(fast).instructions, instructions);
    for (int step = 0; step < 50; step++) {
        assert_int_equal(wg_run(fast), WG_OK);
        assert_int_equal(wg_run(plain), WG_OK);
        for (int k = 0; k < a.outs; k++) {
            double x[64], y[64];
            wg_get_f64(a.out[k], x);
            wg_get_f64(b.out[k], y);
            assert_memory_equal(x, y, (size_t)wg_count_of(a.out[k]) * sizeof *x);
        }
    }
    assert_null(wg_error(a.t));
    wg_tape_free(a.t);
    wg_tape_free(b.t);
}

static void a_training_step_is_one_instruction(void **state)
{
    (void)state;
    for (int64_t batch = 1; batch <= 4; batch++)
        for (int64_t in = 1; in <= 3; in++)
            for (int64_t hidden = 1; hidden <= 3; hidden++)
                for (int64_t out = 1; out <= 2; out++)
                    for (int softmax = 0; softmax < 2; softmax++) {
                        const int64_t widest = in > hidden ? in : hidden,
                                      height = in > batch ? in : batch;
                        const bool one = most(WG_F32) >= 16 && height * widest <= 16;
                        trains_alike(network(WG_F32, batch, in, hidden, out, softmax),
                                     network(WG_F32, batch, in, hidden, out, softmax), one);
                        trains_alike(network(WG_F64, batch, in, hidden, out, softmax),
                                     network(WG_F64, batch, in, hidden, out, softmax), 0);
                    }
}

/* ---- reductions and views ---- */

typedef wg_tensor *reducing(wg_tensor *, wg_axes, bool);
static wg_tensor *sum(wg_tensor *x, wg_axes a, bool k) { return wg_sum_axes(x, a, k); }
static reducing *const reductions[] = {sum,         wg_prod_axes, wg_max_axes,
                                       wg_min_axes, wg_any_axes,  wg_all_axes};

static void compare(wg_tensor *leaf, int n, wg_tensor *const *out, const double *v)
{
    wg_program *fast = wg_compile_with(n, out, &(wg_compile_options){.skip = WG_PASS_FUSE}),
               *plain = wg_compile_with(
                   n, out, &(wg_compile_options){.skip = WG_PASS_FUSE | WG_PASS_TINY});
    assert_non_null(fast);
    assert_non_null(plain);
    wg_set_f64(leaf, v);
    assert_int_equal(wg_run(fast), WG_OK);
    assert_int_equal(wg_run(plain), WG_OK);
    if (wg_count_of(leaf) <= most(wg_dtype_of(leaf)))
        assert_true(wg_stats(fast).instructions < wg_stats(plain).instructions);
    const size_t size = wg_dtype_of(leaf) == WG_F32 ? 4 : 8;
    for (int i = 0; i < n; i++) {
        const char *x = wg_output(fast, i), *y = wg_output(plain, i);
        for (int64_t e = 0; e < wg_count_of(out[i]); e++, x += size, y += size) {
            const double got = size == 4 ? (double)*(const float *)x : *(const double *)x;
            const double expected = size == 4 ? (double)*(const float *)y : *(const double *)y;
            if (memcmp(x, y, size) != 0 && !(isnan(got) && isnan(expected)))
                fail_msg("output %d, element %d: %.17g, not %.17g", i, (int)e, got, expected);
        }
    }
    wg_program_free(fast);
    wg_program_free(plain);
}

/* All axes and each one, of the array and of its transpose, for every number of elements. */
static void reductions_keep_their_order(void **state)
{
    (void)state;
    for (int dtype = WG_F32; dtype <= WG_F64; dtype++)
        for (int64_t rows = 1; rows <= 8; rows++)
            for (int64_t cols = 1; rows * cols <= 17; cols++) {
                wg_tape *t = wg_tape_new((wg_dtype)dtype);
                wg_tensor *x = wg_input(t, "x", WG_SHAPE(rows, cols)), *out[64];
                int n = 0;
                for (size_t r = 0; r < sizeof reductions / sizeof *reductions; r++)
                    for (int turned = 0; turned < 2; turned++) {
                        wg_tensor *y = turned ? wg_transpose(x) : x;
                        out[n++] = reductions[r](y, WG_AXES(0), false);
                        out[n++] = reductions[r](wg_mul_scalar(y, 1.5), WG_AXES(1), true);
                        out[n++] = reductions[r](y, WG_AXES(0, 1), false);
                    }
                double v[17];
                for (int i = 0; i < 17; i++)
                    v[i] = cos(i + 0.1 * (double)(rows * cols)) * pow(10, i % 5 - 2);
                compare(x, n, out, v);
                v[2] = NAN, v[1] = -INFINITY, v[0] = -0.0;
                compare(x, n, out, v);
                wg_tape_free(t);
            }
}

/* Every kind of argument: broadcast, turned, cut, repeated; three of them; and ops that have no
 * link of their own. */
static void arguments_are_read_in_any_order(void **state)
{
    (void)state;
    for (int dtype = WG_F32; dtype <= WG_F64; dtype++) {
        wg_tape *t = wg_tape_new((wg_dtype)dtype);
        wg_tensor *x = wg_input(t, "x", WG_SHAPE(2, 3)), *u = wg_tanh(x), *v = wg_transpose(u);
        wg_tensor *row = wg_slice(u, 0, 1, 2, 1), *col = wg_sum_axes(v, WG_AXES(0), true);
        wg_tensor *out[] = {
            wg_sub(u, row),
            wg_sub(row, u),
            wg_div(wg_transpose(v), row),
            wg_sub(wg_flip(u, WG_AXES(1)), u),
            wg_where(wg_gt(u, row), wg_flip(u, WG_AXES(0)), row),
            wg_where(row, u, wg_transpose(v)),
            wg_where(wg_gt(v, col), col, wg_mul(v, v)),
            wg_where(u, u, u),
            wg_pow(wg_abs(u), wg_abs(wg_flip(u, WG_AXES(1)))),
            wg_atan2(row, u),
            wg_pow(wg_exp(row), row),
            wg_matmul(u, v),
            wg_matmul(v, u),
            wg_matmul(wg_broadcast_to(row, WG_SHAPE(2, 3)), v),
            wg_clamp(u, -0.25, 0.5),
            wg_matmul(wg_exp(v), wg_exp(u)),
            wg_maximum(wg_sum_axes(u, WG_AXES(1), true), wg_sub(u, row)),
        };
        compare(x, sizeof out / sizeof *out, out, (double[]){0.3, -1.2, 0.7, 2.2, -0.1, 0.05});
        wg_tape_free(t);
    }
}

/* g y (c - y) and g (c - y^2), of which sigmoid's and tanh's adjoints are made, and what is only
 * like them: in either order, of values lately made and long ago, turned, broadcast, read twice. */
static void slopes_keep_their_order(void **state)
{
    (void)state;
    for (int dtype = WG_F32; dtype <= WG_F64; dtype++) {
        wg_tape *t = wg_tape_new((wg_dtype)dtype);
        wg_tensor *x = wg_input(t, "x", WG_SHAPE(2, 2)), *v = wg_transpose(x), *out[64];
        wg_tensor *row = wg_slice(x, 0, 1, 2, 1), *y[] = {x, wg_exp(x), v, row, wg_sum(x)};
        int n = 0;
        for (size_t k = 0; k < sizeof y / sizeof *y; k++) {
            wg_tensor *fresh = wg_sin(y[k]), *g = wg_sub(fresh, wg_mul_scalar(x, (double)k));
            wg_tensor *twice = wg_rsub(y[k], 1), *squared = wg_rsub(wg_square(y[k]), 1);
            out[n++] = wg_mul(g, wg_mul(fresh, wg_rsub(fresh, 1)));
            out[n++] = wg_mul(wg_mul(wg_rsub(y[k], -3), y[k]), wg_cos(g));
            out[n++] = wg_mul(wg_mul(fresh, wg_rsub(y[k], 5)), g);
            out[n++] = wg_mul(fresh, wg_sub(row, wg_square(g)));
            out[n++] = wg_mul(wg_cos(y[k]), wg_mul(y[k], wg_sub_scalar(y[k], 1)));
            out[n++] = wg_mul(y[k], wg_mul(y[k], wg_rsub(y[k], 2)));
            out[n++] = wg_mul(twice, wg_mul(y[k], twice));
            out[n++] = wg_mul(wg_exp(g), wg_rsub(wg_square(wg_cos(g)), 1));
            out[n++] = wg_mul(wg_sub_scalar(wg_square(fresh), 1), g);
            out[n++] = wg_mul(squared, squared);
            out[n++] = wg_mul(wg_rsub(wg_square(y[k]), 2), y[k]);
        }
        assert_null(wg_error(t));
        compare(x, n, out, (double[]){0.3, -1.2, 0.7, 2.2});
        compare(x, n, out, (double[]){-0.0, 1, INFINITY, NAN});
        wg_tape_free(t);
    }
}

/* y is read again sooner after it was made than d is, and stays in the second register while d is
 * stored. */
static void the_second_register_holds_what_it_is_said_to(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F32);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(3)), *y = wg_sin(x), *d = wg_sub(y, x);
    wg_tensor *out[] = {wg_mul(wg_cos(wg_sub(wg_mul_scalar(d, 0.5), y)), d)};
    compare(x, 1, out, (double[]){0.3, -1.2, 0.7});
    wg_tape_free(t);
}

/* ---- memory ---- */

/* A page with none before it and none behind it. */
static char *lonely_page(size_t page)
{
    char *memory = mmap(NULL, 3 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(memory != MAP_FAILED);
    assert_int_equal(mprotect(memory + page, page, PROT_READ | PROT_WRITE), 0);
    return memory + page;
}

/* Inputs that begin where memory begins and others that end where it ends, of every number of
 * elements; bound elsewhere for the second run. */
static void nothing_is_read_around_a_bound_input(void **state)
{
    (void)state;
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *first = lonely_page(page), *second = lonely_page(page);
    for (int dtype = WG_F32; dtype <= WG_F64; dtype++)
        for (int64_t n = 1; n <= 40; n++) {
            wg_tape *t = wg_tape_new((wg_dtype)dtype);
            wg_tensor *x = wg_input(t, "x", WG_SHAPE(n)), *y = wg_input(t, "y", WG_SHAPE(n));
            wg_tensor *z = wg_mul(wg_add(x, y), wg_sub(wg_flip(y, WG_AXES(0)), x));
            wg_tensor *out[] = {z, wg_sum(z), wg_sum(wg_mul(x, x))};
            wg_program *p = wg_compile(3, out);
            assert_non_null(p);
            for (int run = 0; run < 2; run++) {
                const size_t bytes = (size_t)n * wg_dtype_size((wg_dtype)dtype);
                double v[40], product = 0, squares = 0;
                assert_int_equal(wg_bind(x, run ? second + page - bytes : first), WG_OK);
                assert_int_equal(wg_bind(y, run ? first : second + page - bytes), WG_OK);
                for (int64_t i = 0; i < n; i++) {
                    v[i] = (double)(i + run);
                    product += 2 * v[i] * (double)(n - 1 - 2 * i);
                    squares += v[i] * v[i];
                }
                wg_set_f64(x, v);
                wg_set_f64(y, v);
                assert_int_equal(wg_run(p), WG_OK);
                assert_true(wg_item(out[1]) == product && wg_item(out[2]) == squares);
                wg_get_f64(z, v);
                for (int64_t i = 0; i < n; i++)
                    assert_true(v[i] == 2 * (double)(i + run) * (double)(n - 1 - 2 * i));
            }
            wg_tape_free(t);
        }
    munmap(first - page, 3 * page);
    munmap(second - page, 3 * page);
}

/* Reads see the values from before the run: also where two parameters are exchanged, or one is
 * read after its update is known. */
static void assignments_commit_together(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F32);
    wg_tensor *a = wg_param(t, "a", WG_SHAPE(3), wg_init_constant(1)),
              *b = wg_param(t, "b", WG_SHAPE(3), wg_init_constant(2));
    wg_tensor *c = wg_param(t, "c", WG_SHAPE(2), wg_init_constant(5));
    wg_tensor *c1 = wg_mul_scalar(c, 2), *used = wg_sub(wg_exp(wg_sub(c1, c1)), wg_mul(c, c1));
    wg_tensor *out[] = {wg_assign(a, wg_add_scalar(b, 0)), wg_assign(b, wg_mul_scalar(a, 3)),
                        wg_assign(c, c1), used};
    wg_program *p = wg_compile(4, out);
    for (int run = 0; run < 2; run++)
        assert_int_equal(wg_run(p), WG_OK);
    float v[3];
    wg_get_f32(a, v);
    assert_true(v[0] == 3 && v[2] == 3);
    wg_get_f32(b, v);
    assert_true(v[0] == 6 && v[2] == 6);
    wg_get_f32(c, v);
    assert_true(v[0] == 20 && v[1] == 20);
    assert_true(((const float *)wg_output(p, 3))[1] == 1 - 10 * 20);
    wg_tape_free(t);
}

/* ---- looking ---- */

static void summaries_and_profiles_name_the_parts(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F32);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(1)), *y = wg_label(wg_exp(x), "swollen");
    wg_tensor *out[] = {y, wg_log(wg_add(y, x))};
    fill(x, 1);
    wg_program *p =
        wg_compile_with(2, out, &(wg_compile_options){.profile = true, .skip = WG_PASS_FUSE});
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    assert_int_equal(wg_summary(p, f), WG_OK);
    fclose(f);
    assert_int_equal(wg_stats(p).instructions, 1);
    assert_non_null(strstr(text, "3 ops of one vector"));
    assert_non_null(strstr(text, "\n       exp#"));
    assert_non_null(strstr(text, "\"swollen\""));
    free(text);
    wg_run(p);
    wg_profile_entry e;
    assert_true(wg_profile_at(p, 0, &e));
    assert_string_equal(e.ops, "exp add log");
    assert_string_equal(e.names, "swollen x");
    assert_int_equal(e.calls, 1);
    assert_false(wg_profile_at(p, 1, &e));
    wg_tape_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_training_step_is_one_instruction),
        cmocka_unit_test(reductions_keep_their_order),
        cmocka_unit_test(arguments_are_read_in_any_order),
        cmocka_unit_test(slopes_keep_their_order),
        cmocka_unit_test(the_second_register_holds_what_it_is_said_to),
        cmocka_unit_test(nothing_is_read_around_a_bound_input),
        cmocka_unit_test(assignments_commit_together),
        cmocka_unit_test(summaries_and_profiles_name_the_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
