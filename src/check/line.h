/* One comparison: an analytic slope against finite differences along a line.  Tells errors from
 * kinks. */
#ifndef WG_CHECK_LINE_H
#define WG_CHECK_LINE_H

#include "check/level.h"

typedef enum wg_verdict {
    WG_AGREES,
    WG_DIFFERS,
    WG_KINK, /* the slopes to the left and to the right are not one, however short the step */
    WG_ROUGH /* finite differences do not settle, or only where they say nothing of this place */
} wg_verdict;

typedef struct wg_line {
    int64_t lo, hi;  /* the elements that move */
    double analytic; /* slope along the line, per unit of tau */
    double least;    /* a slope that counts as small: the unit of errors is not below it */
    double tolerance;
    bool uneven;  /* this element may be all there is of its size:
                   * roundoff against its own slope */
    double reach; /* so many times as long a step may be tried where roundoff hides the slope */
} wg_line;

typedef struct wg_finding {
    wg_verdict verdict;
    double analytic, numeric; /* per unit of tau */
    double left, right;       /* one-sided slopes */
    double error;             /* (analytic - numeric) / scale */
    bool faint;               /* roundoff leaves less than two digits of the slope */
} wg_finding;

/* A slope below so many times the noise of s is not told from 0: what roundoff leaves of a
 * difference over the first step. */
enum { WG_RESOLUTION = 4096 };

/* Compares at p; costs 6 evaluations where all is well, up to 60 where it is not, and up to 24
 * more where longer steps are tried. */
wg_finding wg_line_judge(wg_level *level, const wg_point *p, const wg_line *line);

/* Does the analytic slope lie between the one-sided ones? */
bool wg_finding_between(const wg_finding *f, double tolerance);

#endif
