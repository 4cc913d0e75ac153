/* Matrix products (white box): every shape class, layout, type and instruction set against a plain
 * sum in higher precision, on memory that ends where the operands end.
 * begins: first */
#include "kernels/gemm.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- memory between two pages that may not be touched ---- */

typedef struct guarded {
    unsigned char *map, *begin, *end;
} guarded;

static guarded guarded_new(size_t bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), inner = (bytes + page - 1) / page * page;
    guarded g = {.map = mmap(NULL, inner + 2 * page, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)};
    assert_true(g.map != MAP_FAILED);
    g.begin = g.map + page, g.end = g.begin + inner;
    assert_int_equal(mprotect(g.map, page, PROT_NONE), 0);
    assert_int_equal(mprotect(g.end, page, PROT_NONE), 0);
    return g;
}

static void guarded_free(guarded *g)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    munmap(g->map, (size_t)(g->end - g->map) + page);
}

/* ---- elements of either type ---- */

static size_t size_of(wg_dtype d) { return d == WG_F32 ? sizeof(float) : sizeof(double); }

static double load(wg_dtype d, const void *p, int64_t i)
{
    return d == WG_F32 ? (double)((const float *)p)[i] : ((const double *)p)[i];
}

static void store(wg_dtype d, void *p, int64_t i, double x)
{
    if (d == WG_F32)
        ((float *)p)[i] = (float)x;
    else
        ((double *)p)[i] = x;
}

/* Uniform in [-1, 1). */
static double noise(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(int32_t)(*state >> 32) / 2147483648.0;
}

/* ---- a product under test ---- */

typedef struct bench {
    guarded a, b, c, c0, scratch; /* c0: what C held before */
} bench;

static bench bench_new(size_t bytes)
{
    return (bench){guarded_new(bytes), guarded_new(bytes), guarded_new(bytes), guarded_new(bytes),
                   guarded_new(8u << 20)};
}

static void bench_free(bench *w)
{
    guarded_free(&w->a), guarded_free(&w->b), guarded_free(&w->c), guarded_free(&w->c0),
        guarded_free(&w->scratch);
}

/* Elements from the lowest to the highest address that rows x cols with these strides touch, and
 * how far the first is from the lowest. */
static int64_t span(int64_t rows, int64_t cols, int64_t row, int64_t col, int64_t *first)
{
    *first = 0;
    if (rows == 0 || cols == 0)
        return 0;
    int64_t r = (rows - 1) * row, c = (cols - 1) * col;
    *first = (r < 0 ? -r : 0) + (c < 0 ? -c : 0);
    return (r < 0 ? -r : r) + (c < 0 ? -c : c) + 1;
}

/* Places an operand against the page after (or before) it, elements random, gaps between them NaN:
 * nothing may come of those. */
static void *place(const guarded *g, bool at_end, wg_dtype d, int64_t rows, int64_t cols,
                   int64_t row, int64_t col, uint64_t *seed)
{
    int64_t first, count = span(rows, cols, row, col, &first);
    size_t bytes = (size_t)count * size_of(d);
    assert_true(bytes <= (size_t)(g->end - g->begin));
    unsigned char *base = at_end ? g->end - bytes : g->begin;
    for (int64_t i = 0; i < count; i++)
        store(d, base, i, (double)NAN);
    void *origin = base + (size_t)first * size_of(d);
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < cols; j++)
            store(d, origin, i * row + j * col, noise(seed));
    return origin;
}

typedef struct placed {
    wg_gemm_spec s;
    const void *a, *b;
    unsigned char *c, *c0;
    size_t c_bytes;
} placed;

static placed place_all(const bench *w, wg_gemm_spec s, bool at_end, uint64_t seed)
{
    placed q = {.s = s};
    q.a = place(&w->a, at_end, s.dtype, s.m, s.k, s.a_row, s.a_col, &seed);
    q.b = place(&w->b, at_end, s.dtype, s.k, s.n, s.b_row, s.b_col, &seed);
    q.c = place(&w->c, at_end, s.dtype, s.m, s.n, s.c_row, 1, &seed);
    int64_t first;
    q.c_bytes = (size_t)span(s.m, s.n, s.c_row, 1, &first) * size_of(s.dtype);
    q.c0 = w->c0.begin;
    memcpy(q.c0, q.c, q.c_bytes);
    return q;
}

