/* Memory of programs: plans take little more than what is live at once; wg_checkpoint and a
 * budget trade memory for work and change no bit; what is said of a budget that cannot be met.
 * Sharing with other tests: support/networks. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wengert.h>

#include "support/networks.h"

/* ---- plans ---- */

static wg_program *compiled(wg_tape *t, const network_spec *s, int64_t every, int64_t memory)
{
    int n;
    wg_tensor **out = network_record(t, s, every, &n);
    wg_program *p = wg_compile_with(n, out, &(wg_compile_options){.memory = memory});
    if (!p)
        print_message("%s\n", wg_error(t));
    assert_non_null(p);
    free(out);
    return p;
}

static wg_program_stats stats_of(const network_spec *s, int64_t every, int64_t memory)
{
    wg_tape *t = wg_tape_new(WG_F32);
    wg_program_stats stats = wg_stats(compiled(t, s, every, memory));
    wg_tape_free(t);
    return stats;
}

static void plans_of_networks_are_tight(void **state)
{
    (void)state;
    for (int i = 0; i < NETWORKS; i++) {
        wg_program_stats s = stats_of(&network_specs[i], 0, 0);
        print_message("%s: %lld bytes planned, %lld live at once\n", network_specs[i].name,
                      (long long)s.planned_bytes, (long long)s.lower_bound);
        assert_true(s.planned_bytes >= s.lower_bound);
        assert_true((double)s.planned_bytes <= 1.1 * (double)s.lower_bound);
    }
}

/* Going back through a chain, each activation is given back once it was used: little more than
 * all of them is ever live. */
static void activations_are_freed_as_they_are_used(void **state)
{
    (void)state;
    wg_program_stats s = stats_of(&network_specs[NETWORK_E], 0, 0);
    const int64_t activation = 8 * 32 * 4, parameters = 33 * 32 * 4;
    assert_true(s.planned_bytes <= 1000 * activation + 4 * activation + 2 * parameters);
}

/* ---- the same numbers, bit for bit ---- */

/* What runs of a program give: all outputs and the loss after each of three. */
typedef struct given {
    size_t bytes;
    char *values;
} given;

static given run_thrice(int n, wg_tensor *const *out, wg_program *p)
{
    given g = {0};
    for (int i = 0; i < n; i++)
        g.bytes += (size_t)wg_count_of(out[i]) * wg_dtype_size(wg_dtype_of(out[i]));
    g.bytes *= 3;
    g.values = malloc(g.bytes);
    size_t at = 0;
    for (int run = 0; run < 3; run++) {
        assert_int_equal(wg_run(p), WG_OK);
        for (int i = 0; i < n; i++) {
            size_t bytes = (size_t)wg_count_of(out[i]) * wg_dtype_size(wg_dtype_of(out[i]));
            memcpy(g.values + at, wg_output(p, i), bytes);
            at += bytes;
        }
    }
    return g;
}

static void assert_same_bits(given a, given b)
{
    assert_int_equal(a.bytes, b.bytes);
    assert_memory_equal(a.values, b.values, a.bytes);
    free(b.values);
}

static given network_runs(const network_spec *s, int64_t every, int64_t memory,
                          wg_program_stats *stats)
{
    int n;
    wg_tape *t = wg_tape_new(WG_F32);
    wg_tensor **out = network_record(t, s, every, &n);
    wg_program *p = wg_compile_with(n, out, &(wg_compile_options){.memory = memory});
    if (!p)
        fail_msg("%s", wg_error(t));
    *stats = wg_stats(p);
    given g = run_thrice(n, out, p);
    free(out);
    wg_tape_free(t);
    return g;
}

static const network_spec shallow[] = {
    {"b", NET_SIGMOID_MSE, 10, {784, 30, 10}, 0},
    {"c", NET_RELU_ENTROPY, 64, {784, 128, 64, 10}, 0},
    {"tanh", NET_TANH_MSE, 16, {8}, 40},
    {"sigmoid", NET_SIGMOID_MSE, 33, {5}, 30},
    {"relu", NET_RELU_ENTROPY, 20, {12}, 25},
};
enum { SHALLOW = sizeof shallow / sizeof *shallow };

