/* Contractions.
 * Errors: NULL, with the reason on the tape, if an argument is NULL or of another tape, the dtypes
 * differ or are not floating, or the shapes do not fit. */
#ifndef WENGERT_CONTRACT_H
#define WENGERT_CONTRACT_H

#include <wengert/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Matrix product  y[..,i,j] = sum_k a[..,i,k] b[..,k,j].
 * a: [.., m, k]   b: [.., k, n]   y: [.., m, n];  leading extents broadcast.
 * 2mkn flops a matrix.  Adjoints: g b^T and a^T g; that of one matrix b which all of a share is
 * one product, of a and g with their matrices below each other, and that of one matrix a which
 * all of b share is the products g b^T added up as they are made.
 * NULL, with the reason kept on the tape, if an argument is NULL or the inner extents differ. */
WG_API wg_tensor *wg_matmul(wg_tensor *a, wg_tensor *b);

/* sum_i a_i b_i of two vectors of one length.
 * a: [n]   b: [n]   y: [];  2n flops.  Adjoints: g b and g a. */
WG_API wg_tensor *wg_dot(wg_tensor *a, wg_tensor *b);

/* y[i,j] = a_i b_j of two vectors.
 * a: [m]   b: [n]   y: [m, n];  mn flops.  Adjoints: g b and g^T a. */
WG_API wg_tensor *wg_outer(wg_tensor *a, wg_tensor *b);

/* Einstein summation: "ij,jk->ik", "bij,bjk", "ii->i", "...ij->...ji".  Letters (a to z, A to Z)
 * name axes; what the output lacks is summed, a letter twice in one operand is its diagonal.
 * "..." stands for the axes that the letters leave; those broadcast, a letter has one extent.
 * Without "->" the output is the letters that occur once, in alphabetical order (capitals first),
 * after an ellipsis.
 * Blanks mean nothing.  One to 16 operands of one floating dtype, contracted from left to right,
 * each step one product of matrices (or of elements, where it sums nothing); what only one operand
 * has is summed first.  No intermediate result may have more than 8 axes. */
WG_API wg_tensor *wg_einsum(const char *spec, int n, wg_tensor *const *x);

#ifdef __cplusplus
}
#endif
#endif
