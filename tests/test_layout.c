/* Layout: values against loops over coordinates, Python's slices, chains of views, refusals,
 * derivatives. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <wengert.h>
#include "support/plain.h"

static plain in, out;

/* ---- slices ---- */

/* Python's definition: places start, start + step, ... that lie before stop, after both were
 * counted from the end if negative and clipped; found by asking every place of the axis. */
static int python_slice(int n, int64_t start, int64_t stop, int64_t step, int place[])
{
    int count = 0;
    int64_t low = step > 0 ? 0 : -1, high = step > 0 ? n : n - 1;
    start += start < 0 ? n : 0;
    start = start < low ? low : start > high ? high : start;
    if (stop == WG_END) {
        stop = step > 0 ? n : -1;
    } else {
        stop += stop < 0 ? n : 0;
        stop = stop < low ? low : stop > high ? high : stop;
    }
    for (int k = 0; k < n; k++) {
        int p = step > 0 ? k : n - 1 - k;
        bool reached = step > 0 ? p >= start && p < stop : p <= start && p > stop;
        if (reached && (p - start) % step == 0)
            place[count++] = p;
    }
    return count;
}

static void slices_are_pythons(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    int place[8];
    for (int n = 0; n <= 4; n++) {
        char name[20];
        snprintf(name, sizeof name, "x%d", n);
        plain_count(&in, WG_SHAPE(2, n, 2));
        wg_tensor *x = plain_input(t, name, &in);
        for (int64_t start = -6; start <= 6; start++)
            for (int64_t end = -6; end <= 7; end++)
                for (int64_t step = -5; step <= 5; step++) {
                    if (step == 0)
                        continue;
                    int64_t stop = end == 7 ? WG_END : end, at[WG_MAX_RANK] = {0};
                    int count = python_slice(n, start, stop, step, place);
                    wg_mark mark = wg_tape_mark(t);
                    out.shape = WG_SHAPE(2, count, 2);
                    if (count)
                        do {
                            int64_t from[WG_MAX_RANK] = {at[0], place[at[1]], at[2]};
                            out.v[plain_flat(&out.shape, at)] = in.v[plain_flat(&in.shape, from)];
                        } while (plain_next(&out.shape, at));
                    plain_assert_equal(wg_slice(x, n % 2 ? 1 : -2, start, stop, step), &out, 0);
                    wg_tape_rewind(t, mark);
                }
    }
    wg_tape_free(t);
}

static void slices_of_extreme_numbers(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    plain_count(&in, WG_SHAPE(3));
    wg_tensor *x = plain_input(t, "x", &in);
    out = (plain){.shape = WG_SHAPE(1), .v = {3}};
    plain_assert_equal(wg_slice(x, 0, WG_END, INT64_MIN, INT64_MIN), &out, 0);
    plain_assert_equal(wg_slice(x, 0, -1, WG_END, INT64_MAX), &out, 0);
    out.v[0] = 1;
    plain_assert_equal(wg_slice(x, 0, INT64_MIN, WG_END, INT64_MAX), &out, 0);
    plain_assert_equal(wg_slice(x, 0, 0, WG_END, -INT64_MAX), &out, 0);
    out.shape = WG_SHAPE(0);
    plain_assert_equal(wg_slice(x, 0, WG_END, WG_END, 1), &out, 0);
    assert_null(wg_error(t));
    wg_tape_free(t);
}

static void select_drops_the_axis(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    plain_count(&in, WG_SHAPE(2, 3));
    wg_tensor *x = plain_input(t, "x", &in);
    plain_assert_equal(wg_select(x, 0, 1), &(plain){.shape = WG_SHAPE(3), .v = {4, 5, 6}}, 0);
    plain_assert_equal(wg_select(x, -1, -3), &(plain){.shape = WG_SHAPE(2), .v = {1, 4}}, 0);
    assert_null(wg_select(x, 1, 3));
    plain_assert_error(t,
                       "select: wants an index from -3 to 2 along axis 1, not 3, got \"x\" [2, 3]");
    assert_null(wg_select(x, 1, -4));
    plain_assert_error(
        t, "select: wants an index from -3 to 2 along axis 1, not -4, got \"x\" [2, 3]");
    assert_null(wg_select(wg_slice(x, 1, 0, 0, 1), 1, 0));
    assert_non_null(
        strstr(wg_error(t), "select: wants an axis that is not empty, not axis 1, got "));
    wg_clear_error(t);
    assert_null(wg_select(x, 2, 0));
    plain_assert_error(t, "select: wants an axis from -2 to 1, not 2, got \"x\" [2, 3]");
    wg_tape_free(t);
}

/* ---- chains of views ---- */

/* A random step on the library's tensor and on the plain array. */
typedef struct both {
    wg_tensor **x;
    plain *p;
    const plain *was;    /* p before the step */
    int64_t d, from_end; /* an axis, and what to take from it to count it from the end; or 0 */
    uint64_t *random;
} both;

/* The elements of p, each from where `from` says that it was. */
typedef void origin(const both *b, const int64_t *at, int64_t *from, const void *user);
static void rearrange(const both *b, origin *from_of, const void *user)
{
    int64_t at[WG_MAX_RANK] = {0}, from[WG_MAX_RANK] = {0};
    if (wg_shape_count(b->p->shape) == 0)
        return;
    do {
        memcpy(from, at, sizeof at);
        from_of(b, at, from, user);
        b->p->v[plain_flat(&b->p->shape, at)] = b->was->v[plain_flat(&b->was->shape, from)];
    } while (plain_next(&b->p->shape, at));
}

/* An axis of this extent comes in at d, or the one there goes. */
static void add_extent(wg_shape *s, int64_t d, int64_t extent)
{
    for (int64_t k = s->rank++; k > d; k--)
        s->dim[k] = s->dim[k - 1];
    s->dim[d] = extent;
}

static void drop_extent(wg_shape *s, int64_t d)
{
    s->rank--;
    for (int64_t k = d; k < s->rank; k++)
        s->dim[k] = s->dim[k + 1];
    s->dim[s->rank] = 0;
}

static void swapped(const both *b, const int64_t *at, int64_t *from, const void *user)
{
    const int64_t e = *(const int64_t *)user;
    from[b->d] = at[e];
    from[e] = at[b->d];
}

/* Two axes change places, the others stay where they are. */
static bool permute_both(const both *b)
{
    const wg_shape *s = &b->was->shape;
    if (s->rank < 2)
        return false;
    const int64_t d = b->d, e = (int64_t)plain_random(b->random, (uint64_t)s->rank);
    wg_axes axes = {.n = s->rank};
    for (int64_t k = 0; k < s->rank; k++)
        axes.axis[k] = k == d ? e - b->from_end : k == e ? d - b->from_end : k;
    *b->x = wg_permute(*b->x, axes);
    b->p->shape.dim[d] = s->dim[e];
    b->p->shape.dim[e] = s->dim[d];
    rearrange(b, swapped, &e);
    return true;
}

