#include "support/op_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- arguments as what functions take ---- */

static int64_t whole(double v)
{
    if (isnan(v))
        return 0;
    if (v >= 9223372036854775808.0)
        return INT64_MAX; /* WG_END, too */
    return v <= -9223372036854775808.0 ? INT64_MIN : (int64_t)v;
}

static double number(const op_call *c, int i)
{
    return c->arg[i].v[0];
}

static int64_t integer(const op_call *c, int i)
{
    return whole(number(c, i));
}

static bool truth(const op_call *c, int i)
{
    return number(c, i) != 0;
}

static int integers(const op_call *c, int i, int64_t v[OP_LIST])
{
    for (int k = 0; k < c->arg[i].n; k++)
        v[k] = whole(c->arg[i].v[k]);
    return c->arg[i].n;
}

static wg_shape shape(const op_call *c, int i)
{
    int64_t v[OP_LIST];
    int n = integers(c, i, v);
    return wg_make_shape(n, v);
}

static wg_axes axes(const op_call *c, int i)
{
    int64_t v[OP_LIST];
    int n = integers(c, i, v);
    return wg_make_axes(n, v);
}

/* ---- one builder a signature: x a tensor, d a double, i an integer, b a bool ---- */
/* ----                          a axes, s a shape, r a reduction                 ---- */

static wg_tensor *build_x(const op_entry *e, const op_call *c)
{
    return e->f.x(c->x[0]);
}

static wg_tensor *build_xx(const op_entry *e, const op_call *c)
{
    return e->f.xx(c->x[0], c->x[1]);
}

static wg_tensor *build_xxx(const op_entry *e, const op_call *c)
{
    return e->f.xxx(c->x[0], c->x[1], c->x[2]);
}

static wg_tensor *build_xd(const op_entry *e, const op_call *c)
{
    return e->f.xd(c->x[0], number(c, 0));
}

static wg_tensor *build_xi(const op_entry *e, const op_call *c)
{
    return e->f.xi(c->x[0], integer(c, 0));
}

static wg_tensor *build_xii(const op_entry *e, const op_call *c)
{
    return e->f.xii(c->x[0], integer(c, 0), integer(c, 1));
}

static wg_tensor *build_xib(const op_entry *e, const op_call *c)
{
    return e->f.xib(c->x[0], integer(c, 0), truth(c, 1));
}

static wg_tensor *build_xa(const op_entry *e, const op_call *c)
{
    return e->f.xa(c->x[0], axes(c, 0));
}

static wg_tensor *build_xab(const op_entry *e, const op_call *c)
{
    return e->f.xab(c->x[0], axes(c, 0), truth(c, 1));
}

static wg_tensor *build_xabd(const op_entry *e, const op_call *c)
{
    return e->f.xabd(c->x[0], axes(c, 0), truth(c, 1), number(c, 2));
}

static wg_tensor *build_xs(const op_entry *e, const op_call *c)
{
    return e->f.xs(c->x[0], shape(c, 0));
}

static wg_tensor *build_xxi(const op_entry *e, const op_call *c)
{
    return e->f.xxi(c->x[0], c->x[1], integer(c, 0));
}

static wg_tensor *build_xxr(const op_entry *e, const op_call *c)
{
    return e->f.xxr(c->x[0], c->x[1], (wg_reduction)integer(c, 0));
}

static wg_tensor *build_list(const op_entry *e, const op_call *c)
{
    return e->f.list(c->n, c->x, integer(c, 0));
}

/* ---- the functions whose form is theirs alone ---- */

static wg_tensor *build_clamp(const op_entry *e, const op_call *c)
{
    (void)e;
    return wg_clamp(c->x[0], number(c, 0), number(c, 1));
}

static wg_tensor *build_cast(const op_entry *e, const op_call *c)
{
    (void)e;
    return wg_cast(c->x[0], (wg_dtype)integer(c, 0));
}

static wg_tensor *build_polygamma(const op_entry *e, const op_call *c)
{
    (void)e;
    return wg_polygamma((int)integer(c, 0), c->x[0]);
}

/* axis, descending */
static wg_tensor *build_sort(const op_entry *e, const op_call *c)
{
    return e->f.xib(c->x[0], integer(c, 0), truth(c, 1));
}

/* k, axis, largest, which result: 0 the elements, 1 their indices */
static wg_tensor *build_topk(const op_entry *e, const op_call *c)
{
    (void)e;
    wg_tensor *indices = NULL;
    wg_tensor *values =
        wg_topk(c->x[0], integer(c, 0), integer(c, 1), truth(c, 2), truth(c, 3) ? &indices : NULL);
    return truth(c, 3) ? indices : values;
}

