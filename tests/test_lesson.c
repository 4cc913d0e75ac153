/* What the slides' programs share: that a derivation which is wrong is told, whichever of the
 * three it is, that kinks and jumps are known for what they are, and that tables line up. */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lesson/plot.h"
#include "lesson/slope.h"

/* ---- slopes ---- */

typedef struct curve {
    double (*f)(double x);
    double x;
} curve;

static double along(void *at, double d)
{
    const curve *c = at;
    return c->f(c->x + d);
}

static slope slope_at(double (*f)(double), double x)
{
    curve c = {f, x};
    return slope_of(along, &c, fmax(1, fabs(x)));
}

static double relu(double x)
{
    return x > 0 ? x : 0;
}
static double step(double x)
{
    return x > 0;
}
static double steep(double x)
{
    return 1 / (1 + exp(-50 * x));
}

static void smooth_slopes_are_exact(void **state)
{
    (void)state;
    for (double x = 0.3; x < 30; x *= 1.37) {
        const struct {
            double (*f)(double);
            double is;
        } rows[] = {
            {sin, cos(x)}, {log, 1 / x}, {tanh, 1 - tanh(x) * tanh(x)}, {sqrt, 0.5 / sqrt(x)}};
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            slope s = slope_at(rows[i].f, x);
            assert_int_equal(s.kind, SMOOTH);
            if (!(fabs(s.value - rows[i].is) < 1e-10))
                fail_msg("slope %zu at %g: wants %.15g, got %.15g", i, x, rows[i].is, s.value);
        }
    }
    slope s = slope_at(steep, 0.01);
    assert_int_equal(s.kind, SMOOTH);
    assert_true(fabs(s.value - 50 * steep(0.01) * (1 - steep(0.01))) < 1e-8);
}

static void kinks_and_jumps_are_known(void **state)
{
    (void)state;
    slope s = slope_at(relu, 0);
    assert_int_equal(s.kind, KINK);
    assert_true(fabs(s.left) < 1e-12 && fabs(s.right - 1) < 1e-12);
    s = slope_at(fabs, 0);
    assert_int_equal(s.kind, KINK);
    assert_int_equal(slope_at(step, 0).kind, JUMP);
    s = slope_at(relu, 0.01); /* a kink close by is none here */
    assert_int_equal(s.kind, SMOOTH);
    assert_true(fabs(s.value - 1) < 1e-9);
    s = slope_at(relu, -0.01);
    assert_int_equal(s.kind, SMOOTH);
    assert_true(fabs(s.value) < 1e-9);
}

/* ---- lessons ---- */

static char printed[1 << 14];

/* What a lesson prints into `printed`, and the exit status that it gives. */
static int run(void (*rows)(lesson *l))
{
    char *argv[] = {"test", NULL};
    FILE *f = tmpfile();
    assert_non_null(f);
    fflush(stdout);
    int kept = dup(1);
    dup2(fileno(f), 1);
    lesson *l = lesson_begin(1, argv, "test", "no slide");
    rows(l);
    int status = lesson_end(l);
    fflush(stdout);
    dup2(kept, 1);
    close(kept);
    rewind(f);
    printed[fread(printed, 1, sizeof printed - 1, f)] = 0;
    fclose(f);
    return status;
}

static void passes(void (*rows)(lesson *l))
{
    if (run(rows) != 0)
        fail_msg("wants exit status 0, got another:\n%s", printed);
}

static void fails(void (*rows)(lesson *l))
{
    if (run(rows) != 1)
        fail_msg("wants exit status 1, got another:\n%s", printed);
    assert_true(strstr(printed, "DISAGREE") || strstr(printed, "DOES NOT HOLD"));
}

static void right(lesson *l)
{
    wg_tensor *x = lesson_vector(l, "x", 2, (double[]){3, -2}), *C = wg_sum(wg_square(x));
    lesson_value(l, "C", 13, C);
    lesson_derive_each(l, "∂C/∂x#", (double[]){6, -4}, C, x);
    lesson_derive_whole(l, "∂C/∂x", (double[]){6, -4}, C, x, 2);
}

