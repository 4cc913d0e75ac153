#include "sheet.h"

/* The first test digits, then others that were misread; each cell is a digit with a gap to its
 * right and room below it for the answer. */
enum { ACROSS = 16, FIRST = 4 * ACROSS, CELLS = 8 * ACROSS, GAP = 4, CAPTION = 10, WIDE = 1100 };

static const char right_colour[] = "#2e8b57", wrong_colour[] = "#cc0000";

typedef struct sheet {
    int64_t cells, lines;
    int64_t wide, high;   /* of a cell */
    int64_t digit[CELLS]; /* which of the set */
} sheet;

static sheet lay_out(const set *s, const int32_t *said)
{
    sheet h = {.wide = s->columns + GAP, .high = s->rows + CAPTION};
    for (int64_t i = 0; i < s->count && h.cells < CELLS; i++)
        if (i < FIRST || said[i] != s->labels[i])
            h.digit[h.cells++] = i;
    h.lines = (h.cells + ACROSS - 1) / ACROSS;
    return h;
}

/* Of the sheet's pixel (x, y): 0 to 1. */
static float ink_at(const set *s, const sheet *h, int64_t x, int64_t y)
{
    int64_t cell = y / h->high * ACROSS + x / h->wide, row = y % h->high, column = x % h->wide;
    if (cell >= h->cells || row >= s->rows || column >= s->columns)
        return 0;
    return s->x[(h->digit[cell] * s->rows + row) * s->columns + column];
}

void write_sheet_pixels(FILE *f, const set *s, const int32_t *said)
{
    sheet h = lay_out(s, said);
    for (int64_t y = 0; y < h.lines * h.high; y++) {
        for (int64_t x = 0; x < ACROSS * h.wide; x++)
            fprintf(f, "%.3g ", (double)ink_at(s, &h, x, y));
        fputs("\n", f);
    }
}

static void write_caption(FILE *f, const set *s, const sheet *h, int64_t cell, int said)
{
    int is = s->labels[h->digit[cell]];
    double left = (double)(cell % ACROSS * h->wide) - 0.5, right = left + (double)s->columns;
    double top = (double)(cell / ACROSS * h->high) - 0.5, bottom = top + (double)s->rows;
    fprintf(f, "set label '%d", said);
    if (said != is)
        fprintf(f, ", is %d", is);
    fprintf(f, "' at %g,%g center front textcolor rgb '%s'\n", (left + right) / 2,
            bottom + CAPTION / 2.0, said == is ? right_colour : wrong_colour);
    if (said != is)
        fprintf(f,
                "set object rectangle from %g,%g to %g,%g front fillstyle empty border rgb '%s'\n",
                left, top, right, bottom, wrong_colour);
}

void write_sheet_script(FILE *f, const set *s, const int32_t *said, const char *pixels_name)
{
    sheet h = lay_out(s, said);
    long long across = ACROSS * h.wide, down = h.lines * h.high;
    fprintf(
        f,
        "set terminal pngcairo size %d,%lld font ',11'\n"
        "set output 'digits.png'\n"
        "set title \"What the network says: the first test digits, then others that it misread.\\n"
        "Green: right.  Red: wrong, with what it is.\"\n"
        "unset key\nunset colorbox\nunset tics\nunset border\n"
        "set size ratio -1\nset palette gray negative\nset cbrange [0:1]\n"
        "set xrange [-2:%lld]\nset yrange [%lld:-2]\n",
        WIDE, WIDE * down / across + 60, across, down);
    for (int64_t k = 0; k < h.cells; k++)
        write_caption(f, s, &h, k, said[h.digit[k]]);
    fprintf(f, "plot '%s' matrix with image\n", pixels_name);
}
