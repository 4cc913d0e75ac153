/* Matrix products: one kernel call a matrix, or one for a whole batch where its rows lie as those of one taller matrix. */
#include "core/dtype.h"
#include "exec/instr.h"

typedef struct product {
    wg_instr head;
    const void *a, *b;
    void *c;
    int64_t m, n, k;
    int64_t a_row, a_col, b_row, b_col; /* strides in elements */
    int64_t size;
    wg_dtype dtype;
    wg_space batch; /* operands a, b, c; strides in bytes */
} product;

static void plain_f32(const product *p, const float *a, const float *b, float *c, int64_t first, int64_t last)
{
    for (int64_t i = first; i < last; i++) {
        float *row = c + i * p->n;
        for (int64_t j = 0; j < p->n; j++)
            row[j] = 0;
        for (int64_t k = 0; k < p->k; k++)
            for (int64_t j = 0; j < p->n; j++)
                row[j] += a[i * p->a_row + k * p->a_col] * b[k * p->b_row + j * p->b_col];
    }
}

static void plain_f64(const product *p, const double *a, const double *b, double *c, int64_t first, int64_t last)
{
    for (int64_t i = first; i < last; i++) {
        double *row = c + i * p->n;
        for (int64_t j = 0; j < p->n; j++)
            row[j] = 0;
        for (int64_t k = 0; k < p->k; k++)
            for (int64_t j = 0; j < p->n; j++)
                row[j] += a[i * p->a_row + k * p->a_col] * b[k * p->b_row + j * p->b_col];
    }
}

/* Parts are rows of all matrices, one matrix after the other. */
static wg_status run_product(const wg_instr *head, const wg_env *env, int64_t begin, int64_t end)
{
    const product *p = (const product *)head;
    (void)env;
    while (begin < end) {
        int64_t matrix = begin / p->m, first = begin % p->m, last = end - matrix * p->m;
        if (last > p->m)
            last = p->m;
        wg_walk w;
        wg_walk_start(&w, &p->batch, p->batch.rank, matrix);
        const char *a = (const char *)p->a + w.offset[0], *b = (const char *)p->b + w.offset[1];
        char *c = (char *)p->c + w.offset[2];
        if (p->dtype == WG_F32)
            plain_f32(p, (const float *)a, (const float *)b, (float *)c, first, last);
        else
            plain_f64(p, (const double *)a, (const double *)b, (double *)c, first, last);
        begin += last - first;
    }
    return WG_OK;
}

/* If every matrix meets the same b and the rows of a follow each other from matrix to matrix, it is one matrix with more rows. */
static void join_rows(product *p)
{
    wg_space *s = &p->batch;
    const int d = s->rank - 1;
    if (s->rank && s->stride[1][d] == 0 && s->stride[0][d] == p->m * p->a_row * p->size && s->stride[2][d] == p->m * p->n * p->size) {
        p->m *= s->extent[d];
        s->rank--;
    }
}

wg_instr *wg_make_product(wg_builder *b, int32_t step)
{
    const wg_step *s = &b->l->step[step];
    const wg_tensor *t = s->t;
    product *p = wg_new_instr(b, sizeof *p, step);
    if (!p)
        return NULL;
    wg_view x = wg_operand_view(&s->in[0], &t->in[0]->shape), y = wg_operand_view(&s->in[1], &t->in[1]->shape);
    wg_view z = wg_view_whole(&t->shape);
    const int64_t rank = t->shape.rank;
    p->dtype = t->dtype;
    p->size = (int64_t)wg_dtype_size(t->dtype);
    p->m = t->shape.dim[rank - 2];
    p->n = t->shape.dim[rank - 1];
    p->k = x.shape.dim[rank - 1];
    p->a_row = x.stride[rank - 2];
    p->a_col = x.stride[rank - 1];
    p->b_row = y.stride[rank - 2];
    p->b_col = y.stride[rank - 1];
    p->batch.operands = 3;
    for (int64_t d = 0; d < rank - 2; d++) {
        const int64_t strides[3] = {x.stride[d] * p->size, y.stride[d] * p->size, z.stride[d] * p->size};
        wg_space_add_axis(&p->batch, t->shape.dim[d], strides);
    }
    join_rows(p);
    wg_point(b, (void **)&p->a, s->in[0]);
    wg_point(b, (void **)&p->b, s->in[1]);
    wg_point_buffer(b, &p->c, s->out);
    p->head.run = run_product;
    p->head.parts = p->n ? p->m * wg_space_count(&p->batch) : 0;
    p->head.work = p->n * (p->k ? p->k : 1);
    return &p->head;
}
