/* Updates of optimizers (white box): links that are joined, and Adam's as a loop, give the bits of
 * a link an op, in every form, on each instruction set, in place and not; and of arithmetic step by
 * step.  Arrays that are updated together begin apart within a page. */
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
#include "support/plain.h"

/* Places of a chain. */
enum { G, M, V, P, NEW_M, NEW_V, NEW_P, BETA1, GAIN1, BETA2, GAIN2, RATE, EPSILON, PLACES };
enum { MOST = 200, ROOM = MOST + 64, MOST_LINKS = 20, BEYOND = 77 };

typedef union row {
    float f32[ROOM];
    double f64[ROOM];
    char bytes[8 * ROOM];
} row;

static void put(row *r, wg_dtype d, int i, double v)
{
    if (d == WG_F32)
        r->f32[i] = (float)v;
    else
        r->f64[i] = v;
}

static void fill(row *r, wg_dtype d, int place, uint64_t *state)
{
    for (int i = 0; i < ROOM; i++)
        put(r, d, i, place == V ? fabs(plain_uniform(state)) : plain_uniform(state));
    if (place >= BETA1)
        put(r, d, 0, (double[]){0.7, 0.3, 0.4, 0.6, 0.3, 0.1}[place - BETA1]);
    if (place >= NEW_M && place <= NEW_P)
        for (int i = 0; i < ROOM; i++)
            put(r, d, i, BEYOND);
}

/* ---- chains ---- */

/* The ways in which the same update can be said. */
typedef struct way {
    wg_isa_level level;
    wg_dtype dtype;
    bool by_product;  /* g g, not square(g) */
    bool turned;      /* arguments of products with one element, and of sums */
    bool scaled_last; /* p - m / .. rate, not p - m rate / .. */
    bool in_place;
} way;

static way way_of(int which)
{
    return (way){.dtype = which & 1 ? WG_F64 : WG_F32,
                 .by_product = which >> 1 & 1,
                 .turned = which >> 2 & 1,
                 .scaled_last = which >> 3 & 1,
                 .in_place = which >> 4 & 1};
}
enum { WAYS = 1 << 5 };

typedef struct chain {
    int n;
    wg_link link[MOST_LINKS];
} chain;

static void add(chain *c, wg_link_form form, int x, int mask, int y)
{
    c->link[c->n++] = (wg_link){.form = form, .operand = {x, y}, .mask = {mask, 0}};
}

static void add_op(chain *c, const way *w, const wg_map *map, int form, int x)
{
    add(c, wg_links_for(w->level, map, w->dtype)[form], x, form % 2 ? 0 : -1, 0);
}

static void add_unary(chain *c, const way *w, const wg_map *map)
{
    add(c, wg_links_for(w->level, map, w->dtype)[0], 0, 0, 0);
}

/* A link an op; `between` puts an op that changes nothing before the step. */
static chain update(const way *w, bool between)
{
    const wg_elementwise_maps *maps = &wg_elementwise_maps_baseline;
    const wg_chain_kit *kit = wg_chain_kit_for(w->level, w->dtype);
    const int one = w->turned ? 3 : 1, m = w->in_place ? M : NEW_M, v = w->in_place ? V : NEW_V;
    chain c = {0};
    add(&c, kit->load, M, -1, 0);
    add_op(&c, w, &maps->mul, one, BETA1);
    add(&c, kit->product[WG_PRODUCT_ADDED][1], G, -1, GAIN1);
    add(&c, kit->store, m, -1, 0);
    add(&c, kit->load, G, -1, 0);
    if (w->by_product)
        add_op(&c, w, &maps->mul, w->turned ? 2 : 0, G);
    else
        add_unary(&c, w, &maps->square);
    add_op(&c, w, &maps->mul, one, GAIN2);
    add(&c, kit->product[WG_PRODUCT_ADDED][1], V, -1, BETA2);
    add(&c, kit->store, v, -1, 0);
    add_unary(&c, w, &maps->sqrt);
    add_op(&c, w, &maps->add, one, EPSILON);
    if (between)
        add_unary(&c, w, &maps->abs);
    if (w->scaled_last) {
        add_op(&c, w, &maps->div, 2, m);
        add_op(&c, w, &maps->mul, one, RATE);
    } else {
        add(&c, kit->product[WG_PRODUCT_OVER][1], m, -1, RATE);
    }
    add_op(&c, w, &maps->sub, 2, P);
    add(&c, kit->store, w->in_place ? P : NEW_P, -1, 0);
    add(&c, kit->end, 0, 0, 0);
    return c;
}

