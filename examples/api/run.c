/* Examples of wengert/run.h: what a statement prints stands behind it. */
#include <stdio.h>
#include <wengert.h>

int main(void)
{
    wg_tape *t = wg_tape_new(WG_F64);
    wg_tensor *x = wg_input(t, "x", WG_SHAPE(3));
    wg_tensor *y = wg_sum(wg_square(x));

    /* wg_compile, wg_run, wg_output, wg_program_free: once, and then as often as wanted */
    wg_program *p = wg_compile(1, &y);
    wg_set_f64(x, (double[]){1, 2, 3});
    wg_run(p);
    printf("%g\n", *(const double *)wg_output(p, 0)); /* 14 */
    wg_set_f64(x, (double[]){0, 0, 2});
    wg_run(p);
    printf("%g\n", *(const double *)wg_output(p, 0)); /* 4 */
    wg_program_free(p);

    /* wg_compile_with: the same bits by two threads */
    wg_program *shared = wg_compile_with(1, &y, &(wg_compile_options){.threads = 2});
    wg_run(shared);
    printf("%g\n", *(const double *)wg_output(shared, 0)); /* 4 */
    wg_program_free(shared);

    /* wg_program_error: why the last run failed */
    wg_tensor *never = wg_exp(wg_input(t, "never", WG_SHAPE()));
    wg_program *q = wg_compile(1, &never);
    printf("%s\n", wg_status_name(wg_run(q))); /* bad argument */
    printf("%s\n", wg_program_error(q));       /* run: wants a value for input "never",
                                                * which was never set or bound */
    wg_program_free(q);
    wg_clear_error(t);

    /* wg_summary, wg_stats: what a run does */
    wg_tensor *a = wg_param(t, "a", WG_SHAPE(64, 64), wg_init_constant(1)),
              *product = wg_matmul(a, a);
    wg_program *r = wg_compile(1, &product);
    printf("%d flops\n", (int)wg_stats(r).flops); /* 524288 flops */
    FILE *nowhere = fopen("/dev/null", "w");
    printf("%s\n", wg_status_name(wg_summary(r, nowhere))); /* ok */
    wg_program_free(r);

    /* wg_profile, wg_profile_at, wg_profile_reset: where the time goes */
    wg_program *timed = wg_compile_with(1, &product, &(wg_compile_options){.profile = true});
    wg_profile_entry e;
    wg_run(timed);
    wg_run(timed);
    wg_profile_at(timed, 0, &e);
    printf("%s: %d calls\n", e.ops, (int)e.calls); /* matmul: 2 calls */
    wg_profile(timed, nowhere);
    wg_profile_reset(timed);
    wg_profile_at(timed, 0, &e);
    printf("%s: %d calls\n", e.ops, (int)e.calls); /* matmul: 0 calls */
    wg_program_free(timed);
    fclose(nowhere);

    /* values, without a program of one's own */
    float single[3];
    wg_get_f32(x, single);
    printf("%g\n", (double)single[2]); /* 2 */
    double values[3];
    wg_get_f64(wg_exp(wg_sub(x, x)), values);
    printf("%g %g %g\n", values[0], values[1], values[2]); /* 1 1 1 */
    int32_t whole[3];
    wg_get_i32(x, whole);
    printf("%d\n", (int)whole[2]); /* 2 */
    printf("%g\n", wg_item(y));    /* 4 */
    const double *eval = wg_eval(wg_mul_scalar(x, 3));
    printf("%g\n", eval[2]);                 /* 6 */
    wg_print(wg_reshape(x, WG_SHAPE(3, 1))); /* [[0], [0], [2]] */
    wg_write(x, stdout);                     /* [0, 0, 2] */

    wg_tape_free(t);
}