static void at_places(const both *b, const int64_t *at, int64_t *from, const void *user)
{
    from[b->d] = ((const int *)user)[at[b->d]];
}

static bool slice_both(const both *b)
{
    const wg_shape *s = &b->was->shape;
    int place[64], n = s->rank ? (int)s->dim[b->d] : 0;
    int64_t start = (int64_t)plain_random(b->random, 7) - 3,
            stop = plain_random(b->random, 2) ? WG_END : (int64_t)plain_random(b->random, 9) - 4;
    int64_t step = (int64_t)plain_random(b->random, 5) - 2;
    if (step == 0 || s->rank == 0)
        return false;
    int length = python_slice(n, start, stop, step, place);
    if (length == 0 && plain_random(b->random, 20))
        return false; /* an empty array ends the interest of a chain */
    *b->x = wg_slice(*b->x, b->d - b->from_end, start, stop, step);
    b->p->shape.dim[b->d] = length;
    rearrange(b, at_places, place);
    return true;
}

static void reversed(const both *b, const int64_t *at, int64_t *from, const void *user)
{
    (void)user;
    from[b->d] = b->was->shape.dim[b->d] - 1 - at[b->d];
}

static bool flip_both(const both *b)
{
    if (b->was->shape.rank == 0)
        return false;
    *b->x = wg_flip(*b->x, WG_AXES(b->d - b->from_end));
    rearrange(b, reversed, NULL);
    return true;
}

static void stretched(const both *b, const int64_t *at, int64_t *from, const void *user)
{
    const wg_shape *s = &b->was->shape;
    (void)user;
    for (int64_t k = 0, lead = b->p->shape.rank - s->rank; k < s->rank; k++)
        from[k] = s->dim[k] == 1 ? 0 : at[lead + k];
}

/* Along a new leading axis, or one of extent 1. */
static bool broadcast_both(const both *b)
{
    const wg_shape *s = &b->was->shape;
    const bool widens = s->rank && s->dim[b->d] == 1;
    if (wg_shape_count(*s) > 500 || (!widens && s->rank == WG_MAX_RANK))
        return false;
    if (widens)
        b->p->shape.dim[b->d] = 3;
    else
        add_extent(&b->p->shape, 0, 2);
    *b->x = wg_broadcast_to(*b->x, b->p->shape);
    rearrange(b, stretched, NULL);
    return true;
}

/* Two neighbouring axes become one. */
static bool join_both(const both *b)
{
    const wg_shape *s = &b->was->shape;
    if (b->d + 1 >= s->rank)
        return false;
    drop_extent(&b->p->shape, b->d);
    b->p->shape.dim[b->d] = s->dim[b->d] * s->dim[b->d + 1];
    *b->x = wg_reshape(*b->x, b->p->shape);
    return true;
}

/* An axis becomes two. */
static bool split_both(const both *b)
{
    const wg_shape *s = &b->was->shape;
    if (s->rank == 0 || s->rank == WG_MAX_RANK)
        return false;
    const int64_t n = s->dim[b->d], inner = n % 2 == 0 ? 2 : n % 3 == 0 ? 3 : 1;
    add_extent(&b->p->shape, b->d, n / inner);
    b->p->shape.dim[b->d + 1] = inner;
    *b->x = wg_reshape(*b->x, b->p->shape);
    return true;
}

/* An axis of extent 1 comes or goes. */
static bool squeeze_both(const both *b)
{
    const wg_shape *s = &b->was->shape;
    if (s->rank && s->dim[b->d] == 1) {
        drop_extent(&b->p->shape, b->d);
        *b->x = wg_squeeze(*b->x, WG_AXES(b->d - b->from_end));
        return true;
    }
    if (s->rank == WG_MAX_RANK)
        return false;
    add_extent(&b->p->shape, b->d, 1);
    *b->x = wg_unsqueeze(*b->x, b->d - (b->from_end ? s->rank + 1 : 0));
    return true;
}

/* False if the kind of step that was drawn does not apply. */
static bool step_both(wg_tensor **x, plain *p, uint64_t *random)
{
    static plain was;
    static bool (*const kind[])(const both *) = {permute_both,   slice_both, flip_both,
                                                 broadcast_both, join_both,  split_both,
                                                 squeeze_both};
    const uint64_t rank = (uint64_t)p->shape.rank;
    was = *p;
    both b = {.x = x, .p = p, .was = &was, .random = random};
    b.d = rank ? (int64_t)plain_random(random, rank) : 0;
    b.from_end = plain_random(random, 2) ? p->shape.rank : 0;
    return kind[plain_random(random, sizeof kind / sizeof *kind)](&b);
}

static void chains_of_views(void **state)
{
    (void)state;
    static plain p;
    static const int64_t shape[][4] = {{4, 6, 2, 3}, {1, 5, 1, 4}, {8, 1, 9, 1}, {2, 2, 2, 2}};
    wg_tape *t = wg_tape_new(WG_F64);
    uint64_t random = 1;
    for (int chain = 0; chain < 1500; chain++) {
        wg_mark mark = wg_tape_mark(t);
        plain_count(&p, wg_make_shape(plain_random(&random, 8) ? 4 : 0, shape[chain % 4]));
        wg_tensor *x = plain_input(t, "x", &p);
        for (int steps = 1 + (int)plain_random(&random, 7); steps > 0;)
            steps -= step_both(&x, &p, &random);
        plain_assert_equal(x, &p, 0);
        wg_tape_rewind(t, mark);
    }
    assert_null(wg_error(t));
    wg_tape_free(t);
}

/* A reshape of a view needs no copy when each group of axes lies as one line; white-box:
 * asks the op itself. */
