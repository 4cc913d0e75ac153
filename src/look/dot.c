/* The graph that leads to some tensors, in Graphviz's dot language.  Sees a tape only through the
 * public calls for walking it, and knows no op. */
#include <string.h>
#include <wengert/look.h>
#include <wengert/op.h>
#include <wengert/run.h>
#include <wengert/tape.h>

#include "core/alloc.h"
#include "look/cluster.h"
#include "look/dot_numbers.h"
#include "look/fold.h"
#include "look/text.h"
#include "look/utf8.h"

enum { LARGE = 1 << 17 };                         /* elements */
enum { FOLD_FROM = 4, FOLD_HIDES = 20, LONGEST_TEXT = 200, LONGEST_NAME = 80 };

typedef struct drawing {
    wg_tape *tape;
    int64_t count; /* of nodes up to the last output */
    unsigned char *mark;
    int32_t *alike, *group; /* nodes that one stands for, and those of them with one kind of
                             * edge */
    wg_dot_options options;
    wg_fold fold;
    wg_clusters clusters;
    wg_dot_numbers numbers;
    FILE *out;
} drawing;

typedef struct look {
    const char *shape, *fill, *kind;
} look;

#define OP_FILL "#cfe2f3"
#define ADJOINT_FILL "#f4cccc"
#define INPUT_FILL "#d9ead3"
#define PARAM_FILL "#ffe599"
#define CONSTANT_FILL "#eeeeee"

static look look_of(const wg_tensor *x)
{
    switch (wg_leaf_kind_of(x)) {
    case WG_INPUT:
        return (look){"parallelogram", INPUT_FILL, "input"};
    case WG_PARAM:
        return (look){"box3d", PARAM_FILL, "parameter"};
    case WG_CONSTANT:
        return (look){"note", CONSTANT_FILL, "constant"};
    case WG_NOT_A_LEAF:
        break;
    }
    const char *shape = wg_inputs_of(x, NULL) ? "ellipse" : "plain";
    if (wg_origin_of(x))
        return (look){shape, ADJOINT_FILL, "adjoint"};
    return (look){shape, shape[0] == 'p' ? "white" : OP_FILL, "op"};
}

/* The value of a node that has no inputs, if it has one value everywhere: worth more than its op's
 * name.  Not looked for in large ones. */
static bool one_value(wg_tensor *x, double *value)
{
    wg_leaf_kind kind = wg_leaf_kind_of(x);
    int64_t count = wg_count_of(x);
    bool fixed =
        kind == WG_CONSTANT || (kind == WG_NOT_A_LEAF && !(wg_op_of(x)->flags & WG_OP_RANDOM));
    if (!fixed || wg_inputs_of(x, NULL) || count < 1 || count > LARGE || wg_error(wg_tape_of(x)))
        return false;
    double *all = wg_mem_alloc((size_t)count * sizeof *all);
    bool same = all && wg_get_f64(x, all) == WG_OK;
    for (int64_t i = 1; i < count && same; i++)
        same = all[i] == all[0];
    if (same)
        *value = all[0];
    wg_mem_free(all);
    return same;
}

/* ---- nodes ---- */

static void write_text(const char *text, FILE *out)
{
    wg_text_write(text, strlen(text), out);
}

/* Bytes of a text that fit into a node, whole characters:
 * its own, or so many that an ellipsis has room, too. */
static size_t length_to_show(const char *text)
{
    size_t n = strlen(text);
    if (n <= LONGEST_NAME)
        return n;
    size_t cut = 0, next = 0;
    while (next <= LONGEST_NAME - 3) {
        cut = next;
        int bytes = wg_utf8_length((const unsigned char *)text + next);
        next += bytes > 0 ? (size_t)bytes : 1;
    }
    return cut;
}

/* The text without what the boxes say; of a node that stands for several,
 * that of the first to the last. */
static bool write_name(const drawing *d, wg_tensor *x)
{
    int32_t i = (int32_t)wg_index_of(x), last = d->fold.last[i];
    const char *text = wg_text_of(x), *other = wg_text_of(wg_node(d->tape, last));
    if (!text)
        return false;
    bool boxed = !d->options.no_boxes && d->clusters.path[i].length < strlen(text);
    text += boxed ? d->clusters.path[i].length : 0;
    char both[LONGEST_TEXT];
    if (last != i && other) {
        other += boxed ? d->clusters.path[last].length : 0;
        text = wg_text_both(text, other, both, sizeof both);
    }
    size_t shown = length_to_show(text);
    wg_text_write(text, shown, d->out);
    if (text[shown])
        fputs("\xE2\x80\xA6", d->out);
    return true;
}

