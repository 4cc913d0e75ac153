/* What the makers of instructions share: room for one, and pointers to its operands, which move
 * when a leaf is bound elsewhere. */
#include <string.h>

#include "core/alloc.h"
#include "exec/instr.h"
#include "tape/state.h"

void *wg_new_instr(wg_builder *b, size_t size, int32_t step)
{
    wg_instr *i = wg_arena_alloc(b->arena, size);
    if (!i)
        return NULL;
    memset(i, 0, size);
    i->step = step;
    return i;
}

const void *wg_keep_alike(wg_builder *b, const void *bytes, size_t size)
{
    enum { ALIKE = sizeof b->alike / sizeof *b->alike };
    for (int i = 0; i < ALIKE; i++)
        if (b->alike[i].size == size && b->alike[i].bytes
            && memcmp(b->alike[i].bytes, bytes, size) == 0)
            return b->alike[i].bytes;
    /* so that no vector lies across two lines of the cache */
    const size_t alignment = size >= WG_ALIGNMENT ? WG_ALIGNMENT : size >= 32 ? 32 : 8;
    char *kept = wg_arena_aligned(b->arena, size, alignment);
    if (!kept)
        return NULL;
    memcpy(kept, bytes, size);
    b->alike[b->next_alike] = (struct wg_kept){kept, size};
    b->next_alike = (b->next_alike + 1) % ALIKE;
    return kept;
}

void wg_point_leaf(wg_builder *b, void **where, const wg_leaf *leaf, int64_t offset)
{
    if (!wg_mem_grow(&b->relocation, b->relocations + 1, &b->relocation_capacity,
                     sizeof *b->relocation)) {
        b->failed = true;
        return;
    }
    b->relocation[b->relocations++] = (wg_relocation){where, offset, leaf->place};
}

void wg_point(wg_builder *b, void **where, wg_operand from)
{
    const wg_buffer *x = &b->l->buffer[from.buffer];
    int64_t offset = from.view ? from.view->offset * (int64_t)wg_dtype_size((wg_dtype)x->dtype) : 0;
    if (x->segment == WG_STORAGE)
        wg_point_leaf(b, where, x->leaf, offset);
    else
        *where = (x->segment == WG_TEMPORARY ? b->temporaries : b->kept) + x->offset + offset;
}

void wg_point_buffer(wg_builder *b, void **where, int32_t buffer)
{
    wg_point(b, where, (wg_operand){buffer, NULL});
}
