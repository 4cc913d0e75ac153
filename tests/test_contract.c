/* Contractions: products and Einstein sums against loops over all indices, refusals,
 * derivatives. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <wengert.h>
#include "support/plain.h"

enum { MOST = 4 };
static plain x[MOST], out;

/* ---- einsum by brute force ----
 * The spec is first spelt out: blanks go, an ellipsis becomes digits (8 its last axis, 7 the one
 * before ...), a missing output is written.
 * Then every assignment of numbers to all letters is visited. */

static void spell_term(const char *term, size_t length, int64_t rank, char *to)
{
    int letters = 0;
    for (size_t i = 0; i < length; i++)
        letters += isalpha((unsigned char)term[i]) != 0;
    for (size_t i = 0; i < length; i++) {
        if (isalpha((unsigned char)term[i])) {
            *to++ = term[i];
        } else if (term[i] == '.') {
            for (int64_t k = rank - letters; k > 0; k--)
                *to++ = (char)('9' - k);
            i += 2;
        }
    }
    *to = 0;
}

/* Terms of the operands and, at [n], of the result. */
static void spell(const char *spec, int n, char term[MOST + 1][40])
{
    char text[80];
    size_t used = 0;
    int64_t dots = 0;
    for (; *spec; spec++)
        if (*spec != ' ')
            text[used++] = *spec;
    text[used] = 0;
    const char *s = text;
    for (int i = 0; i < n; i++, s += *s == ',') {
        size_t length = strcspn(s, ",-");
        spell_term(s, length, x[i].shape.rank, term[i]);
        int64_t mine = 0;
        for (const char *c = term[i]; *c; c++)
            mine += isdigit((unsigned char)*c) != 0;
        dots = mine > dots ? mine : dots;
        s += length;
    }
    if (*s) {
        int letters = 0;
        for (const char *c = s; *c; c++)
            letters += isalpha((unsigned char)*c) != 0;
        spell_term(s + 2, strlen(s + 2), strchr(s, '.') ? letters + dots : letters, term[n]);
        return;
    }
    char *to = term[n];
    for (int64_t k = dots; k > 0; k--)
        *to++ = (char)('9' - k);
    for (int c = 'A'; c <= 'z'; c++) {
        int seen = 0;
        for (const char *p = text; *p; p++)
            seen += *p == c;
        if (isalpha(c) && seen == 1)
            *to++ = (char)c;
    }
    *to = 0;
}

static int64_t place(const plain *p, const char *term, const int64_t value[128])
{
    int64_t flat = 0;
    for (int64_t d = 0; d < p->shape.rank; d++)
        flat = flat * p->shape.dim[d] + (p->shape.dim[d] == 1 ? 0 : value[(int)term[d]]);
    return flat;
}

static void brute_force(const char *spec, int n)
{
    char term[MOST + 1][40], names[80] = "";
    int64_t extent[128] = {0}, value[128] = {0};
    spell(spec, n, term);
    for (int i = 0; i < n; i++)
        for (int64_t d = 0; d < x[i].shape.rank; d++) {
            char c = term[i][d];
            if (!strchr(names, c)) {
                names[strlen(names)] = c;
                extent[(int)c] = 1;
            }
            if (x[i].shape.dim[d] != 1)
                extent[(int)c] = x[i].shape.dim[d];
        }
    memset(&out, 0, sizeof out);
    bool empty = false;
    for (const char *c = term[n]; *c; c++)
        out.shape.dim[out.shape.rank++] = extent[(int)*c];
    for (const char *c = names; *c; c++)
        empty = empty || extent[(int)*c] == 0;
    while (!empty) {
        double product = 1;
        for (int i = 0; i < n; i++)
            product *= x[i].v[place(&x[i], term[i], value)];
        out.v[place(&out, term[n], value)] += product;
        const char *c = names;
        while (*c && ++value[(int)*c] == extent[(int)*c])
            value[(int)*c++] = 0;
        if (!*c)
            break;
    }
}

typedef struct einsum_case {
    const char *spec;
    int n;
    int64_t rank[MOST], dim[MOST][6];
} einsum_case;

