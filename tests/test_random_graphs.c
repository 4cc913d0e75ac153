/* Random graphs of ops, shapes, broadcasts, views, shared parts, gradients and assignments: a program with all passes gives the bits of
 * one with none.  Only reading through strides may change last bits: a sum runs over another tree by columns than by rows. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <wengert.h>

enum { GRAPHS = 4000, NODES = 24, PARAMS = 3, OUTPUTS = 4 };

typedef struct source {
    uint64_t state;
} source;

static int pick(source *s, int n)
{
    s->state = s->state * 6364136223846793005u + 1442695040888963407u;
    return (int)((s->state >> 33) % (uint64_t)n);
}

/* All shapes are of extents 1 and these, so that many pairs broadcast or multiply. */
static wg_shape any_shape(source *s)
{
    static const int64_t extent[] = {1, 2, 3, 5, 16, 33, 0};
    wg_shape shape = {.rank = pick(s, 4)};
    for (int64_t d = 0; d < shape.rank; d++)
        shape.dim[d] = extent[pick(s, pick(s, 12) ? 6 : 7)];
    return shape;
}

static wg_tensor *unary(source *s, wg_tensor *x)
{
    switch (pick(s, 9)) {
    case 0: return wg_tanh(x);
    case 1: return wg_sigmoid(x);
    case 2: return wg_sin(x);
    case 3: return wg_square(wg_mul_scalar(x, 0.5));
    case 4: return wg_relu(x);
    case 5: return wg_cast(wg_cast(wg_mul_scalar(wg_clamp(x, -9, 9), 3), WG_I32), wg_dtype_of(x)); /* through another width */
    case 6: return wg_softplus(x);
    case 7: return wg_clamp(x, -0.5, 0.75);
    default: return wg_abs(x);
    }
}

static wg_tensor *binary(source *s, wg_tensor *a, wg_tensor *b)
{
    switch (pick(s, 6)) {
    case 0: return wg_add(a, b);
    case 1: return wg_sub(a, b);
    case 2: return wg_mul(a, b);
    case 3: return wg_maximum(a, b);
    case 4: return wg_div(a, wg_add_scalar(wg_square(b), 1));
    default: return wg_where(wg_gt(a, b), a, wg_sin(b));
    }
}

static wg_tensor *rearranged(source *s, wg_tensor *x)
{
    wg_shape shape = wg_shape_of(x);
    int64_t axis = shape.rank ? pick(s, (int)shape.rank) : 0;
    if (shape.rank == 0)
        return wg_reshape(x, WG_SHAPE(1));
    switch (pick(s, 7)) {
    case 0: return wg_transpose(x);
    case 1: return wg_slice(x, axis, pick(s, 3), WG_END, 1 + pick(s, 2));
    case 2: return wg_flip(x, WG_AXES(axis));
    case 3: return wg_flatten(x);
    case 4: return wg_unsqueeze(x, axis);
    case 5: return wg_repeat_interleave(x, 2, axis);
    default: return wg_reshape(wg_transpose(x), WG_SHAPE(-1));
    }
}

static wg_tensor *reduced(source *s, wg_tensor *x)
{
    wg_shape shape = wg_shape_of(x);
    if (shape.rank == 0 || pick(s, 4) == 0)
        return pick(s, 2) ? wg_sum(x) : wg_mean(wg_square(x));
    int64_t axis = pick(s, (int)shape.rank);
    switch (pick(s, 4)) {
    case 0: return wg_sum_axes(x, WG_AXES(axis), pick(s, 2));
    case 1: return wg_softmax(x, axis);
    case 2: return wg_logsumexp_axes(x, WG_AXES(axis), pick(s, 2));
    default: return wg_cumsum(x, axis);
    }
}

static wg_tensor *product(source *s, wg_tensor *a, wg_tensor *b)
{
    wg_shape x = wg_shape_of(a), y = wg_shape_of(b);
    if (x.rank < 2 || y.rank < 2)
        return NULL;
    if (pick(s, 2)) {
        b = wg_transpose(b);
        y = wg_shape_of(b);
    }
    return x.dim[x.rank - 1] == y.dim[y.rank - 2] ? wg_matmul(a, b) : NULL;
}

/* One more node on what there is; an unlucky pair is refused and another is tried. */
static wg_tensor *grow(source *s, wg_tape *t, wg_tensor **node, int count)
{
    wg_tensor *y = NULL;
    for (int tries = 0; !y && tries < 20; tries++) {
        wg_tensor *a = node[pick(s, count)], *b = node[pick(s, count)];
        switch (pick(s, 8)) {
        case 0: case 1: y = unary(s, a); break;
        case 2: case 3: case 4: y = binary(s, a, b); break;
        case 5: y = rearranged(s, a); break;
        case 6: y = reduced(s, a); break;
        default: y = product(s, a, b); break;
        }
        wg_clear_error(t);
        if (y && (wg_count_of(y) > 20000 || wg_shape_of(y).rank > 5))
            y = NULL;
    }
    return y;
}