/* axis, start, stop, step */
static wg_tensor *build_slice(const op_entry *e, const op_call *c)
{
    (void)e;
    return wg_slice(c->x[0], integer(c, 0), integer(c, 1), integer(c, 2), integer(c, 3));
}

/* before, after, value: a list shorter than the rank is filled up with zeros, so that no call
 * reads past an array */
static wg_tensor *build_pad(const op_entry *e, const op_call *c)
{
    (void)e;
    int64_t before[OP_LIST] = {0}, after[OP_LIST] = {0};
    integers(c, 0, before);
    integers(c, 1, after);
    return wg_pad(c->x[0], before, after, number(c, 2));
}

/* axis, sizes, which piece */
static wg_tensor *build_split(const op_entry *e, const op_call *c)
{
    (void)e;
    wg_tensor *out[OP_LIST] = {0};
    int64_t sizes[OP_LIST], which = integer(c, 2);
    int n = integers(c, 1, sizes);
    if (wg_split(c->x[0], integer(c, 0), n, sizes, out) != WG_OK)
        return NULL;
    return which >= 0 && which < n ? out[which] : NULL;
}

static wg_tensor *build_scatter_add(const op_entry *e, const op_call *c)
{
    (void)e;
    return wg_scatter_add(c->x[0], c->x[1], c->x[2], integer(c, 0));
}

static wg_tensor *build_arange(const op_entry *e, const op_call *c)
{
    (void)e;
    return wg_arange(c->tape, number(c, 0), number(c, 1), number(c, 2));
}

static wg_tensor *build_arange_as(const op_entry *e, const op_call *c)
{
    (void)e;
    return wg_arange_as(c->tape, (wg_dtype)integer(c, 0), number(c, 1), number(c, 2), number(c, 3));
}

static wg_tensor *build_linspace(const op_entry *e, const op_call *c)
{
    (void)e;
    return wg_linspace(c->tape, number(c, 0), number(c, 1), integer(c, 2));
}

static wg_tensor *build_eye(const op_entry *e, const op_call *c)
{
    (void)e;
    return wg_eye(c->tape, integer(c, 0), integer(c, 1));
}

static wg_tensor *build_einsum(const op_entry *e, const op_call *c)
{
    (void)e;
    return wg_einsum(c->has_text ? c->text : NULL, c->n, c->x);
}

static wg_tensor *build_huber(const op_entry *e, const op_call *c)
{
    (void)e;
    return wg_huber(c->x[0], c->x[1], number(c, 0));
}

static wg_tensor *build_huber_as(const op_entry *e, const op_call *c)
{
    (void)e;
    return wg_huber_as(c->x[0], c->x[1], number(c, 0), (wg_reduction)integer(c, 1));
}

static wg_tensor *build_scalar(const op_entry *e, const op_call *c)
{
    (void)e;
    return wg_scalar(c->tape, number(c, 0));
}

static wg_tensor *build_full(const op_entry *e, const op_call *c)
{
    (void)e;
    return wg_full(c->tape, shape(c, 0), number(c, 1));
}

static wg_tensor *build_uniform(const op_entry *e, const op_call *c)
{
    (void)e;
    return wg_uniform(c->tape, shape(c, 0), number(c, 1), number(c, 2));
}

static wg_tensor *build_normal(const op_entry *e, const op_call *c)
{
    (void)e;
    return wg_normal(c->tape, shape(c, 0), number(c, 1), number(c, 2));
}

static wg_tensor *build_bernoulli(const op_entry *e, const op_call *c)
{
    (void)e;
    return wg_bernoulli(c->tape, shape(c, 0), number(c, 1));
}

static wg_tensor *build_permutation(const op_entry *e, const op_call *c)
{
    (void)e;
    return wg_permutation(c->tape, integer(c, 0));
}

/* ---- the table ---- */

