/* Indexing: values against loops over coordinates, indices out of range, refusals, derivatives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <wengert.h>
#include "support/plain.h"

static plain in, out, src;
static int32_t index_of[PLAIN_MOST];

/* A constant of random indices below extent. */
static wg_tensor *indices(wg_tape *t, wg_shape s, int64_t extent, uint64_t *random)
{
    for (int64_t i = 0; i < wg_shape_count(s); i++)
        index_of[i] = (int32_t)plain_random(random, (uint64_t)extent);
    return wg_constant_as(t, WG_I32, s, index_of);
}

static wg_shape random_shape(int64_t rank, uint64_t *random)
{
    wg_shape s = {.rank = rank};
    for (int64_t d = 0; d < rank; d++)
        s.dim[d] = 1 + (int64_t)plain_random(random, 4);
    return s;
}

static void takes(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    uint64_t random = 1;
    for (int round = 0; round < 300; round++) {
        wg_mark mark = wg_tape_mark(t);
        wg_shape x = random_shape(1 + (int64_t)plain_random(&random, 3), &random);
        wg_shape index = random_shape((int64_t)plain_random(&random, 3), &random);
        int64_t d = (int64_t)plain_random(&random, (uint64_t)x.rank), at[WG_MAX_RANK] = {0};
        plain_fill(&in, x, &random);
        out.shape = (wg_shape){.rank = x.rank - 1 + index.rank};
        for (int64_t e = 0; e < out.shape.rank; e++)
            out.shape.dim[e] = e < d                ? x.dim[e]
                               : e < d + index.rank ? index.dim[e - d]
                                                    : x.dim[e - index.rank + 1];
        wg_tensor *i = indices(t, index, x.dim[d], &random);
        do {
            int64_t from[WG_MAX_RANK] = {0};
            for (int64_t e = 0; e < x.rank; e++)
                from[e] = e < d   ? at[e]
                          : e > d ? at[e - 1 + index.rank]
                                  : index_of[plain_flat(&index, at + d)];
            out.v[plain_flat(&out.shape, at)] = in.v[plain_flat(&x, from)];
        } while (plain_next(&out.shape, at));
        plain_assert_equal(wg_take(plain_input(t, "x", &in), i, round % 2 ? d : d - x.rank), &out,
                           0);
        wg_tape_rewind(t, mark);
    }
    wg_tape_free(t);
}

static void along_an_axis(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    uint64_t random = 2;
    for (int round = 0; round < 300; round++) {
        wg_mark mark = wg_tape_mark(t);
        wg_shape x = random_shape(1 + (int64_t)plain_random(&random, 3), &random), index = x;
        int64_t d = (int64_t)plain_random(&random, (uint64_t)x.rank), at[WG_MAX_RANK] = {0};
        index.dim[d] = 1 + (int64_t)plain_random(&random, 5);
        plain_fill(&in, x, &random);
        plain_fill(&src, index, &random);
        wg_tensor *i = indices(t, index, x.dim[d], &random), *a = plain_input(t, "x", &in);
        out.shape = index;
        do {
            int64_t from[WG_MAX_RANK];
            memcpy(from, at, sizeof from);
            from[d] = index_of[plain_flat(&index, at)];
            out.v[plain_flat(&index, at)] = in.v[plain_flat(&x, from)];
        } while (plain_next(&index, at));
        plain_assert_equal(wg_take_along_axis(a, i, round % 2 ? d : d - x.rank), &out, 0);

        static plain sum;
        sum = (plain){.shape = x};
        do {
            int64_t to[WG_MAX_RANK];
            memcpy(to, at, sizeof to);
            to[d] = index_of[plain_flat(&index, at)];
            sum.v[plain_flat(&x, to)] += src.v[plain_flat(&index, at)];
        } while (plain_next(&index, at));
        for (int64_t k = 0; k < wg_shape_count(x); k++)
            sum.v[k] += in.v[k];
        plain_assert_equal(
            wg_scatter_add(a, i, plain_input(t, "s", &src), round % 2 ? d - x.rank : d), &sum, 0);
        wg_tape_rewind(t, mark);
    }
    wg_tape_free(t);
}

