/* SPDX-License-Identifier: MIT */
/*
 * The description beside the object in the public form of a package, JSON into the model:
 *
 *     meta { bpf_skel { obj_name, doc, data_sections [{ name, variables [] }], maps [], progs [] }, export_types [],
 * ... }
 *
 * A key that the model names must have the right type; every other key of a variable, map, program, member or of meta
 * is kept as an extra. null counts as absent. [sic]: "mmaped" and "intepreter" are spelled so in the format.
 */
#include "package/model.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

enum { MAX_PERF_PAGES = 1 << 16 };

typedef int (*read_item_fn)(struct ecli_package *package, const json_t *item, const struct place *at,
			    struct ecli_err *err);

/* Calls @read for each element of the list @key; no list, no call. */
static int read_list(struct ecli_package *package, const json_t *object, const struct place *at, const char *key,
		     read_item_fn read, struct ecli_err *err)
{
	struct place list_at = { .up = at, .key = key };
	json_t *list = NULL;
	int r = ecli_json_get_array(object, at, key, &list, err);

	for (size_t i = 0; !r && i < json_array_size(list); i++) {
		struct place here = { .up = &list_at, .index = i };
		const json_t *item = json_array_get(list, i);

		r = ecli_json_need_object(item, &here, err);
		if (!r)
			r = read(package, item, &here, err);
	}
	return r;
}

int ecli_package_read_cmdarg(struct ecli_package_var *var, const json_t *object, const struct place *up,
			     struct ecli_err *err)
{
	struct place at = { .up = up, .key = "cmdarg" };
	json_t *arg = NULL;
	int r = ecli_json_get_object(object, up, "cmdarg", &arg, err);

	if (r || !arg)
		return r;
	var->has_cmdarg = true;
	r = ecli_json_get_text(arg, &at, "long", &var->arg_long, err);
	if (!r)
		r = ecli_json_get_text(arg, &at, "short", &var->arg_short, err);
	if (!r)
		r = ecli_json_get_text(arg, &at, "help", &var->arg_help, err);
	if (!r)
		r = ecli_json_get_any(arg, "default", &var->arg_default_json, err);
	return r;
}

static int read_var(struct ecli_package_var *var, const json_t *object, const struct place *at, struct ecli_err *err)
{
	static const char *const known[] = { "name", "type", "description", "value", "cmdarg", "sample", NULL };

	int r = ecli_json_need_text(object, at, "name", &var->name, err);
	if (!r)
		r = ecli_json_get_text(object, at, "type", &var->type, err);
	if (!r)
		r = ecli_json_get_text(object, at, "description", &var->description, err);
	if (!r)
		r = ecli_json_get_any(object, "value", &var->value_json, err);
	if (!r)
		r = ecli_package_read_cmdarg(var, object, at, err);
	if (!r)
		r = ecli_package_read_sample(&var->sample, object, at, err);
	if (!r)
		r = ecli_json_extras(object, at, known, &var->extras, err);
	if (!r && !var->type && !(var->type = strdup("")))
		r = ecli_json_no_memory(err);
	return r;
}

static int read_section(struct ecli_package *package, const json_t *object, const struct place *at,
			struct ecli_err *err)
{
	struct place list_at = { .up = at, .key = "variables" };
	CLEANUP_FREE char *section = NULL;
	json_t *list = NULL;

	int r = ecli_json_need_text(object, at, "name", &section, err);
	if (!r)
		r = ecli_json_get_array(object, at, "variables", &list, err);
	for (size_t i = 0; !r && i < json_array_size(list); i++) {
		struct place here = { .up = &list_at, .index = i };
		const json_t *item = json_array_get(list, i);

		r = ecli_json_need_object(item, &here, err);
		if (r)
			return r;
		struct ecli_package_var *var = ECLI_PACKAGE_GROW(package->vars, package->n_vars);
		if (!var || !(var->section = strdup(section)))
			return ecli_json_no_memory(err);
		r = read_var(var, item, &here, err);
	}
	return r;
}

static int read_map(struct ecli_package *package, const json_t *object, const struct place *at, struct ecli_err *err)
{
	static const char *const known[] = { "name", "ident", "mmaped", "sample", NULL };
	struct ecli_package_map *map = ECLI_PACKAGE_GROW(package->maps, package->n_maps);

	if (!map)
		return ecli_json_no_memory(err);
	int r = ecli_json_need_text(object, at, "name", &map->name, err);
	if (!r)
		r = ecli_json_get_text(object, at, "ident", &map->ident, err);
	if (!r)
		r = ecli_json_get_bool(object, at, "mmaped", &map->mmaped, err);
	if (!r)
		r = ecli_package_read_sample(&map->sample, object, at, err);
	if (!r)
		r = ecli_json_extras(object, at, known, &map->extras, err);
	if (!r)
		r = ecli_package_check_config(&map->extras, at, err);
	if (!r && !map->ident && !(map->ident = strdup(map->name)))
		r = ecli_json_no_memory(err);
	return r;
}

static int read_prog(struct ecli_package *package, const json_t *object, const struct place *at, struct ecli_err *err)
{
	static const char *const known[] = { "name", "attach", "link", NULL };
	struct ecli_package_prog *prog = ECLI_PACKAGE_GROW(package->progs, package->n_progs);

	if (!prog)
		return ecli_json_no_memory(err);
	prog->link = true;
	int r = ecli_json_need_text(object, at, "name", &prog->name, err);
	if (!r)
		r = ecli_json_get_text(object, at, "attach", &prog->attach, err);
	if (!r)
		r = ecli_json_get_bool(object, at, "link", &prog->link, err);
	if (!r)
		r = ecli_json_extras(object, at, known, &prog->extras, err);
	return r;
}