static void checkpoints_change_no_bit(void **state)
{
    (void)state;
    for (int i = 0; i < SHALLOW; i++) {
        wg_program_stats whole, part;
        given kept = network_runs(&shallow[i], 0, 0, &whole);
        for (int64_t every = 1; every <= 16; every *= 2) {
            assert_same_bits(kept, network_runs(&shallow[i], every, 0, &part));
            assert_true(part.flops >= whole.flops);
            if (shallow[i].layers > 20 && every > 1 && every < 16)
                assert_true(part.planned_bytes < whole.planned_bytes * 3 / 4);
        }
        free(kept.values);
    }
}

static void budgets_change_no_bit(void **state)
{
    (void)state;
    static const double share[] = {1, 0.75, 0.5, 0.35, 0.25};
    for (int i = 2; i < SHALLOW; i++) {
        wg_program_stats whole, part = {0};
        given kept = network_runs(&shallow[i], 0, 0, &whole);
        int64_t flops = whole.flops;
        for (size_t k = 0; k < sizeof share / sizeof *share; k++) {
            int64_t memory = (int64_t)(share[k] * (double)whole.planned_bytes);
            if (memory < 12 * whole.planned_bytes / shallow[i].layers)
                continue; /* less than two times the root of the layers */
            assert_same_bits(kept, network_runs(&shallow[i], 0, memory, &part));
            assert_true(part.planned_bytes <= memory);
            assert_true(part.flops >= flops); /* less memory, more work */
            flops = part.flops;
        }
        assert_true(flops > whole.flops && flops < whole.flops * 3 / 2);
        free(kept.values);
    }
}

/* A chain in a quarter of its buffers is computed forwards less than twice: at most 1/3 more
 * flops of products, a little more of the rest. */
static void deep_networks_fit_a_quarter(void **state)
{
    (void)state;
    const int which[] = {NETWORK_E, NETWORK_DEEP};
    for (int i = 0; i < 2; i++) {
        const network_spec *s = &network_specs[which[i]];
        wg_program_stats whole = stats_of(s, 0, 0), part = stats_of(s, 0, whole.planned_bytes / 4);
        print_message("%s: %lld bytes instead of %lld, %.3f times the flops\n", s->name,
                      (long long)part.planned_bytes, (long long)whole.planned_bytes,
                      (double)part.flops / (double)whole.flops);
        assert_true(part.planned_bytes <= whole.planned_bytes / 4);
        assert_true((double)part.planned_bytes <= 1.1 * (double)part.lower_bound);
        assert_true((double)part.flops < 1.3 * (double)whole.flops);
        assert_int_equal(whole.recomputed, 0);
        assert_in_range(part.recomputed, s->layers * 3 / 4, s->layers * 2);
    }
    wg_program_stats whole, part;
    given kept = network_runs(&network_specs[NETWORK_E], 0, 0, &whole);
    assert_same_bits(kept,
                     network_runs(&network_specs[NETWORK_E], 0, whole.planned_bytes / 4, &part));
    free(kept.values);
}

/* ---- what lies between ---- */

enum { BLOCKS = 12 };
typedef struct blocks {
    wg_tape *t;
    wg_tensor *x, *w[BLOCKS], *y;
} blocks;

/* Blocks with a residual, dropout, and a norm; how: 0 nothing, 1 checkpoints, 2 nested ones, 3
 * one over all, from the leaves. */
static blocks record_blocks(int how)
{
    blocks b = {.t = wg_tape_new(WG_F32)};
    wg_seed(b.t, 5);
    wg_tensor *h = b.x = wg_param(b.t, "x", WG_SHAPE(24, 16), wg_init_normal(0, 1));
    for (int k = 0; k < BLOCKS; k++) {
        char name[8];
        snprintf(name, sizeof name, "w%d", k);
        wg_tensor *in = h, *u, *v;
        b.w[k] = wg_param(b.t, name, WG_SHAPE(16, 16), wg_init_glorot());
        u = wg_sub(in, wg_mean_axes(in, WG_AXES(1), true));
        v = wg_dropout(wg_gelu(wg_matmul(u, b.w[k])), 0.25);
        if (how == 2)
            v = wg_checkpoint(v, 1, &u);
        h = wg_add(in, wg_mul(v, wg_softmax(wg_matmul(v, wg_transpose(b.w[k])), 1)));
        if (how == 1 || how == 2)
            h = wg_checkpoint(h, 1, &in);
    }
    b.y = wg_mean(wg_square(how == 3 ? wg_checkpoint(h, 0, NULL) : h));
    return b;
}