static wg_tape *build(uint64_t seed, wg_tensor **param, wg_tensor **out, int *outputs)
{
    source s = {seed * 0x9E3779B97F4A7C15u + 1};
    wg_tape *t = wg_tape_new(seed % 2 ? WG_F32 : WG_F64);
    wg_tensor *node[NODES + PARAMS];
    int count = 0;
    wg_seed(t, seed);
    for (; count < PARAMS; count++) {
        char name[8];
        snprintf(name, sizeof name, "p%d", count);
        node[count] = param[count] = wg_param(t, name, any_shape(&s), wg_init_uniform(-1, 1));
    }
    while (count < NODES + PARAMS) {
        wg_tensor *y = grow(&s, t, node, count);
        if (!y)
            break;
        node[count++] = y;
    }
    wg_tensor *cost = NULL, *g[PARAMS];
    for (int k = 0; k < 3; k++) {
        wg_tensor *term = wg_mean(wg_tanh(node[count - 1 - pick(&s, count)]));
        cost = cost ? wg_add(cost, term) : term;
    }
    wg_grad(cost, PARAMS, param, g);
    *outputs = 0;
    out[(*outputs)++] = cost;
    for (int k = 0; k < PARAMS; k++)
        out[(*outputs)++] = wg_assign(param[k], wg_sub(param[k], wg_mul_scalar(g[k], 0.1)));
    wg_clear_error(t);
    for (int k = 0; k < OUTPUTS; k++)
        out[(*outputs)++] = node[pick(&s, count)];
    return t;
}

/* All outputs and parameters after two runs. */
static size_t results(uint64_t seed, const wg_compile_options *options, double *values, size_t room)
{
    wg_tensor *param[PARAMS], *out[1 + PARAMS + OUTPUTS];
    int n;
    wg_tape *t = build(seed, param, out, &n);
    wg_program *p = wg_compile_with(n, out, options);
    size_t used = 0;
    if (!p || wg_run(p) != WG_OK || wg_run(p) != WG_OK)
        fail_msg("graph %llu: %s", (unsigned long long)seed, wg_error(t));
    for (int i = 0; i < n + PARAMS; i++) {
        wg_tensor *x = i < n ? out[i] : param[i - n];
        const void *v = i < n ? wg_output(p, i) : wg_eval(x);
        size_t count = (size_t)wg_count_of(x);
        assert_true(used + count <= room);
        for (size_t k = 0; k < count; k++)
            values[used++] = wg_dtype_of(x) == WG_F32 ? (double)((const float *)v)[k] : ((const double *)v)[k];
    }
    wg_program_free(p);
    wg_tape_free(t);
    return used;
}

static void same_bits(uint64_t seed, unsigned skip, const double *a, const double *b, size_t n)
{
    if (memcmp(a, b, n * sizeof *a) != 0)
        fail_msg("graph %llu differs with passes %u left out", (unsigned long long)seed, skip);
}

static void about_equal(uint64_t seed, const double *a, const double *b, size_t n)
{
    double tolerance = seed % 2 ? 1e-4 : 1e-12;
    for (size_t i = 0; i < n; i++) {
        if (a[i] == b[i] || (isnan(a[i]) && isnan(b[i])))
            continue;
        if (!(fabs(a[i] - b[i]) <= tolerance * fmax(1, fabs(a[i]))))
            fail_msg("graph %llu: %.17g copied, %.17g through strides", (unsigned long long)seed, a[i], b[i]);
    }
}

static void optimised_programs_give_the_bits_of_plain_ones(void **state)
{
    (void)state;
    enum { ROOM = 1 << 20 };
    double *plain = malloc(ROOM * sizeof *plain), *fast = malloc(ROOM * sizeof *fast);
    const unsigned all = WG_PASS_MERGE | WG_PASS_ORDER | WG_PASS_PLAN | WG_PASS_IN_PLACE | WG_PASS_FUSE;
    size_t compared = 0;
    for (uint64_t seed = 0; seed < GRAPHS; seed++) {
        size_t n = results(seed, &(wg_compile_options){.skip = all}, plain, ROOM);
        unsigned skip = (unsigned)seed / 8 % 64 & ~(unsigned)WG_PASS_VIEWS;
        assert_int_equal(results(seed, &(wg_compile_options){0}, fast, ROOM), n);
        same_bits(seed, 0, plain, fast, n);
        if (seed % 8 == 0) {
            results(seed, &(wg_compile_options){.skip = skip, .threads = 2}, fast, ROOM);
            same_bits(seed, skip, plain, fast, n);
        }
        results(seed, &(wg_compile_options){.skip = all | WG_PASS_VIEWS}, fast, ROOM);
        about_equal(seed, fast, plain, n);
        compared += n;
    }
    print_message("%d graphs, %zu elements compared\n", GRAPHS, compared);
    free(plain);
    free(fast);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(optimised_programs_give_the_bits_of_plain_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