static void run(const chain *c, row *rows, int64_t n)
{
    char *at[PLACES];
    for (int k = 0; k < PLACES; k++)
        at[k] = rows[k].bytes;
    wg_run_chain(c->link, at, n);
}

/* The chain as it is and joined, for every n. */
static void check(chain c, const way *w, int links, bool loop, const char *what)
{
    static row start[PLACES], wanted[PLACES], got[PLACES];
    const wg_chain_kit *kit = wg_chain_kit_for(w->level, w->dtype);
    uint64_t state = 1;
    chain joined = c;
    c.link[0].run = kit->run;
    joined.n = wg_join_links(joined.link, c.n, kit, w->level, w->dtype);
    if (joined.n != links || (joined.link[0].run != kit->run) != loop)
        fail_msg("%s, %s: %d links", what, wg_isa_text(w->level), joined.n);
    for (int k = 0; k < PLACES; k++)
        fill(&start[k], w->dtype, k, &state);
    for (int64_t n = 0; n <= MOST; n++) {
        memcpy(wanted, start, sizeof start);
        memcpy(got, start, sizeof start);
        run(&c, wanted, n);
        run(&joined, got, n);
        for (int k = 0; k < PLACES; k++)
            if (memcmp(&got[k], &wanted[k], sizeof *got))
                fail_msg("%s, %s: place %d with n %d", what, wg_isa_text(w->level), k, (int)n);
    }
}

static void check_every_way(bool between, int links, const char *what)
{
    for (int level = 0; level <= (int)wg_isa(); level++)
        for (int which = 0; which < WAYS; which++) {
            way w = way_of(which);
            w.level = (wg_isa_level)level;
            check(update(&w, between), &w, links, !between, what);
        }
}

static void adam_is_a_loop_with_the_bits_of_a_link_an_op(void **unused)
{
    (void)unused;
    check_every_way(false, 4, "adam");
}

static void joined_links_give_the_same_bits_in_every_form(void **unused)
{
    (void)unused;
    check_every_way(true, 5, "links");
}

/* Operands that go round in a block are not what these links read: what reads or writes one stays
 * as it is. */
static void only_operands_that_follow_the_row_are_joined(void **unused)
{
    (void)unused;
    for (int level = 0; level <= (int)wg_isa(); level++)
        for (int which = 0; which < WAYS / 2; which++)
            for (int k = 0; k < MOST_LINKS; k++) {
                way w = way_of(which);
                w.level = (wg_isa_level)level;
                chain c = update(&w, false);
                const wg_chain_kit *kit = wg_chain_kit_for(w.level, w.dtype);
                if (k >= c.n || c.link[k].mask[0] != -1)
                    continue;
                c.link[k].mask[0] = (int32_t)kit->block * (w.dtype == WG_F32 ? 4 : 8) - 1;
                chain joined = c;
                joined.n = wg_join_links(joined.link, c.n, kit, w.level, w.dtype);
                assert_ptr_equal(joined.link[0].run, kit->run);
                check(c, &w, joined.n, false, "an operand that goes round");
            }
}

/* ---- programs ---- */

enum { LENGTH = 1000, STEPS = 3 };

static wg_tensor *moved(wg_tensor *old, double beta, wg_tensor *with)
{
    return wg_add(wg_mul_scalar(old, beta), wg_mul_scalar(with, 1 - beta));
}