/* Elements that meet are added in the order of their indices:
 * 1e20 first swallows the 1, last it does not. */
static void meeting_elements_add_in_order(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *zero = wg_full(t, WG_SHAPE(2), 0),
              *i = wg_constant_as(t, WG_I32, WG_SHAPE(3), (int32_t[]){1, 1, 1});
    wg_tensor *a = wg_constant(t, WG_SHAPE(3), (double[]){1e20, 1, -1e20}),
              *b = wg_constant(t, WG_SHAPE(3), (double[]){1e20, -1e20, 1});
    plain_assert_equal(wg_scatter_add(zero, i, a, 0), &(plain){.shape = WG_SHAPE(2), .v = {0, 0}},
                       0);
    plain_assert_equal(wg_scatter_add(zero, i, b, 0), &(plain){.shape = WG_SHAPE(2), .v = {0, 1}},
                       0);
    wg_tape_free(t);
}

static void the_adjoint_of_take_sums(void **state)
{
    (void)state;
    for (int single = 0; single < 2; single++) {
        wg_tape *t = wg_tape_new(single ? WG_F32 : WG_F64);
        wg_tensor *x = wg_input(t, "x", WG_SHAPE(2, 3)), *g;
        wg_set_f64(x, (double[]){1, 2, 3, 4, 5, 6});
        wg_tensor *i = wg_constant_as(t, WG_I32, WG_SHAPE(4), (int32_t[]){2, 0, 2, 2});
        wg_tensor *weight =
            wg_constant(t, WG_SHAPE(2, 4), (double[]){1, 10, 100, 1000, 2, 20, 200, 2000});
        assert_int_equal(wg_grad(wg_sum(wg_mul(weight, wg_take(x, i, 1))), 1, &x, &g), WG_OK);
        plain_assert_equal(g, &(plain){.shape = WG_SHAPE(2, 3), .v = {10, 0, 1101, 20, 0, 2202}},
                           0);
        wg_tape_free(t);
    }
}

static void one_hots(void **state)
{
    (void)state;
    for (int single = 0; single < 2; single++) {
        wg_tape *t = wg_tape_new(single ? WG_F32 : WG_F64);
        wg_tensor *i = wg_constant_as(t, WG_I32, WG_SHAPE(2, 1), (int32_t[]){2, 0}),
                  *y = wg_one_hot(i, 3);
        assert_int_equal(wg_dtype_of(y), wg_tape_dtype(t));
        plain_assert_equal(y, &(plain){.shape = WG_SHAPE(2, 1, 3), .v = {0, 0, 1, 1, 0, 0}}, 0);
        wg_tape_free(t);
    }
}

static void integers_are_indexed_too(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F32);
    wg_tensor *x = wg_input_as(t, "x", WG_I32, WG_SHAPE(3)),
              *i = wg_constant_as(t, WG_I32, WG_SHAPE(2), (int32_t[]){2, 2});
    wg_set_i32(x, (int32_t[]){5, 6, INT32_MAX});
    wg_tensor *y = wg_take(x, i, 0);
    assert_int_equal(wg_dtype_of(y), WG_I32);
    plain_assert_equal(y, &(plain){.shape = WG_SHAPE(2), .v = {INT32_MAX, INT32_MAX}}, 0);
    wg_tensor *one = wg_full_as(t, WG_I32, WG_SHAPE(2), 1);
    plain_assert_equal(wg_scatter_add(x, i, one, 0),
                       &(plain){.shape = WG_SHAPE(3), .v = {5, 6, INT32_MIN + 1.0}}, 0);
    wg_tape_free(t);
}

/* ---- refusals, when recorded and when run ---- */

