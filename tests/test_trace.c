/* Traces of the reverse sweep: the numbers are wg_grad's and those of finite differences, every op
 * shows, sums show each term, names are escaped, and the tape is as it was.
 * labels: valgrind
 * begins: first
 * wraps: malloc calloc realloc aligned_alloc free */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wengert.h>

#include <cmocka.h>

#include "support/failing_alloc.h"
#include "support/fd.h"

enum { MOST = 1 << 22 };
static char text[MOST];

/* The trace as text, in a buffer that the next call overwrites. */
static const char *traced(wg_tensor *y, const wg_trace_options *o)
{
    FILE *f = tmpfile();
    assert_non_null(f);
    wg_status s = wg_trace_backward(y, o, f);
    if (s)
        fail_msg("%s: %s", wg_status_name(s), wg_error(wg_tape_of(y)));
    rewind(f);
    text[fread(text, 1, MOST - 1, f)] = 0;
    fclose(f);
    return text;
}

static void has(const char *all, const char *part)
{
    if (!strstr(all, part))
        fail_msg("wanted %s in\n%s", part, all);
}

static void lacks(const char *all, const char *part)
{
    if (strstr(all, part))
        fail_msg("wanted no %s in\n%s", part, all);
}

/* The number behind the first `what` in the trace. */
static double number_behind(const char *all, const char *what)
{
    const char *at = strstr(all, what);
    if (!at)
        fail_msg("wanted %s in\n%s", what, all);
    return strtod(at + strlen(what), NULL);
}

static wg_tensor *scalar(wg_tape *t, const char *name, double v)
{
    return wg_param(t, name, WG_SHAPE(), wg_init_constant(v));
}

/* C = e^2 + e tanh(a) with a = sigmoid(w x + b), e = a - y: two paths meet in e, and two in a. */
typedef struct neuron {
    wg_tape *t;
    wg_tensor *w, *x, *b, *y, *z, *a, *e, *C;
} neuron;

static neuron make_neuron(wg_dtype dtype)
{
    neuron n = {.t = wg_tape_new(dtype)};
    n.w = scalar(n.t, "w", 0.5);
    n.x = wg_input(n.t, "x", WG_SHAPE());
    n.b = scalar(n.t, "b", -0.1);
    n.y = wg_input(n.t, "y", WG_SHAPE());
    wg_set_f64(n.x, (double[]){2});
    wg_set_f64(n.y, (double[]){1});
    n.z = wg_label(wg_add(wg_mul(n.w, n.x), n.b), "z");
    n.a = wg_label(wg_sigmoid(n.z), "a");
    n.e = wg_label(wg_sub(n.a, n.y), "e");
    wg_tensor *product = wg_mul(n.e, wg_tanh(n.a)); /* first: in what order arguments are evaluated
                                                     * is the compiler's choice */
    n.C = wg_label(wg_add(wg_square(n.e), product), "C");
    return n;
}

static double cost(double w, double x, double b, double y)
{
    double a = 1 / (1 + exp(-(w * x + b))), e = a - y;
    return e * e + e * tanh(a);
}

static void numbers_are_those_of_the_gradient(void **state)
{
    (void)state;
    const wg_dtype dtype[] = {WG_F64, WG_F32};
    for (int k = 0; k < 2; k++) {
        neuron n = make_neuron(dtype[k]);
        wg_tensor *wanted[] = {n.w, n.x, n.b, n.y, n.z, n.a, n.e}, *g[7];
        assert_int_equal(wg_grad(n.C, 7, wanted, g), WG_OK);
        const char *all = traced(n.C, &(wg_trace_options){.digits = 17});
        for (int i = 0; i < 7; i++) {
            char what[64], who[32];
            snprintf(who, sizeof who, "%s",
                     wg_label_of(wanted[i]) ? wg_label_of(wanted[i]) : wg_name(wanted[i]));
            snprintf(what, sizeof what, "adjoint dC/d%s = ", who);
            assert_true(number_behind(all, what) == wg_item(g[i])); /* to the last bit */
        }
        const double h = 1e-5, tolerance = k ? 1e-6 : 1e-9;
        double by_w = (cost(0.5 + h, 2, -0.1, 1) - cost(0.5 - h, 2, -0.1, 1)) / (2 * h);
        double by_b = (cost(0.5, 2, -0.1 + h, 1) - cost(0.5, 2, -0.1 - h, 1)) / (2 * h);
        assert_true(fabs(number_behind(all, "adjoint dC/dw = ") - by_w) < tolerance);
        assert_true(fabs(number_behind(all, "adjoint dC/db = ") - by_b) < tolerance);
        assert_true(fabs(number_behind(all, "C = square#10 + mul#9 = ") - cost(0.5, 2, -0.1, 1))
                    < tolerance);
        wg_tape_free(n.t);
    }
}

