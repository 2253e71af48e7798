/* SPDX-License-Identifier: MIT */
/*
 * The event type, where nobody names it. Each call that reports something hands over a variable or the size of a struct:
 *
 *     bpf_ringbuf_submit(e, 0)                                    e      <- struct event *e
 *     bpf_perf_event_output(ctx, &events, flags, &ev, sizeof(ev)) ev     <- struct event ev, or event_t ev with its typedef
 *     bpf_ringbuf_reserve(&rb, sizeof(struct event), 0)           event
 *
 * The declaration is the last one before the call, as text: clang keeps no local variable in BTF, so without a name there is
 * nothing to ask for afterwards. A name that is wrong does no harm, since exports.c takes only structs that the object has.
 *
 * `typedef struct { ... } event_t` has no name of its own and is kept apart: nothing can be declared of it before the source, but the prelude
 * leaves the type of what is sent in BTF, under the typedef's name.
 *
 * Deliberately not here: macros are not expanded, members of other structs are not looked up.
 */
#include "compile/reports.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "compile/lexer.h"

/* Bounds of what a hostile source can cost. */
enum {
	MAX_CALLS = 256,
	MAX_FILES = 64,
	MAX_BACK = 50000,
	MAX_BYTES = 16 * 1024 * 1024,
	MAX_ARGS = 5,
	MAX_TYPEDEFS = 4
};

#define NONE SIZE_MAX

/* Calls, with the arguments that tell the type: the data, then its size. */
static const struct {
	const char *name;
	int data, size;
} calls[] = {
	{ "bpf_ringbuf_submit", 0, -1 },         { "bpf_ringbuf_output", 1, 2 },
	{ "bpf_ringbuf_reserve", -1, 1 },        { "bpf_skb_output", 3, 4 },
	{ "bpf_perf_event_output", 3, 4 },       { "bpf_xdp_output", 3, 4 },
	{ "bpf_ringbuf_reserve_dynptr", -1, 1 }, { "bpf_seq_write", 1, 2 },
};

struct item {
	struct ecli_token token;
	size_t file;
};

struct file {
	char *path;
	struct ecli_buf text;
};

struct reading {
	struct file files[MAX_FILES];
	size_t n_files;
	struct item *items; /* names, literals and punctuation, those of an included file where it is included */
	size_t count, room;
	struct ecli_reports reports;
};

static void reading_done(struct reading *reading)
{
	for (size_t i = 0; i < reading->n_files; i++) {
		free(reading->files[i].path);
		ecli_buf_done(&reading->files[i].text);
	}
	free(reading->items);
	ecli_reports_done(&reading->reports);
	free(reading);
}

DEFINE_CLEANUP(reading, struct reading *, reading_done)

/* ---- tokens ---------------------------------------------------------------------------------------------------- */

static int add_item(struct reading *reading, const struct ecli_token *token, size_t file)
{
	if (reading->count == reading->room) {
		size_t room = reading->room ? reading->room * 2 : 1024;
		struct item *items = reallocarray(reading->items, room, sizeof(*items));

		if (!items)
			return -ENOMEM;
		reading->items = items;
		reading->room = room;
	}
	reading->items[reading->count++] = (struct item){ *token, file };
	return 0;
}

/* The path that an #include means when it is there, beside the file that includes it. NULL: none of ours. */
static char *included(const struct ecli_token *line, const char *from)
{
	CLEANUP_BUF struct ecli_buf path = { 0 };
	const char *slash = strrchr(from, '/');
	size_t len;

	const char *name = ecli_token_included(line, &len);
	if (!name || !len || memchr(name, 0, len))
		return NULL;
	if (slash && *name != '/')
		ecli_buf_add(&path, from, (size_t)(slash - from) + 1);
	ecli_buf_add(&path, name, len);
	const char *text = ecli_buf_text(&path), *base = strrchr(text, '/');
	/* The kernel's types: large, and never the event. */
	if (!strcmp(base ? base + 1 : text, "vmlinux.h") || access(text, R_OK))
		return NULL;
	return ecli_buf_take(&path);
}

static int add_text(struct reading *reading, const char *text, size_t len, size_t file);

