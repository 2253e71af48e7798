/* SPDX-License-Identifier: MIT */
/*
 * Untrusted text made safe, for JSON and for terminals, into memory the caller made room for.
 *
 * Runs of ordinary characters are found and copied 16 bytes at a time (clean.h); only what needs care is looked at singly.
 * Nothing is read past @text + @len; up to ECLI_ESCAPE_SLACK bytes are written past the returned end.
 */
#ifndef ECLI_RENDER_ESCAPE_H
#define ECLI_RENDER_ESCAPE_H

#include <stddef.h>

#define ECLI_ESCAPE_SLACK     16
#define ECLI_ESCAPE_JSON_ROOM 6 /* output bytes for one of input, at most: \u001b */
#define ECLI_ESCAPE_SAFE_ROOM 4 /* \x1b; \u{61c} is 7 for 2 */

/* Characters that are ordinary in one kind of terminal text and not in another; they become \xNN or a backslash and
 * itself. */
enum ecli_escape {
	ECLI_ESCAPE_TABLE,        /* spaces stay */
	ECLI_ESCAPE_PLAIN,        /* spaces too are escaped, so that columns always split at spaces */
	ECLI_ESCAPE_TABLE_QUOTED, /* within double quotes */
	ECLI_ESCAPE_PLAIN_QUOTED,
};

/* The inside of a JSON string (RFC 8259), valid UTF-8 whatever the input. What ecli_utf8_is_unsafe() names is written
 * as \uNNNN: JSON is looked at in terminals too, and JavaScript takes U+2028 and U+2029 for ends of lines. */
char *ecli_escape_json(char *p, const char *text, size_t len);

/*
 * Text for a terminal. @narrow is increased by the bytes of the result that take no column of their own, so the width
 * is the bytes written less that.
 */
char *ecli_escape_safe(char *p, const char *text, size_t len, enum ecli_escape mode, size_t *narrow);

/* The same for a char array of @size bytes, at least 1: the text ends at its NUL, which is found on the way. */
char *ecli_escape_json_array(char *p, const char *text, size_t size);
char *ecli_escape_table_array(char *p, const char *text, size_t size, size_t *narrow);
char *ecli_escape_plain_array(char *p, const char *text, size_t size, size_t *narrow);

#endif