/* The numbers: a = 0.71095, e = -0.28905, tanh a = 0.61127. */
static void each_step_shows_the_chain_rule(void **state)
{
    (void)state;
    neuron n = make_neuron(WG_F64);
    const char *all = traced(n.C, NULL);
    has(all, "step 6: a = sigmoid(z) = 0.71095   (sigmoid#6)\n  adjoint dC/da = ");
    has(all, "  to z:\n    local     da/dz = a * (1 - a) = 0.71095 * (1 - 0.71095) = 0.2055\n"
             "    receives  dC/da * da/dz = -0.14787 * 0.2055 = -0.030388\n");
    has(all, "local     d(mul#9)/de = tanh#8 = 0.61127\n");
    has(all, "local     d(tanh#8)/da = 1 - tanh#8^2 = 1 - 0.61127^2 = 0.62635\n");
    has(all, "local     de/dy = -1\n");
    has(all, "step 11: x = 2   (input)\n");
    has(all, "step 12: w = 0.5   (parameter)\n");
    wg_tape_free(n.t);
}

static void sums_show_each_term_as_it_arrives(void **state)
{
    (void)state;
    neuron n = make_neuron(WG_F64);
    const char *all = traced(n.C, NULL);
    has(all, "sum       dC/de so far: -0.5781 (through square#10)   [1 of 2 paths]\n");
    has(all, "sum       dC/de: -0.5781 (through square#10) + 0.61127 (through mul#9) = 0.033171   "
             "[2 of 2 paths]\n");
    has(all, "sum       dC/da: -0.18105 (through tanh#8) + 0.033171 (through e) = -0.14787   [2 of "
             "2 paths]\n");
    wg_tape_free(n.t);
}

/* u is used thrice, twice by one product. */
static void a_variable_that_is_used_again(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *u = scalar(t, "u", 3), *s = wg_label(wg_mul(u, u), "s"),
              *c = wg_label(wg_add(s, u), "C");
    const char *all = traced(c, NULL);
    has(all, "dC/du so far: 1 (through C)   [1 of 3 paths]");
    has(all, "to u (operand 1):\n    local     ds/du = u = 3\n");
    has(all, "to u (operand 2):\n");
    has(all, "dC/du: 1 (through C) + 3 (through s) + 3 (through s) = 7   [3 of 3 paths]");
    for (int i = 0; i < 30; i++)
        c = wg_add(c, wg_mul_scalar(u, 2));
    all = traced(wg_label(c, "D"), NULL);
    has(all, "[33 of 33 paths]");
    has(all, " paths before) + ");
    assert_true(number_behind(all, "step 1: D = ") == 0); /* add#... */
    wg_tape_free(t);
}

