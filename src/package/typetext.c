/* SPDX-License-Identifier: MIT */
/*
 * `const volatile char comm[16]` is an array of const volatile characters, so the qualifiers to drop are under the
 * array's dimensions: these are written last, over what is left. Qualifiers behind a pointer belong to the type and
 * stay.
 */
#include "package/typetext.h"

#include <string.h>

#include "base/cleanup.h"

char *ecli_package_type_text(const struct ecli_types *types, uint32_t type_id)
{
	CLEANUP_BUF struct ecli_buf dimensions = { 0 }, text = { 0 };
	const struct ecli_type *type = ecli_types_get(types, type_id);

	while (type && (type->kind == ECLI_TYPE_MODIFIER || type->kind == ECLI_TYPE_ARRAY)) {
		if (type->kind == ECLI_TYPE_ARRAY)
			ecli_buf_add_format(&dimensions, "[%u]", type->count);
		type_id = type->target_id;
		type = ecli_types_get(types, type_id);
	}
	/* _Bool is what the keyword leaves in BTF; the loaders people have know only the name it has in headers. */
	if (type && type->kind == ECLI_TYPE_BOOL && !strcmp(type->name, "_Bool"))
		ecli_buf_add_text(&text, "bool");
	else
		ecli_type_format(types, type_id, &text);
	if (ecli_buf_failed(&dimensions))
		return NULL;
	ecli_buf_add(&text, dimensions.data, dimensions.len);
	return ecli_buf_take(&text);
}
