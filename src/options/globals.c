/* SPDX-License-Identifier: MIT */
/*
 * A package's global variables as options. Every variable of the data sections whose place is known becomes an entry;
 * those a person may set become rows of the option table. Only what was set, by a person or by the package, is ever
 * written.
 *
 *     package var + BTF section member -> entry { place, bytes, is_set } -> ecli_global for load/
 *                                             \-> ecli_option            -> parse, help
 *
 * Rows: the variables of .rodata (knobs are `const volatile`), and others that carry a cmdarg. The rest of .data and .bss, mostly
 * counters, are quiet rows: other loaders take `--my_pid 7` for any variable, so it is understood, but no help lists it. No rows: file-local
 * variables, names that start with "ecli_" or "__", types that no word on a command line can express.
 */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/elf.h"
#include "base/num.h"
#include "options/globals.h"
#include "options/kind.h"
#include "options/value.h"

enum { MAX_VARIABLE_BYTES = 64 * 1024, MAX_VARIABLES = 4096 };

/* ---- which variables ------------------------------------------------------------------------------------------- */

static bool is_section(const char *name, const char *kind)
{
	size_t n = strlen(kind);

	return !strncmp(name, kind, n) && (!name[n] || name[n] == '.');
}

bool ecli_is_rodata(const char *section)
{
	return is_section(section, ".rodata");
}

static bool is_data(const char *section)
{
	return strcmp(section, ".rodata.ecli") && strcmp(section, ".rodata.ecli.where") &&
	       (ecli_is_rodata(section) || is_section(section, ".data") || is_section(section, ".bss"));
}

/* The bytes compiled in; zeros for .bss. False when the object does not hold the variable. */
static bool read_initial(const struct ecli_elf *elf, const char *section_name, uint64_t offset, uint32_t size,
			 unsigned char *bytes)
{
	struct ecli_elf_section section;

	if (!ecli_elf_find_section(elf, section_name, &section) || !ecli_num_within(offset, size, section.size))
		return false;
	if (section.data)
		memcpy(bytes, section.data + offset, size);
	return true;
}

/* An entry for a variable of a BTF section. @ret_entry is NULL when the variable is none that can be written. */
static int add_entry(struct ecli_globals *globals, const struct ecli_elf *elf, const struct ecli_types *types,
		     const struct ecli_type *section, const struct ecli_type_member *member,
		     struct ecli_global_entry **ret_entry)
{
	const struct ecli_type *type = ecli_types_resolve(types, member->type_id);

	*ret_entry = NULL;
	if (globals->n_entries == MAX_VARIABLES || member->is_static || !*member->name ||
	    ecli_globals_find(globals, member->name) || !member->size_bytes ||
	    member->size_bytes > MAX_VARIABLE_BYTES || member->size_bytes != type->size_bytes)
		return 0;
	if (globals->n_entries == globals->capacity) {
		size_t capacity = globals->capacity ? 2 * globals->capacity : 16;
		struct ecli_global_entry *entries = reallocarray(globals->entries, capacity, sizeof(*entries));

		if (!entries)
			return -ENOMEM;
		globals->entries = entries;
		globals->capacity = capacity;
	}

	struct ecli_global_entry *entry = &globals->entries[globals->n_entries];
	*entry = (struct ecli_global_entry){
		.option = { .name = member->name },
		.global = { section->name, member->name, member->offset_bits / 8, member->size_bytes, NULL },
	};
	CLEANUP_FREE unsigned char *bytes = calloc(1, member->size_bytes);
	if (!bytes)
		return -ENOMEM;
	if (!read_initial(elf, section->name, entry->global.offset_bytes, member->size_bytes, bytes))
		return 0;
	entry->is_readable = ecli_option_set_type(&entry->option, types, member->type_id, ECLI_NOTATION_PLAIN);
	entry->global.bytes = TAKE_PTR(bytes);
	globals->n_entries++;
	*ret_entry = entry;
	return 0;
}

/* ---- building -------------------------------------------------------------------------------------------------- */