static void reshapes_that_strides_can_say(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    const struct {
        wg_view x;
        wg_shape to;
        bool can;
        int64_t stride[WG_MAX_RANK];
    } c[] = {
        {{WG_SHAPE(4, 6), {6, 1}, 0}, WG_SHAPE(24), true, {1}},
        {{WG_SHAPE(4, 6), {6, 1}, 0}, WG_SHAPE(2, 3, 4), true, {12, 4, 1}},
        {{WG_SHAPE(6, 4), {1, 6}, 0}, WG_SHAPE(24), false, {0}},            /* a transpose */
        /* its axes split */
        {{WG_SHAPE(6, 4), {1, 6}, 0}, WG_SHAPE(2, 3, 2, 2), true, {3, 1, 12, 6}},
        {{WG_SHAPE(6, 4), {1, 6}, 0}, WG_SHAPE(1, 6, 1, 4, 1), true, {6, 1, 6, 6, 6}},
        /* one element everywhere */
        {{WG_SHAPE(3, 4), {0, 0}, 0}, WG_SHAPE(12), true, {0}},
        {{WG_SHAPE(3, 4), {0, 1}, 0}, WG_SHAPE(12), false, {0}},            /* a row repeated */
        {{WG_SHAPE(3, 4), {4, 2}, 1}, WG_SHAPE(12), false, {0}},
        {{WG_SHAPE(3, 4), {8, 2}, 1}, WG_SHAPE(6, 2), true, {4, 2}},        /* every second */
        {{WG_SHAPE(3, 4), {-4, -1}, 11}, WG_SHAPE(12), true, {-1}},         /* all reversed */
        /* strides of extents 1 mean nothing */
        {{WG_SHAPE(1, 4, 1), {77, 3, 99}, 0}, WG_SHAPE(2, 2), true, {6, 3}},
        {{WG_SHAPE(1, 1), {5, 5}, 0}, WG_SHAPE(), true, {0}},
        {{WG_SHAPE(0, 4), {9, 9}, 0}, WG_SHAPE(2, 0), true, {1, 1}},
    };
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) {
        char name[20];
        snprintf(name, sizeof name, "x%d", (int)i);
        wg_tensor *y = wg_reshape(wg_input(t, name, c[i].x.shape), c[i].to);
        wg_view v = {.shape = {.rank = -1}};
        assert_non_null(y);
        assert_int_equal(wg_op_of(y)->view(y, &c[i].x, &v), c[i].can);
        if (!c[i].can)
            continue;
        assert_true(wg_shape_equal(v.shape, c[i].to));
        assert_int_equal(v.offset, c[i].x.offset);
        for (int64_t d = 0; d < c[i].to.rank; d++)
            if (c[i].to.dim[d] > 1)
                assert_int_equal(v.stride[d], c[i].stride[d]);
    }
    wg_tape_free(t);
}

static void nothing_to_do_records_nothing(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(2, 3));
    assert_ptr_equal(wg_broadcast_to(x, WG_SHAPE(2, 3)), x);
    assert_ptr_equal(wg_sum_to(x, WG_SHAPE(2, 3)), x);
    assert_int_equal(wg_node_count(t), 1);
    wg_tape_free(t);
}

static void reshapes(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    plain_count(&in, WG_SHAPE(2, 3, 4));
    wg_tensor *x = plain_input(t, "x", &in), *empty = wg_input(t, "e", WG_SHAPE(0, 3)),
              *v = wg_input(t, "v", WG_SHAPE(3));
    out = in;
    out.shape = WG_SHAPE(4, 6);
    plain_assert_equal(wg_reshape(x, WG_SHAPE(-1, 6)), &out, 0);
    out.shape = WG_SHAPE(24);
    plain_assert_equal(wg_flatten(x), &out, 0);
    assert_true(wg_shape_equal(wg_shape_of(wg_flatten(wg_scalar(t, 1))), WG_SHAPE(1)));
    assert_true(wg_shape_equal(wg_shape_of(wg_reshape(empty, WG_SHAPE(-1, 3))), WG_SHAPE(0, 3)));
    assert_true(wg_shape_equal(
        wg_shape_of(wg_squeeze(wg_reshape(x, WG_SHAPE(1, 24, 1)), WG_AXES())), WG_SHAPE(24)));
    assert_true(wg_shape_equal(wg_shape_of(wg_unsqueeze(v, 1)), WG_SHAPE(3, 1)));
    assert_true(wg_shape_equal(wg_shape_of(wg_unsqueeze(v, -2)), WG_SHAPE(1, 3)));
    assert_true(wg_shape_equal(wg_shape_of(wg_transpose(v)), WG_SHAPE(3)));
    assert_null(wg_error(t));

    assert_null(wg_reshape(x, WG_SHAPE(5, 5)));
    plain_assert_error(t, "reshape: wants as many elements as [5, 5] has, got \"x\" [2, 3, 4]");
    assert_null(wg_reshape(x, WG_SHAPE(5, -1)));
    plain_assert_error(
        t, "reshape: wants a number of elements that [5, -1] divides, got \"x\" [2, 3, 4]");
    assert_null(wg_reshape(x, WG_SHAPE(-1, 2, -1)));
    plain_assert_error(t, "reshape: wants extents of 0 or more, or one of them -1 for the rest, not "
                          "[-1, 2, -1], got \"x\" [2, 3, 4]");
    assert_null(wg_reshape(x, WG_SHAPE(-2, -12)));
    plain_assert_error(t, "reshape: wants extents of 0 or more, or one of them -1 for the rest, not "
                          "[-2, -12], got \"x\" [2, 3, 4]");
    assert_null(wg_reshape(empty, WG_SHAPE(0, -1)));
    plain_assert_error(
        t, "reshape: wants a number of elements that [0, -1] divides, got \"e\" [0, 3]");
    assert_null(wg_reshape(x, WG_SHAPE(-1, -1)));
    assert_non_null(wg_error(t));
    wg_clear_error(t);
    assert_null(wg_reshape(x, WG_SHAPE(1, 1, 1, 1, 1, 1, 1, 1, 24)));
    plain_assert_error(
        t, "reshape: wants as many elements as [more than 8 extents] has, got \"x\" [2, 3, 4]");
    assert_null(wg_reshape(x, WG_SHAPE((int64_t)1 << 62, 4)));
    assert_non_null(wg_error(t));
    wg_clear_error(t);
    assert_null(wg_squeeze(x, WG_AXES(1)));
    plain_assert_error(t, "squeeze: wants an extent of 1 at axis 1, got \"x\" [2, 3, 4]");
    assert_null(wg_squeeze(x, WG_AXES(3)));
    plain_assert_error(
        t, "squeeze: wants axes of the operand, each once, not [3], got \"x\" [2, 3, 4]");
    assert_null(wg_unsqueeze(x, 4));
    plain_assert_error(t, "unsqueeze: wants an axis from -4 to 3, not 4, got \"x\" [2, 3, 4]");
    assert_null(wg_unsqueeze(wg_reshape(v, WG_SHAPE(1, 1, 1, 1, 1, 1, 1, 3)), 0));
    assert_non_null(strstr(wg_error(t), "unsqueeze: wants a rank below 8"));
    wg_clear_error(t);
    assert_null(wg_permute(x, WG_AXES(0, 1)));
    plain_assert_error(
        t, "permute: wants each axis of the operand once, not [0, 1], got \"x\" [2, 3, 4]");
    assert_null(wg_permute(x, WG_AXES(0, 1, 1)));
    plain_assert_error(
        t, "permute: wants each axis of the operand once, not [0, 1, 1], got \"x\" [2, 3, 4]");
    assert_null(wg_permute(x, WG_AXES(0, 1, -4)));
    plain_assert_error(
        t, "permute: wants each axis of the operand once, not [0, 1, -4], got \"x\" [2, 3, 4]");
    assert_null(wg_permute(x, WG_AXES(0, 1, 2, 3, 4, 5, 6, 7, 8)));
    plain_assert_error(
        t,
        "permute: wants each axis of the operand once, not more than 8 axes, got \"x\" [2, 3, 4]");
    assert_null(wg_broadcast_to(x, WG_SHAPE(2, 2, 3, 3)));
    plain_assert_error(
        t, "broadcast_to: wants a shape that broadcasts to [2, 2, 3, 3], got \"x\" [2, 3, 4]");
    assert_null(wg_broadcast_to(x, WG_SHAPE(4)));
    plain_assert_error(t,
                       "broadcast_to: wants a shape that broadcasts to [4], got \"x\" [2, 3, 4]");
    assert_null(wg_broadcast_to(v, WG_SHAPE((int64_t)1 << 62, 3)));
    assert_non_null(wg_error(t));
    wg_clear_error(t);
    assert_null(wg_sum_to(x, WG_SHAPE(2, 4)));
    plain_assert_error(t, "sum_to: wants a shape that [2, 4] broadcasts to, got \"x\" [2, 3, 4]");
    assert_null(wg_slice(x, 0, 0, 1, 0));
    plain_assert_error(t, "slice: wants a step other than 0, got \"x\" [2, 3, 4]");
    assert_null(wg_flip(x, WG_AXES(0, -3)));
    plain_assert_error(
        t, "flip: wants axes of the operand, each once, not [0, -3], got \"x\" [2, 3, 4]");
    assert_null(wg_slice(wg_scalar(t, 1), 0, 0, 1, 1));
    assert_non_null(strstr(wg_error(t), "slice: wants an axis, got full#"));
    wg_tape_free(t);
}

