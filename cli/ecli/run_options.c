/* SPDX-License-Identifier: MIT */
/*
 * The options of `ecli run`, a row each, and what each one sets. Before the package they are ours alone; after it the
 * tool's options come first, and ours that have the name of one of the tool's are not there.
 *
 *     run_options[] --+
 *                     +--> run->joined: [tool's ...][ours ...]
 *     tool's globals -+
 */
#include "run.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_BUFFER (UINT32_MAX / 2 + 1u) /* the largest power of two that a map's size can be */
#define MS_NS      1000000ull
#define HOUR_NS    (3600 * 1000 * MS_NS)

enum run_option {
	RUN_OUTPUT,
	RUN_JSON,
	RUN_DURATION,
	RUN_COUNT,
	RUN_WHERE,
	RUN_SAMPLE,
	RUN_INTERVAL,
	RUN_CLEAR,
	RUN_SORT,
	RUN_TOP,
	RUN_SHOW,
	RUN_FORMAT,
	RUN_MAP_SIZE,
	RUN_SKIP_MISSING,
	RUN_NO_SCREEN,
	RUN_STATS,
	RUN_STRICT,
	RUN_BUFFER,
	RUN_TRACE_SELF,
	RUN_BTF,
	RUN_ATTACH,
	RUN_ATTACH_LAST = RUN_ATTACH + ATTACH_OPTION_COUNT - 1,
	RUN_NO_LINKS,
	RUN_LOADER,
	RUN_VERBOSE,
	RUN_HELP,
};
_Static_assert(RUN_HELP < RUN_MAX_OPTIONS, "each has a place in struct run");

/* Rows as ecli_format_names has them, histograms as lines of colour, profiles as ecli_profile_names. */
#define HEAT_NAME "heatmap"
static const char *const output_names[] = { "table", "plain", "json", HEAT_NAME, "folded", "flame", "pprof", NULL };

/* In the order of enum ecli_loader. */
static const char *const loader_names[] = { "auto", "program", "libbpf", NULL };

