/* Reading IDX files, every fault they may have, and the digits that draw themselves.
 * labels: valgrind
 * wraps: malloc calloc realloc aligned_alloc free */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wengert/data.h>

#include <cmocka.h>

#include "data/glyphs.h"
#include "support/failing_alloc.h"

/* ---- files of our own in a folder of our own ---- */

enum { MOST = 4096 };

typedef struct bytes {
    size_t size;
    uint8_t at[MOST];
} bytes;

static char folder[64], images_path[96], labels_path[96];

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/wengert-data-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(images_path, sizeof images_path, "%s/images", folder);
    snprintf(labels_path, sizeof labels_path, "%s/labels", folder);
    return 0;
}

static int remove_folder(void **state)
{
    static const char *const name[] = {"images", "images.gz", "labels", "labels.gz"};
    (void)state;
    for (size_t i = 0; i < sizeof name / sizeof *name; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", folder, name[i]);
        remove(path);
    }
    return rmdir(folder);
}

static void write_file(const char *path, const char *suffix, const bytes *b)
{
    char whole[128];
    snprintf(whole, sizeof whole, "%s%s", path, suffix);
    FILE *f = fopen(whole, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(b->at, 1, b->size, f), b->size);
    assert_int_equal(fclose(f), 0);
}

static void put(bytes *b, uint32_t value, int width, bool big_endian)
{
    for (int i = 0; i < width; i++) {
        assert_true(b->size < MOST);
        b->at[b->size++] = (uint8_t)(value >> 8 * (big_endian ? width - 1 - i : i));
    }
}

static bytes idx(int words, const uint32_t *word, size_t payload)
{
    bytes b = {0};
    for (int i = 0; i < words; i++)
        put(&b, word[i], 4, true);
    for (size_t i = 0; i < payload; i++)
        put(&b, (uint32_t)i % 10, 1, true);
    return b;
}

static bytes images_file(uint32_t magic, uint32_t n, uint32_t rows, uint32_t columns,
                         size_t payload)
{
    return idx(4, (uint32_t[]){magic, n, rows, columns}, payload);
}

static bytes labels_file(uint32_t magic, uint32_t n, size_t payload)
{
    return idx(2, (uint32_t[]){magic, n}, payload);
}

/* gzip (RFC 1952) with one stored block, written without zlib. */
static void add_gzip(bytes *to, const bytes *b)
{
    static const uint8_t head[10] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255};
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < sizeof head; i++)
        put(to, head[i], 1, false);
    put(to, 1, 1, false);
    put(to, (uint32_t)b->size, 2, false);
    put(to, ~(uint32_t)b->size, 2, false);
    for (size_t i = 0; i < b->size; i++) {
        put(to, b->at[i], 1, false);
        crc ^= b->at[i];
        for (int k = 0; k < 8; k++)
            crc = crc & 1 ? crc >> 1 ^ 0xEDB88320u : crc >> 1;
    }
    put(to, ~crc, 4, false);
    put(to, (uint32_t)b->size, 4, false);
}

static void expect_failure(wg_status expected, const char *text)
{
    wg_digits d = {.count = 7};
    wg_message why = {""};
    wg_status s = wg_read_idx(images_path, labels_path, &d, &why);
    if (s != expected || !strstr(why.text, text))
        fail_msg("wanted %s with \"%s\", got %s: %s", wg_status_name(expected), text,
                 wg_status_name(s), why.text);
    assert_int_equal(d.count, 0);
    assert_null(d.pixels);
    assert_null(d.labels);
    assert_int_equal(wg_read_idx(images_path, labels_path, &d, NULL), expected);
}

static void expect_success(int64_t n, int64_t rows, int64_t columns)
{
    wg_digits d;
    wg_message why = {""};
    if (wg_read_idx(images_path, labels_path, &d, &why))
        fail_msg("%s", why.text);
    assert_int_equal(d.count, n);
    assert_int_equal(d.rows, rows);
    assert_int_equal(d.columns, columns);
    for (int64_t i = 0; i < n * rows * columns; i++)
        assert_int_equal(d.pixels[i], i % 10);
    for (int64_t i = 0; i < n; i++)
        assert_int_equal(d.labels[i], i % 10);
    wg_digits_free(&d);
    assert_null(d.pixels);
    wg_digits_free(&d);
    wg_digits_free(NULL);
}

/* ---- reading ---- */

