/* SPDX-License-Identifier: MIT */
/*
 * C source text -> tokens and doc comments, as much C as is needed to find declarations.
 *
 *     text --> identifiers, punctuation, literals (one token each), doc comments     preprocessor lines: one token each
 *
 * Any bytes are accepted: what is not understood is a punctuation token, what is not terminated ends with its line
 * (string literals) or with the text (comments). Nothing is expanded; of `#if` only the branches are looked at, so that
 * braces stay balanced: `#if 0` is left out, and when a branch opens more than it closes, its `#else` is left out.
 */
#ifndef ECLI_COMPILE_LEXER_H
#define ECLI_COMPILE_LEXER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ecli_token_kind {
	ECLI_TOKEN_END,
	ECLI_TOKEN_NAME,      /* identifier or keyword */
	ECLI_TOKEN_LITERAL,   /* number, string or character */
	ECLI_TOKEN_PUNCT,     /* one byte */
	ECLI_TOKEN_DOC,       /* one doc comment: `///` line or `/ * * ... * /` block, with its marks */
	ECLI_TOKEN_DIRECTIVE, /* a preprocessor line, with its `#` */
};

struct ecli_token {
	enum ecli_token_kind kind;
	const char *text; /* into the source text, not NUL-terminated */
	size_t len;
	uint32_t line;     /* of its first byte, from 1 */
	uint32_t end_line; /* of its last byte */
};

#define ECLI_LEXER_MAX_NESTING 64

struct ecli_lexer {
	const char *text, *end, *at;
	uint32_t line;
	bool line_start;        /* only white space since the start of the line */
	int32_t braces, parens; /* open so far */
	uint32_t nesting;       /* of #if; deeper ones than the table are not followed */
	struct {
		int32_t braces, parens; /* at the #if */
		bool taken;             /* `#if 1`: its other branches are dead */
	} ifs[ECLI_LEXER_MAX_NESTING];
};

/* @text: @len bytes, any content; must outlive the lexer and its tokens. */
void ecli_lexer_init(struct ecli_lexer *lexer, const char *text, size_t len);
/* The next token; ECLI_TOKEN_END for ever once the text is used up. */
void ecli_lexer_next(struct ecli_lexer *lexer, struct ecli_token *ret_token);

/* Whether the token is this one byte of punctuation, or this word. */
bool ecli_token_is(const struct ecli_token *token, char punct);
bool ecli_token_is_name(const struct ecli_token *token, const char *word);
/* The name between the quotes or brackets of an #include, not NUL-terminated; NULL: the token is none. */
const char *ecli_token_included(const struct ecli_token *token, size_t *ret_len);

#endif
