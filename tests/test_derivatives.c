/* Every differentiable op under every pattern of shapes, and every public composition of ops:
 * derivatives of order 1 and 2 against finite differences that share no code with the library's
 * own checker; forward mode against reverse mode; f32 against f64.
 *
 * WENGERT_ONLY=mul leaves only the cases of that op, WENGERT_ONLY=? lists the differentiable ops
 * and the inputs that they have adjoints for; WENGERT_BY=differences or WENGERT_BY=checker
 * leaves only what is found that way.  (scripts/mutate uses all three.) */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <wengert.h>

#include "support/fd.h"
#include "support/op_table.h"

/* The stencil's own error: with h = 2^-12 the truncation, h^4 f^(5) / 30, is below 1e-8 on the
 * domains, and roundoff over h some 1e-12 against scales of 1e-4 and more.  COARSE is the same
 * for casts to f32, where h is 2^-4 and roundoff 6e-8. */
static const double TOLERANCE = 1e-7, COARSE = 1e-4;
/* Forward and reverse mode sum the same products in another order. */
static const double IDENTITY = 1e-12, COARSE_IDENTITY = 1e-6;

/* ---- operands ---- */

/* A leaf and what is done to it, in letters: digits are the extents of the leaf; then T
 * transposes it, P permutes three axes, S takes every second element of the first axis, R
 * reverses all axes, B stretches it to [2, ...]; "=" is the first operand again. */
static wg_tensor *operand(wg_tape *t, const char *code, int place, wg_tensor *first)
{
    int64_t dim[WG_MAX_RANK], rank = 0;
    char name[3] = {'x', (char)('0' + place), 0};
    wg_tensor *x = first;
    if (*code == '=')
        code++;
    else {
        for (; *code >= '0' && *code <= '9'; code++)
            dim[rank++] = *code - '0';
        x = wg_input(t, name, wg_make_shape(rank, dim));
    }
    wg_shape s = wg_shape_of(x);
    wg_axes all = {.n = s.rank};
    for (int64_t d = 0; d < s.rank; d++)
        all.axis[d] = d;
    switch (*code) {
    case 'T':
        return wg_transpose(x);
    case 'P':
        return wg_permute(x, WG_AXES(2, 0, 1));
    case 'S':
        return wg_slice(x, 0, 0, WG_END, 2);
    case 'R':
        return wg_flip(x, all);
    case 'B':
        for (int64_t d = s.rank++; d > 0; d--)
            s.dim[d] = s.dim[d - 1];
        s.dim[0] = 2;
        return wg_broadcast_to(x, s);
    default:
        return x;
    }
}

typedef struct pattern {
    const char *code[3];
} pattern;

/* clang-format off */
static const pattern unary[] = {
    {{""}}, {{"1"}}, {{"5"}}, {{"9"}}, {{"34"}}, {{"14"}}, {{"41"}}, {{"232"}}, {{"0"}}, {{"30"}},
    {{"43T"}}, {{"232P"}}, {{"9S"}}, {{"34R"}}, {{"3B"}},
};
/* Operands broadcast against each other as constructors do it. */
static const pattern binary[] = {
    /* equal */         {{"", ""}}, {{"5", "5"}}, {{"34", "34"}}, {{"232", "232"}},
    /* a row */         {{"34", "4"}}, {{"4", "34"}}, {{"34", "14"}}, {{"14", "34"}},
                         {{"232", "32"}},
    /* a column */      {{"34", "31"}}, {{"31", "34"}}, {{"232", "212"}},
    /* both sides */    {{"31", "14"}}, {{"14", "31"}}, {{"213", "41"}}, {{"3", "41"}},
    /* a scalar */      {{"34", ""}}, {{"", "34"}}, {{"1", "5"}}, {{"5", "1"}},
    /* no elements */   {{"0", "0"}}, {{"30", "31"}}, {{"4", "04"}}, {{"0", ""}},
    /* other strides */ {{"43T", "34"}}, {{"34", "43T"}}, {{"43T", "43T"}}, {{"232P", "223"}},
                        {{"9S", "5"}}, {{"34R", "4"}}, {{"3B", "23"}},
    /* one tensor */    {{"", "="}}, {{"5", "="}}, {{"34", "="}}, {{"33", "=T"}}, {{"34", "=R"}},
                        {{"232", "="}},
};
static const pattern ternary[] = {
    {{"", "", ""}}, {{"5", "5", "5"}}, {{"34", "34", "34"}}, {{"34", "4", ""}}, {{"", "34", "31"}},
    {{"31", "14", "34"}}, {{"4", "31", "1"}}, {{"30", "30", "30"}}, {{"43T", "34", "4"}},
    {{"5", "=", "5"}}, {{"5", "5", "="}}, {{"34", "=", "="}},
};
/* clang-format on */

