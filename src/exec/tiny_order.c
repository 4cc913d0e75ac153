/* In which order a tiny program works out its ops: first what most depends on.
 *
 * A training step waits for its longest way, forward, back to the first weights and into the next
 * step.  What lies beside it (a loss, updates of other weights) runs while that one waits, if it
 * comes after it and not between. */
#include "core/shape.h"
#include "exec/flops.h"
#include "exec/tiny_making.h"

/* Ops that one link works out, or one op; they stay together. */
typedef struct unit {
    int32_t first, ops;
    int32_t waits; /* for so many arguments */
    int64_t way;   /* the longest, through results of results, to the end */
    bool done;
} unit;

enum { ARGS = WG_MICRO_ARGS * WG_MOST_TOGETHER };

typedef struct ordering {
    const wg_tiny_making *w;
    unit unit[WG_MOST_TOGETHER];
    int32_t units, of_op[WG_MOST_TOGETHER];
    int32_t reader[MOST_VALUES], next[ARGS]; /* lists of arguments that a value is; -1 ends */
} ordering;

/* Steps from arguments to a result. */
static int64_t steps_of(const wg_tiny_op *o)
{
    return 1 + wg_flops_of(o->t) / wg_shape_count(o->t->shape);
}

static bool is_inside(const ordering *s, const unit *u, int32_t v)
{
    const int32_t made = s->w->value[v].made;
    return made >= u->first && made < u->first + u->ops;
}

static void list_readers(ordering *s)
{
    const wg_tiny_making *w = s->w;
    for (int32_t v = 0; v < w->values; v++)
        s->reader[v] = -1;
    for (int32_t i = 0; i < w->ops; i++)
        for (int32_t a = 0; a < w->op[i].n; a++) {
            const int32_t v = w->op[i].arg[a], arg = WG_MICRO_ARGS * i + a;
            s->next[arg] = s->reader[v];
            s->reader[v] = arg;
        }
}

static void list_units(ordering *s)
{
    const wg_tiny_making *w = s->w;
    for (int32_t i = 0; i < w->ops; i += s->unit[s->units++].ops) {
        unit *u = &s->unit[s->units];
        *u = (unit){.first = i, .ops = wg_tiny_together(w, i)};
        for (int32_t k = i; k < i + u->ops; k++) {
            s->of_op[k] = s->units;
            for (int32_t a = 0; a < w->op[k].n; a++) {
                const int32_t v = w->op[k].arg[a];
                u->waits += w->value[v].made >= 0 && !is_inside(s, u, v);
            }
        }
    }
}

static void find_ways(ordering *s)
{
    const wg_tiny_making *w = s->w;
    int64_t way[WG_MOST_TOGETHER];
    for (int32_t i = w->ops - 1; i >= 0; i--) {
        int64_t rest = 0;
        for (int32_t r = s->reader[w->op[i].made]; r >= 0; r = s->next[r])
            rest = way[r / WG_MICRO_ARGS] > rest ? way[r / WG_MICRO_ARGS] : rest;
        way[i] = rest + steps_of(&w->op[i]);
        s->unit[s->of_op[i]].way = way[i]; /* of the unit's first op in the end */
    }
}

/* What no one else reads is taken from the register by its reader, if that need not wait. */
static unit *reader_alone(ordering *s, const unit *u)
{
    const int32_t r = s->reader[s->w->op[u->first + u->ops - 1].made];
    if (r < 0 || s->next[r] >= 0)
        return NULL;
    unit *reader = &s->unit[s->of_op[r / WG_MICRO_ARGS]];
    return reader->waits ? NULL : reader;
}

static unit *next_unit(ordering *s, const unit *last)
{
    unit *best = last ? reader_alone(s, last) : NULL;
    if (best)
        return best;
    for (int32_t k = 0; k < s->units; k++) {
        unit *u = &s->unit[k];
        if (!u->done && !u->waits && (!best || u->way > best->way))
            best = u;
    }
    return best;
}

static void finish(ordering *s, unit *u)
{
    const wg_tiny_making *w = s->w;
    u->done = true;
    for (int32_t k = u->first; k < u->first + u->ops; k++)
        for (int32_t r = s->reader[w->op[k].made]; r >= 0; r = s->next[r]) {
            unit *reader = &s->unit[s->of_op[r / WG_MICRO_ARGS]];
            reader->waits -= reader != u;
        }
}

void wg_tiny_order(wg_tiny_making *w)
{
    ordering s = {.w = w};
    wg_tiny_op op[WG_MOST_TOGETHER];
    int32_t ops = 0;
    list_readers(&s);
    list_units(&s);
    find_ways(&s);
    for (unit *u = NULL; ops < w->ops;) {
        u = next_unit(&s, u);
        for (int32_t k = 0; k < u->ops; k++)
            op[ops++] = w->op[u->first + k];
        finish(&s, u);
    }
    for (int32_t i = 0; i < ops; i++) {
        w->op[i] = op[i];
        w->value[op[i].made].made = i;
    }
}
