/* SPDX-License-Identifier: MIT */
/*
 * The lexer. Every function moves `at` forward or stops at `end`, so it ends on any input; lines are counted in
 * advance(), the only place that steps over a byte.
 */
#include "compile/lexer.h"

#include <ctype.h>
#include <string.h>

void ecli_lexer_init(struct ecli_lexer *lexer, const char *text, size_t len)
{
	*lexer = (struct ecli_lexer){ .text = text, .end = text + len, .at = text, .line = 1, .line_start = true };
	/* A byte order mark is not part of the text. */
	if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
		lexer->at += 3;
}

static void advance(struct ecli_lexer *lexer, size_t count)
{
	for (; count && lexer->at < lexer->end; count--)
		lexer->line += *lexer->at++ == '\n';
}

static char peek(const struct ecli_lexer *lexer, size_t ahead)
{
	return ahead < (size_t)(lexer->end - lexer->at) ? lexer->at[ahead] : '\0';
}

static bool at_end(const struct ecli_lexer *lexer)
{
	return lexer->at == lexer->end;
}

/* Length of a line splice (backslash, newline) here, 0 when there is none. */
static size_t splice_len(const struct ecli_lexer *lexer)
{
	if (peek(lexer, 0) != '\\')
		return 0;
	if (peek(lexer, 1) == '\n')
		return 2;
	return peek(lexer, 1) == '\r' && peek(lexer, 2) == '\n' ? 3 : 0;
}

/* To the end of a line, without its newline; a splice makes the line longer. */
static void skip_line(struct ecli_lexer *lexer)
{
	while (!at_end(lexer) && peek(lexer, 0) != '\n') {
		size_t splice = splice_len(lexer);
		advance(lexer, splice ? splice : 1);
	}
}

static void skip_block_comment(struct ecli_lexer *lexer)
{
	advance(lexer, 2);
	while (!at_end(lexer) && !(peek(lexer, 0) == '*' && peek(lexer, 1) == '/'))
		advance(lexer, 1);
	advance(lexer, 2);
}

/* A string or character literal; one that is not closed ends with its line. */
static void skip_quoted(struct ecli_lexer *lexer)
{
	char quote = peek(lexer, 0);

	advance(lexer, 1);
	while (!at_end(lexer) && peek(lexer, 0) != '\n') {
		char c = peek(lexer, 0);
		size_t splice = splice_len(lexer);

		advance(lexer, splice ? splice : c == '\\' && peek(lexer, 1) != '\n' ? 2 : 1);
		if (c == quote)
			return;
	}
}

/* A preprocessor line: comments in it may go on over lines, quotes may hold what looks like a comment. */
static void skip_directive(struct ecli_lexer *lexer)
{
	while (!at_end(lexer) && peek(lexer, 0) != '\n') {
		char c = peek(lexer, 0), next = peek(lexer, 1);
		size_t splice = splice_len(lexer);

		if (splice)
			advance(lexer, splice);
		else if (c == '/' && next == '*')
			skip_block_comment(lexer);
		else if (c == '/' && next == '/')
			skip_line(lexer);
		else if (c == '"' || c == '\'')
			skip_quoted(lexer);
		else
			advance(lexer, 1);
	}
}

/* The word after `#`, and what follows it, of a directive's text. */
static bool directive_is(const char *text, const char *end, const char *word, const char **ret_rest)
{
	size_t len = strlen(word);

	for (text++; text < end && (*text == ' ' || *text == '\t'); text++)
		;
	if ((size_t)(end - text) < len || memcmp(text, word, len) != 0)
		return false;
	if (text + len < end && (isalnum((unsigned char)text[len]) || text[len] == '_'))
		return false;
	*ret_rest = text + len;
	return true;
}

/* Whether the condition is the single digit @digit. */
static bool condition_is(const char *text, const char *end, char digit)
{
	for (; text < end && isspace((unsigned char)*text); text++)
		;
	if (text == end || *text != digit)
		return false;
	text++;
	return text == end || isspace((unsigned char)*text) || *text == '/';
}

/* Leaves out a dead branch: up to its #else or #elif (when @stop_at_else) or behind its #endif. */
static void skip_branch(struct ecli_lexer *lexer, bool stop_at_else)
{
	uint32_t depth = 0;

	while (!at_end(lexer)) {
		while (!at_end(lexer) && isspace((unsigned char)peek(lexer, 0)))
			advance(lexer, 1);
		const char *start = lexer->at, *rest;
		uint32_t line = lexer->line;

		if (peek(lexer, 0) == '/' && peek(lexer, 1) == '*') {
			skip_block_comment(lexer);
			continue;
		}
		skip_directive(lexer);
		if (start == lexer->end || *start != '#')
			continue;
		bool is_else =
			directive_is(start, lexer->at, "else", &rest) || directive_is(start, lexer->at, "elif", &rest);
		bool is_endif = directive_is(start, lexer->at, "endif", &rest);

		if (directive_is(start, lexer->at, "if", &rest) || directive_is(start, lexer->at, "ifdef", &rest) ||
		    directive_is(start, lexer->at, "ifndef", &rest)) {
			depth++;
		} else if (depth && is_endif) {
			depth--;
		} else if (!depth && (is_endif || (is_else && stop_at_else))) {
			if (is_endif)
				lexer->nesting--;
			else if (directive_is(start, lexer->at, "elif", &rest)) {
				/* Its condition may be dead, too: look at it as at a new line. */
				lexer->at = start;
				lexer->line = line;
				lexer->line_start = true;
			}
			return;
		}
	}
}

