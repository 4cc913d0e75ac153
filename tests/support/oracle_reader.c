#include "support/oracle_reader.h"

#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POOL = 1 << 14 }; /* numbers in one case */

struct oracle_reader {
    char name[256];
    char *text, *next;
    int line;
    size_t used;
    double pool[POOL];
};

static oracle_reader *reader_new(const char *name, size_t size)
{
    oracle_reader *r = calloc(1, sizeof *r);
    if (r && !(r->text = malloc(size + 1))) {
        free(r);
        r = NULL;
    }
    if (r) {
        snprintf(r->name, sizeof r->name, "%s", name);
        r->next = r->text;
    }
    return r;
}

oracle_reader *oracle_open_text(const char *name, const char *text, wg_message *why)
{
    oracle_reader *r = reader_new(name, strlen(text));
    if (r)
        memcpy(r->text, text, strlen(text) + 1);
    else
        snprintf(why->text, sizeof why->text, "%s: out of memory", name);
    return r;
}

oracle_reader *oracle_open(const char *path, wg_message *why)
{
    FILE *f = fopen(path, "rb");
    long size = f && !fseek(f, 0, SEEK_END) ? ftell(f) : -1;
    oracle_reader *r = size >= 0 && !fseek(f, 0, SEEK_SET) ? reader_new(path, (size_t)size) : NULL;
    if (!r || fread(r->text, 1, (size_t)size, f) != (size_t)size) {
        snprintf(why->text, sizeof why->text, "%s: cannot be read", path);
        oracle_close(r);
        r = NULL;
    } else {
        r->text[size] = 0;
    }
    if (f)
        fclose(f);
    return r;
}

void oracle_close(oracle_reader *r)
{
    if (r)
        free(r->text);
    free(r);
}

/* ---- lines and words ---- */

static int refuse(const oracle_reader *r, wg_message *why, const char *format, ...)
{
    int n = snprintf(why->text, sizeof why->text, "%s:%d: ", r->name, r->line);
    va_list args;
    va_start(args, format);
    if (n >= 0 && (size_t)n < sizeof why->text)
        vsnprintf(why->text + n, sizeof why->text - (size_t)n, format, args);
    va_end(args);
    return -1;
}

/* The next line that is neither empty nor a comment, ended by a zero; NULL at the end. */
static char *next_line(oracle_reader *r)
{
    while (*r->next) {
        char *line = r->next;
        size_t n = strcspn(line, "\n");
        r->next += n + (line[n] == '\n');
        r->line++;
        line[n] = 0;
        if (n && line[n - 1] == '\r')
            line[n - 1] = 0;
        if (*line && *line != '#')
            return line;
    }
    return NULL;
}

/* Cuts the next word off *s; "" when there is none. */
static char *next_word(char **s)
{
    char *word = *s + strspn(*s, " ");
    size_t n = strcspn(word, " ");
    *s = word + n + (word[n] == ' ');
    word[n] = 0;
    return word;
}

static bool read_name(char **s, char *name, size_t size)
{
    const char *word = next_word(s);
    bool ok = *word && strlen(word) < size;
    if (ok)
        memcpy(name, word, strlen(word) + 1);
    return ok;
}

static bool read_dtype(char **s, wg_dtype *d)
{
    const char *word = next_word(s);
    for (int i = 0; i < WG_DTYPE_COUNT; i++)
        if (!strcmp(word, wg_dtype_name((wg_dtype)i))) {
            *d = (wg_dtype)i;
            return true;
        }
    return false;
}

/* [2 3] */
static bool read_shape(char **s, wg_shape *shape, int64_t *count)
{
    int64_t dim[WG_MAX_RANK];
    int n = 0;
    *s += strspn(*s, " ");
    if (*(*s)++ != '[')
        return false;
    for (*s += strspn(*s, " "); **s != ']'; *s += strspn(*s, " ")) {
        char *end;
        long long v = strtoll(*s, &end, 10);
        if (end == *s || v < 0 || v > INT_MAX || n == WG_MAX_RANK)
            return false;
        dim[n++] = v;
        *s = end;
    }
    (*s)++;
    *shape = wg_make_shape(n, dim);
    *count = wg_shape_count(*shape);
    return *count >= 0;
}

/* Exactly count numbers up to the end of the line; NULL if there are more, fewer, or something
 * else. */
static const double *read_numbers(oracle_reader *r, char *s, int64_t count)
{
    if (count > POOL || r->used > POOL - (size_t)count)
        return NULL;
    double *v = r->pool + r->used;
    r->used += (size_t)count;
    for (int64_t i = 0; i < count; i++) {
        char *end;
        v[i] = strtod(s, &end);
        if (end == s || (*end && *end != ' '))
            return NULL;
        s = end;
    }
    return s[strspn(s, " ")] ? NULL : v;
}

/* ---- cases ---- */

static oracle_leaf *find_leaf(oracle_case *c, const char *name)
{
    for (int i = 0; i < c->leaves; i++)
        if (!strcmp(c->leaf[i].name, name))
            return &c->leaf[i];
    return NULL;
}