static void reads_plain_files(void **state)
{
    (void)state;
    bytes images = images_file(2051, 12, 3, 5, 180), labels = labels_file(2049, 12, 12);
    write_file(images_path, "", &images);
    write_file(labels_path, "", &labels);
    expect_success(12, 3, 5);
    images = images_file(2051, 0, 28, 28, 0), labels = labels_file(2049, 0, 0);
    write_file(images_path, "", &images);
    write_file(labels_path, "", &labels);
    expect_success(0, 28, 28);
}

#define BAD WG_ERR_DATA

static void every_fault_has_its_message(void **state)
{
    const bool wide = SIZE_MAX > UINT32_MAX; /* 64-bit sizes: 2^60 bytes may be asked for */
    const struct {
        bytes images, labels;
        wg_status status;
        const char *text;
    } table[] = {
        {{0},
         labels_file(2049, 2, 2),
         BAD,
         "/images\": wants an IDX header of 16 bytes, got a file of 0"},
        {images_file(2051, 2, 2, 2, 8),
         {0},
         BAD,
         "/labels\": wants an IDX header of 8 bytes, got a file of 0"},
        {idx(3, (uint32_t[]){2051, 2, 2}, 0), labels_file(2049, 2, 2), BAD,
         "wants an IDX header of 16 bytes, got a file of 12"},
        {labels_file(2049, 2, 2), labels_file(2049, 2, 2), BAD,
         "wants an IDX file of images (magic 2051), got magic 2049"},
        {images_file(2051, 2, 2, 2, 8), images_file(2051, 2, 2, 2, 8), BAD,
         "wants an IDX file of labels (magic 2049), got magic 2051"},
        {images_file(0x03080000, 2, 2, 2, 8), labels_file(2049, 2, 2), BAD,
         "got magic 50855936"}, /* little-endian */
        {images_file(2051, 2, 2, 2, 7), labels_file(2049, 2, 2), BAD,
         "wants 24 bytes (2 images of 2 x 2), got a truncated one of 23"},
        {images_file(2051, 2, 2, 2, 9), labels_file(2049, 2, 2), BAD,
         "/images\": wants 24 bytes (2 images of 2 x 2), got more"},
        {images_file(2051, 2, 2, 2, 8), labels_file(2049, 2, 1), BAD,
         "/labels\": wants 10 bytes (2 labels), got a truncated one of 9"},
        {images_file(2051, 2, 2, 2, 8), labels_file(2049, 2, 3), BAD,
         "/labels\": wants 10 bytes (2 labels), got more"},
        {images_file(2051, 2, 2, 2, 8), labels_file(2049, 3, 3), BAD,
         "wants 2 labels, as many as images in \"/tmp/"},
        {images_file(2051, 4, 0, 28, 0), labels_file(2049, 4, 4), BAD,
         "wants images of at least 1 x 1, got 4 images of 0 x 28"},
        {images_file(2051, 4, 28, 0, 0), labels_file(2049, 4, 4), BAD,
         "wants images of at least 1 x 1, got 4 images of 28 x 0"},
        /* a product that overflows 64 bits, one that wraps to a small number, and absurd ones */
        {images_file(2051, ~0u, ~0u, ~0u, 8), labels_file(2049, ~0u, 2), BAD,
         "wants images that fit into memory"},
        {images_file(2051, 1u << 31, 1u << 31, 4, 8), labels_file(2049, 2, 2), BAD,
         "wants images that fit into memory"},
        {images_file(2051, 1u << 20, 1u << 20, 1u << 20, 8), labels_file(2049, 2, 2), BAD,
         wide ? "got a truncated one of 24" : "wants images that fit into memory"},
        {images_file(2051, ~0u, 28, 28, 0), labels_file(2049, 2, 2), BAD,
         wide ? "got a truncated one of 16" : "wants images that fit into memory"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        write_file(images_path, "", &table[i].images);
        write_file(labels_path, "", &table[i].labels);
        expect_failure(table[i].status, table[i].text);
    }
    bytes images = images_file(2051, 2, 2, 2, 8), labels = labels_file(2049, 2, 2);
    labels.at[9] = 10;
    write_file(images_path, "", &images);
    write_file(labels_path, "", &labels);
    expect_failure(BAD, "/labels\": wants labels 0 to 9, got 10 at place 1");
}

static void every_cut_is_seen(void **state)
{
    (void)state;
    const bytes images = images_file(2051, 2, 2, 2, 8), labels = labels_file(2049, 2, 2);
    write_file(labels_path, "", &labels);
    for (size_t size = 0; size < images.size; size++) {
        bytes cut = images;
        cut.size = size;
        write_file(images_path, "", &cut);
        expect_failure(BAD, "/images\": wants ");
    }
}

static void names_what_cannot_be_opened(void **state)
{
    (void)state;
    expect_failure(WG_ERR_IO, "/images\": wants a file of this name, plain or with .gz after it");
    bytes images = images_file(2051, 2, 2, 2, 8);
    write_file(images_path, "", &images);
    expect_failure(WG_ERR_IO, "/labels\": wants a file of this name");
    wg_digits d;
    wg_message why;
    assert_int_equal(wg_read_idx(folder, labels_path, &d, &why), WG_ERR_IO);
    assert_non_null(strstr(why.text, "wants a file that can be read: Is a directory"));
    assert_int_equal(wg_read_idx(NULL, labels_path, &d, &why), WG_ERR_ARGUMENT);
    assert_int_equal(wg_read_idx(images_path, NULL, &d, &why), WG_ERR_ARGUMENT);
    assert_int_equal(wg_read_idx(images_path, labels_path, NULL, &why), WG_ERR_ARGUMENT);
    char longest[3000];
    memset(longest, 'x', sizeof longest - 1);
    memcpy(longest + sizeof longest - 8, "/images", 8);
    assert_int_equal(wg_read_idx(longest, labels_path, &d, &why), WG_ERR_IO);
    assert_non_null(strstr(why.text, "xxx/images\": wants"));
}

/* ---- gzip ---- */

static bytes gzipped(bytes b)
{
    bytes z = {0};
    add_gzip(&z, &b);
    return z;
}

#ifdef WG_HAVE_ZLIB
static void reads_gzip_under_either_name(void **state)
{
    (void)state;
    bytes images = gzipped(images_file(2051, 12, 3, 5, 180)),
          labels = gzipped(labels_file(2049, 12, 12));
    write_file(images_path, ".gz", &images); /* the path given lacks its .gz */
    write_file(labels_path, "", &labels);    /* gzip is told by its bytes, not its name */
    expect_success(12, 3, 5);
}

static void reads_several_members(void **state)
{
    (void)state;
    bytes whole = images_file(2051, 2, 2, 2, 8), labels = labels_file(2049, 2, 2), head = whole,
          tail = {0}, both = {0};
    head.size = 17;
    for (size_t i = head.size; i < whole.size; i++)
        put(&tail, whole.at[i], 1, false);
    add_gzip(&both, &head);
    add_gzip(&both, &tail);
    write_file(images_path, "", &both);
    write_file(labels_path, "", &labels);
    expect_success(2, 2, 2);
}

static void damaged_gzip_is_refused(void **state)
{
    (void)state;
    bytes labels = labels_file(2049, 2, 2);
    const bytes good = gzipped(images_file(2051, 2, 2, 2, 8));
    write_file(labels_path, "", &labels);
    for (size_t size = 0; size < good.size; size++) {
        bytes cut = good;
        cut.size = size;
        write_file(images_path, ".gz", &cut);
        expect_failure(BAD, "/images.gz\": wants ");
    }
    bytes longer = good;
    put(&longer, 0, 1, false);
    write_file(images_path, ".gz", &longer);
    expect_failure(BAD, "wants nothing after the gzip data, got more bytes");
    /* any one byte wrong, but for those that say when, where and how the file was packed */
    for (size_t i = 0; i < good.size; i++) {
        bytes bad = good;
        bad.at[i] ^= 0x55;
        if (i >= 4 && i < 10)
            continue;
        write_file(images_path, ".gz", &bad);
        expect_failure(BAD, "/images.gz\": wants ");
    }
}
#else
static void gzip_needs_zlib(void **state)
{
    (void)state;
    bytes images = gzipped(images_file(2051, 2, 2, 2, 8)), labels = labels_file(2049, 2, 2);
    write_file(images_path, ".gz", &images);
    write_file(labels_path, "", &labels);
    expect_failure(BAD, "/images.gz\": wants an uncompressed file (this library was built without "
                        "zlib), got gzip data");
}
#endif

/* ---- drawing ---- */

/* FNV-1a. */
static uint64_t hash(const void *data, size_t size)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < size; i++)
        h = (h ^ ((const uint8_t *)data)[i]) * 0x100000001b3u;
    return h;
}

