/* Out of memory is an error like another.  Every allocation that the library makes in a scenario
 * is made to fail in turn, once and from then on: the scenario must then succeed or report, leak
 * nothing, and leave a tape that records and computes when memory is back.
 * wraps: malloc calloc realloc aligned_alloc free */
#define _POSIX_C_SOURCE 200809L

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <math.h>

#include "support/failing_alloc.h"
#include "support/op_calls.h"

/* Does its work on a tape that it makes itself, *t, and leaves it to the harness; NULL if that
 * could not be had.  user: what a scenario wants. */
typedef wg_status scenario(wg_tape **t, const void *user);

/* Memory ran out in a function whose status is all it gives. */
static const wg_status NO_MESSAGE = (wg_status)50;

static FILE *sink; /* for what writes; libc's own buffer, opened once */

/* ---- the harness ---- */

/* The tape works: what it computes is right, as if nothing had happened. */
static bool works(wg_tape *t)
{
    wg_tensor *x = wg_constant(t, WG_SHAPE(2, 2), (double[]){1, 2, 3, 4}),
              *w = wg_param(t, "afterwards", WG_SHAPE(2, 2), wg_init_constant(2)), *g;
    wg_tensor *y = wg_sum(wg_matmul(x, wg_square(w)));
    if (wg_grad(y, 1, &w, &g) != WG_OK)
        return false;
    wg_program *p =
        wg_compile(2, (wg_tensor *[]){y, wg_assign(w, wg_sub(w, wg_mul_scalar(g, 0.125)))});
    bool fine = wg_run(p) == WG_OK && wg_item(y) == 80; /* (1 + 2 + 3 + 4) 2 * 2^2 */
    double v[4] = {0};
    fine = fine && wg_get_f64(w, v) == WG_OK && v[0] == 0 && v[1] == 0 && v[2] == -1
           && v[3] == -1; /* w - g / 8, g = 2 w (4, 4, 6, 6) */
    fine = fine && wg_run(p) == WG_OK && wg_item(y) == 12 && !wg_error(t);
    wg_program_free(p);
    return fine;
}

static const char *how_name(failing_how how)
{
    return how == FAIL_ONCE ? "once" : "from then on";
}

/* One attempt; false, after a line that says what was wrong, if it was not as it should be. */
static bool attempt(const char *name, scenario *play, const void *user, failing_how how, int64_t at,
                    bool by_rewind)
{
    int64_t live = failing_live();
    wg_tape *t = NULL;
    failing_arm(how, at);
    wg_status s = play(&t, user);
    failing_disarm();
    bool failed = failing_happened(), fine = true;
    if (!failed && s != WG_OK)
        fine = (print_error("%s: failed with all the memory it wants: %s\n", name, wg_error(t)),
                false);
    if (failed && s != WG_OK && s != NO_MESSAGE && t && !wg_error(t))
        fine = (print_error("%s: allocation %lld %s: gives \"%s\" without an error on the tape\n",
                            name, (long long)at, how_name(how), wg_status_name(s)),
                false);
    if (failed && s != WG_OK && t && wg_error(t) && wg_error_status(t) != WG_ERR_MEMORY)
        fine = (print_error("%s: allocation %lld %s: is told as \"%s\"\n", name, (long long)at,
                            how_name(how), wg_error(t)),
                false);
    if (t && by_rewind)
        wg_tape_rewind(t, (wg_mark){0});
    else if (t)
        wg_clear_error(t);
    if (t && (wg_error(t) || !works(t)))
        fine = (print_error("%s: allocation %lld %s: the tape cannot be used afterwards: %s\n",
                            name, (long long)at, how_name(how), wg_error(t)),
                false);
    wg_tape_free(t);
    if (failing_live() != live)
        fine = (print_error("%s: allocation %lld %s: %lld blocks leak\n", name, (long long)at,
                            how_name(how), (long long)(failing_live() - live)),
                false);
    return fine;
}

/* All allocations of a scenario, each both ways; gives how many attempts went wrong.  At least
 * `least` allocations must be there to fail. */
