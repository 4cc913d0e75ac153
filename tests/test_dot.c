/* Drawings with options: folded repeats, boxes, values, adjoints and local derivatives; that
 * nothing is lost and nothing is changed.
 * labels: valgrind */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wengert.h>

#include <cmocka.h>

#include "support/dot_text.h"

/* ---- networks ---- */

enum { MOST_LAYERS = 60 };

typedef struct network {
    wg_tape *t;
    int outputs, params;
    wg_tensor *out[2 * MOST_LAYERS + 1], *param[2 * MOST_LAYERS], *grad[2 * MOST_LAYERS];
} network;

/* 20 - 8 - 8 .. 8 - 3, tanh between; labelled: texts "layer7/z";
 * step: with gradients and updates. */
static network mlp(int layers, bool labelled, bool step)
{
    network n = {.t = wg_tape_new(WG_F32), .outputs = 1};
    wg_tensor *h = wg_input(n.t, "x", WG_SHAPE(5, 20)), *y = wg_input(n.t, "y", WG_SHAPE(5, 3));
    char text[64];
    for (int l = 1; l <= layers; l++) {
        int64_t in = l == 1 ? 20 : 8, out = l == layers ? 3 : 8;
        snprintf(text, sizeof text, labelled ? "layer%d/W" : "W%d", l);
        wg_tensor *w = wg_param(n.t, text, WG_SHAPE(in, out), wg_init_glorot());
        snprintf(text, sizeof text, labelled ? "layer%d/b" : "b%d", l);
        wg_tensor *b = wg_param(n.t, text, WG_SHAPE(out), wg_init_zeros());
        h = wg_add(wg_matmul(h, w), b);
        snprintf(text, sizeof text, "layer%d/z", l);
        wg_label(h, labelled ? text : NULL);
        h = l < layers ? wg_tanh(h) : h;
        n.param[n.params++] = w;
        n.param[n.params++] = b;
    }
    n.out[0] = wg_label(wg_mse(h, y), "C");
    if (step) {
        assert_int_equal(wg_grad(n.out[0], n.params, n.param, n.grad), WG_OK);
        for (int i = 0; i < n.params; i++)
            n.out[n.outputs++] =
                wg_assign(n.param[i], wg_sub(n.param[i], wg_mul_scalar(n.grad[i], 0.5)));
    }
    assert_null(wg_error(n.t));
    return n;
}

/* h_t = tanh(h W + x_t U), one W and U for all steps. */
static network recurrent(int steps)
{
    network n = {.t = wg_tape_new(WG_F64), .outputs = 1};
    wg_tensor *w = wg_param(n.t, "W", WG_SHAPE(4, 4), wg_init_glorot());
    wg_tensor *u = wg_param(n.t, "U", WG_SHAPE(3, 4), wg_init_glorot());
    wg_tensor *h = wg_full(n.t, WG_SHAPE(2, 4), 0);
    wg_tensor *x = wg_input(n.t, "x", WG_SHAPE(steps, 2, 3));
    for (int k = 0; k < steps; k++) {
        wg_tensor *now = wg_squeeze(wg_slice(x, 0, k, k + 1, 1), WG_AXES(0));
        h = wg_tanh(wg_add(wg_matmul(h, w), wg_matmul(now, u)));
    }
    wg_tensor *p[] = {w, u};
    assert_int_equal(wg_grad(wg_sum(h), 2, p, n.out), WG_OK);
    n.outputs = 2;
    return n;
}

/* ---- what is drawn is what there is ---- */

/* For every node that leads to the outputs: 1. */
static unsigned char *reached(const network *n)
{
    unsigned char *mark = calloc((size_t)wg_node_count(n->t), 1);
    assert_non_null(mark);
    for (int i = 0; i < n->outputs; i++)
        mark[wg_index_of(n->out[i])] = 1;
    for (int64_t i = wg_node_count(n->t) - 1; i >= 0; i--) {
        wg_tensor *const *in;
        int inputs = mark[i] ? wg_inputs_of(wg_node(n->t, i), &in) : 0;
        for (int k = 0; k < inputs; k++)
            mark[wg_index_of(in[k])] = 1;
    }
    return mark;
}

/* The nodes drawn stand for as many as there are;
 * and, unfolded, nodes and edges are those of the tape. */