static int add_package_var(struct ecli_globals *globals, const struct ecli_elf *elf, const struct ecli_types *types,
			   const struct ecli_package_var *var, struct ecli_err *err)
{
	const struct ecli_type *section = ecli_types_find(types, ECLI_TYPE_SECTION, var->section);
	struct ecli_global_entry *entry;

	if (!section || !is_data(section->name))
		return 0;
	for (uint32_t i = 0; i < section->n_members; i++) {
		if (strcmp(section->members[i].name, var->name))
			continue;
		if (add_entry(globals, elf, types, section, &section->members[i], &entry))
			return ecli_err_set(err, -ENOMEM, "out of memory");
		return entry ? ecli_globals_describe(globals, entry, types, section->members[i].type_id, var, err) : 0;
	}
	return 0;
}

/* Variables that only the object lists. They become rows when @as_rows: the package lists none at all. */
static int add_other_vars(struct ecli_globals *globals, const struct ecli_elf *elf, const struct ecli_types *types,
			  bool as_rows, struct ecli_err *err)
{
	static const struct ecli_package_var nothing;

	for (uint32_t id = 1; id < ecli_types_count(types); id++) {
		const struct ecli_type *section = ecli_types_get(types, id);

		if (section->kind != ECLI_TYPE_SECTION || !is_data(section->name))
			continue;
		for (uint32_t i = 0; i < section->n_members; i++) {
			struct ecli_global_entry *entry;
			int r = add_entry(globals, elf, types, section, &section->members[i], &entry);

			if (r)
				return ecli_err_set(err, r, "out of memory");
			if (entry && as_rows)
				r = ecli_globals_describe(globals, entry, types, section->members[i].type_id, &nothing,
							  err);
			if (r)
				return r;
		}
	}
	return 0;
}

/* The tables that callers see; their memory is there for every entry. */
static int make_tables(struct ecli_globals *globals)
{
	globals->options = calloc(globals->n_entries + 1, sizeof(*globals->options));
	globals->values = calloc(globals->n_entries + 1, sizeof(*globals->values));
	if (!globals->options || !globals->values)
		return -ENOMEM;
	for (int quiet = 0; quiet < 2; quiet++) {
		for (size_t i = 0; i < globals->n_entries; i++) {
			size_t at = globals->n_options + globals->n_quiet;

			if (!globals->entries[i].is_row || globals->entries[i].is_quiet != quiet)
				continue;
			globals->options[at] = globals->entries[i].option;
			globals->options[at].id = (int)at;
			globals->n_quiet += (size_t)quiet;
			globals->n_options += (size_t)!quiet;
		}
	}
	return 0;
}

static void list_values(struct ecli_globals *globals)
{
	globals->n_values = 0;
	for (size_t i = 0; i < globals->n_entries; i++)
		if (globals->entries[i].is_set)
			globals->values[globals->n_values++] = globals->entries[i].global;
}

DEFINE_CLEANUP(globals, struct ecli_globals *, ecli_globals_free)

int ecli_globals_build(const struct ecli_package *package, const struct ecli_types *types, struct ecli_err *err,
		       struct ecli_globals **ret_globals)
{
	CLEANUP(cleanup_globals) struct ecli_globals *globals = calloc(1, sizeof(*globals));
	struct ecli_elf elf;

	if (!globals)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	globals->package = package;
	int r = ecli_elf_open(&elf, package->object, package->object_size, err);
	for (size_t i = 0; !r && i < package->n_vars; i++)
		r = add_package_var(globals, &elf, types, &package->vars[i], err);
	if (!r)
		r = add_other_vars(globals, &elf, types, !package->n_vars, err);
	if (!r)
		ecli_globals_finish(globals);
	if (!r && make_tables(globals))
		r = ecli_err_set(err, -ENOMEM, "out of memory");
	if (r)
		return r;
	list_values(globals);
	*ret_globals = TAKE_PTR(globals);
	return 0;
}

