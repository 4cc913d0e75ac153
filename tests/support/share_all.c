#include "support/share_all.h"

#include "core/alloc.h"
#include "exec/program.h"

/* A program that shares nothing by itself has no threads, and scratch memory for one. */
static bool has_threads(wg_program *p)
{
    if (p->threads < 2 || p->pool)
        return p->pool;
    void *scratch = wg_mem_aligned(p->scratch_bytes * (size_t)p->threads);
    wg_pool *pool = scratch ? wg_pool_new(p->threads) : NULL;
    if (!pool) {
        wg_mem_free(scratch);
        return false;
    }
    wg_mem_free(p->env.scratch);
    p->env.scratch = scratch;
    p->pool = pool;
    wg_choose_run(p);
    return true;
}

void share_all(wg_program *p)
{
    if (!has_threads(p))
        return;
    for (int32_t k = 0; k < p->instrs; k++) {
        p->instr[k]->sharing = p->instr[k]->parts > 1 ? WG_SHARED : WG_ALONE;
        p->instr[k]->grain = 1;
    }
}
