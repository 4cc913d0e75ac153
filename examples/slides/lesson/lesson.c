#include "lesson.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "slope.h"

static const double tolerance = 1e-9;

/* Zeros added to a node. */
struct nudge {
    const wg_tensor *node;
    wg_tensor *zeros;
};

/* A program of this size does not go on without memory. */
static void *allocate(size_t n, size_t size)
{
    void *p = calloc(n ? n : 1, size);
    if (!p) {
        fputs("out of memory\n", stderr);
        exit(1);
    }
    return p;
}

/* ---- begin ---- */

/* Whether the word is one of the list's. */
static bool listed(const char *list, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = list; (at = strstr(at, word)) != NULL; at += length)
        if ((at == list || at[-1] == ' ') && (at[length] == ' ' || !at[length]))
            return true;
    return false;
}

static void print_usage(FILE *f, const char *name, const char *options)
{
    fprintf(f, "usage: %s [--out DIR]", name);
    for (const char *at = options; *at; at += strspn(at, " ")) {
        size_t length = strcspn(at, " ");
        fprintf(f, " [%.*s VALUE]", (int)length, at);
        at += length;
    }
    fputs("\n", f);
}

static void read_options(lesson *l, int argc, char **argv, const char *options)
{
    for (int i = 1; i < argc; i += 2) {
        bool help = strcmp(argv[i], "--help") == 0;
        if (help || i + 1 == argc
            || !(strcmp(argv[i], "--out") == 0 || (*argv[i] && listed(options, argv[i])))) {
            if (!help)
                fprintf(stderr, "%s: does not understand \"%s\"\n", l->name, argv[i]);
            print_usage(help ? stdout : stderr, l->name, options);
            exit(help ? 0 : 2);
        }
    }
    l->options = argv + 1;
    l->option_count = argc > 1 ? argc - 1 : 0;
}

const char *lesson_option(const lesson *l, const char *option)
{
    for (int i = 0; i + 1 < l->option_count; i += 2)
        if (strcmp(l->options[i], option) == 0)
            return l->options[i + 1];
    return NULL;
}

lesson *lesson_begin_with(int argc, char **argv, const char *name, const char *mirrors,
                          const char *options)
{
    lesson *l = allocate(1, sizeof *l);
    l->name = name;
    read_options(l, argc, argv, options);
    snprintf(l->default_folder, sizeof l->default_folder, "out/%s", name);
    l->folder = lesson_option(l, "--out");
    if (!l->folder)
        l->folder = l->default_folder;
    l->tape = wg_tape_new(WG_F64);
    printf("%s: %s\n", name, mirrors);
    return l;
}

lesson *lesson_begin(int argc, char **argv, const char *name, const char *mirrors)
{
    return lesson_begin_with(argc, argv, name, mirrors, "");
}

/* ---- leaves and nodes ---- */

wg_tensor *lesson_scalar(lesson *l, const char *name, double value)
{
    return wg_param(l->tape, name, WG_SHAPE(), wg_init_constant(value));
}

wg_tensor *lesson_vector(lesson *l, const char *name, int64_t n, const double *values)
{
    return wg_param(l->tape, name, WG_SHAPE(n), wg_init_values(values));
}

wg_tensor *lesson_matrix(lesson *l, const char *name, int64_t m, int64_t n, const double *values)
{
    return wg_param(l->tape, name, WG_SHAPE(m, n), wg_init_values(values));
}

wg_tensor *lesson_node(lesson *l, const char *name, wg_tensor *x)
{
    char text[96];
    snprintf(text, sizeof text, "nudge of %s", name);
    wg_tensor *zeros = wg_param(l->tape, text, wg_shape_of(x), wg_init_zeros());
    wg_tensor *node = wg_label(wg_add(x, zeros), name);
    size_t n = (size_t)l->nudge_count + 1;
    struct nudge *nudges = allocate(n, sizeof *nudges);
    if (l->nudges)
        memcpy(nudges, l->nudges, (n - 1) * sizeof *nudges);
    free(l->nudges);
    nudges[n - 1] = (struct nudge){node, zeros};
    l->nudges = nudges;
    l->nudge_count++;
    return node;
}

/* What to move in order to move x; NULL if nothing does. */
static wg_tensor *handle_of(const lesson *l, wg_tensor *x)
{
    wg_leaf_kind kind = wg_leaf_kind_of(x);
    if (kind == WG_INPUT || kind == WG_PARAM)
        return x;
    for (int i = 0; i < l->nudge_count; i++)
        if (l->nudges[i].node == x)
            return l->nudges[i].zeros;
    return NULL;
}

