/* SPDX-License-Identifier: MIT */
/*
 * Map definitions. Each variable of the section ".maps" is a struct that nobody ever reads as data; its members are a
 * table written in types, as the macros of bpf_helpers.h make them:
 *
 *     __uint(max_entries, 64)      int (*max_entries)[64];          the number is an array's length
 *     __type(value, struct event)  struct event *value;             the type is a pointer's target
 *
 * Members with other names (map_extra, values of maps in maps) are the loader's business.
 */
#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "types/model.h"

/* What a member of that name says, and where it goes in struct ecli_type_map. */
static const struct slot {
	const char *name;
	bool is_type; /* else a number */
	size_t offset;
} slots[] = {
	{ "type", false, offsetof(struct ecli_type_map, map_type) },
	{ "key", true, offsetof(struct ecli_type_map, key_type_id) },
	{ "value", true, offsetof(struct ecli_type_map, value_type_id) },
	{ "key_size", false, offsetof(struct ecli_type_map, key_size) },
	{ "value_size", false, offsetof(struct ecli_type_map, value_size) },
	{ "max_entries", false, offsetof(struct ecli_type_map, max_entries) },
	{ "pinning", false, offsetof(struct ecli_type_map, pinning) },
};
static_assert(sizeof(((struct ecli_type_map *)0)->map_type) == 4, "slots are 32 bits wide");

static void read_member(const struct ecli_types *types, const struct ecli_type_member *member,
			struct ecli_type_map *map)
{
	const struct ecli_type *pointer = ecli_types_resolve(types, member->type_id);
	const struct ecli_type *array;

	if (pointer->kind != ECLI_TYPE_POINTER)
		return;
	array = ecli_types_resolve(types, pointer->target_id);
	for (size_t i = 0; i < ARRAY_SIZE(slots); i++) {
		uint32_t *slot = (uint32_t *)((char *)map + slots[i].offset);

		if (strcmp(slots[i].name, member->name))
			continue;
		if (slots[i].is_type)
			*slot = pointer->target_id;
		else if (array->kind == ECLI_TYPE_ARRAY)
			*slot = array->count;
	}
}

/* A size given by its type only. */
static void derive_size(const struct ecli_types *types, uint32_t type_id, uint32_t *size)
{
	uint64_t bytes = ecli_types_resolve(types, type_id)->size_bytes;

	if (*size == 0 && bytes <= UINT32_MAX)
		*size = (uint32_t)bytes;
}

uint32_t ecli_types_map_count(const struct ecli_types *types)
{
	return types->types[types->maps_id].n_members;
}

bool ecli_types_map(const struct ecli_types *types, uint32_t index, struct ecli_type_map *ret_map)
{
	const struct ecli_type *section = &types->types[types->maps_id];

	if (index >= section->n_members)
		return false;

	const struct ecli_type *definition = ecli_types_resolve(types, section->members[index].type_id);
	struct ecli_type_map map = { .name = section->members[index].name };
	for (uint32_t i = 0; i < definition->n_members; i++)
		read_member(types, &definition->members[i], &map);
	derive_size(types, map.key_type_id, &map.key_size);
	derive_size(types, map.value_type_id, &map.value_size);
	*ret_map = map;
	return true;
}