/* Three steps of a program against floats rounded after each operation. */
static void check_program(bool scaled_last)
{
    static float g[LENGTH], m[LENGTH], v[LENGTH], p[LENGTH];
    const double b1 = 0.75, b2 = 0.875, rate = 0.125, epsilon = 0x1p-20;
    uint64_t state = 7;
    wg_tape *t = wg_tape_new(WG_F32);
    for (int i = 0; i < LENGTH; i++) {
        g[i] = (float)plain_uniform(&state);
        m[i] = v[i] = p[i] = 0;
    }
    const wg_shape shape = WG_SHAPE(LENGTH);
    wg_tensor *tg = wg_input(t, "g", shape);
    wg_tensor *tm = wg_param(t, "m", shape, wg_init_zeros());
    wg_tensor *tv = wg_param(t, "v", shape, wg_init_zeros());
    wg_tensor *tp = wg_param(t, "p", shape, wg_init_zeros());
    wg_set_f32(tg, g);
    wg_tensor *new_m = moved(tm, b1, tg), *new_v = moved(tv, b2, wg_square(tg));
    wg_tensor *root = wg_add_scalar(wg_sqrt(new_v), epsilon);
    wg_tensor *step = scaled_last ? wg_mul_scalar(wg_div(new_m, root), rate)
                                  : wg_div(wg_mul_scalar(new_m, rate), root);
    wg_tensor *outputs[] = {wg_assign(tm, new_m), wg_assign(tv, new_v),
                            wg_assign(tp, wg_sub(tp, step))};
    wg_program *program = wg_compile(3, outputs);
    assert_non_null(program);
    assert_int_equal(wg_stats(program).instructions, 1);
    for (int k = 0; k < STEPS; k++) {
        assert_int_equal(wg_run(program), WG_OK);
        for (int i = 0; i < LENGTH; i++) {
            volatile float a = m[i] * (float)b1, b = g[i] * (float)(1 - b1);
            m[i] = a + b;
            volatile float square = g[i] * g[i], c = v[i] * (float)b2;
            volatile float d = square * (float)(1 - b2);
            v[i] = c + d;
            volatile float below = sqrtf(v[i]);
            below = below + (float)epsilon;
            volatile float s = scaled_last ? m[i] / below : m[i] * (float)rate;
            s = scaled_last ? s * (float)rate : s / below;
            p[i] = p[i] - s;
        }
    }
    assert_memory_equal(wg_output(program, 0), m, sizeof m);
    assert_memory_equal(wg_output(program, 1), v, sizeof v);
    assert_memory_equal(wg_output(program, 2), p, sizeof p);
    wg_program_free(program);
    wg_tape_free(t);
}

static void programs_round_after_each_operation(void **unused)
{
    (void)unused;
    check_program(false);
    check_program(true);
}

/* ---- where arrays lie ---- */

/* Lines from one to the other within a page, the shorter way round. */
static int lines_between(const void *a, const void *b)
{
    const int lines = (int)(((uintptr_t)a - (uintptr_t)b) / 64 % 64);
    return lines < 32 ? lines : 64 - lines;
}

static void leaves_begin_apart_within_a_page(void **unused)
{
    (void)unused;
    const int64_t lengths[] = {512, 1000, 1024, 2048, 16384, 100000};
    for (size_t l = 0; l < sizeof lengths / sizeof *lengths; l++) {
        enum { ARRAYS = 8 };
        wg_tape *t = wg_tape_new(WG_F32);
        wg_tensor *out[ARRAYS];
        for (int i = 0; i < ARRAYS; i++) {
            char name[8];
            snprintf(name, sizeof name, "%d", i);
            wg_tensor *x = wg_param(t, name, WG_SHAPE(lengths[l]), wg_init_zeros());
            out[i] = wg_assign(x, wg_add_scalar(x, 1));
        }
        wg_program *p = wg_compile(ARRAYS, out);
        assert_int_equal(wg_run(p), WG_OK);
        for (int i = 0; i < ARRAYS; i++)
            for (int j = i + 1; j < ARRAYS && j < i + 5; j++)
                assert_true(lines_between(wg_output(p, i), wg_output(p, j)) >= 12);
        wg_program_free(p);
        wg_tape_free(t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adam_is_a_loop_with_the_bits_of_a_link_an_op),
        cmocka_unit_test(joined_links_give_the_same_bits_in_every_form),
        cmocka_unit_test(only_operands_that_follow_the_row_are_joined),
        cmocka_unit_test(programs_round_after_each_operation),
        cmocka_unit_test(leaves_begin_apart_within_a_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
