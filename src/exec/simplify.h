/* simplify: what need not be computed when a program runs: elementwise ops on numbers, and those
 * that give back their operand. */
#ifndef WG_EXEC_SIMPLIFY_H
#define WG_EXEC_SIMPLIFY_H

#include "kernels/isa.h"
#include "tape/tape.h"

/* The value of an elementwise op on numbers, by the kernel that would give it;
 * false if it cannot be had. */
bool wg_fold_numbers(wg_isa_level isa, const wg_tensor *t, const double *x, double *y);

/* The operand that the op gives back bit for bit:  x * 1, x / 1, x - 0.  number[i]: whether
 * operand i is the number x[i]. -1: none. */
int wg_operand_given_back(const wg_tensor *t, const bool *number, const double *x);

#endif