static void matrices_show_their_rule(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F32);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(1, 2)),
              *b = wg_param(t, "b", WG_SHAPE(2), wg_init_values((double[]){0.5, -4}));
    wg_tensor *w = wg_param(t, "W", WG_SHAPE(2, 2), wg_init_values((double[]){1, 2, 3, 4}));
    wg_set_f64(x, (double[]){1, -1});
    wg_tensor *p = wg_label(wg_matmul(x, w), "p"), *z = wg_label(wg_add(p, b), "z"),
              *a = wg_label(wg_relu(z), "a");
    wg_tensor *c = wg_label(wg_sum(wg_mul_scalar(a, 3)), "C"); /* z = -2 + 0.5, -2 - 4 */
    const char *all = traced(c, NULL);
    has(all, "local     da/dz = where(a <= 0, 0, 1)\n");
    has(all, "rule      dC/dW gets x^T dC/dp\n    receives  [[1, -1]]^T [[0, 0]]\n");
    has(all, "rule      dC/dx gets dC/dp W^T\n");
    has(all, "dC/db gets reshape(dC/d(broadcast_to#4))\n");
    wg_set_f64(x, (double[]){1, 1}); /* z = 4.5, 2 */
    all = traced(c, NULL);
    has(all, "receives  [[1, 1]]^T [[3, 3]]\n              = [[3, 3],\n                 [3, 3]]\n");
    has(all, "step 1: C = sum(mul#");
    wg_tensor *rows = wg_constant(t, WG_SHAPE(3, 2), (double[]){1, 2, 3, 4, 5, 6}),
              *d = wg_label(wg_sum(wg_mul(rows, b)), "D");
    all = traced(d, NULL); /* b stands in three rows: their adjoints are summed */
    has(all, "dD/db gets reshape(sum(dD/d(broadcast_to#");
    has(all,
        ", axis 0))\n    receives  reshape(sum([[1, 2], [3, 4], [5, 6]], axis 0)) = [9, 12]\n");
    wg_tape_free(t);
}

/* A softsign by a kernel of the user's, of which the trace knows nothing but the record. */
static bool soft_infer(wg_tensor *y)
{
    return wg_infer_like(y, 0);
}

static wg_status soft_kernel(const wg_call *c)
{
    const double *x = c->in[0].data;
    double *y = c->out->data;
    for (int64_t i = 0; i < c->out->count; i++)
        y[i] = x[i] / (1 + fabs(x[i]));
    return WG_OK;
}

static wg_tensor *soft_vjp(wg_tensor *y, wg_tensor *g, int i)
{
    return wg_div(g, wg_square(wg_add_scalar(wg_abs(wg_in(y, i)), 1)));
}

static const wg_op soft = {.size = sizeof(wg_op),
                           .name = "soft",
                           .arity = 1,
                           .infer = soft_infer,
                           .kernel = soft_kernel,
                           .vjp = soft_vjp};
static const wg_op soft_shown = {.size = sizeof(wg_op),
                                 .name = "soft_shown",
                                 .arity = 1,
                                 .infer = soft_infer,
                                 .kernel = soft_kernel,
                                 .vjp = soft_vjp,
                                 .formula = "2:%a2 / (1 + |%a0|)",
                                 .latex = "4:\\frac{%a0}{1 + |%a0|}"};

static void ops_of_users_show(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_param(t, "x", WG_SHAPE(2), wg_init_values((double[]){-1, 3}));
    wg_tensor *s = wg_label(wg_apply(&soft, 1, &x, NULL), "s"),
              *u = wg_apply(&soft_shown, 1, &s, NULL);
    wg_tensor *c = wg_label(wg_sum(u), "C");
    const char *all = traced(c, NULL);
    has(all, "s = soft(x) = [-0.5, 0.75]   (soft#1)\n");
    has(all, "local     ds/dx = 1 / (|x| + 1)^2 = 1 / (|[-1, 3]| + 1)^2 = [0.25, 0.0625]\n");
    has(all, "soft_shown#2 = s / (1 + |s|) = ");
    all = traced(c, &(wg_trace_options){.format = WG_TRACE_LATEX});
    has(all, "s &= \\operatorname{soft}\\left(x\\right) = ");
    has(all, "\\mathrm{soft\\_shown}_{2} &= \\frac{s}{1 + |s|} = ");
    wg_tape_free(t);
}

