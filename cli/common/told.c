/* SPDX-License-Identifier: MIT */
/*
 * What an author says of a tool, in the middle of what we say of it. It must not look like ours: its lines are folded by us and begin in
 * a column that none of our headings begins in, and blanks, empty lines and control characters cannot move it elsewhere.
 *
 *     "Only watches.\n\nWhat it can change:\n  nothing"   ->   "  Only watches. What it can change: nothing"
 */
#include "told.h"

#include <string.h>

#include <ecli/render.h>

#define WIDTH 80

static const char blanks[] = " \t\n\v\f\r";

void cli_add_told(struct ecli_buf *out, const char *untrusted, size_t indent)
{
	struct ecli_buf word = { 0 };
	size_t column = 0; /* bytes: what is not ASCII is folded earlier than it must be */

	for (const char *at = untrusted; at && *(at += strspn(at, blanks));) {
		size_t len = strcspn(at, blanks);

		ecli_buf_clear(&word);
		ecli_render_safe_text(at, len, &word);
		at += len;
		if (column && column + 1 + word.len > WIDTH) {
			ecli_buf_add_char(out, '\n');
			column = 0;
		}
		size_t gap = column ? 1 : indent;
		ecli_buf_add_repeat(out, ' ', gap);
		ecli_buf_add(out, word.data, word.len);
		column += gap + word.len;
	}
	if (column)
		ecli_buf_add_char(out, '\n');
	ecli_buf_done(&word);
}
