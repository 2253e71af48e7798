/* SPDX-License-Identifier: MIT */
/*
 * ecli clean [-n]: takes off what runs that were killed left attached. Nearly everything goes with its process; what the kernel keeps
 * (a tc filter, a program of a cgroup or an interface on a kernel without links for it) is found by its record and goes here; the trace buffer of
 * a run that showed bpf_printk() is found by its name. What belongs to a run that still goes on, or to anybody else, stays.
 *
 *     removed  tc filter with handle 1 and priority 1 at the ingress of lo (program ingress, process 1234)
 *     removed  trace buffer ecli-1234 (process 1234)
 */
#include "ecli.h"

#include <stdio.h>
#include <string.h>

#include <ecli/load.h>
#include <ecli/options.h>
#include <ecli/poll.h>
#include <ecli/render.h>

#include "../common/cli.h"

enum clean_option { CLEAN_DRY_RUN, CLEAN_VERBOSE, CLEAN_HELP };

static const struct ecli_option options[] = {
	{ "dry-run", 'n', ECLI_OPTION_FLAG, .help = "only say what would be removed", .id = CLEAN_DRY_RUN },
	{ "verbose", 'v', ECLI_OPTION_FLAG, .help = "also say what is in use and stays", .id = CLEAN_VERBOSE },
	{ "help", 'h', ECLI_OPTION_FLAG, .help = "show this help", .id = CLEAN_HELP },
};
#define OPTIONS (sizeof(options) / sizeof(options[0]))

struct wish {
	bool dry_run, help;
	int verbose;
	size_t failed;
};

static int on_option(void *ctx, const struct ecli_option_value *value, struct ecli_err *err)
{
	struct wish *wish = ctx;

	(void)err;
	switch ((enum clean_option)value->option->id) {
	case CLEAN_DRY_RUN:
		wish->dry_run = true;
		return 0;
	case CLEAN_VERBOSE:
		wish->verbose++;
		return 0;
	case CLEAN_HELP:
		wish->help = true;
		return 0;
	}
	return 0;
}

static int help(void)
{
	struct ecli_buf out = { 0 };

	ecli_buf_add_text(&out, "Removes what a killed ecli left in the kernel: programs that stay attached, and\n"
				"trace buffers. What a run that still goes on uses stays, and so does what\n"
				"others made. Needs root.\n\n"
				"Usage: ecli clean [OPTIONS]\n\nOptions:\n");
	ecli_options_help(options, OPTIONS, &out);
	ecli_buf_add_text(&out, "\nExit status: 0 nothing is left, 1 something could not be removed.\n");
	return cli_print("ecli", &out);
}

/* What became of something that is left over. */
static const char *word_of(const struct wish *wish, int error)
{
	return error ? "failed" : wish->dry_run ? "left" : "removed";
}

static void on_leftover(void *ctx, const struct ecli_leftover *leftover)
{
	static const char *const words[] = {
		[ECLI_LEFTOVER_ALIVE] = "in use", [ECLI_LEFTOVER_ELSEWHERE] = "elsewhere"
	};
	struct wish *wish = ctx;
	struct ecli_buf out = { 0 };
	const char *word =
		leftover->state != ECLI_LEFTOVER_DEAD ? words[leftover->state] : word_of(wish, leftover->error);

	if (leftover->state == ECLI_LEFTOVER_ALIVE && !wish->verbose)
		return;
	ecli_buf_add_format(&out, "%-9s  ", word);
	ecli_render_safe_text(leftover->what, strlen(leftover->what), &out);
	ecli_buf_add_text(&out, " (program ");
	ecli_render_safe_text(leftover->program, strlen(leftover->program), &out);
	ecli_buf_add_format(&out, ", process %u)", leftover->pid);
	if (leftover->error)
		ecli_buf_add_format(&out, ": %s", strerror(-leftover->error));
	if (leftover->state == ECLI_LEFTOVER_ELSEWHERE)
		ecli_buf_add_text(&out, ": run ecli clean in its process and network namespace");
	ecli_buf_add_char(&out, '\n');
	fwrite(out.data, 1, out.len, stdout);
	ecli_buf_done(&out);
	wish->failed += leftover->error != 0;
}

static void on_instance(void *ctx, const struct ecli_poll_instance *instance)
{
	struct wish *wish = ctx;

	if (instance->is_alive && !wish->verbose)
		return;
	/* The name begins with "ecli-" and digits; what may follow them is not ours. */
	printf("%-9s  trace buffer ecli-%u (process %u)",
	       instance->is_alive ? "in use" : word_of(wish, instance->error), instance->pid, instance->pid);
	if (instance->error)
		printf(": %s", strerror(-instance->error));
	putchar('\n');
	wish->failed += instance->error != 0;
}

static int clean(struct wish *wish, struct ecli_err *err)
{
	const char *tracefs;
	int r = ecli_load_clean(!wish->dry_run, on_leftover, wish, err);

	if (r)
		return r;
	r = ecli_load_need_tracefs(err, &tracefs);
	/* A kernel without tracefs has no trace buffers. */
	if (r)
		return err->fail == ECLI_FAIL_KERNEL ? 0 : r;
	return ecli_poll_each_instance(tracefs, !wish->dry_run, on_instance, wish, err);
}

static int run(int argc, char **argv)
{
	struct wish wish = { 0 };
	struct ecli_err err = { 0 };
	struct ecli_options_parse how = { options, OPTIONS, false, on_option, &wish };
	int used;

	if (ecli_options_parse(&how, argc - 1, argv + 1, &err, &used))
		return cli_error("ecli clean", &err);
	if (wish.help)
		return help();
	cli_log_to_stderr("ecli", wish.verbose);
	if (clean(&wish, &err))
		return cli_error("ecli clean", &err);
	int closed = cli_close_stdout("ecli");
	return wish.failed ? CLI_EXIT_FAILED : closed;
}

static void complete(int argc, char **argv, struct ecli_buf *out)
{
	int used;

	ecli_options_complete(options, OPTIONS, argc, argv, out, &used);
}

const struct command command_clean = {
	.name = "clean",
	.words = "[OPTIONS]",
	.summary = "remove what killed runs left attached",
	.run = run,
	.complete = complete,
};