const struct ecli_option run_options[] = {
	{ "output", 'o', ECLI_OPTION_CHOICE, .choices = output_names, .takes_file = true, .metavar = "FORMAT[=FILE]",
	  .default_text = "table",
	  .help = "table, plain, json; of histograms also heatmap: a line each look; of stacks also folded, flame, "
		  "pprof: -o flame=cpu.html",
	  .id = RUN_OUTPUT },
	{ "json", 'j', ECLI_OPTION_FLAG, .help = "the same as -o json", .id = RUN_JSON },
	{ "duration", 'd', ECLI_OPTION_UINT, .size_bytes = 8, .notation = ECLI_NOTATION_SECONDS, .least = MS_NS,
	  .most = 1000000 * HOUR_NS, .help = "stop after this time: 10 (seconds), 500ms, 2m", .id = RUN_DURATION },
	{ "count", 'n', ECLI_OPTION_UINT, .size_bytes = 8, .least = 1, .metavar = "N",
	  .help = "stop after N rows; sampled maps: N looks", .id = RUN_COUNT },
	{ "where", 0, ECLI_OPTION_STRING, .metavar = "EXPR", .help = "only such rows: 'us > 1000 && task ~ \"nginx*\"'",
	  .id = RUN_WHERE },
	{ "sample", 0, ECLI_OPTION_STRING, .metavar = "N", .help = "only one row of N", .id = RUN_SAMPLE },
	{ "interval", 'i', ECLI_OPTION_UINT, .size_bytes = 8, .notation = ECLI_NOTATION_SECONDS, .most = 24 * HOUR_NS,
	  .help = "time between two looks at a sampled map; 0: only at the end", .id = RUN_INTERVAL },
	{ "clear", 0, ECLI_OPTION_FLAG, .help = "sampled maps start anew after each look", .id = RUN_CLEAR },
	{ "sort", 0, ECLI_OPTION_STRING, .least = 1, .metavar = "COLUMN",
	  .help = "order of a sampled map's rows; +COLUMN: least first, -COLUMN: greatest first", .id = RUN_SORT },
	{ "top", 0, ECLI_OPTION_UINT, .size_bytes = 8, .least = 1, .metavar = "N",
	  .help = "only the first N rows of each look", .id = RUN_TOP },
	{ "show", 0, ECLI_OPTION_STRING, .least = 1, .metavar = "MAP[=KIND]",
	  .help = "a map, or a variable, as a table, log2_hist, linear_hist or stacks; again for more",
	  .id = RUN_SHOW },
	{ "format", 0, ECLI_OPTION_STRING, .least = 1, .metavar = "FIELD=FORMAT",
	  .help = "what a field is: saddr=ipv4, stack=kernel_stack; again for more", .id = RUN_FORMAT },
	{ "map-size", 0, ECLI_OPTION_STRING, .least = 1, .metavar = "MAP=N",
	  .help = "how many entries a map has room for; again for more", .id = RUN_MAP_SIZE },
	{ "skip-missing", 0, ECLI_OPTION_FLAG, .help = "run without the programs that this kernel cannot attach",
	  .id = RUN_SKIP_MISSING },
	{ "no-screen", 0, ECLI_OPTION_FLAG,
	  .help = "tables of sampled maps as rows, also on a terminal; so does any -o", .id = RUN_NO_SCREEN },
	{ "stats", 0, ECLI_OPTION_FLAG, .help = "a summary at the end: events, losses, time, CPU, memory",
	  .id = RUN_STATS },
	{ "strict", 0, ECLI_OPTION_FLAG, .help = "exit status 4 if an event was lost", .id = RUN_STRICT },
	{ "buffer", 0, ECLI_OPTION_UINT, .size_bytes = 8, .notation = ECLI_NOTATION_BYTES, .least = 1,
	  .most = MAX_BUFFER, .help = "size of each ring buffer, and of each CPU's perf buffer: 64k, 8M",
	  .id = RUN_BUFFER },
	{ "trace-self", 0, ECLI_OPTION_FLAG, .help = "do not leave out ecli itself", .id = RUN_TRACE_SELF },
	{ "btf", 0, ECLI_OPTION_STRING, .least = 1, .metavar = "FILE",
	  .help = "BTF of this kernel, where it has none of its own", .id = RUN_BTF },
	ATTACH_OPTIONS(RUN_ATTACH),
	{ "no-links", 0, ECLI_OPTION_FLAG, .help = "attach as old kernels do, without BPF links", .id = RUN_NO_LINKS },
	{ "loader", 0, ECLI_OPTION_CHOICE, .choices = loader_names, .metavar = "HOW", .default_text = "auto",
	  .help = "auto, program or libbpf: how to load, when auto does not do", .id = RUN_LOADER },
	{ "verbose", 'v', ECLI_OPTION_FLAG, .help = "say which choices were made; twice: everything",
	  .id = RUN_VERBOSE },
	{ "help", 'h', ECLI_OPTION_FLAG, .help = "show this help; behind a package: also the options of the tool",
	  .id = RUN_HELP },
};
const size_t n_run_options = sizeof(run_options) / sizeof(run_options[0]);

/* Which of @names a value is; their number when it is none of them. */
static int name_index(const char *const *names, const char *text)
{
	int i = 0;

	while (names[i] && strcmp(names[i], text) != 0)
		i++;
	return i;
}

/* Block characters where somebody looks who can see them. The environment is asked, not the C library: its locale would be a start-up cost. */
static enum ecli_heat heat_kind(bool is_file)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	const char *locale = NULL;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && (!locale || !*locale); i++)
		locale = getenv(names[i]);
	bool is_utf8 = locale && (strcasestr(locale, "utf-8") || strcasestr(locale, "utf8"));
	return !is_file && isatty(STDOUT_FILENO) && is_utf8 ? ECLI_HEAT_BLOCKS : ECLI_HEAT_ASCII;
}

