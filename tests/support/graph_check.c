#include "support/graph_check.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/random_graph.h"
#include "support/share_all.h"

/* Every pass that there is or will be; reading through strides may change last bits (a sum runs
 * over another tree by columns than by rows), so it is on or off in both of two programs that are
 * compared. */
static const unsigned ALL = ~(unsigned)WG_PASS_VIEWS;

static const struct {
    unsigned pass;
    const char *name;
} known[] = {
    {WG_PASS_MERGE, "merge"}, {WG_PASS_ORDER, "order"}, {WG_PASS_PLAN, "plan"},
    {WG_PASS_IN_PLACE, "in place"}, {WG_PASS_VIEWS, "views"}, {WG_PASS_FUSE, "fuse"},
    {WG_PASS_RECOMPUTE, "recompute"}, {WG_PASS_SIMPLIFY, "simplify"}, {WG_PASS_TINY, "tiny"},
};

static const char *pass_name(unsigned bit)
{
    for (size_t k = 0; k < sizeof known / sizeof *known; k++)
        if (known[k].pass == 1u << bit)
            return known[k].name;
    return "another pass";
}

/* ---- results ---- */

typedef struct values {
    double *v;
    size_t n, room;
} values;

static void add(values *to, wg_tensor *x, const void *from)
{
    size_t count = (size_t)wg_count_of(x);
    if (to->n + count > to->room) {
        to->room = 2 * (to->n + count);
        to->v = realloc(to->v, to->room * sizeof *to->v);
        assert_non_null(to->v);
    }
    for (size_t k = 0; k < count; k++)
        switch (wg_dtype_of(x)) {
        case WG_F32: to->v[to->n++] = (double)((const float *)from)[k]; break;
        case WG_F64: to->v[to->n++] = ((const double *)from)[k]; break;
        default: to->v[to->n++] = ((const int32_t *)from)[k]; break;
        }
}

/* A graph, and which of its outputs are left out, one a bit.  nudge: of its parameters' elements,
 * each by its last bit up or down; 0 for none. */
typedef struct subject {
    uint64_t seed;
    int steps;
    uint64_t without;
    uint64_t nudge;
} subject;

static uint64_t scrambled(uint64_t x)
{
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    return x ^ x >> 31;
}

static void nudge(const random_graph *g, uint64_t nudge)
{
    for (int i = 0; nudge && i < g->params; i++) {
        const double bit = wg_dtype_of(g->param[i]) == WG_F32 ? 0x1p-23 : 0x1p-52;
        const int64_t n = wg_count_of(g->param[i]);
        double *v = malloc((size_t)(n + 1) * sizeof *v);
        assert_non_null(v);
        assert_int_equal(wg_get_f64(g->param[i], v), WG_OK);
        for (int64_t k = 0; k < n; k++)
            v[k] *=
                scrambled(nudge << 40 ^ (uint64_t)i << 20 ^ (uint64_t)k) & 1 ? 1 + bit : 1 - bit;
        assert_int_equal(wg_set_f64(g->param[i], v), WG_OK);
        free(v);
    }
}

static int outputs_of(subject s, const random_graph *g, wg_tensor **out)
{
    int n = 0;
    for (int i = 0; i < g->outputs; i++)
        if (!(s.without >> i & 1))
            out[n++] = g->out[i];
    return n;
}

/* Outputs after each of two runs, then the parameters. */
static values results(subject s, const wg_compile_options *options)
{
    random_graph g = random_graph_new(s.seed, s.steps);
    wg_tensor *out[GRAPH_OUTPUTS];
    int n = outputs_of(s, &g, out);
    wg_program *p = wg_compile_with(n, out, options);
    values got = {0};
    nudge(&g, s.nudge);
    if (p)
        share_all(p);
    for (int run = 0; run < 2; run++) {
        if (!p || wg_run(p) != WG_OK)
            fail_msg("graph %llu: %s", (unsigned long long)s.seed, wg_error(g.t));
        for (int i = 0; i < n; i++)
            add(&got, out[i], wg_output(p, i));
    }
    for (int i = 0; i < g.params; i++)
        add(&got, g.param[i], wg_eval(g.param[i]));
    wg_program_free(p);
    wg_tape_free(g.t);
    return got;
}

