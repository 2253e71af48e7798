/* SPDX-License-Identifier: MIT */
/*
 * What a package says of its variables: names of options, help, defaults, how values are written, and which variable counts the
 * elements of a list. Whatever of it cannot be used is told in the log and left out, but for a default that is wrong: then
 * the tool would not do what its author meant, and that is an error.
 */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "options/bytes.h"
#include "options/globals.h"
#include "options/kind.h"
#include "options/value.h"
#include "package/typetext.h"

struct ecli_global_entry *ecli_globals_find(const struct ecli_globals *globals, const char *variable)
{
	for (size_t i = 0; i < globals->n_entries; i++)
		if (!strcmp(globals->entries[i].global.name, variable))
			return &globals->entries[i];
	return NULL;
}

struct ecli_global_entry *ecli_globals_find_row(const struct ecli_globals *globals, const char *name)
{
	for (size_t i = 0; i < globals->n_entries; i++)
		if (globals->entries[i].is_row &&
		    ecli_option_same_name(name, strlen(name), globals->entries[i].option.name))
			return &globals->entries[i];
	return NULL;
}

static void store(struct ecli_global_entry *entry, const struct ecli_option_value *value)
{
	ecli_bytes_store(value, &entry->option, entry->global.bytes, entry->global.size_bytes);
	entry->is_set = true;
	entry->count = value->count;
}

static bool is_hidden(const char *name)
{
	return !strncmp(name, "ecli_", 5) || !strncmp(name, "__", 2);
}

static bool is_option_name(const char *name)
{
	if (!isalnum((unsigned char)*name))
		return false;
	for (; *name; name++)
		if (!isalnum((unsigned char)*name) && *name != '-' && *name != '_')
			return false;
	return true;
}

/*
 * The names a person types: the cmdarg's, and the variable's own, which is also understood when the cmdarg has one. The first variable with a name has
 * it.
 */
static void set_names(struct ecli_globals *globals, struct ecli_global_entry *entry, const struct ecli_package_var *var)
{
	const char *name = entry->global.name;

	entry->is_row = false; /* so that it is not in its own way */
	if (var->arg_long && *var->arg_long) {
		if (is_option_name(var->arg_long) && !ecli_globals_find_row(globals, var->arg_long))
			name = var->arg_long;
		else
			ecli_log(ECLI_LOG_WARN, "the name --%s for the variable %s cannot be used; it is called --%s",
				 var->arg_long, name, name);
	}
	if (ecli_globals_find_row(globals, name)) {
		ecli_log(ECLI_LOG_WARN, "the variable %s has no option: --%s is another one", entry->global.name, name);
		return;
	}
	entry->option.name = name;
	entry->option.other_name = name == entry->global.name ? NULL : entry->global.name;
	entry->is_row = true;

	const char *letter = var->arg_short;
	if (!letter || !*letter)
		return;
	bool is_free = isalnum((unsigned char)letter[0]) && !letter[1];
	for (size_t i = 0; i < globals->n_entries; i++)
		if (globals->entries[i].is_row && globals->entries[i].option.short_name == letter[0])
			is_free = false;
	if (is_free)
		entry->option.short_name = letter[0];
	else
		ecli_log(ECLI_LOG_WARN, "the short name -%s for --%s cannot be used", letter, name);
}

/* [80,443] and ["a","b"] as a person writes them: no element has one of these characters in it. */
static void drop_brackets(char *text)
{
	char *to = text;

	for (; *text; text++)
		if (!strchr("[]\"", *text))
			*to++ = *text;
	*to = '\0';
}

/* A default the package carries counts as given: it is written. */
static int set_from_package(struct ecli_global_entry *entry, const struct ecli_package_var *var, struct ecli_err *err)
{
	const char *json = var->arg_default_json ? var->arg_default_json : var->value_json;
	struct ecli_option_value value;

	if (!json || !strcmp(json, "null"))
		return 0;
	if (!entry->is_readable) {
		ecli_log(ECLI_LOG_WARN,
			 "the package gives %s a value, but no value can be given to a variable of type %s", var->name,
			 entry->type_text);
		return 0;
	}
	CLEANUP_FREE char *text = ecli_package_json_text(json);
	if (!text)
		return ecli_err_set(err, -EINVAL, "the package's default for %s cannot be read", var->name);
	if (entry->option.kind == ECLI_OPTION_LIST)
		drop_brackets(text);
	int r = ecli_option_read_value(&entry->option, text, &value, err);
	if (r) {
		ecli_err_wrap(err, r, "the package's default for %s is wrong", var->name);
		if (err)
			err->fail = ECLI_FAIL_ERROR;
		return r;
	}
	store(entry, &value);
	return 0;
}