static const dot_graph *complete(const network *n, const wg_dot_options *o)
{
    const char *text = dot_text(n->outputs, n->out, o);
    if (!o || o->fold >= 0) /* layout of hundreds of nodes takes minutes */
        dot_takes(text);
    const dot_graph *g = dot_read(text);
    unsigned char *mark = reached(n);
    int64_t nodes = 0, edges = 0, stands_for = 0;
    for (int64_t i = 0; i < wg_node_count(n->t); i++) {
        nodes += mark[i];
        edges += mark[i] ? wg_inputs_of(wg_node(n->t, i), NULL) : 0;
    }
    free(mark);
    for (int64_t i = 0; i < g->nodes; i++)
        stands_for += g->node[i].times;
    assert_int_equal(stands_for, nodes);
    if (o && o->fold < 0) {
        assert_int_equal(g->nodes, nodes);
        assert_int_equal(g->edges, edges);
    }
    assert_true(g->edges <= edges);
    return g;
}

static int64_t boxes(const dot_graph *g, const char *title)
{
    int64_t n = 0;
    for (int64_t i = 0; i < g->nodes; i++)
        n += strcmp(g->node[i].box, title) == 0;
    return n;
}

static const dot_node *labelled(const dot_graph *g, const char *box, const char *label)
{
    for (int64_t i = 0; i < g->nodes; i++)
        if (strcmp(g->node[i].box, box) == 0
            && strncmp(g->node[i].label, label, strlen(label)) == 0)
            return &g->node[i];
    fail_msg("no node \"%s\" in the box \"%s\"", label, box);
    return NULL;
}

static int64_t dashed(const dot_graph *g)
{
    int64_t n = 0;
    for (int64_t i = 0; i < g->edges; i++)
        n += strstr(g->edge[i].attributes, "style=dashed") != NULL;
    return n;
}

#define TIMES "\xC3\x97 "

static void fifty_layers_are_drawn_as_three(void **state)
{
    (void)state;
    network n = mlp(50, false, false);
    const dot_graph *g = complete(&n, NULL);
    assert_in_range(g->nodes, 15, 25);
    assert_int_equal(boxes(g, TIMES "48/"), 6); /* W, b, matmul, broadcast_to, add, tanh */
    assert_int_equal(labelled(g, TIMES "48/", "W2..49\\n[8, 8]")->times, 48);
    assert_int_equal(labelled(g, TIMES "48/", "tanh")->times, 48);
    assert_int_equal(labelled(g, "", "W1\\n")->times, 1);
    assert_int_equal(labelled(g, "", "W50\\n")->times, 1);
    assert_int_equal(dashed(g), 1); /* from tanh to the next matmul */
    complete(&n, &(wg_dot_options){.fold = -1});
    wg_tape_free(n.t);
}

static void labels_name_the_box_of_a_repeat(void **state)
{
    (void)state;
    network n = mlp(50, true, false);
    const dot_graph *g = complete(&n, NULL);
    assert_int_equal(boxes(g, "layer2..49  " TIMES "48/"), 6);
    assert_int_equal(labelled(g, "layer2..49  " TIMES "48/", "z\\nadd")->times, 48);
    assert_int_equal(labelled(g, "layer1/", "W\\n[20, 8]")->times, 1);
    assert_true(boxes(g, "layer50/") >= 5);
    /* without boxes the labels are whole, and the repeat has a box all the same */
    g = complete(&n, &(wg_dot_options){.no_boxes = true});
    assert_int_equal(labelled(g, TIMES "48/", "layer2..49/z\\nadd")->times, 48);
    assert_int_equal(boxes(g, "layer1/"), 0);
    wg_tape_free(n.t);
}

/* Of 80 bytes a name is whole; of more it ends in an ellipsis, behind a whole character. */
static void long_names_are_cut_between_characters(void **state)
{
    (void)state;
    char fits[81] = "", cut[402] = "x", wanted[96] = "x";
    memset(fits, 'a', 80);
    for (int i = 0; i < 200; i++)
        strcat(cut, "\xC3\xA9");
    for (int i = 0; i < 38; i++)
        strcat(wanted, "\xC3\xA9");
    strcat(wanted, "\xE2\x80\xA6\\nexp");
    network n = {.t = wg_tape_new(WG_F64), .outputs = 1};
    n.out[0] = wg_label(wg_exp(wg_input(n.t, fits, WG_SHAPE())), cut);
    const dot_graph *g = complete(&n, NULL);
    assert_non_null(labelled(g, "", fits));
    assert_non_null(labelled(g, "", wanted));
    wg_tape_free(n.t);
}

