/* The passes of compilation, each by itself: prune, merge, order, fuse, plan.  White box. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <math.h>
#include <string.h>
#include <wengert.h>

#include "core/alloc.h"
#include "exec/graph.h"
#include "exec/lower.h"
#include "exec/pack.h"
#include "exec/plan.h"

/* ---- prune ---- */

static void prune_keeps_what_is_needed_in_order(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(2)), *unused = wg_exp(x), *y = wg_sin(x);
    wg_tensor *z = wg_mul(y, y), *out[] = {z, y};
    wg_cos(unused);
    wg_arena arena = {0}, scratch = {0};
    wg_graph g;
    assert_true(wg_graph_slice(&g, &arena, &scratch, 2, out));
    assert_int_equal(g.count, 3);
    assert_ptr_equal(g.node[0].t, x);
    assert_ptr_equal(g.node[1].t, y);
    assert_ptr_equal(g.node[2].t, z);
    assert_int_equal(wg_graph_inputs(&g, 2)[0], 1);
    assert_int_equal(wg_graph_inputs(&g, 2)[1], 1);
    assert_int_equal(g.output[0], 2);
    assert_int_equal(g.output[1], 1);
    wg_arena_free(&arena);
    wg_arena_free(&scratch);
    wg_tape_free(t);
}

/* A few nodes far apart on a long tape are found by another way than a dense slice:
 * both give the same. */
static void prune_finds_a_thin_slice_of_a_long_tape(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE()), *y = x, *noise = x;
    for (int k = 0; k < 20; k++) {
        y = wg_sin(y);
        for (int i = 0; i < 500; i++)
            noise = wg_cos(noise);
    }
    wg_arena arena = {0}, scratch = {0};
    wg_graph g;
    assert_true(wg_graph_slice(&g, &arena, &scratch, 1, &y));
    assert_int_equal(g.count, 21);
    for (int k = 1; k < 21; k++) {
        assert_string_equal(wg_op_name(g.node[k].t), "sin");
        assert_int_equal(wg_graph_inputs(&g, k)[0], k - 1);
    }
    wg_arena_free(&arena);
    wg_arena_free(&scratch);
    wg_tape_free(t);
}

/* ---- merge ---- */

static int32_t merged_count(wg_tensor *y)
{
    wg_arena arena = {0}, scratch = {0};
    wg_graph g;
    assert_true(wg_graph_slice(&g, &arena, &scratch, 1, &y));
    assert_true(wg_graph_merge(&g));
    for (int32_t k = 0; k < g.count; k++)
        for (int i = 0; i < g.node[k].n; i++)
            assert_in_range(wg_graph_inputs(&g, k)[i], 0, k - 1);
    int32_t count = g.count;
    wg_arena_free(&arena);
    wg_arena_free(&scratch);
    return count;
}

static void merge_joins_equal_nodes_only(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(3)), *z = wg_input(t, "z", WG_SHAPE(3));
    assert_int_equal(merged_count(wg_add(wg_exp(x), wg_exp(x))), 3);
    assert_int_equal(merged_count(wg_add(wg_exp(x), wg_exp(z))), 5);
    assert_int_equal(merged_count(wg_add(wg_exp(wg_neg(x)), wg_exp(wg_neg(x)))), 4);
    /* order of inputs */
    assert_int_equal(merged_count(wg_add(wg_sub(x, z), wg_sub(z, x))), 5);
    /* attributes */
    assert_int_equal(merged_count(wg_add(wg_clamp(x, 0, 1), wg_clamp(x, 0, 2))), 4);
    assert_int_equal(merged_count(wg_add(wg_clamp(x, 0, 1), wg_clamp(x, 0, 1))), 3);
    assert_int_equal(merged_count(wg_add(wg_full(t, WG_SHAPE(3), 2), wg_full(t, WG_SHAPE(3), 2))),
                     2);
    /* shapes */
    assert_int_equal(
        merged_count(wg_concat(
            2, (wg_tensor *[]){wg_full(t, WG_SHAPE(3), 2), wg_full(t, WG_SHAPE(4), 2)}, 0)),
        3);
    wg_tensor *r = wg_uniform(t, WG_SHAPE(3), 0, 1);
    /* draws are never merged */
    assert_int_equal(merged_count(wg_add(r, wg_uniform(t, WG_SHAPE(3), 0, 1))), 3);
    assert_int_equal(merged_count(wg_add(wg_neg(r), wg_neg(r))), 3);
    double v[] = {1, 2, 3};
    /* leaves are themselves */
    assert_int_equal(
        merged_count(wg_add(wg_constant(t, WG_SHAPE(3), v), wg_constant(t, WG_SHAPE(3), v))), 3);
    assert_null(wg_error(t));
    wg_tape_free(t);
}