static void *scratch_of(const bench *w, const wg_gemm *g)
{
    size_t bytes = (g->scratch + 63) / 64 * 64;
    assert_true(bytes <= (size_t)(w->scratch.end - w->scratch.begin));
    memset(w->scratch.end - bytes, 0xff, bytes); /* NaN: nothing may come of what was there */
    return w->scratch.end - bytes;
}

static void fail_at(const placed *q, wg_isa_level level, int64_t i, int64_t j, double got,
                    double wanted)
{
    const wg_gemm_spec *s = &q->s;
    fail_msg("%s %s %lldx%lldx%lld a(%lld, %lld) b(%lld, %lld) c(%lld)%s: C[%lld,%lld] is %.17g, "
             "wanted %.17g",
             s->dtype == WG_F32 ? "f32" : "f64", wg_isa_text(level), (long long)s->m,
             (long long)s->n, (long long)s->k, (long long)s->a_row, (long long)s->a_col,
             (long long)s->b_row, (long long)s->b_col, (long long)s->c_row,
             s->accumulate ? " +=" : "", (long long)i, (long long)j, got, wanted);
}

/* Every element within the error bound of a sum of k products, every gap of C as it was. */
static void check_result(const placed *q, wg_isa_level level)
{
    const wg_gemm_spec *s = &q->s;
    const double eps = s->dtype == WG_F32 ? FLT_EPSILON / 2 : DBL_EPSILON / 2;
    for (int64_t i = 0; i < s->m; i++) {
        for (int64_t j = 0; j < s->n; j++) {
            long double sum = 0, size = 0;
            for (int64_t p = 0; p < s->k; p++) {
                long double x = (long double)load(s->dtype, q->a, i * s->a_row + p * s->a_col)
                                * load(s->dtype, q->b, p * s->b_row + j * s->b_col);
                sum += x, size += fabsl(x);
            }
            if (s->accumulate) {
                const double scale = s->scale == 0 ? 1 : s->scale;
                sum *= scale, size *= fabs(scale);
                double before = load(s->dtype, q->c0, i * s->c_row + j);
                sum += before, size += fabs(before);
            }
            double got = load(s->dtype, q->c, i * s->c_row + j);
            if (!(fabsl(got - sum) <= (double)(s->k + 1) * eps * size * 1.01L))
                fail_at(q, level, i, j, got, (double)sum);
        }
        if (s->n > 0 && i + 1 < s->m && s->c_row > s->n) {
            size_t gap = (size_t)(i * s->c_row + s->n) * size_of(s->dtype);
            assert_memory_equal(q->c + gap, q->c0 + gap,
                                (size_t)(s->c_row - s->n) * size_of(s->dtype));
        }
    }
}

/* Rectangles as they arrive. */
typedef struct arrived {
    wg_dtype dtype;
    int64_t c_row, largest;
    unsigned char *c, *seen; /* all of C, and how often an element came */
    wg_gemm_part part;
    bool outside;
} arrived;

static void arrive(void *context, void *c, int64_t c_row, const wg_gemm_part *done)
{
    arrived *x = context;
    const wg_gemm_part *p = &x->part;
    x->outside = x->outside || done->i0 < p->i0 || done->i1 > p->i1 || done->j0 < p->j0
                 || done->j1 > p->j1;
    const int64_t size = (done->i1 - done->i0) * (done->j1 - done->j0);
    x->largest = x->largest < size ? size : x->largest;
    for (int64_t i = done->i0; i < done->i1; i++)
        for (int64_t j = done->j0; j < done->j1; j++) {
            const int64_t from = (i - done->i0) * c_row + j - done->j0, to = i * x->c_row + j;
            store(x->dtype, x->c, to, load(x->dtype, c, from));
            store(x->dtype, c, from, (double)NAN); /* nothing may come of it */
            x->seen[to]++;
        }
}

static void arrive_in_parts(const bench *w, const placed *q, const wg_gemm *g,
                            const wg_gemm_part part[4], arrived *x)
{
    memset(x->seen, 0, q->c_bytes / size_of(q->s.dtype) + 1);
    memcpy(x->c, q->c0, q->c_bytes);
    memcpy(q->c, q->c0, q->c_bytes);
    for (int i = 0; i < 4; i++) {
        x->part = part[i];
        wg_gemm_run_part_then(g, q->a, q->b, g->spec.discard ? NULL : q->c, scratch_of(w, g),
                              part[i], arrive, x);
    }
    assert_false(x->outside);
    assert_true(x->largest <= 1 << 16);
    for (int64_t i = 0; i < q->s.m; i++)
        for (int64_t j = 0; j < q->s.n; j++)
            assert_int_equal(x->seen[i * q->s.c_row + j], 1);
}