static void backward_passes_and_updates_fold_too(void **state)
{
    (void)state;
    for (int with = 0; with < 2; with++) {
        network n = mlp(50, with, true);
        const dot_graph *g = complete(&n, NULL);
        assert_in_range(g->nodes, 60, 100);
        if (with) {
            assert_int_equal(boxes(g, "layer2..49  " TIMES "48/"), 6);
            assert_true(boxes(g, "layer49..2 (gradient)  " TIMES "48/") >= 8);
            assert_true(boxes(g, "layer2..49 (after the gradient)  " TIMES "48/") >= 6);
        }
        complete(&n, &(wg_dot_options){.fold = -1});
        wg_tape_free(n.t);
    }
    network n = recurrent(40);
    const dot_graph *g = complete(&n, NULL);
    assert_in_range(g->nodes, 10, 60);
    wg_tape_free(n.t);
}

static void what_differs_is_not_folded(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    network n = {.t = t, .outputs = 1};
    wg_tensor *y = wg_input(t, "x", WG_SHAPE(3));
    for (int k = 0; k < 40; k++)
        y = k % 7 == 3 ? wg_exp(y) : k % 5 == 2 ? wg_sin(y) : wg_add_scalar(y, k);
    n.out[0] = y;
    const dot_graph *g = complete(&n, &(wg_dot_options){.fold = 2});
    for (int64_t i = 0; i < g->nodes; i++)
        if (g->node[i].label[0] >= '0' && g->node[i].label[0] <= '9')
            assert_int_equal(g->node[i].times, 1); /* no two numbers are equal */
    /* four of a kind: folded where asked for, too small otherwise */
    y = wg_input(t, "z", WG_SHAPE(3));
    for (int k = 0; k < 4; k++)
        y = wg_tanh(y);
    n.out[0] = wg_neg(y);
    assert_int_equal(complete(&n, NULL)->nodes, 6);
    assert_int_equal(complete(&n, &(wg_dot_options){.fold = 4})->nodes, 3);
    assert_int_equal(complete(&n, &(wg_dot_options){.fold = 5})->nodes, 6);
    wg_tape_free(t);
}

/* ---- boxes ---- */

static void boxes_stand_in_boxes(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_input(t, "data/x", WG_SHAPE(4, 3)), *g;
    wg_tensor *w = wg_param(t, "net/block \"a\"/W", WG_SHAPE(3, 3), wg_init_glorot());
    wg_tensor *mm = wg_matmul(x, w), *z = wg_label(wg_add_scalar(mm, 0.25), "net/block \"a\"/z");
    wg_tensor *v = wg_param(t, "net/V", WG_SHAPE(3, 2), wg_init_glorot());
    wg_tensor *r = wg_relu(z), *o = wg_matmul(r, v);
    wg_tensor *loss = wg_label(wg_sum(o), "loss");
    assert_int_equal(wg_grad(loss, 1, &w, &g), WG_OK);
    wg_tensor *out[] = {loss, wg_assign(w, wg_sub(w, g))};
    const char *text = dot_text(2, out, NULL);
    dot_takes(text);
    const dot_graph *d = dot_read(text);
    const struct {
        wg_tensor *node;
        const char *box, *label;
    } want[] = {
        {x, "data/", "x\\n[4, 3]"},
        {w, "net/block \\\"a\\\"/", "W\\n[3, 3]"},
        {mm, "net/block \\\"a\\\"/", "matmul\\n[4, 3]"}, /* its parameter's */
        {z, "net/block \\\"a\\\"/", "z\\nadd\\n[4, 3]"},
        {r, "net/block \\\"a\\\"/", "relu\\n[4, 3]"}, /* its input's */
        {v, "net/", "V\\n[3, 2]"},
        {o, "net/", "matmul\\n[4, 2]"},
        {loss, "", "loss\\nsum"},
        {g, "net (gradient)/block \\\"a\\\" (gradient)/", "matmul\\n[3, 3]"},
        {out[1], "net (after the gradient)/block \\\"a\\\" (after the gradient)/", "assign"},
    };
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        const dot_node *n = dot_find(d, wg_index_of(want[i].node));
        assert_non_null(n);
        assert_string_equal(n->box, want[i].box);
        assert_int_equal(strncmp(n->label, want[i].label, strlen(want[i].label)), 0);
    }
    labelled(d, "net/block \\\"a\\\"/", "0.25"); /* a number stands with who uses it */
    d = dot_read(dot_text(2, out, &(wg_dot_options){.no_boxes = true}));
    assert_string_equal(dot_find(d, wg_index_of(w))->box, "");
    labelled(d, "", "net/block \\\"a\\\"/W");
    wg_tape_free(t);
}

