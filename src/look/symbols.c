/* How a trace writes names, derivatives and numbers. */
#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <wengert/op.h>
#include <wengert/tape.h>

#include "look/formula.h"
#include "look/utf8.h"

double wg_trace_element(const trace *t, const wg_tensor *x, int64_t i)
{
    const void *data = t->place[wg_index_of(x)].data;
    switch (wg_dtype_of(x)) {
    case WG_F32:
        return (double)((const float *)data)[i];
    case WG_F64:
        return ((const double *)data)[i];
    case WG_I32:
        break;
    }
    return ((const int32_t *)data)[i];
}

/* ---- numbers ---- */

void wg_put_number(writer *w, wg_trace_format style, int digits, double v)
{
    char text[64];
    bool latex = style == WG_TRACE_LATEX;
    if (isnan(v)) {
        wg_put(w, latex ? "\\mathrm{NaN}" : "nan");
        return;
    }
    if (isinf(v)) {
        wg_put(w, "%s%s", v < 0 ? "-" : "", latex ? "\\infty" : "inf");
        return;
    }
    snprintf(text, sizeof text, "%.*g", digits, v + 0.0); /* + 0: no -0 */
    char *e = latex ? strchr(text, 'e') : NULL;
    if (!e) {
        wg_put(w, "%s", text);
        return;
    }
    *e = 0;
    int power = 0;
    sscanf(e + 1, "%d", &power);
    wg_put(w, "%s \\cdot 10^{%d}", text, power);
}

/* ---- names ---- */

static const char *given_name(const wg_tensor *x)
{
    const char *label = wg_label_of(x);
    return label && *label ? label : wg_name(x);
}

static bool is_identifier(const char *s)
{
    if (!s || !isalpha((unsigned char)*s))
        return false;
    for (; *s; s++)
        if (!isalnum((unsigned char)*s) && *s != '_')
            return false;
    return true;
}

/* In Unicode's order, from U+03B1 on. */
static const char *const greek[] = {
    "alpha", "beta",   "gamma",   "delta", "epsilon", "zeta", "eta",   "theta", "iota",
    "kappa", "lambda", "mu",      "nu",    "xi",      NULL,   "pi",    "rho",   "varsigma",
    "sigma", "tau",    "upsilon", "phi",   "chi",     "psi",  "omega",
};
enum { GREEK = sizeof greek / sizeof *greek };

static bool is_greek(const char *s, size_t n)
{
    for (size_t i = 0; i < GREEK; i++)
        if (greek[i] && strlen(greek[i]) == n && !strncmp(greek[i], s, n))
            return true;
    return false;
}

/* The letter's name if the two bytes are one of these; NULL. */
static const char *greek_of(const unsigned char *s)
{
    int at = (s[0] == 0xCE || s[0] == 0xCF) ? ((s[0] & 1) << 6) + (s[1] & 0x3F) - 0x31 : -1;
    return at >= 0 && at < GREEK ? greek[at] : NULL;
}

/* Letters with accents, which LaTeX takes as they are; not all of U+00C0 to U+00FF. */
static bool is_accented(const unsigned char *s)
{
    return s[0] == 0xC3 && !memchr("\x90\x97\x9E\xB0\xB7\xBE", s[1], 6);
}

/* In LaTeX's text mode: what is special escaped, Greek letters by name,
 * accented letters as they are, the rest ? */