/* Whether the value is part of it. */
static bool write_title(const drawing *d, wg_tensor *x)
{
    bool named = write_name(d, x), single = d->fold.times[wg_index_of(x)] == 1;
    if (wg_leaf_kind_of(x) != WG_NOT_A_LEAF && named)
        return false;
    if (named)
        fputs("\\n", d->out);
    double value;
    bool known = (single || wg_leaf_kind_of(x) == WG_NOT_A_LEAF) && one_value(x, &value);
    if (known)
        fprintf(d->out, "%.6g", value);
    else
        write_text(wg_op_name(x), d->out);
    return known;
}

static void write_shape(const wg_tensor *x, FILE *out)
{
    wg_shape s = wg_shape_of(x);
    bool usual = wg_dtype_of(x) == wg_tape_dtype(wg_tape_of(x));
    if (s.rank == 0 && usual)
        return;
    fputs("\\n", out);
    if (!usual)
        fprintf(out, "%s ", wg_dtype_name(wg_dtype_of(x)));
    for (int64_t i = 0; i < s.rank; i++)
        fprintf(out, "%s%lld", i ? ", " : "[", (long long)s.dim[i]);
    if (s.rank > 0)
        fputs("]", out);
}

static void write_number(const drawing *d, const char *before, const int64_t *handles, int32_t i)
{
    char text[WG_DOT_NUMBER];
    if (!wg_dot_number(&d->numbers, &d->fold, handles, i, text)[0])
        return;
    fprintf(d->out, "\\n%s%s", before, strchr(text, '\n') ? "\\n" : " ");
    write_text(text, d->out);
}

static void write_tooltip(const drawing *d, const wg_tensor *x, const char *kind)
{
    int32_t times = d->fold.times[wg_index_of(x)];
    fprintf(d->out, "tooltip=\"%s %s#%lld", kind, wg_op_name(x), (long long)wg_index_of(x));
    if (times > 1)
        fprintf(d->out, " and %d like it", (int)times - 1);
    char origin[LONGEST_TEXT];
    if (wg_origin_of(x)) {
        fputs(" of ", d->out);
        write_text(wg_describe(wg_origin_of(x), origin, sizeof origin), d->out);
    }
    if (wg_op_of(x)->doc) {
        fputs(": ", d->out);
        write_text(wg_op_of(x)->doc, d->out);
    }
    fputs("\"", d->out);
}

/* times: what the box says already. */
static void write_node(const drawing *d, int32_t i, int32_t times)
{
    wg_tensor *x = wg_node(d->tape, i);
    look l = look_of(x);
    fprintf(d->out, "  n%lld [shape=%s, fillcolor=\"%s\"%s, label=\"", (long long)i, l.shape,
            l.fill, d->mark[i] & WG_FOLD_OUTPUT ? ", peripheries=2" : "");
    bool valued = write_title(d, x);
    write_shape(x, d->out);
    if (d->fold.times[i] != times)
        fprintf(d->out, "\\n\xC3\x97 %d", (int)d->fold.times[i]);
    if (!valued)
        write_number(d, "=", d->numbers.value, i);
    write_number(d, "adjoint", d->numbers.adjoint, i);
    fputs("\", ", d->out);
    write_tooltip(d, x, l.kind);
    fputs("];\n", d->out);
}

/* ---- edges ---- */

typedef struct attributes {
    FILE *out;
    const char *between;
} attributes;

/* Begins an attribute. */
static FILE *attribute(attributes *a)
{
    fputs(a->between, a->out);
    a->between = ", ";
    return a->out;
}

/* The k-th edge into the first of the nodes, which stands for that of all of them.
 * next: from one repeat to the following. */
static void write_edge(const drawing *d, int64_t n, const int32_t *nodes, int k, bool next)
{
    wg_tensor *const *in, *to = wg_node(d->tape, nodes[0]);
    int inputs = wg_inputs_of(to, &in);
    char local[WG_DOT_NUMBER];
    const char *note =
        d->options.edge_note ? d->options.edge_note(in[k], to, d->options.user) : NULL;
    fprintf(d->out, "  n%d -> n%d", (int)d->fold.shown[wg_index_of(in[k])],
            (int)d->fold.shown[nodes[0]]);
    attributes a = {d->out, " ["};
    if (inputs > 1)
        fprintf(attribute(&a), "headlabel=\"%d\"", k + 1);
    if (wg_origin_of(to))
        fputs("color=\"#cc4125\"", attribute(&a));
    if (next)
        fputs("style=dashed, constraint=false", attribute(&a));
    wg_dot_local(&d->numbers, d->tape, n, nodes, k, local);
    if (note || local[0]) {
        fputs("label=\" ", attribute(&a));
        if (note)
            write_text(note, d->out);
        fputs(note && local[0] ? " " : "", d->out);
        write_text(local, d->out);
        fputs(" \"", d->out);
    }
    fputs(a.between[0] == ',' ? "];\n" : ";\n", d->out);
}

