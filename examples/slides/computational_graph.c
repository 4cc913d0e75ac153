/* Deck 004, "Using computational graph": the graph of two layers with the local derivative on each
 * edge, and each gradient as the product along its path from L back:
 *
 *     dz² = (i)(ii)    dw² = (i)(ii)(iii)    dh¹ = (i)(ii)(iv)
 *     dz¹ = (i)(ii)(iv)(v)    dw¹ = (i)(ii)(iv)(v)(vi)
 *
 * One neuron a layer, so that each factor is one number; the cost is the deck's, 1/n Σ(ŷ - y)²
 * with its n = 2, that is ½ (ŷ - y)².  The drawing is wg_write_dot_with's: --out DIR/graph.dot and
 * .svg. */
#include <math.h>
#include <string.h>

#include "../digits/folder.h"
#include "../digits/launch.h"
#include "lesson/lesson.h"

typedef struct net {
    wg_tensor *x, *w1, *b1, *z1, *h1, *w2, *b2, *z2, *h2, *y, *L;
} net;

/* named: with nodes that differences can move; else as it is drawn. */
static wg_tensor *node(lesson *l, bool named, const char *name, wg_tensor *x)
{
    return named ? lesson_node(l, name, x) : wg_label(x, name);
}

static net forward(lesson *l, net n, bool named)
{
    n.z1 = node(l, named, "z¹", wg_add(wg_mul(n.w1, n.x), n.b1));
    n.h1 = node(l, named, "h¹", wg_sigmoid(n.z1));
    n.z2 = node(l, named, "z²", wg_add(wg_mul(n.w2, n.h1), n.b2));
    n.h2 = node(l, named, "h²", wg_sigmoid(n.z2));
    n.L = wg_label(wg_mul_scalar(wg_square(wg_sub(n.h2, n.y)), 0.5), "L");
    return n;
}

/* Which of the slide's factors an edge is, or is part of: (i) is three edges of the graph. */
static const char *factor(wg_tensor *from, wg_tensor *to, void *user)
{
    const net *n = user;
    if (from == n->h2 || strcmp(wg_op_name(to), "square") == 0
        || strcmp(wg_op_name(from), "square") == 0)
        return "(i)";
    return to == n->h2     ? "(ii)"
           : from == n->w2 ? "(iii)"
           : from == n->h1 ? "(iv)"
           : to == n->h1   ? "(v)"
           : from == n->w1 ? "(vi)"
                           : NULL;
}

static double local(wg_tensor *to, wg_tensor *from)
{
    wg_tensor *g = NULL;
    return wg_grad(to, 1, &from, &g) == WG_OK ? wg_item(g) : NAN;
}

/* The only operand of x that is made of w. */
static wg_tensor *towards(wg_tensor *x, wg_tensor *w)
{
    wg_tensor *const *in;
    for (int i = 0, n = wg_inputs_of(x, &in); i < n; i++)
        if (in[i] == w || (wg_inputs_of(in[i], NULL) && local(in[i], w) != 0))
            return in[i];
    return NULL;
}

static const char *name_of(const wg_tensor *x)
{
    return wg_label_of(x) ? wg_label_of(x) : wg_name(x) ? wg_name(x) : wg_op_name(x);
}

static void along_the_path(lesson *l, const net *n, wg_tensor *w)
{
    double product = 1;
    wg_tensor *next;
    lesson_head(l, "<edge|<factor|local derivative|product so far");
    for (wg_tensor *at = n->L; at != w && (next = towards(at, w)); at = next) {
        const char *name = factor(next, at, (void *)n);
        product *= local(at, next);
        lesson_row(l, "%s ← %s|%s|%.9f|%.9f", name_of(at), name_of(next), name ? name : "",
                   local(at, next), product);
    }
    const double by_tape = local(n->L, w);
    lesson_say(l, "\nby tape ∂L/∂%s = %.9f\n", name_of(w), by_tape);
    lesson_compare(l, 1, &product, &by_tape);
}