static const einsum_case cases[] = {
    {"ij,jk->ik", 2, {2, 2}, {{3, 4}, {4, 5}}},
    {"ij,jk", 2, {2, 2}, {{3, 4}, {4, 5}}},
    {"ij,kj->ik", 2, {2, 2}, {{3, 4}, {5, 4}}},
    {"ji,jk->ki", 2, {2, 2}, {{4, 3}, {4, 5}}},
    {"bij,bjk->bik", 2, {3, 3}, {{2, 3, 4}, {2, 4, 2}}},
    {"bij,bjk", 2, {3, 3}, {{2, 3, 4}, {2, 4, 2}}},
    {"bqhd,bkhd->bhqk", 2, {4, 4}, {{2, 3, 2, 4}, {2, 5, 2, 4}}},
    {"bhqk,bkhd->bqhd", 2, {4, 4}, {{2, 2, 3, 5}, {2, 5, 2, 4}}},
    {"i,i->", 2, {1, 1}, {{6}, {6}}},
    {"i,i", 2, {1, 1}, {{6}, {6}}},
    {"i,j->ij", 2, {1, 1}, {{3}, {4}}},
    {"j,i", 2, {1, 1}, {{3}, {4}}},
    {"i,i->i", 2, {1, 1}, {{3}, {3}}},
    {"ij,i->ij", 2, {2, 1}, {{3, 4}, {3}}},
    {"i,ij->ji", 2, {1, 2}, {{3}, {3, 4}}},
    {"ij,j", 2, {2, 1}, {{3, 4}, {4}}},
    {"ij->ji", 1, {2}, {{3, 4}}},
    {"ba", 1, {2}, {{3, 4}}},
    {"ij->", 1, {2}, {{3, 4}}},
    {"ij->j", 1, {2}, {{3, 4}}},
    {"ij->ij", 1, {2}, {{3, 4}}},
    {"ii->i", 1, {2}, {{4, 4}}},
    {"ii->", 1, {2}, {{4, 4}}},
    {"ii", 1, {2}, {{4, 4}}},
    {"iij->ji", 1, {3}, {{3, 3, 2}}},
    {"iji->ij", 1, {3}, {{3, 2, 3}}},
    {"iii->i", 1, {3}, {{3, 3, 3}}},
    {"ijij->ij", 1, {4}, {{2, 3, 2, 3}}},
    {"ii,ij->ij", 2, {2, 2}, {{3, 3}, {3, 2}}},
    {"ii,ii->", 2, {2, 2}, {{3, 3}, {3, 3}}},
    {"ij,ij->", 2, {2, 2}, {{3, 4}, {3, 4}}},
    {"ij,ji->", 2, {2, 2}, {{3, 4}, {4, 3}}},
    {"ik,jk->", 2, {2, 2}, {{3, 4}, {5, 4}}},
    {"ia,jb->ij", 2, {2, 2}, {{3, 4}, {5, 2}}},
    {"...ij->...ji", 1, {4}, {{2, 3, 4, 2}}},
    {"...ij->...ji", 1, {2}, {{4, 2}}},
    {"i...->...", 1, {3}, {{2, 3, 4}}},
    {"i...j->j...i", 1, {4}, {{2, 3, 4, 2}}},
    {"...", 1, {3}, {{2, 3, 4}}},
    {"...->", 1, {3}, {{2, 3, 4}}},
    {"...ij,...jk->...ik", 2, {3, 4}, {{2, 3, 4}, {3, 2, 4, 2}}},
    {"...ij,...jk->...ik", 2, {3, 3}, {{1, 3, 4}, {2, 4, 2}}},
    {"...ij,jk", 2, {4, 2}, {{2, 3, 2, 4}, {4, 3}}},
    {"...i,...i->...", 2, {3, 2}, {{2, 3, 4}, {1, 4}}},
    {"...i,...i->i", 2, {2, 2}, {{3, 4}, {1, 4}}},
    {"...i,...i->i", 2, {2, 2}, {{1, 4}, {3, 4}}},
    {"...i,...i->i", 2, {2, 2}, {{1, 4}, {1, 4}}},
    {"...,...->...", 2, {2, 3}, {{3, 1}, {2, 1, 4}}},
    {"i...,...j->i...j", 2, {3, 2}, {{2, 1, 3}, {3, 2}}},
    {" i j , j k -> k i ", 2, {2, 2}, {{3, 4}, {4, 5}}},
    {"aB,BC->Ca", 2, {2, 2}, {{3, 4}, {4, 5}}},
    {"bA,Ba", 2, {2, 2}, {{3, 4}, {2, 5}}},
    {"ij,jk,kl->il", 3, {2, 2, 2}, {{2, 3}, {3, 4}, {4, 2}}},
    {"ij,jk,kl,lm", 4, {2, 2, 2, 2}, {{2, 3}, {3, 4}, {4, 2}, {2, 3}}},
    {"i,i,i->i", 3, {1, 1, 1}, {{4}, {4}, {4}}},
    {"i,i,i->", 3, {1, 1, 1}, {{4}, {4}, {4}}},
    {"i,j,k->kji", 3, {1, 1, 1}, {{2}, {3}, {4}}},
    {"ij,ik,il->jkl", 3, {2, 2, 2}, {{4, 2}, {4, 3}, {4, 2}}},
    {"ab,cd,bc->ad", 3, {2, 2, 2}, {{2, 3}, {4, 2}, {3, 4}}},
    {"bi,ijk,bk->bj", 3, {2, 3, 2}, {{2, 3}, {3, 4, 2}, {2, 2}}},
    {"i,ij,j", 3, {1, 2, 1}, {{3}, {3, 4}, {4}}},
    {",i->i", 2, {0, 1}, {{0}, {3}}},
    {",", 2, {0, 0}, {{0}, {0}}},
    {"", 1, {0}, {{0}}},
    {"->", 1, {0}, {{0}}},
    {"ij,jk->ik", 2, {2, 2}, {{3, 0}, {0, 5}}},
    {"ij,jk->ik", 2, {2, 2}, {{0, 2}, {2, 5}}},
    {"ij,ij->i", 2, {2, 2}, {{3, 0}, {3, 0}}},
    {"...i,...i->i", 2, {2, 2}, {{0, 4}, {1, 4}}},
    {"abcdef,abcdef->abcdef", 2, {6, 6}, {{1, 2, 1, 2, 1, 2}, {1, 2, 1, 2, 1, 2}}},
    {"abcdef,fedcba->", 2, {6, 6}, {{1, 2, 1, 2, 1, 2}, {2, 1, 2, 1, 2, 1}}},
    {"abcdei,abcdei->abcde", 2, {6, 6}, {{1, 2, 1, 2, 1, 3}, {1, 2, 1, 2, 1, 3}}},
};
enum { CASES = sizeof cases / sizeof *cases };