/* NaN has many bit patterns, and which of two operands' comes out is the compiler's choice. */
static bool same_bits(const values *a, const values *b)
{
    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (memcmp(&a->v[i], &b->v[i], sizeof *a->v) != 0 && !(isnan(a->v[i]) && isnan(b->v[i])))
            return false;
    return true;
}

static bool agree(subject s, const wg_compile_options *a, const wg_compile_options *b)
{
    values x = results(s, a), y = results(s, b);
    bool same = same_bits(&x, &y);
    free(x.v);
    free(y.v);
    return same;
}

/* ---- reporting ---- */

/* The smallest graph of this seed that shows it, with as few outputs as show it. */
static subject smallest(uint64_t seed, const wg_compile_options *plain,
                        const wg_compile_options *fast)
{
    subject s = {.seed = seed};
    while (s.steps < GRAPH_NODES && agree(s, plain, fast))
        s.steps++;
    random_graph g = random_graph_new(seed, s.steps);
    wg_tape_free(g.t);
    for (int i = g.outputs - 1, left = g.outputs; i >= 0 && left > 1; i--) {
        subject fewer = {.seed = seed, .steps = s.steps, .without = s.without | (uint64_t)1 << i};
        if (agree(fewer, plain, fast))
            continue;
        s = fewer;
        left--;
    }
    return s;
}

static void print_blame(subject s, const wg_compile_options *plain, const wg_compile_options *fast)
{
    for (unsigned bit = 0; bit < 32; bit++) {
        wg_compile_options without = *fast, alone = *plain;
        without.skip |= 1u << bit;
        alone.skip &= ~(1u << bit);
        if (without.skip == fast->skip)
            continue;
        if (agree(s, plain, &without))
            fprintf(stderr, "equal without %s (pass %u)\n", pass_name(bit), 1u << bit);
        if (!agree(s, plain, &alone))
            fprintf(stderr, "different with %s alone (pass %u)\n", pass_name(bit), 1u << bit);
    }
    wg_compile_options one = *fast;
    one.threads = 1;
    if (fast->threads > 1 && agree(s, plain, &one))
        fprintf(stderr, "equal on one thread (was: %d)\n", fast->threads);
}

static void print_difference(subject s, const wg_compile_options *plain,
                             const wg_compile_options *fast)
{
    values x = results(s, plain), y = results(s, fast);
    for (size_t i = 0, said = 0; i < x.n && i < y.n && said < 5; i++)
        if (x.v[i] != y.v[i] && !(isnan(x.v[i]) && isnan(y.v[i]))) {
            fprintf(stderr, "value %zu of %zu: %.17g plain, %.17g optimised\n", i, x.n, x.v[i],
                    y.v[i]);
            said++;
        }
    free(x.v);
    free(y.v);
}

static void report(uint64_t seed, const wg_compile_options *plain, const wg_compile_options *fast)
{
    subject s = smallest(seed, plain, fast);
    random_graph g = random_graph_new(s.seed, s.steps);
    wg_tensor *out[GRAPH_OUTPUTS];
    int n = outputs_of(s, &g, out);
    fprintf(stderr, "graph %llu (WENGERT_GRAPH=%llu), in its smallest form:\n",
            (unsigned long long)seed, (unsigned long long)seed);
    random_graph_print(n, out, stderr);
    wg_program *p = wg_compile_with(n, out, fast);
    wg_summary(p, stderr);
    wg_tape_free(g.t);
    print_difference(s, plain, fast);
    print_blame(s, plain, fast);
    fail_msg("graph %llu: passes %#x left out, %d threads: not the bits of plain execution",
             (unsigned long long)seed, fast->skip, fast->threads);
}

/* ---- checking ---- */

static void hold(uint64_t seed, const values *wanted, const wg_compile_options *plain,
                 const wg_compile_options *fast)
{
    values got = results((subject){.seed = seed, .steps = GRAPH_NODES}, fast);
    bool same = same_bits(wanted, &got);
    free(got.v);
    if (!same)
        report(seed, plain, fast);
}

/* How far element i of the graph's results moves when its parameters move by a last bit: rounding
 * that a graph amplifies, as a division by a small deviation does, is not the passes' doing. */