static void draw(lesson *l, net *n)
{
    static const char *const command[] = {"dot", "-Tsvg", "graph.dot", "-o", "graph.svg", NULL};
    const wg_dot_options options = {.values = true, .adjoints_of = n->L, .local_derivatives = true,
                                    .no_legend = true, .edge_note = factor, .user = n};
    char path[4096], said[LAUNCH_LINE];
    FILE *f = NULL;
    if (make_folders(l->folder) == 0
        && snprintf(path, sizeof path, "%s/graph.dot", l->folder) < (int)sizeof path)
        f = fopen(path, "w");
    bool written = f && wg_write_dot_with(1, &n->L, &options, f) == WG_OK;
    written = f && fclose(f) == 0 && written;
    lesson_claim(l, written, "graph.dot can be written to the folder of --out");
    if (!written)
        return;
    launch result = launch_in(l->folder, command, said);
    if (result == LAUNCH_DONE)
        lesson_say(l, "\npicture: %s/graph.svg\n", l->folder);
    else
        lesson_say(l, "\nno picture: dot %s%s; what it draws is left: %s/graph.dot\n",
                   result == LAUNCH_NOT_FOUND ? "was not found" : "failed: ", said, l->folder);
}

static double sigma(double z)
{
    return 1 / (1 + exp(-z));
}

static double dsigma(double z) /* the listing's sigmoid_derivative */
{
    return exp(-z) / ((1 + exp(-z)) * (1 + exp(-z)));
}

int main(int argc, char **argv)
{
    lesson *l =
        lesson_begin(argc, argv, "computational_graph", "deck 004, \"Using computational graph\"");
    const double x = 1.5, w1 = 0.8, b1 = -0.2, w2 = -1.2, b2 = 0.5, y = 1;
    const double z1 = w1 * x + b1, h1 = sigma(z1), z2 = w2 * h1 + b2, h2 = sigma(z2);
    net given = {.x = lesson_scalar(l, "x", x),    .w1 = lesson_scalar(l, "w¹", w1),
                 .b1 = lesson_scalar(l, "b¹", b1), .w2 = lesson_scalar(l, "w²", w2),
                 .b2 = lesson_scalar(l, "b²", b2), .y = lesson_scalar(l, "y", y)};
    net n = forward(l, given, true), drawn = forward(l, given, false);

    lesson_value(l, "z¹ = w¹ x + b¹", z1, n.z1);
    lesson_value(l, "h¹ = σ(z¹)", h1, n.h1);
    lesson_value(l, "z² = w² h¹ + b²", z2, n.z2);
    lesson_value(l, "h² = ŷ = σ(z²)", h2, n.h2);
    lesson_value(l, "L = ½ (ŷ - y)²", 0.5 * (h2 - y) * (h2 - y), n.L);

    lesson_say(l, "\nthe edges\n");
    const double i = h2 - y, ii = dsigma(z2), iii = h1, iv = w2, v = dsigma(z1), vi = x;
    lesson_derive(l, "(i)    ∂L/∂h² = ŷ - y", i, n.L, n.h2);
    lesson_derive(l, "(ii)   ∂h²/∂z² = σ'(z²)", ii, n.h2, n.z2);
    lesson_derive(l, "(iii)  ∂z²/∂w² = h¹", iii, n.z2, n.w2);
    lesson_derive(l, "(iv)   ∂z²/∂h¹ = w²", iv, n.z2, n.h1);
    lesson_derive(l, "(v)    ∂h¹/∂z¹ = σ'(z¹)", v, n.h1, n.z1);
    lesson_derive(l, "(vi)   ∂z¹/∂w¹ = x", vi, n.z1, n.w1);

    lesson_say(l, "\neach gradient is the product along its path\n");
    lesson_derive(l, "① dz² = (i)(ii)", i * ii, n.L, n.z2);
    lesson_derive(l, "② dw² = (i)(ii)(iii)", i * ii * iii, n.L, n.w2);
    lesson_derive(l, "③ dh¹ = (i)(ii)(iv)", i * ii * iv, n.L, n.h1);
    lesson_derive(l, "④ dz¹ = (i)(ii)(iv)(v)", i * ii * iv * v, n.L, n.z1);
    lesson_derive(l, "⑤ dw¹ = (i)(ii)(iv)(v)(vi)", i * ii * iv * v * vi, n.L, n.w1);

    lesson_say(l, "\nthe same path, edge by edge, read off the tape's own graph, from L to w¹\n");
    along_the_path(l, &drawn, drawn.w1);
    draw(l, &drawn);
    return lesson_end(l);
}
