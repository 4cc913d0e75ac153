#include "exec/passes.h"

/* As early as it can run: behind the reductions whose results it reads. */
static int8_t earliest(const wg_weaver *w, const wg_micro *m)
{
    int8_t phase = 0;
    for (int a = 0; a < m->t->n; a++) {
        if (m->arg[a] >= 0)
            continue;
        const wg_micro *x = &w->s->micro[~m->arg[a]];
        int8_t after = (int8_t)(w->phase[~m->arg[a]] + (x->kept && !m->kept));
        phase = after > phase ? after : phase;
    }
    return phase;
}

/* As late as its first reader wants it, if no other step does:
 * then it need not be kept from pass to pass. */
static int8_t latest(const wg_weaver *w, int32_t k)
{
    int8_t phase = -1;
    for (int32_t j = k + 1; j < w->s->micros; j++)
        for (int a = 0; a < w->s->micro[j].t->n; a++)
            if (w->s->micro[j].arg[a] == ~k && (phase < 0 || w->phase[j] < phase))
                phase = w->phase[j];
    return phase;
}

int32_t wg_find_passes(wg_weaver *w)
{
    int32_t passes = 1;
    for (int32_t k = 0; k < w->s->micros; k++) {
        w->phase[k] = earliest(w, &w->s->micro[k]);
        passes = w->phase[k] + 1 > passes ? w->phase[k] + 1 : passes;
    }
    for (int32_t k = w->s->micros - 1; k >= 0; k--)
        if (!w->s->micro[k].kept && w->s->micro[k].result < 0)
            w->phase[k] = latest(w, k);
    return passes;
}
