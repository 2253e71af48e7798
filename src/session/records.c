/* SPDX-License-Identifier: MIT */
/*
 * What the records of a map are. Asked in this order, and never guessed further:
 *
 *     export_config of the map     with enable_multiple_export_types only
 *     the map's value type         __type(value, struct event)
 *     the export of the map's name
 *     the exports left over        one: that one; several: the one of the record's size, decided record by record
 *
 * An export is left over when no other buffer has it by value type or name. Of two of the same size the first is taken, and
 * -v says so. A record of no known size is the first type that fits in it: packages have carried variable tails.
 */
#include "session/records.h"

#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

#include "base/cleanup.h"
#include "session/notes.h"

/* More sizes than that tell nothing apart, and each costs a plan. */
#define MAX_RECORDS 64

DEFINE_CLEANUP(plan, struct ecli_plan *, ecli_plan_free)

const struct ecli_package_map *records_tags(const struct ecli_package *package, const char *name)
{
	for (size_t i = 0; i < package->n_maps; i++)
		if (!strcmp(package->maps[i].ident, name))
			return &package->maps[i];
	return NULL;
}

int records_add(struct records *records, struct ecli_plan *plan, uint32_t type_id, struct ecli_err *err)
{
	struct record *items = reallocarray(records->items, records->count + 1, sizeof(*items));

	if (!items) {
		ecli_plan_free(plan);
		return ecli_err_set(err, -ENOMEM, "out of memory");
	}
	items[records->count++] = (struct record){ .plan = plan, .type_id = type_id };
	records->items = items;
	return 0;
}

void records_done(struct records *records)
{
	for (size_t i = 0; i < records->count; i++) {
		ecli_render_free(records->items[i].render);
		ecli_render_stack_free(records->items[i].stack);
		ecli_where_program_free(records->items[i].where);
		ecli_render_hist_free(records->items[i].hist);
		free(records->items[i].stacks);
		free(records->items[i].slots);
		snapshot_done(&records->items[i].snapshot);
		formulas_free(records->items[i].formulas);
		ecli_plan_free(records->items[i].plan);
	}
	free(records->items);
	*records = (struct records){ 0 };
}

/* ---- exports --------------------------------------------------------------------------------------------------- */

/* The struct that a map has as its value type, or NULL. */
static const struct ecli_type *value_struct(const struct ecli_types *types, const struct ecli_type_map *map)
{
	const struct ecli_type *value = map->value_type_id ? ecli_types_resolve(types, map->value_type_id) : NULL;

	return value && value->kind == ECLI_TYPE_STRUCT ? value : NULL;
}

/* The struct that @type is or, as a typedef, stands for. NULL: none. */
static const struct ecli_type *struct_of(const struct ecli_types *types, const struct ecli_type *type)
{
	const struct ecli_type *found = type ? ecli_types_resolve(types, type->id) : NULL;

	return found && found->kind == ECLI_TYPE_STRUCT ? found : NULL;
}

/*
 * The type of an export: by id when the name agrees, otherwise by name. The name may be a typedef's, and a struct without a name disagrees
 * with none. 0 when the object has no such struct.
 */
static uint32_t export_type(const struct ecli_types *types, const struct ecli_package_export *export)
{
	const struct ecli_type *by_id = ecli_types_get(types, export->type_id), *type = struct_of(types, by_id);

	if (type && (!strcmp(type->name, export->name) || !strcmp(by_id->name, export->name)))
		return type->id;
	const struct ecli_type *named = ecli_types_find(types, ECLI_TYPE_STRUCT, export->name);
	if (!named)
		named = struct_of(types, ecli_types_find(types, ECLI_TYPE_TYPEDEF, export->name));
	if (!named && type && !*type->name)
		named = type;
	return named ? named->id : 0;
}

static const struct ecli_package_export *export_named(const struct ecli_package *package, const char *name)
{
	for (size_t i = 0; i < package->n_exports; i++)
		if (!strcmp(package->exports[i].name, name))
			return &package->exports[i];
	return NULL;
}

/* Whether a buffer other than @map has this export by its value type or its name. Other maps do not count: tools keep
 * half-made events in hashes. */
