#include "support/random_graph.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ELEMENTS = 8000, MOST_PARAMETERS = 20000, MOST_NODES = 80 };

typedef struct growth {
    uint64_t state;
    random_graph *g;
    bool smooth, tiny; /* tiny: most tensors fit in a vector */
    wg_tensor *node[MOST_NODES];
    int nodes;
} growth;

/* ---- choosing ---- */

static int pick(growth *w, int n)
{
    w->state = w->state * 6364136223846793005u + 1442695040888963407u;
    return (int)((w->state >> 33) % (uint64_t)n);
}

/* Extents are few, so that many pairs broadcast or multiply;
 * some rows end just after a kernel's block. */
static int64_t short_extent(growth *w)
{
    static const int64_t extent[] = {1, 2, 3, 5, 10, 16, 17, 33}, tiny[] = {1, 2, 2, 3, 3, 4, 5, 7};
    return (w->tiny ? tiny : extent)[pick(w, 8)];
}

static int64_t long_extent(growth *w)
{
    static const int64_t extent[] = {64, 100, 1000, 1025, 3000};
    return extent[pick(w, 5)];
}

static wg_shape any_shape(growth *w)
{
    if (w->tiny) {
        wg_shape few = {.rank = pick(w, 4)};
        for (int64_t d = 0; d < few.rank; d++)
            few.dim[d] = few.rank == 3   ? 1 + pick(w, 3)
                         : few.rank == 2 ? 1 + pick(w, 5)
                                         : 1 + pick(w, 17);
        return few;
    }
    if (pick(w, 24) == 0) { /* nothing in it, or long rows, or long columns */
        int64_t n = short_extent(w);
        return pick(w, 2) ? WG_SHAPE(n, 0) : WG_SHAPE(0, n);
    } else if (pick(w, 8) == 0) {
        int64_t m = long_extent(w), n = m > 200 ? 1 + pick(w, 3) : short_extent(w);
        return pick(w, 4) ? WG_SHAPE(n, m) : WG_SHAPE(m, n);
    } else if (pick(w, 12) == 0) {
        return WG_SHAPE(long_extent(w));
    }
    wg_shape shape = {.rank = pick(w, 4)};
    for (int64_t d = 0; d < shape.rank; d++)
        shape.dim[d] = short_extent(w);
    if (shape.rank == 3)
        shape.dim[0] = 1 + pick(w, 3);
    return shape;
}

static wg_tensor *leaf(growth *w, wg_shape shape)
{
    char name[16];
    random_graph *g = w->g;
    if (g->params == GRAPH_LEAVES - 2 || wg_shape_count(shape) > MOST_PARAMETERS)
        return NULL;
    snprintf(name, sizeof name, "p%d", g->params);
    wg_tensor *p = wg_param(g->t, name, shape, wg_init_uniform(-1, 1));
    if (p)
        g->param[g->params++] = p;
    return p;
}

static wg_tensor *any(growth *w)
{
    /* what is new is chosen more often than what is old: chains grow long */
    int a = pick(w, w->nodes), b = pick(w, w->nodes);
    return w->node[pick(w, 2) && a < b ? b : a];
}

static int64_t last_extent(const wg_tensor *x)
{
    wg_shape s = wg_shape_of(x);
    return s.rank > 0 ? s.dim[s.rank - 1] : 1;
}

static bool has_shape(const wg_tensor *x, const wg_tensor *y)
{
    return wg_shape_equal(wg_shape_of(x), wg_shape_of(y));
}

/* ---- elementwise ---- */

/* One graph in three has no jumps. */
static wg_tensor *rough(growth *w, wg_tensor *x)
{
    w->g->rough = w->g->rough || !w->smooth;
    return w->smooth ? NULL : x;
}

static wg_tensor *activation(growth *w, wg_tensor *x)
{
    switch (pick(w, 8)) {
    case 0: return wg_tanh(x);
    case 1: return wg_sigmoid(x);
    case 2: return rough(w, wg_relu(x));
    case 3: return wg_softplus(x);
    case 4: return wg_gelu(x);
    case 5: return wg_silu(x);
    case 6: return rough(w, wg_leaky_relu(x, 0.1));
    default: return x;
    }
}