static void a_sweep_may_stop_early(void **state)
{
    (void)state;
    neuron n = make_neuron(WG_F64);
    const char *all = traced(n.C, &(wg_trace_options){.up_to = n.e});
    has(all, "reverse sweep of C up to e: 5 nodes\n");
    has(all, "step 5: e = ");
    has(all, "adjoint dC/de = 0.033171\n");
    lacks(all, "to z");
    lacks(all, "step 6");
    all = traced(n.C, &(wg_trace_options){.n = 1, .x = &n.b});
    has(all, "adjoint dC/db = -0.030388");
    lacks(all, "to w");
    lacks(all, "to x");
    lacks(all, "to mul#4");
    all = traced(n.C, &(wg_trace_options){.up_to = n.C});
    has(all, ": 1 node\n\nstep 1: C = ");
    wg_tape_free(n.t);
}

static void a_cotangent_begins_it(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_label(wg_constant(t, WG_SHAPE(3), (double[]){1, 2, 3}), "x"),
              *y = wg_label(wg_square(x), "y");
    wg_tensor *v = wg_constant(t, WG_SHAPE(3), (double[]){10, -1, 0.5});
    const char *all = traced(y, &(wg_trace_options){.cotangent = v});
    has(all, "adjoint dy/dy = [10, -1, 0.5]\n");
    has(all, "adjoint dy/dx = [20, -4, 3]\n");
    wg_tape_free(t);
}

static void large_tensors_are_told_by_shape_and_bounds(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    double v[300];
    for (int i = 0; i < 300; i++)
        v[i] = i;
    wg_tensor *x = wg_param(t, "x", WG_SHAPE(3, 100), wg_init_values(v)),
              *c = wg_label(wg_sum(wg_square(x)), "C");
    has(traced(c, NULL), "x = [0, 1, 2, ...] (3 x 100, 0 to 299)   (parameter)\n  adjoint dC/dx = "
                         "[0, 2, 4, ...] (3 x 100, 0 to 598)\n");
    wg_tape_free(t);
}

/* Text in math mode that LaTeX would fall over, and labels that two nodes share. */
static void any_text_may_be_a_name(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = scalar(t, "layer1/W_a %#&${}~^\\<\"", 2), *y = wg_label(wg_exp(x), "two words"),
              *z = wg_label(wg_sin(y), "w_1");
    wg_tensor *again = wg_label(wg_mul(z, z), "w_1"),
              *c = wg_label(wg_mul(again, scalar(t, "delta2", 1)), "\xCF\x83\xC3\xA9\xE2\x82\xAC");
    const char *all = traced(c, NULL);
    has(all, "\"two words\" = exp(\"layer1/W_a %#&${}~^\\<\"\")");
    has(all, "w_1#2 = sin(\"two words\")");
    has(all, "w_1#3 = w_1#2 * w_1#2");
    all = traced(c, &(wg_trace_options){.format = WG_TRACE_LATEX});
    has(all, "\\text{layer1/W\\_a "
             "\\%\\#\\&\\$\\{\\}\\textasciitilde{}\\textasciicircum{}\\textbackslash{}$<$''}");
    has(all, "w_{1}^{(3)}");
    has(all, "\\delta_{2}");
    has(all, "\\text{$\\sigma$\xC3\xA9?}");
    wg_tape_free(t);
}

/* ---- LaTeX ---- */

/* Braces, \left and \right, and environments open and close; there is one align. */
static void balanced(const char *s)
{
    int braces = 0, pairs = 0, environments = 0, aligns = 0;
    for (; *s; s++) {
        if (s[0] == '\\' && s[1] && strchr("{}\\%", s[1])) {
            s++;
            continue;
        }
        braces += (*s == '{') - (*s == '}');
        pairs += !strncmp(s, "\\left(", 6) - !strncmp(s, "\\right)", 7);
        environments += !strncmp(s, "\\begin{", 7) - !strncmp(s, "\\end{", 5);
        aligns += !strncmp(s, "\\begin{align}", 13);
        assert_true(braces >= 0 && environments >= 0);
    }
    assert_int_equal(braces, 0);
    assert_int_equal(pairs, 0);
    assert_int_equal(environments, 0);
    assert_int_equal(aligns, 1);
}