static void wrong_by_hand(lesson *l)
{
    wg_tensor *x = lesson_scalar(l, "x", 3);
    lesson_derive(l, "∂C/∂x", 6.00000001, wg_square(x), x);
}

static void wrong_value(lesson *l)
{
    lesson_value(l, "C", 8, wg_square(lesson_scalar(l, "x", 3)));
}

/* x x', x' being x that the sweep does not follow:
 * by tape and by hand agree, on half the truth. */
static void wrong_by_tape(lesson *l)
{
    wg_tensor *x = lesson_scalar(l, "x", 3), *C = wg_mul(x, wg_stop_gradient(x));
    lesson_derive(l, "∂C/∂x", 3, C, x);
}

static void wrong_by_tape_somewhere(lesson *l)
{
    wg_tensor *x = lesson_vector(l, "x", 3, (double[]){1, 2, 3});
    wg_tensor *C = wg_sum(wg_mul(x, wg_stop_gradient(x)));
    lesson_derive_whole(l, "∂C/∂x", (double[]){1, 2, 3}, C, x, 3);
}

static void wrong_beyond_the_sample(lesson *l)
{
    wg_tensor *x = lesson_vector(l, "x", 3, (double[]){1, 2, 3}), *C = wg_sum(wg_square(x));
    lesson_derive_whole(l, "∂C/∂x", (double[]){2, 4, 7}, C, x, 1);
}

static void not_to_be_moved(lesson *l)
{
    wg_tensor *x = wg_neg(lesson_scalar(l, "x", 3));
    lesson_derive(l, "∂C/∂x", 6, wg_square(x), x);
}

static void no_slip(lesson *l)
{
    lesson_slip_value(l, "C", 9, wg_square(lesson_scalar(l, "x", 3)));
    lesson_claim(l, true, "what is so");
    lesson_say(l, "DISAGREE"); /* as fails() wants it: the row says it in other words */
}

static void wrong_claim(lesson *l)
{
    lesson_claim(l, false, "what is not so");
}

static void wrong_shapes(lesson *l)
{
    wg_add(lesson_vector(l, "x", 2, (double[]){1, 2}),
           lesson_vector(l, "y", 3, (double[]){1, 2, 3}));
    lesson_say(l, "DISAGREE");
}

static void kinks(lesson *l)
{
    wg_tensor *x = lesson_scalar(l, "x", 0);
    lesson_derive(l, "relu", 0, wg_relu(x), x);
    lesson_derive(l, "step", 0, wg_heaviside(x), x);
}

static void kink_by_hand_otherwise(lesson *l)
{
    wg_tensor *x = lesson_scalar(l, "x", 0);
    lesson_derive(l, "relu", 1, wg_relu(x), x);
}

/* relu(x) + x - x', whose tape says 1 more than there is. */
static void kink_out_of_its_slopes(lesson *l)
{
    wg_tensor *x = lesson_scalar(l, "x", 0);
    wg_tensor *more = wg_mul_scalar(wg_sub(x, wg_stop_gradient(x)), 2);
    lesson_derive(l, "relu", 2, wg_add(wg_relu(x), more), x);
}

/* An inner node is moved by itself: y = z u with z = 2u, so dy/dz is u and not dy/du. */
static void nodes(lesson *l)
{
    wg_tensor *u = lesson_scalar(l, "u", 3), *z = lesson_node(l, "z", wg_mul_scalar(u, 2));
    wg_tensor *y = wg_label(wg_mul(z, u), "y");
    lesson_derive(l, NULL, 3, y, z);
    lesson_derive(l, NULL, 12, y, u);
}

static void slip_that_shows(lesson *l)
{
    wg_tensor *x = lesson_scalar(l, "x", 3);
    lesson_slip(l, "∂C/∂x without the 2", 3, wg_square(x), x);
}

