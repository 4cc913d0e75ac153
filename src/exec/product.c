/* Matrix products: one kernel call a matrix, or one for a whole batch where its rows lie as
 * those of one taller matrix.  What a fused step does with the elements is done rectangle by
 * rectangle, as the kernel finishes them. */
#include <string.h>

#include "core/dtype.h"
#include "exec/epilogue.h"
#include "exec/in_place.h"
#include "kernels/gemm.h"

enum {
    MULTIPLY_ADDS = 4, /* that take as long as an element of an elementwise kernel */
    SMALL = 1 << 16, /* work that no threads share */
    COLUMN_GRAIN = 32,
    ROW_GRAIN = 16, /* of what is added up: few rows of many matrices take long to fetch */
    MANY_COLUMNS = 2 * COLUMN_GRAIN,
    LINE = 64,
    MOST_LINES = 32 /* fetched ahead: more than some tens are under way at no time */
};

/* What products of the same extents and strides share: a network's layers are often alike. */
typedef struct wg_product_plan {
    wg_gemm_spec asked;
    wg_gemm gemm;
    wg_gemm_part whole; /* of one matrix */
} wg_product_plan;

typedef struct wg_product {
    wg_instr head;
    const void *a, *b;
    void *c; /* NULL: not kept */
    const wg_product_plan *plan;
    const wg_space *batch; /* operands a, b, c; strides in bytes.  NULL: one matrix */
    const wg_product_plan *more; /* of all matrices but the first, if they are added up; NULL */
    const wg_epilogue *then; /* NULL */
    const void *scale;       /* of what is added to c, where it is known only when it runs; NULL */
    const void *after; /* what the epilogue reads beside c; fetched, so many lines of the cache */
    const void *next;  /* where b of the next product begins, if that would wait for it; fetched */
    uint8_t after_lines, next_lines;
    bool negate;
} wg_product;
typedef wg_product product;

typedef struct rectangles {
    const product *p;
    int64_t first; /* row of all matrices at which this one begins */
    void *scratch;
} rectangles;

static void go_on(void *context, void *c, int64_t c_row, const wg_gemm_part *part)
{
    const rectangles *x = context;
    const wg_epilogue *e = x->p->then;
    wg_epilogue_rectangle(e, x->scratch, c, c_row * e->c_size, x->first + part->i0,
                          part->i1 - part->i0, part->j0, part->j1);
}

static void run_part(const product *p, const void *a, const void *b, void *c, int64_t matrix,
                     const wg_env *env, const wg_gemm_part *part)
{
    const wg_gemm *g = &p->plan->gemm;
    if (p->then) {
        rectangles x = {p, matrix * g->spec.m, env->scratch};
        wg_gemm_run_part_then(g, a, b, c, env->scratch, *part, go_on, &x);
    } else if (p->scale) {
        const double number = wg_number_get(p->scale, g->spec.dtype, 0);
        const wg_gemm scaled = wg_gemm_scaled(g, p->negate ? -number : number);
        wg_gemm_run_part(&scaled, a, b, c, env->scratch, *part);
    } else if (part->i1 - part->i0 == g->spec.m && part->j1 - part->j0 == g->spec.n) {
        wg_gemm_run(g, a, b, c, env->scratch);
    } else {
        wg_gemm_run_part(g, a, b, c, env->scratch, *part);
    }
}

/* Parts are rows of all matrices, one matrix after the other. */
static wg_status run_rows(const wg_instr *head, const wg_env *env, int64_t begin, int64_t end)
{
    const product *p = (const product *)head;
    const int64_t m = p->plan->gemm.spec.m;
    while (begin < end) {
        int64_t matrix = begin / m, first = begin - matrix * m, last = end - matrix * m;
        wg_gemm_part part = {first, last < m ? last : m, 0, p->plan->gemm.spec.n};
        wg_walk w;
        w.offset[0] = w.offset[1] = w.offset[2] = 0;
        if (p->batch)
            wg_walk_start(&w, p->batch, p->batch->rank, matrix);
        run_part(p, (const char *)p->a + w.offset[0], (const char *)p->b + w.offset[1],
                 p->c ? (char *)p->c + w.offset[2] : NULL, matrix, env, &part);
        begin += part.i1 - part.i0;
    }
    return WG_OK;
}

/* Parts are matrices: for a kernel that takes no less. */
static wg_status run_matrices(const wg_instr *head, const wg_env *env, int64_t begin, int64_t end)
{
    const int64_t m = ((const product *)head)->plan->gemm.spec.m;
    return run_rows(head, env, begin * m, end * m);
}

