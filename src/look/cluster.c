/* Which box a node stands in.  A node without a text stands where its parameters do, or, if it has
 * none, where all its inputs do; an adjoint where the node does that it is of,
 * in a box of the derivative's own. */
#include "look/cluster.h"

#include <string.h>
#include <wengert/tape.h>

#include "core/alloc.h"
#include "look/text.h"

enum { DEEPEST = 16 }; /* boxes within boxes; what a text holds beyond them stays in it */

/* Bytes of a differential at s: dC, dz2, âC; 0 if there is none. */
static size_t differential(const char *s)
{
    static const char partial[] = "\xE2\x88\x82";
    if (strncmp(s, partial, sizeof partial - 1) == 0)
        return strcspn(s, "/");
    bool letter =
        (s[0] == 'd' && s[1] >= 'A' && s[1] <= 'Z') || (s[0] == 'd' && s[1] >= 'a' && s[1] <= 'z');
    return letter ? 2 + strspn(s + 2, "0123456789_") : 0;
}

/* Up to the last slash; that of a derivative, "dC/dw" or "layer1/dC/dw", is none. */
static size_t path_length(const char *text)
{
    size_t length = 0, before = 0;
    for (size_t i = 0; text && text[i]; i++)
        if (text[i] == '/') {
            before = length;
            length = i + 1;
        }
    if (!length)
        return 0;
    size_t n = differential(text + before);
    bool derivative = n && before + n + 1 == length && differential(text + length);
    return derivative ? before : length;
}

/* The whole components that both begin with. */
static wg_path common(wg_path a, wg_path b)
{
    size_t n = 0, whole = 0;
    while (n < a.length && n < b.length && a.text[n] == b.text[n])
        if (a.text[n++] == '/')
            whole = n;
    return (wg_path){a.text, whole};
}

/* Where the parameters among the inputs stand, or else all inputs but those of one value. */
static wg_path path_of_inputs(const wg_path *path, const wg_tensor *x)
{
    wg_tensor *const *in;
    int n = wg_inputs_of(x, &in);
    wg_path params = {0}, all = {0};
    bool any_param = false, any = false;
    for (int i = 0; i < n; i++) {
        wg_path p = path[wg_index_of(in[i])];
        wg_leaf_kind kind = wg_leaf_kind_of(in[i]);
        if (kind == WG_PARAM) {
            params = any_param ? common(params, p) : p;
            any_param = true;
        }
        if (kind == WG_CONSTANT || (kind == WG_NOT_A_LEAF && !wg_inputs_of(in[i], NULL)))
            continue;
        all = any ? common(all, p) : p;
        any = true;
    }
    return any_param ? params : all;
}

static wg_look_part part_of(const wg_clusters *c, const wg_tensor *x)
{
    if (wg_origin_of(x))
        return WG_PART_GRADIENT;
    wg_tensor *const *in;
    int n = wg_inputs_of(x, &in);
    for (int i = 0; i < n; i++)
        if (c->part[wg_index_of(in[i])] != WG_PART_VALUE)
            return WG_PART_AFTER;
    return WG_PART_VALUE;
}

/* ---- boxes found again ---- */

static bool same_box(const wg_cluster *a, const wg_cluster *b)
{
    return a->parent == b->parent && a->part == b->part && a->stretch == b->stretch
           && strcmp(a->title, b->title) == 0;
}

/* Where in the table the box stands, or is to stand. */
static size_t place_of(const wg_clusters *c, const wg_cluster *box)
{
    uint64_t h = (uint64_t)box->parent * 31 + (uint64_t)box->part * 7 + (uint64_t)box->stretch;
    for (const char *s = box->title; *s; s++)
        h = (h ^ (unsigned char)*s) * 0x100000001B3u;
    size_t at = (size_t)(h ^ h >> 32) & (c->places - 1);
    while (c->table[at] >= 0 && !same_box(&c->box[c->table[at]], box))
        at = (at + 1) & (c->places - 1);
    return at;
}

static bool make_room(wg_clusters *c)
{
    if (!wg_mem_grow(&c->box, c->boxes + 1, &c->capacity, sizeof *c->box))
        return false;
    if (2 * (size_t)c->boxes < c->places)
        return true;
    const size_t places = c->places ? 2 * c->places : 64;
    int32_t *table = wg_mem_alloc(places * sizeof *table);
    if (!table)
        return false;
    wg_mem_free(c->table);
    c->table = table;
    c->places = places;
    memset(table, -1, places * sizeof *table);
    for (int32_t i = 0; i < c->boxes; i++)
        table[place_of(c, &c->box[i])] = i;
    return true;
}

/* The box within another, made if it is not there yet; -1 when memory runs out. */
static int32_t child(wg_clusters *c, int32_t parent, const char *title, wg_look_part part,
                     int32_t stretch, int32_t times)
{
    wg_cluster wanted = {.parent = parent,
                         .last_child = -1,
                         .first_node = -1,
                         .last_node = -1,
                         .stretch = stretch,
                         .times = times,
                         .part = part};
    strncat(wanted.title, title, sizeof wanted.title - 1);
    if (!make_room(c))
        return -1;
    const size_t at = place_of(c, &wanted);
    if (c->table[at] >= 0)
        return c->table[at];
    wanted.before = c->box[parent].last_child;
    c->box[c->boxes] = wanted;
    c->box[parent].last_child = c->table[at] = c->boxes;
    return c->boxes++;
}

