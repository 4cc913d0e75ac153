/* Pictures: NAME.csv files with the numbers, NAME.gp that draws them and, where gnuplot is
 * installed, NAME.svg (NAME.png if there are images in it), in the lesson's folder.  The numbers
 * are there for any other tool as well.
 *
 *     plot *p = plot_begin(l, "square", 1, 1);
 *     plot_panel(p, "a parabola", "x", "y");
 *     plot_line(p, "y = x²", n, x, y);
 *     plot_end(p);
 */
#ifndef LESSON_PLOT_H
#define LESSON_PLOT_H

#include "lesson.h"

typedef struct plot plot;

/* A picture of across x down panels, filled row by row. */
plot *plot_begin(lesson *l, const char *name, int across, int down);
/* The next panel, with its title and the names of its axes.  What follows is drawn in it. */
void plot_panel(plot *p, const char *title, const char *x, const char *y);
/* Writes what is missing, runs gnuplot, and says where the picture is, or why there is none: not a
 * failure.  The program fails if the files cannot be written. */
void plot_end(plot *p);

/* ---- in a panel, in any number and together; drawn in the order of the calls ---- */

void plot_line(plot *p, const char *label, int64_t n, const double *x, const double *y);
void plot_points(plot *p, const char *label, int64_t n, const double *x, const double *y);
void plot_path(plot *p, const char *label, int64_t n, const double *x, const double *y); /* both */
void plot_bars(plot *p, const char *label, int64_t n, const double *x, const double *y);

/* A function of two variables, coloured, from above: z[j * nx + i] is its value at the i-th of nx
 * x from x0 to x1 and the j-th of ny y from y0 to y1.  Lines join where it is one of the levels.
 * The axes show just the grid, in one unit, so that a gradient is at right angles to the lines. */
typedef struct plot_grid {
    int nx, ny;
    double x0, x1, y0, y1;
} plot_grid;
double plot_grid_x(plot_grid g, int i);
double plot_grid_y(plot_grid g, int j);
void plot_surface(plot *p, plot_grid g, const double *z, int levels, const double *level);

/* A sheet of n images of rows x columns pixels, `across` beside each other; low is drawn black (or
 * blue, where low is negative), high white (or red).  captions: under each; NULL: none. */
void plot_images(plot *p, int n, int rows, int columns, const double *pixels, int across,
                 const char *const *captions, double low, double high);

/* What the axes show; without it, all there is. */
void plot_range(plot *p, double x0, double x1, double y0, double y1);
/* A line of gnuplot's own, before the panel is drawn: "set logscale y". */
void plot_set(plot *p, const char *line);

#endif
