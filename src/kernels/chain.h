/* Chains: elementwise expressions whose values pass from op to op in vector registers, without a
 * compiler at run time.
 *
 * A chain is an array of links.  The value at hand, a block of some vectors, is an argument of
 * the function that a link is; each does its work and calls the next one last, handing the value
 * on. Calling conventions keep vector arguments in registers, and a call that comes last is a
 * jump. Other arguments are read from memory, which at[] points to: operands, and slots of one
 * block for values that are needed again.
 *
 *     load x; mul y; add z; store r; end          r = x y + z
 *
 * A link has three forms: `wide` takes a block of eight vectors, `half` half as much, `narrow` the
 * first n elements of one vector and touches no memory beyond them.  The bits of a result depend
 * neither on the form nor on the place in the row.
 *
 * Slots, the lanes of folds and the links themselves should lie at multiples of 64 bytes: what is
 * stored across two lines of the cache is slow to read again. */
#ifndef WG_KERNELS_CHAIN_H
#define WG_KERNELS_CHAIN_H

#include <wengert/base.h>

#include "kernels/fold.h"
#include "kernels/isa.h"

typedef void wg_link_fn(void); /* the kit's own; cast where it is called */
typedef struct wg_link_form {
    wg_link_fn *wide, *half, *narrow;
} wg_link_form;

/* One row of n elements, along the chain that begins with this link. */
typedef struct wg_link wg_link;
typedef void wg_chain_run(const wg_link *first, char *const *at, int64_t n);

/* In memory, what a link works on is at[operand] + (i & mask), i being the byte offset along the
 * row in elements of the chain's type.  mask: -1 follows the row, 0 stays (a slot of one block,
 * or one element in all lanes), 64 * size - 1 goes round in the lanes of a fold. */
struct wg_link {
    wg_link_form form;
    wg_chain_run *run;  /* of a chain's first link */
    int32_t operand[2]; /* the other arguments, in order; or a store's target */
    int32_t mask[2];
    union {
        double number[2];         /* attributes: a0 and a1 of the op */
        const struct wg_link_call *more; /* of `call` */
        int32_t also[4]; /* further operands, one element each or following the row */
    };
};

static inline void wg_run_chain(const wg_link *first, char *const *at, int64_t n)
{
    first->run(first, at, n);
}

/* A map kernel run on a block (wide) or on n elements (narrow) in memory: for ops without a link
 * of their own, and for values of another type.  Elements are counted in the chain's type:
 * argument a lies at at[operand] + ((i / chain's size * size) & mask), with step 0 or 1 as map
 * kernels take it. If `loads` the result, which is then of the chain's type, becomes the value at
 * hand; else that is kept. */
typedef void wg_link_kernel(int64_t n, void *y, const void *const *x, const int64_t *step,
                            const void *attr); /* a wg_map_kernel */
typedef struct wg_link_call {
    wg_link_kernel *kernel;
    const void *attr;
    int32_t n; /* arguments; number n stands for the result, its step is not looked at */
    bool loads;
    int32_t operand[4];
    int32_t size[4]; /* bytes an element */
    int64_t mask[4], step[4];
} wg_link_call;

enum {
    WG_PRODUCT_ADDED, /* acc + x y */
    WG_PRODUCT_TAKEN, /* acc - x y */
    WG_PRODUCT_LESS,  /* x y - acc */
    WG_PRODUCT_OVER,  /* x y / acc */
    WG_PRODUCT_UNDER, /* acc / (x y) */
    WG_PRODUCTS
};

/* Neighbours that are one link (exec/join.c): x times a sum or difference of itself and c, .. */
enum {
    WG_OWN_ADDED, /* x (x + c) */
    WG_OWN_LESS,  /* x (x - c) */
    WG_OWN_FROM,  /* x (c - x) */
    WG_OWN_SQUARE_FROM, /* c - x x */
    WG_OWNS
};

/* .. and the last op of a chain, whose value is stored. */
enum {
    WG_LAST_ADD,      /* acc + x */
    WG_LAST_SUB,      /* acc - x */
    WG_LAST_SUB_FROM, /* x - acc */
    WG_LAST_MUL,      /* acc x */
    WG_LASTS
};

