/* SPDX-License-Identifier: MIT */
/*
 * ecli run [options] PACKAGE [options of the tool]
 *
 * Words before the package are ecli's own options; after it, the tool's options come first and ecli's may follow too,
 * as long as the tool has none of that name. This file reads words, words messages, and leaves the run to the session.
 */
#include "ecli.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ecli/options.h>
#include <ecli/package.h>
#include <ecli/session.h>
#include <ecli/types.h>

#include "../common/cli.h"
#include "../common/complete.h"

enum run_option {
	RUN_OUTPUT,
	RUN_JSON,
	RUN_DURATION,
	RUN_COUNT,
	RUN_STATS,
	RUN_STRICT,
	RUN_TRACE_SELF,
	RUN_BTF,
	RUN_VERBOSE,
	RUN_HELP,
};

static const struct ecli_option run_options[] = {
	{ "output", 'o', ECLI_OPTION_CHOICE, .choices = ecli_format_names, .metavar = "FORMAT", .default_text = "table",
	  .help = "table, plain or json", .id = RUN_OUTPUT },
	{ "json", 'j', ECLI_OPTION_FLAG, .help = "the same as -o json", .id = RUN_JSON },
	{ "duration", 'd', ECLI_OPTION_FLOAT, .size_bytes = 8, .metavar = "SECONDS", .help = "stop after this time",
	  .id = RUN_DURATION },
	{ "count", 'n', ECLI_OPTION_UINT, .size_bytes = 8, .metavar = "N", .help = "stop after N rows",
	  .id = RUN_COUNT },
	{ "stats", 0, ECLI_OPTION_FLAG, .help = "a summary at the end: events, losses, time", .id = RUN_STATS },
	{ "strict", 0, ECLI_OPTION_FLAG, .help = "exit status 4 if an event was lost", .id = RUN_STRICT },
	{ "trace-self", 0, ECLI_OPTION_FLAG, .help = "do not leave out ecli itself", .id = RUN_TRACE_SELF },
	{ "btf", 0, ECLI_OPTION_STRING, .metavar = "FILE", .help = "BTF of this kernel, where it has none of its own",
	  .id = RUN_BTF },
	{ "verbose", 'v', ECLI_OPTION_FLAG, .help = "say which choices were made; twice: everything",
	  .id = RUN_VERBOSE },
	{ "help", 'h', ECLI_OPTION_FLAG, .help = "after the package: the tool's options", .id = RUN_HELP },
};
#define HELP_WIDTH  80
#define RUN_OPTIONS (sizeof(run_options) / sizeof(run_options[0]))

struct run {
	struct ecli_session_opts session;
	struct ecli_package *package;
	struct ecli_types *types;
	struct ecli_globals *globals;
	struct ecli_option *all; /* the tool's options, then ours without those of the same name */
	size_t n_all, n_tool;
	int verbose;
	bool stats, strict, help;
};

/* ---- words ----------------------------------------------------------------------------------------------------- */

static int set_own(struct run *run, const struct ecli_option_value *value, struct ecli_err *err)
{
	switch ((enum run_option)value->option->id) {
	case RUN_OUTPUT:
		for (int i = 0; ecli_format_names[i]; i++)
			if (!strcmp(ecli_format_names[i], value->text))
				run->session.format = (enum ecli_format)i;
		return 0;
	case RUN_JSON:
		run->session.format = ECLI_FORMAT_JSON;
		return 0;
	case RUN_DURATION:
		if (!(value->f > 0 && value->f <= 1e9))
			return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -ERANGE,
						 "--duration takes seconds above 0 and up to 1000000000, not %g",
						 value->f);
		run->session.duration_ms = (uint64_t)(value->f * 1000 + 0.5);
		run->session.duration_ms += !run->session.duration_ms;
		return 0;
	case RUN_COUNT:
		if (!value->u)
			return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -ERANGE,
						 "--count takes a number from 1 up, not 0");
		run->session.count = value->u;
		return 0;
	case RUN_STATS:
		run->stats = run->session.summary = true;
		return 0;
	case RUN_STRICT:
		run->strict = true;
		return 0;
	case RUN_TRACE_SELF:
		run->session.trace_self = true;
		return 0;
	case RUN_BTF:
		run->session.btf_path = value->text;
		return 0;
	case RUN_VERBOSE:
		run->verbose++;
		return 0;
	case RUN_HELP:
		run->help = true;
		return 0;
	}
	return 0;
}

