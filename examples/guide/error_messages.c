/* One mistake of each kind, and what the library says about it.  Nothing aborts: an error is kept
 * on the tape until it is read. */
#include <math.h>
#include <stdio.h>
#include <wengert.h>

/* Prints the call and the message that it left behind. */
static void say(wg_tape *t, const char *call)
{
    printf("%s\n    %s\n", call, wg_error(t) ? wg_error(t) : "no error");
    wg_clear_error(t);
}
#define TRY(call) ((void)(call), say(t, #call))

static void recording(wg_tape *t)
{
    puts("== recording");
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(32, 784)),
              *W = wg_param(t, "W", WG_SHAPE(128, 30), wg_init_zeros());
    wg_tensor *b = wg_param(t, "b", WG_SHAPE(30), wg_init_zeros()),
              *label = wg_input_as(t, "label", WG_I32, WG_SHAPE(32));
    TRY(wg_matmul(x, W));
    TRY(wg_add(x, b));
    wg_tensor *shift = wg_label(wg_neg(b), "shift");
    TRY(wg_add(wg_exp(x), shift));
    TRY(wg_mul(wg_input_as(t, "float", WG_F32, WG_SHAPE()), wg_input(t, "double", WG_SHAPE())));
    TRY(wg_exp(label));
    TRY(wg_sum_axes(x, WG_AXES(2), false));
    TRY(wg_max(wg_input(t, "nothing", WG_SHAPE(0))));
    TRY(wg_reshape(b, WG_SHAPE(7, -1)));
    TRY(wg_take(x, b, 0));
    TRY(wg_einsum("ij,jk->iz", 2, (wg_tensor *[]){x, W}));
    TRY(wg_add(x, NULL));
    wg_tape *other = wg_tape_new(WG_F64);
    TRY(wg_mul(x, wg_scalar(other, 2)));
    wg_tape_free(other);
    TRY(wg_dropout(x, 1.5));
}

static void leaves(wg_tape *t)
{
    puts("== leaves");
    TRY(wg_input(t, "x", WG_SHAPE(3)));
    TRY(wg_input(t, "", WG_SHAPE(3)));
    TRY(wg_input(t, "negative", WG_SHAPE(3, -1)));
    TRY(wg_input(t, "deep", WG_SHAPE(1, 1, 1, 1, 1, 1, 1, 1, 1)));
    TRY(wg_set_f64(wg_exp(wg_find(t, "x")), (double[]){1}));
    TRY(wg_set_f64(wg_input_as(t, "whole", WG_I32, WG_SHAPE()), (double[]){3e9}));
}

static wg_status twice(const wg_call *c)
{
    *(double *)c->out->data = 2 * *(const double *)c->in[0].data;
    return WG_OK;
}

static bool as_its_input(wg_tensor *y)
{
    return wg_infer_like(y, 0);
}

static const wg_op without_rule = {
    .size = sizeof(wg_op), .name = "twice", .arity = 1, .infer = as_its_input, .kernel = twice};

static void derivatives(wg_tape *t)
{
    puts("== derivatives");
    wg_tensor *x = wg_param(t, "w", WG_SHAPE(3), wg_init_constant(1)), *g;
    TRY(wg_grad(wg_exp(x), 1, &x, &g));
    wg_tensor *one = wg_scalar(t, 1);
    TRY(wg_vjp(wg_exp(x), one, 1, &x, &g));
    wg_tensor *s = wg_sum(x), *y = wg_apply(&without_rule, 1, &s, NULL);
    TRY(wg_grad(y, 1, &x, &g));
}

static void running(wg_tape *t)
{
    puts("== compiling and running");
    wg_tensor *w = wg_find(t, "w"), *up = wg_assign(w, wg_add_scalar(w, 1)),
              *down = wg_assign(w, wg_sub_scalar(w, 1));
    TRY(wg_compile(2, (wg_tensor *[]){up, down}));
    TRY(wg_compile_with(1, &up, &(wg_compile_options){.threads = 5000}));
    TRY(wg_compile(2, (wg_tensor *[]){up, NULL}));
    wg_tensor *y = wg_exp(wg_input(t, "fed", WG_SHAPE(2)));
    wg_program *p = wg_compile(1, &y);
    TRY(wg_run(p));
    wg_program_free(p);
    wg_tensor *index = wg_input_as(t, "index", WG_I32, WG_SHAPE(2)), *taken = wg_take(w, index, 0);
    p = wg_compile(1, &taken);
    wg_set_i32(index, (int32_t[]){0, 3});
    TRY(wg_run(p));
    wg_program_free(p);
    wg_mark mark = wg_tape_mark(t);
    wg_tensor *late = wg_exp(wg_constant(t, WG_SHAPE(1), (double[]){1}));
    p = wg_compile(1, &late);
    wg_tape_rewind(t, mark);
    TRY(wg_run(p));
    wg_program_free(p);
    TRY(wg_item(w));
}

