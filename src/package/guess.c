/* SPDX-License-Identifier: MIT */
/*
 * The event type of a bare object. A package says which struct a record is; an object only has its BTF. Looked for, in this
 * order, and no further:
 *
 *     what ecc kept for the purpose: the structs that the pointers in section ecli.types point to
 *     a struct called "event", else the only one whose name ends in "_event"
 *
 * The second is a guess, but a narrow one: that is how the structs of such tools are called, and a kernel struct of that kind
 * (perf_event, trace_event) is only in the object's BTF when the program reads it, then with a name of its own beside it.
 * Value types of ring buffers need no guess and are no concern of this file.
 */
#include "package/model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <ecli/types.h>

#include "base/cleanup.h"

static bool is_event_name(const char *name)
{
	size_t len = strlen(name);

	return !strcmp(name, "event") || (len > 6 && !strcmp(name + len - 6, "_event"));
}

static int add_export(struct ecli_package *package, const struct ecli_type *type)
{
	struct ecli_package_export *exports = reallocarray(package->exports, package->n_exports + 1, sizeof(*exports));
	char *name = strdup(type->name);

	if (exports)
		package->exports = exports;
	if (!exports || !name) {
		free(name);
		return -ENOMEM;
	}
	size_t at = package->n_exports++;
	/* The event type comes first. */
	if (at && is_event_name(name) && !is_event_name(exports[0].name)) {
		memmove(exports + 1, exports, at * sizeof(*exports));
		at = 0;
	}
	exports[at] = (struct ecli_package_export){ .name = name, .type_id = type->id, .size_bytes = type->size_bytes };
	return 0;
}

static int add_kept(struct ecli_package *package, const struct ecli_types *types)
{
	const struct ecli_type *section = ecli_types_find(types, ECLI_TYPE_SECTION, "ecli.types");
	int r = 0;

	for (uint32_t i = 0; section && !r && i < section->n_members; i++) {
		const struct ecli_type *pointer = ecli_types_resolve(types, section->members[i].type_id);
		const struct ecli_type *target =
			pointer->kind == ECLI_TYPE_POINTER ? ecli_types_resolve(types, pointer->target_id) : NULL;

		if (target && target->kind == ECLI_TYPE_STRUCT)
			r = add_export(package, target);
	}
	return r;
}

static int add_by_name(struct ecli_package *package, const struct ecli_types *types)
{
	const struct ecli_type *found = ecli_types_find(types, ECLI_TYPE_STRUCT, "event");

	for (uint32_t id = 1; !found && id < ecli_types_count(types); id++) {
		const struct ecli_type *type = ecli_types_get(types, id);

		if (type->kind != ECLI_TYPE_STRUCT || !is_event_name(type->name))
			continue;
		for (uint32_t other = id + 1; other < ecli_types_count(types); other++) {
			const struct ecli_type *second = ecli_types_get(types, other);

			if (second->kind == ECLI_TYPE_STRUCT && is_event_name(second->name))
				return 0; /* two: nobody knows which */
		}
		found = type;
	}
	return found ? add_export(package, found) : 0;
}

int ecli_package_guess_exports(struct ecli_package *package)
{
	CLEANUP_TYPES struct ecli_types *types = NULL;

	int r = ecli_types_read_object(package->object, package->object_size, NULL, &types);
	if (!r)
		r = add_kept(package, types);
	if (!r && !package->n_exports)
		r = add_by_name(package, types);
	return r;
}
