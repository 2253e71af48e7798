/* SPDX-License-Identifier: MIT */
/*
 * The variables of a package inside options/: globals.c finds them and hands them out, describe.c adds what the package says.
 */
#ifndef ECLI_OPTIONS_GLOBALS_H
#define ECLI_OPTIONS_GLOBALS_H

#include <ecli/options.h>

struct ecli_global_entry {
	struct ecli_option option; /* how to read a value; kind is valid only when is_readable */
	struct ecli_global global; /* section and name point into the types */
	char *type_text, *default_text;
	char *count_name; /* the variable that gets the number of elements, NULL: none */
	char *at_most;    /* the variable that it must not be above, NULL: none */
	char *exists;     /* the pattern of what its value names, NULL: nothing */
	uint32_t count;   /* elements of a list that is set */
	char *given;      /* what a person said, of a list all of it; NULL: nothing */
	bool is_readable, is_row, is_set;
	bool is_quiet; /* a row that no help lists */
};

struct ecli_globals {
	const struct ecli_package *package; /* not ours */
	struct ecli_global_entry *entries;
	size_t n_entries, capacity;
	struct ecli_option *options;
	size_t n_options, n_quiet; /* the quiet ones stand behind the others */
	struct ecli_global *values;
	size_t n_values;
};

/* Whether a section holds constants: .rodata, .rodata.x */
bool ecli_is_rodata(const char *section);

/* The entry of a variable, and the one whose option has that name ('-' and '_' are one); NULL. */
struct ecli_global_entry *ecli_globals_find(const struct ecli_globals *globals, const char *variable);
struct ecli_global_entry *ecli_globals_find_row(const struct ecli_globals *globals, const char *name);

/* Gives an entry its names, notation and default. @var: what the package says, or an empty one when it says nothing. */
int ecli_globals_describe(struct ecli_globals *globals, struct ecli_global_entry *entry, const struct ecli_types *types,
			  uint32_t type_id, const struct ecli_package_var *var, struct ecli_err *err);

/* When every variable is there: counters are no options of their own, and what is compiled in becomes text for the help. */
void ecli_globals_finish(struct ecli_globals *globals);

/* Whether a program or a tag of the package reads the variable; true when it cannot be told. */
bool ecli_globals_has_effect(const struct ecli_globals *globals, const struct ecli_global_entry *entry);

/* Sets a variable, and with a list its counter. */
void ecli_globals_store(const struct ecli_globals *globals, struct ecli_global_entry *entry,
			const struct ecli_option_value *value);

#endif
