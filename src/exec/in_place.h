/* Sums in place: what a product or a sum is added to, if that is all that a fused step does
 * beside.  With x the product or the sum:
 *     y = w + x,   y = w - x,   y = w + s x   or   y = w - s x,
 * where y is w's memory and s one number.  Then the kernel adds, and x never is in memory. */
#ifndef WG_EXEC_IN_PLACE_H
#define WG_EXEC_IN_PLACE_H

#include "exec/instr.h"

typedef struct wg_sum_in_place {
    int32_t to;    /* operand w */
    int32_t scale; /* operand s; -1 */
    bool negate;
} wg_sum_in_place;

/* x is micro-op 0, and of the first so many operands. */
bool wg_is_sum_in_place(const wg_builder *b, const wg_step *s, int32_t operands,
                        wg_sum_in_place *sum);

/* Whether s is known now, and not only when the step runs. */
bool wg_scale_is_known(const wg_builder *b, const wg_step *s, const wg_sum_in_place *sum);

/* What x is multiplied by, if it is known: s with its sign.  Else *later is set to where s lies,
 * when the step runs at last, and this is 1 or -1. */
double wg_scale_in_place(wg_builder *b, const wg_step *s, const wg_sum_in_place *sum,
                         const void **later);

#endif
