/* SPDX-License-Identifier: MIT */
/*
 * Columns that are there for an option only: a member with `@when OPTION` is hidden as long as that variable is zero, one with
 * `@when !OPTION` as soon as it is not. JSON has every field all the same, so that what reads it needs not know how the tool was called.
 *
 * Only what was given on the command line (or by the package) counts as not zero: a default that is compiled in is not looked up.
 */
#include "session/shown.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

bool shown_is_set(const struct ecli_globals *globals, const char *variable)
{
	size_t n_values = 0;
	const struct ecli_global *values = globals ? ecli_globals_values(globals, &n_values) : NULL;
	bool is_set = false;

	for (size_t i = 0; i < n_values; i++)
		for (uint32_t b = 0; b < values[i].size_bytes && !strcmp(values[i].name, variable); b++)
			is_set |= values[i].bytes[b] != 0;
	return is_set;
}

static const struct ecli_package_export *export_of(const struct ecli_package *package, const struct ecli_types *types,
						   uint32_t type_id)
{
	const struct ecli_type *type = type_id ? ecli_types_resolve(types, type_id) : NULL;

	for (size_t i = 0; type && i < package->n_exports; i++)
		if (!strcmp(package->exports[i].name, type->name))
			return &package->exports[i];
	return NULL;
}

int shown_apply(const struct ecli_package *package, const struct ecli_types *types, const struct ecli_globals *globals,
		const struct records *records)
{
	for (size_t i = 0; i < records->count; i++) {
		const struct record *record = &records->items[i];
		const struct ecli_package_export *export = export_of(package, types, record->type_id);

		for (size_t k = 0; export && k < export->n_members; k++) {
			const struct ecli_package_member *member = &export->members[k];

			if (!ecli_package_extra(&member->extras, "when"))
				continue;
			CLEANUP_FREE char *when = ecli_package_extra_text(&member->extras, "when");
			if (!when)
				return -ENOMEM;
			bool is_not = *when == '!';
			if (shown_is_set(globals, when + is_not) == is_not)
				ecli_plan_hide(record->plan, member->name);
		}
	}
	return 0;
}