/* A header that cannot be read is clang's matter. */
static int add_file(struct reading *reading, const char *path, struct ecli_err *err)
{
	for (size_t i = 0; i < reading->n_files; i++)
		if (!strcmp(reading->files[i].path, path))
			return 0;
	if (reading->n_files == MAX_FILES)
		return 0;

	size_t index = reading->n_files;
	struct file *file = &reading->files[index];
	*file = (struct file){ .path = strdup(path) };
	if (!file->path)
		return -ENOMEM;
	reading->n_files++;
	int r = ecli_file_read(path, MAX_BYTES, &file->text, err);
	if (r)
		return index && r != -ENOMEM ? 0 : r;
	return add_text(reading, ecli_buf_text(&file->text), file->text.len, index);
}

static int add_text(struct reading *reading, const char *text, size_t len, size_t file)
{
	struct ecli_lexer lexer;
	struct ecli_token token;
	int r = 0;

	ecli_lexer_init(&lexer, text, len);
	for (ecli_lexer_next(&lexer, &token); !r && token.kind != ECLI_TOKEN_END; ecli_lexer_next(&lexer, &token)) {
		if (token.kind == ECLI_TOKEN_DIRECTIVE && reading->n_files) {
			CLEANUP_FREE char *path = included(&token, reading->files[file].path);

			r = path ? add_file(reading, path, NULL) : 0;
		} else if (token.kind != ECLI_TOKEN_DOC && token.kind != ECLI_TOKEN_DIRECTIVE) {
			r = add_item(reading, &token, file);
		}
	}
	return r;
}

static bool is(const struct reading *reading, size_t at, char punct)
{
	return at < reading->count && ecli_token_is(&reading->items[at].token, punct);
}

static bool is_word(const struct reading *reading, size_t at, const char *word)
{
	return at < reading->count && ecli_token_is_name(&reading->items[at].token, word);
}

static bool is_name(const struct reading *reading, size_t at)
{
	return at < reading->count && reading->items[at].token.kind == ECLI_TOKEN_NAME;
}

static bool is_same(const struct reading *reading, size_t a, size_t b)
{
	const struct ecli_token *x = &reading->items[a].token, *y = &reading->items[b].token;

	return is_name(reading, a) && x->len == y->len && !memcmp(x->text, y->text, x->len);
}

/* ---- from a variable to its struct ----------------------------------------------------------------------------- */

/*
 * `typedef struct event { ... } event_t;`, `typedef struct event event_t;`: where "event" is. `typedef struct { ... } event_t;`: where
 * "event_t" is. NONE: there is no such.
 */
static size_t struct_of_typedef(const struct reading *reading, size_t name)
{
	for (size_t i = 2, tries = 0; i + 1 < reading->count && tries < MAX_TYPEDEFS; i++) {
		size_t at = i - 1, depth = 0;

		if (!is(reading, i + 1, ';') || !is_same(reading, i, name))
			continue;
		tries++;
		if (is(reading, at, '}')) {
			do {
				depth += is(reading, at, '}');
				depth -= is(reading, at, '{');
			} while (depth && at-- > 0);
			if (depth || !at--)
				continue;
			if (at >= 1 && is_word(reading, at, "struct") && is_word(reading, at - 1, "typedef"))
				return i;
		}
		if (at >= 2 && is_name(reading, at) && is_word(reading, at - 1, "struct") &&
		    is_word(reading, at - 2, "typedef"))
			return at;
	}
	return NONE;
}

static bool is_qualifier(const struct reading *reading, size_t at)
{
	return is_word(reading, at, "const") || is_word(reading, at, "volatile") || is_word(reading, at, "static") ||
	       is_word(reading, at, "restrict") || is_word(reading, at, "register");
}

/* What stands before a name, without its '*' and qualifiers. NONE at the start. */
static size_t before_declarator(const struct reading *reading, size_t at)
{
	while (at-- > 0)
		if (!is(reading, at, '*') && !is_qualifier(reading, at))
			return at;
	return NONE;
}

static bool begins_statement(const struct reading *reading, size_t at)
{
	return at == NONE || is(reading, at, ';') || is(reading, at, '{') || is(reading, at, '}') ||
	       is(reading, at, '(') || is(reading, at, ',') || is(reading, at, ')');
}

