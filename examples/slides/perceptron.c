/* Deck 004, "The idea of perceptron", learning deck 003's AND and OR, and failing at its XOR:
 *
 *     y = sign(z) = sign(W·X + b),      sign(z) = 1 if z > 0, else -1      (deck 002 has 0 at 0)
 *
 * The unit is flat: the derivative of y is 0 wherever there is one, so nothing is learned by
 * descending from y.  Rosenblatt's rule instead adds t X to W and t to b where the answer is not
 * t; that is one step down the cost  E = Σ -t z  over the wrong answers, and is checked as
 * such. */
#include <string.h>

#include "lesson/plot.h"

enum { CASES = 4 };
static const double X[CASES][2] = {{0, 0}, {0, 1}, {1, 0}, {1, 1}};
static const struct gate {
    const char *name;
    double t[CASES]; /* -1 is false, 1 true */
} gates[] = {{"AND", {-1, -1, -1, 1}}, {"OR", {-1, 1, 1, 1}}, {"XOR", {-1, 1, 1, -1}}};

/* The unit on the tape.  wg_sign would give 0 at 0. */
static wg_tensor *sign_unit(wg_tensor *z)
{
    return wg_sub_scalar(wg_mul_scalar(wg_gt(z, wg_zeros_like(z)), 2), 1);
}

typedef struct unit {
    wg_tensor *W, *b, *z, *y; /* z and y of all four cases */
    wg_tensor *X, *t;         /* one case, and the answer that it wants */
    wg_program *step;         /* Rosenblatt's rule for it */
    double w[2], bias;        /* the same by hand */
} unit;

/* (t - y) / 2 is t where the answer is wrong, and 0 where it is right. */
static unit make_unit(lesson *l)
{
    wg_tensor *cases = wg_constant(l->tape, WG_SHAPE(CASES, 2), *X);
    unit u = {.W = lesson_vector(l, "W", 2, (double[]){0, 0}), .b = lesson_scalar(l, "b", 0)};
    u.z = wg_add(wg_einsum("ni,i->n", 2, (wg_tensor *[]){cases, u.W}), u.b);
    u.y = sign_unit(u.z);
    u.X = wg_input(l->tape, "X", WG_SHAPE(2));
    u.t = wg_input(l->tape, "t", WG_SHAPE());
    wg_tensor *y = sign_unit(wg_add(wg_dot(u.W, u.X), u.b));
    wg_tensor *wrong = wg_div_scalar(wg_sub(u.t, y), 2);
    wg_tensor *updates[2] = {wg_assign(u.W, wg_add(u.W, wg_mul(wrong, u.X))),
                             wg_assign(u.b, wg_add(u.b, wrong))};
    u.step = wg_compile(2, updates);
    return u;
}

static double z_of(const unit *u, int n)
{
    return u->w[0] * X[n][0] + u->w[1] * X[n][1] + u->bias;
}

static double sign(double z)
{
    return z > 0 ? 1 : -1;
}

/* One pass over the cases, by the rule: on the tape, and by hand.  How many were wrong. */
static int learn(unit *u, const double t[CASES])
{
    int wrong = 0;
    for (int n = 0; n < CASES; n++) {
        wg_set_f64(u->X, X[n]);
        wg_set_f64(u->t, &t[n]);
        wg_run(u->step);
        if (sign(z_of(u, n)) == t[n])
            continue;
        wrong++;
        u->w[0] += t[n] * X[n][0];
        u->w[1] += t[n] * X[n][1];
        u->bias += t[n];
    }
    return wrong;
}