/* ---- cases ---- */

typedef struct op_case {
    const wg_op *op; /* NULL for a line of calls */
    const wg_domain *domain;
    const pattern *pattern; /* of an elementwise op, with the attributes of its sample */
    int sample;             /* of any other, if there is no pattern */
    const char *line;       /* a call of a public function */
    uint64_t seed;
} op_case;

static bool elementwise(const wg_op *op)
{
    return op->map != NULL && op->arity >= 1 && op->arity <= 3;
}

static bool differentiable(const wg_op *op)
{
    return !(op->flags & WG_OP_FLAT) && op->arity != 0 && op->vjp;
}

/* The attributes of the node of op that the sample makes; NULL if it makes none. */
static const void *sample_attr(wg_tape *t, const wg_op *op, int k)
{
    wg_tensor *y = op->sample ? op->sample(t, k) : NULL;
    for (int64_t i = wg_node_count(t) - 1; y && i >= 0; i--)
        if (wg_op_of(wg_node(t, i)) == op)
            return wg_attr(wg_node(t, i));
    return NULL;
}

/* The constructor broadcasts where there is one of the record's name that takes tensors only and
 * records it; elsewhere it is done here. */
static wg_tensor *apply(const wg_op *op, int n, wg_tensor **x, const void *attr)
{
    const op_entry *e = op_find(op->name);
    op_call call = {.tape = wg_tape_of(x[0]), .n = n};
    bool known = false;
    if (e && e->operands == n && !*e->args) {
        snprintf(call.name, sizeof call.name, "%s", op->name);
        memcpy(call.x, x, (size_t)n * sizeof *x);
        wg_tensor *y = op_call_make(&call, &known);
        if (!y || wg_op_of(y) == op)
            return y;
    }
    wg_shape s = wg_shape_of(x[0]);
    for (int k = 1; k < n; k++) {
        wg_tensor *both =
            wg_add(wg_full(call.tape, s, 0), wg_full(call.tape, wg_shape_of(x[k]), 0));
        s = wg_shape_of(both);
    }
    for (int k = 0; k < n && n > 1; k++)
        x[k] = wg_broadcast_to(x[k], s);
    return wg_apply_on(call.tape, op, n, x, attr);
}

static wg_tensor *build_pattern(wg_tape *t, const op_case *c)
{
    wg_tensor *x[3];
    wg_tape *other = wg_tape_new(wg_tape_dtype(t));
    for (int k = 0; k < c->op->arity; k++)
        x[k] = operand(t, c->pattern->code[k], k, k ? x[0] : NULL);
    const void *attr = c->op->attr_size ? sample_attr(other, c->op, c->sample) : NULL;
    wg_tensor *y = c->op->attr_size && !attr ? NULL : apply(c->op, c->op->arity, x, attr);
    wg_tape_free(other);
    return y;
}

/* ---- lines of calls ---- */

/* An operand's token: a letter for where its values lie, digits for its extents, a further letter
 * to tell equal ones apart.
 *   u -2 .. 2      p 0.5 .. 2      q 0.1 .. 0.9      n -2 .. -0.2
 *   i integers from 0 (i4m3: four of them below 3), constant      s -1 or 1, constant
 *   z like u, but with two zeros, for adjoints that must not divide by them */
