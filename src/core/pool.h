/* A few threads that share out the parts of one piece of work at a time.  Idle ones sleep. */
#ifndef WG_CORE_POOL_H
#define WG_CORE_POOL_H

#include <stdint.h>

typedef struct wg_pool wg_pool;

/* Does parts begin .. end - 1 of the work; thread is 0 for the caller, 1 and up for the others. */
typedef void wg_pool_task(void *work, int thread, int64_t begin, int64_t end);

wg_pool *wg_pool_new(int threads); /* the caller counts as one; NULL when threads or memory run out */
void wg_pool_run(wg_pool *p, wg_pool_task *task, void *work, int64_t parts); /* returns when all parts are done */
void wg_pool_free(wg_pool *p);

#endif
