/* The graph that leads to some tensors, in Graphviz's dot language.  Sees a tape only through the
 * public calls for walking it, and knows no op. */
#include <string.h>
#include <wengert/look.h>
#include <wengert/op.h>
#include <wengert/run.h>
#include <wengert/tape.h>

#include "core/alloc.h"

enum { LARGE = 1 << 17 }; /* elements */

/* Bytes of the UTF-8 sequence at s; 0 if it is not one. */
static int utf8_length(const unsigned char *s)
{
    int n = s[0] < 0x80   ? 1
            : s[0] < 0xC2 ? 0
            : s[0] < 0xE0 ? 2
            : s[0] < 0xF0 ? 3
            : s[0] < 0xF5 ? 4
                          : 0;
    for (int i = 1; i < n; i++)
        if ((s[i] & 0xC0) != 0x80)
            return 0;
    return n;
}

/* Inside a quoted string, where dot knows backslash escapes and HTML entities and wants UTF-8. */
static void write_escaped(const char *text, FILE *out)
{
    const unsigned char *s = (const unsigned char *)text;
    while (*s) {
        int n = utf8_length(s);
        if (*s == '"' || *s == '\\')
            fprintf(out, "\\%c", *s);
        else if (*s == '&')
            fputs("&amp;", out);
        else if (*s == '\n')
            fputs("\\n", out);
        else if (n == 0 || *s < 0x20 || *s == 0x7F)
            fputc('?', out);
        else
            fwrite(s, 1, (size_t)n, out);
        s += n ? n : 1;
    }
}

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

static void write_title(wg_tensor *x, FILE *out)
{
    const char *label = wg_label_of(x), *name = wg_name(x);
    if (label || name)
        write_escaped(label ? label : name, out);
    if (wg_leaf_kind_of(x) != WG_NOT_A_LEAF && (label || name))
        return;
    if (label)
        fputs("\\n", out);
    double value;
    if (one_value(x, &value))
        fprintf(out, "%.6g", value);
    else
        write_escaped(wg_op_name(x), out);
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

/* place: the operand's, from 1; 0 where it is the only one. */
static void write_edge(const wg_tensor *from, const wg_tensor *to, int place, FILE *out)
{
    fprintf(out, "  n%lld -> n%lld", (long long)wg_index_of(from), (long long)wg_index_of(to));
    const char *between = " [";
    if (place) {
        fprintf(out, "%sheadlabel=\"%d\"", between, place);
        between = ", ";
    }
    if (wg_origin_of(to)) {
        fprintf(out, "%scolor=\"#cc4125\"", between);
        between = ", ";
    }
    fputs(*between == ',' ? "];\n" : ";\n", out);
}

static void write_node(wg_tensor *x, bool is_output, FILE *out)
{
    look l = look_of(x);
    fprintf(out, "  n%lld [shape=%s, fillcolor=\"%s\"%s, label=\"", (long long)wg_index_of(x),
            l.shape, l.fill, is_output ? ", peripheries=2" : "");
    write_title(x, out);
    write_shape(x, out);
    fprintf(out, "\", tooltip=\"%s %s#%lld", l.kind, wg_op_name(x), (long long)wg_index_of(x));
    char origin[200];
    if (wg_origin_of(x)) {
        fputs(" of ", out);
        write_escaped(wg_describe(wg_origin_of(x), origin, sizeof origin), out);
    }
    if (wg_op_of(x)->doc) {
        fputs(": ", out);
        write_escaped(wg_op_of(x)->doc, out);
    }
    fputs("\"];\n", out);
    wg_tensor *const *in;
    int n = wg_inputs_of(x, &in);
    for (int i = 0; i < n; i++)
        write_edge(in[i], x, n > 1 ? i + 1 : 0, out);
}

/* Above the picture, as the label of the whole: nodes would be laid out among the others. */
static void write_legend(FILE *out)
{
    static const struct {
        const char *fill, *text;
    } entry[] = {
        {INPUT_FILL, "input"},
        {PARAM_FILL, "parameter"},
        {CONSTANT_FILL, "constant"},
        {OP_FILL, "op"},
        {ADJOINT_FILL, "op of a derivative"},
        {"white", "number: all elements"},
        {"white", "double rim: output"},
        {"white", "1, 2 ..: order of operands"},
    };
    fputs("  label=<<table border=\"0\" cellborder=\"1\" cellspacing=\"3\" "
          "color=\"#cccccc\"><tr>\n",
          out);
    for (size_t i = 0; i < sizeof entry / sizeof *entry; i++)
        fprintf(out, "    <td bgcolor=\"%s\">%s</td>\n", entry[i].fill, entry[i].text);
    fputs("  </tr></table>>;\n", out);
}

enum { REACHED = 1, OUTPUT = 2 };

wg_status wg_write_dot(int n, wg_tensor *const *outputs, FILE *out)
{
    if (n < 1 || !outputs || !out)
        return WG_ERR_ARGUMENT;
    wg_tape *t = wg_tape_of(outputs[0]);
    int64_t last = -1;
    for (int i = 0; i < n; i++) {
        if (!outputs[i] || wg_tape_of(outputs[i]) != t)
            return WG_ERR_ARGUMENT;
        last = wg_index_of(outputs[i]) > last ? wg_index_of(outputs[i]) : last;
    }
    unsigned char *mark = wg_mem_zero((size_t)last + 1, 1);
    if (!mark)
        return WG_ERR_MEMORY;
    for (int i = 0; i < n; i++)
        mark[wg_index_of(outputs[i])] = REACHED | OUTPUT;
    /* Inputs lie before the nodes that use them: one pass backwards finds everything. */
    for (int64_t i = last; i >= 0; i--) {
        wg_tensor *const *in;
        int inputs = mark[i] ? wg_inputs_of(wg_node(t, i), &in) : 0;
        for (int k = 0; k < inputs; k++)
            mark[wg_index_of(in[k])] |= REACHED;
    }
    fputs("digraph wengert {\n"
          "  labelloc=t; fontname=\"Helvetica\"; fontsize=9;\n"
          "  node [style=filled, color=\"#666666\", fontname=\"Helvetica\", fontsize=10, "
          "margin=\"0.08,0.04\"];\n"
          "  edge [color=\"#666666\", arrowsize=0.6, labelfontname=\"Helvetica\", "
          "labelfontsize=8, labelangle=40, labeldistance=1.3];\n",
          out);
    write_legend(out);
    for (int64_t i = 0; i <= last; i++)
        if (mark[i])
            write_node(wg_node(t, i), mark[i] & OUTPUT, out);
    fputs("}\n", out);
    wg_mem_free(mark);
    return fflush(out) || ferror(out) ? WG_ERR_IO : WG_OK;
}
