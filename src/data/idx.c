/* MNIST's IDX files (Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits",
 * 1998): big-endian words magic, count and, for images, rows and columns, then bytes.  Believes
 * nothing that a header says before the bytes are there. */
#include <stdio.h>
#include <wengert/data.h>

#include "core/alloc.h"
#include "data/stream.h"

enum { IMAGES_MAGIC = 2051, LABELS_MAGIC = 2049, FIRST_READ = 1 << 20 };

typedef struct header {
    uint32_t word[4]; /* magic, count, rows, columns */
} header;

static wg_status read_header(wg_stream *s, uint32_t magic, size_t words, header *h,
                             wg_message *why)
{
    unsigned char raw[16];
    size_t got = 0;
    wg_status status = wg_stream_read(s, raw, 4 * words, &got, why);
    if (status)
        return status;
    *h = (header){{0, 0, 0, 0}};
    for (size_t i = 0; i < got / 4; i++)
        for (size_t k = 0; k < 4; k++)
            h->word[i] = h->word[i] << 8 | raw[4 * i + k];
    if (got >= 4 && h->word[0] != magic)
        return wg_data_fail(why, WG_ERR_DATA,
                            "%s: wants an IDX file of %s (magic %lu), got magic %lu",
                            wg_stream_name(s), magic == IMAGES_MAGIC ? "images" : "labels",
                            (unsigned long)magic, (unsigned long)h->word[0]);
    if (got < 4 * words)
        return wg_data_fail(why, WG_ERR_DATA,
                            "%s: wants an IDX header of %zu bytes, got a file of %zu",
                            wg_stream_name(s), 4 * words, got);
    return WG_OK;
}

/* Exactly total bytes up to the end of the stream.  The buffer grows as bytes arrive, so a header
 * that lies costs no memory. */
static wg_status read_rest(wg_stream *s, size_t header_bytes, size_t total, const char *what,
                           uint8_t **bytes, wg_message *why)
{
    size_t room = total < FIRST_READ ? total : FIRST_READ, have = 0, got = 0;
    wg_status status = WG_OK;
    for (;;) {
        uint8_t *more = wg_mem_resize(*bytes, room ? room : 1);
        if (!more)
            return wg_data_fail(why, WG_ERR_MEMORY, "%s: out of memory for %s", wg_stream_name(s),
                                what);
        *bytes = more;
        if ((status = wg_stream_read(s, more + have, room - have, &got, why)))
            return status;
        have += got;
        if (have < room || room == total)
            break;
        room = room < total - room ? 2 * room : total;
    }
    if (have < total)
        return wg_data_fail(why, WG_ERR_DATA,
                            "%s: wants %zu bytes (%s), got a truncated one of %zu",
                            wg_stream_name(s), header_bytes + total, what, header_bytes + have);
    uint8_t extra;
    if ((status = wg_stream_read(s, &extra, 1, &got, why)))
        return status;
    if (got)
        return wg_data_fail(why, WG_ERR_DATA, "%s: wants %zu bytes (%s), got more",
                            wg_stream_name(s), header_bytes + total, what);
    return WG_OK;
}

static wg_status read_images(wg_stream *s, wg_digits *d, wg_message *why)
{
    header h;
    wg_status status = read_header(s, IMAGES_MAGIC, 4, &h, why);
    if (status)
        return status;
    char what[80];
    snprintf(what, sizeof what, "%lu images of %lu x %lu", (unsigned long)h.word[1],
             (unsigned long)h.word[2], (unsigned long)h.word[3]);
    if (h.word[2] == 0 || h.word[3] == 0)
        return wg_data_fail(why, WG_ERR_DATA, "%s: wants images of at least 1 x 1, got %s",
                            wg_stream_name(s), what);
    wg_shape shape = wg_make_shape(3, (const int64_t[]){h.word[1], h.word[2], h.word[3]});
    int64_t total = wg_shape_count(shape);
    if (total < 0 || (uint64_t)total > SIZE_MAX / 4)
        return wg_data_fail(why, WG_ERR_DATA, "%s: wants images that fit into memory, got %s",
                            wg_stream_name(s), what);
    d->count = h.word[1];
    d->rows = h.word[2];
    d->columns = h.word[3];
    return read_rest(s, 16, (size_t)total, what, &d->pixels, why);
}

static wg_status read_labels(wg_stream *s, const char *images_name, wg_digits *d, wg_message *why)
{
    header h;
    wg_status status = read_header(s, LABELS_MAGIC, 2, &h, why);
    if (status)
        return status;
    if (h.word[1] != d->count)
        return wg_data_fail(
            why, WG_ERR_DATA, "%s: wants %lld labels, as many as images in %.180s, got %lu",
            wg_stream_name(s), (long long)d->count, images_name, (unsigned long)h.word[1]);
    char what[40];
    snprintf(what, sizeof what, "%lu labels", (unsigned long)h.word[1]);
    if ((status = read_rest(s, 8, h.word[1], what, &d->labels, why)))
        return status;
    for (int64_t i = 0; i < d->count; i++)
        if (d->labels[i] > 9)
            return wg_data_fail(why, WG_ERR_DATA, "%s: wants labels 0 to 9, got %d at place %lld",
                                wg_stream_name(s), d->labels[i], (long long)i);
    return WG_OK;
}

wg_status wg_read_idx(const char *images_path, const char *labels_path, wg_digits *d,
                      wg_message *why)
{
    if (!d)
        return wg_data_fail(why, WG_ERR_ARGUMENT,
                            "wg_read_idx: wants a wg_digits to fill, got NULL");
    *d = (wg_digits){0};
    if (!images_path || !labels_path)
        return wg_data_fail(why, WG_ERR_ARGUMENT, "wg_read_idx: wants two paths, got NULL");
    wg_stream *images = NULL, *labels = NULL;
    wg_status status = wg_stream_open(images_path, &images, why);
    if (!status)
        status = wg_stream_open(labels_path, &labels, why);
    if (!status)
        status = read_images(images, d, why);
    if (!status)
        status = read_labels(labels, wg_stream_name(images), d, why);
    wg_stream_close(images);
    wg_stream_close(labels);
    if (status)
        wg_digits_free(d);
    return status;
}

void wg_digits_free(wg_digits *d)
{
    if (!d)
        return;
    wg_mem_free(d->pixels);
    wg_mem_free(d->labels);
    *d = (wg_digits){0};
}
