#include "sets.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__attribute__((format(printf, 1, 2))) static bool complain(const char *what, ...)
{
    va_list args;
    va_start(args, what);
    fputs("digits: ", stderr);
    vfprintf(stderr, what, args);
    fputs("\n", stderr);
    va_end(args);
    return false;
}

/* most: 0 for all. */
static bool convert(const wg_digits *d, int64_t most, set *s)
{
    s->count = most > 0 && most < d->count ? most : d->count;
    s->rows = d->rows;
    s->columns = d->columns;
    size_t pixels = (size_t)(s->count * d->rows * d->columns);
    s->x = malloc(pixels * sizeof *s->x);
    s->labels = malloc((size_t)s->count * sizeof *s->labels);
    if (!s->x || !s->labels)
        return complain("out of memory for the digits");
    for (size_t i = 0; i < pixels; i++)
        s->x[i] = (float)d->pixels[i] / 255;
    for (int64_t i = 0; i < s->count; i++)
        s->labels[i] = d->labels[i];
    return true;
}

#define IMAGES "-images-idx3-ubyte"
#define LABELS "-labels-idx1-ubyte"
static const char train_part[] = "train", test_part[] = "t10k";

static bool read_pair(const char *folder, const char *part, wg_digits *d)
{
    size_t room = strlen(folder) + strlen(part) + sizeof IMAGES + 1;
    char *images = malloc(room), *labels = malloc(room);
    wg_message why = {"out of memory for a path"};
    wg_status status = WG_ERR_MEMORY;
    if (images && labels) {
        snprintf(images, room, "%s/%s" IMAGES, folder, part);
        snprintf(labels, room, "%s/%s" LABELS, folder, part);
        status = wg_read_idx(images, labels, d, &why);
    }
    free(images);
    free(labels);
    if (status)
        return complain("%s", why.text);
    return d->count > 0
           || complain("\"%s/%s" IMAGES "\": wants at least one image, got none", folder, part);
}

static bool of_one_size(const char *folder, const wg_digits *train, const wg_digits *test)
{
    if (train->rows == test->rows && train->columns == test->columns)
        return true;
    return complain("\"%s/%s" IMAGES "\" and \"%s/%s" IMAGES
                    "\": wants images of one size, got %lld x %lld and %lld x %lld",
                    folder, train_part, folder, test_part, (long long)train->rows,
                    (long long)train->columns, (long long)test->rows, (long long)test->columns);
}

static bool read_both(const char *folder, wg_digits *train, wg_digits *test)
{
    return read_pair(folder, train_part, train) && read_pair(folder, test_part, test)
           && of_one_size(folder, train, test);
}

static bool draw(uint64_t seed, int64_t count, wg_digits *d)
{
    wg_message why;
    return wg_draw_digits(seed, count, d, &why) == WG_OK || complain("%s", why.text);
}

bool load_sets(const options *o, set *train, set *test)
{
    wg_digits d[2] = {{0}, {0}};
    bool good = o->data ? read_both(o->data, &d[0], &d[1])
                        : draw(o->seed, o->train, &d[0]) && draw(~o->seed, o->test, &d[1]);
    good = good && convert(&d[0], o->train, train) && convert(&d[1], o->test, test);
    wg_digits_free(&d[0]);
    wg_digits_free(&d[1]);
    return good;
}

void free_set(set *s)
{
    free(s->x);
    free(s->labels);
    *s = (set){0};
}
