#include "core/pool.h"

#include <pthread.h>
#include <stdbool.h>

#include "core/alloc.h"

typedef struct worker {
    wg_pool *pool;
    pthread_t thread;
    int number;
} worker;

struct wg_pool {
    pthread_mutex_t lock;
    pthread_cond_t begin, done;
    wg_pool_task *task;
    void *work;
    int64_t parts;
    uint64_t round; /* counts pieces of work */
    int threads, running;
    bool ends;
    worker worker[];
};

/* Thread k of n does an equal share: the division is fixed, so nothing is contended. */
static void share(wg_pool *p, int k)
{
    int64_t begin = p->parts * k / p->threads, end = p->parts * (k + 1) / p->threads;
    if (begin < end)
        p->task(p->work, k, begin, end);
}

static void *serve(void *arg)
{
    worker *w = arg;
    wg_pool *p = w->pool;
    uint64_t seen = 0;
    pthread_mutex_lock(&p->lock);
    for (;;) {
        while (!p->ends && p->round == seen)
            pthread_cond_wait(&p->begin, &p->lock);
        if (p->ends)
            break;
        seen = p->round;
        pthread_mutex_unlock(&p->lock);
        share(p, w->number);
        pthread_mutex_lock(&p->lock);
        if (--p->running == 0)
            pthread_cond_signal(&p->done);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

wg_pool *wg_pool_new(int threads)
{
    wg_pool *p = wg_mem_zero(1, sizeof *p + (size_t)threads * sizeof *p->worker);
    if (!p)
        return NULL;
    if (pthread_mutex_init(&p->lock, NULL) != 0) {
        wg_mem_free(p);
        return NULL;
    }
    pthread_cond_init(&p->begin, NULL);
    pthread_cond_init(&p->done, NULL);
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

void wg_pool_run(wg_pool *p, wg_pool_task *task, void *work, int64_t parts)
{
    pthread_mutex_lock(&p->lock);
    p->task = task;
    p->work = work;
    p->parts = parts;
    p->running = p->threads - 1;
    p->round++;
    pthread_cond_broadcast(&p->begin);
    pthread_mutex_unlock(&p->lock);
    share(p, 0);
    pthread_mutex_lock(&p->lock);
    while (p->running)
        pthread_cond_wait(&p->done, &p->lock);
    pthread_mutex_unlock(&p->lock);
}

void wg_pool_free(wg_pool *p)
{
    if (!p)
        return;
    pthread_mutex_lock(&p->lock);
    p->ends = true;
    pthread_cond_broadcast(&p->begin);
    pthread_mutex_unlock(&p->lock);
    for (int k = 1; k < p->threads; k++)
        pthread_join(p->worker[k].thread, NULL);
    pthread_cond_destroy(&p->begin);
    pthread_cond_destroy(&p->done);
    pthread_mutex_destroy(&p->lock);
    wg_mem_free(p);
}