static int exhaust(const char *name, scenario *play, const void *user, int64_t least,
                   int64_t *attempts)
{
    int bad = !attempt(name, play, user, FAIL_NONE, 0, false);
    int64_t n = 0;
    failing_arm(FAIL_NONE, 0);
    wg_tape *t = NULL;
    bad += play(&t, user) != WG_OK;
    n = failing_disarm();
    wg_tape_free(t);
    if (n < least)
        bad += (print_error("%s: only %lld allocations\n", name, (long long)n), 1);
    for (int64_t i = 0; i < n && bad < 20; i++) {
        bad += !attempt(name, play, user, FAIL_ONCE, i, i % 2);
        bad += !attempt(name, play, user, FAIL_FROM_THEN_ON, i, i % 2 == 0);
        *attempts += 2;
    }
    return bad;
}

static void exhaust_alone(const char *name, scenario *play, int64_t least)
{
    int64_t attempts = 0;
    int bad = exhaust(name, play, NULL, least, &attempts);
    print_message("%s: %lld attempts\n", name, (long long)attempts);
    assert_int_equal(bad, 0);
}

/* Status of an expression: NULL is a failure. */
static wg_status got(const void *x)
{
    return x ? WG_OK : WG_ERR_MEMORY;
}

/* ---- scenarios ---- */

typedef struct network {
    wg_tensor *x, *y, *w[2], *b[2], *out, *loss;
} network;

static wg_status record_network(wg_tape *t, network *n)
{
    n->x = wg_input(t, "x", WG_SHAPE(4, 3));
    n->y = wg_input_as(t, "labels", WG_I32, WG_SHAPE(4));
    n->w[0] = wg_param(t, "W0", WG_SHAPE(3, 5), wg_init_glorot());
    n->b[0] = wg_param(t, "b0", WG_SHAPE(5), wg_init_zeros());
    n->w[1] = wg_param(t, "W1", WG_SHAPE(5, 2), wg_init_normal(0, 0.5));
    n->b[1] = wg_param(t, "b1", WG_SHAPE(2), wg_init_values((double[]){0.5, -0.5}));
    wg_tensor *h = wg_label(wg_sigmoid(wg_add(wg_matmul(n->x, n->w[0]), n->b[0])), "hidden");
    n->out = wg_add(wg_matmul(h, n->w[1]), n->b[1]);
    n->loss = wg_label(wg_cross_entropy(n->out, n->y), "loss");
    if (!n->loss)
        return WG_ERR_MEMORY;
    double v[12];
    for (int i = 0; i < 12; i++)
        v[i] = i / 8.0 - 0.5;
    wg_status s = wg_set_f64(n->x, v);
    return s ? s : wg_set_i32(n->y, (int32_t[]){0, 1, 1, 0});
}

static wg_status play_record(wg_tape **t, const void *user)
{
    (void)user;
    network n;
    if (!(*t = wg_tape_new(WG_F32)))
        return WG_ERR_MEMORY;
    wg_status s = record_network(*t, &n);
    char name[32];
    for (int i = 0; i < 200 && !s; i++) { /* the index, the arena and the tables of names grow */
        snprintf(name, sizeof name, "leaf %d", i);
        s = got(wg_label(wg_neg(wg_input(*t, name, WG_SHAPE(2, 3, 4))), name + 5));
    }
    return s ? s : got(wg_find(*t, "leaf 150"));
}

static wg_status play_grad(wg_tape **t, const void *user)
{
    (void)user;
    network n;
    wg_tensor *g[4], *h[4];
    if (!(*t = wg_tape_new(WG_F64)))
        return WG_ERR_MEMORY;
    wg_status s = record_network(*t, &n);
    wg_tensor *x[4] = {n.w[0], n.b[0], n.w[1], n.b[1]};
    s = s ? s : wg_grad(n.loss, 4, x, g);
    s = s ? s : wg_grad(wg_sum(wg_square(g[0])), 4, x, h);
    s = s ? s : wg_hvp(n.loss, 4, x, g, h);
    s = s ? s : got(wg_jvp(n.out, 4, x, x));
    s = s ? s : got(wg_jacobian(n.out, n.b[1]));
    return s ? s : got(wg_hessian(n.loss, n.b[1]));
}

static wg_status play_compile(wg_tape **t, const void *user)
{
    (void)user;
    network n;
    wg_tensor *g[2];
    if (!(*t = wg_tape_new(WG_F32)))
        return WG_ERR_MEMORY;
    wg_status s = record_network(*t, &n);
    s = s ? s : wg_grad(n.loss, 2, n.w, g);
    static const wg_compile_options options[] = {
        {0},
        {.skip = WG_PASS_MERGE | WG_PASS_ORDER | WG_PASS_PLAN | WG_PASS_IN_PLACE | WG_PASS_VIEWS},
        {.trace_nan = true},
        {.profile = true}};
    for (size_t i = 0; i < sizeof options / sizeof *options && !s; i++) {
        wg_program *p = wg_compile_with(3, (wg_tensor *[]){n.loss, g[0], g[1]}, &options[i]);
        s = got(p);
        if (i != 1)
            wg_program_free(p); /* the second is left to the tape */
    }
    return s;
}