static bool line_operand(void *user, const char *token, wg_tensor **x)
{
    wg_tape *t = user;
    if ((*x = wg_find(t, token)))
        return true;
    int64_t dim[WG_MAX_RANK], rank = 0;
    const char *s = token + 1;
    for (; *s >= '0' && *s <= '9'; s++)
        dim[rank++] = *s - '0';
    wg_shape shape = wg_make_shape(rank, dim);
    int64_t n = wg_shape_count(shape), modulus = *s == 'm' ? s[1] - '0' : 3;
    if (!strchr("upqnisz", *token))
        return false;
    if (*token == 'i') {
        int32_t index[64];
        for (int64_t i = 0; i < n; i++)
            index[i] = (int32_t)((5 * i + 1) % modulus);
        *x = wg_constant_as(t, WG_I32, shape, index);
    } else if (*token == 's') {
        double sign[64];
        for (int64_t i = 0; i < n; i++)
            sign[i] = i % 3 ? 1 : -1;
        *x = wg_constant(t, shape, sign);
    } else
        *x = wg_input(t, token, shape);
    return *x != NULL;
}

static bool feed_line(wg_tape *t, uint64_t seed)
{
    static const struct {
        char letter;
        wg_domain domain;
    } letters[] = {{'u', {.lo = -2, .hi = 2}},
                   {'z', {.lo = -2, .hi = 2}},
                   {'p', {.lo = 0.5, .hi = 2}},
                   {'q', {.lo = 0.1, .hi = 0.9}},
                   {'n', {.lo = -2, .hi = -0.2}}};
    int64_t nodes = wg_node_count(t);
    for (size_t k = 0; k < sizeof letters / sizeof *letters; k++) {
        /* fd_feed takes a domain for all inputs: take it leaf by leaf through a tape of its
         * own. */
        wg_tape *own = wg_tape_new(WG_F64);
        wg_domain d[3] = {letters[k].domain, letters[k].domain, letters[k].domain};
        for (int64_t i = 0; i < nodes; i++) {
            wg_tensor *x = wg_node(t, i);
            if (wg_leaf_kind_of(x) == WG_INPUT && wg_name(x)[0] == letters[k].letter)
                wg_input(own, wg_name(x), wg_shape_of(x));
        }
        bool fine = fd_feed(own, d, seed + k);
        for (int64_t i = 0; fine && i < wg_node_count(own); i++) {
            double v[256];
            fine = wg_get_f64(wg_node(own, i), v) == WG_OK;
            if (letters[k].letter == 'z')
                v[1] = v[wg_count_of(wg_node(own, i)) - 1] = 0;
            fine = fine && wg_set_f64(wg_find(t, wg_name(wg_node(own, i))), v) == WG_OK;
        }
        wg_tape_free(own);
        if (!fine)
            return false;
    }
    return true;
}

static wg_tensor *build_line(wg_tape *t, const op_case *c)
{
    op_call call;
    char why[200];
    bool known = false;
    if (!op_call_read(&call, t, c->line, line_operand, t, why, sizeof why))
        return NULL;
    wg_tensor *y = op_call_make(&call, &known);
    return known && y && feed_line(t, c->seed) ? y : NULL;
}

/* Where one tensor is several arguments its values lie in the domains of all of them. */
static void common_domain(const op_case *c, wg_domain d[3])
{
    memcpy(d, c->domain, 3 * sizeof *d);
    for (int k = 1; c->pattern && k < c->op->arity; k++) {
        if (c->pattern->code[k][0] != '=' || d[k].lo == d[k].hi)
            continue;
        d[0].lo = fmax(d[0].lo, d[k].lo);
        d[0].hi = fmin(d[0].hi, d[k].hi);
        if (d[k].has_kink) {
            d[0].has_kink = true;
            d[0].kink = d[k].kink;
        }
    }
}

static wg_tensor *build(wg_tape *t, const op_case *c)
{
    wg_domain d[3];
    if (c->line)
        return build_line(t, c);
    wg_tensor *y = c->pattern ? build_pattern(t, c) : c->op->sample(t, c->sample);
    common_domain(c, d);
    return y && fd_feed(t, d, c->seed) ? y : NULL;
}

static const char *name_of(const op_case *c, char *buf, size_t size)
{
    if (c->line)
        snprintf(buf, size, "%s", c->line);
    else if (c->pattern)
        snprintf(buf, size, "%s (%s; %s; %s)", c->op->name, c->pattern->code[0],
                 c->pattern->code[1] ? c->pattern->code[1] : "-",
                 c->pattern->code[2] ? c->pattern->code[2] : "-");
    else
        snprintf(buf, size, "%s, sample %d", c->op->name, c->sample);
    return buf;
}

/* Everything in the headers that is not a record of its own, and arguments of records that their
 * samples may not have. */
