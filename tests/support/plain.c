#include "support/plain.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

bool plain_next(const wg_shape *s, int64_t at[WG_MAX_RANK])
{
    for (int64_t d = s->rank - 1; d >= 0; d--) {
        if (++at[d] < s->dim[d])
            return true;
        at[d] = 0;
    }
    return false;
}

int64_t plain_flat(const wg_shape *s, const int64_t at[WG_MAX_RANK])
{
    int64_t flat = 0;
    for (int64_t d = 0; d < s->rank; d++)
        flat = flat * s->dim[d] + at[d];
    return flat;
}

/* SplitMix64 (Steele, Lea, Flood 2014). */
uint64_t plain_random(uint64_t *state, uint64_t below)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (z ^ z >> 31) % below;
}

double plain_uniform(uint64_t *state)
{
    return (double)plain_random(state, 1u << 30) / (double)(1u << 29) - 1;
}

void plain_count(plain *p, wg_shape s)
{
    p->shape = s;
    for (int64_t i = 0; i < wg_shape_count(s); i++)
        p->v[i] = (double)(i + 1);
}

void plain_fill(plain *p, wg_shape s, uint64_t *state)
{
    p->shape = s;
    for (int64_t i = 0; i < wg_shape_count(s); i++)
        p->v[i] = plain_uniform(state);
}

wg_tensor *plain_input(wg_tape *t, const char *name, const plain *p)
{
    wg_tensor *x = wg_input(t, name, p->shape);
    assert_non_null(x);
    assert_int_equal(wg_set_f64(x, p->v), WG_OK);
    return x;
}

void plain_assert_equal(wg_tensor *x, const plain *p, double tolerance)
{
    static double got[PLAIN_MOST];
    if (!x)
        fail_msg("NULL instead of a tensor");
    wg_tape *t = wg_tape_of(x);
    wg_shape s = wg_shape_of(x);
    if (!wg_shape_equal(s, p->shape)) {
        for (int64_t d = 0; d < WG_MAX_RANK; d++)
            print_error("extent %d: %lld, wants %lld\n", (int)d, (long long)s.dim[d],
                        (long long)p->shape.dim[d]);
        fail_msg("rank %lld, wants %lld", (long long)s.rank, (long long)p->shape.rank);
    }
    if (wg_get_f64(x, got) != WG_OK)
        fail_msg("cannot be read: %s", wg_error(t));
    for (int64_t i = 0; i < wg_shape_count(s); i++)
        if (!(fabs(got[i] - p->v[i]) <= tolerance * (1 + fabs(p->v[i])))
            && !(isnan(got[i]) && isnan(p->v[i])) && got[i] != p->v[i])
            fail_msg("element %lld is %.17g, wants %.17g", (long long)i, got[i], p->v[i]);
}

void plain_assert_error(wg_tape *t, const char *text)
{
    const char *kept = wg_error(t);
    if (!kept)
        fail_msg("no error; wants %s", text);
    assert_string_equal(kept, text);
    wg_clear_error(t);
}
