#include "reference.h"

#include <stdbool.h>
#include <stddef.h>

#include "../gemm/peak.h"

const writing *const writings[] = {&scalar_sized, &padded, &square_layers, &products, NULL};

/* The least time of a step seen within some milliseconds. */
static double time_of(const writing *w, const problem *p)
{
    void *state = w->make(p);
    if (!state)
        return 1e9;
    double least = 1e9;
    const double begin = seconds();
    w->step(state);
    do {
        double t = seconds();
        for (int i = 0; i < 4; i++)
            w->step(state);
        t = seconds() - t;
        least = t < least ? t : least;
    } while (seconds() - begin < 30e-3);
    w->drop(state);
    return least;
}

const writing *reference_new(const problem *p, void **state)
{
    const writing *best = NULL;
    double least = 0;
    *state = NULL;
    for (int i = 0; writings[i]; i++) {
        void *other = writings[i]->make(p);
        if (!other)
            continue;
        if (best && least == 0)
            least = time_of(best, p);
        const double t = best ? time_of(writings[i], p) : 0;
        const bool better = !best || t < least;
        if (better && best)
            best->drop(*state), least = t;
        if (better)
            best = writings[i], *state = other;
        else
            writings[i]->drop(other);
    }
    return best;
}