static void latex_says_it_with_symbols_then_numbers(void **state)
{
    (void)state;
    neuron n = make_neuron(WG_F64);
    const char *all = traced(n.C, &(wg_trace_options){.format = WG_TRACE_LATEX});
    has(all, "\\begin{align}\n");
    has(all, "  a &= \\sigma(z) = 0.71095 \\notag\\\\\n");
    has(all,
        "  \\frac{\\partial C}{\\partial z} &= \\frac{\\partial C}{\\partial a} \\cdot "
        "\\frac{\\partial a}{\\partial z} \\notag\\\\\n"
        "  &= \\frac{\\partial C}{\\partial a} \\cdot a \\cdot \\left(1 - a\\right) \\notag\\\\\n"
        "  &= -0.14787 \\cdot 0.71095 \\cdot \\left(1 - 0.71095\\right) \\notag\\\\\n"
        "  &= -0.030388 \\\\\n");
    has(all, "  &= -0.5781 + 0.61127"); /* the terms of dC/de, in the order of their arrival */
    balanced(all);
    wg_tape_free(n.t);
}

/* ---- the page: what it shows is looked at in a browser, by tests/browser/trace.py ---- */

/* The script's data: brackets and quotes close, and no < is in it. */
static void is_data(const char *page)
{
    const char *s = strstr(page, "id=\"trace\">"), *end;
    assert_non_null(s);
    end = strchr(s += 11, '<');
    assert_non_null(end);
    assert_memory_equal(end, "</script>", 9);
    char open[64];
    int depth = 0;
    bool quoted = false;
    for (s = s + 1; s < end; s++) {
        if (quoted) {
            quoted = *s != '"';
            s += *s == '\\'; /* an escaped quote closes nothing */
        } else if (*s == '"') {
            quoted = true;
        } else if (*s == '{' || *s == '[') {
            assert_true(depth < 64);
            open[depth++] = *s;
        } else if (*s == '}' || *s == ']') {
            assert_true(depth > 0 && open[--depth] == (*s == '}' ? '{' : '['));
        }
    }
    assert_int_equal(depth, 0);
    assert_false(quoted);
}

static void the_page_stands_alone(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = scalar(t, "</script><b>\"\xFF\\", 2),
              *c = wg_label(wg_exp(wg_mul_scalar(x, 3)), "C");
    const char *page = traced(c, &(wg_trace_options){.format = WG_TRACE_HTML, .digits = 3});
    assert_memory_equal(page, "<!DOCTYPE html>\n", 16);
    is_data(page);
    has(page, "</html>\n");
    has(page,
        /* quotes escaped, no bad UTF-8 */
        "\"name\":\"\\\"\\u003c/script\\u003e\\u003cb\\u003e\\\"?\\\\\\\"");
    has(page, "\"formula\":\"exp(mul#2)\"");
    has(page, "\"v\":[\"403\"]");
    has(page, "\"numbers\":\"403 \xC2\xB7 3\"");
    lacks(page, "src=");
    lacks(page, "href=");
    lacks(page, "https:");
    wg_tape_free(t);
}

/* ---- LaTeX, set ---- */

/* Has LaTeX set the text, where there is a LaTeX. */
static void latex_takes(const char *body)
{
    char folder[] = "/tmp/wengert-trace-XXXXXX", file[64];
    assert_non_null(mkdtemp(folder));
    snprintf(file, sizeof file, "%s/t.tex", folder);
    FILE *f = fopen(file, "w");
    assert_non_null(f);
    fprintf(f,
            "\\documentclass{article}\n\\usepackage{amsmath}\n\\allowdisplaybreaks\n\\begin{"
            "document}\n%s\\end{document}\n",
            body);
    fclose(f);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (chdir(folder) || !freopen("/dev/null", "w", stdout))
            _exit(1);
        execlp("pdflatex", "pdflatex", "-interaction=nonstopmode", "-halt-on-error",
               "-no-shell-escape", "t.tex", (char *)NULL);
        _exit(127);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    static const char *const left[] = {"tex", "log", "aux", "pdf"};
    for (int i = 0; i < 4; i++) {
        snprintf(file, sizeof file, "%s/t.%s", folder, left[i]);
        if (!WEXITSTATUS(status) || WEXITSTATUS(status) == 127)
            remove(file);
    }
    rmdir(folder);
    if (WEXITSTATUS(status) == 127)
        print_message("not set: pdflatex was not found\n");
    else if (WEXITSTATUS(status))
        fail_msg("pdflatex fails on %s/t.tex", folder);
}

