/* Text that grows: what a trace is put together in before it goes to a file. */
#ifndef WG_LOOK_WRITER_H
#define WG_LOOK_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <wengert/base.h>

typedef struct writer {
    char *text; /* always ends in 0 once something was put */
    size_t length, capacity;
    bool failed; /* memory ran out: what is put from then on is lost */
} writer;

void wg_put(writer *w, const char *format, ...) WG_PRINTF(2, 3);
void wg_put_bytes(writer *w, const char *bytes, size_t n);
/* Characters since the last line feed: where a continuation has to begin to stand below. */
size_t wg_column(const writer *w);
/* Gives back what was put after the text was this long. */
void wg_cut(writer *w, size_t length);

/* Writes the text to the file and empties it; false if that fails, or memory ran out before. */
bool wg_flush(writer *w, FILE *out);

#endif