/* ---- order ---- */

typedef struct passes {
    wg_arena arena, scratch;
    wg_graph g;
    wg_lowered l;
} passes;

static void lower(passes *p, int n, wg_tensor *const *out, bool eager)
{
    memset(p, 0, sizeof *p);
    assert_true(wg_graph_slice(&p->g, &p->arena, &p->scratch, n, out));
    assert_true(wg_lower(&p->l, &p->g, (wg_lower_options){.effects = true, .views = true}));
    assert_true(wg_update_in_place(&p->l));
    assert_true(wg_order(&p->l, eager));
}

static void drop(passes *p)
{
    wg_lowered_free(&p->l);
    wg_arena_free(&p->arena);
    wg_arena_free(&p->scratch);
}

static int32_t place_of(const wg_lowered *l, int32_t step)
{
    for (int32_t k = 0; k < l->steps; k++)
        if (l->order[k] == step)
            return k;
    return -1;
}

static void check_order(const wg_lowered *l)
{
    for (int32_t k = 0; k < l->steps; k++) {
        const wg_step *s = &l->step[l->order[k]];
        for (int32_t i = 0; i < s->n; i++)
            if (l->buffer[s->in[i].buffer].producer >= 0)
                assert_true(place_of(l, l->buffer[s->in[i].buffer].producer) < k);
        if (!s->update)
            continue;
        for (int32_t other = 0; other < l->steps; other++)
            for (int32_t i = 0; i < l->step[other].n && other != l->order[k]; i++)
                if (l->buffer[l->step[other].in[i].buffer].leaf == l->buffer[s->out].leaf)
                    assert_true(place_of(l, other) < k);
    }
}

static void order_puts_updates_after_readers(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *w[3], *out[5];
    for (int k = 0; k < 3; k++) {
        char name[8];
        snprintf(name, sizeof name, "w%d", k);
        w[k] = wg_param(t, name, WG_SHAPE(4), wg_init_constant(k));
        out[k] = wg_assign(w[k], wg_add_scalar(w[k], 1));
    }
    out[3] = wg_sum(wg_mul(wg_mul(w[0], w[1]), w[2]));
    wg_tensor *i = wg_input_as(t, "i", WG_I32, WG_SHAPE(2));
    out[4] = wg_take(wg_exp(w[2]), i, 0);
    for (int eager = 0; eager < 2; eager++) {
        passes p;
        lower(&p, 5, out, eager);
        int updates = 0;
        int32_t last_call = -1;
        for (int32_t s = 0; s < p.l.steps; s++) {
            updates += p.l.step[s].update;
            if (p.l.step[s].t->op->kernel && !p.l.step[s].copy)
                last_call = place_of(&p.l, s);
        }
        assert_int_equal(updates, 3);
        check_order(&p.l);
        for (int32_t s = 0; s < p.l.steps; s++)
            /* a run that fails has assigned nothing */
            assert_true(!p.l.step[s].update || place_of(&p.l, s) > last_call);
        drop(&p);
    }
    wg_tape_free(t);
}

/* Many parameters: every gradient is as large as its parameter,
 * and is used up by its update before the next is made. */
static void order_frees_gradients_early(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    enum { LAYERS = 20 };
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(2, 64)), *y = x, *w[LAYERS], *g[LAYERS], *out[LAYERS];
    for (int k = 0; k < LAYERS; k++) {
        char name[16];
        snprintf(name, sizeof name, "w%d", k);
        w[k] = wg_param(t, name, WG_SHAPE(64, 64), wg_init_glorot());
        y = wg_matmul(y, w[k]);
    }
    wg_grad(wg_sum(y), LAYERS, w, g);
    for (int k = 0; k < LAYERS; k++)
        out[k] = wg_assign(w[k], wg_sub(w[k], wg_mul_scalar(g[k], 0.1)));
    int64_t bytes[2];
    for (int eager = 0; eager < 2; eager++) {
        passes p;
        wg_plan plan;
        lower(&p, LAYERS, out, eager);
        check_order(&p.l);
        assert_true(wg_plan_memory(&p.l, true, true, &plan));
        bytes[eager] = plan.bytes;
        drop(&p);
    }
    assert_true(bytes[0] > LAYERS * 64 * 64 * 8);
    assert_true(bytes[1] < 4 * 64 * 64 * 8 + LAYERS * 2 * 64 * 8 * 2);
    wg_tape_free(t);
}

