/* SPDX-License-Identifier: MIT */
/*
 * Text to tree. The operators and how tightly they bind are those of C, so nobody has to learn which comes first:
 *
 *     ||   &&   |   &   == != ~ !~   < <= > >= in   !
 *
 * A word is everything that can be a field or a value without quotes: delta_us, a.b[2], 10ms, -ENOENT, 5..9, fe80::1,
 * 10.0.0.0/8. What it is, only the field on the other side can tell, so nothing is decided here; not even whether an operator
 * makes sense where it stands.
 *
 * Invariant: nodes and words lie in two blocks whose size follows from the length of the text; the tree is never deeper
 * than WHERE_MAX_NESTING where parentheses and ! make it deep.
 */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "where/where.h"

enum token { END, OPEN, CLOSE, COMMA, NOT, BINARY, OPERAND };

struct parser {
	const char *text;
	uint32_t len, at; /* at: behind the token in hand */
	enum token token;
	enum where_kind kind; /* BINARY; OPERAND: WORD or TEXT */
	uint32_t begin, end;  /* of the token in hand */
	const char *word;     /* OPERAND */
	size_t word_len;
	unsigned int depth;
	struct where_node *free_node;
	char *free_word;
	struct ecli_err *err;
};

/* The longer of two that begin alike comes first. */
static const struct {
	const char *text;
	enum token token;
	enum where_kind kind;
	int tightness; /* BINARY: larger binds tighter */
} signs[] = {
	{ "||", BINARY, WHERE_OR, 1 },
	{ "&&", BINARY, WHERE_AND, 2 },
	{ "==", BINARY, WHERE_EQ, 5 },
	{ "!=", BINARY, WHERE_NE, 5 },
	{ "!~", BINARY, WHERE_UNLIKE, 5 },
	{ "<=", BINARY, WHERE_LE, 6 },
	{ ">=", BINARY, WHERE_GE, 6 },
	{ "|", BINARY, WHERE_BIT_OR, 3 },
	{ "&", BINARY, WHERE_BIT_AND, 4 },
	{ "~", BINARY, WHERE_LIKE, 5 },
	{ "<", BINARY, WHERE_LT, 6 },
	{ ">", BINARY, WHERE_GT, 6 },
	{ "!", NOT, WHERE_NOT, 0 },
	{ "(", OPEN, 0, 0 },
	{ ")", CLOSE, 0, 0 },
	{ ",", COMMA, 0, 0 },
};

enum { IN_TIGHTNESS = 6 };

static int tightness(const struct parser *parser)
{
	if (parser->token != BINARY)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(signs); i++)
		if (signs[i].token == BINARY && signs[i].kind == parser->kind)
			return signs[i].tightness;
	return IN_TIGHTNESS;
}

int where_error(struct ecli_err *err, uint32_t begin, const char *format, ...)
{
	char line[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EINVAL, "column %u: %s", begin + 1, line);
}

/* ---- tokens ---------------------------------------------------------------------------------------------------- */

static bool is_word_byte(unsigned char c)
{
	return isalnum(c) || c >= 0x80 || (c && strchr("_.:/+$", c));
}

/* A sign before a number or name is part of it, also behind the dots of a range; an index is part of its field. */
static uint32_t word_end(const struct parser *parser, uint32_t at)
{
	const char *text = parser->text;

	for (uint32_t begin = at; at < parser->len; at++) {
		bool may_be_signed = at == begin || (at >= begin + 2 && text[at - 1] == '.' && text[at - 2] == '.');

		if (text[at] == '[' && at > begin) {
			size_t digits = strspn(text + at + 1, "0123456789");

			if (!digits || text[at + 1 + digits] != ']')
				break;
			at += (uint32_t)digits + 1;
		} else if (!(text[at] == '-' && may_be_signed) && !is_word_byte((unsigned char)text[at])) {
			break;
		}
	}
	return at;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10 : -1;
}

