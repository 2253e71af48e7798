/* SPDX-License-Identifier: MIT */
/*
 * A tool as the tests of its options have it: package, types, and the table made of both. Each test opens its own, for they are about objects
 * of different kinds; the rest is here.
 */
#ifndef ECLI_TESTS_TOOL_FIXTURE_H
#define ECLI_TESTS_TOOL_FIXTURE_H

#include <string.h>

#include <ecli/options.h>

#include "package/model.h"

struct tool {
	struct ecli_package *package;
	struct ecli_types *types;
	struct ecli_globals *globals;
};

static inline int build_tool(struct tool *tool, struct ecli_err *err)
{
	return ecli_globals_build(tool->package, tool->types, err, &tool->globals);
}

static inline void close_tool(struct tool *tool)
{
	ecli_globals_free(tool->globals);
	ecli_types_free(tool->types);
	ecli_package_free(tool->package);
}

static inline struct ecli_package_var *variable(const struct tool *tool, const char *name)
{
	for (size_t i = 0; i < tool->package->n_vars; i++)
		if (!strcmp(tool->package->vars[i].name, name))
			return &tool->package->vars[i];
	fail_msg("no variable %s", name);
	return NULL;
}

/* NULL: it is no option. */
static inline const struct ecli_option *row(const struct tool *tool, const char *name)
{
	size_t count;
	const struct ecli_option *options = ecli_globals_options(tool->globals, &count);

	for (size_t i = 0; i < count; i++)
		if (!strcmp(options[i].name, name))
			return &options[i];
	return NULL;
}

static inline int set_global(void *ctx, const struct ecli_option_value *value, struct ecli_err *err)
{
	return ecli_globals_set(ctx, value, err);
}

/* What ecc would have put there from doc comments. */
struct tag {
	const char *variable, *tag, *value;
};

/* The package around an object, with tags. */
static inline void open_tagged(struct tool *tool, const char *path, const struct tag *tags, size_t n_tags)
{
	struct ecli_err err = { 0 };

	*tool = (struct tool){ 0 };
	if (ecli_package_read_file(path, &err, &tool->package) ||
	    ecli_types_read_object(tool->package->object, tool->package->object_size, &err, &tool->types))
		fail_msg("%s", err.text);
	for (size_t i = 0; i < n_tags; i++)
		assert_int_equal(
			ecli_package_var_tag(variable(tool, tags[i].variable), tags[i].tag, tags[i].value, &err), 0);
}

/* As on a command line. */
static inline int give_words(struct tool *tool, int argc, char *const *argv, struct ecli_err *err)
{
	struct ecli_options_parse how = { .on_option = set_global, .ctx = tool->globals };
	int used;

	how.options = ecli_globals_options(tool->globals, &how.count);
	return ecli_options_parse(&how, argc, argv, err, &used);
}

/* The bytes that would be written to a variable; NULL: none would be. */
static inline const struct ecli_global *global(const struct tool *tool, const char *name)
{
	size_t count;
	const struct ecli_global *values = ecli_globals_values(tool->globals, &count);

	for (size_t i = 0; i < count; i++)
		if (!strcmp(values[i].name, name))
			return &values[i];
	return NULL;
}

static inline size_t n_values(const struct tool *tool)
{
	size_t count;

	ecli_globals_values(tool->globals, &count);
	return count;
}

#endif