static wg_tensor *unary(growth *w, wg_tensor *x)
{
    wg_dtype own = wg_dtype_of(x), other = own == WG_F32 ? WG_F64 : WG_F32;
    switch (pick(w, 14)) {
    case 0: return wg_tanh(x);
    case 1: return wg_sigmoid(x);
    case 2: return wg_sin(x);
    case 3: return wg_square(wg_mul_scalar(x, 0.5));
    case 4: return wg_exp(wg_rsub(wg_square(x), 0));
    case 5: return rough(w, wg_cast(wg_cast(wg_mul_scalar(wg_clamp(x, -9, 9), 3), WG_I32), own));
    case 6: return wg_cast(wg_tanh(wg_cast(x, other)), own); /* through another width */
    case 7: return rough(w, wg_clamp(x, -0.5, 0.75));
    case 8: return rough(w, wg_abs(x));
    case 9: return wg_log(wg_add_scalar(wg_square(x), 0.5));
    case 10: return wg_sqrt(wg_add_scalar(wg_square(x), 0.25));
    case 11:
        return pick(w, 2) ? wg_label(wg_neg(x), "labelled")
                          : wg_checkpoint(x, pick(w, 2), (wg_tensor *[]){any(w)});
    case 12: return pick(w, 3) ? wg_reciprocal(wg_add_scalar(wg_square(x), 1)) : wg_dropout(x,
                                                                                            0.25);
    default: return activation(w, x);
    }
}

static wg_tensor *binary(growth *w, wg_tensor *a, wg_tensor *b)
{
    switch (pick(w, 7)) {
    case 0: return wg_add(a, b);
    case 1: return wg_sub(a, b);
    case 2: return wg_mul(a, b);
    case 3: return rough(w, wg_maximum(a, b));
    case 4: return wg_div(a, wg_add_scalar(wg_square(b), 1));
    case 5: return wg_sub(wg_mul(a, b), wg_mul(b, b));
    default: return rough(w, wg_where(wg_gt(a, b), a, wg_sin(b)));
    }
}

/* A vector or column beside a matrix, a number beside anything. */
static wg_tensor *broadcast(growth *w, wg_tensor *x)
{
    wg_shape s = wg_shape_of(x);
    if (s.rank == 0 || pick(w, 3) == 0)
        return binary(w, x, leaf(w, WG_SHAPE()));
    if (pick(w, 2))
        return binary(w, x, leaf(w, WG_SHAPE(s.dim[s.rank - 1])));
    s.dim[s.rank - 1] = 1;
    return binary(w, x, leaf(w, s));
}

/* ---- moving elements ---- */

static wg_tensor *rearranged(growth *w, wg_tensor *x)
{
    wg_shape shape = wg_shape_of(x);
    int64_t axis = shape.rank ? pick(w, (int)shape.rank) : 0;
    if (shape.rank == 0)
        return wg_reshape(x, WG_SHAPE(1));
    switch (pick(w, 12)) {
    case 0: return wg_transpose(x);
    case 1: return wg_slice(x, axis, pick(w, 3), WG_END, 1 + pick(w, 2));
    case 2: return wg_flip(x, WG_AXES(axis));
    case 3: return wg_flatten(x);
    case 4: return wg_unsqueeze(x, axis);
    case 5: return wg_repeat_interleave(x, 2, axis);
    case 6: return wg_concat(2, (wg_tensor *[]){x, wg_sin(x)}, axis);
    case 7: return wg_stack(2, (wg_tensor *[]){x, any(w)}, 0);
    case 8: return shape.rank > 1 ? wg_tril(x, 0) : wg_flip(x, WG_AXES(0));
    case 9: return wg_select(x, axis, 0);
    case 10: { /* each element many times, for reductions to read */
        axis = pick(w, 2) ? shape.rank : axis;
        wg_tensor *thin = wg_unsqueeze(x, axis);
        if (!thin)
            return NULL;
        shape = wg_shape_of(thin);
        shape.dim[axis] = short_extent(w);
        thin = wg_broadcast_to(thin, shape);
        return pick(w, 2) ? wg_sum_axes(thin, WG_AXES(axis), pick(w, 2)) : thin;
    }
    default: return wg_reshape(wg_transpose(x), WG_SHAPE(-1));
    }
}

/* ---- reductions and what reads them ---- */

static wg_tensor *reduced(growth *w, wg_tensor *x)
{
    wg_shape shape = wg_shape_of(x);
    if (shape.rank == 0 || pick(w, 6) == 0)
        return pick(w, 2) ? wg_mean(x) : wg_mean(wg_square(x));
    int64_t axis = pick(w, (int)shape.rank);
    bool keep = pick(w, 2);
    switch (pick(w, 7)) {
    case 0: return wg_mean_axes(x, WG_AXES(axis), keep);
    case 1: return wg_sum_axes(wg_mul(x, wg_sigmoid(x)), WG_AXES(axis), keep);
    case 2: return wg_logsumexp_axes(x, WG_AXES(axis), keep);
    case 3: return rough(w, wg_max_axes(x, WG_AXES(axis), keep));
    case 4: return wg_cumsum(x, axis);
    case 5: return rough(w, wg_min_axes(wg_square(x), WG_AXES(axis), keep));
    default: return wg_sum_axes(x, WG_AXES(axis), keep);
    }
}

