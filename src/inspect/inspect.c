/* SPDX-License-Identifier: MIT */
/*
 * The order in which an inspection is filled: programs, code, maps, sources. Nothing here opens a file, loads anything or
 * asks the kernel. Events are found as a run finds them (session/sources.h), so what is told is what would be shown; when a
 * run could not understand them, the inspection says so and has everything else.
 */
#include "inspect/model.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/tables.h"
#include "package/pairs.h"
#include "session/buffers.h"

DEFINE_CLEANUP(inspect, struct ecli_inspect *, ecli_inspect_free)

void *inspect_grow(void *items_pointer, size_t *count, size_t item_bytes)
{
	char *items;

	memcpy(&items, items_pointer, sizeof(items));
	/* Room for 1, 2, 4, 8, ... : a new piece whenever the count is a power of two. */
	if (!(*count & (*count - 1))) {
		char *more = reallocarray(items, *count ? *count * 2 : 1, item_bytes);
		if (!more)
			return NULL;
		items = more;
		memcpy(items_pointer, &items, sizeof(items));
	}
	char *item = items + *count * item_bytes;
	memset(item, 0, item_bytes);
	(*count)++;
	return item;
}

const char *inspect_keep(struct inspect *inspect, char *text)
{
	char **slot = text ? INSPECT_ADD(inspect->texts, inspect->n_texts) : NULL;

	if (!slot) {
		free(text);
		return NULL;
	}
	return *slot = text;
}

int inspect_need(struct inspect *inspect, const char *what, const char *since, struct ecli_err *err)
{
	struct ecli_inspect *public = &inspect->public;

	for (size_t i = 0; what && i < public->n_features; i++)
		if (!strcmp(public->features[i].what, what))
			return 0;
	struct ecli_inspect_feature *feature = what ? INSPECT_ADD(public->features, public->n_features) : NULL;
	if (!feature)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	*feature = (struct ecli_inspect_feature){ .what = what, .since = since };
	return 0;
}

int inspect_effect(struct inspect *inspect, const char *sentence, const char *cause, struct ecli_err *err)
{
	struct ecli_inspect *public = &inspect->public;
	struct ecli_inspect_effect *effect = cause ? INSPECT_ADD(public->effects, public->n_effects) : NULL;

	if (!effect)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	*effect = (struct ecli_inspect_effect){ .sentence = sentence, .cause = cause };
	return 0;
}

/* What the author says, or what a run makes of two ways to one hook (package/pairs.h). */
static int find_alternatives(struct inspect *inspect, const struct ecli_package *package)
{
	CLEANUP_FREE const char **unasked = calloc(package->n_progs + 1, sizeof(*unasked));
	int r = unasked ? 0 : -ENOMEM;

	if (!r)
		ecli_package_mark_unasked(package, unasked);
	for (size_t i = 0; !r && i < package->n_progs; i++) {
		char *tag = ecli_package_extra_text(&package->progs[i].extras, "alternative");

		if (!tag)
			r = ecli_package_pair_tag(package, unasked, i, &tag);
		inspect->public.progs[i].alternative = r ? NULL : inspect_keep(inspect, tag);
	}
	return r;
}

static int add_prog(struct inspect *inspect, const struct ecli_package_prog *from, struct ecli_err *err)
{
	struct ecli_inspect *public = &inspect->public;
	struct ecli_inspect_prog *prog = INSPECT_ADD(public->progs, public->n_progs);
	struct ecli_buf what = { 0 };

	if (!prog)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	*prog = (struct ecli_inspect_prog){ .name = from->name ? from->name : "",
					    .section = from->attach ? from->attach : "" };
	/* SEC("?...") is libbpf's mark of a program that is not loaded by itself. */
	const struct inspect_kind *kind = inspect_kind_find(prog->section + (prog->section[0] == '?'), &prog->target);
	prog->kind = kind ? kind->words : "unknown";
	prog->since = kind ? kind->since : "";
	prog->is_optional = ecli_package_extra_true(&from->extras, "optional");
	if (!kind)
		return inspect_effect(inspect, "has a program of a kind that is not known here and may change anything",
				      prog->name, err);
	int r = kind->effect ? inspect_effect(inspect, kind->effect, prog->name, err) : 0;
	r = r ? r : inspect_places(inspect, kind, prog, from, err);
	if (r)
		return r;
	ecli_buf_add_format(&what, "%s programs", kind->prefix);
	return inspect_need(inspect, inspect_keep(inspect, ecli_buf_take(&what)), kind->since, err);
}

/* @record: one type of the source's records; NULL: they have none. */
static int add_source(struct inspect *inspect, const struct source *from, const struct record *record,
		      struct ecli_err *err)
{
	const struct ecli_plan *plan = record ? record->plan : NULL;
	struct ecli_inspect *public = &inspect->public;
	struct ecli_inspect_source *source = INSPECT_ADD(public->sources, public->n_sources);

	if (!source)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	*source = (struct ecli_inspect_source){ .kind = from->kind, .name = from->map, .plan = plan };
	source->has_histogram = record && record->hist;
	source->has_map = plan && inspect->sources.count > 1;
	source->size_bytes = plan ? ecli_plan_size(plan) : 0;
	return inspect_fields(inspect, source, err);
}