static wg_tensor *apply(wg_tape *t, const einsum_case *c, uint64_t seed)
{
    static const char *const name[] = {"a", "b", "c", "d"};
    wg_tensor *in[MOST];
    for (int i = 0; i < c->n; i++) {
        plain_fill(&x[i], wg_make_shape(c->rank[i], c->dim[i]), &seed);
        in[i] = plain_input(t, name[i], &x[i]);
    }
    return wg_einsum(c->spec, c->n, in);
}

static void einsums_are_what_loops_say(void **state)
{
    (void)state;
    for (int k = 0; k < CASES; k++) {
        wg_tape *t = wg_tape_new(WG_F64);
        wg_tensor *y = apply(t, &cases[k], (uint64_t)k);
        if (!y)
            fail_msg("%s: %s", cases[k].spec, wg_error(t));
        brute_force(cases[k].spec, cases[k].n);
        plain_assert_equal(y, &out, 1e-13);
        wg_tape_free(t);
    }
}

/* Random specs: terms of random letters for random operands,
 * any subset of the letters as the result. */
static void random_einsums(void **state)
{
    (void)state;
    uint64_t random = 11;
    for (int round = 0; round < 600; round++) {
        wg_tape *t = wg_tape_new(WG_F64);
        char spec[60] = "", seen[8] = "";
        int n = 1 + (int)plain_random(&random, 3);
        int64_t extent[4];
        wg_tensor *in[MOST];
        for (int l = 0; l < 4; l++)
            extent[l] = 1 + (int64_t)plain_random(&random, 3);
        for (int i = 0; i < n; i++) {
            char name[2] = {(char)('p' + i), 0};
            wg_shape s = {.rank = (int64_t)plain_random(&random, 4)};
            if (i)
                strcat(spec, ",");
            for (int64_t d = 0; d < s.rank; d++) {
                int l = (int)plain_random(&random, 4);
                char c[2] = {(char)("iJkL"[l]), 0};
                strcat(spec, c);
                s.dim[d] = extent[l];
                if (!strchr(seen, c[0]))
                    strcat(seen, c);
            }
            plain_fill(&x[i], s, &random);
            in[i] = plain_input(t, name, &x[i]);
        }
        if (plain_random(&random, 4)) {
            strcat(spec, "->");
            for (size_t left = strlen(seen); left && plain_random(&random, 4);) {
                size_t k = (size_t)plain_random(&random, left);
                char c[2] = {seen[k], 0};
                strcat(spec, c);
                seen[k] = seen[--left];
            }
        }
        wg_tensor *y = wg_einsum(spec, n, in);
        if (!y)
            fail_msg("%s: %s", spec, wg_error(t));
        brute_force(spec, n);
        plain_assert_equal(y, &out, 1e-13);
        wg_tape_free(t);
    }
}