/* Hardware does not foresee these: a network's layers lie anywhere. */
static inline void fetch(const void *at, int lines)
{
    for (int k = 0; k < lines; k++)
        __builtin_prefetch((const char *)at + k * LINE);
}

static void run_whole(const product *p, const wg_env *env)
{
    fetch(p->after, p->after_lines);
    fetch(p->next, p->next_lines);
    run_part(p, p->a, p->b, p->c, 0, env, &p->plan->whole);
}

/* One matrix: parts are its rows, or its columns where there are more of those. */
static wg_status run_one_by_rows(const wg_instr *head, const wg_env *env, int64_t begin,
                                 int64_t end)
{
    const product *p = (const product *)head;
    if (end - begin == p->plan->whole.i1)
        run_whole(p, env);
    else
        run_part(p, p->a, p->b, p->c, 0, env, &(wg_gemm_part){begin, end, 0, p->plan->whole.j1});
    return WG_OK;
}

static wg_status run_one_by_columns(const wg_instr *head, const wg_env *env, int64_t begin,
                                    int64_t end)
{
    const product *p = (const product *)head;
    if (end - begin == p->plan->whole.j1)
        run_whole(p, env);
    else
        run_part(p, p->a, p->b, p->c, 0, env, &(wg_gemm_part){0, p->plan->whole.i1, begin, end});
    return WG_OK;
}

/* A small product goes all at once, so that there is nothing to divide and to choose. */
static wg_status run_small(const wg_instr *head, const wg_env *env, int64_t begin, int64_t end)
{
    const product *p = (const product *)head;
    (void)begin, (void)end;
    fetch(p->next, p->next_lines);
    wg_gemm_run(&p->plan->gemm, p->a, p->b, p->c, env->scratch);
    return WG_OK;
}

static wg_status run_small_then(const wg_instr *head, const wg_env *env, int64_t begin, int64_t end)
{
    const product *p = (const product *)head;
    (void)begin, (void)end;
    fetch(p->after, p->after_lines);
    fetch(p->next, p->next_lines);
    void *c = wg_gemm_run_one(&p->plan->gemm, p->a, p->b, p->c, env->scratch);
    wg_epilogue_whole(p->then, env->scratch, c);
    return WG_OK;
}

/* ---- sums over the matrices: each is added to what those before gave ---- */

static wg_status add_up(const product *p, const wg_env *env, wg_gemm_part part)
{
    wg_walk w;
    wg_walk_start(&w, p->batch, p->batch->rank, 0);
    for (int64_t i = 0, n = wg_space_count(p->batch); i < n; i++, wg_walk_next(&w))
        wg_gemm_run_part(i ? &p->more->gemm : &p->plan->gemm, (const char *)p->a + w.offset[0],
                         (const char *)p->b + w.offset[1], p->c, env->scratch, part);
    return WG_OK;
}

static wg_status add_up_rows(const wg_instr *head, const wg_env *env, int64_t begin, int64_t end)
{
    const product *p = (const product *)head;
    return add_up(p, env, (wg_gemm_part){begin, end, 0, p->plan->whole.j1});
}

static wg_status add_up_columns(const wg_instr *head, const wg_env *env, int64_t begin,
                                int64_t end)
{
    const product *p = (const product *)head;
    return add_up(p, env, (wg_gemm_part){0, p->plan->whole.i1, begin, end});
}

static wg_status add_up_whole(const wg_instr *head, const wg_env *env, int64_t begin, int64_t end)
{
    const product *p = (const product *)head;
    (void)begin, (void)end;
    return add_up(p, env, p->plan->whole);
}

/* Where the terms of all matrices lie in one axis it is one product of longer rows. */
static void join_terms(wg_gemm_spec *g, wg_space *batch, int64_t size)
{
    if (wg_space_count(batch) == 0) {
        g->k = 0;
        batch->rank = 0;
    }
    const struct wg_space_axis *last = batch->rank ? &batch->axis[batch->rank - 1] : NULL;
    if (last && g->k == 1) {
        g->a_col = last->stride[0] / size;
        g->b_row = last->stride[1] / size;
    }
    if (last && (g->k == 1 || (last->stride[0] == g->k * g->a_col * size
                               && last->stride[1] == g->k * g->b_row * size))) {
        g->k *= last->extent;
        batch->rank--;
    }
}

/* If every matrix meets the same b and the rows of a follow each other from matrix to matrix, it
 * is one matrix with more rows. */
static void join_rows(wg_gemm_spec *g, wg_space *batch, int64_t size)
{
    const int d = batch->rank - 1;
    const struct wg_space_axis *last = d >= 0 ? &batch->axis[d] : NULL;
    if (last && last->stride[1] == 0 && last->stride[0] == g->m * g->a_row * size
        && last->stride[2] == g->m * g->n * size) {
        g->m *= last->extent;
        batch->rank--;
    }
}