void ecli_globals_free(struct ecli_globals *globals)
{
	if (!globals)
		return;
	for (size_t i = 0; i < globals->n_entries; i++) {
		free(globals->entries[i].global.bytes);
		free(globals->entries[i].type_text);
		free(globals->entries[i].default_text);
		free(globals->entries[i].count_name);
		free(globals->entries[i].at_most);
		free(globals->entries[i].exists);
		free(globals->entries[i].given);
	}
	free(globals->entries);
	free(globals->options);
	free(globals->values);
	free(globals);
}

const struct ecli_option *ecli_globals_options(const struct ecli_globals *globals, size_t *ret_count)
{
	*ret_count = globals->n_options;
	return globals->options;
}

const struct ecli_option *ecli_globals_quiet_options(const struct ecli_globals *globals, size_t *ret_count)
{
	*ret_count = globals->n_quiet;
	return globals->options + globals->n_options;
}

int ecli_globals_set(struct ecli_globals *globals, const struct ecli_option_value *value, struct ecli_err *err)
{
	struct ecli_global_entry *entry = ecli_globals_find_row(globals, value->option->name);

	if (!entry || entry->option.kind != value->option->kind)
		return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -ENOENT, "this tool has no option --%s",
					 value->option->name);
	/* `const` without `volatile`: the compiler has put the value where the variable was read. */
	if (!ecli_globals_has_effect(globals, entry))
		ecli_log(ECLI_LOG_WARN,
			 "--%s has no effect: no program reads the variable %s (a knob must be const volatile)",
			 entry->option.name, entry->global.name);
	ecli_globals_store(globals, entry, value);
	list_values(globals);
	return 0;
}

/* The value with what was given before: "-p 1 -p 2" is "-p 1,2", and of anything but a list one of the two would be lost. */
static int join_given(struct ecli_global_entry *entry, const struct ecli_option_value *value, struct ecli_err *err,
		      struct ecli_option_value *ret)
{
	bool is_list = entry->option.kind == ECLI_OPTION_LIST, is_switch = entry->option.kind == ECLI_OPTION_BOOL;
	const char *first = is_list && entry->given ? entry->given : "", *second = value->text ? value->text : "";
	CLEANUP_BUF struct ecli_buf text = { 0 };

	if (entry->given && !is_list && !is_switch)
		return ecli_option_twice(entry->option.name, entry->given, value->text, err);
	ecli_buf_add_format(&text, "%s%s%s", first, *first && *second ? "," : "", second);
	char *given = ecli_buf_failed(&text) ? NULL : strdup(ecli_buf_text(&text));
	if (!given)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	int r = *first ? ecli_option_read_value(&entry->option, given, ret, err) : 0;
	free(entry->given);
	entry->given = given;
	return r;
}

int ecli_globals_give(struct ecli_globals *globals, const struct ecli_option_value *value, struct ecli_err *err)
{
	struct ecli_global_entry *entry = ecli_globals_find_row(globals, value->option->name);
	struct ecli_option_value all = *value;
	int r = entry ? join_given(entry, value, err, &all) : 0;

	return r ? r : ecli_globals_set(globals, &all, err);
}

bool ecli_globals_set_default(struct ecli_globals *globals, const char *variable, uint64_t value)
{
	struct ecli_global_entry *entry = ecli_globals_find(globals, variable);

	if (!entry || entry->is_set || !entry->is_readable ||
	    (entry->option.kind != ECLI_OPTION_UINT && entry->option.kind != ECLI_OPTION_SINT))
		return false;
	ecli_globals_store(globals, entry, &(struct ecli_option_value){ .u = value, .s = (int64_t)value });
	list_values(globals);
	return true;
}

bool ecli_globals_is_set(const struct ecli_globals *globals, const char *variable, bool *ret_is_set)
{
	const struct ecli_global_entry *entry = ecli_globals_find(globals, variable);

	*ret_is_set = false;
	for (uint32_t i = 0; entry && i < entry->global.size_bytes; i++)
		*ret_is_set |= entry->global.bytes[i] != 0;
	return entry;
}

const struct ecli_global *ecli_globals_values(const struct ecli_globals *globals, size_t *ret_count)
{
	*ret_count = globals->n_values;
	return globals->values;
}