/* The product is of the operands in the order in which the result has their axes. */
static void einsum_turns_no_product_round(void **state)
{
    (void)state;
    const struct {
        const char *spec;
        wg_shape a, b;
    } c[] = {{"ij,jk->ki", WG_SHAPE(3, 40), WG_SHAPE(40, 50)},
             {"bij,bjk->bki", WG_SHAPE(2, 30, 40), WG_SHAPE(2, 40, 50)},
             {"bij,bkj->bki", WG_SHAPE(2, 30, 40), WG_SHAPE(2, 50, 40)},
             {"ij,bjk->bik", WG_SHAPE(30, 40), WG_SHAPE(2, 40, 50)},
             {"bij,jk->bki", WG_SHAPE(2, 30, 40), WG_SHAPE(40, 50)},
             {"ij,bjk->bki", WG_SHAPE(30, 40), WG_SHAPE(2, 40, 50)},
             {"bchw,dc->bdhw", WG_SHAPE(2, 30, 5, 6), WG_SHAPE(40, 30)},
             {"bijx,bjk->bkix", WG_SHAPE(2, 30, 40, 1), WG_SHAPE(2, 40, 50)}};
    for (size_t k = 0; k < sizeof c / sizeof *c; k++) {
        wg_tape *t = wg_tape_new(WG_F32);
        wg_tensor *y = wg_einsum(c[k].spec, 2, (wg_tensor *[]){wg_input(t, "a", c[k].a),
                                                               wg_input(t, "b", c[k].b)});
        wg_program *p = wg_compile(1, &y);
        assert_int_equal(wg_stats(p).instructions, 1);
        wg_program_free(p);
        wg_tape_free(t);
    }
}

