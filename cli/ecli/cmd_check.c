/* SPDX-License-Identifier: MIT */
/*
 * ecli check [OPTIONS] PACKAGE [OPTIONS of the tool]: can this kernel run it, and what does the verifier say. Loads as a run does and attaches
 * nothing. Exit status: that of the run it stands for, 0, 1 (the package is at fault, or a right or a mount is missing) or 3 (the kernel lacks something).
 *
 *     ok       unlinkat_enter  tracepoint/syscalls/sys_enter_unlinkat  123 instructions, 456 verified in 0.2 ms, 12 states
 *     missing  do_unlinkat     fentry/do_unlinkat                      this kernel does not let fentry programs attach ...
 *     unused   ...
 */
#include "ecli.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <ecli/inspect.h>
#include <ecli/load.h>
#include <ecli/options.h>
#include <ecli/render.h>
#include <ecli/session.h>

#include "../common/cli.h"
#include "attach_options.h"
#include "joined.h"

enum check_option { CHECK_OUTPUT, CHECK_JSON, CHECK_BTF, CHECK_SKIP_MISSING, CHECK_VERBOSE, CHECK_HELP, CHECK_ATTACH };

static const char *const format_names[] = { "text", "json", NULL };

static const struct ecli_option options[] = {
	{ "output", 'o', ECLI_OPTION_CHOICE, .choices = format_names, .metavar = "FORMAT", .default_text = "text",
	  .help = "text or json", .id = CHECK_OUTPUT },
	{ "json", 'j', ECLI_OPTION_FLAG, .help = "the same as -o json", .id = CHECK_JSON },
	{ "btf", 0, ECLI_OPTION_STRING, .least = 1, .metavar = "FILE",
	  .help = "BTF of this kernel, where it has none of its own", .id = CHECK_BTF },
	ATTACH_OPTIONS(CHECK_ATTACH),
	{ "skip-missing", 0, ECLI_OPTION_FLAG, .help = "as a run without the programs that this kernel cannot attach",
	  .id = CHECK_SKIP_MISSING },
	{ "verbose", 'v', ECLI_OPTION_FLAG, .help = "say which choices were made; twice: everything",
	  .id = CHECK_VERBOSE },
	{ "help", 'h', ECLI_OPTION_FLAG, .help = "show this help", .id = CHECK_HELP },
};
#define OPTIONS (sizeof(options) / sizeof(options[0]))

struct wish {
	struct attach_words attach;
	bool json, help, skip_missing;
	int verbose;
	const char *btf_path;
};

static const char *const state_words[] = {
	[ECLI_CHECK_OK] = "ok",
	[ECLI_CHECK_MISSING] = "missing",
	[ECLI_CHECK_REJECTED] = "rejected",
	[ECLI_CHECK_UNUSED] = "unused",
};

static int on_option(void *ctx, const struct ecli_option_value *value, struct ecli_err *err)
{
	struct wish *wish = ctx;

	if (value->option->id >= CHECK_ATTACH)
		return attach_take(&wish->attach, value->option->id - CHECK_ATTACH, value->text, err);
	switch ((enum check_option)value->option->id) {
	case CHECK_OUTPUT:
		wish->json = !strcmp(value->text, "json");
		return 0;
	case CHECK_JSON:
		wish->json = true;
		return 0;
	case CHECK_BTF:
		wish->btf_path = value->text;
		return 0;
	case CHECK_SKIP_MISSING:
		wish->skip_missing = true;
		return 0;
	case CHECK_VERBOSE:
		wish->verbose++;
		return 0;
	case CHECK_HELP:
		wish->help = true;
		return 0;
	case CHECK_ATTACH:
		return 0; /* taken above */
	}
	return 0;
}

static int help(void)
{
	struct ecli_buf out = { 0 };

	ecli_buf_add_text(&out, "Says whether this kernel can run a tool, and what is missing. Loads its\n"
				"programs, attaches none, leaves nothing behind. Needs root, as running does.\n\n"
				"Usage: ecli check [OPTIONS] PACKAGE [OPTIONS]\n\nPACKAGE is as for ecli run."
				" The tool's options may follow: they\n"
				"decide what the verifier sees.\n\nOptions:\n");
	ecli_options_help(options, OPTIONS, &out);
	ecli_buf_add_text(&out, "\nExit status: 0 it can, 1 the tool is at fault (a rejection), or a right\nor a mount "
				"is missing, 2 wrong usage, 3 this kernel cannot run it.\n");
	return cli_print("ecli", &out);
}

/* ---- text ------------------------------------------------------------------------------------------------------ */

