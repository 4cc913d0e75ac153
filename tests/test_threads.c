/* Threads: the pool by itself, and programs that give the same bits on 1, 2, 3 and 8.
 * labels: threads */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <wengert.h>

#include "core/pool.h"
#include "exec/program.h"
#include "support/graph_check.h"
#include "support/share_all.h"

static void wait_ms(long ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

/* ---- the pool ---- */

enum { PARTS = 1000 };
typedef struct tally {
    atomic_int done[PARTS];
    atomic_bool bad;
    int threads;
    int64_t grain, parts;
} tally;

static void count(void *work, int thread, int64_t begin, int64_t end)
{
    tally *t = work;
    bool fine = thread >= 0 && thread < t->threads && begin < end && begin % t->grain == 0
                && (end == t->parts || end % t->grain == 0);
    if (!fine)
        t->bad = true;
    for (int64_t k = begin; k < end; k++)
        t->done[k]++;
}

/* Awake, asleep, and in between. */
static void every_part_is_done_once(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 8; threads++) {
        wg_pool *p = wg_pool_new(threads);
        assert_non_null(p);
        for (int round = 0; round < 300; round++) {
            static tally t;
            memset(&t, 0, sizeof t);
            t.threads = threads;
            t.parts = round % 7 == 0 ? PARTS : round % 40;
            t.grain = 1 + round % 5;
            wg_pool_run(p, count, &t, t.parts, t.grain);
            assert_false(t.bad);
            for (int64_t k = 0; k < PARTS; k++)
                assert_int_equal(t.done[k], k < t.parts);
            if (round % 100 == 0)
                wait_ms(5);
        }
        wg_pool_free(p);
    }
}

static void pools_end_asleep_or_awake(void **state)
{
    (void)state;
    for (int k = 0; k < 20; k++) {
        wg_pool *p = wg_pool_new(4);
        assert_non_null(p);
        if (k % 2)
            wait_ms(2);
        wg_pool_free(p);
    }
}

static double cpu_seconds(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec)
           + 1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static void idle_threads_cost_nothing(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F32);
    wg_tensor *y = wg_sum(wg_tanh(wg_param(t, "x", WG_SHAPE(1000, 1000), wg_init_uniform(-1, 1))));
    wg_program *p = wg_compile_with(1, &y, &(wg_compile_options){.threads = 2});
    assert_non_null(p);
    share_all(p);
    assert_int_equal(wg_run(p), WG_OK);
    wait_ms(20); /* they fall asleep */
    double before = cpu_seconds();
    wait_ms(400);
    double spent = cpu_seconds() - before;
    print_message("idle for 400 ms: %.2f ms of processor time\n", spent * 1e3);
    assert_true(spent < 0.02);
    wg_tape_free(t);
}

static void small_programs_start_no_threads(void **state)
{
    (void)state;
    wg_tape *t = wg_tape_new(WG_F32);
    wg_tensor *y = wg_sum(wg_tanh(wg_param(t, "x", WG_SHAPE(100), wg_init_uniform(-1, 1))));
    wg_program *p = wg_compile_with(1, &y, &(wg_compile_options){.threads = 8});
    assert_non_null(p);
    assert_null(p->pool);
    wg_tape_free(t);
}

/* ---- the same bits ---- */

/* A layered network's training: its parameters after three steps. */
typedef struct shape_of_network {
    wg_dtype dtype;
    int64_t batch, width[4];
} shape_of_network;