static void einsum_says_what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *spec;
        int n;
        const char *wants;
    } bad[] = {
        {"ij,jk", 2, "one extent for j in \"ij,jk\""},
        {"ii,ii", 2, "one extent for i in \"ii,ii\""},
        {"ij", 2, "2 terms, one for each operand, in \"ij\""},
        {"ij,ij,ij", 2, "2 terms, one for each operand, in \"ij,ij,ij\""},
        {"ij,kl->m", 2, "an operand that has the result's letter m in \"ij,kl->m\""},
        {"ij,kl->ii", 2, "a result with one axis i in \"ij,kl->ii\""},
        {"i,kl", 2, "as many letters as the operand has axes in \"i,kl\""},
        {"ijk,kl", 2, "as many letters as the operand has axes in \"ijk,kl\""},
        {"ijk...,kl", 2, "as many letters as the operand has axes in \"ijk...,kl\""},
        {"i1,kl", 2, "letters, \"...\", \",\" and one \"->\" in \"i1,kl\""},
        {"ij,kl->i->j", 2, "letters, \"...\", \",\" and one \"->\" in \"ij,kl->i->j\""},
        {"ij,kl-i", 2, "letters, \"...\", \",\" and one \"->\" in \"ij,kl-i\""},
        {"ij,kl->i,j", 2, "letters, \"...\", \",\" and one \"->\" in \"ij,kl->i,j\""},
        {"i..,kl", 2, "one ellipsis \"...\" a term in \"i..,kl\""},
        {"...i...,kl", 2, "one ellipsis \"...\" a term in \"...i...,kl\""},
        {"abcdefghi,kl", 2, "at most 8 letters a term in \"abcdefghi,kl\""},
        {"i...,j...", 2, "one extent for an axis of ... in \"i...,j...\""},
        {NULL, 2, "a specification, not NULL"},
    };
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *in[17] = {wg_input(t, "a", WG_SHAPE(2, 3)), wg_input(t, "b", WG_SHAPE(4, 5))}, *y;
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        char text[400];
        snprintf(text, sizeof text, "einsum: wants %s, got \"a\" [2, 3] x \"b\" [4, 5]",
                 bad[k].wants);
        assert_null(wg_einsum(bad[k].spec, bad[k].n, in));
        plain_assert_error(t, text);
    }
    for (int i = 0; i < 17; i++)
        in[i] = in[0];
    assert_null(wg_einsum("ij", 17, in));
    assert_non_null(strstr(wg_error(t), "einsum: wants at most 16 operands, not 17, got \"a\""));
    wg_clear_error(t);
    y = wg_einsum("ij,ij,ij,ij,ij,ij,ij,ij,ij,ij,ij,ij,ij,ij,ij,ij->ij", 16, in);
    assert_true(wg_shape_equal(wg_shape_of(y), WG_SHAPE(2, 3)));
    assert_null(wg_einsum("ij,kl,mn,op,qr", 5, in));
    assert_non_null(
        strstr(wg_error(t), "einsum: wants at most 8 axes in the result in \"ij,kl,mn,op,qr\""));
    wg_clear_error(t);
    assert_null(wg_einsum("ij,kl,mn,op,qr,ikmoq->", 5, in));
    wg_clear_error(t);
    assert_null(wg_einsum("ij,kl,mn,op,qr,ij,kl,mn,op,qr->i", 10, in));
    assert_non_null(strstr(wg_error(t),
                           "einsum: wants at most 8 axes in each intermediate result in \"ij,kl,"));
    wg_clear_error(t);
    assert_null(wg_einsum("i,i", 2, (wg_tensor *[]){in[0], NULL}));
    plain_assert_error(t, "einsum: wants tensors, got \"a\" [2, 3] x NULL");
    wg_tensor *label = wg_input_as(t, "l", WG_I32, WG_SHAPE(3));
    assert_null(wg_einsum("ij,j", 2, (wg_tensor *[]){in[0], label}));
    plain_assert_error(
        t, "einsum: wants operands of one floating dtype, got \"a\" f64 [2, 3] x \"l\" i32 [3]");
    assert_null(wg_einsum("i", 0, in));
    assert_null(wg_einsum("i", 1, NULL));
    assert_null(wg_einsum("i", 1, (wg_tensor *[]){NULL}));
    assert_null(wg_error(t));
    wg_tape_free(t);
}

/* ---- products ---- */

static void matmuls(void **state)
{
    (void)state;
    static const struct {
        int64_t a_rank, a[4], b_rank, b[4];
        const char *spec;
    } c[] = {
        {2, {3, 4}, 2, {4, 5}, "...ij,...jk->...ik"},
        {2, {1, 7}, 2, {7, 1}, "...ij,...jk->...ik"},
        {3, {2, 3, 4}, 3, {2, 4, 5}, "...ij,...jk->...ik"},
        {3, {2, 3, 4}, 2, {4, 5}, "...ij,...jk->...ik"},
        {2, {3, 4}, 3, {2, 4, 5}, "...ij,...jk->...ik"},
        {4, {3, 1, 2, 4}, 3, {5, 4, 3}, "...ij,...jk->...ik"},
        {3, {1, 2, 4}, 4, {2, 3, 4, 2}, "...ij,...jk->...ik"},
        {2, {3, 0}, 2, {0, 4}, "...ij,...jk->...ik"},
        {3, {0, 2, 3}, 3, {0, 3, 2}, "...ij,...jk->...ik"},
        {3, {1, 2, 3}, 3, {0, 3, 2}, "...ij,...jk->...ik"},
        {2, {17, 33}, 2, {33, 19}, "...ij,...jk->...ik"},
        {4, {2, 3, 2, 4}, 2, {4, 3}, "...ij,...jk->...ik"},
        {4, {2, 3, 2, 4}, 3, {1, 4, 3}, "...ij,...jk->...ik"},
        {3, {0, 2, 4}, 2, {4, 3}, "...ij,...jk->...ik"},
        {2, {3, 4}, 3, {1, 4, 2}, "...ij,...jk->...ik"},
        {3, {9, 5, 17}, 2, {17, 33}, "...ij,...jk->...ik"},
    };
    for (size_t k = 0; k < sizeof c / sizeof *c; k++)
        for (int single = 0; single < 2; single++) {
            wg_tape *t = wg_tape_new(single ? WG_F32 : WG_F64);
            uint64_t random = k;
            plain_fill(&x[0], wg_make_shape(c[k].a_rank, c[k].a), &random);
            plain_fill(&x[1], wg_make_shape(c[k].b_rank, c[k].b), &random);
            wg_tensor *y = wg_matmul(plain_input(t, "a", &x[0]), plain_input(t, "b", &x[1]));
            brute_force(c[k].spec, 2);
            plain_assert_equal(y, &out, single ? 1e-5 : 1e-13);
            wg_tape_free(t);
        }
}

