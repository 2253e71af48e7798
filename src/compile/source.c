/* SPDX-License-Identifier: MIT */
/*
 * Declarations at file scope, found by their punctuation, one token at a time. Nothing is kept of a body but the
 * members of a named struct. A construct that is not understood is passed over up to its `;` or closing brace, so one
 * odd line does not hide the rest of a file.
 */
#include "compile/source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "compile/cursor.h"

#define MAX_SOURCE_BYTES (16 * 1024 * 1024)

/* What is known of a declaration while its tokens pass. */
struct pending {
	struct ecli_doc doc;
	struct ecli_token name;     /* candidate; kind END: none */
	struct ecli_token function; /* name of a function if a body follows */
	unsigned int n_words;       /* before its parentheses, with the name, without attributes */
	bool is_typedef, is_aggregate, is_struct, is_extern;
	bool is_tag;               /* the name is that of a struct: no declaration yet */
	size_t struct_decl;        /* SIZE_MAX: the declaration defines no named struct */
	size_t macro;              /* SIZE_MAX: it does not begin with a macro */
	struct ecli_buf arguments; /* names in the parentheses behind @function, a space behind each */
};

/* Followed by a list in parentheses, these name nothing. */
static const char *const attribute_words[] = {
	"__attribute__", "SEC",        "__aligned", "_Alignas", "alignas",    "__section",
	"typeof",        "__typeof__", "__typeof",  "_Pragma",  "__declspec", "_Static_assert",
	"static_assert", "asm",        "__asm__",   "__asm",
};

