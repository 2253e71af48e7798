/* SPDX-License-Identifier: MIT */
/*
 * Packages of 2022 (v0.0.1 to v0.2.x), which have everything at the top:
 *
 *     { name, version, description, data, data_sz, maps [{ name, type, export_data_types }], progs [{ name }], license,
 * ... }
 *
 * The description of an event type came from a record layout in bits ("Struct Name", "Size", "Fields"); it becomes an
 * export whose type is then found by name in the object. Other keys are kept as extras of their item.
 */
#include "package/model.h"

#include <errno.h>
#include <string.h>

static int read_field(struct ecli_package_export *export, const json_t *field, const struct place *at,
		      struct ecli_err *err)
{
	struct ecli_package_member *member = ECLI_PACKAGE_GROW(export->members, export->n_members);

	if (!member)
		return ecli_json_no_memory(err);
	int r = ecli_json_need_object(field, at, err);
	if (!r)
		r = ecli_json_need_text(field, at, "Name", &member->name, err);
	if (!r)
		r = ecli_json_need_text(field, at, "Type", &member->type, err);
	return r;
}

static int read_layout(struct ecli_package *package, const json_t *layout, const struct place *at, struct ecli_err *err)
{
	struct place fields_at = { .up = at, .key = "Fields" };
	uint64_t size_bits = 0;
	json_t *fields = NULL;

	int r = ecli_json_need_object(layout, at, err);
	if (r)
		return r;
	struct ecli_package_export *export = ECLI_PACKAGE_GROW(package->exports, package->n_exports);
	if (!export)
		return ecli_json_no_memory(err);
	r = ecli_json_need_text(layout, at, "Struct Name", &export->name, err);
	if (!r)
		r = ecli_json_get_u64(layout, at, "Size", 0, UINT32_MAX, &size_bits, err);
	if (!r)
		r = ecli_json_get_array(layout, at, "Fields", &fields, err);
	for (size_t i = 0; !r && i < json_array_size(fields); i++) {
		struct place here = { .up = &fields_at, .index = i };

		r = read_field(export, json_array_get(fields, i), &here, err);
	}
	export->size_bytes = size_bits / 8;
	return r;
}

/* One layout or a list of them. */
static int read_layouts(struct ecli_package *package, const json_t *map, const struct place *up, const char *key,
			struct ecli_err *err)
{
	const json_t *value = ecli_json_get(map, key);
	struct place at = { .up = up, .key = key };
	int r = 0;

	if (value && !json_is_array(value))
		return read_layout(package, value, &at, err);
	for (size_t i = 0; !r && i < json_array_size(value); i++) {
		struct place here = { .up = &at, .index = i };

		r = read_layout(package, json_array_get(value, i), &here, err);
	}
	return r;
}

static int read_map(struct ecli_package *package, const json_t *object, const struct place *at, struct ecli_err *err)
{
	static const char *const known[] = { "name", "export_data_types", "ring_buffer_export", NULL };
	struct ecli_package_map *map = ECLI_PACKAGE_GROW(package->maps, package->n_maps);

	if (!map)
		return ecli_json_no_memory(err);
	int r = ecli_json_need_object(object, at, err);
	if (!r)
		r = ecli_json_need_text(object, at, "name", &map->name, err);
	for (const char *const *key = &known[1]; !r && *key; key++)
		r = read_layouts(package, object, at, *key, err);
	if (!r)
		r = ecli_json_extras(object, at, known, &map->extras, err);
	if (!r && !(map->ident = strdup(map->name)))
		r = ecli_json_no_memory(err);
	return r;
}

static int read_prog(struct ecli_package *package, const json_t *object, const struct place *at, struct ecli_err *err)
{
	static const char *const known[] = { "name", NULL };
	struct ecli_package_prog *prog = ECLI_PACKAGE_GROW(package->progs, package->n_progs);

	if (!prog)
		return ecli_json_no_memory(err);
	prog->link = true;
	int r = ecli_json_need_object(object, at, err);
	if (!r)
		r = ecli_json_need_text(object, at, "name", &prog->name, err);
	if (!r)
		r = ecli_json_extras(object, at, known, &prog->extras, err);
	return r;
}

int ecli_package_read_old(struct ecli_package *package, const json_t *root, struct ecli_err *err)
{
	static const char *const known[] = { "name",    "version",          "description",      "maps", "progs", "data",
					     "data_sz", "ebpf_object_data", "ebpf_object_size", NULL };
	static const struct {
		const char *key;
		int (*read)(struct ecli_package *, const json_t *, const struct place *, struct ecli_err *);
	} lists[] = { { "maps", read_map }, { "progs", read_prog } };

	int r = ecli_json_get_text(root, NULL, "name", &package->name, err);
	if (!r)
		r = ecli_json_get_text(root, NULL, "version", &package->doc.version, err);
	if (!r)
		r = ecli_json_get_text(root, NULL, "description", &package->doc.description, err);
	for (size_t k = 0; !r && k < ARRAY_SIZE(lists); k++) {
		struct place list_at = { .key = lists[k].key };
		json_t *list = NULL;

		r = ecli_json_get_array(root, NULL, lists[k].key, &list, err);
		for (size_t i = 0; !r && i < json_array_size(list); i++) {
			struct place here = { .up = &list_at, .index = i };

			r = lists[k].read(package, json_array_get(list, i), &here, err);
		}
	}
	if (!r)
		r = ecli_json_extras(root, NULL, known, &package->extras, err);
	return r ? r : ecli_package_complete(package, ecli_json_get(root, "progs") != NULL, err);
}