static wg_digits drawn(uint64_t seed, int64_t count)
{
    wg_digits d;
    wg_message why = {""};
    if (wg_draw_digits(seed, count, &d, &why))
        fail_msg("%s", why.text);
    assert_int_equal(d.count, count);
    assert_int_equal(d.rows, 28);
    assert_int_equal(d.columns, 28);
    return d;
}

/* The hash was taken on x86-64 with gcc 12; clang and every level of optimisation give it, too. */
static void same_seed_same_bytes_everywhere(void **state)
{
    (void)state;
    wg_digits d = drawn(1, 1000);
    assert_int_equal(hash(d.pixels, 1000 * 784), UINT64_C(0xc3d527bc6a50f478));
    assert_int_equal(hash(d.labels, 1000), UINT64_C(0x0d853983fa05b315));
    wg_digits_free(&d);
}

static void fewer_images_are_the_first_of_more(void **state)
{
    (void)state;
    wg_digits few = drawn(5, 37), more = drawn(5, 80), other = drawn(6, 37);
    assert_memory_equal(few.pixels, more.pixels, 37 * 784);
    assert_memory_equal(few.labels, more.labels, 37);
    assert_memory_not_equal(few.pixels, other.pixels, 37 * 784);
    assert_memory_not_equal(few.labels, other.labels, 37);
    for (int i = 1; i < 80; i++)
        assert_memory_not_equal(more.pixels, more.pixels + (ptrdiff_t)784 * i, 784);
    wg_digits_free(&few);
    wg_digits_free(&more);
    wg_digits_free(&other);
}

