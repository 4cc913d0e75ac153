/* Calls of ops as text with operands that are made as they are read: name:kind[extents], of kind f
 * the tape's dtype (tapes here are f32), d the other floating one, i i32, o the tape's dtype on
 * another tape; name:- is NULL.  And a good call of every function. */
#ifndef TESTS_SUPPORT_OP_CALLS_H
#define TESTS_SUPPORT_OP_CALLS_H

#include "support/op_table.h"

/* What to make of an operand in place of what is written. */
typedef enum op_mutation {
    AS_WRITTEN,
    AS_NULL,
    ON_ANOTHER_TAPE,
    AS_F32,
    AS_F64,
    AS_I32
} op_mutation;

typedef struct op_maker {
    wg_tape *tape,
        *other; /* other: where o and ON_ANOTHER_TAPE lead; may be NULL if neither occurs */
    int at;                /* the operand to mutate, from 0; -1: none */
    op_mutation how;
    int made;
} op_maker;

/* An op_lookup with an op_maker as user: an input of that name, made unless the tape has it. */
op_lookup op_make_operand;

/* What is promised of dtypes: OPEN_I32 nothing of i32; FIRST_ANY any for the first operand. */
enum { FLOATS = 0, TAKES_I32 = 1, OPEN_I32 = 2, FIRST_ANY = 4 };

typedef struct op_good_call {
    const char *call;
    int dtypes;
} op_good_call;

extern const op_good_call op_good[];
extern const int op_good_size;

#endif
