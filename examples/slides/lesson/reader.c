#include "reader.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const int width[READER_LAYERS + 1] = {READER_PIXELS, READER_HIDDEN, READER_HIDDEN,
                                             READER_CLASSES};
const char *const reader_part_name[READER_PARTS] = {"W⁽³⁾", "b⁽³⁾", "W⁽²⁾",
                                                    "b⁽²⁾", "W⁽¹⁾", "b⁽¹⁾"};
const int reader_part_start[READER_PARTS + 1] = {0, 160, 170, 426, 442, 12986, READER_SIZE};

/* Of layer l, from 1. */
static int part_of(int l, bool bias)
{
    return 2 * (READER_LAYERS - l) + (bias ? 1 : 0);
}

/* ---- on the tape ---- */

reader reader_new(wg_tape *t)
{
    reader r;
    for (int l = 1; l <= READER_LAYERS; l++) {
        int W = part_of(l, false), b = part_of(l, true);
        r.part[W] =
            wg_param(t, reader_part_name[W], WG_SHAPE(width[l], width[l - 1]), wg_init_glorot());
        r.part[b] = wg_param(t, reader_part_name[b], WG_SHAPE(width[l]), wg_init_zeros());
    }
    return r;
}

void reader_get(const reader *r, double w[READER_SIZE])
{
    for (int i = 0; i < READER_PARTS; i++)
        wg_get_f64(r->part[i], w + reader_part_start[i]);
}

void reader_set(const reader *r, const double w[READER_SIZE])
{
    for (int i = 0; i < READER_PARTS; i++)
        wg_set_f64(r->part[i], w + reader_part_start[i]);
}

wg_tensor *reader_says(const reader *r, wg_tensor *x)
{
    wg_tensor *a = x;
    for (int l = 1; l <= READER_LAYERS; l++) {
        wg_tensor *W = r->part[part_of(l, false)], *b = r->part[part_of(l, true)];
        a = wg_sigmoid(wg_add(wg_matmul(a, wg_transpose(W)), b)); /* a row is an example */
    }
    return a;
}

wg_tensor *reader_cost(const reader *r, wg_tensor *x, wg_tensor *y)
{
    wg_tensor *squares = wg_square(wg_sub(reader_says(r, x), y));
    return wg_mean(wg_sum_axes(squares, WG_AXES(1), false));
}

wg_program *reader_step(const reader *r, wg_tensor *C, double eta)
{
    wg_tensor *g[READER_PARTS], *outputs[1 + READER_PARTS] = {C};
    wg_grad(C, READER_PARTS, r->part, g);
    for (int i = 0; i < READER_PARTS; i++)
        outputs[1 + i] = wg_assign(r->part[i], wg_sub(r->part[i], wg_mul_scalar(g[i], eta)));
    return wg_compile(1 + READER_PARTS, outputs);
}

/* ---- by hand ---- */

double reader_by_hand(const double w[READER_SIZE], const wg_digits *d, int64_t k,
                      double gradient[READER_SIZE])
{
    double a[READER_LAYERS + 1][READER_PIXELS], dC_da[READER_PIXELS], dC_dz[READER_PIXELS], C = 0;
    for (int i = 0; i < READER_PIXELS; i++)
        a[0][i] = d->pixels[k * READER_PIXELS + i] / 255.0;
    for (int l = 1; l <= READER_LAYERS; l++) {
        const double *W = w + reader_part_start[part_of(l, false)];
        const double *b = w + reader_part_start[part_of(l, true)];
        for (int j = 0; j < width[l]; j++) {
            double z = b[j];
            for (int i = 0; i < width[l - 1]; i++)
                z += W[j * width[l - 1] + i] * a[l - 1][i];
            a[l][j] = 1 / (1 + exp(-z));
        }
    }
    for (int j = 0; j < READER_CLASSES; j++) {
        double off = a[READER_LAYERS][j] - (d->labels[k] == j);
        C += off * off;
        dC_da[j] = 2 * off;
    }
    for (int l = READER_LAYERS; l >= 1; l--) {
        const double *W = w + reader_part_start[part_of(l, false)];
        double *dC_dW = gradient + reader_part_start[part_of(l, false)];
        double *dC_db = gradient + reader_part_start[part_of(l, true)];
        for (int j = 0; j < width[l]; j++) {
            dC_db[j] = dC_dz[j] = dC_da[j] * a[l][j] * (1 - a[l][j]);
            for (int i = 0; i < width[l - 1]; i++)
                dC_dW[j * width[l - 1] + i] = dC_dz[j] * a[l - 1][i];
        }
        for (int i = 0; i < width[l - 1]; i++) {
            dC_da[i] = 0; /* of the layer before: the sum over all that it leads to */
            for (int j = 0; j < width[l]; j++)
                dC_da[i] += W[j * width[l - 1] + i] * dC_dz[j];
        }
    }
    return C;
}

/* ---- digits ---- */

static bool read_pair(const char *folder, const char *part, wg_digits *d, wg_message *why)
{
    char images[4096], labels[4096];
    snprintf(images, sizeof images, "%s/%s-images-idx3-ubyte", folder, part);
    snprintf(labels, sizeof labels, "%s/%s-labels-idx1-ubyte", folder, part);
    if (wg_read_idx(images, labels, d, why) != WG_OK)
        return false;
    bool fits = d->count > 0 && d->rows * d->columns == READER_PIXELS;
    if (!fits)
        snprintf(why->text, sizeof why->text,
                 "\"%.300s\": wants images of 28 x 28, got %lld of %lld x %lld", images,
                 (long long)d->count, (long long)d->rows, (long long)d->columns);
    return fits;
}

void reader_digits(lesson *l, const char *folder, int64_t train, int64_t test,
                   wg_digits *train_set, wg_digits *test_set)
{
    wg_message why;
    bool good = folder ? read_pair(folder, "train", train_set, &why)
                             && read_pair(folder, "t10k", test_set, &why)
                       : wg_draw_digits(1, train, train_set, &why) == WG_OK
                             && wg_draw_digits(2, test, test_set, &why) == WG_OK;
    if (!good) {
        fprintf(stderr, "%s: %s\n", l->name, why.text);
        exit(1);
    }
}

void reader_feed(const wg_digits *d, int64_t n, const int64_t *which, double *x, double *y)
{
    for (int64_t i = 0; i < n; i++) {
        for (int64_t p = 0; p < READER_PIXELS; p++)
            x[i * READER_PIXELS + p] = d->pixels[which[i] * READER_PIXELS + p] / 255.0;
        for (int c = 0; c < READER_CLASSES; c++)
            y[i * READER_CLASSES + c] = d->labels[which[i]] == c;
    }
}