/* ---- fuse ---- */

/* Steps that are left, and micro-ops of the last one. */
static int32_t fused_steps(wg_tensor *y, int32_t *micros)
{
    passes p = {0};
    assert_true(wg_graph_slice(&p.g, &p.arena, &p.scratch, 1, &y));
    assert_true(wg_graph_merge(&p.g));
    assert_true(wg_lower(&p.l, &p.g, (wg_lower_options){.effects = true, .views = true}));
    assert_true(wg_fuse(&p.l));
    int32_t steps = p.l.steps;
    *micros = p.l.step[steps - 1].micros;
    for (int32_t s = 0; s < steps; s++)
        assert_int_equal(p.l.buffer[p.l.step[s].out].producer, s);
    drop(&p);
    return steps;
}

static void fuse_joins_what_has_one_reader(void **state)
{
    (void)state;
    int32_t micros;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(4, 5)), *row = wg_input(t, "row", WG_SHAPE(5)),
              *s = wg_sin(x);
    assert_int_equal(fused_steps(wg_exp(s), &micros), 1); /* a chain */
    assert_int_equal(micros, 2);
    /* a tree, with a broadcast operand */
    assert_int_equal(fused_steps(wg_add(wg_exp(x), wg_mul(wg_cos(x), row)), &micros), 1);
    assert_int_equal(micros, 4);
    /* sin is read twice, and computed once */
    assert_int_equal(fused_steps(wg_mul(s, wg_exp(s)), &micros), 1);
    assert_int_equal(micros, 3);
    /* read in another order */
    assert_int_equal(fused_steps(wg_add(wg_transpose(wg_exp(x)), wg_transpose(x)), &micros), 2);
    assert_int_equal(micros, 0);
    /* fewer elements */
    assert_int_equal(fused_steps(wg_exp(wg_broadcast_to(wg_sin(row), WG_SHAPE(4, 5))), &micros), 2);
    assert_int_equal(micros, 0);
    /* what follows a reduction of columns, and what feeds it */
    assert_int_equal(fused_steps(wg_exp(wg_sum_axes(wg_sin(x), WG_AXES(0), false)), &micros), 1);
    assert_int_equal(micros, 3);
    wg_tensor *long_rows = wg_input(t, "long rows", WG_SHAPE(4, 100));
    assert_int_equal(
        fused_steps(wg_exp(wg_sum_axes(wg_sin(long_rows), WG_AXES(0), false)), &micros), 1);
    assert_int_equal(micros, 3);
    /* a reduction of rows */
    assert_int_equal(fused_steps(wg_exp(wg_sum_axes(wg_sin(x), WG_AXES(1), false)), &micros), 1);
    assert_int_equal(micros, 3);
    /* and what goes over the rows again */
    assert_int_equal(fused_steps(wg_softmax(x, 1), &micros), 1);
    assert_int_equal(fused_steps(wg_logsumexp_axes(x, WG_AXES(1), false), &micros), 1);
    /* a layer */
    assert_int_equal(fused_steps(wg_tanh(wg_add(wg_matmul(wg_transpose(x), x), row)), &micros), 1);
    assert_int_equal(micros, 3);
    wg_tensor *many = x;
    for (int k = 0; k < 40; k++)
        many = wg_sin(many);
    assert_int_equal(fused_steps(many, &micros), 2); /* 32, 8 */
    assert_int_equal(micros, 8);
    wg_tensor *wide = x;
    for (int k = 0; k < 20; k++) {
        char name[8];
        snprintf(name, sizeof name, "x%d", k);
        wide = wg_add(wide, wg_input(t, name, WG_SHAPE(4, 5)));
    }
    assert_int_equal(fused_steps(wide, &micros), 2); /* at most 16 operands a loop */
    wg_tape_free(t);
}

