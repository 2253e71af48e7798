/* SPDX-License-Identifier: MIT */
/*
 * Doc comments. A comment is read line by line: the marks at its edges fall away, a line that starts with `@word` is a
 * tag, a value that opens a bracket goes on until it is closed, and everything else is text. What a tag means is not
 * known here.
 */
#include "compile/doc.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* Tags whose value is prose: it goes on over the following lines, to an empty one or the next tag. */
static const char *const prose_tags[] = { "brief", "description", "details" };

struct line {
	const char *text;
	size_t len;
};

struct reader {
	const char *at, *end;
	uint32_t number; /* of the line that comes next */
	bool in_block;   /* of a block comment */
};

static void trim(struct line *line)
{
	while (line->len && isspace((unsigned char)line->text[line->len - 1]))
		line->len--;
	while (line->len && isspace((unsigned char)*line->text)) {
		line->text++;
		line->len--;
	}
}

static void drop(struct line *line, size_t count)
{
	line->text += count;
	line->len -= count;
}

static bool starts_with(const struct line *line, const char *prefix)
{
	size_t len = strlen(prefix);

	return line->len >= len && !memcmp(line->text, prefix, len);
}

/* The next line without comment marks. False at the end. */
static bool next_line(struct reader *reader, struct line *ret_line, uint32_t *ret_number)
{
	if (reader->at >= reader->end)
		return false;

	const char *newline = memchr(reader->at, '\n', (size_t)(reader->end - reader->at));
	struct line line = { reader->at, (size_t)((newline ? newline : reader->end) - reader->at) };
	*ret_number = reader->number++;
	reader->at = newline ? newline + 1 : reader->end;

	trim(&line);
	if (reader->in_block) {
		if (line.len && *line.text == '*' && !starts_with(&line, "*/"))
			drop(&line, 1);
	} else if (starts_with(&line, "///")) {
		drop(&line, 3);
		if (line.len && *line.text == '<')
			drop(&line, 1);
	} else if (starts_with(&line, "/**")) {
		reader->in_block = true;
		drop(&line, 3);
		if (line.len && *line.text == '<')
			drop(&line, 1);
	}
	if (reader->in_block && line.len >= 2 && !memcmp(line.text + line.len - 2, "*/", 2)) {
		reader->in_block = false;
		line.len -= 2;
		/* "**" + "/": the rest of the mark. */
		while (line.len && line.text[line.len - 1] == '*')
			line.len--;
	}
	trim(&line);
	*ret_line = line;
	return true;
}

/* Open brackets of JSON text, outside its strings; 0 when whole. */
static int open_brackets(const char *text, size_t len)
{
	bool in_string = false;
	int open = 0;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (in_string) {
			if (c == '\\')
				i++;
			else if (c == '"')
				in_string = false;
		} else if (c == '"') {
			in_string = true;
		} else {
			open += (c == '{' || c == '[') - (c == '}' || c == ']');
		}
	}
	return open;
}

/* Length of the well-formed UTF-8 sequence at @p, 0 when it is none (RFC 3629). */
static size_t utf8_len(const unsigned char *p, size_t left)
{
	size_t len = *p < 0x80                 ? 1
		     : *p >= 0xc2 && *p < 0xe0 ? 2
		     : (*p & 0xf0) == 0xe0     ? 3
		     : *p >= 0xf0 && *p < 0xf5 ? 4
					       : 0;

	if (!len || len > left)
		return 0;
	for (size_t i = 1; i < len; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((*p == 0xe0 && p[1] < 0xa0) || (*p == 0xed && p[1] > 0x9f) || (*p == 0xf0 && p[1] < 0x90) ||
	    (*p == 0xf4 && p[1] > 0x8f))
		return 0;
	return len;
}

/* Appends text that is valid UTF-8 without NULs, whatever the source holds: the package is JSON. */
static void add_clean(struct ecli_buf *buf, const char *text, size_t len)
{
	for (size_t i = 0; i < len;) {
		size_t step = utf8_len((const unsigned char *)text + i, len - i);

		if (!step || !text[i])
			ecli_buf_add_text(buf, "\xef\xbf\xbd");
		else
			ecli_buf_add(buf, text + i, step);
		i += step ? step : 1;
	}
}

static bool is_prose(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(prose_tags); i++)
		if (strlen(prose_tags[i]) == len && !memcmp(prose_tags[i], name, len))
			return true;
	return false;
}