/* Operands that are read through strides. */
static void matmuls_of_views(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    uint64_t random = 5;
    plain_fill(&x[0], WG_SHAPE(4, 3), &random);
    plain_fill(&x[1], WG_SHAPE(5, 4), &random);
    wg_tensor *a = plain_input(t, "a", &x[0]), *b = plain_input(t, "b", &x[1]);
    brute_force("ji,kj->ik", 2);
    plain_assert_equal(wg_matmul(wg_transpose(a), wg_transpose(b)), &out, 1e-13);
    brute_force("ij,kj->ki", 2);
    wg_tensor *odd = wg_matmul(wg_slice(b, 0, WG_END, WG_END, -2), wg_slice(a, 1, 0, WG_END, 2));
    static plain expected;
    expected = (plain){.shape = WG_SHAPE(3, 2)};
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 2; j++)
            for (int k = 0; k < 4; k++)
                expected.v[2 * i + j] += x[1].v[(4 - 2 * i) * 4 + k] * x[0].v[k * 3 + 2 * j];
    plain_assert_equal(odd, &expected, 1e-13);
    wg_tensor *square = wg_matmul(a, wg_transpose(a));
    plain_fill(&x[1], WG_SHAPE(4, 3), &(uint64_t){5});
    brute_force("ij,kj->ik", 2);
    plain_assert_equal(square, &out, 1e-13);
    wg_tape_free(t);
}

/* A matrix that many share has one product for its adjoint, not one each and their sum. */
static void a_shared_matrix_has_one_product(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    uint64_t random = 6;
    plain_fill(&x[0], WG_SHAPE(2, 3, 4, 5), &random);
    plain_fill(&x[1], WG_SHAPE(2, 3, 4, 7), &random);
    wg_tensor *a = plain_input(t, "a", &x[0]), *g = plain_input(t, "g", &x[1]);
    wg_tensor *shared = wg_input(t, "w", WG_SHAPE(5, 7)), *slope;
    wg_tensor *loss = wg_sum(wg_mul(wg_matmul(a, shared), g));
    assert_int_equal(wg_grad(loss, 1, &shared, &slope), WG_OK);
    brute_force("abij,abik->jk", 2);
    plain_assert_equal(slope, &out, 1e-13);
    wg_program *p = wg_compile(1, &slope);
    assert_int_equal(wg_stats(p).instructions, 1);
    assert_int_equal(wg_stats(p).planned_bytes, 0);
    assert_int_equal(wg_stats(p).flops, 2 * 2 * 3 * 4 * 5 * 7);
    wg_program_free(p);
    wg_tape_free(t);
}