enum { MOST = 1 << 18 };
static size_t train(const shape_of_network *n, int threads, bool all, double *values)
{
    wg_tape *t = wg_tape_new(n->dtype);
    wg_seed(t, 5);
    wg_tensor *x = wg_param(t, "x", WG_SHAPE(n->batch, n->width[0]), wg_init_uniform(-1, 1)), *p[6],
              *g[6], *out[7];
    for (int l = 0; l < 3; l++) {
        char w[8], b[8];
        snprintf(w, sizeof w, "w%d", l);
        snprintf(b, sizeof b, "b%d", l);
        p[2 * l] = wg_param(t, w, WG_SHAPE(n->width[l], n->width[l + 1]), wg_init_glorot());
        p[2 * l + 1] = wg_param(t, b, WG_SHAPE(n->width[l + 1]), wg_init_uniform(-1, 1));
        x = wg_add(wg_matmul(x, p[2 * l]), p[2 * l + 1]);
        x = l < 2 ? wg_tanh(x) : wg_log_softmax(x, 1);
    }
    out[6] = wg_rsub(wg_mean(wg_slice(x, 1, 0, 1, 1)), 0);
    wg_grad(out[6], 6, p, g);
    for (int k = 0; k < 6; k++)
        out[k] = wg_assign(p[k], wg_sub(p[k], wg_mul_scalar(g[k], 0.5)));
    wg_program *program = wg_compile_with(7, out, &(wg_compile_options){.threads = threads});
    assert_non_null(program);
    if (all)
        share_all(program);
    for (int step = 0; step < 3; step++)
        assert_int_equal(wg_run(program), WG_OK);
    size_t used = 0;
    for (int k = 0; k < 7; k++) {
        assert_true(used + (size_t)wg_count_of(out[k]) <= MOST);
        assert_int_equal(wg_get_f64(k < 6 ? p[k] : out[k], values + used), WG_OK);
        used += (size_t)wg_count_of(out[k]);
    }
    wg_tape_free(t);
    return used;
}

static void networks_have_the_same_bits(void **state)
{
    (void)state;
    static const shape_of_network networks[] = {
        {WG_F32, 4, {2, 2, 1, 3}},        {WG_F32, 10, {784, 30, 10, 10}},
        {WG_F32, 64, {784, 128, 64, 10}},
        {WG_F64, 64, {200, 128, 64, 10}}, {WG_F32, 33, {257, 300, 301, 5}},
        {WG_F64, 7, {65, 129, 100, 3}},
    };
    static double one[MOST], many[MOST];
    for (size_t k = 0; k < sizeof networks / sizeof *networks; k++) {
        size_t n = train(&networks[k], 1, false, one);
        for (int threads = 2; threads <= 8; threads += threads == 3 ? 5 : 1)
            for (int all = 0; all < 2; all++) {
                assert_int_equal(train(&networks[k], threads, all, many), n);
                assert_memory_equal(one, many, n * sizeof *one);
            }
    }
}

/* 0 if the program gives these bits here, and all can be freed. */
static int run_and_free(wg_tape *t, wg_program *p, const float *bits, size_t size)
{
    alarm(20); /* a thread that is not here would be waited for */
    const bool same = wg_run(p) == WG_OK && memcmp(wg_output(p, 0), bits, size) == 0;
    wg_program_free(p);
    wg_tape_free(t);
    return same ? 0 : 1;
}

/* Threads are not forked: the child does their work itself.  They sleep when it is forked, or are
 * awake. */
static void a_forked_process_runs_and_frees(void **state)
{
    (void)state;
    enum { N = 1024 };
    static float bits[N * N];
    for (int awake = 0; awake < 2; awake++) {
        wg_tape *t = wg_tape_new(WG_F32);
        wg_tensor *x = wg_param(t, "x", WG_SHAPE(N, N), wg_init_uniform(-1, 1));
        wg_tensor *y = wg_sin(wg_tanh(x));
        wg_program *p = wg_compile_with(1, &y, &(wg_compile_options){.threads = 3});
        assert_non_null(p->pool);
        assert_int_equal(wg_run(p), WG_OK);
        memcpy(bits, wg_output(p, 0), sizeof bits);
        if (!awake)
            wait_ms(20);
        const pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            _exit(run_and_free(t, p, bits, sizeof bits));
        int how;
        assert_int_equal(waitpid(child, &how, 0), child);
        assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 0);
        assert_int_equal(wg_run(p), WG_OK); /* and here it goes on as before */
        assert_memory_equal(wg_output(p, 0), bits, sizeof bits);
        wg_tape_free(t);
    }
}

static void random_graphs_have_the_same_bits(void **state)
{
    (void)state;
    graph_check_threads(500000, 150);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_part_is_done_once),
        cmocka_unit_test(pools_end_asleep_or_awake),
        cmocka_unit_test(idle_threads_cost_nothing),
        cmocka_unit_test(small_programs_start_no_threads),
        cmocka_unit_test(networks_have_the_same_bits),
        cmocka_unit_test(a_forked_process_runs_and_frees),
        cmocka_unit_test(random_graphs_have_the_same_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
