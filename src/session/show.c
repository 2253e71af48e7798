/* SPDX-License-Identifier: MIT */
/*
 * What a person says of a tool whose source says nothing of it: which maps are shown and as what, and what a field is. It becomes a part of the
 * package in memory, as if a tag had said it, so that nothing after this file knows the difference:
 *
 *     --show hists=log2_hist       the map's sample
 *     --format kstack=kernel_stack package->formats, which notes.c adds to the formats of the exports
 *
 * A tool that reports nothing has its results shown without being asked (results.c), until --show names a map.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>

#include <ecli/plan.h>
#include <ecli/session.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "package/model.h"
#include "session/results.h"
#include "session/sources.h"

#define INTERVAL_MS 1000

static const struct {
	const char *name;
	enum ecli_package_sample_kind kind;
} kinds[] = {
	{ "table", ECLI_SAMPLE_KEY_VALUE },
	{ "log2_hist", ECLI_SAMPLE_LOG2_HIST },
	{ "linear_hist", ECLI_SAMPLE_LINEAR_HIST },
	{ "stacks", ECLI_SAMPLE_STACKS },
};

static int no_memory(struct ecli_err *err)
{
	return ecli_err_set(err, -ENOMEM, "out of memory");
}

/* ---- --show ---------------------------------------------------------------------------------------------------- */

static struct ecli_package_map *map_tags(struct ecli_package *package, const char *name)
{
	for (size_t i = 0; i < package->n_maps; i++)
		if (!strcmp(package->maps[i].ident, name))
			return &package->maps[i];
	struct ecli_package_map *map = ECLI_PACKAGE_GROW(package->maps, package->n_maps);
	if (!map || !(map->name = strdup(name)) || !(map->ident = strdup(name)))
		return NULL;
	return map;
}

static struct ecli_package_var *var_tags(struct ecli_package *package, const char *section, const char *name)
{
	for (size_t i = 0; i < package->n_vars; i++)
		if (!strcmp(package->vars[i].section, section) && !strcmp(package->vars[i].name, name))
			return &package->vars[i];
	struct ecli_package_var *var = ECLI_PACKAGE_GROW(package->vars, package->n_vars);
	if (!var || !(var->section = strdup(section)) || !(var->name = strdup(name)) || !(var->type = strdup("")))
		return NULL;
	return var;
}

static void set_sample(struct ecli_package_sample *sample, enum ecli_package_sample_kind kind, bool is_guessed)
{
	if (sample->kind == ECLI_SAMPLE_NONE)
		sample->interval_ms = kind == ECLI_SAMPLE_STACKS ? 0 : INTERVAL_MS;
	sample->kind = kind;
	sample->is_guessed = is_guessed;
}

static int add_format(struct ecli_package *package, const char *field, size_t len, const char *format)
{
	struct ecli_package_format *item = ECLI_PACKAGE_GROW(package->formats, package->n_formats);

	return item && (item->field = strndup(field, len)) && (item->format = strdup(format)) ? 0 : -ENOMEM;
}

static bool has_format(const struct ecli_package *package, const char *field, size_t len)
{
	for (size_t i = 0; i < package->n_formats; i++)
		if (!strncmp(package->formats[i].field, field, len) && !package->formats[i].field[len])
			return true;
	return false;
}

/* A map of stacks has its ids told apart by their names, until --format says it. */
static int guess_stacks(struct ecli_package *package, const struct ecli_types *types, uint32_t key_id)
{
	const struct ecli_type *key = ecli_types_resolve(types, key_id);

	for (uint32_t i = 0; key->kind == ECLI_TYPE_STRUCT && i < key->n_members; i++) {
		const char *name = key->members[i].name, *format = results_stack_format(name);

		if (format && ecli_types_resolve(types, key->members[i].type_id)->kind == ECLI_TYPE_INT &&
		    !has_format(package, name, strlen(name)) && add_format(package, name, strlen(name), format))
			return -ENOMEM;
	}
	return 0;
}

static bool find_map(const struct ecli_types *types, const char *name, struct ecli_type_map *ret)
{
	for (uint32_t i = 0; ecli_types_map(types, i, ret); i++)
		if (!strcmp(ret->name, name))
			return true;
	return false;
}

static int show_map(struct ecli_package *package, const struct ecli_types *types, const struct ecli_type_map *map,
		    enum ecli_package_sample_kind kind, bool is_guessed, struct ecli_err *err)
{
	struct ecli_package_map *tags = map_tags(package, map->name);

	if (!tags)
		return no_memory(err);
	if (kind == ECLI_SAMPLE_NONE)
		kind = map->value_type_id ? results_kind(types, map->key_type_id, map->value_type_id)
					  : ECLI_SAMPLE_KEY_VALUE;
	set_sample(&tags->sample, kind, is_guessed);
	if (kind == ECLI_SAMPLE_STACKS && map->key_type_id && guess_stacks(package, types, map->key_type_id))
		return no_memory(err);
	return 0;
}

