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
	       "  sudo ecli run runqslower --min_us 1000\n"
	       "  sudo ecli run ./package.json -o json --duration 10\n"
	       "  ecli run exitsnoop --help           the options of a tool\n\n"
	       "Exit status: 0 done, 1 failed, 2 wrong usage, 3 this kernel cannot run it,\n"
	       "4 events were lost (--strict).\n");
	return cli_close_stdout("ecli");
}

int main(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : NULL;

	if (!word)
		return cli_usage_error("ecli", "a command is needed: run, list, inspect, check or clean");
	if (!strcmp(word, "--help") || !strcmp(word, "-h") || !strcmp(word, "help"))
		return help();
	if (!strcmp(word, "--version") || !strcmp(word, "-V")) {
		printf("ecli %s\n", ecli_version());
		return cli_close_stdout("ecli");
	}
	for (size_t i = 0; commands[i]; i++)
		if (!strcmp(word, commands[i]->name))
			return commands[i]->run(argc - 1, argv + 1);
	if (!access(word, R_OK))
		return command_run.run(argc, argv);
	return cli_usage_error("ecli", "unknown command \"%s\"", word);
}
