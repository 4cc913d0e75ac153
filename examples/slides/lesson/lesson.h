/* What the slides' programs share: a quantity derived three ways, in tables that line up.
 *
 *     by hand          the slide's own formula, written out in C with doubles
 *     by tape          wg_grad
 *     by differences   of what the tape computes when one number is moved a little (slope.h)
 *
 * They have to agree within 1e-9 of max(1, |by tape|), else the program returns 1.  At a kink or a
 * jump differences are no judge: the row says so, and by hand and by tape have to agree (at a kink
 * on something between the slopes to its left and right).
 * Knows the public interface of wengert, and no slide.
 *
 *     lesson *l = lesson_begin(argc, argv, "square", "deck 001, \"x squared\"");
 *     wg_tensor *x = lesson_scalar(l, "x", 3), *C = wg_square(x);
 *     lesson_value(l, "C", 3.0 * 3.0, C);
 *     lesson_derive(l, "∂C/∂x", 2 * 3.0, C, x);
 *     return lesson_end(l);
 */
#ifndef LESSON_H
#define LESSON_H

#include <wengert.h>

#include "table.h"

typedef struct lesson {
    wg_tape *tape;      /* f64 */
    const char *name;   /* of the program */
    const char *folder; /* for pictures and their numbers: --out DIR, else out/NAME */
    /* The rest is the kit's own. */
    text_table table;
    bool derivations; /* the open table's rows compare derivations */
    struct nudge *nudges;
    int nudge_count;
    char **options;
    int option_count;
    int values, derivatives, kinks, slips, wrong, unwritten; /* unwritten: pictures */
    double carried; /* worst difference of what the next row stands for, beside what it shows */
    char default_folder[64];
} lesson;

/* Prints which slide the program mirrors.  Ends the program after --help (0) and after a command
 * line that it does not understand (2). */
lesson *lesson_begin(int argc, char **argv, const char *name, const char *mirrors);
/* The same, for a program with options of its own, each with a value: "--data --epochs". */
lesson *lesson_begin_with(int argc, char **argv, const char *name, const char *mirrors,
                          const char *options);
const char *lesson_option(const lesson *l, const char *option); /* its value; NULL: not given */

/* Prints how many derivations agree, frees all.  What main returns: 0; 1 if any disagree, or if
 * there is an error on the tape. */
int lesson_end(lesson *l);

/* ---- what a slide gives: parameters, so that numbers can be moved.  values: row by row ---- */
wg_tensor *lesson_scalar(lesson *l, const char *name, double value);
wg_tensor *lesson_vector(lesson *l, const char *name, int64_t n, const double *values);
wg_tensor *lesson_matrix(lesson *l, const char *name, int64_t m, int64_t n, const double *values);

/* x by a name, such that one can also derive with respect to it: what is returned is x plus zeros,
 * which differences move.  Go on with the result in place of x. */
wg_tensor *lesson_node(lesson *l, const char *name, wg_tensor *x);

/* ---- rows that compare.  symbol: the slide's; NULL: made of names, as in "∂C/∂w" or "z".
 *      y: one element (not so lesson_value_each).  x: a leaf or from lesson_node ---- */

/* A value two ways: by hand and by tape. */
void lesson_value(lesson *l, const char *symbol, double by_hand, wg_tensor *y);
/* dy/dx three ways. */
void lesson_derive(lesson *l, const char *symbol, double by_hand, wg_tensor *y, wg_tensor *x);

/* A row for each element.  Each # in the symbol becomes the element's index in subscripts, counted
 * from 1: "w#" is w₁₁, w₁₂ ...; "w#0" counts from 0. */
void lesson_value_each(lesson *l, const char *symbol, const double *by_hand, wg_tensor *y);
void lesson_derive_each(lesson *l, const char *symbol, const double *by_hand, wg_tensor *y,
                        wg_tensor *x);

/* One row for all elements.  It shows the largest derivative, and the worst difference of all;
 * where any disagree, the one whose derivations are farthest apart.  Differences judge at most
 * `sample` elements, spread evenly; by hand and by tape are compared for all. */
void lesson_derive_whole(lesson *l, const char *symbol, const double *by_hand, wg_tensor *y,
                         wg_tensor *x, int64_t sample);

/* No row: counts n values by hand against others, and gives their worst difference.  For what is
 * compared thousands of times. */
double lesson_compare(lesson *l, int64_t n, const double *by_hand, const double *by_tape);

/* A slip on the slide: what the slide says has to differ from the tape, and the row says by how
 * much.  A slip that does not show is counted as a disagreement. */
void lesson_slip_value(lesson *l, const char *symbol, double slide_says, wg_tensor *y);
void lesson_slip(lesson *l, const char *symbol, double slide_says, wg_tensor *y, wg_tensor *x);

/* Anything else that a slide says.  Printed, and counted as a disagreement,
 * if it does not hold. */
void lesson_claim(lesson *l, bool holds, const char *claim);

/* ---- other tables and text.  A table is printed when its last row is in:
 * when text, another table
 *      or the end follows.  So text goes through lesson_say, never past it ---- */
#if defined(__GNUC__)
#define LESSON_PRINTF __attribute__((format(printf, 2, 3)))
#else
#define LESSON_PRINTF
#endif
void lesson_head(lesson *l, const char *head);                     /* "A|B|<word": table.h */
void lesson_row(lesson *l, const char *format, ...) LESSON_PRINTF; /* "%d|%d|%.3f" */
void lesson_say(lesson *l, const char *format, ...) LESSON_PRINTF;

/* ---- numbers ---- */
double lesson_item(wg_tensor *x, int64_t i); /* element i, row by row */

#endif
