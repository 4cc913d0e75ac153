/* What the exercises call.  A part that is not solved yet returns not_solved(...) of what it is
 * given.  The program prints how each part stands, with a hint where it is wrong, and returns 0
 * (solved), 1 (something is wrong) or 3 (something is not solved yet). */
#ifndef EXERCISE_JUDGE_H
#define EXERCISE_JUDGE_H

#include <wengert.h>

enum { EXERCISE_SOLVED = 0, EXERCISE_WRONG = 1, EXERCISE_UNSOLVED = 3 };

/* NULL, whatever it is given. */
wg_tensor *not_solved(const wg_tensor *given, ...);

typedef wg_tensor *formula1(wg_tensor *);
typedef wg_tensor *formula2(wg_tensor *, wg_tensor *);
typedef wg_tensor *formula3(wg_tensor *, wg_tensor *, wg_tensor *);
typedef wg_tensor *formula4(wg_tensor *, wg_tensor *, wg_tensor *, wg_tensor *);
typedef wg_tensor *formula5(wg_tensor *, wg_tensor *, wg_tensor *, wg_tensor *, wg_tensor *);
typedef wg_tensor *update_rule(wg_tensor *w, wg_tensor *dJ_dw, double eta);

int judge_softplus(const wg_op *softplus);
int judge_relu(formula2 *adjoint);
int judge_chain(formula3 *dC_dw2, formula5 *dC_dw1, formula1 *dz_du);
int judge_dense(formula3 *dW, formula2 *db, formula3 *dx);
int judge_batch(formula2 *dW, formula1 *db);
int judge_cross_entropy(formula2 *sigmoid_da, formula2 *softmax_da);
int judge_tanh_deltas(formula2 *delta2, formula3 *delta1);
int judge_wrong_gradient(const char *wrong_line, formula3 *dh1);
int judge_xor_update(update_rule *update);
int judge_second(formula1 *second);

#endif
