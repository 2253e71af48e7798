/* SPDX-License-Identifier: MIT */
/*
 * Which maps of a package are event sources, and of what type their records are.
 *
 * The type of a buffer's records is looked for in this order, and never guessed further: the map's own value type; the
 * export that has the map's name; the first exported type (ecc puts the event type first). A sampled map has its key
 * and value types.
 */
#include "session/sources.h"

#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

#include "base/cleanup.h"

#define DEFAULT_INTERVAL_MS 1000

static const struct ecli_package_map *package_map(const struct ecli_package *package, const char *name)
{
	for (size_t i = 0; i < package->n_maps; i++)
		if (!strcmp(package->maps[i].ident, name))
			return &package->maps[i];
	return NULL;
}

/* The type of an export: by id when the name agrees, otherwise by name. 0 when the object has no such struct. */
static uint32_t export_type(const struct ecli_types *types, const struct ecli_package_export *export)
{
	const struct ecli_type *type = ecli_types_get(types, export->type_id);

	if (!type || type->kind != ECLI_TYPE_STRUCT || strcmp(type->name, export->name))
		type = ecli_types_find(types, ECLI_TYPE_STRUCT, export->name);
	return type ? type->id : 0;
}

static const struct ecli_package_export *find_export(const struct ecli_package *package,
						     const struct ecli_type_map *map, const struct ecli_types *types)
{
	const struct ecli_type *value = map->value_type_id ? ecli_types_resolve(types, map->value_type_id) : NULL;

	if (value && value->kind == ECLI_TYPE_STRUCT)
		for (size_t i = 0; i < package->n_exports; i++)
			if (!strcmp(package->exports[i].name, value->name))
				return &package->exports[i];
	for (size_t i = 0; i < package->n_exports; i++)
		if (!strcmp(package->exports[i].name, map->name))
			return &package->exports[i];
	return package->n_exports ? &package->exports[0] : NULL;
}

/* What tags say of members, as a plan wants to know it. */
struct notes {
	struct ecli_plan_note *items;
	size_t count;
	char **texts; /* what items point to, NULL-terminated */
	size_t n_texts;
};

static void notes_done(struct notes *notes)
{
	for (size_t i = 0; i < notes->n_texts; i++)
		free(notes->texts[i]);
	free(notes->texts);
	free(notes->items);
}

/* The formats of all members of all exports, also of structs within the event or in a sampled map. */
static int add_formats(const struct ecli_package *package, struct notes *notes)
{
	for (size_t i = 0; i < package->n_exports; i++) {
		const struct ecli_package_export *export = &package->exports[i];

		for (size_t k = 0; k < export->n_members; k++) {
			const struct ecli_package_member *member = &export->members[k];
			char *format;

			if (!ecli_package_extra(&member->extras, "format"))
				continue;
			format = ecli_package_extra_text(&member->extras, "format");
			if (!format)
				return -ENOMEM;
			notes->texts[notes->n_texts++] = format;
			notes->items[notes->count++] = (struct ecli_plan_note){
				.parent = export->name,
				.field = member->name,
				.format = format,
			};
		}
	}
	return 0;
}

/* @export: the event, or NULL for a sampled map. */
static int find_notes(const struct ecli_package *package, const struct ecli_package_export *export,
		      struct notes *ret_notes)
{
	struct notes notes = { 0 };
	size_t n_members = export ? export->n_members : 0, total = 0;

	for (size_t i = 0; i < package->n_exports; i++)
		total += package->exports[i].n_members;
	notes.items = calloc(total + n_members + 1, sizeof(*notes.items));
	notes.texts = calloc(total + 1, sizeof(*notes.texts));
	if (!notes.items || !notes.texts || add_formats(package, &notes) < 0) {
		notes_done(&notes);
		return -ENOMEM;
	}
	for (size_t i = 0; i < n_members; i++)
		notes.items[notes.count++] = (struct ecli_plan_note){
			.field = export->members[i].name,
			.hidden = ecli_package_extra_true(&export->members[i].extras, "hidden"),
			.is_time = ecli_package_extra_true(&export->members[i].extras, "time"),
		};
	*ret_notes = notes;
	return 0;
}

static int build_event_plan(const struct ecli_package *package, const struct ecli_types *types,
			    const struct ecli_type_map *map, struct ecli_err *err, struct ecli_plan **ret_plan)
{
	const struct ecli_type *value = map->value_type_id ? ecli_types_resolve(types, map->value_type_id) : NULL;
	const struct ecli_package_export *export = find_export(package, map, types);
	struct notes notes;
	bool has_value = value && value->kind == ECLI_TYPE_STRUCT;
	uint32_t type_id = has_value ? value->id : 0;

	if (export && has_value && strcmp(export->name, value->name) != 0)
		export = NULL;
	if (export) {
		if (!type_id)
			type_id = export_type(types, export);
		if (!type_id)
			return ecli_err_set(
				err, -EINVAL,
				"the package says that map %s carries struct %s, but its object has no such struct",
				map->name, export->name);
	}
	if (!type_id)
		return ecli_err_set(
			err, -EINVAL,
			"map %s carries events, but nothing says of which type: compile with the header that "
			"defines the event (ecc tool.bpf.c tool.h), or put /// @export before its struct",
			map->name);

	if (find_notes(package, export, &notes))
		return ecli_err_set(err, -ENOMEM, "out of memory");
	int r = ecli_plan_build(types, type_id, notes.items, notes.count, err, ret_plan);
	notes_done(&notes);
	return r ? ecli_err_wrap(err, r, "the events of map %s cannot be shown", map->name) : 0;
}

