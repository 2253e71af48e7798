/* SPDX-License-Identifier: MIT */
/* Names as they are shown, and made fit for a format: whatever a process or a file calls itself, the output stays whole. */
#ifndef ECLI_STACKS_TEXT_H
#define ECLI_STACKS_TEXT_H

#include "stacks/names.h"

/* Appends @text as valid UTF-8 in one line: what is not valid, controls, and marks that change the direction of text become U+FFFD.
 * @swap: "", or two ASCII characters, of which the second is written for the first. @text: NULL is "". */
void ecli_stacks_add_clean(struct ecli_buf *out, const char *text, const char *swap);
/* What code without a name is called: "[libc.so.6]" of its module, "[kernel]" of "", "[unknown]" of NULL. @swap as above. */
void ecli_stacks_add_unnamed(struct ecli_buf *out, const char *module, const char *swap);
/* The inside of a JSON string that may stand in a script of an HTML page: neither tag, comment nor entity can begin in it. */
void ecli_stacks_add_json(struct ecli_buf *out, const char *text);
/* Text of an HTML element. */
void ecli_stacks_add_html(struct ecli_buf *out, const char *text);

/* Code that a runtime made: its module is "[jit]", or the perf map that names it. @module: may be NULL. */
bool ecli_stacks_is_jit(const char *module);
/* "libc.so.6" of "/usr/lib/libc.so.6"; NULL stays. */
const char *ecli_stacks_basename(const char *module);

#endif