/* Of all built-in ops, each of their samples: the trace ends in wg_grad's numbers,
 * and what it writes is well formed. */
static void every_op_shows(void **state)
{
    (void)state;
    enum { ROOM = 1 << 22 };
    char *latex = malloc(ROOM);
    size_t used = 0;
    int shown = 0;
    assert_non_null(latex);
    latex[0] = 0;
    for (int i = 0; wg_builtin_op(i); i++) {
        const wg_op *op = wg_builtin_op(i);
        for (int k = 0; k < 40; k++) {
            wg_tape *t = wg_tape_new(WG_F64);
            wg_tensor *in[3], *y;
            for (int j = 0; op->map && !op->sample && j < op->arity; j++)
                in[j] = wg_input(t, (const char *[]){"x0", "x1", "x2"}[j], WG_SHAPE(2));
            y = op->sample          ? op->sample(t, k)
                : op->map && k == 0 ? wg_apply(op, op->arity, in, NULL)
                                    : NULL;
            bool none = !y || !op->vjp || wg_dtype_of(y) == WG_I32 || !wg_inputs_of(y, NULL)
                        || wg_count_of(y) == 0;
            if (y && !none) {
                assert_true(fd_feed(t, op->domain, 1));
                wg_tensor *c = wg_label(wg_sum(y), "C");
                const char *all = traced(c, NULL);
                has(all, op->name);
                shown++;
                all = traced(c, &(wg_trace_options){.format = WG_TRACE_LATEX, .digits = 3});
                balanced(all);
                if (k == 0 && used + strlen(all) < ROOM)
                    used += (size_t)sprintf(latex + used, "%s", all);
                is_data(traced(c, &(wg_trace_options){.format = WG_TRACE_HTML}));
            }
            wg_tape_free(t);
            if (!y)
                break;
        }
    }
    assert_true(shown > 100);
    latex_takes(latex);
    free(latex);
}

/* ---- what it leaves behind ---- */

static void the_tape_is_as_it_was(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F32);
    wg_tensor *w = wg_param(t, "w", WG_SHAPE(4), wg_init_constant(1)),
              *noisy = wg_dropout(wg_tanh(w), 0.5);
    wg_tensor *step = wg_assign(w, wg_mul_scalar(noisy, 2)),
              *c = wg_label(wg_sum(wg_square(step)), "C"), *g;
    assert_int_equal(wg_grad(c, 1, &w, &g), WG_OK);
    wg_program *p = wg_compile(1, &noisy);
    assert_int_equal(wg_run(p), WG_OK);
    int64_t nodes = wg_node_count(t);
    uint64_t run = wg_run_counter(t);
    float before[4], after[4];
    wg_get_f32(w, before);
    static char first[1 << 16];
    snprintf(first, sizeof first, "%s", traced(c, NULL));
    assert_string_equal(traced(c, NULL), first); /* the same draws, the same text */
    wg_trace_options latex = {.format = WG_TRACE_LATEX};
    traced(c, &latex);
    assert_int_equal(wg_trace_backward(c, &(wg_trace_options){.up_to = g}, stdout),
                     WG_ERR_ARGUMENT);
    wg_clear_error(t);
    assert_int_equal(wg_node_count(t), nodes);
    assert_true(wg_run_counter(t) == run);
    wg_get_f32(w, after);
    assert_memory_equal(before, after, sizeof before); /* not assigned */
    assert_int_equal(wg_run(p), WG_OK);
    wg_tensor *out = wg_find(t, "w");
    assert_ptr_equal(out, w);
    wg_tape_free(t);
}