/* clang-format off */
static const char *const lines[] = {
    /* elementwise.h */
    "add_scalar u34 1.5", "sub_scalar u34 1.5", "rsub u34 1.5", "mul_scalar u34 -1.5",
    "div_scalar u34 -1.5", "rdiv p34 1.5", "pow_scalar p34 2.5", "pow_scalar u34 3",
    "pow_scalar u34 2", "pow_scalar p5 -1", "pow_scalar u5 1", "pow_scalar u5 0", "pow p34 u34",
    "pow u5 s5", "leaky_relu u34 0.1", "elu u34 1.3", "selu u34", "clamp u34 -1 1.1",
    "cast u34 1", "cast u34 0", "polygamma p5 0", "polygamma p5 1", "polygamma p5 2",
    "where s34 u34 u34b", "where s4 u31 u4", "where z34 u34 u34b",
    /* reduce.h */
    "sum u34", "sum_axes u234 [0 -1] 0", "sum_axes u234 [1] 1", "sum_axes u34 [] 0",
    "sum_axes u30 [1] 0", "mean u34", "mean_axes u234 [0 -1] 0", "mean_axes u234 [1] 1",
    "prod u5", "prod z5", "prod_axes u234 [0 -1] 0", "prod_axes z34 [1] 1", "prod_axes z34 [0] 0",
    "max u34", "max_axes u234 [0 -1] 0", "max_axes u234 [1] 1", "min u34",
    "min_axes u234 [0 -1] 0", "min_axes u234 [1] 1", "logsumexp u34",
    "logsumexp_axes u234 [0 -1] 0", "logsumexp_axes u234 [1] 1", "var u34 1", "var u34 0",
    "var_axes u234 [0 -1] 0 1", "var_axes u234 [1] 1 0", "std u34 1", "std_axes u234 [0 -1] 0 1",
    "std_axes u234 [1] 1 0", "norm u34 2", "norm u34 1", "norm u34 3", "norm p34 1.5",
    "norm u34 inf", "norm_axes u234 [0 -1] 0 2", "norm_axes u234 [1] 1 1",
    "norm_axes u34 [1] 0 inf", "norm u34 0", "cumsum u34 0", "cumsum u34 -1", "cumprod u34 0",
    "cumprod z34 -1", "cumprod p5 0", "linear_recurrence u34 u34b", "linear_recurrence u5 u5",
    "linear_recurrence u232 u232b", "sort u34 -1 0", "sort u34 0 1", "sort u232 1 0",
    "topk u34 2 -1 1 0", "topk u34 2 0 0 0", "topk u34 4 1 1 0",
    /* layout.h */
    "reshape u34 [2 6]", "reshape u34 [-1]", "flatten u34", "squeeze u1314 [0 2]",
    "squeeze u131 []", "unsqueeze u34 1", "unsqueeze u34 -1", "transpose u34", "transpose u234",
    "transpose u5", "permute u234 [2 0 1]", "permute u234 [-1 1 0]", "broadcast_to u4 [3 4]",
    "broadcast_to u31 [2 3 4]", "sum_to u34 [4]", "sum_to u34 [3 1]", "sum_to u34 []",
    "slice u5 0 1 4 1", "slice u34 1 -1 -5 -2", "slice u34 0 2 0 1", "select u34 0 1",
    "select u34 -1 -1", "flip u34 [0]", "flip u234 [0 -1]", "pad u34 [1 0] [0 2] 1.5",
    "repeat u3 [2 3]", "repeat u34 [2 1]", "repeat_interleave u34 3 0",
    "repeat_interleave u34 2 -1", "concat u34 u32 1", "concat u34 u24 0", "concat u34 u34 1",
    "concat u3 u2 u3b 0", "stack u34 u34b 0", "stack u34 u34b u34 -1", "split u54 0 [2 3] 0",
    "split u54 0 [2 3] 1", "split u34 -1 [1 0 3] 2", "diag u4 0", "diag u4 2", "diag u3 -1",
    "diag u34 0", "diag u34 1", "diag u34 -1", "diag u233 0", "trace u33", "trace u234",
    "tril u34 0", "tril u34 1", "triu u34 0", "triu u234 -1", "zeros_like u34", "ones_like u34",
    "full_like u34 2",
    /* index.h */
    "take u34 i4m3 0", "take u34 i22m4 -1", "take u5 i0 0", "take_along_axis u34 i24m3 0",
    "take_along_axis u34 i32m4 1", "scatter_add u34 i24m3 u24 0", "scatter_add u34 i32m4 u32 1",
    /* contract.h */
    "matmul u34 u42", "matmul u33 u33", "matmul u234 u42", "matmul u234 u243", "matmul u34 u242",
    "matmul u2134 u342", "matmul u30 u04", "matmul u03 u34", "matmul u14 u41", "dot u5 u5b",
    "dot u5 u5", "outer u3 u4", "outer u3 u3", "einsum \"ij,jk->ik\" u34 u42",
    "einsum \"ij,jk\" u33 u33", "einsum \"bij,bjk\" u234 u243", "einsum \"ii->i\" u33",
    "einsum \"ii\" u33", "einsum \"...ij->...ji\" u234", "einsum \"ij->\" u34",
    "einsum \"ij,kj->ik\" u34 u24", "einsum \"ij,ij->j\" u34 u34b",
    "einsum \"i,j,k->kij\" u2 u3 u4", "einsum \"ij,jk,kl->il\" u23 u34 u42",
    "einsum \"...i,i->...\" u34 u4", "einsum \"ijk,ikl->jl\" u234 u242",
    /* loss.h */
    "softmax u34 -1", "softmax u34 0", "softmax u232 1", "log_softmax u34 -1",
    "log_softmax u34 0", "mse u34 u34b", "mse u34 u4", "mse_as u34 u34b 1", "mse_as u34 u34b 2",
    "mae u34 u34b", "mae_as u34 u34b 1", "mae_as u34 u34b 2", "huber u34 u34b 1.1",
    "huber_as u34 u34b 0.7 1", "huber_as u34 u34b 0.7 2", "bce q34 q34b", "bce_as q34 q34b 1",
    "bce_as q34 q34b 2", "bce_with_logits u34 q34", "bce_with_logits_as u34 q34 1",
    "bce_with_logits_as u34 q34 2", "hinge u34 s34", "hinge_as u34 s34 1", "hinge_as u34 s34 2",
    "kl_div n34 q34", "kl_div_as n34 q34 1", "kl_div_as n34 q34 2", "nll n43 i4m3",
    "nll_as n43 i4m3 1", "nll_as n43 i4m3 2", "nll n43 q43", "cross_entropy u43 i4m3",
    "cross_entropy u43 q43", "cross_entropy u223 i22m3", "cross_entropy_as u43 i4m3 1",
    "cross_entropy_as u43 i4m3 2", "cross_entropy_as u43 q43 2",
    /* random.h */
    "dropout u34 0.4",
};