static void sum_to_sums_what_was_stretched(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    const wg_shape big = WG_SHAPE(2, 3, 1, 4),
                   small[] = {WG_SHAPE(2, 3, 1, 4), WG_SHAPE(3, 1, 4),   WG_SHAPE(1, 4),
                              WG_SHAPE(4),          WG_SHAPE(),          WG_SHAPE(1),
                              WG_SHAPE(1, 3, 1, 1), WG_SHAPE(2, 1, 1, 4)};
    plain_count(&in, big);
    wg_tensor *x = plain_input(t, "x", &in);
    for (size_t i = 0; i < sizeof small / sizeof *small; i++) {
        int64_t at[WG_MAX_RANK] = {0}, to[WG_MAX_RANK] = {0};
        out = (plain){.shape = small[i]};
        do {
            for (int64_t d = 0; d < small[i].rank; d++)
                to[d] = small[i].dim[d] == 1 ? 0 : at[d + big.rank - small[i].rank];
            out.v[plain_flat(&small[i], to)] += in.v[plain_flat(&big, at)];
        } while (plain_next(&big, at));
        plain_assert_equal(wg_sum_to(x, small[i]), &out, 0);
    }
    wg_tape_free(t);
}

/* ---- joining ---- */

static void concat_and_split_undo_each_other(void **state)
{
    (void)state;
    static plain part[4];
    wg_tape *t = wg_tape_new(WG_F64);
    uint64_t random = 2;
    for (int round = 0; round < 200; round++) {
        wg_mark mark = wg_tape_mark(t);
        wg_shape s = {.rank = 1 + (int64_t)plain_random(&random, 4)};
        int64_t d = (int64_t)plain_random(&random, (uint64_t)s.rank), sizes[4],
                at[WG_MAX_RANK] = {0};
        int n = 1 + (int)plain_random(&random, 4);
        wg_tensor *x[4], *back[4];
        for (int64_t e = 0; e < s.rank; e++)
            s.dim[e] = 1 + (int64_t)plain_random(&random, 3);
        out.shape = s;
        out.shape.dim[d] = 0;
        for (int i = 0; i < n; i++) {
            char name[20];
            snprintf(name, sizeof name, "x%d", i);
            s.dim[d] = sizes[i] = (int64_t)plain_random(&random, 4);
            plain_fill(&part[i], s, &random);
            x[i] = plain_input(t, name, &part[i]);
            out.shape.dim[d] += sizes[i];
        }
        if (wg_shape_count(out.shape))
            do {
                int64_t from[WG_MAX_RANK];
                int i = 0;
                memcpy(from, at, sizeof from);
                for (; from[d] >= sizes[i]; i++)
                    from[d] -= sizes[i];
                out.v[plain_flat(&out.shape, at)] = part[i].v[plain_flat(&part[i].shape, from)];
            } while (plain_next(&out.shape, at));
        wg_tensor *y = wg_concat(n, x, round % 2 ? d : d - s.rank);
        plain_assert_equal(y, &out, 0);
        assert_int_equal(wg_split(y, d - s.rank, n, sizes, back), WG_OK);
        for (int i = 0; i < n; i++)
            plain_assert_equal(back[i], &part[i], 0);
        wg_tape_rewind(t, mark);
    }
    wg_tape_free(t);
}

static void stack_makes_an_axis(void **state)
{
    (void)state;
    static plain a, b;
    wg_tape *t = wg_tape_new(WG_F64);
    uint64_t random = 3;
    plain_fill(&a, WG_SHAPE(2, 3), &random);
    plain_fill(&b, WG_SHAPE(2, 3), &random);
    wg_tensor *x[] = {plain_input(t, "a", &a), plain_input(t, "b", &b)};
    for (int64_t d = 0; d <= 2; d++) {
        int64_t at[WG_MAX_RANK] = {0}, from[WG_MAX_RANK] = {0};
        out.shape = d == 0 ? WG_SHAPE(2, 2, 3) : d == 1 ? WG_SHAPE(2, 2, 3) : WG_SHAPE(2, 3, 2);
        do {
            for (int64_t e = 0, k = 0; e < 3; e++)
                if (e != d)
                    from[k++] = at[e];
            out.v[plain_flat(&out.shape, at)] = (at[d] ? b : a).v[plain_flat(&a.shape, from)];
        } while (plain_next(&out.shape, at));
        plain_assert_equal(wg_stack(2, x, d), &out, 0);
        plain_assert_equal(wg_stack(2, x, d - 3), &out, 0);
    }
    wg_tape_free(t);
}

