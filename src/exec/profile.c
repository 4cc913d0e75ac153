/* Where the time of runs goes.  A program with a profile is run by a loop of its own, so that all
 * others pay nothing for it. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "exec/program.h"

typedef struct tally {
    const char *ops, *names;
    int64_t calls, ns;
} tally;

struct wg_profile_data {
    int64_t clock_ns; /* that looking at the clock takes: not the instructions' */
    int64_t runs;
    tally of[];
};

/* ---- what instructions came from ---- */

enum { ROOM = 240 };

/* Adds a word unless it is there.  What does not fit is left out. */
static void add_word(char *text, const char *word)
{
    const size_t length = word ? strlen(word) : 0, used = strlen(text);
    if (length == 0 || used + length + 2 > ROOM)
        return;
    for (const char *at = text; (at = strstr(at, word)); at += length)
        if ((at == text || at[-1] == ' ') && (at[length] == ' ' || at[length] == 0))
            return;
    snprintf(text + used, ROOM - used, "%s%s", used ? " " : "", word);
}

static const char *kept(wg_arena *arena, const char *text)
{
    return wg_arena_copy(arena, text, strlen(text) + 1);
}

static const char *ops_of(wg_arena *arena, const wg_step *s)
{
    char text[ROOM] = "";
    if (s->copy)
        add_word(text, "copy of");
    for (int32_t k = 0; k < wg_step_ops(s); k++) {
        const size_t used = strlen(text);
        if (used + 2 < ROOM)
            snprintf(text + used, ROOM - used, "%s%s", used ? " " : "", wg_step_op(s, k)->op->name);
    }
    return kept(arena, text);
}

/* Labels of the nodes, and names of the leaves that are read and written. */
static const char *names_of(wg_arena *arena, const wg_lowered *l, const wg_step *s)
{
    char text[ROOM] = "";
    add_word(text, s->t->label);
    for (int32_t k = 0; k < wg_step_ops(s); k++)
        add_word(text, wg_step_op(s, k)->label);
    for (int32_t i = 0; i <= s->n; i++) {
        const wg_leaf *leaf = l->buffer[i < s->n ? s->in[i].buffer : s->out].leaf;
        if (leaf)
            add_word(text, leaf->node->label ? leaf->node->label : leaf->name);
    }
    return kept(arena, text);
}

static int64_t clock_cost(void)
{
    int64_t least = INT64_MAX;
    for (int k = 0; k < 100; k++) {
        const int64_t before = wg_now_ns(), spent = wg_now_ns() - before;
        least = spent < least ? spent : least;
    }
    return least;
}

wg_profile_data *wg_profile_new(wg_arena *arena, const wg_lowered *l)
{
    wg_profile_data *f = wg_mem_zero(1, sizeof *f + (size_t)l->steps * sizeof *f->of);
    if (!f)
        return NULL;
    for (int32_t k = 0; k < l->steps; k++) {
        f->of[k].ops = ops_of(arena, &l->step[l->order[k]]);
        f->of[k].names = names_of(arena, l, &l->step[l->order[k]]);
        if (!f->of[k].ops || !f->of[k].names) {
            wg_mem_free(f);
            return NULL;
        }
    }
    f->clock_ns = clock_cost();
    return f;
}

void wg_profile_reset(wg_program *p)
{
    if (!p || !p->profile)
        return;
    p->profile->runs = 0;
    for (int32_t k = 0; k < p->instrs; k++)
        p->profile->of[k].calls = p->profile->of[k].ns = 0;
}

/* ---- running ---- */

wg_status wg_run_profiled(wg_program *p, const wg_env *env, int32_t *at)
{
    wg_profile_data *f = p->profile;
    f->runs++;
    int64_t before = wg_now_ns();
    for (*at = 0; *at < p->instrs; ++*at) {
        const wg_status s = wg_run_instr(p, p->instr[*at], env);
        const int64_t after = wg_now_ns(), spent = after - before - f->clock_ns;
        f->of[*at].calls++;
        f->of[*at].ns += spent > 0 ? spent : 0;
        before = after;
        if (s)
            return s;
    }
    return WG_OK;
}

/* ---- telling ---- */

bool wg_profile_at(const wg_program *p, int64_t i, wg_profile_entry *e)
{
    if (!p || !p->profile || !e || i < 0 || i >= p->instrs)
        return false;
    const tally *y = &p->profile->of[i];
    const wg_note *n = &p->note[i];
    *e = (wg_profile_entry){
        .ops = y->ops,
        .names = y->names,
        .origin = n->origin,
        .node = n->id,
        .calls = y->calls,
        .flops = y->calls * n->flops,
        .bytes = y->calls * n->bytes,
        .seconds = 1e-9 * (double)y->ns,
    };
    return true;
}

typedef struct place {
    int64_t ns;
    int32_t instr;
} place;

static int longest_first(const void *a_, const void *b_)
{
    const place *a = a_, *b = b_;
    return a->ns != b->ns ? (a->ns < b->ns) - (a->ns > b->ns)
                          : (a->instr > b->instr) - (a->instr < b->instr);
}

static void print_entry(const wg_profile_entry *e, double all, FILE *out)
{
    const double each = e->calls ? e->seconds / (double)e->calls : 0;
    fprintf(out, "%5.1f %% %8" PRId64 " %12.0f %8.2f %8.2f  %s#%" PRId64,
            all > 0 ? 100 * e->seconds / all : 0, e->calls, each * 1e9,
            e->seconds > 0 ? 1e-9 * (double)e->flops / e->seconds : 0,
            e->seconds > 0 ? 1e-9 * (double)e->bytes / e->seconds : 0, e->ops, e->node);
    if (e->names[0])
        fprintf(out, "  \"%s\"", e->names);
    if (e->origin)
        fprintf(out, "  adjoint of %s", e->origin);
    fputc('\n', out);
}

wg_status wg_profile(const wg_program *p, FILE *out)
{
    if (!p)
        return WG_ERR_ARGUMENT;
    const wg_profile_data *f = p->profile;
    if (!f || !out)
        return wg_keep_error(p->tape, WG_ERR_ARGUMENT, "profile: wants %s",
                             f ? "a file, got NULL" : "a program compiled with .profile");
    place *order = wg_mem_alloc((size_t)p->instrs * sizeof *order);
    if (!order)
        return wg_keep_error(p->tape, WG_ERR_MEMORY, "profile: out of memory");
    int64_t ns = 0;
    for (int32_t k = 0; k < p->instrs; k++) {
        order[k] = (place){f->of[k].ns, k};
        ns += f->of[k].ns;
    }
    qsort(order, (size_t)p->instrs, sizeof *order, longest_first);
    fprintf(out, "profile: %" PRId64 " run%s, %.3f ms, %.3f us a run\n", f->runs,
            f->runs == 1 ? "" : "s", 1e-6 * (double)ns,
            f->runs ? 1e-3 * (double)ns / (double)f->runs : 0);
    fprintf(out, "   time    calls      ns/call  GFLOP/s     GB/s  what\n");
    for (int32_t k = 0; k < p->instrs; k++) {
        wg_profile_entry e;
        wg_profile_at(p, order[k].instr, &e);
        print_entry(&e, 1e-9 * (double)ns, out);
    }
    wg_mem_free(order);
    return ferror(out) ? WG_ERR_IO : WG_OK;
}
