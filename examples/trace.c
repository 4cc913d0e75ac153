/* The reverse sweep of one neuron, step by step:  a = sigma(w x + b),  C = (a - y)^2 + 0.1 w^2, so
 * that two paths meet in w.
 *
 *     trace            as text
 *     trace latex      as an align environment
 *     trace html       as a page:  trace html > sweep.html  and open it in a browser */
#include <stdio.h>
#include <string.h>
#include <wengert.h>

static wg_tensor *given(wg_tape *t, const char *name, double value)
{
    wg_tensor *x = wg_input(t, name, WG_SHAPE());
    wg_set_f64(x, &value);
    return x;
}

int main(int argc, char **argv)
{
    const char *how = argc > 1 ? argv[1] : "text";
    wg_trace_options o = {.format = !strcmp(how, "latex")  ? WG_TRACE_LATEX
                                    : !strcmp(how, "html") ? WG_TRACE_HTML
                                                           : WG_TRACE_TEXT};
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *w = wg_param(t, "w", WG_SHAPE(), wg_init_constant(0.5));
    wg_tensor *b = wg_param(t, "b", WG_SHAPE(), wg_init_constant(-0.1));
    wg_tensor *x = given(t, "x", 2), *y = given(t, "y", 1);
    wg_tensor *z = wg_label(wg_add(wg_label(wg_mul(w, x), "wx"), b), "z");
    wg_tensor *a = wg_label(wg_sigmoid(z), "a");
    wg_tensor *E = wg_label(wg_square(wg_label(wg_sub(a, y), "e")), "E");
    wg_tensor *R = wg_label(wg_mul_scalar(wg_square(w), 0.1), "R");
    wg_trace_backward(wg_label(wg_add(E, R), "C"), &o, stdout);
    if (wg_error(t))
        fprintf(stderr, "%s\n", wg_error(t));
    wg_tape_free(t);
}
