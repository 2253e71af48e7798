/* SPDX-License-Identifier: MIT */
/*
 * UTF-8 (RFC 3629) decoded one character at a time, and what a terminal does with a character: how many columns it
 * takes and whether it may be shown at all. Own tables, because wcwidth(3) depends on the locale of the process.
 */
#ifndef ECLI_RENDER_UTF8_H
#define ECLI_RENDER_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the character at @text (1 to 4), or 0 when it is not valid: cut off, overlong, a surrogate, too large. @len
 * > 0. */
unsigned int ecli_utf8_decode(const char *text, size_t len, uint32_t *ret_code);
/* Columns in a terminal, 0 to 2, of a character that is not a control. */
unsigned int ecli_utf8_width(uint32_t code);
/* Whether showing it could deceive: controls, line separators, marks that change the direction of text, byte order
 * marks. */
bool ecli_utf8_is_unsafe(uint32_t code);

#endif