/* Gradients and updates, or those of the squared gradients' sum. */
static given blocks_run(int how, int order, double share, wg_program_stats *stats)
{
    blocks b = record_blocks(how);
    wg_tensor *g[BLOCKS + 1], *out[2 * BLOCKS + 2], *x[BLOCKS + 1], *y = b.y;
    memcpy(x, b.w, sizeof b.w);
    x[BLOCKS] = b.x;
    for (int k = 0; k < order; k++) {
        assert_int_equal(wg_grad(y, BLOCKS + 1, x, g), WG_OK);
        y = wg_sum(wg_square(g[0]));
        for (int i = 1; i <= BLOCKS; i++)
            y = wg_add(y, wg_sum(wg_square(g[i])));
    }
    int n = 0;
    out[n++] = b.y;
    for (int k = 0; k < BLOCKS; k++)
        out[n++] = wg_assign(b.w[k], wg_sub(b.w[k], wg_mul_scalar(g[k], 0.01)));
    out[n++] = g[BLOCKS];
    wg_compile_options o = {0};
    if (share > 0) {
        wg_program *whole = wg_compile(n, out);
        o.memory = (int64_t)(share * (double)wg_stats(whole).planned_bytes);
        wg_program_free(whole);
    }
    wg_program *p = wg_compile_with(n, out, &o);
    if (!p)
        fail_msg("%s", wg_error(b.t));
    *stats = wg_stats(p);
    given r = run_thrice(n, out, p);
    wg_tape_free(b.t);
    return r;
}

static void draws_residuals_and_second_derivatives_stay_the_same(void **state)
{
    (void)state;
    for (int order = 1; order <= 2; order++) {
        wg_program_stats whole, part;
        given kept = blocks_run(0, order, 0, &whole);
        for (int how = 1; how <= 3; how++) {
            assert_same_bits(kept, blocks_run(how, order, 0, &part));
            print_message("order %d, way %d: %lld bytes instead of %lld\n", order, how,
                          (long long)part.planned_bytes, (long long)whole.planned_bytes);
            if (how < 3)
                assert_true((double)part.planned_bytes
                            < (order == 1 ? 0.5 : 0.9) * (double)whole.planned_bytes);
        }
        static const double share[] = {0.8, 0.6, 0.5};
        for (int k = 0; k < 3; k++) {
            assert_same_bits(kept, blocks_run(0, order, share[k], &part));
            assert_true((double)part.planned_bytes <= share[k] * (double)whole.planned_bytes);
        }
        assert_same_bits(kept, blocks_run(1, order, 1, &part)); /* a budget beside checkpoints */
        free(kept.values);
    }
}

/* Whether the summary lists an instruction of the op as recomputed. */
static bool says_recomputed(const wg_program *p, const char *op)
{
    FILE *f = tmpfile();
    char line[512];
    bool found = false;
    wg_summary(p, f);
    rewind(f);
    while (fgets(line, sizeof line, f))
        found = found || (strstr(line, op) && strstr(line, "  recomputed"));
    fclose(f);
    return found;
}

/* Parameters wait for what may fail before they are updated,
 * but not for draws that are made again:
 * each gradient is used up before the next is made. */
static void draws_keep_no_update_waiting(void **state)
{
    (void)state;
    enum { LAYERS = 20, WIDTH = 64 };
    wg_tape *t = wg_tape_new(WG_F32);
    wg_tensor *h = wg_input(t, "x", WG_SHAPE(2, WIDTH)), *w[LAYERS], *g[LAYERS], *out[LAYERS];
    for (int k = 0; k < LAYERS; k++) {
        char name[8];
        snprintf(name, sizeof name, "w%d", k);
        w[k] = wg_param(t, name, WG_SHAPE(WIDTH, WIDTH), wg_init_glorot());
        wg_tensor *before = h;
        h = wg_checkpoint(wg_cumsum(wg_dropout(wg_tanh(wg_matmul(h, w[k])), 0.5), 1), 1, &before);
    }
    assert_int_equal(wg_grad(wg_mean(wg_square(h)), LAYERS, w, g), WG_OK);
    for (int k = 0; k < LAYERS; k++)
        out[k] = wg_assign(w[k], wg_sub(w[k], wg_mul_scalar(g[k], 0.1)));
    wg_program *p = wg_compile(LAYERS, out);
    assert_true(says_recomputed(p, "bernoulli#"));
    assert_true(wg_stats(p).planned_bytes < 3 * WIDTH * WIDTH * 4 + LAYERS * 3 * 2 * WIDTH * 4);
    wg_tape_free(t);
}