static void learn_gate(lesson *l, unit *u, const struct gate *g)
{
    int wrong = 1, epoch = 0;
    bool moved = true; /* whether the pass ended elsewhere than it began */
    u->w[0] = u->w[1] = u->bias = 0;
    wg_set_f64(u->W, u->w);
    wg_set_f64(u->b, &u->bias);
    lesson_say(l, "\n%s: t = %g, %g, %g, %g\n", g->name, g->t[0], g->t[1], g->t[2], g->t[3]);
    lesson_head(l, "epoch|wrong|w₁|w₂|b|z(0,0)|z(0,1)|z(1,0)|z(1,1)|z(0,1)+z(1,0)|z(0,0)+z(1,1)");
    while (wrong && moved) {
        double before[3] = {u->w[0], u->w[1], u->bias};
        double z[CASES], hand[CASES + 3], tape[CASES + 3] = {0};
        wrong = learn(u, g->t);
        moved = before[0] != u->w[0] || before[1] != u->w[1] || before[2] != u->bias;
        for (int n = 0; n < CASES; n++) {
            z[n] = z_of(u, n);
            hand[n] = sign(z[n]);
        }
        memcpy(hand + CASES, (double[]){u->w[0], u->w[1], u->bias}, 3 * sizeof *hand);
        wg_get_f64(u->y, tape);
        wg_get_f64(u->W, tape + CASES);
        wg_get_f64(u->b, tape + CASES + 2);
        lesson_compare(l, CASES + 3, hand, tape);
        lesson_row(l, "%d|%d|%g|%g|%g|%g|%g|%g|%g|%g|%g", ++epoch, wrong, u->w[0], u->w[1], u->bias,
                   z[0], z[1], z[2], z[3], z[1] + z[2], z[0] + z[3]);
    }
    if (wrong)
        lesson_say(l, "The %d changes of epoch %d lead back to where it began: for ever so.\n",
                   wrong, epoch);
    lesson_claim(l, (wrong == 0) == (g != &gates[2]), "AND and OR are learned, XOR is not");
}

/* The cost of one wrong answer, and the flat unit. */
static void check_rule(lesson *l, unit *u)
{
    double w[2] = {0.5, 0.25}, b = -0.25;
    wg_set_f64(u->W, w);
    wg_set_f64(u->b, &b);
    wg_tensor *z = wg_select(u->z, 0, 2), *E = wg_mul_scalar(z, 1); /* t = -1 at (1,0): -t z */
    lesson_say(l, "\nat W = [0.5, 0.25], b = -0.25 the answer to (1,0) is 1; AND wants t = -1\n");
    lesson_value(l, "z", 0.25, z);
    lesson_value(l, "y = sign(z)", 1, wg_select(u->y, 0, 2));
    lesson_derive_each(l, "∂y/∂w#", (double[]){0, 0}, wg_select(u->y, 0, 2), u->W);
    lesson_derive_each(l, "∂E/∂w# = -t x#", (double[]){1, 0}, E, u->W);
    lesson_derive(l, "∂E/∂b = -t", 1, E, u->b);
    b = -0.5;
    wg_set_f64(u->b, &b);
    lesson_say(l, "\nwith b = -0.5, z is 0 there, where the unit jumps (and says -1)\n");
    lesson_value(l, "y = sign(0)", -1, wg_select(u->y, 0, 2));
    lesson_derive(l, "∂y/∂b", 0, wg_select(u->y, 0, 2), u->b);
}

/* The cases, and the line on which z = 0, from left to right. */
static void draw(plot *p, const unit *u, const struct gate *g)
{
    double x[2][CASES], y[2][CASES], line_x[2], line_y[2];
    int count[2] = {0};
    for (int n = 0; n < CASES; n++) {
        int k = g->t[n] > 0;
        x[k][count[k]] = X[n][0];
        y[k][count[k]++] = X[n][1];
    }
    /* from its point next to 0, both ways */
    double square = u->w[0] * u->w[0] + u->w[1] * u->w[1];
    for (int i = 0; i < 2; i++) {
        line_x[i] = (-u->bias * u->w[0] + (i ? 9 : -9) * u->w[1]) / square;
        line_y[i] = (-u->bias * u->w[1] - (i ? 9 : -9) * u->w[0]) / square;
    }
    plot_panel(p, g->name, "x₁", "x₂");
    plot_range(p, -0.5, 1.5, -0.5, 1.5);
    plot_set(p, "set size square; set tics 0.5");
    plot_points(p, "t = -1", count[0], x[0], y[0]);
    plot_points(p, "t = 1", count[1], x[1], y[1]);
    plot_line(p, "z = 0", 2, line_x, line_y);
}

int main(int argc, char **argv)
{
    lesson *l = lesson_begin(argc, argv, "perceptron",
                             "deck 004, \"The idea of perceptron\"; deck 003, AND, OR and XOR");
    unit u = make_unit(l);
    check_rule(l, &u);
    plot *p = plot_begin(l, "perceptron", 3, 1);
    for (int k = 0; k < 3; k++) {
        learn_gate(l, &u, &gates[k]);
        draw(p, &u, &gates[k]);
    }
    lesson_say(l, "XOR wants z(0,1) > 0 and z(1,0) > 0, so their sum above 0, and z(0,0) <= 0 and\n"
                  "z(1,1) <= 0, so their sum at most 0.  But both sums are w₁ + w₂ + 2b: the last\n"
                  "two columns are equal in every row, and would be with any other numbers.\n");
    plot_end(p);
    return lesson_end(l);
}
