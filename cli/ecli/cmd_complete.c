/* SPDX-License-Identifier: MIT */
/*
 * ecli complete [WORDS]: what may stand for the last of the words that follow `ecli` on a command line, a whole word a line. For
 * the shells (packaging/completion), so it is not in the help. It never speaks on stderr, never fails and never asks the
 * kernel anything: at worst there is nothing to offer.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ecli/options.h>

#include "../common/cli.h"
#include "../common/complete.h"
#include "ecli.h"

struct typed {
	const char *text;
	struct ecli_buf *out;
};

static void offer(const struct typed *typed, const char *candidate)
{
	if (!strncmp(candidate, typed->text, strlen(typed->text)))
		ecli_buf_add_format(typed->out, "%s\n", candidate);
}

static void offer_tool(void *ctx, const char *name, const char *path)
{
	(void)path;
	if (!name[strcspn(name, "\n")])
		offer(ctx, name);
}

void complete_package(const char *text, struct ecli_buf *out)
{
	static const char *const suffixes[] = { ".json", ".bpf.o", NULL };
	struct typed typed = { text, out };

	packages_each(offer_tool, &typed, NULL);
	cli_complete_files(text, 0, suffixes, out);
}

bool complete_would_wait(const char *word)
{
	struct stat st;

	return packages_is_file(word) && (!strcmp(word, "-") || (!stat(word, &st) && !S_ISREG(st.st_mode)));
}

void complete_options(const struct ecli_option *options, size_t count, int argc, char **argv, struct ecli_buf *out)
{
	int used = 0;
	enum ecli_complete what = ecli_options_complete(options, count, argc, argv, out, &used);

	if (what == ECLI_COMPLETE_FILE)
		cli_complete_files(argv[argc - 1], (size_t)used, NULL, out);
	else if (what == ECLI_COMPLETE_WORD && used == argc - 1 && !*argv[used])
		ecli_options_complete(options, count, 1, (char *[]){ "--" }, out, &used);
}

void complete_around_package(const struct ecli_option *options, size_t count, complete_rest_fn rest, int argc,
			     char **argv, struct ecli_buf *out)
{
	int used = 0;

	switch (ecli_options_complete(options, count, argc, argv, out, &used)) {
	case ECLI_COMPLETE_DONE:
		break;
	case ECLI_COMPLETE_FILE:
		cli_complete_files(argv[argc - 1], (size_t)used, NULL, out);
		break;
	case ECLI_COMPLETE_WORD:
		if (used == argc - 1)
			complete_package(argv[used], out);
		else
			rest(argv[used], argc - used - 1, argv + used + 1, out);
		break;
	}
}

void complete_one_package(const struct ecli_option *options, size_t count, int argc, char **argv, struct ecli_buf *out)
{
	int used = 0;

	enum ecli_complete what = ecli_options_complete(options, count, argc, argv, out, &used);
	if (what == ECLI_COMPLETE_FILE)
		cli_complete_files(argv[argc - 1], (size_t)used, NULL, out);
	else if (what == ECLI_COMPLETE_WORD && used == argc - 1)
		complete_package(argv[used], out);
	else if (what == ECLI_COMPLETE_WORD) /* after the package: options only */
		complete_one_package(options, count, argc - used - 1, argv + used + 1, out);
}

/* The word after `ecli`: a command, or the file that older versions took there. */
static void complete_first(const char *text, struct ecli_buf *out)
{
	struct typed typed = { text, out };

	for (size_t i = 0; commands[i]; i++)
		if (commands[i]->summary)
			offer(&typed, commands[i]->name);
	if (*text == '-') {
		offer(&typed, "--help");
		offer(&typed, "--version");
	} else if (*text) {
		static const char *const suffixes[] = { ".json", NULL };

		cli_complete_files(text, 0, suffixes, out);
	}
}

static void complete_words(int argc, char **argv, struct ecli_buf *out)
{
	if (argc == 1) {
		complete_first(argv[0], out);
		return;
	}
	for (size_t i = 0; commands[i]; i++) {
		if (strcmp(commands[i]->name, argv[0]) != 0)
			continue;
		if (commands[i]->complete)
			commands[i]->complete(argc - 1, argv + 1, out);
		return;
	}
	if (!access(argv[0], R_OK))
		command_run.complete(argc, argv, out);
}

static int run(int argc, char **argv)
{
	static char empty[1], *nothing[] = { empty };
	struct ecli_buf out = { 0 };

	if (argc > 1)
		complete_words(argc - 1, argv + 1, &out);
	else
		complete_words(1, nothing, &out);
	fputs(ecli_buf_text(&out), stdout);
	fflush(stdout);
	ecli_buf_done(&out);
	return CLI_EXIT_OK;
}

const struct command command_complete = {
	.name = "complete",
	.words = "[WORDS]",
	.run = run,
};
