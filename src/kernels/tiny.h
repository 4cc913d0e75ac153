/* Tiny programs: expressions of tensors each of which fits in one vector, whose values pass
 * from op to op in a register.
 *
 * Element e of a value is lane e of a vector; lanes behind the last element hold what lane 0
 * holds, so that they never meet what no element meets.  Broadcasts, transposes, products and
 * reductions are ways of reading lanes: an index vector says which lane of the source each
 * lane takes.
 *
 * A second register, `kept`, holds a value that was stored: to store a vector and to load it again
 * takes some ten cycles, which a short program has nothing to fill with.
 *
 * As in chains (kernels/chain.h) a program is an array of links, each a function that takes
 * the value at hand, works on it and calls the next one last.  Here there is one vector and no
 * row to follow, so a link points straight at what it reads: whole vectors in memory, of which
 * the lanes that are not named may hold anything. */
#ifndef WG_KERNELS_TINY_H
#define WG_KERNELS_TINY_H

#include "kernels/chain.h"

typedef struct wg_tiny_link {
    wg_link_fn *run;       /* the kit's own; cast where it is called */
    void *x, *y;           /* other arguments, in order; or where to store */
    void *z;               /* where a form that stores does */
    const void *xi;        /* index vectors */
    union {
        double number[2];            /* attributes: a0 and a1 of the op */
        const struct wg_tiny_call *more; /* of `call` */
    };
    int64_t n;
} wg_tiny_link;

/* An op as a link: its result in the register; stored besides, and kept; stored and not kept. */
typedef struct wg_tiny_form {
    wg_link_fn *plain, *stored, *placed;
} wg_tiny_form;

/* A map kernel run on vectors in memory, for ops without a link of their own: on n elements of
 * x[0 ..], into the link's x. */
typedef struct wg_tiny_call {
    wg_link_kernel *kernel;
    const void *attr;
    void *x[3];
    int64_t step[3]; /* 1, all of them */
} wg_tiny_call;

/* Where the other argument of a binary op is, and how it is read. */
enum {
    WG_TINY_SECOND,          /* acc op x */
    WG_TINY_SECOND_PERMUTED, /* acc op x[xi] */
    WG_TINY_SECOND_KEPT,     /* acc op kept */
    WG_TINY_FIRST,           /* x op acc */
    WG_TINY_FIRST_PERMUTED,  /* x[xi] op acc */
    WG_TINY_FIRST_KEPT,      /* kept op acc */
    WG_TINY_BOTH             /* x op y */
};

/* And the operands of a product. */
enum {
    WG_TINY_ACC_X,
    WG_TINY_ACC_KEPT,
    WG_TINY_Y_X,
    WG_TINY_Y_KEPT,
    WG_TINY_PRODUCTS
};

/* g times the slope of an activation, told by the activation's value v and the constant c, 1:
 * sigmoid's v (c - v) and tanh's c - v^2. */
enum { WG_TINY_SIGMOID_SLOPE, WG_TINY_TANH_SLOPE, WG_TINY_SLOPES };

/* What is done n times has forms of its own for n = 1, 2, 3 and 4, then one for any n. */
enum { WG_TINY_COUNTS = 5 };
static inline int wg_tiny_count(int64_t n)
{
    return n < WG_TINY_COUNTS ? (int)n - 1 : WG_TINY_COUNTS - 1;
}

/* The links that are no ops, for one type and instruction set. */
typedef struct wg_tiny_kit {
    int64_t lanes;      /* elements of a vector; at most WG_TINY_LANES */
    int64_t bytes;      /* of a vector, of values or of indices */
    bool permutes;      /* in an instruction or two; else lane by lane */
    void (*run)(const wg_tiny_link *first);
    void (*index)(void *to, const int8_t *lane); /* writes an index vector */
    void (*mask)(void *to, const int8_t *on);    /* lanes that are on: 1, off: 0 */

    wg_link_fn *load;          /* acc = x */
    wg_link_fn *load_permuted; /* acc = x[xi] */
    wg_link_fn *fetch;         /* y = kept = acc = (the first n elements at x)[xi]; touches no
                                * memory beyond them */
    wg_link_fn *fetch_one;     /* the same of one element, in all lanes */
    wg_link_fn *take;          /* acc = kept */
    wg_link_fn *take_permuted; /* acc = kept[xi] */
    wg_link_fn *permute;       /* acc = acc[xi] */
    wg_link_fn *store;         /* x = kept = acc, a whole vector; acc stays, here and below */
    wg_link_fn *store_whole;   /* x = acc */
    wg_link_fn *store_some;    /* the first n elements */
    wg_link_fn *store_first;   /* the first one */
    wg_link_fn *call;          /* acc = (the first n elements of the result)[xi] */
    wg_link_fn *end;

    /* acc = sum over p < n of u[xi + 2p] v[xi + 2p + 1], in that order, by fused multiply-adds
     * where there are any; u and v as the index says, xi + i is the i-th of several index
     * vectors. */
    wg_tiny_form product[WG_TINY_PRODUCTS][WG_TINY_COUNTS];
    /* x and acc y, the product rounded first (WG_PRODUCT_.., of x for acc there); the second
     * index says whether it is x[xi]. */
    wg_tiny_form scaled[WG_PRODUCTS][2];
    /* acc times a slope of v, with c at y; the second index says whether v is x or kept. */
    wg_tiny_form slope[WG_TINY_SLOPES][2];
    /* acc = acc[xi], acc[xi + 1] ... acc[xi + n - 1] folded in this order */
    wg_tiny_form in_order[WG_FOLD_COUNT][WG_TINY_COUNTS];
    /* n times acc = combine(acc[xi + 2i], acc[xi + 2i + 1]); at first the second is nothing
     * where the mask y is off.  The second index says that it is nowhere off. */
    wg_tiny_form by_halves[WG_FOLD_COUNT][2][WG_TINY_COUNTS];
} wg_tiny_kit;

enum { WG_TINY_LANES = 16 };

/* For f32 and f64; NULL for i32. */
const wg_tiny_kit *wg_tiny_kit_for(wg_isa_level level, wg_dtype dtype);

WG_ISA_DECLARE(const wg_tiny_kit, wg_tiny_kit_f32);
WG_ISA_DECLARE(const wg_tiny_kit, wg_tiny_kit_f64);

#endif
