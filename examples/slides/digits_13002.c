/* Deck 001, "Neurons and Layers": the network of 784, 16, 16 and 10 neurons that reads digits.
 *
 *     a(l) = σ(W(l) a(l-1) + b(l))      C_k = Σ_j (a_j(3) - y_j)²      C = 1/n Σ_k C_k
 *
 * (001 sums squares, and takes the average over the training examples.)  It has 784·16 + 16 +
 * 16·16 + 16 + 16·10 + 10 = 13 002 weights and biases.  The program counts them, derives the
 * gradient for five digits three ways, trains on mini-batches, and shows what the 16 neurons of
 * the first layer have learnt to look for.  By hand (lesson/reader.c):
 *
 *     ∂C_k/∂a_j(3) = 2 (a_j(3) - y_j)                ∂C_k/∂b_j(l) = ∂C_k/∂a_j(l) σ'(z_j(l))
 *     ∂C_k/∂a_k(l-1) = Σ_j w_jk(l) ∂C_k/∂b_j(l)      ∂C_k/∂w_jk(l) = a_k(l-1) ∂C_k/∂b_j(l)
 *
 * The library draws the digits; --data DIR reads MNIST's four files instead. */
#include <math.h>
#include <stdio.h>

#include "lesson/plot.h"
#include "lesson/reader.h"

enum { TRAIN = 6000, TEST = 1000, FEW = 5, BATCH = 10, EPOCHS = 10, CHUNK = 100, SIDE = 28 };
static const double eta = 1;

static void count(lesson *l, const reader *r)
{
    static const int n[] = {READER_PIXELS, READER_HIDDEN, READER_HIDDEN, READER_CLASSES};
    double by_hand = 0, by_tape = 0;
    lesson_head(l, "layer|weights|biases|together");
    for (int k = 1; k <= READER_LAYERS; k++) {
        lesson_row(l, "%d: %d -> %d|%d|%d|%d", k, n[k - 1], n[k], n[k - 1] * n[k], n[k],
                   n[k - 1] * n[k] + n[k]);
        by_hand += n[k - 1] * n[k] + n[k];
    }
    for (int i = 0; i < READER_PARTS; i++)
        by_tape += (double)wg_count_of(r->part[i]);
    lesson_row(l, "all|||%.0f", by_hand);
    lesson_row(l, "parameters on the tape|||%.0f", by_tape);
    lesson_compare(l, 1, &by_hand, &by_tape);
}

static void derive(lesson *l, const reader *r, const wg_digits *d)
{
    static double w[READER_SIZE], g[READER_SIZE], mean[READER_SIZE];
    double x[FEW * READER_PIXELS], y[FEW * READER_CLASSES];
    int64_t which[FEW];
    reader_get(r, w);
    for (int k = 0; k < FEW; k++) {
        which[k] = k;
        reader_by_hand(w, d, k, g);
        for (int i = 0; i < READER_SIZE; i++)
            mean[i] += g[i] / FEW;
    }
    reader_feed(d, FEW, which, x, y);
    wg_tensor *C = reader_cost(r, wg_constant(l->tape, WG_SHAPE(FEW, READER_PIXELS), x),
                               wg_constant(l->tape, WG_SHAPE(FEW, READER_CLASSES), y));
    lesson_say(
        l,
        "\nThe gradient of C = 1/n Σ C_k with C_k = Σ (a_j - y_j)², for the first %d digits.  A "
        "row\n"
        "shows the largest element of a part and the worst difference of all.  Differences are\n"
        "taken for at most 40 of each part.\n",
        FEW);
    char text[32];
    for (int i = 0; i < READER_PARTS; i++) {
        snprintf(text, sizeof text, "∂C/∂%s", reader_part_name[i]);
        lesson_derive_whole(l, text, mean + reader_part_start[i], C, r->part[i], 40);
    }
}

/* What the network says of digits, so many at a time. */
typedef struct exam {
    wg_tensor *x;
    wg_program *answers;
} exam;

static exam make_exam(lesson *l, const reader *r)
{
    wg_tensor *x = wg_input(l->tape, "x of the test", WG_SHAPE(CHUNK, READER_PIXELS));
    wg_tensor *said = wg_argmax(reader_says(r, x), 1, false);
    return (exam){x, wg_compile(1, &said)};
}

