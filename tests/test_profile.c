/* Profiles: time, calls, flops and bytes of each instruction, with what it came from.
 * labels: valgrind */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include <wengert.h>

typedef struct network {
    wg_tape *t;
    wg_tensor *x, *w, *cost, *update;
} network;

static network new_network(void)
{
    network n = {.t = wg_tape_new(WG_F32)};
    n.x = wg_param(n.t, "x", WG_SHAPE(64, 200), wg_init_uniform(-1, 1));
    n.w = wg_param(n.t, "w", WG_SHAPE(200, 150), wg_init_uniform(-1, 1));
    n.cost =
        wg_mean(wg_square(wg_label(wg_tanh(wg_label(wg_matmul(n.x, n.w), "product")), "hidden")));
    wg_tensor *g;
    wg_grad(n.cost, 1, &n.w, &g);
    n.update = wg_assign(n.w, wg_sub(n.w, wg_mul_scalar(g, 0.1)));
    return n;
}

static wg_program *compiled(const network *n, int threads)
{
    return wg_compile_with(2, (wg_tensor *[]){n->cost, n->update},
                           &(wg_compile_options){.profile = true, .threads = threads});
}

static bool names(const char *text, const char *word)
{
    return text && strstr(text, word);
}

static void every_instruction_is_told(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 2; threads++) {
        network n = new_network();
        wg_program *p = compiled(&n, threads);
        assert_non_null(p);
        for (int k = 0; k < 5; k++)
            assert_int_equal(wg_run(p), WG_OK);
        wg_program_stats s = wg_stats(p);
        wg_profile_entry e;
        int64_t flops = 0, bytes = 0, count = 0;
        int products = 0, forward = 0, backward = 0;
        bool hidden = false;
        double seconds = 0;
        for (; wg_profile_at(p, count, &e); count++) {
            assert_int_equal(e.calls, 5);
            assert_true(e.seconds >= 0);
            seconds += e.seconds;
            flops += e.flops;
            bytes += e.bytes;
            if (names(e.ops, "matmul")) {
                products++;
                assert_true(e.flops >= 5 * 2 * 64 * 200 * 150);
                assert_true(e.seconds > 0);
                assert_true(names(e.names, "w") || names(e.names, "x"));
            }
            hidden = hidden || names(e.names, "hidden");
            forward += e.origin == NULL;
            backward += e.origin != NULL;
        }
        assert_int_equal(count, s.instructions);
        assert_int_equal(flops, 5 * s.flops);
        assert_int_equal(bytes, 5 * s.bytes_moved);
        assert_int_equal(products, 2);
        assert_true(hidden && forward > 0 && backward > 0);
        assert_true(seconds > 0 && seconds < 10);
        wg_tape_free(n.t);
    }
}

static void resetting_begins_anew(void **state)
{
    (void)state;
    network n = new_network();
    wg_program *p = compiled(&n, 1);
    wg_profile_entry e;
    wg_run(p);
    wg_profile_reset(p);
    for (int64_t i = 0; wg_profile_at(p, i, &e); i++)
        assert_true(e.calls == 0 && e.seconds == 0 && e.flops == 0 && e.bytes == 0);
    wg_run(p);
    for (int64_t i = 0; wg_profile_at(p, i, &e); i++)
        assert_int_equal(e.calls, 1);
    assert_false(wg_profile_at(p, -1, &e));
    assert_false(wg_profile_at(p, wg_stats(p).instructions, &e));
    wg_tape_free(n.t);
}

static void the_table_is_sorted_by_time(void **state)
{
    (void)state;
    network n = new_network();
    wg_program *p = compiled(&n, 1);
    for (int k = 0; k < 3; k++)
        wg_run(p);
    FILE *f = tmpfile();
    assert_non_null(f);
    assert_int_equal(wg_profile(p, f), WG_OK);
    rewind(f);
    char line[1000];
    assert_non_null(fgets(line, sizeof line, f));
    assert_int_equal(strncmp(line, "profile: 3 runs, ", 17), 0);
    assert_non_null(fgets(line, sizeof line, f));
    double before = 101, share, each, gflops, gbytes, all = 0;
    int64_t lines = 0;
    long long calls;
    while (fgets(line, sizeof line, f)) {
        assert_int_equal(
            sscanf(line, "%lf %% %lld %lf %lf %lf", &share, &calls, &each, &gflops, &gbytes), 5);
        assert_true(share <= before);
        assert_int_equal(calls, 3);
        before = share;
        all += share;
        lines++;
    }
    fclose(f);
    assert_int_equal(lines, wg_stats(p).instructions);
    assert_true(all > 99 && all < 101);
    wg_tape_free(n.t);
}