/* What has no derivative, or no tensor to have one by. */
static const char *const without[] = {
    "lt", "le", "gt", "ge", "eq", "ne", "logical_and", "logical_or", "logical_not", "sign",
    "floor", "ceil", "round", "isfinite", "heaviside", "any", "any_axes", "all", "all_axes",
    "argmax", "argmin", "argsort", "arange", "arange_as", "linspace", "eye", "one_hot",
    "stop_gradient", "scalar", "full", "uniform", "normal", "bernoulli", "permutation",
};
/* clang-format on */

/* ---- going over all of them ---- */

typedef void visitor(const op_case *c, void *user);

static const char *only(void)
{
    return getenv("WENGERT_ONLY");
}

static void each_sample(const wg_op *op, uint64_t seeds, visitor *visit, void *user)
{
    for (int k = 0; op->sample; k++) {
        wg_tape *t = wg_tape_new(WG_F64);
        bool made = op->sample(t, k) || wg_error(t);
        wg_tape_free(t);
        if (!made)
            return;
        for (uint64_t seed = 1; seed <= seeds; seed++)
            visit(
                &(op_case){
                    .op = op, .domain = op->domain, .sample = k, .seed = seed * 100 + (uint64_t)k},
                user);
    }
}

/* Whether the line records the op that the cases are restricted to. */
static bool involves_only(const op_case *c)
{
    if (!only())
        return true;
    wg_tape *t = wg_tape_new(WG_F64);
    bool found = false;
    build(t, c);
    for (int64_t i = 0; i < wg_node_count(t) && !found; i++)
        found = strcmp(wg_op_name(wg_node(t, i)), only()) == 0;
    wg_tape_free(t);
    return found;
}