double lesson_item(wg_tensor *x, int64_t i)
{
    double *v = allocate((size_t)wg_count_of(x), sizeof *v), value = NAN;
    if (i >= 0 && i < wg_count_of(x) && wg_get_f64(x, v) == WG_OK)
        value = v[i];
    free(v);
    return value;
}

/* ---- by differences ---- */

/* y as a function of one element of a leaf. */
typedef struct moved {
    wg_program *program;
    wg_tensor *leaf;
    double *values;
    int64_t element;
} moved;

static double value_moved(void *at, double d)
{
    moved *m = at;
    double kept = m->values[m->element], result = NAN;
    m->values[m->element] += d;
    if (wg_set_f64(m->leaf, m->values) == WG_OK && wg_run(m->program) == WG_OK)
        result = *(const double *)wg_output(m->program, 0);
    m->values[m->element] = kept;
    return result;
}

/* Slopes of y along `count` elements of x, every `step`-th one. */
static void differences(lesson *l, wg_tensor *y, wg_tensor *x, int64_t count, int64_t step,
                        slope *s)
{
    wg_tensor *leaf = handle_of(l, x);
    moved m = {wg_compile(1, &y), leaf, allocate((size_t)wg_count_of(leaf), sizeof(double)), 0};
    bool good = m.program && leaf && wg_count_of(y) == 1 && wg_get_f64(leaf, m.values) == WG_OK;
    for (int64_t i = 0; i < count; i++) {
        m.element = i * step;
        double size = good ? fmax(1, fabs(m.values[m.element])) : 1;
        s[i] = good ? slope_of(value_moved, &m, size) : (slope){SMOOTH, NAN, NAN, NAN};
    }
    if (good)
        wg_set_f64(leaf, m.values);
    else if (!wg_error(l->tape))
        fprintf(stderr, "%s: differences want a y of one element, and an x made by lesson_...\n",
                l->name);
    wg_program_free(m.program);
    free(m.values);
}

/* ---- rows ---- */

static double apart(double a, double b)
{
    double d = fabs(a - b) / fmax(1, fabs(b));
    return d == d ? d : INFINITY;
}

/* Nine digits behind the point line up; what they would not show is written otherwise. */
static const char *number(char buffer[32], double x)
{
    snprintf(buffer, 32, x == 0 || fabs(x) >= 1e-4 ? "%.9f" : "%.2e", x == 0 ? 0 : x);
    return buffer;
}

static void open_derivations(lesson *l)
{
    if (!l->derivations)
        lesson_head(l, "|by hand|by tape|by differences|worst difference");
    l->derivations = true;
}

static void add(text_table *t, const char *format, va_list arguments)
{
    char line[1024];
    vsnprintf(line, sizeof line, format, arguments);
    table_add(t, line);
}

static const char *called(const wg_tensor *x)
{
    const char *name = wg_label_of(x) ? wg_label_of(x) : wg_name(x);
    return name ? name : "?";
}

/* The symbol, or what the names make: "∂y/∂x", or "y" where x is NULL. */
static const char *symbol_of(char out[200], const char *symbol, const wg_tensor *y,
                             const wg_tensor *x)
{
    if (symbol)
        return symbol;
    snprintf(out, 200, x ? "∂%s/∂%s" : "%s", called(y), called(x));
    return out;
}

/* A row; s is NULL where there are no differences.  Whether it disagrees is counted. */
static void compare(lesson *l, const char *symbol, double hand, double tape, const slope *s)
{
    char a[32], b[32], c[96] = "", error[32];
    double d = fmax(apart(hand, tape), l->carried);
    l->carried = 0;
    if (s && s->kind == SMOOTH) {
        number(c, s->value);
        d = fmax(d, fmax(apart(s->value, tape), apart(hand, s->value)));
    } else if (s && s->kind == KINK) {
        snprintf(c, sizeof c, "kink: %.6g left, %.6g right", s->left, s->right);
        if (!(tape >= fmin(s->left, s->right) - tolerance
              && tape <= fmax(s->left, s->right) + tolerance))
            d = INFINITY;
    } else if (s) {
        snprintf(c, sizeof c, "a jump: no judge");
    }
    snprintf(error, sizeof error, d == 0 ? "0" : "%.0e", d);
    open_derivations(l);
    lesson_row(l, "%s|%s|%s|%s|%s%s", symbol, number(a, hand), number(b, tape), c, error,
               d <= tolerance ? "" : "  DISAGREE");
    l->kinks += s && s->kind != SMOOTH;
    l->values += !s;
    l->derivatives += s && s->kind == SMOOTH;
    l->wrong += !(d <= tolerance);
}

