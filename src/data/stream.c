/* Files as streams of bytes.  zlib's own file layer is not used: it allocates behind the back of
 * core/alloc.h, and it takes a file with rubbish after its end for a whole one. */
#define _POSIX_C_SOURCE 200809L
#include "data/stream.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#ifdef WG_HAVE_ZLIB
#include <zlib.h>
#endif

#include "core/alloc.h"

enum { CHUNK = 1 << 16, NAME = 200 };

struct wg_stream {
    FILE *file;
    bool gzip, over; /* over: the last gzip member has ended */
    unsigned char *next;
    size_t left; /* bytes of the chunk not taken yet, from next on */
#ifdef WG_HAVE_ZLIB
    z_stream z;
#endif
    char name[NAME];
    unsigned char chunk[CHUNK];
};

wg_status wg_data_fail(wg_message *why, wg_status s, const char *format, ...)
{
    if (why) {
        va_list args;
        va_start(args, format);
        vsnprintf(why->text, sizeof why->text, format, args);
        va_end(args);
    }
    return s;
}

const char *wg_stream_name(const wg_stream *s)
{
    return s->name;
}

/* The end of a path says more than its beginning. */
static void set_name(char name[NAME], const char *path)
{
    size_t length = strlen(path), room = NAME - sizeof "\"...\"";
    if (length <= room)
        snprintf(name, NAME, "\"%s\"", path);
    else
        snprintf(name, NAME, "\"...%s\"", path + (length - room));
}

static wg_status io_error(const char *name, int error, wg_message *why)
{
    char reason[128];
    if (strerror_r(error, reason, sizeof reason))
        snprintf(reason, sizeof reason, "error %d", error);
    return wg_data_fail(why, WG_ERR_IO, "%s: wants a file that can be read: %s", name, reason);
}

/* The next chunk of the file itself; left is 0 at its end. */
static wg_status refill(wg_stream *s, wg_message *why)
{
    errno = 0;
    s->next = s->chunk;
    s->left = fread(s->chunk, 1, CHUNK, s->file);
    if (s->left < CHUNK && ferror(s->file))
        return io_error(s->name, errno, why);
    return WG_OK;
}

#ifdef WG_HAVE_ZLIB
static void *z_alloc(void *user, unsigned count, unsigned size)
{
    (void)user;
    return wg_mem_zero(count, size);
}

static void z_free(void *user, void *p)
{
    (void)user;
    wg_mem_free(p);
}

static wg_status start_inflating(wg_stream *s, wg_message *why)
{
    s->z.zalloc = z_alloc;
    s->z.zfree = z_free;
    if (inflateInit2(&s->z, MAX_WBITS + 16) != Z_OK) /* + 16: gzip and nothing else */
        return wg_data_fail(why, WG_ERR_MEMORY, "%s: out of memory", s->name);
    s->gzip = true;
    return WG_OK;
}

/* After a member the file ends or another member begins. */
static wg_status next_member(wg_stream *s, wg_message *why)
{
    if (s->left == 0) {
        wg_status status = refill(s, why);
        if (status)
            return status;
    }
    if (s->left == 0)
        s->over = true;
    else if (s->next[0] != 0x1f || inflateReset(&s->z) != Z_OK)
        return wg_data_fail(why, WG_ERR_DATA,
                            "%s: wants nothing after the gzip data, got more bytes", s->name);
    return WG_OK;
}