static void joining_refuses(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F32), *other = wg_tape_new(WG_F32);
    wg_tensor *a = wg_input(t, "a", WG_SHAPE(2, 3)), *b = wg_input(t, "b", WG_SHAPE(2, 4)),
              *i = wg_input_as(t, "i", WG_I32, WG_SHAPE(2, 3));
    wg_tensor *far = wg_input(other, "far", WG_SHAPE(2, 3)), *out_of[3];
    assert_null(wg_concat(2, (wg_tensor *[]){a, b}, 0));
    plain_assert_error(
        t,
        "concat: wants extents that are equal but along axis 0, got \"a\" [2, 3] x \"b\" [2, 4]");
    assert_null(wg_concat(2, (wg_tensor *[]){a, NULL}, 0));
    plain_assert_error(t, "concat: wants tensors, got \"a\" [2, 3] x NULL");
    assert_null(wg_concat(2, (wg_tensor *[]){a, i}, 0));
    plain_assert_error(t, "concat: wants tensors of one dtype, got \"a\" f32 [2, 3] x \"i\" i32 [2, 3]");
    assert_null(wg_concat(2, (wg_tensor *[]){a, b}, 2));
    plain_assert_error(
        t, "concat: wants an axis from -2 to 1, not 2, got \"a\" [2, 3] x \"b\" [2, 4]");
    assert_null(wg_concat(2, (wg_tensor *[]){a, far}, 0));
    plain_assert_error(t, "concat: wants tensors of one tape, got \"a\" [2, 3] x \"far\" [2, 3]");
    wg_clear_error(other);
    assert_null(wg_concat(0, NULL, 0));
    assert_null(wg_concat(2, (wg_tensor *[]){NULL, NULL}, 0));
    assert_null(wg_stack(2, (wg_tensor *[]){a, b}, 0));
    plain_assert_error(t, "stack: wants tensors of one shape, got \"a\" [2, 3] x \"b\" [2, 4]");
    assert_null(wg_stack(2, (wg_tensor *[]){a, a}, 3));
    plain_assert_error(t,
                       "stack: wants an axis from -3 to 2, not 3, got \"a\" [2, 3] x \"a\" [2, 3]");
    assert_int_equal(wg_split(a, 1, 2, (int64_t[]){1, 1}, out_of), WG_ERR_ARGUMENT);
    plain_assert_error(t, "split: wants sizes of 0 or more that sum to the 3 of axis 1, not [1, "
                          "1], got \"a\" [2, 3]");
    assert_null(out_of[0]);
    assert_int_equal(wg_split(a, 1, 3, (int64_t[]){4, -2, 1}, out_of), WG_ERR_ARGUMENT);
    plain_assert_error(t, "split: wants sizes of 0 or more that sum to the 3 of axis 1, not [4, "
                          "-2, 1], got \"a\" [2, 3]");
    wg_tensor *many[10];
    assert_int_equal(wg_split(a, 1, 10,
                              (int64_t[10]){INT64_MIN, INT64_MIN, INT64_MIN, INT64_MIN, INT64_MIN,
                                            INT64_MIN, INT64_MIN, INT64_MIN},
                              many),
                     WG_ERR_ARGUMENT);
    assert_non_null(strstr(wg_error(t), "-9223372036854775808, ..], got \"a\" [2, 3]"));
    wg_clear_error(t);
    assert_int_equal(wg_split(a, 1, 2, NULL, out_of), WG_ERR_ARGUMENT);
    plain_assert_error(t, "split: wants sizes and room for 2 parts, not NULL, got \"a\" [2, 3]");
    assert_int_equal(wg_split(a, 1, -1, NULL, NULL), WG_ERR_ARGUMENT);
    plain_assert_error(t, "split: wants 0 or more parts, not -1, got \"a\" [2, 3]");
    assert_int_equal(wg_split(NULL, 1, 1, (int64_t[]){1}, out_of), WG_ERR_ARGUMENT);
    assert_null(wg_pad(a, (int64_t[]){0, -1}, (int64_t[]){0, 0}, 0));
    plain_assert_error(t, "pad: wants sizes of 0 or more and a result of at most 2^63 - 1 elements "
                          "(axis 1), got \"a\" [2, 3]");
    assert_null(wg_pad(a, (int64_t[]){INT64_MAX, 0}, (int64_t[]){0, 0}, 0));
    wg_clear_error(t);
    assert_null(wg_pad(a, (int64_t[]){INT64_MAX / 3, 0}, (int64_t[]){0, 0}, 0));
    assert_non_null(wg_error(t));
    wg_clear_error(t);
    assert_null(wg_pad(a, NULL, (int64_t[]){0, 0}, 0));
    plain_assert_error(t,
                       "pad: wants sizes before and after each axis, not NULL, got \"a\" [2, 3]");
    assert_null(wg_pad(i, (int64_t[]){0, 0}, (int64_t[]){0, 0}, 0.5));
    plain_assert_error(t, "pad: wants a value that i32 can hold, not 0.5, got \"i\" i32 [2, 3]");
    assert_null(wg_repeat(a, WG_SHAPE(2)));
    plain_assert_error(
        t, "repeat: wants a count of 0 or more for each axis, not [2], got \"a\" [2, 3]");
    assert_null(wg_repeat(a, WG_SHAPE(2, -1)));
    wg_clear_error(t);
    assert_null(wg_repeat(a, WG_SHAPE((int64_t)1 << 61, 1)));
    assert_non_null(wg_error(t));
    wg_clear_error(t);
    assert_null(wg_repeat_interleave(a, -1, 0));
    plain_assert_error(t,
                       "repeat_interleave: wants a count of 0 or more, not -1, got \"a\" [2, 3]");
    assert_null(wg_repeat_interleave(a, INT64_MAX, 1));
    assert_non_null(wg_error(t));
    wg_tape_free(t);
    wg_tape_free(other);
}

static void pads(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    uint64_t random = 4;
    for (int round = 0; round < 200; round++) {
        wg_mark mark = wg_tape_mark(t);
        wg_shape s = {.rank = (int64_t)plain_random(&random, 5)};
        int64_t before[WG_MAX_RANK], after[WG_MAX_RANK], at[WG_MAX_RANK] = {0};
        double value = round % 3 ? plain_uniform(&random) : round % 2 ? 0.0 : -0.0;
        for (int64_t d = 0; d < s.rank; d++)
            s.dim[d] = (int64_t)plain_random(&random, 4);
        plain_fill(&in, s, &random);
        out.shape = s;
        for (int64_t d = 0; d < s.rank; d++) {
            before[d] = (int64_t)plain_random(&random, 3);
            after[d] = (int64_t)plain_random(&random, 3);
            out.shape.dim[d] += before[d] + after[d];
        }
        if (wg_shape_count(out.shape))
            do {
                bool inside = true;
                int64_t from[WG_MAX_RANK] = {0};
                for (int64_t d = 0; d < s.rank; d++) {
                    from[d] = at[d] - before[d];
                    inside = inside && from[d] >= 0 && from[d] < s.dim[d];
                }
                out.v[plain_flat(&out.shape, at)] = inside ? in.v[plain_flat(&s, from)] : value;
            } while (plain_next(&out.shape, at));
        plain_assert_equal(wg_pad(plain_input(t, "x", &in), before, after, value), &out, 0);
        wg_tape_rewind(t, mark);
    }
    wg_tape_free(t);
}