static void each_case(visitor *visit, void *user)
{
    const wg_op *op;
    for (int i = 0; (op = wg_builtin_op(i)); i++) {
        if (!differentiable(op) || (only() && strcmp(only(), op->name) != 0))
            continue;
        each_sample(op, 2, visit, user);
        if (!elementwise(op))
            continue;
        const pattern *p = op->arity == 1 ? unary : op->arity == 2 ? binary : ternary;
        size_t n = op->arity == 1 ? sizeof unary : op->arity == 2 ? sizeof binary : sizeof ternary;
        for (size_t k = 0; k < 2 * (n / sizeof *p); k++) /* twice, with other numbers */
            visit(
                &(op_case){.op = op, .domain = op->domain, .pattern = &p[k / 2], .seed = 1000 + k},
                user);
    }
    for (size_t k = 0; k < 2 * (sizeof lines / sizeof *lines); k++) {
        op_case c = {.line = lines[k / 2], .seed = 2000 + k};
        if (involves_only(&c))
            visit(&c, user);
    }
}

/* ---- the sweep ---- */

typedef struct tally {
    int64_t cases, elements, wrong;
    double worst, identity;
    char where[400];
    const wg_op *last;
    int64_t last_elements[3]; /* of one op, by order: none may go without */
    int starved;
} tally;

static void end_of_op(tally *a)
{
    if (a->last && (a->last_elements[1] == 0 || a->last_elements[2] == 0)) {
        print_error("%s: no element was compared at order %d\n", a->last->name,
                    a->last_elements[1] ? 2 : 1);
        a->starved++;
    }
    a->last = NULL;
}

static void complain(tally *a, const char *name, int order, const char *what)
{
    if (++a->wrong <= 40)
        print_error("%s, order %d: %s\n", name, order, what);
}

static void check_case(const op_case *c, void *user)
{
    tally *a = user;
    char name[128], text[600];
    name_of(c, name, sizeof name);
    if (c->op != a->last) {
        end_of_op(a);
        a->last = c->op;
        memset(a->last_elements, 0, sizeof a->last_elements);
    }
    for (int order = 1; order <= 2; order++, a->cases++) {
        wg_tape *t = wg_tape_new(WG_F64);
        wg_tensor *y = build(t, c);
        fd_outcome o = {0};
        if (y)
            o = fd_check(y, order, c->seed);
        else
            snprintf(o.failure, sizeof o.failure, "cannot be built: %s",
                     wg_error(t) ? wg_error(t) : "(no reason)");
        wg_tape_free(t);
        a->elements += o.elements;
        a->last_elements[order] += o.elements;
        if (o.failure[0])
            complain(a, name, order, o.failure);
        else if (!(fabs(o.worst) <= (o.coarse ? COARSE : TOLERANCE))) {
            snprintf(text, sizeof text, "relative error %.3g, %s", o.worst, o.where);
            complain(a, name, order, text);
        } else if (!(o.identity <= (o.coarse ? COARSE_IDENTITY : IDENTITY))) {
            snprintf(text, sizeof text, "<v, J u> and <J'v, u> differ by %.3g", o.identity);
            complain(a, name, order, text);
        }
        if (!o.coarse && fabs(o.worst) > fabs(a->worst)) {
            a->worst = o.worst;
            snprintf(a->where, sizeof a->where, "%s, order %d, %s", name, order, o.where);
        }
        a->identity = fmax(a->identity, o.coarse ? 0 : o.identity);
    }
}

static void every_case_agrees_with_finite_differences(void **state)
{
    (void)state;
    tally a = {0};
    each_case(check_case, &a);
    end_of_op(&a);
    print_message(
        "%lld cases, %lld elements; worst signed error %.3g (%s); adjoint identity to %.3g\n",
        (long long)a.cases, (long long)a.elements, a.worst, a.where, a.identity);
    assert_int_equal(a.wrong, 0);
    assert_int_equal(a.starved, 0);
    if (!only())
        assert_true(a.cases >= 3000);
}

