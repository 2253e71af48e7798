/* SPDX-License-Identifier: MIT */
/* How many columns of a terminal a text takes, and texts cut and padded to a width. */
#ifndef ECLI_CLI_VIEW_TEXT_H
#define ECLI_CLI_VIEW_TEXT_H

#include <ecli/base.h>

/* Terminal columns of @len bytes, which were made safe before (ecli_render_safe_text); LC_CTYPE says what the bytes mean. */
uint32_t text_width(const char *text, size_t len);
/* Appends the text in exactly @width columns: padded, or cut, with a + where it was. */
void text_add(struct ecli_buf *out, const char *text, size_t len, uint32_t width, bool is_left);
/* The same without padding behind it. Returns the columns it takes. */
uint32_t text_add_cut(struct ecli_buf *out, const char *text, size_t len, uint32_t width);

#endif