static void a_bad_index_is_named(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_full(t, WG_SHAPE(2, 5), 1), *i = wg_input_as(t, "i", WG_I32, WG_SHAPE(2, 4)),
              *one = wg_ones_like(x);
    wg_tensor *empty = wg_full(t, WG_SHAPE(2, 0), 1);
    int32_t good[8] = {0, 1, 2, 3, 4, 0, 1, 2}, v[8];
    struct {
        wg_tensor *y;
        const char *high, *low;
    } c[] = {
        {wg_take(x, i, 1), "take: index 7 at [0, 3] is outside 0 to 4",
         "take: index -1 at [1, 2] is outside 0 to 4"},
        {wg_take_along_axis(x, i, 1), "take_along_axis: index 7 at [0, 3] is outside 0 to 4",
         "take_along_axis: index -1 at [1, 2] is outside 0 to 4"},
        {wg_scatter_add(one, i, wg_full(t, WG_SHAPE(2, 4), 1), 1),
         "scatter: index 7 at [0, 3] is outside 0 to 4",
         "scatter: index -1 at [1, 2] is outside 0 to 4"},
        {wg_one_hot(i, 5), "one_hot: index 7 at [0, 3] is outside 0 to 4",
         "one_hot: index -1 at [1, 2] is outside 0 to 4"},
    };
    assert_null(wg_error(t));
    for (size_t k = 0; k < sizeof c / sizeof *c; k++) {
        wg_program *p = wg_compile(1, &c[k].y);
        assert_non_null(p);
        memcpy(v, good, sizeof v);
        v[3] = 7;
        wg_set_i32(i, v);
        assert_int_equal(wg_run(p), WG_ERR_DATA);
        assert_non_null(strstr(wg_program_error(p), c[k].high));
        assert_non_null(strstr(wg_error(t), c[k].high));
        assert_non_null(strstr(wg_error(t), ", reading \"i\")"));
        wg_clear_error(t);
        v[3] = 0;
        v[6] = -1;
        wg_set_i32(i, v);
        assert_int_equal(wg_run(p), WG_ERR_DATA);
        assert_non_null(strstr(wg_error(t), c[k].low));
        wg_clear_error(t);
        wg_set_i32(i, good);
        assert_int_equal(wg_run(p), WG_OK);
        assert_null(wg_program_error(p));
        wg_program_free(p);
    }
    wg_tensor *nothing = wg_take(empty, i, 1);
    double none[16];
    assert_int_equal(wg_get_f64(nothing, none), WG_ERR_DATA);
    assert_non_null(strstr(wg_error(t), "take: index 0 at [0, 0] is outside an extent of 0"));
    wg_clear_error(t);
    /* the leaf behind a view, and an operand by its label: what the user knows of a composition */
    wg_tensor *labels = wg_input_as(t, "labels", WG_I32, WG_SHAPE(2)),
              *table = wg_label(wg_uniform(t, WG_SHAPE(2, 5), 0, 1), "table");
    wg_set_i32(labels, (int32_t[]){4, 5});
    wg_item(wg_sum(wg_take_along_axis(table, wg_unsqueeze(labels, 1), 1)));
    assert_non_null(strstr(wg_error(t), "index 5 at [1, 0] is outside 0 to 4 (at take_along_axis#"));
    assert_non_null(strstr(wg_error(t), ", reading \"table\", \"labels\")"));
    wg_tape_free(t);
}