/* Along rows mostly, along columns now and then: every row is reduced and then read again. */
static wg_tensor *normalised(growth *w, wg_tensor *x)
{
    wg_shape s = wg_shape_of(x);
    if (s.rank == 0)
        return NULL;
    int64_t axis = pick(w, 4) ? s.rank - 1 : pick(w, (int)s.rank), n = s.dim[s.rank - 1];
    wg_axes axes = WG_AXES(axis);
    switch (pick(w, 8)) {
    case 0: return wg_softmax(x, axis);
    case 1: return wg_log_softmax(x, axis);
    case 2: return wg_sub(x, wg_logsumexp_axes(x, axes, true));
    case 3: {
        wg_tensor *centred = wg_sub(x, wg_mean_axes(x, axes, true));
        wg_tensor *y = wg_mul(
            centred, wg_rsqrt(wg_add_scalar(wg_mean_axes(wg_square(centred), axes, true), 0.1)));
        wg_tensor *gain = pick(w, 2) ? leaf(w, WG_SHAPE(n)) : NULL;
        return gain ? wg_add(wg_mul(y, gain), leaf(w, WG_SHAPE(n))) : y;
    }
    case 4: return wg_div(x, wg_sqrt(wg_add_scalar(wg_sum_axes(wg_square(x), axes, true), 0.1)));
    case 5: return wg_mul(x, wg_sum_axes(wg_mul(x, wg_tanh(x)), axes, true));
    case 6: return rough(w,
                         wg_div(wg_sub(x, wg_min_axes(x, axes, true)),
                                wg_add_scalar(wg_max_axes(wg_abs(x), axes, true), 1)));
    default: return wg_mul(wg_softmax(wg_mul_scalar(x, 0.3), axis), activation(w, x));
    }
}

static wg_tensor *loss(growth *w, wg_tensor *x)
{
    wg_shape s = wg_shape_of(x);
    wg_reduction r = (wg_reduction)pick(w, 3);
    if (s.rank == 2 && s.dim[0] > 0 && s.dim[1] > 0 && pick(w, 2)) {
        int32_t label[4096];
        if (s.dim[0] > 4096)
            return NULL;
        for (int64_t i = 0; i < s.dim[0]; i++)
            label[i] = pick(w, (int)s.dim[1]);
        return wg_cross_entropy_as(x, wg_constant_as(w->g->t, WG_I32, WG_SHAPE(s.dim[0]), label),
                                   r);
    }
    return pick(w, 2) ? wg_mse_as(x, any(w), r) : wg_bce_with_logits_as(x, wg_sigmoid(x), r);
}

/* ---- products ---- */

static wg_tensor *product(growth *w, wg_tensor *a, wg_tensor *b)
{
    wg_shape x = wg_shape_of(a), y = wg_shape_of(b);
    if (x.rank < 2 || y.rank < 2)
        return NULL;
    if (pick(w, 2)) {
        b = wg_transpose(b);
        y = wg_shape_of(b);
    }
    if (pick(w, 4) == 0) {
        a = wg_transpose(a);
        x = wg_shape_of(a);
    }
    return x.dim[x.rank - 1] == y.dim[y.rank - 2] ? wg_matmul(a, b) : NULL;
}

/* x W, W transposed now and then. */
static wg_tensor *weighted(growth *w, wg_tensor *x, int64_t n)
{
    int64_t k = last_extent(x);
    return pick(w, 3) ? wg_matmul(x, leaf(w, WG_SHAPE(k, n)))
                      : wg_matmul(x, wg_transpose(leaf(w, WG_SHAPE(n, k))));
}

static wg_tensor *dense(growth *w, wg_tensor *x)
{
    int64_t n = short_extent(w);
    if (wg_shape_of(x).rank != 2)
        return NULL;
    wg_tensor *y = weighted(w, x, n);
    switch (pick(w, 5)) {
    case 0: return activation(w, y);
    case 1: y = wg_add(leaf(w, WG_SHAPE(1, n)), y); break;
    case 2: y = wg_add(y, leaf(w, WG_SHAPE())); break;
    default: y = wg_add(y, leaf(w, WG_SHAPE(n))); break;
    }
    if (pick(w, 4) == 0)
        w->node[w->nodes < MOST_NODES ? w->nodes++ : 0] = y; /* read by others, too */
    return activation(w, y);
}

