/* SPDX-License-Identifier: MIT */
/*
 * ecli inspect [OPTIONS] PACKAGE: what a package is, without running it. Needs no privileges and asks the kernel nothing; the
 * machine is asked only for its number of CPUs and its page size, for the estimates of memory.
 *
 * Everything that is printed comes from the package and is untrusted: inspect_text.c escapes it for a terminal,
 * inspect_json.c for JSON.
 */
#include "ecli.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <ecli/inspect.h>
#include <ecli/options.h>
#include <ecli/session.h>

#include "../common/cli.h"
#include "attach_options.h"

enum inspect_option {
	INSPECT_OUTPUT,
	INSPECT_JSON,
	INSPECT_PLAN,
	INSPECT_SCHEMA,
	INSPECT_CPUS,
	INSPECT_HELP,
	INSPECT_ATTACH
};

static const char *const format_names[] = { "text", "json", NULL };

static const struct ecli_option options[] = {
	{ "output", 'o', ECLI_OPTION_CHOICE, .choices = format_names, .metavar = "FORMAT", .default_text = "text",
	  .help = "text or json", .id = INSPECT_OUTPUT },
	{ "json", 'j', ECLI_OPTION_FLAG, .help = "the same as -o json", .id = INSPECT_JSON },
	{ "plan", 0, ECLI_OPTION_FLAG, .help = "only how the records of each event type are decoded",
	  .id = INSPECT_PLAN },
	{ "schema", 0, ECLI_OPTION_FLAG, .help = "only the JSON schema of the rows of run -o json",
	  .id = INSPECT_SCHEMA },
	{ "cpus", 0, ECLI_OPTION_UINT, .size_bytes = 2, .least = 1, .metavar = "N",
	  .help = "estimate memory for a machine with N CPUs (default: this one)", .id = INSPECT_CPUS },
	ATTACH_OPTIONS(INSPECT_ATTACH),
	{ "help", 'h', ECLI_OPTION_FLAG, .help = "show this help", .id = INSPECT_HELP },
};
#define OPTIONS (sizeof(options) / sizeof(options[0]))

struct wish {
	struct attach_words attach;
	bool json, plan, schema, help;
	uint32_t cpus;
};

static int on_option(void *ctx, const struct ecli_option_value *value, struct ecli_err *err)
{
	struct wish *wish = ctx;

	if (value->option->id >= INSPECT_ATTACH)
		return attach_take(&wish->attach, value->option->id - INSPECT_ATTACH, value->text, err);
	switch ((enum inspect_option)value->option->id) {
	case INSPECT_OUTPUT:
		wish->json = !strcmp(value->text, "json");
		return 0;
	case INSPECT_JSON:
		wish->json = true;
		return 0;
	case INSPECT_PLAN:
		wish->plan = true;
		return 0;
	case INSPECT_SCHEMA:
		wish->schema = true;
		return 0;
	case INSPECT_CPUS:
		wish->cpus = (uint32_t)value->u;
		return 0;
	case INSPECT_HELP:
		wish->help = true;
		return 0;
	case INSPECT_ATTACH:
		return 0; /* taken above */
	}
	return 0;
}

static int help(void)
{
	struct ecli_buf out = { 0 };

	ecli_buf_add_text(&out, "Says what a package is, without running it: programs, maps, options, events,\n"
				"what it calls, can change and can cost, and what the kernel must have.\n\n"
				"Usage: ecli inspect [OPTIONS] PACKAGE\n\n"
				"PACKAGE is as for ecli run. No privileges are needed.\n\nOptions:\n");
	ecli_options_help(options, OPTIONS, &out);
	return cli_print("ecli", &out);
}

static void plans(const struct ecli_inspect *inspect, struct ecli_buf *out)
{
	for (size_t i = 0; i < inspect->n_sources; i++) {
		const struct ecli_inspect_source *source = &inspect->sources[i];

		if (i)
			ecli_buf_add_char(out, '\n');
		ecli_buf_add_format(out, "%s ", ecli_inspect_source_words(source->kind));
		ecli_render_safe_text(source->name, strlen(source->name), out);
		if (!source->plan) {
			ecli_buf_add_text(out, ": text, not decoded\n");
			continue;
		}
		ecli_buf_add_format(out, ": %llu bytes\n", (unsigned long long)source->size_bytes);
		ecli_plan_dump(source->plan, out);
	}
}

static int show(const struct wish *wish, const struct tool *tool)
{
	long cpus = sysconf(_SC_NPROCESSORS_CONF), page = sysconf(_SC_PAGESIZE);
	struct ecli_inspect_opts opts = { .cpus = wish->cpus ? wish->cpus
						  : cpus > 0 ? (uint32_t)cpus
							     : 1,
					  .page_bytes = page > 0 ? (uint32_t)page : 4096 };
	struct ecli_inspect *inspect = NULL;
	struct ecli_err err = { 0 };
	struct ecli_buf out = { 0 };

	if (ecli_inspect_build(tool->package, tool->types, &opts, &err, &inspect))
		return cli_error("ecli inspect", &err);
	if ((wish->plan || wish->schema) && inspect->sources_problem) {
		ecli_err_set(&err, -1, "%s", inspect->sources_problem);
		ecli_inspect_free(inspect);
		return cli_error("ecli inspect", &err);
	}
	if ((wish->plan || wish->schema) && !inspect->n_sources) {
		ecli_err_set(&err, -1, "this package reports nothing: a run shows no rows");
		ecli_inspect_free(inspect);
		return cli_error("ecli inspect", &err);
	}
	if (wish->plan)
		plans(inspect, &out);
	if (wish->schema)
		ecli_inspect_schema(inspect, &out);
	if (!wish->plan && !wish->schema)
		(wish->json ? inspect_json : inspect_text)(inspect, tool, &out);
	ecli_inspect_free(inspect);
	if (ecli_buf_failed(&out)) {
		ecli_err_set(&err, -1, "out of memory");
		return cli_error("ecli inspect", &err);
	}
	return cli_print("ecli", &out);
}

static int run(int argc, char **argv)
{
	struct wish wish = { 0 };
	struct ecli_err err = { 0 };
	struct ecli_options_parse how = { options, OPTIONS, true, on_option, &wish };
	const char *word;

	int status = tool_word("inspect", &how, argc, argv, &word);
	if (status)
		return status;
	if (wish.help)
		return help();
	if (wish.plan && (wish.schema || wish.json))
		return cli_usage_error("ecli inspect", "--plan is text of its own: leave out %s",
				       wish.schema ? "--schema" : "-o json");
	if (!word)
		return cli_usage_error("ecli inspect", "inspect needs a package: a file, - or the name of a tool");

	struct tool tool = { 0 };
	if (tool_read(&tool, word, &err) || ecli_session_show_results(tool.package, tool.types, &err) ||
	    attach_apply(&wish.attach, tool.package, &err))
		status = cli_error("ecli inspect", &err);
	else
		status = show(&wish, &tool);
	tool_done(&tool);
	return status;
}

static void complete(int argc, char **argv, struct ecli_buf *out)
{
	complete_one_package(options, OPTIONS, argc, argv, out);
}

const struct command command_inspect = {
	.name = "inspect",
	.words = "[OPTIONS] PACKAGE",
	.summary = "say what a tool is and what it can change",
	.run = run,
	.complete = complete,
};