/* Nor for the adjoint of an embedding, which reads by indices that the embedding has found good:
 * what an update reads is not kept until the end.  A bad index still assigns nothing. */
static void good_indices_keep_no_update_waiting(void **state)
{
    (void)state;
    enum { LAYERS = 20, WIDTH = 16, BATCH = 64, WORDS = 10 };
    wg_tape *t = wg_tape_new(WG_F32);
    wg_tensor *w[LAYERS + 1], *g[LAYERS + 1], *out[LAYERS + 1];
    wg_tensor *word = wg_input_as(t, "word", WG_I32, WG_SHAPE(BATCH));
    w[LAYERS] = wg_param(t, "words", WG_SHAPE(WORDS, WIDTH), wg_init_glorot());
    wg_tensor *h = wg_take(w[LAYERS], word, 0);
    for (int k = 0; k < LAYERS; k++) {
        char name[8];
        snprintf(name, sizeof name, "w%d", k);
        w[k] = wg_param(t, name, WG_SHAPE(WIDTH, WIDTH), wg_init_glorot());
        h = wg_tanh(wg_matmul(h, w[k]));
    }
    assert_int_equal(wg_grad(wg_mean(wg_square(h)), LAYERS + 1, w, g), WG_OK);
    for (int k = 0; k <= LAYERS; k++)
        out[k] = wg_assign(w[k], wg_sub(w[k], wg_mul_scalar(g[k], 0.1)));
    wg_program *p = wg_compile(LAYERS + 1, out);
    assert_true(wg_stats(p).planned_bytes < (LAYERS + 6) * BATCH * WIDTH * 4);
    int32_t words[BATCH] = {0};
    float before[WIDTH * WIDTH], after[WIDTH * WIDTH];
    for (int bad = 1; bad >= 0; bad--) {
        words[BATCH - 1] = bad ? WORDS : 3;
        wg_set_i32(word, words);
        for (int k = 0; k < LAYERS; k++) {
            wg_get_f32(w[k], before);
            assert_int_equal(wg_run(p), bad ? WG_ERR_DATA : WG_OK);
            wg_get_f32(w[k], after);
            assert_true((memcmp(before, after, sizeof before) == 0) == bad);
        }
    }
    wg_tape_free(t);
}

/* Elementwise values are made again before any product is. */
static void cheap_things_are_recomputed_first(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F32);
    wg_tensor *h = wg_input(t, "x", WG_SHAPE(64, 64)), *w[8], *g[8];
    for (int k = 0; k < 8; k++) {
        char name[8];
        snprintf(name, sizeof name, "w%d", k);
        w[k] = wg_param(t, name, WG_SHAPE(64, 64), wg_init_glorot());
        h = wg_matmul(h, w[k]);
        h = wg_mul(wg_sin(h), wg_exp(wg_mul_scalar(wg_square(h), -0.5)));
    }
    wg_grad(wg_sum(h), 8, w, g);
    wg_program *whole = wg_compile(8, g);
    wg_program_stats s = wg_stats(whole);
    wg_program *part =
        wg_compile_with(8, g, &(wg_compile_options){.memory = s.planned_bytes * 6 / 10});
    assert_non_null(part);
    int64_t product = 2 * 64 * 64 * 64, more = wg_stats(part).flops - s.flops;
    assert_true(more > 0 && more < 2 * product);
    wg_tape_free(t);
}

/* A stretch ends at its inputs and at what does not depend on them; listing a parameter includes
 * what is made of it. */