/* More than a tile, with an operand that must be gathered, one that is the parameter that is
 * updated, and one broadcast. */
static void fused_loops_compute_the_same(void **state)
{
    (void)state;
    enum { M = 37, N = 1300 };
    wg_tape *t = wg_tape_new(WG_F64);
    wg_seed(t, 1);
    wg_tensor *w = wg_param(t, "w", WG_SHAPE(M, N), wg_init_normal(0, 1)),
              *v = wg_param(t, "v", WG_SHAPE(N, M), wg_init_normal(0, 1));
    wg_tensor *row = wg_param(t, "row", WG_SHAPE(N), wg_init_normal(0, 1)),
              *col = wg_param(t, "col", WG_SHAPE(M, 1), wg_init_normal(0, 1));
    wg_tensor *y = wg_add(wg_mul(wg_tanh(wg_add(w, row)), wg_transpose(v)),
                          wg_sub(col, wg_sigmoid(wg_transpose(v))));
    wg_tensor *out[] = {y, wg_assign(w, wg_sub(w, wg_mul_scalar(wg_mul(w, wg_transpose(v)), 0.1)))};
    wg_program *one = wg_compile_with(2, out, &(wg_compile_options){.skip = WG_PASS_FUSE});
    double *before = malloc(M * N * sizeof *before), *after = malloc(M * N * sizeof *after),
           *value = malloc(M * N * sizeof *value);
    wg_get_f64(w, before);
    wg_run(one);
    wg_get_f64(w, after);
    memcpy(value, wg_output(one, 0), M * N * sizeof *value);
    for (int threads = 1; threads <= 3; threads++) {
        wg_program *p = wg_compile_with(2, out, &(wg_compile_options){.threads = threads});
        assert_true(wg_stats(p).instructions < wg_stats(one).instructions);
        wg_set_f64(w, before);
        wg_run(p);
        assert_memory_equal(wg_output(p, 0), value, M * N * sizeof *value);
        assert_memory_equal(wg_eval(w), after, M * N * sizeof *value);
        wg_program_free(p);
    }
    free(before);
    free(after);
    free(value);
    wg_tape_free(t);
}

/* ---- simplify ---- */

/* Products that the link of a sum or quotient works out, of operands and of results, some written
 * over what they are made of. */
static void products_in_links_compute_the_same(void **state)
{
    (void)state;
    enum { MOST = 300, OUTPUTS = 6 };
    for (int64_t n = 1; n <= MOST; n += n < 20 ? 1 : 31) {
        double value[2][OUTPUTS][MOST];
        for (int fused = 0; fused < 2; fused++) {
            wg_tape *t = wg_tape_new(WG_F64);
            wg_seed(t, 3);
            wg_tensor *m = wg_param(t, "m", WG_SHAPE(n), wg_init_normal(0, 1)),
                      *v = wg_param(t, "v", WG_SHAPE(n), wg_init_uniform(1, 2));
            wg_tensor *p = wg_param(t, "p", WG_SHAPE(n), wg_init_normal(0, 1)),
                      *g = wg_param(t, "g", WG_SHAPE(n), wg_init_normal(0, 1));
            wg_tensor *new_m = wg_add(wg_mul_scalar(m, 0.9), wg_mul_scalar(g, 0.1));
            wg_tensor *new_v = wg_add(wg_mul_scalar(v, 0.99), wg_mul_scalar(wg_square(g), 0.01)),
                      *root = wg_sqrt(new_v);
            wg_tensor *step = wg_div(wg_mul_scalar(new_m, 0.05), wg_add_scalar(root, 1e-8));
            wg_tensor *out[OUTPUTS] = {
                wg_assign(m, new_m),
                wg_assign(v, new_v),
                wg_assign(p, wg_sub(p, step)),
                wg_div(wg_sin(g), wg_mul(new_m, new_v)),
                wg_sub(wg_mul(new_v, g), wg_cos(step)),
                wg_div(wg_mul(root, step), wg_sub(wg_mul(step, new_m), new_v))};
            wg_program *program = wg_compile_with(
                OUTPUTS, out, &(wg_compile_options){.skip = fused ? 0 : ~(unsigned)WG_PASS_VIEWS});
            assert_non_null(program);
            wg_run(program);
            wg_run(program);
            for (int k = 0; k < OUTPUTS; k++)
                memcpy(value[fused][k], wg_output(program, k), (size_t)n * sizeof(double));
            wg_tape_free(t);
        }
        for (int k = 0; k < OUTPUTS; k++)
            if (memcmp(value[0][k], value[1][k], (size_t)n * sizeof(double)))
                fail_msg("%d elements: output %d is not the one of plain execution", (int)n, k);
    }
}