static void repeats(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    uint64_t random = 5;
    for (int round = 0; round < 200; round++) {
        wg_mark mark = wg_tape_mark(t);
        wg_shape s = {.rank = (int64_t)plain_random(&random, 4)},
                 times = {.rank = s.rank + (int64_t)plain_random(&random, 2)};
        int64_t at[WG_MAX_RANK] = {0}, lead = times.rank - s.rank;
        for (int64_t d = 0; d < s.rank; d++)
            s.dim[d] = 1 + (int64_t)plain_random(&random, 3);
        plain_fill(&in, s, &random);
        wg_tensor *x = plain_input(t, "x", &in);
        out.shape = times;
        for (int64_t d = 0; d < times.rank; d++) {
            times.dim[d] = (int64_t)plain_random(&random, 4);
            out.shape.dim[d] = times.dim[d] * (d < lead ? 1 : s.dim[d - lead]);
        }
        if (wg_shape_count(out.shape))
            do {
                int64_t from[WG_MAX_RANK] = {0};
                for (int64_t d = 0; d < s.rank; d++)
                    from[d] = at[d + lead] % s.dim[d];
                out.v[plain_flat(&out.shape, at)] = in.v[plain_flat(&s, from)];
            } while (plain_next(&out.shape, at));
        plain_assert_equal(wg_repeat(x, times), &out, 0);
        if (s.rank) { /* each element several times in a row */
            int64_t d = (int64_t)plain_random(&random, (uint64_t)s.rank),
                    each = (int64_t)plain_random(&random, 4);
            memset(at, 0, sizeof at);
            out.shape = s;
            out.shape.dim[d] *= each;
            if (wg_shape_count(out.shape))
                do {
                    int64_t from[WG_MAX_RANK];
                    memcpy(from, at, sizeof from);
                    from[d] /= each;
                    out.v[plain_flat(&out.shape, at)] = in.v[plain_flat(&s, from)];
                } while (plain_next(&out.shape, at));
            plain_assert_equal(wg_repeat_interleave(x, each, d - s.rank), &out, 0);
        }
        wg_tape_rewind(t, mark);
    }
    wg_tape_free(t);
}

/* ---- diagonals and triangles ---- */

static void diagonals(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    uint64_t random = 6;
    for (int64_t m = 0; m <= 4; m++)
        for (int64_t n = 0; n <= 4; n++)
            for (int64_t k = -6; k <= 6; k++) {
                wg_mark mark = wg_tape_mark(t);
                int64_t length = 0;
                plain_fill(&in, WG_SHAPE(2, m, n), &random);
                wg_tensor *x = plain_input(t, "x", &in);
                for (int64_t i = 0; i < m; i++)
                    length += i + k >= 0 && i + k < n;
                out.shape = WG_SHAPE(2, length);
                for (int64_t b = 0; b < 2; b++)
                    for (int64_t i = 0, l = 0; i < m; i++)
                        if (i + k >= 0 && i + k < n)
                            out.v[b * length + l++] = in.v[(b * m + i) * n + i + k];
                plain_assert_equal(wg_diag(x, k), &out, 0);
                for (int upper = 0; upper < 2; upper++) {
                    out.shape = in.shape;
                    for (int64_t i = 0; i < 2 * m * n; i++) {
                        int64_t row = i / n % m, column = i % n;
                        bool kept = upper ? column - row >= k : column - row <= k;
                        out.v[i] = kept ? in.v[i] : 0;
                    }
                    plain_assert_equal(upper ? wg_triu(x, k) : wg_tril(x, k), &out, 0);
                }
                wg_tape_rewind(t, mark);
            }
    for (int64_t n = 0; n <= 4; n++)
        for (int64_t k = -3; k <= 3; k++) {
            wg_mark mark = wg_tape_mark(t);
            int64_t size = n + (k < 0 ? -k : k);
            plain_fill(&in, WG_SHAPE(n), &random);
            out = (plain){.shape = WG_SHAPE(size, size)};
            for (int64_t i = 0; i < n; i++)
                out.v[(i + (k < 0 ? -k : 0)) * size + i + (k > 0 ? k : 0)] = in.v[i];
            plain_assert_equal(wg_diag(plain_input(t, "x", &in), k), &out, 0);
            wg_tape_rewind(t, mark);
        }
    wg_tape_free(t);
}

static void extreme_diagonals(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(2, 3)), *v = wg_input(t, "v", WG_SHAPE(3));
    wg_set_f64(x, (double[]){1, 2, 3, 4, 5, 6});
    const int64_t far[] = {INT64_MIN, INT64_MIN + 1, -1000, 1000, INT64_MAX};
    for (int i = 0; i < 5; i++) {
        out = (plain){.shape = WG_SHAPE(0)};
        plain_assert_equal(wg_diag(x, far[i]), &out, 0);
        out = (plain){.shape = WG_SHAPE(2, 3)};
        plain_assert_equal(far[i] < 0 ? wg_tril(x, far[i]) : wg_triu(x, far[i]), &out, 0);
        out = (plain){.shape = WG_SHAPE(2, 3), .v = {1, 2, 3, 4, 5, 6}};
        plain_assert_equal(far[i] < 0 ? wg_triu(x, far[i]) : wg_tril(x, far[i]), &out, 0);
        if (i != 2 && i != 3) {
            assert_null(wg_diag(v, far[i]));
            assert_non_null(strstr(
                wg_error(t), "diag: wants at most 2^63 - 1 elements in the matrix, not diagonal"));
            wg_clear_error(t);
        }
    }
    assert_null(wg_error(t));
    assert_null(wg_diag(wg_scalar(t, 1), 0));
    assert_non_null(strstr(wg_error(t), "diag: wants a vector or [.., m, n], got full#"));
    wg_clear_error(t);
    assert_null(wg_trace(v));
    plain_assert_error(t, "trace: wants [.., m, n], got \"v\" [3]");
    assert_null(wg_tril(v, 0));
    plain_assert_error(t, "tril: wants [.., m, n], got \"v\" [3]");
    assert_null(wg_triu(v, 0));
    plain_assert_error(t, "triu: wants [.., m, n], got \"v\" [3]");
    assert_null(wg_eye(t, -1, 2));
    plain_assert_error(
        t, "eye: wants extents of 0 or more and at most 2^63 - 1 elements, got -1 and 2");
    assert_null(wg_eye(t, (int64_t)1 << 40, (int64_t)1 << 40));
    assert_non_null(wg_error(t));
    wg_tape_free(t);
}

static void traces_and_eyes(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F32);
    plain_count(&in, WG_SHAPE(2, 2, 3));
    plain_assert_equal(wg_trace(plain_input(t, "x", &in)),
                       &(plain){.shape = WG_SHAPE(2), .v = {1 + 5, 7 + 11}}, 0);
    plain_assert_equal(wg_trace(wg_zeros_like(wg_input(t, "e", WG_SHAPE(0, 3)))),
                       &(plain){.shape = WG_SHAPE(), .v = {0}}, 0);
    for (int64_t m = 0; m <= 3; m++)
        for (int64_t n = 0; n <= 3; n++) {
            out = (plain){.shape = WG_SHAPE(m, n)};
            for (int64_t i = 0; i < m && i < n; i++)
                out.v[i * n + i] = 1;
            plain_assert_equal(wg_eye(t, m, n), &out, 0);
        }
    assert_int_equal(wg_dtype_of(wg_eye(t, 2, 2)), WG_F32);
    wg_tape_free(t);
}