/* C handed on in rectangles has the bits of C, whether it is kept or not. */
typedef wg_gemm plan_fn(wg_isa_level level, const wg_gemm_spec *s);
static void check_rectangles(const bench *w, const placed *q, wg_isa_level level,
                             const unsigned char *whole, const wg_gemm_part part[4], plan_fn *plan)
{
    wg_gemm_spec s = q->s;
    arrived x = {.dtype = s.dtype, .c_row = s.c_row};
    x.c = malloc(q->c_bytes + 1), x.seen = malloc(q->c_bytes / size_of(s.dtype) + 1);
    assert_true(x.c && x.seen);
    for (int discard = 0; discard < (s.accumulate ? 1 : 2); discard++) {
        s.discard = discard;
        wg_gemm g = plan(level, &s);
        arrive_in_parts(w, q, &g, part, &x);
        if (q->c_bytes && memcmp(whole, x.c, q->c_bytes))
            fail_msg("%s %lldx%lldx%lld: rectangles (%s) differ from the whole", wg_isa_text(level),
                     (long long)s.m, (long long)s.n, (long long)s.k, discard ? "alone" : "in C");
    }
    free(x.c), free(x.seen);
}

/* One product at every level, whole and in parts: parts must give the whole's bits. */
static void check(const bench *w, wg_gemm_spec s, uint64_t seed)
{
    placed q = place_all(w, s, seed % 2, seed);
    unsigned char *whole = malloc(q.c_bytes + 1);
    assert_non_null(whole);
    for (wg_isa_level level = WG_ISA_BASELINE; level <= wg_isa(); level++) {
        wg_gemm g = wg_gemm_plan_built_in(level, &s);
        memcpy(q.c, q.c0, q.c_bytes);
        wg_gemm_run(&g, q.a, q.b, q.c, scratch_of(w, &g));
        check_result(&q, level);
        memcpy(whole, q.c, q.c_bytes);

        memcpy(q.c, q.c0, q.c_bytes);
        int64_t i1 = s.m ? (int64_t)(seed / 2) % (s.m + 1) : 0,
                j1 = s.n ? (int64_t)(seed / 3) % (s.n + 1) : 0;
        const wg_gemm_part part[4] = {
            {0, i1, 0, j1}, {i1, s.m, j1, s.n}, {0, i1, j1, s.n}, {i1, s.m, 0, j1}};
        for (int i = 0; i < 4; i++)
            wg_gemm_run_part(&g, q.a, q.b, q.c, scratch_of(w, &g), part[i]);
        if (q.c_bytes && memcmp(whole, q.c, q.c_bytes)) {
            for (int64_t i = 0; i < s.m; i++)
                for (int64_t j = 0; j < s.n; j++)
                    if (load(s.dtype, q.c, i * s.c_row + j)
                        != load(s.dtype, whole, i * s.c_row + j))
                        fail_at(&q, level, i, j, load(s.dtype, q.c, i * s.c_row + j),
                                load(s.dtype, whole, i * s.c_row + j));
            fail_msg("parts differ from the whole in a gap or the sign of a zero");
        }
        check_rectangles(w, &q, level, whole, part, wg_gemm_plan_built_in);
    }
    free(whole);
}

/* layout: bit 0 A transposed, bit 1 B transposed; pad: elements between rows. */
static wg_gemm_spec spec_of(wg_dtype d, int64_t m, int64_t n, int64_t k, int layout, int64_t pad,
                            bool accumulate)
{
    wg_gemm_spec s = {
        .dtype = d, .m = m, .n = n, .k = k, .c_row = n + pad, .accumulate = accumulate,
        .scale = accumulate ? (double[]){-0.3, -1, 0}[(m + n) % 3] : 0};
    s.a_row = layout & 1 ? 1 : k + pad, s.a_col = layout & 1 ? m + pad : 1;
    s.b_row = layout & 2 ? 1 : n + pad, s.b_col = layout & 2 ? k + pad : 1;
    return s;
}

/* ---- tests ---- */

