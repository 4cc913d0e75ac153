/* Examples of wengert/look.h: what a statement prints stands behind it. */
#include <stdio.h>
#include <string.h>
#include <wengert.h>

int main(void)
{
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_param(t, "x", WG_SHAPE(), wg_init_constant(2)),
              *y = wg_label(wg_square(x), "y");

    /* wg_write_dot: for dot -Tsvg */
    FILE *out = tmpfile();
    wg_write_dot(1, &y, out);
    rewind(out);
    char first[80];
    fgets(first, sizeof first, out);
    printf("%.7s\n", first); /* digraph */
    fclose(out);

    /* wg_write_dot_with: with values at the nodes, and dy/dx at the edge */
    wg_dot_options options = {.values = true, .adjoints_of = y, .local_derivatives = true};
    FILE *more = tmpfile();
    printf("%s\n", wg_status_name(wg_write_dot_with(1, &y, &options, more))); /* ok */
    fclose(more);

    /* wg_trace_backward: the reverse sweep, step by step */
    wg_trace_backward(y, NULL, stdout);
    /* reverse sweep of y: 2 nodes
     *
     * step 1: y = x^2 = 4   (square#1)
     *   adjoint dy/dy = 1
     *   to x:
     *     local     dy/dx = 2 * x = 2 * 2 = 4
     *     receives  dy/dy * dy/dx = 1 * 4 = 4
     *
     * step 2: x = 2   (parameter)
     *   adjoint dy/dx = 4 */

    wg_tape_free(t);
}