/* The slash of a derivative is no path. */
static void derivatives_make_no_boxes(void **state)
{
    (void)state;
    static const struct {
        const char *label, *box, *shown;
    } want[] = {
        {"dC/dw1", "", "dC/dw1\\n"},
        {"\xE2\x88\x82" "C/\xE2\x88\x82w", "", "\xE2\x88\x82" "C/\xE2\x88\x82w\\n"},
        {"layer1/dz2/dW", "layer1/", "dz2/dW\\n"},
        {"decoder/dense", "decoder/", "dense\\n"},
        {"data/dx", "data/", "dx\\n"},
        {"dW/z", "dW/", "z\\n"},
        {"a/", "a/", "a/\\n"},
        {"/", "/", "/\\n"},
    };
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE());
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        wg_tensor *y = wg_label(wg_exp(x), want[i].label);
        const char *text = dot_text(1, &y, NULL);
        dot_takes(text);
        const dot_node *n = dot_find(dot_read(text), wg_index_of(y));
        assert_string_equal(n->box, want[i].box);
        assert_int_equal(strncmp(n->label, want[i].shown, strlen(want[i].shown)), 0);
    }
    wg_tape_free(t);
}

/* ---- numbers ---- */

static const char *attributes(const dot_graph *g, const wg_tensor *from, const wg_tensor *to)
{
    for (int64_t i = 0; i < g->edges; i++)
        if (g->edge[i].from == wg_index_of(from) && g->edge[i].to == wg_index_of(to))
            return g->edge[i].attributes;
    fail_msg("no edge");
    return NULL;
}

static void ends_in(const dot_graph *g, const wg_tensor *x, const char *wanted)
{
    const dot_node *n = dot_find(g, wg_index_of(x));
    assert_non_null(n);
    size_t length = strlen(n->label), tail = strlen(wanted);
    if (length < tail || strcmp(n->label + length - tail, wanted) != 0)
        fail_msg("wanted ...%s, got %s", wanted, n->label);
}

static void says(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("wanted %s in %s", part, text);
}

/* y = (a b + a)^2 at a = 2, b = 3: u = 6, s = 8, y = 64;
 * ds = 16, du = 16, da = 16 b + 16 = 64, db = 16 a = 32. */
static void shows_values_adjoints_and_local_derivatives(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *a = wg_param(t, "a", WG_SHAPE(), wg_init_constant(2)),
              *b = wg_input(t, "b", WG_SHAPE());
    assert_int_equal(wg_set_f64(b, (double[]){3}), WG_OK);
    wg_tensor *u = wg_mul(a, b), *s = wg_add(u, a), *y = wg_square(s);
    wg_tensor *off = wg_stop_gradient(a), *k = wg_mul(off, y);
    wg_dot_options o = {.values = true, .adjoints_of = y, .local_derivatives = true};
    int64_t before = wg_node_count(t);
    const char *text = dot_text(1, &k, &o);
    dot_takes(text);
    const dot_graph *g = dot_read(text);
    ends_in(g, a, "a\\n= 2\\nadjoint 64");
    ends_in(g, b, "b\\n= 3\\nadjoint 32");
    ends_in(g, u, "= 6\\nadjoint 16");
    ends_in(g, s, "= 8\\nadjoint 16");
    ends_in(g, y, "= 64\\nadjoint 1");
    ends_in(g, k, "= 128"); /* y does not depend on it */
    says(attributes(g, a, u), "label=\" 3 \"");
    says(attributes(g, b, u), "label=\" 2 \"");
    says(attributes(g, u, s), "label=\" 1 \"");
    says(attributes(g, s, y), "label=\" 16 \"");
    assert_null(strstr(attributes(g, y, k), " label=\""));
    wg_tensor *number = wg_scalar(t, 7), *seven = wg_mul(y, number);
    o.adjoints_of = seven;
    g = dot_read(dot_text(1, &seven, &o));
    assert_string_equal(dot_find(g, wg_index_of(number))->label, "7");
    assert_null(strstr(attributes(g, number, seven), " label=\""));
    says(attributes(g, y, seven), "label=\" 7 \"");
    /* without a y: everywhere */
    g = dot_read(dot_text(1, &k, &(wg_dot_options){.local_derivatives = true}));
    says(attributes(g, y, k), "label=\" 2 \"");
    says(attributes(g, off, k), "label=\" 64 \"");
    says(attributes(g, a, off), "label=\" 0 \"");
    assert_null(strstr(text, "nan"));
    assert_int_equal(wg_node_count(t), before + 2);
    assert_null(wg_error(t));
    wg_tape_free(t);
}

