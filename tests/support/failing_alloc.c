#include "support/failing_alloc.h"

#include <malloc.h>
#include <stddef.h>

/* The linker's names, not ours (ld --wrap): weak, so that tests that wrap nothing link, too. */
#if defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wpragmas"
#pragma GCC diagnostic ignored "-Wreserved-identifier"
#pragma GCC diagnostic ignored "-Wreserved-id-macro"
#endif
#define WEAK __attribute__((weak))

WEAK void *__real_malloc(size_t size);
WEAK void *__real_calloc(size_t count, size_t size);
WEAK void *__real_realloc(void *p, size_t size);
WEAK void *__real_aligned_alloc(size_t alignment, size_t size);
WEAK void __real_free(void *p);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void __wrap_free(void *p);

static struct {
    bool armed, happened;
    failing_how how;
    int64_t at, asked, live, bytes, most;
} state;

void failing_arm(failing_how how, int64_t at)
{
    state.armed = true;
    state.happened = false;
    state.how = how;
    state.at = at;
    state.asked = 0;
    state.most = state.bytes;
}

int64_t failing_disarm(void)
{
    state.armed = false;
    return state.asked;
}

int64_t failing_live_bytes(void)
{
    return state.bytes;
}

int64_t failing_most_bytes(void)
{
    return state.most;
}

bool failing_happened(void)
{
    return state.happened;
}

int64_t failing_live(void)
{
    return state.live;
}

static bool fails(void)
{
    if (!state.armed)
        return false;
    int64_t i = state.asked++;
    bool now =
        state.how == FAIL_ONCE ? i == state.at : state.how == FAIL_FROM_THEN_ON && i >= state.at;
    state.happened = state.happened || now;
    return now;
}

static void count_bytes(int64_t change)
{
    state.bytes += change;
    state.most = state.bytes > state.most ? state.bytes : state.most;
}

static void *counted(void *p)
{
    state.live += p != NULL;
    count_bytes((int64_t)malloc_usable_size(p));
    return p;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : counted(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : counted(__real_calloc(count, size));
}

void *__wrap_realloc(void *p, size_t size)
{
    if (fails())
        return NULL;
    int64_t before = (int64_t)malloc_usable_size(p);
    void *q = __real_realloc(p, size);
    state.live += !p && q;
    count_bytes(q ? (int64_t)malloc_usable_size(q) - before : 0);
    return q;
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return fails() ? NULL : counted(__real_aligned_alloc(alignment, size));
}

void __wrap_free(void *p)
{
    state.live -= p != NULL;
    count_bytes(-(int64_t)malloc_usable_size(p));
    __real_free(p);
}
