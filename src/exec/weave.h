/* Weaving: the micro-ops of a fused step as chains of links.  Works out in which order they run,
 * which values go on in registers and which through memory, and where that memory is.  Knows
 * nothing of index spaces: a chain runs along one row. */
#ifndef WG_EXEC_WEAVE_H
#define WG_EXEC_WEAVE_H

#include "exec/instr.h"
#include "kernels/chain.h"

enum { WG_MAX_PLACES = 160 };

/* Where a value lies in memory: at[place] + (i & mask). */
typedef struct wg_spot {
    int64_t mask;
    int32_t place;
    int32_t size; /* bytes an element */
    bool one;     /* one element for the whole row */
    bool known;
} wg_spot;

/* Whether one element serves the whole row, or the value follows it. */
static inline void wg_spot_one(wg_spot *s, bool one)
{
    s->one = one;
    s->mask = one ? 0 : -1;
}

typedef struct wg_weaver {
    wg_builder *b;
    const wg_step *s;
    const wg_chain_kit *kit;
    wg_dtype dtype;  /* the chains' */
    bool across;     /* a row is one block: reductions stay in the chain */
    int64_t row;     /* elements of a row, if it must be kept from chain to chain */
    int64_t rows;    /* gone over at once, if not one alone: `row` then counts the elements of
                      * all */

    int32_t places;  /* operands and results come first: wg_woven.pointed */
    int32_t pointed;
    size_t scratch;  /* bytes so far */
    size_t offset[WG_MAX_PLACES]; /* in scratch memory, of the places behind */

    wg_spot operand[WG_MAX_OPERANDS];
    wg_spot result[WG_MAX_MICROS];
    wg_spot value[WG_MAX_MICROS]; /* of micro-ops, once they are in memory */
    wg_spot spread[WG_MAX_MICROS]; /* of kept values, where elements of several rows read them */
    int32_t fold[WG_MAX_MICROS];  /* places of reductions' lanes */
    int32_t reads[WG_MAX_MICROS]; /* still to come, of each micro-op's value */
    int8_t phase[WG_MAX_MICROS];  /* when it runs, for steps with reductions */
    bool done[WG_MAX_MICROS];
    int32_t free_slot[WG_MAX_MICROS], free_slots;
    bool failed;
} wg_weaver;

/* Makes room for the operands and results as places;
 * their spots along a row are then the caller's to correct (.one). */
void wg_weave_start(wg_weaver *w, wg_builder *b, const wg_step *s);

/* A place in scratch memory of so many bytes. */
int32_t wg_weave_place(wg_weaver *w, size_t bytes);

/* The chain that does the listed micro-ops, whose arguments from outside the list are done; NULL
 * when memory runs out. */
const wg_link *wg_weave(wg_weaver *w, const int8_t *micro, int32_t n);

/* Where argument arg of m lies. */
const wg_spot *wg_weave_spot(const wg_weaver *w, const wg_micro *m, int8_t arg);

/* What a run needs of it all, kept in the instruction. */
typedef struct wg_woven {
    const wg_chain_kit *kit;
    int32_t places, pointed;
    char **base;            /* of the places that are operands and results */
    const size_t *offset;   /* of the others, in scratch memory */
} wg_woven;
bool wg_weave_end(wg_weaver *w, wg_woven *out);

/* Sets at[] to where everything begins. */
static inline void wg_woven_start(const wg_woven *v, char *scratch, char **at)
{
    for (int32_t k = 0; k < v->pointed; k++)
        at[k] = v->base[k];
    for (int32_t k = v->pointed; k < v->places; k++)
        at[k] = scratch + v->offset[k - v->pointed];
}

#endif
