/* SPDX-License-Identifier: MIT */
/*
 * Lists of words: the arguments of a program, as the kernel keeps them, each ended by a NUL (docs/formats/fields.md).
 *
 *     l s \0 - l \0 a space b \0            ls -l 'a b'
 *
 * A word is quoted where a shell would need it. Words with a backslash, or with characters that are escaped on their way to a terminal, stand
 * in $'...', in which bash reads just these escapes: what is shown can be typed again. Nothing is escaped here.
 *
 * A list that does not end in a NUL was cut. What is behind the last NUL is the beginning of a word, or "..." from a tool that stopped
 * between two words; either way the text ends in three dots, and a word that ends so by itself is quoted.
 */
#include <string.h>

#include <ecli/render.h>

#include "base/cleanup.h"
#include "render/formats.h"
#include "render/utf8.h"

#define CUT "..."

struct word {
	const char *text;
	size_t len;
	bool is_cut; /* not ended by a NUL */
};

/* The word at *@at, which moves on behind it; false at the end of the list. */
static bool next_word(const struct ecli_value *list, size_t *at, struct word *ret)
{
	size_t left = list->str.len - *at;

	if (!left)
		return false;
	ret->text = list->str.text + *at;
	ret->len = strnlen(ret->text, left);
	ret->is_cut = ret->len == left;
	*at += ret->is_cut ? ret->len : ret->len + 1;
	return true;
}

static bool is_mark(const struct word *word)
{
	return word->is_cut && word->len == sizeof(CUT) - 1 && !memcmp(word->text, CUT, sizeof(CUT) - 1);
}

/* ---- as text --------------------------------------------------------------------------------------------------- */

enum quotes { QUOTES_NONE, QUOTES_PLAIN, QUOTES_ESCAPED };

/* What a word needs at its first byte; @ret_len: of the character that begins there. */
static enum quotes quotes_of_char(const char *text, size_t len, size_t *ret_len)
{
	static const char plain[] = "%+,-./:=@_";
	unsigned char c = (unsigned char)*text;
	uint32_t code;

	*ret_len = 1;
	if (c >= 0x80) {
		unsigned int bytes = ecli_utf8_decode(text, len, &code);

		*ret_len = bytes ? bytes : 1;
		return bytes && !ecli_utf8_is_unsafe(code) ? QUOTES_NONE : QUOTES_ESCAPED;
	}
	if (c < ' ' || c == 0x7f || c == '\\')
		return QUOTES_ESCAPED;
	if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || strchr(plain, c))
		return QUOTES_NONE;
	return QUOTES_PLAIN;
}

static enum quotes quotes_of(const struct word *word)
{
	bool ends_in_dots = word->len >= sizeof(CUT) - 1 && !memcmp(word->text + word->len - 3, CUT, sizeof(CUT) - 1);
	enum quotes most = !word->len || ends_in_dots ? QUOTES_PLAIN : QUOTES_NONE;

	for (size_t i = 0, len; i < word->len && most < QUOTES_ESCAPED; i += len) {
		enum quotes quotes = quotes_of_char(word->text + i, word->len - i, &len);

		most = quotes > most ? quotes : most;
	}
	return most;
}

/* A quote cannot stand within quotes: 'it'"'"'s' */
static void add_quoted(struct ecli_buf *out, const struct word *word, const char *open)
{
	size_t at = 0;

	ecli_buf_add_text(out, open);
	while (at < word->len) {
		const char *quote = memchr(word->text + at, '\'', word->len - at);
		size_t len = quote ? (size_t)(quote - word->text) - at : word->len - at;

		ecli_buf_add(out, word->text + at, len);
		at += len;
		if (!quote)
			break;
		ecli_buf_add_text(out, "'\"'\"");
		ecli_buf_add_text(out, open);
		at++;
	}
	ecli_buf_add_char(out, '\'');
}

/* What an empty list is shown as. */
static bool is_lone_dash(const struct ecli_value *list)
{
	return list->str.len == 2 && !memcmp(list->str.text, "-", 2);
}

void ecli_format_argv(struct ecli_formats *formats, const struct ecli_field *field, const struct ecli_value *value,
		      struct ecli_buf *out)
{
	size_t at = 0, start = out->len;
	struct word word;

	(void)formats, (void)field;
	while (next_word(value, &at, &word)) {
		enum quotes quotes = quotes_of(&word);

		if (out->len > start)
			ecli_buf_add_char(out, ' ');
		if (is_mark(&word))
			ecli_buf_add(out, word.text, word.len);
		else if (quotes == QUOTES_NONE && !is_lone_dash(value))
			ecli_buf_add(out, word.text, word.len);
		else
			add_quoted(out, &word, quotes == QUOTES_ESCAPED ? "$'" : "'");
		if (word.is_cut && !is_mark(&word))
			ecli_buf_add_text(out, CUT);
	}
	if (out->len == start)
		ecli_buf_add_char(out, '-');
}

/* ---- as JSON --------------------------------------------------------------------------------------------------- */

bool ecli_format_argv_is_cut(const struct ecli_value *value)
{
	return value->str.len && value->str.text[value->str.len - 1];
}

void ecli_format_argv_json(const struct ecli_value *value, struct ecli_buf *out)
{
	size_t at = 0;
	struct word word;
	bool is_first = true;

	ecli_buf_add_char(out, '[');
	while (next_word(value, &at, &word)) {
		if (is_mark(&word))
			continue;
		if (!is_first)
			ecli_buf_add_char(out, ',');
		is_first = false;
		ecli_render_json_text(word.text, word.len, out);
	}
	ecli_buf_add_char(out, ']');
}
