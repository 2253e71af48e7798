/* SPDX-License-Identifier: MIT */
/*
 * ecli run [options] PACKAGE [options of the tool] [INTERVAL [COUNT] | DURATION]
 *
 * Words before the package are ecli's own options; after it, the tool's options come first and ecli's may follow too,
 * as long as the tool has none of that name. This file reads words, words messages, and leaves the run to the session.
 */
#include "ecli.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../common/cli.h"
#include "../common/say.h"
#include "run.h"

/* ---- the package ----------------------------------------------------------------------------------------------- */

static int read_package(struct run *run, const char *word, struct ecli_err *err)
{
	struct tool tool = { 0 };
	int r = tool_read(&tool, word, err);

	run->package = tool.package;
	run->types = tool.types;
	run->globals = tool.globals;
	r = r ? r : run_change_package(run, err);
	return r ? r : run_join_options(run, err);
}

static int run_error(struct run *run, const struct ecli_err *err)
{
	return cli_error(ecli_buf_text(&run->words), err);
}

/* ---- the run --------------------------------------------------------------------------------------------------- */

static const char *const source_names[] = {
	[ECLI_SOURCE_RING] = "ring buffer",      [ECLI_SOURCE_PERF] = "perf event", [ECLI_SOURCE_MAP] = "map",
	[ECLI_SOURCE_TRACE_PIPE] = "trace pipe", [ECLI_SOURCE_ITER] = "iterator",
};

static void on_ready(void *ctx, enum ecli_source source)
{
	struct run *run = ctx;
	struct ecli_buf shown = { 0 };

	run->source = source;
	ecli_session_list_results(run->package, &shown);
	if (shown.len)
		say_format("this tool reports nothing by itself; what its maps hold is shown: %s (--show MAP=KIND for "
			   "another)\n",
			   ecli_buf_text(&shown));
	ecli_buf_done(&shown);
	if (source == ECLI_SOURCE_NONE)
		say_format("running; this tool shows nothing: it has no ring or perf buffer, no iterator, no "
			   "bpf_printk(), "
			   "and no map that looks like a result (--show MAP shows one)\n");
	else
		say_format("running and waiting for the ebpf events from %s...\n", source_names[source]);
}

/* What goes to standard output, and whether that can be: one thing, and no bytes that a terminal cannot show. */
static int check_outputs(struct run *run, struct ecli_err *err)
{
	int on_stdout = run->has_rows && !run->out_path;
	bool is_any = false;

	for (int i = 0; i < ECLI_PROFILES; i++) {
		const char *path = run->session.profiles[i];

		is_any |= path != NULL;
		if (!path || strcmp(path, "-") != 0)
			continue;
		if (on_stdout++)
			return ecli_err_set_fail(
				err, ECLI_FAIL_USAGE, -EINVAL,
				"only one of several outputs can go to standard output; write the others to files: "
				"-o %s=FILE",
				ecli_profile_names[i]);
		if (i != ECLI_PROFILE_FOLDED && isatty(STDOUT_FILENO))
			return ecli_err_set_fail(
				err, ECLI_FAIL_USAGE, -EINVAL,
				"-o %s makes a file that no terminal shows; give it a name: -o %s=FILE",
				ecli_profile_names[i], ecli_profile_names[i]);
	}
	run->session.no_rows = is_any && !run->has_rows;
	return 0;
}

/* Where rows go; -errno when that cannot be opened. A pipe without a reader is not waited for; on a file the flag means nothing. */
static int open_output(const struct run *run, struct ecli_err *err)
{
	int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	int fd = run->out_path ? open(run->out_path, flags, 0666) : STDOUT_FILENO;

	if (fd < 0 && errno == ENXIO)
		return ecli_err_set(err, -ENXIO, "cannot write %s: nobody reads this pipe; start its reader first",
				    run->out_path);
	return fd >= 0 ? fd : ecli_err_set(err, -errno, "cannot write %s: %s", run->out_path, strerror(errno));
}

static int run_session(struct run *run)
{
	struct ecli_session_stats stats;
	struct ecli_err err = { 0 };
	int out_fd = check_outputs(run, &err) ? -1 : open_output(run, &err);

	if (out_fd < 0 || run_signals_begin(run, &err))
		return run_error(run, &err);
	run->session.package = run->package;
	run->session.types = run->types;
	run->session.globals = run->globals;
	run->session.out_fd = out_fd;
	run->session.on_ready = on_ready;
	run->session.on_lost = run_on_lost;
	run->session.on_summary = run_on_summary;
	run->session.on_profile = run_on_profile;
	run->session.on_progress = isatty(STDERR_FILENO) ? run_on_progress : NULL;
	run->session.ctx = run;
	int r = ecli_session_run(&run->session, &err, &stats);
	run_end_progress(run);
	if (!run->was_held)
		run_signals_end(
			run); /* nothing was attached: what failed is told to whoever reads it, whenever that is */
	int status = r ? run_error(run, &err) : CLI_EXIT_OK;
	if (run->was_held)
		run_signals_end(run);
	if (run->out_path)
		close(out_fd);
	if (r)
		return status;
	bool is_incomplete = stats.lost || stats.missed || stats.maybe_lost || stats.malformed;
	return run->strict && is_incomplete ? CLI_EXIT_LOST : CLI_EXIT_OK;
}

