/* SPDX-License-Identifier: MIT */
/*
 * Declarations at file scope, found by their punctuation. One token at a time, nothing is kept of a body but the members
 * of a named struct. A doc comment waits (`waiting`) until a declaration takes it; one that meets a preprocessor line or an empty
 * line followed by another comment is stray.
 *
 * Every loop ends with the text: ECLI_TOKEN_END stops all of them.
 */
#include "compile/source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "compile/lexer.h"

#define MAX_SOURCE_BYTES (16 * 1024 * 1024)

struct parser {
	struct ecli_lexer lexer;
	struct ecli_token token; /* the current one, never a comment or a directive */
	struct ecli_source source;
	bool failed; /* out of memory */

	const char *waiting; /* doc comments not yet taken, adjacent ones together; NULL: none */
	size_t waiting_len;
	uint32_t waiting_line, waiting_end;

	bool in_body;      /* of a function, list or initialiser: a comment there belongs to nothing */
	bool seen_doc;     /* a doc comment was seen before */
	bool seen_decl;
	size_t last_decl;  /* what a trailing comment speaks of; SIZE_MAX: none */
};

/* What is known of a declaration while its tokens pass. */
struct pending {
	struct ecli_doc doc;
	struct ecli_token name;     /* candidate; kind END: none */
	struct ecli_token function; /* name of a function if a body follows */
	bool is_typedef, is_aggregate, is_struct, is_extern;
	size_t struct_decl; /* SIZE_MAX: the declaration defines no named struct */
};

/* Followed by a list in parentheses, these name nothing. */
static const char *const attribute_words[] = {
	"__attribute__", "SEC",	   "__aligned", "_Alignas",   "alignas",	"__section",	  "typeof",
	"__typeof__",	 "__typeof", "_Pragma",	  "__declspec", "_Static_assert", "static_assert", "asm",
	"__asm__",	 "__asm",
};

/* Words of a declaration that are not the declared name. */
static const char *const plain_words[] = {
	"const",   "volatile",	"static",  "inline",   "__inline", "__inline__", "__always_inline", "__noinline",
	"signed",  "unsigned",	"int",	   "char",     "short",	   "long",	 "void",	    "float",
	"double",  "_Bool",	"bool",	   "register", "restrict", "__restrict", "__weak",	    "__hidden",
	"__ksym",  "__kconfig", "__kptr",  "__packed", "__unused", "__used",	 "_Atomic",	    "__arena",
	"__const", "__percpu",	"__int128",
};

static bool is_one_of(const struct ecli_token *token, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (ecli_token_is_name(token, words[i]))
			return true;
	return false;
}

static bool is_attribute(const struct ecli_token *token)
{
	return is_one_of(token, attribute_words, ARRAY_SIZE(attribute_words));
}

static bool is_plain_word(const struct ecli_token *token)
{
	return is_one_of(token, plain_words, ARRAY_SIZE(plain_words));
}

static bool at_end(const struct parser *p)
{
	return p->token.kind == ECLI_TOKEN_END || p->failed;
}

/* ---- doc comments ---- */

static void read_doc(struct parser *p, const char *text, size_t len, uint32_t line, struct ecli_doc *doc)
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

static void add_stray(struct parser *p, const char *text, size_t len, uint32_t line, bool may_be_file)
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
static void leave_waiting(struct parser *p)
{
	if (!p->waiting)
		return;
	add_stray(p, p->waiting, p->waiting_len, p->waiting_line, !p->seen_doc && !p->seen_decl);
	p->seen_doc = true;
	p->waiting = NULL;
}

static void take_waiting(struct parser *p, struct ecli_doc *doc)
{
	if (!p->waiting)
		return;
	read_doc(p, p->waiting, p->waiting_len, p->waiting_line, doc);
	p->seen_doc = true;
	p->waiting = NULL;
}

static void meet_doc(struct parser *p, const struct ecli_token *token)
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
		leave_waiting(p);
		p->waiting = token->text;
		p->waiting_len = token->len;
		p->waiting_line = token->line;
		p->waiting_end = token->end_line;
	}
}

/* ---- tokens ---- */

static void meet_directive(struct parser *p, const struct ecli_token *token)
{
	static const char name[] = "vmlinux.h";
	const char *at = token->text + 1, *end = token->text + token->len;

	leave_waiting(p);
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	if (end - at < 7 || memcmp(at, "include", 7) != 0)
		return;
	for (at += 7; at < end && (*at == ' ' || *at == '\t'); at++)
		;
	/* The quote, the name, the quote. */
	if ((size_t)(end - at) > sizeof(name) && (*at == '"' || *at == '<') && !memcmp(at + 1, name, sizeof(name) - 1) &&
	    (at[sizeof(name)] == '"' || at[sizeof(name)] == '>'))
		p->source.includes_vmlinux = true;
}