static void a_stretch_is_what_depends_on_the_inputs(void **state)
{
    (void)state;
    for (int listed = 0; listed < 2; listed++) {
        wg_tape *t = wg_tape_new(WG_F32);
        wg_tensor *x = wg_input(t, "x", WG_SHAPE(32, 32)),
                  *w = wg_param(t, "w", WG_SHAPE(32, 32), wg_init_glorot());
        wg_tensor *before = wg_exp(x), *inputs[] = {before, w}, *g;
        wg_tensor *y = wg_tanh(wg_matmul(wg_sin(before), wg_softplus(w)));
        y = wg_checkpoint(wg_square(y), 1 + listed, inputs);
        assert_int_equal(wg_grad(wg_sum(y), 1, &w, &g), WG_OK);
        wg_tensor *out[] = {y, g};
        wg_program *p = wg_compile_with(2, out, &(wg_compile_options){.skip = WG_PASS_FUSE});
        assert_true(says_recomputed(p, "sin#"));
        assert_false(says_recomputed(p, "exp#"));
        assert_true(says_recomputed(p, "softplus#") == listed);
        wg_program *plain = wg_compile_with(
            2, out, &(wg_compile_options){.skip = WG_PASS_FUSE | WG_PASS_RECOMPUTE});
        assert_false(says_recomputed(plain, "sin#"));
        wg_tape_free(t);
    }
}

static wg_status count_runs(const wg_call *c)
{
    memcpy(c->out->data, c->in[0].data, (size_t)c->out->count * wg_dtype_size(c->out->dtype));
    ++*(*(int *const *)c->attr);
    return WG_OK;
}

static bool like_input(wg_tensor *y)
{
    return wg_infer_like(y, 0);
}

static wg_tensor *passed_on(wg_tensor *y, wg_tensor *g, int i)
{
    (void)i;
    return wg_mul(g, wg_cos(y)); /* reads y */
}

/* An op with an effect runs once a run; one without as often as it is wanted. */
static void ordered_ops_are_not_recomputed(void **state)
{
    (void)state;
    for (int ordered = 0; ordered < 2; ordered++) {
        int runs = 0, *at = &runs;
        const wg_op counting = {.size = sizeof counting,
                                .name = "counting",
                                .arity = 1,
                                .attr_size = sizeof at,
                                .infer = like_input,
                                .kernel = count_runs,
                                .vjp = passed_on,
                                .flags = ordered ? WG_OP_ORDERED : 0};
        wg_tape *t = wg_tape_new(WG_F64);
        wg_tensor *x = wg_param(t, "x", WG_SHAPE(4), wg_init_constant(0.5)), *s = wg_sin(x), *g;
        wg_tensor *y = wg_checkpoint(wg_square(wg_apply(&counting, 1, &s, &at)), 1, &x);
        assert_int_equal(wg_grad(wg_sum(y), 1, &x, &g), WG_OK);
        wg_tensor *out[] = {wg_sum(y), g};
        wg_program *p = wg_compile(2, out);
        assert_int_equal(wg_run(p), WG_OK);
        assert_int_equal(runs, ordered ? 1 : 2);
        wg_tape_free(t);
    }
}

/* ---- refusals ---- */

/* Ten layers of a Hessian times a vector: two sweeps over the forward part. */
static wg_tensor **second_order_record(wg_tape *t, int *n)
{
    static wg_tensor *w[10], *u[10], *out[10];
    wg_tensor *h = wg_input(t, "x", WG_SHAPE(32, 32));
    for (int k = 0; k < 10; k++) {
        char name[2][8];
        snprintf(name[0], sizeof name[0], "w%d", k);
        snprintf(name[1], sizeof name[1], "u%d", k);
        w[k] = wg_param(t, name[0], WG_SHAPE(32, 32), wg_init_glorot());
        u[k] = wg_input(t, name[1], WG_SHAPE(32, 32));
        h = wg_tanh(wg_matmul(h, w[k]));
    }
    wg_hvp(wg_mean(wg_square(h)), 10, w, u, out);
    *n = 10;
    return out;
}

/* The bytes that an error names. */
static int64_t named_bytes(const char *error)
{
    const char *at = error ? strstr(error, "at least ") : NULL;
    return at ? strtoll(at + 9, NULL, 10) : -1;
}

/* Whatever budget is asked for: a plan that is found for one is known of when another is
 * refused. */
