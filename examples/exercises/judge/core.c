#include "core.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

wg_tensor *not_solved(const wg_tensor *given, ...)
{
    (void)given;
    return NULL;
}

/* ---- what is printed ---- */

void judge_head(const char *name, const char *mirrors)
{
    printf("%s: %s\n\n", name, mirrors);
}

int judge_part(const char *symbol, int state, const char *text, const char *hint)
{
    printf("  %s: %s\n", symbol,
           state == EXERCISE_SOLVED  ? "solved"
           : state == EXERCISE_WRONG ? "wrong"
                                     : "not solved yet");
    if (text)
        printf("      %s\n", text);
    if (hint)
        printf("      hint: %s\n", hint);
    return state;
}

int judge_worse(int a, int b)
{
    return a == EXERCISE_WRONG || b == EXERCISE_WRONG         ? EXERCISE_WRONG
           : a == EXERCISE_UNSOLVED || b == EXERCISE_UNSOLVED ? EXERCISE_UNSOLVED
                                                              : EXERCISE_SOLVED;
}

int judge_end(int state)
{
    printf("\n%s\n", state == EXERCISE_SOLVED  ? "solved"
                     : state == EXERCISE_WRONG ? "not solved: something is wrong"
                                               : "not solved yet");
    return state;
}

/* ---- an answer as the rule of an op ---- */

typedef struct ruled {
    const exercise *e;
    const part *p;
} ruled;

static bool ruled_infer(wg_tensor *y)
{
    return wg_infer_like(y, 0);
}

static wg_status ruled_kernel(const wg_call *c)
{
    memcpy(c->out->data, c->in[0].data, (size_t)c->out->count * wg_dtype_size(c->out->dtype));
    return WG_OK;
}

/* The first input is the value, the others are the leaves. */
static wg_tensor *ruled_vjp(wg_tensor *y, wg_tensor *g, int i)
{
    const ruled *r = wg_attr(y);
    wg_tensor *const *in;
    wg_inputs_of(y, &in);
    scene s = {r->e, in + 1, in[0], g};
    return i == 1 + r->p->leaf ? r->p->answer(&s) : wg_mul_scalar(in[i], 0);
}

static const wg_op ruled_op = {.size = sizeof(wg_op),
                               .name = "your rule",
                               .arity = WG_VARIADIC,
                               .attr_size = sizeof(ruled),
                               .infer = ruled_infer,
                               .kernel = ruled_kernel,
                               .vjp = ruled_vjp};

static int leaves_of(const exercise *e)
{
    int n = 0;
    while (n < MOST_LEAVES && e->leaves[n].name)
        n++;
    return n;
}

/* in: the value, then the leaves, of which only the one in question can be moved. */
static int leaves_and_value(wg_tape *t, const ruled *r, wg_tensor *in[1 + MOST_LEAVES])
{
    int n = leaves_of(r->e);
    for (int i = 0; i < n; i++) {
        const leaf *l = &r->e->leaves[i];
        in[1 + i] = i == r->p->leaf ? wg_param(t, l->name, l->shape, wg_init_values(l->values))
                                    : wg_label(wg_constant(t, l->shape, l->values), l->name);
    }
    in[0] = r->p->function(in + 1);
    return 1 + n;
}

static wg_tensor *model(wg_tape *t, void *user)
{
    wg_tensor *in[1 + MOST_LEAVES];
    int n = leaves_and_value(t, user, in);
    return wg_apply(&ruled_op, n, in, user);
}

/* ---- hints ---- */

bool same_values(wg_tensor *a, wg_tensor *b)
{
    int64_t n = wg_count_of(a);
    double x[64], y[64];
    if (!a || !b || n > 64 || !wg_shape_equal(wg_shape_of(a), wg_shape_of(b)) || wg_get_f64(a, x)
        || wg_get_f64(b, y))
        return false;
    for (int64_t i = 0; i < n; i++)
        if (!(fabs(x[i] - y[i]) <= 1e-9 * fmax(1, fabs(y[i]))))
            return false;
    return true;
}

static bool is_finite(wg_tensor *x)
{
    wg_tensor *all = wg_all(wg_isfinite(x));
    return wg_item(all) == 1;
}

/* c with got = c right everywhere; NaN if there is none, or if right is 0. */
static double constant_factor(wg_tensor *got, wg_tensor *right)
{
    double c = wg_item(wg_div(wg_sum(wg_mul(got, right)), wg_sum(wg_square(right))));
    return same_values(got, wg_mul_scalar(right, c)) ? c : NAN;
}

static const char *factor_hint(double c, int64_t count, char text[200])
{
    if (fabs(c + 1) < 1e-6)
        return "the sign is wrong";
    if (fabs(c) < 1e-9)
        return "it is 0 everywhere";
    bool usual = fabs(c) >= 1 ? fabs(c - round(c)) < 1e-6 : fabs(1 / c - round(1 / c)) < 1e-6;
    if (!isfinite(c) || (count < 2 && !(usual && fabs(c) > 0.1 && fabs(c) < 10)))
        return NULL;
    snprintf(text, 200, "%sa factor: it is %.4g times what it should be",
             c < 0 ? "the sign and " : "", fabs(c));
    return text;
}