/* "json", "flame=cpu.html": rows are written one way, a profile in as many as are wanted. */
static int set_output(struct run *run, const struct ecli_option_value *value, struct ecli_err *err)
{
	const char *name = output_names[value->u], *equals = strchr(value->text, '=');
	int profile = name_index(ecli_profile_names, name);

	if (equals && !equals[1])
		return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EINVAL, "-o %s= needs the name of a file after it",
					 name);
	const char *earlier = profile < ECLI_PROFILES ? run->session.profiles[profile] : run->out_path;
	if (earlier && strcmp(earlier, "-") != 0)
		return ecli_err_set_fail(
			err, ECLI_FAIL_USAGE, -EINVAL,
			"-o %.100s comes after an -o that writes to %.100s: there can be one of the two", value->text,
			earlier);
	if (profile < ECLI_PROFILES) {
		run->session.profiles[profile] = equals ? equals + 1 : "-";
		return 0;
	}
	bool is_heat = !strcmp(name, HEAT_NAME);

	run->session.format = is_heat ? ECLI_FORMAT_TABLE : (enum ecli_format)name_index(ecli_format_names, name);
	run->session.heat = is_heat ? heat_kind(equals != NULL) : ECLI_HEAT_NONE;
	run->has_rows = true;
	run->out_path = equals ? equals + 1 : NULL;
	return 0;
}

/* "1/100" is how others write it. */
static int set_sample(struct run *run, const char *text, struct ecli_err *err)
{
	const char *number = strncmp(text, "1/", 2) ? text : text + 2;
	char *end;

	errno = 0;
	unsigned long long every = strtoull(number, &end, 10);
	if (errno || *end || !isdigit((unsigned char)*number) || !every || every > UINT32_MAX)
		return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -EINVAL,
					 "--sample takes a number N from 1 to %u, for one row of N, not \"%.40s\"",
					 UINT32_MAX, text);
	run->session.sample = (uint32_t)every;
	return 0;
}

/* What is finer than the clock that looks is made longer, not shorter: half a millisecond is no end at once. */
static uint64_t whole_ms(uint64_t ns)
{
	return (ns + MS_NS - 1) / MS_NS;
}

static int set_interval(struct run *run, const struct ecli_option_value *value, struct ecli_err *err)
{
	if (value->u && value->u < MS_NS)
		return ecli_err_set_fail(err, ECLI_FAIL_USAGE, -ERANGE,
					 "--interval takes a time from 1ms on, or 0 for one look at the end, not "
					 "\"%.40s\"",
					 value->text);
	run->session.interval_ms = (uint32_t)whole_ms(value->u);
	run->session.at_end = !value->u;
	return 0;
}

/* Before the package is read there is nothing to change yet. */
static int defer(struct run *run, run_change change, const char *text, struct ecli_err *err)
{
	struct run_changes *changes = &run->changes;

	if (run->package)
		return change(run->package, run->types, text, err);
	struct run_change_item *items = reallocarray(changes->items, changes->count + 1, sizeof(*items));
	if (!items)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	changes->items = items;
	items[changes->count++] = (struct run_change_item){ change, text };
	return 0;
}

int run_change_package(struct run *run, struct ecli_err *err)
{
	int r = ecli_session_show_results(run->package, run->types, err);

	for (size_t i = 0; !r && i < run->changes.count; i++)
		r = run->changes.items[i].change(run->package, run->types, run->changes.items[i].text, err);
	return r;
}