static const struct ecli_type_member *find_variable(const struct ecli_types *types, const char *name,
						    const char **ret_section)
{
	static const char *const sections[] = { ".bss", ".data" };

	for (size_t k = 0; k < ARRAY_SIZE(sections); k++) {
		const struct ecli_type *section = ecli_types_find(types, ECLI_TYPE_SECTION, sections[k]);

		*ret_section = sections[k];
		for (uint32_t i = 0; section && i < section->n_members; i++)
			if (!strcmp(section->members[i].name, name))
				return &section->members[i];
	}
	return NULL;
}

static int show_variable(struct ecli_package *package, const struct ecli_types *types,
			 const struct ecli_type_member *member, const char *section, enum ecli_package_sample_kind kind,
			 bool is_guessed, struct ecli_err *err)
{
	struct ecli_package_var *tags = var_tags(package, section, member->name);

	if (!tags)
		return no_memory(err);
	if (kind == ECLI_SAMPLE_NONE) {
		const struct ecli_type *type = ecli_types_resolve(types, member->type_id);

		kind = results_kind(types, 0, type->kind == ECLI_TYPE_ARRAY ? type->target_id : member->type_id);
	}
	set_sample(&tags->sample, kind, is_guessed);
	return 0;
}

static void add_name(struct ecli_buf *out, const char *name)
{
	ecli_buf_add_text(out, out->len ? ", " : "");
	ecli_render_safe_text(name, strlen(name), out);
}

static bool is_buffer(const struct ecli_type_map *map)
{
	return map->map_type == BPF_MAP_TYPE_RINGBUF || map->map_type == BPF_MAP_TYPE_PERF_EVENT_ARRAY;
}

static int no_such_map(const struct ecli_types *types, const char *name, struct ecli_err *err)
{
	CLEANUP_BUF struct ecli_buf list = { 0 };
	struct ecli_type_map map;

	for (uint32_t i = 0; ecli_types_map(types, i, &map); i++)
		if (map.value_type_id && !is_buffer(&map) && strncmp(map.name, "ecli_", 5) != 0)
			add_name(&list, map.name);
	if (!list.len)
		return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EINVAL,
					 "--show %.60s: the tool has no map that can be shown", name);
	return ecli_err_set_fail(
		err, ECLI_FAIL_USAGE, -EINVAL,
		"--show %.60s: the tool has no such map, nor a variable in .bss or .data of that name; it has %.300s",
		name, ecli_buf_text(&list));
}

/* What was shown without being asked for. */
static void forget_results(struct ecli_package *package)
{
	for (size_t i = 0; i < package->n_maps; i++)
		if (package->maps[i].sample.is_guessed)
			ecli_package_sample_done(&package->maps[i].sample);
	for (size_t i = 0; i < package->n_vars; i++)
		if (package->vars[i].sample.is_guessed)
			ecli_package_sample_done(&package->vars[i].sample);
}

static int read_kind(const char *text, const char *name, enum ecli_package_sample_kind *ret, struct ecli_err *err)
{
	for (size_t i = 0; text && i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(text, kinds[i].name)) {
			*ret = kinds[i].kind;
			return 0;
		}
	if (!text)
		return 0;
	return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EINVAL,
				 "--show %.60s=%.40s: a map is shown as table, log2_hist, linear_hist or stacks", name,
				 text);
}

int ecli_session_show(struct ecli_package *package, const struct ecli_types *types, const char *text,
		      struct ecli_err *err)
{
	const char *equals = strchr(text, '='), *section;
	CLEANUP_FREE char *name = strndup(text, equals ? (size_t)(equals - text) : strlen(text));
	enum ecli_package_sample_kind kind = ECLI_SAMPLE_NONE;
	struct ecli_type_map map;

	if (!name)
		return no_memory(err);
	int r = read_kind(equals ? equals + 1 : NULL, name, &kind, err);
	if (r)
		return r;
	forget_results(package);
	if (find_map(types, name, &map)) {
		if (is_buffer(&map))
			return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EINVAL,
						 "--show %.60s: this map carries events, which are shown anyway", name);
		return show_map(package, types, &map, kind, false, err);
	}
	const struct ecli_type_member *member = find_variable(types, name, &section);
	return member ? show_variable(package, types, member, section, kind, false, err)
		      : no_such_map(types, name, err);
}

int ecli_session_show_results(struct ecli_package *package, const struct ecli_types *types, struct ecli_err *err)
{
	CLEANUP_FREE struct result *results = NULL;
	size_t count;

	if (!sources_reports_nothing(package, types))
		return 0;
	int r = results_find(package, types, err, &results, &count);
	for (size_t i = 0; !r && i < count; i++) {
		struct ecli_type_map map;
		const char *section;

		if (!results[i].is_variable && find_map(types, results[i].name, &map)) {
			r = show_map(package, types, &map, results[i].kind, true, err);
		} else {
			const struct ecli_type_member *member = find_variable(types, results[i].name, &section);

			r = member ? show_variable(package, types, member, section, results[i].kind, true, err) : 0;
		}
	}
	return r;
}