static bool is_taken(const struct ecli_types *types, const struct ecli_type_map *map,
		     const struct ecli_package_export *export)
{
	struct ecli_type_map other;

	for (uint32_t i = 0; ecli_types_map(types, i, &other); i++) {
		const struct ecli_type *value = value_struct(types, &other);

		if (!strcmp(other.name, map->name) ||
		    (other.map_type != BPF_MAP_TYPE_RINGBUF && other.map_type != BPF_MAP_TYPE_PERF_EVENT_ARRAY))
			continue;
		if (!strcmp(export->name, other.name) || (value && !strcmp(export->name, value->name)))
			return true;
	}
	return false;
}

/* Adds a type, with the notes of the export that describes it, if there is one. */
static int add_type(const struct ecli_package *package, const struct ecli_types *types, uint32_t type_id,
		    const struct ecli_package_export *export, const char *map, struct ecli_err *err,
		    struct records *records)
{
	CLEANUP(notes_done) struct notes notes = { 0 };
	CLEANUP(cleanup_plan) struct ecli_plan *plan = NULL;

	if (notes_find(package, export, &notes))
		return ecli_err_set(err, -ENOMEM, "out of memory");
	int r = ecli_plan_build(types, type_id, notes.items, notes.count, err, &plan);
	if (r)
		return ecli_err_wrap(err, r, "the events of map %s cannot be shown", map);
	return records_add(records, TAKE_PTR(plan), ecli_types_resolve(types, type_id)->id, err);
}

/* The record of this size that is there already. */
static const struct record *same_size(const struct records *records, uint64_t size_bytes)
{
	for (size_t i = 0; i < records->count; i++)
		if (ecli_plan_size(records->items[i].plan) == size_bytes)
			return &records->items[i];
	return NULL;
}

static int add_export(const struct ecli_package *package, const struct ecli_types *types,
		      const struct ecli_package_export *export, const char *map, struct ecli_err *err,
		      struct records *records)
{
	uint32_t type_id = export_type(types, export);

	if (!type_id)
		return ecli_err_set(err, -EINVAL,
				    "the package says that map %s carries struct %s, but its object has no such struct",
				    map, export->name);

	uint64_t size = ecli_types_get(types, type_id)->size_bytes;
	if (same_size(records, size)) {
		ecli_log(ECLI_LOG_WARN,
			 "%s: struct %s has the size of a struct before it (%llu bytes); records of that size are "
			 "shown as the first: put __type(value, struct %s) into the map it belongs to",
			 map, export->name, (unsigned long long)size, export->name);
		return 0;
	}
	return add_type(package, types, type_id, export, map, err, records);
}

/* What no other map has: the record's size decides among several. An export that cannot be shown is only an error when none
 * can. */
static int add_exports_left(const struct ecli_package *package, const struct ecli_types *types,
			    const struct ecli_type_map *map, bool with_taken, struct ecli_err *err,
			    struct records *records)
{
	struct ecli_err first = { 0 };

	for (size_t i = 0; i < package->n_exports && records->count < MAX_RECORDS; i++) {
		const struct ecli_package_export *export = &package->exports[i];
		struct ecli_err why = { 0 };

		if (!with_taken && is_taken(types, map, export))
			continue;
		int r = add_export(package, types, export, map->name, &why, records);
		if (r == -ENOMEM)
			return ecli_err_set(err, r, "%s", why.text);
		if (r && !first.code)
			first = why;
		if (r)
			ecli_log(ECLI_LOG_INFO, "%s", why.text);
	}
	if (!records->count && first.code)
		return ecli_err_set(err, first.code, "%s", first.text);
	if (records->count > 1)
		ecli_log(ECLI_LOG_INFO, "%s: %zu types are possible; each record is shown as the one of its size",
			 map->name, records->count);
	return 0;
}

/* ---- export_config --------------------------------------------------------------------------------------------- */

static int add_members(const struct ecli_types *types, const struct ecli_package_export_config *config, const char *map,
		       struct ecli_err *err, struct records *records)
{
	CLEANUP_FREE struct ecli_plan_member *members = calloc(config->n_members + 1, sizeof(*members));
	struct ecli_plan *plan = NULL;

	if (!members)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < config->n_members; i++)
		members[i] = (struct ecli_plan_member){ .name = config->members[i].name,
							.type_id = config->members[i].type_id,
							.offset_bytes = config->members[i].offset_bytes };
	int r = ecli_plan_build_members(types, members, config->n_members, err, &plan);
	if (r)
		return ecli_err_wrap(err, r, "the custom_members of map %s cannot be shown", map);
	return records_add(records, plan, 0, err);
}

