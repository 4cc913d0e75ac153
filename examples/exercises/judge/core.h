/* How answers are judged: each is the gradient of a given function in one of its leaves.  The
 * answer is made the rule of an op whose value is the function's, and wg_check_grad compares
 * that rule with finite differences.  A wrong answer is then compared with what typical mistakes
 * would give, to say which it was. */
#ifndef EXERCISE_CORE_H
#define EXERCISE_CORE_H

#include "judge.h"

enum { MOST_LEAVES = 6, MOST_VALUES = 16 };

typedef struct leaf {
    const char *name;
    wg_shape shape;
    double values[MOST_VALUES];
} leaf;

typedef struct exercise exercise;

/* What a formula may use: the leaves, the function's value y, and the adjoint g that comes in
 * for y. */
typedef struct scene {
    const exercise *e;
    wg_tensor *const *x;
    wg_tensor *y, *g;
} scene;

typedef wg_tensor *scene_formula(const scene *s);

typedef struct part {
    const char *symbol;
    wg_tensor *(*function)(wg_tensor *const *x);
    int leaf; /* in which leaf the gradient is wanted */
    scene_formula *answer;
} part;

/* What an answer is if it was made in this way. */
typedef struct mistake {
    const char *symbol; /* of the part in which it can be made */
    scene_formula *formula;
    const char *hint;
} mistake;

struct exercise {
    const char *name, *mirrors;
    leaf leaves[MOST_LEAVES]; /* up to one without a name */
    part parts[4];            /* up to one without a symbol */
    mistake mistakes[8];      /* up to one without a formula */
    int order;                /* of wg_check_grad: 1 (also 0) or 2 */
    const void *answers;      /* the student's functions, for the parts' formulas */
};

int judge(const exercise *e);
/* Without the first line and the last. */
int judge_parts(const exercise *e);
/* wg_check_grad's judgement on one formula. */
wg_status check_part(const exercise *e, const part *p, wg_check_report *report);

/* ---- for what is no gradient ---- */

/* Prints the exercise's first line. */
void judge_head(const char *name, const char *mirrors);
/* Prints how a part stands; text: what is wrong, hint: why it may be; both may be NULL.  Gives
 * the state back. */
int judge_part(const char *symbol, int state, const char *text, const char *hint);
/* The last line, and the worst of both states as the exit status. */
int judge_end(int state);
int judge_worse(int a, int b);

/* Whether the two are equal but for roundoff: shape and values. */
bool same_values(wg_tensor *a, wg_tensor *b);

#endif