static wg_tensor *sum_of_products(growth *w, wg_tensor *x)
{
    if (wg_shape_of(x).rank != 2)
        return NULL;
    int64_t n = short_extent(w), rows = wg_shape_of(x).dim[0];
    wg_tensor *y = weighted(w, x, n), *z = weighted(w, activation(w, x), n);
    wg_tensor *sum = pick(w, 2) ? wg_add(y, z) : wg_sub(z, y);
    switch (pick(w, 4)) {
    case 0: return wg_add(sum, leaf(w, WG_SHAPE(rows, n)));
    case 1: return wg_add(wg_mul_scalar(sum, 0.5), leaf(w, WG_SHAPE(n)));
    case 2: return wg_mul(wg_sigmoid(y), wg_tanh(z)); /* a gate */
    default: return sum;
    }
}

/* softmax(q k^T) v with one input for all three */
static wg_tensor *attention(growth *w, wg_tensor *x)
{
    if (wg_shape_of(x).rank < 2 || wg_shape_of(x).dim[wg_shape_of(x).rank - 2] > 100)
        return NULL;
    wg_tensor *scores = wg_mul_scalar(wg_matmul(x, wg_transpose(x)), 0.2);
    return wg_matmul(wg_softmax(scores, -1), pick(w, 2) ? x : wg_sin(x));
}

/* ---- growing ---- */

static wg_tensor *attempt(growth *w)
{
    wg_tensor *a = any(w);
    switch (pick(w, 16)) {
    case 0: case 1: return unary(w, a);
    case 2: case 3: case 4: return binary(w, a, any(w));
    case 5: case 6: return broadcast(w, a);
    case 7: case 8: return rearranged(w, a);
    case 9: return reduced(w, a);
    case 10: case 11: return normalised(w, a);
    case 12: return product(w, a, any(w));
    case 13: return dense(w, a);
    case 14: return pick(w, 2) ? sum_of_products(w, a) : attention(w, a);
    default: return loss(w, a);
    }
}

/* One more node on what there is; what is refused or grows too large is dropped,
 * and something else is tried. */
static void grow(growth *w)
{
    for (int tries = 0; tries < 20 && w->nodes < MOST_NODES; tries++) {
        wg_mark mark = wg_tape_mark(w->g->t);
        int params = w->g->params, nodes = w->nodes;
        wg_tensor *y = attempt(w);
        if (y && wg_count_of(y) <= MOST_ELEMENTS && wg_shape_of(y).rank <= 5
            && w->nodes < MOST_NODES) {
            w->node[w->nodes++] = y;
            return;
        }
        wg_tape_rewind(w->g->t, mark);
        wg_clear_error(w->g->t);
        w->g->params = params;
        w->nodes = nodes;
    }
}

/* ---- outputs ---- */

static void output(growth *w, wg_tensor *x)
{
    if (x && w->g->outputs < GRAPH_OUTPUTS)
        w->g->out[w->g->outputs++] = x;
}

/* m = b1 m + (1 - b1) g,  v = b2 v + (1 - b2) g^2,  p -= rate m / (sqrt v + eps):
 * what is assigned is read by the next. */
static void adam(growth *w, wg_tensor *p, wg_tensor *g)
{
    wg_tensor *m = leaf(w, wg_shape_of(p)), *v = leaf(w, wg_shape_of(p));
    if (!m || !v)
        return;
    wg_tensor *m1 = wg_add(wg_mul_scalar(m, 0.9), wg_mul_scalar(g, 0.1));
    wg_tensor *v1 = wg_add(wg_mul_scalar(wg_square(v), 0.99), wg_mul_scalar(wg_square(g), 0.01));
    output(w, wg_assign(m, m1));
    output(w, wg_assign(
                  p, wg_sub(p, wg_mul_scalar(wg_div(m1, wg_add_scalar(wg_sqrt(v1), 0.01)), 0.01))));
    output(w, wg_assign(v, v1));
}

static void momentum(growth *w, wg_tensor *p, wg_tensor *g)
{
    wg_tensor *v = leaf(w, wg_shape_of(p));
    if (!v)
        return;
    wg_tensor *v1 = wg_sub(wg_mul_scalar(v, 0.9), wg_mul_scalar(g, 0.1));
    output(w, wg_assign(v, v1));
    output(w, wg_assign(p, wg_add(p, pick(w, 2)
                                         ? v1
                                         : wg_sub(wg_mul_scalar(v1, 1.9), wg_mul_scalar(v, 0.9)))));
}

