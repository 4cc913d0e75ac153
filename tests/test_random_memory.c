/* Memory of random graphs: plans take little more than what is live at once, and a program in
 * part of its buffers gives the bits of the whole one. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/random_graph.h"

enum { GRAPHS = 2000 };

/* Over all graphs. */
typedef struct sums {
    int64_t planned, bound, whole, part;
    int fitted;
} sums;

/* Small programs get 64 bytes for the sake of alignment. */
static void plan_is_tight(uint64_t seed, const wg_program *p, sums *all)
{
    wg_program_stats s = wg_stats(p);
    if (s.planned_bytes > s.lower_bound + s.lower_bound / 10 + 64
        || s.planned_bytes < s.lower_bound)
        fail_msg("graph %llu: %lld bytes planned where %lld are live", (unsigned long long)seed,
                 (long long)s.planned_bytes, (long long)s.lower_bound);
    all->planned += s.planned_bytes;
    all->bound += s.lower_bound;
}

/* In this many bytes or, if they are too few, in as many as the error says would do. */
static wg_program *in_bytes(const random_graph *g, int64_t memory, sums *all)
{
    wg_program *p = wg_compile_with(g->outputs, g->out, &(wg_compile_options){.memory = memory});
    const char *least = !p && wg_error(g->t) ? strstr(wg_error(g->t), "at least ") : NULL;
    all->fitted += p != NULL;
    if (least) {
        memory = strtoll(least + 9, NULL, 10);
        wg_clear_error(g->t);
        p = wg_compile_with(g->outputs, g->out, &(wg_compile_options){.memory = memory});
    }
    if (!p || wg_stats(p).planned_bytes > memory)
        fail_msg("%s", p ? "more than the budget" : wg_error(g->t));
    return p;
}

/* One number of a result: bits, but any NaN is like another. */
static uint64_t bits_of(const wg_tensor *x, const void *v, int64_t i)
{
    double d = wg_dtype_of(x) == WG_F32   ? (double)((const float *)v)[i]
               : wg_dtype_of(x) == WG_F64 ? ((const double *)v)[i]
                                          : ((const int32_t *)v)[i];
    uint64_t bits;
    memcpy(&bits, &d, sizeof bits);
    return isnan(d) ? UINT64_MAX : bits;
}

/* Both on tapes that were recorded alike, after each of two runs. */
static void same_results(uint64_t seed, const random_graph *a, wg_program *p, const random_graph *b,
                         wg_program *q)
{
    for (int run = 0; run < 2; run++) {
        if (wg_run(p) != WG_OK || wg_run(q) != WG_OK)
            fail_msg("graph %llu: %s", (unsigned long long)seed, wg_error(a->t));
        for (int i = 0; i < a->outputs; i++)
            for (int64_t k = 0; k < wg_count_of(a->out[i]); k++)
                if (bits_of(a->out[i], wg_output(p, i), k)
                    != bits_of(b->out[i], wg_output(q, i), k))
                    fail_msg("graph %llu: element %lld of output %d differs",
                             (unsigned long long)seed, (long long)k, i);
    }
}

static void random_graphs_in_part_of_their_memory(void **state)
{
    (void)state;
    static const double share[] = {1, 0.75, 0.5, 0.25};
    sums all = {0};
    for (uint64_t seed = 0; seed < GRAPHS; seed++) {
        random_graph a = random_graph_new(seed, GRAPH_NODES),
                     b = random_graph_new(seed, GRAPH_NODES);
        wg_program *p =
            wg_compile_with(a.outputs, a.out, &(wg_compile_options){.skip = WG_PASS_RECOMPUTE});
        wg_program *whole = wg_compile(b.outputs, b.out);
        assert_true(p && whole);
        plan_is_tight(seed, p, &all);
        plan_is_tight(seed, whole, &all);
        int64_t bytes = wg_stats(whole).planned_bytes,
                memory = (int64_t)(share[seed % 4] * (double)bytes);
        wg_program_free(whole);
        wg_program *q = in_bytes(&b, memory ? memory : 1, &all);
        plan_is_tight(seed, q, &all);
        all.whole += bytes;
        all.part += wg_stats(q).planned_bytes;
        same_results(seed, &a, p, &b, q);
        wg_tape_free(a.t);
        wg_tape_free(b.t);
    }
    print_message(
        "%lld bytes planned, %lld live at once; with budgets %lld instead of %lld, %d of %d met\n",
        (long long)all.planned, (long long)all.bound, (long long)all.part, (long long)all.whole,
        all.fitted, GRAPHS);
    assert_true((double)all.planned < 1.01 * (double)all.bound);
    assert_true(all.fitted > GRAPHS / 4 && all.part < all.whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_graphs_in_part_of_their_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