static bool from_another_repeat(const wg_fold *f, int32_t from, int32_t to)
{
    return f->stretch[to] >= 0 && f->stretch[from] == f->stretch[to] && f->times[f->shown[to]] > 1
           && f->copy[from] != f->copy[to];
}

/* Edges of all nodes that i stands for: one for those that come from one place in one way. */
static void write_edges(const drawing *d, int32_t i)
{
    const wg_fold *f = &d->fold;
    int inputs = wg_inputs_of(wg_node(d->tape, i), NULL);
    for (int k = 0; k < inputs; k++) {
        int64_t left = 0;
        for (int32_t j = i; j >= 0; j = f->next[j])
            d->alike[left++] = j;
        while (left > 0) {
            int64_t n = 0, others = 0;
            int32_t place = -1;
            bool next = false;
            for (int64_t j = 0; j < left; j++) {
                wg_tensor *const *in;
                wg_inputs_of(wg_node(d->tape, d->alike[j]), &in);
                int32_t from = (int32_t)wg_index_of(in[k]);
                bool leaf = wg_leaf_kind_of(in[k]) != WG_NOT_A_LEAF;
                bool goes_on = !leaf && from_another_repeat(f, from, d->alike[j]);
                if (n == 0) {
                    place = f->shown[from];
                    next = goes_on;
                }
                if (f->shown[from] == place && goes_on == next)
                    d->group[n++] = d->alike[j];
                else
                    d->alike[others++] = d->alike[j];
            }
            write_edge(d, n, d->group, k, next);
            left = others;
        }
    }
}

/* ---- boxes ---- */

/* Depth: that of the slashes in a label, which is bounded. */
static void write_box(const drawing *d, int32_t box)
{
    static const char *const part[] = {"", " (gradient)", " (after the gradient)"};
    static const char *const line[] = {"#9a9a9a", "#cc4125", "#8e7cc3"};
    const wg_cluster *b = &d->clusters.box[box];
    if (box > 0) {
        fprintf(d->out, "  subgraph cluster_%d {\n  label=\"", (int)box);
        write_text(b->title, d->out);
        fputs(b->title[0] ? part[b->part] : "", d->out);
        if (b->stretch >= 0)
            fprintf(d->out, "%s\xC3\x97 %d", b->title[0] ? "  " : "", (int)b->times);
        fprintf(d->out, "\"; labeljust=l; fontsize=%d; style=\"rounded%s\"; color=\"%s\";\n",
                b->stretch >= 0 ? 13 : 10, b->stretch >= 0 ? ",bold" : "", line[b->part]);
    }
    for (int32_t i = b->first_node; i >= 0; i = d->clusters.next[i])
        write_node(d, i, b->times);
    for (int32_t c = b->last_child; c >= 0; c = d->clusters.box[c].before)
        write_box(d, c);
    if (box > 0)
        fputs("  }\n", d->out);
}

/* ---- the picture ---- */

/* Above the picture, as the label of the whole: nodes would be laid out among the others. */
static void write_legend(const drawing *d)
{
    const wg_dot_options *o = &d->options;
    const struct {
        bool shown;
        const char *fill, *text;
    } entry[] = {
        {true, INPUT_FILL, "input"},
        {true, PARAM_FILL, "parameter"},
        {true, CONSTANT_FILL, "constant"},
        {true, OP_FILL, "op"},
        {true, ADJOINT_FILL, "op of a derivative"},
        {true, "white", "number: all elements"},
        {true, "white", "double rim: output"},
        {true, "white", "1, 2 ..: order of operands"},
        {d->fold.stretches > 0, "white", "\xC3\x97 n: comes n times; dashed: from one to the next"},
        {o->values, "white", "=: value"},
        {o->local_derivatives, "white", "at an edge: local derivative"},
    };
    fputs("  label=<<table border=\"0\" cellborder=\"1\" cellspacing=\"3\" "
          "color=\"#cccccc\"><tr>\n",
          d->out);
    for (size_t i = 0; i < sizeof entry / sizeof *entry; i++)
        if (entry[i].shown)
            fprintf(d->out, "    <td bgcolor=\"%s\">%s</td>\n", entry[i].fill, entry[i].text);
    fputs("  </tr></table>>;\n", d->out);
}

