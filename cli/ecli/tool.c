/* SPDX-License-Identifier: MIT */
/*
 * From the word on the command line to a package with its types and options: what every command that takes a package begins with, so that
 * a file, standard input and an installed name mean the same everywhere.
 */
#include "ecli.h"

#include <stdio.h>

#include <ecli/options.h>
#include <ecli/package.h>
#include <ecli/types.h>

#include "../common/cli.h"

int tool_word(const char *command, const struct ecli_options_parse *how, int argc, char **argv, const char **ret_word)
{
	struct ecli_err err = { 0 };
	const char *word = NULL;
	char words[32];
	int used;

	snprintf(words, sizeof(words), "ecli %s", command);

	for (argc--, argv++;; argc--, argv++) {
		if (ecli_options_parse(how, argc, argv, &err, &used))
			return cli_error(words, &err);
		argc -= used;
		argv += used;
		if (!argc)
			break;
		if (word)
			return cli_usage_error(words, "%s takes one package, but was also given \"%s\"", command,
					       argv[0]);
		word = argv[0];
	}
	*ret_word = word;
	return 0;
}

int tool_read(struct tool *tool, const char *word, struct ecli_err *err)
{
	int r = packages_read(word, err, &tool->package);

	if (!r)
		r = ecli_types_read_object(tool->package->object, tool->package->object_size, err, &tool->types);
	return r ? r : ecli_globals_build(tool->package, tool->types, err, &tool->globals);
}

void tool_done(struct tool *tool)
{
	ecli_globals_free(tool->globals);
	ecli_types_free(tool->types);
	ecli_package_free(tool->package);
}
