/* Examples of wengert/tape.h: what a statement prints stands behind it. */
#include <stdio.h>
#include <wengert.h>

int main(void)
{
    /* wg_tape_new, wg_tape_dtype */
    wg_tape *t = wg_tape_new(WG_F64);
    printf("%s\n", wg_dtype_name(wg_tape_dtype(t))); /* f64 */

    /* wg_error, wg_error_status, wg_clear_error: the first mistake sticks */
    wg_tensor *two = wg_scalar(t, 2), *pair = wg_full(t, WG_SHAPE(2), 1),
              *three = wg_full(t, WG_SHAPE(3), 1);
    wg_tensor *y = wg_exp(wg_add(pair, three));
    printf("%s\n", y ? "a tensor" : "NULL");            /* NULL */
    printf("%s\n", wg_error(t)); /* add: wants shapes that broadcast,
                                  * got full#1 [2] x full#2 [3] */
    printf("%s\n", wg_status_name(wg_error_status(t))); /* bad argument */
    wg_clear_error(t);
    printf("%s\n", wg_error(t) ? "an error" : "none"); /* none */

    /* wg_keep_error: as a function of your own may */
    wg_keep_error(t, WG_ERR_ARGUMENT, "attention: wants 1 head or more, got %d", 0);
    printf("%s\n", wg_error(t)); /* attention: wants 1 head or more, got 0 */
    wg_clear_error(t);

    /* wg_tape_mark, wg_tape_rewind, wg_node_count */
    wg_mark mark = wg_tape_mark(t);
    wg_exp(two);
    printf("%d\n", (int)(wg_node_count(t) - mark.nodes)); /* 1 */
    wg_tape_rewind(t, mark);
    printf("%d\n", (int)(wg_node_count(t) - mark.nodes)); /* 0 */

    /* wg_seed, wg_run_counter, wg_set_run_counter: a run again draws the same numbers */
    wg_seed(t, 7);
    wg_tensor *dice = wg_uniform(t, WG_SHAPE(), 0, 1);
    wg_program *p = wg_compile(1, &dice);
    wg_run(p);
    double first = *(const double *)wg_output(p, 0);
    printf("%d\n", (int)wg_run_counter(t)); /* 1 */
    wg_set_run_counter(t, 0);
    wg_run(p);
    printf("%d\n", *(const double *)wg_output(p, 0) == first); /* 1 */
    wg_program_free(p);

    /* wg_input, wg_set_f64: inputs are fed */
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(2));
    wg_set_f64(x, (double[]){3, 4});
    wg_print(wg_square(x)); /* [9, 16] */

    /* wg_input_as, wg_set_i32 */
    wg_tensor *label = wg_input_as(t, "label", WG_I32, WG_SHAPE(2));
    wg_set_i32(label, (int32_t[]){1, 0});
    wg_print(label); /* [1, 0] */

    /* wg_set_f32: converts */
    wg_set_f32(x, (float[]){0.5f, 0.25f});
    wg_print(x); /* [0.5, 0.25] */

    /* wg_bind: the caller's own memory */
    double mine[] = {5, 6};
    wg_bind(x, mine);
    wg_print(x); /* [5, 6] */

    /* wg_param, and how one begins */
    wg_tensor *w = wg_param(t, "w", WG_SHAPE(2), wg_init_values((double[]){0.1, 0.2}));
    wg_print(w);                                                         /* [0.1, 0.2] */
    wg_print(wg_param(t, "zeros", WG_SHAPE(2), wg_init_zeros()));        /* [0, 0] */
    wg_print(wg_param(t, "tenths", WG_SHAPE(2), wg_init_constant(0.1))); /* [0.1, 0.1] */

    /* wg_init_normal, wg_init_uniform, wg_init_glorot, wg_init_he: drawn from the tape's seed;
     * here their spreads */
    wg_tensor *normal = wg_param(t, "normal", WG_SHAPE(100, 100), wg_init_normal(0, 1));
    wg_tensor *uniform = wg_param(t, "uniform", WG_SHAPE(100, 100), wg_init_uniform(-1, 1));
    wg_tensor *glorot = wg_param(t, "glorot", WG_SHAPE(100, 50), wg_init_glorot());
    wg_tensor *he = wg_param(t, "he", WG_SHAPE(100, 50), wg_init_he());
    printf("%.1f %.1f\n", wg_item(wg_std(normal, 1)), wg_item(wg_std(uniform, 1))); /* 1.0 0.6 */
    printf("%.1f %.2f\n", wg_item(wg_max(glorot)), wg_item(wg_std(he, 1))); /* 0.2 0.14 */

    /* values fixed now */
    wg_print(wg_constant(t, WG_SHAPE(2, 2), (double[]){1, 2, 3, 4}));    /* [[1, 2], [3, 4]] */
    wg_print(wg_constant_as(t, WG_I32, WG_SHAPE(2), (int32_t[]){7, 8})); /* [7, 8] */
    wg_print(wg_scalar(t, 2.5));                                         /* 2.5 */
    wg_print(wg_full(t, WG_SHAPE(3), 1));                                /* [1, 1, 1] */
    wg_print(wg_full_as(t, WG_I32, WG_SHAPE(3), 1));                     /* [1, 1, 1] */
    wg_print(wg_full_like(x, 9));                                        /* [9, 9] */

    /* what a tensor is */
    wg_tensor *z = wg_mul(w, x);
    printf("%d\n", (int)wg_shape_of(z).dim[0]);     /* 2 */
    printf("%d\n", (int)wg_count_of(z));            /* 2 */
    printf("%s\n", wg_dtype_name(wg_dtype_of(z)));  /* f64 */
    printf("%d\n", wg_tape_of(z) == t);             /* 1 */
    printf("%s\n", wg_name(w));                     /* w */
    printf("%d\n", wg_find(t, "w") == w);           /* 1 */
    printf("%s\n", wg_op_name(z));                  /* mul */
    printf("%d\n", wg_leaf_kind_of(w) == WG_PARAM); /* 1 */

    /* wg_label, wg_label_of, wg_describe: how messages call it */
    char buf[40];
    wg_label(z, "layer1/z");
    printf("%s, %s\n", wg_label_of(z), wg_describe(w, buf, sizeof buf)); /* layer1/z, "w" */

    /* wg_node, wg_index_of, wg_inputs_of: walking the tape */
    wg_tensor *const *inputs;
    printf("%d\n", wg_node(t, wg_index_of(z)) == z); /* 1 */
    int n = wg_inputs_of(z, &inputs);
    printf("%d inputs, the first is %s\n", n, wg_name(inputs[0])); /* 2 inputs, the first is w */

    /* wg_origin_of: the node that an adjoint belongs to */
    wg_tensor *g;
    wg_grad(wg_sum(wg_exp(w)), 1, &w, &g);
    printf("%s\n", wg_op_name(wg_origin_of(g))); /* exp */

    /* wg_tape_free: the tape and all that is on it */
    wg_tape_free(t);
}