/* Follows #if ... #endif; the directive's text is [start, at). */
static void follow_condition(struct ecli_lexer *lexer, const char *start)
{
	const char *end = lexer->at, *rest;
	bool is_if = directive_is(start, end, "if", &rest);

	if (is_if || directive_is(start, end, "ifdef", &rest) || directive_is(start, end, "ifndef", &rest)) {
		uint32_t level = lexer->nesting++;

		if (level >= ECLI_LEXER_MAX_NESTING)
			return;
		lexer->ifs[level].braces = lexer->braces;
		lexer->ifs[level].parens = lexer->parens;
		lexer->ifs[level].taken = is_if && condition_is(rest, end, '1');
		if (is_if && condition_is(rest, end, '0'))
			skip_branch(lexer, true);
		return;
	}
	if (!lexer->nesting)
		return;

	uint32_t level = lexer->nesting - 1;
	bool is_elif = directive_is(start, end, "elif", &rest);
	if (is_elif || directive_is(start, end, "else", &rest)) {
		if (level >= ECLI_LEXER_MAX_NESTING)
			return;
		if (lexer->ifs[level].taken || lexer->ifs[level].braces != lexer->braces ||
		    lexer->ifs[level].parens != lexer->parens)
			skip_branch(lexer, false);
		else if (is_elif && condition_is(rest, end, '0'))
			skip_branch(lexer, true);
	} else if (directive_is(start, end, "endif", &rest)) {
		lexer->nesting--;
	}
}

/* `///` but not `////`, `/ * *` but neither an empty comment nor `/ * * *`: clang's rule. */
static bool is_doc(const struct ecli_lexer *lexer)
{
	char mark = peek(lexer, 1);

	if (peek(lexer, 2) != mark)
		return false;
	return mark == '/' ? peek(lexer, 3) != '/' : peek(lexer, 3) != '/' && peek(lexer, 3) != '*';
}

static bool is_name_start(char c)
{
	/* Bytes of UTF-8 may be in identifiers. */
	return isalpha((unsigned char)c) || c == '_' || c == '$' || (unsigned char)c >= 0x80;
}

static bool is_name_part(char c)
{
	return is_name_start(c) || isdigit((unsigned char)c);
}

/* Steps over white space and plain comments. */
static void skip_space(struct ecli_lexer *lexer)
{
	while (!at_end(lexer)) {
		char c = peek(lexer, 0), next = peek(lexer, 1);
		size_t splice = splice_len(lexer);

		if (c == '\n')
			lexer->line_start = true;
		if (splice)
			advance(lexer, splice);
		else if (isspace((unsigned char)c) || !c)
			advance(lexer, 1);
		else if (c == '/' && next == '/' && !is_doc(lexer))
			skip_line(lexer);
		else if (c == '/' && next == '*' && !is_doc(lexer))
			skip_block_comment(lexer);
		else
			return;
	}
}

static void count_brackets(struct ecli_lexer *lexer, char c)
{
	lexer->braces += (c == '{') - (c == '}');
	lexer->parens += (c == '(') - (c == ')');
}

void ecli_lexer_next(struct ecli_lexer *lexer, struct ecli_token *ret_token)
{
	struct ecli_token token = { 0 };

	skip_space(lexer);
	token.text = lexer->at;
	token.line = lexer->line;
	char c = peek(lexer, 0);
	bool line_start = lexer->line_start;
	lexer->line_start = false;

	if (at_end(lexer)) {
		token.kind = ECLI_TOKEN_END;
	} else if (c == '#' && line_start) {
		token.kind = ECLI_TOKEN_DIRECTIVE;
		skip_directive(lexer);
	} else if (c == '/' && (peek(lexer, 1) == '/' || peek(lexer, 1) == '*')) {
		token.kind = ECLI_TOKEN_DOC;
		if (peek(lexer, 1) == '/')
			skip_line(lexer);
		else
			skip_block_comment(lexer);
	} else if (c == '"' || c == '\'') {
		token.kind = ECLI_TOKEN_LITERAL;
		skip_quoted(lexer);
	} else if (isdigit((unsigned char)c)) {
		token.kind = ECLI_TOKEN_LITERAL;
		while (is_name_part(peek(lexer, 0)) || peek(lexer, 0) == '.')
			advance(lexer, 1);
	} else if (is_name_start(c)) {
		token.kind = ECLI_TOKEN_NAME;
		while (is_name_part(peek(lexer, 0)))
			advance(lexer, 1);
	} else {
		token.kind = ECLI_TOKEN_PUNCT;
		count_brackets(lexer, c);
		advance(lexer, 1);
	}

	token.len = (size_t)(lexer->at - token.text);
	token.end_line = lexer->line;
	*ret_token = token;
	if (token.kind == ECLI_TOKEN_DIRECTIVE)
		follow_condition(lexer, token.text);
}

bool ecli_token_is(const struct ecli_token *token, char punct)
{
	return token->kind == ECLI_TOKEN_PUNCT && *token->text == punct;
}

bool ecli_token_is_name(const struct ecli_token *token, const char *word)
{
	return token->kind == ECLI_TOKEN_NAME && strlen(word) == token->len && !memcmp(token->text, word, token->len);
}

const char *ecli_token_included(const struct ecli_token *token, size_t *ret_len)
{
	const char *end = token->text + token->len, *at;

	if (token->kind != ECLI_TOKEN_DIRECTIVE || !directive_is(token->text, end, "include", &at))
		return NULL;
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	if (at == end || (*at != '"' && *at != '<'))
		return NULL;
	const char *close = memchr(at + 1, *at == '"' ? '"' : '>', (size_t)(end - at - 1));
	if (!close)
		return NULL;
	*ret_len = (size_t)(close - at - 1);
	return at + 1;
}