static void step(struct parser *p)
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
static void skip_brackets(struct parser *p)
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
		step(p);
	} while (open > 0 && !at_end(p));
	p->in_body = outer;
}

/* ---- declarations ---- */

static void declare(struct parser *p, enum ecli_decl_kind kind, const struct ecli_token *name, const char *parent,
                    struct ecli_doc *doc)
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

static bool has_name(const struct ecli_token *token)
{
	return token->kind == ECLI_TOKEN_NAME;
}

/* One member declaration of a struct, up to behind its `;`. */
static void read_member(struct parser *p, size_t struct_index)
{
	CLEANUP(ecli_doc_done) struct ecli_doc doc = { 0 };
	struct ecli_token name = { 0 }, before = { 0 };
	bool fixed = false; /* the name is known: a width, a length or an attribute follows */

	while (!at_end(p) && !ecli_token_is(&p->token, '}')) {
		take_waiting(p, &doc);
		if (ecli_token_is(&p->token, ';') || ecli_token_is(&p->token, ',')) {
			bool ends = ecli_token_is(&p->token, ';');

			if (has_name(&name))
				declare(p, ECLI_DECL_MEMBER, &name, p->source.decls[struct_index].name, &doc);
			if (p->failed)
				return;
			name = (struct ecli_token){ 0 };
			fixed = false;
			step(p);
			if (ends)
				return;
		} else if (ecli_token_is(&p->token, '{') || ecli_token_is(&p->token, '[') || ecli_token_is(&p->token, '(')) {
			/* A word before parentheses is a macro or an attribute; what stood before it may be the name. */
			if (ecli_token_is(&p->token, '('))
				name = before;
			fixed = ecli_token_is(&p->token, '[');
			skip_brackets(p);
		} else {
			if (has_name(&p->token) && !fixed && !is_plain_word(&p->token)) {
				before = name;
				name = p->token;
			}
			fixed = fixed || ecli_token_is(&p->token, ':');
			step(p);
		}
	}
}

/* The body of a named struct; the token is its `{`. */
static void read_members(struct parser *p, size_t struct_index)
{
	step(p);
	while (!at_end(p) && !ecli_token_is(&p->token, '}'))
		read_member(p, struct_index);
	leave_waiting(p);
	p->last_decl = struct_index;
	step(p);
}

static void read_aggregate(struct parser *p, struct pending *pending)
{
	if (pending->is_struct && has_name(&pending->name)) {
		declare(p, ECLI_DECL_STRUCT, &pending->name, NULL, &pending->doc);
		if (p->failed)
			return;
		pending->struct_decl = p->last_decl;
		read_members(p, pending->struct_decl);
	} else {
		skip_brackets(p);
	}
	pending->is_aggregate = false;
	pending->name = (struct ecli_token){ 0 };
}

/* `int BPF_PROG(name, ...)`: libbpf's macros take the function's name as their first argument. */
static void read_parameters(struct parser *p, struct pending *pending, const struct ecli_token *word)
{
	pending->function = *word;
	if (word->len > 4 && !memcmp(word->text, "BPF_", 4)) {
		step(p);
		if (has_name(&p->token))
			pending->function = p->token;
		bool outer = p->in_body;
		p->in_body = true;
		while (!at_end(p) && !ecli_token_is(&p->token, ')')) {
			if (ecli_token_is(&p->token, '('))
				skip_brackets(p);
			else
				step(p);
		}
		p->in_body = outer;
		step(p);
	} else {
		skip_brackets(p);
	}
}

static void finish_object(struct parser *p, struct pending *pending)
{
	bool is_object = has_name(&pending->name) && !has_name(&pending->function) && !pending->is_typedef;

	if (!is_object)
		return;
	/* `struct x { ... } map SEC(".maps")`: the comment speaks of the map unless it exports the struct. */
	if (pending->struct_decl != SIZE_MAX) {
		struct ecli_doc *doc = &p->source.decls[pending->struct_decl].doc;

		if (doc->line && !ecli_doc_tag(doc, "export") && !pending->doc.line) {
			pending->doc = *doc;
			*doc = (struct ecli_doc){ 0 };
		}
	}
	declare(p, ECLI_DECL_OBJECT, &pending->name, NULL, &pending->doc);
}