static wg_status inflate_some(wg_stream *s, unsigned char *to, size_t size, size_t *got,
                              wg_message *why)
{
    wg_status status = WG_OK;
    *got = 0;
    while (*got < size && !s->over && !status) {
        if (s->left == 0 && (status = refill(s, why)))
            break;
        if (s->left == 0)
            return wg_data_fail(why, WG_ERR_DATA,
                                "%s: wants whole gzip data, got a truncated file", s->name);
        size_t room = size - *got < CHUNK ? size - *got : CHUNK;
        s->z.next_in = s->next;
        s->z.avail_in = (unsigned)s->left;
        s->z.next_out = to + *got;
        s->z.avail_out = (unsigned)room;
        int result = inflate(&s->z, Z_NO_FLUSH);
        s->next = s->z.next_in;
        s->left = s->z.avail_in;
        *got += room - s->z.avail_out;
        if (result == Z_STREAM_END)
            status = next_member(s, why);
        else if (result == Z_MEM_ERROR)
            status = wg_data_fail(why, WG_ERR_MEMORY, "%s: out of memory", s->name);
        else if (result != Z_OK && result != Z_BUF_ERROR)
            status =
                wg_data_fail(why, WG_ERR_DATA, "%s: wants whole gzip data, got damaged bytes (%s)",
                             s->name, s->z.msg ? s->z.msg : "zlib gives no reason");
    }
    return status;
}

static void stop_inflating(wg_stream *s)
{
    if (s->gzip)
        inflateEnd(&s->z);
}
#else
static wg_status start_inflating(wg_stream *s, wg_message *why)
{
    return wg_data_fail(
        why, WG_ERR_DATA,
        "%s: wants an uncompressed file (this library was built without zlib), got gzip data",
        s->name);
}

static wg_status inflate_some(wg_stream *s, unsigned char *to, size_t size, size_t *got,
                              wg_message *why)
{
    (void)to, (void)size;
    *got = 0;
    return start_inflating(s, why);
}

static void stop_inflating(wg_stream *s)
{
    (void)s;
}
#endif

static FILE *open_either(const char *path, char name[NAME], wg_message *why, wg_status *status)
{
    errno = 0;
    FILE *file = fopen(path, "rb");
    int error = errno;
    set_name(name, path);
    if (file || error != ENOENT) {
        *status = file ? WG_OK : io_error(name, error, why);
        return file;
    }
    size_t length = strlen(path);
    char *longer = wg_mem_alloc(length + sizeof ".gz");
    if (!longer) {
        *status = wg_data_fail(why, WG_ERR_MEMORY, "%s: out of memory", name);
        return NULL;
    }
    memcpy(longer, path, length);
    memcpy(longer + length, ".gz", sizeof ".gz");
    file = fopen(longer, "rb");
    error = errno;
    if (!file && error == ENOENT) {
        *status = wg_data_fail(
            why, WG_ERR_IO,
            "%s: wants a file of this name, plain or with .gz after it, got neither", name);
    } else {
        set_name(name, longer);
        *status = file ? WG_OK : io_error(name, error, why);
    }
    wg_mem_free(longer);
    return file;
}

wg_status wg_stream_open(const char *path, wg_stream **out, wg_message *why)
{
    *out = NULL;
    wg_stream *s = wg_mem_zero(1, sizeof *s);
    if (!s)
        return wg_data_fail(why, WG_ERR_MEMORY, "\"%s\": out of memory", path);
    wg_status status = WG_OK;
    s->file = open_either(path, s->name, why, &status);
    if (!status)
        status = refill(s, why);
    /* Told by its first two bytes, not by its name. */
    if (!status && s->left >= 2 && s->chunk[0] == 0x1f && s->chunk[1] == 0x8b)
        status = start_inflating(s, why);
    if (status)
        wg_stream_close(s);
    else
        *out = s;
    return status;
}

wg_status wg_stream_read(wg_stream *s, void *bytes, size_t size, size_t *got, wg_message *why)
{
    if (s->gzip)
        return inflate_some(s, bytes, size, got, why);
    wg_status status = WG_OK;
    *got = 0;
    while (*got < size && !status) {
        if (s->left == 0 && ((status = refill(s, why)) || s->left == 0))
            break;
        size_t n = size - *got < s->left ? size - *got : s->left;
        memcpy((unsigned char *)bytes + *got, s->next, n);
        s->next += n;
        s->left -= n;
        *got += n;
    }
    return status;
}

void wg_stream_close(wg_stream *s)
{
    if (!s)
        return;
    stop_inflating(s);
    if (s->file)
        fclose(s->file);
    wg_mem_free(s);
}