static void numbers_are_worked_out_once(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F32);
    wg_tensor *x = wg_param(t, "x", WG_SHAPE(3), wg_init_constant(-0.0));
    wg_tensor *third = wg_div(wg_scalar(t, 1), wg_scalar(t, 3));
    wg_tensor *same =
        wg_sub_scalar(wg_div_scalar(wg_mul(wg_scalar(t, 1), wg_mul_scalar(x, 1)), 1), 0);
    wg_tensor *out[] = {wg_exp(wg_mul(same, wg_sqrt(third))), wg_add_scalar(x, 0), same};
    wg_program *p =
        wg_compile_with(3, out, &(wg_compile_options){.skip = WG_PASS_FUSE | WG_PASS_TINY});
    wg_program *q = wg_compile_with(3, out, &(wg_compile_options){.skip = ~0u});
    assert_int_equal(wg_stats(p).instructions, 4); /* mul, exp, add, and a copy for the third
                                                    * output */
    wg_run(p);
    wg_run(q);
    for (int i = 0; i < 3; i++)
        assert_memory_equal(wg_output(p, i), wg_output(q, i), 3 * sizeof(float));
    assert_true(signbit(((const float *)wg_output(p, 2))[0])
                && !signbit(((const float *)wg_output(p, 1))[0]));
    wg_tape_free(t);
}

/* ---- plan ---- */

static void no_two_alive_overlap(const wg_interval *v, int32_t n, int64_t bytes)
{
    for (int32_t i = 0; i < n; i++) {
        assert_true(v[i].offset >= 0 && v[i].offset + v[i].bytes <= bytes);
        for (int32_t k = 0; k < i; k++) {
            bool together = v[i].first <= v[k].last && v[k].first <= v[i].last;
            bool apart =
                v[i].offset + v[i].bytes <= v[k].offset || v[k].offset + v[k].bytes <= v[i].offset;
            if (together && !apart)
                fail_msg("intervals of %d and %d overlap", (int)v[i].owner, (int)v[k].owner);
        }
    }
}

static void packing_random_intervals(void **state)
{
    (void)state;
    unsigned seed = 1;
    wg_arena scratch = {0};
    double worst = 0;
    for (int round = 0; round < 300; round++) {
        enum { N = 120, STEPS = 60 };
        wg_interval v[N];
        int64_t live[STEPS + 1] = {0}, most = 0, bytes;
        for (int32_t i = 0; i < N; i++) {
            seed = seed * 1664525u + 1013904223u;
            int32_t first = (int32_t)(seed >> 8) % STEPS;
            seed = seed * 1664525u + 1013904223u;
            int32_t length = (int32_t)(seed >> 8) % (round % 2 ? 5 : 30);
            seed = seed * 1664525u + 1013904223u;
            int64_t size = 64 * (1 + (int64_t)(seed >> 8) % (round % 3 ? 4 : 100));
            int32_t last = first + length > STEPS ? STEPS : first + length;
            v[i] = (wg_interval){.owner = i, .first = first, .last = last, .bytes = size};
            for (int32_t k = first; k <= last; k++)
                live[k] += size;
        }
        for (int k = 0; k <= STEPS; k++)
            most = live[k] > most ? live[k] : most;
        assert_int_equal(wg_most_live(v, N, STEPS, &scratch), most);
        assert_true(wg_pack(v, N, STEPS, most, &scratch, &bytes));
        no_two_alive_overlap(v, N, bytes);
        assert_true(bytes >= most);
        double ratio = (double)bytes / (double)most;
        worst = ratio > worst ? ratio : worst;
    }
    print_message("worst ratio to the lower bound: %.3f\n", worst);
    assert_true(worst < 1.1);
    int64_t bytes;
    assert_true(wg_pack(NULL, 0, 5, 0, &scratch, &bytes));
    assert_int_equal(bytes, 0);
    wg_arena_free(&scratch);
}