static int read_leaf(oracle_reader *r, oracle_case *c, char *s, wg_message *why)
{
    if (c->leaves == ORACLE_LEAVES)
        return refuse(r, why, "more than %d leaves", ORACLE_LEAVES);
    oracle_leaf *l = &c->leaf[c->leaves];
    if (!read_name(&s, l->name, sizeof l->name) || find_leaf(c, l->name))
        return refuse(r, why, "a leaf wants a name of its own");
    if (!read_dtype(&s, &l->dtype) || !read_shape(&s, &l->shape, &l->count))
        return refuse(r, why, "leaf %s wants a dtype and a shape", l->name);
    if (!(l->value = read_numbers(r, s, l->count)))
        return refuse(r, why, "leaf %s wants %lld numbers", l->name, (long long)l->count);
    c->leaves++;
    return 1;
}

static int read_step(oracle_reader *r, oracle_case *c, char *s, wg_message *why)
{
    if (c->steps == ORACLE_STEPS)
        return refuse(r, why, "more than %d calls", ORACLE_STEPS);
    oracle_step *step = &c->step[c->steps++];
    if (!read_name(&s, step->result, sizeof step->result))
        return refuse(r, why, "a call wants a name for its result");
    step->call = s;
    return 1;
}

static int read_out(oracle_reader *r, oracle_case *c, char *s, wg_message *why)
{
    if (c->out || !read_dtype(&s, &c->dtype) || !read_shape(&s, &c->shape, &c->count))
        return refuse(r, why, "one output is wanted, with a dtype and a shape");
    if (!(c->out = read_numbers(r, s, c->count)))
        return refuse(r, why, "the output wants %lld numbers", (long long)c->count);
    return 1;
}

/* grad, dir, second: numbers of a leaf's shape. */
static int read_of_leaf(oracle_reader *r, oracle_case *c, const char *what, char *s,
                        wg_message *why)
{
    const char *name = next_word(&s);
    oracle_leaf *l = find_leaf(c, name);
    if (!l)
        return refuse(r, why, "%s of \"%s\", which is no leaf", what, name);
    const double **place = !strcmp(what, "grad")  ? &l->grad
                           : !strcmp(what, "dir") ? &l->direction
                                                  : &l->second;
    if (*place || !(*place = read_numbers(r, s, l->count)))
        return refuse(r, why, "%s of %s wants %lld numbers, once", what, name, (long long)l->count);
    return 1;
}

static int read_bound(oracle_reader *r, double *bound, char *s, wg_message *why)
{
    char *end;
    *bound = strtod(s, &end);
    if (end == s || !(*bound > 0) || isinf(*bound) || !end[strspn(end, " ")])
        return refuse(r, why, "a tolerance or a scale wants a number above 0 and a reason");
    return 1;
}

static int read_line(oracle_reader *r, oracle_case *c, char *s, wg_message *why)
{
    const char *word = next_word(&s);
    if (!strcmp(word, "leaf"))
        return read_leaf(r, c, s, why);
    if (!strcmp(word, "do"))
        return read_step(r, c, s, why);
    if (!strcmp(word, "out"))
        return read_out(r, c, s, why);
    if (!strcmp(word, "cot") && c->out && !c->cotangent
        && (c->cotangent = read_numbers(r, s, c->count)))
        return 1;
    if (!strcmp(word, "cot"))
        return refuse(r, why, "a cotangent wants as many numbers as the output, behind it, once");
    if (!strcmp(word, "grad") || !strcmp(word, "dir") || !strcmp(word, "second"))
        return read_of_leaf(r, c, word, s, why);
    if (!strcmp(word, "tolerance"))
        return read_bound(r, &c->tolerance, s, why);
    if (!strcmp(word, "scale"))
        return read_bound(r, &c->scale, s, why);
    if (!strcmp(word, "each"))
        return c->each = true, 1;
    if (!strcmp(word, "only") && !strcmp(s, "f64"))
        return c->only_f64 = true, 1;
    return refuse(r, why, "\"%s\" is no line of a case", word);
}

static int check_whole(const oracle_reader *r, const oracle_case *c, wg_message *why)
{
    if (!c->steps || !c->out)
        return refuse(r, why, "case \"%s\" has no call or no output", c->name);
    for (int i = 0; i < c->leaves; i++) {
        const oracle_leaf *l = &c->leaf[i];
        if ((l->grad && !c->cotangent) || (!l->direction != !l->second)
            || (l->direction && !l->grad))
            return refuse(r, why,
                          "case \"%s\": leaf %s has a gradient without a cotangent, or half of a "
                          "second order",
                          c->name, l->name);
    }
    return 1;
}

int oracle_next(oracle_reader *r, oracle_case *c, wg_message *why)
{
    char *line = next_line(r);
    if (!line)
        return 0;
    *c = (oracle_case){.line = r->line};
    r->used = 0;
    if (strncmp(line, "case ", 5) || !line[5] || strlen(line + 5) >= sizeof c->name)
        return refuse(r, why, "wants \"case\" and a name");
    memcpy(c->name, line + 5, strlen(line + 5) + 1);
    while ((line = next_line(r))) {
        if (!strcmp(line, "end"))
            return check_whole(r, c, why);
        int s = read_line(r, c, line, why);
        if (s != 1)
            return s;
    }
    return refuse(r, why, "case \"%s\" has no end", c->name);
}
