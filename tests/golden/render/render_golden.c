/* SPDX-License-Identifier: MIT */
/*
 * Golden tests of the renderer: a case file describes an event type and records, and carries the text expected in each
 * format. Types and plan are the real ones.
 *
 *     struct event char[16]:task u64:delta_us      (spec.h; the last type is the event, unless `key` and `value` say
 * otherwise) hidden FIELD    time FIELD    format [STRUCT.]FIELD NAME    map NAME    zone UTC0 row 1795341600.123456 "cc1" 42                (the
 * plan's @time field is not looked at: the caller gives the time)
 *     === table
 *     ...
 *
 * `render_golden FILE...` compares, `render_golden --update FILE...` writes what it got into the files.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <ecli/render.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "support/spec.h"

#define NOTES_MAX 48
#define ROWS_MAX  64

struct row {
	uint64_t wall_ns;
	const char *values;
};

struct golden {
	struct spec *spec;
	struct ecli_types *types;
	struct ecli_plan *plan;
	uint32_t event, key, value; /* type ids */
	const char *map;
	struct ecli_plan_note notes[NOTES_MAX];
	size_t n_notes;
	struct row rows[ROWS_MAX];
	size_t n_rows;
};

static _Noreturn void bad(const char *path, const char *what, const char *detail)
{
	fprintf(stderr, "%s: %s: %s\n", path, what, detail);
	exit(99);
}

/* "1795341600.123456" in ns; exact, unlike a double. */
static uint64_t parse_time(const char *text, char **ret_end)
{
	uint64_t seconds = strtoull(text, ret_end, 10), fraction = 0, unit = 100000000;

	if (**ret_end == '.')
		for (++*ret_end; **ret_end >= '0' && **ret_end <= '9'; ++*ret_end, unit /= 10)
			fraction += unit * (uint64_t)(**ret_end - '0');
	return seconds * 1000000000 + fraction;
}

static void add_note(struct golden *golden, const char *path, const char *field, bool hidden)
{
	if (golden->n_notes == NOTES_MAX)
		bad(path, "too many notes", field);
	golden->notes[golden->n_notes++] =
		(struct ecli_plan_note){ .field = field, .hidden = hidden, .is_time = !hidden };
}

/* "[STRUCT.]FIELD NAME" */
static void add_format(struct golden *golden, const char *path, char *rest)
{
	char *format = strchr(rest, ' '), *dot = strchr(rest, '.');

	if (!format || golden->n_notes == NOTES_MAX)
		bad(path, "too many notes, or no FIELD FORMAT", rest);
	*format++ = '\0';
	if (dot)
		*dot++ = '\0';
	golden->notes[golden->n_notes++] = (struct ecli_plan_note){
		.parent = dot ? rest : NULL,
		.field = dot ? dot : rest,
		.format = format,
	};
}

static void read_line(struct golden *golden, const char *path, char *line)
{
	char *rest = strchr(line, ' ');
	size_t len = strcspn(line, " ");

	if (!*line || *line == '#')
		return;
	if (!rest)
		bad(path, "a word and its value expected", line);
	rest++;
	if (!strncmp(line, "row", len)) {
		char *end;

		if (golden->n_rows == ROWS_MAX)
			bad(path, "too many rows", line);
		golden->rows[golden->n_rows].wall_ns = parse_time(rest, &end);
		golden->rows[golden->n_rows++].values = end;
	} else if (!strncmp(line, "hidden", len) || !strncmp(line, "time", len)) {
		add_note(golden, path, rest, *line == 'h');
	} else if (!strncmp(line, "format", len)) {
		add_format(golden, path, rest);
	} else if (!strncmp(line, "typedef", len)) {
		spec_define(golden->spec, line);
	} else if (!strncmp(line, "map", len)) {
		golden->map = rest;
	} else if (!strncmp(line, "zone", len)) {
		setenv("TZ", rest, 1);
		tzset();
	} else if (!strncmp(line, "key", len)) {
		golden->key = spec_type(golden->spec, rest);
	} else if (!strncmp(line, "value", len)) {
		golden->value = spec_type(golden->spec, rest);
	} else if (!strncmp(line, "event", len)) {
		golden->event = spec_type(golden->spec, rest);
	} else {
		golden->event = spec_define(golden->spec, line);
	}
}