/* Columns rather than rows where there are enough of them: a thread then meets the same columns
 * of a weight matrix in the product that reads it and in the one that gives its gradient, and
 * what one core writes and the others read is what costs most.  Whole vectors, and whole lines
 * of the cache. */
static void set_parts(product *p, bool adds_up)
{
    const wg_gemm_spec *g = &p->plan->gemm.spec;
    const bool by_columns = g->n > g->m || g->n >= MANY_COLUMNS;
    const bool batch = p->batch && !adds_up;
    int64_t matrices = batch ? wg_space_count(p->batch) : 1, k = g->k ? g->k : 1;
    p->head.run = batch ? run_rows : by_columns ? run_one_by_columns : run_one_by_rows;
    p->head.parts = batch ? g->m * matrices : by_columns ? g->n : g->m;
    p->head.grain = batch || !by_columns ? 1 : COLUMN_GRAIN;
    if (p->plan->gemm.whole_only)
        p->head.run = run_matrices, p->head.parts = matrices, p->head.grain = 1;
    p->head.work =
        p->head.parts ? g->m * g->n * matrices / p->head.parts * k / MULTIPLY_ADDS + 1 : 0;
    if (g->m == 0 || g->n == 0)
        p->head.parts = 0;
}

static void set_small(product *p)
{
    wg_instr *i = &p->head;
    if (p->batch || i->parts * i->work > SMALL || i->parts == 0
        || (p->then && !(p->plan->gemm.one && p->then->flat)))
        return;
    i->run = p->then ? run_small_then : run_small;
    i->work *= i->parts;
    i->parts = 1;
}

/* ---- sums in place ---- */

/* One block of a sum's terms, so that what is added is rounded once. */
static bool is_sum_in_place(const wg_builder *b, const wg_step *s, wg_sum_in_place *sum)
{
    const wg_shape *x = &s->micro[0].t->in[0]->shape;
    return wg_is_sum_in_place(b, s, 2, sum)
           && x->dim[x->rank - 1] <= wg_gemm_longest_block(s->micro[0].t->dtype);
}

static void set_sum(wg_builder *b, product *p, wg_gemm_spec *g, const wg_step *s,
                    const wg_sum_in_place *sum)
{
    g->accumulate = true;
    g->discard = false;
    p->negate = sum->negate;
    g->scale = wg_scale_in_place(b, s, sum, &p->scale);
    wg_point_buffer(b, &p->c, s->out);
}

/* ---- fetching ahead ---- */

/* Points *at there and gives the number of lines; 0 if they are too many. */
static uint8_t set_lines(wg_builder *b, const void **at, wg_operand from, int64_t bytes)
{
    if (bytes <= 0 || bytes > MOST_LINES * LINE)
        return 0;
    wg_point(b, (void **)at, from);
    return (uint8_t)((bytes + LINE - 1) / LINE);
}

/* The product before this one fetches for it; while this one runs, what its epilogue reads of
 * results before. */
static void set_fetches(wg_builder *b, product *p, const wg_step *s)
{
    const wg_gemm *g = &p->plan->gemm;
    const int64_t c_bytes = g->spec.m * g->spec.n * (int64_t)wg_dtype_size(g->spec.dtype);
    if (b->product && g->waits_for)
        b->product->next_lines = set_lines(b, &b->product->next, s->in[1], (int64_t)g->waits_for);
    b->product = p;
    for (int32_t i = 2; i < s->n && p->then && !p->after_lines; i++) {
        const wg_buffer *x = &b->l->buffer[s->in[i].buffer];
        if (!s->in[i].view && x->segment == WG_TEMPORARY && x->bytes == c_bytes)
            p->after_lines = set_lines(b, &p->after, s->in[i], c_bytes);
    }
}

/* ---- making one ---- */

/* asked is compared as bytes: whoever fills it in has cleared it. */
static const wg_product_plan *plan_of(wg_builder *b, const wg_gemm_spec *asked)
{
    enum { PLANS = sizeof b->plan / sizeof *b->plan };
    for (int i = 0; i < PLANS; i++)
        if (b->plan[i] && memcmp(&b->plan[i]->asked, asked, sizeof *asked) == 0)
            return b->plan[i];
    wg_product_plan *plan = wg_arena_alloc(b->arena, sizeof *plan);
    if (!plan)
        return NULL;
    plan->asked = *asked;
    plan->gemm = wg_gemm_plan(b->isa, asked);
    plan->whole = (wg_gemm_part){0, asked->m, 0, asked->n};
    memmove(b->plan, b->plan + 1, (PLANS - 1) * sizeof *b->plan);
    return b->plan[PLANS - 1] = plan;
}