static void refused(wg_tensor *y, const wg_trace_options *o, const char *why)
{
    int64_t nodes = wg_node_count(wg_tape_of(y));
    FILE *f = tmpfile();
    assert_non_null(f);
    assert_int_equal(wg_trace_backward(y, o, f), WG_ERR_ARGUMENT);
    assert_int_equal(ftell(f), 0);
    fclose(f);
    assert_string_equal(wg_error(wg_tape_of(y)), why);
    wg_clear_error(wg_tape_of(y));
    assert_int_equal(wg_node_count(wg_tape_of(y)), nodes);
}

static const wg_op ruleless = {.size = sizeof(wg_op),
                               .name = "ruleless",
                               .arity = 1,
                               .infer = soft_infer,
                               .kernel = soft_kernel};

static void bad_calls_are_refused(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64), *other = wg_tape_new(WG_F64);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(3)), *k = wg_input_as(t, "k", WG_I32, WG_SHAPE()),
              *far = scalar(other, "far", 1);
    wg_tensor *y = wg_label(wg_square(x), "y"), *c = wg_label(wg_sum(y), "C"),
              *side = wg_label(wg_exp(x), "side");
    assert_int_equal(wg_trace_backward(NULL, NULL, stdout), WG_ERR_ARGUMENT);
    assert_int_equal(wg_trace_backward(c, NULL, NULL), WG_ERR_ARGUMENT);
    wg_clear_error(t);
    refused(k, NULL, "trace_backward: wants a result of a floating dtype, got \"k\"");
    refused(y, NULL,
            "trace_backward: wants a result of one element (wg_sum it, or give a cotangent), got "
            "\"y\"");
    refused(y, &(wg_trace_options){.cotangent = c},
            "trace_backward: wants a cotangent of the result's tape, shape and dtype, got \"C\"");
    refused(c, &(wg_trace_options){.up_to = far},
            "trace_backward: wants an up_to of the result's tape, got \"far\"");
    wg_set_f64(x, (double[]){1, 2, 3});
    refused(c, &(wg_trace_options){.up_to = side},
            "trace_backward: wants an up_to that the sweep reaches, got \"side\"");
    refused(c, &(wg_trace_options){.n = 1}, "trace_backward: wants a list of 1 tensors");
    refused(c, &(wg_trace_options){.n = 1, .x = &side},
            "trace_backward: wants a result that depends on what is wanted, got \"C\"");
    refused(c, &(wg_trace_options){.format = (wg_trace_format)7},
            "trace_backward: wants a format and 0 to 17 digits, got format 7 and 0");
    refused(wg_scalar(t, 2), NULL,
            "trace_backward: wants a result that depends on what is wanted, got full#5");
    wg_tensor *empty = wg_input(t, "never", WG_SHAPE());
    refused(wg_add(c, empty), NULL,
            "trace_backward: run: wants a value for input \"never\", which was never set or bound");
    refused(wg_sum(wg_apply(&ruleless, 1, &x, NULL)), NULL,
            "trace_backward: vjp: ruleless has no rule for its derivative, reached at ruleless#8");
    FILE *full = fopen("/dev/full", "w");
    if (full) {
        wg_clear_error(t);
        assert_int_equal(wg_trace_backward(c, NULL, full), WG_ERR_IO);
        assert_int_equal(wg_error_status(t), WG_ERR_IO);
        assert_string_equal(wg_error(t), "trace_backward: the file cannot be written to");
        wg_clear_error(t);
        fclose(full);
    }
    /* an earlier error is left alone */
    wg_matmul(x, x);
    char earlier[300];
    snprintf(earlier, sizeof earlier, "%s", wg_error(t));
    FILE *f = tmpfile();
    assert_int_equal(wg_trace_backward(c, NULL, f), WG_ERR_ARGUMENT);
    fclose(f);
    assert_string_equal(wg_error(t), earlier);
    wg_tape_free(t);
    wg_tape_free(other);
}

