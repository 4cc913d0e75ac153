/* The bytes of a file, inflated on the way where it is gzip.  Knows nothing of what they mean. */
#ifndef WG_DATA_STREAM_H
#define WG_DATA_STREAM_H

#include <wengert/base.h>

typedef struct wg_stream wg_stream;

/* Opens path or, where there is no such file, path with .gz after it.  On failure *s is NULL. */
wg_status wg_stream_open(const char *path, wg_stream **s, wg_message *why);

/* Up to size bytes; *got is less only where the data ends or on failure. */
wg_status wg_stream_read(wg_stream *s, void *bytes, size_t size, size_t *got, wg_message *why);

/* The file's name as messages show it: quoted, the head of a long one left out. */
const char *wg_stream_name(const wg_stream *s);

void wg_stream_close(wg_stream *s); /* NULL is fine */

/* Keeps the text in why, unless that is NULL, and returns s. */
wg_status wg_data_fail(wg_message *why, wg_status s, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