static void padded(struct ecli_buf *out, const char *untrusted, size_t width)
{
	size_t before = out->len;

	ecli_render_safe_text(untrusted, strlen(untrusted), out);
	size_t took = out->len - before;
	ecli_buf_add_repeat(out, ' ', (took < width ? width - took : 0) + 2);
}

static void add_stats(const struct ecli_check_prog *prog, struct ecli_buf *out)
{
	ecli_buf_add_format(out, "%u instructions", prog->instructions);
	if (prog->verified)
		ecli_buf_add_format(out, ", %u verified", prog->verified);
	if (prog->verify_time_us)
		ecli_buf_add_format(out, " in %.1f ms", prog->verify_time_us / 1000.0);
	if (prog->states)
		ecli_buf_add_format(out, ", %u states", prog->states);
	ecli_buf_add_char(out, '\n');
}

/* A sentence, and further lines (a verifier's log) below it. */
static void add_why(const char *why, struct ecli_buf *out)
{
	for (bool is_first = true; *why; is_first = false) {
		size_t len = strcspn(why, "\n");

		if (!is_first)
			ecli_buf_add_text(out, "    ");
		ecli_render_safe_text(why, len, out);
		ecli_buf_add_char(out, '\n');
		why += len + (why[len] == '\n');
	}
}

static void add_text(const struct ecli_check *check, struct ecli_buf *out)
{
	size_t name = 0, section = 0;

	for (size_t i = 0; i < check->n_progs; i++) {
		size_t a = strlen(check->progs[i].name), b = strlen(check->progs[i].section);

		name = a > name && a <= 40 ? a : name;
		section = b > section && b <= 48 ? b : section;
	}
	for (size_t i = 0; i < check->n_progs; i++) {
		const struct ecli_check_prog *prog = &check->progs[i];

		ecli_buf_add_format(out, "%-8s  ", state_words[prog->state]);
		padded(out, prog->name, name);
		padded(out, prog->section, section);
		if (prog->state == ECLI_CHECK_OK)
			add_stats(prog, out);
		else if (prog->why)
			add_why(prog->why, out);
		else
			ecli_buf_add_text(out, check->verdict.code ? "not tried\n" : "another alternative is taken\n");
	}
}

/* ---- JSON ------------------------------------------------------------------------------------------------------ */

static void add_string(struct ecli_buf *out, const char *key, const char *value)
{
	ecli_buf_add_format(out, "\"%s\":", key);
	if (value)
		ecli_render_json_text(value, strlen(value), out);
	else
		ecli_buf_add_text(out, "null");
}

static void add_json(const struct ecli_check *check, struct ecli_buf *out)
{
	ecli_buf_add_format(out, "{\"runs\":%s,", check->verdict.code ? "false" : "true");
	add_string(out, "why", check->verdict.code ? check->verdict.text : NULL);
	ecli_buf_add_text(out, ",\"programs\":[");
	for (size_t i = 0; i < check->n_progs; i++) {
		const struct ecli_check_prog *prog = &check->progs[i];

		ecli_buf_add_text(out, i ? ",{" : "{");
		add_string(out, "name", prog->name);
		ecli_buf_add_char(out, ',');
		add_string(out, "section", prog->section);
		ecli_buf_add_char(out, ',');
		add_string(out, "state", state_words[prog->state]);
		ecli_buf_add_format(out, ",\"optional\":%s,", prog->is_optional ? "true" : "false");
		add_string(out, "why", prog->why);
		if (prog->state == ECLI_CHECK_OK)
			ecli_buf_add_format(
				out,
				",\"instructions\":%u,\"machine_code_bytes\":%u,\"verified_instructions\":%u,"
				"\"verifier_states\":%u,\"verify_us\":%u",
				prog->instructions, prog->jited_bytes, prog->verified, prog->states,
				prog->verify_time_us);
		ecli_buf_add_char(out, '}');
	}
	ecli_buf_add_text(out, "]}\n");
}

/* ---- the command ----------------------------------------------------------------------------------------------- */

/* Whether the lines say something, and whether they say what the verdict says. */
static bool is_told(const struct ecli_check *check, bool *ret_any)
{
	bool is_told = false;

	*ret_any = false;
	for (size_t i = 0; i < check->n_progs; i++) {
		const struct ecli_check_prog *prog = &check->progs[i];

		*ret_any |= prog->state != ECLI_CHECK_UNUSED;
		is_told |= prog->why && strstr(check->verdict.text, prog->why);
	}
	return is_told;
}