/* One byte of a quoted text; what is not known keeps its backslash, which patterns understand. */
static uint32_t unescape(const struct parser *parser, uint32_t at, char **out)
{
	static const char names[] = "n\nt\tr\r\"\"''\\\\";
	const char *text = parser->text + at;

	if (*text != '\\') {
		*(*out)++ = *text;
		return 1;
	}
	if (text[1] == 'x' && hex_digit(text[2]) >= 0 && hex_digit(text[3]) >= 0) {
		*(*out)++ = (char)(hex_digit(text[2]) * 16 + hex_digit(text[3]));
		return 4;
	}
	for (const char *name = names; *name; name += 2)
		if (text[1] == name[0]) {
			*(*out)++ = name[1];
			return 2;
		}
	*(*out)++ = '\\';
	return 1;
}

static int next_text(struct parser *parser, char quote)
{
	uint32_t at = parser->begin + 1;
	char *out = parser->free_word;

	while (at < parser->len && parser->text[at] != quote)
		at += unescape(parser, at, &out);
	if (at >= parser->len)
		return where_error(parser->err, parser->begin, "this text has no end; close it with %c", quote);
	parser->token = OPERAND;
	parser->kind = WHERE_TEXT;
	parser->word = parser->free_word;
	parser->word_len = (size_t)(out - parser->free_word);
	*out = '\0';
	parser->free_word = out + 1;
	parser->end = parser->at = at + 1;
	return 0;
}

static void next_word(struct parser *parser, uint32_t end)
{
	size_t len = end - parser->begin;

	parser->token = OPERAND;
	parser->kind = WHERE_WORD;
	if (len == 2 && !memcmp(parser->text + parser->begin, "in", 2)) {
		parser->token = BINARY;
		parser->kind = WHERE_IN;
	}
	memcpy(parser->free_word, parser->text + parser->begin, len);
	parser->free_word[len] = '\0';
	parser->word = parser->free_word;
	parser->word_len = len;
	parser->free_word += len + 1;
	parser->end = parser->at = end;
}

static int next(struct parser *parser)
{
	parser->at += (uint32_t)strspn(parser->text + parser->at, " \t\n");
	parser->begin = parser->end = parser->at;
	parser->token = END;
	if (parser->at >= parser->len)
		return 0;

	const char *here = parser->text + parser->at;
	if (*here == '"' || *here == '\'')
		return next_text(parser, *here);
	uint32_t end = word_end(parser, parser->at);
	if (end > parser->at) {
		next_word(parser, end);
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(signs); i++) {
		size_t len = strlen(signs[i].text);

		if (strncmp(here, signs[i].text, len) != 0)
			continue;
		parser->token = signs[i].token;
		parser->kind = signs[i].kind;
		parser->end = parser->at += (uint32_t)len;
		return 0;
	}
	if (*here == '=')
		return where_error(parser->err, parser->begin, "a comparison is written ==");
	return where_error(parser->err, parser->begin,
			   isprint((unsigned char)*here) ? "%c means nothing here; put text into quotes"
							 : "a byte means nothing here; put text into quotes",
			   *here);
}

/* ---- tree ------------------------------------------------------------------------------------------------------ */

static struct where_node *add(struct parser *parser, enum where_kind kind, struct where_node *left,
			      struct where_node *right)
{
	struct where_node *node = parser->free_node++;

	*node = (struct where_node){ .kind = kind, .begin = parser->begin, .end = parser->end };
	node->left = left;
	node->right = right;
	if (left) {
		node->begin = left->begin;
		node->end = right ? right->end : left->end;
	}
	return node;
}

static int parse_binary(struct parser *parser, int least, struct where_node **ret);

/* The word in hand as a sentence names it. */
static int unexpected(struct parser *parser, const char *what)
{
	if (parser->token == END)
		return where_error(parser->err, parser->begin, "%s is missing at the end", what);
	return where_error(parser->err, parser->begin, "expected %s, not %.*s", what,
			   (int)(parser->end - parser->begin), parser->text + parser->begin);
}

static int parse_inner(struct parser *parser, uint32_t begin, struct where_node **ret)
{
	int r = next(parser);

	r = r ? r : parse_binary(parser, 1, ret);
	if (r)
		return r;
	if (parser->token != CLOSE)
		return unexpected(parser, "&&, || or )");
	(*ret)->begin = begin; /* with its parentheses */
	(*ret)->end = parser->end;
	return next(parser);
}