static void numbers_of_arrays_are_short(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F32);
    wg_tensor *w = wg_param(t, "w", WG_SHAPE(2, 2), wg_init_values((double[]){1, 2, 3, 4}));
    wg_tensor *x = wg_param(t, "x", WG_SHAPE(2, 1), wg_init_values((double[]){-1, 0.5}));
    wg_tensor *big = wg_param(t, "big", WG_SHAPE(2, 30), wg_init_values((double[60]){-2, 0, 9}));
    wg_tensor *z = wg_matmul(w, x), *wide = wg_matmul(w, big);
    wg_tensor *y = wg_add(wg_sum(z), wg_sum(wide));
    wg_dot_options o = {.values = true, .adjoints_of = y, .local_derivatives = true};
    const dot_graph *g = dot_read(dot_text(1, &y, &o));
    ends_in(g, z, "=\\n[0]\\n[-1]\\nadjoint all 1");
    ends_in(g, big, "= -2 .. 9\\nadjoint 4 .. 6");
    says(attributes(g, x, z), "label=\" [1, 2]\\n[3, 4] \"");
    says(attributes(g, w, z), "label=\" [-1, 0.5, 0, 0]\\n[0, 0, -1, 0.5] \"");
    says(attributes(g, big, wide), "label=\" [60 x 60] \"");
    wg_tape_free(t);
}

/* Numbers of what is folded: from the least of all repeats to the largest. */
static void folded_numbers_are_ranges(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *y = wg_param(t, "x", WG_SHAPE(), wg_init_constant(256));
    for (int k = 0; k < 4; k++)
        y = wg_sqrt(y); /* 16, 4, 2, sqrt 2 */
    wg_dot_options o = {.values = true, .adjoints_of = y, .local_derivatives = true, .fold = 4};
    const dot_graph *g = dot_read(dot_text(1, &y, &o));
    assert_int_equal(g->nodes, 1 + 4); /* the last is an output, and so not like the others */
    y = wg_mul_scalar(y, 1);
    o.adjoints_of = y;
    g = dot_read(dot_text(1, &y, &o));
    says(labelled(g, TIMES "4/", "sqrt")->label, "= 1.414 .. 16");
    for (int64_t i = 0; i < g->edges; i++)
        if (strstr(g->edge[i].attributes, "style=dashed"))
            says(g->edge[i].attributes, "label=\" 0.125 .. 0.3536 \"");
    wg_tape_free(t);
}

static void drawing_changes_nothing(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *w = wg_param(t, "w", WG_SHAPE(3), wg_init_constant(2)), *g;
    wg_tensor *cost = wg_sum(wg_mul(wg_dropout(w, 0.5), w));
    assert_int_equal(wg_grad(cost, 1, &w, &g), WG_OK);
    wg_tensor *out[] = {cost, wg_assign(w, wg_sub(w, wg_mul_scalar(g, 0.25)))};
    wg_program *p = wg_compile(2, out);
    assert_int_equal(wg_run(p), WG_OK);
    double before = *(const double *)wg_output(p, 0), weights[3], again[3];
    uint64_t counter = wg_run_counter(t);
    int64_t nodes = wg_node_count(t);
    assert_int_equal(wg_get_f64(w, weights), WG_OK);
    wg_dot_options o = {.values = true, .adjoints_of = cost, .local_derivatives = true};
    dot_takes(dot_text(2, out, &o));
    assert_int_equal(wg_get_f64(w, again), WG_OK);
    assert_memory_equal(weights, again, sizeof weights);
    assert_true(wg_item(cost) == before); /* still what the run left */
    assert_true(*(const double *)wg_output(p, 0) == before);
    assert_true(wg_run_counter(t) == counter);
    assert_int_equal(wg_node_count(t), nodes);
    assert_null(wg_error(t));
    wg_program_free(p);
    wg_tape_free(t);
}