static void small_extents(void **state)
{
    (void)state;
    bench w = bench_new(1 << 14);
    uint64_t seed = 0;
    for (int64_t m = 0; m <= 20; m++)
        for (int64_t n = 0; n <= 20; n++)
            for (int64_t k = 0; k <= 20; k++, seed++) {
                wg_dtype d = seed % 2 ? WG_F32 : WG_F64;
                check(&w,
                      spec_of(d, m, n, k, (int)(seed / 2 % 4), (int64_t)(seed / 8 % 3),
                              seed / 24 % 2),
                      seed * 7919 + 13);
            }
    bench_free(&w);
}

/* Extents on both sides of every vector width, tile height and block. */
static const int64_t extents[][3] = {
    {1, 1, 1},     {1, 1, 2000},  {1, 300, 7},    {300, 1, 7},   {1, 37, 300},    {2, 37, 300},
    {37, 2, 300},  {3, 3, 3000},  {15, 33, 64},   {28, 31, 65},  {29, 47, 17},    {43, 49, 100},
    {13, 64, 15},  {64, 64, 64},  {65, 63, 66},   {10, 30, 784}, {78, 30, 10},    {8, 32, 32},
    {64, 10, 128}, {64, 12, 640}, {5, 7, 129},    {97, 5, 33},   {31, 95, 1025},  {14, 32, 1500},
    {9, 48, 2049}, {100, 100, 2}, {130, 3, 3},    {3, 130, 3},   {24, 40, 31},    {70, 129, 48},
    {17, 17, 17},  {33, 9, 1023}, {40, 200, 900}, {6, 80, 5000}, {150, 150, 150},
    {40, 300, 1024}, {150, 600, 80}, {9, 4, 3},   {64, 3, 30},   {300, 2, 20},    {2, 600, 40},
    {5, 64, 20},   {24, 48, 68},  {12, 16, 4},    {4, 2, 2},     {2, 9, 3},       {2, 2, 21},
    {66, 310, 900}, {10, 30, 10}, {41, 30, 10},   {30, 21, 12},  {19, 41, 7},     {24, 47, 66},
    {13, 20, 5},
};

static void shape_classes(void **state)
{
    (void)state;
    bench w = bench_new(4 << 20);
    for (size_t e = 0; e < sizeof extents / sizeof *extents; e++)
        for (int layout = 0; layout < 4; layout++)
            for (int i = 0; i < 4; i++)
                check(&w,
                      spec_of(i % 2 ? WG_F64 : WG_F32, extents[e][0], extents[e][1], extents[e][2],
                              layout, ((int64_t)e + layout) % 3, i > 1),
                      e * 31 + (size_t)layout * 7 + (size_t)i + 1000);
    bench_free(&w);
}

/* Strides of broadcast operands (0), of every other element, of reversed rows, of rows that
 * overlap. */
static void any_strides(void **state)
{
    (void)state;
    bench w = bench_new(1 << 20);
    const int64_t stride[][2] = {{0, 1},   {1, 0},    {0, 0}, {2, 150}, {150, 2}, {-70, 1},
                                 {1, -70}, {-1, -90}, {1, 1}, {70, -1}, {3, 1}};
    enum { COUNT = sizeof stride / sizeof *stride };
    uint64_t seed = 5;
    for (int i = 0; i < COUNT; i++)
        for (int j = 0; j < COUNT; j++, seed += 3) {
            const int64_t *x = extents[seed % 20];
            wg_gemm_spec s = {
                .dtype = seed / 3 % 2 ? WG_F32 : WG_F64,
                .m = x[0] % 70, .n = x[1] % 70, .k = x[2] % 70,
                .a_row = stride[i][0], .a_col = stride[i][1],
                .b_row = stride[j][0], .b_col = stride[j][1],
                .c_row = 70, .accumulate = seed / 6 % 2,
            };
            check(&w, s, seed);
        }
    bench_free(&w);
}

/* Rows (columns) of A a power of two apart, and enough columns of C: A is copied. */
static void rows_that_evict_each_other(void **state)
{
    (void)state;
    bench w = bench_new(4 << 20);
    for (int i = 0; i < 4; i++) {
        wg_dtype d = i % 2 ? WG_F64 : WG_F32;
        check(&w, spec_of(d, 140, 300, 1024, 0, 0, i > 1), 6 + (uint64_t)i);
        check(&w, spec_of(d, 1024, 140, 70, 1, 0, i > 1), 11 + (uint64_t)i);
    }
    bench_free(&w);
}