static void agreement_is_status_0(void **state)
{
    (void)state;
    passes(right);
    assert_non_null(strstr(printed, "4 derivatives three ways, 1 value two ways: all agree"));
    assert_non_null(strstr(printed, "∂C/∂x₂ "));
    passes(nodes);
    assert_non_null(strstr(printed, "∂y/∂z "));
    passes(kinks);
    assert_non_null(strstr(printed, "kink: 0 left, 1 right"));
    assert_non_null(strstr(printed, "a jump"));
    passes(slip_that_shows);
    assert_non_null(strstr(printed, "off by -3.000000"));
}

static void disagreement_is_status_1(void **state)
{
    (void)state;
    fails(wrong_by_hand);
    fails(wrong_value);
    fails(wrong_by_tape);
    fails(wrong_by_tape_somewhere);
    fails(wrong_beyond_the_sample);
    fails(not_to_be_moved);
    fails(no_slip);
    fails(wrong_claim);
    fails(wrong_shapes);
    fails(kink_by_hand_otherwise);
    fails(kink_out_of_its_slopes);
}

/* ---- pictures ---- */

static void picture_without_folder(lesson *l)
{
    l->folder = "/dev/null/folder";
    plot *p = plot_begin(l, "picture", 1, 1);
    plot_panel(p, "it's a panel", "x", "y");
    plot_line(p, "y", 2, (double[]){0, 1}, (double[]){0, 1});
    plot_end(p);
    right(l);
}

static char folder[] = "/tmp/wengert-lesson-XXXXXX";

static void picture(lesson *l)
{
    l->folder = folder;
    plot *p = plot_begin(l, "picture", 1, 1);
    plot_panel(p, "it's a panel", "x", "y");
    plot_line(p, "y", 3, (double[]){0, 1, 2}, (double[]){5, 6, 7});
    plot_line(p, "z", 3, (double[]){0, 1, 2}, (double[]){8, 9, 10});
    plot_path(p, "elsewhere", 2, (double[]){0.5, 1.5}, (double[]){3, 4});
    plot_end(p);
}

/* Series over the same x share its column. */
static void numbers_are_left_beside_pictures(void **state)
{
    (void)state;
    char path[64], text[200];
    assert_int_equal(run(picture_without_folder), 1);
    assert_non_null(strstr(printed, "all agree")); /* derivations are not to blame */
    assert_non_null(mkdtemp(folder));
    passes(picture);
    snprintf(path, sizeof path, "%s/picture.csv", folder);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    text[fread(text, 1, sizeof text - 1, f)] = 0;
    fclose(f);
    assert_string_equal(
        text, "\"x\",\"y\",\"z\",\"x\",\"elsewhere\"\n0,5,8,0.5,3\n1,6,9,1.5,4\n2,7,10,,\n");
    const char *names[] = {"picture.csv", "picture.gp", "picture.svg"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        remove(path);
    }
    assert_int_equal(rmdir(folder), 0);
}

/* ---- tables ---- */

static void wide_and_narrow(lesson *l)
{
    lesson_head(l, "ŷ|Σ_j w_jk|<word");
    lesson_row(l, "a⁽¹⁾|%d|%s", 1, "left");
    lesson_row(l, "plain|%d|%s", -12345, "also left");
    lesson_row(l, "x\xCC\x84|%d|%s", 7, "a mean: x and a combining bar");
}

static void columns_line_up(void **state)
{
    (void)state;
    passes(wide_and_narrow);
    const char *lines[] = {"  ŷ       Σ_j w_jk   word\n", "  a⁽¹⁾           1   left\n",
                           "  plain     -12345   also left\n",
                           "  x\xCC\x84              7   a mean"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (!strstr(printed, lines[i]))
            fail_msg("wants the line\n%sin\n%s", lines[i], printed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(smooth_slopes_are_exact),
        cmocka_unit_test(kinks_and_jumps_are_known),
        cmocka_unit_test(agreement_is_status_0),
        cmocka_unit_test(disagreement_is_status_1),
        cmocka_unit_test(columns_line_up),
        cmocka_unit_test(numbers_are_left_beside_pictures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
