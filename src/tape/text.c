/* Names and labels: interned, so that they outlive a rewind and equal ones are kept once. */
#include <string.h>

#include "tape/state.h"

struct wg_text {
    UT_hash_handle hh;
    char text[];
};

const char *wg_tape_text(wg_tape *t, const char *text)
{
    wg_text *found = NULL;
    size_t length = strlen(text);
    HASH_FIND(hh, t->texts, text, length, found);
    if (found)
        return found->text;
    wg_text *made = wg_mem_alloc(sizeof *made + length + 1);
    if (!made)
        return NULL;
    memcpy(made->text, text, length + 1);
    HASH_ADD_KEYPTR(hh, t->texts, made->text, length, made);
    if (!made->hh.tbl) {
        wg_mem_free(made);
        return NULL;
    }
    return made->text;
}

void wg_tape_free_texts(wg_tape *t)
{
    wg_text *text, *next;
    HASH_ITER(hh, t->texts, text, next)
    {
        HASH_DEL(t->texts, text);
        wg_mem_free(text);
    }
}

wg_tensor *wg_label(wg_tensor *x, const char *text)
{
    if (!x)
        return NULL;
    if (!text) {
        x->label = NULL;
        return x;
    }
    const char *kept = wg_tape_text(x->tape, text);
    if (!kept)
        return wg_error_keep(x->tape, WG_ERR_MEMORY, "label: out of memory"), NULL;
    x->label = kept;
    return x;
}

const char *wg_label_of(const wg_tensor *x)
{
    return x ? x->label : NULL;
}

const char *wg_name(const wg_tensor *x)
{
    return x && x->leaf ? x->leaf->name : NULL;
}