/* An infinity or a NaN shows up exactly in the row and the column that it belongs to, whatever
 * tails and padding do. */
static void non_finite_stay_where_they_are(void **state)
{
    (void)state;
    bench w = bench_new(1 << 20);
    for (wg_isa_level level = WG_ISA_BASELINE; level <= wg_isa(); level++)
        for (size_t e = 0; e < 26; e++) {
            wg_gemm_spec s = spec_of(e % 2 ? WG_F32 : WG_F64, extents[e][0], extents[e][1],
                                     extents[e][2], (int)(e % 4), 0, false);
            placed q = place_all(&w, s, true, e);
            int64_t row = s.m / 2, column = s.n / 2;
            store(s.dtype, (void *)q.a, row * s.a_row + s.k / 2 * s.a_col, (double)NAN);
            store(s.dtype, (void *)q.b, (s.k - 1) * s.b_row + column * s.b_col, (double)INFINITY);
            wg_gemm g = wg_gemm_plan_built_in(level, &s);
            wg_gemm_run(&g, q.a, q.b, q.c, scratch_of(&w, &g));
            for (int64_t i = 0; i < s.m; i++)
                for (int64_t j = 0; j < s.n; j++) {
                    double got = load(s.dtype, q.c, i * s.c_row + j);
                    if (i == row ? !isnan(got) : j == column ? !isinf(got) : !isfinite(got))
                        fail_at(&q, level, i, j, got,
                                (double)(i == row ? NAN : j == column ? INFINITY : 0));
                }
        }
    bench_free(&w);
}

/* One product and then an addition, or both at once: the same bits, as long as k is one block. */
static void accumulating_is_adding(void **state)
{
    (void)state;
    bench w = bench_new(1 << 20);
    for (wg_isa_level level = WG_ISA_BASELINE; level <= wg_isa(); level++) {
        wg_gemm_spec s = spec_of(WG_F32, 37, 45, 60, 0, 2, true), plain;
        s.scale = 1, plain = s;
        plain.accumulate = false;
        placed q = place_all(&w, s, true, 3);
        wg_gemm g = wg_gemm_plan_built_in(level, &s), h = wg_gemm_plan_built_in(level, &plain);
        wg_gemm_run(&g, q.a, q.b, q.c, scratch_of(&w, &g));
        float *product = malloc(q.c_bytes);
        assert_non_null(product);
        wg_gemm_run(&h, q.a, q.b, product, scratch_of(&w, &h));
        for (int64_t i = 0; i < s.m; i++)
            for (int64_t j = 0; j < s.n; j++) {
                int64_t at = i * s.c_row + j;
                assert_true(((float *)(void *)q.c)[at]
                            == ((float *)(void *)q.c0)[at] + product[at]);
            }
        free(product);
    }
    bench_free(&w);
}

/* In the type's own arithmetic. */
static double added(wg_dtype d, double c, double scale, double sum)
{
    if (d == WG_F64)
        return c + scale * sum;
    const float term = (float)scale * (float)sum;
    return (double)((float)c + term);
}

/* The same with a scale, bit by bit: a sum of nothing but -0 is 0, C keeps its -0 where -0 is
 * added, and an infinity is added once.  Widths at which vectors of C overlap. */
