#define _POSIX_C_SOURCE 200809L /* sysconf */
#include "core/pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"

enum {
    PIECES = 4,       /* of a thread's share: what one that comes late leaves is done by the
                       * others */
    LINE = 64,        /* bytes that one core takes from another at a time */
    LOOKS = 64,       /* at the next piece of work between two looks at the clock */
    AWAKE_NS = 100000 /* that a thread waits before it sleeps: longer than what lies between two
                       * shared instructions of a run */
};

/* A thread's share of the present work: the work's number in the upper half, pieces taken in the
 * lower one.  Taking a piece proves that its work is not finished,
 * so that what the pool says of it still holds. */
typedef union share {
    _Atomic uint64_t taken;
    char line[LINE];
} share;

typedef struct worker {
    wg_pool *pool;
    pthread_t thread;
    int number;
} worker;

struct wg_pool {
    wg_pool_task *task;
    void *work;
    int64_t parts, grain;
    uint32_t round; /* counts pieces of work */
    int threads;
    pid_t owner;  /* a process forked from it has the pool without its threads */
    bool crowded; /* more threads than processors: waiting awake would keep one from working */
    share *share;
    char apart[LINE];
    _Atomic int done; /* pieces */
    char apart_too[LINE];
    _Atomic int asleep;
    _Atomic bool ends;
    pthread_mutex_t lock;
    pthread_cond_t begin;
    worker worker[];
};

static void breathe(void)
{
#if defined(__GNUC__) && (defined(__x86_64__) || defined(__i386__))
    __builtin_ia32_pause();
#elif defined(__GNUC__) && defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* ---- working ---- */

/* The next piece of thread k's share; -1 if none is left or the work is over. */
static int take(wg_pool *p, int k, uint32_t round)
{
    _Atomic uint64_t *taken = &p->share[k].taken;
    uint64_t x = atomic_load_explicit(taken, memory_order_acquire);
    while (x >> 32 == round && (uint32_t)x < PIECES)
        if (atomic_compare_exchange_weak_explicit(taken, &x, x + 1, memory_order_acq_rel,
                                                  memory_order_acquire))
            return (int)(uint32_t)x;
    return -1;
}

/* Where piece i of n begins, at a multiple of the grain. */
static int64_t begins(const wg_pool *p, int64_t i, int64_t n)
{
    int64_t grains = p->parts / p->grain, at = grains / n * i + grains % n * i / n;
    return i == n ? p->parts : at * p->grain;
}

/* A thread's own share first, which it had of earlier work as well:
 * what that left in its cache is there. */
static void do_pieces(wg_pool *p, int thread, uint32_t round)
{
    for (int i = 0; i < p->threads; i++) {
        const int k = thread + i < p->threads ? thread + i : thread + i - p->threads;
        for (int piece; (piece = take(p, k, round)) >= 0;) {
            const int64_t n = (int64_t)p->threads * PIECES, at = (int64_t)k * PIECES + piece;
            const int64_t begin = begins(p, at, n), end = begins(p, at + 1, n);
            if (begin < end)
                p->task(p->work, thread, begin, end);
            atomic_fetch_add_explicit(&p->done, 1, memory_order_release);
        }
    }
}

/* ---- waiting ---- */

static uint32_t round_of(const share *s)
{
    return (uint32_t)(atomic_load(&s->taken) >> 32);
}

static bool has_news(const worker *w, uint32_t seen)
{
    return round_of(&w->pool->share[w->number]) != seen || atomic_load(&w->pool->ends);
}

/* Whoever has news looks for sleepers after telling it, a sleeper for news after saying that it
 * sleeps: one sees the other. */
static void sleep_once(worker *w, uint32_t seen)
{
    wg_pool *p = w->pool;
    pthread_mutex_lock(&p->lock);
    atomic_fetch_add(&p->asleep, 1);
    if (!has_news(w, seen))
        pthread_cond_wait(&p->begin, &p->lock);
    atomic_fetch_sub(&p->asleep, 1);
    pthread_mutex_unlock(&p->lock);
}

static void await(worker *w, uint32_t seen)
{
    while (!has_news(w, seen)) {
        const int64_t until = w->pool->crowded ? 0 : wg_now_ns() + AWAKE_NS;
        do
            for (int k = 0; k < LOOKS && !has_news(w, seen); k++)
                breathe();
        while (!has_news(w, seen) && wg_now_ns() < until);
        if (!has_news(w, seen))
            sleep_once(w, seen);
    }
}

static void *serve(void *arg)
{
    worker *w = arg;
    for (uint32_t seen = 0;;) {
        await(w, seen);
        if (atomic_load(&w->pool->ends))
            return NULL;
        seen = round_of(&w->pool->share[w->number]);
        do_pieces(w->pool, w->number, seen);
    }
}

bool wg_pool_awake(const wg_pool *p)
{
    return atomic_load(&p->asleep) == 0;
}

/* The lock may have been held, by a thread that is not here, when the process was forked. */
void wg_pool_wake(wg_pool *p)
{
    if (wg_pool_awake(p) || p->owner != getpid())
        return;
    pthread_mutex_lock(&p->lock);
    pthread_cond_broadcast(&p->begin);
    pthread_mutex_unlock(&p->lock);
}

/* ---- the pool ---- */

void wg_pool_run(wg_pool *p, wg_pool_task *task, void *work, int64_t parts, int64_t grain)
{
    p->task = task;
    p->work = work;
    p->parts = parts;
    p->grain = grain;
    p->round++;
    atomic_store_explicit(&p->done, 0, memory_order_relaxed);
    for (int k = 0; k < p->threads; k++)
        atomic_store(&p->share[k].taken, (uint64_t)p->round << 32);
    wg_pool_wake(p);
    do_pieces(p, 0, p->round);
    /* What is left is being done.  A thread that does it may have lost its processor to this
     * one. */
    for (int k = 0; atomic_load_explicit(&p->done, memory_order_acquire) < p->threads * PIECES; k++)
        if (p->crowded || k > 10000)
            sched_yield();
        else
            breathe();
}

static void release(wg_pool *p)
{
    wg_mem_free(p->share);
    wg_mem_free(p);
}

wg_pool *wg_pool_new(int threads)
{
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    wg_pool *p = wg_mem_zero(1, sizeof *p + (size_t)threads * sizeof *p->worker);
    if (!p)
        return NULL;
    p->share = wg_mem_aligned((size_t)threads * sizeof *p->share);
    if (!p->share || pthread_mutex_init(&p->lock, NULL) != 0) {
        release(p);
        return NULL;
    }
    pthread_cond_init(&p->begin, NULL);
    for (int k = 0; k < threads; k++)
        atomic_init(&p->share[k].taken, 0);
    p->owner = getpid();
    p->crowded = processors > 0 && threads > processors;
    p->threads = 1;
    for (int k = 1; k < threads; k++) {
        p->worker[k] = (worker){.pool = p, .number = k};
        if (pthread_create(&p->worker[k].thread, NULL, serve, &p->worker[k]) != 0) {
            wg_pool_free(p);
            return NULL;
        }
        p->threads++;
    }
    return p;
}

void wg_pool_free(wg_pool *p)
{
    if (!p)
        return;
    if (p->owner == getpid()) {
        atomic_store(&p->ends, true);
        wg_pool_wake(p);
        for (int k = 1; k < p->threads; k++)
            pthread_join(p->worker[k].thread, NULL);
        pthread_cond_destroy(&p->begin);
        pthread_mutex_destroy(&p->lock);
    }
    release(p);
}