static int on_own(void *ctx, const struct ecli_option_value *value, struct ecli_err *err)
{
	return set_own(ctx, value, err);
}

/* An option after the package: the tool's rows of the joined table keep their index in the tool's own table. */
static int on_any(void *ctx, const struct ecli_option_value *value, struct ecli_err *err)
{
	struct run *run = ctx;
	size_t index = (size_t)(value->option - run->all);
	struct ecli_option_value own = *value;
	size_t n;

	if (index >= run->n_tool)
		return set_own(run, value, err);
	own.option = &ecli_globals_options(run->globals, &n)[index];
	return ecli_globals_set(run->globals, &own, err);
}

static bool same_name(const char *a, const char *b)
{
	for (; *a && *b; a++, b++)
		if (*a != *b && !((*a == '-' || *a == '_') && (*b == '-' || *b == '_')))
			return false;
	return *a == *b;
}

/* The tool's table and ours in one; where both have a name or a letter, the tool's wins. */
static int join_options(struct run *run, struct ecli_err *err)
{
	const struct ecli_option *tool = ecli_globals_options(run->globals, &run->n_tool);

	run->all = calloc(run->n_tool + RUN_OPTIONS, sizeof(*run->all));
	if (!run->all)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	if (run->n_tool)
		memcpy(run->all, tool, run->n_tool * sizeof(*tool));
	run->n_all = run->n_tool;
	for (size_t i = 0; i < RUN_OPTIONS; i++) {
		struct ecli_option option = run_options[i];
		bool taken = false;

		for (size_t t = 0; t < run->n_tool; t++) {
			taken |= same_name(tool[t].name, option.name);
			if (tool[t].short_name == option.short_name)
				option.short_name = 0;
		}
		if (!taken)
			run->all[run->n_all++] = option;
	}
	return 0;
}

/* ---- the package ----------------------------------------------------------------------------------------------- */

static int read_package(struct run *run, const char *word, struct ecli_err *err)
{
	struct tool tool = { 0 };
	int r = tool_read(&tool, word, err);

	run->package = tool.package;
	run->types = tool.types;
	run->globals = tool.globals;
	return r ? r : join_options(run, err);
}

/* ---- help ------------------------------------------------------------------------------------------------------ */

static int own_help(void)
{
	struct ecli_buf out = { 0 };

	ecli_buf_add_text(&out, "Runs a tool and shows what it reports.\n\n"
				"Usage: ecli run [OPTIONS] PACKAGE [OPTIONS OF THE TOOL]\n\n"
				"PACKAGE is a package.json, a .tar with one in it, a .skel.json with its .bpf.o\n"
				"beside it, a .bpf.o with BTF, - for standard input, or the name of an\n"
				"installed tool (ecli list).\n\nOptions:\n");
	ecli_options_help(run_options, RUN_OPTIONS, &out);
	fwrite(out.data, 1, out.len, stdout);
	ecli_buf_done(&out);
	return cli_close_stdout("ecli");
}

