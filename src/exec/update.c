/* update: an assignment's value is computed into the parameter itself where that is safe, so that
 * neither the value nor its way to the parameter takes memory. */
#include "exec/lower.h"

/* What is known of a buffer while updates are chosen. */
typedef struct standing {
    int32_t reads;   /* operands that name it */
    int32_t commits; /* and commits */
    int32_t updater; /* of a leaf's: the step that will write it; -1 */
    int32_t awaited; /* of a leaf's: a step that updates other leaves and reads this one; -1 */
} standing;

/* The micro-op whose result the buffer is; -1 if it is the step's own. */
static int32_t micro_of(const wg_step *s, int32_t buffer)
{
    for (int32_t k = 0; k < s->micros; k++)
        if (s->micro[k].result == buffer)
            return k;
    return -1;
}

/* Whether only ops on what reductions keep read the buffer, which then is walked once. */
static bool is_read_beside_results(const wg_step *s, int32_t at)
{
    int reductions = 0;
    for (int32_t k = 0; k < s->micros; k++) {
        const wg_micro *m = &s->micro[k];
        reductions += m->t->op->reduce != NULL;
        for (int a = 0; a < m->t->n; a++)
            if (m->arg[a] >= 0 && s->in[m->arg[a]].buffer == at && (!m->kept || m->t->op->reduce))
                return false;
    }
    return reductions == 1;
}

/* Whether each element of the result is worked out from no other element of `at` than the one in
 * its place. */
static bool is_elementwise(const wg_step *s, int32_t buffer, int32_t at)
{
    if (s->micros == 0)
        return s->copy || s->t->op->map;
    const wg_micro *m = &s->micro[micro_of(s, buffer)];
    if (s->reduced)
        return m->kept && !m->t->op->reduce && is_read_beside_results(s, at);
    return !m->t->op->product
           && !(s->micro[0].t->op->product && (s->in[0].buffer == at || s->in[1].buffer == at));
}

/* The buffer of the leaf among the step's operands, read in order by each that reads it; -1 if
 * there is none or one reads otherwise. */
static int32_t own_operand(const wg_lowered *l, const wg_step *s, const wg_leaf *leaf)
{
    int32_t at = -1;
    for (int32_t i = 0; i < s->n; i++) {
        if (l->buffer[s->in[i].buffer].leaf != leaf)
            continue;
        if (s->in[i].view)
            return -1;
        at = s->in[i].buffer;
    }
    return at;
}

/* Whether each of two updates would have to come after the other, since they read each other's
 * parameters. */
static bool crosses(const wg_lowered *l, int32_t step, int32_t at, const standing *known)
{
    const wg_step *s = &l->step[step];
    for (int32_t i = 0; i < s->n; i++)
        if (s->in[i].buffer != at && known[s->in[i].buffer].updater >= 0
            && known[s->in[i].buffer].updater != step)
            return true;
    return known[at].awaited >= 0 && known[at].awaited != step;
}

/* Whether a step that has to run before the update, as it reads the parameter or may fail, might
 * wait for this one, which gives others something to read. */
static bool is_waited_for(const wg_lowered *l, int32_t step, int32_t at, const standing *known,
                          bool may_fail)
{
    const wg_step *s = &l->step[step];
    int32_t result[WG_MAX_RESULTS], results = wg_step_results(s, result), own = 0;
    for (int32_t i = 0; i < s->n; i++)
        own += s->in[i].buffer == at;
    for (int32_t r = 0; r < results; r++)
        if (known[result[r]].reads && (may_fail || known[at].reads != own))
            return true;
    return false;
}

/* Counts who reads and who commits each buffer; gives whether a step may fail. */
static bool look_around(const wg_lowered *l, standing *known)
{
    bool may_fail = false;
    for (int32_t b = 0; b < l->buffers; b++)
        known[b] = (standing){0, 0, -1, -1};
    for (int32_t k = 0; k < l->steps; k++) {
        const wg_step *s = &l->step[k];
        may_fail = may_fail || wg_step_may_fail(s);
        for (int32_t i = 0; i < s->n; i++)
            known[s->in[i].buffer].reads++;
    }
    for (int32_t c = 0; c < l->commits; c++)
        known[l->commit[c].buffer].commits++;
    return may_fail;
}

/* Whether the value of the commit can be computed into its parameter, which its step reads as the
 * buffer `at`. */
static bool may_update(const wg_lowered *l, const wg_commit *c, int32_t at, const standing *known,
                       bool may_fail)
{
    const wg_buffer *b = &l->buffer[c->buffer];
    return at >= 0 && b->segment == WG_TEMPORARY && !known[c->buffer].reads
           && known[c->buffer].commits == 1 && is_elementwise(&l->step[b->producer], c->buffer, at)
           && !crosses(l, b->producer, at, known)
           && !is_waited_for(l, b->producer, at, known, may_fail);
}

/* An assignment's value is computed into the parameter itself if it is the result of an
 * elementwise step on the parameter that nothing else reads.  wg_order then puts it after all that
 * reads the old value or may fail. */
bool wg_update_in_place(wg_lowered *l)
{
    size_t before = l->scratch->total;
    standing *known = wg_arena_alloc(l->scratch, (size_t)l->buffers * sizeof *known);
    if (!known)
        return false;
    const bool may_fail = look_around(l, known);
    for (int32_t k = 0; k < l->commits; k++) {
        const wg_commit *c = &l->commit[k];
        wg_buffer *b = &l->buffer[c->buffer];
        wg_step *s = &l->step[b->producer];
        const int32_t at = own_operand(l, s, c->leaf);
        if (!may_update(l, c, at, known, may_fail))
            continue;
        for (int32_t i = 0; i < s->n; i++)
            if (s->in[i].buffer != at)
                known[s->in[i].buffer].awaited = b->producer;
        known[at].updater = b->producer;
        s->update = true;
        b->segment = WG_STORAGE;
        b->leaf = c->leaf;
    }
    wg_arena_rewind(l->scratch, before);
    return true;
}
