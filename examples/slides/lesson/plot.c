#define _POSIX_C_SOURCE 200809L
#include "plot.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../digits/folder.h"
#include "../../digits/launch.h"

enum { PANEL_WIDE = 420, PANEL_HIGH = 360, TITLE_HIGH = 40, SERIES = 16 };

typedef struct series {
    const char *with; /* how gnuplot draws it */
    char *label;
    int64_t n;
    double *x, *y;
} series;

struct plot {
    lesson *l;
    char name[64];
    int across, down, high; /* panels, and the height of a row of them in pixels */
    FILE *script; /* what draws the panels, in text */
    char *text;
    size_t text_size;
    bool images;       /* pixels stay sharp in PNG only */
    int panels, drawn; /* panels begun; what the panel's plot command has so far */
    int error;         /* errno of the first file that failed */
    series s[SERIES];
    int count;
    char command[4096]; /* of the panel: what follows "plot" */
};

/* Good to tell apart for most eyes. */
static const char *const colours[] = {"#1f5fa8", "#d9730d", "#2e8b57",
                                      "#b3202c", "#7b4fa3", "#444444"};

/* What a panel may have set for itself. */
static const char fresh_panel[] =
    "\nunset label\nunset logscale\nunset colorbox\nunset xzeroaxis\nset tics\nset "
    "border\nset autoscale\nset clip two\n"
    "set xtics autofreq\nset ytics autofreq\n"
    "set size noratio\nset grid lc rgb '#dddddd'\nset bmargin 3\nset key below samplen 1.5 width "
    "-1\n"
    "set palette defined (0 '#c6dbef', 1 'white', 2 '#fdd0a2')\n";

/* NAME.gp, or the panel's NAME-2.csv, NAME-2-images.csv ...  file: its name in the folder. */
static FILE *create(plot *p, const char *suffix, char file[96])
{
    char path[4096];
    if (p->panels && p->across * p->down > 1)
        snprintf(file, 96, "%s-%d%s", p->name, p->panels, suffix);
    else
        snprintf(file, 96, "%s%s", p->name, suffix);
    FILE *f = NULL;
    errno = ENAMETOOLONG;
    if (snprintf(path, sizeof path, "%s/%s", p->l->folder, file) < (int)sizeof path)
        f = fopen(path, "w");
    if (!f && !p->error)
        p->error = errno;
    return f;
}

static void finish(plot *p, FILE *f)
{
    int bad = f ? ferror(f) : 0;
    if (f && (fclose(f) || bad) && !p->error)
        p->error = errno ? errno : EIO;
}

/* Text between single quotes, as gnuplot wants it. */
static const char *quoted(char out[256], const char *text)
{
    size_t n = 0;
    out[n++] = '\'';
    for (; *text && n < 252; text++) {
        out[n++] = *text;
        if (*text == '\'')
            out[n++] = '\'';
    }
    out[n++] = '\'';
    out[n] = 0;
    return out;
}

static void emit(plot *p, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (p->script)
        vfprintf(p->script, format, arguments);
    va_end(arguments);
}

plot *plot_begin(lesson *l, const char *name, int across, int down)
{
    plot *p = calloc(1, sizeof *p);
    if (!p) {
        fputs("out of memory\n", stderr);
        exit(1);
    }
    p->l = l;
    snprintf(p->name, sizeof p->name, "%s", name);
    p->across = across;
    p->high = PANEL_HIGH;
    p->down = down;
    p->script = open_memstream(&p->text, &p->text_size);
    p->error = p->script ? make_folders(l->folder) : errno;
    return p;
}

/* ---- what a panel shows ---- */

static void draw(plot *p, const char *format, ...)
{
    size_t used = strlen(p->command);
    va_list arguments;
    va_start(arguments, format);
    snprintf(p->command + used, sizeof p->command - used, "%s",
             p->drawn++ ? ", \\\n     " : "plot ");
    used = strlen(p->command);
    vsnprintf(p->command + used, sizeof p->command - used, format, arguments);
    va_end(arguments);
}

