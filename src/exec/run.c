/* Running a program: a loop over its instructions.  No allocation, no lookup, and no lock but the pool's. */
#include <stdio.h>
#include <string.h>

#include "exec/program.h"

enum {
    WORTH_SHARING = 1 << 17
}; /* work of an instruction below which waking threads costs more than it gives */

/* ---- one instruction on several threads ---- */

typedef struct shared {
    const wg_program *p;
    const wg_instr *instr;
    wg_env env;
} shared;

static void do_share(void *work, int thread, int64_t begin, int64_t end)
{
    const shared *s = work;
    wg_env env = s->env;
    env.scratch = (char *)s->p->scratch + (size_t)thread * s->p->scratch_bytes;
    s->instr->run(s->instr, &env, begin, end);
}

/* Only calls can fail, and a call has one part, so a shared instruction has nothing to report. */
static wg_status run_instr(const wg_program *p, const wg_instr *i, const wg_env *env)
{
    if (!p->pool || i->parts < 2 || i->parts * i->work < WORTH_SHARING)
        return i->run(i, env, 0, i->parts);
    shared s = {p, i, *env};
    wg_pool_run(p->pool, do_share, &s, i->parts);
    return WG_OK;
}

/* ---- a run ---- */

static wg_status fail(wg_program *p, wg_status s)
{
    p->failed = true;
    p->ran = false;
    wg_error_keep(p->tape, s, "%s", p->error.text);
    return s;
}

static void point_at_leaves(wg_program *p)
{
    for (int64_t r = 0; r < p->relocations; r++) {
        char *data = wg_leaf_data(p->leaf[p->relocation[r].leaf]);
        *p->relocation[r].where = data ? data + p->relocation[r].offset : NULL;
    }
    p->bindings = p->tape->bindings;
}

static wg_status all_fed(wg_program *p)
{
    if (p->lost_leaf) {
        snprintf(p->error.text, sizeof p->error.text,
                 "run: wants leaves that are still recorded, but a rewind dropped one of this "
                 "program's");
        return fail(p, WG_ERR_ARGUMENT);
    }
    for (int32_t i = 0; i < p->feds; i++)
        if (!p->leaf[p->fed[i]]->fed) {
            snprintf(p->error.text, sizeof p->error.text,
                     "run: wants a value for input \"%.80s\", which was never set or bound",
                     p->leaf[p->fed[i]]->name);
            return fail(p, WG_ERR_ARGUMENT);
        }
    return WG_OK;
}

static wg_status failed_at(wg_program *p, int32_t k, wg_status s)
{
    char said[sizeof p->error.text];
    memcpy(said, p->error.text, sizeof said);
    said[sizeof said - 1] = 0;
    if (!said[0])
        snprintf(said, sizeof said, "%s: %s", p->note[k].op, wg_status_name(s));
    snprintf(p->error.text, sizeof p->error.text, "run: %.400s (at %s#%d)", said, p->note[k].op,
             (int)p->note[k].id);
    return fail(p, s);
}

static void commit(wg_program *p)
{
    for (int32_t c = 0; c < p->commits; c++)
        if (p->commit[c].to != p->commit[c].from && p->commit[c].bytes)
            memcpy(p->commit[c].to, p->commit[c].from, p->commit[c].bytes);
}

/* The time of this run.  It moves the clock if others must be able to tell that it was: programs with a common output may run on two
 * threads at once, all else that moves it is one thread's. */
static uint64_t tick(const wg_program *p)
{
    _Atomic uint64_t *clock = &p->tape->clock;
    if (p->several)
        return atomic_fetch_add(clock, 1) + 1;
    uint64_t now = atomic_load_explicit(clock, memory_order_relaxed);
    if (!p->private && (p->commits || p->draws))
        atomic_store_explicit(clock, ++now, memory_order_relaxed);
    return now;
}

wg_status wg_run(wg_program *p)
{
    if (!p)
        return WG_ERR_ARGUMENT;
    wg_tape *t = p->tape;
    p->failed = false;
    p->error.text[0] = 0;
    wg_status s = all_fed(p);
    if (s)
        return s;
    if (p->bindings != t->bindings)
        point_at_leaves(p);
    wg_env env = {.scratch = p->scratch,
                  .seed = t->seed,
                  .run = t->run + (p->draws && !p->private),
                  .why = &p->error};
    for (int32_t k = 0; k < p->instrs; k++) {
        s = run_instr(p, p->instr[k], &env);
        if (s)
            return failed_at(p, k, s);
        if (p->trace && (s = wg_nan_trace_look(p->trace, k, &p->error)))
            return fail(p, s);
    }
    if (!p->private && (p->commits || p->draws)) {
        t->run = env.run;
        commit(p);
    }
    p->ran = true;
    p->ran_at = tick(p);
    return WG_OK;
}

const char *wg_program_error(const wg_program *p)
{
    if (!p)
        return "no program: it could not be compiled";
    return p->failed ? p->error.text : NULL;
}

const void *wg_output(const wg_program *p, int i)
{
    return p && p->ran && i >= 0 && i < p->outputs ? p->output[i] : NULL;
}