void ecli_session_list_results(const struct ecli_package *package, struct ecli_buf *out)
{
	for (size_t i = 0; i < package->n_maps; i++)
		if (package->maps[i].sample.is_guessed)
			add_name(out, package->maps[i].ident);
	for (size_t i = 0; i < package->n_vars; i++)
		if (package->vars[i].sample.is_guessed)
			add_name(out, package->vars[i].name);
}

/* ---- --format -------------------------------------------------------------------------------------------------- */

struct looking {
	const struct ecli_types *types;
	const char *field, *format;
	bool is_found, fits;
	struct ecli_err why; /* why it does not fit */
};

static void try_type(struct looking *looking, const char *name, uint32_t type_id, uint32_t bits)
{
	if (strcmp(name, looking->field) != 0 || looking->fits)
		return;
	looking->is_found = true;
	looking->fits = !ecli_plan_format_check(looking->types, type_id, bits, looking->format, &looking->why);
}

/* The members that are columns, those of unnamed members too. */
static void try_members(struct looking *looking, uint32_t type_id, unsigned int depth)
{
	const struct ecli_type *type = ecli_types_resolve(looking->types, type_id);

	if ((type->kind != ECLI_TYPE_STRUCT && type->kind != ECLI_TYPE_UNION) || depth > 16)
		return;
	for (uint32_t i = 0; i < type->n_members; i++) {
		const struct ecli_type_member *member = &type->members[i];

		if (*member->name)
			try_type(looking, member->name, member->type_id, member->bits);
		else
			try_members(looking, member->type_id, depth + 1);
	}
}

static void try_side(struct looking *looking, const char *name, uint32_t type_id)
{
	if (!type_id)
		return;
	try_type(looking, name, type_id, 0);
	try_members(looking, type_id, 0);
}

int ecli_session_set_format(struct ecli_package *package, const struct ecli_types *types, const char *text,
			    struct ecli_err *err)
{
	const char *equals = strchr(text, '=');
	CLEANUP_FREE char *field = strndup(text, equals ? (size_t)(equals - text) : strlen(text));
	struct ecli_type_map map;

	if (!field)
		return no_memory(err);
	if (!equals || !*field || !equals[1])
		return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EINVAL,
					 "--format takes FIELD=FORMAT, such as saddr=ipv4, not \"%.100s\"", text);
	struct looking looking = { .types = types, .field = field, .format = equals + 1 };
	for (size_t i = 0; i < package->n_exports; i++) {
		const struct ecli_type *type = ecli_types_find(types, ECLI_TYPE_STRUCT, package->exports[i].name);

		if (type || (type = ecli_types_get(types, package->exports[i].type_id)))
			try_members(&looking, type->id, 0);
	}
	for (uint32_t i = 0; ecli_types_map(types, i, &map); i++) {
		try_side(&looking, "key", map.key_type_id);
		try_side(&looking, "value", map.value_type_id);
	}
	if (!looking.is_found)
		return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EINVAL,
					 "--format %.100s: the tool's events and maps have no field %.60s", text,
					 field);
	if (!looking.fits)
		return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EINVAL, "--format %.100s: %s", text, looking.why.text);
	return add_format(package, field, strlen(field), equals + 1) ? no_memory(err) : 0;
}

/* ---- --map-size ------------------------------------------------------------------------------------------------ */

int ecli_session_set_map_size(struct ecli_package *package, const struct ecli_types *types, const char *text,
			      struct ecli_err *err)
{
	const char *equals = strchr(text, '=');
	CLEANUP_FREE char *name = strndup(text, equals ? (size_t)(equals - text) : strlen(text));
	struct ecli_type_map map;
	uint64_t count;

	if (!name)
		return no_memory(err);
	if (!equals || ecli_num_parse_u64(equals + 1, &count) || !count || count > UINT32_MAX)
		return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EINVAL,
					 "--map-size takes MAP=N, N a number from 1 to %u, not \"%.100s\"", UINT32_MAX,
					 text);
	if (!find_map(types, name, &map))
		return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EINVAL, "--map-size %.100s: the tool has no map %.60s",
					 text, name);
	if (is_buffer(&map))
		return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EINVAL,
					 "--map-size %.100s: this map carries events: --buffer says how large it is",
					 text);
	struct ecli_package_map *tags = map_tags(package, name);
	return tags && !ecli_package_extra_set(&tags->extras, "max_entries", equals + 1) ? 0 : no_memory(err);
}

/* ---- --skip-missing -------------------------------------------------------------------------------------------- */

int ecli_session_skip_missing(struct ecli_package *package, struct ecli_err *err)
{
	for (size_t i = 0; i < package->n_progs; i++)
		if (ecli_package_extra_set(&package->progs[i].extras, "optional", "true"))
			return no_memory(err);
	return 0;
}
