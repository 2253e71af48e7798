/* SPDX-License-Identifier: MIT */
/*
 * An inspection for people: one block for each question, aligned, nothing that is empty. Names and types come from the
 * package: all of them go through text(), which escapes what could move a cursor.
 */
#include "ecli.h"

#include <stdlib.h>
#include <string.h>

#include <ecli/inspect.h>
#include <ecli/load.h>
#include <ecli/options.h>
#include <ecli/render.h>

#include "../common/told.h"

/* BPF_MAP_TYPE_* of Linux; a header may be older than the numbers. */
#define RINGBUF      27
#define USER_RINGBUF 31

/* Appends untrusted text, then blanks up to @width columns, two where it is wider. Returns what it took. */
static size_t text(struct ecli_buf *out, const char *untrusted, size_t width)
{
	size_t before = out->len;

	ecli_render_safe_text(untrusted, strlen(untrusted), out);
	size_t took = out->len - before;
	size_t gap = took + 2 <= width ? width - took : width ? 2 : 0;
	ecli_buf_add_repeat(out, ' ', gap);
	return took + gap;
}

static void head(struct ecli_buf *out, const char *title)
{
	ecli_buf_add_format(out, "\n%s:\n", title);
}

/* "12 bytes", "4.0 KiB" */
static void size(struct ecli_buf *out, uint64_t bytes)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	double value = (double)bytes / 1024;
	size_t unit = 0;

	if (bytes < 1024) {
		ecli_buf_add_format(out, "%llu bytes", (unsigned long long)bytes);
		return;
	}
	for (; value >= 1024 && unit + 1 < sizeof(units) / sizeof(units[0]); unit++)
		value /= 1024;
	ecli_buf_add_format(out, "%.1f %s", value, units[unit]);
}

static size_t longest(size_t so_far, const char *word)
{
	size_t len = strlen(word);

	return len > so_far && len <= 40 ? len : so_far;
}

/* What the section does not say: where it attaches, and on what that depends. */
static void add_target(const struct ecli_package_prog *prog, struct ecli_buf *out)
{
	char *when = ecli_package_extra_text(&prog->extras, "when");
	struct ecli_buf target = { 0 };

	ecli_attach_present(prog, &target);
	const char *now = ecli_buf_text(&target);
	if (*now && !strstr(prog->attach, now)) {
		ecli_buf_add_text(out, "; attaches to ");
		text(out, now, 0);
	}
	if (when) {
		ecli_buf_add_text(out, "; only when ");
		text(out, when, 0);
	}
	ecli_buf_done(&target);
	free(when);
}

static void add_progs(const struct ecli_inspect *inspect, const struct ecli_package *package, struct ecli_buf *out)
{
	size_t name = 0, section = 0;

	if (!inspect->n_progs)
		return;
	for (size_t i = 0; i < inspect->n_progs; i++) {
		name = longest(name, inspect->progs[i].name);
		section = longest(section, inspect->progs[i].section);
	}
	head(out, "Programs");
	for (size_t i = 0; i < inspect->n_progs; i++) {
		const struct ecli_inspect_prog *prog = &inspect->progs[i];

		ecli_buf_add_text(out, "  ");
		text(out, prog->name, name + 2);
		text(out, prog->section, section + 2);
		ecli_buf_add_format(out, "%s; %u instructions", prog->kind, prog->instructions);
		if (prog->alternative) {
			ecli_buf_add_text(out, "; alternative ");
			text(out, prog->alternative, 0);
		}
		if (prog->is_optional)
			ecli_buf_add_text(out, "; optional");
		add_target(&package->progs[i], out);
		ecli_buf_add_char(out, '\n');
	}
}

/* What max_entries counts: a ring buffer's are bytes. */
static const char *entries_word(const struct ecli_inspect_map *map)
{
	if (map->map_type == RINGBUF || map->map_type == USER_RINGBUF)
		return "bytes";
	return map->max_entries == 1 ? "entry" : "entries";
}

