/* SPDX-License-Identifier: MIT */
/*
 * Tokens and doc comments on the way to declarations. Comments next to each other are one; a comment inside a body
 * belongs to nothing. Every function ends with the text: ECLI_TOKEN_END stops all loops.
 */
#include "compile/cursor.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* ---- doc comments ---------------------------------------------------------------------------------------------- */

static void read_doc(struct ecli_cursor *p, const char *text, size_t len, uint32_t line, struct ecli_doc *doc)
{
	struct ecli_doc more = { 0 };

	if (ecli_doc_parse(text, len, line, &more)) {
		p->failed = true;
		return;
	}
	if (!doc->line) {
		ecli_doc_done(doc);
		*doc = more;
		return;
	}

	/* Two comments for one declaration, above and inside it: both count. */
	CLEANUP(ecli_doc_done) struct ecli_doc owned = more;
	CLEANUP_BUF struct ecli_buf text_of_both = { 0 };
	struct ecli_doc_tag *tags = realloc(doc->tags, (doc->n_tags + more.n_tags + 1) * sizeof(*tags));
	if (tags)
		doc->tags = tags;
	ecli_buf_add_format(&text_of_both, "%s%s%s", doc->text, *doc->text && *more.text ? " " : "", more.text);
	char *both = ecli_buf_take(&text_of_both);
	if (!tags || !both) {
		free(both);
		p->failed = true;
		return;
	}
	free(doc->text);
	doc->text = both;
	for (size_t i = 0; i < more.n_tags; i++)
		doc->tags[doc->n_tags++] = more.tags[i];
	owned.n_tags = 0;
}

static void add_stray(struct ecli_cursor *p, const char *text, size_t len, uint32_t line, bool may_be_file)
{
	struct ecli_doc doc = { 0 };

	read_doc(p, text, len, line, &doc);
	if (may_be_file && !p->source.file_doc.line) {
		p->source.file_doc = doc;
		return;
	}
	if (!doc.n_tags) {
		ecli_doc_done(&doc);
		return;
	}
	struct ecli_doc *stray = realloc(p->source.stray, (p->source.n_stray + 1) * sizeof(*stray));
	if (!stray) {
		ecli_doc_done(&doc);
		p->failed = true;
		return;
	}
	p->source.stray = stray;
	stray[p->source.n_stray++] = doc;
}

/* What waits belongs to no declaration. The first comment of a file then speaks of the tool. */
void ecli_cursor_leave_doc(struct ecli_cursor *p)
{
	if (!p->waiting)
		return;
	add_stray(p, p->waiting, p->waiting_len, p->waiting_line, !p->seen_doc && !p->seen_decl);
	p->seen_doc = true;
	p->waiting = NULL;
}

void ecli_cursor_take_doc(struct ecli_cursor *p, struct ecli_doc *doc)
{
	if (!p->waiting)
		return;
	read_doc(p, p->waiting, p->waiting_len, p->waiting_line, doc);
	p->seen_doc = true;
	p->waiting = NULL;
}

static void meet_doc(struct ecli_cursor *p, const struct ecli_token *token)
{
	if (token->len > 3 && token->text[3] == '<' && p->last_decl != SIZE_MAX) {
		read_doc(p, token->text, token->len, token->line, &p->source.decls[p->last_decl].doc);
		p->seen_doc = true;
	} else if (p->in_body) {
		add_stray(p, token->text, token->len, token->line, false);
	} else if (p->waiting && token->line <= p->waiting_end + 1) {
		p->waiting_len = (size_t)(token->text + token->len - p->waiting);
		p->waiting_end = token->end_line;
	} else {
		ecli_cursor_leave_doc(p);
		p->waiting = token->text;
		p->waiting_len = token->len;
		p->waiting_line = token->line;
		p->waiting_end = token->end_line;
	}
}

/* ---- tokens ---------------------------------------------------------------------------------------------------- */

/* What a file that is included is for. */
static const struct {
	const char *begin; /* of its name */
	size_t kind;       /* the member of struct ecli_includes that says so */
} include_kinds[] = {
	{ "vmlinux.h", offsetof(struct ecli_includes, vmlinux) },
	{ "bpf/", offsetof(struct ecli_includes, bpf) },
	{ "linux/", offsetof(struct ecli_includes, uapi) },
	{ "", offsetof(struct ecli_includes, other) },
};

static void meet_directive(struct ecli_cursor *p, const struct ecli_token *token)
{
	struct ecli_includes *includes = &p->source.includes;
	bool is_first = !includes->vmlinux && !includes->bpf && !includes->uapi && !includes->other;
	size_t name_len;

	ecli_cursor_leave_doc(p);
	const char *name = ecli_token_included(token, &name_len);
	if (!name)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(include_kinds); i++) {
		size_t len = strlen(include_kinds[i].begin);

		if (name_len < len || memcmp(name, include_kinds[i].begin, len) != 0)
			continue;
		*(bool *)((char *)includes + include_kinds[i].kind) = true;
		break;
	}
	includes->begins_with_bpf |= is_first && includes->bpf;
}

void ecli_cursor_step(struct ecli_cursor *p)
{
	for (;;) {
		ecli_lexer_next(&p->lexer, &p->token);
		if (p->token.kind == ECLI_TOKEN_DOC)
			meet_doc(p, &p->token);
		else if (p->token.kind == ECLI_TOKEN_DIRECTIVE)
			meet_directive(p, &p->token);
		else
			return;
	}
}

/* From an opening bracket to behind the one that closes it. */
void ecli_cursor_skip_brackets(struct ecli_cursor *p)
{
	bool outer = p->in_body;
	int open = 0;

	p->in_body = true;
	do {
		const struct ecli_token *token = &p->token;

		open += ecli_token_is(token, '(') || ecli_token_is(token, '[') || ecli_token_is(token, '{');
		open -= ecli_token_is(token, ')') || ecli_token_is(token, ']') || ecli_token_is(token, '}');
		if (!open)
			p->in_body = outer; /* a comment behind the last bracket is outside */
		ecli_cursor_step(p);
	} while (open > 0 && !ecli_cursor_at_end(p));
	p->in_body = outer;
}

/* ---- declarations ---------------------------------------------------------------------------------------------- */

void ecli_cursor_declare(struct ecli_cursor *p, enum ecli_decl_kind kind, const struct ecli_token *name,
			 const char *parent, struct ecli_doc *doc)
{
	struct ecli_source *source = &p->source;

	/* Room doubles: at every power of two. */
	if (!(source->n_decls & (source->n_decls - 1))) {
		size_t room = source->n_decls ? 2 * source->n_decls : 1;
		struct ecli_decl *decls = reallocarray(source->decls, room, sizeof(*decls));

		if (!decls) {
			p->failed = true;
			return;
		}
		source->decls = decls;
	}

	struct ecli_decl *decl = &source->decls[source->n_decls];
	*decl = (struct ecli_decl){ .kind = kind, .line = name->line };
	decl->name = strndup(name->text, name->len);
	decl->parent = parent ? strdup(parent) : NULL;
	if (!decl->name || (parent && !decl->parent)) {
		free(decl->name);
		free(decl->parent);
		p->failed = true;
		return;
	}
	decl->doc = *doc;
	*doc = (struct ecli_doc){ 0 };
	p->last_decl = source->n_decls++;
	p->seen_decl = true;
}