/* The tape's dy/dx, or y itself where x is NULL; to be freed. */
static double *by_tape(wg_tensor *y, wg_tensor *x)
{
    wg_tensor *g = y;
    int64_t n = wg_count_of(x ? x : y);
    double *v = allocate((size_t)n, sizeof *v);
    if (x)
        wg_grad(y, 1, &x, &g);
    if (wg_get_f64(g, v) != WG_OK)
        for (int64_t i = 0; i < n; i++)
            v[i] = NAN;
    return v;
}

void lesson_value(lesson *l, const char *symbol, double by_hand, wg_tensor *y)
{
    char text[200];
    double *tape = by_tape(y, NULL);
    compare(l, symbol_of(text, symbol, y, NULL), by_hand, wg_count_of(y) == 1 ? tape[0] : NAN,
            NULL);
    free(tape);
}

void lesson_derive(lesson *l, const char *symbol, double by_hand, wg_tensor *y, wg_tensor *x)
{
    char text[200];
    slope s;
    double *tape = by_tape(y, x);
    differences(l, y, x, 1, 1, &s);
    compare(l, symbol_of(text, symbol, y, x), by_hand, wg_count_of(x) == 1 ? tape[0] : NAN, &s);
    free(tape);
}

/* Element i's index in subscripts, its numbers parted by commas where one may have two digits. */
static void subscripts(char out[64], const wg_tensor *x, int64_t i, int first)
{
    wg_shape shape = wg_shape_of(x);
    int64_t stride = wg_count_of(x);
    *out = 0;
    for (int64_t d = 0; d < shape.rank; d++) {
        char digits[24];
        stride /= shape.dim[d];
        snprintf(digits, sizeof digits, "%lld", (long long)(i / stride % shape.dim[d] + first));
        if (*out && shape.dim[d] + first > 10)
            strcat(out, ",");
        for (char *c = digits; *c && strlen(out) < 58; c++)
            strcat(out, (char[]){'\xE2', '\x82', (char)('\x80' + (*c - '0')), 0}); /* U+208. */
    }
}

/* The symbol with element i's index in place of each #, or behind it. */
static void with_index(char out[200], const char *symbol, const wg_tensor *x, int64_t i)
{
    char index[64];
    size_t used = 0;
    bool marked = false;
    subscripts(index, x, i, 1);
    for (; *symbol && used < 120; symbol++) {
        if (*symbol != '#') {
            out[used++] = *symbol;
            continue;
        }
        marked = true;
        subscripts(index, x, i, symbol[1] == '0' ? 0 : 1);
        symbol += symbol[1] == '0';
        used += (size_t)snprintf(out + used, 64, "%s", index);
    }
    snprintf(out + used, 64, "%s", marked ? "" : index);
}

void lesson_value_each(lesson *l, const char *symbol, const double *by_hand, wg_tensor *y)
{
    char text[200], name[200];
    double *tape = by_tape(y, NULL);
    for (int64_t i = 0; i < wg_count_of(y); i++) {
        with_index(text, symbol_of(name, symbol, y, NULL), y, i);
        compare(l, text, by_hand[i], tape[i], NULL);
    }
    free(tape);
}

void lesson_derive_each(lesson *l, const char *symbol, const double *by_hand, wg_tensor *y,
                        wg_tensor *x)
{
    char text[200], name[200];
    int64_t n = wg_count_of(x);
    double *tape = by_tape(y, x);
    slope *s = allocate((size_t)n, sizeof *s);
    differences(l, y, x, n, 1, s);
    for (int64_t i = 0; i < n; i++) {
        with_index(text, symbol_of(name, symbol, y, x), x, i);
        compare(l, text, by_hand[i], tape[i], &s[i]);
    }
    free(s);
    free(tape);
}

