#include "look/writer.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"

/* Room for n more bytes and the 0 behind them. */
static bool reserve(writer *w, size_t n)
{
    if (w->failed || w->length + n < w->capacity)
        return !w->failed;
    size_t capacity = 2 * (w->length + n) + 256;
    char *text = wg_mem_resize(w->text, capacity);
    if (!text) {
        w->failed = true;
        return false;
    }
    w->text = text;
    w->capacity = capacity;
    return true;
}

void wg_put_bytes(writer *w, const char *bytes, size_t n)
{
    if (!reserve(w, n))
        return;
    memcpy(w->text + w->length, bytes, n);
    w->length += n;
    w->text[w->length] = 0;
}

void wg_put(writer *w, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n >= 0 && reserve(w, (size_t)n)) {
        vsnprintf(w->text + w->length, (size_t)n + 1, format, again);
        w->length += (size_t)n;
    }
    va_end(again);
}

size_t wg_column(const writer *w)
{
    size_t at = w->length, columns = 0;
    while (at && w->text[at - 1] != '\n') {
        at--;
        columns += (w->text[at] & 0xC0) != 0x80; /* bytes that go on a sequence take no column */
    }
    return columns;
}

void wg_cut(writer *w, size_t length)
{
    if (w->failed || length >= w->length)
        return;
    w->length = length;
    w->text[length] = 0;
}

bool wg_flush(writer *w, FILE *out)
{
    bool fine = !w->failed && (w->length == 0 || fwrite(w->text, 1, w->length, out) == w->length);
    wg_cut(w, 0);
    return fine;
}