/* 6000 nodes in a chain, each used twice: the depth is no stack's,
 * and the time is not the square's. */
/* After a run its numbers, as wg_get_* says them, not those of the next. */
static void random_numbers_are_those_of_the_last_run(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *y = wg_label(wg_sum(wg_uniform(t, WG_SHAPE(3), 0, 1)), "y"),
              *x = scalar(t, "x", 1), *c = wg_label(wg_mul(x, y), "C"), *g;
    assert_int_equal(wg_grad(c, 1, &x, &g), WG_OK);
    wg_program *p = wg_compile(2, (wg_tensor *[]){c, g});
    for (int run = 0; run < 3; run++) {
        char wanted[64];
        snprintf(wanted, sizeof wanted, "adjoint dC/dx = %.9g\n", wg_item(g));
        assert_non_null(strstr(traced(c, &(wg_trace_options){.digits = 9}), wanted));
        assert_int_equal(wg_run_counter(t), run);
        assert_int_equal(wg_run(p), WG_OK);
        assert_true(wg_item(g) == *(const double *)wg_output(p, 1));
    }
    wg_tape_free(t);
}

static void long_tapes_are_traced(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = scalar(t, "x", 1e-3), *y = x;
    for (int i = 0; i < 3000; i++)
        y = wg_sub(wg_add(y, x), y);
    FILE *f = fopen("/dev/null", "w");
    assert_non_null(f);
    for (int format = WG_TRACE_TEXT; format <= WG_TRACE_HTML; format++)
        assert_int_equal(
            wg_trace_backward(y, &(wg_trace_options){.format = (wg_trace_format)format}, f), WG_OK);
    fclose(f);
    wg_tape_free(t);
}

static void out_of_memory_is_a_status(void **state)
{
    (void)state;
    int64_t live = failing_live();
    neuron n = make_neuron(WG_F64);
    FILE *f = fopen("/dev/null", "w");
    assert_non_null(f);
    int64_t nodes = wg_node_count(n.t);
    for (int format = WG_TRACE_TEXT; format <= WG_TRACE_HTML; format++) {
        wg_trace_options o = {.format = (wg_trace_format)format};
        assert_int_equal(wg_trace_backward(n.C, &o, f), WG_OK);
        bool failed = true;
        for (int64_t at = 0; failed; at++) {
            failing_arm(FAIL_ONCE, at);
            wg_status s = wg_trace_backward(n.C, &o, f);
            failing_disarm();
            failed = failing_happened();
            if (s == WG_OK)
                assert_null(wg_error(n.t));
            else
                assert_int_equal(s, WG_ERR_MEMORY);
            assert_true(failed || s == WG_OK);
            wg_clear_error(n.t);
            assert_int_equal(wg_node_count(n.t), nodes);
        }
    }
    fclose(f);
    wg_tape_free(n.t);
    assert_int_equal(failing_live(), live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_those_of_the_gradient),
        cmocka_unit_test(each_step_shows_the_chain_rule),
        cmocka_unit_test(sums_show_each_term_as_it_arrives),
        cmocka_unit_test(a_variable_that_is_used_again),
        cmocka_unit_test(matrices_show_their_rule),
        cmocka_unit_test(ops_of_users_show),
        cmocka_unit_test(a_sweep_may_stop_early),
        cmocka_unit_test(a_cotangent_begins_it),
        cmocka_unit_test(large_tensors_are_told_by_shape_and_bounds),
        cmocka_unit_test(any_text_may_be_a_name),
        cmocka_unit_test(latex_says_it_with_symbols_then_numbers),
        cmocka_unit_test(the_page_stands_alone),
        cmocka_unit_test(every_op_shows),
        cmocka_unit_test(the_tape_is_as_it_was),
        cmocka_unit_test(bad_calls_are_refused),
        cmocka_unit_test(random_numbers_are_those_of_the_last_run),
        cmocka_unit_test(long_tapes_are_traced),
        cmocka_unit_test(out_of_memory_is_a_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