void lesson_derive_whole(lesson *l, const char *symbol, const double *by_hand, wg_tensor *y,
                         wg_tensor *x, int64_t sample)
{
    int64_t n = wg_count_of(x), count = sample < n ? sample : n, worst = 0, largest = 0;
    int64_t step = count > 0 ? n / count : 1;
    double *tape = by_tape(y, x), far = -1;
    slope *s = allocate((size_t)count, sizeof *s);
    char text[200];
    differences(l, y, x, count, step, s);
    double all = lesson_compare(l, n, by_hand, tape);
    for (int64_t i = 0; i < count; i++) {
        double d = apart(by_hand[i * step], tape[i * step]);
        if (s[i].kind == SMOOTH)
            d = fmax(d, apart(s[i].value, tape[i * step]));
        if (d > far) {
            far = d;
            worst = i;
        }
        if (fabs(by_hand[i * step]) > fabs(by_hand[largest * step]))
            largest = i;
    }
    if (count > 0) {
        int64_t shown = far > tolerance ? worst : largest;
        l->carried = fmax(all, far);
        compare(l, symbol_of(text, symbol, y, x), by_hand[shown * step], tape[shown * step],
                &s[shown]);
        for (int64_t i = 0; i < count; i++) {
            l->derivatives += i != shown && s[i].kind == SMOOTH;
            l->kinks += i != shown && s[i].kind != SMOOTH;
        }
        l->values -= (int)count; /* judged three ways, not two */
    }
    free(s);
    free(tape);
}

double lesson_compare(lesson *l, int64_t n, const double *by_hand, const double *by_tape)
{
    double worst = 0;
    for (int64_t i = 0; i < n; i++) {
        double d = apart(by_hand[i], by_tape[i]);
        worst = fmax(worst, d);
        l->wrong += !(d <= tolerance);
        l->values++;
    }
    return worst;
}

/* ---- slips ---- */

static void slip(lesson *l, const char *symbol, double slide_says, double tape,
                 const char *differences)
{
    char a[32], b[32];
    double off = slide_says - tape;
    bool shows = fabs(off) > 1e-6 * fmax(1, fabs(tape));
    open_derivations(l);
    lesson_row(l, "%s|%s|%s|%s|%s %.6f", symbol, number(a, slide_says), number(b, tape),
               differences, shows ? "slip: off by" : "NO SLIP: off by", off);
    l->slips++;
    l->wrong += !shows;
}

void lesson_slip_value(lesson *l, const char *symbol, double slide_says, wg_tensor *y)
{
    char text[200];
    double *tape = by_tape(y, NULL);
    slip(l, symbol_of(text, symbol, y, NULL), slide_says, tape[0], "");
    free(tape);
}

void lesson_slip(lesson *l, const char *symbol, double slide_says, wg_tensor *y, wg_tensor *x)
{
    char c[32], text[200];
    slope s;
    double *tape = by_tape(y, x);
    differences(l, y, x, 1, 1, &s);
    slip(l, symbol_of(text, symbol, y, x), slide_says, tape[0], number(c, s.value));
    free(tape);
}

void lesson_claim(lesson *l, bool holds, const char *claim)
{
    if (holds)
        return;
    lesson_say(l, "DOES NOT HOLD: %s\n", claim);
    l->wrong++;
}

/* ---- tables and text ---- */

void lesson_head(lesson *l, const char *head)
{
    if (l->table.count)
        lesson_say(l, "%s", "");
    l->derivations = false;
    fputs("\n", stdout);
    table_add(&l->table, head);
}

void lesson_row(lesson *l, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add(&l->table, format, arguments);
    va_end(arguments);
}

void lesson_say(lesson *l, const char *format, ...)
{
    va_list arguments;
    table_print(&l->table);
    l->derivations = false;
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
}

/* ---- end ---- */

static void print_verdict(const lesson *l)
{
    if (l->derivatives)
        printf("\n%d derivative%s three ways", l->derivatives, l->derivatives > 1 ? "s" : "");
    if (l->kinks)
        printf("%s%d at kinks and jumps two ways", l->derivatives ? ", " : "\n", l->kinks);
    if (l->values)
        printf("%s%d value%s two ways", l->derivatives || l->kinks ? ", " : "\n", l->values,
               l->values > 1 ? "s" : "");
    if (l->derivatives || l->kinks || l->values)
        l->wrong ? printf(": %d DISAGREE\n", l->wrong) : printf(": all agree\n");
    if (l->slips)
        printf("%d slip%s of the slide, by the numbers in the last column\n", l->slips,
               l->slips > 1 ? "s" : "");
}

int lesson_end(lesson *l)
{
    lesson_say(l, "%s", "");
    print_verdict(l);
    bool good = l->wrong == 0 && l->unwritten == 0 && l->tape && !wg_error(l->tape);
    if (!l->tape || wg_error(l->tape))
        fprintf(stderr, "%s: %s\n", l->name, wg_error(l->tape));
    wg_tape_free(l->tape);
    free(l->nudges);
    free(l);
    if (fflush(stdout) || ferror(stdout)) {
        fputs("standard output cannot be written to\n", stderr);
        return 1;
    }
    return good ? 0 : 1;
}