#define X(f_) {.name = #f_, .operands = 1, .args = "", .build = build_x, .f.x = wg_##f_}
#define XX(f_) {.name = #f_, .operands = 2, .args = "", .build = build_xx, .f.xx = wg_##f_}
#define TERNARY(f_) {.name = #f_, .operands = 3, .args = "", .build = build_xxx, .f.xxx = wg_##f_}
#define XD(f_) {.name = #f_, .operands = 1, .args = "n", .build = build_xd, .f.xd = wg_##f_}
#define XI(f_) {.name = #f_, .operands = 1, .args = "n", .build = build_xi, .f.xi = wg_##f_}
#define XII(f_) {.name = #f_, .operands = 1, .args = "nn", .build = build_xii, .f.xii = wg_##f_}
#define XIB(f_) {.name = #f_, .operands = 1, .args = "nn", .build = build_xib, .f.xib = wg_##f_}
#define XA(f_) {.name = #f_, .operands = 1, .args = "l", .build = build_xa, .f.xa = wg_##f_}
#define XAB(f_) {.name = #f_, .operands = 1, .args = "ln", .build = build_xab, .f.xab = wg_##f_}
#define XABD(f_) {.name = #f_, .operands = 1, .args = "lnn", .build = build_xabd, .f.xabd = wg_##f_}
#define XS(f_) {.name = #f_, .operands = 1, .args = "l", .build = build_xs, .f.xs = wg_##f_}
#define XXI(f_) {.name = #f_, .operands = 2, .args = "n", .build = build_xxi, .f.xxi = wg_##f_}
#define XXR(f_) {.name = #f_, .operands = 2, .args = "n", .build = build_xxr, .f.xxr = wg_##f_}
#define LIST(f_) {.name = #f_, .operands = -1, .args = "n", .build = build_list, .f.list = wg_##f_}
#define OWN(f_, n_, args_) {.name = #f_, .operands = (n_), .args = (args_), .build = build_##f_}
#define SORT(f_) {.name = #f_, .operands = 1, .args = "nn", .build = build_sort, .f.xib = wg_##f_}

const op_entry op_table[] = {
    /* elementwise.h */
    XX(add), XX(sub), XX(mul), XX(div), XX(pow), XX(maximum), XX(minimum), XX(atan2), XX(hypot),
    XD(add_scalar), XD(sub_scalar), XD(rsub), XD(mul_scalar), XD(div_scalar), XD(rdiv),
    XD(pow_scalar), XX(lt), XX(le), XX(gt), XX(ge), XX(eq), XX(ne), XX(logical_and),
    XX(logical_or), X(logical_not), TERNARY(where), X(neg), X(abs), X(sign), X(square), X(sqrt),
    X(rsqrt), X(reciprocal), X(exp), X(expm1), X(log), X(log1p), X(log2), X(sin), X(cos), X(tan),
    X(asin), X(acos), X(atan), X(sinh), X(cosh), X(tanh), X(asinh), X(acosh), X(atanh), X(erf),
    X(erfc), X(lgamma), X(digamma), OWN(polygamma, 1, "n"), X(floor), X(ceil), X(round),
    OWN(clamp, 1, "nn"), X(isfinite), OWN(cast, 1, "n"), X(sigmoid), X(relu), XD(leaky_relu),
    XD(elu), X(selu), X(silu), X(gelu), X(gelu_tanh), X(softplus), X(hard_sigmoid),
    X(piecewise_linear), X(heaviside),
    /* reduce.h */
    X(sum), XAB(sum_axes), X(mean), XAB(mean_axes), X(prod), XAB(prod_axes), X(max),
    XAB(max_axes), X(min), XAB(min_axes), X(logsumexp), XAB(logsumexp_axes), XD(var),
    XABD(var_axes), XD(std), XABD(std_axes), XD(norm), XABD(norm_axes), X(any), XAB(any_axes),
    X(all), XAB(all_axes), XIB(argmax), XIB(argmin), XI(cumsum), XI(cumprod),
    XX(linear_recurrence), SORT(sort), SORT(argsort), OWN(topk, 1, "nnnn"),
    /* layout.h */
    XS(reshape), X(flatten), XA(squeeze), XI(unsqueeze), X(transpose), XA(permute),
    XS(broadcast_to), XS(sum_to), OWN(slice, 1, "nnnn"), XII(select), XA(flip),
    OWN(pad, 1, "lln"), XS(repeat), XII(repeat_interleave), LIST(concat), LIST(stack),
    OWN(split, 1, "nln"), XI(diag), X(trace), XI(tril), XI(triu), OWN(arange, 0, "nnn"),
    OWN(arange_as, 0, "nnnn"), OWN(linspace, 0, "nnn"), OWN(eye, 0, "nn"), X(zeros_like),
    X(ones_like),
    /* index.h */
    XXI(take), XXI(take_along_axis), OWN(scatter_add, 3, "n"), XI(one_hot),
    /* contract.h */
    XX(matmul), XX(dot), XX(outer), OWN(einsum, -1, "t"),
    /* loss.h */
    XI(softmax), XI(log_softmax), XX(mse), XXR(mse_as), XX(mae), XXR(mae_as), OWN(huber, 2, "n"),
    OWN(huber_as, 2, "nn"), XX(bce), XXR(bce_as), XX(bce_with_logits), XXR(bce_with_logits_as),
    XX(hinge), XXR(hinge_as), XX(kl_div), XXR(kl_div_as), XX(nll), XXR(nll_as), XX(cross_entropy),
    XXR(cross_entropy_as),
    /* grad.h, tape.h, random.h */
    X(stop_gradient), OWN(scalar, 0, "n"), OWN(full, 0, "ln"), XD(full_like),
    OWN(uniform, 0, "lnn"), OWN(normal, 0, "lnn"), OWN(bernoulli, 0, "ln"),
    OWN(permutation, 0, "n"), XD(dropout),
};
const int op_table_size = (int)(sizeof op_table / sizeof *op_table);

