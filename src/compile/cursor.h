/* SPDX-License-Identifier: MIT */
/*
 * The place in a source while its declarations are read: the current token, the doc comment that waits for a
 * declaration, and what was declared so far. Comments and preprocessor lines never are the current token.
 *
 *     /// text     waits until ecli_cursor_take_doc(); one that meets a preprocessor line, or an empty line and another
 *                  comment, is stray. The first stray one of a file, before any declaration, speaks of the tool.
 *     ///< text    belongs to the last declaration
 */
#ifndef ECLI_COMPILE_CURSOR_H
#define ECLI_COMPILE_CURSOR_H

#include "compile/lexer.h"
#include "compile/source.h"

struct ecli_cursor {
	struct ecli_lexer lexer;
	struct ecli_token token;   /* the current one, never a comment or a directive */
	struct ecli_source source; /* what is found */
	bool failed;               /* out of memory */

	const char *waiting; /* doc comments not yet taken, adjacent ones together; NULL: none */
	size_t waiting_len;
	uint32_t waiting_line, waiting_end;

	bool in_body;  /* of a function, list or initialiser: a comment there belongs to nothing */
	bool seen_doc; /* a doc comment was seen before */
	bool seen_decl;
	size_t last_decl; /* what a trailing comment speaks of; SIZE_MAX: none */
};

static inline bool ecli_cursor_at_end(const struct ecli_cursor *p)
{
	return p->token.kind == ECLI_TOKEN_END || p->failed;
}

/* To the next token. */
void ecli_cursor_step(struct ecli_cursor *p);
/* From an opening bracket to behind the one that closes it. */
void ecli_cursor_skip_brackets(struct ecli_cursor *p);

/* Adds what waits to @doc. */
void ecli_cursor_take_doc(struct ecli_cursor *p, struct ecli_doc *doc);
/* What waits belongs to no declaration. */
void ecli_cursor_leave_doc(struct ecli_cursor *p);

/* Records a declaration; @doc moves into it. @parent may be NULL. */
void ecli_cursor_declare(struct ecli_cursor *p, enum ecli_decl_kind kind, const struct ecli_token *name,
			 const char *parent, struct ecli_doc *doc);

#endif