/* The library's own checker, which knows nothing of the above, says the same. */
static void the_checker_passes_every_op(void **state)
{
    (void)state;
    const wg_op *op;
    int wrong = 0;
    for (int i = 0; (op = wg_builtin_op(i)); i++) {
        wg_check_report r;
        if ((only() && strcmp(only(), op->name) != 0) || wg_check_op(op, NULL, &r) == WG_OK)
            continue;
        print_error("%s\n", r.text);
        wrong++;
    }
    assert_int_equal(wrong, 0);
}

/* ---- nothing is left out ---- */

static bool listed(const char *const *list, size_t n, const char *name)
{
    size_t length = strlen(name);
    for (size_t k = 0; k < n; k++)
        if (!strncmp(list[k], name, length) && (list[k][length] == ' ' || !list[k][length]))
            return true;
    return false;
}

static void every_record_is_complete(void **state)
{
    (void)state;
    const wg_op *op, *other;
    int faults = 0;
    for (int i = 0; (op = wg_builtin_op(i)); i++) {
        const char *fault = NULL;
        if (op->size != sizeof *op || !op->name || !*op->name)
            fault = "has no name or size";
        else if (!op->doc || !*op->doc)
            fault = "has no doc line";
        else if (op->arity != 0 && !op->vjp && !(op->flags & WG_OP_FLAT))
            fault = "has no rule and is not flat";
        else if (op->arity != 0 && !op->sample && !(op->map && op->domain[0].lo < op->domain[0].hi))
            fault = "has neither a sample nor, being elementwise, a domain";
        for (int k = 0; k < i && !fault && (other = wg_builtin_op(k)); k++)
            if (!strcmp(op->name, other->name))
                fault = "has a name that another has, too";
        if (fault)
            print_error("%s: %s\n", op->name, fault);
        faults += fault != NULL;
    }
    assert_int_equal(faults, 0);
}

static void every_public_function_is_swept(void **state)
{
    (void)state;
    int faults = 0;
    for (int i = 0; i < op_table_size; i++) {
        const char *name = op_table[i].name;
        const wg_op *op = wg_find_op(NULL, name);
        bool covered = (op && differentiable(op))
                       || listed(lines, sizeof lines / sizeof *lines, name)
                       || listed(without, sizeof without / sizeof *without, name);
        if (!covered)
            print_error("wg_%s is neither a differentiable record, nor in a line, nor listed as "
                        "without a derivative\n",
                        name);
        faults += !covered;
    }
    assert_int_equal(faults, 0);
}

/* Where no derivative passes the gradient is there, of the right shape, and zero. */
static void flat_ops_give_zeros(void **state)
{
    (void)state;
    const wg_op *op;
    int checked = 0;
    for (int i = 0; (op = wg_builtin_op(i)); i++) {
        if (!(op->flags & WG_OP_FLAT) || op->arity == 0 || (!op->sample && !op->map)
            || (!op->sample && op->attr_size))
            continue;
        wg_tape *t = wg_tape_new(WG_F64);
        op_case c = {.op = op,
                     .domain = op->domain,
                     .pattern = op->sample       ? NULL
                                : op->arity == 1 ? &unary[4]
                                                 : &binary[2],
                     .seed = 5};
        wg_tensor *y = build(t, &c), *g;
        assert_non_null(y);
        for (int64_t k = 0, nodes = wg_node_count(t); wg_dtype_of(y) != WG_I32 && k < nodes; k++) {
            wg_tensor *x = wg_node(t, k);
            double v[64];
            if (wg_leaf_kind_of(x) != WG_INPUT || wg_dtype_of(x) == WG_I32)
                continue;
            assert_int_equal(wg_vjp(y, wg_ones_like(y), 1, &x, &g), WG_OK);
            assert_int_equal(wg_get_f64(g, v), WG_OK);
            for (int64_t j = 0; j < wg_count_of(x); j++)
                assert_true(v[j] == 0);
            checked++;
        }
        wg_tape_free(t);
    }
    assert_true(only() || checked >= 10);
}

/* ---- f32 against f64 ---- */

/* The inputs can be held by an f32, so both precisions have the same arguments; what differs is
 * the roundoff of a few dozen operations of at most 2.5 ulp (1.5e-7) each.  It is measured
 * against the largest result, or 1/4 where terms of the size of 1 cancel. */
static const double SINGLE = 64 * 6e-8;