static void add_map(const struct ecli_inspect_map *map, size_t width, struct ecli_buf *out)
{
	ecli_buf_add_text(out, "  ");
	text(out, map->name, width + 2);
	if (map->is_section) {
		ecli_buf_add_format(out, "global variables, %u byte%s", map->value_size,
				    map->value_size == 1 ? "" : "s");
	} else {
		ecli_buf_add_text(out, map->type);
		if (map->key_type || map->key_size) {
			ecli_buf_add_text(out, ", key ");
			text(out, map->key_type ? map->key_type : "bytes", 0);
			ecli_buf_add_format(out, " (%u)", map->key_size);
		}
		if (map->value_type || map->value_size) {
			ecli_buf_add_text(out, ", value ");
			text(out, map->value_type ? map->value_type : "bytes", 0);
			ecli_buf_add_format(out, " (%u)", map->value_size);
		}
		if (map->sized_by && !map->max_entries) {
			ecli_buf_add_text(out, ", entries by ");
			text(out, map->sized_by, 0);
		} else if (map->max_entries) {
			ecli_buf_add_format(out, ", %u %s", map->max_entries, entries_word(map));
		}
		if (map->sized_by && map->max_entries) {
			ecli_buf_add_text(out, " by ");
			text(out, map->sized_by, 0);
		}
		if (map->run_bytes)
			ecli_buf_add_format(out, ", in a run %llu bytes%s", (unsigned long long)map->run_bytes,
					    map->map_type == RINGBUF ? "" : " for each CPU");
	}
	ecli_buf_add_text(out, "; memory ");
	size(out, map->memory_bytes);
	if (map->is_per_entry)
		ecli_buf_add_text(out, " for each entry");
	if (map->alternative) {
		ecli_buf_add_text(out, "; alternative ");
		text(out, map->alternative, 0);
	}
	if (map->when) {
		ecli_buf_add_text(out, "; shown only when ");
		text(out, map->when, 0);
	}
	ecli_buf_add_char(out, '\n');
}

static void add_maps(const struct ecli_inspect *inspect, struct ecli_buf *out)
{
	size_t width = 0;

	if (!inspect->n_maps)
		return;
	for (size_t i = 0; i < inspect->n_maps; i++)
		width = longest(width, inspect->maps[i].name);
	head(out, "Maps");
	for (size_t i = 0; i < inspect->n_maps; i++)
		add_map(&inspect->maps[i], width, out);
	ecli_buf_add_text(out, "  all together about ");
	size(out, inspect->memory_bytes);
	bool has_unknown = false;
	for (size_t i = 0; i < inspect->n_maps; i++)
		has_unknown |= inspect->maps[i].is_per_entry;
	ecli_buf_add_format(out, " (estimate for %u CPUs, all alternatives, maps full%s)\n", inspect->cpus,
			    has_unknown ? "; without those whose entries are not known" : "");
}

static void add_source(const struct ecli_inspect_source *source, struct ecli_buf *out)
{
	size_t width = 0;

	ecli_buf_add_format(out, "  %s ", ecli_inspect_source_words(source->kind));
	text(out, source->name, 0);
	if (source->plan)
		ecli_buf_add_format(out, ", %llu bytes a record", (unsigned long long)source->size_bytes);
	ecli_buf_add_char(out, '\n');
	for (size_t i = 0; i < source->n_fields; i++)
		width = longest(width, source->fields[i].name);
	for (size_t i = 0; i < source->n_fields; i++) {
		const struct ecli_inspect_field *field = &source->fields[i];

		ecli_buf_add_repeat(out, ' ', 4 + 2 * (size_t)field->depth);
		text(out, *field->name ? field->name : "each", width + 2);
		ecli_buf_add_text(out, field->type);
		if (field->is_hidden && !field->depth)
			ecli_buf_add_text(out, " (JSON only)");
		ecli_buf_add_char(out, '\n');
	}
}

static void add_sources(const struct ecli_inspect *inspect, struct ecli_buf *out)
{
	head(out, "Events");
	if (inspect->sources_problem) {
		ecli_buf_add_text(out, "  cannot be shown: ");
		text(out, inspect->sources_problem, 0);
		ecli_buf_add_char(out, '\n');
	}
	for (size_t i = 0; i < inspect->n_sources; i++)
		add_source(&inspect->sources[i], out);
	if (!inspect->sources_problem && !inspect->n_sources)
		ecli_buf_add_text(out, "  none: a run shows no rows\n");
}

static void since(const char *version, struct ecli_buf *out)
{
	if (*version)
		ecli_buf_add_format(out, "Linux %s", version);
	else
		ecli_buf_add_char(out, '-');
	ecli_buf_add_char(out, '\n');
}

