#include "support/share_all.h"

#include "exec/program.h"

void share_all(wg_program *p)
{
    if (p->threads < 2 || (!p->pool && !(p->pool = wg_pool_new(p->threads))))
        return;
    for (int32_t k = 0; k < p->instrs; k++) {
        p->instr[k]->sharing = p->instr[k]->parts > 1 ? WG_SHARED : WG_ALONE;
        p->instr[k]->grain = 1;
    }
}