static void write_all(const drawing *d)
{
    fprintf(d->out,
            "digraph wengert {\n"
            "  labelloc=t; fontname=\"Helvetica\"; fontsize=9;%s\n"
            "  node [style=filled, color=\"#666666\", fontname=\"Helvetica\", fontsize=10, "
            "margin=\"0.08,0.04\"];\n"
            "  edge [color=\"#666666\", arrowsize=0.6, fontname=\"Helvetica\", fontsize=9, "
            "fontcolor=\"#1155cc\", labelfontname=\"Helvetica\", labelfontsize=8, "
            "labelfontcolor=black, labelangle=40, labeldistance=1.3];\n",
            d->options.sideways ? " rankdir=LR;" : "");
    if (!d->options.no_legend)
        write_legend(d);
    write_box(d, 0);
    for (int32_t i = 0; i < d->count; i++)
        if (d->mark[i] && d->fold.shown[i] == i)
            write_edges(d, i);
    fputs("}\n", d->out);
}

/* Inputs lie before the nodes that use them: one pass backwards finds everything. */
static void mark_reached(drawing *d, int n, wg_tensor *const *outputs)
{
    for (int i = 0; i < n; i++)
        d->mark[wg_index_of(outputs[i])] = WG_FOLD_REACHED | WG_FOLD_OUTPUT;
    for (int64_t i = d->count - 1; i >= 0; i--) {
        wg_tensor *const *in;
        int inputs = d->mark[i] ? wg_inputs_of(wg_node(d->tape, i), &in) : 0;
        for (int k = 0; k < inputs; k++)
            d->mark[wg_index_of(in[k])] |= WG_FOLD_REACHED;
    }
}

static wg_status prepare(drawing *d, int n, wg_tensor *const *outputs)
{
    int fold = d->options.fold;
    d->mark = wg_mem_zero((size_t)d->count, 1);
    d->alike = wg_mem_alloc((size_t)d->count * sizeof *d->alike);
    d->group = wg_mem_alloc((size_t)d->count * sizeof *d->group);
    if (!d->mark || !d->alike || !d->group)
        return WG_ERR_MEMORY;
    mark_reached(d, n, outputs);
    wg_status s = wg_fold_nodes(&d->fold, d->tape, d->count, d->mark, fold ? fold : FOLD_FROM,
                                fold ? 1 : FOLD_HIDES);
    if (!s)
        s = wg_clusters_make(&d->clusters, d->tape, &d->fold, d->mark, !d->options.no_boxes);
    if (!s)
        s = wg_dot_numbers_make(&d->numbers, d->tape, d->count, d->mark, &d->options);
    return s;
}

/* Keeps a reason on the tape; without it none can be kept. */
static wg_status refuse(wg_tape *t, const char *why)
{
    return t ? wg_keep_error(t, WG_ERR_ARGUMENT, "write_dot: %s", why) : WG_ERR_ARGUMENT;
}

static wg_status check(int n, wg_tensor *const *outputs, const wg_dot_options *o, FILE *out)
{
    wg_tape *t = n > 0 && outputs && outputs[0] ? wg_tape_of(outputs[0]) : NULL;
    if (!t)
        return WG_ERR_ARGUMENT;
    if (!out)
        return refuse(t, "wants a file, got NULL");
    for (int i = 1; i < n; i++)
        if (!outputs[i] || wg_tape_of(outputs[i]) != t)
            return refuse(t, outputs[i] ? "wants outputs of one tape" : "wants outputs, got NULL");
    if (o && o->adjoints_of && wg_tape_of(o->adjoints_of) != t)
        return refuse(t, "wants adjoints_of of the outputs' tape");
    return WG_OK;
}

static wg_status write_file(const drawing *d)
{
    write_all(d);
    if (fflush(d->out) || ferror(d->out))
        return wg_keep_error(d->tape, WG_ERR_IO, "write_dot: the file cannot be written to");
    return WG_OK;
}

wg_status wg_write_dot_with(int n, wg_tensor *const *outputs, const wg_dot_options *options,
                            FILE *out)
{
    wg_status s = check(n, outputs, options, out);
    if (s)
        return s;
    drawing d = {.tape = wg_tape_of(outputs[0]), .out = out};
    if (options)
        d.options = *options;
    for (int i = 0; i < n; i++)
        if (wg_index_of(outputs[i]) >= d.count)
            d.count = wg_index_of(outputs[i]) + 1;
    s = prepare(&d, n, outputs);
    if (s == WG_ERR_MEMORY)
        wg_keep_error(d.tape, s, "write_dot: out of memory");
    if (!s)
        s = write_file(&d);
    wg_dot_numbers_free(&d.numbers);
    wg_clusters_free(&d.clusters);
    wg_fold_free(&d.fold);
    wg_mem_free(d.mark);
    wg_mem_free(d.alike);
    wg_mem_free(d.group);
    return s;
}

wg_status wg_write_dot(int n, wg_tensor *const *outputs, FILE *out)
{
    return wg_write_dot_with(n, outputs, NULL, out);
}
