/* Running a program: a loop over its instructions.  No allocation, no lookup, and no lock but
 * the pool's. */
#include <stdio.h>
#include <string.h>

#include "exec/program.h"

/* Work below which an instruction stays on one thread, and for which threads that are asleep are
 * woken.  Sharing costs about a microsecond, and much more than that when cores then fetch from
 * each other what they wrote before. */
enum { WORTH_SHARING = 1 << 19, WORTH_WAKING = 1 << 20 };
enum { LEAST_PIECE = 1 << 10 }; /* work that is not divided further */

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
    env.scratch = (char *)s->p->env.scratch + (size_t)thread * s->p->scratch_bytes;
    s->instr->run(s->instr, &env, begin, end);
}

bool wg_start_threads(wg_program *p)
{
    for (int32_t k = 0; k < p->instrs && p->threads > 1; k++) {
        wg_instr *i = p->instr[k];
        const int64_t work = i->parts * i->work;
        while (i->work > 0 && i->grain * i->work < LEAST_PIECE)
            i->grain = i->grain ? 2 * i->grain : 1;
        if (i->parts < 2 || work < WORTH_SHARING)
            continue;
        i->sharing = work < WORTH_WAKING ? WG_SHARED_IF_AWAKE : WG_SHARED;
        p->shared_work += work;
    }
    if (p->shared_work && !(p->pool = wg_pool_new(p->threads)))
        return false;
    wg_choose_run(p);
    return true;
}

/* Only calls can fail, and a call has one part, so a shared instruction has nothing to report. */
wg_status wg_run_instr(const wg_program *p, const wg_instr *i, const wg_env *env)
{
    if (i->sharing == WG_ALONE || (i->sharing == WG_SHARED_IF_AWAKE && !wg_pool_awake(p->pool)))
        return i->run(i, env, 0, i->parts);
    shared s = {p, i, *env};
    wg_pool_run(p->pool, do_share, &s, i->parts, i->grain);
    return WG_OK;
}

/* ---- a run ---- */

static wg_status fail(wg_program *p, wg_status s)
{
    p->failed = true;
    p->ran = false;
    p->bindings = p->tape->bindings - 1; /* so that the next run is prepared */
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

/* What must hold for a run, and holds until a leaf is bound or dropped, or a run fails. */
static wg_status prepare(wg_program *p)
{
    p->failed = false;
    p->error.text[0] = 0;
    p->env.why = &p->error;
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
    point_at_leaves(p);
    return WG_OK;
}

static wg_status failed_at(wg_program *p, int32_t k, wg_status s)
{
    char said[sizeof p->error.text];
    memcpy(said, p->error.text, sizeof said);
    said[sizeof said - 1] = 0;
    if (!said[0])
        snprintf(said, sizeof said, "%s: %s", p->note[k].op, wg_status_name(s));
    snprintf(p->error.text, sizeof p->error.text, "run: %.300s (at %s#%d%s)", said,
             p->note[k].op, (int)p->note[k].id, p->note[k].reads ? p->note[k].reads : "");
    return fail(p, s);
}

/* The time of this run.  It moves the clock if others must be able to tell that it was: programs
 * with a common output may run on two threads at once, all else that moves it is one thread's. */
static uint64_t tick(const wg_program *p)
{
    _Atomic uint64_t *clock = &p->tape->clock;
    if (p->several)
        return atomic_fetch_add(clock, 1) + 1;
    uint64_t now = atomic_load_explicit(clock, memory_order_relaxed);
    if (p->effects)
        atomic_store_explicit(clock, ++now, memory_order_relaxed);
    return now;
}

static wg_status run_alone(wg_program *p)
{
    for (int32_t k = 0; k < p->instrs; k++) {
        const wg_instr *i = p->instr[k];
        wg_status s = i->run(i, &p->env, 0, i->parts);
        if (s)
            return failed_at(p, k, s);
    }
    return WG_OK;
}

static void wake(const wg_program *p)
{
    if (p->shared_work >= WORTH_WAKING)
        wg_pool_wake(p->pool);
}

static wg_status run_on_threads(wg_program *p, const wg_env *env)
{
    wake(p);
    for (int32_t k = 0; k < p->instrs; k++) {
        wg_status s = wg_run_instr(p, p->instr[k], env);
        if (s)
            return failed_at(p, k, s);
    }
    return WG_OK;
}

static wg_status run_traced(wg_program *p, const wg_env *env)
{
    wake(p);
    for (int32_t k = 0; k < p->instrs; k++) {
        wg_status s = wg_run_instr(p, p->instr[k], env);
        if (s)
            return failed_at(p, k, s);
        if ((s = wg_nan_trace_look(p->trace, k, &p->error)))
            return fail(p, s);
    }
    return WG_OK;
}

static wg_status run_profiled(wg_program *p, const wg_env *env)
{
    int32_t k;
    wake(p);
    wg_status s = wg_run_profiled(p, env, &k);
    return s ? failed_at(p, k, s) : WG_OK;
}

void wg_choose_run(wg_program *p)
{
    p->run = p->trace     ? run_traced
             : p->profile ? run_profiled
             : p->pool    ? run_on_threads
                          : NULL;
}

wg_status wg_run(wg_program *p)
{
    if (!p)
        return WG_ERR_ARGUMENT;
    wg_tape *t = p->tape;
    wg_status s = WG_OK;
    if (p->bindings != t->bindings && (s = prepare(p)))
        return s;
    if (p->draws) {
        p->env.seed = t->seed;
        p->env.run = t->run + p->effects;
    }
    if ((s = p->run ? p->run(p, &p->env) : run_alone(p)))
        return s;
    if (p->effects) {
        if (p->draws)
            t->run = p->env.run;
        for (int32_t c = 0; c < p->copies; c++)
            memcpy(p->copy[c].to, p->copy[c].from, p->copy[c].bytes);
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