static void compare_precisions(const op_case *c, void *user)
{
    tally *a = user;
    char name[128];
    double *v[2] = {0};
    int64_t n[2] = {0}, values[2] = {0};
    for (int k = 0; k < 2; k++) {
        wg_tape *t = wg_tape_new(k ? WG_F64 : WG_F32);
        wg_tensor *y = build(t, c);
        if (y && wg_dtype_of(y) == (k ? WG_F64 : WG_F32))
            v[k] = fd_values(y, c->seed, &n[k], &values[k]);
        wg_tape_free(t);
    }
    name_of(c, name, sizeof name);
    bool mixed = !strncmp(name, "cast", 4); /* its result has a dtype of its own */
    if (!mixed && (!v[0] || !v[1] || n[0] != n[1]))
        complain(a, name, 1, "cannot be run in both precisions");
    else if (!mixed) {
        double scale[2] = {0.25, 0.25};
        for (int64_t i = 0; i < n[1]; i++)
            scale[i >= values[1]] = fmax(scale[i >= values[1]], fabs(v[1][i]));
        scale[1] = fmax(scale[1], scale[0]);
        for (int64_t i = 0; i < n[1]; i++) {
            double error = (v[0][i] - v[1][i]) / scale[i >= values[1]];
            if (fabs(error) > fabs(a->worst)) {
                a->worst = error;
                snprintf(a->where, sizeof a->where, "%s, %s %lld", name,
                         i < values[1] ? "value" : "gradient",
                         (long long)(i < values[1] ? i : i - values[1]));
            }
            if (!(fabs(error) <= SINGLE)) {
                char text[200];
                snprintf(text, sizeof text, "%s %lld is %.9g in f32, %.9g in f64",
                         i < values[1] ? "value" : "gradient",
                         (long long)(i < values[1] ? i : i - values[1]), v[0][i], v[1][i]);
                complain(a, name, 1, text);
                break;
            }
        }
    }
    a->cases++;
    free(v[0]);
    free(v[1]);
}

static void f32_agrees_with_f64(void **state)
{
    (void)state;
    tally a = {0};
    each_case(compare_precisions, &a);
    print_message("%lld cases in both precisions; worst signed difference %.3g (%s)\n",
                  (long long)a.cases, a.worst, a.where);
    assert_int_equal(a.wrong, 0);
}

/* Prints an op and the inputs that can have an adjoint, as its first case shows. */
static void list_op(const wg_op *op)
{
    wg_tape *t = wg_tape_new(WG_F64);
    op_case c = {.op = op,
                 .domain = op->domain,
                 .pattern = op->sample       ? NULL
                            : op->arity == 1 ? unary
                            : op->arity == 2 ? binary
                                             : ternary,
                 .seed = 1};
    wg_tensor *const *in;
    build(t, &c);
    for (int64_t i = wg_node_count(t) - 1; i >= 0; i--) {
        wg_tensor *y = wg_node(t, i);
        if (wg_op_of(y) != op)
            continue;
        printf("%s %s", op->name, op->product ? "product" : "-");
        int n = wg_inputs_of(y, &in);
        for (int k = 0; k < n; k++)
            if (wg_dtype_of(in[k]) != WG_I32)
                printf(" %d", k);
        printf("\n");
        break;
    }
    wg_tape_free(t);
}

static int list_ops(void)
{
    const wg_op *op;
    for (int i = 0; (op = wg_builtin_op(i)); i++)
        if (differentiable(op))
            list_op(op);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_agrees_with_finite_differences),
        cmocka_unit_test(the_checker_passes_every_op),
        cmocka_unit_test(every_record_is_complete),
        cmocka_unit_test(every_public_function_is_swept),
        cmocka_unit_test(flat_ops_give_zeros),
        cmocka_unit_test(f32_agrees_with_f64),
    };
    const struct CMUnitTest differences[] = {
        cmocka_unit_test(every_case_agrees_with_finite_differences)};
    const struct CMUnitTest checker[] = {cmocka_unit_test(the_checker_passes_every_op)};
    const char *by = getenv("WENGERT_BY");
    if (only() && !strcmp(only(), "?"))
        return list_ops();
    if (by && !strcmp(by, "differences"))
        return cmocka_run_group_tests(differences, NULL, NULL);
    if (by && !strcmp(by, "checker"))
        return cmocka_run_group_tests(checker, NULL, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