/* One that is shared from the left: products that are added up where they are wanted. */
static void a_matrix_shared_from_the_left_is_neither_repeated(void **state)
{
    (void)state;
    const wg_shape others[][2] = {{WG_SHAPE(2, 3, 5, 4), WG_SHAPE(2, 3, 7, 4)},
                                  {WG_SHAPE(2, 3, 5, 1), WG_SHAPE(2, 3, 7, 1)},
                                  {WG_SHAPE(1, 1, 5, 4), WG_SHAPE(1, 1, 7, 4)}};
    for (size_t k = 0; k < sizeof others / sizeof *others; k++) {
        wg_tape *t = wg_tape_new(WG_F64);
        uint64_t random = 7 + k;
        plain_fill(&x[0], others[k][1], &random);
        plain_fill(&x[1], others[k][0], &random);
        wg_tensor *g = plain_input(t, "g", &x[0]), *b = plain_input(t, "b", &x[1]);
        wg_tensor *shared = wg_input(t, "w", WG_SHAPE(7, 5)), *slope[2];
        wg_tensor *loss = wg_sum(wg_mul(wg_matmul(shared, b), g));
        assert_int_equal(wg_grad(loss, 2, (wg_tensor *[]){shared, b}, slope), WG_OK);
        brute_force("abij,abkj->ik", 2);
        plain_assert_equal(slope[0], &out, 1e-13);
        wg_program *p = wg_compile(1, slope);
        assert_int_equal(wg_stats(p).instructions, 1);
        assert_int_equal(wg_stats(p).planned_bytes, 0);
        assert_int_equal(wg_stats(p).flops, 2 * 7 * wg_count_of(b));
        wg_program_free(p);
        p = wg_compile(1, &slope[1]); /* W^T G */
        assert_int_equal(wg_stats(p).instructions, 1);
        assert_int_equal(wg_stats(p).planned_bytes, 0);
        wg_program_free(p);
        wg_tape_free(t);
    }
}

/* Threads divide the elements, never the sums. */
static void products_added_up_by_threads_have_the_same_bits(void **state)
{
    (void)state;
    enum { MANY = 300, M = 50, K = 70, N = 40 };
    wg_tape *t = wg_tape_new(WG_F32);
    wg_tensor *b = wg_param(t, "b", WG_SHAPE(MANY, K, N), wg_init_glorot()), *slope;
    wg_tensor *shared = wg_param(t, "w", WG_SHAPE(M, K), wg_init_glorot());
    wg_tensor *loss = wg_sum(wg_tanh(wg_matmul(shared, b)));
    assert_int_equal(wg_grad(loss, 1, &shared, &slope), WG_OK);
    static float alone[M * K], together[M * K];
    for (int threads = 1; threads <= 8; threads += threads < 3 ? 1 : 5) {
        wg_program *p = wg_compile_with(1, &slope, &(wg_compile_options){.threads = threads});
        assert_int_equal(wg_run(p), WG_OK);
        assert_int_equal(wg_get_f32(slope, threads == 1 ? alone : together), WG_OK);
        assert_true(threads == 1 || memcmp(alone, together, sizeof alone) == 0);
        wg_program_free(p);
    }
    wg_tape_free(t);
}

static void products_of_vectors(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *a = wg_constant(t, WG_SHAPE(3), (double[]){1, 2, 3}),
              *b = wg_constant(t, WG_SHAPE(3), (double[]){4, 5, 6});
    wg_tensor *c = wg_constant(t, WG_SHAPE(2), (double[]){10, 100}),
              *m = wg_input(t, "m", WG_SHAPE(2, 2));
    plain_assert_equal(wg_dot(a, b), &(plain){.shape = WG_SHAPE(), .v = {32}}, 0);
    plain_assert_equal(wg_outer(a, c),
                       &(plain){.shape = WG_SHAPE(3, 2), .v = {10, 100, 20, 200, 30, 300}}, 0);
    plain_assert_equal(wg_dot(wg_full(t, WG_SHAPE(0), 1), wg_full(t, WG_SHAPE(0), 1)),
                       &(plain){.shape = WG_SHAPE(), .v = {0}}, 0);
    wg_label(a, "a");
    wg_label(c, "c");
    assert_null(wg_dot(a, c));
    plain_assert_error(t, "dot: wants [n] x [n], got \"a\" [3] x \"c\" [2]");
    assert_null(wg_dot(a, NULL));
    plain_assert_error(t, "dot: wants [n] x [n], got \"a\" [3] x NULL");
    assert_null(wg_outer(a, m));
    plain_assert_error(t, "outer: wants [m] x [n], got \"a\" [3] x \"m\" [2, 2]");
    assert_null(wg_outer(NULL, NULL));
    wg_tensor *f = wg_input_as(t, "f", WG_F32, WG_SHAPE(3));
    assert_null(wg_dot(a, f));
    plain_assert_error(t, "dot: wants tensors of one dtype, got \"a\" f64 [3] x \"f\" f32 [3]");
    assert_null(wg_outer(f, a));
    plain_assert_error(t, "outer: wants tensors of one dtype, got \"f\" f32 [3] x \"a\" f64 [3]");
    wg_tape_free(t);
}