static const char *shape_hint(wg_tensor *got, wg_tensor *right, char text[200])
{
    wg_shape a = wg_shape_of(got), b = wg_shape_of(right);
    if (a.rank >= 2 && same_values(wg_transpose(got), right))
        return "right, but transposed";
    for (int64_t axis = 0; axis < a.rank && a.rank > b.rank; axis++)
        if (same_values(wg_sum_axes(got, WG_AXES(axis), false), right))
            return "what was broadcast has to be summed over: the sum over the batch is missing";
    if (wg_count_of(got) == wg_count_of(right) && a.rank == b.rank)
        return "its shape is wrong: is a factor transposed, or are two exchanged?";
    snprintf(text, 200,
             "a gradient has the shape of what it is taken in: rank %d, not %d, and %d elements",
             (int)b.rank, (int)a.rank, (int)wg_count_of(right));
    return text;
}

/* Where the first difference is. */
static const char *element_hint(wg_tensor *got, wg_tensor *right, char text[200])
{
    double a[64], b[64];
    int64_t n = wg_count_of(got), wrong = 0, first = -1;
    if (n > 64 || wg_get_f64(got, a) || wg_get_f64(right, b))
        return NULL;
    for (int64_t i = n - 1; i >= 0; i--)
        if (!(fabs(a[i] - b[i]) <= 1e-9 * fmax(1, fabs(b[i])))) {
            wrong++;
            first = i;
        }
    if (wrong == n || wrong == 0)
        return NULL;
    snprintf(text, 200,
             "%d of %d elements are right; the first that is not is element %d: %.6g, not %.6g",
             (int)(n - wrong), (int)n, (int)first, a[first], b[first]);
    return text;
}

/* What is wrong with an answer, by what it is equal to. */
static const char *hint_for(const ruled *r, const scene *s, wg_tensor *got, wg_tensor *right,
                            char text[200])
{
    char factor[200], element[200];
    if (!is_finite(got))
        return "it is not finite";
    for (const mistake *m = r->e->mistakes; m->formula; m++)
        if (strcmp(m->symbol, r->p->symbol) == 0 && same_values(got, m->formula(s)))
            return m->hint;
    wg_clear_error(wg_tape_of(got)); /* of formulas that do not fit together */
    if (!wg_shape_equal(wg_shape_of(got), wg_shape_of(right)))
        return shape_hint(got, right, text);
    if (factor_hint(constant_factor(got, right), wg_count_of(got), factor))
        return strcpy(text, factor_hint(constant_factor(got, right), wg_count_of(got), factor));
    if (wg_shape_of(got).rank == 2 && same_values(wg_transpose(got), right))
        return "right, but transposed";
    if (same_values(got, s->g))
        return "that is the incoming adjoint alone: the local derivative is missing";
    if (wg_shape_equal(wg_shape_of(got), wg_shape_of(s->g))
        && same_values(wg_mul(got, s->g), right))
        return "the incoming adjoint g is missing";
    return element_hint(got, right, element) ? strcpy(text, element) : NULL;
}

/* ---- a part ---- */

/* A cotangent whose elements all differ. */
static wg_tensor *cotangent(wg_tensor *y)
{
    double v[MOST_VALUES];
    for (int i = 0; i < MOST_VALUES; i++)
        v[i] = i % 2 ? -0.3 - 0.2 * i : 0.7 + 0.1 * i;
    return wg_constant(wg_tape_of(y), wg_shape_of(y), v);
}

wg_status check_part(const exercise *e, const part *p, wg_check_report *report)
{
    ruled r = {e, p};
    wg_status status =
        wg_check_grad(model, &r, &(wg_check_options){.order = e->order}, report);
    char *inside = strstr(report->text, "; wrong by itself"); /* there is one rule to be wrong */
    if (inside)
        *inside = 0;
    return status;
}

static int judge_one(const exercise *e, const part *p)
{
    ruled r = {e, p};
    wg_check_report report = {.text = ""};
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *in[1 + MOST_LEAVES], *right = NULL;
    char text[200];
    leaves_and_value(t, &r, in);
    scene s = {e, in + 1, in[0], cotangent(in[0])};
    wg_vjp(s.y, s.g, 1, &in[1 + p->leaf], &right);
    wg_tensor *got = p->answer(&s);
    int state;
    if (!got && !wg_error(t)) {
        state = judge_part(p->symbol, EXERCISE_UNSOLVED, NULL, NULL);
    } else if (!got) {
        state = judge_part(p->symbol, EXERCISE_WRONG, wg_error(t),
                           "the factors do not fit: is one transposed, or two exchanged?");
    } else {
        bool fits = same_values(got, right);
        if (wg_shape_equal(wg_shape_of(got), wg_shape_of(right)) && check_part(e, p, &report))
            fits = false;
        state = judge_part(p->symbol, fits ? EXERCISE_SOLVED : EXERCISE_WRONG,
                           report.text[0] ? report.text : NULL,
                           fits ? NULL : hint_for(&r, &s, got, right, text));
    }
    wg_tape_free(t);
    return state;
}

int judge_parts(const exercise *e)
{
    int state = EXERCISE_SOLVED;
    for (const part *p = e->parts; p->symbol; p++)
        state = judge_worse(state, judge_one(e, p));
    return state;
}

int judge(const exercise *e)
{
    judge_head(e->name, e->mirrors);
    return judge_end(judge_parts(e));
}