static void build(struct golden *golden, const char *path)
{
	struct ecli_err err = { 0 };
	int r;

	golden->types = spec_types(golden->spec);
	if (golden->key)
		r = ecli_plan_build_pair(golden->types, golden->key, golden->value, golden->notes, golden->n_notes,
					 &err, &golden->plan);
	else
		r = ecli_plan_build(golden->types, golden->event, golden->notes, golden->n_notes, &err, &golden->plan);
	if (r)
		bad(path, "no plan", err.text);
}

/* The bytes of one row; of a pair the key, padded to 8 bytes, then the value after "|". */
static void encode(const struct golden *golden, const char *path, const char *values, struct ecli_buf *record)
{
	if (!golden->key) {
		spec_encode(golden->spec, golden->event, values, record);
		return;
	}

	const char *bar = strchr(values, '|');
	if (!bar)
		bad(path, "KEY | VALUE expected", values);
	CLEANUP_FREE char *key = strndup(values, (size_t)(bar - values));
	spec_encode(golden->spec, golden->key, key, record);
	ecli_buf_add_repeat(record, '\0', (8 - record->len % 8) % 8);
	spec_encode(golden->spec, golden->value, bar + 1, record);
}

static void render(const struct golden *golden, const char *path, enum ecli_format format, struct ecli_buf *out)
{
	struct ecli_render *renderer;
	struct ecli_err err = { 0 };

	if (ecli_render_new(golden->plan, format, golden->map, &err, &renderer))
		bad(path, "no renderer", err.text);
	ecli_buf_add_format(out, "=== %s\n", ecli_format_names[format]);
	ecli_render_header(renderer, out);
	for (size_t i = 0; i < golden->n_rows; i++) {
		CLEANUP_BUF struct ecli_buf record = { 0 };

		encode(golden, path, golden->rows[i].values, &record);
		/* Exactly as long as it is, so that reading beyond is seen by ASan. */
		CLEANUP_FREE char *exact = malloc(record.len);
		if (!exact)
			bad(path, "out of memory", "");
		memcpy(exact, record.data, record.len);
		int r = ecli_render_row(renderer, golden->rows[i].wall_ns, exact, record.len, out);
		if (r)
			bad(path, "no row", strerror(-r));
	}
	ecli_render_free(renderer);
}

/* The case's own lines and what the renderers make of them, as the file should be. */
static void run(const char *path, const char *text, struct ecli_buf *out)
{
	struct golden golden = { .spec = spec_new() };
	const char *expected = strstr(text, "=== ");
	CLEANUP_FREE char *head = strndup(text, expected ? (size_t)(expected - text) : strlen(text));
	char *save;

	setenv("TZ", "UTC0", 1);
	tzset();
	ecli_buf_add_text(out, head);
	for (char *line = strtok_r(head, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		read_line(&golden, path, line);
	build(&golden, path);
	for (int format = 0; ecli_format_names[format]; format++)
		render(&golden, path, (enum ecli_format)format, out);

	ecli_plan_free(golden.plan);
	ecli_types_free(golden.types);
	spec_free(golden.spec);
}

/* The first line that differs, both ways. */
static void show_difference(const char *expected, const char *got)
{
	for (int line = 1;; line++) {
		size_t a = strcspn(expected, "\n"), b = strcspn(got, "\n");

		if (a != b || memcmp(expected, got, a) || (!expected[a] && !got[b])) {
			printf("# line %d\n# expected: %.*s\n# got:      %.*s\n", line, (int)a, expected, (int)b, got);
			return;
		}
		expected += a + !!expected[a];
		got += b + !!got[b];
	}
}

int main(int argc, char **argv)
{
	bool is_update = argc > 1 && !strcmp(argv[1], "--update");
	int failed = 0;

	printf("1..%d\n", argc - 1 - is_update);
	for (int i = 1 + is_update; i < argc; i++) {
		CLEANUP_BUF struct ecli_buf file = { 0 }, got = { 0 };
		struct ecli_err err = { 0 };
		const char *name = strrchr(argv[i], '/');

		if (ecli_file_read(argv[i], 1 << 20, &file, &err))
			bad(argv[i], "not read", err.text);
		run(argv[i], ecli_buf_text(&file), &got);
		bool is_same = file.len == got.len && !memcmp(file.data, got.data, got.len);
		if (!is_same && is_update && ecli_file_write(argv[i], got.data, got.len, &err))
			bad(argv[i], "not written", err.text);
		printf("%s %d - %s\n", is_same || is_update ? "ok" : "not ok", i - is_update,
		       name ? name + 1 : argv[i]);
		if (!is_same && !is_update) {
			show_difference(ecli_buf_text(&file), ecli_buf_text(&got));
			failed++;
		}
	}
	return failed ? 1 : 0;
}