/* Words of a declaration that are not the declared name. */
static const char *const plain_words[] = {
	"const",      "volatile", "static",   "inline",  "__inline",  "__inline__", "__always_inline",
	"__noinline", "signed",   "unsigned", "int",     "char",      "short",      "long",
	"void",       "float",    "double",   "_Bool",   "bool",      "register",   "restrict",
	"__restrict", "__weak",   "__hidden", "__ksym",  "__kconfig", "__kptr",     "__packed",
	"__unused",   "__used",   "_Atomic",  "__arena", "__const",   "__percpu",   "__int128",
	"auto",       "typedef",  "extern",   "struct",  "union",     "enum",       "if",
	"else",       "for",      "while",    "do",      "switch",    "case",       "default",
	"break",      "continue", "goto",     "return",  "sizeof",
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

static bool has_name(const struct ecli_token *token)
{
	return token->kind == ECLI_TOKEN_NAME;
}

/* One member declaration of a struct, up to behind its `;`. */
static void read_member(struct ecli_cursor *p, size_t struct_index)
{
	CLEANUP(ecli_doc_done) struct ecli_doc doc = { 0 };
	struct ecli_token name = { 0 }, before = { 0 };
	bool fixed = false; /* the name is known: a width, a length or an attribute follows */

	while (!ecli_cursor_at_end(p) && !ecli_token_is(&p->token, '}')) {
		ecli_cursor_take_doc(p, &doc);
		if (ecli_token_is(&p->token, ';') || ecli_token_is(&p->token, ',')) {
			bool ends = ecli_token_is(&p->token, ';');

			if (has_name(&name))
				ecli_cursor_declare(p, ECLI_DECL_MEMBER, &name, p->source.decls[struct_index].name,
						    &doc);
			if (p->failed)
				return;
			name = (struct ecli_token){ 0 };
			fixed = false;
			ecli_cursor_step(p);
			if (ends)
				return;
		} else if (ecli_token_is(&p->token, '{') || ecli_token_is(&p->token, '[') ||
			   ecli_token_is(&p->token, '(')) {
			/* A word before parentheses is a macro or an attribute; what stood before it may be the name. */
			if (ecli_token_is(&p->token, '('))
				name = before;
			fixed = ecli_token_is(&p->token, '[');
			ecli_cursor_skip_brackets(p);
		} else {
			if (has_name(&p->token) && !fixed && !is_plain_word(&p->token)) {
				before = name;
				name = p->token;
			}
			fixed = fixed || ecli_token_is(&p->token, ':');
			ecli_cursor_step(p);
		}
	}
}

/* The body of a named struct; the token is its `{`. */
static void read_members(struct ecli_cursor *p, size_t struct_index)
{
	ecli_cursor_step(p);
	while (!ecli_cursor_at_end(p) && !ecli_token_is(&p->token, '}'))
		read_member(p, struct_index);
	ecli_cursor_leave_doc(p);
	p->last_decl = struct_index;
	ecli_cursor_step(p);
}

static void read_aggregate(struct ecli_cursor *p, struct pending *pending)
{
	if (pending->is_struct && has_name(&pending->name)) {
		ecli_cursor_declare(p, ECLI_DECL_STRUCT, &pending->name, NULL, &pending->doc);
		if (p->failed)
			return;
		pending->struct_decl = p->last_decl;
		read_members(p, pending->struct_decl);
	} else {
		ecli_cursor_skip_brackets(p);
	}
	pending->is_aggregate = pending->is_tag = false;
	pending->name = (struct ecli_token){ 0 };
}

/* `KNOB(__u32, limit, 0)`: nothing before it, so it is no function. At its end, for a comment behind it is its own. */
static void declare_macro(struct ecli_cursor *p, struct pending *pending)
{
	if (pending->n_words != 1 || pending->is_typedef || pending->macro != SIZE_MAX)
		return;
	ecli_cursor_declare(p, ECLI_DECL_MACRO, &pending->function, ecli_buf_text(&pending->arguments), &pending->doc);
	pending->macro = p->failed ? SIZE_MAX : p->last_decl;
}

/* `int BPF_PROG(name, ...)`: libbpf's macros take the function's name as their first argument. */
static void read_parameters(struct ecli_cursor *p, struct pending *pending, const struct ecli_token *word)
{
	bool is_first = word->len > 4 && !memcmp(word->text, "BPF_", 4), outer = p->in_body;
	int open = 0;

	pending->function = *word;
	p->in_body = true;
	do {
		const struct ecli_token *token = &p->token;

		open += ecli_token_is(token, '(') - ecli_token_is(token, ')');
		if (has_name(token) && is_first)
			pending->function = *token;
		if (has_name(token) && !is_plain_word(token)) {
			ecli_buf_add(&pending->arguments, token->text, token->len);
			ecli_buf_add_char(&pending->arguments, ' ');
		}
		is_first &= ecli_token_is(token, '(');
		if (!open) {
			p->in_body = outer; /* a comment behind the parentheses is outside */
			declare_macro(p, pending);
		}
		ecli_cursor_step(p);
	} while (open && !ecli_cursor_at_end(p));
	p->in_body = outer;
}

static void finish_object(struct ecli_cursor *p, struct pending *pending)
{
	bool is_object =
		has_name(&pending->name) && !pending->is_tag && !has_name(&pending->function) && !pending->is_typedef;

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
	ecli_cursor_declare(p, ECLI_DECL_OBJECT, &pending->name, NULL, &pending->doc);
}

/* A word of a declaration. */
static void read_word(struct ecli_cursor *p, struct pending *pending)
{
	struct ecli_token word = p->token;
	bool is_struct = ecli_token_is_name(&word, "struct");

	pending->n_words += !is_attribute(&word);
	ecli_cursor_step(p);
	if (is_struct || ecli_token_is_name(&word, "union") || ecli_token_is_name(&word, "enum")) {
		/* After parentheses: those were a macro of their own, and this begins the declaration. */
		pending->function = (struct ecli_token){ 0 };
		pending->name = (struct ecli_token){ 0 };
		pending->is_aggregate = pending->is_tag = true;
		pending->is_struct = is_struct;
	} else if (ecli_token_is_name(&word, "typedef")) {
		pending->is_typedef = true;
	} else if (ecli_token_is_name(&word, "extern")) {
		pending->is_extern = true;
	} else if (ecli_token_is(&p->token, '(')) {
		if (is_attribute(&word) || is_plain_word(&word))
			ecli_cursor_skip_brackets(p);
		else
			read_parameters(p, pending, &word);
	} else if (!is_plain_word(&word)) {
		pending->is_tag = pending->is_tag && !has_name(&pending->name);
		pending->name = word;
	}
}

static void skip_initialiser(struct ecli_cursor *p)
{
	while (!ecli_cursor_at_end(p) && !ecli_token_is(&p->token, ',') && !ecli_token_is(&p->token, ';')) {
		if (ecli_token_is(&p->token, '(') || ecli_token_is(&p->token, '[') || ecli_token_is(&p->token, '{'))
			ecli_cursor_skip_brackets(p);
		else
			ecli_cursor_step(p);
	}
}

/* The token is a `{`. Returns whether the declaration ends with it. */
static bool read_braces(struct ecli_cursor *p, struct pending *pending)
{
	if (has_name(&pending->function)) {
		if (pending->macro == SIZE_MAX)
			ecli_cursor_declare(p, ECLI_DECL_FUNCTION, &pending->function, NULL, &pending->doc);
		ecli_cursor_skip_brackets(p);
		return true;
	}
	if (pending->is_aggregate) {
		read_aggregate(p, pending);
		return false;
	}
	if (pending->is_extern) { /* extern "C" { : its content is at file scope */
		ecli_cursor_step(p);
		return true;
	}
	ecli_cursor_skip_brackets(p);
	return true;
}

static void read_declaration(struct ecli_cursor *p, struct pending *pending)
{
	while (!ecli_cursor_at_end(p)) {
		/* Behind a macro without a `;` another declaration begins. */
		if (pending->macro != SIZE_MAX && has_name(&p->token)) {
			p->source.decls[pending->macro].is_open = true;
			return;
		}
		ecli_cursor_take_doc(p, &pending->doc);
		if (has_name(&p->token)) {
			read_word(p, pending);
		} else if (ecli_token_is(&p->token, '=')) {
			skip_initialiser(p);
		} else if (ecli_token_is(&p->token, ',')) {
			finish_object(p, pending);
			pending->name = (struct ecli_token){ 0 };
			ecli_cursor_step(p);
		} else if (ecli_token_is(&p->token, ';')) {
			finish_object(p, pending);
			ecli_cursor_step(p);
			return;
		} else if (ecli_token_is(&p->token, '{')) {
			if (read_braces(p, pending))
				return;
		} else if (ecli_token_is(&p->token, '(') || ecli_token_is(&p->token, '[')) {
			ecli_cursor_skip_brackets(p);
		} else if (ecli_token_is(&p->token, '}')) {
			ecli_cursor_step(p);
			return;
		} else {
			ecli_cursor_step(p);
		}
	}
}

int ecli_source_parse(const char *path, const char *text, size_t len, struct ecli_err *err,
		      struct ecli_source *ret_source)
{
	struct ecli_cursor p = { .last_decl = SIZE_MAX };

	ecli_lexer_init(&p.lexer, text, len);
	p.source.path = strdup(path);
	p.failed = !p.source.path;
	ecli_cursor_step(&p);
	while (!ecli_cursor_at_end(&p)) {
		struct pending pending = { .struct_decl = SIZE_MAX, .macro = SIZE_MAX };

		read_declaration(&p, &pending);
		p.failed |= pending.arguments.failed;
		ecli_doc_done(&pending.doc);
		ecli_buf_done(&pending.arguments);
	}
	ecli_cursor_leave_doc(&p);
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
