/* A few threads that share out the parts of one piece of work at a time.  They wait for the next
 * piece awake for a moment, then asleep: idle ones cost nothing.  In a forked process, which has
 * none of them, the caller does it all. */
#ifndef WG_CORE_POOL_H
#define WG_CORE_POOL_H

#include <stdbool.h>
#include <stdint.h>

typedef struct wg_pool wg_pool;

/* Does parts begin .. end - 1 of the work; thread is 0 for the caller, 1 and up for the others. */
typedef void wg_pool_task(void *work, int thread, int64_t begin, int64_t end);

wg_pool *wg_pool_new(int threads); /* the caller counts as one; NULL when threads or memory run
                                    * out */
void wg_pool_free(wg_pool *p);

/* Returns when all parts are done.  They are divided at multiples of grain.  About a microsecond
 * if the threads are awake; one that is asleep is woken,
 * and waited for only if it comes in time to take a share. */
void wg_pool_run(wg_pool *p, wg_pool_task *task, void *work, int64_t parts, int64_t grain);

/* Wakes threads that are asleep, so that they are awake when work comes. */
void wg_pool_wake(wg_pool *p);
bool wg_pool_awake(const wg_pool *p); /* none is asleep */

#endif