static int build_sample_plan(const struct ecli_package *package, const struct ecli_types *types,
			     const struct ecli_type_map *map, struct ecli_err *err, struct ecli_plan **ret_plan)
{
	switch (map->map_type) {
	case BPF_MAP_TYPE_PERCPU_HASH:
	case BPF_MAP_TYPE_PERCPU_ARRAY:
	case BPF_MAP_TYPE_LRU_PERCPU_HASH:
		return ecli_err_set(err, -ENOTSUP,
				    "map %s is sampled (@sample), but a per-CPU map cannot be shown as rows",
				    map->name);
	}
	if (!map->key_type_id || !map->value_type_id)
		return ecli_err_set(err, -EINVAL,
				    "map %s is sampled (@sample), but has no __type(key, ...) and __type(value, ...)",
				    map->name);

	struct notes notes;
	if (find_notes(package, NULL, &notes))
		return ecli_err_set(err, -ENOMEM, "out of memory");
	int r = ecli_plan_build_pair(types, map->key_type_id, map->value_type_id, notes.items, notes.count, err,
				     ret_plan);
	notes_done(&notes);
	return r ? ecli_err_wrap(err, r, "the entries of map %s cannot be shown", map->name) : 0;
}

static int add_source(struct sources *sources, struct source source, struct ecli_err *err)
{
	struct source *items = reallocarray(sources->items, sources->count + 1, sizeof(*items));

	if (!items) {
		ecli_plan_free(source.plan);
		return ecli_err_set(err, -ENOMEM, "out of memory");
	}
	items[sources->count++] = source;
	sources->items = items;
	return 0;
}

static int add_map_source(const struct ecli_package *package, const struct ecli_types *types,
			  const struct ecli_type_map *map, struct ecli_err *err, struct sources *sources)
{
	const struct ecli_package_map *tags = package_map(package, map->name);
	struct source source = { .map = map->name };
	int r;

	if (map->map_type == BPF_MAP_TYPE_RINGBUF || map->map_type == BPF_MAP_TYPE_PERF_EVENT_ARRAY) {
		source.kind = map->map_type == BPF_MAP_TYPE_RINGBUF ? ECLI_SOURCE_RING : ECLI_SOURCE_PERF;
		r = build_event_plan(package, types, map, err, &source.plan);
	} else if (tags && tags->sample != ECLI_SAMPLE_NONE) {
		source.kind = ECLI_SOURCE_MAP;
		source.interval_ms = tags->sample_interval_ms ? tags->sample_interval_ms : DEFAULT_INTERVAL_MS;
		source.clear = tags->sample_clear;
		r = build_sample_plan(package, types, map, err, &source.plan);
	} else {
		return 0;
	}
	return r ? r : add_source(sources, source, err);
}

static bool is_iterator(const struct ecli_package_prog *prog)
{
	return !strncmp(prog->attach, "iter/", 5) || !strncmp(prog->attach, "iter.s/", 7);
}

static int make_renders(struct sources *sources, enum ecli_format format, struct ecli_err *err)
{
	for (size_t i = 0; i < sources->count; i++) {
		struct source *source = &sources->items[i];

		if (!source->plan)
			continue;
		int r = ecli_render_new(source->plan, format, sources->count > 1 ? source->map : NULL, err,
					&source->render);
		if (r)
			return r;
	}
	return 0;
}

int sources_find(const struct ecli_package *package, const struct ecli_types *types, enum ecli_format format,
		 struct ecli_err *err, struct sources *ret_sources)
{
	struct sources sources = { 0 };
	struct ecli_type_map map;
	int r = 0;

	for (uint32_t i = 0; !r && ecli_types_map(types, i, &map); i++)
		r = add_map_source(package, types, &map, err, &sources);
	for (size_t i = 0; !r && i < package->n_progs; i++)
		if (is_iterator(&package->progs[i]))
			r = add_source(&sources,
				       (struct source){ .kind = ECLI_SOURCE_ITER, .map = package->progs[i].name }, err);
	if (!r && !sources.count)
		r = add_source(&sources, (struct source){ .kind = ECLI_SOURCE_TRACE_PIPE, .map = "printk" }, err);
	if (!r)
		r = make_renders(&sources, format, err);
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
		ecli_render_free(sources->items[i].render);
		ecli_plan_free(sources->items[i].plan);
	}
	free(sources->items);
	*sources = (struct sources){ 0 };
}