static void labels_are_balanced(void **state)
{
    (void)state;
    wg_digits d = drawn(2, 1003);
    for (int start = 0; start < 1000; start += 10) {
        unsigned seen = 0;
        for (int i = 0; i < 10; i++)
            seen |= 1u << d.labels[start + i];
        assert_int_equal(seen, 1023);
    }
    int first[10] = {0};
    for (int start = 0; start < 1000; start += 10)
        first[d.labels[start]]++;
    for (int i = 0; i < 10; i++)
        assert_in_range(first[i], 1, 30); /* 10 expected */
    wg_digits_free(&d);
}

/* Paper is mostly white, ink mostly black, and digits keep to the middle. */
static void pictures_look_like_ink_on_paper(void **state)
{
    (void)state;
    const int n = 1000;
    wg_digits d = drawn(3, n);
    double corner = 0, border = 0, total = 0;
    int64_t all = 0, middle = 0;
    for (int i = 0; i < n; i++) {
        const uint8_t *p = d.pixels + (ptrdiff_t)784 * i;
        int dark = 0;
        for (int k = 0; k < 784; k++) {
            int row = k / 28, column = k % 28;
            total += p[k];
            if ((row < 2 || row > 25) && (column < 2 || column > 25))
                corner += p[k];
            if (row == 0 || row == 27 || column == 0 || column == 27)
                border += p[k];
            dark += p[k] > 127;
            middle += p[k] > 127 && row >= 4 && row < 24 && column >= 4 && column < 24;
        }
        assert_in_range(dark, 15, 300);
        all += dark;
    }
    assert_true(total / n / 784 > 20 && total / n / 784 < 60);
    assert_true((double)middle > 0.9 * (double)all);
    assert_true(corner / n / 16 < 4);
    assert_true(border / n / 108 < 5);
    wg_digits_free(&d);
}

/* The mean picture of each digit tells most new ones (they are digits), but not all (there is
 * something to learn). */
static void nearest_mean_tells_most_but_not_all(void **state)
{
    (void)state;
    static double mean[10][784];
    const int n = 1000;
    wg_digits d = drawn(4, n), fresh = drawn(5, n);
    for (int i = 0; i < n; i++)
        for (int k = 0; k < 784; k++)
            mean[d.labels[i]][k] += d.pixels[784 * i + k] * 10.0 / n;
    int right = 0;
    for (int i = 0; i < n; i++) {
        double best = 1e300;
        int answer = -1;
        for (int c = 0; c < 10; c++) {
            double distance = 0;
            for (int k = 0; k < 784; k++) {
                double e = fresh.pixels[784 * i + k] - mean[c][k];
                distance += e * e;
            }
            if (distance < best) {
                best = distance;
                answer = c;
            }
        }
        right += answer == fresh.labels[i];
    }
    assert_in_range(right, n * 6 / 10, n * 95 / 100);
    wg_digits_free(&d);
    wg_digits_free(&fresh);
}

static void bad_counts_are_refused(void **state)
{
    (void)state;
    wg_digits d = drawn(1, 0);
    wg_digits_free(&d);
    wg_message why;
    assert_int_equal(wg_draw_digits(1, -1, &d, &why), WG_ERR_ARGUMENT);
    assert_string_equal(why.text, "wg_draw_digits: wants a count of 0 or more, got -1");
    assert_int_equal(wg_draw_digits(1, INT64_MAX, &d, &why), WG_ERR_MEMORY);
    assert_null(d.pixels);
    assert_int_equal(wg_draw_digits(1, INT64_MAX, &d, NULL), WG_ERR_MEMORY);
    assert_int_equal(wg_draw_digits(1, 1, NULL, &why), WG_ERR_ARGUMENT);
}

