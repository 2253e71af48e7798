/* SPDX-License-Identifier: MIT */
/*
 * The rows of --help, aligned and at most 80 columns wide:
 *
 *       -x, --name METAVAR    TYPE  help that goes on in the same
 *                                   column (default X)
 *
 * Help texts come from packages, so they are untrusted: white space becomes one space, what is not printable becomes
 * '?'. Widths are terminal columns: a character of East Asian scripts counts two, and lines may break between such
 * characters. A name that is too long for its column keeps it and the help starts on the next line.
 */
#include <assert.h>
#include <ctype.h>
#include <string.h>

#include "base/cleanup.h"
#include "options/value.h"

enum {
	PAGE_COLUMNS = 80,
	MAX_NAME_COLUMNS = 30, /* the indent included */
	MAX_TYPE_COLUMNS = 18, /* "unsigned long long" */
	GAP_COLUMNS = 2,
};

/* In the order of enum ecli_option_kind. */
static const char *const metavars[] = {
	[ECLI_OPTION_FLAG] = NULL,   [ECLI_OPTION_BOOL] = NULL,     [ECLI_OPTION_UINT] = "N",
	[ECLI_OPTION_SINT] = "N",    [ECLI_OPTION_FLOAT] = "X",     [ECLI_OPTION_STRING] = "TEXT",
	[ECLI_OPTION_ENUM] = "NAME", [ECLI_OPTION_CHOICE] = "WORD", [ECLI_OPTION_ADDRESS] = "ADDRESS",
	[ECLI_OPTION_LIST] = "X",
};
static_assert(ARRAY_SIZE(metavars) == ECLI_OPTION_LIST + 1, "a word for the value of each kind");

/* In the order of enum ecli_notation; NULL: the kind's. */
static const char *const notation_metavars[] = {
	[ECLI_NOTATION_NS] = "TIME",        [ECLI_NOTATION_US] = "TIME",       [ECLI_NOTATION_MS] = "TIME",
	[ECLI_NOTATION_S] = "TIME",         [ECLI_NOTATION_SECONDS] = "TIME",  [ECLI_NOTATION_BYTES] = "SIZE",
	[ECLI_NOTATION_PORT_BE] = "PORT",   [ECLI_NOTATION_USER] = "USER",     [ECLI_NOTATION_GROUP] = "GROUP",
	[ECLI_NOTATION_CHARACTER] = "CHAR", [ECLI_NOTATION_IPV4] = NULL,       [ECLI_NOTATION_IPV6] = NULL,
	[ECLI_NOTATION_ERRNO] = "ERROR",    [ECLI_NOTATION_SIGNAL] = "SIGNAL", [ECLI_NOTATION_SYSCALL] = "CALL",
};
static_assert(ARRAY_SIZE(notation_metavars) == ECLI_NOTATION_SYSCALL + 1, "a word for each notation");

/* ---- characters ------------------------------------------------------------------------------------------------ */

/* Ranges of characters that take two columns: East Asian Wide and Fullwidth of Unicode's EastAsianWidth.txt, in blocks.
 */
static const struct {
	uint32_t first, last;
} wide[] = {
	{ 0x1100, 0x115f }, { 0x2e80, 0xa4cf }, { 0xac00, 0xd7a3 },   { 0xf900, 0xfaff },   { 0xfe30, 0xfe6f },
	{ 0xff00, 0xff60 }, { 0xffe0, 0xffe6 }, { 0x1f300, 0x1faff }, { 0x20000, 0x3fffd },
};

/* A character of a text: its bytes, or '?' when they may not be shown. */
struct character {
	const char *bytes;
	size_t len;     /* bytes to show */
	size_t advance; /* bytes of the text it took */
	unsigned int columns;
};

/* Characters that show nothing, move the cursor or turn the direction of the text. */
static bool is_unsafe(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x200b && code <= 0x200f) ||
	       (code >= 0x2028 && code <= 0x202e) || (code >= 0x2060 && code <= 0x206f) || code == 0xfeff;
}

/* Bytes of the UTF-8 character at @text, 0 when it is none. Overlong forms and surrogates are none. */
static size_t decode(const char *text, uint32_t *ret_code)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *p = (const unsigned char *)text;
	size_t len = p[0] < 0x80 ? 1 : p[0] >> 5 == 6 ? 2 : p[0] >> 4 == 14 ? 3 : p[0] >> 3 == 30 ? 4 : 0;

	if (len < 2) {
		*ret_code = p[0];
		return len;
	}
	uint32_t code = p[0] & (0xffu >> (len + 1));
	for (size_t i = 1; i < len; i++) {
		if (p[i] >> 6 != 2)
			return 0;
		code = code << 6 | (p[i] & 0x3f);
	}
	*ret_code = code;
	return code < least[len] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? 0 : len;
}

static struct character character_at(const char *text)
{
	uint32_t code = 0;
	size_t len = decode(text, &code);

	if (!len || is_unsafe(code))
		return (struct character){ .bytes = "?", .len = 1, .advance = len ? len : 1, .columns = 1 };
	struct character found = { .bytes = text, .len = len, .advance = len, .columns = 1 };
	for (size_t i = 0; i < ARRAY_SIZE(wide); i++)
		if (code >= wide[i].first && code <= wide[i].last)
			found.columns = 2;
	return found;
}

