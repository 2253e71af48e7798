/* SPDX-License-Identifier: MIT */
/*
 * A package's global variables as options. Every variable of the data sections whose place is known becomes an entry;
 * those a person may set become rows of the option table. Only what was set, by a person or by the package, is ever
 * written.
 *
 *     package var + BTF section member -> entry { place, bytes, is_set } -> ecli_global for load/
 *                                             \-> ecli_option            -> parse, help
 *
 * Rows: the variables of .rodata (knobs are `const volatile`), and others that carry a cmdarg. No rows: file-local
 * variables, names that start with "ecli_" or "__", types that no word on a command line can express.
 */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/elf.h"
#include "base/num.h"
#include "options/bytes.h"
#include "options/kind.h"
#include "options/value.h"
#include "package/typetext.h"

enum { MAX_VARIABLE_BYTES = 64 * 1024, MAX_VARIABLES = 4096 };

struct entry {
	struct ecli_option option; /* how to read a value; kind is valid only when is_readable */
	struct ecli_global global; /* section and name point into the types */
	char *type_text, *default_text;
	char *count_name; /* the variable that gets the number of elements, NULL: none */
	uint32_t count;   /* elements of a list that is set */
	bool is_readable, is_row, is_set;
};

struct ecli_globals {
	struct entry *entries;
	size_t n_entries, capacity;
	struct ecli_option *options;
	size_t n_options;
	struct ecli_global *values;
	size_t n_values;
};

/* ---- which variables ------------------------------------------------------------------------------------------- */

static bool is_section(const char *name, const char *kind)
{
	size_t n = strlen(kind);

	return !strncmp(name, kind, n) && (!name[n] || name[n] == '.');
}

static bool is_rodata(const char *section)
{
	return is_section(section, ".rodata");
}

static bool is_data(const char *section)
{
	return strcmp(section, ".rodata.ecli") &&
	       (is_rodata(section) || is_section(section, ".data") || is_section(section, ".bss"));
}

static bool is_hidden(const char *name)
{
	return !strncmp(name, "ecli_", 5) || !strncmp(name, "__", 2);
}

static struct entry *find_entry(const struct ecli_globals *globals, const char *variable)
{
	for (size_t i = 0; i < globals->n_entries; i++)
		if (!strcmp(globals->entries[i].global.name, variable))
			return &globals->entries[i];
	return NULL;
}

