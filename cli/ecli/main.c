/* SPDX-License-Identifier: MIT */
/*
 * ecli: the command table and nothing else. `ecli FILE ...` without a command means `ecli run FILE ...`, as older
 * versions of such tools had it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../common/cli.h"
#include "ecli.h"

const struct command *const commands[] = {
	&command_run, &command_list, &command_inspect, &command_check, &command_clean, &command_complete, NULL
};

static int help(void)
{
	printf("ecli runs eBPF tools from package files and shows what they report.\n\n"
	       "Usage: ecli COMMAND [ARGUMENTS]\n\nCommands:\n");
	for (size_t i = 0; commands[i]; i++) {
		if (!commands[i]->summary)
			continue;
		int used = printf("  %s %s", commands[i]->name, commands[i]->words);

		printf("%*s%s\n", used < 38 ? 38 - used : 1, "", commands[i]->summary);
	}
	printf("\nOptions:\n"
	       "  -h, --help                          show this help\n"
	       "  -V, --version                       show the version\n\n"
	       "Examples:\n"
	       "  sudo ecli run runqslower --min-us 1ms\n"
	       "  sudo ecli run ./package.json -o json --duration 10\n"
	       "  ecli run exitsnoop --help           the options of a tool\n\n"
	       "Exit status: 0 done, 1 failed, 2 wrong usage, 3 this kernel cannot run it,\n"
	       "4 events were lost (--strict), 128 + N ended by signal N.\n");
	return cli_close_stdout("ecli");
}

static const struct command *find(const char *name)
{
	for (size_t i = 0; commands[i]; i++)
		if (!strcmp(name, commands[i]->name))
			return commands[i];
	return NULL;
}

/* The command may be what was meant, or the `run` before a tool forgotten. */
static int unknown(const char *word)
{
	char *tool = packages_find(word);
	int status =
		tool ? cli_usage_error("ecli", "\"%s\" is a tool, not a command; write: ecli run %s", word, word)
		     : cli_usage_error("ecli", "unknown command \"%s\"; there are run, list, inspect, check and clean",
				       word);

	free(tool);
	return status;
}

/* `ecli help run` */
static int help_of(char *name)
{
	static char option[] = "--help";
	char *words[] = { name, option, NULL };
	const struct command *command = find(name);

	return command && command->summary ? command->run(2, words) : unknown(name);
}

int main(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : NULL;

	cli_begin();
	if (!word)
		return cli_usage_error("ecli", "a command is needed: run, list, inspect, check or clean");
	if (!strcmp(word, "--help") || !strcmp(word, "-h") || (!strcmp(word, "help") && argc == 2))
		return help();
	if (!strcmp(word, "help"))
		return help_of(argv[2]);
	if (!strcmp(word, "--version") || !strcmp(word, "-V")) {
		printf("ecli %s\n", ecli_version());
		return cli_close_stdout("ecli");
	}
	const struct command *command = find(word);
	if (command)
		return command->run(argc - 1, argv + 1);
	if (!access(word, R_OK))
		return command_run.run(argc, argv);
	return unknown(word);
}