/* A description may have lines of its own, which are folded at the width of a terminal; everything in it is untrusted text. */
static void add_paragraph(struct ecli_buf *out, const char *text)
{
	if (!text || !*text)
		return;
	for (size_t column = 0; *text;) {
		size_t blanks = strspn(text, " "), word = strcspn(text + blanks, " \n");

		if (column && column + blanks + word > HELP_WIDTH) {
			ecli_buf_add_char(out, '\n');
			column = blanks = 0;
			text += strspn(text, " ");
		}
		ecli_render_safe_text(text, blanks + word, out);
		column += blanks + word;
		text += blanks + word;
		if (*text == '\n' || !*text) {
			ecli_buf_add_char(out, '\n');
			column = 0;
			text += *text == '\n';
		}
	}
	ecli_buf_add_char(out, '\n');
}

static int tool_help(const struct run *run, const char *word)
{
	const struct ecli_package_doc *doc = &run->package->doc;
	struct ecli_buf out = { 0 };

	add_paragraph(&out, doc->brief);
	add_paragraph(&out, doc->description);
	if (!doc->brief && !doc->description)
		add_paragraph(&out, run->package->name);
	ecli_buf_add_text(&out, "Usage: ecli run ");
	ecli_render_safe_text(word, strlen(word), &out);
	ecli_buf_add_text(&out, " [OPTIONS]\n\n");
	if (run->n_tool) {
		ecli_buf_add_text(&out, "Options of the tool:\n");
		ecli_options_help(run->all, run->n_tool, &out);
		ecli_buf_add_char(&out, '\n');
	}
	ecli_buf_add_text(&out, "Options of ecli:\n");
	ecli_options_help(run->all + run->n_tool, run->n_all - run->n_tool, &out);
	if (doc->details) {
		ecli_buf_add_char(&out, '\n');
		add_paragraph(&out, doc->details);
	}
	fwrite(out.data, 1, out.len, stdout);
	ecli_buf_done(&out);
	return cli_close_stdout("ecli");
}

/* ---- the run --------------------------------------------------------------------------------------------------- */

static const char *const source_names[] = {
	[ECLI_SOURCE_RING] = "ring buffer",      [ECLI_SOURCE_PERF] = "perf event", [ECLI_SOURCE_MAP] = "map",
	[ECLI_SOURCE_TRACE_PIPE] = "trace pipe", [ECLI_SOURCE_ITER] = "iterator",
};

static void on_ready(void *ctx, enum ecli_source source)
{
	(void)ctx;
	fprintf(stderr, "running and waiting for the ebpf events from %s...\n", source_names[source]);
}

static void on_lost(void *ctx, const char *map, uint64_t count, uint64_t total)
{
	struct ecli_buf name = { 0 };

	(void)ctx;
	ecli_render_safe_text(map, strlen(map), &name);
	fprintf(stderr, "ecli: lost %llu events of %s (%llu in all)\n", (unsigned long long)count, ecli_buf_text(&name),
		(unsigned long long)total);
	ecli_buf_done(&name);
}

static void print_stats(const struct ecli_session_stats *stats)
{
	fprintf(stderr, "ecli: %llu events in %.1f s, %s%llu lost", (unsigned long long)stats->events,
		(double)stats->run_ns / 1e9, stats->loss_is_exact ? "" : "at least ", (unsigned long long)stats->lost);
	if (stats->malformed)
		fprintf(stderr, ", %llu malformed", (unsigned long long)stats->malformed);
	fprintf(stderr, "; attached in %.1f ms\n", (double)stats->attach_ns / 1e6);
}

/* Signals that end a run become readable on a descriptor, so that they are served in the loop and nowhere else. */
static int open_signals(struct ecli_err *err)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd >= 0 ? fd : ecli_err_set(err, -errno, "cannot wait for signals: %s", strerror(errno));
}

static int run_session(struct run *run)
{
	struct ecli_session_stats stats;
	struct ecli_err err = { 0 };
	int fd = open_signals(&err);

	if (fd < 0)
		return cli_error("ecli", &err);
	run->session.package = run->package;
	run->session.types = run->types;
	run->session.globals = run->globals;
	run->session.out_fd = STDOUT_FILENO;
	run->session.signal_fd = fd;
	run->session.on_ready = on_ready;
	run->session.on_lost = on_lost;
	int r = ecli_session_run(&run->session, &err, &stats);
	close(fd);
	if (r)
		return cli_error("ecli", &err);
	if (run->stats)
		print_stats(&stats);
	else if (stats.malformed)
		fprintf(stderr, "ecli: %llu records were shorter than their type and were left out\n",
			(unsigned long long)stats.malformed);
	return run->strict && stats.lost ? CLI_EXIT_LOST : CLI_EXIT_OK;
}