static void what_is_named_is_the_least_of_all_plans(void **state)
{
    (void)state;
    int n;
    wg_tape *t = wg_tape_new(WG_F32);
    wg_tensor **out = second_order_record(t, &n);
    assert_null(wg_compile_with(n, out, &(wg_compile_options){.memory = 1}));
    const int64_t least = named_bytes(wg_error(t));
    const int64_t whole = wg_stats(wg_compile(n, out)).planned_bytes;
    wg_clear_error(t);
    for (int percent = 95; percent > 0; percent -= 5) {
        const int64_t memory = whole * percent / 100;
        wg_program *p = wg_compile_with(n, out, &(wg_compile_options){.memory = memory});
        if (!p && least <= memory)
            fail_msg("%lld bytes are refused, where %lld would do", (long long)memory,
                     (long long)least);
        if (p && wg_stats(p).planned_bytes < least)
            fail_msg("%lld bytes will do, \"at least %lld\" was said",
                     (long long)wg_stats(p).planned_bytes, (long long)least);
        wg_clear_error(t);
    }
    wg_tape_free(t);
}

static void a_budget_that_cannot_be_met_names_one_that_can(void **state)
{
    (void)state;
    for (int i = 0; i < SHALLOW; i++) {
        int n;
        wg_tape *t = wg_tape_new(WG_F32);
        wg_tensor **out = network_record(t, &shallow[i], 0, &n);
        assert_null(wg_compile_with(n, out, &(wg_compile_options){.memory = 1}));
        assert_int_equal(wg_error_status(t), WG_ERR_ARGUMENT);
        int64_t least = named_bytes(wg_error(t));
        char text[128];
        snprintf(text, sizeof text,
                 "compile: wants a memory of at least %lld bytes for buffers, got 1",
                 (long long)least);
        assert_string_equal(wg_error(t), text);
        wg_clear_error(t);
        wg_program *p = wg_compile_with(n, out, &(wg_compile_options){.memory = least});
        assert_non_null(p);
        assert_true(wg_stats(p).planned_bytes <= least);
        assert_int_equal(wg_run(p), WG_OK);
        assert_null(wg_compile_with(n, out, &(wg_compile_options){.memory = -1}));
        assert_string_equal(wg_error(t), "compile: wants a memory of 0 or more bytes, got -1");
        free(out);
        wg_tape_free(t);
    }
}

static void refused(wg_tape *t, const char *why)
{
    assert_string_equal(wg_error(t), why);
    wg_clear_error(t);
}

static void checkpoints_refuse_what_is_no_list(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F32), *other = wg_tape_new(WG_F32);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(2)), *far = wg_input(other, "far", WG_SHAPE(2)),
              *none = NULL;
    assert_null(wg_checkpoint(NULL, 1, &x));
    assert_null(wg_error(t));
    assert_null(wg_checkpoint(x, 1, NULL));
    refused(t, "checkpoint: wants a list of 1 inputs, not NULL, got \"x\" [2]");
    assert_null(wg_checkpoint(x, -1, &x));
    refused(t, "checkpoint: wants 0 or more inputs, not -1, got \"x\" [2]");
    assert_null(wg_checkpoint(x, 1, &none));
    refused(t, "checkpoint: wants tensors, got \"x\" [2] x NULL");
    assert_null(wg_checkpoint(x, 1, &far));
    refused(t, "checkpoint: wants tensors of one tape, got \"x\" [2] x \"far\" [2]");
    assert_int_equal(wg_node_count(other), 1); /* nothing was recorded there */
    assert_non_null(wg_checkpoint(x, 1, &x));
    wg_tape_free(t);
    wg_tape_free(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans_of_networks_are_tight),
        cmocka_unit_test(activations_are_freed_as_they_are_used),
        cmocka_unit_test(checkpoints_change_no_bit),
        cmocka_unit_test(budgets_change_no_bit),
        cmocka_unit_test(deep_networks_fit_a_quarter),
        cmocka_unit_test(draws_residuals_and_second_derivatives_stay_the_same),
        cmocka_unit_test(draws_keep_no_update_waiting),
        cmocka_unit_test(good_indices_keep_no_update_waiting),
        cmocka_unit_test(cheap_things_are_recomputed_first),
        cmocka_unit_test(a_stretch_is_what_depends_on_the_inputs),
        cmocka_unit_test(ordered_ops_are_not_recomputed),
        cmocka_unit_test(a_budget_that_cannot_be_met_names_one_that_can),
        cmocka_unit_test(what_is_named_is_the_least_of_all_plans),
        cmocka_unit_test(checkpoints_refuse_what_is_no_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