/* A chain in less memory than it would take: with checkpoints, within a budget,
 * and with a budget that is too small. */
static wg_status play_recompute(wg_tape **t, const void *user)
{
    (void)user;
    if (!(*t = wg_tape_new(WG_F32)))
        return WG_ERR_MEMORY;
    wg_tensor *x = wg_param(*t, "p", WG_SHAPE(4, 4), wg_init_constant(0.5)), *h = x, *before = x,
              *g;
    for (int i = 0; i < 24; i++) {
        h = wg_tanh(wg_matmul(h, x));
        if (i == 5)
            h = before = wg_checkpoint(wg_square(h), 1, &before);
    }
    wg_status s = wg_grad(wg_sum(h), 1, &x, &g);
    wg_program *whole = s ? NULL : wg_compile(1, &g), *part = NULL;
    s = s ? s : got(whole);
    int64_t memory = wg_stats(whole).planned_bytes;
    if (!s)
        s = got(part = wg_compile_with(1, &g, &(wg_compile_options){.memory = memory * 7 / 8}));
    wg_program_free(part);
    if (!s && wg_compile_with(1, &g, &(wg_compile_options){.memory = 1}))
        s = 100;
    if (!s && wg_error_status(*t) == WG_ERR_ARGUMENT)
        wg_clear_error(*t);
    else
        s = s ? s : wg_error_status(*t);
    wg_program_free(whole);
    return s;
}

static wg_status play_run(wg_tape **t, const void *user)
{
    (void)user;
    network n;
    wg_tensor *g[2], *out[3] = {NULL};
    if (!(*t = wg_tape_new(WG_F32)))
        return WG_ERR_MEMORY;
    wg_status s = record_network(*t, &n);
    s = s ? s : wg_grad(n.loss, 2, n.w, g);
    out[0] = n.loss;
    for (int i = 0; i < 2 && !s; i++)
        s = got(out[1 + i] = wg_assign(n.w[i], wg_sub(n.w[i], g[i])));
    if (s)
        return s;
    wg_program *p = wg_compile(3, out);
    s = got(p);
    for (int step = 0; step < 3 && !s; step++)
        s = wg_run(p);
    float first, w[15];
    s = s ? s : wg_get_f32(n.loss, &first);
    s = s ? s : wg_get_f32(n.w[0], w);
    wg_program_free(p);
    return s;
}

static wg_status play_values(wg_tape **t, const void *user)
{
    (void)user;
    network n;
    double v[8];
    int32_t k[4];
    if (!(*t = wg_tape_new(WG_F32)))
        return WG_ERR_MEMORY;
    wg_status s = record_network(*t, &n);
    s = s ? s : wg_get_f64(n.out, v);
    s = s ? s : isnan(wg_item(n.loss)) ? WG_ERR_MEMORY : WG_OK;
    s = s ? s : got(wg_eval(wg_softmax(n.out, 1)));
    s = s ? s : wg_get_i32(wg_argmax(n.out, 1, false), k);
    s = s ? s : wg_write(n.out, sink);
    float mine[12] = {0};
    s = s ? s : wg_bind(n.x, mine);
    s = s ? s : wg_get_f64(n.out, v);
    s = s ? s : wg_bind(n.x, NULL); /* its own memory again, to be fed anew */
    s = s ? s : wg_set_f32(n.x, mine);
    return s ? s : wg_get_f64(n.x, (double[12]){0});
}

static wg_status play_rewind(wg_tape **t, const void *user)
{
    (void)user;
    network n;
    if (!(*t = wg_tape_new(WG_F64)))
        return WG_ERR_MEMORY;
    wg_status s = record_network(*t, &n);
    wg_mark m = wg_tape_mark(*t);
    for (int step = 0; step < 3 && !s; step++) {
        wg_tensor *h = n.out, *g;
        for (int i = 0; i <= 40 * step && !s; i++) /* another length each time */
            s = got(h = wg_tanh(h));
        wg_tensor *extra = wg_param(*t, "extra", WG_SHAPE(2), wg_init_constant(1));
        wg_tensor *y = wg_sum(wg_mul(h, extra));
        s = s ? s : wg_grad(y, 1, &extra, &g);
        wg_program *p = s ? NULL : wg_compile(2, (wg_tensor *[]){y, wg_assign(extra, g)});
        s = s ? s : got(p);
        s = s ? s : wg_run(p);
        s = s ? s : isnan(wg_item(y)) ? WG_ERR_MEMORY : WG_OK;
        if (step != 1)
            wg_program_free(p); /* the second outlives the nodes that it was made of */
        wg_status r = s ? s : wg_tape_rewind(*t, m);
        s = s ? s : r;
    }
    return s;
}