static bool set_adding_up(wg_builder *b, product *p, wg_gemm_spec *g)
{
    const bool by_columns = p->head.run == run_one_by_columns;
    const int64_t n = wg_space_count(p->batch);
    g->accumulate = true;
    p->more = plan_of(b, g);
    if (!p->more)
        return false;
    const bool whole = p->plan->gemm.whole_only || p->more->gemm.whole_only;
    p->head.run = whole ? add_up_whole : by_columns ? add_up_columns : add_up_rows;
    p->head.grain = by_columns ? COLUMN_GRAIN : ROW_GRAIN;
    p->head.work *= whole ? n * p->head.parts : n;
    p->head.parts = whole && p->head.parts ? 1 : p->head.parts;
    if (b->scratch < p->more->gemm.scratch)
        b->scratch = p->more->gemm.scratch;
    return true;
}

/* What is asked of a kernel, and the space of the matrices.  t: the op of the product. */
static void read_extents(const wg_step *s, const wg_tensor *t, wg_gemm_spec *g, wg_space *batch)
{
    const wg_view x = wg_operand_view(&s->in[0], &t->in[0]->shape);
    const wg_view y = wg_operand_view(&s->in[1], &t->in[1]->shape);
    const wg_view z = wg_view_whole(&t->shape);
    const int64_t size = (int64_t)wg_dtype_size(t->dtype), row = t->shape.rank - 2, col = row + 1;
    const int64_t own_a = x.shape.rank - 2, own = y.shape.rank - 2; /* leading axes: all, or none
                                                                     * of what is shared */
    memset(g, 0, sizeof *g);
    g->dtype = t->dtype;
    g->m = t->shape.dim[row];
    g->n = g->c_row = t->shape.dim[col];
    g->k = x.shape.dim[own_a + 1];
    g->a_row = x.stride[own_a];
    g->a_col = x.stride[own_a + 1];
    g->b_row = y.stride[own];
    g->b_col = y.stride[own + 1];
    *batch = (wg_space){.operands = 3};
    for (int64_t d = 0; d < own || d < own_a; d++) {
        const int64_t a_step = own_a ? x.stride[d] : 0, b_step = own ? y.stride[d] : 0;
        const int64_t c_step = wg_adds_products_up(t) ? 0 : z.stride[d];
        const int64_t strides[3] = {a_step * size, b_step * size, c_step * size};
        wg_space_add_axis(batch, (own_a ? x : y).shape.dim[d], strides);
    }
    if (wg_adds_products_up(t))
        join_terms(g, batch, size);
    else
        join_rows(g, batch, size);
}

wg_instr *wg_make_product(wg_builder *b, int32_t step)
{
    const wg_step *s = &b->l->step[step];
    const wg_tensor *t = s->micros ? s->micro[0].t : s->t;
    const int32_t out = s->micros ? s->micro[0].result : s->out;
    product *p = wg_new_instr(b, sizeof *p, step);
    if (!p)
        return NULL;
    wg_gemm_spec g;
    wg_space batch;
    read_extents(s, t, &g, &batch);
    g.discard = out < 0;
    if (batch.rank && !(p->batch = wg_keep_space(b, &batch)))
        return NULL;
    wg_sum_in_place sum = {.scale = -1};
    const bool sums = s->micros && is_sum_in_place(b, s, &sum);
    p->plan = plan_of(b, &g);
    if (p->plan && sums && !p->plan->gemm.whole_only) { /* a BLAS rounds sums in its own way */
        set_sum(b, p, &g, s, &sum);
        p->plan = plan_of(b, &g);
    }
    if (!p->plan)
        return NULL;
    if (b->scratch < p->plan->gemm.scratch)
        b->scratch = p->plan->gemm.scratch;
    wg_point(b, (void **)&p->a, s->in[0]);
    wg_point(b, (void **)&p->b, s->in[1]);
    if (out >= 0)
        wg_point_buffer(b, &p->c, out);
    if (s->micros && !g.accumulate && !(p->then = wg_epilogue_new(b, s, p->plan->gemm.scratch)))
        return NULL;
    const bool adds_up = p->batch && wg_adds_products_up(t);
    set_parts(p, adds_up);
    if (adds_up && !set_adding_up(b, p, &g))
        return NULL;
    if (!g.accumulate || wg_scale_is_known(b, s, &sum))
        set_small(p);
    if (!p->batch)
        set_fetches(b, p, s);
    return &p->head;
}