static void packing_many_is_linear_and_right(void **state)
{
    (void)state;
    enum { N = 20000 };
    wg_interval *v = malloc(N * sizeof *v);
    for (int32_t i = 0; i < N; i++) /* forward values live until their turn in the backward
                                     * sweep */
        v[i] = (wg_interval){
            .owner = i, .first = i, .last = i % 2 ? i + 1 : 2 * N - i, .bytes = 64 + 64 * (i % 5)};
    int64_t bytes, live = 0;
    wg_arena scratch = {0};
    for (int32_t i = 0; i < N; i += 2)
        live += v[i].bytes;
    assert_true(wg_pack(v, N, 2 * N, live, &scratch, &bytes));
    assert_true((double)bytes < 1.1 * (double)live);
    no_two_alive_overlap(v, 3000, bytes);
    wg_arena_free(&scratch);
    free(v);
}

/* Small buffers and large ones in turn, as temporaries and as outputs. */
static void large_buffers_lie_at_cache_lines(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F32);
    wg_tensor *x = wg_param(t, "x", WG_SHAPE(2), wg_init_normal(0, 1)), *out[6];
    for (int k = 0; k < 6; k++) {
        wg_tensor *small = wg_exp(x), *wide = wg_broadcast_to(small, WG_SHAPE(100, 2));
        wg_tensor *large = wg_mul(wg_transpose(wg_sin(wide)), wg_transpose(wide));
        out[k] = k % 2 ? large : wg_sum(large);
        x = wg_sum_axes(large, WG_AXES(1), false);
    }
    passes p;
    wg_plan plan;
    int large = 0;
    lower(&p, 6, out, true);
    assert_true(wg_plan_memory(&p.l, true, true, &plan));
    for (int32_t b = 0; b < p.l.buffers; b++) {
        const wg_buffer *y = &p.l.buffer[b];
        if (y->segment != WG_TEMPORARY || y->bytes < WG_ALIGNMENT || y->first < 0)
            continue;
        assert_int_equal(y->offset % WG_ALIGNMENT, 0);
        large++;
    }
    assert_true(large > 2);
    drop(&p);
    wg_program *program = wg_compile(6, out);
    assert_non_null(program);
    wg_run(program);
    for (int k = 1; k < 6; k += 2)
        assert_int_equal((uintptr_t)wg_output(program, k) % WG_ALIGNMENT, 0);
    wg_tape_free(t);
}

static void plan_writes_over_operands_that_die(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(8, 8)), *y = wg_exp(wg_sin(wg_cos(x)));
    passes p;
    wg_plan plan;
    lower(&p, 1, &y, true);
    assert_true(wg_plan_memory(&p.l, true, true, &plan));
    assert_int_equal(plan.bytes, 8 * 8 * 8); /* cos and sin in one buffer; exp is the output */
    drop(&p);
    /* an operand that the same step also reads in another order must not be written over */
    wg_tensor *s = wg_sin(x), *both = wg_add(s, wg_transpose(s)), *z = wg_sum(wg_exp(both));
    double v[64], expected = 0, got;
    for (int i = 0; i < 64; i++)
        v[i] = i;
    wg_set_f64(x, v);
    wg_program *program = wg_compile(1, &z),
               *plain = wg_compile_with(
                   1, &z, &(wg_compile_options){.skip = WG_PASS_IN_PLACE | WG_PASS_PLAN});
    wg_run(program);
    wg_run(plain);
    got = *(const double *)wg_output(program, 0);
    expected = *(const double *)wg_output(plain, 0);
    assert_true(got == expected);
    wg_tape_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prune_keeps_what_is_needed_in_order),
        cmocka_unit_test(prune_finds_a_thin_slice_of_a_long_tape),
        cmocka_unit_test(merge_joins_equal_nodes_only),
        cmocka_unit_test(order_puts_updates_after_readers),
        cmocka_unit_test(order_frees_gradients_early),
        cmocka_unit_test(fuse_joins_what_has_one_reader),
        cmocka_unit_test(fused_loops_compute_the_same),
        cmocka_unit_test(products_in_links_compute_the_same),
        cmocka_unit_test(numbers_are_worked_out_once),
        cmocka_unit_test(packing_random_intervals),
        cmocka_unit_test(packing_many_is_linear_and_right),
        cmocka_unit_test(large_buffers_lie_at_cache_lines),
        cmocka_unit_test(plan_writes_over_operands_that_die),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
