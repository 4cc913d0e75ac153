#include "reference.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

const writing *const writings[] = {&scalar_sized, &padded, &square_layers, &products, NULL};

static double now(void)
{
    struct timespec t;
    timespec_get(&t, TIME_UTC);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The least time of a step seen within some milliseconds. */
static double time_of(const writing *w, const problem *p)
{
    void *state = w->make(p);
    if (!state)
        return 1e9;
    double least = 1e9;
    const double begin = now();
    w->step(state);
    do {
        double t = now();
        for (int i = 0; i < 4; i++)
            w->step(state);
        t = now() - t;
        least = t < least ? t : least;
    } while (now() - begin < 5e-3);
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