/* The struct in the declaration that names a variable at @at; NONE: this is no declaration of one. @typedefs: looked for so far. */
static size_t struct_of_declaration(const struct reading *reading, size_t at, size_t *typedefs)
{
	size_t type = before_declarator(reading, at);

	/* `struct event *a, *b`: the type stands at the start of the statement. */
	if (type != NONE && is(reading, type, ',')) {
		size_t start = type;

		while (start > 0 && (is(reading, start - 1, ',') || !begins_statement(reading, start - 1)))
			start--;
		while (is_qualifier(reading, start))
			start++;
		return is_word(reading, start, "struct") && is_name(reading, start + 1) && !is(reading, start + 2, '{')
			       ? start + 1
			       : NONE;
	}
	if (type == NONE || !is_name(reading, type))
		return NONE;
	size_t before = before_declarator(reading, type);
	if (before != NONE && is_word(reading, before, "struct"))
		return type;
	if (is_word(reading, type, "return") || is_word(reading, type, "sizeof"))
		return NONE;
	return begins_statement(reading, before) && ++*typedefs <= MAX_TYPEDEFS ? struct_of_typedef(reading, type)
										: NONE;
}

static size_t struct_of_variable(const struct reading *reading, size_t name, size_t call)
{
	size_t typedefs = 0;

	for (size_t at = call, tries = 0; at-- > 0 && tries < MAX_BACK; tries++) {
		size_t found = is_same(reading, at, name) ? struct_of_declaration(reading, at, &typedefs) : NONE;

		if (found != NONE)
			return found;
	}
	return NONE;
}

/* The struct that an argument, the items from @at up to @end, is or has the size of. */
static size_t struct_of_argument(const struct reading *reading, size_t at, size_t end, size_t call)
{
	while (at < end && !is_name(reading, at) && !is(reading, at, '('))
		at++;
	while (at < end) {
		if (is_word(reading, at, "struct"))
			return at + 1 < end ? at + 1 : NONE; /* sizeof(struct event), (struct event *)p */
		if (is(reading, at, '(') || is(reading, at, '*') || is(reading, at, '&') || is_qualifier(reading, at) ||
		    is_word(reading, at, "sizeof")) {
			at++;
		} else if (is_word(reading, at, "void") || is_word(reading, at, "char")) {
			while (at < end && !is(reading, at, ')')) /* (void *)&event */
				at++;
			at++;
		} else {
			break;
		}
	}
	if (at >= end || !is_name(reading, at))
		return NONE;
	/* A member of something is not looked up. */
	if (at + 1 < end && (is(reading, at + 1, '-') || is(reading, at + 1, '.') || is(reading, at + 1, '(')))
		return NONE;
	size_t found = struct_of_variable(reading, at, call);
	return found != NONE ? found : struct_of_typedef(reading, at); /* sizeof(event_t) */
}

/* ---- calls ----------------------------------------------------------------------------------------------------- */

/* The arguments behind the '(' at @at: where each begins, and behind the last the end. Returns how many. */
static int split(const struct reading *reading, size_t at, size_t starts[MAX_ARGS + 1])
{
	int depth = 0, n = 0;

	starts[n++] = at + 1;
	for (; at < reading->count; at++) {
		if (is(reading, at, '(') || is(reading, at, '{') || is(reading, at, '['))
			depth++;
		else if (is(reading, at, ')') || is(reading, at, '}') || is(reading, at, ']'))
			depth--;
		if (!depth || is(reading, at, ';'))
			break;
		if (depth == 1 && is(reading, at, ',') && n < MAX_ARGS)
			starts[n++] = at + 1;
	}
	starts[n] = at + 1;
	return n;
}

