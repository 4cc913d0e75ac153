/* Data sets: MNIST's IDX files, and hand-drawn-looking digits that need no file.
 * Errors: WG_ERR_IO for a file that cannot be read, WG_ERR_DATA for one that is not what it should
 * be, WG_ERR_ARGUMENT for NULL or a negative count, WG_ERR_MEMORY; *d is then empty and why,
 * unless it is NULL, says what was expected. */
#ifndef WENGERT_DATA_H
#define WENGERT_DATA_H

#include <wengert/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Grey images and their labels. */
typedef struct wg_digits {
    int64_t count, rows, columns;
    uint8_t *pixels; /* count * rows * columns, 0 (paper) to 255 (ink) */
    uint8_t *labels; /* count, 0 to 9 */
} wg_digits;

/* Reads a pair of IDX files (Yann LeCun's format: big-endian magic 2051 and 2049), plain or, where
 * the library was built with zlib, gzip; each path may lack its .gz. */
WG_API wg_status wg_read_idx(const char *images_path, const char *labels_path, wg_digits *d,
                             wg_message *why);

/* Draws count digits of 28 by 28 pixels from stroke outlines under random slant, turn, scale,
 * shift, thickness and noise; each ten in a row are 0 to 9 in a random order.  The same seed gives
 * the same images on every machine; fewer are the first of more. */
WG_API wg_status wg_draw_digits(uint64_t seed, int64_t count, wg_digits *d, wg_message *why);

WG_API void wg_digits_free(wg_digits *d); /* empties *d; an empty one and NULL are fine */

#ifdef __cplusplus
}
#endif
#endif