static wg_tensor *checked_model(wg_tape *t, void *user)
{
    (void)user;
    network n;
    if (record_network(t, &n) != WG_OK)
        return NULL;
    return n.loss;
}

static wg_status play_check(wg_tape **t, const void *user)
{
    (void)t;
    (void)user;
    wg_check_report report;
    wg_status s = wg_check_grad(checked_model, NULL,
                                &(wg_check_options){.order = 2, .max_elements = 3}, &report);
    return s == WG_ERR_CHECK ? 100 : s; /* a wrong verdict is no way to say that memory ran out */
}

static const wg_op doubled;
static bool doubled_infer(wg_tensor *y)
{
    return wg_infer_like(y, 0);
}

static wg_status doubled_kernel(const wg_call *c)
{
    for (int64_t i = 0; i < c->out->count; i++)
        if (c->out->dtype == WG_F64)
            ((double *)c->out->data)[i] = 2 * ((const double *)c->in[0].data)[i];
        else
            ((float *)c->out->data)[i] = 2 * ((const float *)c->in[0].data)[i];
    return WG_OK;
}

static wg_tensor *doubled_vjp(wg_tensor *y, wg_tensor *g, int i)
{
    (void)y;
    (void)i;
    return wg_apply(&doubled, 1, &g, NULL);
}

static size_t doubled_scratch(const wg_tensor *y)
{
    (void)y;
    return 1000;
}

static const wg_op doubled = {.size = sizeof(wg_op),
                              .name = "doubled",
                              .doc = "2 x",
                              .arity = 1,
                              .infer = doubled_infer,
                              .kernel = doubled_kernel,
                              .vjp = doubled_vjp,
                              .scratch = doubled_scratch,
                              .domain = {{-1, 1, 0, false}}};

static wg_status play_check_op(wg_tape **t, const void *user)
{
    (void)t;
    (void)user;
    wg_check_report report;
    return wg_check_op(&doubled, &(wg_check_options){.max_elements = 2}, &report);
}

static wg_status play_user_op(wg_tape **t, const void *user)
{
    (void)user;
    if (!(*t = wg_tape_new(WG_F64)))
        return WG_ERR_MEMORY;
    wg_status s = wg_register_op_with(*t, &doubled, true);
    wg_tensor *x = wg_param(*t, "p", WG_SHAPE(5), wg_init_constant(3)),
              *y = x ? wg_apply(wg_find_op(*t, s ? "add" : "doubled"), s ? 0 : 1, &x, NULL) : NULL,
              *g;
    s = s ? s : got(y);
    s = s ? s : wg_grad(wg_sum(y), 1, &x, &g);
    return s ? s : isnan(wg_item(wg_sum(g))) ? WG_ERR_MEMORY : WG_OK;
}

static wg_status play_random(wg_tape **t, const void *user)
{
    (void)user;
    if (!(*t = wg_tape_new(WG_F32)))
        return WG_ERR_MEMORY;
    wg_seed(*t, 7);
    wg_tensor *x = wg_param(*t, "p", WG_SHAPE(20), wg_init_normal(0, 1)), *g;
    wg_tensor *y = wg_sum(wg_add(wg_dropout(x, 0.5), wg_mul(wg_normal(*t, WG_SHAPE(20), 0, 1),
                                                            wg_uniform(*t, WG_SHAPE(20), 0, 1))));
    y = wg_add(y, wg_sum(wg_cast(wg_permutation(*t, 9), WG_F32)));
    wg_status s = wg_grad(y, 1, &x, &g);
    wg_program *p = s ? NULL : wg_compile(2, (wg_tensor *[]){y, g});
    s = s ? s : got(p);
    s = s ? s : wg_run(p);
    s = s ? s : wg_run(p);
    wg_program_free(p);
    return s;
}