/* Whether the line begins with `@word`, or with `\brief` and the like, as documentation generators also have it; @ret_word is the word's length. */
static bool is_tag(const struct line *line, size_t *ret_word)
{
	size_t len = 1;

	if (line->len < 2 || (*line->text != '@' && *line->text != '\\'))
		return false;
	while (len < line->len && (isalnum((unsigned char)line->text[len]) || line->text[len] == '_'))
		len++;
	/* "@user@host" and "@" are text. */
	if (len == 1 ||
	    (len < line->len && !isspace((unsigned char)line->text[len]) && !strchr("{[(\":", line->text[len])))
		return false;
	if (*line->text == '\\' && !is_prose(line->text + 1, len - 1))
		return false;
	*ret_word = len - 1;
	return true;
}

static void add_words(struct ecli_buf *buf, const struct line *line)
{
	if (buf->len && line->len)
		ecli_buf_add_char(buf, ' ');
	add_clean(buf, line->text, line->len);
}

/* The value of a tag: what is left of its line, and the lines it goes on over. */
static void read_value(struct reader *reader, const char *name, size_t name_len, struct line first,
		       struct ecli_buf *value)
{
	struct reader before = *reader;
	struct line line;
	uint32_t number;
	size_t word;

	add_words(value, &first);
	if (is_prose(name, name_len)) {
		while (next_line(reader, &line, &number) && line.len && !is_tag(&line, &word)) {
			add_words(value, &line);
			before = *reader;
		}
		*reader = before;
		return;
	}
	if (!first.len || !strchr("{[", *first.text))
		return;

	size_t first_len = value->len;
	while (!ecli_buf_failed(value) && open_brackets(value->data, value->len) > 0) {
		if (!next_line(reader, &line, &number) || is_tag(&line, &word)) {
			/* Never closed: a value of one line, which the caller will find not to be JSON. */
			*reader = before;
			value->len = first_len;
			return;
		}
		add_words(value, &line);
	}
}

static int add_tag(struct ecli_doc *doc, const char *name, size_t name_len, uint32_t line, struct ecli_buf *value)
{
	struct ecli_doc_tag *tags = realloc(doc->tags, (doc->n_tags + 1) * sizeof(*tags));

	if (!tags)
		return -ENOMEM;
	doc->tags = tags;
	tags[doc->n_tags] = (struct ecli_doc_tag){ strndup(name, name_len), ecli_buf_take(value), line };
	return tags[doc->n_tags].name && tags[doc->n_tags++].value ? 0 : -ENOMEM;
}

int ecli_doc_parse(const char *raw, size_t len, uint32_t line_number, struct ecli_doc *ret_doc)
{
	struct reader reader = { raw, raw + len, line_number, false };
	CLEANUP(ecli_doc_done) struct ecli_doc doc = { .line = line_number };
	CLEANUP_BUF struct ecli_buf text = { 0 };
	struct line line;
	uint32_t number;
	size_t word;

	while (next_line(&reader, &line, &number)) {
		if (!is_tag(&line, &word)) {
			add_words(&text, &line);
			continue;
		}
		CLEANUP_BUF struct ecli_buf value = { 0 };
		const char *name = line.text + 1;

		drop(&line, 1 + word);
		if (line.len && *line.text == ':')
			drop(&line, 1);
		trim(&line);
		read_value(&reader, name, word, line, &value);
		if (add_tag(&doc, name, word, number, &value))
			return -ENOMEM;
	}
	doc.text = ecli_buf_take(&text);
	if (!doc.text)
		return -ENOMEM;
	*ret_doc = doc;
	doc = (struct ecli_doc){ 0 };
	return 0;
}

void ecli_doc_done(struct ecli_doc *doc)
{
	for (size_t i = 0; i < doc->n_tags; i++) {
		free(doc->tags[i].name);
		free(doc->tags[i].value);
	}
	free(doc->tags);
	free(doc->text);
	*doc = (struct ecli_doc){ 0 };
}

const struct ecli_doc_tag *ecli_doc_tag(const struct ecli_doc *doc, const char *name)
{
	for (size_t i = doc->n_tags; i-- > 0;)
		if (!strcmp(doc->tags[i].name, name))
			return &doc->tags[i];
	return NULL;
}