static double moved_by_rounding(uint64_t seed, const wg_compile_options *o, const values *from,
                                size_t i)
{
    double most = 0;
    for (uint64_t k = 1; k <= 4; k++) {
        values v = results((subject){.seed = seed, .steps = GRAPH_NODES, .nudge = k}, o);
        most = fmax(most, fabs(v.v[i] - from->v[i]));
        free(v.v);
    }
    return most;
}

/* Copied views and views read through strides. */
static void hold_about(uint64_t seed, const values *a, const values *b,
                       const wg_compile_options *of_b)
{
    random_graph g = random_graph_new(seed, GRAPH_NODES);
    wg_tape_free(g.t);
    const double tolerance = seed % 2 ? 1e-3 : 1e-10, roundings = 64;
    assert_int_equal(a->n, b->n);
    for (size_t i = 0; i < a->n && !g.rough; i++) {
        const double off = fabs(a->v[i] - b->v[i]);
        if (a->v[i] == b->v[i] || (isnan(a->v[i]) && isnan(b->v[i]))
            || off <= tolerance * fmax(1, fabs(a->v[i])))
            continue;
        const double moved = moved_by_rounding(seed, of_b, b, i);
        if (!(off <= roundings * moved))
            fail_msg("graph %llu: %.17g through strides, %.17g copied; a last bit moves it by %g",
                     (unsigned long long)seed, a->v[i], b->v[i], moved);
    }
}

/* Bytes that a program with the budget plans; -1 if there is none. */
static int64_t planned(uint64_t seed, int64_t memory)
{
    random_graph g = random_graph_new(seed, GRAPH_NODES);
    wg_program *p = wg_compile_with(g.outputs, g.out, &(wg_compile_options){.memory = memory});
    int64_t bytes = p ? wg_stats(p).planned_bytes : -1;
    wg_tape_free(g.t);
    return bytes;
}

/* With less memory than it would take, as far as a way is found. */
static void hold_in_less_memory(uint64_t seed, const values *wanted,
                                const wg_compile_options *plain)
{
    const int64_t memory = planned(seed, 0) * 7 / 8;
    if (memory > 0 && planned(seed, memory) >= 0)
        hold(seed, wanted, plain, &(wg_compile_options){.memory = memory});
}

static size_t check_one(uint64_t seed, int mixtures)
{
    static const int threads[] = {1, 2, 3, 8};
    const wg_compile_options plain = {.skip = ALL}, copied = {.skip = ~0u};
    subject s = {.seed = seed, .steps = GRAPH_NODES};
    values p = results(s, &plain);
    hold(seed, &p, &plain, &(wg_compile_options){0});
    for (int k = 0; k < mixtures; k++) {
        uint64_t any = scrambled(seed * 16 + (uint64_t)k);
        hold(seed, &p, &plain,
             &(wg_compile_options){.skip = (unsigned)any & ALL, .threads = threads[any >> 40 & 3]});
    }
    if (seed % 4 == 1)
        hold_in_less_memory(seed, &p, &plain);
    values c = results(s, &copied);
    if (seed % 2 == 0)
        hold(seed, &c, &copied, &(wg_compile_options){.skip = WG_PASS_VIEWS});
    hold_about(seed, &p, &c, &copied);
    size_t n = p.n;
    free(p.v);
    free(c.v);
    return n;
}

void graph_check_threads(uint64_t first, uint64_t graphs)
{
    for (uint64_t seed = first; seed < first + graphs; seed++) {
        const wg_compile_options one = {.threads = 1};
        values wanted = results((subject){.seed = seed, .steps = GRAPH_NODES}, &one);
        for (int threads = 2; threads <= 8; threads += threads == 3 ? 5 : 1)
            hold(seed, &wanted, &one, &(wg_compile_options){.threads = threads});
        free(wanted.v);
    }
}

void graph_check(uint64_t first, uint64_t graphs, int mixtures)
{
    const char *one = getenv("WENGERT_GRAPH");
    size_t compared = 0;
    if (one && *one) {
        first = strtoull(one, NULL, 10);
        graphs = 1;
        mixtures = 16;
    }
    for (uint64_t seed = first; seed < first + graphs; seed++)
        compared += check_one(seed, mixtures);
    print_message("%llu graphs, %zu elements compared\n", (unsigned long long)graphs, compared);
}