static int run_words(struct run *run, int argc, char **argv)
{
	struct ecli_err err = { 0 };
	struct ecli_options_parse own = {
		.options = run_options, .count = RUN_OPTIONS, .stop_at_word = true, .on_option = on_own, .ctx = run
	};
	int used;

	if (ecli_options_parse(&own, argc - 1, argv + 1, &err, &used))
		return cli_error("ecli", &err);
	argc -= 1 + used;
	argv += 1 + used;
	if (!argc)
		return run->help ? own_help()
				 : cli_usage_error("ecli", "run needs a package: a file, - or the name of a tool");

	if (read_package(run, argv[0], &err))
		return cli_error("ecli", &err);
	struct ecli_options_parse any = { .options = run->all, .count = run->n_all, .on_option = on_any, .ctx = run };
	if (ecli_options_parse(&any, argc - 1, argv + 1, &err, &used))
		return cli_error("ecli", &err);
	if (run->help)
		return tool_help(run, argv[0]);
	cli_log_to_stderr("ecli", run->verbose);
	return run_session(run);
}

static void free_run(struct run *run)
{
	free(run->all);
	ecli_globals_free(run->globals);
	ecli_types_free(run->types);
	ecli_package_free(run->package);
}

static int run(int argc, char **argv)
{
	struct run run = { 0 };
	int status = run_words(&run, argc, argv);

	free_run(&run);
	return status;
}

/* ---- completion ------------------------------------------------------------------------------------------------ */

/* Reading must not wait: no standard input, no pipe. */
static bool is_waiting_file(const char *word)
{
	struct stat st;

	return !strcmp(word, "-") || (!stat(word, &st) && !S_ISREG(st.st_mode));
}

/* The words after the package are options only, the tool's and ours: where a new word begins, all of them are offered. */
static void complete_tool(int argc, char **argv, const char *package, struct ecli_buf *out)
{
	const struct ecli_option *options = run_options;
	size_t count = RUN_OPTIONS;
	struct run run = { 0 };
	struct ecli_err err;
	int used = 0;

	if (!is_waiting_file(package) && !read_package(&run, package, &err)) {
		options = run.all;
		count = run.n_all;
	}
	enum ecli_complete what = ecli_options_complete(options, count, argc, argv, out, &used);
	if (what == ECLI_COMPLETE_FILE)
		cli_complete_files(argv[argc - 1], (size_t)used, NULL, out);
	else if (what == ECLI_COMPLETE_WORD && used == argc - 1 && !*argv[used])
		ecli_options_complete(options, count, 1, (char *[]){ "--" }, out, &used);
	free_run(&run);
}

static void complete(int argc, char **argv, struct ecli_buf *out)
{
	int used = 0;

	switch (ecli_options_complete(run_options, RUN_OPTIONS, argc, argv, out, &used)) {
	case ECLI_COMPLETE_DONE:
		break;
	case ECLI_COMPLETE_FILE:
		cli_complete_files(argv[argc - 1], (size_t)used, NULL, out);
		break;
	case ECLI_COMPLETE_WORD:
		if (used == argc - 1)
			complete_package(argv[used], out);
		else
			complete_tool(argc - used - 1, argv + used + 1, argv[used], out);
		break;
	}
}

const struct command command_run = {
	.name = "run",
	.words = "[OPTIONS] PACKAGE [OPTIONS]",
	.summary = "run a tool and show what it reports",
	.run = run,
	.complete = complete,
};