static void put_latex_text(writer *w, const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    wg_put(w, "\\text{");
    while (*s) {
        int n = wg_utf8_length(s);
        if (*s == '\\' || *s == '^' || *s == '~')
            wg_put(w, "\\text%s{}",
                   *s == '\\'  ? "backslash"
                   : *s == '^' ? "asciicircum"
                               : "asciitilde");
        else if (*s == '<' || *s == '>' || *s == '|')
            wg_put(w, "$%c$", *s);
        else if (*s == '"')
            wg_put(w, "''");
        else if (strchr("_%#&${}", *s))
            wg_put(w, "\\%c", *s);
        else if (n == 1 && *s >= 0x20 && *s < 0x7F)
            wg_put_bytes(w, (const char *)s, 1);
        else if (n == 2 && is_accented(s))
            wg_put_bytes(w, (const char *)s, 2);
        else if (n == 2 && greek_of(s))
            wg_put(w, "$\\%s$", greek_of(s));
        else
            wg_put(w, "?");
        s += n ? n : 1;
    }
    wg_put(w, "}");
}

/* W1 and W_1 are W with an index, delta is the letter, anything else is text. */
static void put_latex_name(writer *w, const char *name)
{
    if (!is_identifier(name)) {
        put_latex_text(w, name);
        return;
    }
    size_t base = strcspn(name, "_0123456789");
    const char *index = name + base + (name[base] == '_');
    if (is_greek(name, base))
        wg_put(w, "\\%.*s", (int)base, name);
    else if (base == 1)
        wg_put(w, "%c", name[0]);
    else
        wg_put(w, "\\mathrm{%.*s}", (int)base, name);
    if (!*index)
        return;
    bool words = index[1] && strpbrk(index, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
    wg_put(w, words ? "_{\\mathrm{" : "_{");
    for (; *index; index++)
        wg_put(w, "%c", *index == '_' ? ',' : *index);
    wg_put(w, words ? "}}" : "}");
}

static void put_text_name(writer *w, const char *name)
{
    bool plain = true;
    for (const char *s = name; *s; s++)
        plain = plain && (unsigned char)*s > ' ' && *s != '"' && *s != 0x7F;
    if (plain) {
        wg_put(w, "%s", name);
        return;
    }
    wg_put(w, "\"");
    for (const char *s = name; *s; s++)
        wg_put(w, "%c", (unsigned char)*s < ' ' || *s == 0x7F ? '?' : *s);
    wg_put(w, "\"");
}

void wg_put_symbol(writer *w, const trace *t, wg_trace_format style, const wg_tensor *x)
{
    const char *name = given_name(x);
    int64_t at = wg_index_of(x);
    bool latex = style == WG_TRACE_LATEX;
    if (!name && latex) {
        wg_put(w, "\\mathrm{");
        for (const char *s = wg_op_name(x); *s; s++)
            wg_put(w, *s == '_' ? "\\_" : strchr("\\{}^~%#&$", *s) ? "?" : "%c", *s);
        wg_put(w, "}_{%" PRId64 "}", at);
        return;
    }
    if (!name) {
        wg_put(w, "%s#%" PRId64, wg_op_name(x), at);
        return;
    }
    if (latex)
        put_latex_name(w, name);
    else
        put_text_name(w, name);
    if (t->place[at].ambiguous)
        wg_put(w, latex ? "^{(%" PRId64 ")}" : "#%" PRId64, at);
}

static void put_d(writer *w, const trace *t, wg_trace_format style, const wg_tensor *x)
{
    bool bare = style == WG_TRACE_LATEX
                || (is_identifier(given_name(x)) && !t->place[wg_index_of(x)].ambiguous);
    wg_put(w, style == WG_TRACE_LATEX  ? "\\partial "
              : style == WG_TRACE_HTML ? "\xE2\x88\x82"
                                       : "d");
    wg_put(w, bare ? "" : "(");
    wg_put_symbol(w, t, style, x);
    wg_put(w, bare ? "" : ")");
}

void wg_put_derivative(writer *w, const trace *t, wg_trace_format style, const wg_tensor *of,
                       const wg_tensor *by)
{
    bool latex = style == WG_TRACE_LATEX;
    wg_put(w, latex ? "\\frac{" : "");
    put_d(w, t, style, of);
    wg_put(w, latex ? "}{" : "/");
    put_d(w, t, style, by);
    wg_put(w, latex ? "}" : "");
}
