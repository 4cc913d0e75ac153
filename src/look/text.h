/* Names and labels as drawings write them. */
#ifndef WG_LOOK_TEXT_H
#define WG_LOOK_TEXT_H

#include <stdint.h>
#include <stdio.h>
#include <wengert/base.h>

/* The label of x, else its name; NULL if it has neither. */
const char *wg_text_of(const wg_tensor *x);

/* The first n bytes of text (up to its end at most) inside a quoted string of the dot language,
 * which knows backslash escapes and HTML entities and wants UTF-8. */
void wg_text_write(const char *text, size_t n, FILE *out);

/* Whether the two differ in their numbers at most:
 * "layer2/W" and "layer13/W".  NULL is like NULL only. */
bool wg_text_alike(const char *a, const char *b);
/* Equal for texts that are alike. */
uint64_t wg_text_hash(const char *text);
/* The number of a, -1 if there is none, that differs first from that of b, which is like a. */
int64_t wg_text_number(const char *a, const char *b);
/* What stands for both: "layer2..13/W".  Cut where buf ends; returns buf. */
const char *wg_text_both(const char *a, const char *b, char *buf, size_t size);

#endif