/* A run also has to understand the events; that takes no kernel, so it is not load's matter. */
static void check_events(const struct tool *tool, struct ecli_check *check)
{
	const struct ecli_inspect_opts opts = { .cpus = 1, .page_bytes = 4096 };
	struct ecli_inspect *inspect = NULL;
	struct ecli_err err = { 0 };

	if (ecli_inspect_build(tool->package, tool->types, &opts, &err, &inspect))
		check->verdict = err;
	else if (inspect->sources_problem)
		ecli_err_set(&check->verdict, -EINVAL, "%s", inspect->sources_problem);
	ecli_inspect_free(inspect);
}

static int show(const struct wish *wish, const struct tool *tool)
{
	struct ecli_load_opts opts = { .btf_path = wish->btf_path };
	struct ecli_check *check = NULL;
	struct ecli_err err = { 0 };
	struct ecli_buf out = { 0 };
	bool any;

	ecli_globals_set_default(tool->globals, ECLI_SELF_VARIABLE, (uint64_t)getpid());
	opts.globals = ecli_globals_values(tool->globals, &opts.n_globals);
	if (ecli_load_check(tool->package, &opts, &err, &check))
		return cli_error("ecli check", &err);

	if (!check->verdict.code)
		check_events(tool, check);

	bool told = is_told(check, &any), fails = check->verdict.code != 0;
	int status = fails ? (int)check->verdict.fail : CLI_EXIT_OK;
	if (wish->json) {
		add_json(check, &out);
	} else if (any) {
		add_text(check, &out);
		ecli_buf_add_text(&out, !fails                      ? "This kernel can run it.\n"
					: status == CLI_EXIT_KERNEL ? "This kernel cannot run it.\n"
								    : "It cannot run here, for the reason above.\n");
	}
	if (out.len)
		fwrite(out.data, 1, out.len, stdout);
	ecli_buf_done(&out);
	int closed = cli_close_stdout("ecli");
	if (fails && !wish->json && !told)
		cli_error("ecli check", &check->verdict);
	ecli_check_free(check);
	return status ? status : closed;
}

/* The words behind the package. */
static int read_rest(struct wish *wish, struct tool *tool, int argc, char **argv, struct ecli_err *err)
{
	struct joined joined = { 0 };
	int used;

	int r = joined_build(&joined, tool->globals, options, OPTIONS, on_option, wish, err);
	if (!r) {
		const struct ecli_options_parse how = {
			.options = joined.all, .count = joined.n_all, .on_option = joined_on_option, .ctx = &joined
		};

		r = ecli_options_parse(&how, argc, argv, err, &used);
	}
	joined_done(&joined);
	return r;
}

static int run(int argc, char **argv)
{
	struct wish wish = { 0 };
	struct ecli_err err = { 0 };
	const struct ecli_options_parse how = { options, OPTIONS, true, on_option, &wish };
	struct tool tool = { 0 };
	int used, status;

	if (ecli_options_parse(&how, argc - 1, argv + 1, &err, &used))
		return cli_error("ecli check", &err);
	argc -= 1 + used;
	argv += 1 + used;
	if (wish.help)
		return help();
	if (!argc)
		return cli_usage_error("ecli check", "check needs a package: a file, - or the name of a tool");
	if (tool_read(&tool, argv[0], &err) || read_rest(&wish, &tool, argc - 1, argv + 1, &err) ||
	    attach_apply(&wish.attach, tool.package, &err) ||
	    (wish.skip_missing && ecli_session_skip_missing(tool.package, &err))) {
		status = cli_error("ecli check", &err);
	} else if (wish.help) {
		status = help();
	} else {
		cli_log_to_stderr("ecli", wish.verbose);
		status = joined_make_sense(tool.globals, &err) ? cli_error("ecli check", &err) : show(&wish, &tool);
	}
	tool_done(&tool);
	return status;
}

/* Behind the package the tool's options too. */
static void complete_rest(const char *package, int argc, char **argv, struct ecli_buf *out)
{
	struct tool tool = { 0 };
	struct joined joined = { 0 };
	struct ecli_err err;

	bool is_read = !complete_would_wait(package) && !tool_read(&tool, package, &err);
	if (is_read && attach_complete(tool.package, argc, argv, out))
		;
	else if (is_read && !joined_build(&joined, tool.globals, options, OPTIONS, on_option, NULL, &err))
		complete_options(joined.all, joined.n_all, argc, argv, out);
	else
		complete_options(options, OPTIONS, argc, argv, out);
	joined_done(&joined);
	tool_done(&tool);
}

static void complete(int argc, char **argv, struct ecli_buf *out)
{
	complete_around_package(options, OPTIONS, complete_rest, argc, argv, out);
}

const struct command command_check = {
	.name = "check",
	.words = "[OPTIONS] PACKAGE [OPTIONS]",
	.summary = "say whether this kernel can run a tool",
	.run = run,
	.complete = complete,
};