/* ---- options and errors ---- */

static const char *note(wg_tensor *from, wg_tensor *to, void *user)
{
    assert_non_null(to);
    return wg_name(from) ? user : NULL;
}

static void options_do_what_they_say(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_param(t, "x", WG_SHAPE(), wg_init_constant(3));
    wg_tensor *z = wg_square(x), *y = wg_square(z);
    wg_dot_options o = {.no_legend = true, .sideways = true, .edge_note = note, .user = "(\"i\")"};
    const char *text = dot_text(1, &y, &o);
    dot_takes(text);
    assert_null(strstr(text, "<td"));
    says(text, "rankdir=LR");
    const dot_graph *g = dot_read(text);
    says(attributes(g, x, z), "label=\" (\\\"i\\\") \"");
    assert_null(strstr(attributes(g, z, y), "label"));
    o.local_derivatives = true;
    says(attributes(dot_read(dot_text(1, &y, &o)), x, z), "label=\" (\\\"i\\\") 6 \"");
    /* all zero: as without */
    static char plain[1 << 16];
    snprintf(plain, sizeof plain, "%s", dot_text(1, &y, NULL));
    assert_string_equal(dot_text(1, &y, &(wg_dot_options){0}), plain);
    assert_null(strstr(plain, "rankdir"));
    wg_tape_free(t);
}

static bool no_rule_infer(wg_tensor *y)
{
    return wg_infer_like(y, 0);
}

static wg_status no_rule_kernel(const wg_call *c)
{
    for (int64_t i = 0; i < c->out->count; i++)
        ((double *)c->out->data)[i] = 1;
    return WG_OK;
}

static const wg_op no_rule = {.size = sizeof no_rule, .name = "no_rule", .arity = 1,
                              .infer = no_rule_infer, .kernel = no_rule_kernel};

static void bad_options_are_refused_and_nothing_is_written(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64), *other = wg_tape_new(WG_F64);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE()), *y = wg_exp(x), *z = wg_scalar(other, 1);
    wg_tensor *c = wg_param(t, "c", WG_SHAPE(), wg_init_zeros());
    wg_tensor *n = wg_apply(&no_rule, 1, &c, NULL);
    FILE *f = tmpfile();
    assert_int_equal(wg_write_dot_with(1, &y, &(wg_dot_options){.adjoints_of = z}, f),
                     WG_ERR_ARGUMENT);
    assert_non_null(strstr(wg_error(t), "of the outputs' tape"));
    wg_clear_error(t);
    assert_int_equal(wg_write_dot_with(1, &n, &(wg_dot_options){.adjoints_of = n}, f),
                     WG_ERR_ARGUMENT);
    assert_non_null(strstr(wg_error(t), "no_rule has no rule"));
    wg_clear_error(t);
    assert_int_equal(wg_write_dot_with(1, &y, &(wg_dot_options){.values = true}, f),
                     WG_ERR_ARGUMENT);
    assert_non_null(strstr(wg_error(t), "\"x\""));
    wg_clear_error(t);
    assert_int_equal(ftell(f), 0);
    assert_int_equal(wg_set_f64(x, (double[]){0}), WG_OK);
    assert_int_equal(wg_write_dot_with(1, &y, &(wg_dot_options){.values = true}, f), WG_OK);
    /* an op without a rule that no adjoint passes is no obstacle */
    assert_int_equal(wg_write_dot_with(1, &n, &(wg_dot_options){.local_derivatives = true}, f),
                     WG_OK);
    fclose(f);
    wg_tape_free(t);
    wg_tape_free(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fifty_layers_are_drawn_as_three),
        cmocka_unit_test(labels_name_the_box_of_a_repeat),
        cmocka_unit_test(backward_passes_and_updates_fold_too),
        cmocka_unit_test(what_differs_is_not_folded),
        cmocka_unit_test(boxes_stand_in_boxes),
        cmocka_unit_test(derivatives_make_no_boxes),
        cmocka_unit_test(shows_values_adjoints_and_local_derivatives),
        cmocka_unit_test(numbers_of_arrays_are_short),
        cmocka_unit_test(folded_numbers_are_ranges),
        cmocka_unit_test(long_names_are_cut_between_characters),
        cmocka_unit_test(drawing_changes_nothing),
        cmocka_unit_test(options_do_what_they_say),
        cmocka_unit_test(bad_options_are_refused_and_nothing_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
