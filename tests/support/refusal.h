/* Checking that a call is refused as every call is to be: NULL, a message of the one form
 *     matmul: wants [.., m, k] x [.., k, n], got "x" [32, 784] x "W1" [128, 30]
 * that names the op and every operand with its shape, and a tape that can be used afterwards.
 * What is wrong is printed and counted, so that one run shows all of it. */
#ifndef TESTS_SUPPORT_REFUSAL_H
#define TESTS_SUPPORT_REFUSAL_H

#include "support/op_calls.h"

typedef struct refusal {
    const char *call, *wants; /* wants: a part of the message; NULL: any */
} refusal;

/* So far in the running test, which sets it to 0 and ends in asserting that it is. */
extern int refusal_complaints;

bool refusal_complain(const char *call, const char *what, const char *message); /* always false */

/* Makes the call on m's tape; *c holds its operands. */
wg_tensor *refusal_call(op_maker *m, const char *text, op_call *c);

/* The call, its operand number at (-1: none) made otherwise, must be refused; by_rewind: the error
 * then goes with a rewind, else it is cleared. */
void expect_refusal(const char *call, const char *wants, int at, op_mutation how, bool by_rewind);

/* A call that nothing is promised of must be taken, or be refused in the one form. */
void expect_either(const char *call, int at, op_mutation how);

/* Rows as written; asserts that nothing was wrong. */
void expect_refusals(const refusal *r, size_t n);
#define EXPECT_REFUSALS(rows) expect_refusals((rows), sizeof(rows) / sizeof *(rows))

#endif
