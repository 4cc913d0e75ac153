/* Reads tests/oracle/cases.txt, case by case: see tests/oracle/generate.py for the format.  Every
 * refusal names file and line. */
#ifndef TESTS_SUPPORT_ORACLE_READER_H
#define TESTS_SUPPORT_ORACLE_READER_H

#include <wengert/base.h>

enum { ORACLE_LEAVES = 8, ORACLE_STEPS = 24, ORACLE_NAME = 16 };

/* Arrays belong to the reader and live until the next case; NULL where the file has none. */
typedef struct oracle_leaf {
    char name[ORACLE_NAME];
    wg_dtype dtype;
    wg_shape shape;
    int64_t count;
    const double *value, *grad, *direction, *second;
} oracle_leaf;

typedef struct oracle_step {
    char result[ORACLE_NAME];
    const char *call; /* what op_call_read takes */
} oracle_step;

typedef struct oracle_case {
    char name[64];
    int line; /* where it begins */
    bool only_f64, each;
    double tolerance, scale; /* 0: not given */
    int leaves, steps;
    oracle_leaf leaf[ORACLE_LEAVES];
    oracle_step step[ORACLE_STEPS];
    wg_dtype dtype;
    wg_shape shape;
    int64_t count;
    const double *out, *cotangent;
} oracle_case;

typedef struct oracle_reader oracle_reader;

/* NULL, with the reason in why, if the file cannot be read; _text reads from memory, name being
 * what messages call it. */
oracle_reader *oracle_open(const char *path, wg_message *why);
oracle_reader *oracle_open_text(const char *name, const char *text, wg_message *why);

/* 1: *c is the next case; 0: there is none left; -1: refused, with "file:line: reason" in why. */
int oracle_next(oracle_reader *r, oracle_case *c, wg_message *why);
void oracle_close(oracle_reader *r);

#endif