static struct entry *find_row(const struct ecli_globals *globals, const char *name)
{
	for (size_t i = 0; i < globals->n_entries; i++)
		if (globals->entries[i].is_row &&
		    ecli_option_same_name(name, strlen(name), globals->entries[i].option.name))
			return &globals->entries[i];
	return NULL;
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
		     const struct ecli_type *section, const struct ecli_type_member *member, struct entry **ret_entry)
{
	const struct ecli_type *type = ecli_types_resolve(types, member->type_id);

	*ret_entry = NULL;
	if (globals->n_entries == MAX_VARIABLES || member->is_static || !*member->name ||
	    find_entry(globals, member->name) || !member->size_bytes || member->size_bytes > MAX_VARIABLE_BYTES ||
	    member->size_bytes != type->size_bytes)
		return 0;
	if (globals->n_entries == globals->capacity) {
		size_t capacity = globals->capacity ? 2 * globals->capacity : 16;
		struct entry *entries = reallocarray(globals->entries, capacity, sizeof(*entries));

		if (!entries)
			return -ENOMEM;
		globals->entries = entries;
		globals->capacity = capacity;
	}

	struct entry *entry = &globals->entries[globals->n_entries];
	*entry = (struct entry){
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

static void store(struct entry *entry, const struct ecli_option_value *value)
{
	ecli_bytes_store(value, &entry->option, entry->global.bytes, entry->global.size_bytes);
	entry->is_set = true;
	entry->count = value->count;
}

/* ---- what the package says of a variable ----------------------------------------------------------------------- */

static bool is_option_name(const char *name)
{
	if (!isalnum((unsigned char)*name))
		return false;
	for (; *name; name++)
		if (!isalnum((unsigned char)*name) && *name != '-' && *name != '_')
			return false;
	return true;
}

/* The names a person types: the cmdarg's, else the variable's own; the first variable with a name has it. */
static void set_names(struct ecli_globals *globals, struct entry *entry, const struct ecli_package_var *var)
{
	const char *name = entry->global.name;

	entry->is_row = false; /* so that it is not in its own way */
	if (var->arg_long && *var->arg_long) {
		if (is_option_name(var->arg_long) && !find_row(globals, var->arg_long))
			name = var->arg_long;
		else
			ecli_log(ECLI_LOG_WARN, "the name --%s for the variable %s cannot be used; it is called --%s",
				 var->arg_long, name, name);
	}
	if (find_row(globals, name)) {
		ecli_log(ECLI_LOG_WARN, "the variable %s has no option: --%s is another one", entry->global.name, name);
		return;
	}
	entry->option.name = name;
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
static int set_from_package(struct entry *entry, const struct ecli_package_var *var, struct ecli_err *err)
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
static void set_notation(struct entry *entry, const struct ecli_types *types, uint32_t type_id,
			 const struct ecli_package_var *var)
{
	enum ecli_notation notation;
	struct ecli_err err = { 0 };

	if (ecli_package_var_notation(var, types, type_id, &err, &notation))
		ecli_log(ECLI_LOG_WARN, "%s", err.text);
	entry->is_readable = ecli_option_set_type(&entry->option, types, type_id, notation);
	if (entry->is_readable && entry->option.kind == ECLI_OPTION_LIST)
		entry->count_name = ecli_package_extra_text(&var->extras, "count");
}

/* @var: what the package says, or an empty one when it says nothing. */
static int describe(struct ecli_globals *globals, struct entry *entry, const struct ecli_types *types, uint32_t type_id,
		    const struct ecli_package_var *var, struct ecli_err *err)
{
	entry->type_text = ecli_package_type_text(types, type_id);
	if (!entry->type_text)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	set_notation(entry, types, type_id, var);
	entry->option.type_text = entry->type_text;
	entry->option.help = var->arg_help ? var->arg_help : var->description;
	if (entry->is_readable && !is_hidden(entry->global.name) &&
	    (is_rodata(entry->global.section) || var->has_cmdarg))
		set_names(globals, entry, var);
	return set_from_package(entry, var, err);
}

/* ---- numbers of elements --------------------------------------------------------------------------------------- */

static struct entry *find_counter(const struct ecli_globals *globals, const struct entry *list)
{
	struct entry *counter = list->count_name ? find_entry(globals, list->count_name) : NULL;
	bool is_number = counter && counter->is_readable &&
			 (counter->option.kind == ECLI_OPTION_UINT || counter->option.kind == ECLI_OPTION_SINT);

	return is_number && list->option.max_count <= (uint64_t)ecli_num_max_signed(counter->option.size_bytes)
		       ? counter
		       : NULL;
}

/* The number goes where the list goes: nowhere when it is not set. */
static void store_count(const struct ecli_globals *globals, const struct entry *list)
{
	struct entry *counter = find_counter(globals, list);

	if (counter && list->is_set)
		store(counter, &(struct ecli_option_value){ .u = list->count, .s = list->count });
}

static uint32_t initial_count(const struct ecli_globals *globals, const struct entry *list)
{
	const struct entry *counter = find_counter(globals, list);
	uint64_t count = 0;

	if (list->option.kind != ECLI_OPTION_LIST)
		return 1;
	if (!counter)
		return ecli_bytes_count(&list->option, list->global.bytes);
	for (uint32_t i = 0; i < counter->global.size_bytes; i++)
		count |= (uint64_t)counter->global.bytes[i] << 8 * i;
	return count < list->option.max_count ? (uint32_t)count : list->option.max_count;
}

/* When every variable is there: counters are no options of their own, and what is compiled in becomes text for the help. */
static void finish_rows(struct ecli_globals *globals)
{
	for (size_t i = 0; i < globals->n_entries; i++) {
		struct entry *entry = &globals->entries[i], *counter = find_counter(globals, entry);

		if (counter)
			counter->is_row = false;
		else if (entry->count_name)
			ecli_log(ECLI_LOG_WARN, "@count of %s is ignored: %s is no integer variable that can hold it",
				 entry->global.name, entry->count_name);
		store_count(globals, entry);
	}
	for (size_t i = 0; i < globals->n_entries; i++) {
		struct entry *entry = &globals->entries[i];

		if (!entry->is_row)
			continue;
		entry->default_text =
			ecli_bytes_show(&entry->option, entry->global.bytes, initial_count(globals, entry));
		entry->option.default_text = entry->default_text;
	}
}

/* ---- building -------------------------------------------------------------------------------------------------- */

static int add_package_var(struct ecli_globals *globals, const struct ecli_elf *elf, const struct ecli_types *types,
			   const struct ecli_package_var *var, struct ecli_err *err)
{
	const struct ecli_type *section = ecli_types_find(types, ECLI_TYPE_SECTION, var->section);
	struct entry *entry;

	if (!section || !is_data(section->name))
		return 0;
	for (uint32_t i = 0; i < section->n_members; i++) {
		if (strcmp(section->members[i].name, var->name))
			continue;
		if (add_entry(globals, elf, types, section, &section->members[i], &entry))
			return ecli_err_set(err, -ENOMEM, "out of memory");
		return entry ? describe(globals, entry, types, section->members[i].type_id, var, err) : 0;
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
			struct entry *entry;
			int r = add_entry(globals, elf, types, section, &section->members[i], &entry);

			if (r)
				return ecli_err_set(err, r, "out of memory");
			if (entry && as_rows)
				r = describe(globals, entry, types, section->members[i].type_id, &nothing, err);
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
	for (size_t i = 0; i < globals->n_entries; i++) {
		if (!globals->entries[i].is_row)
			continue;
		globals->options[globals->n_options] = globals->entries[i].option;
		globals->options[globals->n_options].id = (int)globals->n_options;
		globals->n_options++;
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
	int r = ecli_elf_open(&elf, package->object, package->object_size, err);
	for (size_t i = 0; !r && i < package->n_vars; i++)
		r = add_package_var(globals, &elf, types, &package->vars[i], err);
	if (!r)
		r = add_other_vars(globals, &elf, types, !package->n_vars, err);
	if (!r)
		finish_rows(globals);
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

int ecli_globals_set(struct ecli_globals *globals, const struct ecli_option_value *value, struct ecli_err *err)
{
	struct entry *entry = find_row(globals, value->option->name);

	if (!entry || entry->option.kind != value->option->kind)
		return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -ENOENT, "this tool has no option --%s",
					 value->option->name);
	store(entry, value);
	store_count(globals, entry);
	list_values(globals);
	return 0;
}

bool ecli_globals_set_default(struct ecli_globals *globals, const char *variable, uint64_t value)
{
	struct entry *entry = find_entry(globals, variable);

	if (!entry || entry->is_set || !entry->is_readable ||
	    (entry->option.kind != ECLI_OPTION_UINT && entry->option.kind != ECLI_OPTION_SINT))
		return false;
	store(entry, &(struct ecli_option_value){ .u = value, .s = (int64_t)value });
	list_values(globals);
	return true;
}

const struct ecli_global *ecli_globals_values(const struct ecli_globals *globals, size_t *ret_count)
{
	*ret_count = globals->n_values;
	return globals->values;
}