/* A run may make buffers larger than the object asks for (src/session/buffers.c). */
static void size_buffer(struct inspect *inspect, const struct source *source)
{
	struct ecli_inspect *public = &inspect->public;
	struct ecli_session_machine machine = { .page_bytes = public->page_bytes,
						.memory_bytes = UINT64_MAX,
						.cpus = public->cpus };
	bool is_perf = source->kind == ECLI_SOURCE_PERF;
	uint64_t bytes = ecli_session_buffer_bytes(is_perf, buffers_record_bytes(&source->records), &machine);

	for (size_t i = 0; i < public->n_maps; i++) {
		struct ecli_inspect_map *map = &public->maps[i];
		uint64_t package_bytes = public->package->perf_buffer_pages * (uint64_t) public->page_bytes;
		uint64_t asked = is_perf ? package_bytes : map->max_entries;
		uint64_t own = public->page_bytes; /* as the kernel takes it: a power of two pages */

		while (own < asked)
			own *= 2;
		if (strcmp(map->name, source->map) || map->sized_by || bytes <= own)
			continue;
		uint64_t more = (bytes - own) * (is_perf ? public->cpus : 1);
		map->run_bytes = bytes;
		map->memory_bytes += more;
		public->memory_bytes += more;
	}
}

static int add_sources(struct inspect *inspect, struct ecli_err *err)
{
	struct ecli_inspect *public = &inspect->public;
	struct ecli_err problem = { 0 };
	int r = sources_find(public->package, inspect->types, ECLI_FORMAT_JSON, ECLI_HEAT_NONE, NULL, &problem,
			     &inspect->sources);

	if (r == -ENOMEM)
		return ecli_err_set(err, r, "out of memory");
	if (r) {
		public->sources_problem = inspect_keep(inspect, strdup(problem.text));
		return public->sources_problem ? 0 : ecli_err_set(err, -ENOMEM, "out of memory");
	}
	for (size_t i = 0; i < inspect->sources.count; i++) {
		const struct source *from = &inspect->sources.items[i];

		if (from->kind == ECLI_SOURCE_NONE)
			break;
		if (from->kind == ECLI_SOURCE_RING || from->kind == ECLI_SOURCE_PERF)
			size_buffer(inspect, from);
		/* Once also without a type: an iterator, the trace pipe. */
		for (size_t k = 0; !k || k < from->records.count; k++) {
			r = add_source(inspect, from, from->records.count ? &from->records.items[k] : NULL, err);
			if (r)
				return r;
		}
	}
	return 0;
}

int ecli_inspect_build(const struct ecli_package *package, const struct ecli_types *types,
		       const struct ecli_inspect_opts *opts, struct ecli_err *err, struct ecli_inspect **ret_inspect)
{
	struct inspect *inspect = calloc(1, sizeof(*inspect));
	CLEANUP(cleanup_inspect) struct ecli_inspect *owned = inspect ? &inspect->public : NULL;
	int r = 0;

	if (!inspect)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	inspect->public.package = package;
	inspect->public.cpus = opts->cpus;
	inspect->public.page_bytes = opts->page_bytes;
	inspect->types = types;
	for (size_t i = 0; !r && i < package->n_progs; i++)
		r = add_prog(inspect, &package->progs[i], err);
	if (!r && find_alternatives(inspect, package))
		r = ecli_err_set(err, -ENOMEM, "out of memory");
	r = r ? r : inspect_maps(inspect, opts, err);
	r = r ? r : inspect_code(inspect, err);
	r = r ? r : inspect_tables(inspect, err);
	r = r ? r : add_sources(inspect, err);
	if (!r)
		*ret_inspect = TAKE_PTR(owned);
	return r;
}

void ecli_inspect_free(struct ecli_inspect *public)
{
	struct inspect *inspect = (struct inspect *)public;

	if (!public)
		return;
	for (size_t i = 0; i < public->n_sources; i++)
		free(public->sources[i].fields);
	sources_done(&inspect->sources);
	for (size_t i = 0; i < inspect->n_texts; i++)
		free(inspect->texts[i]);
	free(inspect->texts);
	free(public->progs);
	free(public->maps);
	free(public->calls);
	free(public->effects);
	free(public->costs);
	free(public->features);
	free(inspect->helpers);
	free(public->sources);
	free(inspect);
}
static_assert(offsetof(struct inspect, public) == 0, "ecli_inspect_free() relies on it");

const char *ecli_inspect_source_words(enum ecli_source kind)
{
	static const char *const words[] = {
		[ECLI_SOURCE_RING] = "ring buffer", [ECLI_SOURCE_PERF] = "perf buffer",
		[ECLI_SOURCE_MAP] = "sampled map",  [ECLI_SOURCE_TRACE_PIPE] = "trace pipe",
		[ECLI_SOURCE_ITER] = "iterator",    [ECLI_SOURCE_NONE] = "nothing",
	};

	return words[kind];
}