/* A list, or what processes are named by. */
static bool may_be_several(const struct ecli_option *option)
{
	static const char *const names[] = { "pid", "tgid", "tid", "target-pid", "target_pid" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(names[i], option->name))
			return true;
	return option->kind == ECLI_OPTION_LIST;
}

/* "-p 100 200", as `-p $(pidof a)` becomes it: a bare number behind such a value is no time. */
static int check_word(const struct run *run, const char *before, const char *word, struct ecli_err *err)
{
	const struct ecli_option *option = run->joined.last;
	const char *text = run->joined.last_text;
	bool is_behind = option && before && text && text >= before && text <= before + strlen(before);

	if (!is_behind || word[strspn(word, "0123456789")] || !may_be_several(option))
		return 0;
	if (option->kind == ECLI_OPTION_LIST)
		return ecli_err_set_fail(
			err, ECLI_FAIL_USAGE, -EINVAL,
			"\"%.40s\" behind --%s %.60s: write --%s %.60s,%.40s for both, or -d %.40s for a time", word,
			option->name, text, option->name, text, word, word);
	return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EINVAL,
				 "\"%.40s\" behind --%s %.60s: --%s takes one; write -d %.40s for a time", word,
				 option->name, text, option->name, word);
}

/*
 * Options; for a package that has nothing but sampled maps also [INTERVAL [COUNT]], as people know it from vmstat and others, or [DURATION] when
 * it shows them at the end.
 */
static int parse_tool_words(struct run *run, int argc, char **argv, struct ecli_err *err)
{
	struct ecli_options_parse any = { .options = run->joined.all,
					  .count = run->joined.n_all,
					  .on_option = joined_on_option,
					  .ctx = &run->joined };
	bool is_sampled = ecli_session_is_sampled(run->package, run->types);
	static const struct {
		const char *name, *what;
	} of_looks[] = { { "interval", "a time between two looks (INTERVAL)" },
			 { "count", "a number of looks (COUNT)" } },
	  of_one[] = { { "duration", "a time to run (DURATION)" } }, *words = of_looks;
	size_t n_names = sizeof(of_looks) / sizeof(*of_looks), n_words = 0;
	int r, used;

	if (ecli_session_has_one_look(run->package)) {
		words = of_one;
		n_names = sizeof(of_one) / sizeof(*of_one);
	}
	for (;;) {
		any.stop_at_word = is_sampled && n_words < n_names;
		r = ecli_options_parse(&any, argc, argv, err, &used);
		if (r || used >= argc)
			return r;
		if (!isdigit((unsigned char)argv[used][*argv[used] == '.']))
			return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EINVAL,
						 "\"%.200s\" is not expected here: it is neither an option nor %s",
						 argv[used], words[n_words].what);
		r = check_word(run, used ? argv[used - 1] : NULL, argv[used], err);
		r = r ? r : run_take_word(run, words[n_words++].name, argv[used], err);
		if (r)
			return r;
		argc -= used + 1;
		argv += used + 1;
	}
}

static int run_words(struct run *run, int argc, char **argv)
{
	struct ecli_err err = { 0 };
	struct ecli_options_parse own = { .options = run_options,
					  .count = n_run_options,
					  .stop_at_word = true,
					  .on_option = run_on_own,
					  .ctx = run };
	int used;

	ecli_buf_add_text(&run->words, "ecli run");
	if (ecli_options_parse(&own, argc - 1, argv + 1, &err, &used))
		return run_error(run, &err);
	argc -= 1 + used;
	argv += 1 + used;
	if (!argc)
		return run->help ? run_own_help()
				 : cli_usage_error("ecli run", "run needs a package: a file, - or the name of a tool");

	if (read_package(run, argv[0], &err))
		return run_error(run, &err);
	ecli_buf_add_format(&run->words, " %s", argv[0]);
	cli_log_to_stderr("ecli", run->verbose); /* again below: -v may stand behind the package */
	if (parse_tool_words(run, argc - 1, argv + 1, &err))
		return run_error(run, &err);
	if (attach_apply(&run->attach, run->package, &err) ||
	    (run->skip_missing && ecli_session_skip_missing(run->package, &err)))
		return run_error(run, &err);
	if (run->help)
		return run_tool_help(run, argv[0]);
	cli_log_to_stderr("ecli", run->verbose);
	if (joined_make_sense(run->globals, &err))
		return run_error(run, &err);
	run_view_prepare(run, argv[0]);
	return run_session(run);
}

static void free_run(struct run *run)
{
	view_free(run->view);
	free(run->changes.items);
	joined_done(&run->joined);
	ecli_buf_done(&run->words);
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

/* The words after the package are options only, the tool's and ours: where a new word begins, all of them are offered. */
static void complete_tool(const char *package, int argc, char **argv, struct ecli_buf *out)
{
	const struct ecli_option *options = run_options;
	size_t count = n_run_options;
	struct run run = { 0 };
	struct ecli_err err;

	if (!complete_would_wait(package) && !read_package(&run, package, &err)) {
		options = run.joined.all;
		count = run.joined.n_all;
	}
	if (!run.package || !attach_complete(run.package, argc, argv, out))
		complete_options(options, count, argc, argv, out);
	free_run(&run);
}

static void complete(int argc, char **argv, struct ecli_buf *out)
{
	complete_around_package(run_options, n_run_options, complete_tool, argc, argv, out);
}

const struct command command_run = {
	.name = "run",
	.words = "[OPTIONS] PACKAGE [OPTIONS]",
	.summary = "run a tool and show what it reports",
	.run = run,
	.complete = complete,
};