static wg_status play_look(wg_tape **t, const void *user)
{
    (void)user;
    network n;
    wg_tensor *g[2];
    if (!(*t = wg_tape_new(WG_F32)))
        return WG_ERR_MEMORY;
    wg_status s = record_network(*t, &n);
    s = s ? s : wg_grad(n.loss, 2, n.w, g);
    if (!s && (s = wg_write_dot(2, g, sink)) == WG_ERR_MEMORY)
        return NO_MESSAGE;
    wg_dot_options all = {
        .values = true, .adjoints_of = n.loss, .local_derivatives = true, .fold = 2};
    if (!s && (s = wg_write_dot_with(2, g, &all, sink)) == WG_ERR_MEMORY)
        return NO_MESSAGE;
    wg_program *p = s ? NULL : wg_compile(2, g);
    s = s ? s : got(p);
    s = s ? s : wg_summary(p, sink);
    wg_program_free(p);
    return s;
}

/* ---- data, which has no tape ---- */

typedef struct idx_files {
    char images[64], labels[64];
} idx_files;

static wg_status play_read(wg_tape **t, const void *user)
{
    (void)t;
    const idx_files *f = user;
    wg_digits d;
    wg_message why = {""};
    wg_status s = wg_read_idx(f->images, f->labels, &d, &why);
    if (s != WG_OK && (d.pixels || d.labels || d.count || !*why.text))
        return s + 100;
    wg_digits_free(&d);
    return s;
}

static wg_status play_draw(wg_tape **t, const void *user)
{
    (void)t;
    (void)user;
    wg_digits d;
    wg_message why = {""};
    wg_status s = wg_draw_digits(3, 4, &d, &why);
    if (s != WG_OK && (d.pixels || d.labels || d.count || !*why.text))
        return s + 100;
    wg_digits_free(&d);
    return s;
}

/* ---- every op: record, differentiate twice, compile, run ---- */

static wg_status play_call(wg_tape **t, const void *user)
{
    const char *text = user;
    op_maker m = {.tape = NULL, .at = -1};
    op_call c;
    char why[128];
    bool known;
    if (!(*t = m.tape = wg_tape_new(WG_F32)))
        return WG_ERR_MEMORY;
    if (!op_call_read(&c, *t, text, op_make_operand, &m, why, sizeof why))
        return WG_ERR_MEMORY;
    wg_status s = WG_OK;
    static const double v[16] = {0.25, 0.5,  0.75, 0.375, 0.625, 0.125, 0.875, 0.25,
                                 0.5,  0.75, 0.25, 0.375, 0.625, 0.125, 0.875, 0.5};
    static const int32_t zeros[16] = {0};
    wg_tensor *x[OP_OPERANDS], *g[OP_OPERANDS], *h[OP_OPERANDS];
    int n = 0;
    for (int i = 0; i < c.n && !s; i++) {
        assert_in_range(wg_count_of(c.x[i]), 0, 16);
        if (wg_dtype_of(c.x[i]) != WG_I32)
            x[n++] = c.x[i];
        s = wg_dtype_of(c.x[i]) == WG_I32 ? wg_set_i32(c.x[i], zeros) : wg_set_f64(c.x[i], v);
    }
    wg_tensor *y = s ? NULL : op_call_make(&c, &known);
    s = s ? s : got(y);
    if (s)
        return s;
    wg_tensor *out[1 + 2 * OP_OPERANDS] = {y};
    int outputs = 1;
    if (n && wg_dtype_of(y) == WG_F32) {
        wg_tensor *sum = wg_sum(y);
        s = s ? s : got(sum);
        s = s ? s : wg_grad(sum, n, x, g);
        s = s ? s : wg_grad(wg_sum(wg_square(g[0])), n, x, h);
        for (int i = 0; i < n && !s; i++) {
            out[outputs++] = g[i];
            out[outputs++] = h[i];
        }
    }
    wg_program *p = s ? NULL : wg_compile(outputs, out);
    s = s ? s : got(p);
    s = s ? s : wg_run(p);
    wg_program_free(p);
    return s;
}

/* ---- tests ---- */