static int add_name(const struct ecli_token *token, char ***names, size_t *count)
{
	for (size_t i = 0; i < *count; i++)
		if (strlen((*names)[i]) == token->len && !memcmp((*names)[i], token->text, token->len))
			return 0;
	char **grown = reallocarray(*names, *count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	*names = grown;
	grown[*count] = strndup(token->text, token->len);
	return grown[*count] ? (++*count, 0) : -ENOMEM;
}

static int add_report(struct reading *reading, size_t at)
{
	struct ecli_reports *reports = &reading->reports;
	const struct ecli_token *token = &reading->items[at].token;

	/* Behind the body only the name of a typedef stands. */
	return at && is(reading, at - 1, '}') ? add_name(token, &reports->typedefs, &reports->n_typedefs)
					      : add_name(token, &reports->names, &reports->count);
}

/* `struct bpf_map_def SEC("maps") events = ...` in the source itself. */
static void find_old_map(struct reading *reading)
{
	static const char section[] = "\"maps\"";

	for (size_t i = 0; i + 3 < reading->count && !reading->reports.old_map_line; i++) {
		const struct ecli_token *token = &reading->items[i + 2].token;

		if (!reading->items[i].file && is_word(reading, i, "SEC") && is(reading, i + 1, '(') &&
		    is(reading, i + 3, ')') && token->len == sizeof(section) - 1 &&
		    !memcmp(token->text, section, token->len))
			reading->reports.old_map_line = token->line;
	}
}

static int find_calls(struct reading *reading)
{
	size_t starts[MAX_ARGS + 1], n_calls = 0;

	for (size_t i = 0; i + 1 < reading->count && n_calls < MAX_CALLS; i++) {
		for (size_t k = 0; is(reading, i + 1, '(') && k < ARRAY_SIZE(calls); k++) {
			if (!is_word(reading, i, calls[k].name))
				continue;
			const int wanted[] = { calls[k].data, calls[k].size };
			int n = split(reading, i + 1, starts);
			size_t found = NONE;

			n_calls++;
			for (size_t w = 0; found == NONE && w < ARRAY_SIZE(wanted); w++)
				if (wanted[w] >= 0 && wanted[w] < n)
					found = struct_of_argument(reading, starts[wanted[w]],
								   starts[wanted[w] + 1] - 1, i);
			if (found != NONE && is_name(reading, found) && add_report(reading, found))
				return -ENOMEM;
		}
	}
	return 0;
}

/* The file that defines the first struct, if that is not the source. */
static int find_header(struct reading *reading)
{
	const char *name = reading->reports.count ? reading->reports.names[0] : NULL;

	for (size_t i = 0; name && i + 2 < reading->count; i++)
		if (is_word(reading, i, "struct") && is_word(reading, i + 1, name) && is(reading, i + 2, '{')) {
			if (!reading->items[i].file)
				return 0;
			reading->reports.header = strdup(reading->files[reading->items[i].file].path);
			return reading->reports.header ? 0 : -ENOMEM;
		}
	return 0;
}

/* The names of all files read but the source itself. */
static int list_included(struct reading *reading)
{
	struct ecli_reports *reports = &reading->reports;

	reports->included = calloc(reading->n_files, sizeof(*reports->included));
	if (!reports->included)
		return -ENOMEM;
	for (size_t i = 1; i < reading->n_files; i++) {
		reports->included[reports->n_included] = strdup(reading->files[i].path);
		if (!reports->included[reports->n_included])
			return -ENOMEM;
		reports->n_included++;
	}
	return 0;
}

static void take(struct reading *reading, struct ecli_reports *ret_reports)
{
	find_old_map(reading);
	*ret_reports = reading->reports;
	reading->reports = (struct ecli_reports){ 0 };
}

int ecli_reports_read(const char *source, struct ecli_err *err, struct ecli_reports *ret_reports)
{
	CLEANUP(cleanup_reading) struct reading *reading = calloc(1, sizeof(*reading));
	int r = reading ? add_file(reading, source, err) : -ENOMEM;

	if (!r && (find_calls(reading) || find_header(reading) || list_included(reading)))
		r = -ENOMEM;
	if (r)
		return r == -ENOMEM ? ecli_err_set(err, r, "out of memory while reading %s", source) : r;
	take(reading, ret_reports);
	return 0;
}

int ecli_reports_parse(const char *text, size_t len, struct ecli_reports *ret_reports)
{
	CLEANUP(cleanup_reading) struct reading *reading = calloc(1, sizeof(*reading));

	if (!reading || add_text(reading, text, len, 0) || find_calls(reading))
		return -ENOMEM;
	take(reading, ret_reports);
	return 0;
}

void ecli_reports_done(struct ecli_reports *reports)
{
	for (size_t i = 0; i < reports->count; i++)
		free(reports->names[i]);
	free(reports->names);
	for (size_t i = 0; i < reports->n_typedefs; i++)
		free(reports->typedefs[i]);
	free(reports->typedefs);
	for (size_t i = 0; i < reports->n_included; i++)
		free(reports->included[i]);
	free(reports->included);
	free(reports->header);
	*reports = (struct ecli_reports){ 0 };
}