static void without_the_option_there_is_none(void **state)
{
    (void)state;
    network n = new_network();
    wg_program *p = wg_compile(1, &n.cost);
    wg_profile_entry e;
    wg_run(p);
    assert_false(wg_profile_at(p, 0, &e));
    assert_int_equal(wg_profile(p, stdout), WG_ERR_ARGUMENT);
    assert_string_equal(wg_error(n.t), "profile: wants a program compiled with .profile");
    wg_clear_error(n.t);
    assert_int_equal(wg_profile(NULL, stdout), WG_ERR_ARGUMENT);
    wg_profile_reset(p);
    wg_profile_reset(NULL);
    wg_tape_free(n.t);
}

static void a_profile_changes_no_bit(void **state)
{
    (void)state;
    network a = new_network(), b = new_network();
    wg_program *p = compiled(&a, 1), *q = wg_compile(2, (wg_tensor *[]){b.cost, b.update});
    for (int k = 0; k < 3; k++) {
        assert_int_equal(wg_run(p), WG_OK);
        assert_int_equal(wg_run(q), WG_OK);
    }
    assert_memory_equal(wg_eval(a.w), wg_eval(b.w), 200 * 150 * sizeof(float));
    wg_tape_free(a.t);
    wg_tape_free(b.t);
}

/* A step that is recorded anew goes on counting; one without a profile is another program. */
static void programs_found_again_go_on_counting(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F32);
    wg_tensor *x = wg_param(t, "x", WG_SHAPE(10), wg_init_constant(1));
    wg_mark mark = wg_tape_mark(t);
    wg_profile_entry e;
    for (int step = 1; step <= 3; step++) {
        wg_tensor *y = wg_sum(wg_exp(x));
        wg_program *plain = wg_compile(1, &y),
                   *p = wg_compile_with(1, &y, &(wg_compile_options){.profile = true});
        assert_int_equal(wg_run(plain), WG_OK);
        assert_int_equal(wg_run(p), WG_OK);
        assert_false(wg_profile_at(plain, 0, &e));
        assert_true(wg_profile_at(p, 0, &e));
        assert_int_equal(e.calls, step);
        wg_program_free(p);
        wg_program_free(plain);
        wg_tape_rewind(t, mark);
    }
    wg_tape_free(t);
}

static void a_failed_run_counts_what_it_did(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F32);
    wg_tensor *x = wg_param(t, "x", WG_SHAPE(10), wg_init_constant(1)),
              *i = wg_input_as(t, "i", WG_I32, WG_SHAPE(2));
    wg_tensor *y = wg_take(x, i, 0);
    wg_program *p = wg_compile_with(1, &y, &(wg_compile_options){.profile = true});
    wg_set_i32(i, (int32_t[]){3, 99});
    assert_int_equal(wg_run(p), WG_ERR_DATA);
    assert_non_null(strstr(wg_program_error(p), "take"));
    wg_profile_entry e;
    assert_true(wg_profile_at(p, 0, &e));
    assert_int_equal(e.calls, 1);
    wg_tape_free(t);
}

/* A program that no machine will run: its flops are counted to the largest number, not beyond. */
static void absurd_counts_stop_at_the_largest(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F32);
    const int64_t n = (int64_t)1 << 30;
    wg_tensor *x = wg_broadcast_to(wg_param(t, "x", WG_SHAPE(), wg_init_zeros()), WG_SHAPE(n, n));
    wg_tensor *y = wg_sum(wg_exp(x));
    wg_program *p = wg_compile(1, &y);
    assert_non_null(p);
    assert_int_equal(wg_stats(p).flops, INT64_MAX);
    wg_program_free(p);
    wg_tape_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_instruction_is_told),
        cmocka_unit_test(resetting_begins_anew),
        cmocka_unit_test(the_table_is_sorted_by_time),
        cmocka_unit_test(without_the_option_there_is_none),
        cmocka_unit_test(a_profile_changes_no_bit),
        cmocka_unit_test(programs_found_again_go_on_counting),
        cmocka_unit_test(a_failed_run_counts_what_it_did),
        cmocka_unit_test(absurd_counts_stop_at_the_largest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
