/* SPDX-License-Identifier: MIT */
/*
 * Which maps and programs of a package are event sources: every ring and perf buffer, every map that is sampled, every
 * iterator, and the trace pipe when there is nothing else. Of what types their records are is found in records.c.
 */
#include "session/sources.h"

#include <assert.h>
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

#include "base/cleanup.h"
#include "session/shown.h"

static int add_source(struct sources *sources, struct source source, struct ecli_err *err)
{
	struct source *items = reallocarray(sources->items, sources->count + 1, sizeof(*items));

	if (!items) {
		records_done(&source.records);
		return ecli_err_set(err, -ENOMEM, "out of memory");
	}
	source.map_fd = -1;
	items[sources->count++] = source;
	sources->items = items;
	return 0;
}

static int add_map_source(const struct ecli_package *package, const struct ecli_types *types,
			  const struct ecli_type_map *map, const struct ecli_globals *globals, struct ecli_err *err,
			  struct sources *sources)
{
	const struct ecli_package_map *tags = records_tags(package, map->name);
	struct source source = { .map = map->name };
	bool shown;
	int r = shown_map(tags, globals, err, &shown);

	if (r || !shown)
		return r;

	if (map->map_type == BPF_MAP_TYPE_RINGBUF || map->map_type == BPF_MAP_TYPE_PERF_EVENT_ARRAY) {
		source.kind = map->map_type == BPF_MAP_TYPE_RINGBUF ? ECLI_SOURCE_RING : ECLI_SOURCE_PERF;
		r = records_of_buffer(package, types, map, err, &source.records);
	} else if (tags && tags->sample.kind != ECLI_SAMPLE_NONE) {
		source.kind = ECLI_SOURCE_MAP;
		source.interval_ms = tags->sample.interval_ms;
		source.clear = tags->sample.clear;
		source.key_bytes = map->key_size;
		source.is_profile = tags->sample.kind == ECLI_SAMPLE_STACKS;
		r = records_of_sample(package, types, map, err, &source.records);
	} else {
		return 0;
	}
	if (r)
		return r;
	if (!source.records.count) {
		ecli_log(ECLI_LOG_INFO, "%s: left out, its export_config is no_export", map->name);
		return 0;
	}
	return add_source(sources, source, err);
}

static bool is_iterator(const struct ecli_package_prog *prog)
{
	return !strncmp(prog->attach, "iter/", 5) || !strncmp(prog->attach, "iter.s/", 7);
}

static_assert((int)ECLI_RENDER_STACK_FIELDS == (int)ECLI_STACK_ROLES &&
		      (int)ECLI_RENDER_STACK_USER == (int)ECLI_STACK_USER,
	      "the package's roles are the renderer's");

/* The unit that the options ask for: that of the first which is not zero. */
static const char *unit_of(const struct ecli_package_sample *sample, const struct ecli_globals *globals)
{
	bool is_set;

	for (size_t i = 0; globals && i < sample->n_units; i++)
		if (ecli_globals_is_set(globals, sample->units[i].variable, &is_set) && is_set)
			return sample->units[i].unit;
	return sample->unit;
}

static int make_hist(struct record *record, const struct ecli_package_map *tags, enum ecli_format format,
		     const char *map, const struct ecli_globals *globals, struct ecli_err *err)
{
	const struct ecli_render_hist_opts opts = {
		.slots = record->slots,
		.unit = unit_of(&tags->sample, globals),
		.is_linear = tags->sample.kind == ECLI_SAMPLE_LINEAR_HIST,
		.base = tags->sample.base,
		.step = tags->sample.step ? tags->sample.step : 1,
	};

	return ecli_render_hist_new(record->plan, format, map, &opts, err, &record->hist);
}

/* One renderer for each type of a source, of the kind that the map's intepreter asks for. */
static int make_renders_of(struct source *source, const struct ecli_package *package, enum ecli_format format,
			   const char *map, const struct ecli_globals *globals, struct ecli_err *err)
{
	const struct ecli_package_map *tags = records_tags(package, source->map);
	struct ecli_package_stack stack = { .is_stack = false };
	int r = tags ? ecli_package_stack_read(&tags->extras, err, &stack) : 0;

	for (size_t k = 0; !r && k < source->records.count; k++) {
		struct record *record = &source->records.items[k];

		if (record->slots)
			r = make_hist(record, tags, format, map, globals, err);
		else if (!stack.is_stack)
			r = ecli_render_new(record->plan, format, map, err, &record->render);
		else
			r = ecli_render_stack_new(record->plan, format, map, (const char *const *)stack.fields,
						  stack.with_symbols, err, &record->stack);
		if (r && (stack.is_stack || record->slots))
			r = ecli_err_wrap(err, r, "map %s", source->map);
	}
	ecli_package_stack_done(&stack);
	return r;
}

static int make_renders(struct sources *sources, const struct ecli_package *package, enum ecli_format format,
			const struct ecli_globals *globals, struct ecli_err *err)
{
	int r = 0;

	for (size_t i = 0; !r && i < sources->count; i++) {
		struct source *source = &sources->items[i];

		r = make_renders_of(source, package, format, sources->count > 1 ? source->map : NULL, globals, err);
	}
	return r;
}

int sources_find(const struct ecli_package *package, const struct ecli_types *types, enum ecli_format format,
		 const struct ecli_globals *globals, struct ecli_err *err, struct sources *ret_sources)
{
	struct sources sources = { 0 };
	struct ecli_type_map map;
	int r = 0;

	for (uint32_t i = 0; !r && ecli_types_map(types, i, &map); i++)
		r = add_map_source(package, types, &map, globals, err, &sources);
	for (size_t i = 0; !r && i < sources.count; i++)
		r = shown_columns(package, types, globals, &sources.items[i].records, err);
	for (size_t i = 0; !r && i < package->n_progs; i++)
		if (is_iterator(&package->progs[i]))
			r = add_source(&sources,
				       (struct source){ .kind = ECLI_SOURCE_ITER, .map = package->progs[i].name }, err);
	if (!r && !sources.count)
		r = add_source(&sources, (struct source){ .kind = ECLI_SOURCE_TRACE_PIPE, .map = "printk" }, err);
	if (!r)
		r = make_renders(&sources, package, format, globals, err);
	if (r) {
		sources_done(&sources);
		return r;
	}
	*ret_sources = sources;
	return 0;
}

void sources_done(struct sources *sources)
{
	for (size_t i = 0; i < sources->count; i++) {
		snapshot_done(&sources->items[i].snapshot);
		records_done(&sources->items[i].records);
	}
	free(sources->items);
	*sources = (struct sources){ 0 };
}