static int read_member(struct ecli_package_export *export, const json_t *object, const struct place *at,
		       struct ecli_err *err)
{
	static const char *const known[] = { "name", "type", NULL };
	struct ecli_package_member *member = ECLI_PACKAGE_GROW(export->members, export->n_members);

	if (!member)
		return ecli_json_no_memory(err);
	int r = ecli_json_need_object(object, at, err);
	if (!r)
		r = ecli_json_get_text(object, at, "name", &member->name, err);
	if (!r)
		r = ecli_json_get_text(object, at, "type", &member->type, err);
	if (!r)
		r = ecli_json_extras(object, at, known, &member->extras, err);
	/* An anonymous member has no name. */
	if (!r && ((!member->name && !(member->name = strdup(""))) || (!member->type && !(member->type = strdup("")))))
		r = ecli_json_no_memory(err);
	return r;
}

static int read_export(struct ecli_package *package, const json_t *object, const struct place *at, struct ecli_err *err)
{
	struct ecli_package_export *export = ECLI_PACKAGE_GROW(package->exports, package->n_exports);
	struct place list_at = { .up = at, .key = "members" };
	json_t *members = NULL;

	if (!export)
		return ecli_json_no_memory(err);
	int r = ecli_json_need_text(object, at, "name", &export->name, err);
	if (!r)
		r = ecli_json_get_u32(object, at, "type_id", 0, UINT32_MAX, &export->type_id, err);
	if (!r)
		r = ecli_json_get_u64(object, at, "size", 0, UINT32_MAX, &export->size_bytes, err);
	if (!r)
		r = ecli_json_get_array(object, at, "members", &members, err);
	for (size_t i = 0; !r && i < json_array_size(members); i++) {
		struct place here = { .up = &list_at, .index = i };

		r = read_member(export, json_array_get(members, i), &here, err);
	}
	return r;
}

static int read_exports(struct ecli_package *package, const json_t *meta, const struct place *at, struct ecli_err *err)
{
	const json_t *exports = ecli_json_get(meta, "export_types");
	struct place here = { .up = at, .key = "export_types" };

	/* The draft of November 2022 numbered types in a BTF of its own, under "id"; only the names still mean
	 * something. */
	if (json_is_object(exports))
		return read_list(package, exports, &here, "structs", read_export, err);
	return read_list(package, meta, at, "export_types", read_export, err);
}

static int read_doc(struct ecli_package_doc *doc, const json_t *skel, const struct place *up, struct ecli_err *err)
{
	struct place at = { .up = up, .key = "doc" };
	json_t *object = NULL;
	int r = ecli_json_get_object(skel, up, "doc", &object, err);

	if (r || !object)
		return r;
	r = ecli_json_get_text(object, &at, "version", &doc->version, err);
	if (!r)
		r = ecli_json_get_text(object, &at, "brief", &doc->brief, err);
	if (!r)
		r = ecli_json_get_text(object, &at, "details", &doc->details, err);
	if (!r)
		r = ecli_json_get_text(object, &at, "description", &doc->description, err);
	return r;
}

static int read_skel(struct ecli_package *package, const json_t *meta, const struct place *up, struct ecli_err *err)
{
	struct place at = { .up = up, .key = "bpf_skel" };
	json_t *skel = NULL;
	int r = ecli_json_get_object(meta, up, "bpf_skel", &skel, err);

	if (!r && !skel)
		r = ecli_json_wrong(up, err, "has no bpf_skel");
	if (!r)
		r = ecli_json_get_text(skel, &at, "obj_name", &package->name, err);
	if (!r)
		r = read_doc(&package->doc, skel, &at, err);
	if (!r)
		r = read_list(package, skel, &at, "data_sections", read_section, err);
	if (!r)
		r = read_list(package, skel, &at, "maps", read_map, err);
	if (!r)
		r = read_list(package, skel, &at, "progs", read_prog, err);
	return r;
}

/* The kernel wants a power of two; other loaders never used the number, so packages may have any. */
static uint32_t round_pages(uint32_t pages)
{
	uint32_t power = 1;

	while (power < pages && power < MAX_PERF_PAGES)
		power *= 2;
	return power;
}

int ecli_package_read_meta(struct ecli_package *package, const json_t *meta, struct ecli_err *err)
{
	static const char *const known[] = { "bpf_skel",          "export_types",
					     "poll_timeout_ms",   "enable_multiple_export_types",
					     "perf_buffer_pages", NULL };
	struct place at = { .key = "meta" };

	int r = ecli_json_need_object(meta, &at, err);
	if (!r)
		r = read_skel(package, meta, &at, err);
	if (!r)
		r = read_exports(package, meta, &at, err);
	if (!r)
		r = ecli_json_get_bool(meta, &at, "enable_multiple_export_types", &package->multiple_exports, err);
	if (!r)
		r = ecli_json_get_u32(meta, &at, "poll_timeout_ms", 0, UINT32_MAX, &package->poll_timeout_ms, err);
	if (!r)
		r = ecli_json_get_u32(meta, &at, "perf_buffer_pages", 0, UINT32_MAX, &package->perf_buffer_pages, err);
	if (!r)
		r = ecli_json_extras(meta, &at, known, &package->extras, err);
	package->perf_buffer_pages = round_pages(package->perf_buffer_pages);
	if (r)
		return r;
	return ecli_package_complete(package, ecli_json_get(ecli_json_get(meta, "bpf_skel"), "progs") != NULL, err);
}