static void *copy(const void *from, size_t bytes)
{
    void *to = malloc(bytes ? bytes : 1);
    if (!to) {
        fputs("out of memory\n", stderr);
        exit(1);
    }
    return memcpy(to, from, bytes);
}

static void add_series(plot *p, const char *with, const char *label, int64_t n, const double *x,
                       const double *y)
{
    if (p->count == SERIES) {
        p->error = p->error ? p->error : E2BIG;
        return;
    }
    size_t bytes = (size_t)n * sizeof *x;
    p->s[p->count++] =
        (series){with, copy(label, strlen(label) + 1), n, copy(x, bytes), copy(y, bytes)};
}

void plot_line(plot *p, const char *label, int64_t n, const double *x, const double *y)
{
    add_series(p, "lines lw 2", label, n, x, y);
}

void plot_points(plot *p, const char *label, int64_t n, const double *x, const double *y)
{
    add_series(p, "points pt 7 ps 0.9", label, n, x, y);
}

void plot_path(plot *p, const char *label, int64_t n, const double *x, const double *y)
{
    add_series(p, "linespoints lw 1.5 pt 7 ps 0.4", label, n, x, y);
}

void plot_bars(plot *p, const char *label, int64_t n, const double *x, const double *y)
{
    emit(p, "set boxwidth 0.6\nset style fill solid 0.4\nset xzeroaxis lt -1\n");
    add_series(p, "boxes", label, n, x, y);
}

double plot_grid_x(plot_grid g, int i)
{
    return g.x0 + (g.x1 - g.x0) * i / (g.nx - 1);
}

double plot_grid_y(plot_grid g, int j)
{
    return g.y0 + (g.y1 - g.y0) * j / (g.ny - 1);
}

/* The least of 1, 2, 5, 10 ... that goes into the extent at most six times. */
static double tic_of(double extent)
{
    double unit = pow(10, floor(log10(extent / 6))), times = extent / 6.0001 / unit;
    return times <= 1 ? unit : times <= 2 ? 2 * unit : times <= 5 ? 5 * unit : 10 * unit;
}

void plot_surface(plot *p, plot_grid g, const double *z, int levels, const double *level)
{
    char file[96];
    FILE *f = create(p, "-surface.csv", file);
    for (int j = 0; f && j < g.ny; j++) {
        fputs(j ? "\n" : "x,y,z\n", f); /* gnuplot joins lines of a grid that blank lines part */
        for (int i = 0; i < g.nx; i++)
            fprintf(f, "%.6g,%.6g,%.6g\n", plot_grid_x(g, i), plot_grid_y(g, j), z[j * g.nx + i]);
    }
    finish(p, f);
    draw(p, "'%s' skip 1 using 1:2:3 with image notitle", file);
    double dx = (g.x1 - g.x0) / (g.nx - 1) / 2, dy = (g.y1 - g.y0) / (g.ny - 1) / 2;
    plot_range(p, g.x0 - dx, g.x1 + dx, g.y0 - dy, g.y1 + dy); /* whole pixels */
    emit(p, "set size ratio -1\nset xtics %g\nset ytics %g\n", tic_of(g.x1 - g.x0),
         tic_of(g.y1 - g.y0));
    if (levels > 0) {
        emit(p, "set contour base\nunset surface\nset cntrparam levels discrete ");
        for (int i = 0; i < levels; i++)
            emit(p, "%s%.9g", i ? "," : "", level[i]);
        emit(p, "\nset table $levels%d\nsplot '%s' skip 1 using 1:2:3\nunset table\n", p->panels,
             file);
        emit(p, "unset contour\nset surface\n");
        /* a table's own lines are parted by blanks, not by commas */
        draw(p,
             "$levels%d using (real(word(strcol(1),1))):(real(word(strcol(1),2))) with lines lw 1 "
             "lc rgb '#777777' notitle",
             p->panels);
    }
}