static void add_calls(const struct ecli_inspect *inspect, struct ecli_buf *out)
{
	size_t width = 0;

	if (!inspect->n_calls)
		return;
	for (size_t i = 0; i < inspect->n_calls; i++)
		width = longest(width, inspect->calls[i].name);
	head(out, "Kernel functions it calls, since");
	for (size_t i = 0; i < inspect->n_calls; i++) {
		ecli_buf_add_text(out, "  ");
		text(out, inspect->calls[i].name, width + 2);
		if (inspect->calls[i].is_kfunc)
			ecli_buf_add_text(out, "kfunc\n");
		else
			since(inspect->calls[i].since, out);
	}
}

/* One line for each sentence, with all that cause it. */
static void add_effects(const struct ecli_inspect *inspect, struct ecli_buf *out)
{
	head(out, "What it can change");
	if (!inspect->n_effects)
		ecli_buf_add_text(out, "  nothing but its own maps: it only watches\n");
	for (size_t i = 0; i < inspect->n_effects; i++) {
		const char *sentence = inspect->effects[i].sentence;
		bool told = false;

		for (size_t k = 0; k < i && !told; k++)
			told = !strcmp(inspect->effects[k].sentence, sentence);
		if (told)
			continue;
		ecli_buf_add_format(out, "  it %s (", sentence);
		for (size_t k = i, n = 0; k < inspect->n_effects; k++) {
			if (strcmp(inspect->effects[k].sentence, sentence))
				continue;
			if (n++)
				ecli_buf_add_text(out, ", ");
			text(out, inspect->effects[k].cause, 0);
		}
		ecli_buf_add_text(out, ")\n");
	}
}

static void add_costs(const struct ecli_inspect *inspect, struct ecli_buf *out)
{
	if (!inspect->n_costs)
		return;
	head(out, "What it can cost");
	for (size_t i = 0; i < inspect->n_costs; i++) {
		const struct ecli_inspect_cost *cost = &inspect->costs[i];

		ecli_buf_add_text(out, "  ");
		text(out, cost->cause, 0);
		ecli_buf_add_text(out, " in ");
		text(out, cost->function, 0);
		if (cost->section) {
			ecli_buf_add_text(out, " (");
			text(out, cost->section, 0);
			ecli_buf_add_char(out, ')');
		}
		ecli_buf_add_format(out, ": %s\n", cost->sentence);
	}
}

static void add_features(const struct ecli_inspect *inspect, struct ecli_buf *out)
{
	size_t width = 0;

	if (!inspect->n_features)
		return;
	for (size_t i = 0; i < inspect->n_features; i++) {
		size_t len = strlen(inspect->features[i].what);
		width = len > width ? len : width;
	}
	head(out, "What the kernel must have (of alternatives: one), since");
	for (size_t i = 0; i < inspect->n_features; i++) {
		ecli_buf_add_text(out, "  ");
		text(out, inspect->features[i].what, width + 2);
		since(inspect->features[i].since, out);
	}
}

void inspect_text(const struct ecli_inspect *inspect, const struct tool *tool, struct ecli_buf *out)
{
	const struct ecli_package *package = inspect->package;
	size_t n_options;
	const struct ecli_option *options = ecli_globals_options(tool->globals, &n_options);

	text(out, package->name ? package->name : "tool", 0);
	if (package->doc.version) {
		ecli_buf_add_text(out, " ");
		text(out, package->doc.version, 0);
	}
	ecli_buf_add_char(out, '\n');
	cli_add_told(out, package->doc.brief, 2);
	cli_add_told(out, package->doc.description, 2);
	add_progs(inspect, tool->package, out);
	add_maps(inspect, out);
	if (n_options) {
		head(out, "Options");
		ecli_options_help(options, n_options, out);
	}
	add_sources(inspect, out);
	add_calls(inspect, out);
	add_effects(inspect, out);
	add_costs(inspect, out);
	add_features(inspect, out);
	head(out, "Size");
	ecli_buf_add_format(out, "  object %zu bytes, %u instructions\n", package->object_size, inspect->instructions);
	ecli_buf_add_text(out, "  license ");
	text(out, inspect->license ? inspect->license : "not named", 0);
	ecli_buf_add_text(out, ", compiler ");
	text(out, inspect->compiler ? inspect->compiler : "not recorded", 0);
	ecli_buf_add_char(out, '\n');
}