/* ---- where nodes stand ---- */

/* The box of a node that is shown for those up to last: a box for each component; the first
 * component in which their numbers differ is the repeat's own box,
 * and without one it stands within all. */
static int32_t box_of(wg_clusters *c, const wg_fold *f, int32_t node, bool boxes)
{
    wg_path a = c->path[node], b = c->path[f->last[node]];
    int32_t box = 0, stretch = f->stretch[node], depth = 0;
    bool repeat = stretch >= 0 && f->times[node] > 1;
    wg_look_part part = c->part[node];
    while (boxes && a.length && b.length && depth++ < DEEPEST && box >= 0) {
        size_t m = strcspn(a.text, "/"), n = strcspn(b.text, "/");
        char x[64], y[64], title[64];
        snprintf(x, sizeof x, "%.*s", (int)m, a.text);
        snprintf(y, sizeof y, "%.*s", (int)n, b.text);
        wg_text_both(x, y, title, sizeof title);
        bool own = repeat && strcmp(x, y) != 0;
        box = child(c, box, title, part, own ? stretch : -1, own ? f->times[node] : 1);
        repeat = repeat && !own;
        a = (wg_path){a.text + m + 1, a.length - m - 1};
        b = (wg_path){b.text + n + 1, b.length - n - 1};
    }
    return repeat && box >= 0 ? child(c, box, "", part, stretch, f->times[node]) : box;
}

static void put(wg_clusters *c, int32_t box, int32_t node)
{
    wg_cluster *b = &c->box[box];
    c->next[node] = -1;
    if (b->last_node >= 0)
        c->next[b->last_node] = node;
    else
        b->first_node = node;
    b->last_node = node;
}

static bool same_place(const wg_clusters *c, int32_t a, int32_t b)
{
    wg_path p = c->path[a], q = c->path[b];
    return c->part[a] == c->part[b] && p.length == q.length
           && (!p.length || memcmp(p.text, q.text, p.length) == 0);
}

static bool bare_number(const wg_tensor *x)
{
    return wg_leaf_kind_of(x) == WG_NOT_A_LEAF && !wg_inputs_of(x, NULL) && !wg_origin_of(x)
           && !wg_text_of(x);
}

/* A number without a text stands with those who use it, if they stand together.  c->next:
 * a user met. */
static void place_numbers(wg_clusters *c, wg_tape *t, int64_t count, const unsigned char *mark)
{
    for (int32_t i = 0; i < count; i++)
        c->next[i] = -1;
    for (int32_t i = 0; i < count; i++) {
        wg_tensor *const *in;
        int n = mark[i] ? wg_inputs_of(wg_node(t, i), &in) : 0;
        for (int k = 0; k < n; k++) {
            int32_t u = (int32_t)wg_index_of(in[k]);
            if (!bare_number(in[k]))
                continue;
            bool apart = c->next[u] >= 0 && !same_place(c, c->next[u], i);
            c->next[u] = i;
            c->path[u] = apart ? (wg_path){0} : c->path[i];
            c->part[u] = apart ? WG_PART_VALUE : c->part[i];
            if (apart)
                c->next[u] = u; /* never to agree again: its place is nobody's */
        }
    }
}

wg_status wg_clusters_make(wg_clusters *c, wg_tape *t, const wg_fold *f, const unsigned char *mark,
                           bool boxes)
{
    *c = (wg_clusters){0};
    c->path = wg_mem_zero((size_t)f->count, sizeof *c->path);
    c->part = wg_mem_zero((size_t)f->count, sizeof *c->part);
    c->next = wg_mem_alloc((size_t)f->count * sizeof *c->next);
    bool fine = c->path && c->part && c->next && make_room(c);
    if (fine)
        c->box[c->boxes++] = (wg_cluster){.parent = -1,
                                          .last_child = -1,
                                          .before = -1,
                                          .first_node = -1,
                                          .last_node = -1,
                                          .stretch = -1,
                                          .times = 1};
    for (int32_t i = 0; fine && i < f->count; i++) {
        const wg_tensor *x = wg_node(t, i), *origin = wg_origin_of(x);
        const char *text = wg_text_of(x);
        c->part[i] = (unsigned char)part_of(c, x);
        c->path[i] = text     ? (wg_path){text, path_length(text)}
                     : origin ? c->path[wg_index_of(origin)]
                              : path_of_inputs(c->path, x);
    }
    if (fine)
        place_numbers(c, t, f->count, mark);
    for (int32_t i = 0; fine && i < f->count; i++) {
        if (!mark[i] || f->shown[i] != i)
            continue;
        int32_t box = box_of(c, f, i, boxes);
        fine = box >= 0;
        if (fine)
            put(c, box, i);
    }
    if (!fine)
        wg_clusters_free(c);
    return fine ? WG_OK : WG_ERR_MEMORY;
}

void wg_clusters_free(wg_clusters *c)
{
    wg_mem_free(c->path);
    wg_mem_free(c->part);
    wg_mem_free(c->next);
    wg_mem_free(c->box);
    wg_mem_free(c->table);
    *c = (wg_clusters){0};
}