/* What is masked out is 0 whatever it was, in the value and in the adjoint. */
static void masks_keep_infinity_out(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(2, 2)), *g;
    wg_set_f64(x, (double[]){1, NAN, 3, INFINITY});
    plain_assert_equal(wg_tril(x, -1), &(plain){.shape = WG_SHAPE(2, 2), .v = {0, 0, 3, 0}}, 0);
    wg_tensor *y = wg_sum(wg_square(wg_tril(x, -1)));
    assert_int_equal(wg_grad(y, 1, &x, &g), WG_OK);
    plain_assert_equal(g, &(plain){.shape = WG_SHAPE(2, 2), .v = {0, 0, 6, 0}}, 0);
    wg_tensor *v = wg_input(t, "v", WG_SHAPE(2));
    wg_set_f64(v, (double[]){NAN, INFINITY});
    plain_assert_equal(wg_diag(v, 0), &(plain){.shape = WG_SHAPE(2, 2), .v = {NAN, 0, 0, INFINITY}},
                       0);
    wg_tape_free(t);
}

/* ---- ranges ---- */

static void ranges(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    plain_assert_equal(wg_arange(t, 0, 5, 2), &(plain){.shape = WG_SHAPE(3), .v = {0, 2, 4}}, 0);
    plain_assert_equal(wg_arange(t, 1, -1, -0.5),
                       &(plain){.shape = WG_SHAPE(4), .v = {1, 0.5, 0, -0.5}}, 0);
    plain_assert_equal(wg_arange(t, 3, 3, 1), &(plain){.shape = WG_SHAPE(0)}, 0);
    plain_assert_equal(wg_arange(t, 3, 3, -1), &(plain){.shape = WG_SHAPE(0)}, 0);
    wg_tensor *i = wg_arange_as(t, WG_I32, -1, 6, 3);
    assert_int_equal(wg_dtype_of(i), WG_I32);
    plain_assert_equal(i, &(plain){.shape = WG_SHAPE(3), .v = {-1, 2, 5}}, 0);
    i = wg_arange_as(t, WG_I32, INT32_MIN, (double)INT32_MIN + 2, 1);
    plain_assert_equal(i, &(plain){.shape = WG_SHAPE(2), .v = {INT32_MIN, INT32_MIN + 1}}, 0);
    plain_assert_equal(wg_linspace(t, 2, 3, 5),
                       &(plain){.shape = WG_SHAPE(5), .v = {2, 2.25, 2.5, 2.75, 3}}, 0);
    plain_assert_equal(wg_linspace(t, 2, 3, 1), &(plain){.shape = WG_SHAPE(1), .v = {2}}, 0);
    plain_assert_equal(wg_linspace(t, 2, 3, 0), &(plain){.shape = WG_SHAPE(0)}, 0);
    plain_assert_equal(wg_linspace(t, -1.7e308, 1.7e308, 3),
                       &(plain){.shape = WG_SHAPE(3), .v = {-1.7e308, 0, 1.7e308}}, 0);
    for (int64_t n = 2; n < 60; n++) {
        double v[60];
        wg_tensor *x = wg_linspace(t, 0.1, 0.7, n);
        assert_int_equal(wg_get_f64(x, v), WG_OK);
        assert_true(v[0] == 0.1 && v[n - 1] == 0.7);
        for (int64_t k = 0; k < n; k++)
            assert_true(fabs(v[k] - (0.1 + 0.6 * (double)k / (double)(n - 1))) < 1e-15);
    }
    assert_null(wg_error(t));
    wg_tape_free(t);
}

static void ranges_refuse(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    assert_null(wg_arange(t, 0, 1, 0));
    plain_assert_error(t, "arange: wants finite numbers and a step other than 0, got 0 to 1 by 0");
    assert_null(wg_arange(t, 0, NAN, 1));
    plain_assert_error(t,
                       "arange: wants finite numbers and a step other than 0, got 0 to nan by 1");
    assert_null(wg_arange(t, 0, INFINITY, 1));
    plain_assert_error(t,
                       "arange: wants finite numbers and a step other than 0, got 0 to inf by 1");
    assert_null(wg_arange(t, 0, 1, -1));
    plain_assert_error(t, "arange: wants a step towards the end, got 0 to 1 by -1");
    assert_null(wg_arange(t, 0, 1e300, 1e-300));
    plain_assert_error(t, "arange: wants at most 2^53 elements, got 0 to 1e+300 by 1e-300");
    assert_null(wg_arange(t, -1.7e308, 1.7e308, 1));
    assert_non_null(wg_error(t));
    wg_clear_error(t);
    assert_null(wg_arange_as(t, WG_I32, 0.5, 3, 1));
    plain_assert_error(t, "arange: wants numbers that i32 can hold, got 0.5 to 3 by 1");
    assert_null(wg_arange_as(t, WG_I32, 0, 3e9, 1));
    plain_assert_error(t, "arange: wants numbers that i32 can hold, got 0 to 3e+09 by 1");
    assert_null(wg_arange_as(t, (wg_dtype)9, 0, 3, 1));
    plain_assert_error(t, "arange: wants a dtype, got 9");
    assert_null(wg_linspace(t, 0, 1, -1));
    plain_assert_error(t, "linspace: wants 0 to 2^53 elements, got -1");
    assert_null(wg_linspace(t, -INFINITY, 1, 3));
    plain_assert_error(t, "linspace: wants finite ends, got -inf to 1");
    assert_null(wg_arange(NULL, 0, 1, 1));
    assert_null(wg_linspace(NULL, 0, 1, 3));
    assert_null(wg_eye(NULL, 1, 1));
    wg_tape_free(t);
}

/* ---- every op ---- */

static void null_gives_null(void **state)
{
    (void)state;
    wg_tensor *none[2] = {NULL, NULL};
    const int64_t zero = 0;
    assert_null(wg_reshape(NULL, WG_SHAPE(1)));
    assert_null(wg_flatten(NULL));
    assert_null(wg_squeeze(NULL, WG_AXES()));
    assert_null(wg_unsqueeze(NULL, 0));
    assert_null(wg_transpose(NULL));
    assert_null(wg_permute(NULL, WG_AXES()));
    assert_null(wg_broadcast_to(NULL, WG_SHAPE()));
    assert_null(wg_sum_to(NULL, WG_SHAPE()));
    assert_null(wg_slice(NULL, 0, 0, 1, 1));
    assert_null(wg_select(NULL, 0, 0));
    assert_null(wg_flip(NULL, WG_AXES()));
    assert_null(wg_pad(NULL, &zero, &zero, 0));
    assert_null(wg_repeat(NULL, WG_SHAPE()));
    assert_null(wg_repeat_interleave(NULL, 1, 0));
    assert_null(wg_concat(2, none, 0));
    assert_null(wg_stack(2, none, 0));
    assert_null(wg_diag(NULL, 0));
    assert_null(wg_trace(NULL));
    assert_null(wg_tril(NULL, 0));
    assert_null(wg_triu(NULL, 0));
    assert_null(wg_stop_gradient(NULL));
}