static void accumulating_is_adding_to_the_bit(void **state)
{
    (void)state;
    static const int64_t size[][3] = {{70, 30, 10}, {37, 29, 9}, {16, 17, 1}, {9, 47, 60},
                                      {8, 31, 3},   {70, 13, 5}, {11, 15, 64}};
    static const double scale[] = {-0.3, -1, 1};
    enum { SIZES = sizeof size / sizeof *size, SCALES = sizeof scale / sizeof *scale };
    bench w = bench_new(1 << 20);
    for (wg_isa_level level = WG_ISA_BASELINE; level <= wg_isa(); level++)
        for (int e = 0; e < SIZES * SCALES * 8; e++) {
            const int64_t *x = size[e / 8 % SIZES];
            wg_gemm_spec s = spec_of(e % 2 ? WG_F32 : WG_F64, x[0], x[1], x[2], e / 2 % 4, 0, true);
            s.scale = scale[e / 8 / SIZES];
            wg_gemm_spec plain = s;
            plain.accumulate = false, plain.scale = 0;
            placed q = place_all(&w, s, true, (uint64_t)e);
            const int64_t zeros = s.m / 2;
            store(s.dtype, (void *)q.a, 0, (double)INFINITY);
            for (int64_t p = 0; p < s.k; p++) {
                store(s.dtype, (void *)q.a, zeros * s.a_row + p * s.a_col, 0);
                for (int64_t j = 0; j < s.n; j += 2)
                    store(s.dtype, (void *)q.b, p * s.b_row + j * s.b_col, -1);
            }
            for (int64_t j = 0; j < s.n; j++)
                store(s.dtype, q.c, zeros * s.c_row + j, -0.0);
            memcpy(q.c0, q.c, q.c_bytes);
            wg_gemm g = wg_gemm_plan_built_in(level, &s), h = wg_gemm_plan_built_in(level, &plain);
            wg_gemm_run(&g, q.a, q.b, q.c, scratch_of(&w, &g));
            unsigned char *product = malloc(q.c_bytes);
            assert_non_null(product);
            wg_gemm_run(&h, q.a, q.b, product, scratch_of(&w, &h));
            for (int64_t i = 0; i < s.m; i++)
                for (int64_t j = 0; j < s.n; j++) {
                    const int64_t at = i * s.c_row + j;
                    const double sum = load(s.dtype, product, at), got = load(s.dtype, q.c, at);
                    const double want = added(s.dtype, load(s.dtype, q.c0, at), s.scale, sum);
                    if (got != want || !signbit(got) != !signbit(want)
                        || (i == zeros && j % 2 == 0 && (sum != 0 || signbit(sum))))
                        fail_at(&q, level, i, j, got, want);
                }
            free(product);
        }
    bench_free(&w);
}

/* What a BLAS computes, where there is one: the same within the error of a sum, and rectangles
 * of it with the bits of the whole. */
static void a_blas_agrees_with_the_built_in(void **state)
{
    (void)state;
    bench w = bench_new(4 << 20);
    int by_blas = 0;
    for (size_t e = 0; e < sizeof extents / sizeof *extents; e++)
        for (int i = 0; i < 16; i++) {
            wg_gemm_spec s = spec_of(i % 2 ? WG_F64 : WG_F32, extents[e][0], extents[e][1],
                                     extents[e][2], i / 2 % 4, (int64_t)e % 3, i / 8);
            wg_gemm g = wg_gemm_plan(wg_isa(), &s);
            if (!g.whole_only)
                continue;
            placed q = place_all(&w, s, e % 2, e + (size_t)i);
            wg_gemm_run(&g, q.a, q.b, q.c, scratch_of(&w, &g));
            check_result(&q, wg_isa());
            unsigned char *whole = malloc(q.c_bytes + 1);
            assert_non_null(whole);
            memcpy(whole, q.c, q.c_bytes);
            const wg_gemm_part part[4] = {{0, s.m, 0, s.n}, {0}, {0}, {0}};
            check_rectangles(&w, &q, wg_isa(), whole, part, wg_gemm_plan);
            free(whole);
            by_blas++;
        }
#ifdef WG_HAVE_BLAS
    assert_true(by_blas > 300);
#else
    assert_int_equal(by_blas, 0);
#endif
    bench_free(&w);
}

static void the_environment_lowers_the_level(void **state)
{
    (void)state;
    unsetenv("WENGERT_ISA");
    wg_isa_level best = wg_isa();
    for (wg_isa_level level = WG_ISA_BASELINE; level <= WG_ISA_AVX512; level++) {
        setenv("WENGERT_ISA", wg_isa_text(level), 1);
        assert_int_equal(wg_isa(), level < best ? level : best);
    }
    setenv("WENGERT_ISA", "mmx", 1);
    assert_int_equal(wg_isa(), best);
    unsetenv("WENGERT_ISA");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_extents),
        cmocka_unit_test(shape_classes),
        cmocka_unit_test(any_strides),
        cmocka_unit_test(rows_that_evict_each_other),
        cmocka_unit_test(non_finite_stay_where_they_are),
        cmocka_unit_test(accumulating_is_adding),
        cmocka_unit_test(accumulating_is_adding_to_the_bit),
        cmocka_unit_test(a_blas_agrees_with_the_built_in),
        cmocka_unit_test(the_environment_lowers_the_level),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