static int parse_unary(struct parser *parser, struct where_node **ret)
{
	uint32_t begin = parser->begin;
	struct where_node *node;
	int r;

	if (++parser->depth > WHERE_MAX_NESTING)
		return where_error(parser->err, begin, "this is nested deeper than %u levels", WHERE_MAX_NESTING);
	switch (parser->token) {
	case OPERAND:
		*ret = add(parser, parser->kind, NULL, NULL);
		(*ret)->text = parser->word;
		(*ret)->len = parser->word_len;
		r = next(parser);
		break;
	case NOT:
		r = next(parser);
		r = r ? r : parse_unary(parser, &node);
		if (!r) {
			*ret = add(parser, WHERE_NOT, node, NULL);
			(*ret)->begin = begin;
		}
		break;
	case OPEN:
		r = parse_inner(parser, begin, ret);
		break;
	default:
		r = unexpected(parser, "a field or a value");
		break;
	}
	parser->depth--;
	return r;
}

/* ( VALUE, VALUE, ... ) */
static int parse_list(struct parser *parser, struct where_node **ret)
{
	struct where_node *first = NULL, **link = &first;
	uint32_t begin = parser->begin;
	int r;

	if (parser->token != OPEN)
		return unexpected(parser, "( and values after in");
	do {
		r = next(parser);
		if (r)
			return r;
		if (parser->token != OPERAND)
			return unexpected(parser, "a value");
		struct where_node *item = add(parser, parser->kind, NULL, NULL);
		item->text = parser->word;
		item->len = parser->word_len;
		*link = add(parser, WHERE_LIST, item, NULL);
		link = &(*link)->right;
		r = next(parser);
	} while (!r && parser->token == COMMA);
	if (r)
		return r;
	if (parser->token != CLOSE)
		return unexpected(parser, ", or )");
	first->begin = begin;
	first->end = parser->end;
	*ret = first;
	return next(parser);
}

static int parse_binary(struct parser *parser, int least, struct where_node **ret)
{
	struct where_node *left, *right;
	int r = parse_unary(parser, &left);

	for (int tight; !r && (tight = tightness(parser)) >= least;) {
		enum where_kind kind = parser->kind;

		r = next(parser);
		if (!r)
			r = kind == WHERE_IN ? parse_list(parser, &right) : parse_binary(parser, tight + 1, &right);
		if (!r)
			left = add(parser, kind, left, right);
	}
	if (!r)
		*ret = left;
	return r;
}

DEFINE_CLEANUP(where, struct ecli_where *, ecli_where_free)

int ecli_where_parse(const char *text, struct ecli_err *err, struct ecli_where **ret_where)
{
	size_t len = strlen(text);
	CLEANUP(cleanup_where) struct ecli_where *where = calloc(1, sizeof(*where));

	if (len > WHERE_MAX_BYTES)
		return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -E2BIG, "the expression is longer than %u bytes",
					 WHERE_MAX_BYTES);
	if (where) {
		where->text = strdup(text);
		where->nodes = calloc(2 * len + 2, sizeof(*where->nodes)); /* a value of a list is two */
		where->words = malloc(2 * len + 2);
	}
	if (!where || !where->text || !where->nodes || !where->words)
		return ecli_err_set(err, -ENOMEM, "out of memory");

	struct parser parser = { .text = where->text,
				 .len = (uint32_t)len,
				 .free_node = where->nodes,
				 .free_word = where->words,
				 .err = err };
	int r = next(&parser);
	if (!r && parser.token == END)
		return where_error(err, 0, "the expression is empty; write a comparison such as pid == 1");
	r = r ? r : parse_binary(&parser, 1, &where->root);
	if (!r && parser.token != END)
		r = unexpected(&parser, "&& or ||");
	if (r)
		return r;
	*ret_where = TAKE_PTR(where);
	return 0;
}

void ecli_where_free(struct ecli_where *where)
{
	if (!where)
		return;
	free(where->text);
	free(where->nodes);
	free(where->words);
	free(where);
}