#define ALONE(name, least)                          \
    static void memory_runs_out_in_##name(void **state) \
    {                                               \
        (void)state;                                \
        exhaust_alone(#name, play_##name, (least)); \
    }
ALONE(record, 10)
ALONE(grad, 10)
ALONE(compile, 20)
ALONE(recompute, 60)
ALONE(run, 15)
ALONE(values, 20)
ALONE(rewind, 20)
ALONE(check, 50)
ALONE(check_op, 20)
ALONE(user_op, 15)
ALONE(random, 10)
ALONE(look, 15)
ALONE(draw, 2)

static void write_file(char *path, const unsigned char *bytes, size_t n)
{
    strcpy(path, "/tmp/wengert_oom_XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, n), n);
    close(fd);
}

static void memory_runs_out_in_read(void **state)
{
    (void)state;
    static const unsigned char images[16 + 8] = {0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2,
                                                 0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8},
                                           labels[8 + 2] = {0, 0, 8, 1, 0, 0, 0, 2, 7, 9};
    idx_files f;
    write_file(f.images, images, sizeof images);
    write_file(f.labels, labels, sizeof labels);
    int64_t attempts = 0;
    int bad = exhaust("read", play_read, &f, 2, &attempts);
    print_message("read: %lld attempts\n", (long long)attempts);
    unlink(f.images);
    unlink(f.labels);
    assert_int_equal(bad, 0);
}

static void memory_runs_out_in_every_op(void **state)
{
    (void)state;
    int bad = 0;
    int64_t attempts = 0;
    for (int i = 0; i < op_good_size && bad < 20; i++)
        bad += exhaust(op_good[i].call, play_call, op_good[i].call, 2, &attempts);
    print_message("every op: %lld attempts\n", (long long)attempts);
    assert_int_equal(bad, 0);
}

/* Where it is the values that find no room, the message says how large they are. */
static void large_arrays_are_told(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F32);
    int param = 0, compiled = 0;
    wg_tensor *w = NULL;
    for (int64_t k = 0; !w; k++) {
        failing_arm(FAIL_ONCE, k);
        w = wg_param(t, "w", WG_SHAPE(30, 40), wg_init_constant(1));
        failing_disarm();
        if (!w)
            param += !strcmp(wg_error(t), "param: out of memory for \"w\" f32 [30, 40]");
        wg_clear_error(t);
    }
    wg_tensor *y = wg_sum_axes(wg_matmul(wg_exp(w), wg_transpose(w)), WG_AXES(0), false);
    bool failed = true;
    for (int64_t k = 0; failed; k++) { /* not until one succeeds: some can do without */
        failing_arm(FAIL_ONCE, k);
        wg_program *p = wg_compile(1, &y);
        failed = failing_happened();
        failing_disarm();
        if (!p)
            compiled += strstr(wg_error(t), "compile: out of memory for ")
                        && strstr(wg_error(t), " bytes of buffers and 120 of outputs");
        wg_clear_error(t);
    }
    assert_true(param > 0);
    assert_int_equal(compiled, 2); /* temporaries, and what is kept */
    wg_tape_free(t);
}

/* The wrapping is there at all: without it every test here would pass. */
static void allocations_are_seen(void **state)
{
    (void)state;
    failing_arm(FAIL_ONCE, 0);
    assert_null(wg_tape_new(WG_F32));
    assert_true(failing_happened());
    assert_int_equal(failing_disarm(), 1);
    int64_t live = failing_live();
    wg_tape *t = wg_tape_new(WG_F32);
    assert_int_equal(failing_live(), live + 1);
    wg_tape_free(t);
    assert_int_equal(failing_live(), live);
}

int main(void)
{
    if (!(sink = fopen("/dev/null", "w")))
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allocations_are_seen),
        cmocka_unit_test(large_arrays_are_told),
        cmocka_unit_test(memory_runs_out_in_record),
        cmocka_unit_test(memory_runs_out_in_grad),
        cmocka_unit_test(memory_runs_out_in_compile),
        cmocka_unit_test(memory_runs_out_in_recompute),
        cmocka_unit_test(memory_runs_out_in_run),
        cmocka_unit_test(memory_runs_out_in_values),
        cmocka_unit_test(memory_runs_out_in_rewind),
        cmocka_unit_test(memory_runs_out_in_check),
        cmocka_unit_test(memory_runs_out_in_check_op),
        cmocka_unit_test(memory_runs_out_in_user_op),
        cmocka_unit_test(memory_runs_out_in_random),
        cmocka_unit_test(memory_runs_out_in_look),
        cmocka_unit_test(memory_runs_out_in_draw),
        cmocka_unit_test(memory_runs_out_in_read),
        cmocka_unit_test(memory_runs_out_in_every_op),
    };
    int failed = cmocka_run_group_tests_name("out of memory", tests, NULL, NULL);
    fclose(sink);
    return failed;
}