void plot_images(plot *p, int n, int rows, int columns, const double *pixels, int across,
                 const char *const *captions, double low, double high)
{
    int down = (n + across - 1) / across, gap = columns / 8 + 1;
    int below = captions ? rows / 3 + 1 : gap, wide = columns + gap, high_cell = rows + below;
    char file[96], text[256];
    FILE *f = create(p, "-images.csv", file);
    for (int y = 0; f && y < down * high_cell; y++)
        for (int x = 0; x < across * wide; x++) {
            int cell = y / high_cell * across + x / wide, row = y % high_cell, column = x % wide;
            bool inside = cell < n && row < rows && column < columns;
            const char *end = x + 1 < across * wide ? "," : "\n";
            if (inside)
                fprintf(f, "%.4g%s", pixels[((int64_t)cell * rows + row) * columns + column], end);
            else
                fprintf(f, "nan%s", end);
        }
    finish(p, f);
    for (int i = 0; captions && i < n; i++)
        emit(p, "set label %s at %g,%g center front\n", quoted(text, captions[i]),
             i % across * wide + (columns - 1) / 2.0,
             i / across * high_cell + rows - 0.5 + below / 2.0);
    emit(p, "unset tics\nunset border\nset bmargin 1\nset size ratio -1\nset cbrange [%g:%g]\n",
         low, high);
    emit(p, low < 0 ? "set palette defined (-1 '#1f5fa8', 0 'white', 1 '#b3202c')\n"
                    : "set palette gray\n");
    emit(p, "set xrange [-1:%d]\nset yrange [%d:-1]\n", across * wide - gap, down * high_cell);
    p->images = true;
    if (p->across * p->down == 1) { /* a sheet that is wide and low needs no room above and below
                                     * it */
        int needs = PANEL_WIDE * down * high_cell / (across * wide) + TITLE_HIGH;
        p->high = needs < PANEL_HIGH ? needs : PANEL_HIGH;
    }
    draw(p, "'%s' matrix with image notitle", file);
}

void plot_range(plot *p, double x0, double x1, double y0, double y1)
{
    emit(p, "set xrange [%g:%g]\nset yrange [%g:%g]\n", x0, x1, y0, y1);
}

void plot_set(plot *p, const char *line)
{
    emit(p, "%s\n", line);
}

/* ---- panels ---- */

/* Whether series i shows the same x as the one before it: they share a column. */
static bool same_x(const plot *p, int i)
{
    return i > 0 && p->s[i].n == p->s[i - 1].n
           && memcmp(p->s[i].x, p->s[i - 1].x, (size_t)p->s[i].n * sizeof(double)) == 0;
}

static void write_column_name(FILE *f, bool first, const char *name)
{
    fprintf(f, "%s\"%s\"", first ? "" : ",", name);
}

static void write_value(FILE *f, bool first, bool there, double v)
{
    fputs(first ? "" : ",", f);
    if (there)
        fprintf(f, "%.9g", v);
}

/* All series of the panel in one file: a column of x where it changes, one of y for each. */
static void write_series(plot *p, char file[96])
{
    FILE *f = create(p, ".csv", file);
    int64_t longest = 0;
    for (int i = 0; f && i < p->count; i++) {
        if (!same_x(p, i))
            write_column_name(f, i == 0, "x");
        write_column_name(f, false, p->s[i].label);
        longest = p->s[i].n > longest ? p->s[i].n : longest;
    }
    for (int64_t k = 0; f && k < longest; k++) {
        fputs("\n", f);
        for (int i = 0; i < p->count; i++) {
            bool there = k < p->s[i].n;
            if (!same_x(p, i))
                write_value(f, i == 0, there, there ? p->s[i].x[k] : 0);
            write_value(f, false, there, there ? p->s[i].y[k] : 0);
        }
    }
    if (f)
        fputs("\n", f);
    finish(p, f);
}

