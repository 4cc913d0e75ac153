/* Every public function that records an op, by name, callable with operands and numbers that were
 * read from a text. Tests that go over "all ops" (numbers from another implementation, refusals)
 * share this one list; test_oracle.c holds it against the headers.  Public headers only. */
#ifndef TESTS_SUPPORT_OP_TABLE_H
#define TESTS_SUPPORT_OP_TABLE_H

#include <wengert.h>

enum { OP_OPERANDS = 16, OP_ARGUMENTS = 8, OP_LIST = 16 };

/* A number, or a bracketed list of numbers. */
typedef struct op_argument {
    bool list;
    int n;
    double v[OP_LIST];
} op_argument;

/* `matmul a b`, `sum_axes x [0 1] 1`, `einsum "ij,jk" a b`: taken apart and its operands looked
 * up. */
typedef struct op_call {
    wg_tape *tape;
    char name[48];
    int n; /* operands */
    wg_tensor *x[OP_OPERANDS];
    int args;
    op_argument arg[OP_ARGUMENTS];
    bool has_text;
    char text[64];
} op_call;

typedef struct op_entry op_entry;
typedef wg_tensor *op_build(const op_entry *e, const op_call *c);
struct op_entry {
    const char *name;  /* the public function without its wg_ */
    int operands;      /* tensors it takes; -1: a list of them */
    const char *args;  /* one letter an argument, in order: n number, l list, t text */
    op_build *build;
    union {
        wg_tensor *(*x)(wg_tensor *);
        wg_tensor *(*xx)(wg_tensor *, wg_tensor *);
        wg_tensor *(*xxx)(wg_tensor *, wg_tensor *, wg_tensor *);
        wg_tensor *(*xd)(wg_tensor *, double);
        wg_tensor *(*xi)(wg_tensor *, int64_t);
        wg_tensor *(*xii)(wg_tensor *, int64_t, int64_t);
        wg_tensor *(*xib)(wg_tensor *, int64_t, bool);
        wg_tensor *(*xa)(wg_tensor *, wg_axes);
        wg_tensor *(*xab)(wg_tensor *, wg_axes, bool);
        wg_tensor *(*xabd)(wg_tensor *, wg_axes, bool, double);
        wg_tensor *(*xs)(wg_tensor *, wg_shape);
        wg_tensor *(*xxi)(wg_tensor *, wg_tensor *, int64_t);
        wg_tensor *(*xxr)(wg_tensor *, wg_tensor *, wg_reduction);
        wg_tensor *(*list)(int, wg_tensor *const *, int64_t);
    } f;
};

extern const op_entry op_table[];
extern const int op_table_size;

const op_entry *op_find(const char *name); /* NULL if there is none */

/* Gives the tensor behind an operand's token; false if there is none by that name. */
typedef bool op_lookup(void *user, const char *token, wg_tensor **x);

/* Takes the text of a call apart.  false, with the reason in why, if it is not one. */
bool op_call_read(op_call *c, wg_tape *t, const char *text, op_lookup *lookup, void *user,
                  char *why, size_t size);

/* Makes the call.  *known is false if the name is not in the table or the operands and arguments
 * are not of its form. */
wg_tensor *op_call_make(const op_call *c, bool *known);

#endif