/* ---- out of memory ---- */

static wg_status read_both(wg_digits *d, wg_message *why)
{
    return wg_read_idx(images_path, labels_path, d, why);
}

static wg_status draw_some(wg_digits *d, wg_message *why)
{
    return wg_draw_digits(1, 5, d, why);
}

static void fail_each(wg_status (*play)(wg_digits *d, wg_message *why), int at_least)
{
    for (int how = FAIL_ONCE; how <= FAIL_FROM_THEN_ON; how++) {
        bool failed = true;
        for (int at = 0; failed; at++) {
            int64_t live = failing_live();
            wg_digits d;
            wg_message why = {""};
            failing_arm((failing_how)how, at);
            wg_status s = play(&d, &why);
            failing_disarm();
            failed = failing_happened();
            assert_true(failed || at >= at_least);
            assert_int_equal(s, failed ? WG_ERR_MEMORY : WG_OK);
            assert_true(!failed || (strstr(why.text, "out of memory") && !d.pixels && !d.labels));
            wg_digits_free(&d);
            assert_int_equal(failing_live(), live);
        }
    }
}

static void every_failed_allocation_is_told(void **state)
{
    (void)state;
    bytes images = images_file(2051, 12, 3, 5, 180), labels = labels_file(2049, 12, 12);
    write_file(images_path, "", &images);
    write_file(labels_path, "", &labels);
    fail_each(read_both, 4);
#ifdef WG_HAVE_ZLIB
    images = gzipped(images);
    write_file(images_path, "", &images);
    fail_each(read_both, 5);
#endif
    fail_each(draw_some, 2);
}

static void outlines_stay_in_their_box(void **state)
{
    (void)state;
    for (int digit = 0; digit < 10; digit++)
        for (int v = 0; v < WG_GLYPH_VARIANTS; v++) {
            const wg_glyph *g = &wg_glyphs[digit][v];
            assert_in_range(g->points, 3, WG_GLYPH_MAX_POINTS);
            for (int i = 0; i < g->points; i++) {
                int x = g->xy[2 * i], y = g->xy[2 * i + 1];
                assert_true((x == -1 && y == -1) || (x >= 0 && x <= 100 && y >= 0 && y <= 100));
            }
        }
}

/* The real thing, where it is at hand. */
static void reads_mnist(void **state)
{
    (void)state;
    const char *data = getenv("WENGERT_DATA");
    if (!data || !*data) {
        print_message("skipped: WENGERT_DATA does not name a folder with the MNIST files\n");
        skip();
    }
    static const char *const part[] = {"train", "t10k"};
    static const int64_t count[] = {60000, 10000};
    for (int i = 0; i < 2; i++) {
        char images[4096], labels[4096];
        snprintf(images, sizeof images, "%s/%s-images-idx3-ubyte", data, part[i]);
        snprintf(labels, sizeof labels, "%s/%s-labels-idx1-ubyte", data, part[i]);
        wg_digits d;
        wg_message why = {""};
        wg_status status = wg_read_idx(images, labels, &d, &why);
        if (status && strstr(why.text, "built without zlib")) {
            print_message("skipped: %s\n", why.text);
            skip();
        }
        if (status)
            fail_msg("%s", why.text);
        assert_int_equal(d.count, count[i]);
        assert_int_equal(d.rows, 28);
        assert_int_equal(d.labels[0], i == 0 ? 5 : 7);
        wg_digits_free(&d);
    }
}

#define WITH_FOLDER(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(reads_plain_files),
        WITH_FOLDER(every_fault_has_its_message),
        WITH_FOLDER(every_cut_is_seen),
        WITH_FOLDER(names_what_cannot_be_opened),
#ifdef WG_HAVE_ZLIB
        WITH_FOLDER(reads_gzip_under_either_name),
        WITH_FOLDER(reads_several_members),
        WITH_FOLDER(damaged_gzip_is_refused),
#else
        WITH_FOLDER(gzip_needs_zlib),
#endif
        cmocka_unit_test(same_seed_same_bytes_everywhere),
        cmocka_unit_test(fewer_images_are_the_first_of_more),
        cmocka_unit_test(labels_are_balanced),
        cmocka_unit_test(pictures_look_like_ink_on_paper),
        cmocka_unit_test(nearest_mean_tells_most_but_not_all),
        cmocka_unit_test(bad_counts_are_refused),
        WITH_FOLDER(every_failed_allocation_is_told),
        cmocka_unit_test(outlines_stay_in_their_box),
        cmocka_unit_test(reads_mnist),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