static void not_finite(wg_tape *t)
{
    puts("== not finite");
    wg_tensor *p = wg_input(t, "p", WG_SHAPE(3)),
              *loss = wg_sum(wg_label(wg_log(p), "log-likelihood"));
    wg_set_f64(p, (double[]){0.5, 0, 0.25});
    wg_program *traced = wg_compile_with(1, &loss, &(wg_compile_options){.trace_nan = true});
    TRY(wg_run(traced));
    wg_program_free(traced);
}

static wg_status sine_kernel(const wg_call *c)
{
    for (int64_t i = 0; i < c->out->count; i++)
        ((double *)c->out->data)[i] = sin(((const double *)c->in[0].data)[i]);
    return WG_OK;
}

static wg_tensor *wrong_rule(wg_tensor *y, wg_tensor *g, int i)
{
    return wg_mul(g, wg_sin(wg_in(y, i))); /* should be the cosine */
}

static bool f64_only(wg_tensor *y)
{
    return wg_dtype_of(wg_in(y, 0)) == WG_F64 ? wg_infer_like(y, 0) : wg_fail(y, "an f64 tensor");
}

static const wg_op wrong_sine = {
    .size = sizeof(wg_op), .name = "my_sine", .arity = 1, .infer = f64_only, .kernel = sine_kernel,
    .vjp = wrong_rule,
    .domain = {{.lo = -2, .hi = 2}},
};
static const wg_op empty = {.size = sizeof(wg_op), .name = "empty", .arity = 1};
static const wg_op old = {.size = 8, .name = "old", .arity = 1};

static wg_tensor *wrong_model(wg_tape *t, void *user)
{
    (void)user;
    wg_tensor *w = wg_param(t, "w", WG_SHAPE(2), wg_init_values((double[]){0.5, 1}));
    wg_tensor *y = wg_apply(&wrong_sine, 1, &w, NULL);
    return wg_sum(wg_square(y));
}

static void your_ops(wg_tape *t)
{
    puts("== ops of your own, and the checker");
    TRY(wg_apply(&empty, 1, (wg_tensor *[]){wg_find(t, "w")}, NULL));
    TRY(wg_apply(&old, 1, (wg_tensor *[]){wg_find(t, "w")}, NULL));
    TRY(wg_apply(&wrong_sine, 2, (wg_tensor *[]){wg_find(t, "w"), wg_find(t, "x")}, NULL));
    TRY(wg_apply(&wrong_sine, 1, (wg_tensor *[]){wg_find(t, "label")}, NULL));
    TRY(wg_register_op_with(t, &wrong_sine, true));
    wg_check_report report;
    wg_check_grad(wrong_model, NULL, NULL, &report);
    printf("wg_check_grad(wrong_model, NULL, NULL, &report)\n    %s\n", report.text);
}

static void files(void)
{
    puts("== files");
    wg_digits d;
    wg_message why;
    printf("%s\n", wg_status_name(wg_read_idx("images.idx", "labels.idx", &d, &why)));
    printf("    %s\n", why.text);
    FILE *f = fopen("images.idx", "wb");
    fputs("not what it should be", f);
    fclose(f);
    printf("%s\n", wg_status_name(wg_read_idx("images.idx", "images.idx", &d, &why)));
    printf("    %s\n", why.text);
    remove("images.idx");
}

int main(void)
{
    wg_tape *t = wg_tape_new(WG_F64);
    recording(t);
    leaves(t);
    derivatives(t);
    running(t);
    not_finite(t);
    your_ops(t);
    wg_tape_free(t);
    files();

    puts("== no tape");
    t = wg_tape_new(WG_I32);
    TRY(wg_input(t, "x", WG_SHAPE(3)));
}
