/* The slope of a function of one number, by differences alone. */
#ifndef LESSON_SLOPE_H
#define LESSON_SLOPE_H

typedef enum slope_kind {
    SMOOTH,
    KINK, /* the slopes to the left and to the right differ: differences cannot tell what a program
           * should take as the derivative */
    JUMP  /* the function itself jumps */
} slope_kind;

typedef struct slope {
    slope_kind kind;
    double value;       /* from both sides */
    double left, right; /* from one side each */
} slope;

/* f(at, d): the function at a distance d from the point.
 * size: of a step that is natural there. */
slope slope_of(double (*f)(void *at, double d), void *at, double size);

#endif
