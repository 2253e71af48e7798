/* SPDX-License-Identifier: MIT */
/*
 * The finished model: made, freed, looked up. A look-up is an index into an array, or a walk over it; there is no hash
 * of names, because a tool's object has a few hundred types and is asked for a few of them.
 */
#include <errno.h>
#include <string.h>

#include "types/model.h"

int ecli_types_read(const void *btf, size_t size_bytes, struct ecli_err *err, struct ecli_types **ret_types)
{
	CLEANUP(cleanup_types) struct ecli_types *types = NULL;
	int r = types_parse(btf, size_bytes, err, &types);

	if (r == 0)
		r = types_check(types, err);
	if (r < 0)
		return r;
	*ret_types = TAKE_PTR(types);
	return 0;
}

void ecli_types_free(struct ecli_types *types)
{
	if (!types)
		return;
	free(types->types);
	free(types->resolved);
	free(types->raw);
	free(types->members);
	free(types->values);
	free(types->strings);
	free(types);
}

uint32_t ecli_types_count(const struct ecli_types *types)
{
	return types->count;
}

const struct ecli_type *ecli_types_get(const struct ecli_types *types, uint32_t id)
{
	return id < types->count ? &types->types[id] : NULL;
}

const struct ecli_type *ecli_types_resolve(const struct ecli_types *types, uint32_t id)
{
	return id < types->count ? &types->types[types->resolved[id]] : NULL;
}

const struct ecli_type *ecli_types_find(const struct ecli_types *types, enum ecli_type_kind kind, const char *name)
{
	for (uint32_t id = 0; id < types->count; id++)
		if (types->types[id].kind == kind && !strcmp(types->types[id].name, name))
			return &types->types[id];
	return NULL;
}