static void matmul_says_what_it_wants(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F64), *other = wg_tape_new(WG_F64);
    wg_tensor *a = wg_input(t, "a", WG_SHAPE(3, 4)), *v = wg_input(t, "v", WG_SHAPE(4)),
              *i = wg_input_as(t, "i", WG_I32, WG_SHAPE(4, 4));
    wg_tensor *f = wg_input_as(t, "f", WG_F32, WG_SHAPE(4, 4)),
              *two = wg_input(t, "p", WG_SHAPE(2, 1, 4)),
              *three = wg_input(t, "q", WG_SHAPE(3, 4, 1));
    assert_null(wg_sum(wg_matmul(a, a)));
    plain_assert_error(t, "matmul: wants [.., m, k] x [.., k, n], got \"a\" [3, 4] x \"a\" [3, 4]");
    assert_null(wg_matmul(a, v));
    plain_assert_error(t, "matmul: wants [.., m, k] x [.., k, n], got \"a\" [3, 4] x \"v\" [4]");
    assert_null(wg_matmul(a, NULL));
    plain_assert_error(t, "matmul: wants [.., m, k] x [.., k, n], got \"a\" [3, 4] x NULL");
    assert_null(wg_matmul(a, f));
    plain_assert_error(
        t, "matmul: wants operands of one floating dtype, got \"a\" f64 [3, 4] x \"f\" f32 [4, 4]");
    assert_null(wg_matmul(i, i));
    plain_assert_error(
        t, "matmul: wants operands of one floating dtype, got \"i\" i32 [4, 4] x \"i\" i32 [4, 4]");
    assert_null(wg_matmul(two, three));
    plain_assert_error(t, "matmul: wants leading extents that broadcast in [.., m, k] x [.., k, "
                          "n], got \"p\" [2, 1, 4] x \"q\" [3, 4, 1]");
    assert_null(wg_matmul(a, wg_input(other, "b", WG_SHAPE(4, 2))));
    plain_assert_error(t, "matmul: wants tensors of one tape, got \"a\" [3, 4] x \"b\" [4, 2]");
    wg_tensor *tall = wg_reshape(wg_full(t, WG_SHAPE(), 1), WG_SHAPE(1, 1));
    assert_null(wg_matmul(wg_broadcast_to(tall, WG_SHAPE((int64_t)1 << 40, 1)),
                          wg_broadcast_to(tall, WG_SHAPE(1, (int64_t)1 << 40))));
    assert_non_null(
        strstr(wg_error(t), "matmul: wants a result of rank 0 to 8 and at most 2^63 - 1 bytes"));
    assert_null(wg_matmul(NULL, NULL));
    wg_tape_free(t);
    wg_tape_free(other);
}

/* ---- derivatives ---- */

static wg_tensor *model(wg_tape *t, void *user)
{
    return apply(t, &cases[*(int *)user], 77);
}

static void einsums_have_right_derivatives(void **state)
{
    (void)state;
    for (int k = 0; k < CASES; k++) {
        wg_check_report r;
        if (wg_check_grad(model, &k, &(wg_check_options){.order = 2, .max_elements = 24}, &r)
            != WG_OK)
            fail_msg("%s: %s", cases[k].spec, r.text);
    }
}

static void matmul_has_right_derivatives(void **state)
{
    (void)state;
    wg_check_report r;
    if (wg_check_op(wg_find_op(NULL, "matmul"), &(wg_check_options){.order = 2}, &r) != WG_OK)
        fail_msg("%s", r.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(einsums_are_what_loops_say),
        cmocka_unit_test(random_einsums),
        cmocka_unit_test(einsum_turns_no_product_round),
        cmocka_unit_test(einsum_says_what_is_wrong),
        cmocka_unit_test(matmuls),
        cmocka_unit_test(matmuls_of_views),
        cmocka_unit_test(a_shared_matrix_has_one_product),
        cmocka_unit_test(a_matrix_shared_from_the_left_is_neither_repeated),
        cmocka_unit_test(products_added_up_by_threads_have_the_same_bits),
        cmocka_unit_test(products_of_vectors),
        cmocka_unit_test(matmul_says_what_it_wants),
        cmocka_unit_test(einsums_have_right_derivatives),
        cmocka_unit_test(matmul_has_right_derivatives),
    };
    return cmocka_run_group_tests_name("contract", tests, NULL, NULL);
}