static void integers_are_moved_too(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F32);
    wg_tensor *x = wg_input_as(t, "x", WG_I32, WG_SHAPE(2, 2));
    wg_set_i32(x, (int32_t[]){1, 2, 3, 4});
    wg_tensor *y = wg_concat(2, (wg_tensor *[]){wg_transpose(x), wg_flip(x, WG_AXES(0))}, 1);
    plain_assert_equal(y, &(plain){.shape = WG_SHAPE(2, 4), .v = {1, 3, 3, 4, 2, 4, 1, 2}}, 0);
    y = wg_pad(wg_diag(x, 0), (int64_t[]){1}, (int64_t[]){2}, -7);
    assert_int_equal(wg_dtype_of(y), WG_I32);
    plain_assert_equal(y, &(plain){.shape = WG_SHAPE(5), .v = {-7, 1, 4, -7, -7}}, 0);
    plain_assert_equal(wg_tril(x, 0), &(plain){.shape = WG_SHAPE(2, 2), .v = {1, 0, 3, 4}}, 0);
    plain_assert_equal(wg_repeat(x, WG_SHAPE(1, 2)),
                       &(plain){.shape = WG_SHAPE(2, 4), .v = {1, 2, 1, 2, 3, 4, 3, 4}}, 0);
    wg_tape_free(t);
}

/* ---- derivatives ---- */

/* A bend, so that the second derivative is not 0 either. */
static wg_tensor *bent(wg_tensor *x)
{
    return wg_mul(x, wg_sin(x));
}

static wg_tensor *fed_input(wg_tape *t, const char *name, wg_shape s, uint64_t seed)
{
    static plain p;
    plain_fill(&p, s, &seed);
    return plain_input(t, name, &p);
}

static wg_tensor *composition(wg_tape *t, void *user)
{
    wg_tensor *x = fed_input(t, "x", WG_SHAPE(3, 4), 7), *v = fed_input(t, "v", WG_SHAPE(3), 8),
              *part[2];
    switch (*(int *)user) {
    case 0: return wg_trace(bent(x));
    case 1: return bent(wg_tril(bent(x), 1));
    case 2: return bent(wg_triu(x, -1));
    case 3: return bent(wg_diag(x, 1));
    case 4: return bent(wg_diag(bent(v), -2));
    case 5: return bent(wg_repeat(x, WG_SHAPE(2, 1, 2)));
    case 6: return bent(wg_repeat_interleave(x, 3, 1));
    case 7:
        return wg_split(bent(x), 1, 2, (int64_t[]){1, 3}, part) == WG_OK ? wg_mul(part[0], part[1])
                                                                         : NULL;
    case 8: return wg_stack(2, (wg_tensor *[]){bent(v), wg_select(x, 1, 2)}, 1);
    case 9: return bent(wg_sum_to(x, WG_SHAPE(3, 1)));
    case 10: return bent(wg_slice(wg_slice(x, 0, WG_END, WG_END, -2), 1, -1, 0, -1));
    case 11: return bent(wg_reshape(wg_flip(wg_broadcast_to(v, WG_SHAPE(2, 3)), WG_AXES(0, 1)),
                                    WG_SHAPE(3, 2)));
    case 12: return bent(wg_squeeze(wg_concat(3,
                                              (wg_tensor *[]){wg_unsqueeze(v, 0),
                                                              wg_slice(wg_transpose(x), 0, 0, 2, 1),
    wg_unsqueeze(v, 0)}, 0), WG_AXES()));
    default: return NULL;
    }
}

static void compositions_have_right_derivatives(void **state)
{
    (void)state;
    for (int which = 0; which < 13; which++) {
        wg_check_report r;
        if (wg_check_grad(composition, &which, &(wg_check_options){.order = 2}, &r) != WG_OK)
            fail_msg("composition %d: %s", which, r.text);
    }
}

static void records_have_right_derivatives(void **state)
{
    (void)state;
    static const char *const name[] = {"reshape", "permute", "broadcast_to", "slice",
                                       "flip",    "concat",  "pad"};
    for (size_t i = 0; i < sizeof name / sizeof *name; i++) {
        wg_check_report r;
        const wg_op *op = wg_find_op(NULL, name[i]);
        assert_non_null(op);
        if (wg_check_op(op, &(wg_check_options){.order = 2}, &r) != WG_OK)
            fail_msg("%s: %s", name[i], r.text);
    }
}

static void stop_gradient_stops(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    plain_count(&in, WG_SHAPE(3));
    wg_tensor *x = plain_input(t, "x", &in), *g;
    wg_tensor *y = wg_sum(wg_mul(x, wg_stop_gradient(x)));
    assert_int_equal(wg_grad(y, 1, &x, &g), WG_OK);
    plain_assert_equal(g, &in, 0);
    y = wg_sum(wg_stop_gradient(wg_square(x)));
    assert_int_equal(wg_grad(y, 1, &x, &g), WG_OK);
    plain_assert_equal(g, &(plain){.shape = WG_SHAPE(3)}, 0);
    wg_tape_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slices_are_pythons),
        cmocka_unit_test(slices_of_extreme_numbers),
        cmocka_unit_test(select_drops_the_axis),
        cmocka_unit_test(chains_of_views),
        cmocka_unit_test(reshapes_that_strides_can_say),
        cmocka_unit_test(nothing_to_do_records_nothing),
        cmocka_unit_test(reshapes),
        cmocka_unit_test(sum_to_sums_what_was_stretched),
        cmocka_unit_test(concat_and_split_undo_each_other),
        cmocka_unit_test(stack_makes_an_axis),
        cmocka_unit_test(joining_refuses),
        cmocka_unit_test(pads),
        cmocka_unit_test(repeats),
        cmocka_unit_test(diagonals),
        cmocka_unit_test(extreme_diagonals),
        cmocka_unit_test(traces_and_eyes),
        cmocka_unit_test(masks_keep_infinity_out),
        cmocka_unit_test(ranges),
        cmocka_unit_test(ranges_refuse),
        cmocka_unit_test(null_gives_null),
        cmocka_unit_test(integers_are_moved_too),
        cmocka_unit_test(compositions_have_right_derivatives),
        cmocka_unit_test(records_have_right_derivatives),
        cmocka_unit_test(stop_gradient_stops),
    };
    return cmocka_run_group_tests_name("layout", tests, NULL, NULL);
}
