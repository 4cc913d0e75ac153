#include "sets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool complain(const char *what)
{
    fprintf(stderr, "digits: %s\n", what);
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

static bool read_pair(const char *folder, const char *part, wg_digits *d)
{
    static const char suffix[] = "-images-idx3-ubyte";
    size_t room = strlen(folder) + strlen(part) + sizeof suffix + 1;
    char *images = malloc(room), *labels = malloc(room);
    wg_message why = {"out of memory for a path"};
    wg_status status = WG_ERR_MEMORY;
    if (images && labels) {
        snprintf(images, room, "%s/%s%s", folder, part, suffix);
        snprintf(labels, room, "%s/%s-labels-idx1-ubyte", folder, part);
        status = wg_read_idx(images, labels, d, &why);
    }
    free(images);
    free(labels);
    return status == WG_OK || complain(why.text);
}

static bool draw(uint64_t seed, int64_t count, wg_digits *d)
{
    wg_message why;
    return wg_draw_digits(seed, count, d, &why) == WG_OK || complain(why.text);
}

bool load_sets(const options *o, set *train, set *test)
{
    wg_digits d[2] = {{0}, {0}};
    bool good = o->data ? read_pair(o->data, "train", &d[0]) && read_pair(o->data, "t10k", &d[1])
                        : draw(o->seed, o->train, &d[0]) && draw(~o->seed, o->test, &d[1]);
    if (good && (d[0].count == 0 || d[1].count == 0))
        good = complain("wants digits to learn from and to be tested on, got empty files");
    if (good && (d[0].rows != d[1].rows || d[0].columns != d[1].columns))
        good = complain("wants training and test images of one size");
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