/* Columns of the first @len bytes. */
static unsigned int text_columns(const char *text, size_t len)
{
	unsigned int columns = 0;

	for (size_t i = 0; i < len;) {
		struct character c = character_at(text + i);

		columns += c.columns;
		i += c.advance;
	}
	return columns;
}

/* ---- lines ----------------------------------------------------------------------------------------------------- */

struct line {
	struct ecli_buf *out;
	unsigned int column; /* where the next character goes */
	unsigned int start;  /* column of the help */
};

static void put(struct line *line, const char *text, size_t len)
{
	for (size_t i = 0; i < len;) {
		struct character c = character_at(text + i);

		ecli_buf_add(line->out, c.bytes, c.len);
		line->column += c.columns;
		i += c.advance;
	}
}

static void go_to(struct line *line, unsigned int column)
{
	if (column > line->column) {
		ecli_buf_add_repeat(line->out, ' ', column - line->column);
		line->column = column;
	}
}

static void new_line(struct line *line)
{
	ecli_buf_add_char(line->out, '\n');
	line->column = 0;
}

/* A word without white space; too long a word, or one of a script without spaces, is broken where the line ends. */
static void put_word(struct line *line, const char *word, size_t len)
{
	unsigned int columns = text_columns(word, len), page = PAGE_COLUMNS;
	bool starts = line->column <= line->start;
	bool breaks = columns > page - line->start;

	if (!starts && (breaks || line->column + 1 + columns <= page) && line->column + 3 <= page) {
		ecli_buf_add_char(line->out, ' ');
		line->column++;
	} else if (!starts) {
		new_line(line);
	}
	go_to(line, line->start);
	for (size_t i = 0; i < len;) {
		struct character c = character_at(word + i);

		if (line->column + c.columns > page) {
			new_line(line);
			go_to(line, line->start);
		}
		put(line, word + i, c.advance);
		i += c.advance;
	}
}

static void put_words(struct line *line, const char *text)
{
	while (*text) {
		size_t len = 0;

		while (isspace((unsigned char)*text))
			text++;
		while (text[len] && !isspace((unsigned char)text[len]))
			len++;
		if (len)
			put_word(line, text, len);
		text += len;
	}
}

/* ---- rows ------------------------------------------------------------------------------------------------------ */

/* "  -x, --name METAVAR" */
static void make_name(const struct ecli_option *option, struct ecli_buf *out)
{
	enum ecli_option_kind kind = option->kind == ECLI_OPTION_LIST ? option->item_kind : option->kind;
	const char *metavar = option->metavar ? option->metavar : notation_metavars[option->notation];

	if (!metavar)
		metavar = kind == ECLI_OPTION_BOOL && kind != option->kind ? "BOOL" : metavars[kind];
	if (option->short_name)
		ecli_buf_add_format(out, "  -%c, --", option->short_name);
	else
		ecli_buf_add_text(out, "      --");
	if (option->kind == ECLI_OPTION_BOOL)
		ecli_buf_add_text(out, "[no-]");
	ecli_buf_add_text(out, option->name);
	if (metavar && option->kind != ECLI_OPTION_FLAG)
		ecli_buf_add_format(out, " %s%s", metavar, option->kind == ECLI_OPTION_LIST ? ",..." : "");
}

static unsigned int larger_within(unsigned int a, unsigned int b, unsigned int limit)
{
	return b > a && b <= limit ? b : a;
}

static void put_row(struct line *line, const struct ecli_option *option, unsigned int type_column)
{
	CLEANUP_BUF struct ecli_buf name = { 0 };

	make_name(option, &name);
	put(line, ecli_buf_text(&name), name.len);
	if (option->type_text && *option->type_text) {
		if (line->column + GAP_COLUMNS > type_column)
			new_line(line);
		go_to(line, type_column);
		put(line, option->type_text, strlen(option->type_text));
	}
	if (option->help || option->default_text) {
		if (line->column + GAP_COLUMNS > line->start)
			new_line(line);
		go_to(line, line->start);
	}
	if (option->help)
		put_words(line, option->help);
	if (option->default_text) {
		CLEANUP_BUF struct ecli_buf text = { 0 };

		ecli_buf_add_format(&text, "(default %s)", option->default_text);
		const char *shown = ecli_buf_text(&text);
		/* In one piece where a line has room for it. */
		if (text_columns(shown, text.len) <= PAGE_COLUMNS - line->start)
			put_word(line, shown, text.len);
		else
			put_words(line, shown);
	}
	new_line(line);
}

void ecli_options_help(const struct ecli_option *options, size_t count, struct ecli_buf *buf)
{
	unsigned int name_columns = 0, type_columns = 0;

	for (size_t i = 0; i < count; i++) {
		CLEANUP_BUF struct ecli_buf name = { 0 };
		const char *type = options[i].type_text ? options[i].type_text : "";

		make_name(&options[i], &name);
		unsigned int columns = text_columns(ecli_buf_text(&name), name.len);
		name_columns = larger_within(name_columns, columns, MAX_NAME_COLUMNS);
		type_columns = larger_within(type_columns, text_columns(type, strlen(type)), MAX_TYPE_COLUMNS);
	}
	if (!name_columns)
		name_columns = MAX_NAME_COLUMNS;

	unsigned int type_column = name_columns + GAP_COLUMNS;
	unsigned int help_column = type_column + (type_columns ? type_columns + GAP_COLUMNS : 0);
	for (size_t i = 0; i < count; i++) {
		struct line line = { .out = buf, .start = help_column };

		put_row(&line, &options[i], type_column);
	}
}
