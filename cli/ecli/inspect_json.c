/* SPDX-License-Identifier: MIT */
/*
 * An inspection as one JSON object, with everything that the text has (docs/formats/inspect.md names the keys). Written by
 * three small functions that put a comma where one is needed; strings are escaped, and valid UTF-8 whatever they were.
 */
#include "ecli.h"

#include <stdlib.h>
#include <string.h>

#include <ecli/inspect.h>
#include <ecli/load.h>
#include <ecli/options.h>
#include <ecli/render.h>

static void comma(struct ecli_buf *out)
{
	char last = out->len ? out->data[out->len - 1] : '{';

	if (last != '{' && last != '[' && last != ':')
		ecli_buf_add_char(out, ',');
}

static void string(struct ecli_buf *out, const char *untrusted)
{
	if (untrusted)
		ecli_render_json_text(untrusted, strlen(untrusted), out);
	else
		ecli_buf_add_text(out, "null");
}

static void key(struct ecli_buf *out, const char *name)
{
	comma(out);
	string(out, name);
	ecli_buf_add_char(out, ':');
}

static void key_text(struct ecli_buf *out, const char *name, const char *value)
{
	key(out, name);
	string(out, value);
}

/* A version or another text that may be missing: null instead of "". */
static void key_known(struct ecli_buf *out, const char *name, const char *value)
{
	key_text(out, name, value && *value ? value : NULL);
}

static void key_number(struct ecli_buf *out, const char *name, uint64_t value)
{
	key(out, name);
	ecli_buf_add_format(out, "%llu", (unsigned long long)value);
}

static void key_bool(struct ecli_buf *out, const char *name, bool value)
{
	key(out, name);
	ecli_buf_add_text(out, value ? "true" : "false");
}

static void open_list(struct ecli_buf *out, const char *name)
{
	key(out, name);
	ecli_buf_add_char(out, '[');
}

static void open_item(struct ecli_buf *out)
{
	comma(out);
	ecli_buf_add_char(out, '{');
}

static void close_item(struct ecli_buf *out)
{
	ecli_buf_add_char(out, '}');
}

static void close_list(struct ecli_buf *out)
{
	ecli_buf_add_char(out, ']');
}

static void add_progs(const struct ecli_inspect *inspect, const struct ecli_package *package, struct ecli_buf *out)
{
	open_list(out, "programs");
	for (size_t i = 0; i < inspect->n_progs; i++) {
		const struct ecli_inspect_prog *prog = &inspect->progs[i];

		open_item(out);
		key_text(out, "name", prog->name);
		key_text(out, "section", prog->section);
		key_text(out, "kind", prog->kind);
		struct ecli_buf target = { 0 };
		char *when = ecli_package_extra_text(&package->progs[i].extras, "when");

		ecli_attach_present(&package->progs[i], &target);
		key_text(out, "target", ecli_buf_text(&target));
		key_text(out, "when", when);
		ecli_buf_done(&target);
		free(when);
		key_text(out, "alternative", prog->alternative);
		key_bool(out, "optional", prog->is_optional);
		key_number(out, "instructions", prog->instructions);
		key_known(out, "since", prog->since);
		close_item(out);
	}
	close_list(out);
}

static void add_maps(const struct ecli_inspect *inspect, struct ecli_buf *out)
{
	open_list(out, "maps");
	for (size_t i = 0; i < inspect->n_maps; i++) {
		const struct ecli_inspect_map *map = &inspect->maps[i];

		open_item(out);
		key_text(out, "name", map->name);
		key_text(out, "type", map->type);
		key_number(out, "type_number", map->map_type);
		key_bool(out, "variables", map->is_section);
		key_text(out, "key_type", map->key_type);
		key_number(out, "key_size", map->key_size);
		key_text(out, "value_type", map->value_type);
		key_number(out, "value_size", map->value_size);
		key_number(out, "max_entries", map->max_entries);
		if (map->run_bytes)
			key_number(out, "run_bytes", map->run_bytes);
		key_text(out, "sized_by", map->sized_by);
		key_text(out, "alternative", map->alternative);
		if (map->when)
			key_text(out, "when", map->when);
		key_number(out, map->is_per_entry ? "memory_bytes_per_entry" : "memory_bytes", map->memory_bytes);
		key_known(out, "since", map->since);
		close_item(out);
	}
	close_list(out);
	key_number(out, "memory_bytes", inspect->memory_bytes);
	key_number(out, "cpus", inspect->cpus);
}

