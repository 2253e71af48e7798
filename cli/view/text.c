/* SPDX-License-Identifier: MIT */
/*
 * Text in columns of a terminal. A character takes none (it combines with the one before), one or two; what is not a character of the
 * locale, and what no terminal shows, counts as one. A cut never leaves half a character: where a wide one does not fit, a space stands.
 */
#include "text.h"

#include <string.h>
#include <wchar.h>

#define CUT_MARK '+'

/* The character at @text: its bytes, at least 1, and its columns. */
static size_t step(const char *text, size_t len, uint32_t *ret_columns)
{
	mbstate_t state = { 0 };
	wchar_t c;
	size_t bytes = mbrtowc(&c, text, len, &state);

	*ret_columns = 1;
	if (!bytes || bytes > len)
		return 1;
	int columns = wcwidth(c);
	if (columns >= 0)
		*ret_columns = (uint32_t)columns;
	return bytes;
}

uint32_t text_width(const char *text, size_t len)
{
	uint32_t sum = 0, columns;

	for (size_t at = 0; at < len; sum += columns)
		at += step(text + at, len - at, &columns);
	return sum;
}

/* Bytes of @text that fit in @width columns, and the columns they take. */
static size_t fit(const char *text, size_t len, uint32_t width, uint32_t *ret_columns)
{
	uint32_t sum = 0, columns;
	size_t at = 0;

	while (at < len) {
		size_t bytes = step(text + at, len - at, &columns);

		if (sum + columns > width)
			break;
		sum += columns;
		at += bytes;
	}
	*ret_columns = sum;
	return at;
}

uint32_t text_add_cut(struct ecli_buf *out, const char *text, size_t len, uint32_t width)
{
	uint32_t columns;
	size_t fits = fit(text, len, width, &columns);

	if (fits == len || !width) {
		ecli_buf_add(out, text, width ? fits : 0);
		return width ? columns : 0;
	}
	fits = fit(text, len, width - 1, &columns);
	ecli_buf_add(out, text, fits);
	ecli_buf_add_repeat(out, ' ', width - 1 - columns);
	ecli_buf_add_char(out, CUT_MARK);
	return width;
}

void text_add(struct ecli_buf *out, const char *text, size_t len, uint32_t width, bool is_left)
{
	uint32_t columns = text_width(text, len);

	if (!is_left && columns < width)
		ecli_buf_add_repeat(out, ' ', width - columns);
	columns = text_add_cut(out, text, len, width);
	if (is_left && columns < width)
		ecli_buf_add_repeat(out, ' ', width - columns);
}
