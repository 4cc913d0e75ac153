/* A table of text whose columns line up.  A cell is counted in characters as they are seen: UTF-8,
 * combining marks on top of the letter before. */
#ifndef LESSON_TABLE_H
#define LESSON_TABLE_H

#include <stddef.h>

typedef struct text_table {
    char **lines; /* the head first; cells are parted by | */
    int count;
} text_table;

/* The first line is the head.  A < before a head's word puts its column to the left. */
void table_add(text_table *t, const char *line);

/* Prints the table to stdout and leaves it empty.  The first column stands at the left, the others
 * at the right if no < says otherwise. */
void table_print(text_table *t);

/* Characters that these bytes show. */
int text_width(const char *text, size_t bytes);

#endif
