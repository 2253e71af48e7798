/* SPDX-License-Identifier: MIT */
/*
 * An author who writes `@unit ms` on a bool learns of it here and not from the people who run the tool. Whether a tag fits is
 * decided where options/ asks too, in package/notation.c. Nothing is an error: the tag stays in the package, for whoever
 * knows it. (A tag that nobody knows, or in the wrong place, is annotate.c's to tell.)
 */
#include "compile/arguments.h"

#include <string.h>

#include "base/cleanup.h"

static const struct ecli_package_var *find_var(const struct ecli_package *package, const char *name)
{
	for (size_t i = 0; i < package->n_vars; i++)
		if (!strcmp(package->vars[i].name, name))
			return &package->vars[i];
	return NULL;
}

/* @count: an array, and an integer variable beside it. */
static void check_count(const struct ecli_package *package, const struct ecli_types *types,
			const struct ecli_package_var *var, uint32_t type_id, struct ecli_err *err)
{
	CLEANUP_FREE char *name = ecli_package_extra_text(&var->extras, "count");
	const struct ecli_package_var *counter = name ? find_var(package, name) : NULL;
	uint32_t counter_id = counter ? ecli_package_var_type(counter, types) : 0;

	if (ecli_types_resolve(types, type_id)->kind != ECLI_TYPE_ARRAY)
		ecli_err_set(err, -1, "%s is no array: it has nothing to count", var->name);
	else if (!counter_id || ecli_types_resolve(types, counter_id)->kind != ECLI_TYPE_INT)
		ecli_err_set(err, -1, "\"%.100s\" is no integer variable", name ? name : "");
}

/* @at_most: two integers of one kind. */
static void check_limit(const struct ecli_package *package, const struct ecli_types *types,
			const struct ecli_package_var *var, uint32_t type_id, struct ecli_err *err)
{
	CLEANUP_FREE char *name = ecli_package_extra_text(&var->extras, "at_most");
	const struct ecli_package_var *other = name ? find_var(package, name) : NULL;
	uint32_t other_id = other ? ecli_package_var_type(other, types) : 0;
	const struct ecli_type *type = ecli_types_resolve(types, type_id);
	const struct ecli_type *limit = other_id ? ecli_types_resolve(types, other_id) : NULL;

	if (!limit)
		ecli_err_set(err, -1, "\"%.100s\" is no variable of this tool", name ? name : "");
	else if (type->kind != ECLI_TYPE_INT || limit->kind != ECLI_TYPE_INT || type->is_signed != limit->is_signed)
		ecli_err_set(err, -1, "%s and %s are not integers of one kind", var->name, other->name);
}

/* @exists: a path with a place for the value, of a variable that can stand in it. */
static void check_place(const struct ecli_types *types, const struct ecli_package_var *var, uint32_t type_id,
			struct ecli_err *err)
{
	CLEANUP_FREE char *pattern = ecli_package_extra_text(&var->extras, "exists");
	CLEANUP_BUF struct ecli_buf path = { 0 };
	const struct ecli_type *type = ecli_types_resolve(types, type_id);

	if (type->kind == ECLI_TYPE_ARRAY)
		type = ecli_types_resolve(types, type->target_id);
	if (type->kind != ECLI_TYPE_INT && type->kind != ECLI_TYPE_CHAR)
		ecli_err_set(err, -1, "the value of %s is neither a number nor a text", var->name);
	else if (!pattern || ecli_package_place_of(pattern, "", &path))
		ecli_err_set(err, -1, "it takes a path below /sys or /proc with one %% for the value");
}

static void check_tag(const struct ecli_package *package, const struct ecli_types *types,
		      const struct ecli_package_var *var, const char *tag, struct ecli_err *err)
{
	uint32_t type_id = ecli_package_var_type(var, types);
	enum ecli_notation ignored;

	if (type_id && (!strcmp(tag, "unit") || !strcmp(tag, "format")))
		ecli_package_var_notation(var, types, type_id, err, &ignored);
	else if (type_id && !strcmp(tag, "count"))
		check_count(package, types, var, type_id, err);
	else if (type_id && !strcmp(tag, "at_most"))
		check_limit(package, types, var, type_id, err);
	else if (type_id && !strcmp(tag, "exists"))
		check_place(types, var, type_id, err);
}

void ecli_arguments_check(const struct ecli_package *package, const struct ecli_types *types,
			  const struct ecli_source *source)
{
	for (size_t i = 0; i < source->n_decls; i++) {
		const struct ecli_decl *decl = &source->decls[i];
		const struct ecli_package_var *var =
			decl->kind == ECLI_DECL_OBJECT && strcmp(decl->name, "LICENSE") != 0
				? find_var(package, decl->name)
				: NULL;

		for (size_t k = 0; var && k < decl->doc.n_tags; k++) {
			const struct ecli_doc_tag *tag = &decl->doc.tags[k];
			struct ecli_err err = { 0 };

			check_tag(package, types, var, tag->name, &err);
			if (err.code)
				ecli_log(ECLI_LOG_WARN, "%s:%u: @%s is ignored: %s", source->path, tag->line, tag->name,
					 err.text);
		}
	}
}