static void update(growth *w, wg_tensor *p, wg_tensor *g)
{
    switch (pick(w, 6)) {
    case 0: adam(w, p, g); break;
    case 1: momentum(w, p, g); break;
    case 2: output(w, g); break;
    case 3: { /* from another of its shape, which may be updated as well */
        wg_tensor *other = w->g->param[pick(w, w->g->params)];
        output(w, wg_assign(p, has_shape(other, p) ? wg_sub(other, wg_mul_scalar(g, 0.1))
                                                   : wg_tanh(p)));
        break;
    }
    default: output(w, wg_assign(p, wg_sub(p, wg_mul_scalar(g, 0.1)))); break;
    }
}

random_graph random_graph_new(uint64_t seed, int steps)
{
    random_graph g = {.t = wg_tape_new(seed % 2 ? WG_F32 : WG_F64)};
    growth w = {.state = seed * 0x9E3779B97F4A7C15u + 1,
                .g = &g,
                .smooth = seed % 3 == 0,
                .tiny = seed % 8 >= 6};
    wg_seed(g.t, seed);
    for (int k = 0; k < 3; k++)
        w.node[w.nodes++] = leaf(&w, any_shape(&w));
    for (int k = 0; k < steps; k++)
        grow(&w);
    wg_tensor *cost = NULL, *d[GRAPH_LEAVES] = {NULL};
    for (int k = 0; k < 3; k++) {
        wg_tensor *term = wg_mean(wg_tanh(w.node[w.nodes - 1 - pick(&w, k ? w.nodes : 1)]));
        cost = cost ? wg_add(cost, term) : term;
    }
    int params = g.params;
    if (pick(&w, 5))
        wg_grad(cost, params, g.param, d);
    output(&w, cost);
    for (int k = 0; k < params; k++)
        if (d[k])
            update(&w, g.param[k], d[k]);
    for (int k = 0; k < 4; k++)
        output(&w, w.node[pick(&w, w.nodes)]);
    wg_clear_error(g.t);
    return g;
}

/* ---- printing ---- */

static void print_attributes(const wg_tensor *x, FILE *to)
{
    const wg_op *op = wg_op_of(x);
    const char *at = wg_attr(x);
    for (size_t k = 0; at && k + 8 <= op->attr_size; k += 8) {
        double number;
        int64_t whole;
        memcpy(&number, at + k, 8);
        memcpy(&whole, at + k, 8);
        if (whole > -1000000 && whole < 1000000)
            fprintf(to, " %" PRId64, whole);
        else
            fprintf(to, " %g", number);
    }
}

static void print_node(const wg_tensor *x, FILE *to)
{
    wg_shape s = wg_shape_of(x);
    wg_tensor *const *in;
    int n = wg_inputs_of(x, &in);
    fprintf(to, "%%%-4" PRId64 " %s [", wg_index_of(x), wg_dtype_name(wg_dtype_of(x)));
    for (int64_t d = 0; d < s.rank; d++)
        fprintf(to, "%s%" PRId64, d ? ", " : "", s.dim[d]);
    fprintf(to, "] = %s", wg_op_name(x));
    for (int i = 0; i < n; i++)
        fprintf(to, " %%%" PRId64, wg_index_of(in[i]));
    if (wg_name(x))
        fprintf(to, " \"%s\"", wg_name(x));
    fputs("  (", to);
    print_attributes(x, to);
    fputs(")\n", to);
}

void random_graph_print(int n, wg_tensor *const *output, FILE *to)
{
    wg_tape *t = wg_tape_of(output[0]);
    int64_t count = wg_node_count(t);
    char *needed = calloc((size_t)count, 1);
    if (!needed)
        return;
    for (int i = 0; i < n; i++)
        needed[wg_index_of(output[i])] = 1;
    for (int64_t k = count - 1; k >= 0; k--) {
        wg_tensor *const *in;
        int inputs = needed[k] ? wg_inputs_of(wg_node(t, k), &in) : 0;
        for (int i = 0; i < inputs; i++)
            needed[wg_index_of(in[i])] = 1;
    }
    for (int64_t k = 0; k < count; k++)
        if (needed[k])
            print_node(wg_node(t, k), to);
    fputs("outputs", to);
    for (int i = 0; i < n; i++)
        fprintf(to, " %%%" PRId64, wg_index_of(output[i]));
    fputc('\n', to);
    free(needed);
}