/* A chain of no more than such an expression, or an op on operands in memory, and the last op is a
 * loop of its own: what a block costs beside its work, a dozen loads of links and places, is as
 * much as half of a short chain's time. */
enum {
    WG_FIRST_ADD,      /* x + y */
    WG_FIRST_SUB,      /* x - y */
    WG_FIRST_MUL,      /* x y */
    WG_FIRST_ADD_ONE,  /* x + c */
    WG_FIRST_SUB_ONE,  /* x - c */
    WG_FIRST_FROM_ONE, /* c - x */
    WG_FIRST_MUL_ONE,  /* x c */
    WG_FIRST_OWN,      /* and on: WG_OWN_.. */
    WG_FIRSTS = WG_FIRST_OWN + WG_OWNS
};

typedef void wg_chain_repeat(void *to, const void *row, int64_t period, int64_t n);

/* The links that are no ops, for one type and instruction set. */
typedef struct wg_chain_kit {
    int64_t block; /* elements of a wide block: what a slot has room for; a power of 2 <= 128 */
    int64_t lanes; /* elements of a vector: the longest row that `across` takes */

    /* From link to link: wide blocks (if the row is not long), half ones, then narrow ones.  The
     * last link is `end` or one that ends the chain itself. */
    wg_chain_run *run;

    /* Two links as one loop: operands 0 and 1 of the first, x and y or c, then those of the last
     * link; all but c follow the row. */
    wg_chain_run *loop[WG_FIRSTS][WG_LASTS];
    wg_chain_run *adam[2]; /* mean[0], mean[1], root, step[..] as a loop; c of root is one */

    wg_link_form load;     /* acc = mem */
    wg_link_form load_one; /* acc = one element, in all lanes */
    wg_link_form number;   /* acc = number[0] in all lanes */
    wg_link_form store;    /* mem = acc, which is kept */
    wg_link_form store_one; /* the first lane of acc alone, at at[operand] + (i & mask) */
    wg_link_form call;
    wg_link_form end;
    wg_link_form store_end; /* store; end */

    /* Not a link: a row of `period` elements again and again, n in all, a multiple of them. */
    wg_chain_repeat *repeat;

    /* acc and a product of two that are in memory, the product rounded first; the second index says
     * whether operand 1 is one element for all lanes. */
    wg_link_form product[WG_PRODUCTS][2];

    wg_link_form own[WG_OWNS];   /* acc = x (x + c), ..: x in memory is operand 0, c operand 1 */
    wg_link_form last[WG_LASTS]; /* at operand 1 = acc + x, ..: x in memory is operand 0; end */

    /* Links of optimizers.  Operand 0 is x, the others are named with them: y, z and r follow the
     * row, c and d are one element. */
    wg_link_form mean[2]; /* acc = r = x c + y d, and x x c + y d;  1: y;  also: c, d, r */
    wg_link_form root;    /* acc = sqrt(acc) + c;  0: c */
    wg_link_form step[2]; /* r = z - x c / acc, and z - x / acc c;  1: c;  also: z, r;  end */

    /* mem[j] = combine(mem[j], acc[j]) at (i & mask); acc is kept.  With mask 64 * size - 1 the
     * lanes of a wg_row_fold: element j of the row goes to lane j % 64. */
    wg_link_form fold[WG_FOLD_COUNT];
    /* A row of n <= lanes elements, run as one narrow block: acc = its reduction, in all lanes,
     * the same bits as the row kernel's.  It has no other forms. */
    wg_link_form across[WG_FOLD_COUNT];
} wg_chain_kit;

/* For f32 and f64; NULL for i32, which only `call` knows. */
const wg_chain_kit *wg_chain_kit_for(wg_isa_level level, wg_dtype dtype);

WG_ISA_DECLARE(const wg_chain_kit, wg_chain_kit_f32);
WG_ISA_DECLARE(const wg_chain_kit, wg_chain_kit_f64);

#endif