/* Share of the digits told right, in %. */
static double test(const exam *e, const wg_digits *d)
{
    static double x[CHUNK * READER_PIXELS], y[CHUNK * READER_CLASSES];
    int64_t which[CHUNK], right = 0;
    for (int64_t from = 0; from < d->count; from += CHUNK) {
        for (int64_t i = 0; i < CHUNK; i++)
            which[i] = from + i < d->count ? from + i : 0;
        reader_feed(d, CHUNK, which, x, y);
        if (wg_set_f64(e->x, x) != WG_OK || wg_run(e->answers) != WG_OK)
            return NAN;
        const int32_t *said = wg_output(e->answers, 0);
        for (int64_t i = 0; i < CHUNK && from + i < d->count; i++)
            right += said[i] == d->labels[from + i];
    }
    return 100.0 * (double)right / (double)d->count;
}

/* A step for each mini-batch, in the order in which the digits come. */
static void train(lesson *l, const reader *r, const wg_digits *train_set,
                  const wg_digits *test_set, double cost[EPOCHS], double correct[EPOCHS])
{
    double x[BATCH * READER_PIXELS], y[BATCH * READER_CLASSES];
    wg_tensor *x_ = wg_input(l->tape, "x", WG_SHAPE(BATCH, READER_PIXELS));
    wg_tensor *y_ = wg_input(l->tape, "y", WG_SHAPE(BATCH, READER_CLASSES));
    wg_program *step = reader_step(r, reader_cost(r, x_, y_), eta);
    exam e = make_exam(l, r);
    int64_t batches = train_set->count / BATCH, which[BATCH];
    lesson_say(l,
               "\n%lld digits to learn from, %lld to be tested on; mini-batches of %d, rate %g.\n",
               (long long)train_set->count, (long long)test_set->count, BATCH, eta);
    lesson_head(l, "epoch|C, while it learns|test digits told right, %");
    lesson_row(l, "before||%.1f", test(&e, test_set));
    for (int epoch = 0; epoch < EPOCHS; epoch++) {
        double sum = 0;
        for (int64_t b = 0; b < batches; b++) {
            for (int64_t i = 0; i < BATCH; i++)
                which[i] = b * BATCH + i;
            reader_feed(train_set, BATCH, which, x, y);
            wg_set_f64(x_, x);
            wg_set_f64(y_, y);
            if (wg_run(step) == WG_OK)
                sum += *(const double *)wg_output(step, 0);
        }
        cost[epoch] = sum / (double)batches;
        correct[epoch] = test(&e, test_set);
        lesson_row(l, "%d|%.4f|%.1f", epoch + 1, cost[epoch], correct[epoch]);
    }
    wg_program_free(step);
    wg_program_free(e.answers);
}

/* The weights of a neuron in the first layer lie as the pixels do: row j of W(1) is a picture. */
static void draw_weights(lesson *l, const char *name, const char *when, const double *W)
{
    double most = 0;
    char title[96];
    for (int i = 0; i < READER_HIDDEN * READER_PIXELS; i++)
        most = fmax(most, fabs(W[i]));
    snprintf(title, sizeof title, "W⁽¹⁾, %s: blue -%.2f, white 0, red %.2f", when, most / 2,
             most / 2);
    plot *p = plot_begin(l, name, 1, 1);
    plot_panel(p, title, "", "");
    plot_images(p, READER_HIDDEN, SIDE, SIDE, W, 4, NULL, -most / 2, most / 2);
    plot_end(p);
}

static void draw_training(lesson *l, const double *cost, const double *correct)
{
    double epoch[EPOCHS];
    for (int i = 0; i < EPOCHS; i++)
        epoch[i] = i + 1;
    plot *p = plot_begin(l, "training", 2, 1);
    plot_panel(p, "cost", "epoch", "C, while it learns");
    plot_path(p, "", EPOCHS, epoch, cost);
    plot_panel(p, "test digits", "epoch", "told right, %");
    plot_path(p, "", EPOCHS, epoch, correct);
    plot_end(p);
}

int main(int argc, char **argv)
{
    lesson *l = lesson_begin_with(argc, argv, "digits_13002",
                                  "deck 001, \"Neurons and Layers\": 784-16-16-10", "--data");
    static double before[READER_SIZE], after[READER_SIZE];
    double cost[EPOCHS], correct[EPOCHS];
    wg_digits train_set, test_set;
    reader_digits(l, lesson_option(l, "--data"), TRAIN, TEST, &train_set, &test_set);
    wg_seed(l->tape, 1);
    reader r = reader_new(l->tape);
    count(l, &r);
    derive(l, &r, &train_set);
    reader_get(&r, before);
    train(l, &r, &train_set, &test_set, cost, correct);
    reader_get(&r, after);
    draw_weights(l, "weights_before", "before", before + reader_part_start[READER_PARTS - 2]);
    draw_weights(l, "weights", "after", after + reader_part_start[READER_PARTS - 2]);
    draw_training(l, cost, correct);
    wg_digits_free(&train_set);
    wg_digits_free(&test_set);
    return lesson_end(l);
}