/* A word of a declaration. */
static void read_word(struct parser *p, struct pending *pending)
{
	struct ecli_token word = p->token;
	bool is_struct = ecli_token_is_name(&word, "struct");

	step(p);
	if (is_struct || ecli_token_is_name(&word, "union") || ecli_token_is_name(&word, "enum")) {
		/* After parentheses: those were a macro of their own, and this begins the declaration. */
		pending->function = (struct ecli_token){ 0 };
		pending->name = (struct ecli_token){ 0 };
		pending->is_aggregate = true;
		pending->is_struct = is_struct;
	} else if (ecli_token_is_name(&word, "typedef")) {
		pending->is_typedef = true;
	} else if (ecli_token_is_name(&word, "extern")) {
		pending->is_extern = true;
	} else if (ecli_token_is(&p->token, '(')) {
		if (is_attribute(&word) || is_plain_word(&word))
			skip_brackets(p);
		else
			read_parameters(p, pending, &word);
	} else if (!is_plain_word(&word)) {
		pending->name = word;
	}
}

static void skip_initialiser(struct parser *p)
{
	while (!at_end(p) && !ecli_token_is(&p->token, ',') && !ecli_token_is(&p->token, ';')) {
		if (ecli_token_is(&p->token, '(') || ecli_token_is(&p->token, '[') || ecli_token_is(&p->token, '{'))
			skip_brackets(p);
		else
			step(p);
	}
}

/* The token is a `{`. Returns whether the declaration ends with it. */
static bool read_braces(struct parser *p, struct pending *pending)
{
	if (has_name(&pending->function)) {
		declare(p, ECLI_DECL_FUNCTION, &pending->function, NULL, &pending->doc);
		skip_brackets(p);
		return true;
	}
	if (pending->is_aggregate) {
		read_aggregate(p, pending);
		return false;
	}
	if (pending->is_extern) { /* extern "C" { : its content is at file scope */
		step(p);
		return true;
	}
	skip_brackets(p);
	return true;
}

static void read_declaration(struct parser *p, struct pending *pending)
{
	while (!at_end(p)) {
		take_waiting(p, &pending->doc);
		if (has_name(&p->token)) {
			read_word(p, pending);
		} else if (ecli_token_is(&p->token, '=')) {
			skip_initialiser(p);
		} else if (ecli_token_is(&p->token, ',')) {
			finish_object(p, pending);
			pending->name = (struct ecli_token){ 0 };
			step(p);
		} else if (ecli_token_is(&p->token, ';')) {
			finish_object(p, pending);
			step(p);
			return;
		} else if (ecli_token_is(&p->token, '{')) {
			if (read_braces(p, pending))
				return;
		} else if (ecli_token_is(&p->token, '(') || ecli_token_is(&p->token, '[')) {
			skip_brackets(p);
		} else if (ecli_token_is(&p->token, '}')) {
			step(p);
			return;
		} else {
			step(p);
		}
	}
}

int ecli_source_parse(const char *path, const char *text, size_t len, struct ecli_err *err, struct ecli_source *ret_source)
{
	struct parser p = { .last_decl = SIZE_MAX };

	ecli_lexer_init(&p.lexer, text, len);
	p.source.path = strdup(path);
	p.failed = !p.source.path;
	step(&p);
	while (!at_end(&p)) {
		struct pending pending = { .struct_decl = SIZE_MAX };

		read_declaration(&p, &pending);
		ecli_doc_done(&pending.doc);
	}
	leave_waiting(&p);
	if (p.failed) {
		ecli_source_done(&p.source);
		return ecli_err_set(err, -ENOMEM, "out of memory while reading %s", path);
	}
	*ret_source = p.source;
	return 0;
}

int ecli_source_read(const char *path, struct ecli_err *err, struct ecli_source *ret_source)
{
	CLEANUP_BUF struct ecli_buf text = { 0 };

	int r = ecli_file_read(path, MAX_SOURCE_BYTES, &text, err);
	return r ? r : ecli_source_parse(path, ecli_buf_text(&text), text.len, err, ret_source);
}

void ecli_source_done(struct ecli_source *source)
{
	for (size_t i = 0; i < source->n_decls; i++) {
		free(source->decls[i].name);
		free(source->decls[i].parent);
		ecli_doc_done(&source->decls[i].doc);
	}
	for (size_t i = 0; i < source->n_stray; i++)
		ecli_doc_done(&source->stray[i]);
	ecli_doc_done(&source->file_doc);
	free(source->decls);
	free(source->stray);
	free(source->path);
	*source = (struct ecli_source){ 0 };
}