/* Room below the panel for its legend, in as many rows as gnuplot will need for it. */
static void make_room_below(plot *p)
{
    int longest = 0, named = 0, letter = p->across > 2 ? 10 : 8;
    for (int i = 0; i < p->count; i++) {
        int width = text_width(p->s[i].label, strlen(p->s[i].label));
        longest = width > longest ? width : longest;
        named += width > 0;
    }
    int columns = PANEL_WIDE / (longest * letter + 50);
    columns = columns < 1 ? 1 : columns;
    emit(p, "set bmargin %g\n", 3 + 1.3 * ((named + columns - 1) / columns));
}

static void end_panel(plot *p)
{
    char file[96], label[256];
    if (p->count) {
        write_series(p, file);
        make_room_below(p);
    }
    for (int i = 0, column = 0, x = 0; i < p->count; i++) {
        if (!same_x(p, i))
            x = ++column;
        column++;
        const char *named = *p->s[i].label ? quoted(label, p->s[i].label) : "''";
        draw(p, "'%s' skip 1 using %d:%d with %s lc rgb '%s' title %s", file, x, column,
             p->s[i].with, colours[(size_t)i % (sizeof colours / sizeof *colours)], named);
    }
    for (int i = 0; i < p->count; i++) {
        free(p->s[i].label);
        free(p->s[i].x);
        free(p->s[i].y);
    }
    if (p->drawn)
        emit(p, "%s\n", p->command);
    p->count = p->drawn = 0;
    *p->command = 0;
}

void plot_panel(plot *p, const char *title, const char *x, const char *y)
{
    char text[256];
    end_panel(p);
    p->panels++;
    emit(p, "%sset title %s\n", fresh_panel, quoted(text, title));
    emit(p, "set xlabel %s offset 0,0.5\n", quoted(text, x));
    emit(p, "set ylabel %s\n", quoted(text, y));
}

static const char *kind(const plot *p)
{
    return p->images ? "png" : "svg";
}

/* NAME.gp, around what draws the panels.  Letters are larger where a page will shrink it. */
static void write_script(plot *p, char file[96])
{
    p->panels = 0;
    finish(p, p->script);
    FILE *f = create(p, ".gp", file);
    if (f)
        fprintf(f,
                "# gnuplot %s\n"
                "set terminal %s size %d,%d noenhanced font 'sans,%d' background 'white'%s\n"
                "set output '%s.%s'\n"
                "set datafile separator ','\n"
                "set multiplot layout %d,%d\n"
                "%sunset multiplot\n",
                file, p->images ? "pngcairo" : "svg", PANEL_WIDE * p->across, p->high * p->down,
                (p->images ? 11 : 13) + (p->across > 2 ? 4 : 0), p->images ? "" : " standalone",
                p->name, kind(p), p->down, p->across, p->text ? p->text : "");
    finish(p, f);
    free(p->text);
}

void plot_end(plot *p)
{
    char file[96], said[LAUNCH_LINE];
    end_panel(p);
    write_script(p, file);
    const char *command[] = {"gnuplot", "-d", file, NULL};
    if (p->error) {
        fprintf(stderr, "%s: pictures want a folder that can be written to, got \"%s\": %s\n",
                p->l->name, p->l->folder, strerror(p->error));
        p->l->unwritten++;
    } else {
        launch result = launch_in(p->l->folder, command, said);
        if (result == LAUNCH_DONE)
            lesson_say(p->l, "\npicture: %s/%s.%s\n", p->l->folder, p->name, kind(p));
        else
            lesson_say(p->l, "\nno picture: gnuplot %s%s; what it draws is left: %s/%s\n",
                       result == LAUNCH_NOT_FOUND ? "was not found" : "failed: ", said,
                       p->l->folder, file);
    }
    free(p);
}