static void wrong_operands_are_refused(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F32);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(2, 3)), *f = wg_input(t, "f", WG_SHAPE(2)),
              *i = wg_input_as(t, "i", WG_I32, WG_SHAPE(2));
    wg_tensor *i2 = wg_input_as(t, "i2", WG_I32, WG_SHAPE(2, 4)),
              *s = wg_input(t, "s", WG_SHAPE(2, 4)),
              *eight = wg_input(t, "e", WG_SHAPE(1, 1, 1, 1, 1, 1, 1, 1));
    assert_null(wg_take(x, f, 0));
    plain_assert_error(
        t, "take: wants a tensor and an index of dtype i32, got \"x\" f32 [2, 3] x \"f\" f32 [2]");
    assert_null(wg_take(x, i, 2));
    plain_assert_error(
        t, "take: wants an axis from -2 to 1, not 2, got \"x\" f32 [2, 3] x \"i\" i32 [2]");
    assert_null(wg_take(x, NULL, 0));
    plain_assert_error(t, "take: wants a tensor and an index, got \"x\" [2, 3] x NULL");
    assert_null(wg_take(eight, i2, 0));
    assert_non_null(strstr(wg_error(t), "take: wants ranks that sum to at most 9"));
    wg_clear_error(t);
    assert_null(wg_take_along_axis(x, i, 0));
    plain_assert_error(t, "take_along_axis: wants an index of the tensor's extents but for axis 0, "
                          "got \"x\" f32 [2, 3] x \"i\" i32 [2]");
    assert_null(wg_take_along_axis(x, i2, 0));
    plain_assert_error(t, "take_along_axis: wants an index of the tensor's extents but for axis 0, "
                          "got \"x\" f32 [2, 3] x \"i2\" i32 [2, 4]");
    assert_null(wg_take_along_axis(x, f, 0));
    plain_assert_error(t, "take_along_axis: wants a tensor and an index of dtype i32, got "
                          "\"x\" f32 [2, 3] x \"f\" f32 [2]");
    assert_null(wg_scatter_add(x, i2, s, 0));
    plain_assert_error(t,
                       "scatter_add: wants an index and a source of one shape, the tensor's but "
                       "for axis 0, got \"x\" f32 [2, 3] x \"i2\" i32 [2, 4] x \"s\" f32 [2, 4]");
    assert_null(wg_scatter_add(x, s, s, 1));
    plain_assert_error(t, "scatter_add: wants a tensor, an index of dtype i32 and a source, got "
                          "\"x\" f32 [2, 3] x \"s\" f32 [2, 4] x \"s\" f32 [2, 4]");
    assert_null(wg_scatter_add(x, i2, i2, 1));
    plain_assert_error(t, "scatter_add: wants a tensor and a source of one dtype, got \"x\" f32 "
                          "[2, 3] x \"i2\" i32 [2, 4] x \"i2\" i32 [2, 4]");
    assert_null(wg_scatter_add(x, i2, NULL, 1));
    plain_assert_error(
        t, "scatter_add: wants tensors, got \"x\" f32 [2, 3] x \"i2\" i32 [2, 4] x NULL");
    assert_non_null(wg_scatter_add(x, i2, s, 1));
    assert_null(wg_one_hot(f, 3));
    plain_assert_error(t, "one_hot: wants an index of dtype i32, got \"f\" f32 [2]");
    assert_null(wg_one_hot(i, -1));
    plain_assert_error(t, "one_hot: wants a depth of 0 or more, not -1, got \"i\" i32 [2]");
    assert_null(wg_one_hot(NULL, 3));
    assert_null(wg_take(NULL, NULL, 0));
    assert_null(wg_scatter_add(NULL, NULL, NULL, 0));
    assert_null(wg_error(t));
    wg_tape_free(t);
}

/* ---- derivatives ---- */

static void records_have_right_derivatives(void **state)
{
    (void)state;
    static const char *const name[] = {"take", "take_add", "take_along_axis", "scatter"};
    for (size_t i = 0; i < sizeof name / sizeof *name; i++) {
        wg_check_report r;
        const wg_op *op = wg_find_op(NULL, name[i]);
        assert_non_null(op);
        if (wg_check_op(op, &(wg_check_options){.order = 2}, &r) != WG_OK)
            fail_msg("%s: %s", name[i], r.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes),
        cmocka_unit_test(along_an_axis),
        cmocka_unit_test(meeting_elements_add_in_order),
        cmocka_unit_test(the_adjoint_of_take_sums),
        cmocka_unit_test(one_hots),
        cmocka_unit_test(integers_are_indexed_too),
        cmocka_unit_test(a_bad_index_is_named),
        cmocka_unit_test(wrong_operands_are_refused),
        cmocka_unit_test(records_have_right_derivatives),
    };
    return cmocka_run_group_tests_name("index", tests, NULL, NULL);
}
