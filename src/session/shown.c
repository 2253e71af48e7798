/* SPDX-License-Identifier: MIT */
/*
 * What is there for an option only: a map with `@when OPTION` is no source as long as that variable is zero, and a member of an event is no
 * column of text. JSON has every member that was measured all the same, so that whoever reads it need not know how the tool was called. A member with
 * `@measured OPTION` is nothing but zeros otherwise: it is nowhere, and who asks for it is told so.
 */
#include "session/shown.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

static bool is_option_set(void *ctx, const char *variable, bool *ret_is_set)
{
	return ecli_globals_is_set(ctx, variable, ret_is_set);
}

/* @tag: "when" or "measured". @what and @name: of whom it is said, in an error. */
static int holds(const struct ecli_package_extras *extras, const char *tag, const struct ecli_globals *globals,
		 const char *what, const char *name, struct ecli_err *err, bool *ret_holds)
{
	*ret_holds = true;
	if (!globals || !ecli_package_extra(extras, tag))
		return 0;
	CLEANUP_FREE char *condition = ecli_package_extra_text(extras, tag), *whose = NULL;
	if (!condition || asprintf(&whose, "%s %s", what, name) < 0)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	return ecli_package_when(condition, is_option_set, (void *)globals, whose, err, ret_holds);
}

int shown_map(const struct ecli_package_map *tags, const struct ecli_globals *globals, struct ecli_err *err,
	      bool *ret_is_shown)
{
	*ret_is_shown = true;
	return tags ? holds(&tags->extras, "when", globals, "map", tags->ident, err, ret_is_shown) : 0;
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

static const char *option_of(const struct ecli_package *package, const char *variable, size_t len)
{
	for (size_t i = 0; i < package->n_vars; i++) {
		const struct ecli_package_var *var = &package->vars[i];

		if (strlen(var->name) == len && !memcmp(var->name, variable, len))
			return var->arg_long ? var->arg_long : var->name;
	}
	return "";
}

/* "pids, tids": "only with --pids or with --tids"; "!count_only": "only without --count_only". A condition that was read without an error. */
static char *reason(const struct ecli_package *package, const char *condition)
{
	struct ecli_buf out = { 0 };

	for (const char *at = condition + strspn(condition, ", \t"); *at; at += strspn(at, ", \t")) {
		bool is_not = *at == '!';

		at += is_not;
		at += strspn(at, " \t");
		size_t len = strcspn(at, ", \t");
		ecli_buf_add_format(&out, "%s%s --%s", out.len ? " or " : "only ", is_not ? "without" : "with",
				    option_of(package, at, len));
		at += len;
	}
	return ecli_buf_take(&out);
}

/* Takes out what the options given do not measure. */
static int drop_unmeasured(const struct ecli_package *package, const struct ecli_package_member *member,
			   const struct ecli_globals *globals, struct ecli_plan *plan, struct ecli_err *err)
{
	bool is_measured;
	int r = holds(&member->extras, "measured", globals, "member", member->name, err, &is_measured);

	if (r || is_measured)
		return r;
	CLEANUP_FREE char *condition = ecli_package_extra_text(&member->extras, "measured");
	CLEANUP_FREE char *why = condition ? reason(package, condition) : NULL;
	return why && !ecli_plan_drop(plan, member->name, why) ? 0 : ecli_err_set(err, -ENOMEM, "out of memory");
}

/* Hides what the options given do not show of one struct. @type_id: 0 for none. */
static int hide_members(const struct ecli_package *package, const struct ecli_types *types,
			const struct ecli_globals *globals, uint32_t type_id, struct ecli_plan *plan,
			struct ecli_err *err)
{
	const struct ecli_package_export *export = export_of(package, types, type_id);

	for (size_t k = 0; export && k < export->n_members; k++) {
		const struct ecli_package_member *member = &export->members[k];
		bool is_shown;
		int r = holds(&member->extras, "when", globals, "member", member->name, err, &is_shown);

		if (r)
			return r;
		if (!is_shown)
			ecli_plan_hide(plan, member->name);
		r = drop_unmeasured(package, member, globals, plan, err);
		if (r)
			return r;
	}
	return 0;
}

int shown_columns(const struct ecli_package *package, const struct ecli_types *types,
		  const struct ecli_globals *globals, const struct records *records, struct ecli_err *err)
{
	int r = 0;

	for (size_t i = 0; !r && i < records->count; i++) {
		const struct record *record = &records->items[i];

		r = hide_members(package, types, globals, record->type_id, record->plan, err);
		for (size_t k = 0; !r && k < ARRAY_SIZE(record->pair); k++)
			r = hide_members(package, types, globals, record->pair[k], record->plan, err);
	}
	return r;
}
