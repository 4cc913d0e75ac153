/* Names and labels: escaped for dot, and compared without their numbers. */
#include "look/text.h"

#include <stdlib.h>
#include <string.h>
#include <wengert/tape.h>

#include "look/utf8.h"

const char *wg_text_of(const wg_tensor *x)
{
    const char *label = wg_label_of(x);
    return label ? label : wg_name(x);
}

void wg_text_write(const char *text, size_t length, FILE *out)
{
    const char *zero = memchr(text, 0, length);
    const unsigned char *s = (const unsigned char *)text;
    const unsigned char *end = s + (zero ? (size_t)(zero - text) : length);
    while (s < end) {
        int n = wg_utf8_length(s);
        if (*s == '"' || *s == '\\')
            fprintf(out, "\\%c", *s);
        else if (*s == '&')
            fputs("&amp;", out);
        else if (*s == '\n')
            fputs("\\n", out);
        else if (n == 0 || *s < 0x20 || *s == 0x7F)
            fputc('?', out);
        else
            fwrite(s, 1, (size_t)n, out);
        s += n ? n : 1;
    }
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t digits(const char *s)
{
    return strspn(s, "0123456789");
}

/* Steps over a number in each, or over one character that is the same in both;
 * false if they differ. */
static bool step(const char **a, const char **b)
{
    size_t m = digits(*a), n = digits(*b);
    if (!m != !n || (!m && **a != **b))
        return false;
    *a += m ? m : 1;
    *b += n ? n : 1;
    return true;
}

bool wg_text_alike(const char *a, const char *b)
{
    if (!a || !b)
        return a == b;
    while (*a || *b)
        if (!step(&a, &b))
            return false;
    return true;
}

uint64_t wg_text_hash(const char *text)
{
    uint64_t h = text ? 1469598103934665603u : 0; /* FNV-1a */
    for (; text && *text; text++)
        if (!is_digit(*text) || !is_digit(text[1]))
            h = (h ^ (is_digit(*text) ? '0' : (unsigned char)*text)) * 1099511628211u;
    return h;
}

int64_t wg_text_number(const char *a, const char *b)
{
    while (a && b && *a) {
        size_t m = digits(a), n = digits(b);
        if (m && (m != n || memcmp(a, b, m) != 0))
            return strtoll(a, NULL, 10);
        if (!step(&a, &b))
            break;
    }
    return -1;
}

const char *wg_text_both(const char *a, const char *b, char *buf, size_t size)
{
    size_t used = 0;
    buf[0] = 0;
    while (*a && used + 1 < size) {
        size_t m = digits(a), n = digits(b), same = m == n && memcmp(a, b, m) == 0;
        int wrote = m && !same
                        ? snprintf(buf + used, size - used, "%.*s..%.*s", (int)m, a, (int)n, b)
                        : snprintf(buf + used, size - used, "%.*s", m ? (int)m : 1, a);
        used += (size_t)wrote;
        if (!step(&a, &b))
            break;
    }
    return buf;
}