const op_entry *op_find(const char *name)
{
    for (int i = 0; i < op_table_size; i++)
        if (!strcmp(op_table[i].name, name))
            return &op_table[i];
    return NULL;
}

/* ---- reading a call ---- */

/* The next token: a bracketed or quoted one whole, with its brackets or quotes; NULL at the end or
 * where one is not closed or too long. */
static const char *next_token(const char *s, char *token, size_t size)
{
    s += strspn(s, " ");
    size_t n = *s == '"' ? strcspn(s + 1, "\"") + 2 : 0;
    for (int depth = 0; *s != '"' && s[n] && (depth || s[n] != ' '); n++)
        depth += (s[n] == '[') - (s[n] == ']');
    if (n == 0 || n >= size || n > strlen(s))
        return NULL;
    memcpy(token, s, n);
    token[n] = 0;
    return s + n;
}

static bool read_number(const char **s, double *v)
{
    char *end = NULL;
    *s += strspn(*s, " ");
    *v = strtod(*s, &end);
    bool ok = end != *s && (!*end || *end == ' ' || *end == ']');
    *s = end;
    return ok;
}

static bool read_argument(const char *token, op_argument *a)
{
    const char *s = token;
    *a = (op_argument){.list = *token == '['};
    if (!a->list) {
        a->n = 1;
        return read_number(&s, a->v) && !*s;
    }
    for (s++, s += strspn(s, " "); *s != ']'; s += strspn(s, " "))
        if (a->n == OP_LIST || !read_number(&s, &a->v[a->n++]))
            return false;
    return !s[1];
}

static bool refuse(char *why, size_t size, const char *what, const char *token)
{
    snprintf(why, size, "%s \"%s\"", what, token);
    return false;
}

bool op_call_read(op_call *c, wg_tape *t, const char *text, op_lookup *lookup, void *user,
                  char *why, size_t size)
{
    char token[256];
    *c = (op_call){.tape = t};
    const char *s = next_token(text, token, sizeof token);
    if (!s || strlen(token) >= sizeof c->name)
        return refuse(why, size, "no name of an op in", text);
    memcpy(c->name, token, strlen(token) + 1);
    while (s[strspn(s, " ")]) {
        if (!(s = next_token(s, token, sizeof token)))
            return refuse(why, size, "a bracket or a quote is open in", text);
        bool numeric =
            strchr("[-+.0123456789", *token) || !strcmp(token, "inf") || !strcmp(token, "nan");
        if (*token == '"') {
            size_t n = strlen(token) - 2;
            if (n >= sizeof c->text)
                return refuse(why, size, "too long:", token);
            memcpy(c->text, token + 1, n);
            c->text[n] = 0;
            c->has_text = true;
        } else if (numeric) {
            if (c->args == OP_ARGUMENTS || !read_argument(token, &c->arg[c->args++]))
                return refuse(why, size, "not a number or a list of numbers:", token);
        } else if (c->n == OP_OPERANDS || !lookup(user, token, &c->x[c->n++]))
            return refuse(why, size, "no operand called", token);
    }
    return true;
}

wg_tensor *op_call_make(const op_call *c, bool *known)
{
    const op_entry *e = op_find(c->name);
    *known = e && (e->operands < 0 || e->operands == c->n);
    int i = 0;
    for (const char *a = *known ? e->args : ""; *a; a++) {
        if (*a == 't')
            continue; /* a missing text is a NULL, which is for the function to judge */
        if (i >= c->args || c->arg[i].list != (*a == 'l'))
            *known = false;
        i++;
    }
    *known = *known && i == c->args;
    return *known ? e->build(e, c) : NULL;
}
