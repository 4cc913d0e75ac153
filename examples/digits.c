/* examples/digits.c: a network learns to read handwritten digits.
 *
 * Composed of matmul, add, sigmoid and mean squared error (or tanh, relu, cross-entropy), checked
 * against finite differences, trained by gradient descent on mini-batches, each step one program.
 * Its parts are in digits/: options, sets (the data), network, training, pictures. */
#include <stdio.h>
#include <wengert.h>

#include "digits/network.h"
#include "digits/options.h"
#include "digits/pictures.h"
#include "digits/sets.h"
#include "digits/training.h"

/* What is asked for beyond the digits at hand is cut, and told. */
static void cut(const char *option, int64_t *asked, int64_t have)
{
    if (*asked <= have)
        return;
    printf("%s %lld is cut to %lld: there are no more digits\n", option, (long long)*asked,
           (long long)have);
    *asked = have;
}

static void cut_to_sets(options *o, const set *train_set, const set *test_set)
{
    cut("--train", &o->train, train_set->count);
    cut("--test", &o->test, test_set->count);
    cut("--batch", &o->batch, train_set->count);
}

static void print_plan(const options *o, const set *train_set, const set *test_set)
{
    printf("digits: %lld to learn from, %lld to be tested on, %s%s\n", (long long)train_set->count,
           (long long)test_set->count, o->data ? "from " : "drawn here", o->data ? o->data : "");
    printf("network: %lld", (long long)(train_set->rows * train_set->columns));
    for (int l = 0; l < o->hidden.count; l++)
        printf("-%lld", (long long)o->hidden.of[l]);
    printf("-%d, %s, %s; batch %lld, rate %g, epochs %lld, seed %llu\n", CLASSES,
           activation_name(o->activation), loss_name(o->loss), (long long)o->batch, o->rate,
           (long long)o->epochs, (unsigned long long)o->seed);
    fflush(stdout);
}

static void print_confusion(const set *s, const int32_t *said)
{
    int64_t table[CLASSES][CLASSES] = {{0}};
    for (int64_t i = 0; i < s->count; i++)
        table[s->labels[i]][said[i]]++;
    printf("\nit is \\ the network says\n   ");
    for (int c = 0; c < CLASSES; c++)
        printf("%6d", c);
    for (int r = 0; r < CLASSES; r++) {
        printf("\n%3d", r);
        for (int c = 0; c < CLASSES; c++)
            table[r][c] ? printf("%6lld", (long long)table[r][c]) : printf("     .");
    }
    printf("\n\n");
}

static bool learn(const options *o, const set *train_set, const set *test_set)
{
    if (!check_gradients(o, train_set))
        return false;
    fflush(stdout);
    history h = {0};
    step drawing = {0};
    wg_tape *t = wg_tape_new(WG_F32);
    network n = make_network(t, o, train_set->rows * train_set->columns);
    bool good = train(&n, train_set, test_set, &h, &drawing)
                && make_pictures(o->out, &drawing, &h, test_set);
    if (good) {
        print_confusion(test_set, h.said);
        printf("test accuracy: %.2f %%\n", 100 * h.correct[h.epochs - 1]);
    }
    wg_tape_free(t);
    free_history(&h);
    return good;
}

/* Whether all that was printed arrived. */
static bool finish_output(void)
{
    bool good = fflush(stdout) == 0 && !ferror(stdout);
    if (!good)
        fprintf(stderr, "digits: wants a standard output that can be written to, got one that "
                        "fails\n");
    return good;
}

int main(int argc, char **argv)
{
    options o;
    command c = read_options(argc, argv, &o);
    if (c != TRAIN)
        return c == WRONG ? 2 : finish_output() ? 0 : 1;
    set train_set = {0}, test_set = {0};
    bool good = make_folder(o.out) && load_sets(&o, &train_set, &test_set);
    if (good) {
        cut_to_sets(&o, &train_set, &test_set);
        print_plan(&o, &train_set, &test_set);
        good = learn(&o, &train_set, &test_set);
    }
    free_set(&train_set);
    free_set(&test_set);
    return finish_output() && good ? 0 : 1;
}
