/* One table says everything of an option: its name, what it takes, what it is for, how it is read
 * and where it goes. */
#include "options.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 1000000, MOST_WIDE = 10000, MOST_THREADS = 256 };
#define A_COUNT "a whole number from 1 to 1000000"

static const char *const activations[] = {[SIGMOID] = "sigmoid", [TANH] = "tanh", [RELU] = "relu"};
static const char *const losses[] = {[MSE] = "mse", [CROSS_ENTROPY] = "cross-entropy"};

const char *activation_name(activation a)
{
    return activations[a];
}

const char *loss_name(loss l)
{
    return losses[l];
}

/* Decimal digits and nothing else, up to end. */
static bool read_whole(const char *text, const char *end, uint64_t *value)
{
    *value = 0;
    for (const char *c = text; c < end; c++) {
        unsigned digit = (unsigned)(*c - '0');
        if (digit > 9 || *value > (UINT64_MAX - digit) / 10)
            return false;
        *value = *value * 10 + digit;
    }
    return end > text;
}

static bool read_up_to(const char *text, const char *end, uint64_t most, int64_t *value)
{
    uint64_t whole;
    if (!read_whole(text, end, &whole) || whole < 1 || whole > most)
        return false;
    *value = (int64_t)whole;
    return true;
}

static bool read_path(const char *text, void *field)
{
    *(const char **)field = text;
    return *text != 0;
}

static bool read_widths(const char *text, void *field)
{
    widths *w = field;
    for (w->count = 0; w->count < MAX_HIDDEN; text++) {
        const char *end = text + strcspn(text, ",");
        if (!read_up_to(text, end, MOST_WIDE, &w->of[w->count++]))
            return false;
        text = end;
        if (!*text)
            return true;
    }
    return false;
}

static bool read_activation(const char *text, void *field)
{
    for (activation a = SIGMOID; a <= RELU; a++)
        if (strcmp(text, activations[a]) == 0)
            return *(activation *)field = a, true;
    return false;
}

static bool read_loss(const char *text, void *field)
{
    for (loss l = MSE; l <= CROSS_ENTROPY; l++)
        if (strcmp(text, losses[l]) == 0)
            return *(loss *)field = l, true;
    return false;
}

static bool read_rate(const char *text, void *field)
{
    char *end;
    double rate = strtod(text, &end);
    *(double *)field = rate;
    return *text && !*end && isfinite(rate) && rate > 0;
}

static bool read_count(const char *text, void *field)
{
    return read_up_to(text, text + strlen(text), MOST, field);
}

static bool read_threads(const char *text, void *field)
{
    return read_up_to(text, text + strlen(text), MOST_THREADS, field);
}

static bool read_seed(const char *text, void *field)
{
    return read_whole(text, text + strlen(text), field);
}

static const struct option {
    const char *name, *takes, *what, *wants;
    bool (*read)(const char *text, void *field);
    size_t field;
} table[] = {
    {"--data", "DIR",
     "MNIST's four files, plain or .gz (default: $WENGERT_DATA, else drawn digits)", "a folder",
     read_path, offsetof(options, data)},
    {"--out", "DIR", "where pictures go, made where missing (default: out)", "a folder", read_path,
     offsetof(options, out)},
    {"--hidden", "N,N..", "widths of the hidden layers (default: 30)",
     "1 to 8 whole numbers from 1 to 10000, like 30,20", read_widths, offsetof(options, hidden)},
    {"--activation", "NAME", "of the hidden layers: sigmoid, tanh or relu (default: sigmoid)",
     "sigmoid, tanh or relu", read_activation, offsetof(options, activation)},
    {"--loss", "NAME",
     "mse: of sigmoid outputs, halved (default); cross-entropy: of softmax outputs",
     "mse or cross-entropy", read_loss, offsetof(options, loss)},
    {"--rate", "R",
     "learning rate (default: mse 3, cross-entropy 0.5; a fifth of it for tanh and relu)",
     "a number above 0", read_rate, offsetof(options, rate)},
    {"--batch", "N", "examples a step (default: 10)", A_COUNT, read_count,
     offsetof(options, batch)},
    {"--epochs", "N", "passes over the training digits (default: 30)", A_COUNT, read_count,
     offsetof(options, epochs)},
    {"--train", "N", "digits to learn from (default: 10000 drawn ones, or all of the files)",
     A_COUNT, read_count, offsetof(options, train)},
    {"--test", "N", "digits to be tested on (default: 2000 drawn ones, or all of the files)",
     A_COUNT, read_count, offsetof(options, test)},
    {"--seed", "N", "of drawn digits, first weights and order (default: 1)",
     "a whole number from 0 to 2^64 - 1", read_seed, offsetof(options, seed)},
    {"--threads", "N", "threads that share large steps (default: 1)",
     "a whole number from 1 to 256", read_threads, offsetof(options, threads)},
};
enum { OPTIONS = sizeof table / sizeof *table };

static void print_help(void)
{
    printf("digits: a network learns to read handwritten digits.\n\nusage: digits [option "
           "value]..\n\n");
    for (int i = 0; i < OPTIONS; i++)
        printf("  %-12s %-5s  %s\n", table[i].name, table[i].takes, table[i].what);
    printf("  -h, --help          this text\n");
}

static const struct option *find(const char *name, size_t length)
{
    for (int i = 0; i < OPTIONS; i++)
        if (strlen(table[i].name) == length && memcmp(table[i].name, name, length) == 0)
            return &table[i];
    return NULL;
}

/* What depends on other options, or on where the digits come from. */
static void fill_in(options *o)
{
    if (!o->data) {
        const char *data = getenv("WENGERT_DATA");
        o->data = data && *data ? data : NULL;
    }
    if (o->rate == 0)
        o->rate = (o->loss == MSE ? 3 : 0.5) / (o->activation == SIGMOID ? 1 : 5);
    if (o->train == 0)
        o->train = o->data ? 0 : 10000;
    if (o->test == 0)
        o->test = o->data ? 0 : 2000;
}

command read_options(int argc, char **argv, options *o)
{
    *o = (options){
        .out = "out", .hidden = {1, {30}}, .batch = 10, .epochs = 30, .seed = 1, .threads = 1};
    for (int i = 1; i < argc; i++) {
        size_t length = strcspn(argv[i], "=");
        const struct option *found = find(argv[i], length);
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            print_help();
            return HELP;
        }
        if (!found) {
            fprintf(stderr, "digits: wants options that --help lists, got \"%s\"\n", argv[i]);
            return WRONG;
        }
        const char *value =
            argv[i][length] ? argv[i] + length + 1 : argv[++i]; /* argv ends in NULL */
        if (!value || !found->read(value, (char *)o + found->field)) {
            fprintf(stderr, "digits: %s wants %s, got %s%s%s\n", found->name, found->wants,
                    value ? "\"" : "", value ? value : "nothing", value ? "\"" : "");
            return WRONG;
        }
    }
    fill_in(o);
    return TRAIN;
}