/* How its values are written. A tag that cannot be used is told and left out. */
static void set_notation(struct ecli_global_entry *entry, const struct ecli_types *types, uint32_t type_id,
			 const struct ecli_package_var *var)
{
	enum ecli_notation notation;
	struct ecli_err err = { 0 };

	if (ecli_package_var_notation(var, types, type_id, &err, &notation))
		ecli_log(ECLI_LOG_WARN, "%s", err.text);
	entry->is_readable = ecli_option_set_type(&entry->option, types, type_id, notation);
	if (entry->is_readable && entry->option.kind == ECLI_OPTION_LIST)
		entry->count_name = ecli_package_extra_text(&var->extras, "count");
	entry->at_most = ecli_package_extra_text(&var->extras, "at_most");
	entry->exists = ecli_package_extra_text(&var->extras, "exists");
}

int ecli_globals_describe(struct ecli_globals *globals, struct ecli_global_entry *entry, const struct ecli_types *types,
			  uint32_t type_id, const struct ecli_package_var *var, struct ecli_err *err)
{
	entry->type_text = ecli_package_type_text(types, type_id);
	if (!entry->type_text)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	set_notation(entry, types, type_id, var);
	entry->option.type_text = entry->type_text;
	entry->option.help = var->arg_help ? var->arg_help : var->description;
	if (entry->is_readable && !is_hidden(entry->global.name) &&
	    (ecli_is_rodata(entry->global.section) || var->has_cmdarg))
		set_names(globals, entry, var);
	return set_from_package(entry, var, err);
}

/* ---- numbers of elements --------------------------------------------------------------------------------------- */

static struct ecli_global_entry *find_counter(const struct ecli_globals *globals, const struct ecli_global_entry *list)
{
	struct ecli_global_entry *counter = list->count_name ? ecli_globals_find(globals, list->count_name) : NULL;
	bool is_number = counter && counter->is_readable &&
			 (counter->option.kind == ECLI_OPTION_UINT || counter->option.kind == ECLI_OPTION_SINT);

	return is_number && list->option.max_count <= (uint64_t)ecli_num_max_signed(counter->option.size_bytes)
		       ? counter
		       : NULL;
}

/* The number goes where the list goes: nowhere when it is not set. */
static void store_count(const struct ecli_globals *globals, const struct ecli_global_entry *list)
{
	struct ecli_global_entry *counter = find_counter(globals, list);

	if (counter && list->is_set)
		store(counter, &(struct ecli_option_value){ .u = list->count, .s = list->count });
}

void ecli_globals_store(const struct ecli_globals *globals, struct ecli_global_entry *entry,
			const struct ecli_option_value *value)
{
	store(entry, value);
	store_count(globals, entry);
}

static uint32_t initial_count(const struct ecli_globals *globals, const struct ecli_global_entry *list)
{
	const struct ecli_global_entry *counter = find_counter(globals, list);
	uint64_t count = 0;

	if (list->option.kind != ECLI_OPTION_LIST)
		return 1;
	if (!counter)
		return ecli_bytes_count(&list->option, list->global.bytes);
	for (uint32_t i = 0; i < counter->global.size_bytes; i++)
		count |= (uint64_t)counter->global.bytes[i] << 8 * i;
	return count < list->option.max_count ? (uint32_t)count : list->option.max_count;
}

/* Variables of .data and .bss that nobody has made an option, under their own names where those are nobody's. */
static void add_quiet_rows(struct ecli_globals *globals)
{
	for (size_t i = 0; i < globals->n_entries; i++) {
		struct ecli_global_entry *entry = &globals->entries[i];

		if (entry->is_row || !entry->type_text || !entry->is_readable || is_hidden(entry->global.name) ||
		    ecli_is_rodata(entry->global.section) || !is_option_name(entry->global.name) ||
		    ecli_globals_find_row(globals, entry->global.name))
			continue;
		entry->option.name = entry->global.name;
		entry->is_row = entry->is_quiet = true;
	}
}

void ecli_globals_finish(struct ecli_globals *globals)
{
	add_quiet_rows(globals);
	for (size_t i = 0; i < globals->n_entries; i++) {
		struct ecli_global_entry *entry = &globals->entries[i], *counter = find_counter(globals, entry);

		if (counter)
			counter->is_row = false;
		else if (entry->count_name)
			ecli_log(ECLI_LOG_WARN, "@count of %s is ignored: %s is no integer variable that can hold it",
				 entry->global.name, entry->count_name);
		store_count(globals, entry);
	}
	for (size_t i = 0; i < globals->n_entries; i++) {
		struct ecli_global_entry *entry = &globals->entries[i];

		if (!entry->is_row)
			continue;
		entry->default_text =
			ecli_bytes_show(&entry->option, entry->global.bytes, initial_count(globals, entry));
		entry->option.default_text = entry->default_text;
	}
}