/* Adds what the map's export_config says. @ret_decided: it says something. */
static int add_configured(const struct ecli_package *package, const struct ecli_types *types,
			  const struct ecli_type_map *map, struct ecli_err *err, struct records *records,
			  bool *ret_decided)
{
	const struct ecli_package_map *tags = records_tags(package, map->name);
	struct ecli_package_export_config config = { .kind = ECLI_RECORDS_UNSET };
	int r = tags ? ecli_package_export_config_read(&tags->extras, err, &config) : 0;

	*ret_decided = false;
	if (r)
		return r;
	if (!package->multiple_exports) {
		if (config.kind > ECLI_RECORDS_NONE)
			ecli_log(ECLI_LOG_INFO, "%s: export_config needs enable_multiple_export_types and is not used",
				 map->name);
		ecli_package_export_config_done(&config);
		return 0;
	}
	*ret_decided = config.kind != ECLI_RECORDS_UNSET && config.kind != ECLI_RECORDS_DEFAULT;
	if (config.kind == ECLI_RECORDS_TYPE) {
		const struct ecli_type *type = ecli_types_get(types, config.type_id);

		r = add_type(package, types, config.type_id, type ? export_named(package, type->name) : NULL, map->name,
			     err, records);
	} else if (config.kind == ECLI_RECORDS_MEMBERS) {
		r = add_members(types, &config, map->name, err, records);
	}
	ecli_package_export_config_done(&config);
	return r;
}

/* ---- all ------------------------------------------------------------------------------------------------------- */

static int add_found(const struct ecli_package *package, const struct ecli_types *types,
		     const struct ecli_type_map *map, struct ecli_err *err, struct records *records)
{
	const struct ecli_type *value = value_struct(types, map);
	const struct ecli_package_export *named = export_named(package, map->name);

	if (value)
		return add_type(package, types, value->id, export_named(package, value->name), map->name, err, records);
	if (named)
		return add_export(package, types, named, map->name, err, records);
	int r = add_exports_left(package, types, map, false, err, records);
	if (!r && !records->count)
		r = add_exports_left(package, types, map, true, err, records);
	if (!r && !records->count)
		r = ecli_err_set(err, -EINVAL,
				 "map %s carries events, but nothing says of which type: compile with the header that "
				 "defines the event (ecc tool.bpf.c tool.h), or put /// @export before its struct",
				 map->name);
	return r;
}

int records_of_buffer(const struct ecli_package *package, const struct ecli_types *types,
		      const struct ecli_type_map *map, struct ecli_err *err, struct records *ret)
{
	struct records records = { 0 };
	bool decided;

	int r = add_configured(package, types, map, err, &records, &decided);
	if (!r && !decided)
		r = add_found(package, types, map, err, &records);
	if (r) {
		records_done(&records);
		return r;
	}
	*ret = records;
	return 0;
}

bool records_are_left_out(const struct ecli_package *package, const char *map)
{
	const struct ecli_package_map *tags = records_tags(package, map);
	struct ecli_package_export_config config = { .kind = ECLI_RECORDS_UNSET };

	if (!package->multiple_exports || !tags || ecli_package_export_config_read(&tags->extras, NULL, &config))
		return false;
	bool left_out = config.kind == ECLI_RECORDS_NONE;
	ecli_package_export_config_done(&config);
	return left_out;
}

/* bpf_perf_event_output() pads what it sends, together with the 4 bytes before it, to 8 bytes. */
static uint64_t perf_size(uint64_t size_bytes)
{
	return (size_bytes + 4 + 7) / 8 * 8 - 4;
}

void records_set_sizes(struct records *records, bool is_perf, bool may_append)
{
	for (size_t i = 0; i < records->count; i++) {
		struct record *record = &records->items[i];
		uint64_t most = ecli_plan_most(record->plan);

		record->least_bytes = ecli_plan_least(record->plan);
		record->most_bytes = may_append || most == UINT64_MAX ? UINT64_MAX : is_perf ? perf_size(most) : most;
	}
}

struct record *records_pick(const struct records *records, size_t size_bytes, bool is_perf)
{
	if (records->count == 1)
		return records->items;
	for (size_t i = 0; i < records->count; i++) {
		uint64_t size = ecli_plan_size(records->items[i].plan);

		if (size_bytes == (is_perf ? perf_size(size) : size))
			return &records->items[i];
	}
	for (size_t i = 0; i < records->count; i++)
		if (size_bytes >= ecli_plan_least(records->items[i].plan))
			return &records->items[i];
	return records->items;
}
