/* UTF-8, in which files and pages want text to be. */
#ifndef WG_LOOK_UTF8_H
#define WG_LOOK_UTF8_H

/* Bytes of the sequence at s, which ends in 0; 0 if it is not one (RFC 3629: none too long, no
 * surrogates, none beyond U+10FFFF). */
int wg_utf8_length(const unsigned char *s);

#endif
