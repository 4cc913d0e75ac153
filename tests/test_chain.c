/* Chains of links (white box): every op in every form, in wide and narrow blocks and on each
 * instruction set, gives the bits of its map kernel and touches nothing beyond the row. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <wengert.h>

#include "exec/join.h"
#include "kernels/chain.h"
#include "ops/elementwise_maps.h"
#include "ops/maps.h"
#include "ops/reduces.h"

extern const wg_op *const wg_elementwise_ops[];

enum { MOST = 200, ROOM = MOST + 64, MARK = 0xA5 };

typedef union row {
    float f32[ROOM];
    double f64[ROOM];
    int32_t i32[ROOM];
    char bytes[8 * ROOM];
} row;

static uint64_t state = 88172645463325252u; /* xorshift64 */

static uint64_t next_bits(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static void fill(row *r, wg_dtype d)
{
    static const double special[] = {0,  -0.0, INFINITY, -INFINITY, NAN, 1,
                                     -1, 1e30, -1e30,    1e-40,     0.5, -3};
    for (int i = 0; i < ROOM; i++) {
        double v =
            i % 3 == 0 ? special[next_bits() % 12] : (double)(next_bits() >> 11) * 0x1p-50 - 4;
        if (d == WG_F32)
            r->f32[i] = (float)v;
        else if (d == WG_F64)
            r->f64[i] = v;
        else
            r->i32[i] = (int32_t)(uint32_t)next_bits() >> (next_bits() % 32);
    }
}

/* NaNs may differ in sign and payload: which of two operands' a sum keeps is the compiler's
 * choice. */
static bool same(const row *a, const row *b, int i, wg_dtype d)
{
    if (d == WG_F32)
        return (isnan(a->f32[i]) && isnan(b->f32[i])) || !memcmp(&a->f32[i], &b->f32[i], 4);
    if (d == WG_F64)
        return (isnan(a->f64[i]) && isnan(b->f64[i])) || !memcmp(&a->f64[i], &b->f64[i], 8);
    return a->i32[i] == b->i32[i];
}

static bool untouched(const row *r, int64_t bytes)
{
    for (size_t i = (size_t)bytes; i < sizeof *r; i++)
        if ((unsigned char)r->bytes[i] != MARK)
            return false;
    return true;
}

static void attributes_of(const wg_op *op, double attr[2])
{
    attr[0] = !strcmp(op->name, "polygamma") ? 1 : !strcmp(op->name, "clamp") ? -2 : 0.5;
    attr[1] = 3;
}

static wg_dtype result_of(const wg_op *op, wg_dtype d)
{
    return !strcmp(op->name, "cast_f32")   ? WG_F32
           : !strcmp(op->name, "cast_f64") ? WG_F64
           : !strcmp(op->name, "cast_i32") ? WG_I32
                                           : d;
}

/* load x[which]; op with the others; store y.  step[k]: 0 if argument k is one element. */
static void run_form(const wg_chain_kit *kit, const wg_link_form *form, const wg_op *op, int which,
                     const int64_t *step, row *x, row *y, int64_t n, const double *attr)
{
    char *at[4] = {x[0].bytes, x[1].bytes, x[2].bytes, y->bytes};
    wg_link op_link = {.form = *form, .number = {attr[0], attr[1]}};
    int others = 0;
    for (int k = 0; k < op->arity; k++)
        if (k != which) {
            op_link.operand[others] = k;
            op_link.mask[others++] = (int32_t)-step[k];
        }
    const wg_link chain[] = {
        {.form = kit->load, .operand = {which}, .mask = {-1}},
        op_link,
        {.form = kit->store, .operand = {3}, .mask = {-1}},
        {.form = kit->end},
    };
    kit->run(chain, at, n);
}

static void check_links(wg_isa_level level, const wg_op *op, wg_dtype d)
{
    const wg_chain_kit *kit = wg_chain_kit_for(level, d);
    const wg_link_form *forms = wg_links_for(level, op->map, d);
    const int64_t size = (int64_t)wg_dtype_size(d);
    const int others = op->arity - 1, kinds = 1 << others;
    double attr[2];
    row x[3], y, expected;
    attributes_of(op, attr);
    for (int k = 0; k < 3; k++)
        fill(&x[k], d);
    for (int form = 0; form < op->arity * kinds; form++) {
        int which = form / kinds, ones = form % kinds, k = 0;
        int64_t step[3] = {1, 1, 1};
        for (int a = 0; a < op->arity; a++)
            if (a != which)
                step[a] = !(ones >> (others - 1 - k++) & 1);
        const void *in[3] = {x[0].bytes, x[1].bytes, x[2].bytes};
        wg_map_for(level, op->map)->kernel[d](MOST, expected.bytes, in, step, attr);
        for (int64_t n = 1; n <= MOST; n++) {
            memset(&y, MARK, sizeof y);
            run_form(kit, &forms[form], op, which, step, x, &y, n, attr);
            for (int i = 0; i < n; i++)
                if (!same(&y, &expected, i, d))
                    fail_msg("%s %s %s form %d: element %d of %d", op->name, wg_dtype_name(d),
                             wg_isa_text(level), form, i, (int)n);
            if (!untouched(&y, n * size))
                fail_msg("%s %s %s form %d writes beyond %d", op->name, wg_dtype_name(d),
                         wg_isa_text(level), form, (int)n);
        }
    }
}

static void links_give_the_bits_of_map_kernels(void **unused)
{
    (void)unused;
    int links = 0;
    for (wg_isa_level level = WG_ISA_BASELINE; level <= wg_isa(); level++)
        for (int k = 0; wg_elementwise_ops[k]; k++)
            for (int d = WG_F32; d <= WG_F64; d++)
                if (wg_links_for(level, wg_elementwise_ops[k]->map, (wg_dtype)d)) {
                    check_links(level, wg_elementwise_ops[k], (wg_dtype)d);
                    links++;
                }
    assert_true(links >= 2 * 30);
}

/* ---- call ---- */

/* load x of the chain's type; call op on arguments of any type; store its result, or what was
 * kept. */
static void check_call(wg_isa_level level, const wg_op *op, wg_dtype chain_type, wg_dtype d)
{
    const wg_chain_kit *kit = wg_chain_kit_for(level, chain_type);
    const wg_dtype result = result_of(op, d);
    const bool loads = result == chain_type;
    const int32_t size = (int32_t)wg_dtype_size(d), result_size = (int32_t)wg_dtype_size(result);
    double attr[2];
    row x[3], kept, slot, y, expected;
    attributes_of(op, attr);
    for (int k = 0; k < 3; k++)
        fill(&x[k], d);
    fill(&kept, chain_type);
    for (int ones = 0; ones < 1 << op->arity; ones++) {
        const void *in[3] = {x[0].bytes, x[1].bytes, x[2].bytes};
        char *at[6] = {x[0].bytes, x[1].bytes, x[2].bytes, slot.bytes, y.bytes, kept.bytes};
        wg_link_call call = {.kernel = wg_map_for(level, op->map)->kernel[d],
                             .attr = attr,
                             .n = op->arity,
                             .loads = loads};
        for (int k = 0; k < op->arity; k++) {
            call.operand[k] = k;
            call.size[k] = size;
            call.step[k] = !(ones >> k & 1);
            call.mask[k] = -call.step[k];
        }
        call.operand[op->arity] = 3;
        call.size[op->arity] = result_size;
        call.mask[op->arity] = loads ? 0 : -1; /* a slot of one block, or a whole row */
        call.kernel(MOST, expected.bytes, in, call.step, attr);
        const wg_link chain[] = {
            {.form = kit->load, .operand = {5}, .mask = {-1}},
            {.form = kit->call, .more = &call},
            {.form = kit->store, .operand = {4}, .mask = {-1}},
            {.form = kit->end},
        };
        for (int64_t n = 1; n <= MOST; n += n < 70 ? 1 : 13) {
            memset(&slot, MARK, sizeof slot);
            memset(&y, MARK, sizeof y);
            kit->run(chain, at, n);
            for (int i = 0; i < n; i++) {
                bool right =
                    loads ? same(&y, &expected, i, chain_type)
                          : same(&slot, &expected, i, result) && same(&y, &kept, i, chain_type);
                if (!right)
                    fail_msg("call of %s %s in a chain of %s, %s: element %d of %d", op->name,
                             wg_dtype_name(d), wg_dtype_name(chain_type), wg_isa_text(level), i,
                             (int)n);
            }
            assert_true(untouched(&y, n * (int64_t)wg_dtype_size(chain_type)));
            assert_true(untouched(&slot, loads ? kit->block * result_size : n * result_size));
        }
    }
}

static void any_op_can_be_called(void **unused)
{
    (void)unused;
    static const char *const some[] = {"tan", "atan2",    "pow_scalar", "where",
                                       "add", "cast_f32", "cast_f64",   "cast_i32"};
    for (wg_isa_level level = WG_ISA_BASELINE; level <= wg_isa(); level++)
        for (size_t k = 0; k < sizeof some / sizeof *some; k++)
            for (int chain_type = WG_F32; chain_type <= WG_F64; chain_type++)
                for (int d = WG_F32; d <= WG_I32; d++) {
                    const wg_op *op = wg_find_op(NULL, some[k]);
                    if (op->map->kernel[d])
                        check_call(level, op, (wg_dtype)chain_type, (wg_dtype)d);
                }
}

/* ---- the kit ---- */

/* r = (x y + one) 0.25, kept in a slot on the way, and one element of it. */
static void values_pass_from_link_to_link(void **unused)
{
    (void)unused;
    for (wg_isa_level level = WG_ISA_BASELINE; level <= wg_isa(); level++) {
        const wg_chain_kit *kit = wg_chain_kit_for(level, WG_F32);
        row x, y, r, slot;
        float one = 0.75f, last = 0;
        fill(&x, WG_F32), fill(&y, WG_F32);
        char *at[] = {x.bytes, y.bytes, (char *)&one, r.bytes, slot.bytes, (char *)&last};
        const wg_map *add = wg_find_op(NULL, "add")->map, *mul = wg_find_op(NULL, "mul")->map;
        const wg_link chain[] = {
            {.form = kit->load, .operand = {0}, .mask = {-1}},
            {.form = wg_links_for(level, mul, WG_F32)[0], .operand = {1}, .mask = {-1}},
            {.form = kit->store, .operand = {4}, .mask = {0}},
            {.form = kit->load_one, .operand = {2}, .mask = {0}},
            {.form = wg_links_for(level, add, WG_F32)[2], .operand = {4}, .mask = {0}},
            {.form = kit->store, .operand = {4}, .mask = {0}},
            {.form = kit->number, .number = {0.25}},
            {.form = wg_links_for(level, mul, WG_F32)[0], .operand = {4}, .mask = {0}},
            {.form = kit->store, .operand = {3}, .mask = {-1}},
            {.form = kit->store_one, .operand = {5}, .mask = {0}},
            {.form = kit->end},
        };
        assert_true(kit->block <= 128 && kit->lanes <= kit->block);
        for (int64_t n = 0; n <= MOST; n++) {
            memset(&r, MARK, sizeof r);
            kit->run(chain, at, n);
            row expected;
            for (int i = 0; i < n; i++) {
                float product = x.f32[i] * y.f32[i];
                expected.f32[i] = (product + one) * 0.25f;
                assert_true(same(&r, &expected, i, WG_F32));
            }
            assert_true(untouched(&r, n * 4));
        }
    }
}

/* ---- reductions ---- */

static void reduce_by_row(wg_isa_level level, int which, wg_dtype d, int64_t n, const void *x,
                          void *y)
{
    WG_ISA_SELECT(level, wg_reduces)[which].row[d](n, y, x, 1);
}

static bool same_number(const void *a, const void *b, wg_dtype d)
{
    row x, y;
    memcpy(&x, a, wg_dtype_size(d)), memcpy(&y, b, wg_dtype_size(d));
    return same(&x, &y, 0, d);
}

/* A chain that folds x into lanes, block by block, gives the row kernel's bits. */
static void rows_are_folded_as_they_come(void **unused)
{
    (void)unused;
    static union {
        float f32[5000];
        double f64[5000];
    } x;
    static const int64_t lengths[] = {0,   1,    2,    15,   16,   17,   63,   64,  65,
                                      100, 1000, 1023, 1024, 1025, 2048, 3071, 4999};
    for (int d = WG_F32; d <= WG_F64; d++) {
        const int64_t size = (int64_t)wg_dtype_size((wg_dtype)d);
        for (int i = 0; i < 5000; i++) {
            double v = (double)(next_bits() >> 11) * 0x1p-53 + 0.5;
            if (d == WG_F32)
                x.f32[i] = (float)v;
            else
                x.f64[i] = v;
        }
        for (wg_isa_level level = WG_ISA_BASELINE; level <= wg_isa(); level++)
            for (int which = 0; which < WG_FOLD_COUNT; which++)
                for (size_t k = 0; k < sizeof lengths / sizeof *lengths; k++) {
                    const wg_chain_kit *kit = wg_chain_kit_for(level, (wg_dtype)d);
                    int place;
                    const wg_row_folds *folds =
                        wg_row_folds_for(level, &wg_reduces_baseline[which], (wg_dtype)d, &place);
                    wg_row_fold fold;
                    char *at[] = {(char *)&x, (char *)fold.lanes};
                    const wg_link chain[] = {
                        {.form = kit->load, .operand = {0}, .mask = {-1}},
                        {.form = kit->fold[which],
                         .operand = {1},
                         .mask = {(int32_t)(64 * size - 1)}},
                        {.form = kit->end},
                    };
                    double y = 0, expected = 0;
                    int64_t left = lengths[k];
                    assert_int_equal(place, which);
                    folds->start(&fold);
                    for (; left >= WG_FOLD_BLOCK;
                         left -= WG_FOLD_BLOCK, at[0] += WG_FOLD_BLOCK * size) {
                        kit->run(chain, at, WG_FOLD_BLOCK);
                        folds->block(&fold);
                    }
                    kit->run(chain, at, left);
                    folds->finish(&fold, left, &y);
                    reduce_by_row(level, which, (wg_dtype)d, lengths[k], &x, &expected);
                    if (!same_number(&y, &expected, (wg_dtype)d))
                        fail_msg("fold %d of %d, %s %s", which, (int)lengths[k],
                                 wg_dtype_name((wg_dtype)d), wg_isa_text(level));
                }
    }
}

/* A whole row in one vector, special values included; and folds into a row of memory. */
static void short_rows_are_reduced_in_a_register(void **unused)
{
    (void)unused;
    row x, y, sums, expected;
    for (int d = WG_F32; d <= WG_F64; d++)
        for (wg_isa_level level = WG_ISA_BASELINE; level <= wg_isa(); level++)
            for (int which = 0; which < WG_FOLD_COUNT; which++) {
                const wg_chain_kit *kit = wg_chain_kit_for(level, (wg_dtype)d);
                const int64_t size = (int64_t)wg_dtype_size((wg_dtype)d);
                char *at[] = {x.bytes, y.bytes, sums.bytes};
                const wg_link chain[] = {
                    {.form = kit->load, .operand = {0}, .mask = {-1}},
                    {.form = kit->across[which]},
                    {.form = kit->store, .operand = {1}, .mask = {-1}},
                    {.form = kit->end},
                };
                for (int64_t n = 1; n <= kit->lanes; n++) {
                    fill(&x, (wg_dtype)d);
                    memset(&y, MARK, sizeof y);
                    kit->run(chain, at, n);
                    reduce_by_row(level, which, (wg_dtype)d, n, x.bytes, expected.bytes);
                    for (int64_t i = 0; i < n; i++)
                        assert_true(same_number(y.bytes + i * size, expected.bytes, (wg_dtype)d));
                    assert_true(untouched(&y, n * size));
                }
                const wg_link column[] = {
                    {.form = kit->load, .operand = {0}, .mask = {-1}},
                    {.form = kit->fold[which], .operand = {2}, .mask = {-1}},
                    {.form = kit->end},
                };
                for (int64_t n = 1; n <= MOST; n++) {
                    fill(&expected, (wg_dtype)d);
                    memset(&sums, MARK, sizeof sums);
                    memcpy(sums.bytes, expected.bytes, (size_t)(n * size));
                    kit->run(column, at, n);
                    WG_ISA_SELECT(level, wg_reduces)[which].column[d](n, expected.bytes, x.bytes);
                    for (int i = 0; i < n; i++)
                        assert_true(same(&sums, &expected, i, (wg_dtype)d));
                    assert_true(untouched(&sums, n * size));
                }
            }
}

static double with_product(int kind, double a, double p)
{
    switch (kind) {
    case WG_PRODUCT_ADDED: return a + p;
    case WG_PRODUCT_TAKEN: return a - p;
    case WG_PRODUCT_LESS: return p - a;
    case WG_PRODUCT_OVER: return p / a;
    default: return a / p;
    }
}

/* acc + x y and the like round twice, as the ops do one after the other.  (What f64 says of a
 * sum or quotient of two f32, rounded to f32, is what f32 says.) */
static void products_round_before_they_are_taken(void **unused)
{
    (void)unused;
    const wg_dtype dtypes[] = {WG_F32, WG_F64};
    row x[3], y;
    for (int level = 0; level <= (int)wg_isa(); level++)
        for (int which = 0; which < 2 * WG_PRODUCTS * 2; which++) {
            const wg_dtype d = dtypes[which & 1];
            const bool one = which & 2;
            const int kind = which >> 2;
            const wg_chain_kit *kit = wg_chain_kit_for((wg_isa_level)level, d);
            for (int k = 0; k < 3; k++)
                fill(&x[k], d);
            char *at[] = {x[0].bytes, x[1].bytes, x[2].bytes, y.bytes};
            const wg_link chain[] = {
                {.form = kit->load, .operand = {0}, .mask = {-1}},
                {.form = kit->product[kind][one], .operand = {1, 2}, .mask = {-1, one ? 0 : -1}},
                {.form = kit->store, .operand = {3}, .mask = {-1}},
                {.form = kit->end},
            };
            for (int64_t n = 1; n <= MOST; n++) {
                row wanted;
                memset(&y, MARK, sizeof y);
                kit->run(chain, at, n);
                for (int i = 0; i < n; i++) {
                    const int j = one ? 0 : i;
                    if (d == WG_F32) {
                        volatile float p = x[1].f32[i] * x[2].f32[j], a = x[0].f32[i];
                        wanted.f32[i] = (float)with_product(kind, (double)a, (double)p);
                    } else {
                        volatile double p = x[1].f64[i] * x[2].f64[j], a = x[0].f64[i];
                        wanted.f64[i] = with_product(kind, a, p);
                    }
                    if (!same(&y, &wanted, i, d))
                        fail_msg("%s kind %d, n %d, element %d", wg_isa_text((wg_isa_level)level),
                                 kind, (int)n, i);
                }
                assert_true(untouched(&y, n * (int64_t)wg_dtype_size(d)));
            }
        }
}

static wg_link link_of(wg_isa_level level, const wg_map *map, wg_dtype d, int form, int operand)
{
    return (wg_link){.form = wg_links_for(level, map, d)[form],
                     .operand = {operand},
                     .mask = {form % 2 ? 0 : -1}};
}

/* load x; op c; mul x; op y; store; end: a link for each, and joined to as few as there can be. */
static void joined_links_give_the_same_bits(void **unused)
{
    (void)unused;
    const struct {
        const wg_map *map;
        int form;
    } with_one[] = {{&wg_elementwise_maps_baseline.add, 1}, {&wg_elementwise_maps_baseline.add, 3},
                    {&wg_elementwise_maps_baseline.sub, 1}, {&wg_elementwise_maps_baseline.sub, 3},
                    {&wg_elementwise_maps_baseline.div, 1}},
      final[] = {{&wg_elementwise_maps_baseline.add, 0}, {&wg_elementwise_maps_baseline.add, 2},
                 {&wg_elementwise_maps_baseline.sub, 0}, {&wg_elementwise_maps_baseline.sub, 2},
                 {&wg_elementwise_maps_baseline.mul, 0}, {&wg_elementwise_maps_baseline.mul, 2},
                 {&wg_elementwise_maps_baseline.div, 0}};
    const wg_dtype dtypes[] = {WG_F32, WG_F64};
    row x[3], wanted, y;
    for (int level = 0; level <= (int)wg_isa(); level++)
        for (int which = 0; which < 2 * 2 * 2 * 5 * 7; which++) {
            const wg_isa_level isa = (wg_isa_level)level;
            const wg_dtype d = dtypes[which & 1];
            const int turned = which >> 1 & 1, other = which >> 2 & 1;
            const int first = (which >> 3) % 5, last = (which >> 3) / 5;
            const wg_chain_kit *kit = wg_chain_kit_for(isa, d);
            for (int k = 0; k < 3; k++)
                fill(&x[k], d);
            const wg_link chain[] = {
                {.form = kit->load, .operand = {0}, .mask = {-1}},
                link_of(isa, with_one[first].map, d, with_one[first].form, 1),
                link_of(isa, &wg_elementwise_maps_baseline.mul, d, 2 * turned, other ? 2 : 0),
                link_of(isa, final[last].map, d, final[last].form, 2),
                {.form = kit->store, .operand = {3}, .mask = {-1}},
                {.form = kit->end},
            };
            wg_link joined[6];
            memcpy(joined, chain, sizeof chain);
            const int links = wg_join_links(joined, 6, kit, isa, d);
            assert_int_equal(links, (other || first == 4 ? 3 : 1) + (last == 6 ? 2 : 1));
            char *at[] = {x[0].bytes, x[1].bytes, x[2].bytes, wanted.bytes};
            for (int64_t n = 1; n <= MOST; n++) {
                memset(&y, MARK, sizeof y);
                at[3] = wanted.bytes;
                kit->run(chain, at, n);
                at[3] = y.bytes;
                wg_run_chain(joined, at, n);
                for (int i = 0; i < n; i++)
                    if (!same(&y, &wanted, i, d))
                        fail_msg("%s, ops %d and %d, n %d, element %d", wg_isa_text(isa), first,
                                 last, (int)n, i);
                assert_true(untouched(&y, n * (int64_t)wg_dtype_size(d)));
            }
        }
}

enum { SHIFT = 1 }; /* elements by which a row is off a vector's place */

/* The chain for each n, from rows that lie at vectors' places or do not, beside the same as a loop;
 * expected: whether it is one. */
static void check_loop(const wg_link *chain, int links, bool expected, wg_isa_level isa, wg_dtype d,
                       const char *what)
{
    const wg_chain_kit *kit = wg_chain_kit_for(isa, d);
    const int64_t size = (int64_t)wg_dtype_size(d);
    wg_link joined[6];
    row x[3], wanted, y;
    memcpy(joined, chain, (size_t)links * sizeof *chain);
    wg_join_links(joined, links, kit, isa, d);
    if ((joined[0].run != kit->run) != expected)
        fail_msg("%s %s: a loop?", what, wg_isa_text(isa));
    for (int k = 0; k < 3; k++)
        fill(&x[k], d);
    for (int shifted = 0; shifted < 16; shifted++)
        for (int64_t n = 0; n <= 70; n++) {
            char *at[4];
            for (int k = 0; k < 3; k++)
                at[k] = x[k].bytes + (shifted >> k & 1) * SHIFT * size;
            const int64_t first = (shifted >> 3 & 1) * SHIFT * size;
            memset(&wanted, MARK, sizeof wanted);
            memset(&y, MARK, sizeof y);
            at[3] = wanted.bytes + first;
            kit->run(chain, at, n);
            at[3] = y.bytes + first;
            wg_run_chain(joined, at, n);
            for (int i = 0; i < n + SHIFT; i++)
                if (!same(&y, &wanted, i, d))
                    fail_msg("%s %s n %d element %d", what, wg_isa_text(isa), (int)n, i);
            assert_true(untouched(&y, first + n * size));
        }
}

/* load x; op; last; store; end, for any op of two arguments in any form. */
static void whole_chains_become_loops_with_the_same_bits(void **unused)
{
    (void)unused;
    const wg_elementwise_maps *maps = &wg_elementwise_maps_baseline;
    const wg_map *const op[] = {&maps->add, &maps->sub, &maps->mul, &maps->div};
    const wg_dtype dtypes[] = {WG_F32, WG_F64};
    int loops = 0;
    for (int level = 0; level <= (int)wg_isa(); level++)
        for (int which = 0; which < 2 * 4 * 4 * 4 * 2; which++) {
            const wg_isa_level isa = (wg_isa_level)level;
            const wg_dtype d = dtypes[which & 1];
            const int first = which >> 1 & 3, form = which >> 3 & 3, last = which >> 5 & 3;
            const int turned = which >> 7;
            const wg_chain_kit *kit = wg_chain_kit_for(isa, d);
            const bool expected = first != 3 && last != 3 && !(first == 1 && form == 2);
            char what[64];
            snprintf(what, sizeof what, "op %d in form %d, then %d", first, form, last);
            const wg_link chain[] = {
                {.form = kit->load, .operand = {0}, .mask = {-1}},
                link_of(isa, op[first], d, form, 1),
                link_of(isa, op[last], d, 2 * turned, 2),
                {.form = kit->store, .operand = {3}, .mask = {-1}},
                {.form = kit->end},
            };
            check_loop(chain, 5, expected, isa, d, what);
            loops += expected;
        }
    assert_true(loops > 0);
}

/* An operand that goes round is none for a loop, nor is a slot. */
static void loops_are_for_operands_that_follow_the_row(void **unused)
{
    (void)unused;
    const wg_elementwise_maps *maps = &wg_elementwise_maps_baseline;
    for (int level = 0; level <= (int)wg_isa(); level++)
        for (int which = 0; which < 5; which++) {
            const wg_isa_level isa = (wg_isa_level)level;
            const wg_chain_kit *kit = wg_chain_kit_for(isa, WG_F32);
            wg_link chain[] = {
                {.form = kit->load, .operand = {0}, .mask = {-1}},
                link_of(isa, &maps->add, WG_F32, 0, 1),
                link_of(isa, &maps->mul, WG_F32, 0, 2),
                {.form = kit->store, .operand = {3}, .mask = {-1}},
                {.form = kit->end},
            };
            if (which < 4)
                chain[which].mask[0] = (int32_t)kit->block * 4 - 1;
            check_loop(chain, 5, which == 4, isa, WG_F32, "operands that go round");
        }
}

/* c - x x, squared by an op of its own or by a product. */
static void squares_are_read_once(void **unused)
{
    (void)unused;
    const wg_elementwise_maps *maps = &wg_elementwise_maps_baseline;
    for (int level = 0; level <= (int)wg_isa(); level++)
        for (int which = 0; which < 2 * 3; which++) {
            const wg_isa_level isa = (wg_isa_level)level;
            const wg_dtype d = which & 1 ? WG_F64 : WG_F32;
            const wg_chain_kit *kit = wg_chain_kit_for(isa, d);
            const wg_link square = link_of(isa, &maps->square, d, 0, 0);
            const wg_link chain[] = {
                {.form = kit->load, .operand = {0}, .mask = {-1}},
                which >> 1 ? link_of(isa, &maps->mul, d, 0, which >> 1 == 1 ? 0 : 2) : square,
                link_of(isa, &maps->sub, d, 3, 1),
                link_of(isa, &maps->mul, d, 0, 2),
                {.form = kit->store, .operand = {3}, .mask = {-1}},
                {.form = kit->end},
            };
            check_loop(chain, 6, which >> 1 != 2, isa, d, "c - x x");
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_chains_become_loops_with_the_same_bits),
        cmocka_unit_test(loops_are_for_operands_that_follow_the_row),
        cmocka_unit_test(squares_are_read_once),
        cmocka_unit_test(joined_links_give_the_same_bits),
        cmocka_unit_test(products_round_before_they_are_taken),
        cmocka_unit_test(values_pass_from_link_to_link),
        cmocka_unit_test(links_give_the_bits_of_map_kernels),
        cmocka_unit_test(any_op_can_be_called),
        cmocka_unit_test(rows_are_folded_as_they_come),
        cmocka_unit_test(short_rows_are_reduced_in_a_register),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