static void add_options(const struct tool *tool, struct ecli_buf *out)
{
	size_t n;
	const struct ecli_option *options = ecli_globals_options(tool->globals, &n);

	open_list(out, "options");
	for (size_t i = 0; i < n; i++) {
		char letter[2] = { options[i].short_name };

		open_item(out);
		key_text(out, "name", options[i].name);
		key_known(out, "short", letter);
		key_text(out, "type", options[i].type_text);
		key_text(out, "default", options[i].default_text);
		key_text(out, "help", options[i].help);
		close_item(out);
	}
	close_list(out);
}

static void add_field(const struct ecli_inspect_field *field, struct ecli_buf *out)
{
	open_item(out);
	key_text(out, "name", field->name);
	key_text(out, "type", field->type);
	if (field->format)
		key_text(out, "format", ecli_as_name(field->format->as));
	key_number(out, "depth", field->depth);
	key_bool(out, "hidden", field->is_hidden);
	if (field->n_names) {
		open_list(out, "names");
		for (uint32_t i = 0; i < field->n_names; i++) {
			comma(out);
			string(out, field->names[i].name);
		}
		close_list(out);
	}
	close_item(out);
}

static void add_events(const struct ecli_inspect *inspect, struct ecli_buf *out)
{
	open_list(out, "events");
	for (size_t i = 0; i < inspect->n_sources; i++) {
		const struct ecli_inspect_source *source = &inspect->sources[i];

		open_item(out);
		key_text(out, "source", ecli_inspect_source_words(source->kind));
		key_text(out, "name", source->name);
		key_number(out, "size_bytes", source->size_bytes);
		open_list(out, "fields");
		for (size_t k = 0; k < source->n_fields; k++)
			add_field(&source->fields[k], out);
		close_list(out);
		close_item(out);
	}
	close_list(out);
	key_text(out, "events_problem", inspect->sources_problem);
}

static void add_calls(const struct ecli_inspect *inspect, struct ecli_buf *out)
{
	open_list(out, "calls");
	for (size_t i = 0; i < inspect->n_calls; i++) {
		const struct ecli_inspect_call *call = &inspect->calls[i];

		open_item(out);
		key_text(out, "name", call->name);
		key_bool(out, "kfunc", call->is_kfunc);
		if (!call->is_kfunc) {
			key_number(out, "number", call->id);
			key_number(out, "places", call->count);
		}
		key_known(out, "since", call->since);
		close_item(out);
	}
	close_list(out);
	open_list(out, "effects");
	for (size_t i = 0; i < inspect->n_effects; i++) {
		open_item(out);
		key_text(out, "effect", inspect->effects[i].sentence);
		key_text(out, "cause", inspect->effects[i].cause);
		close_item(out);
	}
	close_list(out);
	open_list(out, "costs");
	for (size_t i = 0; i < inspect->n_costs; i++) {
		open_item(out);
		key_text(out, "cost", inspect->costs[i].sentence);
		key_text(out, "cause", inspect->costs[i].cause);
		key_text(out, "function", inspect->costs[i].function);
		key_text(out, "section", inspect->costs[i].section);
		close_item(out);
	}
	close_list(out);
	open_list(out, "needs");
	for (size_t i = 0; i < inspect->n_features; i++) {
		open_item(out);
		key_text(out, "what", inspect->features[i].what);
		key_known(out, "since", inspect->features[i].since);
		close_item(out);
	}
	close_list(out);
}

void inspect_json(const struct ecli_inspect *inspect, const struct tool *tool, struct ecli_buf *out)
{
	const struct ecli_package *package = inspect->package;

	open_item(out);
	key_text(out, "name", package->name);
	key_text(out, "version", package->doc.version);
	key_text(out, "brief", package->doc.brief);
	key_text(out, "description", package->doc.description);
	key_text(out, "license", inspect->license);
	key_text(out, "compiler", inspect->compiler);
	key_number(out, "object_bytes", package->object_size);
	key_number(out, "instructions", inspect->instructions);
	add_progs(inspect, tool->package, out);
	add_maps(inspect, out);
	add_options(tool, out);
	add_events(inspect, out);
	add_calls(inspect, out);
	close_item(out);
	ecli_buf_add_char(out, '\n');
}