static int set_own(struct run *run, const struct ecli_option_value *value, struct ecli_err *err)
{
	int id = value->option->id;

	if (id >= RUN_ATTACH && id <= RUN_ATTACH_LAST)
		return attach_take(&run->attach, id - RUN_ATTACH, value->text, err);
	switch ((enum run_option)value->option->id) {
	case RUN_OUTPUT:
		return set_output(run, value, err);
	case RUN_SHOW:
		return defer(run, ecli_session_show, value->text, err);
	case RUN_FORMAT:
		return defer(run, ecli_session_set_format, value->text, err);
	case RUN_MAP_SIZE:
		return defer(run, ecli_session_set_map_size, value->text, err);
	case RUN_SKIP_MISSING:
		run->skip_missing = true;
		return 0;
	case RUN_NO_SCREEN:
		run->no_screen = true;
		return 0;
	case RUN_JSON:
		run->session.format = ECLI_FORMAT_JSON;
		run->session.heat = ECLI_HEAT_NONE;
		run->has_rows = true;
		return 0;
	case RUN_DURATION:
		run->session.duration_ms = whole_ms(value->u);
		return 0;
	case RUN_COUNT:
		run->session.count = value->u;
		return 0;
	case RUN_WHERE:
		run->session.where = value->text;
		return 0;
	case RUN_SAMPLE:
		return set_sample(run, value->text, err);
	case RUN_INTERVAL:
		return set_interval(run, value, err);
	case RUN_CLEAR:
		run->session.clear = true;
		return 0;
	case RUN_SORT:
		run->session.sort = value->text;
		return 0;
	case RUN_TOP:
		run->session.top = value->u;
		return 0;
	case RUN_STATS:
		run->stats = run->session.summary = true;
		return 0;
	case RUN_STRICT:
		run->strict = true;
		return 0;
	case RUN_BUFFER:
		run->session.buffer_bytes = value->u;
		return 0;
	case RUN_TRACE_SELF:
		run->session.trace_self = true;
		return 0;
	case RUN_BTF:
		run->session.btf_path = value->text;
		return 0;
	case RUN_NO_LINKS:
		run->session.no_links = true;
		return 0;
	case RUN_ATTACH:
	case RUN_ATTACH_LAST:
		return 0; /* taken above */
	case RUN_LOADER:
		run->session.loader = (enum ecli_loader)name_index(loader_names, value->text);
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

/* Those of which the last one would win without a word. Switches say the same again, -o and --attach are told apart by what they name. */
static bool is_single(const struct ecli_option *option)
{
	static const int several[] = { RUN_OUTPUT, RUN_SHOW, RUN_FORMAT, RUN_MAP_SIZE };
	bool is_one = option->kind != ECLI_OPTION_FLAG && (option->id < RUN_ATTACH || option->id > RUN_ATTACH_LAST);

	for (size_t i = 0; i < sizeof(several) / sizeof(several[0]); i++)
		is_one &= option->id != several[i];
	return is_one;
}

int run_on_own(void *ctx, const struct ecli_option_value *value, struct ecli_err *err)
{
	struct run *run = ctx;
	const char **given = &run->given[value->option->id];

	if (*given && is_single(value->option))
		return ecli_option_twice(value->option->name, *given, value->text, err);
	*given = value->text;
	return set_own(run, value, err);
}

int run_take_word(struct run *run, const char *name, char *word, struct ecli_err *err)
{
	char option[32];
	char *words[] = { option, word, NULL };
	struct ecli_options_parse parse = {
		.options = run_options, .count = n_run_options, .on_option = run_on_own, .ctx = run
	};
	int used;

	snprintf(option, sizeof(option), "--%s", name);
	return ecli_options_parse(&parse, 2, words, err, &used);
}

/* Options that say where programs attach are there when the package has such programs. */
static bool applies(const struct run *run, const struct ecli_option *option)
{
	return option->id < RUN_ATTACH || option->id > RUN_ATTACH_LAST ||
	       attach_applies(run->package, option->id - RUN_ATTACH);
}

bool run_option_helps(const struct run *run, const struct ecli_option *option)
{
	bool is_for_looks = option->id == RUN_INTERVAL || option->id == RUN_CLEAR || option->id == RUN_SORT ||
			    option->id == RUN_TOP;

	return (!is_for_looks || ecli_session_has_looks(run->package)) &&
	       (option->id != RUN_BUFFER || ecli_session_has_buffers(run->types));
}

int run_join_options(struct run *run, struct ecli_err *err)
{
	struct ecli_option *own = calloc(n_run_options, sizeof(*own));
	size_t n_own = 0;

	if (!own)
		return ecli_err_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < n_run_options; i++)
		if (applies(run, &run_options[i]))
			own[n_own++] = run_options[i];
	int r = joined_build(&run->joined, run->globals, own, n_own, run_on_own, run, err);
	free(own);
	return r;
}
