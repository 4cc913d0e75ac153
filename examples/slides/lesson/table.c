#include "table.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 24 };

void table_add(text_table *t, const char *line)
{
    size_t size = strlen(line) + 1;
    char **lines = realloc(t->lines, ((size_t)t->count + 1) * sizeof *lines), *copy = malloc(size);
    if (!lines || !copy) {
        fputs("out of memory\n", stderr);
        exit(1);
    }
    memcpy(copy, line, size);
    t->lines = lines;
    t->lines[t->count++] = copy;
}

/* Characters in these bytes: those that neither continue one nor are combining marks (U+0300 to
 * U+036F). */
int text_width(const char *text, size_t bytes)
{
    int n = 0;
    for (size_t i = 0; i < bytes; i++) {
        unsigned char c = (unsigned char)text[i];
        unsigned char next = i + 1 < bytes ? (unsigned char)text[i + 1] : 0;
        n += (c & 0xC0) != 0x80 && !(c == 0xCC || (c == 0xCD && next < 0xB0));
    }
    return n;
}

/* The cell at *at, and *at moved to the one after it: NULL behind the last. */
static const char *next_cell(const char **at, size_t *bytes)
{
    const char *cell = *at;
    *bytes = strcspn(cell, "|");
    *at = cell[*bytes] ? cell + *bytes + 1 : NULL;
    return cell;
}

static void measure(const text_table *t, int wide[COLUMNS])
{
    for (int r = 0; r < t->count; r++) {
        const char *at = t->lines[r];
        for (int c = 0; at && c < COLUMNS; c++) {
            size_t bytes;
            const char *cell = next_cell(&at, &bytes);
            int w = text_width(cell, bytes);
            wide[c] = w > wide[c] ? w : wide[c];
        }
    }
}

/* left: which columns stand at the left. */
static void print_line(const char *at, const int wide[COLUMNS], const bool left[COLUMNS])
{
    for (int c = 0; at && c < COLUMNS; c++) {
        size_t bytes;
        const char *cell = next_cell(&at, &bytes);
        int pad = wide[c] - text_width(cell, bytes);
        fputs(c ? "   " : "  ", stdout);
        if (left[c])
            printf("%.*s%*s", (int)bytes, cell, at ? pad : 0, "");
        else
            printf("%*s%.*s", pad, "", (int)bytes, cell);
    }
    fputs("\n", stdout);
}

/* Takes the marks out of the head. */
static void read_marks(char *head, bool left[COLUMNS])
{
    char *to = head;
    int c = 0;
    for (const char *from = head; *from; from++) {
        bool first = from == head || from[-1] == '|';
        c += from > head && first;
        if (first && *from == '<' && c < COLUMNS)
            left[c] = true;
        else
            *to++ = *from;
    }
    *to = 0;
    left[0] = true;
}

static void print_rule(const int wide[COLUMNS])
{
    int length = -3;
    for (int c = 0; c < COLUMNS; c++)
        length += wide[c] ? wide[c] + 3 : 0;
    fputs("  ", stdout);
    while (length-- > 0)
        fputs("─", stdout);
    fputs("\n", stdout);
}

void table_print(text_table *t)
{
    int wide[COLUMNS] = {0};
    bool left[COLUMNS] = {false};
    if (t->count)
        read_marks(t->lines[0], left);
    measure(t, wide);
    for (int r = 0; r < t->count; r++) {
        print_line(t->lines[r], wide, left);
        if (r == 0)
            print_rule(wide);
        free(t->lines[r]);
    }
    free(t->lines);
    *t = (text_table){0};
}
